"""Recordings as other microphones, rooms and voices would have them, and what the stage hears of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, resample, sosfilt, sosfiltfilt

from facerig.features import logmel
from facerig.features.voice_emotion import SILENT_ROWS, Hearing, heard_of, wide_of
from facerig.features.voice_measures import HOP_ROWS, ROWS_BEFORE

Array = NDArray[np.float32]
Floats = NDArray[np.float64]

MU: Final = 255.0  # mu-law of ITU-T G.711
COLOUR_DB: Final = 4.0  # sigma of a microphone's gain, at 8 knots along the mel scale
TILT_DB: Final = 2.0  # sigma, an octave
SIZE: Final = 0.06  # sigma of the logarithm of another speaker's size: pitch, formants and pace together
ACTIVE: Final = 320  # samples: 20 ms


def level_of(audio: Array) -> float:
    """Root mean square of the parts with speech."""
    frames = audio[: len(audio) // ACTIVE * ACTIVE].reshape(-1, ACTIVE).astype(np.float64)
    power = np.square(frames).mean(1)
    return float(np.sqrt(power[power >= power.max() * 0.01].mean() + 1e-12))


def _sized(audio: Array, rng: np.random.Generator) -> Array:
    return np.asarray(resample(audio, int(len(audio) * np.exp(rng.normal(0, SIZE)))), np.float32)


def _coloured(audio: Array, rng: np.random.Generator) -> Array:
    """A microphone: a smooth curve and a tilt over frequency."""
    spectrum = np.fft.rfft(audio)
    hz = np.fft.rfftfreq(len(audio), 1 / logmel.SAMPLE_RATE)
    octaves = np.log2(np.maximum(hz, 60.0) / 1000.0)
    curve_db = np.interp(octaves, np.linspace(-4, 3, 8), rng.normal(0, COLOUR_DB, 8))
    gain_db = curve_db + rng.normal(0, TILT_DB) * octaves
    return np.asarray(np.fft.irfft(spectrum * 10 ** (gain_db / 20), len(audio)), np.float32)


def _banded(audio: Array, rng: np.random.Generator) -> Array:
    """A small device: a band."""
    band = rng.uniform(40, 200), rng.uniform(4000, 7500)
    sections = butter(3, band, "bandpass", fs=logmel.SAMPLE_RATE, output="sos")
    return np.asarray(sosfilt(sections, audio), np.float32)


def _telephoned(audio: Array, rng: np.random.Generator) -> Array:
    """A telephone: its band, sometimes mu-law of 8 bits."""
    band = rng.uniform(250, 350), rng.uniform(3200, 3600)
    out = sosfiltfilt(butter(4, band, "bandpass", fs=logmel.SAMPLE_RATE, output="sos"), audio)
    if rng.random() < 0.5:
        out = out / max(float(np.abs(out).max()), 1e-9)
        coded = np.round(np.sign(out) * np.log1p(MU * np.abs(out)) / np.log1p(MU) * 127) / 127
        out = np.sign(coded) * np.expm1(np.abs(coded) * np.log1p(MU)) / MU
    return np.asarray(out, np.float32)


def _roomy(audio: Array, rng: np.random.Generator) -> Array:
    """Late reverberation, RT60 of 0.15 to 0.6 s."""
    n = int(rng.uniform(0.15, 0.6) * logmel.SAMPLE_RATE)
    tail = rng.normal(0, 1, n) * 10 ** (-3 * np.arange(n) / n)
    tail *= rng.uniform(0.1, 0.7) / np.sqrt(np.square(tail).sum())
    return np.asarray(audio + fftconvolve(audio, tail)[: len(audio)], np.float32)


def _noisy(audio: Array, rng: np.random.Generator) -> Array:
    """Coloured noise, 5 to 35 dB under the speech."""
    noise = np.fft.rfft(rng.standard_normal(len(audio)))
    hz = np.maximum(np.fft.rfftfreq(len(audio), 1 / logmel.SAMPLE_RATE), 50.0)
    shaped = np.fft.irfft(noise * hz ** -rng.uniform(0.0, 1.0), len(audio))
    shaped *= level_of(audio) * 10 ** (-rng.uniform(5, 35) / 20) / np.sqrt(np.square(shaped).mean())
    return np.asarray(audio + shaped, np.float32)


# change    share of the recordings
_CHANGES: Final[tuple[tuple[Callable[[Array, np.random.Generator], Array], float], ...]] = (
    (_sized,      0.5),
    (_roomy,      0.25),
    (_coloured,   0.8),
    (_banded,     0.15),
    (_noisy,      0.6),
    (_telephoned, 0.25),
)  # fmt: skip


def altered(audio: Array, rng: np.random.Generator) -> Array:
    """Another recording of the same: speaker's size, room, microphone, band, noise, gain."""
    for change, share in _CHANGES:
        if rng.random() < share:
            audio = change(audio, rng)
    peak = max(float(np.abs(audio).max()), 1e-9)
    return np.asarray(audio * (10 ** (-rng.uniform(2, 30) / 20) / peak), np.float32)


def joined(parts: list[Array], rng: np.random.Generator) -> Array:
    """One after another, with pauses of 0.1 to 0.8 s."""
    pieces = [parts[0]]
    for part in parts[1:]:
        pieces += [np.zeros(int(rng.uniform(0.1, 0.8) * logmel.SAMPLE_RATE), np.float32), part]
    return np.concatenate(pieces)


def rows_of(audio: Array) -> Array:
    """Log-mel rows of a recording [n, N_MELS], as a session makes them from its beginning."""
    padded = np.concatenate([np.zeros(logmel.WINDOW - logmel.HOP, np.float32), audio])
    windows = np.lib.stride_tricks.sliding_window_view(padded, logmel.WINDOW)[:: logmel.HOP]
    mel = logmel.mel_power(windows[: len(audio) // logmel.HOP])
    levels, _, _ = logmel.track_level(mel.mean(1), 0.0, logmel.LEVEL_FLOOR)
    return logmel.normalised(mel, levels)


def heard_in(rows: Array) -> tuple[Floats, Floats, Floats]:
    """After each hop with speech: what the model is told [n, N_HEARD], loud rows until then, how wide [n]."""
    held, hearing = np.concatenate([SILENT_ROWS, rows]), Hearing.nothing()
    heard, sure, wide = [], [], []
    for start in range(0, len(rows) - HOP_ROWS + 1, HOP_ROWS):
        hearing = hearing.after(held[None, start : start + ROWS_BEFORE + HOP_ROWS])
        if hearing.silent_hops[0] == 0:
            heard.append(heard_of(hearing.memories)[0])
            sure.append(hearing.sure_rows[0])
            wide.append(wide_of(hearing.memories)[0])
    return np.array(heard).reshape(len(heard), -1), np.array(sure), np.array(wide)
