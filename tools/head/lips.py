"""The mouth measures of `facerig.core.mouth`, taken on the head that was built."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import SHAPE_NAMES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Vertices of the MakeHuman base mesh (hm08).
LIP_PAIRS = ((525, 519), (515, 518), (520, 523), (7262, 7265), (7270, 7266))  # upper, lower; right to left
MIDDLE_LOWER, UPPER_TEETH, CORNERS, UPPER_LIP = 523, 15069, (7435, 712), (468, 509)


def write(path: Path, points: Floats, deltas: Floats, skin_ids: dict[int, int], teeth: Floats,
          teeth_deltas: Floats,
          teeth_ids: Ints) -> None:
    """Measure rest and the 52 shapes. `skin_ids` gives the place of a base vertex among `points`."""
    tooth = int(np.searchsorted(teeth_ids, UPPER_TEETH))
    rest = _measures(points, teeth[tooth], skin_ids)
    shapes = {name: _measures(d, t[tooth], skin_ids) for name, d, t in zip(SHAPE_NAMES, deltas, teeth_deltas,
                                                                         strict=True)}
    rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in sorted(shapes.items())
                      if np.any(np.abs(np.hstack(list(row.values()))) >= 0.01))
    path.write_text(f'{{"unit": "mm", "rest": {json.dumps(rest)},\n"shapes": {{\n{rows}}}}}\n', "utf-8")


def _measures(points: Floats, tooth: Floats, ids: dict[int, int]) -> dict[str, list[float] | float]:
    """The same reading of places (rest) and of displacements (a shape): all measures are linear."""
    def at(vertex: int) -> Floats:
        return np.asarray(points[ids[vertex]])

    return {"gap": [_mm(at(up)[1] - at(low)[1]) for up, low in LIP_PAIRS],
            "teeth": _mm(tooth[1] - at(MIDDLE_LOWER)[1]),
            "corners": [_mm(x) for x in at(CORNERS[0]) - at(CORNERS[1])],
            "lip_forward": _mm(np.mean([at(v)[2] for v in UPPER_LIP]))}


def _mm(value: float) -> float:
    return round(float(value), 3) + 0.0
