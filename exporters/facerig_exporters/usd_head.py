"""The head's mesh, skeleton and materials as prims of an OpenUSD stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig_exporters.face_scene import MESH_NAME, FaceScene, Morph, Surface

ROOT: Final = "/Head"
GAMMA: Final = 2.2  # from display colours to the linear ones of USD


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Paths that the animation needs: `joints` as UsdSkel names them, by their parents ("root/head")."""

    animation: str
    joints: tuple[str, ...]


def add_head(pxr: Any, stage: Any, scene: FaceScene, scale: float) -> Names:
    """Define the head in `stage`, its lengths `scale` times millimetres."""
    root = pxr.UsdSkel.Root.Define(stage, ROOT)
    stage.SetDefaultPrim(root.GetPrim())
    pxr.Usd.ModelAPI(root.GetPrim()).SetKind(pxr.Kind.Tokens.component)
    joints: list[str] = []
    for joint in scene.joints:
        joints.append(joint.name if joint.parent is None else f"{joints[joint.parent]}/{joint.name}")
    skeleton = _add_skeleton(pxr, stage, scene, joints, scale)
    mesh = _add_mesh(pxr, stage, scene, scale)
    _bind(pxr, mesh, scene, skeleton)
    _add_blend_shapes(pxr, stage, mesh, scene, scale)
    _add_materials(pxr, stage, mesh, scene)
    low, high = (edge(0) * scale for edge in (scene.points.min, scene.points.max))
    root.CreateExtentAttr([pxr.Gf.Vec3f(*low.tolist()), pxr.Gf.Vec3f(*high.tolist())])
    return Names(animation=f"{ROOT}/Animation", joints=tuple(joints))


def _add_skeleton(pxr: Any, stage: Any, scene: FaceScene, joints: list[str], scale: float) -> Any:
    skeleton = pxr.UsdSkel.Skeleton.Define(stage, f"{ROOT}/Skeleton")
    places = [joint.place.astype(np.float64) * scale for joint in scene.joints]
    above = [np.zeros(3) if joint.parent is None else places[joint.parent] for joint in scene.joints]
    skeleton.CreateJointsAttr(joints)
    skeleton.CreateBindTransformsAttr([_moved(pxr, place) for place in places])
    skeleton.CreateRestTransformsAttr([_moved(pxr, place - start)
                                       for place, start in zip(places, above, strict=True)])
    binding = pxr.UsdSkel.BindingAPI.Apply(skeleton.GetPrim())
    binding.CreateAnimationSourceRel().SetTargets([f"{ROOT}/Animation"])
    return skeleton


def _moved(pxr: Any, place: NDArray[np.float64]) -> Any:
    return pxr.Gf.Matrix4d(1).SetTranslate(pxr.Gf.Vec3d(*place.tolist()))


def _add_mesh(pxr: Any, stage: Any, scene: FaceScene, scale: float) -> Any:
    mesh = pxr.UsdGeom.Mesh.Define(stage, f"{ROOT}/{MESH_NAME}")
    points = (scene.points * np.float32(scale)).astype(np.float32)
    triangles = np.concatenate([surface.triangles for surface in scene.surfaces])
    mesh.CreateSubdivisionSchemeAttr(pxr.UsdGeom.Tokens.none)
    mesh.CreateDoubleSidedAttr(any(surface.two_sided for surface in scene.surfaces))
    mesh.CreatePointsAttr(pxr.Vt.Vec3fArray.FromNumpy(points))
    mesh.CreateNormalsAttr(pxr.Vt.Vec3fArray.FromNumpy(scene.normals))
    mesh.SetNormalsInterpolation(pxr.UsdGeom.Tokens.vertex)
    mesh.CreateFaceVertexCountsAttr([3] * len(triangles))
    mesh.CreateFaceVertexIndicesAttr(pxr.Vt.IntArray.FromNumpy(triangles.astype(np.int32).ravel()))
    mesh.CreateExtentAttr([pxr.Gf.Vec3f(*points.min(0).tolist()), pxr.Gf.Vec3f(*points.max(0).tolist())])
    linear = np.ascontiguousarray(np.clip(scene.colours, 0, 1) ** np.float32(GAMMA), np.float32)
    colours = mesh.CreateDisplayColorPrimvar(pxr.UsdGeom.Tokens.vertex)
    colours.Set(pxr.Vt.Vec3fArray.FromNumpy(linear))
    return mesh


def _bind(pxr: Any, mesh: Any, scene: FaceScene, skeleton: Any) -> None:
    binding = pxr.UsdSkel.BindingAPI.Apply(mesh.GetPrim())
    width = scene.joint_of.shape[1]
    indices = np.ascontiguousarray(scene.joint_of.ravel(), np.int32)
    shares = np.ascontiguousarray(scene.share_of.ravel(), np.float32)
    binding.CreateJointIndicesPrimvar(False, width).Set(pxr.Vt.IntArray.FromNumpy(indices))
    binding.CreateJointWeightsPrimvar(False, width).Set(pxr.Vt.FloatArray.FromNumpy(shares))
    binding.CreateGeomBindTransformAttr(pxr.Gf.Matrix4d(1))
    binding.CreateSkeletonRel().SetTargets([skeleton.GetPath()])


def _add_blend_shapes(pxr: Any, stage: Any, mesh: Any, scene: FaceScene, scale: float) -> None:
    taken = {surface.name for surface in scene.surfaces}  # the subsets beside them
    paths = []
    for morph in scene.morphs:
        name = pxr.Tf.MakeValidIdentifier(morph.name)
        while name in taken:
            name += "_"
        taken.add(name)
        shape = pxr.UsdSkel.BlendShape.Define(stage, mesh.GetPath().AppendChild(name))
        points, offsets, turns = _together(morph)
        shape.CreatePointIndicesAttr(pxr.Vt.IntArray.FromNumpy(points))
        shape.CreateOffsetsAttr(pxr.Vt.Vec3fArray.FromNumpy((offsets * np.float32(scale)).astype(np.float32)))
        shape.CreateNormalOffsetsAttr(pxr.Vt.Vec3fArray.FromNumpy(turns))
        paths.append(shape.GetPath())
    binding = pxr.UsdSkel.BindingAPI(mesh.GetPrim())
    binding.CreateBlendShapesAttr([morph.name for morph in scene.morphs])
    binding.CreateBlendShapeTargetsRel().SetTargets(paths)


def _together(morph: Morph) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
    """Points that move or whose normals turn, and both; one that does neither where there are none, for empty
    indices would mean all points."""
    points = np.union1d(morph.points, morph.bent).astype(np.int32)
    if not len(points):
        return np.zeros(1, np.int32), np.zeros((1, 3), np.float32), np.zeros((1, 3), np.float32)
    offsets, turns = np.zeros((len(points), 3), np.float32), np.zeros((len(points), 3), np.float32)
    offsets[np.searchsorted(points, morph.points)] = morph.offsets
    turns[np.searchsorted(points, morph.bent)] = morph.turns
    return points, offsets, turns


def _add_materials(pxr: Any, stage: Any, mesh: Any, scene: FaceScene) -> None:
    pxr.UsdGeom.Scope.Define(stage, f"{ROOT}/Looks")
    first = 0
    binding = pxr.UsdShade.MaterialBindingAPI
    whole = binding.Apply(mesh.GetPrim())
    for surface in scene.surfaces:
        faces = np.arange(first, first + len(surface.triangles), dtype=np.int32)
        first += len(faces)
        subset = whole.CreateMaterialBindSubset(surface.name, pxr.Vt.IntArray.FromNumpy(faces))
        binding.Apply(subset.GetPrim()).Bind(_material(pxr, stage, surface))
    whole.SetMaterialBindSubsetsFamilyType(pxr.UsdGeom.Tokens.partition)


def _material(pxr: Any, stage: Any, surface: Surface) -> Any:
    """Coloured by the mesh's points."""
    material = pxr.UsdShade.Material.Define(stage, f"{ROOT}/Looks/{surface.name}")
    path, types = material.GetPath(), pxr.Sdf.ValueTypeNames
    reader = pxr.UsdShade.Shader.Define(stage, path.AppendChild("Colour"))
    reader.CreateIdAttr("UsdPrimvarReader_float3")
    reader.CreateInput("varname", types.String).Set("displayColor")
    shader = pxr.UsdShade.Shader.Define(stage, path.AppendChild("Surface"))
    shader.CreateIdAttr("UsdPreviewSurface")
    shader.CreateInput("roughness", types.Float).Set(surface.roughness)
    shader.CreateInput("metallic", types.Float).Set(0.0)
    colour = shader.CreateInput("diffuseColor", types.Color3f)
    colour.ConnectToSource(reader.CreateOutput("result", types.Float3))
    material.CreateSurfaceOutput().ConnectToSource(shader.CreateOutput("surface", types.Token))
    return material
