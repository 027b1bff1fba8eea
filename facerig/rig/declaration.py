"""What a rig is: its curves in order, and how each follows from the 61 canonical ones.

    value = clamp(rest + unit * through(sum of weight * source), range)

A source is a canonical curve, a *measured term* (`measured.py`: what the lips do, in terms of millimetres),
or a *term* of the rig itself (`Term`: a product of sources and the like). Curves that have a pose instead are
solved together: the shares of the poses whose sum comes nearest to the face (`solving.py`), which is what a
viseme is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from math import degrees
from typing import Final

FORMAT: Final = 1  # of rig files

Range = tuple[float, float]
Points = tuple[tuple[float, float], ...]  # (in, out), in ascending
Weights = Mapping[str, float]


class TermKind(Enum):
    """How a term follows from its sources; the word is the key in a rig file."""

    SUM = "from"  # weighted
    PRODUCT = "product"  # a corrective: where two shapes meet
    RATIO = "ratio"  # the first over the second; where the second is next to nothing, next to nothing
    LEAST = "min"
    MOST = "max"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A value between sources and curves. `weights` are all 1 except in a SUM."""

    kind: TermKind
    sources: tuple[str, ...]
    weights: tuple[float, ...]
    through: Points = ()  # empty: as it is
    range: Range = (0.0, 1.0)


class Unit(Enum):
    """Of a curve's value; canonical rotations are radians."""

    NONE = ""
    RADIANS = "radians"
    DEGREES = "degrees"

    @property
    def factor(self) -> float:
        """From the canonical unit."""
        return degrees(1.0) if self is Unit.DEGREES else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RigCurve:
    """One curve of a rig. `pose` None: `weights` say it (empty: the rig has it, speech never moves it).

    remainder: it is what the poses of a `Mixture` leave of 1, as the silence among visemes. looks: what
    value 1 looks like, where `weights` go through terms and so do not say it; a mesh can then show the
    curve.
    """

    name: str
    weights: Weights = field(default_factory=dict)
    pose: Weights | None = None  # canonical curves at value 1
    through: Points = ()
    range: Range = (0.0, 1.0)
    rest: float = 0.0
    unit: Unit = Unit.NONE
    remainder: bool = False
    looks: Weights | None = None  # canonical curves


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """How poses share one face: none below 0, 1 in all.

    near: 0 for whichever poses add up to the face; the more, the more the one leads that is nearest to it.
    counts: how much a source tells, a canonical curve, measured or own term; without a word 1 for curves that
        a pose holds and 0 for others. others: poses that take part and are no curves of the rig, such as a
        seal among vowels.
    """

    near: float = 0.0
    counts: Weights = field(default_factory=dict)
    others: Mapping[str, Weights] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What the rig's curves and the canonical ones both do to something that can be measured, such as points
    of a mesh in millimetres: `rig`, with `products` of two of its curves where it is no plain sum, and `face`
    are to give the same. The way back goes by measures where a rig has some, and not by the curves that they
    name."""

    rig: Weights
    face: Weights
    products: Mapping[tuple[str, str], float] = field(default_factory=dict)

    @property
    def curves(self) -> frozenset[str]:
        """The rig's curves that it names."""
        return frozenset(self.rig) | {name for pair in self.products for name in pair}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """A checked declaration; `rig.reading` makes it, `rig.retarget.Retarget` puts it to work."""

    name: str
    summary: str
    curves: tuple[RigCurve, ...]
    terms: Mapping[str, Term] = field(default_factory=dict)  # in an order in which each knows its sources
    inverse: Mapping[str, Term] = field(default_factory=dict)  # canonical ones, where no map tells them
    measures: tuple[Measure, ...] = ()  # how both show, for the way back
    mixture: Mixture | None = None  # None: each pose has its own range, whatever the others do
    source: str = ""  # where the facts come from
    file: str = ""  # for messages

    @property
    def names(self) -> tuple[str, ...]:
        """The curves' names in order."""
        return tuple(curve.name for curve in self.curves)
