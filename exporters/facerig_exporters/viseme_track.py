"""The visemes of a take as segments of time, and what was said beside them: what track formats share.

A frame's viseme is the one that leads, of those that the Oculus rig gives; one that leads by little or for
a moment takes over from no other. Segments meet where the shares of two visemes cross, between frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.curves import CurveClip
from facerig.core.said import Said, TimedLabel
from facerig.core.segments import Segment, segmented
from facerig.errors import OutputError
from facerig.sinks.exporter import ExportInfo
from facerig_exporters.face_scene import joined_clip

RIG: Final = "oculus"
VISEMES: Final = ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou")
SHORTEST_SECS: Final = 0.03  # of a viseme: a closure of the lips, held for 50 ms, fits at any frame rate
CHANGE_SECS: Final = 0.008  # of a whole share: what a change must win


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """`visemes` without gaps over `duration` seconds of `frames`; `said` None where nobody listened."""

    visemes: tuple[TimedLabel, ...]
    said: Said | None
    duration: float
    frames: int


def track_of(pieces: Iterable[CurveClip], info: ExportInfo, path: Path) -> Track:
    """The track of `pieces`. Raises OutputError for another rig than RIG, and for no frames."""
    if tuple(info.names) != VISEMES:
        raise OutputError(f"a track of visemes is made of the rig {RIG!r}, not {info.rig!r}", where=str(path),
                          fix=f"leave --rig out, or give --rig {RIG}")
    clip = joined_clip(pieces)
    if clip is None:
        raise OutputError("there are no frames, and a track needs some time", where=str(path),
                          fix="give a sound of 50 ms or more")
    fps = float(clip.fps)
    duration = len(clip) / fps
    found = segmented(clip.values, CHANGE_SECS * fps, round(SHORTEST_SECS * fps))
    visemes = tuple(TimedLabel(start, end, VISEMES[segment.label])
                    for segment, start, end in _timed(found, clip.values, fps, duration))
    said = info.said() if info.said is not None else None
    return Track(visemes=visemes, said=said and _within(said, duration), duration=duration, frames=len(clip))


def _timed(found: Sequence[Segment], shares: NDArray[Any], fps: float, duration: float
           ) -> list[tuple[Segment, float, float]]:
    crossings = (_crossing(shares, one, other) / fps for one, other in pairwise(found))
    borders = pairwise([0.0, *crossings, duration])
    return [(segment, start, end) for segment, (start, end) in zip(found, borders, strict=True)]


def _crossing(shares: NDArray[Any], one: Segment, other: Segment) -> float:
    """The frame, with a fraction, at which `other` begins to lead; half-way where shares do not cross."""
    lead = shares[other.start - 1 : other.start + 1, one.label].astype(np.float64)
    lead -= shares[other.start - 1 : other.start + 1, other.label]
    crosses = lead[0] > 0 > lead[1]
    return other.start - 1 + float(lead[0] / (lead[0] - lead[1]) if crosses else 0.5)


def _within(said: Said, duration: float) -> Said:
    """What was said, cut at the end of the last frame."""
    def cut(labels: Iterable[TimedLabel]) -> tuple[TimedLabel, ...]:
        return tuple(TimedLabel(label.start, min(label.end, duration), label.text) for label in labels
                     if label.start < duration)

    return Said(cut(said.words), cut(said.phones))
