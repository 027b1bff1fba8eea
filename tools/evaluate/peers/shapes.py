"""Peers' mouth shapes as ARKit curves.

The tables are made to be fair, and a test holds them to it on the head: what its makers draw shut is sealed
with a margin, what they draw open is clearly open, and the lip of f/v touches the teeth while the mouth
stays open. How wide the open ones open decides no figure but the rounding and opening ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX, N_CHANNELS

Floats = NDArray[np.float64]
Cue = tuple[float, str]  # from this second on, this shape
JUMP_SECS: Final = 1e-4  # a step takes this long, as times must rise

# Rhubarb's shapes, by the drawings of its manual (README, "Mouth shapes").
# shape and curves                                        its maker's words
_RHUBARB = """
X                                                         # idle, lips closed
A  press .25  shrugLower .1                               # closed with slight pressure, p b m
B  jawOpen .05  lowerDown .35  upperUp .15  stretch .15   # slightly open, clenched teeth
C  jawOpen .20  lowerDown .15                             # open
D  jawOpen .42  lowerDown .15                             # wide open
E  jawOpen .20  funnel .30  pucker .15                    # slightly rounded
F  jawOpen .09  funnel .25  pucker .70                    # puckered
G  jawOpen .02  rollLower .30  upperUp .50                # upper teeth on the lower lip
H  jawOpen .26  lowerDown .20                             # as open as C, tongue raised
"""
# HeadAudio's Oculus visemes at weight 1; its player goes to 0.65, and 0.75 for PP and FF. PP presses the
# lips, so that it closes over a vowel that fades, as it does on the avatars it is made for.
_VISEMES = """
sil
PP  press .15  shrugLower .70  pucker .20
FF  jawOpen .03  rollLower .40  upperUp .70
TH  jawOpen .12  lowerDown .30
DD  jawOpen .10  lowerDown .35  upperUp .15
kk  jawOpen .14  lowerDown .30
CH  jawOpen .08  funnel .40  lowerDown .25  upperUp .25
SS  jawOpen .06  lowerDown .40  upperUp .25  stretch .20
nn  jawOpen .11  lowerDown .30
RR  jawOpen .12  funnel .30  pucker .15
aa  jawOpen .55  lowerDown .20
E   jawOpen .30  lowerDown .30  stretch .20
I   jawOpen .14  lowerDown .30  upperUp .15  stretch .40
O   jawOpen .34  funnel .50  pucker .25
U   jawOpen .14  funnel .40  pucker .90
"""
# What pocketsphinx's phones (ARPABET) look like, in Rhubarb's shapes; it has no shapes of its own.
_PHONES = """
A  P B M
G  F V
X  SIL +NSN+ +SPN+ <s> </s>
D  AA AW AY
C  AE AH EH EY HH
E  AO OW OY ER R
F  UW UH W
B  IY IH Y CH D DH G JH K N NG S SH T TH Z ZH
H  L
"""
_SHORT: Final = {
    "jawOpen":    ("jawOpen",),
    "press":      ("mouthPressLeft", "mouthPressRight"),
    "shrugLower": ("mouthShrugLower",),
    "rollLower":  ("mouthRollLower",),
    "funnel":     ("mouthFunnel",),
    "pucker":     ("mouthPucker",),
    "stretch":    ("mouthStretchLeft", "mouthStretchRight"),
    "lowerDown":  ("mouthLowerDownLeft", "mouthLowerDownRight"),
    "upperUp":    ("mouthUpperUpLeft", "mouthUpperUpRight"),
}  # fmt: skip


def _row(weights: Sequence[str]) -> Floats:
    row = np.zeros(N_CHANNELS)
    for short, weight in zip(weights[::2], weights[1::2], strict=True):
        row[[INDEX[name] for name in _SHORT[short]]] = float(weight)
    return row


def _rows(table: str) -> dict[str, Floats]:
    lines = (line.split("#")[0].split() for line in table.strip().splitlines())
    return {name: _row(weights) for name, *weights in lines}


RHUBARB: Final = _rows(_RHUBARB)
VISEMES: Final = _rows(_VISEMES)
_BY_SHAPE = (line.split() for line in _PHONES.strip().splitlines())
SHAPE_OF_PHONE: Final = {phone: shape for shape, *phones in _BY_SHAPE for phone in phones}


def stepped(cues: Sequence[Cue], end_secs: float) -> tuple[Floats, Floats]:
    """Times and values of Rhubarb shapes that are held until the next cue, as its players show them.

    Steps favour a peer: a blend over 50 ms would cost it the short seals.
    """
    cues = [(max(0.0, start), shape) for start, shape in cues if start < end_secs] or [(0.0, "X")]
    starts = [start for start, _ in cues]
    ends = [*starts[1:], end_secs]
    held = [(start, end, shape) for (start, shape), end in zip(cues, ends, strict=True)
            if end - start > 2 * JUMP_SECS]
    times = np.array([t for start, end, _ in held for t in (start, end - JUMP_SECS)])
    values = np.repeat([RHUBARB[shape] for _, _, shape in held], 2, axis=0)
    return times, values
