"""Faces as they are, and as a rig gives them back: what it can show, to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.preview.faces import draw_faces
from facerig.rig import Rig
from facerig.rig.inverse import Inverse
from facerig.rig_checking import FACES

#  label        curves
SHOWN: Final = {
    "p b m": FACES["seal"],
    "f v": FACES["contact"],
    "open": FACES["vowel"],
    "round": {"jawOpen": 0.10, "mouthFunnel": 0.2, "mouthPucker": 0.7},
    "smile": {"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8, "cheekSquintLeft": 0.6, "cheekSquintRight": 0.6},
    "brows": {"browInnerUp": 0.8, "browOuterUpLeft": 0.8, "browOuterUpRight": 0.8, "eyeWideLeft": 0.6,
              "eyeWideRight": 0.6},
    "wink": {"eyeBlinkLeft": 1.0, "mouthLeft": 0.5},
    "look": {"eyeLookInLeft": 0.8, "eyeLookOutRight": 0.8, "headYaw": 0.2},
}  # fmt: skip


def draw_rig(rig: Rig, out: Path) -> None:
    """Write `out`, a PNG: the faces of SHOWN above, and below what is left of them after `rig` and back."""
    faces = np.zeros((len(SHOWN), N_CHANNELS), np.float32)
    for row, curves in zip(faces, SHOWN.values(), strict=True):
        for name, value in curves.items():
            row[INDEX[name]] = value
    inverse = Inverse(rig)
    back = inverse.solve(inverse.engine.values(faces)).values
    draw_faces([("as it is", "", list(faces)), (rig.name, "there and back", list(back))], list(SHOWN), out)
