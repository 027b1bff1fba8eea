"""Catmull-Clark subdivision that keeps every vertex of the cage where it is.

Plain Catmull-Clark pulls vertices inwards, and lips that seal on the cage would stand apart on the surface.
So the cage is first pushed out (a sparse linear solve) until the refined vertices land on the given ones. All
of it is linear: shapes are refined by the same operator as the rest pose. Source: Halstead, Kass, DeRose,
"Efficient, fair interpolation using Catmull-Clark surfaces", 1993.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Refinement:
    """The operator from cage points to refined points, and the refined quads. The first `n_cage` refined
    points are the cage's own."""

    matrix: sparse.csr_matrix
    quads: Ints
    n_cage: int

    def __call__(self, cage: Floats, hold: Floats | None = None) -> Floats:
        """Refined points of `cage` [V, k]. Where `hold` [V] is 1 the cage's points stay in place, where it is
        0 they are smoothed."""
        if hold is None:
            return np.asarray(self.matrix @ cage)
        pushed = splu(sparse.csc_matrix(self.matrix[: self.n_cage])).solve(np.ascontiguousarray(cage))
        return np.asarray(self.matrix @ (cage + hold[:, None] * (pushed - cage)))


def refinement(quads: Ints, n_points: int) -> Refinement:
    """Catmull-Clark for a mesh of `quads` [Q, 4] over points 0..n_points-1, each used by a quad; open edges
    stay."""
    sides = np.stack([quads, np.roll(quads, -1, 1)], 2).reshape(-1, 2)
    edges, side_edge = np.unique(np.sort(sides, 1), axis=0, return_inverse=True)
    side_edge = side_edge.reshape(-1)
    n_quads, n_edges = len(quads), len(edges)
    faces = _rows(np.repeat(np.arange(n_quads), 4), quads.ravel(), np.full(4 * n_quads, 0.25), n_quads,
                  n_points)
    middles = _rows(np.repeat(np.arange(n_edges), 2), edges.ravel(), np.full(2 * n_edges, 0.5), n_edges,
                    n_points)
    beside = _rows(side_edge, np.repeat(np.arange(n_quads), 4), np.ones(4 * n_quads), n_edges, n_quads)
    closed = np.asarray(beside.sum(1)).ravel() == 2
    edge_points = sparse.diags(np.where(closed, 0.5, 1.0)) @ middles + sparse.diags(np.where(closed, 0.25,
                                                                                             0.0)) @ (
        beside @ faces)
    vertex_points = _vertex_rule(quads, edges, closed, faces, middles, n_points)
    q, e = np.arange(n_quads)[:, None], side_edge.reshape(-1, 4)
    fine = np.stack([quads, n_points + e, n_points + n_edges + np.repeat(q, 4, 1),
                     n_points + np.roll(e, 1, 1)], 2)
    matrix = sparse.vstack([vertex_points, edge_points, faces]).tocsr()
    return Refinement(matrix, fine.reshape(-1, 4), n_points)


def _vertex_rule(quads: Ints, edges: Ints, closed: NDArray[np.bool_], faces: sparse.csr_matrix,
                 middles: sparse.csr_matrix, n_points: int) -> sparse.csr_matrix:
    """Inside: (mean of faces + 2 mean of edges + (n - 3) itself) / n. On an open edge: 1/8, 3/4, 1/8 along
    it."""
    around_faces = _means(quads.ravel(), np.repeat(np.arange(len(quads)), 4), n_points, len(quads))
    around_edges = _means(edges.ravel(), np.repeat(np.arange(len(edges)), 2), n_points, len(edges))
    n = np.bincount(edges.ravel(), minlength=n_points).astype(float)
    inner = sparse.diags(1 / n) @ (around_faces @ faces + 2 * around_edges
                                   @ middles) + sparse.diags((n - 3) / n)
    rim = edges[~closed]
    along = _means(rim.ravel(), rim[:, ::-1].ravel(), n_points, n_points)
    on_rim = np.bincount(rim.ravel(), minlength=n_points) > 0
    border = 0.25 * along + 0.75 * sparse.identity(n_points)
    return sparse.diags((~on_rim).astype(float)) @ inner + sparse.diags(on_rim.astype(float)) @ border


def _rows(rows: Ints, columns: Ints, values: Floats, height: int, width: int) -> sparse.csr_matrix:
    return sparse.csr_matrix((values, (rows, columns)), (height, width))


def _means(rows: Ints, columns: Ints, height: int, width: int) -> sparse.csr_matrix:
    counts = np.maximum(np.bincount(rows, minlength=height), 1)
    return _rows(rows, columns, 1 / counts[rows], height, width)
