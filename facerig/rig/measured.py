"""Terms that are measured, not declared: what the lips and the head do, whichever curves bring it about.

A seal is a distance, and every rig has its own way to close lips. The terms of the lips are taken from the
shipped head, whose lip gap is linear in the curves (`core.mouth`); a rig file may name them like canonical
curves.

    lipsTogether       how much of the lips' parting is taken back: 1 in a seal, 0 at rest and in vowels
    sticky*            the same at one place of the lips alone, beyond what the whole lips do
    lowerLipAtTeeth    the lower lip, turned in, at the edge of the upper teeth: f and v
    headBone*          the head's turn as Unreal's head bone counts it (`head_bone.py`), radians
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import CHANNELS, INDEX
from facerig.core.mouth import mouth_geometry
from facerig.rig.head_bone import HEAD_BONE, head_bone_angles

Array = NDArray[np.float64]

# What brings lips together. Rigs have controls of their own for all but mouthClose, which takes the jaw back.
CLOSERS: Final = ("mouthClose", "mouthPressLeft", "mouthPressRight", "mouthRollLower", "mouthRollUpper",
                  "mouthShrugLower")
SHUT_MM: Final = (1.0, 1.5)  # lips that near look shut; beyond the second they do not
PULLED_MM: Final = (0.1, 0.4)  # apart, by all that parts lips: others lie on each other anyway
CLOSED_SHARE: Final = (0.0, 0.4)  # of the parting: what closers take back where near lips are meant as shut
AT_TEETH_MM: Final = (0.8, 2.2)  # from the lower lip to the edge of the upper teeth: touching, and not at all
LIPS_APART_MM: Final = (1.0, 1.6)  # in the middle: a lip at the teeth of a shut mouth is no f
TURNED_IN: Final = (0.10, 0.26)  # of mouthRollLower: a smile or a raised chin alone is no f

# name               which of the five facing pairs, from the right corner to the left
STICKY: Final = {
    "stickyOuterRight": 0,
    "stickyInnerRight": 1,
    "stickyCentre":     2,
    "stickyInnerLeft":  3,
    "stickyOuterLeft":  4,
}  # fmt: skip
MEASURED: Final = ("lipsTogether", *STICKY, "lowerLipAtTeeth", *HEAD_BONE)

_MIDDLE: Final = 2
_CLOSE: Final = INDEX["mouthClose"]
_CLOSING: Final = [INDEX[name] for name in CLOSERS]
_OTHERS: Final = [i for i in range(len(CHANNELS)) if i not in _CLOSING]


def measured(values: NDArray[Any], names: Iterable[str]) -> dict[str, Array]:
    """The terms `names` of MEASURED, [T] each, for canonical `values` [T, 61]. Raises KeyError for others."""
    asked = tuple(names)
    found: dict[str, Array] = {}
    if any(name in asked for name in HEAD_BONE):
        found |= head_bone_angles(values)
    if any(name not in HEAD_BONE for name in asked):
        found |= _lips(values)
    return {name: found[name] for name in asked}


def _lips(values: NDArray[Any]) -> dict[str, Array]:
    apart = _sum_mm(values, _gap_mm(), range(len(CHANNELS)))
    unclosed = apart - _sum_mm(values, _gap_mm(), [_CLOSE])
    parted = apart - _sum_mm(values, _gap_mm(), _CLOSING)
    pulled = _rising(_sum_mm(values, np.maximum(_gap_mm(), 0.0), _OTHERS), PULLED_MM)
    near, left, wide = apart.max(1), unclosed.max(1), parted.max(1)
    shut = _falling(near, SHUT_MM) * _rising(_share(wide - near, wide), CLOSED_SHARE)
    together = pulled.max(1) * np.maximum(_share(left - near, left), shut)
    there = pulled * _share(unclosed - apart, unclosed)
    return {
        "lipsTogether": together,
        "lowerLipAtTeeth": _at_teeth(values, apart[:, _MIDDLE]),
        **{name: np.maximum(there[:, pair] - together, 0.0) for name, pair in STICKY.items()},
    }


def _at_teeth(values: NDArray[Any], middle_mm: Array) -> Array:
    """A lower lip at the edge of the upper teeth, 0 to 1."""
    teeth_mm = _sum_mm(values, _teeth_mm(), range(len(CHANNELS)))[:, 0] + mouth_geometry().rest_teeth
    turned = _rising(np.asarray(values[:, INDEX["mouthRollLower"]], np.float64), TURNED_IN)
    return _falling(teeth_mm, AT_TEETH_MM) * _rising(middle_mm, LIPS_APART_MM) * turned


@cache
def _gap_mm() -> Array:
    """[61, 5] of the shipped head, made the same on both sides: a mirrored face is measured as mirrored."""
    return _both_sides(mouth_geometry().gap)


@cache
def _teeth_mm() -> Array:
    """[61, 1] of the same."""
    return _both_sides(mouth_geometry().teeth[:, None])


def _both_sides(per_unit: Array) -> Array:
    """[61, n], n places from right to left: the mean with what a mirror shows."""
    mirror = [INDEX[channel.mirror] for channel in CHANNELS]
    return np.asarray((per_unit + per_unit[mirror][:, ::-1]) / 2)


def _sum_mm(values: NDArray[Any], per_unit: Array, channels: Iterable[int]) -> Array:
    """[T, 61] -> [T, n] channel by channel: no matrix product, whose bits depend on T."""
    out = np.zeros((len(values), per_unit.shape[1]))
    for channel in channels:
        if per_unit[channel].any():
            out += values[:, channel, None] * per_unit[channel]
    return out


def _share(part: Array, whole: Array) -> Array:
    """`part` of `whole`, 0 to 1; of next to nothing, next to nothing."""
    return np.asarray(np.clip(part / np.maximum(whole, PULLED_MM[1]), 0.0, 1.0))


def _rising(values: Array, ramp: tuple[float, float]) -> Array:
    """0 up to the ramp's first number, 1 from its second on."""
    return np.asarray(np.clip((values - ramp[0]) / (ramp[1] - ramp[0]), 0.0, 1.0))


def _falling(values: Array, ramp: tuple[float, float]) -> Array:
    return 1.0 - _rising(values, ramp)
