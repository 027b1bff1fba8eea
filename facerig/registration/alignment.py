"""The similarity (turn, scale, shift) that lays points nearest to others. Source: Umeyama 1991."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Similarity:
    """x -> scale * turn @ x + shift. `turn` [3, 3], `shift` [3]."""

    scale: float
    turn: Array
    shift: Array

    def points(self, points: Array) -> Array:
        """Places [..., 3] moved."""
        return np.asarray(self.scale * points @ self.turn.T + self.shift)

    def vectors(self, vectors: Array) -> Array:
        """Displacements [..., 3]: turned and scaled."""
        return np.asarray(self.scale * vectors @ self.turn.T)

    def back(self, points: Array) -> Array:
        """The way back."""
        return np.asarray((points - self.shift) @ self.turn / self.scale)

    def vectors_back(self, vectors: Array) -> Array:
        """The way back for displacements."""
        return np.asarray(vectors @ self.turn / self.scale)


def similarity(points: Array, aims: Array, weights: Array | None = None) -> Similarity:
    """What lays `points` [n, 3] nearest to `aims` [n, 3]. Raises ValueError for fewer than three points."""
    if len(points) < 3:
        raise ValueError(f"{len(points)} points hold no similarity")
    w = np.ones(len(points)) if weights is None else np.asarray(weights, np.float64)
    w = w / w.sum()
    a, b = w @ points, w @ aims
    from_, to = points - a, aims - b
    u, sizes, vt = np.linalg.svd((to * w[:, None]).T @ from_)
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])  # a turn, never a mirror
    turn = u @ (sign[:, None] * vt)
    scale = float((sizes * sign).sum() / (w @ (from_ * from_).sum(1)))
    return Similarity(scale, turn, b - scale * turn @ a)
