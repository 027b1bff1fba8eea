"""Columns of curve files that are no curves, by the names that tools give them (lower case)."""

from __future__ import annotations

from typing import Final

TIMECODE: Final = ("timecode",)
TIME: Final = ("time", "time_secs", "seconds", "timestamp")
FRAME: Final = ("frame", "frame_number")
COUNT: Final = ("blendshapecount",)  # of Live Link Face
NO_CURVES: Final = frozenset((*TIMECODE, *TIME, *FRAME, *COUNT))


def is_column(name: str) -> bool:
    """Whether a curve file cannot hold a curve of this name, because it says something else there."""
    return name.strip().lower() in NO_CURVES
