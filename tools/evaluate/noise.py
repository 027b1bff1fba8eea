"""Conditions that a recording is judged in: noise, level, telephone. A seed and an utterance's id decide all.

Noise is set against the speech-active level (pauses do not count), and is one waveform at all three levels,
so that a figure falls for the noise and not for another draw.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

import numpy as np
from scipy.signal import butter, resample_poly, sosfiltfilt

from facerig.errors import ConfigError
from tools.evaluate.sets import DATA, SAMPLE_RATE, Audio, Utterance, read_mono, training_voices

N_BABBLE_VOICES: Final = 8  # fewer are heard one by one, more sound like a hall
PINK_FROM_HZ: Final = 50.0  # below, pink noise is inaudible and would take all of the level
LEVEL_FRAME: Final = 320  # samples: 20 ms
ACTIVE_RANGE_DB: Final = 20.0  # frames this far below the loud ones are pauses
TELEPHONE_HZ: Final = (300.0, 3400.0)  # ITU-T G.712's band
MU: Final = 255.0  # mu-law of ITU-T G.711, 8 bits


@dataclass(frozen=True, slots=True)
class Draw:
    """What random noise is drawn from: a seed, and the folder whose training voices babble."""

    seed: int = 0
    data: Path = DATA


Change = Callable[[Audio, Utterance, Draw], Audio]


@dataclass(frozen=True, slots=True)
class Condition:
    """What happens to the sound before a system hears it: change(audio, utterance, draw) -> audio."""

    name: str
    text: str
    change: Change


def condition(name: str) -> Condition:
    """The condition called `name`. Raises ConfigError for a name that is none."""
    if name not in CONDITIONS:
        raise ConfigError(f"no condition is called {name!r}", where="--noise",
                          fix=f"give some of {', '.join(CONDITIONS)}")
    return CONDITIONS[name]


def active_level(audio: Audio) -> float:
    """Root mean square of the frames with speech: within ACTIVE_RANGE_DB of the loud ones. 0 for silence."""
    frames = audio[: len(audio) // LEVEL_FRAME * LEVEL_FRAME].reshape(-1, LEVEL_FRAME).astype(np.float64)
    if not len(frames):
        frames = audio[None].astype(np.float64)
    power = np.square(frames).mean(axis=1)
    loud = float(np.percentile(power, 95))
    return float(np.sqrt(power[power >= loud * 10 ** (-ACTIVE_RANGE_DB / 10)].mean()))


def at_snr(audio: Audio, noise: Audio, snr_db: float) -> Audio:
    """`audio` with `noise` that lies `snr_db` below the speech. Turned down together where it would clip."""
    rms = float(np.sqrt(np.square(noise, dtype=np.float64).mean()))
    mixed = audio + noise * (active_level(audio) / max(rms, 1e-12) * 10 ** (-snr_db / 20))
    return (mixed / max(1.0, float(np.abs(mixed).max()))).astype(np.float32)


def generator(seed: int, utterance: Utterance, purpose: str) -> np.random.Generator:
    """Random numbers that depend on the seed, the utterance and the purpose alone."""
    digest = blake2b(f"{seed} {utterance.set_name} {utterance.id} {purpose}".encode(), digest_size=8).digest()
    return np.random.default_rng(int.from_bytes(digest, "little"))


def pink(n: int, random: np.random.Generator) -> Audio:
    """Noise whose power falls by 3 dB an octave, `n` samples."""
    spectrum = np.fft.rfft(random.standard_normal(n))
    hz = np.fft.rfftfreq(n, 1 / SAMPLE_RATE)
    gain = np.where(hz >= PINK_FROM_HZ, 1 / np.sqrt(np.maximum(hz, PINK_FROM_HZ)), 0.0)
    return np.asarray(np.fft.irfft(spectrum * gain, n), np.float32)


def babble(n: int, random: np.random.Generator, voices: dict[str, list[Path]]) -> Audio:
    """N_BABBLE_VOICES different voices at once, equally loud, each saying several things; `n` samples."""
    if len(voices) < N_BABBLE_VOICES:
        raise ConfigError(f"babble needs {N_BABBLE_VOICES} voices, found {len(voices)}", where="--noise",
                          fix="give the folder of the development sets with --data, or use pink noise")
    mixed = np.zeros(n, np.float32)
    for index in random.choice(len(voices), N_BABBLE_VOICES, replace=False):
        paths = voices[sorted(voices)[index]]
        said: list[Audio] = []
        while sum(map(len, said)) < 2 * n:
            audio = read_mono(paths[random.integers(len(paths))])
            said.append(audio / max(active_level(audio), 1e-4))
        voice = np.concatenate(said)
        start = int(random.integers(len(voice) - n + 1))
        mixed += voice[start : start + n]
    return mixed


def _pink_at(snr_db: float) -> Change:
    return lambda audio, u, draw: at_snr(audio, pink(len(audio), generator(draw.seed, u, "pink")), snr_db)


def _babble_at(snr_db: float) -> Change:
    def change(audio: Audio, utterance: Utterance, draw: Draw) -> Audio:
        random = generator(draw.seed, utterance, "babble")
        return at_snr(audio, babble(len(audio), random, _voices(draw.data)), snr_db)

    return change


def _gain(db: float) -> Change:
    return lambda audio, u, draw: np.clip(audio * np.float32(10 ** (db / 20)), -1, 1)


def telephone(audio: Audio, _utterance: Utterance, _draw: Draw) -> Audio:
    """What a telephone leaves: its band, 8 kHz, mu-law. Zero phase, so that the lips keep their time."""
    band = butter(4, TELEPHONE_HZ, "bandpass", fs=SAMPLE_RATE, output="sos")
    narrow = np.clip(resample_poly(sosfiltfilt(band, audio), 1, 2), -1, 1)
    coded = np.round(np.sign(narrow) * np.log1p(MU * np.abs(narrow)) / np.log1p(MU) * 127) / 127
    decoded = np.sign(coded) * np.expm1(np.abs(coded) * np.log1p(MU)) / MU
    return np.asarray(resample_poly(decoded, 2, 1)[: len(audio)], np.float32)


@lru_cache(maxsize=1)
def _voices(data: Path) -> dict[str, list[Path]]:
    return training_voices(data)


CONDITIONS: Final = {c.name: c for c in (
    Condition("clean",     "as recorded",                        lambda audio, u, draw: audio),
    Condition("pink20",    "pink noise, 20 dB SNR",              _pink_at(20)),
    Condition("pink10",    "pink noise, 10 dB SNR",              _pink_at(10)),
    Condition("pink5",     "pink noise, 5 dB SNR",               _pink_at(5)),
    Condition("babble20",  "babble of 8 voices, 20 dB SNR",      _babble_at(20)),
    Condition("babble10",  "babble of 8 voices, 10 dB SNR",      _babble_at(10)),
    Condition("babble5",   "babble of 8 voices, 5 dB SNR",       _babble_at(5)),
    Condition("quiet",     "30 dB quieter",                      _gain(-30)),
    Condition("loud",      "6 dB louder, clipped",               _gain(6)),
    Condition("telephone", "300-3400 Hz, 8 kHz, mu-law",         telephone),
)}  # fmt: skip
