"""Cuts the head from the body: everything above a tilted, smooth surface through the base of the neck."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# The cut is lower in front (pit of the throat) than behind (seventh neck vertebra): height in mm over the
# base mesh's origin, at z = 0, and rise per mm backwards.
CUT_HEIGHT_MM, CUT_RISE = 541.0, 0.22
HALF_WIDTH_MM = 90.0  # the shoulders lie outside


def cut_height(points: Floats) -> Floats:
    """Height of the cut below or above each point, mm."""
    return CUT_HEIGHT_MM - CUT_RISE * points[:, 2]


def head_quads(points: Floats, quads: Ints) -> Ints:
    """The quads that reach above the cut."""
    above = points[:, 1] > cut_height(points)
    near = np.abs(points[:, 0]) < HALF_WIDTH_MM
    return quads[(above & near)[quads].any(1)]


def trim(points: Floats, quads: Ints) -> Floats:
    """Pull what hangs below the cut up onto it, along the edges that cross it. The new points of the whole
    mesh."""
    side = points[:, 1] - cut_height(points)
    edges = np.stack([quads, np.roll(quads, -1, 1)], 2).reshape(-1, 2)
    edges = np.concatenate([edges, edges[:, ::-1]])
    crossing = edges[(side[edges[:, 0]] < 0) & (side[edges[:, 1]] >= 0)]
    low, high = crossing.T
    share = side[high] / (side[high] - side[low])
    on_cut = points[high] + share[:, None] * (points[low] - points[high])
    total, count = np.zeros_like(points), np.zeros(len(points))
    np.add.at(total, low, on_cut)
    np.add.at(count, low, 1)
    moved = points.copy()
    moved[count > 0] = total[count > 0] / count[count > 0, None]
    hanging = np.setdiff1d(np.unique(quads[(side < 0)[quads].any(1)]),
                           np.flatnonzero((count > 0) | (side >= 0)))
    moved[hanging] = _nearest(points[hanging], moved[count > 0])
    return moved


def _nearest(points: Floats, onto: Floats) -> Floats:
    """The closest of `onto` for each point: a corner of a quad that only touches the cut."""
    distance = np.linalg.norm(points[:, None] - onto[None], axis=2)
    return np.asarray(onto[distance.argmin(1)])
