"""One stream of speech to one face: feed samples, get frames. Files, sockets and the microphone all use this.

    hearing (audio -> features -> encoder -> lips) -> frames -> cast (emotion, eyes, head ...)

Stages never see each other; this module and `hearing` alone compose them, and the session's state is the
states of its stages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor
from numbers import Integral
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facerig.audio.rates import BLOCKS_PER_SEC
from facerig.core.channels import N_CHANNELS
from facerig.core.clock import KNOT_RATE_HZ, frames_within, parse_fps
from facerig.core.cues import N_CUES
from facerig.core.curves import CurveClip
from facerig.core.said import Said
from facerig.encoder.lips import LipSettings
from facerig.errors import AudioError, ConfigError
from facerig.hearing import Hearing, HearingState
from facerig.performance.cast import Cast
from facerig.performance.directions import Direction
from facerig.performance.ending import FADE_KNOTS, eased, fading, met_again
from facerig.performance.frames import FrameClock, FrameState
from facerig.performance.performer import Plan
from facerig.performance.settings import Performance
from facerig.script.guide import ScriptReport
from facerig.script.words import Script

Array = NDArray[np.float32]

LOUDEST: Final = 1e4  # samples beyond this are damage, not loud speech (full scale is 1)


@dataclass(frozen=True, slots=True)
class Left:
    """A voice that was interrupted: its last knot, and the index of the one after it."""

    last: Array
    knot: int


@dataclass(frozen=True, slots=True)
class Begun:
    """Frames [n, 61 + N_CUES] from `start` on at `times`, s, and the knots that came with them; `plan`: what
    the layers decided, None where a style is changing."""

    start: int
    frames: Array
    knots: Array
    times: NDArray[np.float64]
    plan: Plan | None


@dataclass(frozen=True, slots=True)
class SessionState:
    """Everything a stream remembers. Copying it forks the stream."""

    hearing: HearingState
    frames: FrameState
    cast: Cast
    n_samples: int = 0
    left: Left | None = None
    detail: int = 1


@dataclass(frozen=True, slots=True)
class Lookahead:
    """How much later than a frame its last needed input may lie, s, by stage. Compute time comes on top."""

    resampler: Fraction
    encoder: Fraction
    frames: Fraction

    @property
    def total(self) -> Fraction:
        """The algorithmic latency of the whole session."""
        return self.resampler + self.encoder + self.frames


class Session:
    """Animates one stream of mono speech.

    sample_rate: of the samples fed, 8,000 to 192,000 Hz.
    fps: frames per second that come out, any rational rate from 1 to 1000 ("29.97" is 30000/1001).
    model: "live" (look-ahead of 91 ms), "live-40" (41 ms, less sure), "offline" (windows of 12 s) or the
        path of an .onnx file.
    seed: decides the character: its blinks, glances, nods, leading side; the same seed and audio give the
        same curves, bit for bit.
    performance: emotion, blinks, gaze, head and the rest; STILL leaves everything but speech at rest.
    lips: how closures are decided; without it, by the thresholds that the model file names.
    script: the words that are spoken (facerig.script.words.read_script). They are aligned once all is heard:
        the frames come with `flush`, which also sets `script_report`. The model must hear phones: "offline".
    phones: listen for phones too, where the model hears them: `flush` sets `said`, which is None elsewhere. A
        script's words and phones are in it anyhow.

    Raises ConfigError, ModelError or AudioError for what cannot be used.
    """

    def __init__(self, sample_rate: int, *, fps: str | int | float | Fraction = 60, model: str = "live",
                 seed: int = 0, performance: Performance | None = None, lips: LipSettings | None = None,
                 script: Script | None = None, phones: bool = False) -> None:
        self.sample_rate, self.fps = sample_rate, parse_fps(fps)
        self.hearing = Hearing(sample_rate, model, lips=lips, script=script, phones=phones)
        self.encoder, self.model_info = self.hearing.encoder, self.hearing.model_info
        #: is given the knots [n, 61 + N_CUES] of speech, as they come: for those who judge a recording
        self.observer: Callable[[Array], None] | None = None
        self.script_report: ScriptReport | None = None
        self.said: Said | None = None
        self._frames = FrameClock(self.fps, N_CUES)
        self._fewer: dict[int, FrameClock] = {}  # by level of detail
        self._cast = Cast.of(performance or Performance(), seed)
        self.lookahead = Lookahead(self.hearing.resampler.lookahead_secs,
                                   self.encoder.lookahead_secs, self._frames.lookahead_secs)
        self.state = self._initial_state()

    def _initial_state(self) -> SessionState:
        return SessionState(self.hearing.initial_state(), self._frames.initial_state(), self._cast)

    @property
    def detail(self) -> int:
        """Level of detail: every so many frames are made, from the next one on; for faces far away. What the
        character does stays the same. Clips then are of fps / detail. Raises ConfigError for less than a
        frame a second. `reset` sets it back to 1.
        """
        return self.state.detail

    @detail.setter
    def detail(self, detail: int) -> None:
        if not (isinstance(detail, Integral) and 1 <= detail <= self.fps):
            raise ConfigError(f"every {detail}th frame", where="Session.detail",
                              fix=f"give a whole number from 1 to {floor(self.fps)}")
        if detail not in self._fewer:
            self._fewer[detail] = FrameClock(self.fps / detail, N_CUES)
        state = self.state
        following = -(-state.frames.next_frame * state.detail // detail)
        self.state = replace(state, detail=detail, frames=replace(state.frames, next_frame=following))

    def feed(self, samples: ArrayLike) -> CurveClip:
        """The frames that these samples complete.

        samples: [n], float in [-1, 1] or 16-bit integers, any n. Raises AudioError for NaN, Inf or another
        shape, and leaves the session as it was.
        """
        chunk = checked(samples)
        knots, hearing = self.hearing.step(chunk, self.state.hearing)
        self.state = replace(self.state, hearing=hearing, n_samples=self.state.n_samples + len(chunk))
        return self._shown(self._mouth(knots))

    def begin(self, knots: Array) -> Begun:
        """What the next knots [n, 61 + N_CUES] of the mouth bring about. For those who hear and draw for many
        sessions at once (`facerig.crowd`), and `end` what they began; `feed` does it all."""
        knots = self._mouth(knots)
        start, frames = self._framed(knots)
        times = self._times(start, len(frames))
        return Begun(start, frames, knots, times, self.state.cast.plan(frames, knots, times))

    def end(self, begun: Begun, face: Array) -> CurveClip:
        """The frames of what was begun; `face`: what `faces` made of its plan, if it has one."""
        if begun.plan is None:
            values, cast = self.state.cast.step(begun.frames, begun.knots, begun.times)
        else:
            values, cast = self.state.cast.finish(face, begun.plan)
        state = self.state
        self.state = SessionState(state.hearing, state.frames, cast, state.n_samples, state.left,
                                  state.detail)
        return self._clip(values, begun.start)

    def flush(self) -> CurveClip:
        """The rest of the frames, up to the end of the audio, and a fresh session. The mouth ends at rest."""
        start, n_samples = self.state.frames.next_frame, self.state.n_samples
        knots, hearing = self.hearing.flush(self.state.hearing)
        if hearing.guide is not None:
            self.script_report, self.said = hearing.guide.report, hearing.guide.said
        knots = self._mouth(knots)
        self._observed(knots)
        frames, clock = self._clock.step(knots, self.state.frames)
        rest, clock = self._clock.flush(clock)
        n_left = max(0, frames_within(n_samples, self._clock.fps, self.sample_rate) - start)
        frames = np.concatenate([frames, rest])[:n_left]
        times = self._times(start, len(frames))
        if len(frames):
            frames[:, :N_CHANNELS] = eased(frames[:, :N_CHANNELS], times, times[-1])
        self.state = replace(self.state, hearing=hearing, frames=clock)
        clip = self._performed(frames, knots, start)
        self.reset()
        return clip

    def interrupt(self, unheard_blocks: int = 0) -> CurveClip:
        """Stop speaking here, in the middle of a word: the mouth comes to rest within 0.12 s, the character
        lives on.

        What was fed until now counts; the voice that follows is a new one and begins at sample
        `state.n_samples`, up to 20 ms later than the last one ended. Gives the frames that this completes.
        unheard_blocks: of 20 ms at the end that a crowd never got to. Raises ConfigError for a session with a
        script.
        """
        if self.state.hearing.guide is not None:
            raise ConfigError("a session with a script hears all of it before it speaks", where="interrupt",
                              fix="open one without a script")
        block = -(-self.state.n_samples * BLOCKS_PER_SEC // self.sample_rate) - unheard_blocks
        heard = self.state.frames.first + len(self.state.frames.knots)
        last = self.state.frames.knots[-1] if heard else np.zeros(N_CHANNELS + N_CUES, np.float32)
        knots = fading(last, 0, max(0, block * KNOT_RATE_HZ // BLOCKS_PER_SEC - heard))
        self.state = replace(self.state, hearing=self.hearing.initial_state(block), left=Left(last, heard),
                             n_samples=-(-block * self.sample_rate // BLOCKS_PER_SEC))
        return self._shown(knots)

    def reset(self) -> None:
        """Forget the stream: the next sample fed is sample 0 of a new one."""
        self.state = self._initial_state()

    def direct(self, at_sample: int | None = None, **wishes: object) -> None:
        """Change how the character acts, from sample `at_sample` of the stream on (None: from now on).

        wishes: the fields of `Direction`: emotion="joy:0.6", gaze=(0.2, 0.0, 0.7), blink=True, mode="listen",
        layers={"head": 0}, style=read_style(path), ... Nothing jumps: what moves, moves there within a
        transition. A change in the past counts from the next frame on. Raises ConfigError for what is
        no wish. `flush` and `reset` forget what was told.
        """
        if at_sample is not None and (not isinstance(at_sample, Integral) or at_sample < 0):
            raise ConfigError(f"{at_sample} is no sample of the stream", where="Session.direct",
                              fix="give a sample index from 0 on, or None for now")
        at_secs = 0.0 if at_sample is None else at_sample / self.sample_rate
        direction = Direction.of(at_secs, wishes)
        self.state = replace(self.state, cast=self.state.cast.told(direction))

    def _mouth(self, knots: Array) -> Array:
        """Knots that were heard, over what is left of a voice that was interrupted."""
        left = self.state.left
        if left is None or not len(knots):
            return knots
        after = self.state.frames.first + len(self.state.frames.knots) - left.knot
        if after >= FADE_KNOTS:
            self.state = replace(self.state, left=None)
            return knots
        return met_again(knots, left.last, after)

    def _shown(self, knots: Array) -> CurveClip:
        """The frames that these knots complete."""
        start, frames = self._framed(knots)
        return self._performed(frames, knots, start)

    def _framed(self, knots: Array) -> tuple[int, Array]:
        """The next frame's index, and the frames that these knots complete."""
        self._observed(knots)
        state = self.state
        frames, clock = self._clock.step(knots, state.frames)
        self.state = SessionState(state.hearing, clock, state.cast, state.n_samples, state.left, state.detail)
        return state.frames.next_frame, frames

    def _observed(self, knots: Array) -> None:
        if self.observer is not None and len(knots):
            self.observer(knots)

    def _performed(self, frames: Array, knots: Array, start: int) -> CurveClip:
        values, cast = self.state.cast.step(frames, knots, self._times(start, len(frames)))
        self.state = replace(self.state, cast=cast)
        return self._clip(values, start)

    def _clip(self, values: Array, start: int) -> CurveClip:
        return CurveClip(values, self._clock.fps, self.sample_rate, start)

    @property
    def _clock(self) -> FrameClock:
        return self._frames if self.state.detail == 1 else self._fewer[self.state.detail]

    def _times(self, start: int, n: int) -> NDArray[np.float64]:
        secs, frames = self.state.detail * self.fps.denominator, self.fps.numerator
        return np.array([index * secs / frames for index in range(start, start + n)], np.float64)


def checked(samples: ArrayLike) -> Array:
    """Mono samples as float32 [n]. Raises AudioError for NaN, Inf or another shape."""
    chunk = np.asarray(samples)
    if chunk.ndim != 1:
        raise AudioError(f"expected mono samples [n], got an array of shape {chunk.shape}",
                         where="Session.feed",
                         fix="choose or mix a channel first: facerig.audio.channels.select")
    if chunk.dtype == np.int16:
        return chunk.astype(np.float32) / 32768.0
    if chunk.dtype == np.float32 and len(chunk) and chunk.min() >= -LOUDEST and chunk.max() <= LOUDEST:
        return chunk.copy()  # the usual case; NaN is not at most anything
    if not np.issubdtype(chunk.dtype, np.floating) and len(chunk):
        raise AudioError(f"expected float or int16 samples, got {chunk.dtype}", where="Session.feed",
                         fix="convert to float32 in [-1, 1]")
    if not np.all(np.abs(chunk) <= LOUDEST):  # false for NaN as well
        at = int(np.argmax(~(np.abs(chunk) <= LOUDEST)))
        raise AudioError(f"sample {at} of the chunk is {chunk[at]}", where="Session.feed",
                         fix="feed finite samples; full scale is 1")
    return chunk.astype(np.float32)
