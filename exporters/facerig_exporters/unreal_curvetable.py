"""A CurveTable of Unreal: the first row holds seconds, every other one a curve by its name.

    Name,0.000000000,0.033333333, ...
    jawOpen,0.0000000,0.0120000, ...

Import it as CurveTable, interpolation Linear; Eval takes seconds of the sound. All curves of a table have the
same times, so they share their keys. Unreal takes spaces, commas and quotes out of a row's name and minds no
case; names that are then the same are refused. It compares all pairs of times on import: this is a format for
lines, not for hours.

The rig is Live Link's, for it has head and eyes too, as curves in radians.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from facerig.core.curves import CurveClip
from facerig.errors import OutputError
from facerig.sinks.exporter import ExportInfo
from facerig.sinks.keys import shared_keys
from facerig_exporters.curves_csv import seconds_text
from facerig_exporters.face_scene import joined_clip
from facerig_exporters.rows import decimals, harmless

DROPPED: Final = frozenset("\"' ,\n\r\t")  # what Unreal takes out of names (INVALID_NAME_CHARACTERS)


class UnrealCurveTable:
    """See the module's text."""

    name: ClassVar[str] = "unreal-curvetable"
    endings: ClassVar[tuple[str, ...]] = (".curvetable.csv",)
    summary: ClassVar[str] = "Unreal CurveTable: a row of seconds, then a row a curve"
    keyed: ClassVar[bool] = True

    def write(self, path: Path, pieces: Iterable[CurveClip], info: ExportInfo) -> int:
        """Write `pieces` and return the number of frames. Raises OutputError for names Unreal mixes up."""
        _check_names(info.names, path)
        clip = joined_clip(pieces)
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            frames = [] if clip is None else shared_keys(clip, info).tolist()
            rows.writerow(["Name", *(seconds_text(frame, info.fps) for frame in frames)])
            if clip is not None:
                for column, name in enumerate(clip.names):
                    rows.writerow([harmless(name), *map(decimals, clip.values[frames, column].tolist())])
        return 0 if clip is None else len(clip)


def row_name(name: str) -> str:
    """`name` as Unreal keeps and compares it."""
    return "".join(c for c in name if c not in DROPPED).lower()


def _check_names(names: tuple[str, ...], path: Path) -> None:
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(row_name(name), name)
        if not row_name(name) or row_name(name) == "none":
            raise OutputError(f"a CurveTable cannot hold the curve {name!r}", where=str(path),
                              fix="rename it in the rig, or write a .unreal.csv")
        if other is not name:
            raise OutputError(f"a CurveTable takes the curves {other!r} and {name!r} for one",
                              where=str(path), fix="rename one of them in the rig, or write a .unreal.csv")
