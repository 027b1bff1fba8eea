"""A triangle rasteriser in numpy, for machines without GL.

Scan conversion by spans: each triangle is cut into rows, each row into the samples that it covers, all
triangles at once. A z-buffer then keeps the nearest triangle of each sample, and the colours of its corners
are blended there. Smooth edges come from drawing `SUPERSAMPLE` times larger and averaging.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facerig.preview.scene import Scene

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

SUPERSAMPLE = 2  # samples per pixel and axis
NOBODY = -1  # index of a sample that no triangle covers


class SoftwareRenderer:
    """Draws scenes of one size. Holds no state between frames."""

    name = "software"

    def draw(self, scene: Scene, background: Floats) -> NDArray[np.uint8]:
        """`scene` over `background` (float32 [height, width, 3], 0 to 255) as RGB bytes of the same size."""
        height, width = background.shape[:2]
        points = scene.points * np.array([SUPERSAMPLE, SUPERSAMPLE, 1], np.float32)
        owner, rows, _ = visible(points, scene.triangles, width * SUPERSAMPLE, height * SUPERSAMPLE)
        samples, colours = shaded(points, scene.triangles, scene.colours, owner, width * SUPERSAMPLE)
        return _composed(samples, colours, rows, background)

    def close(self) -> None:
        """Nothing to give back."""


def visible(points: Floats, triangles: Ints, width: int, height: int) -> tuple[Ints, slice, Floats]:
    """The nearest triangle at each sample centre: int32 [width * height], `NOBODY` where there is none.

    `points` are (x, y, depth), x to the right and y downwards in samples, smaller depth nearer. Both sides of
    a triangle are drawn. Also returns the rows that hold anything, and the depth of each sample (infinite
    where empty).
    """
    owner = np.full(width * height, NOBODY, np.int32)
    nearest = np.full(width * height, np.inf, np.float32)
    corners = points[triangles]
    order = np.argsort(-corners[:, :, 2].sum(1))  # far first: most samples then need no second look
    tri, row, first, count, depth, slope = _spans(corners[order], width, height)
    if not len(tri):
        return owner, slice(0, 0), nearest
    ends = np.cumsum(count)
    step = np.arange(ends[-1], dtype=np.int32)
    span = np.repeat(np.arange(len(tri), dtype=np.int32), count)
    starts = (ends - count).astype(np.int32)
    sample = step + (row * width + first - starts)[span]
    # float32, as the buffer: see _settle
    z = depth[span] + slope[span] * (step - starts[span]).astype(np.float32)
    owner[sample] = order.astype(np.int32)[tri][span]
    nearest[sample] = z
    _settle(owner, nearest, sample, z, order.astype(np.int32)[tri], span)
    return owner, slice(int(row.min()), int(row.max()) + 1), nearest


def _settle(owner: Ints, nearest: Floats, sample: Ints, z: Floats, tri: Ints, span: Ints) -> None:
    """Correct the samples where the last triangle written is not the nearest one.

    Ends because each round lowers the depth of every sample that it touches (all float32: no rounding between
    rounds).
    """
    left = np.flatnonzero(z < nearest[sample])
    while len(left):
        nearest[sample[left]] = z[left]
        owner[sample[left]] = tri[span[left]]
        left = left[z[left] < nearest[sample[left]]]


def _spans(corners: Floats, width: int, height: int) -> tuple[Ints, Ints, Ints, Ints, Floats, Floats]:
    """Rows of all triangles [M, 3, 3]: (triangle, row, first column, columns, depth at the first, depth per
    column)."""
    rank = np.argsort(corners[:, :, 1], axis=1, kind="stable")
    a, b, c = np.moveaxis(np.take_along_axis(corners, rank[:, :, None], 1), 1, 0)  # top, middle, bottom
    top = np.clip(np.ceil(a[:, 1] - 0.5), 0, height).astype(np.int32)
    bottom = np.clip(np.ceil(c[:, 1] - 0.5), 0, height).astype(np.int32)
    counts = np.maximum(bottom - top, 0)
    tri = np.repeat(np.arange(len(corners), dtype=np.int32), counts)
    row = np.arange(len(tri), dtype=np.int32) - (np.cumsum(counts) - counts)[tri].astype(np.int32) + top[tri]
    y = row.astype(np.float32) + np.float32(0.5)
    long_x = _edge(a, c, tri, y)
    short_x = np.where(y < b[tri, 1], _edge(a, b, tri, y), _edge(b, c, tri, y))
    first = np.clip(np.ceil(np.minimum(long_x, short_x) - 0.5), 0, width).astype(np.int32)
    last = np.clip(np.ceil(np.maximum(long_x, short_x) - 0.5), 0, width).astype(np.int32)
    kept = np.flatnonzero(last > first)
    tri, row, first, last, y = tri[kept], row[kept], first[kept], last[kept], y[kept]
    slope_x, slope_y = _depth_slopes(a, b, c)
    x = first.astype(np.float32) + np.float32(0.5)
    depth = a[tri, 2] + slope_x[tri] * (x - a[tri, 0]) + slope_y[tri] * (y - a[tri, 1])
    return tri, row, first, last - first, depth, slope_x[tri]


def _edge(upper: Floats, lower: Floats, tri: Ints, y: Floats) -> Floats:
    """Column where the edge from `upper` to `lower` crosses each row centre."""
    rise = lower[:, 1] - upper[:, 1]
    slope = (lower[:, 0] - upper[:, 0]) / np.where(rise > 0, rise, np.float32(1))
    return np.asarray(upper[tri, 0] + slope[tri] * (y - upper[tri, 1]), np.float32)


def _depth_slopes(a: Floats, b: Floats, c: Floats) -> tuple[Floats, Floats]:
    """Change of depth per column and per row on each triangle's plane; zero for a triangle seen edge-on."""
    u, v = b - a, c - a
    area = u[:, 0] * v[:, 1] - v[:, 0] * u[:, 1]
    inverse = np.where(np.abs(area) > 1e-6, 1 / np.where(area == 0, 1, area), 0).astype(np.float32)
    return ((u[:, 2] * v[:, 1] - v[:, 2] * u[:, 1]) * inverse,
            (v[:, 2] * u[:, 0] - u[:, 2] * v[:, 0]) * inverse)


def shaded(points: Floats, triangles: Ints, colours: Floats, owner: Ints, width: int) -> tuple[Ints, Floats]:
    """Covered samples, and the colour of each (float32 [n, 3]): the corners' colours blended on the triangle.
    """
    samples = np.flatnonzero(owner != NOBODY).astype(np.int32)
    tri = owner[samples]
    a, b, c = (points[triangles[:, k], :2] for k in range(3))
    u, v = b - a, c - a
    area = u[:, 0] * v[:, 1] - v[:, 0] * u[:, 1]
    inverse = np.where(np.abs(area) > 1e-6, 1 / np.where(area == 0, 1, area), 0).astype(np.float32)
    plane_b = np.stack([v[:, 1] * inverse, -v[:, 0] * inverse], 1)
    plane_c = np.stack([-u[:, 1] * inverse, u[:, 0] * inverse], 1)
    x = (samples % width).astype(np.float32) + np.float32(0.5) - a[tri, 0]
    y = (samples // width).astype(np.float32) + np.float32(0.5) - a[tri, 1]
    weight_b = x * plane_b[tri, 0] + y * plane_b[tri, 1]
    weight_c = x * plane_c[tri, 0] + y * plane_c[tri, 1]
    ca, cb, cc = (colours[triangles[:, k]] for k in range(3))
    blend = ca[tri] + weight_b[:, None] * (cb - ca)[tri] + weight_c[:, None] * (cc - ca)[tri]
    return samples, np.asarray(blend, np.float32)


def _composed(samples: Ints, colours: Floats, rows: slice, background: Floats) -> NDArray[np.uint8]:
    """Average the samples of each pixel over the background."""
    height, width = background.shape[:2]
    fine = np.zeros((height * SUPERSAMPLE * width * SUPERSAMPLE, 4), np.float32)
    fine[samples, :3] = np.clip(colours, 0, 1)
    fine[samples, 3] = 1
    top, bottom = rows.start // SUPERSAMPLE, -(-rows.stop // SUPERSAMPLE)
    band = fine.reshape(height, SUPERSAMPLE, width * SUPERSAMPLE, 4)[top:bottom]
    band = band[:, 0] + band[:, 1]
    band = (band[:, 0::SUPERSAMPLE] + band[:, 1::SUPERSAMPLE]) * np.float32(1 / SUPERSAMPLE**2)
    image = background.copy()
    image[top:bottom] = image[top:bottom] * (1 - band[:, :, 3:]) + 255 * band[:, :, :3]
    return (image + np.float32(0.5)).astype(np.uint8)
