"""Reads curve files back: Live Link Face CSV, a CSV with a `time` column, Audio2Face's JSON.

Forgiving about what differs between tools (case of names, absent and unknown columns, a byte-order mark,
semicolons with decimal commas, frames that a recording dropped), strict about what would be wrong silently: a
cell that is not a number is an error that names its row and column.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import BY_LOWER_NAME, INDEX, N_CHANNELS
from facerig.core.clock import MAX_FPS, MIN_FPS
from facerig.core.curves import CurveClip
from facerig.errors import ConfigError

SAMPLE_RATE: Final = 48_000  # Hz: curve files do not say what their audio had
DEFAULT_FPS: Final = Fraction(60)  # of files too short to tell: Live Link Face's own rate
# Rates that a measured rate is taken for when it lies within SNAP of them.
COMMON_RATES: Final = tuple(Fraction(n) for n in (24, 25, 30, 48, 50, 60, 90, 100, 120)) + tuple(
    Fraction(n * 1000, 1001) for n in (24, 30, 60, 120))
SNAP: Final = 4e-4  # relative; between 30 and 30000/1001 lie 1e-3
ON_FRAME: Final = 0.45  # of a frame: a row so near to a frame is that frame
LONGEST_GAP_SECS: Final = 10.0  # dropped frames are bridged up to here

Values = NDArray[np.float64]


def read_curves(path: Path) -> CurveClip:
    """The curves of `path` at their own rate, all 61 in canonical order; those that the file lacks are zero.

    A Live Link Face timecode counts whole frames, so 29.97 fps reads as 30 (the file does not tell them
    apart). Raises ConfigError, with file, row and column, for anything that is not a curve file.
    """
    text = _text(path)
    return _from_json(text, path) if text.lstrip()[:1] == "{" else _from_csv(text, path)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise _bad(path, f"cannot be read: {problem.strerror or problem}",
                   "give a curve file that exists") from None
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise _bad(path, "is not text") from None


def _from_csv(text: str, path: Path) -> CurveClip:
    header, _, _ = text.partition("\n")
    delimiter = max(",;\t", key=header.count)
    try:
        rows = [row for row in csv.reader(text.splitlines(), delimiter=delimiter)
                if any(cell.strip() for cell in row)]
    except csv.Error as problem:
        raise _bad(path, f"is not a CSV file ({problem})") from None
    if len(rows) < 2:
        raise _bad(path, "holds no frames")
    names = [cell.strip().lstrip("'").lower() for cell in rows[0]]
    table = _table(rows, names, delimiter, path)
    if "timecode" in names:
        times, rate = _timecodes([row[names.index("timecode")] for row in rows[1:]], path)
    elif "time" in names:
        times = np.array([_number(row, names.index("time"), r, rows[0], delimiter, path)
                          for r, row in enumerate(rows[1:], 2)])
        rate = _measured_rate(times)
    else:
        raise _bad(path, "has neither a Timecode nor a time column")
    return _clip(table, times, rate, path, keep_start="time" in names)


def _table(rows: list[list[str]], names: list[str], delimiter: str, path: Path) -> Values:
    """Values [T, 61] of the known columns. A row without values (Live Link writes them when no face is seen)
    is zero."""
    columns = [(c, INDEX[BY_LOWER_NAME[n]]) for c, n in enumerate(names) if n in BY_LOWER_NAME]
    if not columns:
        raise _bad(path, "has no column that is an ARKit curve",
                   "name the columns jawOpen, mouthClose and so on")
    table = np.zeros((len(rows) - 1, N_CHANNELS))
    for r, row in enumerate(rows[1:], 2):
        if len(row) < len(names):
            if len([cell for cell in row if cell.strip()]) <= 2:
                rows[r - 1] = row + [""] * (len(names) - len(row))
                continue
            raise _bad(path, f"row {r} has {len(row)} fields, the header {len(names)}")
        for c, k in columns:
            table[r - 2, k] = _number(row, c, r, rows[0], delimiter, path) if row[c].strip() else 0.0
    return table


def _number(row: Sequence[str], column: int, row_number: int, header: Sequence[str], delimiter: str,
            path: Path) -> float:
    cell = row[column].strip()
    try:
        value = float(cell.replace(",", ".") if delimiter != "," else cell)
    except ValueError:
        value = float("nan")
    if abs(value) < 1e9:  # false for NaN too
        return value
    raise _bad(path, f"row {row_number}, column {header[column].strip()}: {cell[:40]!r} is not a number")


def _timecodes(cells: list[str], path: Path) -> tuple[Values, Fraction]:
    """Seconds of each HH:MM:SS:FF.mmm, and the rate."""
    parts = np.zeros((len(cells), 2))
    for r, cell in enumerate(cells):
        fields = cell.strip().replace(";", ":").split(":")
        try:
            hours, minutes, secs, frames = (float(f) for f in fields)
        except ValueError:
            hours = minutes = secs = frames = float("nan")
        total = hours * 3600 + minutes * 60 + secs
        if not (0 <= total < 1e7 and 0 <= frames < float(MAX_FPS)):
            raise _bad(path, f"row {r + 2}, column Timecode: {cell[:40]!r} is not HH:MM:SS:FF")
        parts[r] = total, frames
    per_sec = _frames_per_sec(parts)
    times = parts[:, 0] + parts[:, 1] / per_sec
    steps = np.diff(times) * per_sec
    step = float(np.median(steps)) if len(steps) else 1.0
    if abs(step - 1) < 0.01 or step <= 0:
        return times, Fraction(per_sec)
    return times, _snapped(per_sec / step)  # a rate without a timecode of its own, such as 12.5


def _frames_per_sec(parts: Values) -> int:
    """How many frames a second's timecodes count: seen where one second gives way to the next, else guessed.
    """
    whole = np.floor(parts[:, 1])
    last = {int(s): int(whole[parts[:, 0] == s].max()) for s in np.unique(parts[:, 0])[:64]}
    full = [top + 1 for (s, top), (t, _) in pairwise(last.items()) if t == s + 1]
    highest = int(whole.max()) + 1
    if full:
        return max(highest, max(full))
    return max(int(DEFAULT_FPS), highest)


def _measured_rate(times: Values) -> Fraction:
    if len(times) < 2:
        return DEFAULT_FPS
    step = float(np.median(np.diff(times)))
    span = float(times[-1] - times[0])
    count = round(span / step) if step > 0 else 0
    return _snapped(count / span if count > 0 else 0.0)


def _snapped(rate: float) -> Fraction:
    """The exact rate that a measured one stands for; 0 stays 0."""
    for exact in COMMON_RATES:
        if abs(rate / float(exact) - 1) < SNAP:
            return exact
    return Fraction(rate).limit_denominator(1001)


def _clip(table: Values, times: Values, rate: Fraction, path: Path, *, keep_start: bool) -> CurveClip:
    """Rows at `times` as frames of a clip; frames that the file skipped are drawn between their neighbours.
    """
    if not MIN_FPS <= rate <= MAX_FPS:
        raise _bad(path, f"its rows are {float(rate):g} a second, not {MIN_FPS} to {MAX_FPS}")
    steps = np.diff(times)
    wrong = np.flatnonzero((steps <= 0) | (steps > LONGEST_GAP_SECS))
    if len(wrong):
        raise _bad(path, f"row {wrong[0] + 3}: the time {'goes back' if steps[wrong[0]] <= 0 else 'jumps'}")
    places = (times - times[0]) * float(rate)
    count = round(float(places[-1])) + 1
    nearest = np.round(places)
    if np.abs(places - nearest).max() < ON_FRAME and (np.diff(nearest) > 0).all():
        places = nearest  # a recording's jitter: each row is a frame, and keeps its values
    grid = np.arange(count, dtype=np.float64)
    if not np.array_equal(places, grid):
        table = np.stack([np.interp(grid, places, column) for column in table.T], 1)
    start = max(round(float(times[0]) * float(rate)), 0) if keep_start else 0
    return CurveClip(table.astype(np.float32), rate, SAMPLE_RATE, start)


def _from_json(text: str, path: Path) -> CurveClip:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise _bad(path, f"is not JSON ({str(problem)[:80]})") from None
    fps, names, rows = (document.get(k) for k in ("exportFps", "facsNames", "weightMat"))
    if isinstance(fps, bool) or not isinstance(fps, (int, float)) or not MIN_FPS <= fps <= MAX_FPS:
        raise _bad(path, f"$.exportFps: {fps!r} is not a frame rate")
    if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        raise _bad(path, "$.facsNames: not a list of names")
    if not isinstance(rows, list) or not rows:
        raise _bad(path, "$.weightMat: holds no frames")
    table = np.zeros((len(rows), N_CHANNELS))
    columns = [(c, INDEX[BY_LOWER_NAME[n.lower()]]) for c,
               n in enumerate(names) if n.lower() in BY_LOWER_NAME]
    if not columns:
        raise _bad(path, "$.facsNames: none is an ARKit curve")
    for r, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != len(names):
            raise _bad(path, f"$.weightMat[{r}]: not {len(names)} numbers")
        for c, k in columns:
            if isinstance(row[c], bool) or not isinstance(row[c], (int, float)) or not abs(row[c]) < 1e9:
                raise _bad(path, f"$.weightMat[{r}][{c}]: {row[c]!r} is not a number")
            table[r, k] = row[c]
    return CurveClip(table.astype(np.float32), _snapped(float(fps)), SAMPLE_RATE)


def _bad(path: Path, what: str,
         fix: str = "give a Live Link Face CSV, a CSV with a time column, or Audio2Face JSON"
         ) -> ConfigError:
    return ConfigError(what, where=str(path), fix=fix)
