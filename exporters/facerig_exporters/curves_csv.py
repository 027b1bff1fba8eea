"""A plain CSV: `time` in seconds of the audio, then one column a curve, under the rig's own names.

    time,eyeBlinkLeft,eyeLookDownLeft, ...
    0.033333333,0.0000000, ...

The time of frame k is k / fps to the nanosecond, from integers: nothing accumulates over hours.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import ClassVar, Final

from facerig.core.clock import frame_time
from facerig.core.curves import CurveClip
from facerig.sinks.exporter import ExportInfo
from facerig_exporters.rows import DECIMALS, checked_rows, harmless

_NANO: Final = 10**9


class CurvesCsv:
    """See the module's text."""

    name: ClassVar[str] = "curves-csv"
    endings: ClassVar[tuple[str, ...]] = (".curves.csv",)
    summary: ClassVar[str] = "plain CSV: time in seconds and a column a curve, under the rig's names"

    def write(self, path: Path, pieces: Iterable[CurveClip], info: ExportInfo) -> int:
        """Write `pieces` and return the number of frames."""
        row = ",".join(["{}", *[f"{{:.{DECIMALS}f}}"] * len(info.names)]) + "\n"
        n_frames = 0
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(["time", *map(harmless, info.names)])
            for index, values in checked_rows(pieces, info.names):
                file.write(row.format(seconds_text(index, info.fps), *values))
                n_frames += 1
        return n_frames


def seconds_text(index: int, fps: Fraction) -> str:
    """Time of frame `index` in seconds with nine digits, rounded from the exact fraction."""
    whole, rest = divmod(round(frame_time(index, fps) * _NANO), _NANO)
    return f"{whole}.{rest:09d}"
