"""Any sample rate from 8 to 192 kHz to 16 kHz, exactly on time and with a millisecond or two of look-ahead.

Output sample j stands at j / 16000 s. It is a sum over the input samples within HALF_SAMPLES samples of the
slower of the two rates, weighed by a Kaiser-windowed sinc around that very instant, so there is no delay to
make up for: only input that lies up to 1 ms later (2 ms when 8 kHz come in) has to be there first. 16 kHz
passes through untouched.

Positions are integers and never accumulate: block b begins at input sample b * in_rate / 50, and at most 50
different fractions of a sample occur. Each block of 320 is computed in one piece from a fresh copy of its
window, so how the input was cut cannot change a bit of it. An offset (DC) is left in: log-mel features do not
see it.

Kaiser window: J. F. Kaiser, 1974; beta for 65 dB from Oppenheim & Schafer, Discrete-Time Signal Processing,
eq. 7.75.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.audio.rates import BLOCK, BLOCKS_PER_SEC, RATE_HZ, check_sample_rate

Samples = NDArray[np.float32]

HALF_SAMPLES: Final = 16  # of the slower rate: 65 dB from 7/8 to 9/8 of its Nyquist frequency
_BETA: Final = 0.1102 * (65 - 8.7)
_PHASES_KEPT: Final = 2 * BLOCKS_PER_SEC  # two awkward rates at once


@dataclass(frozen=True, slots=True)
class ResamplerState:
    """`held` are the input samples from absolute index `start` on; `block` is the next block to give."""

    held: Samples
    start: int
    block: int

    @property
    def n_received(self) -> int:
        """Input samples so far."""
        return self.start + len(self.held)


@dataclass(frozen=True, slots=True)
class _Phase:
    """How a block is made whose first sample lies at a given fraction of an input sample.

    Row j of `weights` [320, taps] applies to the window's samples from `rows[j]` on; the window has `size`
    samples. `stride`: samples from one row to the next where all rows weigh alike, else 0.
    """

    rows: NDArray[np.intp]
    weights: Samples
    size: int
    stride: int


Window = tuple[_Phase, Samples]  # what a block is made of


class Resampler:
    """A stage (see core.stage): float32 samples at `in_rate` to whole blocks of 20 ms at 16 kHz."""

    def __init__(self, in_rate: int) -> None:
        """Raises AudioError for a rate outside 8 to 192 kHz."""
        check_sample_rate(in_rate, "sample rate")
        self.in_rate = in_rate

    @property
    def lookahead_secs(self) -> Fraction:
        """Half the length of the filter; blocks come out once their 20 ms and this have come in."""
        return Fraction(0) if self.in_rate == RATE_HZ else Fraction(HALF_SAMPLES, min(self.in_rate, RATE_HZ))

    def initial_state(self) -> ResamplerState:
        """Before the first sample, as if silence had gone before."""
        return self.state_at(0)

    def state_at(self, block: int) -> ResamplerState:
        """The state that awaits the first input sample at or after the start of `block`, as if after
        silence."""
        at = -(-block * self.in_rate // BLOCKS_PER_SEC)
        start = self._window_start(block)
        return ResamplerState(np.zeros(at - start, np.float32), start, block)

    def step(self, samples: Samples, state: ResamplerState, /) -> tuple[Samples, ResamplerState]:
        """The blocks that `samples` [n] completes, float32 [k, 320]."""
        windows, state = self.windows(samples, state)
        out = made(windows)
        return np.stack(out) if out else np.zeros((0, BLOCK), np.float32), state

    def windows(self, samples: Samples, state: ResamplerState) -> tuple[list[Window], ResamplerState]:
        """What the blocks that `samples` [n] completes are made of, for `made`."""
        held = np.concatenate([state.held, np.asarray(samples, np.float32)])
        windows, block, n_received = [], state.block, state.start + len(held)
        while True:
            phase, at = self._phase(block), self._window_start(block)
            if at + phase.size > n_received:
                break
            windows.append((phase, held[at - state.start: at - state.start + phase.size]))
            block += 1
        return windows, ResamplerState(held[at - state.start:].copy(), at, block)

    def flush(self, state: ResamplerState, /) -> tuple[Samples, ResamplerState]:
        """The blocks up to the end of the input, the last one filled up with zeros; then a fresh state."""
        n_out = -(-state.n_received * RATE_HZ // self.in_rate)
        n_blocks = max(0, -(-n_out // BLOCK) - state.block)
        silence = np.zeros(self._window_start(state.block + n_blocks + 1) + self._phase(0).size
                           - state.n_received, np.float32) if n_blocks else np.zeros(0, np.float32)
        out = self.step(silence, state)[0][:n_blocks]
        if n_blocks:
            out[-1, n_out - (state.block + n_blocks - 1) * BLOCK:] = 0
        return out, self.initial_state()

    def _window_start(self, block: int) -> int:
        return block * self.in_rate // BLOCKS_PER_SEC - _reach(self.in_rate)

    def _phase(self, block: int) -> _Phase:
        return _phase(self.in_rate, block * self.in_rate % BLOCKS_PER_SEC)


def _reach(in_rate: int) -> int:
    """Input samples that a sum reaches to either side."""
    return 0 if in_rate == RATE_HZ else -(-HALF_SAMPLES * in_rate // min(in_rate, RATE_HZ))


def made(windows: Sequence[Window]) -> list[Samples]:
    """A block [320] of each window, of one stream or of many: those alike are made at once, and a block has
    the bits that it has alone."""
    alike: dict[int, list[int]] = {}
    for k, (phase, _) in enumerate(windows):
        alike.setdefault(id(phase), []).append(k)
    out: list[Samples] = [np.zeros(0, np.float32)] * len(windows)
    for places in alike.values():
        phase = windows[places[0]][0]
        for k, block in zip(places, _blocks(phase, np.stack([windows[k][1] for k in places])), strict=True):
            out[k] = block
    return out


def _blocks(phase: _Phase, windows: Samples) -> Samples:
    """[n, size] -> [n, 320]."""
    taps = np.lib.stride_tricks.sliding_window_view(windows, phase.weights.shape[1], axis=1)
    if phase.stride:
        taps = taps[:, phase.rows[0] :: phase.stride][:, : len(phase.rows)]
        return np.asarray(np.einsum("sjt,t->sj", taps, phase.weights[0]))
    return np.asarray(np.einsum("sjt,jt->sj", taps[:, phase.rows], phase.weights))


@lru_cache(maxsize=_PHASES_KEPT)
def _phase(in_rate: int, fiftieths: int) -> _Phase:
    """The block whose first sample lies `fiftieths` / 50 of an input sample after a whole one."""
    reach = _reach(in_rate)
    position = fiftieths * BLOCK + np.arange(BLOCK, dtype=np.int64) * in_rate  # in 1/16000 of an input sample
    first = -(-position // RATE_HZ) - reach if reach else position // RATE_HZ
    n_taps = 2 * reach or 1  # from -reach up to less than +reach; at the very edges the window is zero
    distance = (first[:, None] + np.arange(n_taps)) * RATE_HZ - position[:, None]
    weights = _kernel(distance / (RATE_HZ * in_rate), min(in_rate, RATE_HZ)) if reach else np.ones((BLOCK, 1))
    rows, weights = first + reach, (weights / weights.sum(1, keepdims=True)).astype(np.float32)
    steps = set(np.diff(rows).tolist())
    stride = steps.pop() if len(steps) == 1 and (weights == weights[0]).all() else 0
    return _Phase(rows.astype(np.intp), weights, int(rows[-1]) + n_taps, stride)


def _kernel(secs: NDArray[np.float64], slower_hz: int) -> NDArray[np.float64]:
    """Kaiser-windowed sinc with its -6 dB point at the slower rate's Nyquist frequency."""
    inside = np.clip(1 - (secs * slower_hz / HALF_SAMPLES) ** 2, 0, None)
    window = np.where(inside > 0, np.i0(_BETA * np.sqrt(inside)), 0)
    return np.asarray(np.sinc(secs * slower_hz) * window, np.float64)
