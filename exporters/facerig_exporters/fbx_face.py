"""The head as objects of an FBX file: bones, a skinned mesh with vertex colours, a blendshape a curve.
Centimetres.

Bones lie at rest without rotation; InheritType 1 (RSrs), as Maya writes, and a bind pose, which Maya and
Unreal ask for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig_exporters.face_scene import MESH_NAME, FaceScene, Joint, Morph
from facerig_exporters.fbx_binary import Node, Row, properties
from facerig_exporters.fbx_document import ROOT, Document, Id
from facerig_exporters.fbx_keys import PERCENT, ROTATION_ORDER

MM_PER_CM: Final = 10.0
SHAPES_NAME: Final = "facerig"  # Unreal cuts this and a _ off a blendshape's name: no curve should begin so

SHAPES_KEPT: Final = 256  # morphs whose nodes are kept

Matrix = NDArray[np.float64]
_SHAPES: Final[dict[int, tuple[Morph, list[Node]]]] = {}  # by id


def add_bones(document: Document, joints: Sequence[Joint], attributes: dict[str, list[Row]]
              ) -> dict[str, Id]:
    """A bone for each joint, by name. `attributes`: rows of user properties for some of them."""
    ids: dict[str, Id] = {}
    for joint in joints:
        parent = None if joint.parent is None else joints[joint.parent]
        place = (joint.place - (0 if parent is None else parent.place)) / MM_PER_CM
        id_ = _model(document, joint.name, "LimbNode", [
            ("RotationOrder", "enum", "", "", ROTATION_ORDER),
            ("Lcl Translation", "Lcl Translation", "", "A", *map(float, place)),
            ("Lcl Rotation", "Lcl Rotation", "", "A", 0.0, 0.0, 0.0), *attributes.get(joint.name, [])])
        bone = document.add("NodeAttribute", joint.name, "LimbNode", [
            properties(("Size", "double", "Number", "", 1.0)), Node("TypeFlags", ("Skeleton",))])
        document.connect(bone, id_)
        document.connect(id_, ROOT if parent is None else ids[parent.name])
        ids[joint.name] = id_
    return ids


def add_face(document: Document, scene: FaceScene, bones: dict[str, Id]) -> dict[str, Id]:
    """The mesh of `scene`, bound to `bones`; the ids of its blendshape channels by name."""
    model = _model(document, MESH_NAME, "Mesh", [])
    mesh = document.add("Geometry", MESH_NAME, "Mesh", _geometry(scene))
    document.connect(model, ROOT)
    document.connect(mesh, model)
    for surface in scene.surfaces:
        document.connect(_material(document, surface.name, surface.roughness), model)
    channels = _add_shapes(document, scene.morphs, mesh)
    _add_skin(document, scene, bones, mesh)
    _add_bind_pose(document, {model: np.eye(4)} | {bones[j.name]: _matrix(j) for j in scene.joints})
    return channels


def _model(document: Document, name: str, kind: str, rows: list[Row]) -> Id:
    return document.add("Model", name, kind, [
        Node("Version", (232,)),
        properties(("RotationActive", "bool", "", "", 1), ("InheritType", "enum", "", "", 1),
                   ("DefaultAttributeIndex", "int", "Integer", "", 0), *rows),
        Node("Shading", (True,)), Node("Culling", ("CullingOff",))])


def _geometry(scene: FaceScene) -> list[Node]:
    triangles = np.concatenate([s.triangles for s in scene.surfaces]).astype(np.int32)
    corners = triangles.copy()
    corners[:, 2] = ~corners[:, 2]  # the last corner of a polygon
    material_of = np.repeat(np.arange(len(scene.surfaces), dtype=np.int32),
                            [len(s.triangles) for s in scene.surfaces])
    colours = np.concatenate([scene.colours, np.ones((len(scene.colours), 1))], 1)
    layers = [
        _layer("LayerElementNormal", "ByVertice", "Direct", Node("Normals", (_doubles(scene.normals),))),
        _layer("LayerElementColor", "ByPolygonVertex", "IndexToDirect", Node("Colors", (_doubles(colours),)),
               Node("ColorIndex", (triangles.ravel(),)), name="Color"),
        _layer("LayerElementMaterial", "ByPolygon", "IndexToDirect", Node("Materials", (material_of,)))]
    return [Node("Vertices", (_doubles(scene.points / MM_PER_CM),)),
            Node("PolygonVertexIndex", (corners.ravel(),)), Node("GeometryVersion", (124,)), *layers,
            Node("Layer", (0,), [Node("Version", (100,)), *(
                Node("LayerElement", (), [Node("Type", (layer.name,)), Node("TypedIndex", (0,))])
                for layer in layers)])]


def _layer(kind: str, mapping: str, reference: str, *data: Node, name: str = "") -> Node:
    return Node(kind, (0,), [Node("Version", (101,)), Node("Name", (name,)),
                             Node("MappingInformationType", (mapping,)),
                             Node("ReferenceInformationType", (reference,)), *data])


def _material(document: Document, name: str, roughness: float) -> Id:
    """White, so that programs that multiply by the vertex colours show those."""
    shine = 100.0 * (1 - roughness) ** 2  # as Blender's exporter and importer take it, 0 to 100 as in Maya
    return document.add("Material", name, "", [
        Node("Version", (102,)), Node("ShadingModel", ("phong",)), Node("MultiLayer", (0,)), properties(
            ("DiffuseColor", "Color", "", "A", 1.0, 1.0, 1.0), ("DiffuseFactor", "Number", "", "A", 1.0),
            ("SpecularColor", "Color", "", "A", 1.0, 1.0, 1.0), ("SpecularFactor", "Number", "", "A", 0.25),
            ("Shininess", "double", "Number", "", shine), ("ShininessExponent", "Number", "", "A", shine))])


def _add_shapes(document: Document, morphs: Sequence[Morph], mesh: Id) -> dict[str, Id]:
    if not morphs:
        return {}
    deformer = document.add("Deformer", SHAPES_NAME, "BlendShape", [Node("Version", (100,))])
    document.connect(deformer, mesh)
    channels = {}
    for morph in morphs:
        channel = document.add("Deformer", morph.name, "BlendShapeChannel", [
            Node("Version", (100,)), Node("DeformPercent", (0.0,)),
            Node("FullWeights", (np.array([PERCENT]),))])
        shape = document.add("Geometry", morph.name, "Shape", _shape(morph))
        document.connect(channel, deformer)
        document.connect(shape, channel)
        channels[morph.name] = channel
    return channels


def _shape(morph: Morph) -> list[Node]:
    """What the curve does at value 1; kept, for a face is the same in all files of a batch."""
    kept = _SHAPES.get(id(morph))
    if kept is not None and kept[0] is morph:
        return kept[1]
    if len(_SHAPES) >= SHAPES_KEPT:
        _SHAPES.clear()
    nodes = _shape_nodes(morph)
    _SHAPES[id(morph)] = morph, nodes
    return nodes


def _shape_nodes(morph: Morph) -> list[Node]:
    points = np.union1d(morph.points, morph.bent).astype(np.int32)
    offsets, turns = np.zeros((2, len(points), 3))
    offsets[np.searchsorted(points, morph.points)] = morph.offsets / morph.full / MM_PER_CM
    turns[np.searchsorted(points, morph.bent)] = morph.turns / morph.full
    return [Node("Version", (100,)), Node("Indexes", (points,)), Node("Vertices", (_doubles(offsets),)),
            Node("Normals", (_doubles(turns),))]


def _add_skin(document: Document, scene: FaceScene, bones: dict[str, Id], mesh: Id) -> None:
    skin = document.add("Deformer", SHAPES_NAME, "Skin", [
        Node("Version", (101,)), Node("Link_DeformAcuracy", (50.0,))])  # the format's own spelling
    document.connect(skin, mesh)
    for index, joint in enumerate(scene.joints):
        share = ((scene.joint_of == index) * scene.share_of).sum(1)
        points = np.flatnonzero(share > 0).astype(np.int32)
        bone_from_world = _matrix(joint)
        bone_from_world[3, :3] *= -1  # no rotation at rest
        cluster = document.add("Deformer", joint.name, "Cluster", [
            Node("Version", (100,)), Node("UserData", ("", "")), Node("Indexes", (points,)),
            Node("Weights", (_doubles(share[points]),)), Node("Transform", (_doubles(bone_from_world),)),
            Node("TransformLink", (_doubles(_matrix(joint)),))])
        document.connect(cluster, skin)
        document.connect(bones[joint.name], cluster)


def _add_bind_pose(document: Document, places: dict[Id, Matrix]) -> None:
    document.add("Pose", "BindPose", "BindPose", [
        Node("Type", ("BindPose",)), Node("Version", (100,)), Node("NbPoseNodes", (len(places),)),
        *(Node("PoseNode", (), [Node("Node", (id_,)), Node("Matrix", (_doubles(matrix),))])
          for id_, matrix in places.items())])


def _matrix(joint: Joint) -> Matrix:
    """Of the joint at rest, in the scene: rows of a matrix that points are multiplied by from the left."""
    out = np.eye(4)
    out[3, :3] = joint.place / MM_PER_CM
    return out


def _doubles(values: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.ascontiguousarray(values, np.float64).ravel()
