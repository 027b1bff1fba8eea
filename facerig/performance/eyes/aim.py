"""From a direction of the gaze and a pose of the head to each eye's curves.

Exact in space: the head's turns are undone, and each eye stands 31.5 mm beside the middle, so that near
targets are looked at by crossing (an interpupillary distance of 63 mm, Dodgson 2004).

All is made of sums, products, quotients and roots, the same for one frame as floats and for many as arrays:
a single frame costs a tenth of what arrays of one would, and comes out with the same bits.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX
from facerig.core.looking import LOOK_DOWN_RADIANS, LOOK_IN_RADIANS, LOOK_OUT_RADIANS, LOOK_UP_RADIANS
from facerig.performance.eyes.lids import following
from facerig.performance.eyes.saccades import Number, Pick

HALF_IPD_METRES: Final = 0.0315
# How far an eye turns, radians: eyeballs reach some 45 degrees, people use 35 (Guitton & Volle 1987), and
# an eyeLook shape ends at 1.
MOST_OUT: Final = math.radians(35)
MOST_IN, MOST_UP, MOST_DOWN = LOOK_IN_RADIANS, LOOK_UP_RADIANS, LOOK_DOWN_RADIANS

_COLUMNS: Final = np.array([INDEX[name.format(side.lower(), side)] for side in ("Left", "Right") for name in (
    "{0}EyeYaw", "{0}EyePitch", "eyeLookIn{1}", "eyeLookOut{1}", "eyeLookDown{1}", "eyeLookUp{1}",
    "eyeBlink{1}", "eyeWide{1}")])


def draw(gaze: NDArray[np.float64], head: NDArray[np.float64], lids: NDArray[np.float64] | float,
         out: NDArray[np.float32]) -> None:
    """Write eye rotations, eyeLook shapes and the lids that follow into `out` [n, 61].

    gaze: yaw, pitch, nearness, [3, n] or [3, 1]; head: yaw, pitch, roll in radians [n, 3]; lids: [n] or one.
    """
    angles = pointed(gaze, head.T, np.sqrt, np.minimum, np.maximum)
    for column, values in zip(_COLUMNS, shown(angles, lids, np.maximum), strict=True):
        out[:, column] = values


def draw_few(gaze: NDArray[np.float64], head: NDArray[np.float64], lids: NDArray[np.float64],
             out: NDArray[np.float32]) -> None:
    """The same, row by row, for gaze [n, 3] and lids [n]."""
    out[:, _COLUMNS] = [shown(pointed(aim, pose, math.sqrt, min, max), amount, max)
                        for aim, pose, amount
                        in zip(gaze.tolist(), head.tolist(), lids.tolist(), strict=True)]


def pointed(gaze: Number, head: Number, sqrt: Callable[[Number], Number], least: Pick, most: Pick
            ) -> tuple[Number, Number, Number, Number]:
    """Yaw and pitch of the left eye, then of the right, in the head, radians.

    gaze: yaw, pitch, nearness; head: yaw, pitch, roll. The rest says how numbers of this kind are handled.
    """
    (yaw, pitch, near), (head_yaw, head_pitch, head_roll) = gaze, head
    s, level = _turn(pitch)
    y = -s
    s, c = _turn(yaw)
    x, z = -s * level, c * level
    s, c = _turn(head_yaw)
    x, z = c * x + s * z, c * z - s * x
    s, c = _turn(head_pitch)
    y, z = c * y + s * z, c * z - s * y
    s, c = _turn(head_roll)
    x, y = c * x - s * y, s * x + c * y
    half = HALF_IPD_METRES * near
    left, right = _angles(x - half, y, z, sqrt), _angles(x + half, y, z, sqrt)
    return (least(most(left[0], -MOST_OUT), MOST_IN), least(most(left[1], -MOST_UP), MOST_DOWN),
            least(most(right[0], -MOST_IN), MOST_OUT), least(most(right[1], -MOST_UP), MOST_DOWN))


def shown(angles: tuple[Number, Number, Number, Number], lids: Number, most: Pick) -> tuple[Number, ...]:
    """Values of _COLUMNS for the angles that `pointed` gives."""
    values: tuple[Number, ...] = ()
    for yaw, pitch, inwards in ((angles[0], angles[1], angles[0]), (angles[2], angles[3], -angles[2])):
        down, up = most(pitch, 0.0) / LOOK_DOWN_RADIANS, most(-pitch, 0.0) / LOOK_UP_RADIANS
        look_in, look_out = most(inwards, 0.0) / LOOK_IN_RADIANS, most(-inwards, 0.0) / LOOK_OUT_RADIANS
        values = (*values, yaw, pitch, look_in, look_out, down, up, *following(down, up, lids))
    return values


def _angles(x: Number, y: Number, z: Number, sqrt: Callable[[Number], Number]) -> tuple[Number, Number]:
    """Yaw to the right and pitch down of a direction."""
    flat = sqrt(x * x + z * z)
    return _angle(-x, z, flat, sqrt), _angle(-y, flat, sqrt(flat * flat + y * y), sqrt)


def _angle(across: Number, ahead: Number, length: Number, sqrt: Callable[[Number], Number]) -> Number:
    """atan2(across, ahead), within 1e-7 up to 90 degrees: the quarter's tangent, then its series."""
    t = across / (ahead + length + 1e-12)
    t = t / (1.0 + sqrt(1.0 + t * t))
    s = t * t
    tail = s * (1 / 9 - s * (1 / 11 - s * (1 / 13 - s * (1 / 15 - s * (1 / 17)))))
    return 4.0 * (t * (1.0 - s * (1 / 3 - s * (1 / 5 - s * (1 / 7 - tail)))))


def _turn(x: Number) -> tuple[Number, Number]:
    """Sine and cosine by their series, within 3e-5 up to half a turn either way and 1e-9 up to a quarter."""
    s = x * x
    sine = x * (1 - s / 6 * (1 - s / 20 * (1 - s / 42 * (1 - s / 72 * (1 - s / 110 * (1 - s / 156))))))
    tail = s / 56 * (1 - s / 90 * (1 - s / 132 * (1 - s / 182)))
    return sine, 1 - s / 2 * (1 - s / 12 * (1 - s / 30 * (1 - tail)))
