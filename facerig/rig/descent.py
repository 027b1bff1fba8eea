"""Bounded least squares for many frames at once, by accelerated projected descent on separable majorants.

Every step moves all unknowns together, so what a sum leaves open is shared out evenly among them; a problem
without overlaps is solved in one step. Sparse products with the frames last: no frame touches another.
Sources: De Pierro 1995 (majorants); Beck & Teboulle 2009 (acceleration); O'Donoghue & Candes 2015 (restart).
"""

from __future__ import annotations

from copy import copy
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


@dataclass(frozen=True, slots=True)
class Extras:
    """The extras' `values` [e, T] at the start, and how they move: by `slope` [e, k, T] with each of the
    unknowns `moving` [k]."""

    values: Array
    slope: Array
    moving: NDArray[np.intp]

    def of(self, frames: Mask) -> Extras:
        """The same for some of the frames."""
        return Extras(self.values[:, frames], self.slope[:, :, frames], self.moving)


def minimised(sums: Linear, start: Array, extras: Extras | None, aim: tuple[Array, Array],
              bounds: tuple[Array, Array], steps: int) -> Array:
    """x [n, T] within `bounds` whose sums lie nearest to between `aim` (least, most) [m, T], found from
    `start` [n, T]. `extras` None: there are none."""
    out, (low, high) = start.copy(), bounds
    frames = np.arange(start.shape[1])
    problem = _Problem(sums, start, extras, aim)
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

    def __init__(self, sums: Linear, start: Array, extras: Extras | None, aim: tuple[Array, Array]) -> None:
        self._sums, self._start, self._extras, self._aim = sums, start, extras, aim
        self._square = (sums.importance**2)[:, None]
        self._canonical_t, self._extra_t = sums.canonical.T.tocsr(), sums.extra.T.tocsr()
        self.bound = self._bounds()

    def of(self, frames: Mask) -> _Problem:
        """The same problem for some of the frames."""
        part = copy(self)
        part._start, part.bound = self._start[:, frames], self.bound[:, frames]
        part._extras = None if self._extras is None else self._extras.of(frames)
        part._aim = self._aim[0][:, frames], self._aim[1][:, frames]
        return part

    def gradient(self, x: Array) -> Array:
        """Of half the cost at `x` [n, T]."""
        raw, extras = self._sums.canonical @ x, self._extras
        if extras is not None:
            moved = (extras.slope * (x - self._start)[extras.moving]).sum(1)
            raw = raw + self._sums.extra @ (extras.values + moved)
        off = (raw - np.clip(raw, *self._aim)) * self._square
        out = self._canonical_t @ off
        if extras is not None:
            out[extras.moving] += (extras.slope * (self._extra_t @ off)[:, None]).sum(0)
        return np.asarray(out)

    def _bounds(self) -> Array:
        canonical, extra, extras = abs(self._sums.canonical), abs(self._sums.extra), self._extras
        reach = np.asarray(canonical.sum(1)).reshape(-1, 1) + np.zeros(self._start.shape[1])
        if extras is not None:
            reach = reach + extra @ np.abs(extras.slope).sum(1)
        weighted = reach * self._square
        out = canonical.T.tocsr() @ weighted
        if extras is not None:
            out[extras.moving] += (np.abs(extras.slope) * (extra.T.tocsr() @ weighted)[:, None]).sum(0)
        return np.asarray(np.maximum(out, LEAST))
