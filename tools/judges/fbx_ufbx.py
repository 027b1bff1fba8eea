"""ufbx, through its Python package: the reader in Godot and others.

It runs in a process of its own (`ufbx_child.py`), which a fault of the package takes down without harm.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tools.judges import Judged, JudgeMissing
from tools.judges.gltf_pygltflib import live_link_angles

Array = NDArray[np.float64]

CHILD: Final = Path(__file__).with_name("ufbx_child.py")


def read(path: Path) -> Judged:
    """Blendshapes (0 to 1), attributes, and the turns of head and eyes at every frame of the take."""
    found = scene(path)
    turns = {name.removeprefix("facerig_"): np.array(xyzw) for name, xyzw in found["turns"].items()}
    names, angles = live_link_angles(turns, found["frames"])
    numbers = np.array(list(found["numbers"].values()), np.float64).reshape(-1, found["frames"])
    values = np.concatenate([numbers.T, angles], 1)
    return Judged(names=(*found["numbers"], *names), fps=Fraction(found["fps"]), values=values,
                  keys=len(found["key_secs"]), remarks=tuple(found["warnings"]))


def scene(path: Path, posed: tuple[int, ...] = ()) -> Any:
    """What the file holds: fps, time_mode, version, unit_metres, begin (secs), frames, numbers and turns (by
    name, at each frame), key_secs (of all keys), sounds, warnings; points (by frame of `posed`, of the mesh,
    centimetres). Raises JudgeMissing without ufbx."""
    if importlib.util.find_spec("ufbx") is None:
        raise JudgeMissing("needs ufbx: pip install ufbx")
    done = subprocess.run([sys.executable, str(CHILD), str(path), *map(str, posed)], capture_output=True,
                          text=True, encoding="utf-8", stdin=subprocess.DEVNULL, timeout=300)
    if done.returncode:
        raise RuntimeError(f"ufbx: {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout)


def take(path: Path) -> tuple[Fraction, int, int]:
    """Rate, first frame, and number of frames of a file's take, for judges that do not ask it."""
    found = scene(path)
    fps = Fraction(found["fps"])
    return fps, round(found["begin"] * fps), found["frames"]


def posed_points(path: Path, frames: tuple[int, ...]) -> dict[int, Array]:
    """The mesh's points [N, 3] in centimetres at `frames` after the first, morphed and skinned by ufbx."""
    points = scene(path, frames)["points"]
    return {frame: np.array(points[str(frame)]) for frame in frames}
