"""Curve files of any rig to any other: whose curves they are, what comes out, what a person is told."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from facerig.cli import run as cli
from facerig.core.channels import CHANNELS, INDEX, N_CHANNELS, NAMES, SHAPE_NAMES
from facerig.core.curves import CurveClip
from facerig.core.spelling import canonical_name
from facerig.curve_files import read_named
from facerig.errors import ConfigError, OutputError, RigError
from facerig.exporting import ExportSettings
from facerig.retargeting import RetargetSettings, read_face, read_take, retarget, retarget_to
from facerig.rig import Retarget, load_rig
from facerig.rig.catalogue import FOLDER_VARIABLE, rig_files
from facerig.rig.matching import matched, whose
from facerig.sinks.exporter import ExportInfo
from facerig_exporters.curves_csv import CurvesCsv
from facerig_exporters.livelink_csv import LiveLinkCsv

FPS = Fraction(30)


@pytest.fixture(scope="module")
def face() -> CurveClip:
    draws = np.random.default_rng(2)
    values = np.zeros((40, N_CHANNELS), np.float32)
    at = np.arange(40) / 8
    for name in ("jawOpen", "mouthFunnel", "mouthSmileLeft", "mouthSmileRight", "browInnerUp",
                 "eyeBlinkLeft"):
        values[:, INDEX[name]] = 0.3 + 0.25 * np.sin(at * draws.uniform(1, 3) + draws.uniform(0, 6))
    values[:, INDEX["headYaw"]] = 0.2 * np.sin(at)
    return CurveClip(values, FPS, 48_000)


@pytest.fixture
def take(tmp_path: Path, face: CurveClip) -> Path:
    path = tmp_path / "take.csv"
    LiveLinkCsv().write(path, [face], ExportInfo(fps=FPS, sample_rate=48_000))
    return path


def of_rig(path: Path, rig: str, face: CurveClip) -> Path:
    engine = Retarget(load_rig(rig))
    info = ExportInfo(fps=face.fps, sample_rate=48_000, names=engine.names)
    CurvesCsv().write(path, [engine.clip(face)], info)
    return path


# --- names


@pytest.mark.parametrize(("spelled", "name"), [
    ("jawOpen", "jawOpen"), ("JawOpen", "jawOpen"), ("jaw_open", "jawOpen"), ("Jaw Open", "jawOpen"),
    ("blendShape1.jawOpen", "jawOpen"), ("hero:head|jawOpen", "jawOpen"), ("MOUTHSMILE_L", "mouthSmileLeft"),
    ("mouthSmile_R", "mouthSmileRight"), ("mouthSmileL", "mouthSmileLeft"), ("eyeBlink.R", "eyeBlinkRight"),
    ("L_eyeBlink", "eyeBlinkLeft"), ("left_brow_down", "browDownLeft"), ("head-yaw", "headYaw"),
    ("jaw_L", "jawLeft"), ("leftEyeYaw", "leftEyeYaw"), ("", None), ("smile", None), ("jawOpen2", None),
    ("CTRL_expressions_jawOpen", None), ("browInnerUp_L", None), ("=", None)])
def test_names_are_taken_in_their_spellings(spelled: str, name: str | None):
    assert canonical_name(spelled) == name


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda c: c.name)
def test_every_canonical_name_is_itself(channel: object):
    name = channel.name  # type: ignore[attr-defined]
    snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
    assert canonical_name(name) == canonical_name(name.upper()) == canonical_name(snake) == name


@pytest.mark.parametrize("name", sorted(rig_files()))
def test_a_rig_is_told_by_its_names(name: str):
    rigs = [load_rig(one) for one in rig_files()]
    own = load_rig(name).names
    assert whose(own, rigs).rig.name == name
    assert whose([*own[::2], "somethingElse"], rigs).rig.name in (name, "arkit")  # half of Live Link is ARKit


def test_strange_names_are_no_rig(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("time,foo,bar,jawOpen\n0,1,1,1\n0.1,1,1,1\n")
    with pytest.raises(ConfigError, match="no rig has these 3 curves; arkit has 1 of them") as told:
        read_take(path)
    assert told.value.where == str(path)
    assert "--from" in told.value.fix
    assert read_take(path, "arkit").unknown == ("foo", "bar")


def test_an_exact_name_comes_before_a_near_one():
    match = matched(load_rig("arkit"), ["teeth.jawOpen", "jawOpen", "x"])
    assert match.columns == {"jawOpen": 1}
    assert match.unknown == ("teeth.jawOpen", "x")
    with pytest.raises(ConfigError, match=r"'teeth.jawOpen' and 'head.jawOpen' are both jawOpen"):
        matched(load_rig("arkit"), ["teeth.jawOpen", "head.jawOpen"])


# --- what comes out


def test_live_link_to_live_link_is_the_same(take: Path, tmp_path: Path, face: CurveClip):
    done = retarget_to(take, tmp_path / "out.csv")
    assert (done.frames, done.fps, done.source_rig, done.rig) == (40, FPS, "livelink", "livelink")
    np.testing.assert_allclose(read_named(tmp_path / "out.csv").values, face.values, atol=2e-7)
    assert max(done.residual) < 1e-6


@pytest.mark.parametrize("rig", sorted(rig_files()))
def test_a_take_becomes_any_rig(rig: str, take: Path, tmp_path: Path, face: CurveClip):
    out = tmp_path / "out.curves.csv"
    done = retarget_to(take, out, RetargetSettings(export=ExportSettings(rig=rig)))
    back = read_named(out)
    assert done.rig == rig
    assert back.names == load_rig(rig).names
    np.testing.assert_allclose(back.values, Retarget(load_rig(rig)).values(face.values), atol=1e-5)


@pytest.mark.parametrize("rig", ["metahuman", "metahuman-gui"])
def test_a_metahuman_becomes_arkit_again(rig: str, tmp_path: Path, face: CurveClip):
    clip = retarget(of_rig(tmp_path / "mh.curves.csv", rig, face))
    assert clip.names == NAMES
    shapes = len(SHAPE_NAMES)
    assert np.abs(clip.values - face.values)[:, :shapes].max() < 0.02


def test_the_files_own_rig_keeps_its_values(tmp_path: Path, face: CurveClip):
    path = of_rig(tmp_path / "a.curves.csv", "oculus", face)
    out = tmp_path / "b.curves.csv"
    done = retarget_to(path, out, RetargetSettings(export=ExportSettings(rig="oculus")))
    assert done.source_rig == "oculus"
    np.testing.assert_allclose(read_named(out).values, read_named(path).values, atol=1e-6)
    assert np.array_equal(retarget(path, rig="oculus").values, read_take(path).curves.values)


def test_a_users_rig_in_percent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    (tmp_path / "hero.toml").write_text('format = 1\nname = "hero"\n[curves]\n'
                                        "Drop = { from = { jawOpen = 100 }, range = [0, 100] }\n"
                                        'Grin = "mouthSmileLeft"\n')
    (tmp_path / "a.csv").write_text("time,Drop,Grin\n0,25,0.5\n0.1,50,1.5\n")
    took = read_take(tmp_path / "a.csv")
    assert took.rig.name == "hero"
    np.testing.assert_allclose(took.face["jawOpen"], [0.25, 0.5], atol=1e-6)
    np.testing.assert_allclose(took.face["mouthSmileLeft"], [0.5, 1.0], atol=1e-6)
    assert any("Grin 0.5 to 1.5" in remark for remark in took.remarks)


def test_another_rate_and_a_rate_that_the_file_does_not_tell(tmp_path: Path, take: Path):
    clip = retarget(take, fps=24)
    assert (clip.fps, len(clip)) == (24, 32)
    path = tmp_path / "a.unreal.csv"
    path.write_text("curve_name,frame_number,value\n" + "".join(
        f"{name},{k},0.5\n" for name in ("jawOpen", "mouthClose") for k in range(5)))
    assumed = read_take(path)
    assert assumed.face.fps == 60
    assert any("does not tell its frame rate" in remark for remark in assumed.remarks)
    told = read_take(path, fps=Fraction(24))
    assert told.face.fps == 24
    assert not any("frame rate" in remark for remark in told.remarks)
    with pytest.raises(ConfigError, match="has 30 frames per second, not 24"):
        read_take(take, fps=Fraction(24))
    assert read_take(take, fps=Fraction(30000, 1001)).face.fps == Fraction(30000, 1001)


def test_a_timecode_and_a_place_in_the_sound_are_kept(tmp_path: Path):
    (tmp_path / "a.csv").write_text("Timecode,BlendshapeCount,jawOpen,mouthClose\n" + "".join(
        f"10:00:0{k // 30}:{k % 30:02d}.000,61,0.5,0\n" for k in range(40)))
    assert read_take(tmp_path / "a.csv").start_frame == 36_000 * 30
    (tmp_path / "b.csv").write_text("time,jawOpen,mouthClose\n2.0,0.5,0\n2.1,0.25,0\n")
    assert read_take(tmp_path / "b.csv").face.start == 20
    assert retarget(tmp_path / "b.csv", fps=20).start == 40


def test_a_drop_frame_timecode_goes_on_dropping(tmp_path: Path, face: CurveClip):
    path, out, slow = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "c.csv"
    ntsc = replace(face, fps=Fraction(30000, 1001))
    info = ExportInfo(fps=ntsc.fps, sample_rate=48_000, start_frame=107_890, drop_frame=True)
    LiveLinkCsv().write(path, [ntsc], info)
    done = retarget_to(path, out)
    assert (done.fps, done.remarks) == (ntsc.fps, ())
    assert out.read_text().splitlines()[1].startswith("00:59:59;28.000,")
    assert out.read_text().splitlines()[3].startswith("01:00:00;00.000,")
    retarget_to(path, slow, RetargetSettings(fps=Fraction(24)))
    assert slow.read_text().splitlines()[1].startswith("00:59:59:22.000,")  # the same time, to a frame


def test_a_rate_that_reads_like_ntscs_is_told(take: Path):
    told = "its timecodes count 30 frames a second; 29.97 and 30 look alike: "
    assert told + "retarget with --input-fps 29.97 if so" in read_take(take).remarks
    for fps in (Fraction(30), Fraction(30000, 1001)):
        assert read_take(take, fps=fps).remarks == ()


def test_missing_and_unknown_columns_are_told(tmp_path: Path):
    (tmp_path / "a.csv").write_text("time,jawOpen,mouthClose,ear\n0,0.5,0,1\n0.1,0.25,0,1\n")
    took = read_take(tmp_path / "a.csv")
    assert took.unknown == ("ear",)
    assert len(took.missing) == 50
    assert any("1 names are not of arkit: ear" in remark for remark in took.remarks)
    assert any("50 curves of arkit are missing" in remark for remark in took.remarks)
    assert not any("jawOpen" in remark for remark in took.remarks)


def test_an_unknown_rig_and_an_unknown_ending(take: Path, tmp_path: Path):
    with pytest.raises(RigError, match="there is no rig 'nobody'"):
        retarget(take, rig="nobody")
    with pytest.raises(RigError, match="there is no rig 'nobody'"):
        read_take(take, "nobody")
    with pytest.raises(OutputError, match="no exporter"):
        retarget_to(take, tmp_path / "a.xyz")
    with pytest.raises(ConfigError, match="holds no curve of the rig oculus"):
        read_take(take, "oculus")


# --- the command line


def test_the_verb_writes_and_says_so(take: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = tmp_path / "mh.curves.csv"
    assert cli.run(["retarget", str(take), "--from", "livelink", "--to", "metahuman", "-o", str(out),
                    "--input-fps", "30"]) == 0
    said = capsys.readouterr()
    assert f"{out}: 40 frames, 1.33 s at 30 fps, livelink to metahuman" in said.out
    assert said.err.splitlines() == [line for line in said.err.splitlines() if "look alike" in line]
    assert cli.run(["retarget", str(out), "-o", str(tmp_path / "back.csv"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["source_rig"], told["rig"], told["frames"]) == ("metahuman", "livelink", 40)
    assert told["residual_max"] < 0.01


def test_several_into_a_folder_and_one_that_fails(take: Path, tmp_path: Path,
                                                  capsys: pytest.CaptureFixture[str]):
    bad = tmp_path / "bad.csv"
    bad.write_text("time,jawOpen\n0,x\n")
    out = tmp_path / "out"
    assert cli.run(["retarget", str(bad), str(take), "--to", "vrm", "-o", f"{out}/"]) == 2
    assert (out / "take.curves.csv").is_file()
    assert not (out / "bad.curves.csv").exists()
    said = capsys.readouterr()
    assert "row 2, column jawOpen" in said.err
    assert "1 of 2 retargeted" in said.err


def test_what_a_format_cannot_hold_is_told_of_the_file_that_was_asked_for(take: Path, tmp_path: Path):
    with pytest.raises(OutputError, match="cannot hold the curve") as told:
        retarget_to(take, tmp_path / "a.csv", RetargetSettings(export=ExportSettings(rig="metahuman")))
    assert told.value.where == str(tmp_path / "a.csv")
    assert list(tmp_path.iterdir()) == [take]


def test_a_file_of_no_rig_shows_what_it_has_of_the_canonical_curves(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("time,jaw_open,foo,bar,baz\n0,0.5,1,1,1\n0.1,0.25,1,1,1\n")
    face, remarks = read_face(path)
    assert face["jawOpen"].tolist() == [0.5, 0.25]
    assert remarks == ()
    path.write_text("time,foo\n0,0.5\n")
    with pytest.raises(ConfigError, match="no column that is an ARKit curve"):
        read_face(path)


@pytest.mark.parametrize("rig", ["oculus", "vrm", "mmd"])
def test_the_rigs_own_frames_are_not_blamed(rig: str, tmp_path: Path, face: CurveClip):
    speaking = replace(face, values=face.values.copy())
    speaking.values[::3, INDEX["mouthPressLeft"]] = speaking.values[::3, INDEX["noseSneerLeft"]] = 0.4
    took = read_take(of_rig(tmp_path / "a.curves.csv", rig, speaking))
    (told,) = [remark for remark in took.remarks if "off at worst" in remark]
    assert told.startswith(f"the way back from {rig} is not exact: ")
    assert "rms of a frame" in told


@pytest.mark.parametrize("rig", ["metahuman", "mmd"])
def test_frames_that_no_face_gives_are_told(rig: str, tmp_path: Path, face: CurveClip):
    curves, engine = face.values[:20], Retarget(load_rig(rig))
    low, high = (np.array([c.range[end] for c in engine.rig.curves]) for end in (0, 1))
    anything = low + (high - low) * np.random.default_rng(0).random((len(curves), len(low)))
    path = tmp_path / "a.curves.csv"
    CurvesCsv().write(path, [CurveClip(anything.astype(np.float32), FPS, 48_000, 0, engine.names)],
                      ExportInfo(fps=FPS, sample_rate=48_000, names=engine.names))
    (told,) = [remark for remark in read_take(path, rig).remarks if "off at worst" in remark]
    assert told.startswith(f"20 of 20 frames hold what no face gives in {rig}: ")


def test_long_work_tells_how_far_it_is(tmp_path: Path, take: Path):
    told: list[tuple[float, float | None]] = []
    retarget_to(take, tmp_path / "a.curves.csv", progress=lambda done, total: told.append((done, total)))
    assert told == [(40, 40)]


def test_percent_is_suspected(tmp_path: Path):
    (tmp_path / "a.csv").write_text("time,jawOpen,mouthClose\n0,50,0\n0.1,25,0\n")
    assert any("jawOpen 25 to 50; in percent?" in remark for remark in read_take(tmp_path / "a.csv").remarks)


def remarks_of(done_to: Path, take: Path, **export: object) -> list[str]:
    """What is left out, as told of `take` written to `done_to`."""
    done = retarget_to(take, done_to, RetargetSettings(export=ExportSettings(**export)))  # type: ignore[arg-type]
    return [remark for remark in done.remarks if "not in it" in remark or "does nothing" in remark]


@pytest.mark.parametrize(("name", "rig", "told"), [
    ("a.json", None, "head turns are not in it: audio2face-json has no place for them"),
    ("a.json", "livelink", "head turns are not in it: audio2face-json has no place for them"),
    ("a.curves.csv", "arkit", "head turns are not in it: the rig arkit has no curves for them, and "
                              "curves-csv no bones"),
    ("a.csv", None, None),  # curves of their own
    ("a.vmd", None, None), ("a.anim", None, None), ("a.bvh", None, None),  # bones
    ("a.visemes.json", None, None),  # words: nobody looks for a head in them
])
def test_turns_that_are_left_out_are_told(name: str, rig: str | None, told: str | None, take: Path,
                                          tmp_path: Path):
    assert remarks_of(tmp_path / name, take, rig=rig) == ([] if told is None else [told])


def test_a_head_that_holds_still_is_not_missed(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("time,jawOpen,headYaw\n0,0.5,0\n0.1,0.25,0.005\n")
    assert remarks_of(tmp_path / "still.json", path) == []
    path.write_text("time,jawOpen,eyeLookUpLeft,headYaw\n0,0.5,0,0\n0.1,0.25,0.4,0.3\n")
    assert remarks_of(tmp_path / "a.json", path) == [
        "head turns are not in it: audio2face-json has no place for them"], "the gaze is in the shapes"
    (told,) = remarks_of(tmp_path / "b.curves.csv", path, rig="oculus")
    assert told.startswith("head and eye turns are not in it: the rig oculus")


def test_a_head_that_no_file_holds_is_told(take: Path, tmp_path: Path):
    male = Path("male")
    assert remarks_of(tmp_path / "a.csv", take, head=male) == [
        "--mesh does nothing: livelink-csv holds no head with curves of livelink"]
    assert remarks_of(tmp_path / "a.fbx", take, head=male, rig="metahuman") == [
        "--mesh does nothing: fbx holds no head with curves of metahuman"]
    assert remarks_of(tmp_path / "a.bvh", take, head=male) == []


def test_a_rig_that_only_the_format_asks_for_is_named(take: Path, tmp_path: Path,
                                                      monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "none"))
    with pytest.raises(RigError, match="the format holds curves of the rig flame") as told:
        retarget_to(take, tmp_path / "a.flame.npz")
    assert told.value.where == "flame-npz"
    assert "fit-flame" in told.value.fix


def test_a_rate_that_a_format_lacks(take: Path, tmp_path: Path):
    with pytest.raises(OutputError, match="vmd has 30 frames per second, not 24") as told:
        retarget_to(take, tmp_path / "a.vmd", RetargetSettings(fps=Fraction(24)))
    assert told.value.fix == "give --fps 30, or no --fps"


@pytest.mark.parametrize("tolerance", [float("nan"), float("inf"), -0.1])
def test_a_tolerance_is_a_length(tolerance: float):
    with pytest.raises(ConfigError, match="is no length"):
        ExportSettings(tolerance_mm=tolerance)


def test_an_input_is_never_overwritten(take: Path, capsys: pytest.CaptureFixture[str]):
    before = take.read_bytes()
    assert cli.run(["retarget", str(take), "-o", str(take)]) == 2
    assert "would be overwritten" in capsys.readouterr().err
    assert take.read_bytes() == before


def test_a_timecode_for_the_first_frame(take: Path, tmp_path: Path):
    out = tmp_path / "out.csv"
    assert cli.run(["retarget", str(take), "-o", str(out), "--timecode", "01:00:00:00", "-q"]) == 0
    assert out.read_text().splitlines()[1].startswith("01:00:00:00")
