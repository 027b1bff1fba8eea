"""Pixar's OpenUSD opens the stage, samples it at every frame, skins it, and runs its validators."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from facerig.core.clock import parse_fps
from tools.judges import Judged, JudgeMissing

Array = NDArray[np.float64]


def opened(path: Path) -> tuple[Any, Any]:
    """The package and the stage. Raises JudgeMissing without usd-core."""
    try:
        import pxr
        from pxr import Usd, UsdGeom, UsdMedia, UsdSkel, UsdValidation  # noqa: F401
    except ImportError:
        raise JudgeMissing("needs usd-core: pip install usd-core") from None
    return pxr, Usd.Stage.Open(str(path))


def read(path: Path) -> Judged:
    """Blend shape weights and joints at every frame of the stage's time."""
    pxr, stage = opened(path)
    fps = rate(stage)
    animation = pxr.UsdSkel.Animation(_first(stage, "SkelAnimation"))
    weights, rotations = animation.GetBlendShapeWeightsAttr(), animation.GetRotationsAttr()
    codes = np.arange(stage.GetStartTimeCode(), stage.GetEndTimeCode() + 1)
    table = np.array([weights.Get(code) for code in codes], np.float64)
    names = list(animation.GetBlendShapesAttr().Get())
    columns = list(table.T)
    joints = [joint.rpartition("/")[2] for joint in animation.GetJointsAttr().Get()]
    turns = [rotations.Get(code) for code in codes]
    for k, joint in enumerate(joints):
        if joint != "root":
            quats = [(*turn[k].GetImaginary(), turn[k].GetReal()) for turn in turns]
            angles = Rotation.from_quat(quats).as_euler("YXZ") * (-1, 1, -1)
            names += [f"{joint}{axis}" for axis in ("Yaw", "Pitch", "Roll")]
            columns += list(angles.T)
    keys = (len(weights.GetTimeSamples()) * table.shape[1]
            + len(rotations.GetTimeSamples()) * (len(joints) - 1))
    return Judged(names=tuple(names), fps=fps, values=np.stack(columns, 1), keys=keys)


def rate(stage: Any) -> Fraction:
    """Time codes a second."""
    return parse_fps(stage.GetTimeCodesPerSecond())


def key_codes(path: Path) -> dict[str, list[float]]:
    """The time codes of all samples, by attribute."""
    pxr, stage = opened(path)
    animation = pxr.UsdSkel.Animation(_first(stage, "SkelAnimation"))
    return {"weights": animation.GetBlendShapeWeightsAttr().GetTimeSamples(),
            "rotations": animation.GetRotationsAttr().GetTimeSamples()}


def posed_points(path: Path, codes: list[float]) -> list[Array]:
    """Points [n, 3] in metres at each time code, with USD's own blend shapes and skinning."""
    pxr, stage = opened(path)
    cache = pxr.UsdSkel.Cache()
    root = pxr.UsdSkel.Root(_first(stage, "SkelRoot"))
    cache.Populate(root, pxr.Usd.PrimDefaultPredicate)
    binding = cache.ComputeSkelBindings(root, pxr.Usd.PrimDefaultPredicate)[0]
    skeleton = cache.GetSkelQuery(binding.GetSkeleton())
    metres = pxr.UsdGeom.GetStageMetersPerUnit(stage)
    return [_skinned(pxr, skeleton, binding.GetSkinningTargets()[0], code) * metres for code in codes]


def _skinned(pxr: Any, skeleton: Any, target: Any, code: float) -> Array:
    shapes = pxr.UsdSkel.BlendShapeQuery(pxr.UsdSkel.BindingAPI(target.GetPrim()))
    weights = skeleton.GetAnimQuery().ComputeBlendShapeWeights(code)
    mapped = target.GetBlendShapeMapper().Remap(weights) if target.GetBlendShapeMapper() else weights
    weights, which, inbetween = shapes.ComputeSubShapeWeights(mapped)
    points = pxr.UsdGeom.Mesh(target.GetPrim()).GetPointsAttr().Get()
    shapes.ComputeDeformedPoints(weights, which, inbetween, shapes.ComputeBlendShapePointIndices(),
                                 shapes.ComputeSubShapePointOffsets(), points)
    target.ComputeSkinnedPoints(skeleton.ComputeSkinningTransforms(code), points, code)
    return np.array(points, np.float64)


def findings(path: Path) -> list[str]:
    """What USD's own validators have to say about the file."""
    pxr, stage = opened(path)
    validation = pxr.UsdValidation
    context = validation.ValidationContext(validation.ValidationRegistry().GetOrLoadAllValidators())
    return [f"{found.GetName()}: {found.GetMessage()}" for found in context.Validate(stage)]


def _first(stage: Any, kind: str) -> Any:
    return next(prim for prim in stage.Traverse() if prim.GetTypeName() == kind)
