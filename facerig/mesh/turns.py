"""Turns of the head and the eyes over many frames, as angles and as quaternions, for formats that have bones.

The same rotations as `gaze.rotation` makes frame by frame: a point is rolled around -z, pitched around +x,
turned around -y (x to the subject's left, y up, z to the front). Quaternions are (w, x, y, z).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX, indices
from facerig.core.looking import LOOK_DOWN_RADIANS, LOOK_IN_RADIANS, LOOK_OUT_RADIANS, LOOK_UP_RADIANS

Array = NDArray[np.float64]

# joint      the canonical curves of its angles: yaw, pitch, roll
ANGLES_OF: Final[dict[str, tuple[str, str, str]]] = {
    "head": ("headYaw", "headPitch", "headRoll"),
    "leftEye": ("leftEyeYaw", "leftEyePitch", "leftEyeRoll"),
    "rightEye": ("rightEyeYaw", "rightEyePitch", "rightEyeRoll"),
}
_SIDES: Final = {"leftEye": ("Left", 1.0), "rightEye": ("Right", -1.0)}  # sign of a yaw inwards


def turn_angles(face: NDArray[Any], joint: str) -> Array:
    """Yaw, pitch, roll [T, 3] in radians of a joint of ANGLES_OF, for canonical values `face` [T, 61]. For
    eyes the rotations and the eyeLook shapes together, as `gaze.eye_angles`."""
    face = np.asarray(face, np.float64)
    angles = face[:, indices(ANGLES_OF[joint])]
    if joint in _SIDES:
        side, inwards = _SIDES[joint]
        look = {way: face[:, INDEX[f"eyeLook{way}{side}"]] for way in ("In", "Out", "Up", "Down")}
        yaw = inwards * (look["In"] * LOOK_IN_RADIANS - look["Out"] * LOOK_OUT_RADIANS)
        pitch = look["Down"] * LOOK_DOWN_RADIANS - look["Up"] * LOOK_UP_RADIANS
        for axis, shown in enumerate((yaw, pitch)):
            angles[:, axis] = np.where(np.abs(shown) > np.abs(angles[:, axis]), shown, angles[:, axis])
    return angles


def quaternions(angles: Array) -> Array:
    """Unit quaternions [T, 4] for yaw, pitch, roll [T, 3], each of the sign that is nearer to the one before.
    """
    (cy, cp, cr), (sy, sp, sr) = np.cos(angles.T / 2), np.sin(angles.T / 2)
    sy, sr = -sy, -sr  # yaw turns around -y, roll around -z
    turns = np.stack([cy * cp * cr + sy * sp * sr, cy * sp * cr + sy * cp * sr,
                      sy * cp * cr - cy * sp * sr, cy * cp * sr - sy * sp * cr], 1)
    flips = np.where((turns[1:] * turns[:-1]).sum(1) < 0, -1.0, 1.0)
    turns[1:] *= np.cumprod(flips)[:, None]
    return turns


def angles_of(turns: NDArray[Any]) -> Array:
    """Yaw, pitch, roll [T, 3] of quaternions [T, 4], the inverse of `quaternions`: pitch within a quarter
    turn. A quaternion of length zero turns nothing."""
    turns = np.asarray(turns, np.float64)
    w, x, y, z = (turns / np.maximum(np.linalg.norm(turns, axis=1, keepdims=True), 1e-30)).T
    still = np.linalg.norm(turns, axis=1) < 1e-12
    w = np.where(still, 1.0, w)
    yaw = -np.arctan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y))
    pitch = np.arcsin(np.clip(2 * (w * x - y * z), -1, 1))
    roll = -np.arctan2(2 * (x * y + w * z), 1 - 2 * (x * x + z * z))
    return np.stack([yaw, pitch, roll], 1)
