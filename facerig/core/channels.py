"""The canonical 61 curves: Live Link Face's, in the order of its CSV.

52 ARKit blendshapes in [0, 1], then head and eye rotations in radians. Names are ARKit's; Live Link writes
them with a capital first letter. Its UDP packet has another order (see PEERS in the protocol): everything
here carries names, and nothing may rely on order alone.

Signs of the rotations are Live Link Face's, as read off recordings of the app (eyeLookInLeft and
eyeLookOutRight go with positive yaw, eyeLookDown with positive pitch) and as its ARKit-to-Unreal change of
axes gives them: yaw is positive to the subject's own right, pitch positive downwards, roll positive towards
the subject's left shoulder.

Source: Apple ARKit ARBlendShapeLocation; Live Link Face CSV as recorded by the app.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import Final


@dataclass(frozen=True, slots=True)
class Channel:
    """One curve: `low` and `high` bound its value, `mirror` names its other-side partner (itself if none)."""

    name: str
    mirror: str
    region: str
    low: float
    high: float

    @property
    def livelink_name(self) -> str:
        """The name in a Live Link Face CSV: `jawOpen` -> `JawOpen`."""
        return self.name[0].upper() + self.name[1:]


# name                 region    mirror: same name with the other side, unless given
_SHAPES: Final = """
eyeBlinkLeft           lids
eyeLookDownLeft        gaze
eyeLookInLeft          gaze
eyeLookOutLeft         gaze
eyeLookUpLeft          gaze
eyeSquintLeft          lids
eyeWideLeft            lids
eyeBlinkRight          lids
eyeLookDownRight       gaze
eyeLookInRight         gaze
eyeLookOutRight        gaze
eyeLookUpRight         gaze
eyeSquintRight         lids
eyeWideRight           lids
jawForward             jaw
jawRight               jaw       jawLeft
jawLeft                jaw       jawRight
jawOpen                jaw
mouthClose             mouth
mouthFunnel            mouth
mouthPucker            mouth
mouthRight             mouth     mouthLeft
mouthLeft              mouth     mouthRight
mouthSmileLeft         mouth
mouthSmileRight        mouth
mouthFrownLeft         mouth
mouthFrownRight        mouth
mouthDimpleLeft        mouth
mouthDimpleRight       mouth
mouthStretchLeft       mouth
mouthStretchRight      mouth
mouthRollLower         mouth
mouthRollUpper         mouth
mouthShrugLower        mouth
mouthShrugUpper        mouth
mouthPressLeft         mouth
mouthPressRight        mouth
mouthLowerDownLeft     mouth
mouthLowerDownRight    mouth
mouthUpperUpLeft       mouth
mouthUpperUpRight      mouth
browDownLeft           brows
browDownRight          brows
browInnerUp            brows
browOuterUpLeft        brows
browOuterUpRight       brows
cheekPuff              cheeks
cheekSquintLeft        cheeks
cheekSquintRight       cheeks
noseSneerLeft          nose
noseSneerRight         nose
tongueOut              tongue
"""
_ROTATIONS: Final = """
headYaw                head
headPitch              head
headRoll               head
leftEyeYaw             eyes      rightEyeYaw
leftEyePitch           eyes      rightEyePitch
leftEyeRoll            eyes      rightEyeRoll
rightEyeYaw            eyes      leftEyeYaw
rightEyePitch          eyes      leftEyePitch
rightEyeRoll           eyes      leftEyeRoll
"""


def _swap_side(name: str) -> str:
    for side, other in (("Left", "Right"), ("Right", "Left")):
        if name.endswith(side):
            return name.removesuffix(side) + other
    return name


def _channels(table: str, low: float, high: float) -> tuple[Channel, ...]:
    rows = (line.split() for line in table.strip().splitlines())
    return tuple(Channel(name, mirror[0] if mirror else _swap_side(name), region, low, high)
                 for name, region, *mirror in rows)


CHANNELS: Final = _channels(_SHAPES, 0.0, 1.0) + _channels(_ROTATIONS, -pi, pi)
N_CHANNELS: Final = len(CHANNELS)
NAMES: Final = tuple(c.name for c in CHANNELS)
SHAPE_NAMES: Final = NAMES[: len(_SHAPES.split("\n")) - 2]  # the 52 of ARKit
INDEX: Final = {name: i for i, name in enumerate(NAMES)}
BY_LOWER_NAME: Final = {name.lower(): name for name in NAMES}


def indices(names: tuple[str, ...]) -> list[int]:
    """Positions of `names` in the canonical order. Raises KeyError for a name that is not a channel."""
    return [INDEX[n] for n in names]
