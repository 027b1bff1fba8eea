"""Lips that speech seals stay sealed, whatever a later stage does to the curves: in millimetres on the head.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX
from facerig.core.mouth import mouth_geometry
from facerig.performance.meeting import CROSSED_MM

Array = NDArray[np.float32]

# In a seal these show no more than they did: each parts the lips, and a jaw that made up for it would cross
# them.
NOT_MORE: Final = [INDEX[name] for name in (
    "mouthFunnel", "mouthShrugUpper", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft",
    "mouthUpperUpRight", "jawForward", "tongueOut")]
_JAW, _CLOSE = INDEX["jawOpen"], INDEX["mouthClose"]
_LIPS: Final = np.flatnonzero(np.any(mouth_geometry().gap, axis=1))
_LIPS_MM: Final = mouth_geometry().gap[_LIPS].astype(np.float32)
_PER_JAW: Final = mouth_geometry().gap[_JAW].astype(np.float32)  # mouthClose takes away as much


def kept_sealed(frames: Array, before: Array, sealed: Array, low: Array, high: Array) -> Array:
    """`frames` [n, 61], their lips no farther apart where `sealed` [n] is 1 than they were `before`.

    The jaw gives way first, then mouthClose closes the rest, both within `low` and `high` [n or 1, 61]. Nor
    do the lips cross: what would press them more than CROSSED_MM deeper is held back.
    """
    if not sealed.any():
        return frames
    out, share = frames.copy(), np.asarray(sealed, np.float32)
    shown = frames[:, NOT_MORE]
    out[:, NOT_MORE] = shown + share[:, None] * (np.minimum(shown, before[:, NOT_MORE]) - shown)
    # a sum in a fixed order, not a matrix product, whose last bit depends on n
    parted_mm = ((out[:, _LIPS] - before[:, _LIPS])[:, :, None] * _LIPS_MM).sum(1)
    close_by = np.maximum((parted_mm / _PER_JAW).max(1), 0) * share
    from_jaw = np.minimum(close_by, np.maximum(out[:, _JAW] - low[:, _JAW], 0))
    out[:, _JAW] -= from_jaw
    closed = np.minimum(close_by - from_jaw, np.maximum(high[:, _CLOSE] - out[:, _CLOSE], 0))
    out[:, _CLOSE] += closed
    pressed_mm = (from_jaw + closed)[:, None] * _PER_JAW - parted_mm
    held = (1 - (CROSSED_MM / np.maximum(pressed_mm, CROSSED_MM)).min(1)) * share
    if held.any():
        out[:, _LIPS] += held[:, None] * (before[:, _LIPS] - out[:, _LIPS])
    return out
