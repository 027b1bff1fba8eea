"""A style from recorded curves gives back what was put into them; and the verbs of the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from facerig.cli import run as cli
from facerig.core.channels import INDEX, N_CHANNELS, NAMES
from facerig.errors import ConfigError
from facerig.performance.control.selection import curves_named
from facerig.performance.eyes.attention import GazeSettings
from facerig.performance.eyes.blinks import BlinkLayer, BlinkSettings
from facerig.performance.style import reference as ours
from facerig.performance.style.events import blinks_in
from facerig.performance.style.extract import Extracted, extracted
from facerig.performance.style.measure import measured
from facerig.performance.style.style import LipStyle, read_style
from tests.moments import moments, over, some_talk

SECS = 90.0


def made_up(fps: float = 60.0, *, openness: float = 1.0, left: float = 0.0, blinks_per_min: float = 18.0,
            blink_secs: float = 0.25, depth: float = 0.95, smile: float = 0.0) -> np.ndarray:
    """Curves of somebody who speaks all the time, with our own ranges but for what is asked."""
    times = np.arange(round(SECS * fps)) / fps
    values = np.zeros((len(times), N_CHANNELS))
    for k, (name, (low, high)) in enumerate(ours.RANGES.items()):
        sides = list(curves_named(name))
        # a wave's 5th and 95th percentiles are those of the table
        wave = 0.5 - 0.5 * np.cos(2 * np.pi * (3.0 + 0.17 * k) * times + k)
        edges = np.percentile(wave, [5, 95])
        values[:, sides] = ((wave - edges[0]) / (edges[1] - edges[0]) * (high - low) + low).clip(0)[:, None]
    values[:, INDEX["mouthClose"]] = 0
    for name in ("jawOpen", "mouthLowerDown", "mouthUpperUp"):
        values[:, list(curves_named(name))] *= openness
    for name in ("mouthSmile", "mouthStretch", "mouthPress", "mouthLowerDown", "mouthUpperUp"):
        at_left, at_right = curves_named(name)
        values[:, at_left] *= 1 + left
        values[:, at_right] *= 1 - left
    values[:, list(curves_named("mouthSmile"))] += smile
    for start in np.arange(1.0, SECS - 1, 60 / blinks_per_min):
        shape = np.clip(1 - np.abs((times - start) / blink_secs * 2 - 1), 0, 1)
        shape = depth * np.minimum(shape * 1.4, 1)
        values[:, list(curves_named("eyeBlink"))] = np.maximum(values[:, list(curves_named("eyeBlink"))],
                                                               shape[:, None])
    return values.astype(np.float32)


def style_of(values: np.ndarray, fps: float = 60.0) -> Extracted:
    return extracted(measured(values, fps), "hero")


def test_our_own_ranges_ask_for_nothing() -> None:
    lips = style_of(made_up()).style.on("lips", LipStyle())
    for knob in ("openness", "rounding", "stretch", "smile", "press"):
        assert getattr(lips, knob) == pytest.approx(1, abs=0.03), knob


@pytest.mark.parametrize("openness", [0.6, 1.4])
@pytest.mark.parametrize("fps", [30.0, 60.0])
def test_openness_comes_back(openness: float, fps: float) -> None:
    lips = style_of(made_up(fps, openness=openness), fps).style.on("lips", LipStyle())
    assert lips.openness == pytest.approx(openness, rel=0.05)
    assert lips.stretch == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("fps", [25.0, 60.0])
@pytest.mark.parametrize("rate", [8.0, 18.0, 35.0])
def test_the_rate_of_blinks_comes_back(rate: float, fps: float) -> None:
    assert style_of(made_up(fps, blinks_per_min=rate), fps).style.sections["blinks"]["rate"] == pytest.approx(
        rate, rel=0.06)


@pytest.mark.parametrize("fps", [30.0, 60.0])
def test_every_blink_of_the_layer_is_found(fps: float) -> None:
    layer = BlinkLayer(3, BlinkSettings(rate=25, length=1.2))
    drawn, _ = over(moments(some_talk(120, 1), fps), layer.initial_state(),
                    lambda moment, mood, state: layer.plan(moment, mood, state), layer.draw)
    begun = np.diff((drawn[:, INDEX["eyeBlinkLeft"]] > 0.05).astype(int)) == 1
    found = blinks_in(drawn.astype(np.float64), fps)
    assert found.count == begun.sum() > 30
    assert found.length_secs == pytest.approx(1.2 * ours.BLINKS.length_secs, rel=0.1)


def test_longer_and_shallower_blinks() -> None:
    usual, slow = (style_of(made_up(blink_secs=secs)).style.sections["blinks"]["length"]
                   for secs in (0.25, 0.35))
    assert slow / usual == pytest.approx(1.4, abs=0.05)
    shallow = style_of(made_up(depth=0.6)).style.on("blinks", BlinkSettings())
    assert shallow.depth == pytest.approx(0.6 / ours.BLINKS.depth, abs=0.03)
    assert shallow.rate == pytest.approx(18, rel=0.06)


def test_closed_eyes_are_no_blink() -> None:
    values = made_up(blinks_per_min=1)
    values[600:900, list(curves_named("eyeBlink"))] = 1
    assert style_of(values).style.sections["blinks"]["rate"] < 2


def test_a_face_that_leans() -> None:
    sections = style_of(made_up(left=0.1)).style.sections
    assert sections["asymmetry"]["left"] == pytest.approx(0.1, abs=0.02)
    assert style_of(made_up()).style.sections["asymmetry"].get("left") is None


def test_a_crooked_smile_is_told_by_itself() -> None:
    values = made_up(smile=0.2)
    values[:, INDEX["mouthSmileRight"]] *= 0.5
    curves = style_of(values).style.curves
    assert curves["mouthSmileLeft"].gain > 1.2
    assert curves["mouthSmileRight"].gain < 0.8


def test_a_smile_at_rest_becomes_an_offset() -> None:
    assert style_of(made_up(smile=0.15)).style.curves["mouthSmile"].offset == pytest.approx(0.15, abs=0.02)


def test_looks_and_head() -> None:
    values, times = made_up(), np.arange(round(SECS * 60)) / 60
    aside = (times % 4.0) > 3.0  # a second in four
    for eye in ("left", "right"):
        values[:, INDEX[f"{eye}EyeYaw"]] = np.where(aside, 0.25, 0.0)
    values[:, INDEX["headPitch"]] = 0.05 * np.sin(2 * np.pi * 0.5 * times)
    found = measured(values, 60.0)
    assert found.gaze is not None
    assert found.head is not None
    assert found.gaze.share_near == pytest.approx(0.75, abs=0.03)
    assert found.gaze.look_secs == pytest.approx(3.0, abs=0.1)
    assert found.gaze.shifts_per_min == pytest.approx(30, abs=2)
    assert found.head.rms_degrees == pytest.approx(np.degrees(0.05) / np.sqrt(2), rel=0.1)
    assert found.head.speed_deg_per_sec == pytest.approx(np.degrees(0.05) * 2, rel=0.1)
    usual = GazeSettings()
    gaze = style_of(values).style.on("gaze", usual)
    assert ours.GAZE is not None
    assert gaze.share_speaking == pytest.approx(min(0.75 / ours.GAZE.share_near * usual.share_speaking, 1),
                                                abs=0.03)
    assert gaze.look_speaking_secs > usual.look_speaking_secs  # 3 s are long


def test_eye_shapes_serve_where_turns_are_missing() -> None:
    values, aside = made_up(), (np.arange(round(SECS * 60)) / 60 % 4.0) > 3.0
    values[aside, INDEX["eyeLookInLeft"]] = values[aside, INDEX["eyeLookOutRight"]] = 0.5
    gaze = measured(values, 60.0).gaze
    assert gaze is not None
    assert gaze.share_near == pytest.approx(0.75, abs=0.03)


def test_what_is_missing_is_left_out_and_said() -> None:
    values = made_up()
    for name in ("eyeBlink", "browInnerUp", "browOuterUp", "browDown"):
        values[:, list(curves_named(name))] = 0
    found = style_of(values)
    assert set(found.style.sections) <= {"lips", "asymmetry"}
    assert {remark.split(":")[0] for remark in found.remarks} >= {"blinks", "gaze", "head", "brows"}
    short = style_of(made_up()[:600])
    assert "blinks" not in short.style.sections
    assert any("s of speech are few" in remark for remark in short.remarks)


@pytest.mark.parametrize("values", [np.zeros((600, N_CHANNELS)), np.ones((30, N_CHANNELS)),
                                    np.zeros((600, 3)), np.full((600, N_CHANNELS), np.nan)])
def test_no_reference(values: np.ndarray) -> None:
    with pytest.raises(ConfigError):
        measured(values, 60.0)


def test_noise_gives_a_style_within_every_range() -> None:
    for seed in range(5):
        values = np.random.default_rng(seed).uniform(0, 1, (1500, N_CHANNELS))
        assert style_of(values).style.text()


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    path, values = tmp_path / "ref.csv", made_up(30.0, openness=1.3)
    rows = [",".join(["time", *NAMES])]
    rows += [",".join([f"{k / 30:.5f}", *(f"{v:.5g}" for v in row)]) for k, row in enumerate(values)]
    path.write_text("\n".join(rows), "utf-8")
    return path


def test_extract_show_and_blend(reference: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hero, calm, between = (tmp_path / name for name in ("hero.toml", "calm.toml", "between.toml"))
    assert cli.run(["style", "extract", str(reference), "-o", str(hero)]) == 0
    said = capsys.readouterr()
    assert "blinks" in said.out
    assert "  ranges      " in said.out
    assert max(map(len, said.out.splitlines()[1:])) <= 110
    assert "head: not in the recording" in said.err
    assert read_style(hero).name == "hero"
    assert read_style(hero).on("lips", LipStyle()).openness == pytest.approx(1.3, rel=0.05)

    calm.write_text("[lips]\nopenness = 0.7\n", "utf-8")
    assert cli.run(["style", "blend", str(calm), str(hero), "0.5", "-o", str(between)]) == 0
    assert read_style(between).on("lips", LipStyle()).openness == pytest.approx(1.0, abs=0.03)
    capsys.readouterr()
    assert cli.run(["style", "show", str(between)]) == 0
    assert "lips.openness" in capsys.readouterr().out


def test_settings_that_are_no_numbers_are_explained(tmp_path: Path,
                                                    capsys: pytest.CaptureFixture[str]) -> None:
    hero = tmp_path / "hero.toml"
    hero.write_text('[blinks]\nstate = "rest"\n\n[listening]\nattitude = "positive"\n\n'
                    "[curves.cheekPuff]\nactive = false\n", "utf-8")
    assert cli.run(["style", "show", str(hero)]) == 0
    rows = capsys.readouterr().out.splitlines()[1:]
    assert len(rows) == 3
    assert all(row.split(")", 1)[1].strip() for row in rows)


@pytest.mark.parametrize(("name", "says"), [("ref.csv", "this is an input"), ("hero.csv", "a TOML file"),
                                            ("hero", "a TOML file")])
def test_no_recording_is_overwritten(name: str, says: str, reference: Path, tmp_path: Path,
                                     capsys: pytest.CaptureFixture[str]) -> None:
    before = reference.read_bytes()
    assert cli.run(["style", "extract", str(reference), "-o", str(tmp_path / name)]) == 2
    assert says in capsys.readouterr().err
    assert [(path, path.read_bytes()) for path in tmp_path.iterdir()] == [(reference, before)]


@pytest.mark.parametrize("out", ["calm.toml", "c.txt"])
def test_a_blend_overwrites_neither(out: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    calm, hero = tmp_path / "calm.toml", tmp_path / "hero.toml"
    for path in (calm, hero):
        path.write_text("[lips]\nopenness = 0.7\n", "utf-8")
    assert cli.run(["style", "blend", str(calm), str(hero), "0.5", "-o", str(tmp_path / out)]) == 2
    assert "fix: " in capsys.readouterr().err
    assert calm.read_text("utf-8") == "[lips]\nopenness = 0.7\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["calm.toml", "hero.toml"]


def test_the_verb_alone_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["style"]) == 0
    said = capsys.readouterr()
    assert "extract" in said.out
    assert said.err == ""


def test_verbs_for_hosts(reference: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hero = tmp_path / "hero.toml"
    assert cli.run(["style", "extract", str(reference), "-o", str(hero), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["found"]["blinks"]["rate_per_min"] == pytest.approx(18, rel=0.06)
    assert told["style"]["lips"]["openness"] == pytest.approx(1.3, rel=0.05)
    hero.write_text("[blinks]\nraet = 1\n", "utf-8")
    assert cli.run(["style", "show", str(hero), "--json"]) == 2
    assert "$.blinks.raet" in json.loads(capsys.readouterr().out)["where"]
