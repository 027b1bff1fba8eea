"""FBX2glTF, which holds Autodesk's FBX SDK: the SDK opens the file and plays it, at 24, 30 or 60 fps.

The SDK's word is read off the glTF that the program writes, so rates other than those three can only be
compared at the moments it has sampled: `played`.
"""

from __future__ import annotations

import platform
import subprocess
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tools.judges import Judged, JudgeMissing
from tools.judges.fbx_ufbx import take
from tools.judges.gltf_pygltflib import accessor, live_link_angles, opened
from tools.judges.programs import INSTALL, NODE_SCRIPTS

Array = NDArray[np.float64]

RATES: Final = (24, 30, 60)
_PROGRAMS: Final = {"Linux": "Linux/FBX2glTF", "Darwin": "Darwin/FBX2glTF",
                    "Windows": "Windows_NT/FBX2glTF.exe"}


def read(path: Path) -> Judged:
    """Blendshapes and turns at every frame of a file whose rate is one of RATES. Raises JudgeMissing without
    FBX2glTF, and ValueError for another rate."""
    fps, _, _ = take(path)
    if fps not in RATES:
        raise ValueError(f"FBX2glTF samples at {RATES} frames a second, not {fps}")
    secs, names, values = played(path, int(fps))
    return Judged(names=names, fps=Fraction(fps), values=values, keys=len(secs) * len(names))


def played(path: Path, fps: int) -> tuple[Array, tuple[str, ...], Array]:
    """Seconds [T], names, and values [T, n], sampled by the SDK at one of RATES."""
    program = NODE_SCRIPTS / "node_modules" / "fbx2gltf" / "bin" / _PROGRAMS.get(platform.system(), "none")
    if not program.is_file():
        raise JudgeMissing(f"needs the judges' packages: {INSTALL}")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        program.chmod(0o755)
        command = [str(program), "-b", "--anim-framerate", f"bake{fps}", "-i", str(path), "-o", str(out)]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=600)
        if done.returncode:
            raise RuntimeError(f"FBX2glTF ends with {done.returncode}: {(done.stdout + done.stderr)[-1000:]}")
        return _sampled(out.with_suffix(".glb"))


def _sampled(path: Path) -> tuple[Array, tuple[str, ...], Array]:
    document = opened(path)
    secs, names, columns = np.zeros(0), [], []
    turns: dict[str, Array] = {}
    for channel in document.animations[0].channels:
        sampler = document.animations[0].samplers[channel.sampler]
        node, output = document.nodes[channel.target.node], accessor(document, sampler.output)
        secs = accessor(document, sampler.input)[:, 0]
        if channel.target.path == "weights":
            targets = document.meshes[node.mesh].primitives[0].targets
            names = [document.accessors[target["POSITION"]].name for target in targets]
            columns = list(output.reshape(len(secs), len(names)).T)
        elif channel.target.path == "rotation" and node.name != "root":
            turns[node.name.removeprefix("facerig_")] = output
    angle_names, angles = live_link_angles(turns, len(secs))
    return secs, (*names, *angle_names), np.concatenate([np.stack(columns, 1), angles], 1)
