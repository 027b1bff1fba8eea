"""Log-mel features: streaming, blind to loudness, and where the energy is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.encoder.live import SILENT_ROW
from facerig.features import logmel
from facerig.features.effort import Effort
from facerig.features.logmel import BLOCK, N_MELS, LogMel
from facerig.features.prosody import Prosody
from tests.streams import made_up_speech


def rows(audio: np.ndarray) -> np.ndarray:
    stage, out = LogMel(), []
    state = stage.initial_state()
    for block in audio[: len(audio) // BLOCK * BLOCK].reshape(-1, BLOCK):
        got, state = stage.step(block, state)
        out.append(got)
    return np.concatenate(out)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 49), st.integers(0, 2**31))
def test_later_blocks_never_change_earlier_rows(n_kept: int, seed: int) -> None:
    audio = made_up_speech(1.0, seed=seed)
    changed = audio.copy()
    changed[n_kept * BLOCK :] = np.random.default_rng(seed).normal(0, 1, len(audio) - n_kept * BLOCK)
    assert np.array_equal(rows(audio)[: 2 * n_kept], rows(changed)[: 2 * n_kept])


def test_a_copied_state_forks_the_stream() -> None:
    stage = LogMel()
    audio = made_up_speech(0.2).reshape(-1, BLOCK)
    _, state = stage.step(audio[0], stage.initial_state())
    first, _ = stage.step(audio[1], state)
    stage.step(audio[3], state)
    again, _ = stage.step(audio[1], state)
    assert np.array_equal(first, again)


@pytest.mark.parametrize("gain_db", [-30, -12, 12])
def test_quiet_and_loud_copies_give_the_same_features(gain_db: int) -> None:
    audio = made_up_speech(2.0)
    changed = rows(audio * np.float32(10 ** (gain_db / 20)))
    assert np.abs(rows(audio) - changed)[20:].max() < 1e-3


def test_silence_is_black_and_a_tone_lights_its_band() -> None:
    assert np.allclose(rows(np.zeros(BLOCK * 4, np.float32)), SILENT_ROW, atol=1e-4)  # what flush feeds
    tone = np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000).astype(np.float32)
    centre = np.argmax(logmel.mel_filters()[32])  # bin 32 of 512 at 16 kHz is 1000 Hz
    assert abs(int(np.argmax(rows(tone)[50])) - int(centre)) <= 1


def test_the_filters_cover_the_band_without_gaps() -> None:
    filters = logmel.mel_filters()
    assert filters.shape == (257, N_MELS)
    assert (filters.sum(0) > 0).all()
    low, high = int(logmel.LOW_HZ / 31.25) + 2, int(logmel.HIGH_HZ / 31.25) - 2
    assert (filters[low:high].sum(1) > 0).all()


@settings(deadline=None, max_examples=10)
@given(st.integers(1, 9), st.integers(0, 99))
def test_streams_side_by_side_have_the_bits_they_have_alone(streams: int, seed: int) -> None:
    sounds = np.stack([made_up_speech(0.5, seed=seed + k) for k in range(streams)])
    stages = LogMel(), Effort(), Prosody()

    def told(blocks: np.ndarray) -> np.ndarray:
        logmel_state, effort_state, prosody_state = (stage.initial_state(len(blocks)) for stage in stages)
        out = []
        for block in blocks.reshape(len(blocks), -1, BLOCK).transpose(1, 0, 2):
            mel, logmel_state = stages[0].steps(block, logmel_state)
            effort, effort_state = stages[1].steps(mel, effort_state)
            melody, prosody_state = stages[2].steps(block, prosody_state)
            out.append(np.concatenate([mel, effort, melody], 2))
        return np.concatenate(out, 1)

    together = told(sounds)
    for k in range(streams):
        assert told(sounds[k : k + 1])[0].tobytes() == together[k].tobytes()
