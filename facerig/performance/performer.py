"""The layers together: what the voice says, what is told and what chance decides become one face.

    emotion -> listening, head -> eyes -> blinks -> meeting -> asymmetry -> overrides, controls

Each layer sees the moment and what the layers before it found; none knows another. How they meet is declared
in `meeting`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import CHANNELS, INDEX, N_CHANNELS
from facerig.core.clock import KNOT_RATE_HZ
from facerig.core.cues import CUE, LIP_CUES
from facerig.errors import ConfigError
from facerig.performance.asymmetry import Asymmetry
from facerig.performance.asymmetry import applied as sides_apart
from facerig.performance.control.controls import ControlLayer, ControlState
from facerig.performance.control.overrides import Overrides
from facerig.performance.control.sealing import kept_sealed
from facerig.performance.directions import STRENGTHS, Direction
from facerig.performance.emotion.layer import EmotionLayer, EmotionState, Weights
from facerig.performance.emotion.layer import drawn as emotion_curves
from facerig.performance.eyes.blinks import BlinkLayer, BlinkState
from facerig.performance.eyes.gaze import GazeLayer, GazeState, eyes_of
from facerig.performance.head.head import HeadLayer, HeadState, heads_of
from facerig.performance.head.listening import ListeningLayer, ListeningState
from facerig.performance.meeting import met
from facerig.performance.moment import Moment
from facerig.performance.settings import Performance
from facerig.performance.timeline import Timeline

Array = NDArray[np.float32]
Times = NDArray[np.float64]
Number = TypeVar("Number", np.float32, np.float64)
Strength = float | Array  # of a layer: one number, or [n, 1] where it changes
Strengths = dict[str, Strength]

SWITCH_SECS: Final = 0.4  # a layer whose strength is told gets there in
TURN_SECS: Final = 0.25  # from speaking to listening: the mouth comes to rest
_HEAD: Final = slice(INDEX["headYaw"], INDEX["headRoll"] + 1)
_LIPS: Final = [CUE[name] for name in LIP_CUES]
_SEAL, _CONTACT = CUE["seal"], CUE["contact"]
_LOW, _HIGH = (np.array([[getattr(c, end) for c in CHANNELS]], np.float32) for end in ("low", "high"))


@dataclass(frozen=True, slots=True)
class PerformerState:
    """What the layers remember; `next_knot`: the first that nobody has planned for.

    `strengths`: of STRENGTHS over time; `turned`: 1 while listening, over time.
    """

    emotion: EmotionState
    gaze: GazeState
    listening: ListeningState
    head: HeadState
    blinks: BlinkState
    controls: ControlState
    strengths: Timeline
    turned: Timeline
    next_knot: int = 0


class Performer:
    """Stage: frames of speech with their cues in, frames of a whole face out, one for one; no look-ahead."""

    def __init__(self, performance: Performance, seed: int) -> None:
        """Raises ConfigError for a bad seed."""
        self.performance, self.seed = performance, seed
        self._overrides = performance.overrides or Overrides()
        self._mutes = bool(self._overrides.mutes or self._overrides.no_blinks)
        self._corrects = bool(self._overrides.curves or self._overrides.locks)
        self._emotion = EmotionLayer(seed, performance.emotions)
        self._gaze = GazeLayer(seed, performance.eyes)
        self._listening = ListeningLayer(seed, performance.listening)
        self._head = HeadLayer(seed, performance.head)
        self._blinks = BlinkLayer(seed, performance.blinks)
        self._asymmetry = Asymmetry(seed, performance.asymmetry)
        self._controls = ControlLayer(performance.controls)
        strengths = dict(zip(STRENGTHS, performance.strengths(), strict=True))
        self._speech_alone = strengths.pop("speech") == 1 and not any(strengths.values())

    def initial_state(self) -> PerformerState:
        """Before the first knot, with all that is known in advance told."""
        chosen = self.performance
        listens = chosen.mode == "listen"
        state = PerformerState(
            self._emotion.initial_state(chosen.emotion), self._gaze.initial_state(chosen.gaze),
            self._listening.initial_state(listening=listens), self._head.initial_state(),
            self._blinks.initial_state(), self._controls.initial_state(),
            Timeline(_single(chosen.strengths())), Timeline((float(listens),)))
        for direction in (*chosen.directions, *_directions(self._overrides)):
            state = self._directed(state, direction)
        for at in self._overrides.blinks:
            state = replace(state, blinks=self._blinks.told(state.blinks, at))
        for span in self._overrides.no_blinks:
            state = replace(state, blinks=self._blinks.kept_open(state.blinks, span.start, span.end))
        return state

    def told(self, state: PerformerState, direction: Direction) -> PerformerState:
        """`direction` in force from its time on, or from the next knot on if that is past."""
        if self._speech_alone:
            raise ConfigError("every layer is off: there is nobody to direct", where="direct",
                              fix="give a layer a strength above 0 when the session is opened")
        now = state.next_knot / KNOT_RATE_HZ
        return self._directed(state, replace(direction, at_secs=max(direction.at_secs, now)))

    def taking_over(self, state: PerformerState, at_secs: float) -> PerformerState:
        """The state of another performer as this one's own from `at_secs` on: it goes on where that was."""
        head = self._head.told(state.head, at_secs, energy=self.performance.head.energy)
        controls = self._controls.told(state.controls, at_secs, self.performance.controls, SWITCH_SECS)
        return replace(state, head=head, controls=controls)

    def _directed(self, state: PerformerState, told: Direction) -> PerformerState:
        at, secs = told.at_secs, told.transition_secs
        if told.emotion is not None:
            state = replace(state, emotion=self._emotion.told(state.emotion, at, told.emotion, secs))
        if told.gaze is not None:
            state = replace(state, gaze=self._gaze.told(state.gaze, at, told.gaze))
        if told.blink:
            state = replace(state, blinks=self._blinks.told(state.blinks, at))
        if told.controls is not None:
            controls = self._controls.told(state.controls, at, told.controls,
                                           SWITCH_SECS if secs is None else secs)
            state = replace(state, controls=controls)
        if told.layers is not None:
            state = replace(state, strengths=_switched(state.strengths, told))
        if told.mode is not None or told.attitude is not None:
            state = self._turned(state, told)
        return state

    def _turned(self, state: PerformerState, told: Direction) -> PerformerState:
        """Told to speak or to listen, or in which mood to listen."""
        listens = told.mode == "listen" if told.mode is not None else _goal(state.turned)[0] > 0
        listening = self._listening.told(state.listening, told.at_secs, listening=listens,
                                         attitude=told.attitude)
        turned = state.turned.told(told.at_secs, TURN_SECS, (float(listens),))
        return replace(state, listening=listening, turned=turned)

    def step(self, frames: Array, knots: Array, times: Times, state: PerformerState
             ) -> tuple[Array, PerformerState]:
        """Frames float32 [n, 61 + N_CUES] at `times`, s, and the knots [m, 61 + N_CUES] since the last step.

        Gives the face, float32 [n, 61].
        """
        plan = self.plan(frames, knots, times, state)
        return self.finish(faces([plan])[0], plan)

    def plan(self, frames: Array, knots: Array, times: Times, state: PerformerState) -> Plan:
        """What the layers decide; `faces` draws it, `finish` has the last word."""
        heard = Moment(times, frames[:, :N_CHANNELS], frames[:, N_CHANNELS:], knots[:, N_CHANNELS:],
                       state.next_knot)
        if self._speech_alone:
            after = replace(state, next_knot=state.next_knot + len(knots))
            return Plan(self, heard, None, {}, after)
        strengths = self._strengths(times, state.strengths)
        own, listens = self._own(heard, state.turned, strengths["speech"])
        weights, mood, emotion = self._emotion.plan(own, state.emotion)
        gaze = self._gaze.plan(heard, mood, state.gaze, listening=listens)
        listening = self._listening.plan(heard, state.listening)
        head = self._head.plan(own, mood, state.head)
        blinks = self._blinks.plan(heard, mood, state.blinks, self._gaze.shifts(gaze))  # listeners blink too
        after = PerformerState(emotion, gaze, listening, head, blinks, state.controls,
                               _pruned(state.strengths, times), _pruned(state.turned, times),
                               state.next_knot + len(knots))
        return Plan(self, own, weights, strengths, after)

    def finish(self, values: Array, plan: Plan) -> tuple[Array, PerformerState]:
        """What users turn and animators correct."""
        return self._finished(values, plan.moment.cues, plan.moment.times, plan.state)

    def _own(self, heard: Moment, turned: Timeline, speaks: Strength
             ) -> tuple[Moment, NDArray[np.bool_] | bool]:
        """The moment without a voice that is another's, or turned down; at which knots it is another's."""
        listens: NDArray[np.bool_] | bool = False
        own = heard
        if turned.keys or turned.initial[0]:
            knots = (1 - turned.at(heard.knot_times)).astype(np.float32)
            own = _quieter(own, (1 - turned.at(heard.times)).astype(np.float32), knots)
            listens = np.asarray(knots[:, 0] < 0.5)
        if isinstance(speaks, float):
            return (_quieter(own, speaks) if speaks < 1 else own), listens
        return (_quieter(own, np.minimum(speaks, 1)) if np.any(speaks < 1) else own), listens

    def _strengths(self, times: Times, line: Timeline) -> Strengths:
        """Of each layer at `times`, mutes of the animator among them."""
        if not (line.keys or self._mutes):
            return dict(zip(STRENGTHS, line.initial, strict=True))
        told = line.at(times).astype(np.float32)
        return {name: (told[:, k] * self._overrides.share(name, times))[:, None]
                for k, name in enumerate(STRENGTHS)}

    def _finished(self, values: Array, cues: Array, times: Times, state: PerformerState
                  ) -> tuple[Array, PerformerState]:
        """What users turn and animators correct has the last word."""
        closed = np.maximum(cues[:, _SEAL], cues[:, _CONTACT])
        moved = self._overrides.moved(values, times) if self._corrects else values
        if moved is not values:
            moved = kept_sealed(moved, values, closed, _LOW, _HIGH)
        shown, controls = self._controls.step(moved, times, closed, state.controls)
        if controls is not state.controls:
            state = replace(state, controls=controls)
        return (self._overrides.settled(shown, times) if self._corrects else shown), state


@dataclass(frozen=True, slots=True)
class Plan:
    """What the layers of a performer decided for a moment. `emotion`: None where there is speech alone.

    moment: without a voice that is another's, or turned down; strengths: of the layers at its frames.
    """

    performer: Performer
    moment: Moment
    emotion: Weights | None
    strengths: Strengths
    state: PerformerState


def faces(plans: Sequence[Plan]) -> list[Array]:
    """The faces of several performers, float32 [n, 61] each: all layers are drawn, and meet, for all of them
    at once. Each has the bits that it has alone."""
    out = [plan.moment.speech.copy() for plan in plans]
    acting = [(k, plan) for k, plan in enumerate(plans)
              if plan.emotion is not None and len(plan.moment.times)]
    if not acting:
        return out
    drawn = _drawn([plan for _, plan in acting])
    edges = np.cumsum([len(plan.moment.times) for _, plan in acting])[:-1]
    for (k, _), values in zip(acting, np.split(drawn, edges), strict=True):
        out[k] = values
    return out


def _drawn(plans: Sequence[Plan]) -> Array:
    """What each layer wants at the frames of all [N, 61], at its strength, and the face they make."""
    who = [(plan.performer, plan.moment.times, plan.state) for plan in plans]
    counts = [len(times) for _, times, _ in who]
    times = np.concatenate([times for _, times, _ in who])
    strength = _strengths_of(plans, counts)
    emotion = _scaled(emotion_curves([plan.emotion for plan in plans if plan.emotion]), strength["emotion"])
    listened = [one._listening.draw(at, state.listening) for one, at, state in who]
    nods, answers = (np.concatenate(part) for part in zip(*listened, strict=True))
    asked = emotion[:, _HEAD].astype(np.float64)
    goals = np.concatenate([one._gaze.head_goals(at, state.gaze) for one, at, state in who])
    asked[:, :2] += _scaled(goals, strength["gaze"])
    turns = heads_of([(one._head, at, state.head) for one, at, state in who], asked)
    turns = _scaled(turns + _scaled(nods, strength["listening"]), strength["head"])
    head = np.zeros((len(times), N_CHANNELS), np.float32)
    head[:, _HEAD] = turns
    eyes = eyes_of([(one._gaze, at, state.gaze) for one, at, state in who], turns)
    lids = np.concatenate([one._blinks.draw(at, state.blinks) for one, at, state in who])
    values = met(np.concatenate([plan.moment.speech for plan in plans]),
                 np.concatenate([plan.moment.cues for plan in plans]),
                 {"emotion": emotion, "listening": _scaled(answers, strength["listening"]),
                  "gaze": _scaled(eyes, strength["gaze"]), "head": head,
                  "blinks": _scaled(lids, strength["blinks"])})
    apart = sides_apart([one._asymmetry for one, _, _ in who], counts, values, times)
    share = strength["asymmetry"]
    return np.where(share == 1, apart, values + share * (apart - values))


def _strengths_of(plans: Sequence[Plan], counts: Sequence[int]) -> Strengths:
    """Of each layer in the rows of all: 1 where it is that of everybody, else [N, 1]."""
    out: Strengths = {}
    for name in STRENGTHS:
        each = [plan.strengths[name] for plan in plans]
        if all(isinstance(one, float) and one == 1 for one in each):
            out[name] = 1.0
        else:
            out[name] = np.concatenate([np.broadcast_to(np.asarray(one, np.float32), (n, 1))
                                        for one, n in zip(each, counts, strict=True)])
    return out


def _single(values: tuple[float, ...]) -> tuple[float, ...]:
    """In single precision, as a strength that changes is: what is told later changes nothing before it."""
    return tuple(np.array(values, np.float32).tolist())


def _scaled(values: NDArray[Number], strength: Strength) -> NDArray[Number]:
    """What a layer gives, at its strength."""
    if isinstance(strength, float) and strength == 1:
        return values
    scaled: NDArray[Any] = values * strength
    return scaled


def _quieter(moment: Moment, frames: Strength, knots: Array | None = None) -> Moment:
    """The moment with a share of its voice: at the frames [n, 1], and at the knots [m, 1] if that is planned.
    """
    return Moment(moment.times, moment.speech * frames, moment.cues * frames,
                  moment.knots if knots is None else moment.knots * knots, moment.first_knot)


def _directions(overrides: Overrides) -> tuple[Direction, ...]:
    """What an animator's file tells the layers."""
    emotions = [Direction(at_secs=one.at, emotion=one.feeling, transition_secs=one.transition)
                for one in overrides.emotions]
    gazes = [Direction(at_secs=one.at, gaze=one.targets) for one in overrides.gazes]
    return (*emotions, *gazes)


def _switched(line: Timeline, told: Direction) -> Timeline:
    """The strengths that are told; the others go where they went before."""
    layers = told.layers or {}
    wanted = tuple(float(layers.get(name, goal)) for name, goal in zip(STRENGTHS, _goal(line), strict=True))
    secs = SWITCH_SECS if told.transition_secs is None else told.transition_secs
    return line.told(told.at_secs, secs, wanted)


def _goal(line: Timeline) -> tuple[float, ...]:
    """Where it leads in the end."""
    return line.keys[-1].after if line.keys else line.initial


def _pruned(line: Timeline, times: Times) -> Timeline:
    return line.pruned(float(times[0])) if len(line.keys) > 1 and len(times) else line
