"""FLAME's parameters as tools leave them: an npz with arrays of a frame a row.

Names differ from tool to tool (DECA, EMOCA, EMOTE, SMIRK, GaussianAvatars, smplx): each array is known under
several. Poses are axis times angle in radians, or matrices [T, 3, 3]. Expressions are the first 10, 50 or 100
of FLAME's. The head's turn is neck and global rotation together; a file in a camera's axes, whose heads are
all turned round, counts from its first frame.
"""

from __future__ import annotations

import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from facerig.curve_files.named import NamedCurves, bad, named_curves, shown

Array = NDArray[np.float64]

GUESSED_FPS: Final = Fraction(25)  # of a file that tells none: what videos of talking heads mostly have
MOST_FRAMES: Final = 10_000_000
TURNED_ROUND: Final = 1.4  # radians: heads do not turn so far; cameras' axes do
NTSC: Final = 1001

# what it is      names, lower case
_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "expression": ("expression", "expressions", "expression_params", "expression_coeffs", "expr", "exp",
                   "expcode", "exp_code", "flame_exp"),
    "jaw_pose":   ("jaw_pose", "jaw", "jawpose", "jaw_params", "jaw_pose_params"),
    "neck_pose":  ("neck_pose", "neck", "neckpose", "neck_pose_params"),
    "global":     ("global_orient", "global_pose", "global_rot", "rotation", "head_pose"),
    "leye_pose":  ("leye_pose", "leye", "left_eye_pose"),
    "reye_pose":  ("reye_pose", "reye", "right_eye_pose"),
    "eyes":       ("eyes_pose", "eye_pose", "eyes", "eye_pose_params"),  # left, then right
    "pose":       ("pose", "posecode", "pose_params", "full_pose", "flame_pose"),
    "eyelids":    ("eyelids", "eyelid_params", "eyelid"),  # left, right
    "fps":        ("fps", "frame_rate", "framerate", "mocap_framerate"),
}  # fmt: skip
# Columns of a pose that holds several, by its width
_PARTS: Final[dict[int, tuple[str, ...]]] = {
    3: ("global",),
    6: ("global", "jaw_pose"),  # DECA, EMOCA
    15: ("global", "neck_pose", "jaw_pose", "leye_pose", "reye_pose"),  # FLAME, smplx
}
_WIDTHS: Final = {"eyes": (6,), "eyelids": (2,), "pose": tuple(_PARTS), "expression": tuple(range(1, 101))}
_TURNS: Final = ("jaw_pose", "neck_pose", "leye_pose", "reye_pose", "global")


def read(path: Path) -> NamedCurves:
    """The curves of a file, named as the rig `flame` names them. Raises ConfigError."""
    arrays = _arrays(path)
    found = {what: arrays[name] for what, names in _NAMES.items()  # the first of the names holds
             for name in reversed(names) if name in arrays}
    rate = found.pop("fps", None)
    parts = {what: _rows(path, what, array) for what, array in found.items()}
    _split(path, parts)
    if "expression" not in parts and "jaw_pose" not in parts:
        held = ", ".join(map(shown, list(arrays)[:8]))
        raise bad(path, f"holds no FLAME parameters but {held or 'nothing'}",
                  "save the arrays expression [frames, 50 or 100] and jaw_pose [frames, 3] with numpy.savez")
    count = max(len(part) for part in parts.values())
    for what, part in parts.items():
        if len(part) not in (1, count):
            raise bad(path, f"{what} has {len(part)} frames, others {count}",
                      "give all arrays a row for each frame")
        parts[what] = np.broadcast_to(part, (count, part.shape[1])).copy()
    remarks = _with_head(parts)
    names, columns = _columns(path, parts)
    fps, known = _rate(path, rate)
    start = arrays.get("start_frame", np.array(0))
    return named_curves(path, names, columns, fps, start_frame=int(start) if start.size == 1 else 0,
                        fps_known=known,
                        remarks=remarks)


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The numeric arrays by lower-case name."""
    out: dict[str, NDArray[Any]] = {}
    refused = []
    try:
        with path.open("rb") as file:
            if file.read(2) != b"PK":
                raise bad(path, "is a pickle or a single array, not an npz; a pickle can run anything",
                          "in Python: numpy.savez('take.npz', expression=..., jaw_pose=...)")
            file.seek(0)
            with np.load(file, allow_pickle=False) as stored:
                for name in stored.files:
                    try:
                        array = stored[name]
                    except ValueError:  # an array of objects
                        refused.append(name)
                        continue
                    if array.dtype.kind in "fiu":
                        out[name.lower()] = array
    except (OSError, EOFError, ValueError, BadZipFile, zlib.error, KeyError, NotImplementedError,
            MemoryError) as problem:
        raise bad(path, f"is damaged or no npz ({str(problem)[:80]})",
                  "save it again with numpy.savez") from None
    if refused and not out:
        raise bad(path,
                  f"{shown(refused[0])} holds objects, which only a pickle can; a pickle can run anything",
                  "save plain arrays: numpy.savez('take.npz', expression=..., jaw_pose=...)")
    return out


def _rows(path: Path, what: str, array: NDArray[Any]) -> Array:
    """An array as a row for each frame. Matrices become axis times angle."""
    values = np.asarray(array, np.float64)
    if what in _TURNS and values.ndim >= 3 and values.shape[-2:] == (3, 3):
        if not np.isfinite(values).all() or (np.linalg.det(values.reshape(-1, 3, 3)) <= 0).any():
            raise bad(path, f"{what} holds matrices that are no rotations", "save axis times angle, radians")
        return np.asarray(Rotation.from_matrix(values.reshape(-1, 3, 3)).as_rotvec())
    flat = values.reshape(1, -1) if values.ndim == 1 else values
    while flat.ndim > 2 and 1 in flat.shape[:-1]:
        flat = flat.squeeze(flat.shape[:-1].index(1))
    if flat.ndim != 2 or not 0 < len(flat) <= MOST_FRAMES or not flat.shape[1]:
        raise bad(path, f"{what} is an array of {array.shape}, not of frames and parameters",
                  "give a row for each frame")
    width = _WIDTHS.get(what, (3,))
    if flat.shape[1] not in width:
        wanted = "1 to 100" if what == "expression" else " or ".join(map(str, width))
        raise bad(path, f"{what} has {flat.shape[1]} columns, not {wanted}",
                  "give FLAME's parameters as they come")
    return flat


def _split(path: Path, parts: dict[str, Array]) -> None:
    """Poses that hold several joints, taken apart; what stands alone holds."""
    whole = parts.pop("pose", None)
    if whole is not None:
        for k, name in enumerate(_PARTS[whole.shape[1]]):
            parts.setdefault(name, whole[:, 3 * k:3 * k + 3])
    eyes = parts.pop("eyes", None)
    if eyes is not None:
        parts.setdefault("leye_pose", eyes[:, :3])
        parts.setdefault("reye_pose", eyes[:, 3:])
    for name, part in parts.items():
        if not np.isfinite(part).all():
            frame = int(np.argwhere(~np.isfinite(part))[0, 0])
            raise bad(path, f"frame {frame + 1} of {name} is not a number",
                      "export the take again without it")


def _with_head(parts: dict[str, Array]) -> list[str]:
    """Global rotation and neck as one turn of the head, under `neck_pose`."""
    turn = parts.pop("global", None)
    if turn is None:
        return []
    rotation, remarks = Rotation.from_rotvec(turn), []
    if float(np.median(rotation.magnitude())) > TURNED_ROUND:
        rotation = rotation[0].inv() * rotation
        remarks.append("the head is turned round, as in a camera's axes: "
                       "its turn counts from the first frame")
    if "neck_pose" in parts:
        rotation = rotation * Rotation.from_rotvec(parts["neck_pose"])
    parts["neck_pose"] = rotation.as_rotvec()
    return remarks


def _columns(path: Path, parts: dict[str, Array]) -> tuple[list[str], Array]:
    names: list[str] = []
    for what, part in parts.items():
        prefix = "eyelid" if what == "eyelids" else what
        digits = 2 if what == "expression" else 1
        names += [f"{prefix}_{k:0{digits}d}" for k in range(part.shape[1])]
    return names, np.concatenate([*parts.values()], 1)


def _rate(path: Path, given: NDArray[Any] | None) -> tuple[Fraction, bool]:
    """The frame rate, exact where it is an NTSC one, and whether the file tells it."""
    if given is None:
        return GUESSED_FPS, False
    rate = float(given.reshape(-1)[0]) if given.size == 1 else 0.0
    if not 0 < rate < 1e6:  # also NaN
        raise bad(path, "its fps is not a number of frames a second", "save fps as one number")
    ntsc = Fraction(round(rate * NTSC / 1000) * 1000, NTSC)
    if abs(float(ntsc) - rate) < 0.0051 and abs(rate - round(rate)) > 1e-3:
        return ntsc, True
    return Fraction(rate).limit_denominator(1000), True
