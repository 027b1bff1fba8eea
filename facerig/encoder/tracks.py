"""What the network gives out, 100 times a second: the tracks that `lips` turns into the 61 curves."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

KNOTS_PER_STEP: Final = 2

# track            the curves it moves (both sides alike)
SPREAD: Final = {
    "jawOpen": ("jawOpen",),
    "mouthFunnel": ("mouthFunnel",),
    "mouthPucker": ("mouthPucker",),
    "mouthStretch": ("mouthStretchLeft", "mouthStretchRight"),
    "mouthSmile": ("mouthSmileLeft", "mouthSmileRight"),
    "mouthLowerDown": ("mouthLowerDownLeft", "mouthLowerDownRight"),
    "mouthUpperUp": ("mouthUpperUpLeft", "mouthUpperUpRight"),
    "mouthRollLower": ("mouthRollLower",),
    "mouthShrugUpper": ("mouthShrugUpper",),
    "mouthPress": ("mouthPressLeft", "mouthPressRight"),
    "tongueOut": ("tongueOut",),
}
CURVE_TRACKS: Final = tuple(SPREAD)
# probabilities: lips together (p b m), lower lip on the upper teeth (f v), somebody speaks
TRACKS: Final = (*CURVE_TRACKS, "seal", "contact", "voice")
N_CURVE_TRACKS: Final = len(CURVE_TRACKS)
