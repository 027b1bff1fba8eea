"""pymeshio (PyPI, zlib licence), a reader of MikuMikuDance's files by others."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation, Slerp

from tools.judges import Judged, JudgeMissing

FPS: Final = Fraction(30)
ENCODING: Final = "cp932"
LINEAR: Final = (20, 20, 107, 107)  # x1 y1 x2 y2 of a handle on the diagonal
HANDLES: Final = 16  # bytes of the easing's first row: x1 of x, y, z, turn, then y1 of all, x2, y2


def read(path: Path) -> Judged:
    """Morph weights at every frame. Raises JudgeMissing where pymeshio is not installed."""
    motion = _motion(path)
    tracks: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for key in motion.shapes:
        tracks[key.name.decode(ENCODING)].append((key.frame, key.ratio))
    frames = np.arange(max(key.frame for key in motion.shapes) + 1)
    columns = [np.interp(frames, *zip(*sorted(keys), strict=True)) for keys in tracks.values()]
    return Judged(names=tuple(tracks), fps=FPS, values=np.stack(columns, 1), keys=len(motion.shapes))


def turns(path: Path) -> dict[str, NDArray[np.float64]]:
    """Rotations [T, 4] (x y z w, the program's axes) of each bone at every frame up to its last key."""
    tracks: dict[str, list[Any]] = defaultdict(list)
    for key in _motion(path).motions:
        if any(_handles(key, axis) != LINEAR for axis in range(4)):
            raise ValueError(f"a key of {key.name!r} is eased: {key.complement}")
        tracks[key.name.decode(ENCODING)].append(key)
    out = {}
    for name, keys in tracks.items():
        at = [key.frame for key in keys]
        turned = Rotation.from_quat([[key.q.x, key.q.y, key.q.z, key.q.w] for key in keys])
        every = np.arange(at[-1] + 1)
        out[name] = (Slerp(at, turned)(every) if len(at) > 1 else turned).as_quat()
    return out


def _handles(key: Any, axis: int) -> tuple[int, ...]:
    row = [int(key.complement[2 * k : 2 * k + 2], 16) for k in range(HANDLES)]
    return tuple(row[axis::4])


@dataclass(frozen=True, slots=True)
class _Motion:
    """Keys as pymeshio reads them."""

    model: bytes
    motions: list[Any]
    shapes: list[Any]


def _motion(path: Path) -> _Motion:
    try:
        from pymeshio.vmd import reader
    except ImportError:
        raise JudgeMissing("needs pymeshio: pip install pymeshio==3.0.1") from None
    # `reader.read` compares the signature with a str, which no bytes equal under Python 3: so step by step.
    with path.open("rb") as file:
        parts = reader.Reader(file)
        if not parts.unpack("30s", 30).startswith(b"Vocaloid Motion Data 0002"):
            raise ValueError(f"{path} has another signature")
        model = parts.read_text(20)
        motions = [parts.read_bone_frame() for _ in range(parts.unpack("I", 4))]
        shapes = [parts.read_morph_frame() for _ in range(parts.unpack("I", 4))]
        rest = file.read()
    if rest.strip(b"\0"):
        raise ValueError(f"{path} has {len(rest)} bytes behind its morphs")
    return _Motion(model, motions, shapes)
