"""A CSV as people's tools write it: a header and rows, with the row and column of every mistake.

Forgiving about what differs between tools: a byte-order mark, UTF-16, tabs, semicolons with decimal commas,
an apostrophe before a name that a spreadsheet would run.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Final

import numpy as np

from facerig.core.channels import BY_LOWER_NAME
from facerig.core.columns import COUNT, is_column
from facerig.curve_files.named import LARGEST, MOST_CURVES, Values, bad, shown

LARGEST_BYTES: Final = 2 << 30
FEW: Final = 2  # cells of a row that a recording without a face still has: timecode and count


@dataclass(slots=True)
class Sheet:
    """`names` as the header writes them, `rows` of as many cells each, `numbers` [len(rows)] of the rows in
    the file; `remarks` on what was mended."""

    path: Path
    delimiter: str
    names: list[str]
    rows: list[list[str]]
    numbers: list[int]
    remarks: list[str]

    def column(self, *names: str) -> int | None:
        """The place of the first of `names` (lower case) that the header has."""
        lower = [name.lower() for name in self.names]
        return next((lower.index(name) for name in names if name in lower), None)

    def cells(self, column: int) -> list[str]:
        """A column as it is written."""
        return [row[column] for row in self.rows]

    def number(self, row: int, column: int) -> float:
        """The value of a cell. Raises ConfigError where it is none."""
        value = parsed(self.rows[row][column], self.delimiter)
        if value is not None:
            return value
        raise bad(self.path, f"row {self.numbers[row]}, column {self.names[column] or column + 1}: "
                             f"{shown(self.rows[row][column].strip()[:40])} is not a number",
                  "write numbers such as 0.25")

    def values(self, columns: list[int]) -> Values:
        """[rows, columns]; an empty cell is 0. Raises ConfigError for the first cell that is no number."""
        try:  # the common case, at the speed of C
            table = np.array([[row[c] or 0.0 for c in columns] for row in self.rows], np.float64)
        except ValueError:
            table = np.full((len(self.rows), len(columns)), np.nan)
        table = table.reshape(len(self.rows), len(columns))
        if (np.abs(table) < LARGEST).all():
            return table
        for r, row in enumerate(self.rows):
            table[r] = [self.number(r, c) if row[c].strip() else 0.0 for c in columns]
        return table

    def is_text(self, column: int) -> bool:
        """Whether no cell of the column looks like a number: a note, not a curve. A canonical curve never
        is."""
        if self.names[column].lower() in BY_LOWER_NAME:
            return False
        filled = [cell for row in self.rows if (cell := row[column].strip())]
        return bool(filled) and not any(_float(cell, self.delimiter) is not None for cell in filled)


def parsed(cell: str, delimiter: str) -> float | None:
    """The number in a cell, with a decimal comma where no comma parts cells; None where there is none."""
    value = _float(cell, delimiter)
    return value if value is not None and isfinite(value) and abs(value) < LARGEST else None


def _float(cell: str, delimiter: str) -> float | None:
    try:
        return float(cell.replace(",", ".") if delimiter != "," else cell)
    except ValueError:
        return None


def read_sheet(path: Path) -> Sheet:
    """The table in a text file. Raises ConfigError for anything that is none."""
    text = read_text(path)
    delimiter = _delimiter(text)
    try:
        rows = [(number, [cell.strip() for cell in row]) for number, row in
                enumerate(csv.reader(text.splitlines(), delimiter=delimiter), 1)]
    except csv.Error as problem:
        raise bad(path, f"is not a CSV file ({problem})") from None
    rows = [(number, row) for number, row in rows if any(row)]
    if len(rows) < 2:
        raise bad(path, "holds no frames")
    header = [cell.removeprefix("'") for cell in rows[0][1]]
    while len(header) > 1 and not header[-1]:
        header.pop()  # a delimiter at the end of the line
    if len(header) > MOST_CURVES + 2 * FEW:
        raise bad(path, f"{len(header)} columns", f"give a file of at most {MOST_CURVES}")
    remarks: list[str] = []
    open_end = text[-1:] not in "\r\n"
    if len(rows) > 2 and _is_cut(rows[-1][1], rows[-2][1], header, delimiter, open_end=open_end):
        rows.pop()
        remarks.append("its last row is cut off, and left out")
    numbered = [(number, _row(row, number, len(header), path, delimiter)) for number, row in rows[1:]]
    blank = sum(len(row) < len(header) for _, row in rows[1:])
    if blank:
        remarks.append(f"{blank} rows without values are read as 0")
    return Sheet(path, delimiter, header, [row for _, row in numbered], [n for n, _ in numbered], remarks)


def _is_cut(last: list[str], before: list[str], header: list[str], delimiter: str, *, open_end: bool) -> bool:
    """Whether the last row ends before its time, as that of a recording that was broken off.

    open_end: no line break follows. A few cells alone are a row without a face, unless they say otherwise.
    """
    if not any(map(is_column, header)):
        return False  # its rows are curves
    width = len(header)
    if len(last) < width and sum(map(bool, last)) > FEW:
        return True
    if not open_end or len(before) < width or len(last) > width:
        return False
    if len(last) < width:  # a row without a face counts no curves
        at = next((k for k, name in enumerate(header) if name.lower() in COUNT), width)
        return at >= len(last) or last[at] != "0"
    return _float(before[width - 1], delimiter) is not None and _float(last[width - 1], delimiter) is None


def _row(row: list[str], number: int, width: int, path: Path, delimiter: str) -> list[str]:
    """`row` of `width` cells. Raises ConfigError for one of another count that is not nearly empty."""
    more = any(row[width:])
    if more or (len(row) < width and sum(map(bool, row)) > FEW):
        commas = "; with decimal commas, part cells by semicolons" if more and delimiter == "," else ""
        raise bad(path, f"row {number} has {len(row)} fields, the header {width}",
                  f"give every row as many{commas}")
    return row[:width] + [""] * (width - len(row))


def _delimiter(text: str) -> str:
    """What parts the cells: a semicolon or tab in the header wins over a comma, which may be a decimal one.
    """
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=header.count)


def read_text(path: Path) -> str:
    """The text in a file, UTF-8 or UTF-16. Raises ConfigError for one that cannot be read or is no text."""
    data = read_bytes(path)
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise bad(path, "is not text", "save it as UTF-8") from None


def read_bytes(path: Path, most: int = LARGEST_BYTES) -> bytes:
    """What stands in a file. Raises ConfigError for one that is missing or larger than `most`."""
    try:
        if path.stat().st_size > most:
            raise bad(path, f"is larger than {most >> 20} MiB", "give a shorter take")
        return path.read_bytes()
    except (OSError, ValueError) as problem:
        reason = (problem.strerror or str(problem)) if isinstance(problem, OSError) else "not a file name"
        raise bad(path, f"cannot be read: {reason}", "give a curve file that exists") from None
