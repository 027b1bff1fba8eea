"""Which group of controls moves which curve, and how high on the face a curve acts."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import NAMES
from facerig.performance.control.selection import curves_named
from facerig.performance.easing import smooth

Numbers = NDArray[np.float64]

GROUPS: Final = ("skin", "blink", "eyes", "tongue", "head")
SKIN: Final = GROUPS.index("skin")

# height: where a shape moves the skin of the shipped head, weighted by the square of the way; 0 is the chin,
#     1 the upper end of the brows. Blinks, eyes, tongue and head have strengths of their own, and are never
#     smoothed with the skin: a blink of a fifth of a second would be lost.
# curves               height   group
_TABLE: Final = """
browDown               0.87     skin
browInnerUp            0.85     skin
browOuterUp            0.83     skin
eyeWide                0.74     skin
eyeSquint              0.66     skin
noseSneer              0.60     skin
cheekSquint            0.52     skin
mouthUpperUp           0.34     skin
mouthShrugUpper        0.34     skin
mouthRollUpper         0.33     skin
cheekPuff              0.32     skin
mouthFunnel            0.31     skin
mouthPucker            0.29     skin
mouthLeft              0.29     skin
mouthRight             0.29     skin
mouthFrown             0.29     skin
mouthStretch           0.29     skin
mouthSmile             0.28     skin
mouthDimple            0.28     skin
mouthPress             0.28     skin
mouthClose             0.26     skin
mouthShrugLower        0.25     skin
mouthLowerDown         0.23     skin
mouthRollLower         0.22     skin
jawOpen                0.18     skin
jawForward             0.16     skin
jawLeft                0.16     skin
jawRight               0.16     skin
eyeBlink               0.74     blink
eyeLookDown            0.73     eyes
eyeLookUp              0.73     eyes
eyeLookIn              0.70     eyes
eyeLookOut             0.70     eyes
leftEyeYaw             0.70     eyes
leftEyePitch           0.70     eyes
leftEyeRoll            0.70     eyes
rightEyeYaw            0.70     eyes
rightEyePitch          0.70     eyes
rightEyeRoll           0.70     eyes
tongueOut              0.30     tongue
headYaw                0.50     head
headPitch              0.50     head
headRoll               0.50     head
"""


def _columns() -> tuple[Numbers, NDArray[np.int64]]:
    heights, groups = np.full(len(NAMES), np.nan), np.zeros(len(NAMES), np.int64)
    for line in _TABLE.strip().splitlines():
        name, height, group = line.split()
        at = list(curves_named(name))
        heights[at], groups[at] = float(height), GROUPS.index(group)
    return heights, groups


HEIGHT, GROUP = _columns()  # of every curve [61]


def upper_share(level: float, softness: float) -> Numbers:
    """How far a curve belongs to the upper face [61]: 1 above the border at `level`, 0 below.

    softness: how wide the passage around the border is.
    """
    x = np.clip((HEIGHT - level) / max(softness, 1e-6) + 0.5, 0.0, 1.0)
    return np.asarray(smooth(x), np.float64)
