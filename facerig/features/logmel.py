"""Streaming log-mel features at 100 Hz with causal loudness normalisation.

A Hann window of 25 ms, 64 triangular mel bands (Slaney's formula of O'Shaughnessy 1987: 2595 log10(1 + f /
700)). Loudness is taken out by a level tracker that only looks back: it jumps up with the (smoothed) energy
and falls slowly, so a recording and its quieter copy give the same features once anything has been heard.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft

Array = NDArray[np.float32]
Floats = NDArray[np.float64]

SAMPLE_RATE: Final = 16_000  # Hz
HOP: Final = 160  # samples: 10 ms
WINDOW: Final = 400  # samples: 25 ms
BLOCK: Final = 2 * HOP  # samples a step takes: 20 ms
FRAMES_PER_BLOCK: Final = BLOCK // HOP
N_FFT: Final = 512
N_MELS: Final = 64
LOW_HZ, HIGH_HZ = 60.0, 7_600.0

LEVEL_SMOOTHING: Final = 0.75  # of the energy, per 10 ms: a click of one frame does not set the level
LEVEL_FALL: Final = 10 ** (-2.0 / 10 / 100)  # 2 dB a second: speech after a shout is back within seconds
LEVEL_FLOOR: Final = 1e-7  # mean mel power; about -75 dBFS, under which nothing is taken for speech
RANGE_FLOOR: Final = 10**-6.0  # 60 dB below the level is black
LOG_MEAN, LOG_SCALE = -2.5, 1.25  # bring log10(power / level) near zero mean and unit variance


@cache
def mel_filters() -> NDArray[np.float64]:
    """Triangular filters [N_FFT // 2 + 1, N_MELS], each of unit area in Hz times 100."""
    def to_mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
        return 2595.0 * np.log10(1.0 + hz / 700.0)

    edges_mel = np.linspace(to_mel(np.array(LOW_HZ)), to_mel(np.array(HIGH_HZ)), N_MELS + 2)
    edges = 700.0 * (10.0 ** (edges_mel / 2595.0) - 1.0)
    bins = np.arange(N_FFT // 2 + 1) * SAMPLE_RATE / N_FFT
    rise = (bins[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - bins[:, None]) / (edges[2:] - edges[1:-1])
    return np.maximum(0.0, np.minimum(rise, fall)) * (100.0 / (edges[2:] - edges[:-2]))


@cache
def _constants() -> tuple[Array, Array]:
    hann = np.hanning(WINDOW + 1)[:-1]
    return hann.astype(np.float32), (mel_filters() / np.sum(hann**2)).astype(np.float32)


def mel_power(windows: Array) -> Array:
    """Power in each mel band: windows float32 [n, WINDOW] -> float32 [n, N_MELS]."""
    hann, filters = _constants()
    spectrum: NDArray[np.complex64] = np.asarray(fft.rfft(windows * hann, N_FFT), np.complex64)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    return np.asarray(power @ filters, np.float32)


def normalised(mel: Array, level: Array) -> Array:
    """Log-mel relative to the level: mel [..., N_MELS], level [...] -> about zero mean, unit variance."""
    log = np.log10(mel / level[..., None] + np.float32(RANGE_FLOOR))
    return np.asarray((log - np.float32(LOG_MEAN)) / np.float32(LOG_SCALE), np.float32)


def track_level(energy: Array, smooth: Floats | float, level: Floats | float
                ) -> tuple[Array, Floats, Floats]:
    """The level after each frame: energy [..., n] -> levels [..., n], and the tracker's last state [...]."""
    levels = np.empty(energy.shape, np.float32)
    smooth, level = np.asarray(smooth, np.float64), np.asarray(level, np.float64)
    for i, e in enumerate(np.moveaxis(energy.astype(np.float64), -1, 0)):
        smooth = LEVEL_SMOOTHING * smooth + (1.0 - LEVEL_SMOOTHING) * e
        level = np.maximum(np.maximum(smooth, level * LEVEL_FALL), LEVEL_FLOOR)
        levels[..., i] = level
    return levels, np.asarray(smooth), np.asarray(level)


@dataclass(frozen=True, slots=True)
class FeatureState:
    """Of S streams. `tail` [S, WINDOW - HOP]: the last samples; `smooth`, `level` [S]: of the tracker."""

    tail: Array
    smooth: Floats
    level: Floats


class LogMel:
    """The feature stage: a block of BLOCK samples at 16 kHz in, FRAMES_PER_BLOCK rows of N_MELS out.

    Row j of the stream is computed from the samples [HOP * (j + 1) - WINDOW, HOP * (j + 1)).
    """

    lookahead_secs = Fraction(0)  # a row stands at the end of its hop

    def initial_state(self, streams: int = 1) -> FeatureState:
        """Silence before the first sample."""
        return FeatureState(np.zeros((streams, WINDOW - HOP), np.float32), np.zeros(streams),
                            np.full(streams, LEVEL_FLOOR))

    def step(self, block: Array, state: FeatureState) -> tuple[Array, FeatureState]:
        """float32 [BLOCK] -> float32 [FRAMES_PER_BLOCK, N_MELS]."""
        rows, state = self.steps(block[None], state)
        return rows[0], state

    def steps(self, blocks: Array, state: FeatureState) -> tuple[Array, FeatureState]:
        """A block of each of S streams [S, BLOCK] -> float32 [S, FRAMES_PER_BLOCK, N_MELS]."""
        samples = np.concatenate([state.tail, blocks], 1)
        windows = np.stack([samples[:, i * HOP : i * HOP + WINDOW] for i in range(FRAMES_PER_BLOCK)], 1)
        mel = mel_power(windows.reshape(-1, WINDOW)).reshape(len(blocks), FRAMES_PER_BLOCK, N_MELS)
        levels, smooth, level = track_level(mel.mean(2), state.smooth, state.level)
        return normalised(mel, levels), FeatureState(samples[:, BLOCK:].copy(), smooth, level)

    def flush(self, state: FeatureState) -> tuple[Array, FeatureState]:
        """Nothing is held back."""
        return np.zeros((0, N_MELS), np.float32), state


class LogMelWithSound(LogMel):
    """As LogMel, with the HOP samples of each row behind its features."""

    def steps(self, blocks: Array, state: FeatureState) -> tuple[Array, FeatureState]:
        """float32 [S, BLOCK] -> float32 [S, FRAMES_PER_BLOCK, N_MELS + HOP]."""
        rows, state = super().steps(blocks, state)
        return np.concatenate([rows, blocks.reshape(-1, FRAMES_PER_BLOCK, HOP)], 2), state
