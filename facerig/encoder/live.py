"""The live encoder: one causal step of the network for every 20 ms of features.

Most characters of a crowd are silent most of the time. After a second of digital silence the network has
nothing more to say: it rests, the last tracks stay, and the first sound goes on from where it rested.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.clock import KNOT_RATE_HZ
from facerig.core.rows import put
from facerig.encoder.model import ModelInfo, mel_shape
from facerig.encoder.tracks import KNOTS_PER_STEP, TRACKS
from facerig.errors import ModelError

Array = NDArray[np.float32]
Counts = NDArray[np.int64]

SILENT_ROW: Final = -2.8  # features of digital silence: log10 of features.logmel's range floor, normalised
SILENT_BELOW: Final = SILENT_ROW + 1e-4  # features of sound 95 dB under the level, or of none
RESTS_AFTER: Final = 50  # steps of silence, 1 s
STATE_NAMES: Final = ("c1", "c2", "c3", "h")
STREAMS: Final = -1  # stands for their number in a shape


@dataclass(frozen=True, slots=True)
class LiveState:
    """Of S streams: the network's own state, each array [S, ...], how many steps were made [S] and how many
    of the last of them silent [S], and the last tracks [S, 2, len(TRACKS)]."""

    arrays: tuple[Array, ...]
    steps: Counts
    silent: Counts
    tracks: Array


class LiveEncoder:
    """Stage: feature rows float32 [2, n_mels] in, tracks float32 [n, len(TRACKS)] out.

    Knot m of the stream stands at m / 100 s. Step s gives the knots 2 (s + 1) - delay and the next; knots
    before 0 are left out.
    """

    def __init__(self, session: Any, info: ModelInfo) -> None:
        self.session, self.delay = session, info.delay_knots
        _, self.n_mels = mel_shape(session, info, ("mel", *STATE_NAMES))
        shapes = [[d if isinstance(d, int) else STREAMS for d in i.shape] for i in session.get_inputs()[1:]]
        if not all(STREAMS in shape for shape in shapes):
            raise ModelError("the model was made for one stream alone", where=str(info.path),
                             fix="export it again with this version")
        self._axes = [shape.index(STREAMS) for shape in shapes]  # of the streams, in the network
        self._shapes = [tuple(d for d in shape if d != STREAMS) for shape in shapes]

    @property
    def lookahead_secs(self) -> Fraction:
        """From the time of a knot to the end of the features it needs."""
        return Fraction(self.delay, KNOT_RATE_HZ)

    def initial_state(self, streams: int = 1) -> LiveState:
        """Silence before the first row."""
        return LiveState(tuple(np.zeros((streams, *s), np.float32) for s in self._shapes),
                         np.zeros(streams, np.int64), np.zeros(streams, np.int64),
                         np.zeros((streams, KNOTS_PER_STEP, len(TRACKS)), np.float32))

    def step(self, rows: Array, state: LiveState) -> tuple[Array, LiveState]:
        """The knots that two rows of features complete."""
        early = int(self.early(state)[0])
        tracks, state = self.steps(rows[None], state)
        return tracks[0, early:], state

    def early(self, state: LiveState) -> Counts:
        """How many of the knots that the next step gives lie before a stream's beginning, 0 to 2 [S]."""
        return np.clip(self.delay - KNOTS_PER_STEP * (state.steps + 1), 0, KNOTS_PER_STEP)

    def steps(self, rows: Array, state: LiveState) -> tuple[Array, LiveState]:
        """Two rows of each of S streams [S, 2, n_mels] -> tracks [S, 2, len(TRACKS)], of which the first
        `early` do not count. A stream has the bits that it has alone."""
        silent = np.where((rows <= SILENT_BELOW).all((1, 2)), state.silent + 1, 0)
        awake = np.flatnonzero(silent <= RESTS_AFTER)
        arrays, tracks = state.arrays, state.tracks
        if len(awake) == len(rows):
            tracks, arrays = self._run(rows, arrays)
        elif len(awake):
            heard = self._run(rows[awake], tuple(a[awake] for a in arrays))
            tracks, arrays = put((tracks, arrays), awake, heard)
        return tracks, LiveState(arrays, state.steps + 1, silent, tracks)

    def _run(self, rows: Array, arrays: tuple[Array, ...]) -> tuple[Array, tuple[Array, ...]]:
        """The network's tracks and its state after them."""
        told = (np.ascontiguousarray(np.moveaxis(a, 0, axis))
                for a, axis in zip(arrays, self._axes, strict=True))
        tracks, *after = self.session.run(None, dict(zip(("mel", *STATE_NAMES), (rows, *told), strict=True)))
        return tracks, tuple(np.moveaxis(a, axis, 0) for a, axis in zip(after, self._axes, strict=True))

    def flush(self, state: LiveState) -> tuple[Array, LiveState]:
        """The knots up to the end of the features, as if silence followed."""
        silent = np.full((KNOTS_PER_STEP, self.n_mels), SILENT_ROW, np.float32)
        out = [np.zeros((0, len(TRACKS)), np.float32)]
        for _ in range(-(-self.delay // KNOTS_PER_STEP)):
            tracks, state = self.step(silent, state)
            out.append(tracks)
        return np.concatenate(out), state
