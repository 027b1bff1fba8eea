"""EmoFace's text as its own Maya scripts take it: a line a frame, as many numbers as names, 60 a second.

The names are not in the file: they are the keys of the rig file, read as plain TOML.
"""

from __future__ import annotations

import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

import facerig_assets
from tools.judges import Judged

FPS: Final = Fraction(60)


def read(path: Path) -> Judged:
    """What Maya would key. Raises ValueError for a line of another length."""
    rig = tomllib.loads(facerig_assets.path("rigs", "metahuman-gui.toml").read_text("utf-8"))
    names = tuple(rig["curves"])
    frames = []
    for number, line in enumerate(path.read_text("ascii").splitlines(), 1):
        record = [float(item) for item in line.split(",")]
        if len(record) != len(names):
            raise ValueError(f"{path}: line {number} has {len(record)} numbers, not {len(names)}")
        frames.append(record)
    values = np.array(frames)
    return Judged(names=names, fps=FPS, values=values, keys=values.size)
