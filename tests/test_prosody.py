"""Prosody: pitches that are known, noise that has none, gains that do not count, and real speech."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from facerig.core.cues import CUE
from facerig.features.logmel import BLOCK, SAMPLE_RATE, LogMel
from facerig.features.prosody import PROSODY_NAMES, WINDOW, Prosody, analysed
from tests.streams import made_up_speech, run

LOUDNESS, PITCH, VOICED = range(3)


def blocks(audio: np.ndarray) -> np.ndarray:
    return audio[: len(audio) // BLOCK * BLOCK].reshape(-1, BLOCK).astype(np.float32)


def prosody(audio: np.ndarray) -> np.ndarray:
    """Rows of a sound [n, 3]."""
    return np.asarray(run(Prosody(), list(blocks(audio))))


def pitches_hz(audio: np.ndarray) -> np.ndarray:
    """The pitch of each block, 0 without a voice [n]."""
    stage, out = Prosody(), []
    state = stage.initial_state()
    for block in blocks(audio):
        _, state = stage.step(block, state)
        out.append(float(state.voice.pitch_hz[0]))
    return np.array(out)


def saw(hz: np.ndarray, rate: int = SAMPLE_RATE) -> np.ndarray:
    """A buzz whose frequency is `hz` at each sample: harmonics to 3 kHz, falling by 6 dB an octave."""
    phase = 2 * np.pi * np.cumsum(hz) / rate
    return sum(np.sin(k * phase) / k * (k * hz < 3000) for k in range(1, 50)) * 0.1


def sentence(speech: Path) -> np.ndarray:
    audio, rate = soundfile.read(speech, dtype="float32")
    return np.asarray(resample_poly(audio, 2, 3) if rate == 24_000 else audio, np.float32)


def test_the_columns_are_cues() -> None:
    assert set(PROSODY_NAMES) <= set(CUE)


@pytest.mark.parametrize("hz", [62, 80, 120, 190, 300, 440, 490])
def test_a_buzz_has_its_pitch(hz: float) -> None:
    assert pitches_hz(saw(np.full(SAMPLE_RATE, float(hz))))[3:] == pytest.approx(hz, rel=0.01)


@pytest.mark.parametrize("hz", [120, 190, 300, 440, 490])
def test_a_tone_has_its_pitch(hz: float) -> None:
    tone = 0.1 * np.sin(2 * np.pi * hz * np.arange(SAMPLE_RATE) / SAMPLE_RATE)
    assert pitches_hz(tone)[3:] == pytest.approx(hz, rel=0.01)


@pytest.mark.parametrize("ends", [(80, 300), (400, 90)])
def test_a_sweep_is_followed_within_three_percent(ends: tuple[float, float]) -> None:
    hz = np.geomspace(*ends, 2 * SAMPLE_RATE)
    centre = np.arange(1, len(hz) // BLOCK + 1) * BLOCK - WINDOW // 2  # of each block's window
    assert pitches_hz(saw(hz))[3:] == pytest.approx(hz[centre[3:]], rel=0.03)


def test_an_octave_up_reads_as_one() -> None:
    audio = saw(np.repeat([100.0, 200.0], [4 * SAMPLE_RATE, SAMPLE_RATE // 5]))
    rows = prosody(audio)
    assert rows[350, PITCH] == pytest.approx(0, abs=0.02)
    assert rows[-5, PITCH] == pytest.approx(1, abs=0.06)  # the mean has begun to follow


def test_ten_decibels_up_read_as_one() -> None:
    gain = np.repeat([1.0, 10**0.5], [4 * SAMPLE_RATE, SAMPLE_RATE // 5])
    rows = prosody(saw(np.full(len(gain), 120.0)) * gain)
    assert rows[350, LOUDNESS] == pytest.approx(0, abs=0.05)
    assert rows[-5, LOUDNESS] == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize("fall", [0.0, 0.5, 1.0])  # white, pink, brown
def test_noise_has_no_voice(fall: float) -> None:
    white = np.random.default_rng(0).normal(0, 1, 10 * SAMPLE_RATE)
    noise = np.fft.irfft(np.fft.rfft(white) / np.maximum(np.arange(len(white) // 2 + 1), 20) ** fall)
    rows = prosody(0.1 * noise / noise.std())
    assert (rows[:, VOICED] > 0.5).mean() < 0.03
    assert rows[500:, VOICED].mean() < 0.01  # by then the noise is known
    assert np.abs(rows[500:, LOUDNESS]).mean() < 0.02


def test_silence_is_nothing() -> None:
    assert not prosody(np.zeros(SAMPLE_RATE)).any()


@pytest.mark.parametrize(("gain", "most"), [(0.01, 0.06), (0.1, 0.005), (3.0, 0.005)])
def test_the_gain_of_a_recording_is_not_heard(gain: float, most: float, speech: Path) -> None:
    audio = sentence(speech)  # 40 dB down its faint ends fall into what counts as silence
    assert np.abs(prosody(audio) - prosody(audio * np.float32(gain))).mean() < most


@pytest.mark.parametrize("snr_db", [20, 10])
def test_a_voice_in_noise_keeps_its_pitch(snr_db: float, speech: Path) -> None:
    audio = sentence(speech)
    noise = np.random.default_rng(1).normal(0, audio.std() * 10 ** (-snr_db / 20), len(audio))
    clean, noisy = pitches_hz(audio), pitches_hz(audio + noise)
    assert ((noisy > 0) & (clean > 0)).sum() > 0.8 * (clean > 0).sum()
    assert ((noisy > 0) & (clean == 0)).sum() < 0.1 * (clean > 0).sum()
    both = (noisy > 0) & (clean > 0)
    assert (np.abs(np.log2(noisy[both] / clean[both])) > 0.25).mean() < 0.03


def test_real_speech_is_plausible(speech: Path) -> None:
    audio = sentence(speech)
    rows, hz = prosody(audio), pitches_hz(audio)
    assert 0.3 < (hz > 0).mean() < 0.7  # voiced share of running speech
    assert np.percentile(hz[hz > 0], 95) / np.percentile(hz[hz > 0], 5) < 3
    leaps = np.abs(np.diff(np.log2(hz, where=hz > 0, out=np.zeros_like(hz))))[(hz[1:] > 0) & (hz[:-1] > 0)]
    assert (leaps > 0.5).mean() < 0.02  # octave errors
    voiced = rows[:, VOICED] > 0.9
    assert abs(rows[voiced, PITCH].mean()) < 0.1
    assert 0.05 < rows[voiced, PITCH].std() < 0.4
    assert abs(rows[voiced, LOUDNESS].mean()) < 0.4
    assert rows[voiced, LOUDNESS].max() > 0.3


def test_the_first_word_is_no_shout_and_no_squeak(speech: Path) -> None:
    rows = prosody(sentence(speech))
    first = int(np.argmax(rows[:, VOICED] > 0.5))
    assert np.abs(rows[first : first + 30, PITCH]).max() < 0.6
    assert np.abs(rows[first : first + 30, LOUDNESS]).mean() < 0.8


def test_rows_come_no_more_than_ten_milliseconds_after_the_log_mel_rows() -> None:
    def centre(stage: LogMel | Prosody, column: int) -> float:
        audio = np.zeros(SAMPLE_RATE)
        t = np.arange(3200) / SAMPLE_RATE
        audio[6400:9600] = np.hanning(3200) * np.sin(2 * np.pi * 250 * t)
        rows = np.asarray(run(stage, list(blocks(audio))))
        weight = 10 ** (1.25 * rows[:, column]) if isinstance(stage, LogMel) else 10 ** rows[:, column]
        weight = weight - weight.min()
        return float((np.arange(len(rows)) * weight).sum() / weight.sum() / 100)

    mel = int(np.argmax(run(LogMel(), list(blocks(np.sin(np.arange(16000) * 2 * np.pi * 250 / 16000))))[50]))
    assert 0.0 <= centre(Prosody(), LOUDNESS) - centre(LogMel(), mel) <= 0.010


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 49), st.integers(0, 2**31))
def test_later_blocks_never_change_earlier_rows(n_kept: int, seed: int) -> None:
    audio = made_up_speech(1.0, seed=seed)
    changed = audio.copy()
    changed[n_kept * BLOCK :] = np.random.default_rng(seed).normal(0, 1, len(audio) - n_kept * BLOCK)
    rows = prosody(audio)
    assert np.array_equal(rows[: 2 * n_kept], prosody(changed)[: 2 * n_kept])
    assert np.abs(rows[:, :2]).max() <= 1
    assert rows[:, VOICED].min() >= 0
    assert rows[:, VOICED].max() <= 1


def test_a_copied_state_forks_the_stream() -> None:
    stage, pieces = Prosody(), blocks(made_up_speech(0.4))
    state = stage.initial_state()
    for piece in pieces[:10]:
        _, state = stage.step(piece, state)
    first, _ = stage.step(pieces[10], state)
    stage.step(pieces[12], state)
    again, _ = stage.step(pieces[10], state)
    assert np.array_equal(first, again)


def test_a_stream_is_analysed_alike_alone_and_in_a_crowd() -> None:
    windows = np.stack([made_up_speech(1.0, seed=k)[4000 : 4000 + WINDOW] for k in range(5)])
    together = analysed(windows)
    for k in range(len(windows)):
        alone = analysed(windows[k : k + 1])
        assert all(a[0].tobytes() == b[k].tobytes() for a, b in zip(alone, together, strict=True))
