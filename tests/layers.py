"""What tests of the performance layers share: made-up cues, moments of a stream cut anywhere, a mood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from facerig.core.channels import N_CHANNELS
from facerig.core.clock import KNOT_RATE_HZ
from facerig.core.cues import CUE, N_CUES
from facerig.performance.moment import Moment, Mood


def silent_cues(secs: float) -> np.ndarray:
    """No voice at all."""
    return np.zeros((round(secs * KNOT_RATE_HZ), N_CUES), np.float32)


def spoken_cues(secs: float, seed: int = 0) -> np.ndarray:
    """Phrases of 1 to 3 s, pauses, syllables, accents, and a pitch that falls to the end of each phrase."""
    rng, out = np.random.default_rng(seed), silent_cues(secs)
    knot, last = round(rng.uniform(0.1, 0.5) * KNOT_RATE_HZ), len(out)
    while knot < last:
        length = min(round(rng.uniform(1.0, 3.0) * KNOT_RATE_HZ), last - knot)
        t = np.arange(length) / KNOT_RATE_HZ
        syllables = np.sin(2 * np.pi * 2.2 * t + rng.uniform(0, 6))
        accents = np.maximum(0, np.sin(2 * np.pi * 0.7 * t + rng.uniform(0, 6))) ** 4
        here = out[knot : knot + length]
        here[:, CUE["voice"]] = 1
        here[:, CUE["talking"]] = 1
        here[:, CUE["voiced"]] = syllables > -0.5
        here[:, CUE["loudness"]] = np.clip(0.3 * syllables + 0.5 * accents - 0.2, -1, 1)
        fall = 0.2 - 0.5 * t / max(t[-1], 0.1)
        pitch = np.clip(fall + 0.4 * accents + rng.normal(0, 0.02, length), -1, 1)
        here[:, CUE["pitch"]] = pitch * (syllables > -0.5)
        knot += length + round(rng.uniform(0.3, 1.5) * KNOT_RATE_HZ)
    return out


def frame_times(n_knots: int, fps: Fraction) -> np.ndarray:
    """Times of the frames that lie before the last knot."""
    n = -(-(n_knots - 1) * fps.numerator // (KNOT_RATE_HZ * fps.denominator))
    return np.arange(n) * fps.denominator / fps.numerator


def moments(cues: np.ndarray, fps: Fraction | int, cuts: Sequence[int] = (), *, eager: bool = False
            ) -> Iterator[Moment]:
    """The stream in pieces that end at the knots of `cuts`; frames follow, as from the frame clock.

    eager: frames come as soon as the knot before them is there, the least that a layer may count on.
    """
    fps = Fraction(fps)
    times = frame_times(len(cues), fps)
    first_knot = first_frame = 0
    for cut in (*sorted(min(max(c, 0), len(cues)) for c in cuts), len(cues)):
        known = (cut - 1 if eager else cut - 2) / KNOT_RATE_HZ
        stop = len(times) if cut == len(cues) else int(np.searchsorted(times, known, side="right"))
        stop = max(stop, first_frame)
        here = times[first_frame:stop]
        at = np.minimum((here * KNOT_RATE_HZ).astype(int), len(cues) - 1)
        yield Moment(here, np.zeros((len(here), N_CHANNELS), np.float32), cues[at], cues[first_knot:cut],
                     first_knot)
        first_knot, first_frame = cut, stop


def mood(moment: Moment, arousal: float = 0.0, valence: float = 0.0, intensity: float = 0.0) -> Mood:
    """The same mood throughout."""
    row = np.array([arousal, valence, intensity], np.float32)
    return Mood(np.tile(row, (len(moment.times), 1)), np.tile(row, (len(moment.knots), 1)))
