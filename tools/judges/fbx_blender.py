"""Blender without a window: its importer opens the file, its own clock plays it."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tools.judges import Judged, JudgeMissing
from tools.judges.fbx_ufbx import take
from tools.judges.programs import INSTALL

Array = NDArray[np.float64]

SCRIPT: Final = Path(__file__).with_name("blender_child.py")


def read(path: Path) -> Judged:
    """Shape keys at every frame of the take; Blender knows no animated attributes. Raises JudgeMissing."""
    _, first, frames = take(path)
    found = _told(path, first, frames)
    values = np.array(list(found["numbers"].values()), np.float64).reshape(-1, frames).T
    return Judged(names=tuple(found["numbers"]), fps=Fraction(found["fps"]).limit_denominator(1001),
                  values=values, keys=len(found["key_frames"]), remarks=_remarks(found))


def key_frames(path: Path) -> Array:
    """Where the keys stand, in frames of the file; Blender's importer sets frame 0 at its frame 1, and see
    `blender_child.lateness`."""
    found = _told(path, 0, 1)
    return (np.array(found["key_frames"]) - 1) / float(found["late"])


def posed_points(path: Path, frames: tuple[int, ...]) -> dict[int, Array]:
    """The mesh's points [N, 3], morphed and skinned, in centimetres on the file's own axes."""
    points = _told(path, 0, 1, *frames)["points"]
    return {frame: np.array(points[str(frame)]).reshape(-1, 3) for frame in frames}


def exported_again(path: Path, out: Path) -> None:
    """Import `path` and write it to `out` with Blender's own exporter."""
    _told(path, 0, 1, export=out)


def _remarks(found: Any) -> tuple[str, ...]:
    return () if found["late"] == 1 else (f"Blender plays it {found['late']:.4f} times too slowly",)


def _told(path: Path, first: int, frames: int, *posed: int, export: Path | None = None) -> Any:
    blender = shutil.which("blender")
    if blender is None:
        raise JudgeMissing(f"needs Blender: {INSTALL}")
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.json"
        asked = {"file": str(path), "told": str(told), "first": first, "frames": frames, "posed": posed,
                 "export": None if export is None else str(export)}
        command = [blender, "-b", "--factory-startup", "-P", str(SCRIPT), "--", json.dumps(asked)]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=900)
        if not told.is_file():
            raise RuntimeError(f"Blender ends with {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
        return json.loads(told.read_text())
