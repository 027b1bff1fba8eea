"""FBX files: what ufbx, and programs in the slow tier, find in them is what was written."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.core.channels import NAMES, SHAPE_NAMES
from facerig.core.curves import CurveClip
from facerig.curve_files import read_named
from facerig.errors import OutputError
from facerig.mesh.turns import ANGLES_OF, turn_angles
from facerig.sinks.exporter import CurveInfo, ExportInfo
from facerig_exporters import fbx_binary
from facerig_exporters.fbx import Fbx
from facerig_exporters.fbx_document import TICKS_PER_SEC, Clock
from tests.tiny_heads import tiny_head
from tools.judges import JudgeMissing, fbx_ufbx

RATES = tuple(map(Fraction, ("24", "25", "30000/1001", "30", "60", "25/2")))
MODES = (11, 10, 9, 6, 3, 14)  # FbxTime::EMode
TOLERANCE = 2e-6  # of a value: float32 of percent
ANGLE_TOLERANCE = 5e-6  # radians: float32 of degrees, and back through quaternions
HEAD = tiny_head()


@pytest.fixture(autouse=True, scope="module")
def _ufbx() -> None:
    pytest.importorskip("ufbx", reason="needs ufbx: pip install ufbx")


def face(n: int, seed: int = 0) -> np.ndarray:
    """Canonical values: shapes within [0, 1], turns as far as necks and eyes go, a still frame first."""
    rng = np.random.default_rng(seed)
    values = rng.random((n, len(NAMES)), np.float32)
    values[:, len(SHAPE_NAMES):] = rng.uniform(-0.7, 0.7, (n, len(NAMES) - len(SHAPE_NAMES)))
    values[0] = 0
    return values.astype(np.float32)


def info(names: tuple[str, ...] = SHAPE_NAMES, **more: Any) -> ExportInfo:
    return replace(ExportInfo(fps=Fraction(30), sample_rate=48000, names=names, head=lambda: HEAD,
                              every_frame=True), **more)


def lone(names: tuple[str, ...], **more: Any) -> ExportInfo:
    """Of a rig whose curves have no look."""
    return info(names, curves={name: CurveInfo(low=-1.0) for name in names}, **more)


def clip_of(told: ExportInfo, values: np.ndarray, start: int = 0) -> CurveClip:
    """Canonical `values` as a clip of the rig of `told`: its own columns, or as many others."""
    canonical = CurveClip(values, told.fps, told.sample_rate, start)
    if told.names == NAMES:
        return canonical
    known = [NAMES.index(name) if name in NAMES else i % 52 for i, name in enumerate(told.names)]
    return CurveClip(values[:, known], told.fps, told.sample_rate, start, told.names, canonical)


def written(path: Path, told: ExportInfo, values: np.ndarray, start: int = 0) -> CurveClip:
    clip = clip_of(told, values, start)
    pieces = [clip_of(told, values[k:k + 7], start + k) for k in range(0, len(values), 7)]
    assert Fbx().write(path, iter(pieces), told) == len(values)
    return clip


def expected(clip: CurveClip) -> dict[str, np.ndarray]:
    """What a file of `clip` says: its curves, and what turns."""
    out = {name: clip[name].astype(np.float64) for name in clip.names}
    for joint, names in ANGLES_OF.items():
        out.update(zip(names, turn_angles(clip.canonical.values, joint).T, strict=True))
    return out


def check(names: tuple[str, ...], values: np.ndarray, clip: CurveClip) -> None:
    wanted = expected(clip)
    assert set(names) == set(wanted)
    for column, name in enumerate(names):
        tolerance = ANGLE_TOLERANCE if name.endswith(("Yaw", "Pitch", "Roll")) else TOLERANCE
        assert np.abs(values[:, column] - wanted[name]).max() < tolerance, name


# --- values and times


@pytest.mark.parametrize(("fps", "mode"), list(zip(RATES, MODES, strict=True)))
def test_every_value_is_on_its_frame_for_ufbx(tmp_path: Path, fps: Fraction, mode: int) -> None:
    clip = written(tmp_path / "a.fbx", info(fps=fps), face(41))
    judged = fbx_ufbx.read(tmp_path / "a.fbx")
    assert judged.fps == fps
    assert judged.remarks == ()
    check(judged.names, judged.values, clip)
    assert judged.keys == 41 * (52 + 9)
    found = fbx_ufbx.scene(tmp_path / "a.fbx")
    assert found["time_mode"] == mode
    assert found["interpolations"] == [2]  # linear
    frames = np.array(found["key_secs"]) * float(fps)
    assert np.abs(frames - np.round(frames)).max() < 1e-6


@pytest.mark.parametrize("fps", RATES)
def test_a_timecode_is_where_keys_stand(tmp_path: Path, fps: Fraction) -> None:
    start = 3600 * math.ceil(fps) + 5
    clip = written(tmp_path / "a.fbx", info(fps=fps, start_frame=start), face(20))
    found = fbx_ufbx.scene(tmp_path / "a.fbx")
    assert abs(found["begin"] - float(start / fps)) < 1e-9
    assert abs(min(found["key_secs"]) - float(start / fps)) < 1e-9
    judged, back = fbx_ufbx.read(tmp_path / "a.fbx"), read_named(tmp_path / "a.fbx")
    check(judged.names, judged.values, clip)
    assert (back.start_frame, back.fps) == (start, fps)
    check(back.names, back.values, clip)


@given(fps=st.sampled_from((*RATES, Fraction(120), Fraction(24000, 1001), Fraction(997, 13))),
       first=st.integers(0, 10**7), offset=st.integers(0, 10**7))
def test_ticks_are_exact(fps: Fraction, first: int, offset: int) -> None:
    ticks = int(Clock(fps, first, 1).ticks(np.array([offset]))[0])
    assert abs(ticks - TICKS_PER_SEC * (first + offset) / fps) <= Fraction(1, 2)


def test_keys_are_left_out_within_the_tolerance(tmp_path: Path) -> None:
    values = np.zeros((120, len(NAMES)), np.float32)
    values[:, NAMES.index("jawOpen")] = np.sin(np.arange(120) / 9) ** 2
    values[:, NAMES.index("headYaw")] = 0.3 * np.sin(np.arange(120) / 20)
    clip = written(tmp_path / "a.fbx", info(every_frame=False), values)
    judged = fbx_ufbx.read(tmp_path / "a.fbx")
    assert judged.keys < 120 * 61 / 10
    wanted = expected(clip)
    errors = {name: np.abs(judged.values[:, i] - wanted[name]).max() for i, name in enumerate(judged.names)}
    assert errors["jawOpen"] < 0.016
    assert errors["headYaw"] < np.radians(0.081)
    assert max(error for name, error in errors.items() if name not in ("jawOpen", "headYaw")) < 1e-7


def test_the_mesh_bends_as_the_head_does(tmp_path: Path) -> None:
    values = face(12)
    written(tmp_path / "a.fbx", info(), values)
    for frame, points in fbx_ufbx.posed_points(tmp_path / "a.fbx", (0, 1, 5, 11)).items():
        assert np.abs(points * 10 - HEAD.posed(values[frame])).max() < 0.01  # mm


def test_a_rig_of_mixed_poses_bends_the_mesh_too(tmp_path: Path) -> None:
    curves = {"AA": CurveInfo(pose={"jawOpen": 0.8, "mouthFunnel": 0.3}), "jaw_x": CurveInfo(low=-1, pose={
        "jawLeft": 0.5, "jawRight": -0.5}), "wide": CurveInfo(high=4, pose={"eyeWideLeft": 0.25})}
    told = info(tuple(curves), curves=curves)
    values = face(6)
    clip = written(tmp_path / "a.fbx", told, values)
    points = fbx_ufbx.posed_points(tmp_path / "a.fbx", (3,))[3]
    canonical = np.zeros(len(NAMES), np.float32)
    canonical[52:] = values[3, 52:]
    for joint, names in ANGLES_OF.items():  # eyes turn as shapes and rotations say together
        for name, angle in zip(names, turn_angles(values[3:4], joint)[0], strict=True):
            canonical[NAMES.index(name)] = angle
    for name, curve in curves.items():
        for source, value in (curve.pose or {}).items():
            canonical[NAMES.index(source)] += value * float(clip[name][3])
    assert np.abs(points * 10 - HEAD.posed(canonical)).max() < 0.02


@pytest.mark.parametrize("eyes", [True, False])
def test_live_link_turns_are_bones_and_not_shapes(tmp_path: Path, eyes: bool) -> None:
    clip = written(tmp_path / "a.fbx", info(NAMES, head=lambda: tiny_head(eyes=eyes)), face(9))
    judged = fbx_ufbx.read(tmp_path / "a.fbx")
    wanted = {n for n in NAMES if eyes or "Eye" not in n}
    assert set(judged.names) == wanted
    if eyes:
        check(judged.names, judged.values, clip)


# --- curves alone


def test_curves_without_a_look_are_attributes_of_a_bone(tmp_path: Path) -> None:
    names = ("CTRL_expressions_jawOpen", "CTRL_L_brow.ty", "кривая", 'quo"te', "two words", "x" * 200)
    told = lone(names, start_frame=7)
    clip = written(tmp_path / "a.fbx", told, face(15))
    judged, back = fbx_ufbx.read(tmp_path / "a.fbx"), read_named(tmp_path / "a.fbx")
    check(judged.names, judged.values, clip)
    check(back.names, back.values, clip)
    assert (tmp_path / "a.fbx").stat().st_size < 40_000  # no mesh


def test_a_rig_with_curves_of_its_own_for_the_head_keeps_them(tmp_path: Path) -> None:
    told = lone(("CTRL_jaw", "HeadYaw", "HeadPitch", "HeadRoll"))
    clip = written(tmp_path / "a.fbx", told, face(6))
    back = read_named(tmp_path / "a.fbx")
    assert [n for n in back.names if "ead" in n] == ["HeadYaw", "HeadPitch", "HeadRoll"]
    assert np.abs(back.values[:, 1] - clip["HeadYaw"]).max() < TOLERANCE


def test_an_odd_curve_of_a_rig_with_a_face_is_an_attribute(tmp_path: Path) -> None:
    curves = {"jawOpen": CurveInfo(pose={"jawOpen": 1.0}), "blush": CurveInfo()}
    clip = written(tmp_path / "a.fbx", info(tuple(curves), curves=curves), face(5))
    judged, back = fbx_ufbx.read(tmp_path / "a.fbx"), read_named(tmp_path / "a.fbx")
    check(judged.names, judged.values, clip)
    check(back.names, back.values, clip)


# --- the file


def test_the_sound_is_named_as_seen_from_the_file(tmp_path: Path) -> None:
    sound = tmp_path / "sounds" / "line one.wav"
    written(tmp_path / "a.fbx", lone(("a",), audio_path=sound, start_frame=90), face(5), start=3)
    assert fbx_ufbx.scene(tmp_path / "a.fbx")["sounds"] == [["sounds/line one.wav", "line one"]]
    assert str(tmp_path).encode() not in (tmp_path / "a.fbx").read_bytes()
    back = read_named(tmp_path / "a.fbx")
    assert (back.start, back.start_frame) == (3, 90)


def test_a_file_of_more_than_32_bits_is_version_7500(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fbx_binary, "LARGE_BYTES", 0)
    clip = written(tmp_path / "a.fbx", info(), face(8))
    assert fbx_ufbx.scene(tmp_path / "a.fbx")["version"] == 7500
    judged, back = fbx_ufbx.read(tmp_path / "a.fbx"), read_named(tmp_path / "a.fbx")
    check(judged.names, judged.values, clip)
    check(back.names, back.values, clip)


def test_the_same_curves_give_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        written(tmp_path / f"{name}.fbx", info(), face(8))
    assert (tmp_path / "a.fbx").read_bytes() == (tmp_path / "b.fbx").read_bytes()


@pytest.mark.parametrize("told", [info(), lone(("a", "b"))], ids=["face", "alone"])
def test_no_frames_is_a_scene_without_animation(tmp_path: Path, told: ExportInfo) -> None:
    assert Fbx().write(tmp_path / "a.fbx", iter(()), told) == 0
    assert fbx_ufbx.scene(tmp_path / "a.fbx")["numbers"] == {}


@pytest.mark.parametrize("n", [1, 2])
def test_a_frame_or_two(tmp_path: Path, n: int) -> None:
    clip = written(tmp_path / "a.fbx", info(every_frame=False), face(n, seed=1))
    back = read_named(tmp_path / "a.fbx")
    check(back.names, back.values, clip)


# --- refusals


@pytest.mark.parametrize("name", ["", "a\0\1b", "tab\there", "\ud800", "y" * 256, "é" * 128])
def test_a_name_that_fbx_cannot_hold_is_refused_first(tmp_path: Path, name: str) -> None:
    def never() -> Any:
        raise AssertionError("a piece was taken")
        yield
    with pytest.raises(OutputError, match="cannot hold a curve"):
        Fbx().write(tmp_path / "a.fbx", never(), lone(("a", name)))


@pytest.mark.parametrize("name", ["Visibility", "lcl rotation", "ScalingMinX", "show", "a|b"])
def test_an_attribute_that_every_node_has_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="attribute"):
        Fbx().write(tmp_path / "a.fbx", iter(()), lone((name,)))
    Fbx().write(tmp_path / "a.fbx", iter(()), info((name,), curves={name: CurveInfo(pose={"jawOpen": 1.0})}))


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_what_is_no_number_is_refused(tmp_path: Path, wrong: float) -> None:
    values = face(9)
    values[4, 17] = wrong
    with pytest.raises(OutputError, match="frame 4"):
        written(tmp_path / "a.fbx", info(), values)


def test_a_missing_frame_is_refused(tmp_path: Path) -> None:
    told = info()
    with pytest.raises(OutputError, match="frame 3 is missing"):
        Fbx().write(tmp_path / "a.fbx", iter([clip_of(told, face(3)), clip_of(told, face(3), 4)]), told)


LETTERS = st.characters(categories=("L", "N", "P", "S", "Zs"), exclude_characters="|:")
printable = st.text(LETTERS, min_size=1, max_size=40).filter(
    lambda text: text.isprintable() and len(text.encode()) < 250 and text.casefold() != "show")


@settings(max_examples=15, deadline=None)
@given(names=st.lists(printable, min_size=1, max_size=5, unique_by=str.casefold), data=st.data())
def test_any_printable_names_come_back(tmp_path_factory: pytest.TempPathFactory, names: list[str],
                                       data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("names") / "a.fbx"
    told = lone(tuple(names))
    clip = written(path, told, face(3, data.draw(st.integers(0, 99))))
    back = read_named(path)
    check(back.names, back.values, clip)


def test_a_missing_judge_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(JudgeMissing, match="pip install ufbx"):
        fbx_ufbx.read(tmp_path / "a.fbx")
