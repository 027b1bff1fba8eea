"""One stream of speech to one face: feed samples, get frames. Files, sockets and the microphone all use this.

    audio -> features -> encoder -> (script) -> lips -> frames -> asymmetry, blinks

Stages never see each other; this module alone composes them, and its state is the states of its stages.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facerig.audio.resample import Resampler, ResamplerState
from facerig.core.clock import frames_within, parse_fps
from facerig.core.curves import CurveClip
from facerig.encoder.lips import LipDecoder, LipSettings, LipState
from facerig.encoder.live import LiveEncoder
from facerig.encoder.model import ModelInfo, open_model
from facerig.encoder.offline import OfflineEncoder
from facerig.encoder.tracks import TRACKS
from facerig.errors import AudioError, ModelError
from facerig.features.effort import EFFORT_NAMES, Effort, EffortState
from facerig.features.logmel import BLOCK, N_MELS, FeatureState, LogMel, LogMelWithSound
from facerig.performance.asymmetry import Asymmetry
from facerig.performance.blinks import Blinks, BlinkState
from facerig.performance.ending import eased
from facerig.performance.frames import FrameClock, FrameState
from facerig.script.guide import GuideState, ScriptGuide, ScriptReport
from facerig.script.phones import INVENTORY
from facerig.script.words import Script

Array = NDArray[np.float32]

LOUDEST = 1e4  # samples beyond this are damage, not loud speech (full scale is 1)


@dataclass(frozen=True, slots=True)
class SessionState:
    """Everything a stream remembers. Copying it forks the stream."""

    audio: ResamplerState
    features: FeatureState
    effort: EffortState
    efforts: Array  # of the rows whose knots are yet to come, [n, 2]
    encoder: Any
    guide: GuideState | None
    lips: LipState
    frames: FrameState
    blinks: BlinkState
    n_samples: int = 0


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
    seed: decides the character's blinks; the same seed and audio give the same curves, bit for bit.
    blinks: False leaves the lids alone.
    asymmetry: how far the sides of the face differ: 1 is natural (a few percent, by the seed), 0 mirrors.
    lips: how closures are decided; without it, by the thresholds that the model file names.
    script: the words that are spoken (facerig.script.words.read_script). They are aligned once all is heard:
        the frames come with `flush`, which also sets `script_report`. The model must hear phones: "offline".

    Raises ConfigError, ModelError or AudioError for what cannot be used.
    """

    def __init__(self, sample_rate: int, *, fps: str | int | float | Fraction = 60, model: str = "live",
                 seed: int = 0, blinks: bool = True, asymmetry: float = 1.0, lips: LipSettings | None = None,
                 script: Script | None = None) -> None:
        self.sample_rate, self.fps = sample_rate, parse_fps(fps)
        self._audio = Resampler(sample_rate)
        self._guide = None if script is None else ScriptGuide(script)
        self.script_report: ScriptReport | None = None
        self._encoder, self.model_info = _encoder(model, with_phones=bool(script and script.words))
        self._n_columns = len(TRACKS) + (len(INVENTORY) if script and script.words else 0)
        hears = isinstance(self._encoder, OfflineEncoder) and self._encoder.hears
        self._features = LogMelWithSound() if hears else LogMel()
        self._effort = Effort()
        self._lips = LipDecoder(lips or self.model_info.lips)
        self._frames = FrameClock(self.fps)
        self._asymmetry = Asymmetry(seed, asymmetry)
        self._blinks = Blinks(seed) if blinks else None
        self.lookahead = Lookahead(self._audio.lookahead_secs, self._encoder.lookahead_secs,
                                   self._frames.lookahead_secs)
        self.state = self._initial_state()

    def _initial_state(self) -> SessionState:
        return SessionState(self._audio.initial_state(), self._features.initial_state(),
                            self._effort.initial_state(), np.zeros((0, len(EFFORT_NAMES)), np.float32),
                            self._encoder.initial_state(),
                            None if self._guide is None else self._guide.initial_state(),
                            self._lips.initial_state(), self._frames.initial_state(),
                            (self._blinks or Blinks(0)).initial_state())

    def feed(self, samples: ArrayLike) -> CurveClip:
        """The frames that these samples complete.

        samples: [n], float in [-1, 1] or 16-bit integers, any n. Raises AudioError for NaN, Inf or another
        shape, and leaves the session as it was.
        """
        chunk = _checked(samples)
        blocks, audio = self._audio.step(chunk, self.state.audio)
        self.state = replace(self.state, audio=audio, n_samples=self.state.n_samples + len(chunk))
        return self._clip(self._advance(self._guided(self._tracks(blocks))))

    def flush(self) -> CurveClip:
        """The rest of the frames, up to the end of the audio, and a fresh session. The mouth ends at rest."""
        n_samples = self.state.n_samples
        start = self.state.frames.next_frame
        tracks = self._last_guided(self._last_tracks())
        values = [self._advance(tracks, alive=False)]
        rest, _ = self._frames.flush(self.state.frames)
        values.append(rest)
        n_left = frames_within(n_samples, self.fps, self.sample_rate) - start
        out = np.concatenate(values)[: max(0, n_left)]
        times = self._times(start, len(out))
        out = self._alive(eased(out, times, times[-1]) if len(out) else out, times)
        self.reset()
        return CurveClip(out, self.fps, self.sample_rate, start)

    def reset(self) -> None:
        """Forget the stream: the next sample fed is sample 0 of a new one."""
        self.state = self._initial_state()

    def _tracks(self, blocks: Array) -> Array:
        """Audio blocks [n, 320] through features and the network: tracks [k, len(TRACKS) (+ phones)]."""
        features, effort = self.state.features, self.state.effort
        encoder: Any = self.state.encoder  # of the encoder's own kind
        out, efforts = [], [self.state.efforts]
        for block in blocks:
            rows, features = self._features.step(block, features)
            spoken, effort = self._effort.step(rows[:, :N_MELS], effort)
            tracks, encoder = self._encoder.step(rows, encoder)
            efforts.append(spoken)
            out.append(tracks)
        self.state = replace(self.state, features=features, effort=effort, efforts=np.concatenate(efforts),
                             encoder=encoder)
        return np.concatenate(out) if out else np.zeros((0, self._n_columns), np.float32)

    def _last_tracks(self) -> Array:
        """What the resampler and the encoder still hold, as if silence followed."""
        blocks, audio = self._audio.flush(self.state.audio)
        self.state = replace(self.state, audio=audio)
        silence = np.zeros((1, BLOCK), np.float32)  # the last window reaches half a hop into it
        tracks = self._tracks(np.concatenate([blocks, silence]))
        rest, encoder = self._encoder.flush(self.state.encoder)
        self.state = replace(self.state, encoder=encoder)
        return np.concatenate([tracks, rest])

    def _guided(self, rows: Array) -> Array:
        """The tracks that the script lets through: without one all, with one none before the end."""
        if self._guide is None or self.state.guide is None:
            return rows
        tracks, guide = self._guide.step(rows, self.state.guide)
        self.state = replace(self.state, guide=guide)
        return tracks

    def _last_guided(self, rows: Array) -> Array:
        """The rest of the tracks; the script's report is known then."""
        tracks = self._guided(rows)
        if self._guide is None or self.state.guide is None:
            return tracks
        rest, guide = self._guide.flush(self.state.guide)
        self.script_report = guide.report
        return np.concatenate([tracks, rest])

    def _advance(self, tracks: Array, *, alive: bool = True) -> Array:
        """Tracks through lips, frame clock, asymmetry and blinks: frames [k, 61]."""
        start = self.state.frames.next_frame
        tracks, efforts = self._with_effort(tracks)
        knots, lips = self._lips.step(tracks, self.state.lips)
        frames, clock = self._frames.step(knots, self.state.frames)
        self.state = replace(self.state, efforts=efforts, lips=lips, frames=clock)
        return self._alive(frames, self._times(start, len(frames))) if alive else frames

    def _with_effort(self, tracks: Array) -> tuple[Array, Array]:
        """The tracks and, behind each, the effort that was heard with it; the efforts that still wait."""
        waiting, n = self.state.efforts, len(tracks)
        if len(waiting) < n:  # the encoder's flush gives a knot or two for the silence after the sound
            last = waiting[-1:] if len(waiting) else np.zeros((1, len(EFFORT_NAMES)), np.float32)
            waiting = np.concatenate([waiting, np.repeat(last, n - len(waiting), 0)])
        return np.concatenate([tracks, waiting[:n]], 1), waiting[n:]

    def _alive(self, frames: Array, times: NDArray[np.float64]) -> Array:
        frames = self._asymmetry.apply(frames, times)
        if self._blinks is None:
            return frames
        frames, state = self._blinks.step(frames, times, self.state.blinks)
        self.state = replace(self.state, blinks=state)
        return frames

    def _times(self, start: int, n: int) -> NDArray[np.float64]:
        index = np.arange(start, start + n, dtype=np.int64)
        return np.asarray(index * self.fps.denominator / self.fps.numerator, np.float64)

    def _clip(self, values: Array) -> CurveClip:
        return CurveClip(values, self.fps, self.sample_rate, self.state.frames.next_frame - len(values))


def _encoder(model: str, *, with_phones: bool) -> tuple[LiveEncoder | OfflineEncoder, ModelInfo]:
    session, info = open_model(model)
    if with_phones and (info.kind == "live" or info.phones != INVENTORY):
        raise ModelError("the model cannot follow a text: it does not hear phones", where=str(info.path),
                         fix='use the model "offline", or leave the text out')
    encoder: LiveEncoder | OfflineEncoder = (LiveEncoder(session, info) if info.kind == "live" else
                                             OfflineEncoder(session, info, with_phones=with_phones))
    if encoder.n_mels != N_MELS:
        raise ModelError(f"the model hears {encoder.n_mels} mel bands, not {N_MELS}", where=str(info.path),
                         fix="train it again for this version")
    return encoder, info


def _checked(samples: ArrayLike) -> Array:
    chunk = np.asarray(samples)
    if chunk.ndim != 1:
        raise AudioError(f"expected mono samples [n], got an array of shape {chunk.shape}",
                         where="Session.feed",
                         fix="choose or mix a channel first: facerig.audio.channels.select")
    if chunk.dtype == np.int16:
        return chunk.astype(np.float32) / 32768.0
    if not np.issubdtype(chunk.dtype, np.floating) and len(chunk):
        raise AudioError(f"expected float or int16 samples, got {chunk.dtype}", where="Session.feed",
                         fix="convert to float32 in [-1, 1]")
    if not np.all(np.abs(chunk) <= LOUDEST):  # false for NaN as well
        at = int(np.argmax(~(np.abs(chunk) <= LOUDEST)))
        raise AudioError(f"sample {at} of the chunk is {chunk[at]}", where="Session.feed",
                         fix="feed finite samples; full scale is 1")
    return chunk.astype(np.float32)


