"""FLAME's parameters as numpy arrays, under the names that smplx takes.

    take = numpy.load("line.flame.npz")
    smplx_flame(expression=take["expression"], jaw_pose=take["jaw_pose"], ...)

    expression [T, E]   jaw_pose, neck_pose, leye_pose, reye_pose [T, 3] axis times angle, radians
    eyelids [T, 2]      left, right: for trackers' eyelid shapes, which FLAME itself lacks
    fps, start_frame    numbers

A frame a row, float32, no pickle inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.curves import CurveClip
from facerig.errors import OutputError
from facerig.sinks.exporter import ExportInfo
from facerig_exporters.rows import checked_rows

POSES: Final = ("jaw_pose", "neck_pose", "leye_pose", "reye_pose")
EYELIDS: Final = ("eyelid_0", "eyelid_1")
_EXPRESSION: Final = re.compile(r"expression_(\d{2})")


class FlameNpz:
    """See the module's text."""

    name: ClassVar[str] = "flame-npz"
    endings: ClassVar[tuple[str, ...]] = (".flame.npz",)
    summary: ClassVar[str] = "FLAME parameters for smplx and numpy: expression, jaw, neck, eyes, eyelids"
    rig: ClassVar[str] = "flame"

    def write(self, path: Path, pieces: Iterable[CurveClip], info: ExportInfo) -> int:
        """Write `pieces` and return the number of frames. Raises OutputError for another rig."""
        count = sum(bool(_EXPRESSION.fullmatch(name)) for name in info.names)
        groups = {"expression": tuple(f"expression_{k:02d}" for k in range(count)),
                  **{pose: tuple(f"{pose}_{axis}" for axis in range(3)) for pose in POSES},
                  "eyelids": EYELIDS}
        if not count or not set(groups["expression"] + groups["jaw_pose"]) <= set(info.names):
            raise OutputError(f"{info.rig} is no rig of FLAME's parameters", where=str(path),
                              fix="leave --rig out, or give one that `facerig rig fit-flame` made")
        names = tuple(name for group in groups.values() for name in group)
        rows = [np.asarray(values, np.float32) for _, values in checked_rows(pieces, names)]
        values = np.array(rows, np.float32).reshape(-1, len(names))
        arrays: dict[str, NDArray[np.generic]] = {}
        at = 0
        for key, group in groups.items():
            arrays[key] = values[:, at:at + len(group)]
            at += len(group)
        arrays |= {"fps": np.array(float(info.fps)), "start_frame": np.array(info.start_frame)}
        with path.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        return len(rows)
