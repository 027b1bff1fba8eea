"""The live encoder: one causal step of the network for every 20 ms of features."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.clock import KNOT_RATE_HZ
from facerig.encoder.model import ModelInfo, mel_shape
from facerig.encoder.tracks import KNOTS_PER_STEP, TRACKS

Array = NDArray[np.float32]

SILENT_ROW: Final = -2.8  # features of digital silence: log10 of features.logmel's range floor, normalised
STATE_NAMES: Final = ("c1", "c2", "c3", "h")


@dataclass(frozen=True, slots=True)
class LiveState:
    """The network's own state, and how many steps were made."""

    arrays: tuple[Array, ...]
    steps: int


class LiveEncoder:
    """Stage: feature rows float32 [2, n_mels] in, tracks float32 [n, len(TRACKS)] out.

    Knot m of the stream stands at m / 100 s. Step s gives the knots 2 (s + 1) - delay and the next; knots
    before 0 are left out.
    """

    def __init__(self, session: Any, info: ModelInfo) -> None:
        self.session, self.delay = session, info.delay_knots
        _, self.n_mels = mel_shape(session, info, ("mel", *STATE_NAMES))
        self._shapes = [tuple(d if isinstance(d, int) else 1 for d in i.shape)
                        for i in session.get_inputs()[1:]]

    @property
    def lookahead_secs(self) -> Fraction:
        """From the time of a knot to the end of the features it needs."""
        return Fraction(self.delay, KNOT_RATE_HZ)

    def initial_state(self) -> LiveState:
        """Silence before the first row."""
        return LiveState(tuple(np.zeros(s, np.float32) for s in self._shapes), 0)

    def step(self, rows: Array, state: LiveState) -> tuple[Array, LiveState]:
        """The knots that two rows of features complete."""
        feed = dict(zip(("mel", *STATE_NAMES), (rows[None], *state.arrays), strict=True))
        tracks, *arrays = self.session.run(None, feed)
        early = self.delay - KNOTS_PER_STEP * (state.steps + 1)  # knots before the stream began
        return tracks[0, max(0, early):], LiveState(tuple(arrays), state.steps + 1)

    def flush(self, state: LiveState) -> tuple[Array, LiveState]:
        """The knots up to the end of the features, as if silence followed."""
        silent = np.full((KNOTS_PER_STEP, self.n_mels), SILENT_ROW, np.float32)
        out = [np.zeros((0, len(TRACKS)), np.float32)]
        for _ in range(-(-self.delay // KNOTS_PER_STEP)):
            tracks, state = self.step(silent, state)
            out.append(tracks)
        return np.concatenate(out), state
