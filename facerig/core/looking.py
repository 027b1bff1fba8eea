"""How far an eye turns where an eyeLook shape stands at 1, radians.

ARKit does not say it: these are the slopes of the eye rotations over the shapes in recordings of Live Link
Face. Whoever makes both from one direction, or reads one for the other, uses this table.
"""

from __future__ import annotations

from typing import Final

LOOK_IN_RADIANS: Final = 0.57
LOOK_OUT_RADIANS: Final = 0.66
LOOK_UP_RADIANS: Final = 0.42
LOOK_DOWN_RADIANS: Final = 0.52
