"""EmoFace's text file: the 174 controls of MetaHuman's board as bare numbers, a frame a line, at 60 fps.

    0.027139,0.027042,0.000000, ...

Nothing in the file says what a number is: the order is that of the rig metahuman-gui.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import ClassVar, Final

from facerig.core.curves import CurveClip
from facerig.curve_files.emoface import FPS, RIG, columns
from facerig.errors import OutputError
from facerig.sinks.exporter import ExportInfo
from facerig_exporters.rows import checked_rows

DECIMALS: Final = 6  # as EmoFace writes them


class EmoFaceText:
    """See the module's text."""

    name: ClassVar[str] = "emoface-text"
    endings: ClassVar[tuple[str, ...]] = (".emoface.txt",)
    summary: ClassVar[str] = "EmoFace's text: the 174 controls of MetaHuman's board a line, 60 fps"
    rig: ClassVar[str] = RIG
    fps: ClassVar[Fraction] = FPS

    def write(self, path: Path, pieces: Iterable[CurveClip], info: ExportInfo) -> int:
        """Write `pieces` and return the number of frames. Raises OutputError for another rig or rate."""
        if info.names != columns():
            raise OutputError(f"EmoFace's text holds the {len(columns())} controls of {RIG} in its order, "
                              f"not the rig {info.rig!r}", where=str(path),
                              fix=f"leave out --rig, or give {RIG}")
        if info.fps != FPS:
            raise OutputError(f"EmoFace's text has {FPS} frames a second, not {info.fps}", where=str(path),
                              fix=f"use --fps {FPS}")
        n_frames = 0
        with path.open("w", encoding="ascii", newline="") as file:
            for _, values in checked_rows(pieces, columns()):
                file.write(",".join(f"{round(v, DECIMALS) + 0.0:.{DECIMALS}f}" for v in values) + "\n")
                n_frames += 1
        return n_frames
