"""Blinks as closed-form functions of time: a seeded list of events, each evaluated at the output frame.

Every character has a rate of its own, drawn around the human median in conversation; intervals around it are
log-normal. A lid closes in about a third of the blink and stays shut long enough to meet a frame at 24 fps.

Sources: rate 10.5 to 32.5 a minute in conversation (Doughty 2001), median 20; log-normal intervals (sigma 0.7
to 0.9); closing about a third of the blink (VanderWerf et al. 2003).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX
from facerig.performance.draws import MAX_SEED, checked_seed, uniform

Array = NDArray[np.float32]
Times = NDArray[np.float64]

RATE_PER_MIN: Final = 20.0  # median over characters
RATE_SIGMA: Final = 0.2  # of its logarithm: 95 % of characters lie between 13.5 and 29.6
INTERVAL_SIGMA: Final = 0.8
SHORTEST_SECS: Final = 0.4  # between two blinks' starts
FIRST_SECS: Final = (0.4, 2.2)  # a short clip blinks too
#                     secs
CLOSING: Final = (0.07, 0.10)
SHUT: Final = 0.045
OPENING: Final = (0.14, 0.20)
ASYMMETRY_SECS: Final = 0.008  # one lid leads by at most this
DEPTH: Final = (0.93, 1.0)
LONGEST_SECS: Final = CLOSING[1] + SHUT + OPENING[1] + ASYMMETRY_SECS

__all__ = ["MAX_SEED", "Blink", "BlinkState", "Blinks"]


@dataclass(frozen=True, slots=True)
class Blink:
    """One blink: start and lengths in seconds, depth in [0, 1], and how much later the right lid comes."""

    start: float
    closing: float
    opening: float
    depth: float
    right_after: float

    def lid(self, times: Times, delay: float) -> Times:
        """Closure of a lid in [0, 1] at `times`, which starts `delay` after the blink."""
        t = times - self.start - delay
        down = _ease(t / self.closing)
        up = _ease((t - self.closing - SHUT) / self.opening)
        return self.depth * (down - up)


def _ease(x: Times) -> Times:
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x * x * (3.0 - 2.0 * x), np.float64)


@dataclass(frozen=True, slots=True)
class BlinkState:
    """`blinks`: those frames may yet need; `counter`: integers drawn; `next_start`, s; `rate` a minute."""

    blinks: tuple[Blink, ...]
    counter: int
    next_start: float
    rate: float


class Blinks:
    """A layer: adds blinks to frames float32 [n, 61] at known times; needs nothing from the future."""

    def __init__(self, seed: int) -> None:
        """Raises ConfigError for a seed below 0 or above MAX_SEED."""
        self.seed = checked_seed(seed)

    def _uniform(self, counter: int) -> float:
        return uniform(self.seed, counter)

    def _normal(self, counter: int) -> float:
        return NormalDist().inv_cdf(self._uniform(counter))

    def _between(self, counter: int, low: float, high: float) -> float:
        return low + (high - low) * self._uniform(counter)

    def initial_state(self) -> BlinkState:
        """A character's rate, and when it first blinks."""
        rate = RATE_PER_MIN * math.exp(RATE_SIGMA * self._normal(0))
        return BlinkState((), 2, self._between(1, *FIRST_SECS), rate)

    def _next(self, state: BlinkState) -> BlinkState:
        c, start = state.counter, state.next_start
        blink = Blink(start, self._between(c, *CLOSING), self._between(c + 1, *OPENING),
                      self._between(c + 2, *DEPTH), self._between(c + 3, -ASYMMETRY_SECS, ASYMMETRY_SECS))
        # the median of a log-normal with this mean: rates are means over a minute
        median = 60.0 / state.rate * math.exp(-(INTERVAL_SIGMA**2) / 2)
        interval = max(SHORTEST_SECS, median * math.exp(INTERVAL_SIGMA * self._normal(c + 4)))
        return BlinkState((*state.blinks, blink), c + 5, start + interval, state.rate)

    def step(self, frames: Array, times: Times, state: BlinkState) -> tuple[Array, BlinkState]:
        """`frames` with their lids closed where a blink is on at `times` (seconds, float64 [n])."""
        if not len(times):
            return frames, state
        while state.next_start - ASYMMETRY_SECS <= times[-1]:
            state = self._next(state)
        out = frames.copy()
        for blink in state.blinks:
            for name, delay in (("eyeBlinkLeft", max(0.0, -blink.right_after)),
                                ("eyeBlinkRight", max(0.0, blink.right_after))):
                column = INDEX[name]
                out[:, column] = np.maximum(out[:, column], blink.lid(times, delay).astype(np.float32))
        kept = tuple(b for b in state.blinks if b.start + LONGEST_SECS > times[-1])
        return out, BlinkState(kept, state.counter, state.next_start, state.rate)


