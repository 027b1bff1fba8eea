"""What a gaze asks of the head: turns of minimum jerk, a little after the eyes.

Gaze shifts within some 10 degrees are the eyes' alone; of what lies beyond, the head takes most, and the eyes
turn back in it while it comes (Stahl 1999: an eye-only range of 10 to 20 degrees for most people; Freedman &
Sparks 1997: the head's share grows with the shift). The head follows by 30 to 60 ms and takes a quarter of a
second and more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]

SHORTEST_SECS, SECS_PER_RADIAN = 0.28, 0.46  # 30 degrees in 0.52 s: 108 deg/s at its fastest
MOST_YAW, MOST_PITCH = math.radians(60), math.radians(28)
_ORDER: Final = 6


class Turn(NamedTuple):
    """From `start` for `secs`: yaw and pitch are polynomials of the time since, lowest power first."""

    start: float
    secs: float
    yaw: tuple[float, ...]
    pitch: tuple[float, ...]
    goal: tuple[float, float]  # (yaw, pitch) where it ends, radians

    def state(self, time: float) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """Angle, velocity and acceleration of yaw and of pitch at `time`."""
        t = min(max(time - self.start, 0.0), self.secs)
        return _derivatives(self.yaw, t), _derivatives(self.pitch, t)


def wanted(yaw: float, pitch: float, eyes_only: float, share: float) -> tuple[float, float]:
    """Where the head turns for a gaze direction: `share` of what lies beyond `eyes_only`, radians."""
    far = math.hypot(yaw, pitch)
    if far <= eyes_only:
        return 0.0, 0.0
    part = share * (1.0 - eyes_only / far)
    return (min(MOST_YAW, max(-MOST_YAW, part * yaw)), min(MOST_PITCH, max(-MOST_PITCH, part * pitch)))


def resting(goal: tuple[float, float]) -> Turn:
    """The start of a list: the head has been there for ever."""
    still = (0.0,) * (_ORDER - 1)
    return Turn(-1.0, 0.1, (goal[0], *still), (goal[1], *still), goal)


def turned(last: Turn, start: float, goal: tuple[float, float]) -> Turn:
    """The turn that sets out from wherever `last` has come by `start`, without a jolt, and ends at rest."""
    yaw, pitch = last.state(start)
    secs = SHORTEST_SECS + SECS_PER_RADIAN * math.hypot(goal[0] - yaw[0], goal[1] - pitch[0])
    yaws, pitches = _minimum_jerk(*yaw, goal[0], secs), _minimum_jerk(*pitch, goal[1], secs)
    return Turn(start, secs, yaws, pitches, (_horner(yaws, secs), _horner(pitches, secs)))


def goal_at(time: float, turns: Sequence[Turn]) -> tuple[float, float]:
    """Yaw and pitch that the gaze asks of the head at a time."""
    turn = next((one for one in reversed(turns) if one.start <= time), turns[0])
    if time >= turn.start + turn.secs:
        return turn.goal
    t = max(time - turn.start, 0.0)
    return _horner(turn.yaw, t), _horner(turn.pitch, t)


def goals_at(times: Times, turns: Sequence[Turn]) -> NDArray[np.float64]:
    """Yaw and pitch that the gaze asks of the head at sorted `times`, float64 [n, 2] ([1, 2] if at rest)."""
    last = turns[-1]
    if times[0] >= last.start + last.secs:
        return np.array([last.goal])
    rows = np.array([(t.start, t.secs, *t.yaw, *t.pitch) for t in turns]).T
    at = np.maximum(np.searchsorted(rows[0], times, side="right") - 1, 0)
    rows = rows[:, at]
    # where a turn has ended, exactly its length: the same bits as at rest
    t = np.where(times >= rows[0] + rows[1], rows[1], np.maximum(times - rows[0], 0.0))
    powers = rows[2:].reshape(2, _ORDER, -1)
    out = powers[:, -1]
    for k in range(_ORDER - 2, -1, -1):
        out = out * t + powers[:, k]
    return np.ascontiguousarray(out.T)


def _horner(powers: tuple[float, ...], t: float) -> float:
    out = powers[-1]
    for power in powers[-2::-1]:
        out = out * t + power
    return out


def _derivatives(c: tuple[float, ...], t: float) -> tuple[float, float, float]:
    velocity = c[1] + t * (2 * c[2] + t * (3 * c[3] + t * (4 * c[4] + t * 5 * c[5])))
    acceleration = 2 * c[2] + t * (6 * c[3] + t * (12 * c[4] + t * 20 * c[5]))
    return _horner(c, t), velocity, acceleration


def _minimum_jerk(x: float, v: float, a: float, goal: float, secs: float) -> tuple[float, ...]:
    """The quintic from (x, v, a) to rest at `goal` after `secs` (Flash & Hogan 1985)."""
    s = secs
    far = goal - x
    c3 = (20 * far - 12 * v * s - 3 * a * s * s) / (2 * s**3)
    c4 = (-30 * far + 16 * v * s + 3 * a * s * s) / (2 * s**4)
    c5 = (12 * far - 6 * v * s - a * s * s) / (2 * s**5)
    return (x, v, a / 2, c3, c4, c5)
