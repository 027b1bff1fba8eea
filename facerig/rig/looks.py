"""The gaze, told twice: by eyeLook shapes and by rotations of the eyes. Where a rig tells one, the other
follows.

Degrees of the shapes are those of `core.looking`; signs those of `core.channels`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX
from facerig.core.looking import LOOK_DOWN_RADIANS, LOOK_IN_RADIANS, LOOK_OUT_RADIANS, LOOK_UP_RADIANS

#  rotation       shape where it is positive, and its radians   where it is negative
LOOKS: Final = (
    ("leftEyeYaw", ("eyeLookInLeft", LOOK_IN_RADIANS), ("eyeLookOutLeft", LOOK_OUT_RADIANS)),
    ("rightEyeYaw", ("eyeLookOutRight", LOOK_OUT_RADIANS), ("eyeLookInRight", LOOK_IN_RADIANS)),
    ("leftEyePitch", ("eyeLookDownLeft", LOOK_DOWN_RADIANS), ("eyeLookUpLeft", LOOK_UP_RADIANS)),
    ("rightEyePitch", ("eyeLookDownRight", LOOK_DOWN_RADIANS), ("eyeLookUpRight", LOOK_UP_RADIANS)),
)


def with_both(face: NDArray[Any], unknown: Collection[str]) -> NDArray[Any]:
    """Canonical `face` [T, 61] with the curves of the gaze that are `unknown` told by the others."""
    out = face.copy()
    for rotation, *shapes in LOOKS:
        named = [name for name, _ in shapes]
        if rotation in unknown and not set(named) <= set(unknown):
            (plus, positive), (minus, negative) = shapes
            out[:, INDEX[rotation]] = face[:, INDEX[plus]] * positive - face[:, INDEX[minus]] * negative
        elif rotation not in unknown and set(named) <= set(unknown):
            for (name, radians), sign in zip(shapes, (1, -1), strict=True):
                out[:, INDEX[name]] = np.clip(sign * face[:, INDEX[rotation]] / radians, 0, 1)
    return out
