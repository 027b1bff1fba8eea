"""Animation curves of an FBX file, at any frame: steps, straight lines, and cubic pieces between keys.

Times are frames. Source: the FBX SDK's description of FbxAnimCurveDef; automatic tangents as ufbx describes
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.curve_files.fbx_tree import FIX, Node, array
from facerig.curve_files.named import LARGEST, bad

Array = NDArray[np.float64]

TICKS_PER_SEC: Final = 46_186_158_000
MOST_TICKS: Final = 10**16  # two days and a half, to either side
# Flags of a key: how the piece that begins there goes.
_STEP: Final = 0x2
_CUBIC: Final = 0x8
_NEXT: Final = 0x100  # a step to the next key's value
_OWN_SLOPES: Final = 0x400 | 0x800  # the user's; else they follow from the neighbours:
_BY_TIME: Final = 0x2000  # the nearer neighbour counts more
_LEVEL: Final = 0x1000  # level between keys of one value
_NO_OVERSHOOT: Final = 0x4000  # level where the curve turns and where it ends, and never beyond a neighbour
_WEIGHTS: Final = (0x1000000, 0x2000000)  # how far a slope reaches: of this key, of the next one
_FULL_WEIGHT: Final = 9999.0
_THIRD: Final = 1 / 3
_HALVINGS: Final = 40  # of the place on a cubic piece: 1e-12 of it


@dataclass(frozen=True, slots=True, kw_only=True)
class FbxCurve:
    """Keys at `frames` [n], ascending, of `values` [n]. Piece k goes from key k to k + 1: `flags` [n],
    `slopes` [n, 2] a frame, where it begins and where it ends, and how far those reach, `weights` [n, 2] of
    its length."""

    frames: Array
    values: Array
    flags: NDArray[np.int64]
    slopes: Array
    weights: Array

    def at(self, frames: Array) -> Array:
        """Values at `frames` [T]; before the first key and after the last it is level."""
        if len(self.frames) == 1:
            return np.full(len(frames), self.values[0])
        inside = np.clip(frames, self.frames[0], self.frames[-1])
        left = np.clip(np.searchsorted(self.frames, inside, "right") - 1, 0, len(self.frames) - 2)
        start, stop = self.frames[left], self.frames[left + 1]
        share = (inside - start) / (stop - start)
        a, b, flags = self.values[left], self.values[left + 1], self.flags[left]
        out = a + (b - a) * share
        steps = (flags & _STEP) > 0
        held = np.where(((flags & _NEXT) > 0) & (share > 0), b, a)
        out[steps] = np.where(share >= 1, b, held)[steps]
        bent = (flags & _CUBIC) > 0
        if bent.any():
            out[bent] = self._cubic(left[bent], share[bent])
        return out

    def _cubic(self, left: NDArray[np.intp], share: Array) -> Array:
        length = self.frames[left + 1] - self.frames[left]
        slope_a, slope_b = self.slopes[left].T * length
        weight_a, weight_b = self.weights[left].T
        u = _place(share, weight_a, 1 - weight_b)
        a, b = self.values[left], self.values[left + 1]
        return _bezier(u, a, a + slope_a * weight_a, b - slope_b * weight_b, b)


def fbx_curve(path: Path, node: Node, fps: Fraction) -> FbxCurve | None:
    """The curve in an AnimationCurve node; None where it has no keys. Raises ConfigError for a damaged
    one."""
    ticks, values = _integers(path, node["KeyTime"]).astype(np.float64), array(path, node["KeyValueFloat"])
    if len(ticks) != len(values):
        raise bad(path, f"a curve has {len(ticks)} times and {len(values)} values", FIX)
    if not len(ticks):
        return None
    values = values.astype(np.float64)
    if not (np.abs(values) < LARGEST).all() or not (np.abs(ticks) < MOST_TICKS).all():
        raise bad(path, "a curve has a key that is no number", FIX)
    if (np.diff(ticks) < 0).any():
        raise bad(path, "the keys of a curve are not in order of time", FIX)
    flags, slopes, weights = _attributes(path, node, len(ticks))
    last = np.append(np.diff(ticks) > 0, True)  # of keys at one time
    frames, values = on_frames(ticks[last] * (float(fps) / TICKS_PER_SEC)), values[last]
    flags, slopes, weights = flags[last], slopes[last] / float(fps), weights[last]
    smooth = ((flags & _CUBIC) > 0) & ((flags & _OWN_SLOPES) == 0)
    if smooth.any() and len(frames) > 1:
        through = _smooth(frames, values, flags)
        slopes[smooth, 0] = through[smooth]
        slopes[:-1, 1][smooth[1:]] = through[1:][smooth[1:]]
    return FbxCurve(frames=frames, values=values, flags=flags, slopes=slopes, weights=weights)


def on_frames(frames: Array) -> Array:
    """Frame numbers, whole where rounding to ticks made them all but whole."""
    whole = np.round(frames)
    return np.asarray(np.where(np.abs(frames - whole) < 1e-4, whole, frames))


def _attributes(path: Path, node: Node, n: int) -> tuple[NDArray[np.int64], Array, Array]:
    """Flags [n], slopes a second [n, 2] and weights [n, 2] of all keys; the file has them in runs of like
    ones."""
    flags, counts = (_integers(path, node[name]) for name in ("KeyAttrFlags", "KeyAttrRefCount"))
    data = array(path, node["KeyAttrDataFloat"])
    fitting = len(flags) == len(counts) and len(data) == 4 * len(flags)
    if not fitting or not ((counts >= 0) & (counts <= n)).all() or int(counts.sum()) != n:
        if len(flags) or len(counts):
            raise bad(path, "a curve says of fewer or more keys than it has how they are joined", FIX)
        return np.full(n, 0x4), np.zeros((n, 2)), np.full((n, 2), _THIRD)
    if data.dtype.kind in "iu":  # the bits of floats, as files in text form have them
        data = data.astype(np.uint64).astype(np.uint32).view(np.float32)
    data = np.ascontiguousarray(data, "<f4").reshape(-1, 4)
    packed = np.ascontiguousarray(data[:, 2]).view("<u4")
    weights = np.stack([packed & 0xFFFF, packed >> 16], 1) / _FULL_WEIGHT
    for side, flag in enumerate(_WEIGHTS):
        weights[(flags & flag) == 0, side] = _THIRD
    slopes = np.nan_to_num(data[:, :2].astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    weights = np.clip(weights, 0, 1)
    return np.repeat(flags, counts), np.repeat(slopes, counts, 0), np.repeat(weights, counts, 0)


def _integers(path: Path, node: Node) -> NDArray[np.int64]:
    found = array(path, node)
    if len(found) and found.dtype.kind not in "iu":
        raise bad(path, f"{node.name} does not hold whole numbers", FIX)
    return found.astype(np.int64)


def _smooth(frames: Array, values: Array, flags: NDArray[np.int64]) -> Array:
    """Slopes [n] through each key that follow from its neighbours."""
    straight = np.diff(values) / np.diff(frames)
    before, after = np.append(straight[0], straight), np.append(straight, straight[-1])
    whole = np.diff(frames)
    left, right = np.append(whole[0], whole), np.append(whole, whole[-1])
    by_time = (before * left + after * right) / (left + right)
    out = np.where((flags & _BY_TIME) > 0, by_time, (before + after) / 2)
    ends = np.zeros(len(frames), np.bool_)
    ends[[0, -1]] = True
    out[((flags & _LEVEL) > 0) & ~ends & ((before == 0) | (after == 0))] = 0.0
    careful = (flags & _NO_OVERSHOOT) > 0
    out[careful & (ends | (before * after <= 0))] = 0.0
    most = np.minimum(np.abs(before), np.abs(after)) / _THIRD
    out[careful] = np.clip(out, -most, most)[careful]
    return np.asarray(out)


def _place(share: Array, first: Array, second: Array) -> Array:
    """Where on a piece, from 0 to 1, its time is `share` of its length: its own parameter where slopes reach
    further or less than a third."""
    u = share.copy()
    odd = (np.abs(first - _THIRD) > 1e-4) | (np.abs(second - 2 * _THIRD) > 1e-4)
    if odd.any():
        low, high = np.zeros(odd.sum()), np.ones(odd.sum())
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            early = _bezier(middle, np.zeros(1), first[odd], second[odd], np.ones(1)) < share[odd]
            low, high = np.where(early, middle, low), np.where(early, high, middle)
        u[odd] = (low + high) / 2
    return u


def _bezier(u: Array, a: Array, b: Array, c: Array, d: Array) -> Array:
    v = 1 - u
    return np.asarray(v * v * v * a + 3 * v * v * u * b + 3 * v * u * u * c + u * u * u * d)
