"""Audio2Face's JSON: exportFps, facsNames, weightMat[frame][pose]."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from facerig.core.clock import MAX_FPS, MIN_FPS
from facerig.curve_files.named import LARGEST, NamedCurves, Values, bad, check_names, named_curves, shown
from facerig.curve_files.sheet import read_text
from facerig.curve_files.timing import snapped


def read(path: Path) -> NamedCurves:
    """The curves of an export. Raises ConfigError, with the path of the mistake inside the file."""
    try:
        document = json.loads(read_text(path))
    except (ValueError, RecursionError) as problem:
        raise bad(path, f"is not JSON ({str(problem)[:80]})") from None
    if not isinstance(document, dict):
        raise bad(path, "$: not an object")
    fps, names, rows = (document.get(key) for key in ("exportFps", "facsNames", "weightMat"))
    if isinstance(fps, bool) or not isinstance(fps, int | float) or not MIN_FPS <= fps <= MAX_FPS:
        raise bad(path, f"$.exportFps: {shown(str(fps))} is not a frame rate",
                  f"give a number from {MIN_FPS} to {MAX_FPS}")
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise bad(path, "$.facsNames: not a list of names", 'name the poses: ["jawOpen", ...]')
    check_names(path, names, "pose", "$.facsNames: ")
    if not isinstance(rows, list) or not rows:
        raise bad(path, "$.weightMat: holds no frames", "give a row of weights for every frame")
    values = np.array([_row(row, r, len(names), path) for r, row in enumerate(rows)])
    return named_curves(path, names, values, _rate(fps))


def _row(row: Any, r: int, width: int, path: Path) -> Values:
    if not isinstance(row, list) or len(row) != width:
        raise bad(path, f"$.weightMat[{r}]: not {width} numbers",
                  "give every frame a weight for each of $.facsNames")
    for c, value in enumerate(row):
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LARGEST:
            raise bad(path, f"$.weightMat[{r}][{c}]: {shown(str(value))} is not a number", "give numbers")
    return np.array(row, np.float64)


def _rate(fps: float) -> Fraction:
    return snapped(float(fps))
