"""Facial action units as canonical curves.

FACS describes a face by the muscles that act (Ekman, Friesen & Hager 2002); ARKit's shapes were drawn by eye.
Few match one to one, so a unit is a combination of curves, scaled so that 1 is the strongest a face shows
(intensity E of FACS). What each unit looks like is FACS's; which curves show it follows the public charts of
ARKit against FACS (Ozel, "ARKit to FACS cheat sheet", 2020) and, where those list several or none, what the
shipped head looks like.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX, N_CHANNELS

# unit  FACS name                 curves at full intensity, a name without a side is both sides
_TABLE: Final = """
1       inner brow raiser         browInnerUp 1.0
2       outer brow raiser         browOuterUp 1.0  browInnerUp 0.10
4       brow lowerer              browDown 1.0
5       upper lid raiser          eyeWide 1.0
6       cheek raiser              cheekSquint 1.0  eyeSquint 0.45
7       lid tightener             eyeSquint 1.0
9       nose wrinkler             noseSneer 1.0  browDown 0.25  mouthUpperUp 0.15
10      upper lip raiser          mouthUpperUp 1.0  noseSneer 0.25
11      nasolabial deepener       noseSneer 0.25  mouthUpperUp 0.10
12      lip corner puller         mouthSmile 1.0
14      dimpler                   mouthDimple 1.0  mouthPress 0.15
15      lip corner depressor      mouthFrown 1.0
16      lower lip depressor       mouthLowerDown 1.0
17      chin raiser               mouthShrugLower 0.8  mouthShrugUpper 0.65
18      lip pucker                mouthPucker 1.0
20      lip stretcher             mouthStretch 1.0
22      lip funneler              mouthFunnel 1.0
23      lip tightener             mouthPress 0.45  mouthRollLower 0.25  mouthRollUpper 0.25
24      lip pressor               mouthPress 0.7  mouthRollLower 0.45  mouthRollUpper 0.35
25      lips part                 mouthLowerDown 0.55  mouthUpperUp 0.25
26      jaw drop                  jawOpen 0.45
27      mouth stretch             jawOpen 0.9
29      jaw thrust                jawForward 1.0
34      cheek puff                cheekPuff 1.0
41      lid droop                 eyeBlink 0.4
43      eye closure               eyeBlink 1.0
"""
SIDES: Final = ("Left", "Right")


@dataclass(frozen=True, slots=True)
class Unit:
    """One action unit: its FACS `number` and `name`, and the `curves` it moves, without sides."""

    number: int
    name: str
    curves: tuple[tuple[str, float], ...]

    def values(self, left: float, right: float) -> NDArray[np.float64]:
        """The curves [61] of this unit at these intensities of the two sides, 0 to 1."""
        out = np.zeros(N_CHANNELS)
        for name, weight in self.curves:
            if name in INDEX:
                out[INDEX[name]] += weight * (left + right) / 2
                continue
            for side, intensity in zip(SIDES, (left, right), strict=True):
                out[INDEX[name + side]] += weight * intensity
        return out


def _unit(line: str) -> Unit:
    number, name, *curves = re.split(r"\s{2,}", line)
    pairs = (curve.split() for curve in curves)
    return Unit(int(number), name, tuple((curve, float(weight)) for curve, weight in pairs))


UNITS: Final = {unit.number: unit for unit in map(_unit, _TABLE.strip().splitlines())}
