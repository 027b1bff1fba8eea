"""Live Link Face CSV, as Apple's face capture app for Unreal writes it: 61 curves under a timecode.

    Timecode,BlendShapeCount,EyeBlinkLeft,EyeLookDownLeft, ...
    00:00:01:23.000,61,0.0000000, ...

Timecodes count whole frames at the next integer rate and never drop one (SMPTE 12M non-drop): at 29.97 fps
frame 30 is 00:00:01:00, which stands at 1.001 s. So a timecode names a frame exactly, and lags the clock by
3.6 s an hour as every NTSC timecode does; `.curves.csv` has true seconds. A rate that is neither whole nor
NTSC (12.5) has no timecode of its own and gets the true time, with thousandths of a frame behind the dot.
A timecode given for the first frame is where they begin to count, at the next integer rate; one that drops
numbers (01:00:00;00) is written by the number of its frame, without dropping (00:59:56:12).
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import ClassVar, Final

from facerig.core.channels import CHANNELS, INDEX, NAMES
from facerig.core.curves import CurveClip
from facerig.errors import OutputError
from facerig.sinks.exporter import ExportInfo
from facerig_exporters.rows import DECIMALS, checked_rows

HEADER: Final = ",".join(["Timecode", "BlendShapeCount", *(c.livelink_name for c in CHANNELS)])
_ROW: Final = ",".join(["{}", str(len(NAMES)), *[f"{{:.{DECIMALS}f}}"] * len(NAMES)]) + "\n"
_NTSC_DENOMINATOR: Final = 1001


class LiveLinkCsv:
    """See the module's text."""

    name: ClassVar[str] = "livelink-csv"
    endings: ClassVar[tuple[str, ...]] = (".csv",)
    summary: ClassVar[str] = "Live Link Face CSV: timecode and 61 curves, for Unreal and others"

    def write(self, path: Path, pieces: Iterable[CurveClip], info: ExportInfo) -> int:
        """Write `pieces` and return the number of frames. Raises OutputError for curves of another rig."""
        strange = [name for name in info.names if name not in INDEX]
        if strange:
            raise OutputError(f"a Live Link Face CSV cannot hold the curve {strange[0]!r}", where=str(path),
                              fix="write a .curves.csv, which holds any names")
        n_frames = 0
        with path.open("w", encoding="ascii", newline="") as file:
            file.write(HEADER + "\n")
            for index, values in checked_rows(pieces, NAMES):
                file.write(_ROW.format(timecode(index, info.fps, info.start_frame), *values))
                n_frames += 1
        return n_frames


def timecode(index: int, fps: Fraction, start_frame: int = 0) -> str:
    """HH:MM:SS:FF.mmm of frame `index`, where frame 0 has the number `start_frame`; see the module's text for
    rates that are not whole."""
    per_sec = -(-fps.numerator // fps.denominator)
    exact = fps.denominator in (1, _NTSC_DENOMINATOR)
    ticks = index * 1000 if exact else round(index * per_sec * 1000 / fps)  # thousandths of a frame
    secs, thousandths = divmod(ticks + start_frame * 1000, per_sec * 1000)
    frame = f"{thousandths // 1000:02d}.{thousandths % 1000:03d}"
    return f"{secs // 3600:02d}:{secs // 60 % 60:02d}:{secs % 60:02d}:{frame}"
