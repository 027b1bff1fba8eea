"""Which readout the takes teach: every curve's strength by leaving takes out, then all takes together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.actor.hidden import Heard, Listener
from facerig.actor.ridge import STRENGTHS, Readings, Sums, solve, sums
from facerig.actor.targets import Lesson, moving_curves
from facerig.encoder.tracks import CURVE_TRACKS, KNOTS_PER_STEP, N_CURVE_TRACKS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_FOLDS: Final = 10
FEW_TAKES: Final = 3  # fewer are cut into pieces of time instead
PIECES: Final = 5
BETTER: Final = 0.995  # of the shipped squared error, that a fit must stay under
MOST_GAIN: Final = 1.25  # a mean of many sayings moves less than any one of them
TOP_PERCENTILE: Final = 95
STILL, NO_BETTER = "not moved in the recordings", "no better than the shipped one"
AS_ASKED: Final = "as asked"


@dataclass(frozen=True, slots=True)
class Learned:
    """The fitted readout of the curves.

    weight: [KNOTS_PER_STEP, N_CURVE_TRACKS, n_hidden]; bias: [KNOTS_PER_STEP, N_CURVE_TRACKS]
    strength: how hard each curve is pulled to the shipped readout; kept: why one is the shipped readout, or
    ""
    left_out: for every take its tracks [n_steps, KNOTS_PER_STEP, N_CURVE_TRACKS] by readouts that never heard
    it
    by_take: whole takes were left out, not pieces of time
    """

    weight: Floats
    bias: Floats
    strength: tuple[float, ...]
    kept: tuple[str, ...]
    left_out: tuple[Floats, ...]
    by_take: bool

    def notices(self) -> list[str]:
        """What the user should know, in words."""
        said = []
        for why in (STILL, NO_BETTER, AS_ASKED):
            names = [name for name, reason in zip(CURVE_TRACKS, self.kept, strict=True) if reason == why]
            if names:
                said.append(f"kept as shipped, {why}: {', '.join(names)}")
        if not self.by_take:
            said.append(f"fewer than {FEW_TAKES} takes: judged on pieces left out, which flatters a little")
        return said


@dataclass(frozen=True, slots=True)
class _Rows:
    """All takes at one knot of the step: features [n, H], curves [n, K], weight [n], fold [n]."""

    x: Floats
    y: Floats
    weight: Floats
    fold: Ints

    def of_fold(self, k: int) -> Sums:
        mine = self.fold == k
        return sums(self.x[mine], self.y[mine], self.weight[mine])


def learn(heard: Sequence[Heard], lessons: Sequence[Lesson], listener: Listener,
          keep: Sequence[str] = ()) -> Learned:
    """The readout that these takes teach; the curves in `keep` stay as shipped."""
    fold, by_take = _folds(heard, lessons)
    shipped = _shipped(listener)
    n_folds = int(max(f.max() for f in fold)) + 1
    rows = [_rows(heard, lessons, fold, p) for p in range(KNOTS_PER_STEP)]
    by_fold = [[r.of_fold(k) for k in range(n_folds)] for r in rows]
    totals = [reduce(add, parts) for parts in by_fold]
    guesses = np.stack([_left_out(r, parts, total, prior) for r, parts, total, prior
                        in zip(rows, by_fold, totals, shipped[0], strict=True)], 2)
    said = np.stack([np.clip(r.x @ w.T + b, 0.0, 1.0) for r, w, b in zip(rows, *shipped, strict=True)], 1)
    truth, weight = np.stack([r.y for r in rows], 1), np.stack([r.weight for r in rows], 1)
    choice = _choice(guesses, said, truth, weight, _reasons(lessons, keep))
    picked = np.stack([guesses[s, ..., k] if s >= 0 else said[..., k] for k, (s, _) in enumerate(choice)], -1)
    gain = np.array([_gain(picked[..., k], truth[..., k], weight) if s >= 0 else 1.0
                     for k, (s, _) in enumerate(choice)])
    found = [solve(total, prior) for total, prior in zip(totals, shipped[0], strict=True)]
    weight_out, bias_out = _final(found, shipped, choice, gain)
    ends = np.cumsum([len(h.hidden) for h in heard])[:-1]
    left_out = tuple(np.split(np.clip(picked * gain, 0.0, 1.0), ends))
    return Learned(weight_out, bias_out, tuple(STRENGTHS[s] if s >= 0 else float("inf") for s, _ in choice),
                   tuple(why for _, why in choice), left_out, by_take)


def _folds(heard: Sequence[Heard], lessons: Sequence[Lesson]) -> tuple[list[Ints], bool]:
    """The fold of every step of every take: takes go round by length of speech, or pieces of time."""
    if len(heard) < FEW_TAKES:
        sizes = [len(h.hidden) for h in heard]
        return [np.arange(n, dtype=np.int64) * PIECES // max(1, n) for n in sizes], False
    longest_first = np.argsort([-float(lesson.weight.sum()) for lesson in lessons], kind="stable")
    n_folds = min(MOST_FOLDS, len(heard))
    of_take = {int(take): place % n_folds for place, take in enumerate(longest_first)}
    return [np.full(len(h.hidden), of_take[i], np.int64) for i, h in enumerate(heard)], True


def _shipped(listener: Listener) -> tuple[Floats, Floats]:
    """The shipped readout of the curves."""
    weight, bias = (part[:, :N_CURVE_TRACKS].astype(np.float64) for part in listener.readout.by_knot)
    return weight, bias


def _rows(heard: Sequence[Heard], lessons: Sequence[Lesson], fold: Sequence[Ints], knot: int) -> _Rows:
    return _Rows(np.concatenate([h.hidden for h in heard]).astype(np.float64),
                 np.concatenate([lesson.wanted[knot::KNOTS_PER_STEP] for lesson in lessons]),
                 np.concatenate([lesson.weight[knot::KNOTS_PER_STEP] for lesson in lessons]),
                 np.concatenate(fold))


def _left_out(rows: _Rows, by_fold: Sequence[Sums], total: Sums, prior: Floats) -> Floats:
    """Each row's curves by the readouts of the other folds [len(STRENGTHS), n, K]."""
    out = np.zeros((len(STRENGTHS), *rows.y.shape), np.float32)
    for k, part in enumerate(by_fold):
        mine = rows.fold == k
        if mine.any():
            out[:, mine] = solve(total - part, prior).predicted(rows.x[mine])
    return np.asarray(out, np.float64)


def _reasons(lessons: Sequence[Lesson], keep: Sequence[str]) -> list[str]:
    """Why each curve stays as shipped before anything is fitted, or "" [K]."""
    moving = moving_curves(lessons)
    return [AS_ASKED if name in keep else "" if moves else STILL
            for name, moves in zip(CURVE_TRACKS, moving, strict=True)]


def _choice(guesses: Floats, said: Floats, truth: Floats, weight: Floats, reasons: Sequence[str]
            ) -> list[tuple[int, str]]:
    """For every curve the index of its strength, or -1 and why the shipped readout stays."""
    errors = np.einsum("snpk,np->sk", (guesses - truth) ** 2, weight, optimize=True)
    shipped = np.einsum("npk,np->k", (said - truth) ** 2, weight, optimize=True)
    out = []
    for k in range(N_CURVE_TRACKS):
        best = int(np.argmin(errors[:, k]))
        why = reasons[k] or (NO_BETTER if errors[best, k] > BETTER * shipped[k] else "")
        out.append((-1 if why else best, why))
    return out


def _gain(guess: Floats, truth: Floats, weight: Floats) -> float:
    """What brings the guess's reach to the recording's, from 1 to MOST_GAIN."""
    open_ = weight > 0.5
    if not open_.any():
        return 1.0
    reach, wanted = (float(np.percentile(v[open_], TOP_PERCENTILE)) for v in (guess, truth))
    return float(np.clip(wanted / reach, 1.0, MOST_GAIN)) if reach > 0 else 1.0


def _final(readings: Sequence[Readings], shipped: tuple[Floats, Floats], choice: Sequence[tuple[int, str]],
           gain: Floats) -> tuple[Floats, Floats]:
    weight, bias = shipped[0].copy(), shipped[1].copy()
    for k, (s, _) in enumerate(choice):
        if s >= 0:
            for p, found in enumerate(readings):
                weight[p, k], bias[p, k] = found.weight[s, k] * gain[k], found.bias[s, k] * gain[k]
    return weight, bias
