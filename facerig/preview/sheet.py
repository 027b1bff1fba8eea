"""One picture of a whole clip: faces, waveform, phones and the main curves over a common time axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.curves import CurveClip
from facerig.errors import ConfigError
from facerig.preview.plot import Canvas, Track
from facerig.preview.render import load_head
from facerig.preview.studio import Studio
from facerig.preview.traces import ROWS, Row, traces
from facerig.preview.video import save_png

Floats = NDArray[np.floating]
Phone = tuple[str, float, float]  # label, start and end in seconds

N_FRAMES: Final = 8
WIDTH: Final = 1680
MARGIN, GUTTER = 28, 190  # px: around everything, and the labels' column on the left
FACE_GAP, FACE_TOP = 8, 64  # px
WAVE_HEIGHT, PHONE_HEIGHT, ROW_HEIGHT, ROW_GAP = 92, 30, 104, 16
AXIS_HEIGHT: Final = 40
NARROWEST_PHONE_PX: Final = 9  # thinner segments go without a label

INK, QUIET, GRID = (32, 36, 42), (120, 126, 134), (226, 228, 231)
PAPER, WAVE, ACCENT, PHONE_FILL = (250, 250, 248), (92, 122, 160), (206, 92, 60), (236, 238, 241)


def sheet(clip: CurveClip | Iterable[CurveClip], audio_samples: Floats, sample_rate: int, out: Path, *,
          phones: Sequence[Phone] | None = None, head: Path | None = None, renderer: str = "auto") -> None:
    """Write `out` (a PNG): N_FRAMES faces beside the waveform, the phones when given, and the main curves.

    `audio_samples` are floats [n] or [n, channels] at `sample_rate` Hz. Raises ConfigError for an empty clip,
    ModelError for a bad head, OutputError where `out` cannot be written.
    """
    whole = clip if isinstance(clip, CurveClip) else CurveClip.joined(list(clip))
    if not len(whole):
        raise ConfigError("there are no curves to draw", where="sheet",
                          fix="give audio or curves of some length")
    values, times = whole.face_values, whole.times_secs
    mono = np.asarray(audio_samples, np.float32)
    mono = mono.mean(1) if mono.ndim > 1 else mono
    start, end = float(times[0]), max(float(times[-1] + 1 / whole.fps),
                                      float(times[0]) + len(mono) / sample_rate)
    chosen = _telling_frames(values)
    face = (WIDTH - 2 * MARGIN - GUTTER - (N_FRAMES - 1) * FACE_GAP) // N_FRAMES
    with Studio(load_head(head), size=(face, face), renderer=renderer, close=True) as studio:
        faces = [studio.picture(values[k]) for k in chosen]
    face = faces[0].shape[0]
    canvas = _Sheet(face, start, end, bool(phones))
    canvas.faces(faces, times[chosen])
    canvas.waveform(mono, sample_rate, times[chosen])
    canvas.phones(phones or ())
    shown = traces(values)
    for k, row in enumerate(ROWS):
        canvas.row(k, row, shown, times)
    canvas.axis()
    save_png(canvas.picture(), out)


def _telling_frames(values: NDArray[np.float32]) -> list[int]:
    """One frame of each of N_FRAMES equal stretches: by turns the one with the widest and with the smallest
    mouth."""
    gap = traces(values)["lip gap"]
    edges = np.linspace(0, len(values), N_FRAMES + 1).astype(int)
    chosen = []
    for k, (low, high) in enumerate(pairwise(edges)):
        low = min(low, len(values) - 1)
        part = gap[low:max(high, low + 1)]
        chosen.append(int(low + (part.argmin() if k % 3 == 2 else part.argmax())))
    return chosen


class _Sheet:
    """Places the parts of the sheet on a canvas."""

    def __init__(self, face: int, start: float, end: float, with_phones: bool) -> None:
        self._face, self._start, self._end = face, start, end
        self._wave_top = FACE_TOP + face + 56
        self._phone_top = self._wave_top + WAVE_HEIGHT + 6
        self._rows_top = self._phone_top + (PHONE_HEIGHT if with_phones else 0) + 16
        height = self._rows_top + len(ROWS) * (ROW_HEIGHT + ROW_GAP) + AXIS_HEIGHT
        self._canvas = Canvas(WIDTH, height, PAPER)
        self._left, self._right = MARGIN + GUTTER, WIDTH - MARGIN
        self._canvas.text((MARGIN, 22), "facerig", INK, 22, bold=True)
        self._canvas.text((MARGIN + 92, 27), f"{end - start:.2f} s", QUIET, 15)

    def x(self, time: float) -> float:
        """Column of a time in seconds."""
        return self._left + (time - self._start) / (self._end - self._start) * (self._right - self._left)

    def faces(self, pictures: list[NDArray[np.uint8]], times: NDArray[np.float64]) -> None:
        """The faces, numbered, each tied to its moment of the waveform."""
        for k, (picture, time) in enumerate(zip(pictures, times, strict=True)):
            left = self._left + k * (self._face + FACE_GAP)
            self._canvas.image((left, FACE_TOP), picture)
            middle = left + self._face / 2
            self._canvas.text((middle, FACE_TOP + self._face + 6), f"{time:.2f} s", QUIET, 13,
                              anchor="middle")
            self._canvas.line([(middle, FACE_TOP + self._face + 24),
                               (self.x(float(time)), self._wave_top - 4)], GRID, 1.5)

    def waveform(self, samples: NDArray[np.float32], sample_rate: int, marks: NDArray[np.float64]) -> None:
        """Highest and lowest sample of every column."""
        track = Track(self._left, self._wave_top, self._right, self._wave_top + WAVE_HEIGHT)
        self._canvas.text((MARGIN, self._wave_top + WAVE_HEIGHT / 2 - 9), "audio", INK, 15)
        edges = (np.linspace(0, self._end - self._start, int(track.width) * 2 + 1) * sample_rate).astype(int)
        middle, loudest = (track.top + track.bottom) / 2, max(float(np.abs(samples).max(initial=0)), 1e-4)
        self._canvas.line([(track.left, middle), (track.right, middle)], GRID, 1)
        for k, (low, high) in enumerate(pairwise(edges)):
            if low >= len(samples):
                break
            part = samples[low:max(high, low + 1)]
            top, bottom = (middle - float(v) / loudest * WAVE_HEIGHT / 2 for v in (part.max(), part.min()))
            x = track.left + k / 2
            self._canvas.line([(x, top), (x, bottom + 0.5)], WAVE, 0.6)
        for time in marks:
            x = self.x(float(time))
            self._canvas.line([(x, track.top - 4), (x, self._canvas.height - AXIS_HEIGHT)], (*ACCENT, 70),
                              0.7)

    def phones(self, phones: Sequence[Phone]) -> None:
        """A box and a label for each phone."""
        if phones:
            self._canvas.text((MARGIN, self._phone_top + 4), "phones", INK, 15)
        for label, start, end in phones:
            left, right = self.x(max(start, self._start)), self.x(min(end, self._end))
            if right <= left:
                continue
            self._canvas.box((left + 0.5, self._phone_top, right - 0.5, self._phone_top + PHONE_HEIGHT - 4),
                             PHONE_FILL)
            if right - left >= NARROWEST_PHONE_PX:
                self._canvas.text(((left + right) / 2, self._phone_top + 4), label, INK, 13, anchor="middle")

    def row(self, index: int, row: Row, shown: dict[str, NDArray[np.float32]],
            times: NDArray[np.float64]) -> None:
        """One panel of curves with its scale and the names of what it shows."""
        top = self._rows_top + index * (ROW_HEIGHT + ROW_GAP)
        track = Track(self._left, top, self._right, top + ROW_HEIGHT)
        low, high = row.span([shown[t.name] for t in row.traces])
        self._canvas.text((MARGIN, top - 2), row.title, INK, 15, bold=True)
        for tick in row.ticks(low, high):
            y = track.bottom - (tick - low) / (high - low) * ROW_HEIGHT
            self._canvas.line([(track.left, y), (track.right, y)], GRID, 1)
            self._canvas.text((track.left - 8, y - 8), f"{tick:g}", QUIET, 12, anchor="end")
        for k, trace in enumerate(row.traces):
            self._canvas.line([(MARGIN, top + 30 + k * 18), (MARGIN + 16, top + 30 + k * 18)], trace.rgb, 3)
            self._canvas.text((MARGIN + 22, top + 21 + k * 18), trace.name, INK, 13)
            heights = np.clip((shown[trace.name] - low) / (high - low), 0, 1)
            self._canvas.line([(self.x(float(t)), track.bottom - float(h) * ROW_HEIGHT)
                               for t, h in zip(times, heights, strict=True)], trace.rgb, 1.8)

    def axis(self) -> None:
        """Seconds along the bottom."""
        bottom = self._canvas.height - AXIS_HEIGHT + 4
        self._canvas.line([(self._left, bottom), (self._right, bottom)], QUIET, 1)
        step = next(s for s in (0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 1e9)
                    if (self._end - self._start) / s <= 16)
        for k in range(int(np.ceil(self._start / step - 1e-9)), int(self._end / step + 1e-9) + 1):
            x = self.x(k * step)
            self._canvas.line([(x, bottom), (x, bottom + 5)], QUIET, 1)
            self._canvas.text((x, bottom + 8), f"{k * step:g} s", QUIET, 13, anchor="middle")

    def picture(self) -> NDArray[np.uint8]:
        return self._canvas.picture()
