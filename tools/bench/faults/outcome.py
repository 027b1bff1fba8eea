"""What became of a fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tools.bench.tables import Row
from tools.bench.witness import Testimony


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`happened`: in words; `figures` by name. `mended`: what the fault hit came to its right end.
    `witness`: of a session beside it; None where everything is tested in one process without one."""

    fault: str
    happened: str
    mended: bool
    figures: Mapping[str, float]
    witness: Testimony | None

    def row(self) -> Row:
        """For the table."""
        seen = "" if self.witness is None else (
            f"{self.witness.frames} frames, {self.witness.lost} lost, {self.witness.twice} twice, "
            f"{self.witness.wrong} wrong")
        return {"fault": self.fault, "what happened": self.happened,
                "as it should": "yes" if self.mended else "NO", "the session beside it": seen}
