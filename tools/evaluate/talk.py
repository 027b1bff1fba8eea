"""A talk: who speaks when, as cues of the voice. Made up, with lengths of people's, or heard.

Phrases of 1.5 s with pauses of 0.4 s make turns, between turns lie 0.2 s (Heldner & Edlund 2010, Levinson &
Torreira 2015); lengths are log-normal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import N_CHANNELS
from facerig.core.clock import KNOT_RATE_HZ
from facerig.core.cues import CUE, N_CUES
from facerig.hearing import Hearing

#                              median s, sigma of the logarithm
PHRASE: Final = (1.5,          0.5)
PAUSE: Final = (0.4,           0.5)
GAP: Final = (0.2,             0.6)
PHRASES_A_TURN: Final = (1, 6)  # least, and one more than most


@dataclass(frozen=True, slots=True)
class Talk:
    """cues: float32 [m, N_CUES] at the knots; own, other: whether it is this one's turn, bool [m]."""

    cues: NDArray[np.float32]
    own: NDArray[np.bool_]
    other: NDArray[np.bool_]

    @property
    def secs(self) -> float:
        return len(self.cues) / KNOT_RATE_HZ


def talk(secs: float, seed: int) -> Talk:
    """Two who take turns, of one of them: `other` turns are the ones it listens to."""
    rng = np.random.default_rng(seed)
    n = round(secs * KNOT_RATE_HZ)
    voice, own = np.zeros(n, np.float32), np.zeros(n, np.bool_)
    other = np.zeros(n, np.bool_)
    at, mine = 0, bool(rng.integers(2))

    def length(median: float, sigma: float) -> int:
        return max(1, round(KNOT_RATE_HZ * float(rng.lognormal(np.log(median), sigma))))

    while at < n:
        start = at
        for _ in range(int(rng.integers(*PHRASES_A_TURN))):
            spoken = length(*PHRASE)
            voice[at : at + spoken] = 1
            stop = at + spoken
            at = stop + length(*PAUSE)
        (own if mine else other)[start:stop] = True
        at, mine = stop + length(*GAP), not mine
    cues = np.zeros((n, N_CUES), np.float32)
    cues[:, CUE["voice"]] = voice
    return Talk(cues, own, other)


def quiet(secs: float) -> Talk:
    """Nobody speaks."""
    n = round(secs * KNOT_RATE_HZ)
    return Talk(np.zeros((n, N_CUES), np.float32), np.zeros(n, np.bool_), np.zeros(n, np.bool_))


def heard(sounds: Iterable[NDArray[np.float32]], sample_rate: int, secs: float, seed: int = 0) -> Talk:
    """One speaker's cues as the live session hears them: mono `sounds` with pauses between, up to `secs`."""
    rng, hearing = np.random.default_rng(seed), Hearing(sample_rate, "live")
    state, knots, n_samples = hearing.initial_state(), [], 0
    for sound in sounds:
        pause = np.zeros(round(sample_rate * float(rng.lognormal(np.log(PAUSE[0]), PAUSE[1]))), np.float32)
        for piece in (sound, pause):
            rows, state = hearing.step(piece, state)
            knots.append(rows)
            n_samples += len(piece)
        if n_samples >= secs * sample_rate:
            break
    cues = np.concatenate(knots)[: round(secs * KNOT_RATE_HZ), N_CHANNELS:]
    return Talk(cues, np.ones(len(cues), np.bool_), np.zeros(len(cues), np.bool_))
