"""Displacements of one face carried over to a mesh that was laid onto it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from facerig.registration.surface import Surface
from facerig.registration.warp import Laid, solved

Array = NDArray[np.float64]

SMOOTH: Final = 0.02  # how far neighbours settle what a point's own partner tells; all, where it has none
TRUSTED_MM: Final = 3.0  # a partner that far away tells nothing by itself


def carried(laid: Laid, mesh: Surface, face: Surface, displacements: Array) -> Array:
    """`displacements` [K, n, 3] of the points of `face` as displacements [K, N, 3] of the points of `mesh`,
    in the mesh's own frame and scale.

    A point moves like the place it stands on; where that is not known, like its neighbours.
    """
    seen = face.weights(laid.footing)
    trust = laid.quality * (laid.footing.distance < TRUSTED_MM)
    bend = mesh.laplacian.T @ mesh.laplacian
    left = sparse.diags(trust) + SMOOTH * bend + 1e-9 * sparse.eye(len(trust))
    count = len(displacements)
    flat = np.asarray(displacements, np.float64).transpose(1, 0, 2).reshape(-1, count * 3)
    moved = solved(left, trust[:, None] * (seen @ flat)).reshape(-1, count, 3).transpose(1, 0, 2)
    return laid.first.vectors_back(moved)
