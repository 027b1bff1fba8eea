"""How much light reaches each point of a mesh: depth pictures from many directions tell which of them it
sees."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facerig.preview.software import visible

Floats = NDArray[np.float32]

PICTURE = 320  # samples across each depth picture
BIAS = 0.006  # of the mesh's size: nearer things cast no shadow
FACING = 0.35  # cosine to a lamp from which shadows count in full
GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))


def sphere_directions(n: int) -> Floats:
    """`n` unit vectors spread evenly over the sphere (a Fibonacci spiral)."""
    height = 1 - 2 * (np.arange(n) + 0.5) / n
    radius, turn = np.sqrt(1 - height**2), np.arange(n) * GOLDEN_ANGLE
    return np.stack([radius * np.cos(turn), height, radius * np.sin(turn)], 1).astype(np.float32)


def cone_directions(axis: tuple[float, float, float], degrees: float, n: int) -> Floats:
    """`n` unit vectors within `degrees` of `axis`: a lamp of some size."""
    main = np.array(axis) / np.linalg.norm(axis)
    rest = sphere_directions(int(4 * n / (1 - np.cos(np.radians(degrees)))))
    near = rest[np.argsort(-(rest @ main))][: 2 * n : 2]
    return np.asarray(near, np.float32)


def light_share(points: Floats, normals: Floats, triangles: NDArray[np.int32], directions: Floats) -> Floats:
    """Share of the light from `directions` that reaches each point, float32 [N], 0 to 1, weighed by the
    cosine."""
    bias = BIAS * float(np.ptp(points, axis=0).max())
    got = np.zeros(len(points), np.float32)
    full = np.full(len(points), 1e-6, np.float32)
    for direction in directions:
        cosine = np.clip(normals @ direction, 0, None)
        got += cosine * _seen_from(points, triangles, direction, bias)
        full += cosine
    return got / full


def shadow_share(points: Floats, normals: Floats, triangles: NDArray[np.int32], directions: Floats) -> Floats:
    """Share of a lamp (`directions` towards it) that is not hidden by something else, float32 [N], 0 to 1.

    Points that turn away from the lamp count as lit: their shade comes from the cosine, and softly.
    """
    bias = BIAS * float(np.ptp(points, axis=0).max())
    seen = np.mean([_seen_from(points, triangles, d, bias) for d in directions], axis=0)
    facing = np.clip((normals @ directions.mean(0)) / FACING, 0, 1)
    return np.asarray(1 - facing + facing * seen, np.float32)


def smoothed(values: Floats, triangles: NDArray[np.int32], rounds: int) -> Floats:
    """`values` [N] averaged with their neighbours' on the mesh, `rounds` times."""
    rows = triangles.ravel()
    count = np.maximum(np.bincount(rows, minlength=len(values)), 1)
    for _ in range(rounds):
        means = np.repeat(values[triangles].mean(1), 3)
        values = np.asarray(np.bincount(rows, means, len(values)) / count, np.float32)
    return np.asarray(values, np.float32)


def _seen_from(points: Floats, triangles: NDArray[np.int32], direction: Floats,
               bias: float) -> NDArray[np.bool_]:
    """Whether nothing stands between each point and far away along `direction`."""
    up = np.array([0, 1, 0]) if abs(direction[1]) < 0.9 else np.array([1, 0, 0])
    right = np.cross(up, direction)
    right /= np.linalg.norm(right)
    turned = points @ np.stack([right, np.cross(direction, right), -direction], 1).astype(np.float32)
    low, span = turned[:, :2].min(0), float(np.ptp(turned[:, :2], axis=0).max())
    placed = turned.copy()
    placed[:, :2] = (turned[:, :2] - low) * ((PICTURE - 2) / span) + 1
    _, _, nearest = visible(placed.astype(np.float32), triangles, PICTURE, PICTURE)
    cell = placed[:, :2].astype(np.int32).clip(0, PICTURE - 1)
    return np.asarray(turned[:, 2] <= nearest[cell[:, 1] * PICTURE + cell[:, 0]] + bias)
