"""VMD, MikuMikuDance's motions (Vocaloid Motion Data 0002): morphs, and the bones of head and eyes.

    header    "Vocaloid Motion Data 0002" in 30 bytes, the model's name in 20
    bones     count; then 111 bytes a key: name 15, frame u32, offset 3 f32, turn x y z w f32, easing 64
    morphs    count; then 23 bytes a key: name 15, frame u32, weight f32
    cameras, lights, shadows, inverse kinematics: count 0 each

Names are Shift-JIS (code page 932), numbers little-endian, frames 30 a second. Weights run straight between
keys, and rotations along the shortest turn; the easing says straight, too.

The program's axes are the head's with z mirrored: it faces -z, x is its left, y up. The eyes of such models
are no balls: their bones lie deep in the head, and an eye's whole angle would push the iris out of the white.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.curves import CurveClip
from facerig.errors import ConfigError, OutputError
from facerig.mesh.turns import quaternions, turn_angles
from facerig.sinks.exporter import ExportInfo
from facerig.sinks.keys import EYES_DEGREES, HEAD_DEGREES, kept_keys, kept_turns
from facerig_exporters.face_scene import joined_clip

Array = NDArray[np.float64]
Keys = NDArray[Any]  # of BONE_KEY or MORPH_KEY

MAGIC: Final = b"Vocaloid Motion Data 0002"
MAGIC_BYTES, MODEL_BYTES, NAME_BYTES = 30, 20, 15
ENCODING: Final = "cp932"
BONE_KEY: Final = np.dtype([("name", f"S{NAME_BYTES}"), ("frame", "<u4"), ("offset", "<f4", (3,)),
                            ("turn", "<f4", (4,)), ("easing", "u1", (64,))])
MORPH_KEY: Final = np.dtype([("name", f"S{NAME_BYTES}"), ("frame", "<u4"), ("weight", "<f4")])
EYE_SHARE: Final = 0.5  # of an eye's angle
#           joint       bone   share of its angle   what keys may leave out
BONES: Final = (
    ("head",     "頭",   1.0,       HEAD_DEGREES),
    ("leftEye",  "左目", EYE_SHARE, EYES_DEGREES),
    ("rightEye", "右目", EYE_SHARE, EYES_DEGREES),
)  # fmt: skip
MIRRORED: Final = np.array([-1.0, -1.0, 1.0, 1.0])  # x y z w of a turn, z mirrored


class Vmd:
    """See the module's text. `model` is shown where the motion is loaded onto a model of another name."""

    name: ClassVar[str] = "vmd"
    endings: ClassVar[tuple[str, ...]] = (".vmd",)
    summary: ClassVar[str] = "VMD for MikuMikuDance: morphs, head and eye bones, 30 fps"
    rig: ClassVar[str] = "mmd"
    fps: ClassVar[Fraction] = Fraction(30)
    keyed: ClassVar[bool] = True
    turns: ClassVar[bool] = True

    def __init__(self, model: str = "facerig") -> None:
        self._model = _encoded(model)
        if self._model is None or len(self._model) > MODEL_BYTES:
            raise ConfigError(f"{model!r} is no name of a model: more than {MODEL_BYTES} bytes of Shift-JIS, "
                              "or letters that it lacks", where="vmd", fix="give a shorter one, or none")

    def write(self, path: Path, pieces: Iterable[CurveClip], info: ExportInfo) -> int:
        """Write `pieces` and return the number of frames. Raises OutputError for names that do not fit."""
        names = morph_names(info.names, path)
        clip = joined_clip(pieces)
        bones, morphs = np.zeros(0, BONE_KEY), np.zeros(0, MORPH_KEY)
        if clip is not None:
            bones, morphs = _bone_keys(clip, info), _morph_keys(clip, names, info)
        with path.open("wb") as file:
            file.write(MAGIC.ljust(MAGIC_BYTES, b"\0") + (self._model or b"").ljust(MODEL_BYTES, b"\0"))
            for keys in (bones, morphs):
                file.write(struct.pack("<I", len(keys)) + keys.tobytes())
            file.write(struct.pack("<4I", 0, 0, 0, 0))
        return 0 if clip is None else len(clip)


def morph_names(names: Sequence[str], where: Path) -> list[bytes]:
    """`names` as a motion holds them. Raises OutputError for the first that it cannot hold."""
    taken: dict[bytes, str] = {}
    for name in names:
        encoded = _encoded(name)
        if encoded is None:
            raise OutputError(f"the curve {name!r} has letters that Shift-JIS lacks", where=str(where),
                              fix="write a rig whose names have Japanese or English letters: --rig mmd")
        if len(encoded) > NAME_BYTES:
            raise OutputError(f"the curve {name!r} fills {len(encoded)} bytes of Shift-JIS, not {NAME_BYTES}",
                              where=str(where), fix="write a rig of shorter names: --rig mmd")
        if encoded in taken:
            raise OutputError(f"the curves {taken[encoded]!r} and {name!r} are one name in Shift-JIS",
                              where=str(where), fix="rename one of them in the rig")
        taken[encoded] = name
    return list(taken)


def _encoded(name: str) -> bytes | None:
    try:
        return name.encode(ENCODING)
    except UnicodeEncodeError:
        return None


def _morph_keys(clip: CurveClip, names: list[bytes], info: ExportInfo) -> Keys:
    blocks = [np.zeros(0, MORPH_KEY)]
    for column, (name, kept) in enumerate(zip(names, kept_keys(clip, info), strict=True)):
        keys = np.zeros(len(kept), MORPH_KEY)
        keys["name"], keys["frame"], keys["weight"] = name, kept + clip.start, clip.values[kept, column]
        blocks.append(keys)
    return np.concatenate(blocks)


def _bone_keys(clip: CurveClip, info: ExportInfo) -> Keys:
    face, blocks = clip.face_values, []
    for joint, bone, share, degrees in BONES:
        turns = quaternions(turn_angles(face, joint) * share)
        kept = kept_turns(turns, info, degrees)
        keys = np.zeros(len(kept), BONE_KEY)
        keys["name"], keys["frame"], keys["easing"] = bone.encode(ENCODING), kept + clip.start, _STRAIGHT
        keys["turn"] = turns[kept][:, [1, 2, 3, 0]] * MIRRORED
        blocks.append(keys)
    return np.concatenate(blocks)


def _straight() -> NDArray[np.uint8]:
    """Easing that is none, of a key's x, y, z and turn: handles on the diagonal, 20 and 107 of 127.

    Four rows of 16 bytes; each is the first one moved on by another byte, as the program writes it.
    """
    first = [20] * 8 + [107] * 8
    rows = [[*first[k:], 1, 0, 0][:16] for k in range(4)]
    return np.array(rows, np.uint8).ravel()


_STRAIGHT: Final = _straight()
