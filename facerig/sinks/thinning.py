"""Which frames of curves to keep, so that straight lines between them stay near what was there.

Begin with the frames that are needed anyway; as long as a line is too far off somewhere, keep the worst
frame of that line too (Ramer, Douglas and Peucker, all lines of all curves at once); then the same for sums
of curves, where the curves that are most to blame get the key. It ends, for a kept frame is not off at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Offsets = NDArray[np.intp]

ROUNDING: Final = 1e-7  # of a value or a millimetre: no matter
BLAMED: Final = 0.5  # of the largest addend to a sum that is off: a curve with so much gets a key as well


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What may change, for C curves, M sums of them and n frames.

    each [C, n] or [C, 1]: of a curve; sums [C, M]: of a unit of each curve; below, above [M, n]: how far each
    sum may fall and rise at each frame; needed [C, n]: frames that are kept anyway.
    """

    each: Array
    sums: Array
    below: Array
    above: Array
    needed: Mask


def thinned(values: Array, limits: Limits) -> Mask:
    """Frames to keep [C, n] of curves `values` [C, n], each for itself; the first and the last always."""
    kept = limits.needed.copy()
    kept[:, [0, -1]] = True
    missed = np.zeros_like(values)
    todo = np.arange(len(values))
    while len(todo):
        _settle(values, limits.each, kept, missed, todo)
        blamed = _blamed(missed, limits)
        kept |= blamed
        todo = np.flatnonzero(blamed.any(1))
    return kept


def thinned_together(values: Array, limits: Limits) -> Mask:
    """The same with one set of frames [n] for all curves."""
    kept: Mask = np.asarray(limits.needed.any(0))
    kept[0] = kept[-1] = True
    allowed = np.maximum(limits.each, ROUNDING)
    while True:
        missed = values - on_lines(values, kept[None])
        off = _most(np.abs(missed) / allowed) - 1.0
        for excess in _excess(missed, limits):
            off = np.maximum(off, _most(excess))
        found = _worst(off[None], kept[None])[0]
        if not found.any():
            return kept
        kept |= found


def thinned_turns(turns: Array, radians: float) -> Mask:
    """Frames to keep [n] of unit quaternions `turns` [n, 4]: slerp between them stays within `radians`."""
    flips = np.cumprod(np.where((turns[1:] * turns[:-1]).sum(1) < 0, -1.0, 1.0))
    turns = turns * np.concatenate(([1.0], flips))[:, None]
    kept = np.zeros(len(turns), np.bool_)
    kept[[0, -1]] = True
    while True:
        chord = np.linalg.norm(turns - on_arcs(turns, kept), axis=1)
        off = 4 * np.arcsin(np.minimum(chord / 2, 1.0))  # a quaternion holds half the angle
        found = _worst(off[None] / max(radians, ROUNDING) - 1.0, kept[None])[0]
        if not found.any():
            return kept
        kept |= found


def without_level(values: NDArray[np.floating], kept: Mask) -> Mask:
    """`kept` [C, n] without keys whose neighbours on both sides have the same value: the line is the same."""
    out = kept.copy()
    for row, frames in enumerate(kept):
        at = np.flatnonzero(frames)
        level = values[row, at]
        out[row, at[1:-1][(level[1:-1] == level[:-2]) & (level[1:-1] == level[2:])]] = False
    return out


def on_lines(values: Array, kept: Mask) -> Array:
    """What straight lines between the kept frames give [C, n]; `kept` has a row a curve, or one for all."""
    before, after, share = _spans(kept)
    start = np.take_along_axis(values, np.broadcast_to(before, values.shape), 1)
    end = np.take_along_axis(values, np.broadcast_to(after, values.shape), 1)
    return np.asarray(start + (end - start) * share)


def on_arcs(turns: Array, kept: Mask) -> Array:
    """What slerp between the kept frames [n] gives [n, 4], for neighbours on one side of the sphere."""
    before, after, share = (row[0] for row in _spans(kept[None]))
    start, end = turns[before], turns[after]
    angle = np.arccos(np.clip((start * end).sum(1), -1.0, 1.0))
    sine = np.sin(angle)
    flat = sine < ROUNDING
    safe = np.where(flat, 1.0, sine)
    first = np.where(flat, 1.0 - share, np.sin((1.0 - share) * angle) / safe)
    second = np.where(flat, share, np.sin(share * angle) / safe)
    return np.asarray(start * first[:, None] + end * second[:, None])


def _spans(kept: Mask) -> tuple[Offsets, Offsets, Array]:
    """Of each frame the kept ones at or before it and at or after it, and how far it lies between them, each
    [R, n]."""
    frames = np.arange(kept.shape[1])
    before = np.maximum.accumulate(np.where(kept, frames, 0), axis=1)
    after = np.minimum.accumulate(np.where(kept, frames, frames[-1])[:, ::-1], axis=1)[:, ::-1]
    return before, after, (frames - before) / np.maximum(after - before, 1)


def _settle(values: Array, each: Array, kept: Mask, missed: Array, todo: Offsets) -> None:
    """Keep frames of the curves `todo` until each line is near enough; `missed` is what is still missing."""
    allowed = np.maximum(each, ROUNDING)
    while len(todo):
        rows, frames = values[todo], kept[todo]
        missed[todo] = rows - on_lines(rows, frames)
        found = _worst(np.abs(missed[todo]) / allowed[todo] - 1.0, frames)
        kept[todo] |= found
        todo = todo[found.any(1)]


def _worst(off: Array, kept: Mask) -> Mask:
    """The frame of each line that is farthest off [R, n], if it is off at all. Frame 0 is kept."""
    starts = np.flatnonzero(kept)
    most = np.maximum.reduceat(off.ravel(), starts)
    line = np.cumsum(kept.ravel()) - 1
    tops = np.flatnonzero((off.ravel() > 0) & (off.ravel() == most[line]))
    _, first = np.unique(line[tops], return_index=True)
    found = np.zeros(off.size, np.bool_)
    found[tops[first]] = True
    return np.asarray(found.reshape(off.shape) & ~kept)


def _excess(missed: Array, limits: Limits) -> tuple[Array, Array]:
    """By how much too far each sum falls and rises [M, n]; negative where it does not."""
    gone = limits.sums.T @ missed  # source minus lines: positive where the lines are too low
    return gone - limits.below - ROUNDING, -gone - limits.above - ROUNDING


def _most(off: Array) -> Array:
    """The largest of each frame [n]."""
    return np.asarray(off.max(0, initial=-1.0))


def _blamed(missed: Array, limits: Limits) -> Mask:
    """Keys [C, n] where a sum is off: at the worst frame of each stretch, of the curves most to blame."""
    found = np.zeros(missed.shape, np.bool_)
    for sign, excess in zip((1.0, -1.0), _excess(missed, limits), strict=True):
        for measure, off in enumerate(excess):
            at = _peaks(off)
            share = missed[:, at] * limits.sums[:, measure, None] * sign
            found[:, at] |= (share >= BLAMED * share.max(0)) & (share > 0)
    return found


def _peaks(off: Array) -> Offsets:
    """The frame of each stretch of `off` [n] above zero at which it is largest."""
    over = off > 0
    if not over.any():
        return np.zeros(0, np.intp)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], over, [False])).astype(np.int8)))
    return np.array([a + int(off[a:b].argmax()) for a, b in edges.reshape(-1, 2)], np.intp)
