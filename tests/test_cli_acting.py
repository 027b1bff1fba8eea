"""Wishes about how a character acts: taken, told, or refused in words that name the option."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import soundfile

from facerig.cli import run as cli
from facerig.cli.acting import Acting, performance_of, scene_of
from facerig.cli.remarks import corrected, late, remarks_on
from facerig.errors import ConfigError
from facerig.performance.settings import Performance


@pytest.fixture(scope="module")
def half_second(speech: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    samples, rate = soundfile.read(speech, start=12_000, frames=12_000, dtype="float32")
    path = tmp_path_factory.mktemp("sound") / "line.wav"
    soundfile.write(path, samples, rate)
    return path


def chosen(acting: Acting) -> Performance:
    return performance_of(acting, scene_of(acting))


def remarks(acting: Acting) -> tuple[str, ...]:
    return remarks_on(acting, chosen(acting))


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(("acting", "where", "says"), [
    (Acting(emotion_at=["-1=anger"]), "--emotion-at", "before the sound"),
    (Acting(emotion_at=["joy"]), "--emotion-at", "no time"),
    (Acting(emotion_at=["nan=joy"]), "--emotion-at", "no time"),
    (Acting(emotion_at=["2,5=joy"]), "--emotion-at", "--emotion-at 2.5=joy"),
    (Acting(emotion_at=["2.5:anger"]), "--emotion-at", "--emotion-at 2.5=anger"),
    (Acting(emotion_at=["2.5="]), "--emotion-at", "has no feeling"),
    (Acting(emotion_at=["2.5=joi:0.5"]), "--emotion-at", "did you mean joy?"),
    (Acting(emotion_at=["2.5=joy:7"]), "--emotion-at joy", "out of range"),
    (Acting(gaze_at=["2=kamera"]), "--gaze-at", "'kamera' is no target"),
    (Acting(gaze_at=["2="]), "--gaze-at", "has no target"),
    (Acting(gaze="kamera"), "--gaze", "'kamera' is no target"),
    (Acting(blink_at=[float("nan")]), "--blink-at", "out of range"),
    (Acting(attitude="happy"), "--attitude", "positive, neutral, negative"),
])
def test_a_mistake_names_the_option(acting: Acting, where: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        chosen(acting)
    assert caught.value.where == where
    assert says in str(caught.value)
    assert caught.value.fix


def test_what_is_timed() -> None:
    told = chosen(Acting(emotion_at=["2.5=brows=anger;mouth=joy"], gaze_at=["1 = 0.3,0,1"], blink_at=[3.0]))
    assert [one.at_secs for one in told.directions] == [2.5, 1.0, 3.0]


def test_a_style_of_the_command_line_wins_over_the_scenes_sections(tmp_path: Path) -> None:
    own = written(tmp_path / "own.toml", "[blinks]\nrate = 9\n")
    hero = written(tmp_path / "hero.toml", "[blinks]\nrate = 30\n\n[lips]\nopenness = 1.5\n\n[asymmetry]\n"
                                           'amount = 2\n\n[listening]\nattitude = "negative"\n')
    scene = written(tmp_path / "scene.toml", 'style = "own.toml"\nattitude = "positive"\n\n[blinks]\n'
                                             "rate = 10\nlength = 1.2\n\n[lips]\nopenness = 0.7\n"
                                             "smile = 1.4\n\n[asymmetry]\namount = 0\n")
    alone = chosen(Acting(settings=scene))
    assert (alone.blinks.rate, alone.listening.attitude) == (10, "positive")
    both = chosen(Acting(settings=scene, style=hero))
    assert (both.blinks.rate, both.blinks.length) == (30, 1.2)  # what the style leaves open stays the scene's
    assert both.controls.curves["jawOpen"].gain == 1.5
    assert both.controls.curves["mouthSmile"].gain == 1.4
    assert both.asymmetry == 2
    assert both.listening.attitude == "negative"
    assert chosen(Acting(settings=scene, style=hero, asymmetry=0.5)).asymmetry == 0.5
    assert chosen(Acting(style=own)).blinks.rate == 9


def test_a_scene_is_no_style_and_a_style_no_scene(tmp_path: Path) -> None:
    scene = written(tmp_path / "scene.toml", "fps = 30\n")
    style = written(tmp_path / "hero.toml", 'name = "Hero"\n')
    with pytest.raises(ConfigError, match=r"scene\.toml: this is a scene\n  fix: use --settings"):
        chosen(Acting(style=scene))
    with pytest.raises(ConfigError, match=r"hero\.toml: this is a style\n  fix: use --style"):
        chosen(Acting(settings=style))


def test_free_text_is_reported() -> None:
    assert remarks(Acting(emotion="happy flurbish zonk")) == (
        'emotion: happy flurbish zonk: joy:0.6 for "happy"; not understood: flurbish, zonk',)
    (at,) = remarks(Acting(emotion="joy:0.4", emotion_at=["2.5=smug"]))
    assert at.startswith("emotion at 2.5 s: smug: ")
    assert remarks(Acting(emotion="joy:0.4", emotion_at=["2.5=anger"], gaze="camera")) == ()


@pytest.mark.parametrize(("acting", "says"), [
    (Acting(attitude="positive"), "--attitude does nothing without --listen"),
    (Acting(emotion="joy", no_emotion=True), "--emotion does nothing with --no-emotion"),
    (Acting(emotion_at=["1=joy"], no_emotion=True), "--emotion-at does nothing with --no-emotion"),
    (Acting(blink_at=[1.0], no_blinks=True), "--blink-at does nothing with --no-blinks"),
    (Acting(gaze="none", no_gaze=True), "--gaze does nothing with --no-gaze"),
    (Acting(gaze="0.4,0,-1"), "gaze 0.4,0,-1: behind the head: z is ahead"),
    (Acting(gaze_at=["1=camera; 0.4,0,0"]), "gaze 0.4,0,0: beside the head: z is ahead"),
])
def test_a_wish_that_does_nothing_is_told(acting: Acting, says: str) -> None:
    (remark,) = remarks(acting)
    assert says in remark


def test_wishes_that_work_are_not_remarked_on(tmp_path: Path) -> None:
    scene = written(tmp_path / "scene.toml", 'mode = "listen"\n')
    assert remarks(Acting(attitude="positive", listen=True)) == ()
    assert remarks(Acting(attitude="positive", settings=scene)) == ()
    assert remarks(Acting(no_blinks=True, no_gaze=True, emotion="joy")) == ()


def test_wishes_behind_the_end() -> None:
    acting = Acting(emotion_at=["0.5=joy", "9=anger"], gaze_at=["2=none"], blink_at=[1.0, 3.5])
    assert [remark.split(" lies")[0] for remark in late(acting, 2.0)] == [
        "--emotion-at 9 s", "--gaze-at 2 s", "--blink-at 3.5 s"]
    assert late(acting, 10.0) == ()


def test_corrections_are_told(tmp_path: Path) -> None:
    sound = tmp_path / "line.wav"
    assert corrected(sound, Performance(), corrections=True) == ()
    written(tmp_path / "line.face.toml", "[[blink]]\nat = 0.2\n")
    assert corrected(sound, Performance(), corrections=True) == ("with the corrections of line.face.toml",)
    assert corrected(sound, Performance(), corrections=False) == ()


def test_animate_says_how_it_took_the_wishes(half_second: Path, tmp_path: Path,
                                             capsys: pytest.CaptureFixture[str]) -> None:
    sound = tmp_path / "line.wav"
    sound.write_bytes(half_second.read_bytes())
    written(tmp_path / "line.face.toml", "[[blink]]\nat = 0.2\n")
    arguments = ["animate", str(sound), "-o", str(tmp_path / "line.csv"), "--emotion", "smug zonk",
                 "--blink-at", "9"]
    assert cli.run([*arguments, "--json"]) == 0
    said = capsys.readouterr()
    told = json.loads(said.out)["remarks"]
    assert [remark.split(":")[0] for remark in told] == [
        "emotion", "with the corrections of line.face.toml",
        "--blink-at 9 s lies behind the end of the sound, 0.50 s"]
    assert "not understood: zonk" in told[0]
    assert said.err.count("facerig: emotion: smug zonk") == 1
    assert f"facerig: {sound}: with the corrections of line.face.toml" in said.err
    assert cli.run([*arguments, "--no-corrections", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_preview_says_so_too(half_second: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("PIL", reason="previews need the extra `preview`")
    sound = tmp_path / "line.wav"
    sound.write_bytes(half_second.read_bytes())
    written(tmp_path / "line.face.toml", "[[blink]]\nat = 0.2\n")
    arguments = ["preview", str(sound), "-o", str(tmp_path / "frames"), "--size", "64",
                 "--renderer", "software", "--fps", "4", "--json"]
    assert cli.run(arguments) == 0
    assert json.loads(capsys.readouterr().out)["remarks"] == [
        f"{sound}: with the corrections of line.face.toml"]
    assert cli.run([*arguments[:-1], "--no-corrections", "-o", str(tmp_path / "other"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["remarks"] == []


@pytest.mark.parametrize("verb", ["animate", "preview"])
def test_a_model_that_a_scene_names_wrongly(verb: str, half_second: Path, tmp_path: Path,
                                            capsys: pytest.CaptureFixture[str]) -> None:
    scene = written(tmp_path / "scene.toml", 'model = "nope"\n')
    arguments = [verb, str(half_second), "-o", str(tmp_path / ("a.csv" if verb == "animate" else "a")),
                 "--settings", str(scene), "--json"]
    assert cli.run(arguments) == 2
    assert json.loads(capsys.readouterr().out)["where"] == f"{scene}: $.model"
    assert cli.run([*arguments, "--model", "huge"]) == 2
    assert json.loads(capsys.readouterr().out)["where"] == "--model"
