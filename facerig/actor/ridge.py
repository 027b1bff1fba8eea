"""The readout of an actor: ridge regression pulled towards the shipped readout.

For each curve k of a knot, with the hidden features h and the shipped reading q = h w0 + b0,

    y = a q + h d + b        a pulled to 1, d to 0, b free

is the most probable readout where the shipped one, scaled to this face, is the prior. How hard d is pulled is
chosen by leaving takes out (`strength`); with no d at all (`inf`) a few sentences suffice to scale and shift
a curve. Features are scaled by their own spread, so that one strength suits all. Sums over takes are all that
is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# pull on d, per mean square of a feature; inf leaves only the curve's scale and offset
STRENGTHS: Final = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, float("inf"))
SCALE_PULL: Final = 0.02  # on a, per variance of q
SCALES: Final = (0.1, 5.0)  # a beyond this is no scale of the same movement
DEAD_FEATURE: Final = 1e-8  # variance of a hidden unit that says nothing


@dataclass(frozen=True, slots=True)
class Sums:
    """Weighted sums over some knots: weight, features [H], their products [H, H], curves [K], both [H, K]."""

    n: float
    x: Floats
    xx: Floats
    y: Floats
    xy: Floats

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.n + other.n, self.x + other.x, self.xx + other.xx, self.y + other.y,
                    self.xy + other.xy)

    def __sub__(self, other: Sums) -> Sums:
        return Sums(self.n - other.n, self.x - other.x, self.xx - other.xx, self.y - other.y,
                    self.xy - other.xy)


def sums(x: Floats, y: Floats, weight: Floats) -> Sums:
    """Of features [n, H] and curves [n, K] with weights [n]."""
    heavy = x * weight[:, None]
    return Sums(float(weight.sum()), heavy.sum(0), heavy.T @ x, weight @ y, heavy.T @ y)


@dataclass(frozen=True, slots=True)
class Readings:
    """Readouts for every strength: weight [len(STRENGTHS), K, H], bias [len(STRENGTHS), K]."""

    weight: Floats
    bias: Floats

    def predicted(self, x: Floats) -> Floats:
        """Curves [len(STRENGTHS), n, K] of features [n, H], in [0, 1]."""
        read = np.einsum("nh,skh->snk", x, self.weight, optimize=True) + self.bias[:, None]
        return np.asarray(np.clip(read, 0.0, 1.0), np.float64)


def solve(total: Sums, prior: Floats) -> Readings:
    """The readouts that `total` teaches, for a prior weight [K, H]."""
    mean, target = total.x / total.n, total.y / total.n
    spread = total.xx / total.n - np.outer(mean, mean)
    along = (total.xy / total.n - np.outer(mean, target)).T  # [K, H]: features with curves
    base = scales(spread, along, prior)[:, None] * prior
    variance = np.diag(spread)
    unit = np.where(variance > DEAD_FEATURE, 1.0 / np.sqrt(np.maximum(variance, DEAD_FEATURE)), 0.0)
    power, axes = np.linalg.eigh(unit[:, None] * spread * unit)
    missing = ((along - base @ spread) * unit) @ axes  # what the scaled prior leaves, along the axes
    weights = []
    for strength in STRENGTHS:
        gain = np.zeros_like(power) if np.isinf(strength) else 1.0 / (np.maximum(power, 0.0) + strength)
        weights.append(base + ((missing * gain) @ axes.T) * unit)
    weight = np.stack(weights)
    return Readings(weight, target - weight @ mean)


def scales(spread: Floats, along: Floats, prior: Floats) -> Floats:
    """How much larger the actor's movement is than the prior's, by curve [K]; 1 for a prior that is still."""
    power = np.einsum("kh,hj,kj->k", prior, spread, prior, optimize=True)
    shared = (along * prior).sum(1)
    safe = np.maximum(power, 1e-12)
    found = (shared + SCALE_PULL * safe) / (safe * (1.0 + SCALE_PULL))
    return np.asarray(np.where(power > 1e-12, np.clip(found, *SCALES), 1.0), np.float64)
