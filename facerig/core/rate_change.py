"""A clip at another frame rate, without losing what a few frames long is: seals, lips at the teeth, full
blinks.

Frames lie on straight lines between the old ones, at exact positions. Where an event of the old frames shows
on no new one, the new frame nearest to where it is deepest takes the lips (or lids) of that old frame.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import CHANNELS, INDEX, NAMES
from facerig.core.curves import CurveClip
from facerig.core.mouth import mouth_geometry

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

# Events on the shipped head, as people see them.
SEAL_MM: Final = 1.0  # lips that near look shut
CONTACT_MM: Final = 2.5  # lower lip to the edge of the upper teeth,
APART_MM: Final = 1.2  # while the lips are so far apart
SHUT: Final = 0.9  # of a lid's way
ON: Final = 1e-9  # of a frame, for rounding
MIDDLE: Final = 2  # the pair of lip points on the face's midline

LIPS: Final = np.array([c.region in ("jaw", "mouth", "tongue", "cheeks") for c in CHANNELS])


@dataclass(frozen=True, slots=True)
class _Event:
    """`shown` [T]: where it is; `depth` [T]: how much of it; `moves` [61]: the curves that make it."""

    shown: Mask
    depth: Floats
    moves: Mask


def at_rate(clip: CurveClip, fps: Fraction) -> CurveClip:
    """Canonical `clip` at `fps`, over the same time. Raises ValueError for a clip that is not canonical."""
    if clip.names != NAMES:
        raise ValueError("only canonical curves can change their rate")
    if fps == clip.fps or not len(clip):
        return replace(clip, fps=fps)
    ratio = fps / clip.fps
    first = -(-clip.start * ratio.numerator // ratio.denominator)
    last = (clip.start + len(clip) - 1) * ratio.numerator // ratio.denominator
    frames = np.arange(first, max(first, last) + 1)
    low, rest = np.divmod(frames * ratio.denominator, ratio.numerator)
    low = np.clip(low - clip.start, 0, len(clip) - 1)
    high = np.minimum(low + 1, len(clip) - 1)
    share = (rest / ratio.numerator)[:, None]
    values = clip.values[low] * (1 - share) + clip.values[high] * share
    places = (frames * ratio.denominator / ratio.numerator) - clip.start
    for old, new in zip(_events(clip.values), _events(values), strict=True):
        _show_missed(values, clip, old, new.shown, places)
    return CurveClip(values.astype(np.float32), fps, clip.sample_rate, first)


def _show_missed(values: Floats, clip: CurveClip, event: _Event, shown: Mask, places: Floats) -> None:
    """Put events of `clip` that none of the new frames at `places` shows on the nearest one."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], event.shown, [False])).astype(np.int8)))
    for start, stop in edges.reshape(-1, 2).tolist():
        first, end = np.searchsorted(places, [start - 1 + ON, stop - ON])
        if not shown[first:end].any():
            deepest = start + int(event.depth[start:stop].argmax())
            values[np.abs(places - deepest).argmin(), event.moves] = clip.values[deepest, event.moves]


def _events(values: NDArray[np.floating]) -> list[_Event]:
    """The kinds of events in `values` [T, 61]; later ones matter more."""
    mouth = mouth_geometry()
    gaps, teeth = mouth.gaps_mm(values), mouth.teeth_mm(values)
    out = [_Event((teeth <= CONTACT_MM) & (gaps[:, MIDDLE] >= APART_MM), -teeth, LIPS),
           _Event(gaps.max(1) <= SEAL_MM, -gaps.max(1), LIPS)]
    for side in ("Left", "Right"):
        lid = np.asarray(values[:, INDEX[f"eyeBlink{side}"]], np.float64)
        moves = np.array([c.region == "lids" and c.name.endswith(side) for c in CHANNELS])
        out.append(_Event(lid >= SHUT, lid, moves))
    return out
