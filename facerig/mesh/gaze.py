"""Rotations of head and eyes from the canonical curves.

Signs are Live Link Face's (see `core.channels`): yaw positive to the subject's own right, pitch positive
downwards, roll positive towards the left shoulder. On the head's axes (x to the subject's left, y up, z to
the front) these are turns around -y, +x and -z.

Live Link gives the gaze twice, as eye rotations and as eyeLook shapes; an engine may fill only one of them.
The stronger of the two is shown, which is the same wherever both are given.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX
from facerig.core.looking import LOOK_DOWN_RADIANS, LOOK_IN_RADIANS, LOOK_OUT_RADIANS, LOOK_UP_RADIANS

Floats = NDArray[np.float32]


def rotation(yaw: float, pitch: float, roll: float) -> Floats:
    """Matrix [3, 3] that rolls, then pitches, then turns a point of the head."""
    cy, sy, cp, sp, cr, sr = (f(a) for a in (-yaw, pitch, -roll) for f in (np.cos, np.sin))
    turn = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    nod = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    tilt = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return np.asarray(turn @ nod @ tilt, np.float32)


def head_rotation(values: NDArray[np.floating]) -> Floats:
    """Rotation of the head for the 61 canonical values."""
    return rotation(*(float(values[INDEX[f"head{axis}"]]) for axis in ("Yaw", "Pitch", "Roll")))


def eye_angles(values: NDArray[np.floating], side: str) -> tuple[float, float, float]:
    """(yaw, pitch, roll) in radians of the eye on `side` (Left or Right), from rotations and shapes together.
    """
    def shape(name: str) -> float:
        return float(values[INDEX[f"eyeLook{name}{side}"]])

    inwards = shape("In") * LOOK_IN_RADIANS - shape("Out") * LOOK_OUT_RADIANS
    yaw = inwards if side == "Left" else -inwards  # the left eye looks inwards to the right: positive
    pitch = shape("Down") * LOOK_DOWN_RADIANS - shape("Up") * LOOK_UP_RADIANS
    prefix = side.lower() + "Eye"
    given = [float(values[INDEX[prefix + axis]]) for axis in ("Yaw", "Pitch", "Roll")]
    return _stronger(given[0], yaw), _stronger(given[1], pitch), given[2]


def eye_rotations(values: NDArray[np.floating]) -> Sequence[Floats]:
    """Rotations of the left and the right eye relative to the head."""
    return [rotation(*eye_angles(values, side)) for side in ("Left", "Right")]


def _stronger(a: float, b: float) -> float:
    return a if abs(a) >= abs(b) else b
