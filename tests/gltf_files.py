"""Writes small glTF heads for tests: a box of a face with a jaw that opens, in as many shapes as the format
has."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import numpy as np

from facerig.mesh.head import Head, Part

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


def of_head(head: Head) -> bytes:
    """A GLB of a head: a mesh for each part, targets with names as other tools write them, eyeballs apart."""
    parts = {"Face": np.isin(head.parts, (Part.SKIN, Part.MOUTH)), "Teeth": head.parts == Part.TEETH,
             "Tongue": head.parts == Part.TONGUE, "Brows and lashes": head.parts == Part.HAIR}
    for name, eye in zip(("Eye_L", "Eye_R"), head.eyes, strict=True):
        parts[name] = np.isin(np.arange(len(head.rest)), eye.points)
    blobs: list[bytes] = []
    accessors: list[dict[str, Any]] = []

    def put(values: np.ndarray, kind: str, component: int) -> int:
        blobs.append(values.tobytes())
        accessors.append({"bufferView": len(blobs) - 1, "componentType": component, "type": kind,
                          "count": len(values)})
        return len(blobs) - 1

    def vectors(values: np.ndarray) -> int:
        return put(np.ascontiguousarray(values, "<f4"), "VEC3", 5126)

    meshes = []
    deltas = head.deltas.reshape(len(head.shape_names), -1, 3) / 1000  # glTF is in metres
    for name, mine in parts.items():
        new = np.cumsum(mine) - 1
        triangles = new[head.triangles[mine[head.triangles].all(1)]]
        primitive: dict[str, Any] = {
            "attributes": {"POSITION": vectors(head.rest[mine] / 1000),
                           "COLOR_0": vectors(head.colours[mine] ** 2.2)},
            "indices": put(triangles.astype("<u4").reshape(-1, 1), "SCALAR", 5125)}
        mesh: dict[str, Any] = {"name": name, "primitives": [primitive]}
        if not name.startswith("Eye"):
            primitive["targets"] = [{"POSITION": vectors(d[mine])} for d in deltas]
            mesh["extras"] = {"targetNames": [n.replace("Left", "_L").replace("Right", "_R")
                                              for n in head.shape_names]}
        meshes.append(mesh)
    offsets = np.cumsum([0, *map(len, blobs)])  # every blob is a multiple of four bytes
    views = [{"buffer": 0, "byteOffset": int(o), "byteLength": len(b)}
             for o, b in zip(offsets, blobs, strict=False)]
    return glb({"asset": {"version": "2.0"}, "scenes": [{"nodes": list(range(len(meshes)))}],
                "nodes": [{"mesh": k} for k in range(len(meshes))], "meshes": meshes, "accessors": accessors,
                "bufferViews": views, "buffers": [{"byteLength": int(offsets[-1])}]}, b"".join(blobs))
