"""From a direction of the gaze and a pose of the head to each eye's curves.

Exact in space: the head's turns are undone (the eyes counter-roll nothing, as roll is left to the head), and
each eye stands 31.5 mm beside the middle, so that near targets are looked at by crossing (an interpupillary
distance of 63 mm, Dodgson 2004). Rows are independent of each other: frames of one stream or of many.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX
from facerig.core.looking import LOOK_DOWN_RADIANS, LOOK_IN_RADIANS, LOOK_OUT_RADIANS, LOOK_UP_RADIANS
from facerig.performance.eyes.lids import COLUMNS as LID_COLUMNS
from facerig.performance.eyes.lids import following

Floats = NDArray[np.float64]

HALF_IPD_METRES: Final = 0.0315
# How far an eye turns, radians: eyeballs reach some 45 degrees, people use 35 (Guitton & Volle 1987), and
# an eyeLook shape ends at 1.
MOST_OUT: Final = math.radians(35)
MOST_IN, MOST_UP, MOST_DOWN = LOOK_IN_RADIANS, LOOK_UP_RADIANS, LOOK_DOWN_RADIANS

_SIDES: Final = ("Left", "Right")
_SIGN: Final = np.array([[1.0], [-1.0]])  # of x, to the subject's left
_LOW_YAW, _HIGH_YAW = np.array([[-MOST_OUT], [-MOST_IN]]), np.array([[MOST_IN], [MOST_OUT]])
_COLUMNS: Final = np.array([
    *(INDEX[f"{side}Eye{axis}"] for axis in ("Yaw", "Pitch") for side in ("left", "right")),
    *(INDEX[f"eyeLook{way}{side}"] for way in ("In", "Out", "Down", "Up") for side in _SIDES),
    *LID_COLUMNS])


def eyes(gaze: Floats, head: Floats) -> tuple[Floats, Floats]:
    """Yaw and pitch of both eyes in the head, radians, each [2, n] (left, right).

    gaze: [3, n] or [3, 1] as `saccades.gaze_at` gives; head: yaw, pitch, roll in radians, [n, 3].
    """
    sines, cosines = np.sin(head.T), np.cos(head.T)
    (sin_yaw, sin_pitch, sin_roll), (cos_yaw, cos_pitch, cos_roll) = sines, cosines
    sin_aim, cos_aim = np.sin(gaze[:2]), np.cos(gaze[:2])
    x, y, z = -sin_aim[0] * cos_aim[1], -sin_aim[1], cos_aim[0] * cos_aim[1]
    x, z = cos_yaw * x + sin_yaw * z, cos_yaw * z - sin_yaw * x
    y, z = cos_pitch * y + sin_pitch * z, cos_pitch * z - sin_pitch * y
    x, y = cos_roll * x - sin_roll * y, sin_roll * x + cos_roll * y
    across = x - _SIGN * (HALF_IPD_METRES * gaze[2])
    yaw = np.clip(np.arctan2(-across, z), _LOW_YAW, _HIGH_YAW)
    pitch = np.arctan2(-y, np.sqrt(across * across + z * z))
    return np.asarray(yaw, np.float64), np.asarray(np.clip(pitch, -MOST_UP, MOST_DOWN), np.float64)


def curves(yaw: Floats, pitch: Floats, lids: float, out: NDArray[np.float32]) -> None:
    """Write eye rotations, eyeLook shapes and the lids that follow into `out` [n, 61]."""
    inwards = yaw * _SIGN
    look_in, look_out = np.maximum(inwards, 0.0), np.maximum(-inwards, 0.0)
    down, up = np.maximum(pitch, 0.0) / LOOK_DOWN_RADIANS, np.maximum(-pitch, 0.0) / LOOK_UP_RADIANS
    rows = np.concatenate([yaw, pitch, look_in / LOOK_IN_RADIANS, look_out / LOOK_OUT_RADIANS, down, up,
                           following(down, up, lids)])
    out[:, _COLUMNS] = rows.T
