"""Which curves the sheet shows, in which panel, and on which scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX
from facerig.core.mouth import mouth_geometry

Values = NDArray[np.float32]
RGB = tuple[int, int, int]

BLUE, ORANGE, GREEN, PURPLE = (42, 104, 176), (214, 110, 36), (52, 140, 90), (134, 84, 160)


@dataclass(frozen=True, slots=True)
class Trace:
    """A curve of the sheet: its name (see `traces`) and colour."""

    name: str
    rgb: RGB


@dataclass(frozen=True, slots=True)
class Row:
    """A panel. `low` to `high` is its least span; it grows with the curves."""

    title: str
    low: float
    high: float
    traces: tuple[Trace, ...]

    def span(self, shown: list[Values]) -> tuple[float, float]:
        """Lowest and highest value of the panel."""
        return (min(self.low, *(float(np.min(s)) for s in shown)),
                max(self.high, *(float(np.max(s)) for s in shown)))

    def ticks(self, low: float, high: float) -> list[float]:
        """Two to five round numbers within."""
        step = next(s for s in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 1e9) if (high - low) / s <= 4.001)
        return [k * step
                for k in range(int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9)) + 1)]


#             panel             span        curves
ROWS: Final = (Row("lips, mm", 0.0, 12.0, (Trace("lip gap", BLUE), Trace("narrower", ORANGE))),
               Row("mouth", 0.0, 0.6, (Trace("jawOpen", BLUE), Trace("mouthPucker", ORANGE),
                                       Trace("mouthFunnel", GREEN), Trace("mouthClose", PURPLE))),
               Row("lips, corners", 0.0, 0.4, (Trace("mouthLowerDown", BLUE), Trace("mouthUpperUp", ORANGE),
                                               Trace("mouthSmile", GREEN), Trace("mouthPress", PURPLE))),
               Row("eyes, brows, head", 0.0, 1.0, (Trace("eyeBlink", BLUE), Trace("browInnerUp", ORANGE),
                                                   Trace("headPitch", GREEN), Trace("gaze", PURPLE))))


def traces(values: Values) -> dict[str, Values]:
    """The sheet's curves [T] from canonical `values` [T, 61]; two-sided shapes as the mean of their sides."""
    mouth = mouth_geometry()
    found = {"lip gap": mouth.gaps_mm(values).max(1),
             "narrower": mouth.width_mm(np.zeros(len(INDEX))) - mouth.width_mm(values),
             "gaze": _mean(values, "eyeLookOutLeft", "eyeLookInRight") - _mean(values, "eyeLookInLeft",
                                                                              "eyeLookOutRight")}
    for name in (t.name for row in ROWS for t in row.traces if t.name not in found):
        found[name] = values[:, INDEX[name]] if name in INDEX else _mean(values, f"{name}Left",
                                                                         f"{name}Right")
    return {name: np.asarray(v, np.float32) for name, v in found.items()}


def _mean(values: Values, *names: str) -> Values:
    return np.asarray(np.mean([values[:, INDEX[n]] for n in names], axis=0), np.float32)
