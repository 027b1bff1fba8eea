"""The head as a scene that every 3D format can hold: a mesh, joints that bend it, a morph for each curve.

Lengths are millimetres on the head's axes (x to the subject's left, y up, z to the front); a format scales
them to its own unit. A morphed and then skinned point stands where `Head.posed` puts it: a point follows the
head joint by its share `follow` and the root by the rest, and eyeballs follow their own joints alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import NAMES, SHAPE_NAMES
from facerig.core.curves import CurveClip
from facerig.errors import OutputError
from facerig.mesh.head import Head, Part, shipped_head
from facerig.mesh.turns import quaternions, turn_angles
from facerig.sinks.exporter import CurveInfo, ExportInfo
from facerig_exporters.rows import check_finite

Array = NDArray[np.float64]
Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

MESH_NAME: Final = "Face"
LEAST_MM: Final = 0.001  # of a morph's offset: a tenth of what the head is stored to
LEAST_TURN: Final = 0.004  # of a unit normal: a quarter of a degree, which no shading shows
LEAST_SHOWN: Final = 0.5  # of a rig's curves; with less the mesh would act another part than the curves
# The last ones made, which most files of a batch share: making one takes longer than a line of speech.
_LAST: Final[deque[tuple[Head, tuple[tuple[str, CurveInfo], ...], FaceScene]]] = deque(maxlen=2)
_SHAPES: Final = frozenset(SHAPE_NAMES)
_ROTATIONS: Final = frozenset(NAMES) - _SHAPES

# Which triangles are drawn alike: those with a point of the Part, the first row that fits.
#  name         part         roughness  drawn from both sides
_MATERIALS: Final = (
    ("Hair", Part.HAIR, 0.8, True),
    ("LeftEye", Part.EYE, 0.1, False),
    ("RightEye", Part.EYE, 0.1, False),
    ("Eyes", Part.EYE, 0.1, False),
    ("Teeth", Part.TEETH, 0.25, False),
    ("Tongue", Part.TONGUE, 0.35, False),
    ("Mouth", Part.MOUTH, 0.45, True),
    ("Skin", Part.SKIN, 0.6, False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """`place` [3] of the joint, mm from the origin (not from its parent); at rest no joint is turned."""

    name: str  # root, head, leftEye, rightEye; the latter three are those of `mesh.turns.ANGLES_OF`
    parent: int | None
    place: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """Triangles [M, 3] of the scene's points that share a material."""

    name: str
    triangles: Ints
    roughness: float
    two_sided: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Morph:
    """What the curve `name` does to the mesh where it is at `full`: `points` [k] move by `offsets` [k, 3] mm,
    and the normals of `bent` [m] change by `turns` [m, 3]. All is empty where the mesh has no shape for it.
    """

    name: str
    full: float  # a weight of 1 is this value of the curve: 1, or the end of a range that reaches beyond
    points: Ints
    offsets: Floats
    bent: Ints
    turns: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceScene:
    """`points` and unit `normals` float32 [N, 3]; `colours` [N, 3] display RGB 0 to 1; `joint_of` int32
    [N, 2] and `share_of` float32 [N, 2]: the joints a point follows and how much (sums to 1; an unused second
    is joint 0 with 0).
    """

    points: Floats
    normals: Floats
    colours: Floats
    joints: tuple[Joint, ...]
    joint_of: Ints
    share_of: Floats
    surfaces: tuple[Surface, ...]
    morphs: tuple[Morph, ...]

    def weights(self, clip: CurveClip) -> Floats:
        """Morph weights [T, len(morphs)] of a clip of the rig; a curve that it lacks is zero."""
        out = np.zeros((len(clip), len(self.morphs)), np.float32)
        column = {name: i for i, name in enumerate(clip.names)}
        for i, morph in enumerate(self.morphs):
            if morph.name in column:
                out[:, i] = clip.values[:, column[morph.name]] / np.float32(morph.full)
        return out

    def morphing(self, clip: CurveClip) -> CurveClip:
        """`clip` without the curves that only turn joints: those have keys of their own."""
        columns = [clip.names.index(morph.name) for morph in self.morphs if morph.name in clip.names]
        return replace(clip, values=clip.values[:, columns], names=tuple(clip.names[i] for i in columns),
                       face=clip.canonical)

    def turns(self, clip: CurveClip) -> dict[str, Array]:
        """Rotation of each joint that turns, relative to its parent: unit quaternions (w, x, y, z) [T, 4]."""
        face = clip.face_values
        return {joint.name: quaternions(turn_angles(face, joint.name)) for joint in self.joints[1:]}


def face_scene(info: ExportInfo, where: Path) -> FaceScene:
    """The head of `info` with a morph for each of its rig's curves, but for those that only turn joints.

    Raises OutputError, naming the file `where`, for a rig that the mesh cannot show.
    """
    check_shown(info, where)
    head = shipped_head() if info.head is None else info.head()
    curves = tuple((name, info.curve(name)) for name in info.names)
    for made_of, shown, scene in _LAST:
        if made_of is head and shown == curves:
            return scene
    scene = _scene(head, info)
    _LAST.append((head, curves, scene))
    return scene


def _scene(head: Head, info: ExportInfo) -> FaceScene:
    joints, joint_of, share_of = _skeleton(head)
    normals = head.normals(head.rest)
    morphs = tuple(_morph(head, normals, info, name) for name in info.names if not turns_only(info, name))
    return FaceScene(points=head.rest, normals=normals, colours=head.colours, joints=joints,
                     joint_of=joint_of, share_of=share_of, surfaces=_surfaces(head), morphs=morphs)


def check_shown(info: ExportInfo, where: Path) -> None:
    """Raises OutputError for a rig most of whose curves have no look on the mesh."""
    shown = sum(info.curve(name).pose is not None for name in info.names)
    if shown < LEAST_SHOWN * len(info.names) or not shown:
        raise OutputError(
            f"the head can show {shown} of the {len(info.names)} curves of the rig {info.rig!r}",
            where=str(where), fix="write a .curves.csv or .fbx, which hold curves without a face; "
                                  "or --rig arkit, which the head has every shape of")


def turns_only(info: ExportInfo, name: str) -> bool:
    """Whether the curve `name` does nothing but turn the head or an eye, which joints show."""
    pose = info.curve(name).pose
    return bool(pose) and all(source in _ROTATIONS for source in pose or ())


def joined_clip(pieces: Iterable[CurveClip]) -> CurveClip | None:
    """All pieces as one clip, for formats that hold curve after curve; None where there is no frame.

    Raises OutputError where a frame is missing or a value is not a finite number.
    """
    kept: list[CurveClip] = []
    for piece in pieces:
        check_finite(piece)
        check_finite(piece.canonical)
        kept.append(piece)
    try:
        clip = CurveClip.joined(kept) if kept else None
    except ValueError as problem:
        raise OutputError(str(problem), where="curves",
                          fix="this is a fault of facerig; please report it") from None
    return clip if clip is not None and len(clip) else None


# --- parts of the scene


def _skeleton(head: Head) -> tuple[tuple[Joint, ...], Ints, Floats]:
    joints = [Joint(name="root", parent=None, place=np.zeros(3, np.float32)),
              Joint(name="head", parent=0, place=np.asarray(head.pivot, np.float32))]
    joint_of = np.tile(np.array([1, 0], np.int32), (len(head.rest), 1))
    share_of = np.stack([head.follow, 1 - head.follow], 1).astype(np.float32)
    still = head.follow <= 0
    joint_of[still], share_of[still] = 0, (1, 0)
    for name, eye in zip(("leftEye", "rightEye"), head.eyes, strict=False):
        joint_of[eye.points], share_of[eye.points] = (len(joints), 0), (1, 0)
        joints.append(Joint(name=name, parent=1, place=np.asarray(eye.centre, np.float32)))
    return tuple(joints), joint_of, share_of


def _surfaces(head: Head) -> tuple[Surface, ...]:
    free = np.ones(len(head.triangles), np.bool_)
    found = []
    for name, part, roughness, two_sided in _MATERIALS:
        mine = free & _touching(head, name, part)
        free &= ~mine
        if mine.any():
            both = two_sided or bool(head.two_sided[mine].all())
            found.append(Surface(name=name, triangles=np.asarray(head.triangles[mine], np.int32),
                                 roughness=roughness, two_sided=both))
    return tuple(reversed(found))


def _touching(head: Head, name: str, part: Part) -> NDArray[np.bool_]:
    """Triangles [M] of a part: with any point in it. A left or right eye is what turns with its joint."""
    sides = {"LeftEye": 0, "RightEye": 1}
    if name in sides:
        eye = head.eyes[sides[name]].points if sides[name] < len(head.eyes) else np.zeros(0, np.int32)
        return np.asarray(np.isin(head.triangles, eye).any(1))
    if part is Part.SKIN:
        return np.ones(len(head.triangles), np.bool_)
    return np.asarray((head.parts == part)[head.triangles].any(1))


def _morph(head: Head, normals: Floats, info: ExportInfo, name: str) -> Morph:
    curve = info.curve(name)
    full = max(1.0, abs(curve.low), abs(curve.high))
    offsets = np.zeros((len(head.rest), 3), np.float32)
    for source, value in (curve.pose or {}).items():
        if source in head.shape_names:
            offsets += np.float32(full * value) * head.deltas[head.shape_names.index(source)].reshape(-1, 3)
    points = np.flatnonzero((np.abs(offsets) > LEAST_MM).any(1)).astype(np.int32)
    turns = head.normals(head.rest + offsets) - normals if len(points) else np.zeros_like(normals)
    bent = np.flatnonzero((np.abs(turns) > LEAST_TURN).any(1)).astype(np.int32)
    return Morph(name=name, full=full, points=points, offsets=offsets[points], bent=bent, turns=turns[bent])
