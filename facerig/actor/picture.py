"""A picture of the fit: one take that was left out, as recorded, as shipped and as fitted."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.actor.judging import NAMES, WIDTH, Judged
from facerig.preview.plot import Canvas, Colour
from facerig.preview.video import save_png

Floats = NDArray[np.float64]

PAPER, INK, PALE = (252, 252, 250), (40, 40, 44), (225, 225, 222)
#                 name        colour         width, pixels
LINES: Final = (("recorded", (60, 60, 64), 1.4), ("shipped", (214, 110, 36), 1.2),
                ("fitted", (42, 104, 176), 1.8))
#               panel           least span
PANELS: Final = (("jawOpen", 0.3), ("mouthPucker", 0.2), ("mouthLowerDown", 0.1), (WIDTH, 4.0))
WIDTH_PX, PANEL_PX, MARGIN_PX, HEAD_PX = 1200, 130, 64, 46
LONGEST_SECS: Final = 8.0  # of a take, from its first movement: more cannot be read


def draw(shown: Judged, title: str, out: Path) -> None:
    """Write the picture. Raises ConfigError where Pillow is missing, OutputError where it cannot be put."""
    first = _first_move(shown)
    part = (shown.times >= first) & (shown.times < first + LONGEST_SECS)
    times = shown.times[part] - first
    canvas = Canvas(WIDTH_PX, HEAD_PX + len(PANELS) * (PANEL_PX + 14) + 24, PAPER)
    canvas.text((MARGIN_PX, 12), title, INK, 15, bold=True)
    for i, (name, rgb, _) in enumerate(LINES):
        canvas.text((WIDTH_PX - 330 + 110 * i, 13), name, rgb, 14, bold=True)
    for i, (name, span) in enumerate(PANELS):
        column = NAMES.index(name)
        curves = [side[part, column] for side in (shown.recorded, shown.before, shown.after)]
        _panel(canvas, HEAD_PX + i * (PANEL_PX + 14), name, span, times, curves)
    save_png(canvas.picture(), out)


def _first_move(shown: Judged) -> float:
    """A quarter of a second before the jaw first opens."""
    jaw = shown.recorded[:, 0] - shown.recorded[:, 0].min()
    return max(0.0, float(shown.times[int(np.argmax(jaw > 0.3 * jaw.max()))]) - 0.25)


def _panel(canvas: Canvas, top: float, name: str, span: float, times: Floats, curves: list[Floats]) -> None:
    low, high = min(float(c.min()) for c in curves), max(float(c.max()) for c in curves)
    high = max(high, low + span)
    length = max(float(times[-1]), 1e-3) if len(times) else 1.0

    def place(time: float, value: float) -> tuple[float, float]:
        x = MARGIN_PX + (WIDTH_PX - 2 * MARGIN_PX) * time / length
        return x, top + 18 + (PANEL_PX - 18) * (1 - (value - low) / (high - low))

    canvas.text((MARGIN_PX, top), f"{name}, mm" if name == WIDTH else name, INK, 13)
    for value in (low, high):
        canvas.line([place(0, value), place(length, value)], PALE, 1)
        label = f"{value:.2f}" if high < 5 else f"{value:.0f}"
        canvas.text((MARGIN_PX - 6, place(0, value)[1] - 7), label, INK, 11, anchor="end")
    for second in range(int(length) + 1):
        canvas.line([place(second, low), place(second, high)], PALE, 1)
        if name == WIDTH:
            canvas.text((place(second, low)[0], top + PANEL_PX + 2), f"{second} s", INK, 11, anchor="middle")
    for curve, (_, rgb, width) in zip(curves, LINES, strict=True):
        colour: Colour = rgb
        canvas.line([place(t, v) for t, v in zip(times.tolist(), curve.tolist(), strict=True)], colour, width)
