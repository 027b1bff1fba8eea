"""`facerig preview`: from sound and from curves, as film, pictures and sheet."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import soundfile

from facerig.cli.preview import parse_size
from facerig.cli.run import run
from facerig.errors import ConfigError

pytest.importorskip("PIL", reason="previews need the extra `preview`")
imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg", reason="films need the extra `preview`")
SMALL = ("--size", "64", "--renderer", "software", "--fps", "10")


@pytest.fixture(scope="module")
def half_second(speech: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    samples, rate = soundfile.read(speech, start=12_000, frames=12_000, dtype="float32")
    path = tmp_path_factory.mktemp("sound") / "line.wav"
    soundfile.write(path, samples, rate)
    return path


def streams(film: Path) -> str:
    """What ffmpeg says about a film."""
    told = subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-i", str(film)], capture_output=True, text=True,
                          check=False)
    return told.stderr


def test_sound_becomes_a_film_and_a_sheet(half_second: Path, tmp_path: Path,
                                          capsys: pytest.CaptureFixture[str]) -> None:
    film, sheet = tmp_path / "line.mp4", tmp_path / "sheet.png"
    assert run(["preview", str(half_second), "-o", str(film), "--sheet", str(sheet), *SMALL, "--json"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["output"], first["frames"], first["fps"]) == (str(film), 5, "10")
    assert (first["size"], first["renderer"]) == ([64, 64], "software")
    assert second["output"] == str(sheet)
    assert "Audio: aac" in streams(film)
    assert "64x64" in streams(film)
    assert sheet.read_bytes().startswith(b"\x89PNG")


def test_curves_become_pictures(half_second: Path, tmp_path: Path) -> None:
    curves = tmp_path / "line.curves.csv"
    assert run(["animate", str(half_second), "-o", str(curves), "--fps", "10", "--quiet"]) == 0
    arguments = ["preview", str(curves), "--size", "64", "--renderer", "software", "--quiet",
                 "--views", "front, profile"]
    assert run([*arguments, "-o", str(tmp_path / "frames")]) == 0
    assert len(list((tmp_path / "frames").iterdir())) == 5
    film = tmp_path / "new folder" / "line.mp4"
    assert run([*arguments, "-o", str(film), "--audio", str(half_second)]) == 0
    assert "128x64" in streams(film)
    assert "Audio: aac" in streams(film)


@pytest.mark.parametrize(("arguments", "code"), [
    (["{sound}", "-o", "a.avi"], "output"),
    (["{sound}", "-o", "none/file/a.mp4"], "output"),
    (["{sound}", "-o", "a.mp4", "--size", "big"], "config"),
    (["{sound}", "-o", "a.mp4", "--size", "3"], "config"),
    (["{sound}", "-o", "a.mp4", "--views", "back"], "config"),
    (["{sound}", "-o", "a.mp4", "--renderer", "raytracer"], "config"),
    (["{sound}", "-o", "a.mp4", "--head", "none.glb"], "model"),
    (["{sound}", "-o", "a.mp4", "--sheet", "sheet.jpg"], "output"),
    (["{curves}", "-o", "a.mp4", "--sheet", "sheet.png"], "config"),
    (["{curves}", "-o", "a.mp4", "--fps", "25"], "config"),
    (["{curves}", "-o", "a.mp4", "--audio", "none.wav"], "audio"),
    (["none.wav", "-o", "a.mp4"], "audio"),
    (["none.csv", "-o", "a.mp4"], "config"),
])
def test_mistakes_are_told_and_leave_nothing(arguments: list[str], code: str, half_second: Path,
                                             tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                             capsys: pytest.CaptureFixture[str]) -> None:
    curves = half_second.with_name("line.csv")
    if not curves.exists():
        run(["animate", str(half_second), "-o", str(curves), "--fps", "10", "--quiet"])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "none").touch()
    filled = [a.replace("{sound}", str(half_second)).replace("{curves}", str(curves)) for a in arguments]
    assert run(["preview", *filled, "--json"]) == 2
    (record,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (record["ok"], record["code"]) == (False, code), record
    assert [path.name for path in tmp_path.iterdir()] == ["none"]


@pytest.mark.parametrize(("text", "expected"), [
    ("640", (640, 640)), ("1280x720", (1280, 720)), ("9X8", (9, 8))])
def test_sizes(text: str, expected: tuple[int, int]) -> None:
    assert parse_size(text) == expected


@pytest.mark.parametrize("text", ["", "x", "640x", "1x2x3", "-5", "6.4"])
def test_no_sizes(text: str) -> None:
    with pytest.raises(ConfigError, match="no picture size"):
        parse_size(text)
