"""JSON in the layout that Audio2Face exports its blendshape solve in.

    {"exportFps": 30.0, "trackPath": "line.wav", "numPoses": 52, "numFrames": 90,
     "facsNames": ["eyeBlinkLeft", ...], "weightMat": [[...], ...]}

Poses are the shapes of the rig; head and eye rotations have no place in it. The number of frames stands
before the frames and is known after them: room is left for it (spaces, which JSON allows) and filled in at
the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from facerig.core.channels import NAMES, SHAPE_NAMES
from facerig.core.curves import CurveClip
from facerig.sinks.exporter import ExportInfo
from facerig_exporters.rows import DECIMALS, checked_rows

_ROTATIONS: Final = frozenset(NAMES[len(SHAPE_NAMES):])
_COUNT_ROOM: Final = 12  # digits


class Audio2FaceJson:
    """See the module's text."""

    name: ClassVar[str] = "audio2face-json"
    endings: ClassVar[tuple[str, ...]] = (".json",)
    summary: ClassVar[str] = "Audio2Face's JSON: facsNames and weightMat, 52 shapes, no head or eye rotation"
    rig: ClassVar[str] = "arkit"
    turns: ClassVar[bool] = False

    def write(self, path: Path, pieces: Iterable[CurveClip], info: ExportInfo) -> int:
        """Write `pieces` and return the number of frames."""
        names = tuple(name for name in info.names if name not in _ROTATIONS)
        row = "[" + ",".join([f"{{:.{DECIMALS}f}}"] * len(names)) + "]"
        n_frames = 0
        with path.open("w+", encoding="ascii", newline="") as file:
            file.write(_opening(names, info))
            count_at = file.tell()
            file.write(" " * _COUNT_ROOM + f',\n"facsNames": {json.dumps(names)},\n"weightMat": [')
            for n_frames, (_, values) in enumerate(checked_rows(pieces, names), 1):
                file.write((",\n" if n_frames > 1 else "\n") + row.format(*values))
            file.write("\n]}\n")
            file.seek(count_at)
            file.write(str(n_frames))
        return n_frames


def _opening(names: tuple[str, ...], info: ExportInfo) -> str:
    return (f'{{"exportFps": {float(info.fps)!r},\n"trackPath": {json.dumps(info.sound)},\n'
            f'"numPoses": {len(names)},\n"numFrames": ')
