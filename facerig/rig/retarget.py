"""Canonical curves to a rig's: the one engine behind every rig.

Elementwise over frames, so that a stream in any split, and a crowd in any company, gives the same bits.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import N_CHANNELS, NAMES
from facerig.core.curves import CurveClip
from facerig.rig.declaration import Points, Range, Rig, RigCurve, Term, TermKind
from facerig.rig.measured import MEASURED, measured
from facerig.rig.posing import Posing

Array = NDArray[np.float64]

NEXT_TO_NOTHING: Final = 0.01  # a ratio divides by no less


class Retarget:
    """`rig` put to work. `names` are the curves that come out, in order."""

    def __init__(self, rig: Rig) -> None:
        self.rig, self.names = rig, rig.names
        self._measured = [name for name in MEASURED if _uses(rig, name)]
        columns = [*NAMES, *self._measured, *rig.terms]
        self.column = {name: i for i, name in enumerate(columns)}
        self._sums = _Sums(rig.curves, self.column)
        self._posing = Posing(rig, self.sources, self.column)
        self._low, self._high = (np.array([c.range[end] for c in rig.curves]) for end in (0, 1))
        self._rest = np.array([c.rest for c in rig.curves])
        self._factor = np.array([c.unit.factor for c in rig.curves])
        self._bent = [(i, c.through) for i, c in enumerate(rig.curves) if c.through]

    def values(self, face: NDArray[Any]) -> NDArray[np.float32]:
        """The rig's values float32 [T, len(names)], in its ranges, for `face` [T, 61] canonical. Rows may be
        frames of one stream or of many. Raises ValueError for another shape."""
        if face.ndim != 2 or face.shape[1] != N_CHANNELS:
            raise ValueError(f"{face.shape} values instead of (T, {N_CHANNELS})")
        face = np.asarray(face, np.float64)
        sources = self.sources(face)
        out = self._sums(sources)
        for i, points in self._bent:
            out[:, i] = bent(out[:, i], points)
        if self._posing.columns:
            out[:, self._posing.columns] = self._posing(sources)
        out = self._rest + out * self._factor
        return np.asarray(np.clip(out, self._low, self._high), np.float32)

    def clip(self, face: CurveClip) -> CurveClip:
        """A canonical clip as one of this rig; it keeps the face it came from. Raises ValueError for a clip
        that is not canonical."""
        if face.names != NAMES:
            raise ValueError("only canonical curves can be retargeted")
        return CurveClip(self.values(face.values), face.fps, face.sample_rate, face.start, self.names, face)

    def sources(self, face: Array) -> Array:
        """[T, 61 + measured + terms]."""
        out = np.zeros((len(face), len(self.column)))
        out[:, :N_CHANNELS] = face
        for name, found in measured(face, self._measured).items():
            out[:, self.column[name]] = found
        for name, term in self.rig.terms.items():
            out[:, self.column[name]] = term_value(term, [out[:, self.column[s]] for s in term.sources])
        return out


class _Sums:
    """Weighted sums of sources for all curves at once: the k-th addend of every curve in one gather."""

    def __init__(self, curves: tuple[RigCurve, ...], column: dict[str, int]) -> None:
        self._n = len(curves)
        most = max((len(c.weights) for c in curves), default=0)
        self._addends: list[tuple[NDArray[np.intp], NDArray[np.intp], Array]] = []
        for k in range(most):
            rows = [(i, *list(c.weights.items())[k]) for i, c in enumerate(curves) if len(c.weights) > k]
            self._addends.append((np.array([i for i, _, _ in rows]),
                                  np.array([column[s] for _, s, _ in rows]),
                                  np.array([w for _, _, w in rows])))

    def __call__(self, sources: Array) -> Array:
        out = np.zeros((len(sources), self._n))
        for curve, source, weight in self._addends:
            out[:, curve] += sources[:, source] * weight
        return out


def term_value(term: Term, sources: list[Array]) -> Array:
    """What `term` makes of its `sources`, each [T]."""
    if term.kind is TermKind.SUM:
        out = np.zeros_like(sources[0])
        for source, weight in zip(sources, term.weights, strict=True):
            out = out + weight * source
    elif term.kind is TermKind.PRODUCT:
        out = sources[0]
        for source in sources[1:]:
            out = out * source
    elif term.kind is TermKind.RATIO:
        out = sources[0] / np.maximum(sources[1], NEXT_TO_NOTHING)
    else:
        pick = np.minimum if term.kind is TermKind.LEAST else np.maximum
        out = sources[0]
        for source in sources[1:]:
            out = pick(out, source)
    return limited(bent(out, term.through), term.range)


def bent(values: Array, points: Points) -> Array:
    """`values` through breakpoints, straight between them and level beyond; as they are without any."""
    if not points:
        return values
    return np.asarray(np.interp(values, [x for x, _ in points], [y for _, y in points]))


def limited(values: Array, bounds: Range) -> Array:
    """`values` held within `bounds`."""
    return np.asarray(np.clip(values, *bounds))


def _uses(rig: Rig, name: str) -> bool:
    told = rig.mixture.counts if rig.mixture else {}
    return name in told or any(name in c.weights for c in rig.curves) or any(
        name in t.sources for t in rig.terms.values())
