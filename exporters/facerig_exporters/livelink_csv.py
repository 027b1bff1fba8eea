"""Live Link Face CSV, as Apple's face capture app for Unreal writes it: 61 curves under a timecode.

    Timecode,BlendShapeCount,EyeBlinkLeft,EyeLookDownLeft, ...
    00:00:01:23.000,61,0.0000000, ...

Timecodes count whole frames at the next integer rate (SMPTE 12M), and after a day begin again: at 29.97 fps
frame 30 is 00:00:01:00, which stands at 1.001 s. So a timecode names a frame exactly, and lags the clock by
3.6 s an hour as every NTSC timecode does; `.curves.csv` has true seconds. A rate that is neither whole nor
NTSC (12.5) has no timecode of its own and gets the true time, with thousandths of a frame behind the dot.
A timecode given for the first frame is where they begin to count; from one that leaves numbers out
(00:59:59;28) they go on so, with the semicolon that says it.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import ClassVar, Final

from facerig.core.channels import CHANNELS, INDEX, NAMES
from facerig.core.curves import CurveClip
from facerig.core.timecode import DAY_SECS, DROPPED, dropping, frames_per_sec
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
                code = timecode(index, info.fps, info.start_frame, drop_frame=info.drop_frame)
                file.write(_ROW.format(code, *values))
                n_frames += 1
        return n_frames


def timecode(index: int, fps: Fraction, start_frame: int = 0, *, drop_frame: bool = False) -> str:
    """HH:MM:SS:FF.mmm of frame `index`, where frame 0 is the frame `start_frame` of the day; see the module's
    text for rates that are not whole. drop_frame: leave numbers out, at rates that do."""
    per_sec, drops = frames_per_sec(fps), drop_frame and fps in DROPPED
    exact = fps.denominator in (1, _NTSC_DENOMINATOR)
    ticks = index * 1000 if exact else round(index * per_sec * 1000 / fps)  # thousandths of a frame
    ticks += start_frame * 1000
    secs, thousandths = divmod(dropping(ticks // 1000, fps) * 1000 if drops else ticks, per_sec * 1000)
    frame = f"{thousandths // 1000:02d}.{thousandths % 1000:03d}"
    secs %= DAY_SECS
    return f"{secs // 3600:02d}:{secs // 60 % 60:02d}:{secs % 60:02d}{';' if drops else ':'}{frame}"
