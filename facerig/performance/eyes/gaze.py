"""The gaze: looks at targets and aside, saccades and pursuit, shared with the head.

Directions are kept in the neutral head's space. `plan` decides shifts of the gaze at knots; what it asks of
the head is `head_goals`; `draw` turns the eyes so that eyes and head together point where the gaze is, and so
they turn back while the head comes (the vestibulo-ocular reflex) and against its every nod.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import N_CHANNELS
from facerig.core.clock import KNOT_RATE_HZ
from facerig.core.rows import of_rows
from facerig.performance.draws import Dice
from facerig.performance.eyes import aim as aims
from facerig.performance.eyes import head_share, saccades
from facerig.performance.eyes.attention import GazeSettings, drawn
from facerig.performance.eyes.choosing import Chooser, Choosing, Told
from facerig.performance.eyes.head_share import Turn
from facerig.performance.eyes.saccades import Shift
from facerig.performance.eyes.targets import CAMERA, Aim, Target, checked_targets
from facerig.performance.moment import Moment, Mood

Array = NDArray[np.float32]
Times = NDArray[np.float64]

FIRST_DRAW: Final = 2 << 40
CHARACTER: Final = 1 << 36  # a decision that no stream comes to
KEPT_SECS: Final = 0.3  # of what is over, for those who read `shifts`
FEW: Final = 3  # frames up to which floats are faster than arrays
VOICE_ON, VOICE_OFF = 0.5, 0.3  # of the cue, with hysteresis

__all__ = ["GazeLayer", "GazeSettings", "GazeState"]


@dataclass(frozen=True, slots=True)
class GazeState:
    """`shifts` and `turns`: those that frames may yet need, in order of start, never empty; `mind`: what is
    decided about what comes; `told`: what is still to be told to it; `due`: the knot that decides next.
    """

    shifts: tuple[Shift, ...]
    turns: tuple[Turn, ...]
    mind: Choosing
    told: tuple[Told, ...]
    due: int


class GazeLayer:
    """A layer: gives eye rotations, eyeLook shapes and following lids, and goals for the head."""

    def __init__(self, seed: int, settings: GazeSettings | None = None) -> None:
        """Raises ConfigError for a bad seed."""
        self._dice = Dice(seed, FIRST_DRAW)
        self.settings = drawn(settings or GazeSettings(), self._dice(CHARACTER)[0])
        self._eyes_only = math.radians(self.settings.eyes_only_degrees)

    def initial_state(self, targets: tuple[Target, ...] = (CAMERA,)) -> GazeState:
        """Looking at the first of `targets`, or, without one, straight ahead at nothing."""
        checked_targets(targets)
        aim = targets[0].aim if targets else Aim(0.0, 0.0, 0.5)
        head = self._head_for(aim)
        return GazeState((saccades.resting(aim),), (head_share.resting(head),), Choosing(targets), (), 0)

    def told(self, state: GazeState, at_secs: float, targets: tuple[Target, ...]) -> GazeState:
        """From `at_secs` on these are the targets (none: at nothing).

        A target that moves is told again and again, in its place of the tuple: slow ones are followed
        smoothly, fast ones by saccades.
        """
        told = list(state.told)
        insort(told, Told(at_secs, checked_targets(targets)), key=lambda one: one.at_secs)
        return replace(state, told=tuple(told), due=min(state.due, math.ceil(told[0].at_secs * KNOT_RATE_HZ)))

    def plan(self, moment: Moment, mood: Mood, state: GazeState, *,
             listening: NDArray[np.bool_] | bool = False) -> GazeState:
        """Decide at the moment's knots.

        listening: whether the voice is the other's, for all knots or each [m].
        """
        state = _pruned(state, moment.times)
        voices = moment.knot_cue("voice").tolist()
        heeds = listening.tolist() if isinstance(listening, np.ndarray) else [listening] * len(voices)
        mind, due = state.mind, state.due
        chooser: Chooser | None = None
        for j, (voice, heeding) in enumerate(zip(voices, heeds, strict=True)):
            talks = voice > (VOICE_OFF if mind.voice else VOICE_ON)
            knot = moment.first_knot + j
            if knot < due and talks is mind.voice and heeding is mind.listening:
                continue
            if chooser is None:
                chooser = Chooser(self.settings, list(state.shifts), list(state.turns), mind,
                                  list(state.told), self._dice, self._head_for)
            arousal, valence, _ = mood.knots[j].tolist()
            mind, due = chooser.decide(knot, talks, heeding, arousal, valence)
        if chooser is None:
            return state
        return GazeState(tuple(chooser.shifts), tuple(chooser.turns), mind, tuple(chooser.told), due)

    def shifts(self, state: GazeState) -> tuple[tuple[float, float], ...]:
        """(start in s, amplitude in radians) of the saccades kept and to come, without micro-saccades."""
        kept = (s for s in state.shifts if s.kind == saccades.SACCADE and s.start >= 0)
        return tuple((s.start, s.radians) for s in kept)

    def head_goals(self, times: Times, state: GazeState) -> NDArray[np.float64]:
        """Yaw and pitch, radians, that the gaze asks of the head at `times`, float64 [n, 2]."""
        if len(times) <= FEW:
            return np.array([head_share.goal_at(time, state.turns) for time in times.tolist()]).reshape(-1, 2)
        goals = head_share.goals_at(times, state.turns)
        return goals if len(goals) == len(times) else np.repeat(goals, len(times), 0)

    def gaze(self, times: Times, state: GazeState) -> NDArray[np.float64]:
        """Yaw, pitch (radians, in the neutral head's space) and 1 / distance (1/m) of the gaze, [n, 3]."""
        if 0 < len(times) <= FEW:
            return np.array(saccades.gaze_at(times, state.shifts))
        found = saccades.gazes_at(times, state.shifts) if len(times) else np.zeros((3, 0))
        return np.repeat(found.T, len(times), 0) if found.shape[1] != len(times) else found.T

    def draw(self, times: Times, head: NDArray[np.float64], state: GazeState) -> Array:
        """The eyes' curves at `times`, float32 [n, 61], where the head has yaw, pitch, roll `head` [n, 3]."""
        return eyes_of([(self, times, state)], head)

    def _head_for(self, aim: Aim, part: float = 1.0) -> tuple[float, float]:
        return head_share.wanted(aim.yaw, aim.pitch, self._eyes_only, part * self.settings.head_share)


def eyes_of(parts: Sequence[tuple[GazeLayer, Times, GazeState]], head: NDArray[np.float64]) -> Array:
    """The eyes' curves of several characters at their `times`, one after the other, float32 [N, 61], where
    the heads have yaw, pitch, roll `head` [N, 3]."""
    out = np.zeros((len(head), N_CHANNELS), np.float32)
    if len(head):
        gaze = np.concatenate([layer.gaze(times, state) for layer, times, state in parts])
        lids = of_rows([np.array(layer.settings.lids) for layer, _, _ in parts],
                       [len(times) for _, times, _ in parts])
        if len(head) <= FEW:
            aims.draw_few(gaze, head, lids, out)
        else:
            aims.draw(gaze.T, head, lids, out)
    return out


def _pruned(state: GazeState, times: Times) -> GazeState:
    """Without what no frame from times[0] on needs."""
    if not len(times) or (len(state.shifts) == 1 and len(state.turns) == 1):
        return state
    before = float(times[0]) - KEPT_SECS
    shifts, turns = state.shifts, state.turns
    if (len(shifts) < 2 or shifts[1].start > before) and (len(turns) < 2 or turns[1].start > before):
        return state
    first = max((k for k, shift in enumerate(shifts) if shift.start <= before), default=0)
    first_turn = max((k for k, turn in enumerate(turns) if turn.start <= before), default=0)
    return replace(state, shifts=shifts[first:], turns=turns[first_turn:])
