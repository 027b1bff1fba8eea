"""A mesh bent smoothly onto a face: first by landmarks, then by nearest points that face the same way.

    min  sum w |p + u - q|^2  +  stiffness |L u|^2  +  hold |landmarks + u - theirs|^2

Stiffness falls from round to round, so that the mouth finds the mouth before a lip finds a lip. Points
without a partner (rims, eyeballs, the throat behind the lips) go where their neighbours go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from facerig.registration.alignment import Similarity, similarity
from facerig.registration.landmarks import Landmarks
from facerig.registration.surface import Footing, Surface

Array = NDArray[np.float64]

STIFFNESS: Final = (300.0, 100.0, 30.0, 10.0, 3.0, 1.0, 0.5, 0.3)  # a round each; weights w are at most 1
HOLD: Final = 2.0  # of a landmark
REACH_MM: Final = (25.0, 20.0, 15.0, 10.0, 8.0, 6.0, 5.0, 5.0)  # partners farther away are none
SAME_WAY: Final = 0.6  # cosine of the normals of partners
ROBUST_MM: Final = 2.0  # a partner twice as far counts a fifth


@dataclass(frozen=True)
class Laid:
    """A mesh laid onto a face. `points` [N, 3]: where its points are on the face, mm; `footing`: the nearest
    points of the face; `quality` [N] 0 to 1: how well each is placed (0: only its neighbours tell)."""

    first: Similarity
    points: Array
    footing: Footing
    quality: Array


def laid_onto(mesh: Surface, marks: Landmarks, face: Surface, face_marks: Landmarks) -> Laid:
    """Lay `mesh` onto `face`."""
    first = similarity(marks.main, face_marks.main)
    start = mesh.moved(first.points(mesh.points))
    hold, aims = _held(start, marks, face_marks, first)
    bend = start.laplacian.T @ start.laplacian
    points, weight = start.points, np.zeros(len(start.points))
    footing = face.footing(points)
    for stiffness, reach in zip(STIFFNESS, REACH_MM, strict=True):
        partners = weight[:, None] * (face.at(footing) - start.points)
        left = sparse.diags(weight) + stiffness * bend + HOLD * hold.T @ hold + 1e-9 * sparse.eye(len(weight))
        right = partners + HOLD * hold.T @ (aims - hold @ start.points)
        points = start.points + solved(left, right)
        footing, weight = _partners(mesh.moved(points), face, reach)
    return Laid(first, points, footing, weight)


def solved(left: sparse.spmatrix, right: Array) -> Array:
    """x of left @ x = right, for a symmetric positive matrix."""
    factors = splu(sparse.csc_matrix(left), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0,
                   options={"SymmetricMode": True})
    return np.asarray(factors.solve(right))


def _partners(mesh: Surface, face: Surface, reach: float) -> tuple[Footing, Array]:
    """The nearest points of `face` and how far each is to be trusted."""
    footing = face.footing(mesh.points, mesh.normals, SAME_WAY)
    near = (footing.distance < reach) & ~footing.rim & (mesh.areas > 0)
    distance = np.where(near, footing.distance, 0.0)
    return footing, near / (1 + (distance / ROBUST_MM) ** 2)


def _held(start: Surface, marks: Landmarks, face_marks: Landmarks, first: Similarity
          ) -> tuple[sparse.csr_matrix, Array]:
    """Landmarks as shares of the mesh's points [n, N], and where they belong [n, 3].

    The seam between the lips is held twice: by the upper lip and by the lower one.
    """
    down = np.tile([0.0, -1.0, 0.0], (len(marks.seam), 1))
    single, single_aims = (np.concatenate([[m.nose, m.chin], m.middle, m.corners, m.lids.reshape(-1, 3)])
                           for m in (marks, face_marks))
    known = np.isfinite(single + single_aims).all(1)
    seam = first.points(marks.seam)
    feet = [start.footing(first.points(single[known])), start.footing(seam, down, 0.3),
            start.footing(seam, -down, 0.3)]
    held = sparse.vstack([start.weights(foot) for foot in feet])
    aims = np.concatenate([single_aims[known], face_marks.seam, face_marks.seam])
    found = np.isfinite(np.concatenate([foot.distance for foot in feet]))
    return sparse.csr_matrix(held)[found], aims[found]
