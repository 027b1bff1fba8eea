"""ICT-FaceKit (MIT) as a head: another topology, with shapes of ARKit's names that others have modelled.

The file is an npz of its neutral face and expressions: vertices in centimetres, faces, their groups, and
displacements by name (`mouthSmile_L`). Only skin and eyeballs are taken.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import SHAPE_NAMES
from facerig.mesh.head import Eye, Head, Part

MM: Final = 10.0  # in a centimetre
SKIN: Final = "M_Face"
EYEBALLS: Final = ("M_ScleraLeft", "M_ScleraRight")
# Shapes that ICT has for each side and ARKit as one
HALVES: Final = ("browInnerUp", "cheekPuff")


def ict_head(path: Path) -> Head:
    """The head in the file `path`. Shapes that ICT has not do nothing."""
    with np.load(path, allow_pickle=False) as stored:
        groups, group = stored["group_names"].tolist(), stored["group"]
        places, faces = stored["vertices"].astype(np.float64) * MM, stored["faces"].astype(np.int64)
        deltas = dict(zip(stored["names"].tolist(), stored["deltas"].astype(np.float32) * MM, strict=True))
    skin, left, right = (faces[group == groups.index(name)] for name in (SKIN, *EYEBALLS))
    if places[left, 0].mean() < places[right, 0].mean():
        left, right = right, left
    triangles = np.concatenate([skin, left, right])
    used = np.unique(triangles)
    place = np.zeros(len(places), np.int64)
    place[used] = np.arange(len(used))
    parts = np.full(len(used), Part.SKIN, np.uint8)
    balls = [np.unique(place[ball]) for ball in (left, right)]
    parts[np.concatenate(balls)] = Part.EYE
    rest = places[used].astype(np.float32)
    shapes = np.stack([_shape(name, deltas, len(places))[used] for name in SHAPE_NAMES])
    n, whole = len(used), np.ones((2, len(used)), np.float32)
    return Head(name="ict", rest=rest, triangles=place[triangles].astype(np.int32),
                two_sided=np.zeros(len(triangles), bool), colours=np.full((n, 3), 0.7, np.float32),
                gloss=np.zeros(n, np.float32), parts=parts, normal_of=np.arange(n, dtype=np.int32),
                ambient=whole,
                key=whole, follow=np.ones(n, np.float32), pivot=rest.mean(0), shape_names=SHAPE_NAMES,
                deltas=shapes.reshape(len(SHAPE_NAMES), -1).astype(np.float32),
                eyes=tuple(Eye(points=ball.astype(np.int32), centre=_centre(rest[ball])) for ball in balls))


def _shape(name: str, deltas: dict[str, NDArray[np.float32]], count: int) -> NDArray[np.float32]:
    """ARKit's shape `name`, out of ICT's."""
    if name in HALVES:
        return deltas[f"{name}_L"] + deltas[f"{name}_R"]
    own = name.replace("Left", "_L").replace("Right", "_R") if name not in deltas else name
    return deltas.get(own, np.zeros((count, 3), np.float32))


def _centre(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of the sphere through `points`, by least squares."""
    p = points.astype(np.float64)
    left = np.concatenate([2 * p, np.ones((len(p), 1))], 1)
    return np.asarray(np.linalg.lstsq(left, (p * p).sum(1), rcond=None)[0][:3], np.float32)
