"""The offline encoder: a bidirectional network over windows with context to either side, without a seam.

It takes features and, where the model listens through a recogniser's first layers as ours does, the sound.

Window i answers for the knots [i * CORE, (i + 1) * CORE) and sees CONTEXT rows before and after them.
Neighbours overlap by FADE knots, where they are cross-faded. Memory is that of one window, however long the
recording.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.clock import KNOT_RATE_HZ
from facerig.encoder.closures import beside_peaks
from facerig.encoder.live import SILENT_ROW
from facerig.encoder.model import ModelInfo, mel_shape
from facerig.encoder.tracks import TRACKS
from facerig.errors import ModelError

Array = NDArray[np.float32]

WINDOW: Final = 1200  # rows of 10 ms
CONTEXT: Final = 200
CORE: Final = WINDOW - 2 * CONTEXT
_CLOSURES: Final = [TRACKS.index(name) for name in ("seal", "contact")]
FADE: Final = 40  # knots on which two windows are mixed; half of them before the seam


@dataclass(frozen=True, slots=True)
class OfflineState:
    """`rows`: features from row `next_window * CORE - CONTEXT` on; `n_rows`: rows received in all.

    `seam`: the last window's knots around its end.
    """

    rows: Array
    next_window: int
    seam: Array | None
    n_rows: int


class OfflineEncoder:
    """Stage: feature rows float32 [n, n_mels (+ hop)] in, tracks float32 [k, len(TRACKS)] out, in windows.

    hears: the model takes the sound too, `hop` samples behind the features of each row.
    with_phones: log-probabilities of the phones (`ModelInfo.phones`) stand behind the tracks of each knot.
    """

    lookahead_secs = Fraction(FADE // 2 + CORE + CONTEXT, KNOT_RATE_HZ)  # of a window's first knot

    def __init__(self, session: Any, info: ModelInfo, *, with_phones: bool = False) -> None:
        self.hop = next((int(i.shape[-1]) // WINDOW for i in session.get_inputs() if i.name == "audio"), 0)
        self.hears = self.hop > 0
        rows, self.n_mels = mel_shape(session, info, ("audio", "mel") if self.hears else ("mel",))
        if rows != WINDOW:
            raise ModelError(f"the model's window is {rows} rows, not {WINDOW}", where=str(info.path),
                             fix="train it again for this version")
        self.session = session
        self._outputs = ["tracks", "phones"] if with_phones else ["tracks"]
        self._width = len(TRACKS) + (len(info.phones) if with_phones else 0)

    def initial_state(self) -> OfflineState:
        """Silence before the first row."""
        return OfflineState(self._silence(CONTEXT), 0, None, 0)

    def _silence(self, n: int) -> Array:
        rows = np.zeros((n, self.n_mels + self.hop), np.float32)
        rows[:, : self.n_mels] = SILENT_ROW
        return rows

    def _tracks(self, rows: Array) -> Array:
        """The network's answer to a window of rows: [WINDOW, len(TRACKS) (+ len(phones))]."""
        feed = {"mel": rows[None, :, : self.n_mels].copy()}
        if self.hears:
            feed["audio"] = rows[:, self.n_mels :].reshape(1, -1)
        answers = self.session.run(self._outputs, feed)
        tracks = np.concatenate([np.asarray(answer[0], np.float32) for answer in answers], 1)
        for closure in _CLOSURES:
            tracks[:, closure] = beside_peaks(tracks[:, closure])
        return tracks

    def step(self, rows: Array, state: OfflineState) -> tuple[Array, OfflineState]:
        """The knots of the windows that `rows` completes, all but the fade at the last one's end."""
        held = np.concatenate([state.rows, rows])
        out, window, seam = [np.zeros((0, self._width), np.float32)], state.next_window, state.seam
        while len(held) >= WINDOW:
            knots, seam = _joined(self._tracks(held[:WINDOW]), seam)
            out.append(knots)
            held, window = held[CORE:], window + 1
        return np.concatenate(out), OfflineState(held, window, seam, state.n_rows + len(rows))

    def flush(self, state: OfflineState) -> tuple[Array, OfflineState]:
        """The knots up to the end of the features, as if silence followed."""
        given = max(0, state.next_window * CORE - FADE // 2)
        wanted = state.n_rows - given
        n_windows = -(-(state.n_rows + FADE // 2) // CORE) - state.next_window
        missing = CONTEXT * 2 + CORE * n_windows - len(state.rows)
        tracks, after = self.step(self._silence(max(0, missing)), state)
        return tracks[:wanted], OfflineState(after.rows, after.next_window, None, state.n_rows)


def _joined(tracks: Array, seam: Array | None) -> tuple[Array, Array]:
    """A window's knots, faded in from the seam of the one before, and its own seam."""
    half = FADE // 2
    end = CONTEXT + CORE
    if seam is None:
        return tracks[CONTEXT : end - half], tracks[end - half : end + half].copy()
    ramp = ((np.arange(FADE, dtype=np.float32) + 0.5) / FADE)[:, None]
    faded = np.asarray(seam * (1 - ramp) + tracks[CONTEXT - half : CONTEXT + half] * ramp, np.float32)
    knots = np.concatenate([faded, tracks[CONTEXT + half : end - half]])
    return knots, tracks[end - half : end + half].copy()
