"""Cuts the head from the body: everything above a tilted, smooth surface through the base of the neck."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

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


def trimming(points: Floats, quads: Ints) -> sparse.csr_matrix:
    """The operator [V, V] that pulls what hangs below the cut up onto it, along the edges that cross it.

    An operator and not points, so that another head of the same mesh is cut at the same places.
    """
    side = points[:, 1] - cut_height(points)
    edges = np.stack([quads, np.roll(quads, -1, 1)], 2).reshape(-1, 2)
    edges = np.concatenate([edges, edges[:, ::-1]])
    crossing = edges[(side[edges[:, 0]] < 0) & (side[edges[:, 1]] >= 0)]
    low, high = crossing.T
    share = side[high] / (side[high] - side[low])
    count = np.bincount(low, minlength=len(points))
    still = np.flatnonzero(count == 0)
    rows, columns = np.concatenate([low, low, still]), np.concatenate([high, low, still])
    weights = np.concatenate([(1 - share) / count[low], share / count[low], np.ones(len(still))])
    cut = sparse.csr_matrix((weights, (rows, columns)), (len(points),) * 2)
    moved = cut @ points
    below = np.unique(quads[(side < 0)[quads].any(1)])
    hanging = below[(count[below] == 0) & (side[below] < 0)]
    rim = np.flatnonzero(count)
    nearest = rim[np.linalg.norm(points[hanging][:, None] - moved[rim][None], axis=2).argmin(1)]
    take = np.arange(len(points))
    take[hanging] = nearest  # a corner of a quad that only touches the cut
    return sparse.csr_matrix(cut[take])
