"""The head's turn as Unreal's head bone counts it: HeadRoll, HeadPitch and HeadYaw of a MetaHuman.

Those three curves are a rotator about the axes of the bone `head`, and this bone does not lie as the face
looks: its rest is a quarter turn about y, of a face that looks down +y with z up (Epic's
MetaHumanHeadTransform: quaternion 0, 0.7071, 0, -0.7071). So, for each alone,

    turn to the subject's right      roll  -
    nod down                         yaw   +
    tilt to the left shoulder        pitch -

A canonical head is tilted, then nodded, then turned; a rotator rolls, then pitches, then yaws. The angles
below are the same rotation, not axis by axis.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX

Array = NDArray[np.float64]

HEAD_BONE: Final = ("headBoneYaw", "headBonePitch", "headBoneRoll")
_TURNS: Final = ("headYaw", "headPitch", "headRoll")


def head_bone_angles(values: NDArray[Any]) -> dict[str, Array]:
    """The angles of HEAD_BONE, radians [T] each, for canonical `values` [T, 61]."""
    turn, nod, tilt = (np.asarray(values[:, INDEX[name]], np.float64) for name in _TURNS)
    (cu, su), (cn, sn), (ct, st) = ((np.cos(angle), np.sin(angle)) for angle in (turn, nod, tilt))
    # What angles are read from, of Rx(turn) Rz(nod) Ry(tilt): the rotation on the bone's axes.
    left_x, left_y = cn * ct, cu * sn * ct + su * st
    up_x = su * sn * ct - cu * st
    up_y, up_z = su * cn, su * sn * st + cu * ct
    return {
        "headBoneYaw": np.arctan2(left_y, left_x),
        "headBonePitch": np.arcsin(np.clip(up_x, -1.0, 1.0)),
        "headBoneRoll": -np.arctan2(up_y, up_z),
    }
