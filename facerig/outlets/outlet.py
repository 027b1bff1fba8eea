"""What an outlet is: somebody who takes one frame after another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Row = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Posed:
    """A frame that is due: `index` since the beginning, at index / fps seconds; `sample` of the sound that
    plays with it. `face` float32 [61] canonical; `rigs` the same face on the rigs that outlets asked for."""

    index: int
    sample: int
    fps: Fraction
    face: Row
    rigs: Mapping[str, Row]


class Outlet(Protocol):
    """Takes frames of one character. `rig` names the entry of `Posed.rigs` that it shows, None the canonical
    face alone."""

    @property
    def name(self) -> str:
        """The address that it was opened with."""
        ...

    @property
    def fps(self) -> Fraction:
        """How often it wants frames."""
        ...

    @property
    def rig(self) -> str | None:
        """Whose curves it sends."""
        ...

    def send(self, posed: Posed) -> bool:
        """Let a frame leave, never waiting. False where it could not: it counts as refused."""
        ...

    def close(self) -> None:
        """Nothing more comes."""
        ...
