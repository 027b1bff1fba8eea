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

STILL: Final[Turn] = (0.0, 0.0, 0.0)


def wave(turns: Real) -> Real:
    """A smooth wave in [-1, 1] with a period of 1, of sums and products alone; 1 at whole turns."""
    x = abs(2.0 * (turns - turns // 1.0) - 1.0)
    return 2.0 * x * x * (3.0 - 2.0 * x) - 1.0


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
    """From `before` to `after`, from `start` on within `secs`; `after` lasts until the next step."""

    start: float
    secs: float
    before: tuple[float, ...]
    after: tuple[float, ...]

    @property
    def end(self) -> float:
        return self.start + self.secs


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


def step_at(steps: Sequence[Step], time: float) -> tuple[float, ...]:
    """Where the steps (rising in time, none before the other's end) have led at a time."""
    step = steps[0]
    for later in steps[1:]:
        if later.start > time:
            break
        step = later
    if time <= step.start:
        return step.before
    if time >= step.end:
        return step.after
    share = ease((time - step.start) / step.secs)
    return tuple(a + (b - a) * share for a, b in zip(step.before, step.after, strict=True))


def steps_over(steps: Sequence[Step], times: Times) -> Times:
    """Where the steps have led at rising times [n, width]."""
    out = np.empty((len(times), len(steps[0].before)))
    out[:] = steps[0].before
    for step in steps:
        begun, done = times.searchsorted((step.start, step.end))
        if begun < done:
            before, after = np.array(step.before), np.array(step.after)
            share = ease((times[begun:done] - step.start) / step.secs)
            out[begun:done] = before + (after - before) * share[:, None]
        out[done:] = step.after
    return out
