"""Brows and lashes as tapered strands that ride on the mesh.

A strand is three cross-sections (root, middle, tip). Each of its points hangs on a few mesh points with fixed
weights, so that it follows every shape, linearly.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SEED = 11
BROW_STRANDS, LASHES_UPPER, LASHES_LOWER = 420, 84, 34  # per side
BROW_RGB, LASH_RGB = (0.27, 0.19, 0.14), (0.11, 0.08, 0.065)

# The left brow on the front of the face: x and y of its middle line in mm from the eye's centre, half its
# height, and which way hairs lie (0 degrees: outwards, 90: up). Inner hairs stand up, outer ones lie along
# the brow. x      y    half height   degrees
BROW_LINE = ((-22.0, 14.2,   1.2,          84.0),
             (-17.5, 15.2,   2.5,          64.0),
             (-10.0, 17.6,   2.7,          40.0),
             (0.0,   19.8,   2.3,          24.0),
             (8.0,   20.8,   1.9,           8.0),
             (15.0,  19.6,   1.3,         -22.0),
             (21.5,  16.4,   0.6,         -34.0))


@dataclass(frozen=True, slots=True)
class Strands:
    """`anchors` [n, 3] mesh points and their `weights` [n, 3]; `offsets` [n, 3] mm added; `triangles` [m, 3]
    from 0; `colours` [n, 3]."""

    anchors: Ints
    weights: Floats
    offsets: Floats
    triangles: Ints
    colours: Floats

    def placed(self, points: Floats) -> Floats:
        """Where the strands are on a mesh with `points`."""
        return np.asarray((points[self.anchors] * self.weights[:, :, None]).sum(1) + self.offsets)

    def moved(self, delta: Floats) -> Floats:
        """How a shape that displaces the mesh by `delta` displaces them."""
        return np.asarray((delta[self.anchors] * self.weights[:, :, None]).sum(1))

    @staticmethod
    def joined(parts: list[Strands]) -> Strands:
        starts = np.cumsum([0] + [len(p.anchors) for p in parts])
        return Strands(*(np.concatenate([getattr(p, f) for p in parts])
                         for f in ("anchors", "weights", "offsets")),
                       np.concatenate([p.triangles + s for p, s in zip(parts, starts, strict=False)]),
                       np.concatenate([p.colours for p in parts]))


def _ribbons(n: int) -> Ints:
    """Triangles of `n` strands with five points each: two at the root, two in the middle, one at the tip."""
    one = np.array([[0, 1, 2], [1, 3, 2], [2, 3, 4]])
    return (np.arange(n)[:, None, None] * 5 + one).reshape(-1, 3)


def brow(points: Floats, normals: Floats, triangles: Ints, eye_centre: Floats, side: int) -> Strands:
    """One brow on the skin; `side` +1 for the subject's left, -1 for the right."""
    rng = np.random.default_rng(SEED)
    table = np.array(BROW_LINE)
    along = np.sort(rng.random(BROW_STRANDS))
    x = table[0, 0] + along * (table[-1, 0] - table[0, 0])
    y, half, degrees = (np.interp(x, table[:, 0], table[:, k]) for k in (1, 2, 3))
    y = y + half * np.clip(rng.normal(0, 0.5, len(x)), -1, 1)
    angle = np.radians(degrees + rng.normal(0, 9, len(x)))
    length = (5.2 + 1.6 * rng.random(len(x))) * np.interp(along, [0, 0.12, 0.75, 1], [0.75, 1, 0.95, 0.75])
    width = 0.12 + 0.09 * rng.random(len(x))
    direction = np.stack([np.cos(angle), np.sin(angle)], 1)
    across = np.stack([-direction[:, 1], direction[:, 0]], 1)
    root = np.stack([x, y], 1)
    bend = direction + np.array([0.0, -0.18])  # tips fall a little
    flat = np.stack([root - across * width[:, None], root + across * width[:, None],
                     root + direction * (0.55 * length)[:, None] - across * width[:, None] * 0.9,
                     root + direction * (0.55 * length)[:, None] + across * width[:, None] * 0.9,
                     root + bend * length[:, None]], 1).reshape(-1, 2)
    flat = flat * [side, 1] + eye_centre[:2]
    anchors, weights = _on_front(flat, points, triangles)
    lift = np.tile([0.15, 0.15, 0.75, 0.75, 0.7], BROW_STRANDS)
    offsets = (normals[anchors] * weights[:, :, None]).sum(1) * lift[:, None]
    colours = np.repeat(np.array(BROW_RGB) * (0.75 + 0.5 * rng.random((BROW_STRANDS, 1))), 5, 0)
    return Strands(anchors, weights, offsets, _ribbons(BROW_STRANDS), colours)


def _on_front(flat: Floats, points: Floats, triangles: Ints) -> tuple[Ints, Floats]:
    """The foremost triangle over each (x, y), and the weights of its corners."""
    corners = points[triangles]
    low, high = flat.min(0) - 1, flat.max(0) + 1
    overlap = (corners[:, :, :2].max(1) > low) & (corners[:, :, :2].min(1) < high)
    near = overlap.all(1) & (corners[:, :, 2].max(1) > 0)
    tri, corners = triangles[near], corners[near]
    a, b, c = (corners[:, k, :2] for k in range(3))
    u, v = b - a, c - a
    area = u[:, 0] * v[:, 1] - v[:, 0] * u[:, 1]
    facing = area > 1e-9
    tri, a, u, v, area, corners = tri[facing], a[facing], u[facing], v[facing], area[facing], corners[facing]
    p = flat[:, None] - a[None]
    wb = (p[:, :, 0] * v[:, 1] - v[:, 0] * p[:, :, 1]) / area
    wc = (u[:, 0] * p[:, :, 1] - p[:, :, 0] * u[:, 1]) / area
    weights = np.stack([1 - wb - wc, wb, wc], 2)
    depth = (weights * corners[None, :, :, 2]).sum(2) - 1e6 * np.clip(-weights.min(2) - 1e-6, 0, None)
    best = depth.argmax(1)
    return tri[best], weights[np.arange(len(flat)), best]


def lashes(points: Floats, quads: Ints, upper: bool) -> Strands:
    """Lashes along a lash strip of the base mesh (quads in rows from the lid to the tips)."""
    rng = np.random.default_rng(SEED + upper)
    columns = _columns(points, quads)
    n = LASHES_UPPER if upper else LASHES_LOWER
    widths = np.cumsum([0.0] + [float(np.linalg.norm(np.diff(points[c[-1]], axis=0))) for c in columns])
    where = np.interp(np.sort(rng.random(n)), widths / widths[-1], np.arange(len(widths)))
    anchors, weights, offsets = [], [], []
    for s in where:
        column, share = columns[min(int(s), len(columns) - 1)], s % 1
        reach = (0.75 + 0.25 * rng.random()) * (1.0 if upper else 0.6)
        for along, half in ((0.0, 0.12), (0.5, 0.09), (1.0, 0.0)):
            for sign in ((-1, 1) if half else (0,)):
                a, w = _in_column(column, np.clip(share + 0.22 * (along**2) * (s / len(columns) - 0.5), 0, 1),
                                  min(along * reach, 1.0))
                anchors.append(a)
                weights.append(w)
                lift = along**2 * (1.3 if upper else -0.5)
                offsets.append((sign * half, lift, 0.0))
    ids, shares = np.array(anchors), np.array(weights)
    colours = np.repeat(np.array([LASH_RGB]), len(ids), 0)
    return Strands(ids, shares, np.array(offsets), _ribbons(n), colours)


def _in_column(column: Ints, share: float, along: float) -> tuple[list[int], list[float]]:
    """The point at `share` across and `along` up a column of point pairs, as three mesh points (nearest
    triangle)."""
    t = along * (len(column) - 1)
    k = min(int(t), len(column) - 2)
    f = t - k
    (a, b), (c, d) = column[k], column[k + 1]
    if share + f <= 1:
        return [int(a), int(b), int(c)], [1 - share - f, share, f]
    return [int(d), int(c), int(b)], [share + f - 1, 1 - share, 1 - f]


def _columns(points: Floats, quads: Ints) -> list[Ints]:
    """Columns of a strip, each [rows + 1, 2] points from the lid (far back) to the tips, sorted along the
    lid."""
    sides = [tuple(sorted((int(q[k]), int(q[(k + 1) % 4])))) for q in quads for k in range(4)]
    owners: dict[tuple[int, int], list[int]] = {}
    for index, side in enumerate(sides):
        owners.setdefault(side, []).append(index // 4)
    rim = [s for s, n in Counter(sides).items() if n == 1]
    walks = [_walk(side, quads, owners) for side in rim]
    short = min(len(w) for w in walks)
    columns = [w for w in walks if len(w) <= short + 1 and points[w[0]].mean(0)[2] < points[w[-1]].mean(0)[2]]
    columns = [w if points[w[0][0], 0] < points[w[0][1], 0] else w[:, ::-1] for w in columns]
    return sorted(columns, key=lambda w: float(points[w[0]].mean(0)[0]))


def _walk(start: tuple[int, int], quads: Ints, owners: dict[tuple[int, int], list[int]]) -> Ints:
    """From an open edge across opposite edges to the other open edge: the pairs of points passed."""
    pairs, side, seen = [start], start, -1
    while True:
        ahead = [q for q in owners[tuple(sorted(side))] if q != seen]  # type: ignore[index]
        if not ahead:
            return np.array(pairs)
        seen = ahead[0]
        loop = [int(v) for v in quads[seen]]
        i, j = loop.index(side[0]), loop.index(side[1])
        step = 1 if (i + 1) % 4 == j else -1
        side = (loop[(i - step) % 4], loop[(j + step) % 4])
        pairs.append(side)
