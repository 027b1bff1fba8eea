"""From knots at 100 Hz to frames at any rational rate, exactly on time.

Frame k stands at k / fps seconds. Its position between two knots is computed in integers, so nothing drifts;
its value is their linear mean. Closures are held long enough by the encoder to meet a frame at 24 fps
(encoder.lips).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import N_CHANNELS
from facerig.core.clock import KNOT_RATE_HZ

Array = NDArray[np.float32]



@dataclass(frozen=True, slots=True)
class FrameState:
    """`knots`: those from index `first` on that frames may yet need; `next_frame`: the frame to give next."""

    knots: Array
    first: int
    next_frame: int


class FrameClock:
    """Stage: knots float32 [n, 61] in, frames float32 [k, 61] out at `fps`."""

    lookahead_secs = Fraction(1, KNOT_RATE_HZ)  # the knot after the frame

    def __init__(self, fps: Fraction) -> None:
        self.fps = fps

    def initial_state(self) -> FrameState:
        """Before knot 0 and frame 0."""
        return FrameState(np.zeros((0, N_CHANNELS), np.float32), 0, 0)

    def _knot_before(self, frame: int) -> int:
        """The knot at or before a frame."""
        return frame * KNOT_RATE_HZ * self.fps.denominator // self.fps.numerator

    def _position(self, frames: NDArray[np.int64]) -> tuple[NDArray[np.int64], Array]:
        """The knot at or before each frame, and how far (0 to 1) the frame lies after it."""
        scaled = frames * KNOT_RATE_HZ * self.fps.denominator
        low = scaled // self.fps.numerator
        return low, ((scaled - low * self.fps.numerator) / self.fps.numerator).astype(np.float32)

    def step(self, knots: Array, state: FrameState) -> tuple[Array, FrameState]:
        """The frames that lie between the knots so far."""
        held = np.concatenate([state.knots, knots])
        last = state.first + len(held) - 1  # index of the newest knot
        # frames with knot position < last, so that the knot after each is there
        stop = -(-last * self.fps.numerator // (KNOT_RATE_HZ * self.fps.denominator)) if last > 0 else 0
        next_frame = max(stop, state.next_frame)
        frames: Array = held[:0]
        if next_frame > state.next_frame:
            low, part = self._position(np.arange(state.next_frame, next_frame, dtype=np.int64))
            at = low - state.first
            frames = (held[at] + (held[at + 1] - held[at]) * part[:, None]).astype(np.float32)
        keep = max(min(self._knot_before(next_frame), last), state.first)
        return frames, FrameState(held[keep - state.first :].copy(), keep, next_frame)

    def flush(self, state: FrameState) -> tuple[Array, FrameState]:
        """The frames after the last knot but one, its value held for as long as a frame may lie after it."""
        if not len(state.knots):
            return state.knots, state
        return self.step(np.repeat(state.knots[-1:], 2, 0), state)
