"""The end of what is said: whatever the last sound, the mouth comes to rest.

A clip that is cut in the middle of a word would leave the character with an open mouth. The frames of the
last EASE_SECS are faded to rest; a clip that ends in silence is at rest already and does not change. A voice
that is interrupted comes to rest after its last sound, within FADE_KNOTS.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import CHANNELS, N_CHANNELS
from facerig.performance.easing import smooth

Array = NDArray[np.float32]

EASE_SECS: Final = 0.06  # shorter than the live look-ahead: the end is known before these frames leave
FADE_KNOTS: Final = 12  # of 10 ms: an interrupted mouth is shut sooner than anybody could say so
_MOUTH: Final = np.array([c.region in ("jaw", "mouth", "tongue", "cheeks") for c in CHANNELS])


def eased(frames: Array, times: NDArray[np.float64], last_time: float) -> Array:
    """The last `frames` [n, 61] of a stream, at `times`, the mouth faded to rest at `last_time`, s."""
    if not len(times):
        return frames
    left = np.clip((last_time - times) / max(min(EASE_SECS, last_time - float(times[0])), 1e-9), 0.0, 1.0)
    gain = smooth(left).astype(np.float32)
    return np.where(_MOUTH, frames * gain[:, None], frames)


def fading(last: Array, first: int, n: int) -> Array:
    """The `n` knots [n, 61 + c] from the `first` after an interruption on; `last` [61 + c] was the knot
    before."""
    place = np.arange(first, first + n) + 1
    share = 1 - smooth(np.minimum(place / FADE_KNOTS, 1.0))
    return np.asarray(last * share[:, None], np.float32)


def met_again(knots: Array, last: Array, first: int) -> Array:
    """Knots of a new voice that begins while the last one still fades: the mouth is as far open as either
    asks.
    """
    curves = np.maximum(knots[:, :N_CHANNELS], fading(last, first, len(knots))[:, :N_CHANNELS])
    return np.concatenate([curves, knots[:, N_CHANNELS:]], 1)
