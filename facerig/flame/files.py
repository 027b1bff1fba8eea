"""The user's FLAME file: found, read safely, checked.

    generic_model.pkl          FLAME 2020, pickled by Python 2 with chumpy
    flame2023.pkl, .npz        FLAME 2023 (open)
    FLAME_NEUTRAL.pkl, .npz    how smplx names either

Both layouts have 5,023 points, 300 directions of identity and 100 of expression, and the joints root, neck,
jaw, left eye, right eye. Lengths are metres; y is up, z to the front.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from facerig.errors import ModelError
from facerig.flame.pickled import arrays_of_pickle

Array = NDArray[np.float64]

LAYOUTS: Final = ("2020", "2023")
# Names that a FLAME file goes by, in the order in which they are looked for in a folder
_NAMES: Final = {
    "2020": ("generic_model.pkl", "FLAME2020/generic_model.pkl", "flame2020.pkl"),
    "2023": ("flame2023.pkl", "flame2023.npz", "FLAME2023/flame2023.pkl", "flame2023_Open.pkl"),
    "": ("FLAME_NEUTRAL.pkl", "FLAME_NEUTRAL.npz", "flame/FLAME_NEUTRAL.pkl"),
}
N_IDENTITY: Final = 300
N_JOINTS: Final = 5  # root, neck, jaw, left eye, right eye
_PARENTS: Final = (0, 1, 1, 1)  # of all but the root
_FIX: Final = "give the neutral model from https://flame.is.tue.mpg.de: generic_model.pkl or flame2023.pkl"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlameFile:
    """A checked model of N points. `template` [N, 3] metres; `triangles` [M, 3]; `directions` [N, 3, 300 +
    E]; `pose_directions` [N, 3, 36]; `joints` [5, N] regressor; `weights` [N, 5] of skinning; `layout` 2020
    or 2023."""

    path: Path
    layout: str
    template: Array
    triangles: NDArray[np.int64]
    directions: Array
    pose_directions: Array
    joints: Array
    weights: Array

    @property
    def n_expressions(self) -> int:
        """How many directions of expression there are."""
        return int(self.directions.shape[2]) - N_IDENTITY


def read_flame(path: Path, layout: str = "") -> FlameFile:
    """The model at `path`, a file or a folder that holds one. `layout`: 2020 or 2023; empty: as the file's
    name says, else 2020. Raises ModelError."""
    file = _found(path, layout)
    arrays = _npz(file) if file.suffix.lower() == ".npz" else arrays_of_pickle(file)
    told = layout or ("2023" if "2023" in file.name or "2023" in file.parent.name else "2020")
    return _checked(file, told, arrays)


def _found(path: Path, layout: str) -> Path:
    if path.is_file():
        return path
    if not path.is_dir():
        raise ModelError("there is no such file", where=str(path), fix=_FIX)
    groups = [layout, ""] if layout else [*LAYOUTS, ""]
    names = [name for group in groups for name in _NAMES[group]]
    for name in names:
        if (path / name).is_file():
            return path / name
    raise ModelError(f"there is no FLAME model in this folder (looked for {', '.join(names)})",
                     where=str(path), fix=_FIX)


def _npz(path: Path) -> dict[str, NDArray[Any]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            out = {}
            for name in stored.files:
                try:
                    out[name] = stored[name]
                except ValueError:  # an array of objects is a pickle: left out, and missed below if needed
                    continue
            return out
    except (OSError, EOFError, ValueError, BadZipFile, zlib.error, AttributeError) as problem:
        raise ModelError(f"is damaged or no npz ({problem})", where=str(path), fix=_FIX) from None


def _checked(path: Path, layout: str, arrays: dict[str, NDArray[Any]]) -> FlameFile:
    def need(name: str, shape: tuple[int | None, ...]) -> NDArray[Any]:
        array = arrays.get(name)
        if array is None:
            raise ModelError(f"holds no array {name!r}", where=str(path), fix=_FIX)
        fits = array.ndim == len(shape) and all(
            size in (None, got) for size, got in zip(shape, array.shape, strict=True))
        if not fits:
            wanted = " x ".join("any" if s is None else str(s) for s in shape)
            raise ModelError(f"{array.shape} values instead of {wanted}", where=f"{path}: {name}", fix=_FIX)
        if not np.isfinite(array).all():
            raise ModelError("holds NaN or infinite numbers", where=f"{path}: {name}", fix=_FIX)
        return array

    template = need("v_template", (None, 3)).astype(np.float64)
    n = len(template)
    triangles = need("f", (None, 3)).astype(np.int64)
    directions = need("shapedirs", (n, 3, None)).astype(np.float64)
    poses = need("posedirs", (n, 3, 9 * (N_JOINTS - 1))).astype(np.float64)
    joints = need("J_regressor", (N_JOINTS, n)).astype(np.float64)
    weights = need("weights", (n, N_JOINTS)).astype(np.float64)
    tree = need("kintree_table", (2, N_JOINTS)).astype(np.int64)
    if directions.shape[2] <= N_IDENTITY:
        raise ModelError(f"{directions.shape[2]} directions: this FLAME has no expressions of its own",
                         where=f"{path}: shapedirs", fix="use FLAME 2020 or 2023, which have 300 and 100")
    if not len(triangles) or triangles.min() < 0 or triangles.max() >= n:
        raise ModelError("names points that there are not", where=f"{path}: f", fix=_FIX)
    if tuple(tree[0, 1:]) != _PARENTS:
        raise ModelError("the joints are not root, neck, jaw, left eye, right eye",
                         where=f"{path}: kintree_table", fix=_FIX)
    return FlameFile(path=path, layout=layout, template=template, triangles=triangles, directions=directions,
                     pose_directions=poses, joints=joints, weights=weights)
