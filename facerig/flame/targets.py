"""What each ARKit shape should do to FLAME's points: carried over from the shipped head, in millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from facerig.flame.model import Flame
from facerig.mesh.head import Head, Part
from facerig.registration.landmarks import Landmarks, landmarks
from facerig.registration.surface import Surface
from facerig.registration.transfer import carried
from facerig.registration.warp import Laid, laid_onto

Array = NDArray[np.float64]

# Where the gap between the lips is measured (`core.mouth`): points of the shipped heads' mesh, upper and
# lower lip,
# from right to left
LIP_PAIRS: Final = ((525, 519), (515, 518), (520, 523), (2719, 2722), (2727, 2723))
SAME_WAY: Final = 0.3  # cosine: an upper lip's underside is no lower lip's top
# The face, in distances between the eyes, from the eyes' middle: below, above, behind
FACE_DOWN, FACE_UP, FACE_BACK = 1.75, 1.1, 1.2
ELSEWHERE: Final = 0.05  # weight of neck and scalp against the face
UNSEEN: Final = 0.1  # weight of points without a partner on the other face


@dataclass(frozen=True)
class Targets:
    """`shapes` [K, N, 3] mm of the shapes `names`; `weights` [N], their sum 1; `gaps` [K, 5] mm: what a shape
    does to the gap between the lips; `gap_of` [5, N]: the gap's change is this times the points' heights;
    `unseen` [K]: the share of a shape's movement on its own head that no point of FLAME saw."""

    names: tuple[str, ...]
    shapes: Array
    weights: Array
    gaps: Array
    gap_of: sparse.csr_matrix
    laid: Laid

    def target(self, name: str) -> Array:
        """What the shape `name` does [N, 3]."""
        return np.asarray(self.shapes[self.names.index(name)])

    def gap(self, name: str) -> Array:
        """What the shape `name` does to the lips' gap [5]."""
        return np.asarray(self.gaps[self.names.index(name)])

    def rms_mm(self, moved: Array) -> float:
        """Of displacements [N, 3], over the face."""
        return float(np.sqrt(self.weights @ (moved * moved).sum(1)))


def skin_of(head: Head) -> Surface:
    """The head's skin; points of other parts stay, unused."""
    skin = (head.parts == Part.SKIN)[head.triangles].all(1)
    return Surface(head.rest.astype(np.float64), head.triangles[skin].astype(np.int64))


def marks_of(head: Head) -> Landmarks:
    """The landmarks of a shipped head."""
    return landmarks(skin_of(head), np.array([eye.centre for eye in head.eyes], np.float64))


def targets(flame: Flame, head: Head) -> Targets:
    """Lay FLAME onto `head` (a shipped one) and carry its shapes over. Raises ModelError for a template that
    is no face."""
    skin = skin_of(head)
    laid = laid_onto(flame.skin, landmarks(flame.skin, flame.eyes), skin, marks_of(head))
    deltas = head.deltas.reshape(len(head.shape_names), -1, 3).astype(np.float64)
    shapes = carried(laid, flame.skin, skin, deltas)
    for eyeball in flame.eyeballs:
        shapes[:, eyeball] = 0
    gaps = np.stack([deltas[:, up, 1] - deltas[:, low, 1] for up, low in LIP_PAIRS], 1) / laid.first.scale
    return Targets(names=head.shape_names, shapes=shapes, weights=_weights(flame, head, laid), gaps=gaps,
                   gap_of=_gap_of(flame, skin, laid), laid=laid)


def _weights(flame: Flame, head: Head, laid: Laid) -> Array:
    eyes = np.array([eye.centre for eye in head.eyes], np.float64)
    unit, middle = float(np.linalg.norm(eyes[0] - eyes[1])), eyes.mean(0)
    up, front = ((laid.points - middle) / unit).T[1:]
    face = (up > -FACE_DOWN) & (up < FACE_UP) & (front > -FACE_BACK)
    out = flame.skin.areas * np.where(face, 1.0, ELSEWHERE) * np.maximum(laid.quality, UNSEEN)
    return np.asarray(out / out.sum())


def _gap_of(flame: Flame, skin: Surface, laid: Laid) -> sparse.csr_matrix:
    """Upper lip less lower lip at the five measuring places, as shares of FLAME's points."""
    there = flame.skin.moved(laid.points)
    pairs = np.array(LIP_PAIRS)
    upper, lower = (there.footing(skin.points[ids], skin.normals[ids], SAME_WAY) for ids in pairs.T)
    return sparse.csr_matrix(there.weights(upper) - there.weights(lower))
