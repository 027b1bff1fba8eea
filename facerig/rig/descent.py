"""Bounded least squares for many frames at once, by accelerated projected descent on separable majorants.

Every step moves all unknowns together, so what a sum leaves open is shared out evenly among them; a problem
without overlaps is solved in one step. Sparse products with the frames last: no frame touches another.
Sources: De Pierro 1995 (majorants); Beck & Teboulle 2009 (acceleration); O'Donoghue & Candes 2015 (restart).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

GENTLE: Final = 40  # first steps, without momentum, which would carry beyond what a sum asks for
STILL: Final = 1e-10  # a frame whose unknowns all move by less is solved
LEAST: Final = 1e-12  # of a majorant: what nothing tells stays where it is


@dataclass(frozen=True, slots=True)
class Linear:
    """Sums of unknowns `canonical` [m, n] and of extras `extra` [m, e], both sparse, and their `importance`
    [m]."""

    canonical: Any
    extra: Any
    importance: Array


def minimised(sums: Linear, start: Array, extra: Array, slope: Array | None, least: Array, most: Array,
              low: Array, high: Array, steps: int) -> Array:
    """x [n, T] in [low, high] whose sums lie nearest to [least, most] [m, T], found from `start` [n, T].

    Extras are `extra` [e, T] at the start and move by `slope` [e, n, T] (None: they stay, as if absent).
    """
    out = start.copy()
    frames = np.arange(start.shape[1])
    problem = _Problem(sums, start, extra, slope, least, most)
    x, ahead, pace = start, start, np.ones(start.shape[1])
    for step in range(steps):
        new = np.clip(ahead - problem.gradient(ahead) / problem.bound, low, high)
        back = (((ahead - new) * (new - x)).sum(0) > 0) | (step < GENTLE)
        next_pace = np.where(back, 1.0, (1 + np.sqrt(1 + 4 * pace * pace)) / 2)
        ahead = new + np.where(back, 0.0, (pace - 1) / next_pace) * (new - x)
        moving: Mask = np.asarray(((np.abs(new - x) > STILL) | (np.abs(ahead - new) > STILL)).any(0))
        x, pace = new, next_pace
        out[:, frames] = x
        if not moving.all():
            frames, x, ahead, pace = frames[moving], x[:, moving], ahead[:, moving], pace[moving]
            problem = problem.of(moving)
            if not len(frames):
                break
    return out


class _Problem:
    """The gradient of the cost, and a bound of its slope for each unknown and frame."""

    def __init__(self, sums: Linear, start: Array, extra: Array, slope: Array | None, least: Array,
                 most: Array) -> None:
        self._sums, self._start, self._extra, self._slope = sums, start, extra, slope
        self._least, self._most = least, most
        self._square = (sums.importance**2)[:, None]
        self._canonical_t, self._extra_t = sums.canonical.T.tocsr(), sums.extra.T.tocsr()
        self.bound = self._bounds()

    def of(self, frames: Mask) -> _Problem:
        """The same problem for some of the frames."""
        part = object.__new__(_Problem)
        part._sums, part._square = self._sums, self._square
        part._canonical_t, part._extra_t = self._canonical_t, self._extra_t
        part._start, part._extra = self._start[:, frames], self._extra[:, frames]
        part._least, part._most = self._least[:, frames], self._most[:, frames]
        part._slope = None if self._slope is None else self._slope[:, :, frames]
        part.bound = self.bound[:, frames]
        return part

    def gradient(self, x: Array) -> Array:
        """Of half the cost at `x` [n, T]."""
        raw = self._sums.canonical @ x
        if self._slope is not None:
            raw = raw + self._sums.extra @ (self._extra + (self._slope * (x - self._start)).sum(1))
        off = (raw - np.clip(raw, self._least, self._most)) * self._square
        out = self._canonical_t @ off
        if self._slope is not None:
            out = out + (self._slope * (self._extra_t @ off)[:, None]).sum(0)
        return np.asarray(out)

    def _bounds(self) -> Array:
        canonical, extra = abs(self._sums.canonical), abs(self._sums.extra)
        reach = np.asarray(canonical.sum(1)).reshape(-1, 1) + np.zeros(self._start.shape[1])
        if self._slope is not None:
            reach = reach + extra @ np.abs(self._slope).sum(1)
        weighted = reach * self._square
        out = canonical.T.tocsr() @ weighted
        if self._slope is not None:
            out = out + (np.abs(self._slope) * (extra.T.tocsr() @ weighted)[:, None]).sum(0)
        return np.asarray(np.maximum(out, LEAST))
