"""Points that every face has, found by its form alone: nose, the seam of the lips and its corners, chin,
lids.

A face is cut into upright slices a millimetre apart. The front edge of a slice is its profile: depth over
height. Between closed lips a profile has a notch a few millimetres high, deeper than anything else of that
size; followed outwards from the middle the notch ends at the corners of the mouth. Where skin is missing
before an eye, the eye is open; the edges of that are its lids. All sizes are in distances between the eyes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import grey_closing

from facerig.errors import ModelError
from facerig.registration.surface import Surface

Array = NDArray[np.float64]

# Below the eyes' height
ABOVE: Final = 0.6  # profiles begin so far above
NASION: Final = (-0.3, 0.3)  # the saddle of the nose is in here
NOSE: Final = (0.15, 1.0)  # its tip is in here
LIPS: Final = (0.75, 1.5)  # so is the seam of the lips
CHIN: Final = (0.4, 0.8)  # below the seam: the foremost point of the chin
LIP: Final = 0.25  # above and below the seam: the foremost points of the lips
NOTCH: Final = 0.16  # height of what counts as a notch
STEP: Final = 1 / 60  # between slices, and along a profile
WIDEST: Final = 0.62  # from the middle to a corner of the mouth
STRAY: Final = 0.05  # how far the seam may rise or fall from one slice to the next
LEAST_NOTCH: Final = 0.004  # deep: shallower, and the seam has ended
DEEPEST: Final = 0.03  # how far behind the lips the seam is taken to lie, however far one can look in
ALONG: Final = (-0.8, -0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.8)  # of the way to a corner: points of the seam
LIDS: Final = (-0.12, 0.0, 0.12)  # from an eye's centre: points of its lids
EYE: Final = 0.4  # above and below its centre an eye is open no farther
BEFORE: Final = 0.05  # before an eye's centre: skin behind that does not cover it


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Places [3] of a face: `eyes` [2, 3] (left, right: the centres), `nose`, `chin`, `middle` [3, 3] (saddle
    of the nose, below the nose, above the chin), `corners` [2, 3] of the mouth (left, right), `seam`
    [len(ALONG), 3] between the lips from right to left, `lids` [2, 2, len(LIDS), 3] of the left and right
    eye, upper and lower, from right to left (NaN: not open there)."""

    eyes: Array
    nose: Array
    chin: Array
    middle: Array
    corners: Array
    seam: Array
    lids: Array

    @property
    def main(self) -> Array:
        """The points that lay one face roughly onto another [7, 3]."""
        return np.concatenate([self.eyes, [self.nose, self.chin, self.seam[len(ALONG) // 2]], self.corners])


def landmarks(surface: Surface, eyes: Array) -> Landmarks:
    """The landmarks of a face that looks along +z with y up; `eyes` [2, 3] are the centres of its left and
    right eye. Raises ModelError where this is no such face."""
    unit = float(np.linalg.norm(eyes[0] - eyes[1]))
    middle, height = float(eyes[:, 0].mean()), float(eyes[:, 1].mean())
    cut = _Cutter(surface, unit, height)
    depth = cut.profile(middle)
    tip, y_seam = cut.foremost(depth, *NOSE), cut.deepest_notch(depth, *LIPS)
    seam = _seam(cut, middle, y_seam, unit)
    corners = np.array([seam[-1], seam[0]])
    place = np.interp(np.array(ALONG), [-1, 0, 1], [seam[0, 0], middle, seam[-1, 0]])
    points = np.stack([np.interp(place, seam[:, 0], seam[:, k]) for k in range(3)], 1)
    below = cut.below(y_seam)
    chin = cut.foremost(depth, below + CHIN[0], below + CHIN[1])
    upper, lower = cut.foremost(depth, below - LIP, below), cut.foremost(depth, below, below + LIP)
    hollows = [cut.hindmost(depth, *NASION), cut.hindmost(depth, cut.below(tip), cut.below(upper)),
               cut.hindmost(depth, cut.below(lower), cut.below(chin))]
    nose, jaw, *between = (np.array([middle, *cut.place(depth, row)]) for row in (tip, chin, *hollows))
    return Landmarks(eyes, nose, jaw, np.array(between), corners, points,
                     np.array([_lids(cut, eye, unit) for eye in eyes]))


def _lids(cut: _Cutter, eye: Array, unit: float) -> Array:
    """The edges of an open eye [2, len(LIDS), 3], upper and lower; NaN where it is not open."""
    out = np.full((2, len(LIDS), 3), np.nan)
    for k, along in enumerate(LIDS):
        x = float(eye[0]) + along * unit
        depth = cut.profile(x)
        rows = cut.opening(depth, float(eye[1]), float(eye[2]) + BEFORE * unit)
        if rows is not None:
            out[:, k] = [(x, *cut.place(depth, row)) for row in rows]
    return out


def _seam(cut: _Cutter, middle: float, start: int, unit: float) -> Array:
    """The notch between the lips from the right corner to the left one [n, 3]."""
    sides = []
    for sign in (-1.0, 1.0):
        row, points = start, []
        for k in range(int(WIDEST / STEP)):
            x = middle + sign * k * STEP * unit
            depth = cut.profile(x)
            row, notch = cut.followed(depth, row)
            if notch < LEAST_NOTCH * unit and k > 2:
                break
            points.append((x, *cut.in_notch(depth, row)))
        sides.append(points)
    out = np.array([*sides[0][:0:-1], *sides[1]])
    if len(out) < 8:
        raise ModelError("no mouth was found: there is no notch between lips below the nose",
                         where="the face",
                         fix="give a neutral face, its mouth closed, y up, looking along z")
    return out


class _Cutter:
    """Profiles of a face over a common scale of heights, downwards from the eyes."""

    def __init__(self, surface: Surface, unit: float, height: float) -> None:
        self._unit, self._height = unit, height
        self._corners = surface.points[surface.triangles]
        self._low, self._high = self._corners[:, :, 0].min(1), self._corners[:, :, 0].max(1)
        self.heights = height - np.arange(-ABOVE * unit, 2.6 * unit, STEP * unit)
        self._window = max(3, round(NOTCH / STEP))

    def profile(self, x: float) -> Array:
        """The front edge of the slice at `x`: z at each of `heights`; -inf where there is no face."""
        crossed = self._corners[(self._low <= x) & (self._high > x)]
        out = np.full(len(self.heights), -np.inf)
        ends = []
        for i, j in ((0, 1), (1, 2), (2, 0)):
            a, b = crossed[:, i], crossed[:, j]
            cuts = (a[:, 0] <= x) != (b[:, 0] <= x)
            share = (x - a[:, 0]) / np.where(cuts, b[:, 0] - a[:, 0], 1)
            ends.append(np.where(cuts[:, None], a + share[:, None] * (b - a), np.nan))
        both = np.stack(ends, 1)  # [n, 3, 3], one of three rows is NaN
        order = np.argsort(np.isnan(both[:, :, 0]), axis=1, kind="stable")[:, :2]
        pair = np.take_along_axis(both, order[:, :, None], axis=1)
        y, z = pair[:, :, 1], pair[:, :, 2]
        first = np.searchsorted(-self.heights, -y.max(1))
        last = np.searchsorted(-self.heights, -y.min(1), side="right")
        counts = np.maximum(last - first, 0)
        which = np.repeat(np.arange(len(pair)), counts)
        rows = np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
        rise = np.where(y[:, 1] != y[:, 0], y[:, 1] - y[:, 0], 1.0)
        share = (self.heights[rows] - y[which, 0]) / rise[which]
        np.maximum.at(out, rows, z[which, 0] + share * (z[which, 1] - z[which, 0]))
        return out

    def _rows(self, low: float, high: float) -> slice:
        return slice(max(0, round((low + ABOVE) / STEP)), round((high + ABOVE) / STEP) + 1)

    def below(self, row: int) -> float:
        """How far `row` is below the eyes."""
        return row * STEP - ABOVE

    def place(self, depth: Array, row: int) -> tuple[float, float]:
        """Height and depth at `row` of a profile."""
        return float(self.heights[row]), float(depth[row])

    def in_notch(self, depth: Array, row: int) -> tuple[float, float]:
        """The same in a notch: not deeper than DEEPEST behind what closes it."""
        closed = self._closed(depth)[row]
        return float(self.heights[row]), float(max(depth[row], closed - DEEPEST * self._unit))

    def foremost(self, depth: Array, low: float, high: float) -> int:
        """Row of the foremost point between two heights."""
        rows = self._rows(low, high)
        return int(rows.start + depth[rows].argmax())

    def hindmost(self, depth: Array, low: float, high: float) -> int:
        """Row of the hindmost point between two heights."""
        rows = self._rows(low, high)
        return int(rows.start + _solid(depth)[rows].argmin())

    def opening(self, depth: Array, height: float, front: float) -> tuple[int, int] | None:
        """The rows of skin above and below a gap at `height`, behind which `front` can be seen."""
        covered = depth >= front
        row = int(np.abs(self.heights - height).argmin())
        reach = int(EYE / STEP)
        near = [r for r in range(row - reach // 2, row + reach // 2) if not covered[r]]
        if not near:
            return None
        row = min(near, key=lambda r: abs(r - row))
        above, under = row, row
        while above > row - reach and not covered[above]:
            above -= 1
        while under < row + reach and not covered[under]:
            under += 1
        return (above, under) if covered[above] and covered[under] else None

    def _closed(self, depth: Array) -> Array:
        """The profile without its notches."""
        return np.asarray(grey_closing(_solid(depth), self._window))

    def _notches(self, depth: Array) -> Array:
        return self._closed(depth) - _solid(depth)

    def deepest_notch(self, depth: Array, low: float, high: float) -> int:
        """Row of the deepest notch between two heights."""
        rows = self._rows(low, high)
        return int(rows.start + self._notches(depth)[rows].argmax())

    def followed(self, depth: Array, row: int) -> tuple[int, float]:
        """Row and depth of the notch nearest to where it was in the slice before."""
        stray = round(STRAY / STEP)
        if not np.isfinite(depth).any():
            return row, 0.0
        notch = self._notches(depth)[max(0, row - stray):row + stray + 1]
        best = int(notch.argmax())
        return max(0, row - stray) + best, float(notch[best])


def _solid(depth: Array) -> Array:
    """A profile whose holes lie as far back as anything."""
    there = np.isfinite(depth)
    return np.where(there, depth, depth[there].min(initial=0.0))
