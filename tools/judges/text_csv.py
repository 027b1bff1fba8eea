"""CSV files of a row a frame, read by Python's csv: Live Link Face's and plain ones."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

from tools.judges import Judged

BESIDE: Final = ("time", "Timecode", "BlendShapeCount")  # columns that are no curves


def read(path: Path) -> Judged:
    """Every row is a frame; the rate is that of the times, or what the timecodes count in a second."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    columns = [k for k, name in enumerate(header) if name not in BESIDE]
    names = tuple(header[k][:1].lower() + header[k][1:] if header[0] == "Timecode" else header[k]
                  for k in columns)
    values = np.array([[float(row[k]) for k in columns] for row in rows]).reshape(len(rows), len(columns))
    return Judged(names=names, fps=_rate(header[0], [row[0] for row in rows]), values=values,
                  keys=values.size)


def _rate(kind: str, cells: list[str]) -> Fraction:
    if kind == "time":
        return Fraction(round((len(cells) - 1) / (float(cells[-1]) - float(cells[0])) * 1001), 1001)
    seconds = [cell.rsplit(":", 1)[0] for cell in cells]
    return Fraction(max(seconds.count(second) for second in set(seconds)))
