"""OpenUSD (.usda, .usdc, .usd): a head that acts, as UsdSkel. Needs the extra `usd` (usd-core).

    /Head              SkelRoot
    /Head/Face         the mesh: skinned, a BlendShape (sparse) for each curve of the rig, a subset a material
    /Head/Skeleton     root, head, leftEye, rightEye
    /Head/Animation    blendShapeWeights and joint rotations, in time samples
    /Head/Sound        SpatialAudio: the recording, by its path from the file

USD draws straight lines between samples, and great arcs between rotations. Lengths are centimetres, y is up.
Time codes count frames: the first frame stands at the one that its timecode counts. The rig and the exact
frame rate stand in the layer's `customLayerData.facerig`.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.curves import CurveClip
from facerig.errors import ConfigError, OutputError
from facerig.sinks.exporter import ExportInfo
from facerig.sinks.keys import EYES_DEGREES, HEAD_DEGREES, kept_turns, shared_keys
from facerig_exporters.face_scene import FaceScene, face_scene, joined_clip
from facerig_exporters.facts import facts
from facerig_exporters.usd_head import Names, add_head

CENTIMETRES: Final = 0.1  # of a millimetre
METRES_PER_UNIT: Final = 0.01


class Usd:
    """See the module's text."""

    name: ClassVar[str] = "usd"
    endings: ClassVar[tuple[str, ...]] = (".usda", ".usdc", ".usd")
    summary: ClassVar[str] = 'OpenUSD: the head as UsdSkel, with its sound (needs pip install "facerig[usd]")'
    rig: ClassVar[str] = "arkit"
    keyed: ClassVar[bool] = True
    turns: ClassVar[bool] = True

    def write(self, path: Path, pieces: Iterable[CurveClip], info: ExportInfo) -> int:
        """Write `pieces` and return the number of frames. Raises OutputError for a rig that the head cannot
        show, ConfigError without usd-core."""
        pxr = _library()
        scene = face_scene(info, path)
        clip = joined_clip(pieces)
        stage = pxr.Usd.Stage.CreateInMemory()
        _set_up(pxr, stage, info, clip)
        names = add_head(pxr, stage, scene, CENTIMETRES)
        _add_animation(pxr, stage, scene, clip, info, names)
        told = facts(scene, clip, info, path)
        if "audio" in told:
            _add_sound(pxr, stage, told.pop("audio"), info.start_frame - (0 if clip is None else clip.start))
        stage.GetRootLayer().customLayerData = {"facerig": told}
        _save(pxr, stage, path)
        return 0 if clip is None else len(clip)


def _library() -> Any:
    """The package pxr with the modules that are used here."""
    try:
        import pxr
        from pxr import Gf, Kind, Sdf, Tf, Usd, UsdGeom, UsdMedia, UsdShade, UsdSkel, Vt  # noqa: F401
    except ImportError:
        raise ConfigError("OpenUSD is not installed", where="usd", fix='pip install "facerig[usd]"') from None
    return pxr


def _set_up(pxr: Any, stage: Any, info: ExportInfo, clip: CurveClip | None) -> None:
    rate = float(info.fps)
    stage.SetTimeCodesPerSecond(rate)
    stage.SetFramesPerSecond(rate)
    stage.SetStartTimeCode(info.start_frame)
    stage.SetEndTimeCode(info.start_frame + max(len(clip) - 1 if clip is not None else 0, 0))
    pxr.UsdGeom.SetStageUpAxis(stage, pxr.UsdGeom.Tokens.y)
    pxr.UsdGeom.SetStageMetersPerUnit(stage, METRES_PER_UNIT)


def _save(pxr: Any, stage: Any, path: Path) -> None:
    """Raises OutputError where USD cannot write."""
    # A trap keeps the remark from the screen that timecodes need a crate of version 0.9
    trap = getattr(pxr.Tf, "DiagnosticTrap", nullcontext)
    try:
        with trap() as caught:
            stage.GetRootLayer().Export(str(path), comment="")
            if caught is not None:
                caught.ClearWarnings()
    except pxr.Tf.ErrorException as problem:
        raise OutputError(f"USD could not write it ({str(problem).strip()[-200:]})", where=str(path),
                          fix="check that the disk has room and the folder can be written") from None


# --- the animation


def _add_animation(pxr: Any, stage: Any, scene: FaceScene, clip: CurveClip | None, info: ExportInfo,
                   names: Names) -> None:
    animation = pxr.UsdSkel.Animation.Define(stage, names.animation)
    places = [joint.place - (0 if joint.parent is None else scene.joints[joint.parent].place)
              for joint in scene.joints]
    animation.CreateJointsAttr(list(names.joints))
    animation.CreateTranslationsAttr([pxr.Gf.Vec3f(*(place * CENTIMETRES).tolist()) for place in places])
    animation.CreateScalesAttr([pxr.Gf.Vec3h(1)] * len(scene.joints))
    animation.CreateBlendShapesAttr([morph.name for morph in scene.morphs])
    rotations = animation.CreateRotationsAttr([pxr.Gf.Quatf(1)] * len(scene.joints))
    weights = animation.CreateBlendShapeWeightsAttr([0.0] * len(scene.morphs))
    if clip is None:
        return
    rows = scene.weights(clip)
    kept = shared_keys(scene.morphing(clip), info) if scene.morphs else np.zeros(0, np.intp)
    for frame in kept.tolist():
        weights.Set(pxr.Vt.FloatArray.FromNumpy(np.ascontiguousarray(rows[frame])), info.start_frame + frame)
    turns = scene.turns(clip)
    for frame in _turning(turns, info).tolist():
        here = [turns[joint.name][frame].tolist() if joint.name in turns else (1.0, 0.0, 0.0, 0.0)
                for joint in scene.joints]
        rotations.Set([pxr.Gf.Quatf(*wxyz) for wxyz in here], info.start_frame + frame)


def _turning(turns: dict[str, NDArray[np.float64]], info: ExportInfo) -> NDArray[np.intp]:
    """The keys of all joints: USD holds them in one array."""
    kept = [kept_turns(wxyz, info, HEAD_DEGREES if name == "head" else EYES_DEGREES)
            for name, wxyz in turns.items()]
    return np.unique(np.concatenate(kept))


def _add_sound(pxr: Any, stage: Any, audio: str, begins: int) -> None:
    sound = pxr.UsdMedia.SpatialAudio.Define(stage, "/Head/Sound")
    # A path that begins with a name would be searched for, not looked up beside the file
    anchored = audio if audio.startswith(("../", "/")) or ":" in audio else f"./{audio}"
    sound.CreateFilePathAttr(pxr.Sdf.AssetPath(anchored))
    sound.CreateAuralModeAttr(pxr.UsdMedia.Tokens.nonSpatial)
    sound.CreatePlaybackModeAttr(pxr.UsdMedia.Tokens.onceFromStart)
    sound.CreateStartTimeAttr(pxr.Sdf.TimeCode(begins))
