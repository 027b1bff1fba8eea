"""What moves a head, and when: strokes on accents, steps at phrases and idly, a lift with the pitch.

What speech does to the head follows Hadar, Steiner & Clifford Rose 1984 ("Head movement correlates of
juncture and stress at sentence level"): wide movements where speech begins after a pause, middling ones where
it ends, sharp ones on loud and stressed syllables; and Munhall et al. 2004 ("Visual prosody and speech
intelligibility"): the head goes with pitch and loudness. The kinds of strokes are those of Graf et al. 2002
("Visual prosody"): nods, nods with an overshoot, swings. Sizes and lengths were set by us, with the head of a
recorded speaker beside (docs/head.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, pi, radians
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from facerig.core.clock import KNOT_RATE_HZ
from facerig.performance.draws import uniforms
from facerig.performance.knobs import check, knob
from facerig.performance.moves import BEAT, OVERSHOOT, Step, Stroke, on_grid, without_past
from facerig.performance.rhythm import NOTHING, Beat, Rhythm
from facerig.performance.timeline import Timeline

Times = NDArray[np.float64]


class Kind(NamedTuple):
    """A kind of stroke: its shape, its share of them, how far it goes for an accent of 1, degrees.

    yaw and roll go to either side: theirs is a standard deviation.
    """

    shape: int
    share: float
    pitch: float
    yaw: float
    roll: float


#                 shape      share  pitch  yaw   roll
STROKES: Final = {
    "nod":   Kind(BEAT,      0.52,   1.3,  0.25, 0.20),  # the common beat: down with the accent
    "over":  Kind(OVERSHOOT, 0.25,   1.4,  0.25, 0.20),  # a livelier one: the chin comes up behind it
    "lift":  Kind(BEAT,      0.08,  -1.0,  0.30, 0.20),  # the chin goes up with the accent
    "swing": Kind(BEAT,      0.15,   0.4,  1.00, 0.50),  # aside
}  # fmt: skip
STROKE_SECS: Final = (0.55, 0.95)
STROKE_SIGMA: Final = 0.30  # of the logarithm of a stroke's size
NODDING, SWAYING = 0.80, 0.45  # of the accents: with a stroke, with a step
BEGINNING: Final = 30  # knots of a phrase: the step it begins with goes for its first accent too


class Occasion(NamedTuple):
    """Where a step leads, degrees from straight ahead, and how long it takes, s.

    yaw and roll are standard deviations, pitch a middle and a standard deviation.
    """

    yaw: float
    pitch: tuple[float, float]
    roll: float
    secs: tuple[float, float]


#                       yaw  pitch         roll  secs
STEPS: Final = {
    "begins":  Occasion(1.1, (-0.6, 0.5), 0.7, (0.60, 1.00)),  # chin up; wider after a long pause
    "goes on": Occasion(0.9, (0.2, 0.5),  0.6, (1.00, 1.80)),  # right after it: sinks as the pitch declines
    "accent":  Occasion(1.4, (0.3, 0.6),  0.8, (0.80, 1.40)),  # sways within a phrase
    "ends":    Occasion(0.9, (1.1, 0.5),  0.7, (0.55, 0.95)),  # sinks with the voice
    "rises":   Occasion(1.0, (-0.7, 0.5), 0.7, (0.60, 1.10)),  # right after it: chin up, as for a breath
    "idle":    Occasion(1.3, (-0.2, 0.7), 0.8, (0.90, 1.80)),  # now and then, also in silence
}  # fmt: skip
WIDER_AFTER_SECS, WIDEST = 1.0, 1.5  # of pause: the step after it goes so many times as far
IDLE_MEDIAN_SECS, IDLE_SIGMA = 4.5, 0.5  # log-normal gaps without a step

LIFT_DEG: Final = (1.9, 0.5)  # chin up for a pitch of 1 (an octave above the mean), for a loudness of 1
LIFT_HZ: Final = 1.3  # of a low pass, critically damped
_LIFT: Final = (radians(LIFT_DEG[0]), radians(LIFT_DEG[1]))
_STIFF: Final = (2 * pi * LIFT_HZ) ** 2 / KNOT_RATE_HZ
_DAMPED: Final = 2 * (2 * pi * LIFT_HZ) / KNOT_RATE_HZ

# Busso et al. 2007 ("Rigid head motion in expressive speech animation"): range and speed grow with activation
WIDER: Final = 0.45  # for an arousal of 1
QUICKER: Final = 0.25

FIRST_DRAW: Final = 3 << 40
_EVENTS: Final = 64  # from this draw on; those below are the layer's
_DRAWS: Final = 2  # of an event, four numbers each
_NORMAL: Final = NormalDist().inv_cdf


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadSettings:
    """How much a head moves of its own."""

    energy: float = knob(1.0, 0.0, 3.0, "all of it: 1 moves as a recorded reader, 1.5 is lively, 0 still")
    nods: float = knob(1.0, 0.0, 3.0, "strokes on accents, and the lift with the pitch")
    sway: float = knob(1.0, 0.0, 3.0, "turns where phrases begin, go on and end")
    idle: float = knob(1.0, 0.0, 3.0, "drift, breath and shifts, also in silence")
    breaths: float = knob(15.0, 6.0, 40.0, "breaths a minute")

    def __post_init__(self) -> None:
        check(self, "head")


@dataclass(frozen=True, slots=True)
class HeadState:
    """Movements that frames may yet need, and what was heard.

    lift: at the knots from `first_knot` on, radians, and its rate a second in `lift_rate`. `counter`: events
    drawn. `idle_at`: when the head next shifts of itself, s. `energy`: over time.
    """

    rhythm: Rhythm
    strokes: tuple[Stroke, ...]
    steps: tuple[Step, ...]
    lift: tuple[float, ...]
    first_knot: int
    lift_rate: float
    counter: int
    idle_at: float
    energy: Timeline


class Plan:
    """A state under change, knot by knot."""

    def __init__(self, settings: HeadSettings, seed: int, state: HeadState, times: Times) -> None:
        """times: of the frames to draw next; what none from the first of them on needs is left out."""
        self._settings, self._seed = settings, seed
        self._rhythm, self._counter, self._idle_at = state.rhythm, state.counter, state.idle_at
        self._strokes, self._steps = list(state.strokes), list(state.steps)
        self._lift, self._rate, self._first_knot = list(state.lift), state.lift_rate, state.first_knot
        self._energy = state.energy
        if len(times):
            self._prune(float(times[0]))

    def _prune(self, time: float) -> None:
        if self._strokes:
            self._strokes = [stroke for stroke in self._strokes if stroke.end > time]
        self._steps = list(without_past(self._steps, time))
        gone = min(int(time * KNOT_RATE_HZ) - 1 - self._first_knot, len(self._lift) - 1)
        if gone > 0:
            del self._lift[:gone]
            self._first_knot += gone
        if self._energy.keys:
            self._energy = self._energy.pruned(time)

    def state(self) -> HeadState:
        """What it has become."""
        return HeadState(self._rhythm, tuple(self._strokes), tuple(self._steps), tuple(self._lift),
                         self._first_knot, self._rate, self._counter, self._idle_at, self._energy)

    def hear(self, time: float, voice: float, loudness: float, pitch: float, voiced: float, arousal: float
             ) -> None:
        """One knot: its cues and the mood."""
        self._rhythm, beat = self._rhythm.heard(voice, loudness, pitch, voiced)
        lift = self._lift[-1]
        goal = -self._settings.nods * voiced * (_LIFT[0] * pitch + _LIFT[1] * loudness)
        self._rate += _STIFF * (goal - lift) - _DAMPED * self._rate
        self._lift.append(lift + self._rate / KNOT_RATE_HZ)
        if beat is not NOTHING:
            self._answer(time, beat, arousal)
        if time >= self._idle_at and time >= self._steps[-1].end:
            self._step("idle", time, self._settings.idle, arousal)

    def _answer(self, time: float, beat: Beat, arousal: float) -> None:
        """What the head does about a beat of the voice."""
        sway = self._settings.sway
        if beat.pause is not None:
            wide = 1.0 + (WIDEST - 1.0) * min(1.0, beat.pause / WIDER_AFTER_SECS)
            self._step("goes on", self._step("begins", time, sway * wide, arousal), sway, arousal)
        if beat.phrase is not None:
            self._step("rises", self._step("ends", time, sway, arousal), sway, arousal)
        if beat.accent:
            nodding, swaying, *draws = self._draws()
            if nodding < NODDING and self._rhythm.phrase > BEGINNING:
                self._stroke(time, beat.accent * self._settings.nods, draws, arousal)
            if swaying < SWAYING:
                self._step("accent", time, sway, arousal)

    def _draws(self) -> list[float]:
        """Eight draws of an event's own."""
        self._counter += 1
        return uniforms(self._seed, FIRST_DRAW + _EVENTS + _DRAWS * self._counter, 4 * _DRAWS)

    def _stroke(self, time: float, size: float, draws: list[float], arousal: float) -> None:
        """A stroke that sets out now."""
        which, spread, aside, roll, length, _ = draws
        kind = _drawn_kind(which)
        size *= exp(STROKE_SIGMA * _NORMAL(spread)) * (1.0 + WIDER * arousal)
        far = (size * radians(kind.yaw) * _NORMAL(aside), size * radians(kind.pitch),
               size * radians(kind.roll) * _NORMAL(roll))
        secs = STROKE_SECS[0] + (STROKE_SECS[1] - STROKE_SECS[0]) * length
        self._strokes.append(Stroke(time, secs * (1.0 - QUICKER * arousal), kind.shape, far))

    def _step(self, occasion: str, start: float, size: float, arousal: float) -> float:
        """A step elsewhere; when it ends."""
        goal, draws = STEPS[occasion], self._draws()
        size *= 1.0 + WIDER * arousal
        yaw, pitch, roll = (_NORMAL(draw) for draw in draws[:3])
        after = (on_grid(size * radians(goal.yaw) * yaw),
                 on_grid(size * radians(goal.pitch[0] + goal.pitch[1] * pitch)),
                 on_grid(size * radians(goal.roll) * roll))
        secs = (goal.secs[0] + (goal.secs[1] - goal.secs[0]) * draws[3]) * (1.0 - QUICKER * arousal)
        self._steps.append(Step(start, secs, self._steps[-1].after, after))
        self._idle_at = start + secs + IDLE_MEDIAN_SECS * exp(IDLE_SIGMA * _NORMAL(draws[4]))
        return start + secs


def _drawn_kind(draw: float) -> Kind:
    shares = 0.0
    for kind in STROKES.values():
        shares += kind.share
        if draw < shares:
            return kind
    return STROKES["nod"]  # shares that add up to a little under 1


def lift_at(state: HeadState, time: float) -> float:
    """The lift at a time: on the way between the two knots before it, so that it waits for none."""
    place = time * KNOT_RATE_HZ
    knot = int(place)
    at = min(max(knot - 1 - state.first_knot, 0), max(len(state.lift) - 2, 0))
    return _between(state.lift[at], state.lift[min(at + 1, len(state.lift) - 1)], place - knot)


def lift_over(state: HeadState, times: Times) -> Times:
    """The lift at times [n]."""
    lift = np.array(state.lift)
    place = times * KNOT_RATE_HZ
    knot = place.astype(np.int64)
    at = np.minimum(np.maximum(knot - 1 - state.first_knot, 0), max(len(lift) - 2, 0))
    return np.asarray(lift[at] + (lift[np.minimum(at + 1, len(lift) - 1)] - lift[at]) * (place - knot))


def _between(a: float, b: float, share: float) -> float:
    return a + (b - a) * share
