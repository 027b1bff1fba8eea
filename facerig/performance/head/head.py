"""Head motion: what the voice brings about, an idle drift, the posture of an emotion, and what gaze asks for.

The character's own motion is planned in `head_plan` (strokes, steps, a lift with the pitch) and drifts in
closed form; posture and gaze are added on top, and a soft limit holds the sum to what a neck does. Angles are
radians, with the signs of `core.channels`: yaw to the subject's right, pitch down, roll to the left shoulder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import radians
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.clock import KNOT_RATE_HZ
from facerig.core.cues import CUE
from facerig.core.rows import of_rows
from facerig.performance.draws import checked_seed, uniform
from facerig.performance.easing import wave
from facerig.performance.head.head_plan import (
    FIRST_DRAW,
    IDLE_MEDIAN_SECS,
    HeadSettings,
    HeadState,
    Plan,
    lift_at,
    lift_over,
)
from facerig.performance.head.moves import (
    STILL,
    Step,
    steps_at,
    steps_over,
    strokes_at,
    strokes_over,
)
from facerig.performance.head.rhythm import Rhythm
from facerig.performance.moment import Moment, Mood
from facerig.performance.timeline import Timeline

Times = NDArray[np.float64]
Array = NDArray[np.float32]

__all__ = ["HeadLayer", "HeadSettings", "HeadState"]

LIMITS: Final = (radians(60), radians(30), radians(25))  # yaw, pitch, roll; a neck can do more, unwillingly
KNEE: Final = 0.7  # of a limit: what goes beyond is pressed together

# The drift: no head is ever locked. Waves without a common period, each drawn within 20 %.
#   axis   (amplitude in degrees, period in s)
DRIFT: Final = {
    "yaw":   ((0.70, 13.0), (0.40, 7.1), (0.10, 2.9)),
    "pitch": ((0.45, 11.0), (0.25, 5.3), (0.10, 2.3)),
    "roll":  ((0.40, 17.0), (0.25, 8.3), (0.06, 3.1)),
}  # fmt: skip
BREATH_DEG: Final = 0.25  # of pitch: the head rides on the shoulders
DRIFT_SPREAD: Final = 0.2

TRANSITION_SECS: Final = 0.6  # of an energy that is told
GATE: Final = 0.25  # an energy below this takes posture and gaze off the head as well
FEW: Final = 6  # frames: drawn one by one
_BREATH_DRAW, _IDLE_DRAW = 40, 41  # above those of the waves
_VOICE, _LOUDNESS, _PITCH, _VOICED = (CUE[name] for name in ("voice", "loudness", "pitch", "voiced"))


class HeadLayer:
    """Plans a head's motion at knots and draws it at frames."""

    def __init__(self, seed: int, settings: HeadSettings | None = None) -> None:
        """Raises ConfigError for a bad seed."""
        self.settings = settings or HeadSettings()
        self._seed = checked_seed(seed)
        waves = [tuple(self._wave(8 * axis + 2 * number, *one) for number, one in enumerate(ones))
                 for axis, ones in enumerate(DRIFT.values())]
        breath = (radians(BREATH_DEG) * self.settings.idle, self.settings.breaths / 60.0,
                  self._draw(_BREATH_DRAW))
        per_axis = waves[0], (*waves[1], breath), waves[2]
        #: amplitude, turns a second and phase of each wave, an axis after the other
        self.waves: Times = np.array([wave for axis in per_axis for wave in axis]).T

    def _draw(self, number: int) -> float:
        return uniform(self._seed, FIRST_DRAW + number)

    def _wave(self, draw: int, degrees: float, period_secs: float) -> tuple[float, float, float]:
        """Amplitude in radians, turns a second and phase of a wave."""
        period_secs *= 1.0 - DRIFT_SPREAD + 2.0 * DRIFT_SPREAD * self._draw(draw)
        return radians(degrees) * self.settings.idle, 1.0 / period_secs, self._draw(draw + 1)

    def initial_state(self) -> HeadState:
        """Straight ahead but for the drift, about to shift within seconds."""
        return HeadState(Rhythm(), (), (Step(-1.0, 0.5, STILL, STILL),), (0.0,), -1, 0.0, 0,
                         IDLE_MEDIAN_SECS * self._draw(_IDLE_DRAW), Timeline((self.settings.energy,)))

    def told(self, state: HeadState, at_secs: float, *, energy: float, secs: float = TRANSITION_SECS
             ) -> HeadState:
        """The energy is reached within `secs` from `at_secs` on. Raises ConfigError for one out of range."""
        HeadSettings(energy=energy)
        return replace(state, energy=state.energy.told(at_secs, secs, (energy,)))

    def plan(self, moment: Moment, mood: Mood, state: HeadState) -> HeadState:
        """With what the knots of the moment bring about. The voice in them must be the character's own."""
        plan = Plan(self.settings, self._seed, state, moment.times)
        rows = zip(moment.knots.tolist(), mood.knots.tolist(), strict=True)
        for knot, (row, mind) in enumerate(rows, moment.first_knot):
            plan.hear(knot / KNOT_RATE_HZ, row[_VOICE], row[_LOUDNESS], row[_PITCH], row[_VOICED], mind[0])
        return plan.state()

    def draw(self, times: Times, posture: Array | None, goals: Times | None, state: HeadState) -> Times:
        """Yaw, pitch and roll at rising `times`, float64 [n, 3].

        posture [n, 3]: of an emotion; goals [n, 2]: the yaw and pitch that gaze asks for. With an energy of 0
        all of it is exactly 0.
        """
        asked = np.zeros((len(times), 3))
        if posture is not None:
            asked += posture
        if goals is not None:
            asked[:, :2] += goals
        return heads_of([(self, times, state)], asked)

    def moved(self, times: Times, state: HeadState) -> Times:
        """What steps, strokes and the lift do at rising `times`, float64 [n, 3]."""
        if len(times) <= FEW:
            return np.array([_frame(time, state) for time in times.tolist()]).reshape(-1, 3)
        own = steps_over(state.steps, times) + strokes_over(state.strokes, times, 3)
        own[:, 1] += lift_over(state, times)
        return own


_AXES: Final = [len(DRIFT["yaw"]), len(DRIFT["pitch"]) + 1, len(DRIFT["roll"])]  # waves of each
_FIRST_WAVES: Final = np.cumsum([0, *_AXES[:-1]]).tolist()


def heads_of(parts: Sequence[tuple[HeadLayer, Times, HeadState]], asked: Times) -> Times:
    """Yaw, pitch and roll [N, 3] of several characters at their `times`, one after the other, of whom posture
    and gaze ask for `asked` [N, 3]."""
    counts = [len(times) for _, times, _ in parts]
    times = np.concatenate([times for _, times, _ in parts])
    moved = np.concatenate([layer.moved(times, state) for layer, times, state in parts])
    energy = np.concatenate([
        state.energy.at(times)[:, 0] if state.energy.keys else np.repeat(state.energy.initial, len(times))
        for _, times, state in parts])
    own = _drift(of_rows([layer.waves for layer, _, _ in parts], counts), times) + moved
    turned = energy[:, None] * own + np.minimum(1.0, energy / GATE)[:, None] * asked
    return np.stack([_limited(turned[:, axis], limit) for axis, limit in enumerate(LIMITS)], 1)


def _drift(waves: Times, times: Times) -> Times:
    """Yaw, pitch and roll [N, 3] of the drift at `times` [N]; waves: those of each row [N, 3, all]."""
    amplitude, turns_hz, phase = waves[:, 0], waves[:, 1], waves[:, 2]
    each = amplitude * wave(times[:, None] * turns_hz + phase)
    out = np.zeros((len(times), len(_AXES)))
    for axis, (first, n) in enumerate(zip(_FIRST_WAVES, _AXES, strict=True)):
        for k in range(first, first + n):
            out[:, axis] += each[:, k]
    return out


def _frame(time: float, state: HeadState) -> list[float]:
    """One frame of what moves a head, by the same sums in the same order as many at once."""
    step, stroke = steps_at(state.steps, time), strokes_at(state.strokes, time, 3)
    own = [step[axis] + stroke[axis] for axis in range(3)]
    own[1] += lift_at(state, time)
    return own


def _limited(x: Times, limit: float) -> Times:
    """x; what goes beyond the knee of the limit is pressed together, smoothly, and never reaches it."""
    knee = KNEE * limit
    over, room = np.maximum(np.abs(x) - knee, 0.0), limit - knee
    return np.where(over > 0.0, np.copysign(knee + room * (over / (over + room)), x), x)
