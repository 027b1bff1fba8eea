"""One utterance as the judge sees it: the mouth in millimetres on a 5 ms grid, and the phones by class.

    gap      [T, 5] between five facing pairs of inner-lip vertices, relative to rest
    widest   the widest of the five
    sealed   every pair within SEAL_MM, and not every pair pressed through the other by CROSS_MM
    held     sealed for HOLD_SECS on end
    contact  lower lip at the teeth (CONTACT_MM) while the lips are apart (APART_MM)
    shape    rounding: upper lip forward of rest, minus a quarter of the mouth's width
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.mouth import MouthGeometry, mouth_geometry
from facerig.errors import ConfigError
from tools.evaluate.labels import LabelSet, label_set

STEP_SECS: Final = 0.005  # the judge's grid
TAIL_SECS: Final = 0.5  # of grid after the last label: a seal may come late

SEAL_MM: Final = 1.0  # lips that near look shut
CROSS_MM: Final = 3.0  # and beyond this they have passed through each other
CONTACT_MM: Final = 2.5  # lower lip to the edge of the upper teeth
APART_MM: Final = 1.2  # a lip at the teeth of a shut mouth is no f
HOLD_SECS: Final = 0.030  # a shorter seal is not seen
END_SLACK_SECS: Final = 0.05  # curves may end this much before the last phone,
PAUSE_SLACK_SECS: Final = 0.3  # and this much more where that is a pause
MIDDLE: Final = 2  # the pair on the face's midline

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]
Phone = tuple[str, float, float]  # label, start and end in seconds


@dataclass(frozen=True, slots=True)
class MouthSeries:
    """The mouth over time: gap [T, 5], teeth [T] and shape [T] in mm."""

    gap: Floats
    teeth: Floats
    shape: Floats


def mouth_series(values: NDArray[np.floating], geometry: MouthGeometry | None = None) -> MouthSeries:
    """What `values` [T, 61] do to the mouth of the shipped head, or of another `geometry`."""
    head = geometry or mouth_geometry()
    return MouthSeries(head.gaps_mm(values), head.teeth_mm(values),
                       head.forward_mm(values) - 0.25 * head.width_mm(values))


def runs(mask: Mask) -> list[tuple[int, int]]:
    """Half-open index ranges in which `mask` is true on end."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def held_only(mask: Mask, hold_secs: float = HOLD_SECS) -> Mask:
    """`mask` without its runs shorter than `hold_secs`."""
    out = np.zeros_like(mask)
    for start, stop in runs(mask):
        out[start:stop] = stop - start >= round(hold_secs / STEP_SECS)
    return out


class Track:
    """Curves of one utterance on the judge's grid, with its phones.

    `times_secs` [T] rising, `values` [T, 61] canonical, `labels` (label, start_s, end_s) in order.
    Raises ConfigError where the curves end before the labels do, or are not finite.
    """

    def __init__(self, times_secs: Floats, values: NDArray[np.floating], labels: Sequence[Phone], kind: str,
                 *, geometry: MouthGeometry | None = None, name: str = "") -> None:
        self.name = name
        self.kind: LabelSet = label_set(kind)
        self.phones = [(self.kind.plain(label), start, end) for label, start, end in labels]
        self.classes = [self.kind.classes_of(label) for label, _, _ in self.phones]
        self._check(times_secs, values)
        mouth = mouth_series(values, geometry)
        self.grid: Floats = np.arange(0, self.end_secs + TAIL_SECS, STEP_SECS)
        self.gap: Floats = np.stack([np.interp(self.grid, times_secs, pair) for pair in mouth.gap.T], axis=1)
        self.teeth: Floats = np.interp(self.grid, times_secs, mouth.teeth)
        self.shape: Floats = np.interp(self.grid, times_secs, mouth.shape)
        self.widest: Floats = self.gap.max(axis=1)

    @property
    def end_secs(self) -> float:
        """End of the last phone."""
        return self.phones[-1][2]

    @cached_property
    def crossed(self) -> Mask:
        return self.widest <= -CROSS_MM

    @cached_property
    def sealed(self) -> Mask:
        return (self.widest <= SEAL_MM) & ~self.crossed

    @cached_property
    def held(self) -> Mask:
        return held_only(self.sealed)

    @cached_property
    def contact(self) -> Mask:
        return (self.teeth <= CONTACT_MM) & (self.gap[:, MIDDLE] >= APART_MM)

    def _check(self, times_secs: Floats, values: NDArray[np.floating]) -> None:
        if not self.phones:
            raise ConfigError("no phone labels", where=self.name, fix="leave the utterance out")
        if not np.isfinite(values).all():
            raise ConfigError("the curves hold NaN or infinity", where=self.name)
        slack = END_SLACK_SECS + PAUSE_SLACK_SECS * ("silence" in self.classes[-1])
        if times_secs[-1] < self.end_secs - slack:
            raise ConfigError(f"curves end at {times_secs[-1]:.2f} s, labels at {self.end_secs:.2f} s",
                              where=self.name, fix="animate the whole recording (was `flush` called?)")

    def span(self, start_secs: float, end_secs: float, pad_secs: float = 0.0) -> slice:
        """Grid points within [start - pad, end + pad]; at least one."""
        first = max(0, int(np.ceil((start_secs - pad_secs) / STEP_SECS - 1e-9)))
        last = int((end_secs + pad_secs) / STEP_SECS + 1e-9)
        return slice(min(first, len(self.grid) - 1), max(first, last) + 1)

    def is_a(self, index: int, class_name: str) -> bool:
        """Whether phone `index` exists and is of the class."""
        return 0 <= index < len(self.phones) and class_name in self.classes[index]

    def wants_open_lips(self, index: int) -> bool:
        """True for a phone with no bilabial and no pause at it or beside it, and neighbours on both sides."""
        return all(0 <= j < len(self.phones) and not self.classes[j] & {"bilabial", "silence"}
                   for j in (index - 1, index, index + 1))
