"""Each emotion's full pose: action units and their intensities, and the head's posture.

A pose is what the face does at its apex, at rest from speech. Poses are kept such that a mixture of them
whose weights sum to 1 or less stays in the channels' ranges and leaves the lips whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import CHANNELS, INDEX, N_CHANNELS
from facerig.performance.emotion.units import UNITS

Array = NDArray[np.float32]

REGIONS: Final = ("brows", "eyes", "cheeks", "mouth")
# A weak emotion is taken further than its weight, or 0.3 would look like nothing: 0.38; 0.6 is 0.70.
SOONER: Final = 0.4
_REGION_OF: Final = {"brows": "brows", "lids": "eyes", "cheeks": "cheeks", "nose": "cheeks",
                     "mouth": "mouth", "jaw": "mouth"}

# Intensities of action units, 0 to 1; 12L 0.5 is the left side's alone. The prototypes name the units; the
# intensities are the clearest that still looks unforced on the shipped head. Head: degrees, signs of
# core.channels (yaw to the own right, pitch down, roll to the left shoulder).
#
# source codes
# EMFACS   Ekman & Friesen 1983, EMFACS-7; Ekman, Friesen & Hager 2002, FACS Investigator's Guide, table 10-2
# DTM      Du, Tao & Martinez 2014, Compound facial expressions of emotion
# ME       Ekman & Heider 1988; Matsumoto & Ekman 2004: the one-sided lip corner of contempt
# SCK      Shiota, Campos & Keltner 2003, The faces of positive emotion: awe
# PS       Prkachin & Solomon 2008, The structure, reliability and validity of pain expression
# MM       de Morree & Marcora 2010, The face of effort: the brow lowerer follows effort
# own      no prototype is published; the units are ours
_TABLE: Final = """
joy          EMFACS  6+12, lips apart in a broad smile (25)
  units      6 0.85  12 0.90  10 0.50  25 0.20  26 0.30  2 0.15
  head       0 -2 1.5
anger        EMFACS  4+5+7+23 or 24
  units      4 1.0  5 0.40  7 0.40  9 0.50  23 0.85  17 0.60  15 0.35  29 0.15
  head       0 6 0
sadness      EMFACS  1+4+15, with 17 and 41
  units      1 1.0  4 0.30  15 0.85  17 0.45  41 0.50  7 0.10
  head       0 7 3
fear         EMFACS  1+2+4+5+20+25, 26
  units      1 1.0  2 0.35  4 0.40  5 1.0  20 1.0  25 0.80  26 0.25
  head       0 -3 0
disgust      EMFACS  9+10+17, 15 or 16
  units      9 1.0  10 0.75  4 0.45  7 0.45  15 0.50  17 0.60  6 0.40
  head       4 -3 0
surprise     EMFACS  1+2+5 with 26 or 27
  units      1 1.0  2 1.0  5 1.0  27 0.56
  head       0 -3 0
contempt     ME  12+14 on one side
  units      12L 0.55  14L 1.0  14R 0.10  7 0.30  2L 0.35  4R 0.35  41 0.35  17 0.15
  head       4 -5 -2
amazement    SCK, DTM  1+2+5+12+25+26, happily surprised
  units      1 0.80  2 1.0  5 0.85  12 0.75  6 0.35  25 0.50  26 0.85
  head       0 -4 0
cheekiness   own  a one-sided grin (12, 6) under one raised brow (2)
  units      12L 0.95  12R 0.30  6L 0.70  6R 0.15  14L 0.30  2R 0.95  1 0.15  4L 0.45  7L 0.30
  head       -3 2 6
grief        EMFACS, own  sadness with 6+7+20+25 and closing eyes: crying
  units      1 1.0  4 0.55  6 0.50  7 0.35  43 0.22  10 0.35  15 0.70  17 0.20  20 0.65  25 0.75  26 0.25
  head       0 10 3
outofbreath  MM, own  4 with the mouth open to breathe and heavy lids
  units      1 0.60  4 0.45  26 0.85  25 0.55  41 0.50  9 0.30  6 0.15
  head       0 -6 2
pain         PS  4 + 6 or 7 + 9 or 10 + 43, with 20 and 25
  units      4 1.0  6 0.80  7 0.60  9 0.75  10 0.45  43 0.38  20 0.85  25 0.85
  head       5 5 3
"""


@dataclass(frozen=True, slots=True)
class Pose:
    """An emotion at its apex: `units` as (number, left, right), `head` yaw, pitch, roll in radians."""

    name: str
    source: str
    units: tuple[tuple[int, float, float], ...]
    head: tuple[float, float, float]

    @property
    def values(self) -> NDArray[np.float64]:
        """Its curves [61] without the head's; two units that pull the same curve do not pull beyond 1."""
        moved = [UNITS[number].values(left, right) for number, left, right in self.units]
        return np.asarray(np.minimum(np.sum([np.zeros(N_CHANNELS), *moved], 0), 1.0))


def _intensities(words: Sequence[str]) -> tuple[tuple[int, float, float], ...]:
    sides: dict[int, list[float]] = {}
    for word, text in zip(words[::2], words[1::2], strict=True):
        left_right = sides.setdefault(int(word.rstrip("LR")), [0.0, 0.0])
        for k, side in enumerate("LR"):
            if word[-1] == side or word[-1] not in "LR":
                left_right[k] = float(text)
    return tuple((number, left, right) for number, (left, right) in sides.items())


def _poses() -> dict[str, Pose]:
    poses = {"neutral": Pose("neutral", "", (), (0.0, 0.0, 0.0))}
    lines = _TABLE.strip().splitlines()
    for title, units, head in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        name, source = title.split(None, 1)
        yaw, pitch, roll = np.radians([float(x) for x in head.split()[1:]]).tolist()
        poses[name] = Pose(name, source, _intensities(units.split()[1:]), (yaw, pitch, roll))
    return poses


POSES: Final = _poses()
EMOTIONS: Final = tuple(POSES)
EMOTION: Final = {name: i for i, name in enumerate(EMOTIONS)}
HEAD: Final = (INDEX["headYaw"], INDEX["headPitch"], INDEX["headRoll"])
CURVES: Final = np.stack([pose.values for pose in POSES.values()]).astype(np.float64)  # [13, 61]
POSTURES: Final = np.array([pose.head for pose in POSES.values()])  # [13, 3]
# of each channel, -1: no emotion moves it
REGION_OF_CHANNEL: Final = np.array([REGIONS.index(_REGION_OF[c.region]) if c.region in _REGION_OF else -1
                                     for c in CHANNELS])


def shown(weights: NDArray[np.floating]) -> NDArray[np.float64]:
    """How far each pose is taken for weights [13, 4], whose sum in a region is 1 at most, as it then is."""
    return np.asarray(weights * (1.0 + SOONER * (1.0 - weights.sum(0))), np.float64)


def face(weights: NDArray[np.floating]) -> NDArray[np.float64]:
    """The curves [61], the head's among them, of weights [13, 4] at their apex."""
    taken = shown(weights)
    shares = np.concatenate([taken, np.zeros((len(EMOTIONS), 1))], 1)[:, REGION_OF_CHANNEL]
    curves = (shares * CURVES).sum(0)
    curves[list(HEAD)] = posture(taken.mean(1)[None])[0]
    return np.asarray(curves, np.float64)


def posture(weights: NDArray[np.floating]) -> Array:
    """Yaw, pitch and roll of the head, radians [n, 3], for weights of the emotions [n, 13]."""
    return np.asarray((np.asarray(weights, np.float64)[:, :, None] * POSTURES).sum(1), np.float32)
