"""A voice that does what no corpus holds: laughs, sobs, sings, whispers. Source and filter, frame by frame.

A source (a glottis with a pitch, air) is shaped by spectral envelopes 125 times a second. Envelopes come from
formants, or from recorded speech, whose time and pitch may then be changed: stretched onto notes it sings,
with air alone it whispers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.features.prosody import Prosody
from tools.evaluate.sets import SAMPLE_RATE, Audio
from tools.train.sounds.tones import noise, tone

Floats = NDArray[np.float64]
Random = np.random.Generator
Points = Sequence[tuple[float, float]]  # (s, value), joined by lines

HOP: Final = 128  # samples: 125 envelopes a second
RATE_HZ: Final = SAMPLE_RATE / HOP
WINDOW: Final = 512
N_FFT: Final = 1024
BINS: Final = N_FFT // 2 + 1
HZ: Final = np.arange(BINS) * SAMPLE_RATE / N_FFT
PARTIALS: Final = np.arange(1, 101)
SMOOTHED_SECS: Final = 0.0018  # of the cepstrum: what is longer is pitch, not tract
UPPER_HZ: Final = (3500.0, 4500.0)  # formants that stay
VOICED: Final = 0.6  # of Prosody's column: surely
BANDWIDTH: Final = (60.0, 0.05)  # Hz, and a share of the formant

# Hz         F1   F2    F3    men's vowels of Peterson & Barney 1952; murmur: lips shut, through the nose
VOWELS: Final = {
    "a":      (730, 1090, 2440),
    "ae":     (660, 1720, 2410),
    "e":      (530, 1840, 2480),
    "i":      (270, 2290, 3010),
    "o":      (570, 840, 2410),
    "u":      (300, 870, 2240),
    "schwa":  (500, 1500, 2500),
    "l":      (360, 1300, 2700),
    "murmur": (250, 1100, 2200),
}  # fmt: skip
MURMUR_DB: Final = -18.0  # of what lies over 600 Hz, where the lips are shut


def n_frames(secs: float) -> int:
    return round(secs * RATE_HZ) + 1


def line(secs: float, points: Points) -> Floats:
    """A control over `secs` [n_frames]."""
    at, values = zip(*points, strict=True)
    return np.asarray(np.interp(np.arange(n_frames(secs)) / RATE_HZ, at, values), np.float64)


def tract(vowels: Sequence[tuple[float, str]], secs: float, size: float = 1.0) -> Floats:
    """Amplitudes [n_frames, BINS] of a tract that is at `vowels` (s, name) and moves between them.

    size: 1 is a man's, 0.85 a woman's: shorter, with higher formants.
    """
    rows = np.array([VOWELS[name] for _, name in vowels], np.float64) / size
    shut = np.array([name == "murmur" for _, name in vowels], np.float64)
    at = [time for time, _ in vowels]
    frames = np.arange(n_frames(secs)) / RATE_HZ
    moving = [np.interp(frames, at, column) for column in rows.T]
    formants = [*moving, *(np.full(len(frames), hz / size) for hz in UPPER_HZ)]
    gain = np.ones((len(frames), BINS))
    for formant in formants:
        width = BANDWIDTH[0] + BANDWIDTH[1] * formant[:, None]
        square = formant[:, None] ** 2
        gain *= square / np.sqrt((square - HZ**2) ** 2 + (width * HZ) ** 2)
    damped = np.interp(frames, at, shut)[:, None] * (HZ > 600.0)
    return np.asarray(gain * 10 ** (MURMUR_DB / 20 * damped))


def voiced(pitch_hz: Floats, strength: Floats, random: Random, *, tilt: float = -1.0, rough: float = 0.01
           ) -> Audio:
    """A glottis: pitch and strength [n_frames]. tilt: of the partials' amplitudes; rough: jitter of pitch."""
    n = len(pitch_hz) * HOP
    jitter = np.repeat(random.normal(1.0, rough, len(pitch_hz)), HOP)
    hz = (_samples(pitch_hz, n) * jitter).astype(np.float32)
    source = tone(hz, n, (PARTIALS**tilt).astype(np.float32), random)
    return np.asarray(source * _samples(strength, n), np.float32)


def air(strength: Floats, random: Random) -> Audio:
    """Turbulence of a strength [n_frames]."""
    n = len(strength) * HOP
    return np.asarray(noise(n, random) * _samples(strength, n), np.float32)


def _samples(control: Floats, n: int) -> Floats:
    return np.interp(np.arange(n) / HOP, np.arange(len(control)), control)


def shaped(source: Audio, envelopes: Floats) -> Audio:
    """The source through envelopes [n_frames, BINS], overlapped and added."""
    padded = np.concatenate([np.zeros(WINDOW), source, np.zeros(2 * WINDOW)])
    starts = np.arange(len(envelopes)) * HOP + WINDOW // 2
    frames = padded[starts[:, None] + np.arange(WINDOW)] * np.hanning(WINDOW + 1)[:-1]
    made = np.fft.irfft(np.fft.rfft(frames, N_FFT) * envelopes, N_FFT)
    out = np.zeros(len(padded) + N_FFT)
    for start, frame in zip(starts, made, strict=True):
        out[start : start + N_FFT] += frame
    return (out[WINDOW : WINDOW + len(source)] / (WINDOW / HOP / 2)).astype(np.float32)


def loud(sound: Audio, rms_db: float) -> Audio:
    """The sound with that root mean square where it sounds, dB under full scale; peaks held below it."""
    power = np.square(sound, dtype=np.float64)
    level = np.sqrt(power[power > 1e-3 * power.max(initial=1e-12)].mean()) if power.any() else 1.0
    return np.asarray(np.tanh(sound / level * 10 ** (rms_db / 20) / 0.95) * 0.95, np.float32)


class Recorded:
    """Recorded speech as envelopes [n, BINS] and how surely each frame is voiced [n]."""

    def __init__(self, audio: Audio) -> None:
        n = len(audio) // HOP
        padded = np.concatenate([np.zeros(WINDOW // 2), audio, np.zeros(WINDOW)])
        windows = padded[np.arange(n)[:, None] * HOP + np.arange(WINDOW)] * np.hanning(WINDOW + 1)[:-1]
        log = np.log(np.abs(np.fft.rfft(windows, N_FFT)) + 1e-5)
        cepstrum = np.fft.irfft(log, N_FFT)
        cepstrum[:, round(SMOOTHED_SECS * SAMPLE_RATE) : N_FFT - round(SMOOTHED_SECS * SAMPLE_RATE) + 1] = 0
        self.envelopes: Floats = np.exp(np.fft.rfft(cepstrum, N_FFT).real) / np.sqrt(WINDOW)
        self.voiced = np.interp(np.arange(n) / RATE_HZ, *_voicing(audio))

    @property
    def secs(self) -> float:
        return len(self.voiced) / RATE_HZ

    def at(self, times: Floats) -> tuple[Floats, Floats]:
        """Envelopes and voicing at times, s."""
        place = np.clip(times * RATE_HZ, 0, len(self.voiced) - 1.001)
        before = place.astype(np.int64)
        after = np.minimum(before + 1, len(self.voiced) - 1)
        share = (place - before)[:, None]
        envelopes = self.envelopes[before] ** (1 - share) * self.envelopes[after] ** share
        return envelopes, np.interp(place, np.arange(len(self.voiced)), self.voiced)

    def core(self, start: float, end: float) -> float | None:
        """Where between two times a voice is loudest; None where nothing is voiced."""
        frames = np.arange(round(start * RATE_HZ), min(round(end * RATE_HZ), len(self.voiced)))
        power = np.square(self.envelopes[frames]).sum(1) * (self.voiced[frames] > VOICED)
        return float(frames[power.argmax()] / RATE_HZ) if power.any() else None

    def whispered(self, random: Random) -> Audio:
        """With air for a voice: flatter, without what only a voice has below 500 Hz."""
        envelopes, voicing = self.at(np.arange(n_frames(self.secs)) / RATE_HZ)
        tilt = np.minimum(HZ / 500.0, 1.0) * np.clip(HZ / 1000.0, 1.0, 4.0) ** 0.5
        quieter = 1 - 0.6 * voicing
        return shaped(air(quieter, random), envelopes * tilt)

    def sung(self, times: Floats, pitch_hz: Floats, random: Random) -> Audio:
        """At another time for each frame, and pitch [n_frames]."""
        envelopes, voicing = self.at(times)
        sure = np.clip((voicing - 0.3) / 0.4, 0, 1)
        source = 0.3 * voiced(pitch_hz, sure, random, tilt=0.0) + air(1 - 0.9 * sure, random)
        return shaped(source, envelopes)


def _voicing(audio: Audio) -> tuple[Floats, Floats]:
    """Times, s, and how surely the glottis sounds."""
    stage, state, rows = Prosody(), Prosody().initial_state(), []
    for at in range(0, len(audio) - 319, 320):
        row, state = stage.step(audio[at : at + 320], state)
        rows.append(row[:, 2])
    track = np.concatenate(rows).astype(np.float64)
    return np.arange(len(track)) / 100 - 0.005, track
