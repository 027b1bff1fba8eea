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
RIDGE: Final = 1e-3  # of the squared length of the longest pose: pulls what nothing tells to rest


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
