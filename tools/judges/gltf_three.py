"""three.js under node: its GLTFLoader opens the file, its AnimationMixer plays it, its meshes bend."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.judges import Judged
from tools.judges.gltf_pygltflib import frame_rate, live_link_angles
from tools.judges.programs import node_json


def read(path: Path) -> Judged:
    """Morph weights and joints at every frame. Raises JudgeMissing."""
    fps, frames = frame_rate(path)
    found = _played(path, fps, frames, ())
    turns = {name: np.array(xyzw) for name, xyzw in found["turns"].items() if name != "root"}
    names, angles = live_link_angles(turns, frames)
    values = np.concatenate([np.array(found["weights"], np.float64).reshape(frames, -1), angles], 1)
    # three.js makes a track of each primitive
    morph_keys = [n for name, n in found["keys"] if name.endswith("morphTargetInfluences")]
    joint_keys = sum(n for _, n in found["keys"]) - sum(morph_keys)
    keys = max(morph_keys, default=0) * len(found["names"]) + joint_keys
    return Judged(names=(*found["names"], *names), fps=fps, values=values, keys=keys)


def posed_points(path: Path, frames: tuple[int, ...]) -> list[dict[str, NDArray[np.float64]]]:
    """For each of `frames` the points [n, 3] in metres by the name of their material, morphed and skinned."""
    fps, count = frame_rate(path)
    found = _played(path, fps, count, frames)
    return [{mesh["material"]: np.array(mesh["points"]).reshape(-1, 3)
             for mesh in found["points"][str(frame)]} for frame in frames]


def _played(path: Path, fps: Fraction, frames: int, posed: tuple[int, ...]) -> Any:
    return node_json("gltf_three.mjs", str(path), repr(float(fps)), str(frames), *map(str, posed))
