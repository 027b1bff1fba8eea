"""Terms that are measured, not declared: what the lips of a face do, whichever curves bring it about.

A seal is a distance, and every rig has its own way to close lips. These terms are taken from the shipped
head, whose lip gap is linear in the curves (`core.mouth`); a rig file may name them like canonical curves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.core.mouth import mouth_geometry

Array = NDArray[np.float64]

CLOSERS: Final = ("mouthClose", "mouthPressLeft", "mouthPressRight", "mouthRollLower", "mouthRollUpper",
                  "mouthShrugLower")
LEAST_OPENING_MM: Final = 1.0  # lips that nothing parts need nothing to bring them together


def _opened(values: Array) -> Array:
    """`values` [T, 61] without what brings the lips together."""
    kept = np.ones(N_CHANNELS)
    kept[[INDEX[name] for name in CLOSERS]] = 0.0
    return values * kept


def _gaps_mm(values: Array) -> Array:
    """[T, 61] -> [T, 5] as a sum channel by channel: no matrix product, whose bits depend on T."""
    gap = mouth_geometry().gap
    out = np.zeros((len(values), gap.shape[1]))
    for channel in np.flatnonzero(gap.any(1)):
        out += values[:, channel, None] * gap[channel]
    return out


def lips_together(values: Array) -> Array:
    """How much of the lips' parting is cancelled, 0 to 1: 1 where they meet although jaw and lips would part
    them."""
    apart, opened = _gaps_mm(values).max(1), _gaps_mm(_opened(values)).max(1)
    return np.asarray(np.clip((opened - apart) / np.maximum(opened, LEAST_OPENING_MM), 0.0, 1.0))


MEASURED: Final[Mapping[str, Callable[[NDArray[Any]], Array]]] = {
    "lipsTogether": lips_together,
}
