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
        return _painted(scene, points, owner, rows, background)

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
    z = np.take(slope, span)  # float32, as the buffer: see _settle
    z *= (step - np.take(starts, span)).astype(np.float32)
    z += np.take(depth, span)
    owner[sample] = np.take(order.astype(np.int32)[tri], span)
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
    return (np.asarray((u[:, 2] * v[:, 1] - v[:, 2] * u[:, 1]) * inverse, np.float32),
            np.asarray((v[:, 2] * u[:, 0] - u[:, 2] * v[:, 0]) * inverse, np.float32))


def _painted(scene: Scene, points: Floats, owner: Ints, rows: slice, background: Floats) -> NDArray[np.uint8]:
    """The picture: each pixel the mean of its samples, and of the background where they are empty.

    Colours are linear on a triangle, so a pixel that one triangle owns takes one look at its middle.
    """
    height, width = background.shape[:2]
    top, bottom = rows.start // SUPERSAMPLE, -(-rows.stop // SUPERSAMPLE)
    samples = owner.reshape(height, SUPERSAMPLE, width, SUPERSAMPLE)[top:bottom].transpose(1, 3, 0, 2)
    samples = samples.reshape(SUPERSAMPLE**2, -1)
    planes = _colour_planes(points, scene.triangles, scene.colours)
    uniform = (samples == samples[0]).all(0)
    image = background.copy()
    flat = image[top:bottom].reshape(-1, 3)
    whole = np.flatnonzero(uniform & (samples[0] != NOBODY))
    flat[whole] = 255 * _looked_up(planes, samples[0][whole], whole, width, top, SUPERSAMPLE / 2,
                                   SUPERSAMPLE / 2)
    edges = np.flatnonzero(~uniform)
    mixed = np.zeros((len(edges), 3), np.float32)
    for k, (dy, dx) in enumerate(np.ndindex(SUPERSAMPLE, SUPERSAMPLE)):
        tri = samples[k][edges]
        mixed += np.where((tri == NOBODY)[:, None], flat[edges],
                          255 * _looked_up(planes, tri, edges, width, top, dx + 0.5, dy + 0.5))
    flat[edges] = mixed * np.float32(1 / SUPERSAMPLE**2)
    image[top:bottom] = flat.reshape(bottom - top, width, 3)
    return (image + np.float32(0.5)).astype(np.uint8)


def _colour_planes(points: Floats, triangles: Ints, colours: Floats) -> Floats:
    """How colour runs over each triangle [M, 11]: a corner's place, its colour, and the change per column and
    row.
    """
    a, b, c = (points[triangles[:, k], :2] for k in range(3))
    u, v = b - a, c - a
    area = u[:, 0] * v[:, 1] - v[:, 0] * u[:, 1]
    inverse = np.where(np.abs(area) > 1e-6, 1 / np.where(area == 0, 1, area), 0).astype(np.float32)[:, None]
    first, second, third = (colours[triangles[:, k]] for k in range(3))
    p, q = (second - first) * inverse, (third - first) * inverse
    planes = [a, first, p * v[:, 1:] - q * u[:, 1:], q * u[:, :1] - p * v[:, :1]]
    return np.asarray(np.concatenate(planes, 1), np.float32)


def _looked_up(planes: Floats, tri: Ints, pixels: NDArray[np.intp], width: int, top: int, dx: float,
               dy: float) -> Floats:
    """Colours of `pixels` (counted from row `top`) at (dx, dy) samples from their upper left corner."""
    row, column = np.divmod(pixels.astype(np.int32), np.int32(width))
    plane = planes[tri]
    x = column.astype(np.float32) * np.float32(SUPERSAMPLE) + np.float32(dx) - plane[:, 0]
    y = (row + np.int32(top)).astype(np.float32) * np.float32(SUPERSAMPLE) + np.float32(dy) - plane[:, 1]
    blend = plane[:, 2:5] + x[:, None] * plane[:, 5:8] + y[:, None] * plane[:, 8:]
    return np.asarray(np.clip(blend, 0, 1), np.float32)
