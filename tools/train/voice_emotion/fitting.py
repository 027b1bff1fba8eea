"""What is heard in the recordings, and the logistic regression that is fitted to it.

Every recording is heard as it is and in altered copies (other microphones, rooms, noise, sizes), half of the
copies after another recording of the same speaker in the same emotion: memories are full in real streams.
Acted classes weigh the same; all readers together weigh as much as one of them, their sets alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from facerig.features.voice_emotion import BANDS, CLASSES, FURTHEST, TELLING, VoiceEmotionModel
from tools.train.voice_emotion.clips import Clip, actors, no_speech, readers
from tools.train.voice_emotion.sounds import altered, heard_in, joined, rows_of

Floats = NDArray[np.float64]
Report = Callable[[str], None]

ACTED: Final = "emodb"
COPIES: Final = {ACTED: 6}  # altered copies of each recording
READER_COPIES: Final = 3
MOST_HOPS: Final = 8  # of one recording: long ones say no more
HALF_SURE: Final = 30.0  # loud rows: an answer given after so few counts half
PENALTY: Final = 3e-3  # of the squared weights
READERS_WEIGHT: Final = 1.0  # against each acted class
ITERATIONS: Final = 150
REPORT_EVERY: Final = 50  # recordings
NAMES: Final = tuple(CLASSES)


@dataclass(frozen=True, slots=True)
class Examples:
    """What was heard [n, N_HEARD] of one recording's copy, how much each row counts, how wide it is [n]."""

    clip: Clip
    heard: Floats
    weights: Floats
    wide: Floats


def _example(clip: Clip, audio: NDArray[np.float32], rng: np.random.Generator) -> Examples:
    heard, sure, wide = heard_in(rows_of(audio))
    if len(heard) > MOST_HOPS:
        kept = np.sort(rng.choice(len(heard), MOST_HOPS, replace=False))
        heard, sure, wide = heard[kept], sure[kept], wide[kept]
    weights = sure / (sure + HALF_SURE)
    return Examples(clip, heard, weights / max(len(weights), 1), wide)


def learnt(data: Path, seed: int, report: Report = lambda text: None) -> list[Examples]:
    """Examples of all recordings that train."""
    return examples_of([*actors(data), *readers(data, "train"), *no_speech()], seed, report)


def examples_of(clips: Sequence[Clip], seed: int, report: Report = lambda text: None) -> list[Examples]:
    """Examples of every recording and its copies. The draws depend on the seed and the recording's place."""
    kin: dict[tuple[str, str], list[Clip]] = {}
    for clip in clips:
        kin.setdefault((clip.speaker, clip.emotion), []).append(clip)
    found = []
    for index, clip in enumerate(clips):
        rng = np.random.default_rng([seed, index])
        found.append(_example(clip, clip.audio, rng))
        for copy in range(COPIES.get(clip.set_name, READER_COPIES)):
            others = kin[clip.speaker, clip.emotion]
            before = [others[int(rng.integers(len(others)))].audio] if copy % 2 else []
            found.append(_example(clip, altered(joined([*before, clip.audio], rng), rng), rng))
        if index % REPORT_EVERY == 0:
            report(f"heard {index} of {len(clips)} recordings")
    return [e for e in found if len(e.heard)]


def _balanced(examples: Sequence[Examples], band: int) -> Floats:
    """The weight of each row in one of BANDS, so that classes and sets count as they should."""
    groups = [e.clip.emotion if e.clip.set_name == ACTED else e.clip.set_name for e in examples]
    rows = [e.weights * (1.0 - e.wide if band else e.wide) for e in examples]
    n_sets = len(set(groups) - set(NAMES))
    totals = {g: sum(float(r.sum()) for r, own in zip(rows, groups, strict=True) if own == g)
              for g in set(groups)}
    shares = {g: (1.0 if g in NAMES else READERS_WEIGHT / n_sets) / max(total, 1e-9)
              for g, total in totals.items()}
    weights = np.concatenate([r * shares[g] for r, g in zip(rows, groups, strict=True)])
    return np.asarray(weights / max(float(weights.sum()), 1e-9))


def fitted(examples: Sequence[Examples], told: NDArray[np.bool_] = TELLING) -> VoiceEmotionModel:
    """The model of these examples; `told` [len(BANDS), N_HEARD]: what may weigh in each band."""
    heard = np.concatenate([e.heard for e in examples])
    truth = np.concatenate([np.full(len(e.heard), NAMES.index(e.clip.emotion)) for e in examples])
    parts = [_fitted_band(heard, truth, _balanced(examples, band), np.flatnonzero(told[band]))
             for band in range(len(BANDS))]
    centre, scale, weights = (_as_kept(np.stack(numbers)) for numbers in zip(*parts, strict=True))
    return VoiceEmotionModel(centre, scale, weights, {})


def _fitted_band(heard: Floats, truth: NDArray[np.int64], row_weights: Floats, used: NDArray[np.intp]
                 ) -> tuple[Floats, Floats, Floats]:
    """Centre and scale [N_HEARD] and weights [N_HEARD + 1, classes] from the rows of one band."""
    weights = np.zeros((heard.shape[1] + 1, len(NAMES)))
    rows = np.flatnonzero(row_weights > 0)
    if not len(rows):
        return np.zeros(heard.shape[1]), np.ones(heard.shape[1]), weights
    heard = heard[rows]
    centre, scale = heard.mean(0), heard.std(0) + 1e-6
    x = np.clip((heard - centre) / scale, -FURTHEST, FURTHEST)[:, used]
    weights[[*used, -1]] = _logistic(x, truth[rows], row_weights[rows])
    return centre, scale, weights


def _as_kept(numbers: Floats) -> Floats:
    """Numbers as the file keeps them, so that the judged model is the shipped one."""
    return numbers.astype(np.float32).astype(np.float64)


def _logistic(x: Floats, truth: NDArray[np.int64], row_weights: Floats) -> Floats:
    """Weights [d + 1, classes] of least cross-entropy plus PENALTY."""
    n, d = x.shape
    wanted = np.eye(len(NAMES))[truth]

    def loss(flat: Floats) -> tuple[float, Floats]:
        w = flat.reshape(d + 1, len(NAMES))
        logits = x @ w[:-1] + w[-1]
        logits -= logits.max(1, keepdims=True)
        log_shares = logits - np.log(np.exp(logits).sum(1, keepdims=True))
        error = (np.exp(log_shares) - wanted) * row_weights[:, None]
        slope = np.concatenate([x.T @ error + 2 * PENALTY * w[:-1], error.sum(0)[None]])
        entropy = -float((row_weights * log_shares[np.arange(n), truth]).sum())
        return entropy + PENALTY * float(np.square(w[:-1]).sum()), slope.ravel()

    start = np.zeros((d + 1) * len(NAMES))
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS}).x
                      ).reshape(d + 1, len(NAMES))
