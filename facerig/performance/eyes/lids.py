"""Lids that follow the gaze.

The upper lid goes down and up with the eye (Becker & Fuchs 1988: lid saccades of nearly the eye's angle). On
ARKit faces the shapes eyeLookDown and eyeLookUp carry most of it; what is added here keeps a strip of the
iris under the lid, as it is straight ahead. A rig whose eyeLook shapes leave the lids alone needs more.
"""

from __future__ import annotations

from typing import Any, Final

#                 of the knob, where the eye looks down or up as far as its shape says
BLINK_DOWN: Final = 1.0  # eyeBlink
WIDE_UP: Final = 0.8  # eyeWide: the lid's own shape already lifts it


def following(down: Any, up: Any, amount: float) -> tuple[Any, Any]:
    """eyeBlink and eyeWide for eyeLookDown and eyeLookUp of one eye, floats or arrays."""
    return BLINK_DOWN * amount * down, WIDE_UP * amount * up
