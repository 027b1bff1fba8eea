"""The operating curve: sealed p/b/m against wrongly sealed others, as the seal threshold moves.

A system called `live@0.35` is the model with its lips sealing from a probability of 0.35 on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from facerig.errors import ConfigError
from tools.evaluate.runner import Row

THRESHOLDS: Final = "0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9"
MOST_WRONG: Final = 40.0  # percent: a mouth that seals more often than this is of no use
# What is on the horizontal axis: figure, its word, its line.
WRONG: Final = (("vowel_sealed", "vowels", "-"), ("other_sealed", "other consonants", "--"),
                ("chance", "chance", ":"))
Line = list[tuple[float, dict[str, Any]]]  # threshold and figures


def system_names(model: str, thresholds: Sequence[float]) -> list[str]:
    """Names of the systems that the sweep judges."""
    return [f"{model}@{threshold:g}" for threshold in thresholds]


def points(rows: Iterable[Row]) -> dict[str, Line]:
    """Threshold and figures, rising, by "set, noise"."""
    lines: dict[str, Line] = defaultdict(list)
    for row in rows:
        _, _, threshold = row.system.rpartition("@")
        lines[f"{row.set_name} ({row.language}), {row.noise}"].append((float(threshold), row.figures))
    return {name: sorted(line, key=lambda point: point[0]) for name, line in lines.items()}


def draw(rows: Iterable[Row], path: Path) -> None:
    """A PNG with a line for each set, condition and kind of wrong seal."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ConfigError("drawing needs matplotlib", where="--png",
                          fix='pip install "facerig[evaluate]"') from error
    figure = Figure(figsize=(8, 6), dpi=120, layout="constrained")
    axes = figure.add_subplot(xlabel="wrongly sealed, %", ylabel="p/b/m sealed, %", title="Operating curve")
    for number, (name, line) in enumerate(points(rows).items()):
        for wrong, word, style in WRONG:
            thresholds, x, y = _percent(line, wrong)
            axes.plot(x, y, style, color=f"C{number}", marker=".", label=f"{name}: {word}")
            if wrong == "vowel_sealed":
                for text, at in zip(thresholds, zip(x, y, strict=True), strict=True):
                    axes.annotate(f"{text:g}", at, fontsize=7, xytext=(3, -8), textcoords="offset points")
    axes.set_xlim(0, min(MOST_WRONG, max(1.0, axes.get_xlim()[1])))
    axes.set_ylim(0, 100)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7, loc="lower right")
    figure.savefig(path)


def _percent(line: Line, wrong: str) -> tuple[list[float], list[float], list[float]]:
    """Thresholds, wrong seals and right ones, where both were counted."""
    counted = [(t, f) for t, f in line if f[wrong] is not None and f["bilabial_sealed"] is not None]
    return ([t for t, _ in counted], [100 * f[wrong] for _, f in counted],
            [100 * f["bilabial_sealed"] for _, f in counted])
