"""Head and eyes of a glTF animation: how far the nodes of our names turn away from how they rest.

Joints of other programs rest at any angle (Blender turns bones along their length): what counts is the
rotation on the scene's axes, which are the head's.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from facerig.curve_files.gltf_tracks import Animated, Track, is_number, rotations
from facerig.mesh.gltf_file import GltfFile
from facerig.mesh.turns import ANGLES_OF, angles_of

Array = NDArray[np.float64]

DEEPEST: Final = 64  # joints above a joint
_UNTURNED: Final = (0.0, 0.0, 0.0, 1.0)


def joint_angles(file: GltfFile, animated: list[Animated], seconds: Array) -> dict[str, Array]:
    """headYaw and so on [T] in radians, of the joints that turn. Raises ModelError for a broken node."""
    tracks = {a.node: a.track for a in animated if a.kind == "rotation"}
    chains = {joint: _chain(file, node) for joint, node in _joints(file).items()}
    turns = {joint: _turn(file, chain, tracks, seconds) for joint, chain in chains.items()}
    out: dict[str, Array] = {}
    for joint, chain in chains.items():
        if not any(node in tracks for node in chain):
            continue
        turn = turns[joint]
        if joint != "head" and "head" in chains and chains["head"][-1] in chain:
            turn = turns["head"].inv() * turn
        angles = angles_of(turn.as_quat()[:, [3, 0, 1, 2]])
        out |= dict(zip(ANGLES_OF[joint], angles.T, strict=True))
    return out


def _joints(file: GltfFile) -> dict[str, int]:
    """Nodes by our name for them; of several of one name the first."""
    found: dict[str, int] = {}
    by_key = {joint.casefold(): joint for joint in ANGLES_OF}
    for number, node in enumerate(file.items("nodes")):
        joint = by_key.get(str(node.get("name", "")).casefold())
        if joint is not None:
            found.setdefault(joint, number)
    return found


def _turn(file: GltfFile, chain: list[int], tracks: dict[int, Track], seconds: Array) -> Rotation:
    """T rotations of the last joint of `chain`, away from how it rests."""
    now = rest = Rotation.from_quat(np.tile(_UNTURNED, (len(seconds), 1)))
    for node in chain:
        still = _resting(file, node)
        now = now * (tracks[node].turns_at(seconds) if node in tracks else still)
        rest = rest * still
    return now * rest.inv()


def _resting(file: GltfFile, number: int) -> Rotation:
    node, where = file.items("nodes")[number], f"$.nodes[{number}]"
    if "matrix" not in node:
        xyzw = _floats(file, node.get("rotation", list(_UNTURNED)), 4, f"{where}.rotation")
        return rotations(xyzw[None])[0]
    matrix = _floats(file, node["matrix"], 16, f"{where}.matrix").reshape(4, 4).T[:3, :3]
    lengths = np.linalg.norm(matrix, axis=0)
    if not lengths.all() or not np.linalg.det(matrix / np.maximum(lengths, 1e-30)) > 0.1:
        raise file.bad(f"{where}.matrix", "is flat, skewed or mirrors")
    return Rotation.from_matrix(matrix / lengths)


def _floats(file: GltfFile, value: Any, count: int, where: str) -> Array:
    if not isinstance(value, list) or len(value) != count or not all(map(is_number, value)):
        raise file.bad(where, f"is not {count} numbers")
    return np.array(value, np.float64)


def _chain(file: GltfFile, node: int) -> list[int]:
    """Nodes from the scene's root down to `node`."""
    parents = {child: k for k, parent in enumerate(file.items("nodes"))
               for child in file.sequence(parent, "children", f"$.nodes[{k}]") if isinstance(child, int)}
    chain = [node]
    while chain[-1] in parents:
        chain.append(parents[chain[-1]])
        if len(chain) > DEEPEST:
            raise file.bad(f"$.nodes[{node}]", "is its own ancestor or nested too deep")
    return chain[::-1]
