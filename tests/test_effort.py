"""Speech effort: told by the spectrum, not by the gain; smooth; the same for any split."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.features.effort import EASE_ROWS, Effort
from facerig.features.logmel import BLOCK, SAMPLE_RATE, LogMel
from tests.streams import in_pieces, run

GAINS = (0.02, 0.2, 4.0)
STEADY = slice(100, None)  # rows after the first second


def rows_of(audio: np.ndarray) -> np.ndarray:
    """Features of a sound [n, N_MELS]."""
    blocks = audio[: len(audio) // BLOCK * BLOCK].reshape(-1, BLOCK).astype(np.float32)
    return np.asarray(run(LogMel(), list(blocks)))


def effort_of(audio: np.ndarray) -> np.ndarray:
    """Effort and hush at each row [n, 2]."""
    return np.asarray(run(Effort(), [rows_of(audio)]))


def voice(tilt_db: float, secs: float = 3.0, seed: int = 0) -> np.ndarray:
    """Syllables of a voice whose harmonics fall by `tilt_db` an octave, through two formants."""
    rng, t = np.random.default_rng(seed), np.arange(int(secs * SAMPLE_RATE)) / SAMPLE_RATE
    phase = 2 * np.pi * np.cumsum(150 + 25 * np.sin(2 * np.pi * 0.7 * t)) / SAMPLE_RATE
    harmonics = np.arange(1, 40)
    formants = sum(10 ** (gain / 20) * np.exp(-(((harmonics * 150 - hz) / 250) ** 2))
                   for hz, gain in ((600, 6), (1700, 3)))
    levels = 10 ** (tilt_db * np.log2(harmonics) / 20) * (0.15 + formants)
    buzz = (levels[:, None] * np.sin(harmonics[:, None] * phase)).sum(0)
    syllables = np.clip(np.sin(2 * np.pi * 4 * t), 0, 1)
    return np.asarray(0.1 * syllables * buzz / np.abs(buzz).max() + 1e-5 * rng.normal(0, 1, len(t)))


def test_a_flat_spectrum_is_effort_and_a_falling_one_is_softness() -> None:
    shout, soft = (effort_of(voice(tilt))[STEADY, 0].mean() for tilt in (0, -18))
    assert shout > 0.4
    assert soft < -0.25


@pytest.mark.parametrize("gain", GAINS)
def test_the_gain_of_a_recording_is_no_effort(gain: float, speech: Path) -> None:
    audio, rate = soundfile.read(speech, dtype="float32")
    assert rate == 24_000
    normal, scaled = (effort_of(a)[STEADY] for a in (audio, audio * gain))
    assert np.abs(normal - scaled).mean() < 0.03


def test_noise_without_a_voice_is_no_shout() -> None:
    white = np.random.default_rng(0).normal(0, 0.1, 48_000)
    falling = np.fft.irfft(np.fft.rfft(white) / np.sqrt(np.arange(1, 24_002)))
    for noise in (white, 50 * falling):
        assert effort_of(noise)[:, 0].max() < 0.5
        assert effort_of(noise)[STEADY, 0].mean() < 0


def test_hush_is_the_silence_in_a_voice_and_not_the_voice() -> None:
    hush = effort_of(np.concatenate([voice(-8), np.zeros(3200), voice(-8)]))[:, 1]
    gap = 300 + 6
    assert hush[gap : gap + 10].min() == 1
    loud = [int(100 * (0.0625 + 0.25 * k)) for k in range(12)]  # the middles of the syllables
    assert hush[loud].max() < 0.3


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 200), max_size=6), st.integers(0, 99))
def test_any_split_gives_the_same_bits_and_values_stay_in_range(cuts: list[int], seed: int) -> None:
    rows = np.random.default_rng(seed).normal(0, 1.2, (200, 64)).astype(np.float32)
    whole = run(Effort(), [rows])
    assert np.array_equal(run(Effort(), in_pieces(rows, cuts)), whole)
    assert np.abs(whole[:, 0]).max() <= 1
    assert whole[:, 1].min() >= 0
    assert whole[:, 1].max() <= 1


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 199), st.integers(0, 99))
def test_later_rows_change_nothing_and_effort_never_jumps(kept: int, seed: int) -> None:
    rows = np.random.default_rng(seed).normal(0, 1.2, (200, 64)).astype(np.float32)
    whole = run(Effort(), [rows])
    assert np.array_equal(run(Effort(), [rows[:kept]]), whole[:kept])
    assert np.abs(np.diff(whole[:, 0])).max() <= 2 / EASE_ROWS
