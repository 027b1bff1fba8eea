"""A CurveTable by the rules of Unreal's importer (UCurveTable::CreateTableFromCSVString): float32 numbers,
rows by names without some characters and without case, every row as long as the first, no time twice.

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
TAKEN_OUT: Final = "\"' ,\n\r\t"  # INVALID_NAME_CHARACTERS


def read(path: Path, fps: Fraction = FPS) -> Judged:
    """What Eval gives at every frame; a row that the importer would not take is a remark."""
    with path.open(encoding="utf-8", newline="") as file:
        first, *rows = csv.reader(file, strict=True)
    times = np.array(first[1:], np.float32)
    remarks = ["Found duplicate columns"] if len(set(times.tolist())) != len(times) else []
    found: dict[str, np.ndarray[tuple[int], np.dtype[np.float32]]] = {}
    taken: set[str] = set()
    for row in rows:
        name = "".join(c for c in row[0] if c not in TAKEN_OUT)
        if name.lower() in taken or not name or len(row) != len(first):
            remarks.append(f"row {row[0]!r} is left out")
            continue
        taken.add(name.lower())
        found[name] = np.array(row[1:], np.float32)
    n_frames = round(float(times[-1]) * fps) + 1
    at = np.arange(n_frames) / float(fps)
    columns = [np.interp(at, times.astype(np.float64), row.astype(np.float64)) for row in found.values()]
    return Judged(names=tuple(found), fps=fps, values=np.stack(columns, 1), keys=len(times) * len(found),
                  remarks=tuple(remarks))
