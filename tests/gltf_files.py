"""Writes small glTF heads for tests: a box of a face with a jaw that opens, in as many shapes as the format
has."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import numpy as np

# A grid bent into half a cylinder: a face 20 cm high, in metres, looking along +z.
_X, _Y = (a.ravel() for a in np.meshgrid(np.linspace(-0.08, 0.08, 9), np.linspace(-0.1, 0.1, 11)))
POINTS = np.stack([_X, _Y, np.sqrt(0.0101 - _X**2)], 1).astype("<f4")
_CELL = np.array([r * 9 + c for r in range(10) for c in range(8)])
TRIANGLES = np.concatenate([np.stack([_CELL, _CELL + 1, _CELL + 9], 1),
                            np.stack([_CELL + 1, _CELL + 10, _CELL + 9], 1)]).astype("<u2")
JAW = np.where((_Y < -0.02)[:, None], np.array([0, -0.02, 0]), 0).astype("<f4")
BROW = np.where((_Y > 0.06)[:, None], np.array([0, 0.01, 0]), 0).astype("<f4")


def document(**changes: Any) -> tuple[dict[str, Any], bytes]:
    """A head as (JSON, binary). `changes` replace top-level entries."""
    parts = [POINTS.tobytes(), TRIANGLES.tobytes(), JAW.tobytes(), BROW.tobytes()]
    offsets = np.cumsum([0, *(len(p) + -len(p) % 4 for p in parts)])
    binary = b"".join(p + bytes(-len(p) % 4) for p in parts)
    views = [{"buffer": 0, "byteOffset": int(o), "byteLength": len(p)} for o,
             p in zip(offsets, parts, strict=False)]
    vec3 = {"componentType": 5126, "type": "VEC3", "count": len(POINTS)}
    tree = {"asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
            "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1,
                                        "targets": [{"POSITION": 2}, {"POSITION": 3}]}],
                        "extras": {"targetNames": ["JAWOPEN", "browinnerup"]}}],
            "accessors": [{**vec3, "bufferView": 0},
                          {"componentType": 5123, "type": "SCALAR", "count": TRIANGLES.size, "bufferView": 1},
                          {**vec3, "bufferView": 2}, {**vec3, "bufferView": 3}],
            "bufferViews": views, "buffers": [{"byteLength": len(binary)}]}
    return {**tree, **changes}, binary


def glb(tree: dict[str, Any], binary: bytes) -> bytes:
    """The same as one binary file."""
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(binary),
                                                                            0x004E4942) + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def data_uri(binary: bytes) -> str:
    return "data:application/octet-stream;base64," + base64.b64encode(binary).decode()
