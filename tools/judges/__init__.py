"""Judges: readers that are not facerig's own, which say what a written file holds.

One module a format, or a format and a program: `read(path) -> Judged`. A judge samples every curve at every
frame with its own interpolation, so that what is compared is what the other program would show.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray


class JudgeMissing(Exception):
    """A judge's program or package is not installed; the message says how to install it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a reader saw: `values` float64 [T, len(names)] at every frame, in the unit of the rig's curves;
    `keys` of all curves together; `remarks` of the reader (warnings of a validator)."""

    names: tuple[str, ...]
    fps: Fraction
    values: NDArray[np.float64]
    keys: int
    remarks: tuple[str, ...] = ()


# format: its judges, modules of this folder
JUDGES: Final[dict[str, tuple[str, ...]]] = {
    "livelink-csv": ("text_csv",),
    "curves-csv": ("text_csv",),
    "audio2face-json": ("text_json",),
    "emoface-text": ("emoface_text",),
    "fbx": ("fbx_ufbx", "fbx_three", "fbx_fbx2gltf", "fbx_blender"),
    "gltf": ("gltf_pygltflib", "gltf_three", "gltf_blender"),
    "usd": ("usd_core",),
    "unity-anim": ("unity_anim",),
    "unreal-csv": ("unreal_csv",),
    "unreal-curvetable": ("unreal_curvetable",),
    "bvh": ("bvh_bvhio",),
    "vmd": ("vmd_pymeshio", "vmd_mmd_parser"),
}
