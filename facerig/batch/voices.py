"""Whether one person speaks in a recording, or two: pitch and colour of its phrases.

A phrase is what is said between pauses. People differ in the pitch that they come back to and in the
long-term spectrum of their voice; one person's phrases differ less. The number is a distance, 0 for alike;
the signs say from where on it is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.signal import resample_poly

from facerig.core.said import TimedLabel

Array = NDArray[np.float64]

RATE_HZ: Final = 8_000
WINDOW, HOP, N_FFT = 400, 160, 1024  # 50 ms, 20 ms
PITCH_HZ: Final = (65.0, 420.0)
PERIODIC: Final = 0.55  # of the autocorrelation's peak: surely voiced
PAUSE_SECS: Final = 0.2  # between phrases
LEAST_VOICED: Final = 12  # windows that a phrase must have
BANDS: Final = 20
OCTAVES, COLOUR_DB = 0.30, 6.0  # a distance of 1 each


def two_voices(sound: NDArray[np.float32], rate: int, phones: Sequence[TimedLabel]) -> float:
    """How far the phrases of a sound lie apart, split in two where they differ most; 0 for fewer than two.

    sound [n] at `rate` Hz; phones: when somebody speaks.
    """
    spans = _phrases(phones)
    if len(spans) < 2:
        return 0.0
    low = np.asarray(resample_poly(sound.astype(np.float64), RATE_HZ, rate), np.float64)
    heard = [one for one in (_heard(low[int(a * RATE_HZ) : int(b * RATE_HZ)]) for a, b in spans)
             if one is not None]
    if len(heard) < 2:
        return 0.0
    pitch, colour = np.array([p for p, _ in heard]), np.array([c for _, c in heard])
    order = np.argsort(pitch)
    apart = [_distance(pitch[order], colour[order], k) for k in range(1, len(order))]
    return float(max(apart))


def _phrases(phones: Sequence[TimedLabel]) -> list[tuple[float, float]]:
    spans: list[tuple[float, float]] = []
    for phone in phones:
        if spans and phone.start - spans[-1][1] < PAUSE_SECS:
            spans[-1] = spans[-1][0], phone.end
        else:
            spans.append((phone.start, phone.end))
    return spans


def _heard(sound: Array) -> tuple[float, Array] | None:
    """Median pitch, octaves, and mean spectrum, dB by band, of the voiced windows of a phrase."""
    if len(sound) < WINDOW + LEAST_VOICED * HOP:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[::HOP] * np.hanning(WINDOW)
    power = np.abs(np.asarray(fft.rfft(windows, N_FFT), np.complex128)) ** 2
    alike = np.asarray(fft.irfft(power, axis=1), np.float64)
    first, last = int(RATE_HZ / PITCH_HZ[1]), int(RATE_HZ / PITCH_HZ[0])
    # the window's own autocorrelation is taken out: it pulls long lags down
    window = np.asarray(fft.rfft(np.hanning(WINDOW), N_FFT), np.complex128)
    own = np.asarray(fft.irfft(np.abs(window) ** 2), np.float64)
    periodic = alike[:, first:last] / np.maximum(alike[:, :1], 1e-9) / (own[first:last] / own[0])
    lag, peak = first + periodic.argmax(1), periodic.max(1)
    loud = power.sum(1) > 0.02 * np.percentile(power.sum(1), 95)
    voiced = (peak > PERIODIC) & loud
    if voiced.sum() < LEAST_VOICED:
        return None
    edges = np.unique(np.geomspace(4, power.shape[1] - 1, BANDS + 1).astype(int))
    bands = np.add.reduceat(power[voiced].mean(0), edges[:-1])
    colour = 10 * np.log10(bands + 1e-9)
    return float(np.median(np.log2(RATE_HZ / lag[voiced]))), colour - colour.mean()


def _distance(pitch: Array, colour: Array, k: int) -> float:
    """Of the first k phrases from the others, in order of pitch."""
    octaves = pitch[k:].min() - pitch[:k].max()
    colours = float(np.sqrt(((colour[k:].mean(0) - colour[:k].mean(0)) ** 2).mean()))
    return float(np.hypot(octaves / OCTAVES, colours / COLOUR_DB) if octaves > 0 else 0.0)
