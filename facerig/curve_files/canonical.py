"""A curve file as the 61 canonical curves, whichever of the usual spellings it names them by."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.core.curves import CurveClip
from facerig.core.spelling import canonical_name
from facerig.curve_files.dispatch import read_named
from facerig.curve_files.named import NamedCurves, bad, shown

SAMPLE_RATE: Final = 48_000  # Hz: curve files do not say what their audio had


def read_curves(path: Path, fps: Fraction | None = None) -> CurveClip:
    """The curves of `path` at their own rate, all 61 in canonical order; those that the file lacks are zero,
    those that are not canonical are left out.

    Raises ConfigError, with file, row and column, for anything that is not a curve file, or holds none of
    the 61.
    """
    return canonical_clip(path, read_named(path, fps))


def canonical_clip(path: Path, curves: NamedCurves) -> CurveClip:
    """`curves` of the file `path` as a canonical clip."""
    values = np.zeros((len(curves), N_CHANNELS), np.float32)
    taken: dict[str, str] = {}
    for column, name in enumerate(curves.names):
        known = canonical_name(name)
        if known is None:
            continue
        if known in taken:
            raise bad(path, f"{shown(taken[known])} and {shown(name)} are both {known}",
                      "rename or remove one of them")
        taken[known] = name
        values[:, INDEX[known]] = curves.values[:, column]
    if not taken:
        raise bad(path, "has no column that is an ARKit curve",
                  "name the columns jawOpen, mouthClose and so on")
    return CurveClip(values, curves.fps, SAMPLE_RATE, curves.start)
