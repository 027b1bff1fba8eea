"""EmoFace's text files: MetaHuman's control board as bare numbers, a frame a line.

    0.027139,0.027042,0.000000, ...          174 numbers, in the order of the rig metahuman-gui
    0.034231,0.028639,0.000000, ...

No header, no names, no rate: EmoFace's own tools count 60 frames a second. (Layout: demo.py, set_frames.py
and the validation clip of the EmoFace project.)
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

import facerig_assets
from facerig.core.toml_files import read_toml
from facerig.curve_files.named import NamedCurves, bad, named_curves, shown
from facerig.curve_files.sheet import read_text

RIG: Final = "metahuman-gui"
FPS: Final = Fraction(60)


@cache
def columns() -> tuple[str, ...]:
    """What the numbers of a line are, in order."""
    return tuple(read_toml(facerig_assets.path("rigs", f"{RIG}.toml")).table("curves").names())


def begins(head: bytes) -> bool:
    """Whether the first line of a file is one of EmoFace's."""
    first, _, _ = head.removeprefix(b"\xef\xbb\xbf").partition(b"\n")
    cells = first.strip().split(b",")
    return len(cells) == len(columns()) and all(_is_number(cell) for cell in cells)


def read(path: Path) -> NamedCurves:
    """The curves of a file. Raises ConfigError, with line and column, for anything else than numbers."""
    lines = [line.strip() for line in read_text(path).split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    rows = [_row(path, number, line) for number, line in enumerate(lines, 1)]
    values = np.array(rows, np.float64).reshape(-1, len(columns()))
    return named_curves(path, columns(), values, FPS, fps_known=False)


def _row(path: Path, number: int, line: str) -> list[float]:
    cells = line.split(",")
    if len(cells) != len(columns()):
        raise bad(path, f"line {number} holds {len(cells) if line else 0} numbers, not {len(columns())}",
                  f"give the {len(columns())} controls of the rig {RIG}, with commas between them")
    row = []
    for column, cell in enumerate(cells, 1):
        try:
            row.append(float(cell))
        except ValueError:
            raise bad(path, f"line {number}, column {column}: {shown(cell)} is not a number",
                      "write numbers such as 0.25") from None
    return row


def _is_number(cell: bytes) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
