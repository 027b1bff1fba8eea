"""When the rows of a file stand: timecodes, rates as they are meant, rows put on whole frames."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from facerig.core.clock import MAX_FPS, MIN_FPS
from facerig.curve_files.named import Values, bad, shown

DEFAULT_FPS: Final = Fraction(60)  # of files that do not tell: Live Link Face's own rate
# Rates that a measured rate is taken for when it lies within SNAP of them.
COMMON_RATES: Final = tuple(Fraction(n) for n in (24, 25, 30, 48, 50, 60, 90, 100, 120)) + tuple(
    Fraction(n * 1000, 1001) for n in (24, 30, 60, 120))
SNAP: Final = 4e-4  # relative; between 30 and 30000/1001 lie 1e-3
ON_FRAME: Final = 0.45  # of a frame: a row so near to a frame is that frame
LONGEST_GAP_SECS: Final = 10.0  # dropped frames are bridged up to here
MOST_FILLED: Final = 20  # frames for a row, beyond MANY: a small file must not fill the memory
MANY: Final = 1000


@dataclass(frozen=True, slots=True)
class Timecodes:
    """`times` [T] seconds; `rate`, and whether they tell it; what the first one counts."""

    times: Values
    rate: Fraction
    known: bool
    first: int


def timecodes(cells: list[str], path: Path) -> Timecodes:
    """HH:MM:SS:FF.mmm of each row. Raises ConfigError, with the row, for anything else."""
    parts = np.zeros((len(cells), 2))
    for r, cell in enumerate(cells):
        fields = cell.strip().replace(";", ":").replace(",", ".").split(":")
        try:
            hours, minutes, secs, frames = (float(f) for f in fields)
        except ValueError:
            hours = minutes = secs = frames = float("nan")
        total = hours * 3600 + minutes * 60 + secs
        if not (0 <= total < 1e7 and 0 <= frames < float(MAX_FPS)):
            raise bad(path, f"row {r + 2}, column Timecode: {shown(cell[:40])} is not HH:MM:SS:FF",
                      "write timecodes as 01:00:00:00")
        parts[r] = total, frames
    per_sec, known = _frames_per_sec(parts)
    times = parts[:, 0] + parts[:, 1] / per_sec
    steps = np.diff(times) * per_sec
    step = float(np.median(steps)) if len(steps) else 1.0
    by_frames = abs(step - 1) < 0.01 or step <= 0  # else a rate without a timecode of its own, such as 12.5
    rate = Fraction(per_sec) if by_frames else snapped(per_sec / step)
    return Timecodes(times, rate, known or not by_frames, round(float(times[0]) * float(rate)))


def _frames_per_sec(parts: Values) -> tuple[int, bool]:
    """How many frames a second's timecodes count: seen where one second gives way to the next, else guessed,
    which the second says."""
    whole = np.floor(parts[:, 1])
    last = {int(s): int(whole[parts[:, 0] == s].max()) for s in np.unique(parts[:, 0])[:64]}
    full = [top + 1 for (s, top), (t, _) in pairwise(last.items()) if t == s + 1]
    highest = int(whole.max()) + 1
    if full:
        return max(highest, max(full)), True
    return max(int(DEFAULT_FPS), highest), False


def measured_rate(times: Values) -> Fraction | None:
    """The rate of rows at `times`, None where a single row tells nothing; 0 where they stand still."""
    if len(times) < 2:
        return None
    step = float(np.median(np.diff(times)))
    span = float(times[-1] - times[0])
    count = round(span / step) if step > 0 else 0
    return snapped(count / span if count > 0 else 0.0)


def snapped(rate: float) -> Fraction:
    """The exact rate that a measured one stands for; 0 stays 0."""
    for exact in COMMON_RATES:
        if abs(rate / float(exact) - 1) < SNAP:
            return exact
    return Fraction(rate).limit_denominator(1001)


@dataclass(frozen=True, slots=True)
class Framed:
    """`values` [T, n], one row a frame; `filled` frames of them were drawn between their neighbours."""

    values: Values
    filled: int


def on_frames(table: Values, times: Values, rate: Fraction, path: Path) -> Framed:
    """Rows at `times`, ascending seconds, as frames at `rate`; frames that the file skipped are drawn between
    their neighbours. Raises ConfigError where the time goes back or jumps."""
    steps = np.diff(times)
    wrong = np.flatnonzero((steps <= 0) | (steps > LONGEST_GAP_SECS))
    if len(wrong):
        step = float(steps[wrong[0]])
        how = "stands still" if step == 0 else "goes back" if step < 0 else "jumps"
        raise bad(path, f"row {wrong[0] + 3}: the time {how}",
                  f"let times rise, by {LONGEST_GAP_SECS:g} s at most")
    if not MIN_FPS <= rate <= MAX_FPS:
        raise bad(path, f"its rows are {float(rate):g} a second, not {MIN_FPS} to {MAX_FPS}",
                  "give times in seconds, and a row for every frame")
    places = (times - times[0]) * float(rate)
    count = round(float(places[-1])) + 1
    if count > MANY + MOST_FILLED * len(table):
        raise bad(path, f"holds {len(table)} of {count} frames at {float(rate):g} a second: nearly none",
                  "export a row for every frame")
    nearest = np.round(places)
    if np.abs(places - nearest).max() < ON_FRAME and (np.diff(nearest) > 0).all():
        places = nearest  # a recording's jitter: each row is a frame, and keeps its values
    grid = np.arange(count, dtype=np.float64)
    if np.array_equal(places, grid):
        return Framed(table, 0)
    filled = count - len(np.intersect1d(grid, places))
    return Framed(np.stack([np.interp(grid, places, column) for column in table.T], 1), filled)
