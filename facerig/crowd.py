"""Many live sessions at once: what the sound goes through is computed for all of them together.

    crowd = Crowd("live")
    anna = crowd.join(Session(48_000))             # its own rate, fps, seed and performance
    crowd.feed(anna, samples)
    for seat, clip in crowd.step().items():        # the frames of everybody who has any

A session in a crowd gives the bits that it gives alone. Its sound is cut into blocks of 20 ms; a round takes
one block of everyone who has one through resampler, features, network and lips as arrays over streams.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facerig.audio.resample import ResamplerState, Window, made
from facerig.core.curves import CurveClip
from facerig.core.rows import joined, put, taken
from facerig.encoder.lips import LipState
from facerig.encoder.live import LiveEncoder, LiveState
from facerig.encoder.tracks import KNOTS_PER_STEP
from facerig.errors import ConfigError
from facerig.features.effort import EffortState
from facerig.features.logmel import FeatureState
from facerig.features.prosody import ProsodyState
from facerig.features.voice_emotion import VoiceEmotionState
from facerig.hearing import HEARD, N_EFFORT, Hearing, HearingState
from facerig.performance.performer import faces
from facerig.session import Session, SessionState, checked

Array = NDArray[np.float32]
Indices = NDArray[np.int64]

GROWTH: Final = 16  # rows made ready at a time


@dataclass(frozen=True, slots=True)
class EarsState:
    """What the stages remember of S streams. `heard` [S, delay, len(HEARD)]: rows whose knots are yet to
    come."""

    features: FeatureState
    effort: EffortState
    prosody: ProsodyState
    emotion: VoiceEmotionState
    encoder: LiveState
    lips: LipState
    heard: Array


class Ears:
    """The stages of a `Hearing` of a live model, for S streams: a block of 20 ms of each in, two knots
    out."""

    def __init__(self, hearing: Hearing, encoder: LiveEncoder) -> None:
        self._of, self._encoder = hearing, encoder

    def initial_state(self, streams: int = 1) -> EarsState:
        """Before the first sample."""
        of = self._of
        return EarsState(of.features.initial_state(streams), of.effort.initial_state(streams),
                         of.prosody.initial_state(streams), of.emotion.initial_state(streams),
                         self._encoder.initial_state(streams), of.lips.initial_state(streams),
                         np.zeros((streams, self._encoder.delay, len(HEARD)), np.float32))

    def step(self, blocks: Array, state: EarsState) -> tuple[Array, Indices, EarsState]:
        """Blocks [S, 320] -> knots [S, 2, 61 + N_CUES], how many of them lie before a stream's beginning
        [S]."""
        of = self._of
        mel, features = of.features.steps(blocks, state.features)
        effort, effort_state = of.effort.steps(mel, state.effort)
        melody, prosody = of.prosody.steps(blocks, state.prosody)
        felt, emotion = of.emotion.steps(mel, state.emotion)
        early = self._encoder.early(state.encoder)
        tracks, encoder = self._encoder.steps(mel, state.encoder)
        rows = np.concatenate([state.heard, np.concatenate([effort, melody, felt], 2)], 1)
        heard = rows[:, -self._encoder.delay :]
        told = heard[:, :KNOTS_PER_STEP]
        spoken = np.concatenate([tracks, told[:, :, :N_EFFORT]], 2)
        curves, cues, lips = self._decoded(spoken, early, state.lips)
        after = EarsState(features, effort_state, prosody, emotion, encoder, lips, heard)
        return np.concatenate([curves, cues, told], 2), early, after

    def _decoded(self, spoken: Array, early: Indices, state: LipState) -> tuple[Array, Array, LipState]:
        """Through the lips, which see no knot before a stream's beginning."""
        if not early.any():
            return self._of.lips.decode(spoken, state)
        parts, order = [], []
        for n in np.unique(early):
            which = np.flatnonzero(early == n)
            curves, cues, after = self._of.lips.decode(spoken[which, n:], taken(state, which))
            state = put(state, which, after)
            parts.append([np.pad(part, ((0, 0), (int(n), 0), (0, 0))) for part in (curves, cues)])
            order.append(which)
        back = np.argsort(np.concatenate(order))
        curves, cues = (np.concatenate(column)[back] for column in zip(*parts, strict=True))
        return curves, cues, state


@dataclass(slots=True)
class _Seat:
    session: Session
    row: int
    windows: deque[Window] = field(default_factory=deque)  # of blocks that wait for a round


class Crowd:
    """Sessions of one live model, stepped together. Raises ConfigError for a model that is not live."""

    def __init__(self, model: str = "live") -> None:
        hearing = Hearing(16_000, model)
        if not isinstance(hearing.encoder, LiveEncoder):
            raise ConfigError(f"the model {model!r} is not live", where="Crowd",
                              fix='use "live" or "live-40"')
        self.model_info, self._lips = hearing.model_info, hearing.lips.settings
        self._ears = Ears(hearing, hearing.encoder)
        self._fresh = self._ears.initial_state()
        self._state = self._ears.initial_state(0)
        self._seats: dict[int, _Seat] = {}
        self._free: list[int] = []
        self._next = 1

    def __len__(self) -> int:
        return len(self._seats)

    def join(self, session: Session) -> int:
        """A seat for a session that has heard nothing yet; it is fed through the crowd from now on.

        Raises ConfigError for a session of another model, of other lips, with a script, or in use.
        """
        state, hearing = session.state, session.hearing
        fits = session.model_info == self.model_info and hearing.lips.settings == self._lips
        if not fits or state.hearing.guide is not None or state.n_samples:
            raise ConfigError("the session does not fit the crowd", where="Crowd.join",
                              fix="open it with the crowd's model, without a script, and join it at once")
        if not self._free:
            first = len(self._state.heard)
            self._state = joined([self._state, self._ears.initial_state(GROWTH)])
            self._free = list(range(first + GROWTH - 1, first - 1, -1))
        seat, self._next = self._next, self._next + 1
        self._seats[seat] = _Seat(session, self._free.pop())
        return seat

    def leave(self, seat: int) -> None:
        """Free a seat. What was fed and not stepped is forgotten."""
        row = self._seats.pop(seat).row
        self._state = put(self._state, np.array([row]), self._fresh)
        self._free.append(row)

    def session(self, seat: int) -> Session:
        """Who sits there: to `direct` it, or to read how far it is. Only the crowd may feed it."""
        return self._seats[seat].session

    def feed(self, seat: int, samples: ArrayLike) -> None:
        """Sound of a session, as `Session.feed` takes it; `step` computes. Raises AudioError."""
        one, chunk = self._seats[seat], checked(samples)
        state = one.session.state
        windows, audio = one.session.hearing.resampler.windows(chunk, state.hearing.audio)
        one.windows.extend(windows)
        one.session.state = SessionState(_resampled(state.hearing, audio), state.frames, state.cast,
                                         state.n_samples + len(chunk), state.left, state.detail)

    def interrupt(self, seat: int) -> CurveClip:
        """As `Session.interrupt`; what was fed and not stepped was never said."""
        one = self._seats[seat]
        unheard = len(one.windows)
        one.windows.clear()
        self._state = put(self._state, np.array([one.row]), self._fresh)
        return one.session.interrupt(unheard)

    def waiting(self, seat: int) -> int:
        """Blocks of 20 ms that a seat has ready for `step`."""
        return len(self._seats[seat].windows)

    def step(self, rounds: int | None = None, seats: Iterable[int] | None = None) -> dict[int, CurveClip]:
        """The frames that what was fed completes, by seat; at most `rounds` blocks of each if that is given,
        and of `seats` alone if they are.

        Blocks that wait together are decided on and drawn together: who steps less often computes less.
        """
        knots: dict[int, list[Array]] = {}
        stepped = list(self._seats if seats is None else seats)
        while rounds is None or rounds > 0:
            ready = [seat for seat in stepped if self._seats[seat].windows]
            if not ready:
                break
            for seat, heard in zip(ready, self._heard([self._seats[seat] for seat in ready]), strict=True):
                knots.setdefault(seat, []).append(heard)
            rounds = None if rounds is None else rounds - 1
        sessions = [self._seats[seat].session for seat in knots]
        begun = [session.begin(parts[0] if len(parts) == 1 else np.concatenate(parts))
                 for session, parts in zip(sessions, knots.values(), strict=True)]
        drawn = iter(faces([one.plan for one in begun if one.plan is not None]))
        clips = [session.end(one, one.frames if one.plan is None else next(drawn))
                 for session, one in zip(sessions, begun, strict=True)]
        return {seat: clip for seat, clip in zip(knots, clips, strict=True) if len(clip)}

    def _heard(self, ready: list[_Seat]) -> list[Array]:
        """The knots of one block of each."""
        blocks = np.stack(made([one.windows.popleft() for one in ready]))
        rows = np.array([one.row for one in ready])
        knots, early, after = self._ears.step(blocks, taken(self._state, rows))
        self._state = put(self._state, rows, after)
        return [knots[k, n:] for k, n in enumerate(early.tolist())]


def _resampled(state: HearingState, audio: ResamplerState) -> HearingState:
    """With another state of the resampler (dataclasses.replace takes twice as long)."""
    return HearingState(audio, state.features, state.effort, state.prosody, state.emotion, state.heard,
                        state.encoder, state.guide, state.lips)
