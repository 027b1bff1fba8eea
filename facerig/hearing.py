"""From sound to the mouth and its cues: the half of the session that hears.

    audio -> features (log-mel, effort, prosody, emotion of the voice) -> encoder -> (script) -> lips

Out come knots at 100 Hz: the 61 curves, speech alone, and beside them the cues of `facerig.core.cues`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.audio.resample import Resampler, ResamplerState
from facerig.core.channels import N_CHANNELS
from facerig.core.cues import CUES, LIP_CUES, N_CUES
from facerig.encoder.lips import LipDecoder, LipSettings, LipState
from facerig.encoder.live import LiveEncoder
from facerig.encoder.model import ModelInfo, open_model
from facerig.encoder.offline import OfflineEncoder
from facerig.encoder.tracks import TRACKS
from facerig.errors import ModelError
from facerig.features.effort import EFFORT_NAMES, Effort, EffortState
from facerig.features.logmel import BLOCK, N_MELS, FeatureState, LogMel, LogMelWithSound
from facerig.features.prosody import PROSODY_NAMES, Prosody, ProsodyState
from facerig.features.voice_emotion import VOICE_EMOTION_NAMES, VoiceEmotion, VoiceEmotionState
from facerig.script.guide import GuideState, PhoneEar, ScriptGuide
from facerig.script.phones import INVENTORY
from facerig.script.words import Script

Array = NDArray[np.float32]

HEARD: Final = (*EFFORT_NAMES, *PROSODY_NAMES, *VOICE_EMOTION_NAMES)
N_EFFORT: Final = len(EFFORT_NAMES)
WIDTH: Final = N_CHANNELS + N_CUES  # of a knot
if (*LIP_CUES, *HEARD) != CUES:
    raise ImportError(f"the cues {CUES} are not what is heard: {(*LIP_CUES, *HEARD)}")


@dataclass(frozen=True, slots=True)
class HearingState:
    """What the stages remember; `heard`: the rows [n, len(HEARD)] whose knots are yet to come."""

    audio: ResamplerState
    features: FeatureState
    effort: EffortState
    prosody: ProsodyState
    emotion: VoiceEmotionState
    heard: Array
    encoder: Any
    guide: GuideState | None
    lips: LipState


class Hearing:
    """Stage: mono samples float32 [n] in, knots float32 [k, 61 + N_CUES] out.

    phones: listen for phones too, where the model hears them; the last state's `guide.said` holds them.
    Raises ConfigError, ModelError or AudioError for what cannot be used.
    """

    def __init__(self, sample_rate: int, model: str, *, lips: LipSettings | None = None,
                 script: Script | None = None, phones: bool = False) -> None:
        self.resampler = Resampler(sample_rate)
        follows = script is not None and bool(script.words)
        self.encoder, self.model_info, with_phones = _encoder(model, needs=follows, wants=phones)
        self._guide: ScriptGuide | PhoneEar | None = None if script is None else ScriptGuide(script)
        if with_phones and not follows:
            self._guide = PhoneEar(script)
        self._n_columns = len(TRACKS) + (len(INVENTORY) if with_phones else 0)
        hears = isinstance(self.encoder, OfflineEncoder) and self.encoder.hears
        self.features = LogMelWithSound() if hears else LogMel()
        self.effort, self.prosody, self.emotion = Effort(), Prosody(), VoiceEmotion()
        self.lips = LipDecoder(lips or self.model_info.lips)

    def initial_state(self, block: int = 0) -> HearingState:
        """Before the first sample, or before the one that `block` of 20 ms begins with, as if silence had
        gone before."""
        return HearingState(self.resampler.state_at(block), self.features.initial_state(),
                            self.effort.initial_state(), self.prosody.initial_state(),
                            self.emotion.initial_state(), np.zeros((0, len(HEARD)), np.float32),
                            self.encoder.initial_state(),
                            None if self._guide is None else self._guide.initial_state(),
                            self.lips.initial_state())

    def step(self, samples: Array, state: HearingState) -> tuple[Array, HearingState]:
        """The knots that these samples complete."""
        return self._mouth(*self._heard(samples, state))

    def flush(self, state: HearingState) -> tuple[Array, HearingState]:
        """What the resampler, the encoder and the script still held, as if silence followed."""
        return self._mouth(*self._rest(state))

    def tracks(self, samples: Array) -> Array:
        """What the lips are told of a whole recording: tracks, effort and hush, [n, len(TRACKS) + 2]."""
        first, state = self._heard(samples, self.initial_state())
        rest, state = self._rest(state)
        return _beside(np.concatenate([first, rest]), state.heard[:, :N_EFFORT])[0]

    def _heard(self, samples: Array, state: HearingState) -> tuple[Array, HearingState]:
        blocks, audio = self.resampler.step(samples, state.audio)
        tracks, state = self._tracks(blocks, replace(state, audio=audio))
        return self._guided(tracks, state)

    def _rest(self, state: HearingState) -> tuple[Array, HearingState]:
        blocks, audio = self.resampler.flush(state.audio)
        silence = np.zeros((1, BLOCK), np.float32)  # the last window reaches half a hop into it
        tracks, state = self._tracks(np.concatenate([blocks, silence]), replace(state, audio=audio))
        rest, encoder = self.encoder.flush(state.encoder)
        tracks, state = self._guided(np.concatenate([tracks, rest]), replace(state, encoder=encoder))
        if self._guide is not None and state.guide is not None:
            rest, guide = self._guide.flush(state.guide)
            tracks, state = np.concatenate([tracks, rest]), replace(state, guide=guide)
        return tracks, state

    def _tracks(self, blocks: Array, state: HearingState) -> tuple[Array, HearingState]:
        """Audio blocks [n, 320] through features and the network: tracks [k, len(TRACKS) (+ phones)]."""
        features, effort, prosody = state.features, state.effort, state.prosody
        emotion = state.emotion
        encoder: Any = state.encoder  # of the encoder's own kind
        out, heard = [np.zeros((0, self._n_columns), np.float32)], [state.heard]
        for block in blocks:
            rows, features = self.features.step(block, features)
            mel = rows[:, :N_MELS]
            spoken, effort = self.effort.step(mel, effort)
            melody, prosody = self.prosody.step(block, prosody)
            felt, emotion = self.emotion.step(mel, emotion)
            tracks, encoder = self.encoder.step(rows, encoder)
            heard.append(np.concatenate([spoken, melody, felt], 1))
            out.append(tracks)
        return np.concatenate(out), replace(state, features=features, effort=effort, prosody=prosody,
                                            emotion=emotion, encoder=encoder, heard=np.concatenate(heard))

    def _guided(self, rows: Array, state: HearingState) -> tuple[Array, HearingState]:
        """The tracks that the script lets through: without one all, with one none before the end."""
        if self._guide is None or state.guide is None:
            return rows, state
        tracks, guide = self._guide.step(rows, state.guide)
        return tracks, replace(state, guide=guide)

    def _mouth(self, tracks: Array, state: HearingState) -> tuple[Array, HearingState]:
        """Tracks, and what was heard with each, through the lips."""
        rows, waiting = _beside(tracks, state.heard)
        spoken, heard = rows[:, : tracks.shape[1] + N_EFFORT], rows[:, tracks.shape[1] :]
        curves, told, lips = self.lips.decode(spoken[None], state.lips)
        return np.concatenate([curves[0], told[0], heard], 1), replace(state, lips=lips, heard=waiting)


def _beside(tracks: Array, waiting: Array) -> tuple[Array, Array]:
    """The tracks and, behind each, what was heard with it; the rows that still wait for their tracks."""
    n = len(tracks)
    if len(waiting) < n:  # the encoder's flush gives a knot or two for the silence after the sound
        last = waiting[-1:] if len(waiting) else np.zeros((1, waiting.shape[1]), np.float32)
        waiting = np.concatenate([waiting, np.repeat(last, n - len(waiting), 0)])
    return np.concatenate([tracks, waiting[:n]], 1), waiting[n:]


def _encoder(model: str, *, needs: bool, wants: bool) -> tuple[LiveEncoder | OfflineEncoder, ModelInfo, bool]:
    """The encoder, what its file says, and whether it gives phones: it must, or may where it can."""
    session, info = open_model(model)
    can = info.kind != "live" and info.phones == INVENTORY
    if needs and not can:
        raise ModelError("the model cannot follow a text: it does not hear phones", where=str(info.path),
                         fix='use the model "offline", or leave the text out')
    with_phones = can and (needs or wants)
    encoder: LiveEncoder | OfflineEncoder = (LiveEncoder(session, info) if info.kind == "live" else
                                             OfflineEncoder(session, info, with_phones=with_phones))
    if encoder.n_mels != N_MELS:
        raise ModelError(f"the model hears {encoder.n_mels} mel bands, not {N_MELS}", where=str(info.path),
                         fix="train it again for this version")
    return encoder, info, with_phones
