"""Listening: while the other speaks, the face answers at the right moments, and looks as its attitude does.

What is answered, and how, is planned in `listening_plan`. The head's part comes on top of what `head` draws,
the curves on top of the emotion's; both fade in and out where listening begins and ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.core.clock import KNOT_RATE_HZ
from facerig.performance.draws import checked_seed
from facerig.performance.head.listening_plan import (
    APART_SECS,
    LOOKS,
    MANNERS,
    NAMES,
    Answers,
    Attitude,
    Ear,
    ListeningState,
    ListenSettings,
    checked_attitude,
)
from facerig.performance.head.moves import (
    STILL,
    Step,
    steps_at,
    steps_over,
    strokes_at,
    strokes_over,
    without_past,
)
from facerig.performance.moment import Moment
from facerig.performance.timeline import Timeline

Times = NDArray[np.float64]
Array = NDArray[np.float32]

__all__ = ["Attitude", "ListenSettings", "ListeningLayer", "ListeningState"]

TRANSITION_SECS: Final = 0.5
FEW: Final = 6  # frames: drawn one by one
_COLUMNS: Final = [INDEX[name] for name in NAMES]
_BLANK: Final = [0.0] * len(NAMES)
_BASE: Final = tuple(zip(LOOKS["positive"], LOOKS["negative"], strict=True))


class ListeningLayer:
    """Plans the answers of a listener at knots and draws them at frames."""

    def __init__(self, seed: int, settings: ListenSettings | None = None) -> None:
        """Raises ConfigError for a bad seed."""
        self.settings = settings or ListenSettings()
        self._seed = checked_seed(seed)

    def initial_state(self, *, listening: bool = False) -> ListeningState:
        """Nobody has spoken yet. listening: from the start on."""
        mode = Timeline(_mode(listening, self.settings.attitude))
        return ListeningState(Ear(), mode, (), (Step(-1.0, 0.5, STILL, STILL),), (), 0, -APART_SECS)

    def told(self, state: ListeningState, at_secs: float, *, listening: bool, attitude: str | None = None,
             secs: float = TRANSITION_SECS) -> ListeningState:
        """Listening begins or ends at `at_secs`, within `secs`. attitude: that of the settings unless given.

        Raises ConfigError for an unknown attitude.
        """
        wanted = _mode(listening, checked_attitude(attitude or self.settings.attitude))
        return replace(state, mode=state.mode.told(at_secs, secs, wanted))

    def plan(self, moment: Moment, state: ListeningState) -> ListeningState:
        """With the answers to what the other says at the knots of the moment."""
        if _never(state):
            return state
        answers = Answers(self.settings, self._seed, _pruned(state, moment.times))
        rows = zip(moment.knots.tolist(), _modes(state, moment.knot_times), strict=True)
        for knot, (row, (listens, positive, negative)) in enumerate(rows, moment.first_knot):
            if listens < 0.5:
                answers.ear = Ear()
                continue
            attitude: Attitude = "positive" if positive > 0.5 else "negative" if negative > 0.5 else "neutral"
            answers.hear(knot / KNOT_RATE_HZ, row, MANNERS[attitude])
        return answers.state()

    def draw(self, times: Times, state: ListeningState) -> tuple[Times, Array]:
        """Yaw, pitch and roll on top of the head's, float64 [n, 3], and curves, float32 [n, 61]."""
        values = np.zeros((len(times), N_CHANNELS), np.float32)
        if _never(state):
            return np.zeros((len(times), 3)), values
        modes = _modes(state, times)
        if len(times) <= FEW:
            rows = [_frame(time, mode, self.settings.face, state)
                    for time, mode in zip(times.tolist(), modes, strict=True)]
            head = np.array([row[0] for row in rows]).reshape(-1, 3)
            face = np.array([row[1] for row in rows]).reshape(-1, len(NAMES))
        else:
            mode = np.array(modes)
            listens = mode[:, :1]
            head = (steps_over(state.tilts, times) + strokes_over(state.head, times, 3)) * listens
            base = [mode[:, 1] * glad + mode[:, 2] * cross for glad, cross in _BASE]
            face = strokes_over(state.face, times, len(NAMES)) + np.stack(base, 1) * self.settings.face
            face = np.minimum(face * listens, 1.0)
        values[:, _COLUMNS] = face
        return head, values


def _modes(state: ListeningState, times: Times) -> Sequence[Sequence[float]]:
    """The shares of listening and of either attitude at each of `times`."""
    if state.mode.keys:
        return state.mode.at(times).tolist()  # type: ignore[no-any-return]
    return (state.mode.initial,) * len(times)


def _frame(time: float, mode: Sequence[float], size: float, state: ListeningState
           ) -> tuple[list[float], list[float]]:
    """Head and face of one frame, by the same sums as many at once."""
    listens, positive, negative = mode
    tilt, stroke = steps_at(state.tilts, time), strokes_at(state.head, time, 3)
    head = [(a + b) * listens for a, b in zip(tilt, stroke, strict=True)]
    if not state.face and not positive and not negative:
        return head, _BLANK
    acts = strokes_at(state.face, time, len(NAMES))
    face = [min((act + (positive * glad + negative * cross) * size) * listens, 1.0)
            for act, (glad, cross) in zip(acts, _BASE, strict=True)]
    return head, face


def _never(state: ListeningState) -> bool:
    """Neither now nor at any time that is known."""
    return not state.mode.keys and not state.mode.initial[0]


def _mode(listening: bool, attitude: Attitude) -> tuple[float, ...]:
    return float(listening), float(attitude == "positive"), float(attitude == "negative")


def _pruned(state: ListeningState, times: Times) -> ListeningState:
    """Without what no frame from the first of `times` on needs."""
    if not len(times):
        return state
    time = float(times[0])
    return replace(state, mode=state.mode.pruned(time), tilts=tuple(without_past(state.tilts, time)),
                   head=tuple(stroke for stroke in state.head if stroke.end > time),
                   face=tuple(stroke for stroke in state.face if stroke.end > time))
