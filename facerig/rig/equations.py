"""What the values of a rig say about the sources that they were made of: targets for weighted sums.

A curve says what the sum of its weighted sources was before breakpoints, unit and rest; one at the end of
its range only that it was at least (or at most) so much. Curves with a pose say how far each canonical curve
of a pose is out. A rig's measures say what they say of its curves, and those say nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.rig.declaration import Measure, Points, RigCurve
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
    extras: NDArray[np.intp]  # which of the sources beyond the canonical curves those are [n_extra]
    importance: Array
    curves: NDArray[np.intp]
    posed: NDArray[np.intp]  # canonical curves of the next ones
    measured: Array  # [q, n]: what the last q are, as sums of the rig's curves,
    products: tuple[tuple[int, int, Array], ...]  # and of products of two of them, [q] each
    poses: Array  # [n, 61]: what each curve of the rig looks like, zeros where it does not say so
    rig: tuple[RigCurve, ...]

    @property
    def uses_extra(self) -> NDArray[np.bool_]:
        """Which sums hold something besides canonical curves [m]."""
        return np.asarray(np.diff(self.extra.indptr) > 0)

    @property
    def bent(self) -> NDArray[np.bool_]:
        """Which sums go through breakpoints [m]."""
        through = [bool(self.rig[i].through) for i in self.curves]
        return np.array(through + [False] * (len(self.posed) + len(self.measured)), np.bool_)

    def allowed(self, values: Array, raw: Array) -> tuple[Array, Array]:
        """Least and most [m, T] that each sum may have been for the rig's `values` [T, n], which are in their
        ranges. Where breakpoints leave a choice, what lies nearest to `raw` [m, T]."""
        least, most = np.empty_like(raw), np.empty_like(raw)
        for k, i in enumerate(self.curves):
            least[k], most[k] = _before(self.rig[i], values[:, i], raw[k])
        told = slice(len(self.curves), len(self.curves) + len(self.posed))
        least[told] = most[told] = self.shown(values)[self.posed]
        sums = np.zeros((len(self.measured), len(values)))
        for n in np.flatnonzero(self.measured.any(0)):
            sums += self.measured[:, n, None] * values[:, n]
        for one, other, weights in self.products:
            sums += weights[:, None] * (values[:, one] * values[:, other])
        least[told.stop:] = most[told.stop:] = sums
        return least, most

    def shown(self, values: Array) -> Array:
        """What the rig's `values` [T, n] look like as far as their curves say so, canonical [61, T]."""
        out = np.zeros((N_CHANNELS, len(values)))
        for n in np.flatnonzero(self.poses.any(1)):
            for c in np.flatnonzero(self.poses[n]):
                out[c] += self.poses[n, c] * values[:, n]
        return out


def equations_of(engine: Retarget, told: Collection[str]) -> Equations:
    """The equations of a rig whose curves `told` are known."""
    rig = engine.rig.curves
    known = [i for i, curve in enumerate(rig) if curve.name in told]
    measures = [m for m in engine.rig.measures if not m.curves.isdisjoint(told)]
    measured = {name for m in measures for name in m.curves}
    curves = [i for i in known if rig[i].pose is None and any(rig[i].weights.values())
              and rig[i].name not in measured]
    poses = np.zeros((len(rig), N_CHANNELS))
    for i in known:
        for name, value in (rig[i].pose or rig[i].looks or {}).items():
            poses[i, INDEX[name]] = value
    by_terms = [i for i in known if rig[i].pose is None]  # they look so, but no sum of poses says it
    posed = np.flatnonzero(poses.any(0) & ~poses[by_terms].any(0))
    place = {curve.name: i for i, curve in enumerate(rig)}
    of_rig = np.zeros((len(measures), len(rig)))
    weights = np.zeros((len(curves) + len(posed) + len(measures), len(engine.column)))
    for q, measure in enumerate(measures):
        of_rig[q, [place[name] for name in measure.rig]] = list(measure.rig.values())
        row = len(curves) + len(posed) + q
        weights[row, [engine.column[name] for name in measure.face]] = list(measure.face.values())
    for k, i in enumerate(curves):
        for name, weight in rig[i].weights.items():
            weights[k, engine.column[name]] = weight
    weights[len(curves) + np.arange(len(posed)), posed] = 1.0
    importance = np.array([1 / _span(rig[i]) for i in curves] + [1.0] * (len(posed) + len(measures)))
    beyond = weights[:, N_CHANNELS:]
    extras = np.flatnonzero(beyond.any(0))
    return Equations(canonical=sparse.csr_matrix(weights[:, :N_CHANNELS]),
                     extra=sparse.csr_matrix(beyond[:, extras]), extras=extras, importance=importance,
                     curves=np.array(curves, np.intp), posed=posed, measured=of_rig,
                     products=_products(measures, place), poses=poses, rig=rig)


def _products(measures: Sequence[Measure], place: Mapping[str, int]) -> tuple[tuple[int, int, Array], ...]:
    """Each product that any of `measures` [q] holds: its two curves, and how much it is in each."""
    pairs = dict.fromkeys(pair for m in measures for pair in m.products)
    return tuple((place[one], place[other], np.array([m.products.get((one, other), 0.0) for m in measures]))
                 for one, other in pairs)


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
