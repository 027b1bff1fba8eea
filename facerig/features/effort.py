"""Speech effort (whisper, normal, shout) from the log-mel rows, causally and whatever the recording's gain.

A loud voice is not told by its level, which a microphone sets, but by its spectrum: the harder the glottis
closes, the less its spectrum falls (Sluijter & van Heuven 1996, "Spectral balance"), and the first formant
outweighs the fundamental. Two measures are taken from the loud frames of voiced speech:

    balance  400-1200 Hz over 60-300 Hz: the first formant against the fundamental
    tilt     1-5 kHz over 60-1000 Hz

A microphone or a telephone band moves one of them more than the other, so effort is what both agree on: the
lesser of the two where both say loud, or both soft, and none where they differ. A whisper has no voice: its
strong bands flicker from frame to frame as noise does, and a flat spectrum is then no sign of a shout.

The means that stand for normal speech are those of neutral readers (EmoDB's neutral, Kokoro): balance -8 dB,
tilt -16 to -18 dB; acted anger has +8 and -5 dB, sadness -15 and -20 dB.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from facerig.features.logmel import HIGH_HZ, LOG_MEAN, LOG_SCALE, LOW_HZ, N_MELS, RANGE_FLOOR

Array = NDArray[np.float32]
Floats = NDArray[np.float64]

# measure      over the bands, Hz        under the bands, Hz   normal, dB  a full step, dB
MEASURES: Final = {
    "balance": ((400.0, 1200.0),         (60.0, 300.0),        -6.0,       10.0),
    "tilt":    ((1000.0, 5000.0),        (60.0, 1000.0),       -15.0,      8.0),
}  # fmt: skip
DEAD_ZONE: Final = 0.15  # of a step, to either side: normal speech varies so much
MEMORY_ROWS: Final = 80  # of loud voiced speech, 10 ms each: vowels of 1 s average out
PRIOR_ROWS: Final = 25  # normal speech, taken to have been heard before the first row
LOUD: Final = 10 ** (-10.0 / 10)  # of the running peak's power: nuclei of vowels
PEAK_FALL: Final = 10 ** (-10.0 / 10 / 100)  # 10 dB a second, per row
FLICKER_HZ: Final = (100.0, 2500.0)
STRONG_DB: Final = -8.0  # under the strongest band: bands that carry the voice
# second difference of a strong band's level, dB: voices 2.9 to 4.7 (shouts most; noise of 10 dB adds 0.4),
# white noise 5.8, whispers (noise through the spectra of speech) 6.6 to 6.9
VOICED_DB, WHISPERED_DB = 5.0, 5.8
FLICKER_ROWS: Final = 55  # of its mean; a breath before the first word must not count as a whisper
MOST_FLICKER_DB: Final = 9.0  # of one row: an onset out of silence is no whisper
WHISPER_EFFORT: Final = -0.8
EASE_ROWS: Final = 15  # 0.15 s of loud speech: what the mouth gets never jumps
HUSH_DB: Final = (-14.0, -24.0)  # under the running peak: from a nasal's murmur to the hush of a p

EFFORT_NAMES: Final = ("effort", "hush")


def _centres_hz() -> NDArray[np.float64]:
    """Where the mel bands lie [N_MELS]: evenly on the mel scale of features.logmel."""
    low, high = (2595.0 * np.log10(1.0 + hz / 700.0) for hz in (LOW_HZ, HIGH_HZ))
    return np.asarray(700.0 * (10.0 ** (np.linspace(low, high, N_MELS + 2)[1:-1] / 2595.0) - 1.0))


def _within(hz: tuple[float, float]) -> NDArray[np.bool_]:
    centres = _centres_hz()
    return np.asarray((centres >= hz[0]) & (centres < hz[1]))


def _band_table() -> list[tuple[int, int, Array]]:
    """First and last + 1 of the bands over and under, of each measure, and their weights: power density times
    width."""
    width = np.gradient(_centres_hz())
    table = []
    for hz in (hz for over, under, _, _ in MEASURES.values() for hz in (over, under)):
        bands = np.flatnonzero(_within(hz))
        low, high = int(bands[0]), int(bands[-1]) + 1
        table.append((low, high, width[low:high].astype(np.float32)))
    return table


_BANDS: Final = _band_table()
_FLICKERING: Final = np.flatnonzero(_within(FLICKER_HZ))
_NORMAL: Final = tuple(row[2] for row in MEASURES.values())
_STEP: Final = tuple(row[3] for row in MEASURES.values())


class Means(NamedTuple):
    """What was heard of S streams so far, all [S]: `peak` of power, running; means of the measures and of the
    flicker, dB.

    `heard`: loud rows so far, up to MEMORY_ROWS; `effort`: what was said of the last row.
    """

    peak: Floats
    balance: Floats
    tilt: Floats
    flicker: Floats
    heard: Floats
    effort: Floats


def _nothing_heard(streams: int) -> Means:
    values = (0.0, *_NORMAL, VOICED_DB - 1.0, PRIOR_ROWS, 0.0)
    return Means(*(np.full(streams, value) for value in values))


@dataclass(frozen=True, slots=True)
class EffortState:
    """`rows` [S, 2, N_MELS]: the last two rows in dB, and what was heard."""

    rows: Array
    means: Means


class Effort:
    """Stage: log-mel rows float32 [n, N_MELS] in, float32 [n, 2] out: effort in [-1, 1] and hush in [0, 1].

    Effort is -1 for soft or whispered, 0 for normal, 1 for shouted speech. Hush tells how silent it is now
    against the voice just heard: 1 inside a p, 0 in a nasal or a vowel.
    """

    lookahead_secs = Fraction(0)

    def initial_state(self, streams: int = 1) -> EffortState:
        """Normal speech, as far as one knows."""
        silent = np.full((streams, 2, N_MELS), 10 * np.log10(RANGE_FLOOR), np.float32)
        return EffortState(silent, _nothing_heard(streams))

    def step(self, rows: Array, state: EffortState) -> tuple[Array, EffortState]:
        """float32 [n, N_MELS] -> float32 [n, 2]."""
        out, state = self.steps(rows[None], state)
        return out[0], state

    def steps(self, rows: Array, state: EffortState) -> tuple[Array, EffortState]:
        """Rows of S streams [S, n, N_MELS] -> float32 [S, n, 2]."""
        level_db = rows * np.float32(10 * LOG_SCALE) + np.float32(10 * LOG_MEAN)
        energy, measures = _measured(level_db)
        held = np.concatenate([state.rows, level_db], 1)
        means, out = state.means, np.empty((*rows.shape[:2], len(EFFORT_NAMES)), np.float32)
        columns = np.stack([energy, measures[..., 0], measures[..., 1], _flicker(held)]).astype(np.float64)
        for k, heard in enumerate(columns.transpose(2, 0, 1)):
            means = _heard(means, *heard)
            out[:, k, 0], out[:, k, 1] = means.effort, _hush(heard[0], means.peak)
        return out, EffortState(held[:, -2:].copy(), means)

    def flush(self, state: EffortState) -> tuple[Array, EffortState]:
        """Nothing is held back."""
        return np.zeros((0, len(EFFORT_NAMES)), np.float32), state


def _measured(level_db: Array) -> tuple[Array, Array]:
    """Power of each row [..., n], relative to the features' level, and the two measures [..., n, 2] in dB."""
    power = np.maximum(np.power(np.float32(10), level_db * np.float32(0.1)) - np.float32(RANGE_FLOOR),
                       np.float32(1e-9))
    # no matrix product: its last bit depends on the shape
    sums = np.stack([(power[..., low:high] * weights).sum(-1) for low, high, weights in _BANDS], -1)
    sums_db = 10 * np.log10(sums + np.float32(1e-6))
    return power.mean(-1), sums_db[..., 0::2] - sums_db[..., 1::2]


def _flicker(rows_db: Array) -> Array:
    """Mean second difference, dB, of the strong bands around the row before each: [..., n + 2, N_MELS] ->
    [..., n]."""
    bands = rows_db[..., _FLICKERING]
    change = np.abs(bands[..., 2:, :] - 2 * bands[..., 1:-1, :] + bands[..., :-2, :])
    middle = bands[..., 1:-1, :]
    strong = middle > middle.max(-1, keepdims=True) + np.float32(STRONG_DB)
    return np.asarray((change * strong).sum(-1) / strong.sum(-1), np.float32)


def _heard(means: Means, energy: Floats, balance: Floats, tilt: Floats, flicker: Floats) -> Means:
    """The means after one more row: only loud rows count, and for the spectrum only voiced ones."""
    peak = np.maximum(energy, means.peak * PEAK_FALL)
    loud = energy >= peak * LOUD
    if not loud.any():
        return Means(peak, *means[1:])
    heard = np.minimum(means.heard + 1.0, MEMORY_ROWS)
    noise = means.flicker + (np.minimum(flicker, MOST_FLICKER_DB) - means.flicker) / FLICKER_ROWS
    whisper = _ramp(noise, VOICED_DB, WHISPERED_DB)
    share = (1.0 - whisper) * (1.0 - _ramp(flicker, WHISPERED_DB, MOST_FLICKER_DB)) / heard
    balance = means.balance + share * (balance - means.balance)
    tilt = means.tilt + share * (tilt - means.tilt)
    wanted = _agreed(balance, tilt) * (1.0 - whisper) + WHISPER_EFFORT * whisper
    effort = means.effort + (wanted - means.effort) / EASE_ROWS
    if loud.all():
        return Means(peak, balance, tilt, noise, heard, effort)
    after = balance, tilt, noise, heard, effort
    return Means(peak, *(np.where(loud, new, old) for new, old in zip(after, means[1:], strict=True)))


def _agreed(balance: Floats, tilt: Floats) -> Floats:
    """Effort in [-1, 1] that both measures speak for."""
    steps = [(mean - normal) / step
             for mean, normal, step in zip((balance, tilt), _NORMAL, _STEP, strict=True)]
    loud, soft = np.maximum(0.0, np.minimum(*steps)), np.maximum(0.0, -np.maximum(*steps))
    beyond = np.maximum(0.0, loud + soft - DEAD_ZONE) / (1.0 - DEAD_ZONE)
    return np.asarray(np.minimum(1.0, beyond) * np.where(loud > 0, 1.0, -1.0))


def _hush(energy: Floats, peak: Floats) -> Floats:
    return _ramp(10 * np.log10(np.maximum(energy, 1e-12) / np.maximum(peak, 1e-12)), *HUSH_DB)


def _ramp(x: Floats, start: float, end: float) -> Floats:
    return np.minimum(np.maximum((x - start) / (end - start), 0.0), 1.0)
