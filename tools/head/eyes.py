"""Eyeballs with iris and pupil, made to fit the sockets of the base mesh.

The base mesh's own eyes are 72 vertices without an iris. Ours are rings around the line of sight, so that the
edges of pupil and iris lie on edges of the mesh and stay sharp at any size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SECTORS = 56
BACK_DEGREES = 115.0  # how far round the ball goes: never seen beyond
BULGE_MM = 1.1  # of the cornea
ROUGHNESS_SEED = 7  # of the streaks of the iris

#      ring: radius mm   colour (display RGB, 0 to 1)        what
RINGS = ((0.0,           (0.015, 0.015, 0.02)),              # pupil
         (1.3,           (0.015, 0.015, 0.02)),
         (2.35,          (0.02, 0.02, 0.025)),
         (2.60,          (0.36, 0.27, 0.17)),                # collarette: warm
         (3.40,          (0.37, 0.31, 0.22)),
         (4.20,          (0.33, 0.33, 0.28)),                # iris: grey, hazel within
         (5.00,          (0.29, 0.32, 0.31)),
         (5.70,          (0.22, 0.26, 0.27)),
         (6.25,          (0.10, 0.12, 0.14)),                # limbal ring: dark
         (6.60,          (0.16, 0.17, 0.18)),
         (7.00,          (0.64, 0.62, 0.60)),                # sclera
         (7.60,          (0.86, 0.84, 0.81)),
         (9.00,          (0.89, 0.87, 0.84)),
         (11.0,          (0.89, 0.85, 0.82)),
         (13.0,          (0.87, 0.78, 0.75)))                # redder towards the corners


@dataclass(frozen=True, slots=True)
class Eyeball:
    """`points` [n, 3] mm, `triangles` [m, 3] from 0, `colours` [n, 3], `gloss` [n], `centre` [3]."""

    points: Floats
    triangles: Ints
    colours: Floats
    gloss: Floats
    centre: Floats


def fitted_sphere(points: Floats) -> tuple[Floats, float]:
    """Centre and radius of the sphere nearest to `points` in the least-squares sense."""
    system = np.column_stack([2 * points, np.ones(len(points))])
    x, *_ = np.linalg.lstsq(system, (points**2).sum(1), rcond=None)
    return x[:3], float(np.sqrt(x[3] + (x[:3] ** 2).sum()))


def eyeball(socket: Floats) -> Eyeball:
    """An eyeball looking along +z in place of the base mesh's eye points `socket`."""
    centre, radius = fitted_sphere(socket)
    seen = np.arcsin([r / radius for r, _ in RINGS])
    behind = np.linspace(seen[-1], np.radians(BACK_DEGREES), 6)[1:]
    angles = np.concatenate([seen[1:], behind])
    rng = np.random.default_rng(ROUGHNESS_SEED)
    around = np.linspace(0, 2 * np.pi, SECTORS, endpoint=False)
    bulge = BULGE_MM * np.clip(1 - (np.sin(angles) * radius / 7.6) ** 2, 0, None) * (angles < 1)
    length = radius + bulge
    ring = np.stack([np.sin(angles)[:, None] * np.cos(around), np.sin(angles)[:, None] * np.sin(around),
                     np.repeat(np.cos(angles)[:, None], SECTORS, 1)], 2) * length[:, None, None]
    points = np.concatenate([[[0, 0, radius + BULGE_MM]], ring.reshape(-1, 3)]) + centre
    colours = _colours(rng, len(angles))
    gloss = np.ones(len(points))
    return Eyeball(points, _triangles(len(angles)), colours, gloss, centre)


def _colours(rng: np.random.Generator, n_rings: int) -> Floats:
    """Ring colours, with streaks from the pupil outwards in the iris and its upper part in the lid's shadow.
    """
    table = np.array([c for _, c in RINGS])
    rings = np.concatenate([table[1:], np.repeat(table[-1:], n_rings - len(table) + 1, 0)])
    colours = np.repeat(rings[:, None], SECTORS, 1)
    streaks = 1 + 0.22 * (rng.random((1, SECTORS, 1)) - 0.5) + 0.18 * (rng.random((n_rings, SECTORS,
                                                                                   1)) - 0.5)
    iris = np.array([2.6 <= r <= 6.0 for r, _ in RINGS[1:]] + [False] * (n_rings - len(RINGS) + 1))
    colours[iris] *= streaks[iris]
    height = np.sin(np.linspace(0, 2 * np.pi, SECTORS, endpoint=False))[None, :, None]
    colours[iris] *= 1 - 0.28 * height  # light falls through the cornea onto the far, lower side
    return np.concatenate([table[:1], colours.reshape(-1, 3)]).clip(0, 1)


def _triangles(n_rings: int) -> Ints:
    """A fan around the pole, then a band between each two rings; counter-clockwise seen from outside."""
    here = np.arange(SECTORS)
    after = np.roll(here, -1)
    fan = np.stack([np.zeros(SECTORS, int), 1 + here, 1 + after], 1)
    bands = [fan]
    for k in range(n_rings - 1):
        inner, outer = 1 + k * SECTORS, 1 + (k + 1) * SECTORS
        bands.append(np.stack([inner + here, outer + here, outer + after], 1))
        bands.append(np.stack([inner + here, outer + after, inner + after], 1))
    return np.concatenate(bands)
