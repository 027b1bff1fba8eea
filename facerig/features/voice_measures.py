"""What is measured of a voice to hear emotion in it: of each log-mel row, then summed over 0.2 s.

The microphone's gain is not among the measures (log-mel rows come relative to the running level). What an
aroused voice does to its sound is old knowledge (Banse & Scherer 1996; Juslin & Laukka 2003, table 7): pitch
and its range rise, the spectrum falls less, syllables attack harder; sad voices do the contrary.

Only loud rows count, where noise and pauses do not speak; measures of the glottis and of vowels take the rows
among them that are voiced.
"""

from __future__ import annotations

from math import log, log2
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

from facerig.features.logmel import LOG_MEAN, LOG_SCALE, N_FFT, N_MELS, RANGE_FLOOR, SAMPLE_RATE, mel_filters

Array = NDArray[np.float32]
Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

HOP_ROWS: Final = 20  # of 10 ms: sums are taken so often
ROWS_BEFORE: Final = 2  # that differences of a hop's first rows look back to

LOUD_DB: Final = -14.0  # under the running peak of energy
PEAK_FALL_DB: Final = 0.1  # a row: 10 dB a second
AUDIBLE_DB: Final = -25.0  # of the features' level: noise after a long silence is no voice
HARMONIC: Final = 12.0  # from here a row counts as voiced: vowels have 15 to 50, 4 % of white noise 12
BLACK_DB: Final = -45.0  # bands below this tell of the room

PITCHES_HZ: Final = np.exp2(np.linspace(log2(75.0), log2(500.0), 44))
PITCH_BELOW_HZ: Final = 1400.0  # harmonics are looked for up to here
PITCH_REFERENCE_HZ: Final = 200.0
MOST_PITCH_STEP: Final = 0.3  # octaves in 10 ms: more is a mistake of the tracker

# band ratio   over, Hz             under, Hz
_RATIOS: Final = {
    "balance": ((400.0, 1200.0),    (60.0, 300.0)),
    "tilt":    ((1000.0, 3400.0),   (300.0, 1000.0)),
    "bright":  ((3500.0, 7600.0),   (1000.0, 3500.0)),
}  # fmt: skip

# What tells a telephone: its band has neither the fundamental nor hiss. Power per Hz, low, middle and high.
_EDGES_HZ: Final = ((60.0, 250.0), (400.0, 2500.0), (4000.0, 7600.0))
N_EDGES: Final = len(_EDGES_HZ)
# against the middle band, dB: from where to where a band counts as missing. Readers and actors have +24 to
# -5 dB in the low band and 4 to -29 in the high one, on the telephone 0 to -24 and -30 to -55
_MISSING_DB: Final = np.array([(2.0, -27.0), (-3.0, -34.0)])  # from, to; low, high
_TELEPHONE_HZ: Final = (300.0, 3400.0)  # changes are looked for in what every microphone has

# measure, unit, the band it needs, the rows it is taken of; mean and deviation in neutral readers (EmoDB's
# neutral, AN4, Kokoro, GRID, Russian: the mean of the five sets)
_TABLE: Final = """
energy       dB       any   loud      -4.2    5.0   of the row against the features' level
balance      dB       wide  loud      -8.4    9.5   first formant against the fundamental: effort
tilt         dB       any   loud      -9.5    9.1   spectral slope: effort
bright       dB       wide  loud     -11.4    8.7   hiss against vowels
cepstrum_1   dB       wide  loud       9.4    3.7   the spectrum's coarse shape: finer terms tell
cepstrum_2   dB       wide  loud       2.8    3.0   of the microphone as much as of the voice
cepstrum_3   dB       wide  loud       3.0    2.6
pitch        octaves  wide  voiced    -0.1    0.4   above PITCH_REFERENCE_HZ
pitch_step   octaves  wide  voiced    0.05   0.08   change in 10 ms: glides, jitter
harmonic     -        wide  loud      13.0    8.8   how clear the harmonics are
attack       dB       any   loud       2.0    3.0   change of energy in 10 ms
flux         dB       any   loud       3.9    2.6   change of the bands in 10 ms
flicker      dB       any   loud       5.2    3.4   second difference of the bands: breath, roughness
"""
_ROWS: Final = [line.split() for line in _TABLE.strip().splitlines()]
MEASURES: Final = tuple(row[0] for row in _ROWS)
N_MEASURES: Final = len(MEASURES)
IS_WIDE: Final = np.array([row[2] == "wide" for row in _ROWS])
_OF_VOICED: Final = np.array([row[3] == "voiced" for row in _ROWS])
_NORMAL: Final = np.array([float(row[4]) for row in _ROWS])
_DEVIATION: Final = np.array([float(row[5]) for row in _ROWS])
_N_CEPSTRA: Final = sum(name.startswith("cepstrum") for name in MEASURES)


class Sums(NamedTuple):
    """Of one hop of S streams: loud rows and voiced ones [S]; of the loud rows the power in _EDGES_HZ
    [S, N_EDGES], the measures and their squares [S, N_MEASURES]. Measures are counted from neutral readers'
    means in their deviations.
    """

    n_loud: Counts
    n_voiced: Counts
    edges: Floats
    first: Floats
    second: Floats


class Measured(NamedTuple):
    """Of n rows [...]: measures [n, N_MEASURES], energy in dB [n], harmonicity [n], power [n, N_EDGES]."""

    measures: Floats
    energy: Array
    harmonic: Array
    edges: Array


def _band_centres_hz() -> Floats:
    """Where the mel bands hear [N_MELS]: the lowest are as narrow as a bin of the spectrum."""
    filters = mel_filters()
    bins_hz = np.arange(N_FFT // 2 + 1) * SAMPLE_RATE / N_FFT
    return np.asarray(bins_hz @ filters / filters.sum(0), np.float64)


def _band_table() -> Floats:
    """Weights [N_MELS, 1 + 2 * len(_RATIOS) + N_EDGES]: the mean; over, under, over, ...; edges per Hz."""
    centres = _band_centres_hz()
    width = np.gradient(centres)
    ranges = [hz for pair in _RATIOS.values() for hz in pair]
    sums = [width * ((centres >= low) & (centres < high)) for low, high in (*ranges, *_EDGES_HZ)]
    mean = np.full(N_MELS, 1.0 / N_MELS)
    return np.stack([mean, *sums[: len(ranges)], *(w / w.sum() for w in sums[len(ranges) :])], 1)


def _pitch_table() -> Floats:
    """Combs [bands, len(PITCHES_HZ)]: what a row in dB looks like at each pitch, less the row's envelope.

    A comb is a cosine over Hz, weaker where the bands are too wide for its harmonics, and negative below the
    fundamental, so that half the pitch does not fit as well.
    """
    centres = _band_centres_hz()
    hz = centres[centres < PITCH_BELOW_HZ]
    width = np.gradient(centres)[: len(hz)]
    combs = []
    for pitch in PITCHES_HZ:
        seen = np.exp(-hz / 700.0)
        comb = np.cos(2 * np.pi * hz / pitch) * seen * np.clip(1.6 - 1.2 * width / pitch, 0.0, 1.0)
        comb = np.where(hz < 0.55 * pitch, -0.7 * seen, comb)
        comb = comb - comb.mean()
        combs.append(comb / np.linalg.norm(comb))
    return np.asarray(_less_envelope(len(hz)) @ np.stack(combs, 1))


def _less_envelope(n: int) -> Floats:
    """Matrix [n, n] that takes from a row (from its left) its mean over 15 bands."""
    window = np.hanning(17)[1:-1] / np.hanning(17).sum()
    smooth = np.zeros((n, n))
    for band in range(n):
        for offset, share in enumerate(window, -7):
            smooth[min(max(band + offset, 0), n - 1), band] += share
    return np.asarray(np.eye(n) - smooth)


_BANDS: Final = _band_table().astype(np.float32)
_COMBS: Final = _pitch_table().astype(np.float32)
_CEPSTRA: Final = np.asarray(dct(np.eye(N_MELS), norm="ortho", axis=0))[1 : _N_CEPSTRA + 1]
_COSINES: Final = (_CEPSTRA.T / 8.0).astype(np.float32)
_OCTAVES: Final = np.log2(PITCHES_HZ / PITCH_REFERENCE_HZ).astype(np.float32)
_COMMON: Final = slice(*np.searchsorted(_band_centres_hz(), _TELEPHONE_HZ).tolist())
_N_COMMON: Final = np.float32(_COMMON.stop - _COMMON.start)
_IN_DB: Final = np.float32(10 * LOG_SCALE), np.float32(10 * LOG_MEAN)
_IN_POWER: Final = np.float32(log(10.0) / 10)
_SILENCE: Final = np.array([0.0, *[1e-6] * (2 * len(_RATIOS))], np.float32)  # power that a ratio starts from
_ENERGY, _RATIO, _CEPSTRUM, _PITCH, _STEP, _HARMONIC, _ATTACK, _FLUX, _FLICKER = (
    MEASURES.index(name) for name in ("energy", "balance", "cepstrum_1", "pitch", "pitch_step", "harmonic",
                                      "attack", "flux", "flicker"))


def _levels(rows: Array) -> tuple[Array, Array, Array]:
    """Of log-mel rows [..., n, N_MELS]: dB of each band, power in _BANDS, these in dB, the mean first."""
    level_db = rows * _IN_DB[0] + _IN_DB[1]
    power = np.maximum(np.exp(level_db * _IN_POWER) - np.float32(RANGE_FLOOR), np.float32(1e-9))
    bands = power @ _BANDS
    return level_db, bands, 10 * np.log10(bands[..., :-N_EDGES] + _SILENCE)


def measured(rows: Array) -> Measured:
    """Of log-mel rows [..., ROWS_BEFORE + n, N_MELS]: what is measured of the last n."""
    return _measured(*_levels(rows))


def _measured(level_db: Array, bands: Array, sums: Array) -> Measured:
    fits = level_db[..., 1:, : len(_COMBS)] @ _COMBS
    octaves = _OCTAVES[fits.argmax(-1)]
    seen = np.maximum(level_db[..., _COMMON], np.float32(BLACK_DB))
    change = seen[..., 1:, :] - seen[..., :-1, :]
    now, of_now = level_db[..., ROWS_BEFORE:, :], sums[..., ROWS_BEFORE:, :]
    out = np.empty((*now.shape[:-1], N_MEASURES))
    out[..., _ENERGY] = of_now[..., 0]
    out[..., _RATIO:_CEPSTRUM] = of_now[..., 1::2] - of_now[..., 2::2]
    heard = np.maximum(now, now.max(-1, keepdims=True) + np.float32(BLACK_DB))
    out[..., _CEPSTRUM:_PITCH] = heard @ _COSINES
    out[..., _PITCH] = octaves[..., 1:]
    out[..., _STEP] = np.minimum(np.abs(octaves[..., 1:] - octaves[..., :-1]), MOST_PITCH_STEP)
    out[..., _HARMONIC] = harmonic = fits[..., 1:, :].max(-1)
    out[..., _ATTACK] = np.abs(of_now[..., 0] - sums[..., 1:-1, 0])
    out[..., _FLUX] = np.abs(change[..., 1:, :]).sum(-1) / _N_COMMON
    out[..., _FLICKER] = np.abs(change[..., 1:, :] - change[..., :-1, :]).sum(-1) / _N_COMMON
    return Measured((out - _NORMAL) / _DEVIATION, of_now[..., 0], harmonic,
                    bands[..., ROWS_BEFORE:, -N_EDGES:])


def summed(rows: Array, peak_db: Floats) -> tuple[Sums, Floats]:
    """Sums over one hop of each of S streams, rows [S, ROWS_BEFORE + HOP_ROWS, N_MELS], and the running peaks
    [S] after it.

    The shape of a stream's rows is always the same, and products are made stream by stream: no last bit
    depends on how a stream was split, or on what runs beside it.
    """
    levels = _levels(rows)
    loud, peak_db = _loud(levels[2][:, ROWS_BEFORE:, 0].astype(np.float64), peak_db)
    now = _measured(*levels)
    voiced = loud & (now.harmonic > HARMONIC)
    taken = np.stack([loud, voiced], 1).astype(np.float64)
    first, second = (np.where(_OF_VOICED, both[:, 1], both[:, 0])
                     for both in (taken @ now.measures, taken @ (now.measures * now.measures)))
    edges = (taken[:, :1] @ now.edges.astype(np.float64))[:, 0]
    return Sums(loud.sum(1), voiced.sum(1), edges, first, second), peak_db


def wideness(edges: Floats) -> Floats:
    """0 for what comes through a telephone, 1 for what does not: power [..., N_EDGES] -> [..., 1]."""
    against_db = 10 * np.log10(edges[..., 0::2] / edges[..., 1:2])
    gone = (against_db - _MISSING_DB[0]) / (_MISSING_DB[1] - _MISSING_DB[0])
    missing = np.minimum(np.maximum(gone, 0.0), 1.0)
    return np.asarray(1.0 - missing[..., :1] * missing[..., 1:])


def counts(n_loud: Floats, n_voiced: Floats) -> Floats:
    """How many rows each measure's sum was taken of: [..., 1] and [..., 1] -> [..., N_MEASURES]."""
    return np.where(_OF_VOICED, n_voiced, n_loud)


def _loud(energy: Floats, peak_db: Floats) -> tuple[NDArray[np.bool_], Floats]:
    """Which rows [S, n] are near the running peak [S], and the peak after them."""
    loud = np.empty(energy.shape, np.bool_)
    for k, level in enumerate(energy.T):
        peak_db = np.maximum(level, peak_db - PEAK_FALL_DB)
        loud[:, k] = (level > peak_db + LOUD_DB) & (level > AUDIBLE_DB)
    return loud, peak_db
