"""The building blocks of made-up sounds: tones, strings, noise, strokes, envelopes, rooms. Mono at RATE."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import oaconvolve

Sound = NDArray[np.float32]
Random = np.random.Generator
Numbers = Sequence[float] | NDArray[np.floating]

RATE: Final = 16_000  # Hz
NYQUIST: Final = RATE / 2
TABLE: Final = 2048  # samples of one period of a tone
MOST_PARTIALS: Final = 60
CONTROL: Final = 160  # samples between two points of a slow curve


def samples(secs: float) -> int:
    """How many samples `secs` take; at least one."""
    return max(1, round(secs * RATE))


def between(random: Random, low: float, high: float) -> float:
    """A number from low to high, evenly on a logarithmic scale: for Hz, seconds and factors."""
    return float(np.exp(random.uniform(np.log(low), np.log(high))))


def level(db: float) -> np.float32:
    """Factor on amplitude."""
    return np.float32(10 ** (db / 20))


def normalised(sound: Sound) -> Sound:
    """The sound with a root mean square of one where it sounds; silence stays."""
    power = np.square(sound)
    loud = power[power > 1e-4 * power.max(initial=0.0)]
    rms = float(np.sqrt(loud.mean())) if len(loud) else 0.0
    return np.asarray(sound / max(rms, 1e-9), np.float32)


def slow(n: int, random: Random, hz: float, low: float = 0.0, high: float = 1.0) -> Sound:
    """A smooth random curve [n] between low and high, with about `hz` new points a second."""
    n_points = max(2, int(n / RATE * hz) + 2)
    points = random.uniform(low, high, n_points)
    coarse = np.interp(np.linspace(0, n_points - 1, n // CONTROL + 2), np.arange(n_points), points)
    kernel = np.hanning(7)[1:-1]
    coarse = np.convolve(np.pad(coarse, 2, "edge"), kernel / kernel.sum(), "valid")
    return np.interp(np.arange(n) / CONTROL, np.arange(len(coarse)), coarse).astype(np.float32)


def envelope(n: int, attack_secs: float, fall_secs: float, release_secs: float = 0.02) -> Sound:
    """Linear attack, exponential fall (to 1/e in `fall_secs`), and a linear end."""
    at = np.arange(n, dtype=np.float32) / RATE
    shape = np.minimum(1.0, at / max(attack_secs, 1e-4))
    shape = shape * np.exp(-np.maximum(0, at - attack_secs) / fall_secs)
    return np.asarray(shape * np.minimum(1.0, (at[-1] - at) / max(release_secs, 1e-4)), np.float32)


def partials(random: Random, *, slope: float | None = None) -> Sound:
    """Amplitudes of a timbre's partials [MOST_PARTIALS]: a slope, odd or even ones, and chance."""
    number = np.arange(1, MOST_PARTIALS + 1)
    steep = slope if slope is not None else random.uniform(-3.0, -0.4)
    amplitude = number**steep * np.exp(random.normal(0, random.uniform(0, 0.8), MOST_PARTIALS))
    amplitude[1::2] *= random.choice([1.0, 1.0, 0.3, 0.0])
    return np.asarray(amplitude / np.abs(amplitude).max(), np.float32)


def tone(hz: float | Sound, n: int, timbre: Sound, random: Random) -> Sound:
    """A periodic tone [n] of constant or moving pitch, without partials above half the sampling rate."""
    top = float(np.max(hz))
    n_partials = int(np.clip(NYQUIST * 0.95 / max(top, 1.0), 1, len(timbre)))
    spectrum = np.zeros(TABLE // 2 + 1, np.complex64)
    phases = random.uniform(0, 2 * np.pi, n_partials)
    spectrum[1 : n_partials + 1] = timbre[:n_partials] * np.exp(1j * phases)
    table: Sound = np.fft.irfft(spectrum, TABLE).astype(np.float32) * np.float32(TABLE / 2)
    steps = np.broadcast_to(np.asarray(hz, np.float64), (n,)) * (TABLE / RATE)
    return table[(np.cumsum(steps) + random.integers(TABLE)).astype(np.int64) % TABLE]


def vibrato(hz: float, n: int, random: Random, depth: float | None = None) -> Sound:
    """A pitch [n] that sways 4 to 7 times a second, after a while, as players do."""
    deep = depth if depth is not None else random.uniform(0.0, 0.02)
    at = np.arange(n, dtype=np.float32) / RATE
    sway = np.sin(2 * np.pi * random.uniform(4, 7) * at + random.uniform(0, 6))
    return np.asarray(hz * (1 + deep * np.minimum(1, at / 0.3) * sway), np.float32)


def plucked(hz: float, n: int, random: Random, *, damping: float | None = None) -> Sound:
    """A string by Karplus and Strong (1983): a period of noise that is averaged over and over.

    All periods at once: the k-th is the first one's spectrum times the average's, to the power k.
    """
    period = int(np.clip(round(RATE / hz), 4, 800))
    lost = damping if damping is not None else between(random, 0.001, 0.02)
    turns = np.arange(-(-n // period))
    bend = np.maximum(np.cos(np.pi * np.arange(period // 2 + 1) / period), 0.0) ** random.uniform(0.3, 1.5)
    excited = np.fft.rfft(random.uniform(-1, 1, period)) * bend ** random.uniform(0, 20)
    excited[0] = 0
    heard = np.fft.irfft(excited * (bend * (1 - lost)) ** turns[:, None], period)
    return np.asarray(heard.ravel()[:n] / (np.abs(heard).max() + 1e-9), np.float32)


def struck(modes_hz: Numbers, falls_secs: Numbers, n: int, random: Random) -> Sound:
    """Something hit: decaying sines, one for each mode."""
    at = np.arange(n, dtype=np.float32) / RATE
    out = np.zeros(n, np.float32)
    for hz, fall in zip(modes_hz, falls_secs, strict=True):
        if hz < NYQUIST:
            last = min(n, samples(7 * fall))
            swing = np.sin(2 * np.pi * hz * at[:last] + random.uniform(0, 6)) * np.exp(-at[:last] / fall)
            out[:last] += random.uniform(0.1, 1) * swing
    return out


def modulated(carrier_hz: float, ratio: float, index: float, n: int, fall_secs: float) -> Sound:
    """A bell by frequency modulation (Chowning 1973); the brightness falls with the loudness."""
    at = np.arange(n, dtype=np.float32) / RATE
    fall = np.exp(-at / fall_secs)
    return np.asarray(fall * np.sin(2 * np.pi * carrier_hz * at
                                    + index * fall * np.sin(2 * np.pi * carrier_hz * ratio * at)), np.float32)


def noise(n: int, random: Random, slope: float = 0.0) -> Sound:
    """Noise whose power goes with the frequency to the power `slope`; root mean square of one."""
    white = random.standard_normal(n).astype(np.float32)
    return coloured(white, slope=slope) if slope else white


def coloured(sound: Sound, *, low_hz: float = 0.0, high_hz: float = NYQUIST, slope: float = 0.0,
             peaks_hz: Sequence[float] = (), width: float = 0.15) -> Sound:
    """The sound between two frequencies (soft edges), tilted, with peaks; normalised."""
    spectrum = np.fft.rfft(sound)
    hz = np.maximum(np.fft.rfftfreq(len(sound), 1 / RATE), 20.0)
    gain = (hz / 1000) ** (slope / 2)
    if low_hz:
        gain = gain / (1 + (low_hz / hz) ** 4)
    if high_hz < NYQUIST:
        gain = gain / (1 + (hz / high_hz) ** 4)
    if len(peaks_hz):
        gain = gain * (0.03 + sum(1 / (1 + ((hz / peak - peak / hz) / width) ** 2) for peak in peaks_hz))
    return normalised(np.fft.irfft(spectrum * gain, len(sound)).astype(np.float32))


def swept_noise(n: int, random: Random, sway_hz: float, *, n_bands: int = 5, depth: float = 1.0) -> Sound:
    """Noise whose colour wanders: bands that swell and fade each on its own."""
    out = np.zeros(n, np.float32)
    for centre in np.geomspace(between(random, 60, 400), between(random, 1500, 7000), n_bands):
        band = coloured(noise(n, random), low_hz=float(centre) / 1.5, high_hz=float(centre) * 1.5)
        out += band * (1 - depth + depth * slow(n, random, sway_hz) ** 2) * random.uniform(0.1, 1)
    return out


def grains(n: int, at_samples: NDArray[np.integer], gains: NDArray[np.floating], kinds: Sequence[Sound],
           random: Random) -> Sound:
    """Short sounds at the given places, each drawn from `kinds`: thousands cost as little as ten."""
    which = random.integers(len(kinds), size=len(at_samples))
    out = np.zeros(n, np.float32)
    for index, kind in enumerate(kinds):
        mine = (which == index) & (at_samples >= 0) & (at_samples < n)
        if mine.any():
            hits = np.zeros(n, np.float32)
            np.add.at(hits, at_samples[mine], gains[mine].astype(np.float32))
            out += oaconvolve(hits, kind)[:n].astype(np.float32)
    return out


def put(out: Sound, sound: Sound, start: int, gain: float = 1.0) -> None:
    """Add `sound` to `out` from sample `start` on; what lies outside is lost."""
    first, last = max(0, start), min(len(out), start + len(sound))
    if last > first:
        out[first:last] += np.float32(gain) * sound[first - start : last - start]


def room(sound: Sound, random: Random, rt60_secs: float | None = None) -> Sound:
    """The sound in a room: an exponentially falling, darkening noise after a few echoes."""
    rt60 = rt60_secs or between(random, 0.08, 2.0)
    n = samples(rt60)
    tail = random.standard_normal(n).astype(np.float32) * np.exp(-6.9 * np.arange(n) / n).astype(np.float32)
    tail = np.convolve(tail, np.hanning(random.integers(3, 12))[1:-1], "same").astype(np.float32)
    tail *= np.float32(random.uniform(0.1, 1.2)) / (np.sqrt(np.square(tail).sum()) + np.float32(1e-9))
    tail[0] = 1.0
    return np.asarray(oaconvolve(sound, tail)[: len(sound)], np.float32)
