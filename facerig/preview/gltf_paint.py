"""Colours for the points of a glTF mesh: vertex colours, material colour, and the base texture looked up at
each point."""

from __future__ import annotations

import io
import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facerig.mesh.gltf_file import GltfFile, Json

Floats = NDArray[np.float32]

log = logging.getLogger(__name__)

MAX_TEXTURE_PIXELS = 8192 * 8192
GAMMA = 2.2


def material_colours(file: GltfFile, material: Json, attributes: Json, n_points: int, where: str) -> Floats:
    """Display RGB [n_points, 3], 0 to 1. Factors and vertex colours are linear in glTF, textures are not."""
    pbr = file.mapping(material, "pbrMetallicRoughness", f"{where} material")
    linear = np.tile(_factor(file, pbr, where), (n_points, 1))
    if "COLOR_0" in attributes:
        painted = file.accessor(attributes["COLOR_0"], f"{where} COLOR_0", ("VEC3", "VEC4"))[:, :3]
        if len(painted) != n_points:
            raise file.bad(where, f"{len(painted)} colours for {n_points} points")
        linear = linear * np.clip(painted.astype(np.float32), 0, 1)
    texture = file.mapping(pbr, "baseColorTexture", f"{where} material")
    uv_name = f"TEXCOORD_{file.integer(texture.get('texCoord', 0), f'{where} texCoord', 7)}"
    if "index" in texture and uv_name in attributes:
        uv = file.accessor(attributes[uv_name], f"{where} {uv_name}", ("VEC2",)).astype(np.float32)
        image = _image(file, texture["index"])
        if image is not None and len(uv) == n_points:
            linear = linear * _looked_up(image, uv) ** np.float32(GAMMA)
    return np.asarray(np.clip(linear, 0, 1) ** np.float32(1 / GAMMA), np.float32)


def _factor(file: GltfFile, pbr: Json, where: str) -> Floats:
    factor: Any = pbr.get("baseColorFactor", [1, 1, 1, 1])
    if not (isinstance(factor, list) and len(factor) == 4
            and all(isinstance(v, (int, float)) and not isinstance(v, bool) and 0 <= v <= 1 for v in factor)):
        raise file.bad(f"{where} material.baseColorFactor", "is not four numbers from 0 to 1")
    return np.array(factor[:3], np.float32)


def _image(file: GltfFile, texture: object) -> Floats | None:
    """The picture of a texture [height, width, 3], 0 to 1; None where it cannot be decoded (the head is then
    plain)."""
    source = file.item("textures", texture).get("source")
    if source is None:
        return None
    image = file.item("images", source)
    data = file.view_bytes(image["bufferView"])[0] if "bufferView" in image else file.resource(
        image.get("uri"), f"$.images[{source}]")
    try:
        from PIL import Image
    except ImportError:
        log.warning("%s: textures need Pillow (facerig[preview])", file.path.name)
        return None
    try:
        opened = Image.open(io.BytesIO(data))
        if opened.width * opened.height > MAX_TEXTURE_PIXELS:
            raise ValueError("too many pixels")
        return np.asarray(np.asarray(opened.convert("RGB"), np.float32) / np.float32(255), np.float32)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as problem:
        log.warning("%s: texture %s is not used (%s)", file.path.name, source, problem)
        return None


def _looked_up(image: Floats, uv: Floats) -> Floats:
    """The pixel at each texture coordinate; coordinates wrap around."""
    height, width = image.shape[:2]
    wrapped = np.clip(np.nan_to_num(uv - np.floor(uv)), 0, 1)
    x = np.minimum((wrapped[:, 0] * width).astype(np.int64), width - 1)
    y = np.minimum((wrapped[:, 1] * height).astype(np.int64), height - 1)
    return np.asarray(image[y, x], np.float32)
