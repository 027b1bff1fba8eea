"""The end of a recording: whatever the last sound, the mouth comes to rest by the last frame.

A clip that is cut in the middle of a word would leave the character with an open mouth. The frames of the
last EASE_SECS are faded to rest; a clip that ends in silence is at rest already and does not change.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import CHANNELS
from facerig.performance.easing import smooth

Array = NDArray[np.float32]

EASE_SECS: Final = 0.06  # shorter than the live look-ahead: the end is known before these frames leave
_MOUTH: Final = np.array([c.region in ("jaw", "mouth", "tongue", "cheeks") for c in CHANNELS])


def eased(frames: Array, times: NDArray[np.float64], last_time: float) -> Array:
    """The last `frames` [n, 61] of a stream, at `times`, the mouth faded to rest at `last_time`, s."""
    if not len(times):
        return frames
    left = np.clip((last_time - times) / max(min(EASE_SECS, last_time - float(times[0])), 1e-9), 0.0, 1.0)
    gain = smooth(left).astype(np.float32)
    return np.where(_MOUTH, frames * gain[:, None], frames)
