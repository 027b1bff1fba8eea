"""Blender without a window: its importer opens the glTF, its clock plays it, its exporter writes it again."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tools.judges import Judged, JudgeMissing
from tools.judges.gltf_pygltflib import frame_rate
from tools.judges.programs import INSTALL

Array = NDArray[np.float64]

SCRIPT: Final = Path(__file__).with_name("gltf_blender_child.py")
LONGEST_SECS: Final = 900


def read(path: Path) -> Judged:
    """Shape keys at every frame. Raises JudgeMissing."""
    found = _told(path)
    values = np.array(list(found["numbers"].values()), np.float64).T
    return Judged(names=tuple(found["numbers"]), fps=frame_rate(path)[0], values=values, keys=found["keys"])


def posed_points(path: Path, frames: tuple[int, ...]) -> list[Array]:
    """Points [N, 3] of the meshes in metres, morphed and skinned, in no order."""
    return [np.array(points).reshape(-1, 3) for points in _told(path, *frames)["points"]]


def exported_again(path: Path, out: Path) -> None:
    """Import `path` and write it to `out`, with bones as Blender turns them and a key on every frame."""
    _told(path, export=out)


def _told(path: Path, *posed: int, export: Path | None = None) -> Any:
    blender = shutil.which("blender")
    if blender is None:
        raise JudgeMissing(f"needs Blender: {INSTALL}")
    fps, frames = frame_rate(path)
    clock = -(-fps.numerator // fps.denominator)  # Blender's has whole rates only
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.json"
        asked = {"file": str(path), "told": str(told), "clock": clock,
                 "frames": [float(k * clock / fps) for k in range(frames)],
                 "posed": [float(k * clock / fps) for k in posed],
                 "export": None if export is None else str(export)}
        command = [blender, "-b", "--factory-startup", "--python-exit-code", "3", "-P", str(SCRIPT), "--"]
        done = subprocess.run([*command, json.dumps(asked)], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=LONGEST_SECS)
        if done.returncode or not told.is_file():
            raise RuntimeError(f"Blender ends with {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
        return json.loads(told.read_text("utf-8"))
