"""VMD, MikuMikuDance's motions: the morphs of a model, straight between their keys, at 30 frames a second.

Bones are not curves, and are left out with a remark; so are cameras, lights and shadows.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.curve_files.named import NamedCurves, bad, check_names, named_curves
from facerig.errors import ConfigError

FPS: Final = Fraction(30)
MAGIC: Final = b"Vocaloid Motion Data"
MAGIC_BYTES, NAME_BYTES, BONE_BYTES = 30, 15, 111
MODEL_BYTES: Final = {b"Vocaloid Motion Data 0002": 20, b"Vocaloid Motion Data file": 10}  # by version
MORPH_KEY: Final = np.dtype([("name", f"S{NAME_BYTES}"), ("frame", "<u4"), ("weight", "<f4")])
ENCODING: Final = "cp932"
MOST_VALUES: Final = 5 * 10**7  # 40 morphs for 12 hours
LARGEST_BYTES: Final = 1 << 30


def begins(head: bytes) -> bool:
    """Whether a file that begins so is a motion."""
    return head.startswith(MAGIC)


def read(path: Path) -> NamedCurves:
    """The morphs of the motion `path`. Raises ConfigError for a file that is none, or is damaged."""
    if path.stat().st_size > LARGEST_BYTES:
        raise bad(path, "is larger than a motion gets", "give a .vmd of one model's motion")
    data = path.read_bytes()
    version = data[:MAGIC_BYTES].split(b"\0")[0]
    if version not in MODEL_BYTES:
        raise bad(path, "is no motion of MikuMikuDance", "give a .vmd file")
    n_bones, at = _count(path, data, MAGIC_BYTES + MODEL_BYTES[version])
    n_morphs, at = _count(path, data, at + n_bones * BONE_BYTES)
    if len(data) - at < n_morphs * MORPH_KEY.itemsize:
        raise _cut(path)
    if not n_morphs:
        raise bad(path, "holds no morphs", "save the motion of the face, not of the body alone")
    names, values = _morphs(path, np.frombuffer(data, MORPH_KEY, n_morphs, at))
    remarks = [f"{n_bones} keys of bones are left out: only morphs are curves"] if n_bones else []
    return named_curves(path, names, values, FPS, remarks=remarks)


def _count(path: Path, data: bytes, at: int) -> tuple[int, int]:
    """The number that stands `at`, and where what it counts begins."""
    if at + 4 > len(data):
        raise _cut(path)
    return int(struct.unpack_from("<I", data, at)[0]), at + 4


def _cut(path: Path) -> ConfigError:
    return bad(path, "is cut short, or damaged", "save the motion again")


def _morphs(path: Path, keys: NDArray[Any]) -> tuple[list[str], NDArray[np.float64]]:
    """Names in the order in which they first stand, and values [T, len(names)]."""
    frames = int(keys["frame"].max()) + 1
    labels = [_text(raw) for raw in keys["name"].tolist()]
    rows: dict[str, list[int]] = {}
    for row, label in enumerate(labels):
        rows.setdefault(label, []).append(row)
    check_names(path, list(rows), "morph")
    if frames * len(rows) > MOST_VALUES:
        raise bad(path, f"has {len(rows)} morphs up to frame {frames - 1}", "cut the motion into parts")
    values = np.zeros((frames, len(rows)))
    for column, own in enumerate(rows.values()):
        values[:, column] = _track(keys[own], frames)
    return list(rows), values


def _text(raw: bytes) -> str:
    """A name without what follows its zero byte, or a letter that 15 bytes cut in two."""
    return raw.split(b"\0")[0].decode(ENCODING, "ignore")


def _track(keys: NDArray[Any], frames: int) -> NDArray[np.float64]:
    """Weight at every frame [frames]: level before the first key and behind the last one."""
    keys = keys[np.argsort(keys["frame"], kind="stable")]
    return np.asarray(np.interp(np.arange(frames), keys["frame"], np.asarray(keys["weight"], np.float64)))
