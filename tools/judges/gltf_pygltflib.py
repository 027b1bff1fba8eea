"""pygltflib opens the file; values between keys are worked out here, as the glTF specification says."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation, Slerp

from tools.judges import Judged, JudgeMissing

Array = NDArray[np.float64]

_DTYPES: Final = {5121: "<u1", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS: Final = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


def opened(path: Path) -> Any:
    """pygltflib's document. Raises JudgeMissing without pygltflib."""
    try:
        from pygltflib import GLTF2  # type: ignore[import-untyped]
    except ImportError:
        raise JudgeMissing("needs pygltflib: pip install pygltflib") from None
    return GLTF2().load(str(path))


def read(path: Path) -> Judged:
    """Morph weights and joints at every frame."""
    return judged(opened(path))


def judged(document: Any) -> Judged:
    """The same of an open document."""
    fps, frames = _frame_rate(document)
    seconds = np.arange(frames) / float(fps)
    names: list[str] = []
    weights, keys, turns = np.zeros((frames, 0)), 0, {}
    for channel in document.animations[0].channels:
        sampler = document.animations[0].samplers[channel.sampler]
        times, output = accessor(document, sampler.input)[:, 0], accessor(document, sampler.output)
        if channel.target.path == "weights":
            names = document.meshes[document.nodes[channel.target.node].mesh].extras["targetNames"]
            table = output.reshape(len(times), len(names))
            weights = np.stack([np.interp(seconds, times, column) for column in table.T], 1)
            keys += table.size
        else:
            turns[document.nodes[channel.target.node].name] = slerped(times, output, seconds)
            keys += len(times)
    angle_names, angles = live_link_angles(turns, frames)
    values = np.concatenate([weights, angles], 1)
    return Judged(names=(*names, *angle_names), fps=fps, values=values, keys=keys)


def key_frames(path: Path) -> dict[str, Array]:
    """Times of the keys of each channel in frames; whole numbers are on frames."""
    document = opened(path)
    fps, _ = _frame_rate(document)
    animation = document.animations[0]
    times = {f"{document.nodes[c.target.node].name} {c.target.path}": animation.samplers[c.sampler].input
             for c in animation.channels}
    return {name: accessor(document, index)[:, 0] * float(fps) for name, index in times.items()}


def posed_points(document: Any, frame: int) -> dict[str, Array]:
    """Points [n, 3] in metres by the name of their material, morphed and skinned by the textbook."""
    mesh, seen = document.meshes[0], judged(document)
    weights = seen.values[frame, :len(mesh.extras["targetNames"])]
    bones = _bone_matrices(document, dict(zip(seen.names, seen.values[frame], strict=True)))
    out = {}
    for primitive in mesh.primitives:
        points = accessor(document, primitive.attributes.POSITION)
        for target, weight in zip(primitive.targets, weights, strict=True):
            points = points + weight * accessor(document, target["POSITION"])
        joints = accessor(document, primitive.attributes.JOINTS_0).astype(int)
        shares = accessor(document, primitive.attributes.WEIGHTS_0)
        blended = np.einsum("nk,nkij->nij", shares, bones[joints])
        placed = np.einsum("nij,nj->ni", blended, np.concatenate([points, np.ones((len(points), 1))], 1))
        out[document.materials[primitive.material].name] = placed[:, :3]
    return out


def accessor(document: Any, index: int) -> Array:
    """Values [count, width] of an accessor, sparse or not, normalized to 0 to 1 where it says so."""
    entry = document.accessors[index]
    width, dtype = _WIDTHS[entry.type], _DTYPES[entry.componentType]
    values = np.zeros((entry.count, width), np.dtype(dtype))
    if entry.bufferView is not None:
        values = _numbers(document, entry.bufferView, entry.byteOffset or 0, entry.count, width, dtype).copy()
    if entry.sparse is not None:
        at, put, count = entry.sparse.indices, entry.sparse.values, entry.sparse.count
        rows = _numbers(document, at.bufferView, at.byteOffset or 0, count, 1, _DTYPES[at.componentType])
        new = _numbers(document, put.bufferView, put.byteOffset or 0, count, width, dtype)
        values[rows[:, 0]] = new
    full = np.iinfo(values.dtype).max if entry.normalized else 1
    return values.astype(np.float64) / full


def frame_rate(path: Path) -> tuple[Fraction, int]:
    """The rate and the number of frames that the file states."""
    return _frame_rate(opened(path))


def _frame_rate(document: Any) -> tuple[Fraction, int]:
    extras = document.animations[0].extras
    return Fraction(extras["frameRate"]), int(extras["frames"])


def slerped(times: Array, xyzw: Array, seconds: Array) -> Array:
    """Quaternions [T, 4] (x, y, z, w) at `seconds`, on great arcs between keys."""
    if len(times) == 1:
        return np.repeat(xyzw, len(seconds), 0)
    inside = np.clip(seconds, times[0], times[-1])
    return np.asarray(Slerp(times, Rotation.from_quat(xyzw))(inside).as_quat())


def live_link_angles(turns: dict[str, Array], frames: int) -> tuple[tuple[str, ...], Array]:
    """Names (headYaw, ...) and radians [T, n] of joints' quaternions (x, y, z, w): around -y, x and -z."""
    names, columns = [], []
    for joint, xyzw in turns.items():
        angles = Rotation.from_quat(xyzw).as_euler("YXZ") * (-1, 1, -1)
        names += [f"{joint}{axis}" for axis in ("Yaw", "Pitch", "Roll")]
        columns += list(angles.T)
    return tuple(names), np.stack(columns, 1) if columns else np.zeros((frames, 0))


def _numbers(document: Any, view: int, offset: int, count: int, width: int, dtype: str) -> NDArray[Any]:
    entry = document.bufferViews[view]
    uri = document.buffers[entry.buffer].uri
    data = document.binary_blob() if uri is None else document.get_data_from_buffer_uri(uri)
    start = (entry.byteOffset or 0) + offset
    return np.frombuffer(data, np.dtype(dtype), count * width, start).reshape(count, width)


def _bone_matrices(document: Any, values: dict[str, float]) -> Array:
    """World times inverse bind matrices [joints, 4, 4]."""
    skin = document.skins[0]
    parents = {child: k for k, node in enumerate(document.nodes) for child in node.children or ()}
    unbound = accessor(document, skin.inverseBindMatrices).reshape(-1, 4, 4).transpose(0, 2, 1)

    def world(node: int) -> Array:
        entry, local = document.nodes[node], np.eye(4)
        local[:3, 3] = entry.translation
        if f"{entry.name}Yaw" in values:
            angles = [values[f"{entry.name}{axis}"] for axis in ("Yaw", "Pitch", "Roll")]
            local[:3, :3] = Rotation.from_euler("YXZ", np.multiply(angles, (-1, 1, -1))).as_matrix()
        return world(parents[node]) @ local if node in parents else local

    return np.stack([world(joint) for joint in skin.joints]) @ unbound
