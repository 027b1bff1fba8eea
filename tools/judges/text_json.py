"""Audio2Face's JSON, read by Python's json."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np

from tools.judges import Judged


def read(path: Path) -> Judged:
    """Every row of weightMat is a frame."""
    document = json.loads(path.read_text("utf-8"))
    values = np.array(document["weightMat"], np.float64)
    if values.shape != (document["numFrames"], document["numPoses"]):
        raise ValueError(f"{values.shape} weights, not {document['numFrames']} x {document['numPoses']}")
    return Judged(names=tuple(document["facsNames"]), fps=Fraction(document["exportFps"]), values=values,
                  keys=values.size)
