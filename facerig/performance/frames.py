"""From knots at 100 Hz to frames at any rational rate, exactly on time, without losing a closure.

Frame k stands at k / fps seconds. Its position between two knots is computed in integers, so nothing drifts;
its value is their linear mean. Closures are held long enough by the encoder to meet a frame at 20 fps and
more (encoder.closures). At slower rates a whole seal may lie between two frames: the second one shows it.

On few frames a closure passes in a flash, and what lies between the frames (players interpolate, films blur)
opens it further. So the fewer the frames, the harder the lips press: at 24 fps 9 points of sealed p b m are
lost with lips that just meet, less than one so.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.core.clock import KNOT_RATE_HZ
from facerig.core.mouth import mouth_geometry

Array = NDArray[np.float32]

SURE_FPS: Final = 20  # from here on every closure meets a frame by itself
SEAL_MM: Final = 1.0  # lips that near count as closed
PRESSED: Final = 0.1  # mouthShrugLower of a closure that is meant; a resting mouth has none

PLAIN_FPS: Final = 48  # from here on seals are shown as they are,
HARDEST: Final = 2.0  # and at half that rate pressed this much harder

_CHIN: Final = INDEX["mouthShrugLower"]
_PARTING: Final = np.flatnonzero(np.any(mouth_geometry().gap, axis=1))
_PARTING_MM: Final = mouth_geometry().gap[_PARTING]


@dataclass(frozen=True, slots=True)
class FrameState:
    """`knots`: those from index `first` on that frames may yet need; `next_frame`: the frame to give next.

    `sealed`: the last frame showed a seal (known below SURE_FPS only).
    """

    knots: Array
    first: int
    next_frame: int
    sealed: bool = False


class FrameClock:
    """Stage: knots float32 [n, 61 + c] in, frames float32 [k, 61 + c] out at `fps`: curves and c cues."""

    lookahead_secs = Fraction(1, KNOT_RATE_HZ)  # the knot after the frame

    def __init__(self, fps: Fraction, n_cues: int = 0) -> None:
        self.fps, self._width = fps, N_CHANNELS + n_cues
        self._frame_knots = float(KNOT_RATE_HZ / fps)
        self._slow = fps < SURE_FPS
        self._harder = min(HARDEST, max(1.0, float(PLAIN_FPS / fps)))
        self._kept_knots = ceil(self._frame_knots) if self._slow else 0  # behind the next frame's own

    def initial_state(self) -> FrameState:
        """Before knot 0 and frame 0."""
        return FrameState(np.zeros((0, self._width), np.float32), 0, 0)

    def _knot_before(self, frame: int) -> int:
        """The knot at or before a frame."""
        return frame * KNOT_RATE_HZ * self.fps.denominator // self.fps.numerator

    def _between(self, held: Array, first: int, frames: range) -> tuple[Array, list[int], list[float]]:
        """Frames between the knots `held` from index `first` on: the row of the knot at or before each, and
        how far (0 to 1) the frame lies after it. Mostly one or two: floats are faster than arrays."""
        knots, rate = KNOT_RATE_HZ * self.fps.denominator, self.fps.numerator
        places = [divmod(frame * knots, rate) for frame in frames]
        at = [low - first for low, _ in places]
        part = [after / rate for _, after in places]
        before = held.take(at, 0)
        after = held.take([row + 1 for row in at], 0)
        after -= before
        after *= np.array(part, np.float32)[:, None]
        after += before
        return after, at, part

    def step(self, knots: Array, state: FrameState) -> tuple[Array, FrameState]:
        """The frames that lie between the knots so far."""
        held = np.concatenate([state.knots, knots])
        last = state.first + len(held) - 1  # index of the newest knot
        # frames with knot position < last, so that the knot after each is there
        stop = -(-last * self.fps.numerator // (KNOT_RATE_HZ * self.fps.denominator)) if last > 0 else 0
        next_frame = max(stop, state.next_frame)
        frames: Array = held[:0]
        sealed = state.sealed
        if next_frame > state.next_frame:
            frames, at, part = self._between(held, state.first, range(state.next_frame, next_frame))
            if self._slow:
                sealed = self._show_missed(frames, held, at, part, sealed)
            if self._harder > 1:
                frames[_sealed(frames), _CHIN] *= np.float32(self._harder)
        keep = max(min(self._knot_before(next_frame) - self._kept_knots, last), state.first)
        return frames, FrameState(held[keep - state.first :].copy(), keep, next_frame, sealed)

    def _show_missed(self, frames: Array, held: Array, at: list[int], part: list[float], before: bool
                     ) -> bool:
        """Put seals that lie between two of `frames` on the second; says whether the last shows one."""
        seals = _sealed(held)
        for k, shown in enumerate(_sealed(frames)):
            first = max(0, floor(at[k] + part[k] - self._frame_knots) + 1)
            missed = np.flatnonzero(seals[first : at[k] + 1])
            if not shown and not before and len(missed):
                frames[k] = held[first + missed[-1]]
                shown = True
            before = bool(shown)
        return before

    def flush(self, state: FrameState) -> tuple[Array, FrameState]:
        """The frames after the last knot but one, its value held for as long as a frame may lie after it."""
        if not len(state.knots):
            return state.knots, state
        return self.step(np.repeat(state.knots[-1:], 2, 0), state)


def _sealed(values: Array) -> NDArray[np.bool_]:
    """Where the whole lip is pressed shut, not merely at rest [n]."""
    gaps = (values[:, _PARTING, None] * _PARTING_MM).sum(1)  # no matrix product: its last bit depends on n
    return np.asarray((gaps.max(1) <= SEAL_MM) & (values[:, _CHIN] >= PRESSED))
