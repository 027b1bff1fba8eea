"""Curve keys for an AnimSequence, read by the csv module and played linearly, as Unreal plays them.

The rate is not in the file: it is what the user animates at.
"""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

from tools.judges import Judged

FPS: Final = Fraction(60)


def keys(path: Path) -> dict[str, list[tuple[int, float]]]:
    """Frame and value of each key, by curve."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, strict=True)
        if rows.fieldnames != ["curve_name", "frame_number", "value"]:
            raise ValueError(f"{path}: {rows.fieldnames}")
        found: dict[str, list[tuple[int, float]]] = {}
        for row in rows:
            found.setdefault(row["curve_name"], []).append((int(row["frame_number"]), float(row["value"])))
    return found


def read(path: Path, fps: Fraction = FPS) -> Judged:
    """What an AnimSequence of this rate holds."""
    found = keys(path)
    n_frames = max(frame for rows in found.values() for frame, _ in rows) + 1
    frames = np.arange(n_frames)
    columns = [np.interp(frames, *np.array(rows, np.float64).T) for rows in found.values()]
    n_keys = sum(map(len, found.values()))
    return Judged(names=tuple(found), fps=fps, values=np.stack(columns, 1), keys=n_keys)
