"""Sound at another sample rate, piece by piece: the same samples for any split, and no delay in time.

A windowed sinc (Kaiser), as scipy.signal.resample_poly has it, over a stream: output sample m stands at m /
to_rate seconds exactly, so a curve's time stays the sound's time.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import upfirdn

from facerig.voices.voice import Samples

HALF_WIDTH: Final = 16  # samples of the lower rate to each side
BETA: Final = 8.0  # of the Kaiser window: aliases 80 dB down
CUTOFF: Final = 0.94  # of the lower rate's half


@dataclass(frozen=True, slots=True)
class RateState:
    """The samples that later output still needs, from sample `start` on; `done`: output samples so far."""

    held: Samples
    start: int = 0
    done: int = 0


class RateChange:
    """From one rate to another, both in Hz. Output holds ceil(n * to / from) samples after `flush`."""

    def __init__(self, from_rate: int, to_rate: int) -> None:
        common = gcd(from_rate, to_rate)
        self.up, self.down = to_rate // common, from_rate // common
        wide = max(self.up, self.down)
        self.half = -(-HALF_WIDTH * wide // self.down) * self.down  # whole output samples
        places = np.arange(-self.half, self.half + 1) / wide  # in samples of the lower rate
        taps = CUTOFF * np.sinc(CUTOFF * places) * np.kaiser(len(places), BETA)
        self.taps: NDArray[np.float64] = taps * (self.up / taps.sum())

    def initial_state(self) -> RateState:
        """Silence before the first sample."""
        return RateState(np.zeros(0, np.float32))

    def step(self, samples: Samples, state: RateState) -> tuple[Samples, RateState]:
        """What these samples complete."""
        if self.up == self.down:
            return samples, state
        held = np.concatenate([state.held, samples])
        ready = ((state.start + len(held)) * self.up - self.half) // self.down  # what no later sample touches
        return self._until(max(state.done, ready), held, state)

    def flush(self, state: RateState) -> Samples:
        """The rest, as if silence followed."""
        if self.up == self.down:
            return np.zeros(0, np.float32)
        end = -(-(state.start + len(state.held)) * self.up // self.down)
        silence = np.zeros(2 * self.half // self.up + 1, np.float32)
        return self._until(end, np.concatenate([state.held, silence]), state)[0]

    def _until(self, end: int, held: Samples, state: RateState) -> tuple[Samples, RateState]:
        """Output from `state.done` up to `end`, and what is needed behind it."""
        first = state.start * self.up // self.down  # output sample at held[0]: `start` is a multiple of down
        at = first - self.half // self.down  # that upfirdn gives first
        out = np.asarray(upfirdn(self.taps, held, self.up, self.down), np.float32) if len(held) else held
        made = out[state.done - at : max(state.done, end) - at]
        oldest = (end * self.down - self.half) // self.up
        start = max(state.start, oldest // self.down * self.down)
        return made, RateState(held[start - state.start :], start, max(state.done, end))
