"""three.js under node: its FBXLoader opens the file, its AnimationMixer plays it, its mesh bends."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.judges import Judged
from tools.judges.fbx_ufbx import take
from tools.judges.gltf_pygltflib import live_link_angles
from tools.judges.programs import node_json

Array = NDArray[np.float64]


def read(path: Path) -> Judged:
    """Blendshapes and turns at every frame; three.js knows no attributes, and asks no file for its rate: ufbx
    does. Raises JudgeMissing."""
    fps, first, frames = take(path)
    found = _played(path, fps, first, frames)
    turns = {name: np.array(xyzw) for name, xyzw in found["turns"].items() if name != "root"}
    names, angles = live_link_angles(turns, frames)
    values = np.concatenate([np.array(found["weights"], np.float64).reshape(frames, -1), angles], 1)
    return Judged(names=(*found["names"], *names), fps=fps, values=values,
                  keys=sum(len(times) for _, times in found["keys"]))


def key_frames(path: Path, fps: Fraction) -> Array:
    """Where the keys of all tracks stand, in frames; float32 seconds in three.js."""
    return np.concatenate([np.array(times) for _, times in _played(path, fps, 0, 1)["keys"]]) * float(fps)


def posed_points(path: Path, fps: Fraction, frames: tuple[int, ...]) -> dict[int, Array]:
    """Corners of all triangles [3 M, 3] in centimetres, morphed and skinned: three.js shares no points."""
    points = _played(path, fps, 0, 1, *frames)["points"]
    return {frame: np.array(points[str(frame)]).reshape(-1, 3) for frame in frames}


def _played(path: Path, fps: Fraction, first: int, frames: int, *posed: int) -> Any:
    return node_json("fbx_three.mjs", str(path), repr(float(fps)), str(first), str(frames), *map(str, posed))
