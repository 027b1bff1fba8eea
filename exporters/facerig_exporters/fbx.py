"""Binary FBX: the head with a blendshape a curve, or, for rigs that the head cannot show, curves alone.

With a face: the mesh of `info.head`, skinned to the bones root, head, leftEye and rightEye, with a blendshape
for each curve of the rig; DeformPercent is the curve's value in percent. A curve without a look is an
attribute of root.

Curves alone (a MetaHuman's controls, FLAME): the bone `root` has one animated attribute ("A+U", a user's) a
curve, which Maya shows in its channel box and Unreal imports as animation curves ("Import Custom Attribute";
it leaves out those that are zero throughout, unless told otherwise). The turns of head and eyes are on bones
called facerig_head ..., so that they never steer bones of the same name in the skeleton that the curves are
for. Blender opens such a file, but animates no attributes.

Keys stand on frames at the timecode's own time, joined by straight lines. Judged by Autodesk's FBX SDK, ufbx,
Blender and three.js; not run in Unreal, Maya or MotionBuilder.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

import numpy as np

from facerig.core.curves import CurveClip
from facerig.errors import OutputError
from facerig.mesh.turns import ANGLES_OF, turn_angles
from facerig.sinks.exporter import ExportInfo
from facerig.sinks.keys import EYES_DEGREES, HEAD_DEGREES, kept_angles, kept_keys
from facerig_exporters.face_scene import (
    FaceScene,
    Joint,
    check_shown,
    face_scene,
    joined_clip,
    turns_only,
)
from facerig_exporters.fbx_binary import Row, properties, write_fbx
from facerig_exporters.fbx_document import Clock, Document, Id, time_property
from facerig_exporters.fbx_face import add_bones, add_face
from facerig_exporters.fbx_keys import PERCENT, Animation, euler_degrees

ALONE: Final = "facerig_"  # before the names of bones in a file without a face
LONGEST_NAME: Final = 255  # bytes: what Maya and Unreal take
# Properties that every node has; an attribute of that name would set them. Compared in lower case.
_TAKEN: Final = frozenset(name.lower() for name in (
    *(f"Lcl {kind}" for kind in ("Translation", "Rotation", "Scaling")),
    *(f"{kind}{end}{axis}" for kind in ("Translation", "Rotation", "Scaling") for end in ("Min", "Max")
      for axis in ("", "X", "Y", "Z")),
    *(f"{kind}Active" for kind in ("Translation", "Rotation", "Scaling")),
    *(f"Geometric{kind}" for kind in ("Translation", "Rotation", "Scaling")),
    "AxisLen", "DefaultAttributeIndex", "Freeze", "InheritType", "LODBox", "LookAtProperty",
    "NegativePercentShapeSupport", "PostRotation", "PreRotation", "QuaternionInterpolate", "RotationOffset",
    "RotationOrder", "RotationPivot", "RotationSpaceForLimitOnly", "ScalingOffset", "ScalingPivot", "Show",
    "UpVectorProperty", "Visibility", "Visibility Inheritance"))


class Fbx:
    """See the module's text."""

    name: ClassVar[str] = "fbx"
    endings: ClassVar[tuple[str, ...]] = (".fbx",)
    summary: ClassVar[str] = "binary FBX: a head with keyed blendshapes, or attributes of a bone (MetaHuman)"
    rig: ClassVar[str] = "arkit"
    keyed: ClassVar[bool] = True
    turns: ClassVar[bool] = True

    def write(self, path: Path, pieces: Iterable[CurveClip], info: ExportInfo) -> int:
        """Write `pieces` and return the number of frames. Raises OutputError for a name that FBX cannot hold.
        """
        scene = face_scene(info, path) if _is_shown(info, path) else None
        shapes = () if scene is None else tuple(morph.name for morph in scene.morphs)
        attributes = tuple(n for n in info.names if n not in shapes and not (scene and turns_only(info, n)))
        _check_names(info.names, attributes, path)
        clip = joined_clip(pieces)
        n_frames = 0 if clip is None else len(clip)
        clock = Clock(info.fps, info.start_frame + (0 if clip is None else clip.start), n_frames)
        document = Document(clock)
        bones, targets = _add_objects(document, scene, attributes)
        if clip is not None:
            animation = Animation(document)
            _key_curves(animation, clip, info, targets)
            _key_bones(animation, clip, info, bones)
            _add_sound(document, info, path)
        write_fbx(path, document.nodes())
        return n_frames


def _is_shown(info: ExportInfo, path: Path) -> bool:
    try:
        check_shown(info, path)
    except OutputError:
        return False  # curves alone can be written
    return True


def _check_names(names: tuple[str, ...], attributes: tuple[str, ...], path: Path) -> None:
    for name in names:
        if not name or not name.isprintable() or len(name.encode()) > LONGEST_NAME:
            raise OutputError(f"an FBX file cannot hold a curve called {name[:60]!r}", where=str(path),
                              fix=f"name it in 1 to {LONGEST_NAME} printable characters in the rig file")
    for name in attributes:
        if name.lower() in _TAKEN or "|" in name:
            raise OutputError(f"an FBX file cannot hold an attribute called {name!r}: that is something else",
                              where=str(path), fix="rename the curve in the rig file")


def _add_objects(document: Document, scene: FaceScene | None, attributes: tuple[str, ...]
                 ) -> tuple[dict[str, Id], dict[str, tuple[Id, str]]]:
    """Bones by joint, and for each curve the object and the property that it moves."""
    joints = _lone_joints() if scene is None else scene.joints
    root = joints[0].name
    rows: dict[str, list[Row]] = {root: [(name, "Number", "", "A+U", 0.0) for name in attributes]}
    bones = add_bones(document, joints, rows)
    targets = {name: (bones[root], name) for name in attributes}
    if scene is not None:
        channels = add_face(document, scene, bones)
        targets |= {name: (id_, "DeformPercent") for name, id_ in channels.items()}
    return {name.removeprefix(ALONE): id_ for name, id_ in bones.items()}, targets


def _lone_joints() -> tuple[Joint, ...]:
    """Bones without a mesh: all in one place, since nothing hangs on them."""
    nowhere = np.zeros(3, np.float32)
    return (Joint(name="root", parent=None, place=nowhere),
            Joint(name=f"{ALONE}head", parent=0, place=nowhere),
            *(Joint(name=f"{ALONE}{eye}", parent=1, place=nowhere) for eye in ("leftEye", "rightEye")))


def _key_curves(animation: Animation, clip: CurveClip, info: ExportInfo, targets: dict[str, tuple[Id, str]]
                ) -> None:
    for column, (name, offsets) in enumerate(zip(clip.names, kept_keys(clip, info), strict=True)):
        if name not in targets:
            continue
        target, to = targets[name]
        values = clip.values[offsets, column].astype(np.float64)
        if to == "DeformPercent":
            animation.key(target, to, to, {to: (offsets, values * PERCENT)})
        else:
            animation.key(target, name, to, {name: (offsets, values)})


def _key_bones(animation: Animation, clip: CurveClip, info: ExportInfo, bones: dict[str, Id]) -> None:
    face = clip.face_values
    for joint in ANGLES_OF:
        if joint not in bones:
            continue
        degrees = euler_degrees(turn_angles(face, joint))
        kept = kept_angles(np.radians(degrees), info, HEAD_DEGREES if joint == "head" else EYES_DEGREES)
        channels = {axis: (kept[i], degrees[kept[i], i]) for i, axis in enumerate("XYZ")}
        animation.key(bones[joint], "R", "Lcl Rotation", channels)


def _add_sound(document: Document, info: ExportInfo, path: Path) -> None:
    """A track with the sound, as Maya writes it, but outside of the take: a track among the take's layers
    crashes FBX2glTF 0.9.7, and makes importers that count layers bake them together."""
    if info.audio_path is None:
        return
    place = _relative(info.audio_path, path.parent)
    clock = document.clock
    track = document.add("AudioLayer", "audio", "", [])
    sound = document.add("Audio", info.audio_path.stem, "Clip", [properties(
        ("Path", "KString", "XRefUrl", "", place), ("RelPath", "KString", "XRefUrl", "", place),
        time_property("ClipOut", clock.frame(clock.first + clock.n_frames) - clock.start),
        time_property("Offset", clock.frame(info.start_frame)))])
    document.connect(sound, track)


def _relative(audio: Path, folder: Path) -> str:
    """`audio` as seen from `folder`: nothing of where a user's folders lie goes into the file, if it can be
    helped."""
    try:
        return Path(os.path.relpath(audio, folder)).as_posix()
    except ValueError:  # on another drive
        return audio.absolute().as_posix()
