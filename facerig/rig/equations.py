"""What the values of a rig say about the sources that they were made of: targets for weighted sums.

A curve says what the sum of its weighted sources was before breakpoints, unit and rest; one at the end of
its range only that it was at least (or at most) so much. Curves with a pose say how far each canonical curve
of a pose is out.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.rig.declaration import Points, RigCurve
from facerig.rig.retarget import Retarget, bent

Array = NDArray[np.float64]

AT_END: Final = 1e-6  # of a range: so near to its end, a curve may have been cut off there


@dataclass(frozen=True, slots=True)
class Equations:
    """m weighted sums, the frames last.

    `canonical` sparse [m, 61] and `extra` sparse [m, n_extra] are the weights of canonical curves and of
    everything else (measured terms, terms); `importance` [m] is 1 over what a sum spans; `curves` [k] the
    rig's curves that the first k of them stand for, the others are one for each canonical curve that poses
    tell.
    """

    canonical: Any
    extra: Any
    importance: Array
    curves: NDArray[np.intp]
    posed: NDArray[np.intp]  # canonical curves of the last m - k
    poses: Array  # [n, 61]: what each curve of the rig looks like, zeros where it has no pose
    rig: tuple[RigCurve, ...]

    @property
    def uses_extra(self) -> NDArray[np.bool_]:
        """Which sums hold something besides canonical curves [m]."""
        return np.asarray(np.diff(self.extra.indptr) > 0)

    @property
    def bent(self) -> NDArray[np.bool_]:
        """Which sums go through breakpoints [m]."""
        through = [bool(self.rig[i].through) for i in self.curves]
        return np.array(through + [False] * len(self.posed), np.bool_)

    def allowed(self, values: Array, raw: Array) -> tuple[Array, Array]:
        """Least and most [m, T] that each sum may have been for the rig's `values` [T, n], which are in their
        ranges. Where breakpoints leave a choice, what lies nearest to `raw` [m, T]."""
        least, most = np.empty_like(raw), np.empty_like(raw)
        for k, i in enumerate(self.curves):
            least[k], most[k] = _before(self.rig[i], values[:, i], raw[k])
        shown = np.zeros((len(self.posed), len(values)))
        for n in np.flatnonzero(self.poses.any(1)):
            shown += self.poses[n, self.posed, None] * values[:, n]
        least[len(self.curves):] = most[len(self.curves):] = shown
        return least, most


def equations_of(engine: Retarget, told: Collection[str]) -> Equations:
    """The equations of a rig whose curves `told` are known."""
    rig = engine.rig.curves
    known = [i for i, curve in enumerate(rig) if curve.name in told]
    curves = [i for i in known if rig[i].pose is None and any(rig[i].weights.values())]
    poses = np.zeros((len(rig), N_CHANNELS))
    for i in known:
        for name, value in (rig[i].pose or {}).items():
            poses[i, INDEX[name]] = value
    posed = np.flatnonzero(poses.any(0))
    weights = np.zeros((len(curves) + len(posed), len(engine.column)))
    for k, i in enumerate(curves):
        for name, weight in rig[i].weights.items():
            weights[k, engine.column[name]] = weight
    weights[len(curves) + np.arange(len(posed)), posed] = 1.0
    importance = np.array([1 / _span(rig[i]) for i in curves] + [1.0] * len(posed))
    return Equations(canonical=sparse.csr_matrix(weights[:, :N_CHANNELS]),
                     extra=sparse.csr_matrix(weights[:, N_CHANNELS:]), importance=importance,
                     curves=np.array(curves, np.intp), posed=posed, poses=poses, rig=rig)


def _span(curve: RigCurve) -> float:
    if curve.through:
        return curve.through[-1][0] - curve.through[0][0]
    return (curve.range[1] - curve.range[0]) / curve.unit.factor


def _before(curve: RigCurve, values: Array, raw: Array) -> tuple[Array, Array]:
    """Least and most of the sum behind a curve's `values` [T]."""
    low, high = curve.range
    near = AT_END * (high - low)
    inner = (values - curve.rest) / curve.unit.factor
    least = np.where(values <= low + near, -np.inf, inner)
    most = np.where(values >= high - near, np.inf, inner)
    if not curve.through:
        return least, most
    found = preimage(curve.through, least, most, raw, near / curve.unit.factor)
    return found, found


def preimage(points: Points, least: Array, most: Array, near: Array, slack: float) -> Array:
    """The place nearest to `near` [T] that breakpoints take into [least, most]; where there is none, the one
    that they take nearest to it."""
    reached = bent(near, points)
    there = (reached >= least - slack) & (reached <= most + slack)
    best, distance = near.copy(), np.where(there, 0.0, np.inf)
    for wanted in (least, most):
        for (x0, y0), (x1, y1) in pairwise(points):
            with np.errstate(invalid="ignore"):
                share = (wanted - y0) / (y1 - y0) if y1 != y0 else np.where(wanted == y0, 0.0, np.nan)
            on = (share >= 0) & (share <= 1)
            place = x0 + np.where(on, share, 0.0) * (x1 - x0)
            if y1 == y0:
                place = np.clip(near, x0, x1)
            away = np.where(on, np.abs(place - near), np.inf)
            best, distance = np.where(away < distance, place, best), np.minimum(away, distance)
    out = np.isinf(distance)
    if out.any():
        ys = np.array([y for _, y in points])
        off = np.maximum(least[out, None] - ys, ys - most[out, None])
        best[out] = np.array([x for x, _ in points])[off.argmin(1)]
    return best
