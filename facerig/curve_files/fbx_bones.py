"""How head and eyes turn in an FBX file, as yaw, pitch and roll, whatever axes its bones and its world have.

A bone counts as the head or an eye by its name. Its turn is what it does more than the bone above it, away
from the pose in which the mesh was bound: R(t) = W(t) W(bound)^-1, in the axes of the file's world, brought
to y up and z to the front.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.curve_files.fbx_objects import Channel, Entity, Scene
from facerig.curve_files.fbx_tree import array
from facerig.mesh.turns import ANGLES_OF

Array = NDArray[np.float64]

PREFIX: Final = "facerig_"  # of bones in files without a mesh
DEEPEST: Final = 256  # bones above one another
FRAMES_AT_ONCE: Final = 65536  # so that hours of matrices never lie in memory
# Axes in the order in which they turn a point, by FbxEuler::EOrder.
_ORDERS: Final = ("XYZ", "XZY", "YZX", "YXZ", "ZXY", "ZYX")
_AXES: Final = {"CoordAxis": 0, "UpAxis": 1, "FrontAxis": 2}  # the default of each: x, y, z


def head_and_eyes(scene: Scene, frames: Array) -> dict[str, Array]:
    """The canonical rotations in radians [T] of the bones that are animated."""
    world = _world_axes(scene)
    bound = _bound_rotations(scene)
    out: dict[str, Array] = {}
    for joint, names in ANGLES_OF.items():
        bone = _bone(scene, joint)
        if bone is None or not scene.channels_on(bone, "Lcl Rotation"):
            continue
        parts = [_angles(world @ _turn(scene, bone, bound, part) @ world.T)
                 for part in np.array_split(frames, -(-len(frames) // FRAMES_AT_ONCE))]
        out.update(zip(names, np.concatenate(parts).T, strict=True))
    return out


def turning(scene: Scene) -> list[Channel]:
    """What is animated of the rotations of head and eyes."""
    bones = (bone for bone in (_bone(scene, joint) for joint in ANGLES_OF) if bone is not None)
    return [c for bone in bones for c in scene.channels_on(bone, "Lcl Rotation").values()]


def _bone(scene: Scene, joint: str) -> Entity | None:
    wanted = (joint.casefold(), (PREFIX + joint).casefold())
    return next((e for e in scene.of("Model") if e.name.rpartition(":")[2].casefold() in wanted), None)


def _turn(scene: Scene, bone: Entity, bound: dict[int, Array], frames: Array) -> Array:
    """[T, 3, 3]."""
    turn = _away(scene, bone, bound, frames)
    parent = scene.above(bone.id, "Model")
    if parent is not None:
        turn = np.swapaxes(_away(scene, parent, bound, frames), -1, -2) @ turn
    return np.broadcast_to(turn, (len(frames), 3, 3))


def _away(scene: Scene, bone: Entity, bound: dict[int, Array], frames: Array) -> Array:
    """How a bone is turned in the world, away from where it was bound, or else from where it rests."""
    at_rest = bound.get(bone.id)
    if at_rest is None:
        at_rest = _in_world(scene, bone, None)
    return np.asarray(_in_world(scene, bone, frames) @ at_rest.T)


def _in_world(scene: Scene, bone: Entity, frames: Array | None) -> Array:
    """Rotation of a bone in the world, [T, 3, 3], or [3, 3] without animation."""
    out = np.eye(3)
    above: Entity | None = bone
    for _ in range(DEEPEST):
        if above is None:
            break
        out = _local(scene, above, frames) @ out
        above = scene.above(above.id, "Model")
    return out


def _local(scene: Scene, bone: Entity, frames: Array | None) -> Array:
    nothing = (0.0, 0.0, 0.0)
    active = bone.numbers("RotationActive", (0.0,))[0] != 0
    order = _ORDERS[int(bone.numbers("RotationOrder", (0.0,))[0]) % len(_ORDERS)] if active else _ORDERS[0]
    still = bone.numbers("Lcl Rotation", nothing)
    degrees = [np.asarray(angle) for angle in still]
    if frames is not None:
        for part, channel in scene.channels_on(bone, "Lcl Rotation").items():
            if part in ("X", "Y", "Z"):
                degrees["XYZ".index(part)] = channel.at(frames)
    turn = _euler(degrees, order)
    if active:
        before, after = (_euler([np.asarray(a) for a in bone.numbers(name, nothing)], "XYZ")
                         for name in ("PreRotation", "PostRotation"))
        turn = before @ turn @ after.T
    return turn


def _euler(degrees: list[Array], order: str) -> Array:
    """Rotation that turns a point around each axis in `order`; [3, 3], or [T, 3, 3] where an angle is [T]."""
    out = np.eye(3)
    for axis in order:
        out = _around("XYZ".index(axis), degrees["XYZ".index(axis)]) @ out
    return out


def _around(axis: int, degrees: Array) -> Array:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    out = np.zeros((*np.shape(degrees), 3, 3))
    i, j = (axis + 1) % 3, (axis + 2) % 3
    out[..., axis, axis] = 1.0
    out[..., i, i], out[..., j, j], out[..., i, j], out[..., j, i] = c, c, -s, s
    return out


def _bound_rotations(scene: Scene) -> dict[int, Array]:
    """Rotations in the world [3, 3] in which bones were bound to a mesh, by the bones' ids."""
    found: dict[int, Array] = {}
    for cluster in scene.of("Deformer", "Cluster"):
        for bone in scene.below(cluster.id, "Model"):
            matrix = array(scene.path, cluster.node["TransformLink"])
            if len(matrix) == 16 and np.isfinite(matrix).all():
                axes = matrix.reshape(4, 4)[:3, :3].T  # columns are the bone's axes, as long as its scale
                length = np.linalg.norm(axes, axis=0)
                if length.min() > 1e-9:
                    found[bone.id] = axes / length
    return found


def _world_axes(scene: Scene) -> Array:
    """[3, 3]: from the file's world to x to the left, y up, z to the front."""
    out = np.zeros((3, 3))
    for row, (name, default) in enumerate(_AXES.items()):
        axis = int(scene.settings.numbers(name, (float(default),))[0]) % 3
        out[row, axis] = np.sign(scene.settings.numbers(f"{name}Sign", (1.0,))[0]) or 1.0
    return out if abs(np.linalg.det(out)) > 0.5 else np.eye(3)


def _angles(turns: Array) -> Array:
    """Yaw, pitch, roll [T, 3] of rotations [T, 3, 3], as `mesh.gaze.rotation` makes them."""
    yaw = -np.arctan2(turns[:, 0, 2], turns[:, 2, 2])
    pitch = np.arcsin(np.clip(-turns[:, 1, 2], -1, 1))
    roll = -np.arctan2(turns[:, 1, 0], turns[:, 1, 1])
    return np.stack([yaw, pitch, roll], 1)
