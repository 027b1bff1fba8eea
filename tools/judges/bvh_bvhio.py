"""BVH as bvhio (PyPI) reads it: it multiplies the channels of a joint into a quaternion itself.

Bones come as the canonical angles, radians: yaw, pitch and roll of the rotation that bvhio found.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.mesh.turns import angles_of
from tools.judges import Judged, JudgeMissing

LARGEST_DENOMINATOR: Final = 1001  # of frame rates


def joints(path: Path) -> tuple[dict[str, Any], float]:
    """The joints by name, and the frame time in seconds. Raises JudgeMissing without bvhio."""
    try:
        import bvhio  # type: ignore[import-untyped]
    except ImportError:
        raise JudgeMissing("BVH files need bvhio: pip install bvhio") from None
    container = bvhio.readAsBvh(str(path))
    found: dict[str, Any] = {}

    def collect(joint: Any) -> None:
        found[joint.Name] = joint
        for child in joint.Children:
            collect(child)

    collect(container.Root)
    return found, float(container.FrameTime)


def quaternions(joint: Any) -> NDArray[np.float64]:
    """(w, x, y, z) [T, 4] of a joint's frames."""
    turns = [pose.Rotation for pose in joint.Keyframes]
    return np.array([(q.w, q.x, q.y, q.z) for q in turns], np.float64)


def read(path: Path) -> Judged:
    """How head and eyes turn at every frame."""
    found, frame_time = joints(path)
    names: list[str] = []
    columns = []
    for name in ("head", "leftEye", "rightEye"):
        if name in found:
            names += [name + axis for axis in ("Yaw", "Pitch", "Roll")]
            columns.append(angles_of(quaternions(found[name])))
    values = np.concatenate(columns, axis=1)
    fps = Fraction(1 / frame_time).limit_denominator(LARGEST_DENOMINATOR)
    return Judged(names=tuple(names), fps=fps, values=values, keys=values.size)
