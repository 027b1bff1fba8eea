"""What every layer is given: a piece of the stream, its cues, and the mood that the emotion layer found.

A layer plans at knots and draws at frames:

    plan    at each knot of 10 ms it may decide something (a blink, a saccade, a nod), from the cues up to
            that knot and the draws of its seed. What is decided at knot k shows at times >= k / 100 s only.
    draw    at the frames' times it evaluates its events as closed-form functions of time.

So the same events happen at any frame rate, and any split of the stream gives the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facerig.core.clock import KNOT_RATE_HZ
from facerig.core.cues import CUE

Array = NDArray[np.float32]
Times = NDArray[np.float64]

MOOD = ("arousal", "valence", "intensity")  # in [-1, 1], [-1, 1] and [0, 1]


@dataclass(frozen=True, slots=True)
class Moment:
    """A piece of the stream.

    times: of the frames to draw, s, float64 [n]; speech: their speech curves, float32 [n, 61]; cues: at those
    frames, float32 [n, N_CUES]. knots: cues to plan with, float32 [m, N_CUES], knot j standing at
    (first_knot + j) / 100 s; every knot of the stream comes exactly once, before the frames that follow it.
    """

    times: Times
    speech: Array
    cues: Array
    knots: Array
    first_knot: int

    def cue(self, name: str) -> Array:
        """A cue at the frames [n]."""
        return self.cues[:, CUE[name]]

    def knot_cue(self, name: str) -> Array:
        """A cue at the knots [m]."""
        return self.knots[:, CUE[name]]

    @property
    def knot_times(self) -> Times:
        """Times of the knots, s [m]."""
        index = np.arange(self.first_knot, self.first_knot + len(self.knots), dtype=np.int64)
        return np.asarray(index / KNOT_RATE_HZ, np.float64)


@dataclass(frozen=True, slots=True)
class Mood:
    """How the character feels: the columns of MOOD at the frames [n, 3] and at the knots [m, 3]."""

    frames: Array
    knots: Array
