"""Curves for an AnimSequence of Unreal, a key a line:

    curve_name,frame_number,value
    jawOpen,0,0.0000000
    jawOpen,4,0.3125000

Frames count from 0, where an AnimSequence begins, whatever the timecode; their rate is not in the file. Keys
are linear. In Unreal's editor, with `rate` as animated (curves drive morph targets of their names):

    import csv, unreal
    keys = {}
    for row in csv.DictReader(open("line.unreal.csv", encoding="utf-8")):
        key = int(row["frame_number"]) / rate, float(row["value"])
        keys.setdefault(row["curve_name"], []).append(key)
    for name, pairs in keys.items():
        unreal.AnimationLibrary.add_curve(sequence, name)
        unreal.AnimationLibrary.add_float_curve_keys(sequence, name, *map(list, zip(*pairs)))

The rig is Live Link's, for it has head and eyes too, as curves in radians; Unreal does not mind case, so that
`headYaw` is a MetaHuman's `HeadYaw`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from facerig.core.curves import CurveClip
from facerig.sinks.exporter import ExportInfo
from facerig.sinks.keys import kept_keys
from facerig_exporters.face_scene import joined_clip
from facerig_exporters.rows import decimals, harmless


class UnrealCsv:
    """See the module's text."""

    name: ClassVar[str] = "unreal-csv"
    endings: ClassVar[tuple[str, ...]] = (".unreal.csv",)
    summary: ClassVar[str] = "Unreal curve keys: curve_name, frame_number, value, for an AnimSequence"
    keyed: ClassVar[bool] = True

    def write(self, path: Path, pieces: Iterable[CurveClip], info: ExportInfo) -> int:
        """Write `pieces` and return the number of frames."""
        clip = joined_clip(pieces)
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(("curve_name", "frame_number", "value"))
            if clip is not None:
                for column, frames in enumerate(kept_keys(clip, info)):
                    name, values = harmless(clip.names[column]), clip.values[frames, column]
                    rows.writerows((name, frame, decimals(value))
                                   for frame, value in zip(frames.tolist(), values.tolist(), strict=True))
        return 0 if clip is None else len(clip)
