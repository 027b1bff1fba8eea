"""The contract of a system under test."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tools.evaluate.sets import Audio, Utterance

Timed = tuple[NDArray[np.float64], NDArray[np.floating]]  # times in s [T], rising; canonical values [T, 61]


class System(Protocol):
    """One row of the comparison. `lookahead` says in words what the system hears before it moves."""

    name: str
    lookahead: str

    def curves(self, audio: Audio, sample_rate: int, utterance_id: str) -> Timed:
        """The curves of `audio`, float32 mono. Only `csv` may look at the id."""
        ...


@runtime_checkable
class TextSystem(Protocol):
    """A system that is told what is said."""

    name: str
    lookahead: str

    def curves_of(self, audio: Audio, utterance: Utterance) -> Timed:
        """The curves of `audio`, float32 mono at SAMPLE_RATE. Of `utterance` only the text may be used."""
        ...
