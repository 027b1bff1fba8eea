"""glTF 2.0: a head that acts, in one file (.glb; .gltf is the same as JSON text).

A mesh with a morph target for each curve of the rig (sparse accessors, named in `mesh.extras.targetNames`), a
skin on the joints root, head, leftEye and rightEye, and one animation: the morph weights and the joints'
rotations. glTF interpolates linearly between keys, rotations on great arcs. All weights of a mesh share their
key times. Lengths are metres; seconds are those of the sound: its first frame stands at 0.

What glTF has no place for stands in `animation.extras`: the frame rate as an exact ratio, the timecode of the
first frame, the sound, and the rig.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.clock import frame_time
from facerig.core.curves import CurveClip
from facerig.core.version import VERSION
from facerig.errors import OutputError
from facerig.sinks.exporter import ExportInfo
from facerig.sinks.keys import EYES_DEGREES, HEAD_DEGREES, kept_turns, shared_keys
from facerig_exporters.face_scene import MESH_NAME, FaceScene, Surface, face_scene, joined_clip
from facerig_exporters.facts import facts
from facerig_exporters.gltf_document import (
    ARRAY_BUFFER,
    ELEMENT_ARRAY_BUFFER,
    Document,
    Json,
    smallest_indices,
)

METRES: Final = 0.001  # of a millimetre
GAMMA: Final = 2.2  # from display colours to the linear ones of glTF
_FULL_U16: Final = 65535
_LAST: Final[deque[tuple[FaceScene, Document, int, dict[str, int]]]] = deque(maxlen=1)


class Gltf:
    """See the module's text."""

    name: ClassVar[str] = "gltf"
    endings: ClassVar[tuple[str, ...]] = (".glb", ".gltf")
    summary: ClassVar[str] = "glTF 2.0: the head with morph targets and joints, for engines and browsers"
    rig: ClassVar[str] = "arkit"
    keyed: ClassVar[bool] = True
    turns: ClassVar[bool] = True

    def write(self, path: Path, pieces: Iterable[CurveClip], info: ExportInfo) -> int:
        """Write `pieces` and return the number of frames. Raises OutputError for a rig that the head cannot
        show."""
        scene = face_scene(info, path)
        clip = joined_clip(pieces)
        document, face_node, joint_nodes = _with_head(scene)
        if clip is not None:
            _add_animation(document, scene, clip, info, face_node, joint_nodes, path)
        try:
            path.write_bytes(document.gltf() if path.suffix.lower() == ".gltf" else document.glb())
        except OverflowError as problem:
            raise OutputError(f"a GLB cannot hold {problem}", where=str(path),
                              fix="cut the recording into parts, or leave --every-frame out") from None
        return 0 if clip is None else len(clip)


# --- the head


def _with_head(scene: FaceScene) -> tuple[Document, int, dict[str, int]]:
    """A document of the head alone; that of the last scene is kept, for a batch has the same in all files."""
    last = _LAST[-1] if _LAST else None
    if last is None or last[0] is not scene:
        document = Document(f"facerig {VERSION}")
        last = scene, document, *_add_head(document, scene)
        _LAST.append(last)
    _, document, face_node, joint_nodes = last
    return document.copy(), face_node, joint_nodes


def _add_head(document: Document, scene: FaceScene) -> tuple[int, dict[str, int]]:
    """Nodes of the mesh, and of the joints by name."""
    joints = {joint.name: k for k, joint in enumerate(scene.joints)}
    for number, joint in enumerate(scene.joints):
        above = np.zeros(3) if joint.parent is None else scene.joints[joint.parent].place
        children = [joints[other.name] for other in scene.joints if other.parent == number]
        place = ((joint.place - above) * METRES).astype(float)
        document.add("nodes", {"name": joint.name, "translation": [round(v, 7) for v in place.tolist()]}
                     | ({"children": children} if children else {}))
    skin = document.add("skins", {"joints": list(joints.values()), "skeleton": 0,
                                  "inverseBindMatrices": document.accessor(_unbound(scene))})
    face = document.add("nodes", {"name": MESH_NAME, "mesh": _add_mesh(document, scene), "skin": skin})
    document.add("scenes", {"nodes": [0, face]})
    return face, joints


def _unbound(scene: FaceScene) -> NDArray[np.float32]:
    """Inverse bind matrices [joints, 16], column after column."""
    matrices = np.tile(np.eye(4, dtype=np.float32), (len(scene.joints), 1, 1))
    matrices[:, 3, :3] = [-joint.place * METRES for joint in scene.joints]
    return matrices.reshape(-1, 16)


def _add_mesh(document: Document, scene: FaceScene) -> int:
    names = [morph.name for morph in scene.morphs]
    return document.add("meshes", {
        "name": MESH_NAME, "primitives": [_primitive(document, scene, surface) for surface in scene.surfaces],
        "weights": [0.0] * len(names), "extras": {"targetNames": names}})


def _primitive(document: Document, scene: FaceScene, surface: Surface) -> Json:
    """A surface with points of its own: no graphics card keeps morphs of points that it does not draw."""
    used, corners = np.unique(surface.triangles, return_inverse=True)
    place = np.full(len(scene.points), -1, np.int64)
    place[used] = np.arange(len(used))
    look = {"metallicFactor": 0.0, "roughnessFactor": surface.roughness}
    material = document.add("materials", {"name": surface.name, "pbrMetallicRoughness": look}
                            | ({"doubleSided": True} if surface.two_sided else {}))
    targets = [{kind: document.sparse_accessor(len(used), *_moved(place, rows, values, scale))
                for kind, rows, values, scale in (("POSITION", morph.points, morph.offsets, METRES),
                                                  ("NORMAL", morph.bent, morph.turns, 1.0))}
               for morph in scene.morphs]
    indices = smallest_indices(corners.ravel(), len(used))
    return {"attributes": _attributes(document, scene, used), "targets": targets, "material": material,
            "indices": document.accessor(indices, target=ELEMENT_ARRAY_BUFFER)}


def _moved(place: NDArray[np.int64], points: NDArray[np.int32], values: NDArray[np.float32], scale: float
           ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Rows and values of those `points` that are among a surface's own."""
    rows = place[points]
    return rows[rows >= 0], np.asarray(values[rows >= 0] * np.float32(scale), np.float32)


def _attributes(document: Document, scene: FaceScene, used: NDArray[np.int32]) -> dict[str, int]:
    joints, shares = np.zeros((len(used), 4), np.uint8), np.zeros((len(used), 4), np.uint16)
    joints[:, :2] = scene.joint_of[used]
    shares[:, 0] = np.round(scene.share_of[used, 0] * _FULL_U16)
    shares[:, 1] = _FULL_U16 - shares[:, 0]
    joints[:, 1][shares[:, 1] == 0] = 0
    colours = np.full((len(used), 4), _FULL_U16, np.uint16)
    colours[:, :3] = np.round(np.clip(scene.colours[used], 0, 1) ** GAMMA * _FULL_U16)
    points = (scene.points[used] * np.float32(METRES)).astype(np.float32)
    return {"POSITION": document.accessor(points, target=ARRAY_BUFFER, bounds=True),
            "NORMAL": document.accessor(scene.normals[used], target=ARRAY_BUFFER),
            "COLOR_0": document.accessor(colours, target=ARRAY_BUFFER, normalized=True),
            "JOINTS_0": document.accessor(joints, target=ARRAY_BUFFER),
            "WEIGHTS_0": document.accessor(shares, target=ARRAY_BUFFER, normalized=True)}


# --- the animation


def _add_animation(document: Document, scene: FaceScene, clip: CurveClip, info: ExportInfo, face_node: int,
                   joint_nodes: dict[str, int], path: Path) -> None:
    animation: Json = {"name": "facerig" if info.audio_path is None else info.audio_path.stem, "channels": [],
                       "samplers": [], "extras": facts(scene, clip, info, path)}
    if scene.morphs:
        kept = shared_keys(scene.morphing(clip), info)
        weights = scene.weights(clip)[kept].ravel()
        _add_channel(document, animation, face_node, "weights", _seconds(clip, kept), weights)
    for name, turns in scene.turns(clip).items():
        kept = kept_turns(turns, info, HEAD_DEGREES if name == "head" else EYES_DEGREES)
        xyzw = np.asarray(turns[kept][:, [1, 2, 3, 0]], np.float32)
        _add_channel(document, animation, joint_nodes[name], "rotation", _seconds(clip, kept), xyzw)
    document.add("animations", animation)


def _add_channel(document: Document, animation: Json, node: int, kind: str, seconds: NDArray[np.float32],
                 values: NDArray[np.float32]) -> None:
    target = {"node": node, "path": kind}
    animation["channels"].append({"sampler": len(animation["samplers"]), "target": target})
    animation["samplers"].append({"input": document.accessor(seconds, bounds=True),
                                  "output": document.accessor(values), "interpolation": "LINEAR"})


def _seconds(clip: CurveClip, kept: NDArray[np.intp]) -> NDArray[np.float32]:
    return np.array([float(frame_time(clip.start + k, clip.fps)) for k in kept.tolist()], np.float32)
