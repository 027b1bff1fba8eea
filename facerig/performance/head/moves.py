"""Movements as closed-form functions of time: strokes that come and go, steps that stay, waves that drift.

Every formula takes a time or an array of times and gives the same bits for both: a stream that is drawn frame
by frame skips numpy's fixed costs, a file is drawn at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]
Real = TypeVar("Real", float, Times)
Turn = tuple[float, float, float]  # yaw, pitch, roll, radians

_GRID: Final = 2.0**30
STILL: Final[Turn] = (0.0, 0.0, 0.0)


def ease(x: Real) -> Real:
    """From 0 to 1 with the least jerk (Flash & Hogan 1985), for x in [0, 1]."""
    return x * x * x * (10.0 + x * (6.0 * x - 15.0))


def _beat(x: Real) -> Real:
    """There in three eighths of the time, and back."""
    y = 1.0 - x
    return 198.84107851851852 * (x * x * x) * (y * y * y * y * y)


def _overshoot(x: Real) -> Real:
    """There in three tenths of the time, back, a quarter as far beyond, and back."""
    y = 1.0 - x
    return 339.12348390889804 * (x * x * x) * (y * y * y * y) * (1.0 - x / 0.55)


def _stay(x: Real) -> Real:
    """There in a quarter of the time, to stay for half, and back."""
    u = 2.0 * x - 1.0
    u = u * u * u
    v = 1.0 - u * u
    return v * v * v


SHAPES: Final[tuple[Callable[[float], float], ...]] = (_beat, _overshoot, _stay)
BEAT, OVERSHOOT, STAY = range(len(SHAPES))


class Stroke(NamedTuple):
    """A movement from rest to `far` and back: from `start` on, for `secs`."""

    start: float
    secs: float
    shape: int  # of SHAPES
    far: tuple[float, ...]

    @property
    def end(self) -> float:
        return self.start + self.secs


class Step(NamedTuple):
    """From `before` to `after`, from `start` on within `secs`, to stay.

    Steps may overlap: each adds its way from `before`, where the step before it leads, to `after`. Angles lie
    on a grid (`on_grid`), so that a step that is done adds exactly its way and may be forgotten.
    """

    start: float
    secs: float
    before: Turn
    after: Turn

    @property
    def end(self) -> float:
        return self.start + self.secs


def on_grid(angle: float) -> float:
    """The nearest multiple of 2^-30: sums and differences of such angles are exact."""
    return round(angle * _GRID) / _GRID


def without_past(steps: Sequence[Step], time: float) -> Sequence[Step]:
    """The steps that times from `time` on need, one at least."""
    past = 0
    while past + 1 < len(steps) and steps[past].end <= time:
        past += 1
    return steps[past:]


def strokes_at(strokes: Iterable[Stroke], time: float, width: int) -> list[float]:
    """The sum of all strokes at a time [width]."""
    total = [0.0] * width
    for stroke in strokes:
        if stroke.start < time < stroke.end:
            share = SHAPES[stroke.shape]((time - stroke.start) / stroke.secs)
            for axis in range(width):
                total[axis] += stroke.far[axis] * share
    return total


def strokes_over(strokes: Iterable[Stroke], times: Times, width: int) -> Times:
    """The sum of all strokes at rising times [n, width]."""
    total = np.zeros((len(times), width))
    for stroke in strokes:
        first, stop = times.searchsorted((stroke.start, stroke.end))
        if first < stop:
            shape: Callable[[Times], Times] = SHAPES[stroke.shape]  # type: ignore[assignment]
            total[first:stop] += shape((times[first:stop] - stroke.start) / stroke.secs)[:, None] * stroke.far
    return total


def steps_at(steps: Sequence[Step], time: float) -> list[float]:
    """Where the steps have led at a time: yaw, pitch, roll."""
    total = list(steps[0].before)
    for step in steps:
        if step.start < time:
            share = ease((time - step.start) / step.secs) if time < step.end else 1.0
            for axis in range(3):
                total[axis] += (step.after[axis] - step.before[axis]) * share
    return total


def steps_over(steps: Sequence[Step], times: Times) -> Times:
    """Where the steps have led at rising times [n, 3]."""
    total = np.zeros((len(times), 3)) + steps[0].before
    for step in steps:
        begun, done = times.searchsorted((step.start, step.end))
        way = np.array(step.after) - step.before
        if begun < done:
            total[begun:done] += way * ease((times[begun:done] - step.start) / step.secs)[:, None]
        total[done:] += way
    return total
