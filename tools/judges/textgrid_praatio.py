"""praatio (PyPI, MIT licence), a reader of Praat's files by others."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np

from facerig_exporters.viseme_track import VISEMES
from tools.judges import Judged, JudgeMissing

FPS: Final = Fraction(60)  # at which a track is sampled: it has no frames of its own
Interval = tuple[float, float, str]


def read(path: Path) -> Judged:
    """At every frame 1 for the viseme whose interval it lies in; `keys` are intervals of all tiers."""
    grid = _grid(path)
    intervals = tiers(path)["visemes"]
    frames = np.arange(round(grid.maxTimestamp * float(FPS)))
    row = np.searchsorted([end for _, end, _ in intervals], frames / float(FPS), side="right")
    values = np.zeros((len(frames), len(VISEMES)))
    values[frames, [VISEMES.index(intervals[k][2]) for k in row]] = 1.0
    return Judged(names=VISEMES, fps=FPS, values=values, keys=sum(len(tier) for tier in tiers(path).values()))


def tiers(path: Path) -> dict[str, list[Interval]]:
    """Start, end and text of every interval that has a text, by tier."""
    grid = _grid(path)
    return {name: [(e.start, e.end, e.label) for e in grid.getTier(name).entries if e.label]
            for name in grid.tierNames}


def _grid(path: Path) -> Any:
    try:
        from praatio import textgrid
    except ImportError:
        raise JudgeMissing("needs praatio: pip install praatio") from None
    return textgrid.openTextgrid(str(path), includeEmptyIntervals=True, reportingMode="error")
