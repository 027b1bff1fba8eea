"""A character on stage, and for a moment the one it was: styles change live by fading from one to the other.

Both know the same past; while the change lasts both act on, and the face is a mean of theirs. Lips that both
seal stay sealed: their gap is linear in the curves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.clock import KNOT_RATE_HZ
from facerig.performance.directions import Direction
from facerig.performance.performer import Performer, PerformerState
from facerig.performance.settings import Performance, styled

Array = NDArray[np.float32]
Times = NDArray[np.float64]

CHANGE_SECS: Final = 0.6  # from one style to another


@dataclass(frozen=True, slots=True)
class Cast:
    """Who acts, and what they remember. `leaving`: who acted before, until `start + secs`, s."""

    performer: Performer
    state: PerformerState
    leaving: Cast | None = None
    start: float = 0.0
    secs: float = 0.0

    @staticmethod
    def of(performance: Performance, seed: int) -> Cast:
        """Before the first frame. Raises ConfigError for a bad seed."""
        performer = Performer(performance, seed)
        return Cast(performer, performer.initial_state())

    def told(self, direction: Direction) -> Cast:
        """Directed: all that act are told; with a style, one more does. Raises ConfigError."""
        leaving = None if self.leaving is None else self.leaving.told(direction)
        cast = replace(self, state=self.performer.told(self.state, direction), leaving=leaving)
        return cast if direction.style is None else cast._restyled(direction)

    def _restyled(self, direction: Direction) -> Cast:
        if direction.style is None:
            return self
        performance = styled(self.performer.performance, direction.style)
        performer = Performer(performance, self.performer.seed)
        start = max(direction.at_secs, self.state.next_knot / KNOT_RATE_HZ)
        secs = CHANGE_SECS if direction.transition_secs is None else direction.transition_secs
        return Cast(performer, performer.taking_over(self.state, start), self, start, secs)

    def step(self, frames: Array, knots: Array, times: Times) -> tuple[Array, Cast]:
        """As Performer.step: frames [n, 61 + N_CUES] at `times`, s, and knots [m, 61 + N_CUES] -> [n, 61]."""
        values, state = self.performer.step(frames, knots, times, self.state)
        if self.leaving is None:
            return values, replace(self, state=state)
        before, leaving = self.leaving.step(frames, knots, times)
        share = self._share(times)[:, None]
        shown = np.where(share == 1, values, before + share * (values - before))
        if len(times) and times[-1] >= self.start + self.secs:
            return shown, Cast(self.performer, state)
        return shown, replace(self, state=state, leaving=leaving)

    def _share(self, times: Times) -> Array:
        """Of the new style in the face [n]."""
        x = np.clip((times - self.start) / self.secs, 0.0, 1.0) if self.secs > 0 else times >= self.start
        return np.asarray(x * x * (3.0 - 2.0 * x), np.float32)
