"""What a line sounded like and how its face moved: what the report is made from.

    witness = Witness(line, sample_rate)
    witness.hear(samples)                  # as they pass
    seen = witness.judged(clip, session)   # plain values for the journal
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from facerig.batch.lines import Line
from facerig.core.curves import CurveClip
from facerig.session import Session


class Witness:
    """Of one line, in constant memory."""

    def __init__(self, line: Line, sample_rate: int) -> None:
        self._line, self._rate = line, sample_rate
        self._peak = 0.0

    def hear(self, samples: NDArray[np.float32]) -> None:
        """The next mono samples [n]."""
        if len(samples):
            self._peak = max(self._peak, float(np.abs(samples).max()))

    def judged(self, clip: CurveClip, session: Session) -> dict[str, Any]:
        """What there is to say of it."""
        return {"peak": self._peak}
