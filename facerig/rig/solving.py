"""Least squares within bounds, the same bits for a frame whatever frames stand beside it.

Coordinate descent with a fixed number of sweeps: elementwise over frames, exact in the limit (the problem is
convex), and close after a few sweeps, for the shapes of a face hardly overlap.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SWEEPS: Final = 24
STEPS: Final = 32  # of a mixture
RIDGE: Final = 1e-3  # of the squared length of the longest pose: pulls what nothing tells to rest
MIXTURE_RIDGE: Final = 3e-3  # the same in a mixture: poses that nothing tells apart share alike


def nearest_shares(values: NDArray[Any], poses: Array, low: Array, high: Array, *, sweeps: int = SWEEPS
                   ) -> Array:
    """x [T, K] in [low, high] that minimises |x @ poses - values|^2 + a little of |x|^2.

    values [T, N]; poses [K, N]; low, high [K]. A pose of zeros stays at the bound next to 0.
    """
    length = (poses * poses).sum(1)
    ridge = RIDGE * max(float(length.max(initial=0.0)), 1e-12)
    gram = poses @ poses.T
    np.fill_diagonal(gram, 0.0)
    aim = np.zeros((len(values), len(poses)))
    for n in np.flatnonzero(poses.any(0)):
        aim += values[:, n, None] * poses[:, n]
    x = np.zeros_like(aim) + np.clip(0.0, low, high)
    for _ in range(sweeps):
        for k in range(len(poses)):
            pulled = aim[:, k].copy()
            for j in np.flatnonzero(gram[k]):
                pulled -= gram[k, j] * x[:, j]
            x[:, k] = np.clip(pulled / (length[k] + ridge), low[k], high[k])
    return np.asarray(x)


def nearest_mixture(values: Array, poses: Array, near: float, *, steps: int = STEPS) -> Array:
    """Shares x [T, K + 1] of poses and, last, of rest, x >= 0 and each row's sum 1, that minimise

        |x @ poses - values|^2 + near * sum of x[k] |poses[k] - values|^2 + a little of |x|^2

    The mean of the poses comes near to the face, and the second addend has poses lead that are near to it
    themselves (locality-constrained coding: Wang et al. 2010). values [T, N]; poses [K, N].

    Share is moved from one pose to another, by the pair that gains most (Fan, Chen & Lin 2005), `steps`
    times: 32 come within 0.001 of the limit on average.
    """
    poses = np.concatenate([poses, np.zeros((1, poses.shape[1]))])
    far = np.zeros((len(values), len(poses)))  # squared distance of each pose
    slope = np.zeros_like(far)
    for n in np.flatnonzero(poses.any(0)):
        far += (values[:, n, None] - poses[:, n]) ** 2
        slope -= values[:, n, None] * poses[:, n]
    length = (poses * poses).sum(1)
    gram = poses @ poses.T + MIXTURE_RIDGE * float(length.max(initial=0.0)) * np.eye(len(poses))
    curve = np.maximum(np.diag(gram)[:, None] + np.diag(gram) - 2 * gram, 1e-12)
    rows, x = np.arange(len(values)), np.zeros_like(far)
    first = far.argmin(1)
    x[rows, first] = 1.0
    slope += gram[first] + 0.5 * near * far
    for _ in range(steps):
        giver = np.where(x > 0, slope, -np.inf).argmax(1)
        drop = np.maximum(slope[rows, giver, None] - slope, 0)
        moved = np.minimum(drop / curve[giver], x[rows, giver, None])
        taker = (moved * (drop - 0.5 * curve[giver] * moved)).argmax(1)
        share = moved[rows, taker]
        x[rows, taker] += share
        x[rows, giver] -= share
        slope += share[:, None] * (gram[taker] - gram[giver])
    return x
