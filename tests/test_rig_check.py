"""`facerig rig new` and `rig check`: a rig begun from names, and judged by what it gives back."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from facerig.cli import run as cli
from facerig.core.channels import INDEX, N_CHANNELS, NAMES, SHAPE_NAMES
from facerig.core.curves import CurveClip
from facerig.curve_files.listing import curve_names
from facerig.errors import ConfigError
from facerig.exporting import ExportSettings, Origin, info_for
from facerig.rig import Rig, load_rig
from facerig.rig.catalogue import rig_files
from facerig.rig.reading import parse_rig
from facerig.rig.starter import guess, starter
from facerig.rig_checking import check_rig, mirrored, partner_of
from facerig.sinks.formats import exporter_for


def rig_of(text: str) -> Rig:
    return parse_rig(('format = 1\nname = "hero"\n' + text).encode(), "hero.toml")


# --- rig new


def test_a_rig_without_names_is_arkit_to_rename():
    made = starter("hero", "hero.toml")
    rig = parse_rig(made.text.encode(), "hero.toml")
    assert set(rig.names) == set(SHAPE_NAMES)
    assert all(curve.weights == {curve.name: 1.0} for curve in rig.curves)
    assert made.open == made.refused == ()
    assert made.text.startswith("#")


@pytest.mark.parametrize(("name", "says"), [
    ("jaw_open", '"jawOpen"'), ("blendShape1.mouthSmile_L", '"mouthSmileLeft"'),
    ("Eye Blink.R", '"eyeBlinkRight"'), ("browInnerUp_L", '"browInnerUp"'), ("cheekPuffRight", '"cheekPuff"'),
    ("mouthSmile", "{ from = { mouthSmileLeft = 0.5, mouthSmileRight = 0.5 } }"), ("Ear", ""),
    ("HeadYaw", '{ from = { headYaw = 1 }, unit = "radians" }'),
    ("viseme_aa", "{ pose = { jawOpen = 0.42"), ("viseme_sil", "")])
def test_a_name_tells_what_a_curve_follows(name: str, says: str):
    told = guess(name, load_rig("oculus"))
    assert told.startswith(says) if says else told == ""


def test_a_head_gives_a_rig_its_names(tmp_path: Path):
    made = starter("hero", "hero.toml", ["jaw_open", "Ear Wiggle", "=cmd()", "../x", "größe"])
    rig = parse_rig(made.text.encode(), "hero.toml")
    assert rig.names == ("jaw_open", "Ear Wiggle", "größe")
    assert made.guessed == ("jaw_open",)
    assert made.open == ("Ear Wiggle", "größe")
    assert made.refused == ("=cmd()", "../x")


def test_names_come_out_of_lists_curve_files_and_heads(tmp_path: Path):
    (tmp_path / "a.txt").write_text("# names\njawOpen\n\n  Ear Wiggle \n")
    assert curve_names(tmp_path / "a.txt") == ("jawOpen", "Ear Wiggle")
    (tmp_path / "a.csv").write_text("time,jawOpen,Ear\n0,1,0\n0.1,1,0\n")
    assert curve_names(tmp_path / "a.csv") == ("jawOpen", "Ear")
    (tmp_path / "twice.txt").write_text("jawOpen\nJawOpen\n")
    with pytest.raises(ConfigError, match="curves 1 and 2 are both called"):
        curve_names(tmp_path / "twice.txt")
    (tmp_path / "none.txt").write_text("# nothing\n")
    with pytest.raises(ConfigError, match="names no curves"):
        curve_names(tmp_path / "none.txt")


@pytest.mark.parametrize("ending", [".glb", ".fbx"])
def test_a_head_file_gives_its_shapes_moving_or_not(tmp_path: Path, ending: str):
    path = tmp_path / f"head{ending}"
    values = np.zeros((3, len(SHAPE_NAMES)), np.float32)
    rig = load_rig("arkit")
    face = CurveClip(np.zeros((3, N_CHANNELS), np.float32), Fraction(30), 48_000)
    info = info_for(rig, ExportSettings(), Origin(fps=Fraction(30), sample_rate=48_000))
    exporter_for(path).write(path, [CurveClip(values, Fraction(30), 48_000, 0, SHAPE_NAMES, face)], info)
    assert set(curve_names(path)) == set(SHAPE_NAMES)
    made = starter("hero", "hero.toml", curve_names(path))
    assert made.open == made.refused == ()


def test_the_verb_new_writes_a_rig_that_is_right(tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                                 monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "names.txt").write_text("JawOpen\nEar\n")
    assert cli.run(["rig", "new", "hero", "--from", "names.txt"]) == 0
    assert "hero.toml: 2 curves, 1 of them to fill in" in capsys.readouterr().out
    assert load_rig(tmp_path / "hero.toml").names == ("JawOpen", "Ear")
    assert cli.run(["rig", "new", "hero"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert cli.run(["rig", "new", "../hero"]) == 2
    assert "no name of a rig" in capsys.readouterr().err
    assert cli.run(["rig", "new", "hero", "-o", "hero.txt"]) == 2
    assert "end its name in .toml" in capsys.readouterr().err


def test_too_many_names_are_told_and_nothing_is_written(tmp_path: Path,
                                                        capsys: pytest.CaptureFixture[str]):
    (tmp_path / "names.txt").write_text("\n".join(f"c{k}" for k in range(3000)))
    out = tmp_path / "h.toml"
    assert cli.run(["rig", "new", "hero", "--from", str(tmp_path / "names.txt"), "-o", str(out)]) == 2
    assert "3000 curves" in capsys.readouterr().err
    assert not out.exists()


def test_new_says_whose_curves_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "names.txt").write_text("\n".join(load_rig("vrm").names))
    assert cli.run(["rig", "new", "hero", "--from", str(tmp_path / "names.txt"), "-o",
                    str(tmp_path / "h.toml"), "--json"]) == 0
    said = capsys.readouterr()
    assert "the curves of vrm" in said.err
    assert json.loads(said.out)["curves"]


# --- rig check


@pytest.mark.parametrize("name", sorted(rig_files()))
def test_every_shipped_rig_seals_opens_and_is_symmetrical(name: str):
    found = check_rig(load_rig(name))
    assert found.seals
    assert found.opens
    assert found.touches == (name not in ("vrm", "mmd"))  # these have no shape for f and v
    assert found.asymmetric == ()


def test_a_rig_without_a_way_to_close_is_told():
    found = check_rig(rig_of('[curves]\nJaw = "jawOpen"\nEar = {}\nSmile = "mouthSmileLeft"'))
    assert not found.seals
    assert not found.touches
    assert found.opens
    assert found.still == ("Ear",)
    assert "mouthClose" in found.unused
    assert "mouthClose" in found.untold
    assert "jawOpen" not in found.unused
    assert found.asymmetric == (("Smile", "Smile"),)


def test_sides_that_differ_are_told():
    text = ('[curves]\nBlink_L = "eyeBlinkLeft"\nBlink_R = { from = { eyeBlinkRight = 0.5 } }\n'
            'Brow_L = "browDownLeft"\nBrow_R = "browDownRight"\n'
            "Jaw = { from = { jawLeft = 1, jawRight = -1 }, range = [-1, 1] }")
    assert check_rig(rig_of(text)).asymmetric == (("Blink_L", "Blink_R"),)


@pytest.mark.parametrize(("name", "other"), [
    ("eyeBlinkLeft", "EyeBlinkRight"), ("CTRL_x_lookLeftL", "CTRL_x_lookRightR"), ("L_brow", "R_brow"),
    ("CTRL_x_pressDL", "CTRL_x_pressDR"), ("brow.l", "brow.r"), ("ウィンク", "ｳｨﾝｸ右"), ("jaw", None),
    ("CTRL_jaw", None), ("ball", None)])
def test_partners_are_told_by_name(name: str, other: str | None):
    among = ["eyeBlinkLeft", "EyeBlinkRight", "CTRL_x_lookLeftL", "CTRL_x_lookLeftR", "CTRL_x_lookRightR",
             "CTRL_x_pressDL", "CTRL_x_pressDR", "L_brow", "R_brow", "brow.l", "brow.r", "ウィンク", "ｳｨﾝｸ右",
             "jaw", "CTRL_jaw", "ball"]
    assert partner_of(name, among) == other


def test_a_mirror_swaps_sides_and_turns():
    values = np.random.default_rng(0).uniform(-0.5, 0.5, (4, N_CHANNELS))
    assert np.array_equal(mirrored(mirrored(values)), values)
    seen = mirrored(values)
    assert np.array_equal(seen[:, INDEX["jawLeft"]], values[:, INDEX["jawRight"]])
    assert np.array_equal(seen[:, INDEX["headYaw"]], -values[:, INDEX["headYaw"]])
    assert np.array_equal(seen[:, INDEX["leftEyeYaw"]], -values[:, INDEX["rightEyeYaw"]])
    assert np.array_equal(seen[:, INDEX["headPitch"]], values[:, INDEX["headPitch"]])


def test_speech_is_judged_in_millimetres():
    values = np.zeros((30, N_CHANNELS), np.float32)
    values[:, INDEX["jawOpen"]] = np.linspace(0, 0.4, 30)
    values[10:15, INDEX["mouthClose"]] = values[10:15, INDEX["jawOpen"]]
    clip = CurveClip(values, Fraction(30), 48_000)
    whole = check_rig(load_rig("arkit"), clip).speech
    assert whole is not None
    assert max(whole.residual) < 1e-6
    assert max(whole.gap_error_mm) < 1e-4
    assert whole.sealed[0] == whole.sealed[1] >= 5
    jaw = check_rig(rig_of('[curves]\nJaw = "jawOpen"'), clip).speech
    assert jaw is not None
    assert jaw.sealed[0] < jaw.sealed[1]
    assert max(jaw.gap_error_mm) > 3
    assert jaw.lost[0][0] == "mouthClose"


def test_the_verb_check_tells_people_and_hosts(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "hero.toml"
    path.write_text('format = 1\nname = "hero"\n[curves]\nJaw = "jawOpen"\nEar = {}\n')
    assert cli.run(["rig", "check", str(path)]) == 0
    out = capsys.readouterr().out
    for says in ("hero.toml: right", "1 of them never moved: Ear", "not sealed", "left and right   alike",
                 "there and back", "(rms of a frame;", "lost most        eyeBlink"):
        assert says in out
    assert cli.run(["rig", "check", "metahuman", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["seals"]
    speech = told["speech"]
    assert speech["sealed"][0] >= 0.95 * speech["sealed"][1] > 0
    assert speech["residual"][0] < 1e-3
    assert speech["gap_error_mm"][0] < 0.1
    assert speech["lost"] == []
    assert set(told["untold"]) <= set(NAMES)


@pytest.mark.slow
def test_the_picture_of_a_rig(tmp_path: Path):
    assert cli.run(["rig", "check", "oculus", "--picture", str(tmp_path / "rig.png"), "-q"]) == 0
    assert (tmp_path / "rig.png").read_bytes()[:4] == b"\x89PNG"
