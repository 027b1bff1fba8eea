"""Emotion heard in the voice, streaming: arousal, valence, and shares of joy, anger and sadness.

Every fifth of a second what facerig.features.voice_measures says of the loud rows goes into two memories, of
about 1 s and 4 s of speech; their means and deviations are what a logistic regression (trained by
`tools/train/voice_emotion`) knows of the voice. Before anything is heard the memories hold a neutral reader,
and in a long silence they go back to that: so does the answer.

The model file's card (voice-emotion.md) says how far to trust it: arousal well, joy against anger little.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass, replace
from fractions import Fraction
from math import exp
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

import facerig_assets
from facerig.core.rows import put, taken
from facerig.errors import ModelError
from facerig.features.logmel import LOG_MEAN, LOG_SCALE, N_MELS, RANGE_FLOOR
from facerig.features.voice_measures import (
    HOP_ROWS,
    IS_WIDE,
    MEASURES,
    N_EDGES,
    N_MEASURES,
    ROWS_BEFORE,
    Sums,
    counts,
    summed,
    wideness,
)

Array = NDArray[np.float32]
Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

VOICE_EMOTION_NAMES: Final = ("heard_arousal", "heard_valence", "heard_joy", "heard_anger", "heard_sadness")
# class        arousal  valence   the corners of affect (Russell 1980), as far out as acted speech is rated
CLASSES: Final = {
    "neutral": (0.0,    0.0),
    "joy":     (0.7,    0.8),
    "anger":   (0.8,   -0.8),
    "sadness": (-0.7,  -0.6),
}  # fmt: skip
# what each class adds to the columns [len(CLASSES), 5]
_ANSWERS: Final = np.hstack([np.array(list(CLASSES.values())), np.eye(len(CLASSES))[:, 1:]])

MEMORY_ROWS: Final = (100.0, 400.0)  # of loud rows, 10 ms each; speech is loud in about half of its rows
PRIOR_ROWS: Final = 25.0  # of a neutral reader, taken to have been heard before the first
SURE_ROWS: Final = 10.0  # loud rows after which half of what the model says is believed
FURTHEST: Final = 4.0  # deviations: beyond what was trained on nothing is extrapolated
LEAST_VARIANCE: Final = 0.05  # of a measure, in its deviations
LEAST_ROWS: Final = 3  # loud rows of a hop with less are a click
HOLD_HOPS: Final = 10  # 2 s of silence change nothing: people breathe
SILENCE_FALL: Final = exp(-0.2 / 5.0)  # a hop: afterwards what was heard fades with 5 s
# what stays of each memory after so many loud rows in a hop [HOP_ROWS + 1, memories, 1]
_KEPT: Final = np.exp(-np.arange(HOP_ROWS + 1)[:, None, None] / np.array(MEMORY_ROWS)[:, None])
_EASE_ROWS: Final = 25.0  # the answer follows with 0.25 s: a face takes longer anyway
_EASE: Final = np.exp(-np.arange(1, HOP_ROWS + 1) / _EASE_ROWS)
_BLACK: Final = (np.log10(RANGE_FLOOR) - LOG_MEAN) / LOG_SCALE
SILENT_ROWS: Final = np.full((ROWS_BEFORE, N_MELS), _BLACK, np.float32)

# a memory: rows, loud, voiced, power at the edges, sums of the measures, sums of their squares
_EDGES: Final = slice(3, 3 + N_EDGES)
_FIRST: Final = slice(_EDGES.stop, _EDGES.stop + N_MEASURES)
_SECOND: Final = slice(_FIRST.stop, _FIRST.stop + N_MEASURES)
_NEUTRAL_SHARES: Final = np.array([0.6, 0.4])  # of rows that are loud, of loud rows that are voiced
_NEUTRAL_EDGES: Final = np.array([2e-4, 3e-5, 1e-6])  # power a row: the first sound heard outweighs it
N_HEARD: Final = len(MEMORY_ROWS) * (2 + 2 * N_MEASURES)
BANDS: Final = ("wide", "telephone")  # each has weights of its own
# what tells of the voice in each band [len(BANDS), N_HEARD]
_ANY_BAND: Final = [True, False, *~IS_WIDE, *~IS_WIDE]
TELLING: Final = np.stack([np.full(N_HEARD, True), np.tile(_ANY_BAND, len(MEMORY_ROWS))])


def prior_memories() -> Floats:
    """What is remembered before anything was heard [memories, _SECOND.stop]: a neutral reader."""
    loud_share, voiced_share = _NEUTRAL_SHARES
    n_voiced = PRIOR_ROWS * voiced_share
    squares = counts(np.array(PRIOR_ROWS), np.array(n_voiced))
    one = np.concatenate([[PRIOR_ROWS / loud_share, PRIOR_ROWS, n_voiced], PRIOR_ROWS * _NEUTRAL_EDGES,
                          np.zeros(N_MEASURES), squares])
    return np.tile(one, (len(MEMORY_ROWS), 1))


_PRIOR: Final = prior_memories()


def remembered(memories: Floats, sums: Sums) -> Floats:
    """The memories [S, memories, _SECOND.stop] after one more hop of speech."""
    rows = np.full(len(memories), HOP_ROWS)
    new = np.concatenate([np.stack([rows, sums.n_loud, sums.n_voiced], 1), sums.edges, sums.first,
                          sums.second], 1)
    return np.asarray(memories * _KEPT[sums.n_loud] + new[:, None])


def faded(memories: Floats) -> Floats:
    """The memories after one more hop of a long silence: nearer to a neutral reader."""
    return np.asarray(_PRIOR + (memories - _PRIOR) * SILENCE_FALL)


def heard_of(memories: Floats) -> Floats:
    """What the model is told [..., N_HEARD]: of each memory two shares, means, logarithms of deviations."""
    n = counts(memories[..., 1:2], memories[..., 2:3]) + 1e-6
    shares = memories[..., 1:3] / memories[..., 0:2]
    means = memories[..., _FIRST] / n
    variances = memories[..., _SECOND] / n - means * means
    deviations = 0.5 * np.log(np.maximum(variances, 0.0) + LEAST_VARIANCE)
    return np.concatenate([shares, means, deviations], -1).reshape(*memories.shape[:-2], N_HEARD)


def wide_of(memories: Floats) -> Floats:
    """How surely the voice does not come through a telephone, 0 to 1 [...]: by the longer memory."""
    return wideness(memories[..., -1, _EDGES])[..., 0]


@dataclass(frozen=True, slots=True)
class Hearing:
    """What is remembered of the voices of S streams. `memories`: see `remembered`; `peak_db` [S]: of energy,
    running.

    `sure_rows` [S]: loud rows that the memories rest on; `silent_hops` [S]: since the last speech.
    """

    memories: Floats
    peak_db: Floats
    sure_rows: Floats
    silent_hops: Counts

    @staticmethod
    def nothing(streams: int = 1) -> Hearing:
        """Before the first row."""
        return Hearing(np.tile(_PRIOR, (streams, 1, 1)), np.full(streams, -60.0), np.zeros(streams),
                       np.zeros(streams, np.int64))

    def after(self, hop: Array) -> Hearing:
        """After one more hop, log-mel rows [S, ROWS_BEFORE + HOP_ROWS, N_MELS]."""
        sums, peak_db = summed(hop, self.peak_db)
        speaks = sums.n_loud >= LEAST_ROWS
        silent_hops = np.where(speaks, 0, self.silent_hops + 1)
        forgets = silent_hops > HOLD_HOPS
        sure_rows = np.where(speaks, np.minimum(self.sure_rows + sums.n_loud, MEMORY_ROWS[-1]),
                             np.where(forgets, self.sure_rows * SILENCE_FALL, self.sure_rows))
        memories = self.memories.copy()
        memories[speaks] = remembered(self.memories, sums)[speaks]
        memories[forgets] = faded(self.memories[forgets])
        return Hearing(memories, peak_db, sure_rows, silent_hops)

    @property
    def changed(self) -> NDArray[np.bool_]:
        """Whether the last hop changed the memories [S]: it held speech, or the silence is a long one."""
        return np.asarray((self.silent_hops == 0) | (self.silent_hops > HOLD_HOPS))


@dataclass(frozen=True, slots=True)
class VoiceEmotionModel:
    """Two logistic regressions, of BANDS: (heard - centre) / scale -> shares of CLASSES.

    centre, scale [2, N_HEARD]; weights [2, N_HEARD + 1, len(CLASSES)], the biases in the last row. A hidden
    layer fits its eight actors and nobody else (see the card).
    """

    centre: Floats
    scale: Floats
    weights: Floats
    facts: dict[str, Any]

    @property
    def arrays(self) -> dict[str, Floats]:
        """The numbers by name, in the order of ARRAYS."""
        return {"centre": self.centre, "scale": self.scale, "weights": self.weights}

    def shares(self, heard: Floats, wide: Floats) -> Floats:
        """Probabilities of CLASSES [S, len(CLASSES)] for [S, N_HEARD], the bands' as far as each is the
        voice's, `wide` [S]."""
        wide = wide[:, None]
        return np.asarray(wide * self._in_band(heard, 0) + (1.0 - wide) * self._in_band(heard, 1))

    def _in_band(self, heard: Floats, band: int) -> Floats:
        x = np.minimum(np.maximum((heard - self.centre[band]) / self.scale[band], -FURTHEST), FURTHEST)
        logits = (x[:, :, None] * self.weights[band, :-1]).sum(1) + self.weights[band, -1]
        odds = np.exp(logits - logits.max(1, keepdims=True))
        return np.asarray(odds / odds.sum(1, keepdims=True))

    def answer(self, hearing: Hearing) -> Floats:
        """The columns VOICE_EMOTION_NAMES [S, 5], as far as they are believed after so many rows."""
        believed = hearing.sure_rows / (hearing.sure_rows + SURE_ROWS)
        shares = self.shares(heard_of(hearing.memories), wide_of(hearing.memories))
        return np.asarray((shares[:, :, None] * _ANSWERS).sum(1) * believed[:, None])


@dataclass(frozen=True, slots=True)
class VoiceEmotionState:
    """Of S streams. `rows` [S, ROWS_BEFORE + HOP_ROWS, N_MELS]: the rows before the hop and those of it so
    far, `filled` [S] of them; `hearing`: until the last whole hop.

    `start`, `towards` [S, 5]: the answer when that hop was over, and where it goes.
    """

    rows: Array
    filled: Counts
    hearing: Hearing
    start: Floats
    towards: Floats


class VoiceEmotion:
    """Stage: log-mel rows float32 [n, N_MELS] in, float32 [n, 5] out, the columns VOICE_EMOTION_NAMES.

    Arousal and valence in [-1, 1], shares in [0, 1] whose rest is neutral. All are 0 at the start.

    model: without one, the shipped model. Raises ModelError where that is missing or damaged.
    """

    lookahead_secs = Fraction(0)

    def __init__(self, model: VoiceEmotionModel | None = None) -> None:
        self.model = read_model() if model is None else model

    def initial_state(self, streams: int = 1) -> VoiceEmotionState:
        """Nothing heard."""
        calm = np.zeros((streams, len(VOICE_EMOTION_NAMES)))
        rows = np.zeros((streams, ROWS_BEFORE + HOP_ROWS, N_MELS), np.float32)
        rows[:, :ROWS_BEFORE] = SILENT_ROWS
        return VoiceEmotionState(rows, np.full(streams, ROWS_BEFORE), Hearing.nothing(streams), calm, calm)

    def step(self, rows: Array, state: VoiceEmotionState) -> tuple[Array, VoiceEmotionState]:
        """float32 [n, N_MELS] -> float32 [n, 5]."""
        out, state = self.steps(rows[None], state)
        return out[0], state

    def steps(self, rows: Array, state: VoiceEmotionState) -> tuple[Array, VoiceEmotionState]:
        """Rows of S streams [S, n, N_MELS] -> float32 [S, n, 5]."""
        out = np.empty((*rows.shape[:2], len(VOICE_EMOTION_NAMES)), np.float32)
        held, filled, stream = state.rows.copy(), state.filled, np.arange(len(rows))
        for k in range(rows.shape[1]):
            out[:, k] = state.towards + (state.start - state.towards) * _EASE[filled - ROWS_BEFORE, None]
            held[stream, filled] = rows[:, k]
            filled = filled + 1
            if (over := filled == ROWS_BEFORE + HOP_ROWS).any():
                state = self._heard(np.flatnonzero(over), held, state)
                held[over, :ROWS_BEFORE] = held[over, -ROWS_BEFORE:]
                filled = np.where(over, ROWS_BEFORE, filled)
        return out, replace(state, rows=held, filled=filled)

    def flush(self, state: VoiceEmotionState) -> tuple[Array, VoiceEmotionState]:
        """Nothing is held back."""
        return np.zeros((0, len(VOICE_EMOTION_NAMES)), np.float32), state

    def _heard(self, over: Counts, held: Array, state: VoiceEmotionState) -> VoiceEmotionState:
        """The state once the hops of the streams `over` are whole."""
        heard = taken(state.hearing, over).after(held[over])
        start, towards = state.start.copy(), state.towards.copy()
        start[over] = state.towards[over] + (state.start[over] - state.towards[over]) * _EASE[-1]
        if len(answering := np.flatnonzero(heard.changed)):
            towards[over[answering]] = self.model.answer(taken(heard, answering))
        return replace(state, hearing=put(state.hearing, over, heard), start=start, towards=towards)


ARRAYS: Final = ("centre", "scale", "weights")


def digest(arrays: dict[str, Floats]) -> str:
    """The sha256 of a model's numbers, float32 and little-endian, in the order of ARRAYS."""
    joined = b"".join(np.asarray(arrays[name], "<f4").tobytes() for name in ARRAYS)
    return hashlib.sha256(joined).hexdigest()


def read_model(path: Path | None = None) -> VoiceEmotionModel:
    """The shipped model, or one of your own.

    Raises ModelError where it is missing, damaged or of another make.
    """
    path = path or facerig_assets.path("models", "voice-emotion.npz")
    fix = "install facerig again, or train it: python -m tools.train.voice_emotion"
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            arrays = {name: np.asarray(file[name], np.float64) for name in ARRAYS}
            facts = json.loads(file["facts"].tobytes())
    except OSError as error:
        raise ModelError(f"the model cannot be read: {error.strerror or error}", where=str(path),
                         fix=fix) from None
    except (KeyError, ValueError, BadZipFile, EOFError) as error:
        raise ModelError(f"not a model of the voice's emotion ({error})", where=str(path), fix=fix) from None
    wanted = {"centre": (2, N_HEARD), "scale": (2, N_HEARD), "weights": (2, N_HEARD + 1, len(CLASSES))}
    if (any(arrays[name].shape != shape for name, shape in wanted.items()) or not isinstance(facts, dict)
            or facts.get("measures") != list(MEASURES) or facts.get("classes") != list(CLASSES)):
        raise ModelError("the model was made for another version of facerig", where=str(path), fix=fix)
    if facts.get("sha256") != digest(arrays) or not all(np.isfinite(a).all() for a in arrays.values()):
        raise ModelError("the model's numbers are not those of its sha256: damaged", where=str(path), fix=fix)
    return VoiceEmotionModel(**arrays, facts=facts)
