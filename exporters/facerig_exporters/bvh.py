"""BVH: how head and eyes turn, as a skeleton in motion. It holds no shapes of the face.

Joints root > head > leftEye, rightEye, as in the FBX and glTF files; centimetres, y up, z to the front, x to
the subject's left. Channels stand as Yrotation Xrotation Zrotation, degrees: a point is turned around z
(minus roll), then x (pitch), then y (minus yaw), which Blender calls ZXY. Every frame is written; the frame
time has twelve digits, so that an hour is exact to a microsecond. Frame 0 stands at the beginning of the
sound; BVH has no timecode.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.curves import CurveClip
from facerig.mesh.head import Head, shipped_head
from facerig.mesh.turns import turn_angles
from facerig.sinks.exporter import ExportInfo
from facerig_exporters.rows import checked_pieces

MM_PER_CM: Final = 10.0
EYES: Final = ("leftEye", "rightEye")
SIGNS: Final = (-1.0, 1.0, -1.0)  # of yaw, pitch and roll, as turns around y, x and z
TURNS: Final = "CHANNELS 3 Yrotation Xrotation Zrotation"
LOOK_MM: Final = (0.0, 0.0, 100.0)  # where a joint without children points
DECIMALS: Final = 6  # of degrees
_COUNT_ROOM: Final = 10  # digits: the number of frames stands before them and is known after them


class Bvh:
    """See the module's text."""

    name: ClassVar[str] = "bvh"
    endings: ClassVar[tuple[str, ...]] = (".bvh",)
    summary: ClassVar[str] = "BVH: head and eyes as turning joints, no shapes"
    turns: ClassVar[bool] = True

    def write(self, path: Path, pieces: Iterable[CurveClip], info: ExportInfo) -> int:
        """Write `pieces` and return the number of frames."""
        head = shipped_head() if info.head is None else info.head()
        joints = ("head", *EYES[:len(head.eyes)])
        row = "0 0 0 0 0 0 " + " ".join([f"{{:.{DECIMALS}f}}"] * 3 * len(joints)) + "\n"
        n_frames = 0
        with path.open("w+", encoding="ascii", newline="") as file:
            file.write(_hierarchy(head) + "MOTION\nFrames: ")
            count_at = file.tell()
            file.write(" " * _COUNT_ROOM + f"\nFrame Time: {float(1 / info.fps):.12f}\n")
            for piece in checked_pieces(piece.canonical for piece in pieces):
                face = piece.face_values
                degrees = np.concatenate([_degrees(turn_angles(face, joint)) for joint in joints], axis=1)
                file.writelines(row.format(*values) for values in degrees.tolist())
                n_frames += len(piece)
            file.seek(count_at)
            file.write(f"{n_frames:{_COUNT_ROOM}d}")
        return n_frames


def _degrees(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((np.degrees(angles) * SIGNS).round(DECIMALS) + 0.0)  # minus zero becomes zero


def _hierarchy(head: Head) -> str:
    eyes = [_joint(name, eye.centre - head.pivot, [_end(LOOK_MM)])
            for name, eye in zip(EYES, head.eyes, strict=False)]
    inner = _joint("head", head.pivot, eyes or [_end(LOOK_MM)])
    place = "CHANNELS 6 Xposition Yposition Zposition Yrotation Xrotation Zrotation"
    return "HIERARCHY\n" + _block("ROOT root", [_offset(np.zeros(3)), place], [inner])


def _joint(name: str, offset: NDArray[np.floating], children: list[str]) -> str:
    return _block(f"JOINT {name}", [_offset(offset), TURNS], children)


def _end(offset: tuple[float, ...]) -> str:
    return _block("End Site", [_offset(np.array(offset))], [])


def _offset(mm: NDArray[np.floating]) -> str:
    return "OFFSET " + " ".join(f"{float(v) / MM_PER_CM + 0.0:.4f}" for v in mm)


def _block(title: str, lines: list[str], children: list[str]) -> str:
    inside = [*lines, *(line for child in children for line in child.splitlines())]
    return "\n".join([title, "{", *("\t" + line for line in inside), "}"]) + "\n"
