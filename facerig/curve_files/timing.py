"""When the rows of a file stand: timecodes, rates as they are meant, rows put on whole frames."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from facerig.core.clock import MAX_FPS, MIN_FPS
from facerig.core.timecode import DAY_SECS, DROPPED, frames_per_sec
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
    """`times` [T] seconds; `rate`, whether they tell it, and whether they count its frames one by one;
    `first` is the frame of the day that the first one names; `drops`: they leave numbers out."""

    times: Values
    rate: Fraction
    known: bool
    counts: bool
    first: int
    drops: bool


def timecodes(cells: list[str], path: Path) -> Timecodes:
    """HH:MM:SS:FF.mmm of each row; a semicolon before the frames where numbers are left out. A take may pass
    midnight. Raises ConfigError, with the row, for anything else."""
    parts = np.zeros((len(cells), 2))
    dropping = [cell.rfind(";") > cell.rfind(":") for cell in cells]
    drops = dropping[0]
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
        if dropping[r] != drops:
            raise bad(path, f"row {r + 2}, column Timecode: {shown(cell[:40])} is not written as the first",
                      "put a semicolon before the frames of all, or of none")
        parts[r] = total, frames
    back = np.flatnonzero(np.diff(parts[:, 0]) < -DAY_SECS / 2)
    if len(back) == 1:
        parts[back[0] + 1:, 0] += DAY_SECS
    per_sec, known = _frames_per_sec(parts)
    if drops:
        known |= bool(parts[:, 1].max() >= 30)  # only 59.94 counts so far
    fps = _dropping_rate(parts) if drops else Fraction(per_sec)
    frames_of_day = _without_dropped(parts, fps, path) if drops else parts[:, 0] * per_sec + parts[:, 1]
    times = frames_of_day / float(fps)
    steps = np.diff(frames_of_day)
    step = float(np.median(steps)) if len(steps) else 1.0
    counts = abs(step - 1) < 0.01 or step <= 0  # else a rate without a timecode of its own, such as 12.5
    rate = fps if counts else snapped(float(fps) / step)
    return Timecodes(times, rate, known or not counts, counts, round(float(times[0]) * float(rate)),
                     drops and rate in DROPPED)


def _dropping_rate(parts: Values) -> Fraction:
    """The slowest rate with drop-frame timecodes that count as far as these."""
    highest = int(parts[:, 1].max())
    return next((fps for fps in DROPPED if highest < frames_per_sec(fps)), max(DROPPED))


def _without_dropped(parts: Values, fps: Fraction, path: Path) -> Values:
    """Frames of the day [T], of drop-frame timecodes. Raises ConfigError for a number that they leave out."""
    minutes, per_sec = parts[:, 0] // 60, frames_per_sec(fps)
    absent = (parts[:, 0] % 60 == 0) & (minutes % 10 > 0) & (parts[:, 1] < DROPPED[fps])
    wrong = np.flatnonzero(absent | (parts[:, 1] >= per_sec))
    if len(wrong):
        raise bad(path, f"row {wrong[0] + 2}, column Timecode: there is no such drop-frame timecode",
                  "write a colon before the frames where no numbers are left out")
    return parts[:, 0] * per_sec + parts[:, 1] - DROPPED[fps] * (minutes - minutes // 10)


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
