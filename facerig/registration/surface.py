"""A triangle mesh that can be asked for its nearest point, its normals and its rim."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import KDTree

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

CANDIDATES: Final = 24  # triangles that are tried for a point, those with the nearest centres


@dataclass(frozen=True, slots=True)
class Footing:
    """Where points stand on a surface: `triangle` [n], `shares` [n, 3] of its corners, `distance` [n]
    (inf: nothing near faces the same way), `rim` bool [n]: on an open edge."""

    triangle: Ints
    shares: Array
    distance: Array
    rim: NDArray[np.bool_]


@dataclass(frozen=True)
class Surface:
    """`points` float64 [N, 3], `triangles` int64 [M, 3], counter-clockwise from outside. Points that no
    triangle uses are allowed."""

    points: Array
    triangles: Ints

    def moved(self, points: Array) -> Surface:
        """The same mesh with its points elsewhere."""
        return Surface(points, self.triangles)

    @cached_property
    def facings(self) -> Array:
        """Unit normals of the triangles [M, 3]."""
        a, b, c = (self.points[self.triangles[:, k]] for k in range(3))
        return _unit(np.cross(b - a, c - a))

    @cached_property
    def areas(self) -> Array:
        """Area that belongs to each point [N]: a third of the triangles around it."""
        a, b, c = (self.points[self.triangles[:, k]] for k in range(3))
        area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 6
        return np.bincount(self.triangles.ravel(), np.repeat(area, 3), len(self.points)).astype(np.float64)

    @cached_property
    def normals(self) -> Array:
        """Unit normals of the points [N, 3], by area; zero for unused ones."""
        a, b, c = (self.points[self.triangles[:, k]] for k in range(3))
        flat = np.repeat(np.cross(b - a, c - a), 3, axis=0)
        corner = self.triangles.ravel()
        summed = np.stack([np.bincount(corner, flat[:, k], len(self.points)) for k in range(3)], 1)
        return _unit(np.asarray(summed, np.float64))

    @cached_property
    def edges(self) -> Ints:
        """Every edge once [E, 2]."""
        return np.unique(self._halves, axis=0)

    @cached_property
    def _rim_edges(self) -> Ints:
        """The edges that only one triangle has [R, 2]."""
        edges, counts = np.unique(self._halves, axis=0, return_counts=True)
        return np.asarray(edges[counts == 1])

    def _on_rim(self, triangle: Ints, shares: Array) -> NDArray[np.bool_]:
        """Whether a foot [n] stands on an open edge, or on the end of one."""
        corners, used = self.triangles[triangle], shares > 1e-9
        size = len(self.points)
        ends = np.where(used, corners, -1)
        single = np.isin(ends.max(1), self._rim_edges) & (used.sum(1) == 1)
        low = np.where(used, corners, size).min(1)
        edge = np.isin(low * size + ends.max(1), self._rim_edges @ [size, 1]) & (used.sum(1) == 2)
        return np.asarray(single | edge)

    @property
    def _halves(self) -> Ints:
        sides = self.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
        return np.sort(sides, axis=1)

    @cached_property
    def laplacian(self) -> sparse.csr_matrix:
        """[N, N]: a point less the mean of its neighbours; zero rows for unused points."""
        i, j = self.edges.T
        n = len(self.points)
        links = sparse.csr_matrix((np.ones(2 * len(i)), (np.r_[i, j], np.r_[j, i])), (n, n))
        degree = np.asarray(links.sum(1)).ravel()
        share = sparse.diags(1 / np.maximum(degree, 1))
        return sparse.csr_matrix(sparse.diags((degree > 0).astype(float)) - share @ links)

    @cached_property
    def _tree(self) -> KDTree:
        return KDTree(self.points[self.triangles].mean(1))

    def footing(self, queries: Array, normals: Array | None = None, least_cos: float = 0.5) -> Footing:
        """The nearest point of the surface for each of `queries` [n, 3]; with `normals` [n, 3] among the
        triangles that face the same way (cosine at least `least_cos`)."""
        count = min(CANDIDATES, len(self.triangles))
        near = np.asarray(self._tree.query(queries, count)[1]).reshape(len(queries), count)
        shares, distance = _nearest_on(queries[:, None], self.points[self.triangles[near]])
        if normals is not None:
            agree = (self.facings[near] * normals[:, None]).sum(2)
            distance = np.where(agree >= least_cos, distance, np.inf)
        best = distance.argmin(1)
        row = np.arange(len(queries))
        triangle, share = near[row, best], shares[row, best]
        return Footing(triangle, share, distance[row, best], self._on_rim(triangle, share))

    def at(self, footing: Footing, values: NDArray[Any] | None = None) -> Array:
        """`values` [N, ...] of the points (their places, if None) at a footing [n, ...]."""
        given = self.points if values is None else values
        return np.asarray(np.einsum("nk,nk...->n...", footing.shares,
                                    given[self.triangles[footing.triangle]]))

    def weights(self, footing: Footing) -> sparse.csr_matrix:
        """[n, N]: the same as a matrix."""
        rows = np.repeat(np.arange(len(footing.triangle)), 3)
        columns = self.triangles[footing.triangle].ravel()
        return sparse.csr_matrix((footing.shares.ravel(), (rows, columns)),
                                 (len(footing.triangle), len(self.points)))


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12))


def _nearest_on(query: Array, corners: Array) -> tuple[Array, Array]:
    """Shares [..., 3] of the corners [..., 3, 3] nearest to `query` [..., 3], and the distance [...].

    The foot on the plane where it lies inside, else the nearest of the feet on the three sides.
    """
    a, b, c = corners[..., 0, :], corners[..., 1, :], corners[..., 2, :]
    query = np.broadcast_to(query, a.shape)
    u, v, w = b - a, c - a, query - a
    uu, uv, vv, wu, wv = ((x * y).sum(-1) for x, y in ((u, u), (u, v), (v, v), (w, u), (w, v)))
    area = np.maximum(uu * vv - uv * uv, 1e-18)
    s, t = (vv * wu - uv * wv) / area, (uu * wv - uv * wu) / area
    best = np.stack([1 - s - t, s, t], -1)
    outside = (best < 0).any(-1)
    distance = np.where(outside, np.inf, np.linalg.norm(_blend(best, corners) - query, axis=-1))
    for i, j in ((0, 1), (1, 2), (2, 0)):
        along = corners[..., j, :] - corners[..., i, :]
        share = ((query - corners[..., i, :]) * along).sum(-1) / np.maximum((along * along).sum(-1), 1e-18)
        share = np.clip(share, 0, 1)
        on_side = np.zeros_like(best)
        on_side[..., i], on_side[..., j] = 1 - share, share
        away = np.linalg.norm(_blend(on_side, corners) - query, axis=-1)
        nearer = outside & (away < distance)
        best = np.where(nearer[..., None], on_side, best)
        distance = np.where(nearer, away, distance)
    return best, distance


def _blend(shares: Array, corners: Array) -> Array:
    return np.asarray((shares[..., None] * corners).sum(-2))
