"""Curves as CSV: Live Link Face's, one with a `time` (or `frame`) column, Unreal's rows of curve_name,
frame_number, value, and its CurveTables.

A Live Link Face timecode counts whole frames, so 29.97 fps reads as 30 (`maybe_ntsc`), except where it drops
numbers: a semicolon before the frames says so, and only 29.97 and 59.94 fps do.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.columns import COUNT, FRAME, TIME, TIMECODE, is_column
from facerig.core.timecode import NTSC
from facerig.curve_files.named import NamedCurves, Values, bad, check_names, named_curves, shown
from facerig.curve_files.sheet import Sheet, parsed, read_sheet
from facerig.curve_files.timing import DEFAULT_FPS, measured_rate, on_frames, timecodes

UNREAL: Final = ("curve_name", "frame_number", "value")  # of Unreal's sequence import
TABLE_CORNERS: Final = ("---", "name", "")  # what stands above the row names of a CurveTable
LONGEST_FRAMES: Final = 5_000_000  # a day at 60 fps


def read(path: Path) -> NamedCurves:
    """The curves of a CSV. Raises ConfigError, with file, row and column."""
    sheet = read_sheet(path)
    if all(sheet.column(name) is not None for name in UNREAL):
        return _unreal(sheet)
    if len(sheet.names) > 1 and sheet.names[0].lower() in TABLE_CORNERS \
            and all(parsed(name, sheet.delimiter) is not None for name in sheet.names[1:]):
        return _curve_table(sheet)
    return _columns(sheet)


# --- a column a curve


def _columns(sheet: Sheet) -> NamedCurves:
    columns = _curve_columns(sheet)
    names = [sheet.names[c] for c in columns]
    check_names(sheet.path, names, "column")
    table = sheet.values(columns)
    remarks = [*sheet.remarks, *_miscounted(sheet, len(columns))]
    start = first = 0
    rate: Fraction | None = None
    known = drops = alike = False
    if (code := sheet.column(*TIMECODE)) is not None:
        told = timecodes(sheet.cells(code), sheet.path)
        times, rate, known, first = told.times, told.rate, told.known, told.first
        drops, alike = told.drops, told.known and not told.drops and told.counts and rate in NTSC
    elif (at := sheet.column(*TIME)) is not None:
        times = np.array([sheet.number(r, at) for r in range(len(sheet.rows))])
        rate = measured_rate(times)
        known = rate is not None
        start = max(round(float(times[0]) * float(rate or DEFAULT_FPS)), 0)
    elif (at := sheet.column(*FRAME)) is not None:
        times = np.array([sheet.number(r, at) for r in range(len(sheet.rows))]) / float(DEFAULT_FPS)
    else:
        raise bad(sheet.path, "has neither a Timecode nor a time column",
                  "add a column called time, in seconds of the sound")
    rate = DEFAULT_FPS if rate is None else rate
    remarks += _fill_empty(table, _empty(sheet, columns), times)
    framed = on_frames(table, times, rate, sheet.path)
    if framed.filled:
        remarks.append(f"{framed.filled} of {len(framed.values)} frames were missing, and are drawn")
    return named_curves(sheet.path, names, framed.values, rate, start=start, start_frame=first,
                        fps_known=known, drop_frame=drops, maybe_ntsc=alike, remarks=remarks)


def _curve_columns(sheet: Sheet) -> list[int]:
    """Places of the columns that are curves; notes on those that are not."""
    columns = [c for c, name in enumerate(sheet.names) if name and not is_column(name)]
    nameless = [str(c + 1) for c, name in enumerate(sheet.names) if not name]
    if nameless:
        sheet.remarks.append(f"left out, without a name: column {', '.join(nameless[:8])}")
    texts = [c for c in columns if sheet.is_text(c)]
    if texts:
        sheet.remarks.append(f"left out, no numbers: {', '.join(shown(sheet.names[c]) for c in texts[:8])}")
    curves = [c for c in columns if c not in texts]
    if not curves:
        raise bad(sheet.path, "has no column that is a curve",
                  "name the columns jawOpen, mouthClose and so on")
    return curves


def _empty(sheet: Sheet, columns: list[int]) -> NDArray[np.bool_]:
    """Which cells [rows, columns] have no value."""
    return np.array([[not row[c] for c in columns] for row in sheet.rows])


def _fill_empty(table: Values, empty: NDArray[np.bool_], times: Values) -> list[str]:
    """Draw `empty` cells of `table` between the next ones of their curve; 0 stays where a curve has none, and
    in rows without any value. Remarks on both."""
    filled = ~empty
    empty = empty & filled.any(axis=1, keepdims=True)
    told = filled.any(0)
    for k in np.flatnonzero(empty.any(0) & told):
        table[empty[:, k], k] = np.interp(times[empty[:, k]], times[filled[:, k]], table[filled[:, k], k])
    drawn, zero = int(empty[:, told].sum()), int(empty[:, ~told].sum())
    return [f"{count} empty cells are {how}" for count, how in
            ((drawn, "drawn from the frames around them"), (zero, "read as 0")) if count]


def _miscounted(sheet: Sheet, n_curves: int) -> list[str]:
    """A remark where Live Link's own count of curves is neither 0 (no face) nor that of the columns."""
    at = sheet.column(*COUNT)
    counts = set() if at is None else {row[at] for row in sheet.rows} - {"", "0", str(n_curves)}
    return [f"BlendShapeCount says {shown(min(counts))}, the columns are {n_curves}"] if counts else []


# --- Unreal's layouts


def _unreal(sheet: Sheet) -> NamedCurves:
    """Rows of curve_name, frame_number, value; between a curve's frames straight lines, beyond them level."""
    name_at, frame_at, value_at = (sheet.column(name) for name in UNREAL)
    if name_at is None or frame_at is None or value_at is None:
        raise ValueError("not Unreal's layout")
    keys: dict[str, dict[float, float]] = defaultdict(dict)
    for r, row in enumerate(sheet.rows):
        name = row[name_at].removeprefix("'")
        frame, value = sheet.number(r, frame_at), sheet.number(r, value_at)
        if not name:
            raise bad(sheet.path, f"row {sheet.numbers[r]}, column curve_name: is empty", "name the curve")
        if frame != round(frame):
            raise bad(sheet.path, f"row {sheet.numbers[r]}, column frame_number: {frame:g} is not whole",
                      "count whole frames")
        if frame in keys[name]:
            raise bad(sheet.path, f"row {sheet.numbers[r]}: frame {frame:g} of {shown(name)} stands twice",
                      "remove one of the rows")
        keys[name][frame] = value
    first = int(min(min(of) for of in keys.values()))
    count = int(max(max(of) for of in keys.values())) - first + 1
    _check_count(sheet, count, len(sheet.rows))
    at = np.arange(first, first + count, dtype=np.float64)
    values = np.stack([_drawn(of, at) for of in keys.values()], 1)
    return named_curves(sheet.path, list(keys), values, DEFAULT_FPS, start_frame=max(first, 0),
                        fps_known=False, remarks=sheet.remarks)


def _drawn(keys: dict[float, float], at: Values) -> Values:
    frames = sorted(keys)
    return np.interp(at, frames, [keys[frame] for frame in frames])


def _check_count(sheet: Sheet, count: int, cells: int) -> None:
    """A few rows must not fill the memory."""
    if count > min(LONGEST_FRAMES, 10_000 + 1000 * cells):
        raise bad(sheet.path, f"{cells} values over {count} frames: nearly all are missing",
                  "export more of its frames")


def _curve_table(sheet: Sheet) -> NamedCurves:
    """A row a curve, under times in seconds."""
    names = [row[0].removeprefix("'") for row in sheet.rows]
    check_names(sheet.path, names, "row")
    times = np.array([parsed(name, sheet.delimiter) or 0.0 for name in sheet.names[1:]])
    table = sheet.values(list(range(1, len(sheet.names)))).T
    known = measured_rate(times)
    rate = known or DEFAULT_FPS
    framed = on_frames(table, times, rate, sheet.path)
    start = max(round(float(times[0]) * float(rate)), 0)
    return named_curves(sheet.path, names, framed.values, rate, start=start,
                        fps_known=known is not None, remarks=sheet.remarks)
