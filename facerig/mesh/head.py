"""A head that curves can pose: the shipped one, or a user's own (see `gltf`). Lengths in millimetres, y up, z
to the front, x to the subject's left."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

import facerig_assets
from facerig.core.channels import INDEX, SHAPE_NAMES
from facerig.errors import ModelError
from facerig.mesh.gaze import eye_rotations, head_rotation

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

FACE_SHARE = 0.1  # of the largest displacement: what moves so much is face, and belongs in the picture
BOW: Final = 0.07  # of the height from chin to crown, below the chin: there a mouth goes when the head bows
FIGURES: Final = ("female", "male")
QUANTUM_MM = 0.01  # of the stored positions and displacements


class Part(IntEnum):
    """What a point belongs to."""

    SKIN = 0
    MOUTH = 1
    TEETH = 2
    TONGUE = 3
    EYE = 4
    HAIR = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Eye:
    """`points` [n] indices of the ball's points, which turn around `centre` [3]."""

    points: Ints
    centre: Floats


@dataclass(frozen=True, kw_only=True)
class Head:
    """N points, M triangles, and what each ARKit shape does.

    `rest` float32 [N, 3]; `triangles` int32 [M, 3], counter-clockwise from outside; `two_sided` bool [M];
    `colours` float32 [N, 3] display RGB 0 to 1; `gloss` float32 [N] 0 to 1; `parts` uint8 [N];
    `normal_of` int32 [N]: the point whose normal a point is lit with (itself; hairs: skin; seams: the other
    side); `ambient` and `key` float32 [2, N]: share of ambient and key light that arrives with the mouth shut
    and open; `follow` float32 [N]: how far a point turns with the head, around `pivot` [3]; `shape_names` [K]
    and `deltas` float32 [K, N * 3].
    """

    name: str
    rest: Floats
    triangles: Ints
    two_sided: NDArray[np.bool_]
    colours: Floats
    gloss: Floats
    parts: NDArray[np.uint8]
    normal_of: Ints
    ambient: Floats
    key: Floats
    follow: Floats
    pivot: Floats
    shape_names: tuple[str, ...]
    deltas: Floats
    eyes: tuple[Eye, ...]  # left, right; empty where the head has no separate eyeballs

    @cached_property
    def _columns(self) -> list[int]:
        return [INDEX[name] for name in self.shape_names]

    @cached_property
    def _hairs(self) -> NDArray[np.bool_]:
        return np.asarray((self.parts == Part.HAIR)[self.triangles[:, 0]])

    @cached_property
    def _incidence(self) -> sparse.csr_matrix:
        """[N, M]: which triangles shape the normal at which points: all but hairs, which take the skin's."""
        solid = np.flatnonzero((self.normal_of[self.triangles] == self.triangles).any(1) | ~self._hairs)
        rows = self.normal_of[self.triangles[solid]].ravel()
        columns = np.repeat(solid.astype(np.int32), 3)
        return sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)),
                                 (len(self.rest), len(self.triangles)))

    def frame_box(self, close: bool = False) -> tuple[Floats, Floats]:
        """Lowest and highest corner of what a picture should show: crown to throat, with room for a head
        that bows, or (`close`) the face alone."""
        moved = np.abs(self.deltas).max(0).reshape(-1, 3).max(1)
        face = self.rest[moved > FACE_SHARE * moved.max()]
        chin, brow = face[:, 1].min(), face[:, 1].max()
        crown = self.rest[:, 1].max()
        around = np.abs(self.rest[:, 0] - face[:, 0].mean()) < 0.8 * (brow - chin)
        shown = self.rest[around & (self.rest[:, 1] > chin) & (self.follow > 0.5)]
        low, high = shown.min(0), shown.max(0)
        air = 0.035 * (crown - chin)
        low[1], high[1] = chin - BOW * (crown - chin), min(crown, brow + 0.9 * (brow - chin)) + air
        if close:
            middle, half = (chin + brow) / 2, 0.62 * (brow - chin)
            sideways = np.array([half, 0, half], np.float32)
            centre = (low + high) / 2 * np.array([1, 0, 1], np.float32)
            up = np.array([0, 1, 0], np.float32)
            return centre - sideways + up * (middle - half), centre + sideways + up * (middle + half)
        return low - air * np.array([1, 0, 1], np.float32), high + air * np.array([1, 0, 1], np.float32)

    def posed(self, values: NDArray[np.floating]) -> Floats:
        """Points [N, 3] for the 61 canonical `values` of one frame. Raises ValueError for another shape."""
        if values.shape != (len(INDEX),):
            raise ValueError(f"{values.shape} values instead of ({len(INDEX)},)")
        weights = np.asarray(values, np.float32)[self._columns]
        used = np.flatnonzero(weights)
        points = self.rest + (weights[used] @ self.deltas[used]).reshape(-1, 3)
        for eye, turn in zip(self.eyes, eye_rotations(values), strict=False):
            points[eye.points] = (points[eye.points] - eye.centre) @ turn.T + eye.centre
        turned = (points - self.pivot) @ head_rotation(values).T + self.pivot
        return np.asarray(points + self.follow[:, None] * (turned - points), np.float32)

    def normals(self, points: Floats) -> Floats:
        """Unit normals [N, 3] of posed `points`: the mean of the triangles around each, by area."""
        a, b, c = (points[self.triangles[:, k]] for k in range(3))
        u, v = b - a, c - a
        flat = np.stack([u[:, 1] * v[:, 2] - u[:, 2] * v[:, 1], u[:, 2] * v[:, 0] - u[:, 0] * v[:, 2],
                         u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]], 1)
        summed = np.asarray(self._incidence @ flat)[self.normal_of]
        return np.asarray(summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-12),
                          np.float32)


def shipped_head(figure: str = "female", folder: Path | None = None) -> Head:
    """A head that comes with facerig: one of FIGURES. Raises ModelError where a file is missing or damaged.
    """
    folder = folder or facerig_assets.path("head")
    arrays = _stored(folder / "head.npz")
    if figure == "male":
        arrays |= _stored(folder / "male.npz")  # the same mesh and shapes on another face
    try:
        return _from_arrays(figure, arrays)
    except (ValueError, KeyError, IndexError) as problem:
        raise ModelError(f"the preview head is damaged ({problem})", where=str(folder),
                         fix="reinstall facerig") from None


def _stored(path: Path) -> dict[str, NDArray[np.generic]]:
    """The arrays of an npz file."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except FileNotFoundError:
        raise ModelError("the preview head is missing", where=str(path), fix="reinstall facerig") from None
    except (OSError, EOFError, ValueError, BadZipFile, zlib.error) as problem:
        raise ModelError(f"the preview head is damaged ({problem})", where=str(path),
                         fix="reinstall facerig") from None


def _from_arrays(figure: str, stored: dict[str, NDArray[np.generic]]) -> Head:
    """Undo the packing of tools/build_head.py."""
    rest = stored["rest"].astype(np.float32) * np.float32(QUANTUM_MM) + stored["origin"].astype(np.float32)
    names = tuple(str(n) for n in stored["shape_names"])
    if set(names) - set(SHAPE_NAMES):
        raise ValueError("unknown shapes")
    deltas = np.zeros((len(names), len(rest), 3), np.float32)
    shape = np.repeat(np.arange(len(names)), stored["shape_sizes"].astype(np.int64))
    moved = stored["shape_points"].astype(np.int64)
    deltas[shape, moved] = stored["shape_deltas"].astype(np.float32) * np.float32(QUANTUM_MM)
    parts = stored["parts"].astype(np.uint8)
    triangles = stored["triangles"].astype(np.int32)
    centres = stored["eye_centres"].astype(np.float32)
    eye_points = np.flatnonzero(parts == Part.EYE).astype(np.int32)
    eyes = tuple(Eye(points=eye_points[np.sign(rest[eye_points, 0]) == np.sign(c[0])], centre=c)
                 for c in centres)
    share = {name: np.asarray(stored[name].astype(np.float32) / np.float32(255), np.float32)
             for name in ("colours", "gloss", "ambient", "key", "follow")}
    return Head(name=figure, rest=rest, triangles=triangles,
                two_sided=np.asarray(np.isin(parts, (Part.HAIR, Part.MOUTH))[triangles].any(1)),
                colours=share["colours"],
                gloss=share["gloss"], parts=parts, normal_of=stored["normal_of"].astype(np.int32),
                ambient=share["ambient"], key=share["key"], follow=share["follow"],
                pivot=stored["pivot"].astype(np.float32), shape_names=names,
                deltas=deltas.reshape(len(names), -1), eyes=eyes)
