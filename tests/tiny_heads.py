"""A head of a few dozen points, for tests of files that hold one."""

from __future__ import annotations

import numpy as np

from facerig.core.channels import SHAPE_NAMES
from facerig.mesh.head import Eye, Head, Part

N_EYE = 4  # points of each eyeball


def tiny_head(n: int = 40, eyes: bool = True, seed: int = 3) -> Head:
    """All 52 shapes, two eyeballs, a neck that follows by half and not at all."""
    rng = np.random.default_rng(seed)
    rest = (rng.uniform(-90, 90, (n, 3)) + np.array([0, 1500, 20])).astype(np.float32)
    deltas = np.where(rng.random((len(SHAPE_NAMES), n, 1)) < 0.4,
                      rng.uniform(-8, 8, (len(SHAPE_NAMES), n, 3)), 0.0)
    follow, parts = np.ones(n, np.float32), np.full(n, Part.SKIN, np.uint8)
    follow[-8:-4], follow[-4:] = 0.5, 0.0
    places = [np.arange(k * N_EYE, (k + 1) * N_EYE, dtype=np.int32) for k in range(2)]
    balls = tuple(Eye(points=p, centre=rest[p].mean(0)) for p in places) if eyes else ()
    for ball in balls:
        parts[ball.points] = Part.EYE
    triangles = np.stack([np.roll(np.arange(n), k) for k in range(3)], 1).astype(np.int32)
    return Head(name="tiny", rest=rest, triangles=triangles, two_sided=np.zeros(n, np.bool_),
                colours=rng.random((n, 3), np.float32), gloss=np.zeros(n, np.float32), parts=parts,
                normal_of=np.arange(n, dtype=np.int32), ambient=np.ones((2, n), np.float32),
                key=np.ones((2, n), np.float32), follow=follow, pivot=np.array([0, 1450, 0], np.float32),
                shape_names=SHAPE_NAMES, eyes=balls,
                deltas=deltas.reshape(len(SHAPE_NAMES), -1).astype(np.float32))
