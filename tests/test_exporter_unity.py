"""Unity's .anim, as a YAML reader and Unity's interpolation see it. (It was not opened in Unity itself.)"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import degrees
from pathlib import Path

import numpy as np
import pytest

from facerig.core.channels import INDEX, N_CHANNELS, NAMES, SHAPE_NAMES
from facerig.core.curves import CurveClip
from facerig.core.mouth import mouth_geometry
from facerig.errors import ConfigError, OutputError
from facerig.exporting import ExportSettings, Origin, info_for, retargeted
from facerig.mesh.gaze import rotation
from facerig.rig import load_rig
from facerig.sinks.exporter import CurveInfo, ExportInfo
from facerig_exporters.unity_anim import UnityAnim
from tools.judges import unity_anim as judge

yaml = pytest.importorskip("yaml", reason="needs PyYAML: pip install pyyaml")

RATES = tuple(map(Fraction, ("24", "25", "30000/1001", "30", "60")))
ARKIT = load_rig("arkit")
MIRROR = np.diag([-1.0, 1.0, 1.0])  # from the head's axes to Unity's

# Keys of a clip that Unity 2019 to 2021 wrote (serializedVersion 6), in order.
CLIP_KEYS = """m_ObjectHideFlags m_CorrespondingSourceObject m_PrefabInstance m_PrefabAsset m_Name
serializedVersion m_Legacy m_Compressed m_UseHighQualityCurve m_RotationCurves m_CompressedRotationCurves
m_EulerCurves m_PositionCurves m_ScaleCurves m_FloatCurves m_PPtrCurves m_SampleRate m_WrapMode m_Bounds
m_ClipBindingConstant m_AnimationClipSettings m_EditorCurves m_EulerEditorCurves m_HasGenericRootTransform
m_HasMotionFloatCurves m_Events"""
KEY_KEYS = "serializedVersion time value inSlope outSlope tangentMode weightedMode inWeight outWeight"
CURVE_KEYS = "serializedVersion m_Curve m_PreInfinity m_PostInfinity m_RotationOrder"


def face(n: int = 90, seed: int = 3) -> np.ndarray:
    """A smooth face with all curves moving; eyes turn by their rotations alone."""
    rng = np.random.default_rng(seed)
    phase, speed = rng.random(N_CHANNELS) * 6, rng.random(N_CHANNELS) * 0.3 + 0.05
    values = np.sin(np.arange(n)[:, None] * speed + phase) * 0.5 + 0.5
    values[:, len(SHAPE_NAMES):] = (values[:, len(SHAPE_NAMES):] - 0.5) * 0.8
    for name in NAMES:
        if name.startswith("eyeLook"):
            values[:, INDEX[name]] = 0
    return values.astype(np.float32)


def pieces(values: np.ndarray, fps: Fraction) -> Iterator[CurveClip]:
    for start in range(0, len(values), 37):
        yield CurveClip(values[start:start + 37], fps, 48000, start)


def info_of(fps: Fraction = RATES[3], **settings: bool | float) -> ExportInfo:
    origin = Origin(fps=fps, sample_rate=48000, audio_path=Path("line 1.wav"))
    return info_for(ARKIT, ExportSettings(**settings), origin)  # type: ignore[arg-type]


def written(path: Path, values: np.ndarray, info: ExportInfo, exporter: UnityAnim | None = None) -> Path:
    clips = retargeted(pieces(values, info.fps), ARKIT)
    assert (exporter or UnityAnim()).write(path, clips, info) == len(values)
    return path


@pytest.mark.parametrize("fps", RATES)
def test_every_frame_reads_back_on_its_frame(tmp_path: Path, fps: Fraction) -> None:
    values = face(12)
    path = written(tmp_path / "a.anim", values, info_of(fps, every_frame=True))
    seen = judge.read(path)
    assert seen.fps == fps
    assert set(seen.names) == set(NAMES)
    truth = values[:, [INDEX[name] for name in seen.names]]
    assert seen.values.shape == truth.shape
    assert np.abs(seen.values - truth).max() < 1e-5
    document, times = judge.document(path), np.arange(len(values)) / float(fps)
    for curve in document["m_FloatCurves"]:  # by YAML alone
        shape = seen.values[:, seen.names.index(curve["attribute"].removeprefix("blendShape."))]
        assert np.abs(judge.played(curve["curve"]["m_Curve"], times) / 100 - shape).max() < 1e-12
    assert seen.keys == sum(len(c["curve"]["m_Curve"]) for kind in ("m_FloatCurves", "m_EulerCurves")
                            for c in document[kind])
    for curve in document["m_FloatCurves"]:
        for k, key in enumerate(curve["curve"]["m_Curve"]):
            assert np.float32(key["time"]) == np.float32(k / fps)


def test_thinned_keys_stay_within_the_tolerance(tmp_path: Path) -> None:
    values = face(100)
    values[60:90, INDEX["mouthClose"]] = values[60:90, INDEX["jawOpen"]]
    full = judge.read(written(tmp_path / "a.anim", values, info_of(RATES[4], every_frame=True)))
    thin = judge.read(written(tmp_path / "b.anim", values, info_of(RATES[4])))
    drawn = np.zeros_like(values, np.float64)
    drawn[:, [INDEX[name] for name in thin.names]] = thin.values
    assert np.abs(mouth_geometry().gaps_mm(drawn) - mouth_geometry().gaps_mm(values)).max() <= 0.3 + 1e-3
    assert thin.keys < full.keys / 2
    assert np.abs(drawn - values).max() < 0.016


def test_lines_between_keys_are_straight_for_hours(tmp_path: Path) -> None:
    """Times are float32 in Unity: slopes must fit them, or curves bulge between far keys."""
    fps, start = Fraction(60), 2 * 3600 * 60
    secs = np.array([float(Fraction(start + k) / fps) for k in (0, 1, 2)], np.float32).astype(float)
    from facerig_exporters.unity_anim import _slopes
    values = np.array([0.0, 100.0, 20.0])
    into, out = _slopes(values, secs.astype(np.float32))
    rows = [{"time": t, "value": v, "inSlope": a, "outSlope": b}
            for t, v, a, b in zip(secs, values, into, out, strict=True)]
    at = np.linspace(secs[0], secs[2], 41)
    assert np.abs(judge.played(rows, at) - np.interp(at, secs, values)).max() < 1e-9


def test_the_schema_is_that_of_a_real_file(tmp_path: Path) -> None:
    path = written(tmp_path / "a.anim", face(20), info_of())
    head = path.read_text("ascii").split("\n")
    assert head[:4] == ["%YAML 1.1", "%TAG !u! tag:unity3d.com,2011:", "--- !u!74 &7400000", "AnimationClip:"]
    clip = judge.document(path)
    assert list(clip) == CLIP_KEYS.split()
    assert clip["m_Name"] == "line 1"
    assert clip["m_AnimationClipSettings"]["m_StopTime"] == pytest.approx(19 / 30, abs=1e-6)
    shape, = (c for c in clip["m_FloatCurves"] if c["attribute"] == "blendShape.jawOpen")
    assert list(shape) == ["curve", "attribute", "path", "classID", "script"]
    assert (shape["path"], shape["classID"], shape["script"]) == ("Face", 137, {"fileID": 0})
    assert list(shape["curve"]) == CURVE_KEYS.split()
    keys = shape["curve"]["m_Curve"]
    assert all(list(key) == KEY_KEYS.split() and key["tangentMode"] == 69 for key in keys)
    joints = {curve["path"]: curve["curve"] for curve in clip["m_EulerCurves"]}
    assert list(joints) == ["root/head", "root/head/leftEye", "root/head/rightEye"]
    for curve in joints.values():
        assert list(curve) == CURVE_KEYS.split()
        assert curve["m_RotationOrder"] == 4
        assert all(list(key["value"]) == ["x", "y", "z"] for key in curve["m_Curve"])


def test_bones_turn_in_unity_as_the_head_does(tmp_path: Path) -> None:
    values = face(8)
    seen = judge.read(written(tmp_path / "a.anim", values, info_of(every_frame=True)))
    for joint in ("head", "leftEye", "rightEye"):
        for frame in (0, 3, 7):
            names = [joint + axis for axis in ("Yaw", "Pitch", "Roll")]
            angles = [float(seen.values[frame, seen.names.index(name)]) for name in names]
            true = rotation(*(float(values[frame, INDEX[name]]) for name in names))
            assert np.abs(judge.turned(*angles) - MIRROR @ true @ MIRROR).max() < 1e-5


def test_eyes_turn_by_their_shapes_where_these_are_stronger(tmp_path: Path) -> None:
    values = np.zeros((5, N_CHANNELS), np.float32)
    values[:, INDEX["eyeLookDownLeft"]] = 0.5
    clip = judge.document(written(tmp_path / "a.anim", values, info_of()))
    left = next(c for c in clip["m_EulerCurves"] if c["path"].endswith("leftEye"))
    assert left["curve"]["m_Curve"][0]["value"]["x"] == pytest.approx(degrees(0.5 * 0.52), abs=1e-4)


def test_a_characters_own_paths(tmp_path: Path) -> None:
    exporter = UnityAnim(mesh="Geo/Body: 1", head="Armature/Neck/Head", eyes=("", ""))
    clip = judge.document(written(tmp_path / "a.anim", face(5), info_of(), exporter))
    assert {c["path"] for c in clip["m_FloatCurves"]} == {"Geo/Body: 1"}
    assert [c["path"] for c in clip["m_EulerCurves"]] == ["Armature/Neck/Head"]
    with pytest.raises(ConfigError, match="names and slashes"):
        UnityAnim(mesh="Body\nm_Evil: 1")


@pytest.mark.parametrize("name", ["Smile L", "a:b#1", "yes", "5.0", "[x]", "größe", "-a"])
def test_any_name_stays_that_name(tmp_path: Path, name: str) -> None:
    clip = CurveClip(np.linspace(0, 1, 9, dtype=np.float32)[:, None], RATES[3], 48000, 0, (name,))
    info = ExportInfo(fps=RATES[3], sample_rate=48000, names=(name,), curves={name: CurveInfo()},
                      audio_path=Path(f"{name}.wav"))
    UnityAnim().write(tmp_path / "a.anim", iter([clip]), info)
    seen = judge.document(tmp_path / "a.anim")
    assert seen["m_FloatCurves"][0]["attribute"] == f"blendShape.{name}"
    assert seen["m_Name"] == Path(f"{name}.wav").stem


@pytest.mark.parametrize(("low", "high", "value", "unity"), [
    (0, 1, 0.25, 25), (0, 100, 25, 25), (-1, 1, -0.5, -50), (0, 0.5, 0.5, 50), (0, 2, 1, 50)])
def test_a_rigs_range_becomes_percent(tmp_path: Path, low: float, high: float, value: float,
                                      unity: float) -> None:
    clip = CurveClip(np.full((3, 1), value, np.float32), RATES[3], 48000, 0, ("odd",))
    info = ExportInfo(fps=RATES[3], sample_rate=48000, names=("odd",),
                      curves={"odd": CurveInfo(low=low, high=high)})
    UnityAnim().write(tmp_path / "a.anim", iter([clip]), info)
    keys = judge.document(tmp_path / "a.anim")["m_FloatCurves"][0]["curve"]["m_Curve"]
    assert keys[0]["value"] == pytest.approx(unity, abs=1e-5)


def test_curves_that_only_turn_are_bones_not_shapes(tmp_path: Path) -> None:
    rig = load_rig("livelink")
    info = info_for(rig, ExportSettings(), Origin(fps=RATES[3], sample_rate=48000))
    UnityAnim().write(tmp_path / "a.anim", retargeted(pieces(face(9), RATES[3]), rig), info)
    clip = judge.document(tmp_path / "a.anim")
    assert len(clip["m_FloatCurves"]) == len(SHAPE_NAMES)
    assert len(clip["m_EulerCurves"]) == 3


def test_nothing_to_write_and_nothing_wrong(tmp_path: Path) -> None:
    assert UnityAnim().write(tmp_path / "a.anim", iter(()), info_of()) == 0
    clip = judge.document(tmp_path / "a.anim")
    assert list(clip) == CLIP_KEYS.split()
    assert clip["m_FloatCurves"] == clip["m_EulerCurves"] == []


def test_a_hole_and_a_nan_are_refused(tmp_path: Path) -> None:
    values = face(20)
    clips = [CurveClip(values[:7], RATES[3], 48000), CurveClip(values[8:], RATES[3], 48000, 8)]
    with pytest.raises(OutputError, match="frame 7 is missing"):
        UnityAnim().write(tmp_path / "a.anim", retargeted(clips, ARKIT), info_of())
    values[9, 17] = np.nan
    with pytest.raises(OutputError, match="jawOpen of frame 9"):
        UnityAnim().write(tmp_path / "a.anim", retargeted(pieces(values, RATES[3]), ARKIT), info_of())
