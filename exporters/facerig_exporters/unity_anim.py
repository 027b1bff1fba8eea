"""Unity's AnimationClip (.anim): the asset as YAML, to be dropped into a project's Assets folder.

Blendshapes of a SkinnedMeshRenderer (`blendShape.jawOpen`, 0 to 100), and the turns of head and eyes as
Euler angles. Paths count from the object with the Animator; they are those of facerig's own FBX (`Face`,
`root/head`, `root/head/leftEye`, `root/head/rightEye`). For another character name its own:

    UnityAnim(mesh="Body", head="Armature/Neck/Head", eyes=("", ""))  # "" leaves one out

or rename the yellow tracks in Unity's Animation window. A path that the character lacks does nothing.

Unity's axes are the head's with x mirrored, as its FBX importer does it: its y is yaw, its x pitch, its z
roll, each with the canonical sign, and in the same order (z, then x, then y: m_RotationOrder 4). A turn
replaces a bone's own, which for facerig's bones is none.

Keys are linear: slopes are those of the lines in Unity's float32 times, tangent mode 69 is "both linear". A
clip starts at time 0; it has no place for a timecode or a sound.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final, TextIO

import numpy as np
from numpy.typing import NDArray

from facerig.core.clock import frame_time
from facerig.core.curves import CurveClip
from facerig.errors import ConfigError
from facerig.mesh.turns import turn_angles
from facerig.sinks.exporter import ExportInfo
from facerig.sinks.keys import EYES_DEGREES, HEAD_DEGREES, kept_angles, kept_keys
from facerig_exporters.face_scene import MESH_NAME, joined_clip, turns_only
from facerig_exporters.rows import DECIMALS

Array = NDArray[np.float64]
Offsets = NDArray[np.intp]

PERCENT: Final = 100.0  # of a blendshape at full
LINEAR: Final = 69  # tangent mode: left and right linear, broken
SKINNED_MESH_RENDERER: Final = 137  # class
ORDER_ZXY: Final = 4  # of Euler angles
JOINTS: Final = (("head", HEAD_DEGREES), ("leftEye", EYES_DEGREES), ("rightEye", EYES_DEGREES))
# Text that YAML takes as it is, but for some words.
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./ -]*(?<! )")
_WORDS: Final = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


class UnityAnim:
    """See the module's text."""

    name: ClassVar[str] = "unity-anim"
    endings: ClassVar[tuple[str, ...]] = (".anim",)
    summary: ClassVar[str] = "Unity AnimationClip: blendshapes 0 to 100, head and eye bones, linear keys"
    rig: ClassVar[str] = "arkit"
    keyed: ClassVar[bool] = True
    turns: ClassVar[bool] = True

    def __init__(self, mesh: str = MESH_NAME, head: str = "root/head",
                 eyes: tuple[str, str] = ("root/head/leftEye", "root/head/rightEye")) -> None:
        for path in (mesh, head, *eyes):
            if not path.isprintable():
                raise ConfigError(f"{path!r} is no path of an object in Unity", where="unity-anim",
                                  fix="give names and slashes: Armature/Neck/Head")
        self._mesh = mesh
        self._bones = dict(zip((name for name, _ in JOINTS), (head, *eyes), strict=True))

    def write(self, path: Path, pieces: Iterable[CurveClip], info: ExportInfo) -> int:
        """Write `pieces` and return the number of frames."""
        clip = joined_clip(pieces)
        with path.open("w", encoding="ascii", newline="\n") as file:
            file.write(_HEADER.format(name=_text(_name(info))))
            if clip is None:
                file.write(_NO_TURNS + _BETWEEN + _NO_SHAPES)
            else:
                self._write_curves(file, clip, info)
            stop = 0.0 if clip is None else float(frame_time(len(clip) - 1, info.fps))
            file.write(_FOOTER.format(rate=_number(float(info.fps)), stop=_number(stop)))
        return 0 if clip is None else len(clip)

    def _write_curves(self, file: TextIO, clip: CurveClip, info: ExportInfo) -> None:
        times = _Times(clip, info)
        turns = [(name, degrees) for name, degrees in JOINTS if self._bones[name]]
        file.write("  m_EulerCurves:\n" if turns else _NO_TURNS)
        for name, degrees in turns:
            angles = turn_angles(clip.face_values, name)
            kept = np.unique(np.concatenate(kept_angles(angles, info, degrees)))
            _write_turns(file, np.degrees(angles[kept]), times, kept, self._bones[name])
        file.write(_BETWEEN)
        shapes = [i for i, name in enumerate(clip.names) if not turns_only(info, name)]
        keys = kept_keys(clip, info)
        file.write("  m_FloatCurves:\n" if shapes else _NO_SHAPES)
        for i in shapes:
            values = clip.values[keys[i], i] * (PERCENT / full_value(info, clip.names[i]))
            _write_shape(file, values, times, keys[i], f"blendShape.{clip.names[i]}", self._mesh)


def _name(info: ExportInfo) -> str:
    return "facerig" if info.audio_path is None else info.audio_path.stem


def full_value(info: ExportInfo, name: str) -> float:
    """What the curve `name` is at a blendshape's 100: 1, or the end of a range that reaches beyond."""
    curve = info.curve(name)
    return max(1.0, abs(curve.low), abs(curve.high))


class _Times:
    """Seconds of each frame as Unity holds them (float32), in numbers and in words."""

    def __init__(self, clip: CurveClip, info: ExportInfo) -> None:
        self.secs = np.array([float(frame_time(k, info.fps)) for k in range(len(clip))]).astype(np.float32)
        self.text = [np.format_float_positional(secs, trim="-") for secs in self.secs]


def _slopes(values: Array, secs: NDArray[np.float32]) -> tuple[Array, Array]:
    """Of the lines into and out of each key [K]; 0 before the first and after the last."""
    lines = np.diff(values) / np.diff(secs.astype(np.float64))
    return np.concatenate(([0.0], lines)), np.concatenate((lines, [0.0]))


# --- YAML, as Unity writes it


def _write_shape(file: TextIO, values: NDArray[np.floating], times: _Times, kept: Offsets, attribute: str,
                 path: str) -> None:
    exact = values.astype(np.float32).astype(np.float64)
    into, out = _slopes(exact, times.secs[kept])
    file.write(_CURVE_BEGINS)
    file.writelines(_KEY.format(time=times.text[k], value=_number(v), into=_number(a), out=_number(b),
                                mode=LINEAR, weight=_WEIGHT)
                    for k, v, a, b in zip(kept.tolist(), exact, into, out, strict=True))
    file.write(_CURVE_ENDS + f"    attribute: {_text(attribute)}\n    path: {_text(path)}\n"
               f"    classID: {SKINNED_MESH_RENDERER}\n    script: {{fileID: 0}}\n")


def _write_turns(file: TextIO, angles: Array, times: _Times, kept: Offsets, path: str) -> None:
    """`angles` [K, 3]: yaw, pitch, roll in degrees."""
    axes = angles[:, [1, 0, 2]].astype(np.float32).astype(np.float64)
    slopes = [_slopes(axis, times.secs[kept]) for axis in axes.T]
    into, out = (np.stack([slope[side] for slope in slopes], 1) for side in (0, 1))
    weight = f"{{x: {_WEIGHT}, y: {_WEIGHT}, z: {_WEIGHT}}}"
    file.write(_CURVE_BEGINS)
    file.writelines(_KEY.format(time=times.text[k], value=_vector(v), into=_vector(a), out=_vector(b),
                                mode=0, weight=weight)
                    for k, v, a, b in zip(kept.tolist(), axes, into, out, strict=True))
    file.write(_CURVE_ENDS + f"    path: {_text(path)}\n")


def _number(value: float) -> str:
    """Never with an exponent, which YAML readers take for text."""
    text = f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _vector(values: Iterable[float]) -> str:
    x, y, z = (_number(v) for v in values)
    return f"{{x: {x}, y: {y}, z: {z}}}"


def _text(text: str) -> str:
    return text if _PLAIN.fullmatch(text) and text.lower() not in _WORDS else json.dumps(text)


_WEIGHT: Final = "0.33333334"
_HEADER: Final = """\
%YAML 1.1
%TAG !u! tag:unity3d.com,2011:
--- !u!74 &7400000
AnimationClip:
  m_ObjectHideFlags: 0
  m_CorrespondingSourceObject: {{fileID: 0}}
  m_PrefabInstance: {{fileID: 0}}
  m_PrefabAsset: {{fileID: 0}}
  m_Name: {name}
  serializedVersion: 6
  m_Legacy: 0
  m_Compressed: 0
  m_UseHighQualityCurve: 1
  m_RotationCurves: []
  m_CompressedRotationCurves: []
"""
_NO_TURNS: Final = "  m_EulerCurves: []\n"
_BETWEEN: Final = "  m_PositionCurves: []\n  m_ScaleCurves: []\n"
_NO_SHAPES: Final = "  m_FloatCurves: []\n"
_CURVE_BEGINS: Final = "  - curve:\n      serializedVersion: 2\n      m_Curve:\n"
_KEY: Final = """\
      - serializedVersion: 3
        time: {time}
        value: {value}
        inSlope: {into}
        outSlope: {out}
        tangentMode: {mode}
        weightedMode: 0
        inWeight: {weight}
        outWeight: {weight}
"""
_CURVE_ENDS: Final = f"      m_PreInfinity: 2\n      m_PostInfinity: 2\n      m_RotationOrder: {ORDER_ZXY}\n"
# What Unity derives from the curves (bindings, the editor's copy of them) is left empty, as in clips that are
# written by programs; Unity fills it in.
_FOOTER: Final = """\
  m_PPtrCurves: []
  m_SampleRate: {rate}
  m_WrapMode: 0
  m_Bounds:
    m_Center: {{x: 0, y: 0, z: 0}}
    m_Extent: {{x: 0, y: 0, z: 0}}
  m_ClipBindingConstant:
    genericBindings: []
    pptrCurveMapping: []
  m_AnimationClipSettings:
    serializedVersion: 2
    m_AdditiveReferencePoseClip: {{fileID: 0}}
    m_AdditiveReferencePoseTime: 0
    m_StartTime: 0
    m_StopTime: {stop}
    m_OrientationOffsetY: 0
    m_Level: 0
    m_CycleOffset: 0
    m_HasAdditiveReferencePose: 0
    m_LoopTime: 0
    m_LoopBlend: 0
    m_LoopBlendOrientation: 0
    m_LoopBlendPositionY: 0
    m_LoopBlendPositionXZ: 0
    m_KeepOriginalOrientation: 0
    m_KeepOriginalPositionY: 1
    m_KeepOriginalPositionXZ: 0
    m_HeightFromFeet: 0
    m_Mirror: 0
  m_EditorCurves: []
  m_EulerEditorCurves: []
  m_HasGenericRootTransform: 0
  m_HasMotionFloatCurves: 0
  m_Events: []
"""
