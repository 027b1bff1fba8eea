"""FLAME's coefficients for ARKit's shapes.

    min  mean w |V(e, jaw) - V(0, 0) - target|^2  +  LIPS |gap - gap of the shape|^2  +  RIDGE |e|^2     |e|
    <= BOUND

Jaw shapes turn the jaw first, by Gauss-Newton on the real forward pass, and leave the rest to the
expressions; with the jaw posed, FLAME's points are exactly linear in those. A jaw moves on an arc and a
blendshape on its chord, so jawOpen is solved half way and fully, and so is mouthClose on a jaw that is open;
what the two differ by becomes a corrective: jawOpen times itself, and jawOpen times mouthClose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import lsq_linear

from facerig.flame.model import Coefficients, Flame
from facerig.flame.targets import Targets

Array = NDArray[np.float64]

# mm^2 of the face's mean square that a unit (a standard deviation) of an expression must earn
RIDGE: Final = 2e-4
BOUND: Final = 5.0  # standard deviations
LIPS: Final = 0.1  # weight of the lips' gap
JAW_STEP: Final = 0.02  # radians that count as much as a unit of an expression
JAW_ROUNDS: Final = 8
PROBE: Final = 1e-4  # radians, for slopes

#                      may turn the jaw about x, y, z     within, radians
JAW_SHAPES: Final = {
    "jawOpen":  (np.array([True, False, False]), np.array([0.6, 0.0, 0.0])),
    "jawLeft":  (np.array([False, True, True]), np.array([0.0, 0.25, 0.25])),
    "jawRight": (np.array([False, True, True]), np.array([0.0, 0.25, 0.25])),
}  # fmt: skip
CLOSE, OPEN = "mouthClose", "jawOpen"


@dataclass(frozen=True, slots=True)
class Solved:
    """A shape's coefficients: `expression` [E], `jaw` [3] radians; `target_rms_mm` over the face, `rms_mm`
    and `largest_mm` of what is missed, `gap_mm`: the most that the lips' gap is off; `reached`: how far FLAME
    goes the target's way, 0 to 1."""

    expression: Array
    jaw: Array
    target_rms_mm: float
    rms_mm: float
    largest_mm: float
    gap_mm: float
    reached: float


@dataclass(frozen=True, slots=True)
class Bent:
    """A shape that is no line: coefficients `linear` in it, and `corrective` in its product with jawOpen.
    `whole` is both at 1; for mouthClose with the jaw open, which is what its errors are measured on."""

    linear: tuple[Array, Array]  # expression, jaw
    corrective: tuple[Array, Array]
    whole: Solved

    def at(self, share: float) -> tuple[Array, Array]:
        """Expression and jaw at `share` of it, jawOpen being as much."""
        expression, jaw = (share * a + share**2 * b
                           for a, b in zip(self.linear, self.corrective, strict=True))
        return expression, jaw


def _bent(half: tuple[Array, Array], whole: tuple[Array, Array], judged: Solved) -> Bent:
    """The parabola through rest and both."""
    linear = (4 * half[0] - whole[0], 4 * half[1] - whole[1])
    return Bent(linear, (2 * whole[0] - 4 * half[0], 2 * whole[1] - 4 * half[1]), judged)


@dataclass(frozen=True, slots=True)
class _System:
    """Least squares along directions: `gone` [N, 3] and `gap` [5] where they begin, against rest; `rows`,
    `lips` what a unit of each does, weighted; `factor` the Cholesky factor of the normal equations."""

    gone: Array
    gap: Array
    rows: Array
    lips: Array
    factor: Array


class Solver:
    """Solves shape after shape of `targets` for `flame`."""

    def __init__(self, flame: Flame, targets: Targets) -> None:
        self._flame, self._targets = flame, targets
        self._root = np.sqrt(targets.weights)[:, None]
        self._rest = self._system(*flame.directions())

    def solved(self, name: str) -> Solved:
        """A shape on the face at rest."""
        target, gap = self._targets.target(name), self._targets.gap(name)
        jaw = self._jaw(target, *JAW_SHAPES[name]) if name in JAW_SHAPES else np.zeros(3)
        system = self._system(*self._flame.directions(jaw)) if jaw.any() else self._rest
        return self._judged(self._least(system, target, gap), jaw, target, gap)

    def opened(self) -> Bent:
        """jawOpen, whose jaw turns evenly while the expressions keep the rest on its chord."""
        whole = self.solved(OPEN)
        jaw = 0.5 * whole.jaw
        system = self._system(*self._flame.directions(jaw))
        half = self._least(system, 0.5 * self._targets.target(OPEN), 0.5 * self._targets.gap(OPEN))
        return _bent((half, jaw), (whole.expression, whole.jaw), whole)

    def closed(self, opened: Bent) -> Bent:
        """mouthClose on a jaw that jawOpen has opened: as much of it as of jawOpen."""
        half, whole = (self._closing(opened, share) for share in (0.5, 1.0))
        target, gap = (self._targets.target(CLOSE) + self._targets.target(OPEN),
                       self._targets.gap(CLOSE) + self._targets.gap(OPEN))
        expression, jaw = opened.at(1.0)
        return _bent(half, whole, self._judged(expression + whole[0], jaw + whole[1], target, gap))

    def _closing(self, opened: Bent, share: float) -> tuple[Array, Array]:
        """Expression and jaw that close what `share` of jawOpen has opened."""
        targets, flame = self._targets, self._flame
        aim = share * (targets.target(OPEN) + targets.target(CLOSE))
        gap = share * (targets.gap(OPEN) + targets.gap(CLOSE))
        expression, jaw = opened.at(share)
        turned = jaw.copy()
        added = np.zeros_like(expression)
        for _ in range(4):
            start, directions = flame.directions(turned)
            here = start + np.tensordot(expression, directions, 1)
            probe = np.array([PROBE, 0, 0])
            ahead = flame.points(Coefficients((expression + added)[None], jaw=(turned + probe)[None]))[0]
            now = here + np.tensordot(added, directions, 1)
            tilt = (ahead - now) / PROBE * JAW_STEP
            steps = np.concatenate([directions, tilt[None]])
            gone = (turned[0] - jaw[0]) / JAW_STEP
            found = self._least(self._system(here - gone * tilt, steps), aim, gap)
            added, turned = found[:-1], jaw + np.array([found[-1] * JAW_STEP, 0, 0])
        return added, turned - jaw

    def _jaw(self, target: Array, free: NDArray[np.bool_], most: Array) -> Array:
        """How the jaw turns towards `target`, and nothing else moves."""
        jaw = np.zeros(3)
        axes = np.flatnonzero(free)
        for _ in range(JAW_ROUNDS):
            tried = np.stack([jaw, *(jaw + PROBE * np.eye(3)[a] for a in axes)])
            still = np.zeros((len(tried), self._flame.n_expressions))
            points = self._flame.points(Coefficients(still, jaw=tried))
            slope = ((points[1:] - points[0]) / PROBE * self._root).reshape(len(axes), -1)
            missing = ((target - (points[0] - self._flame.rest)) * self._root).ravel()
            jaw[axes] += np.linalg.lstsq(slope.T, missing, rcond=None)[0]
            jaw = np.clip(jaw, -most, most)
        return jaw

    def _system(self, start: Array, directions: Array) -> _System:
        """The squares to be made least from points `start` [N, 3] along `directions` [n, N, 3]."""
        rows = (directions * self._root).reshape(len(directions), -1)
        lips = np.sqrt(LIPS) * self._gap_rows(directions)
        normal = rows @ rows.T + lips @ lips.T + RIDGE * np.eye(len(directions))
        return _System(start - self._flame.rest, self._gap(start), rows, lips, cholesky(normal))

    def _least(self, system: _System, target: Array, gap: Array) -> Array:
        """Coefficients [n] within bounds for the displacement `target` [N, 3] and the lips' `gap` [5]."""
        missing = (target - system.gone) * self._root
        aim = system.rows @ missing.ravel() + system.lips @ (np.sqrt(LIPS) * (gap - system.gap))
        right = solve_triangular(system.factor, aim, trans=1)
        return np.asarray(lsq_linear(system.factor, right, (-BOUND, BOUND), method="bvls").x)

    def _gap_rows(self, directions: Array) -> Array:
        """What each direction does to the lips' gap [n, 5]."""
        return np.asarray((self._targets.gap_of @ directions[:, :, 1].T).T)

    def _gap(self, moved: Array) -> Array:
        """The lips' gap of points [N, 3] against rest [5]."""
        return np.asarray(self._targets.gap_of @ (moved - self._flame.rest)[:, 1])

    def _judged(self, expression: Array, jaw: Array, target: Array, gap: Array) -> Solved:
        points = self._flame.points(Coefficients(expression[None], jaw=jaw[None]))[0]
        gone = points - self._flame.rest
        missed = target - gone
        whole, left = self._targets.rms_mm(target), self._targets.rms_mm(missed)
        along = float(self._targets.weights @ (gone * target).sum(1))
        seen = self._targets.weights > 0.1 * self._targets.weights.mean()
        return Solved(expression, jaw, whole, left, float(np.linalg.norm(missed[seen], axis=1).max()),
                      float(np.abs(gap - self._gap(points)).max()),
                      min(max(along / max(whole**2, 1e-12), 0.0), 1.0))

