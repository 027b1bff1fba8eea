"""Prosody: loudness, pitch and voicing of a voice, 100 times a second, against what this voice is like.

The spectrum of the last 40 ms gives everything, once a block of 20 ms:

    level     power from 100 to 4,000 Hz, so that neither rumble nor hiss is loud
    voicing   the highest peak of the autocorrelation, from the spectrum up to 1,500 Hz, over the window's own
              (Boersma 1993, "Accurate short-term analysis of the fundamental frequency")
    pitch     that peak's lag, 60 to 500 Hz; an octave away costs something, so the track does not leap

Loudness and pitch count from the running mean of voiced speech: the gain of a recording and the size of a
larynx cancel out. Before anything was heard a voice is taken to be at its own mean.

Every second row is the mean of two blocks: all rows stand 7.5 ms later than the log-mel rows that come with
them. Nothing is held back.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import exp, log2
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from facerig.features.logmel import BLOCK, SAMPLE_RATE

Array = NDArray[np.float32]
Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

PROSODY_NAMES: Final = ("loudness", "pitch", "voiced")

WINDOW: Final = 2 * BLOCK  # samples: 40 ms, two periods of the lowest voice
N_FFT: Final = 1024  # the window and the longest lag
FEWEST: Final = 2  # rows of a matrix product
LOW_HZ, HIGH_HZ = 60.0, 500.0  # of a voice, deep to a child's shout
LAG_RATE: Final = 8_000  # lags a second: a parabola finds the peak between them
SHORTEST_LAG, LONGEST_LAG = round(LAG_RATE / HIGH_HZ) - 1, round(LAG_RATE / LOW_HZ) + 1  # one for the slope
PITCH_BAND_HZ: Final = (50.0, 1_500.0)
LEVEL_BAND_HZ: Final = (100.0, 4_000.0)

# Costs as Boersma's, in units of the autocorrelation, per octave. Set on 24 recordings of four sets against
# Praat: 2 % of voiced blocks are off by more than a quarter of an octave, 4 % at 5 dB SNR.
OCTAVE_COST: Final = 0.15  # of a longer lag: two periods repeat as well as one
LEAP_COST: Final = 0.12  # away from the block before; less than an octave's, or a wrong one would stay
HABIT_COST: Final = 0.12  # away from the voice's mean, where the block before had no voice
MOST_LEAP: Final = 1.0  # octaves: further away costs no more, a voice may return from falsetto

VOICED_PEAK: Final = (0.50, 0.75)  # of the autocorrelation; 2 % of white noise's blocks pass the first
SURE: Final = 0.5  # from here on a block counts as voiced
ABOVE_NOISE_DB: Final = (3.0, 9.0)
NOISE_RISE_DB: Final = 0.2  # a block without a voice: 10 dB a second
SILENT_DB: Final = -75.0  # below full scale: nothing is a voice there
UNKNOWN_HZ: Final = 150.0  # where the pitch of a voice is looked for that was not heard yet

BELOW_PEAK_DB: Final = (-36.0, -28.0)  # echoes and breaths under the voice just heard
PEAK_FALL_DB: Final = 0.02  # a block: 1 dB a second
UNDER_PEAK_DB: Final = 5.0  # where a voice's mean lies, before it is known
MEMORY_BLOCKS: Final = 250  # of the means: 5 s of voiced speech
LEVEL_PRIOR: Final = 10  # blocks that the first guess weighs
PITCH_PRIOR: Final = 5  # blocks after which a voice's pitch is believed
LOUDNESS_DB, PITCH_OCTAVES = 10.0, 1.0  # what 1 stands for
AWAKE_FALL: Final = exp(-1 / 5)  # a block: loudness fades within 0.1 s where the voice is gone


class Means(NamedTuple):
    """Of the voiced blocks of S streams, all [S]: how many (at most MEMORY_BLOCKS), level and running peak in
    dB, log2 of Hz."""

    n: Floats
    level_db: Floats
    peak_db: Floats
    octaves: Floats

    def loudness(self, level_db: Floats) -> Floats:
        """A level in [-1, 1] against the mean, which lies under the peak as far as one knows."""
        guess = self.peak_db - UNDER_PEAK_DB
        mean_db = guess + (self.level_db - guess) * self.n / (self.n + LEVEL_PRIOR)
        return np.minimum(np.maximum((level_db - mean_db) / LOUDNESS_DB, -1.0), 1.0)

    def pitch(self, octaves: Floats) -> Floats:
        """A pitch in [-1, 1] against the mean; a voice's first blocks are its mean, as far as one knows."""
        believed = np.minimum(1.0, self.n / PITCH_PRIOR)
        away = (octaves - self.octaves) / PITCH_OCTAVES
        return np.asarray(believed * np.minimum(np.maximum(away, -1.0), 1.0))


class Voice(NamedTuple):
    """What was heard of S streams: the means, the floor of noise [S], and of the last block the lag's index
    (-1 without a voice), the pitch (0 without one) [S] and the `row` [S, 3] it gave. `awake` [S] is 1 in
    voiced speech and falls after it.
    """

    means: Means
    noise_db: Floats
    lag: Counts
    pitch_hz: Floats
    awake: Floats
    row: Floats


def _unknown(streams: int) -> Voice:
    means = Means(np.zeros(streams), np.zeros(streams), np.full(streams, SILENT_DB),
                  np.full(streams, log2(UNKNOWN_HZ)))
    return Voice(means, np.full(streams, SILENT_DB), np.full(streams, -1), np.zeros(streams),
                 np.zeros(streams), np.zeros((streams, len(PROSODY_NAMES))))


@dataclass(frozen=True, slots=True)
class ProsodyState:
    """`tail` [S, BLOCK]: the last block; `voice`: what was heard."""

    tail: Array
    voice: Voice


class Prosody:
    """Stage: a block of BLOCK samples at 16 kHz in, float32 [2, 3] out: loudness, pitch, voiced.

    loudness in [-1, 1]: 1 is 10 dB above the voice's mean; 0 in silence. pitch in [-1, 1]: 1 is an octave
    above its mean; 0 without a voice. voiced in [0, 1]: how surely the glottis sounds.
    """

    lookahead_secs = Fraction(0)

    def initial_state(self, streams: int = 1) -> ProsodyState:
        """Silence before the first sample, and an unknown voice."""
        return ProsodyState(np.zeros((streams, BLOCK), np.float32), _unknown(streams))

    def step(self, block: Array, state: ProsodyState) -> tuple[Array, ProsodyState]:
        """float32 [BLOCK] -> float32 [2, 3]."""
        rows, state = self.steps(block[None], state)
        return rows[0], state

    def steps(self, blocks: Array, state: ProsodyState) -> tuple[Array, ProsodyState]:
        """A block of each of S streams [S, BLOCK] -> float32 [S, 2, 3]."""
        power, periodicity = analysed(np.concatenate([state.tail, blocks], 1))
        voice = _heard(state.voice, power.astype(np.float64), periodicity)
        halfway = (state.voice.row + voice.row) / 2
        return np.stack([halfway, voice.row], 1).astype(np.float32), ProsodyState(blocks.copy(), voice)

    def flush(self, state: ProsodyState) -> tuple[Array, ProsodyState]:
        """Nothing is held back."""
        return np.zeros((0, len(PROSODY_NAMES)), np.float32), state


@cache
def _tables() -> tuple[Array, Array, Array, Array]:
    """Hann window [WINDOW]; from power to its sum and the autocorrelation [bins, 1 + lags]; log2 of the lags;
    from power to the level [bins].
    """
    hann = np.hanning(WINDOW + 1)[:-1]
    lags = np.arange(SHORTEST_LAG, LONGEST_LAG + 1) * (SAMPLE_RATE // LAG_RATE)  # samples
    bins = np.arange(_bin(PITCH_BAND_HZ[1]) + 1)
    own = np.correlate(hann, hann, "full")[WINDOW - 1 :]  # the window's autocorrelation from lag 0
    cosines = np.cos(2 * np.pi * bins[:, None] * lags / N_FFT) * (own[0] / own[lags])
    cosines = np.concatenate([np.ones((len(bins), 1)), cosines], 1)
    cosines[: _bin(PITCH_BAND_HZ[0])] = 0
    level = np.arange(_bin(LEVEL_BAND_HZ[1]) + 1) >= _bin(LEVEL_BAND_HZ[0])
    return (hann.astype(np.float32), cosines.astype(np.float32), np.log2(lags).astype(np.float32),
            (level * 4.0 / (N_FFT * np.sum(hann**2))).astype(np.float32))


def _bin(hz: float) -> int:
    return round(hz * N_FFT / SAMPLE_RATE)


@cache
def _costs() -> Array:
    """Of each lag, given the lag before: [habit or leap, lag before, lag]."""
    _, _, octaves, _ = _tables()
    away = np.minimum(np.abs(octaves[:, None] - octaves), np.float32(MOST_LEAP))
    longer = OCTAVE_COST * (octaves - octaves[0])
    return np.stack([longer + cost * away for cost in (HABIT_COST, LEAP_COST)]).astype(np.float32)


def analysed(windows: Array) -> tuple[Array, Array]:
    """Power against full scale [S] and autocorrelation [S, n_lags] of windows [S, WINDOW].

    The products are made of FEWEST rows at least, so that a stream has the same bits alone and in a crowd: of
    one row a library makes them another way.
    """
    hann, cosines, _, level = _tables()
    whole: NDArray[np.complex64] = np.asarray(fft.rfft(windows * hann, N_FFT), np.complex64)
    spectrum = whole[:, : len(level)]
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    if len(power) < FEWEST:
        power = np.concatenate([power, np.zeros((FEWEST - len(power), len(level)), np.float32)])
    sums = power[:, : len(cosines)] @ cosines
    periodic = np.asarray(sums[:, 1:] / (sums[:, :1] + np.float32(1e-9)), np.float32)
    return (power * level).sum(1)[: len(windows)], periodic[: len(windows)]


def _heard(voice: Voice, power: Floats, periodicity: Array) -> Voice:
    """The voices after one more block, of power [S] and autocorrelation [S, n_lags]."""
    level_db = 10.0 * np.log10(power + 1e-12)
    rise = np.where(voice.pitch_hz > 0, 0.0, NOISE_RISE_DB)  # a held vowel is no noise
    noise_db = np.maximum(SILENT_DB, np.minimum(level_db, voice.noise_db + rise))
    above = np.minimum(_ramp(level_db - noise_db, *ABOVE_NOISE_DB),
                       _ramp(level_db - voice.means.peak_db, *BELOW_PEAK_DB))
    lag, octaves, peak = _best_lag(periodicity, voice)
    voiced = np.where(lag >= 0, above * _ramp(peak, *VOICED_PEAK), 0.0)
    awake = np.maximum(voiced, np.where(voice.awake > 0.01, voice.awake * AWAKE_FALL, 0.0))
    sure = voiced >= SURE
    learnt = _learnt(voice.means, level_db, octaves)
    means = Means(*(np.where(sure, new, old) for new, old in zip(learnt, voice.means, strict=True)))
    means = means._replace(peak_db=means.peak_db - PEAK_FALL_DB)
    loudness = awake * means.loudness(level_db)
    pitch = np.where(sure, means.pitch(octaves) * (voiced - SURE) / (1.0 - SURE), 0.0)
    return Voice(means, noise_db, np.where(sure, lag, -1), np.where(sure, np.exp2(octaves), 0.0), awake,
                 np.stack([loudness, pitch, voiced], 1))


def _learnt(means: Means, level_db: Floats, octaves: Floats) -> Means:
    """The means after a voiced block."""
    n = np.minimum(means.n + 1, MEMORY_BLOCKS)
    return Means(n, means.level_db + (level_db - means.level_db) / n, np.maximum(level_db, means.peak_db),
                 means.octaves + (octaves - means.octaves) / n)


def _best_lag(periodicity: Array, voice: Voice) -> tuple[Counts, Floats, Floats]:
    """Index of the voices' lags [S] (-1: none), log2 of their frequencies, and how high the autocorrelation
    stands there."""
    last = LONGEST_LAG - SHORTEST_LAG
    usual = np.rint(LAG_RATE / np.exp2(voice.means.octaves)).astype(np.int64) - SHORTEST_LAG
    usual = np.minimum(np.maximum(usual, 0), last)
    speaks = voice.lag >= 0
    costs = _costs()[speaks.astype(np.int64), np.where(speaks, voice.lag, usual)]
    index = (periodicity - costs).argmax(1)
    inside = np.minimum(np.maximum(index, 1), last - 1)
    row = np.arange(len(index))
    left, peak, right = (periodicity[row, inside + k].astype(np.float64) for k in (-1, 0, 1))
    bend = left - 2.0 * peak + right
    found = (index == inside) & (bend < 0.0)
    shift = 0.5 * (left - right) / np.where(found, bend, -1.0)
    shift = np.minimum(np.maximum(shift, -0.5), 0.5)
    octaves = np.log2(LAG_RATE / (SHORTEST_LAG + inside + shift))
    return np.where(found, index, -1), octaves, peak - 0.25 * (left - right) * shift


def _ramp(x: Floats, start: float, end: float) -> Floats:
    return np.minimum(np.maximum((x - start) / (end - start), 0.0), 1.0)
