"""Saccades and smooth pursuit as closed-form functions of time.

A gaze is a list of shifts, each from one direction to another; between them the eyes stand still. A
saccade's velocity rises, stands and falls: its peak is that of the main sequence, its length that of the
human duration, measured as eye trackers do, where the eye is faster than 30 deg/s. Below 3 degrees the two
laws ask for more than a mean can give (a peak below the mean), and the peak wins.

    peak velocity   500 (1 - exp(-A / 12)) deg/s    Baloh et al. 1975, Leigh & Zee 2015
    duration        21 + 2.2 A ms                   Carpenter 1988
    rise : fall     1 : 1 in small, 3 : 7 in large  van Opstal & van Gisbergen 1987
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from facerig.performance.easing import smooth
from facerig.performance.eyes.targets import Aim

Times = NDArray[np.float64]
Number = Any  # a float, or an array of them: both take the same operations, and give the same bits
Pick = Callable[[Number, Number], Number]

PEAK_DEGREES: Final = 500.0  # a second, of the largest saccades
HALFWAY_DEGREES: Final = 12.0
SHORTEST_SECS, SECS_PER_DEGREE = 0.021, 0.0022
BELOW_THRESHOLD: Final = 1.1  # of the length: ends slower than 30 deg/s, which no tracker counts
LEAST_PEAK: Final = 1.2  # peak over mean velocity: no profile with smooth ends has less
EVEN_SECS, SKEWED_SECS = 0.03, 0.12  # lengths between which the rise shrinks from 1/2 to 3/10 of the ramps
VERGENCE_SECS: Final = 0.25  # distance is followed more slowly than direction

SACCADE, MICRO, PURSUIT = 0.0, 1.0, 2.0


class Shift(NamedTuple):
    """From one direction to another in [start, end], s.

    `rise`, `fall`: shares of the length in which the velocity grows and shrinks; `peak`: of it over its mean.
    """

    start: float
    end: float
    rise: float
    fall: float
    peak: float
    yaw_before: float
    pitch_before: float
    near_before: float
    yaw: float
    pitch: float
    near: float
    kind: float
    radians: float  # how far the gaze turns

    @property
    def after(self) -> Aim:
        return Aim(self.yaw, self.pitch, self.near)

    @property
    def settled(self) -> float:
        """When nothing moves any more, s."""
        if self.near == self.near_before or self.kind == PURSUIT:
            return self.end
        return max(self.end, self.start + VERGENCE_SECS)


def angle(a: Aim, b: Aim) -> float:
    """Angle between two directions, radians."""
    middle = math.cos((a.pitch + b.pitch) / 2)
    return math.hypot((b.yaw - a.yaw) * middle, b.pitch - a.pitch)


def peak_velocity(degrees: float) -> float:
    """Of the main sequence, deg/s."""
    return PEAK_DEGREES * -math.expm1(-degrees / HALFWAY_DEGREES)


def duration(degrees: float) -> float:
    """Of the main sequence, s."""
    return SHORTEST_SECS + SECS_PER_DEGREE * degrees


def saccade(start: float, before: Aim, after: Aim, kind: float = SACCADE) -> Shift:
    """The shift that an eye makes on the main sequence."""
    radians = angle(before, after)
    degrees = max(math.degrees(radians), 1e-3)
    mean = degrees / duration(degrees)
    peak = max(LEAST_PEAK, BELOW_THRESHOLD * peak_velocity(degrees) / mean)
    secs = peak * degrees / peak_velocity(degrees)
    ramps = 2 * (1 - 1 / peak)
    skew = min(1.0, max(0.0, (secs - EVEN_SECS) / (SKEWED_SECS - EVEN_SECS)))
    rise = ramps * (0.5 - 0.2 * skew)
    return Shift(start, start + secs, rise, ramps - rise, peak, *before, *after, kind, radians)


def pursuit(start: float, end: float, before: Aim, after: Aim) -> Shift:
    """An even movement."""
    ramp = 1e-6
    return Shift(start, end, ramp, ramp, 1 / (1 - ramp), *before, *after, PURSUIT, angle(before, after))


def resting(aim: Aim) -> Shift:
    """The start of a list: the gaze has been there for ever."""
    return saccade(-1.0, aim, aim)


def gaze_at(times: Times, shifts: Sequence[Shift]) -> list[Aim]:
    """The gaze at sorted `times`, one by one; for a few of them."""
    last = shifts[-1]
    if times[0] >= last.settled:
        return [_rested(last)] * len(times)
    return [aim_at(time, shifts) for time in times.tolist()]


def gazes_at(times: Times, shifts: Sequence[Shift]) -> NDArray[np.float64]:
    """Yaw, pitch (radians) and nearness (1/m) at sorted `times`, float64 [3, n] ([3, 1] if nothing moves).

    The same bits as `gaze_at` gives, for many.
    """
    last = shifts[-1]
    if times[0] >= last.settled:
        return np.array([_rested(last)]).T
    rows = np.array(shifts, np.float64).T
    at = np.maximum(np.searchsorted(rows[0], times, side="right") - 1, 0)
    start, end, rise, fall, peak = rows[:5, at]
    before, after, kind = rows[5:8, at], rows[8:11, at], rows[11, at]
    u = (times - start) / (end - start)
    done = np.where(times >= end, 1.0, _done(u, rise, fall, peak, np.minimum, np.maximum))
    slow = np.where(kind == PURSUIT, done, _ease((times - start) / VERGENCE_SECS, np.minimum, np.maximum))
    out: NDArray[np.float64] = before + (after - before) * np.stack([done, done, slow])
    return out


def aim_at(time: float, shifts: Sequence[Shift]) -> Aim:
    """Where the gaze is at a time."""
    shift = next((one for one in reversed(shifts) if one.start <= time), shifts[0])
    done = 1.0
    if time < shift.end:
        u = (time - shift.start) / (shift.end - shift.start)
        done = _done(u, shift.rise, shift.fall, shift.peak, min, max)
    slow = done if shift.kind == PURSUIT else _ease((time - shift.start) / VERGENCE_SECS, min, max)
    return Aim(shift.yaw_before + (shift.yaw - shift.yaw_before) * done,
               shift.pitch_before + (shift.pitch - shift.pitch_before) * done,
               shift.near_before + (shift.near - shift.near_before) * slow)


def _rested(shift: Shift) -> Aim:
    """Where it ends, with the rounding of a shift in progress."""
    return Aim(shift.yaw_before + (shift.yaw - shift.yaw_before) * 1.0,
               shift.pitch_before + (shift.pitch - shift.pitch_before) * 1.0,
               shift.near_before + (shift.near - shift.near_before) * 1.0)


def _done(u: Number, rise: Number, fall: Number, peak: Number, least: Pick, most: Pick) -> Number:
    """The share of the way that is done after the share `u` of the time."""
    u = least(most(u, 0.0), 1.0)
    x = least(u / rise, 1.0)
    y = most((u - (1.0 - fall)) / fall, 0.0)
    level = most(least(u, 1.0 - fall) - rise, 0.0)
    return peak * (rise * (x * x * x * (1.0 - 0.5 * x)) + level + fall * (y - y * y * y * (1.0 - 0.5 * y)))


def _ease(x: Number, least: Pick, most: Pick) -> Number:
    eased: Number = smooth(least(most(x, 0.0), 1.0))
    return eased
