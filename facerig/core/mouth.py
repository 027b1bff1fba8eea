"""The mouth of the shipped head in millimetres, from curve values alone.

Blendshapes add up, so the gap between the lips is linear in the curves. `head/lips.json` (written by
tools/build_head.py) holds, for rest and for each shape, what a unit of the curve does at the measuring
points:

    gap      five facing pairs of inner-lip vertices, from x = -16 to +16 mm; upper minus lower, vertical
    teeth    edge of the upper teeth minus the middle of the lower lip, vertical
    corners  from the right to the left mouth corner, a vector
    lip_forward  how far the upper lip stands forward
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

import facerig_assets
from facerig.core.channels import NAMES

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MouthGeometry:
    """Linear measures over the 61 canonical curves, mm per unit.

    gap [61, 5], teeth [61], corners [61, 3], lip_forward [61]; `rest_*` are the values of the neutral face
    (gaps count from rest, so theirs is zero).
    """

    gap: Array
    teeth: Array
    corners: Array
    lip_forward: Array
    rest_teeth: float
    rest_corners: Array

    def gaps_mm(self, values: NDArray[np.floating]) -> Array:
        """Lip gap at the five pairs relative to rest, [..., 61] -> [..., 5]."""
        return np.asarray(values @ self.gap, np.float64)

    def teeth_mm(self, values: NDArray[np.floating]) -> Array:
        """How far the lower lip stands below the edge of the upper teeth, [..., 61] -> [...]."""
        return np.asarray(values @ self.teeth + self.rest_teeth, np.float64)

    def width_mm(self, values: NDArray[np.floating]) -> Array:
        """Distance of the mouth's corners, [..., 61] -> [...]."""
        return np.asarray(np.linalg.norm(values @ self.corners + self.rest_corners, axis=-1), np.float64)

    def forward_mm(self, values: NDArray[np.floating]) -> Array:
        """How far the upper lip is pushed forward of rest, [..., 61] -> [...]."""
        return np.asarray(values @ self.lip_forward, np.float64)


@cache
def mouth_geometry() -> MouthGeometry:
    """The measures of the shipped head."""
    table = json.loads(facerig_assets.path("head", "lips.json").read_text("utf-8"))
    still = {"gap": [0.0] * 5, "teeth": 0.0, "corners": [0.0] * 3, "lip_forward": 0.0}
    rows = [table["shapes"].get(name, still) for name in NAMES]

    def column(key: str) -> Array:
        return np.array([row[key] for row in rows], np.float64)

    return MouthGeometry(column("gap"), column("teeth"), column("corners"), column("lip_forward"),
                         float(table["rest"]["teeth"]), np.array(table["rest"]["corners"], np.float64))
