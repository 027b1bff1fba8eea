"""The pieces of a stream as checked rows, so that no exporter writes a hole, a NaN, or a column under a wrong
name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from facerig.core.curves import CurveClip
from facerig.errors import OutputError

DECIMALS: Final = 7  # of a value in a text file: 5e-8 off at most
_FORMULA_MARKS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")  # a spreadsheet runs such a cell (OWASP)


def checked_rows(pieces: Iterable[CurveClip], names: tuple[str, ...]) -> Iterator[tuple[int, list[float]]]:
    """Frame index and values in the order of `names`, frame by frame; a name that a piece lacks is zero.

    Raises OutputError where a frame is missing between two pieces or a value is NaN or infinite.
    """
    for piece in checked_pieces(pieces):
        yield from enumerate(_columns(piece, names).tolist(), piece.start)


def checked_pieces(pieces: Iterable[CurveClip]) -> Iterator[CurveClip]:
    """The pieces as they come. Raises OutputError as `checked_rows` does."""
    expected: int | None = None
    for piece in pieces:
        if expected is not None and piece.start != expected:
            raise OutputError(f"frame {expected} is missing: the next one is {piece.start}", where="curves",
                              fix="this is a fault of facerig; please report it")
        check_finite(piece)
        expected = piece.start + len(piece)
        yield piece


def decimals(value: float) -> str:
    """`value` as plain decimals, never minus zero."""
    return f"{round(value, DECIMALS) + 0.0:.{DECIMALS}f}"


def harmless(name: str) -> str:
    """`name` as a cell, behind an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{name}" if name.startswith(_FORMULA_MARKS) else name


def _columns(piece: CurveClip, names: tuple[str, ...]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    out = np.zeros((len(piece), len(names)))
    column = {name: i for i, name in enumerate(piece.names)}
    for i, name in enumerate(names):
        if name in column:
            out[:, i] = piece.values[:, column[name]]
    return out.round(DECIMALS) + 0.0  # minus zero becomes zero


def check_finite(piece: CurveClip) -> None:
    """Raises OutputError where a value is NaN or infinite."""
    bad = np.argwhere(~np.isfinite(piece.values))
    if len(bad):
        frame, column = (int(i) for i in bad[0])
        raise OutputError(f"{piece.names[column]} of frame {piece.start + frame} is not a finite number",
                          where="curves", fix="check the model; `facerig doctor` tests it")
