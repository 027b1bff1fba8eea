"""Every snippet of the README runs as it stands, on the bundled clip."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from facerig.cli.run import run
from tests.conftest import REPO

README = (REPO / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.M | re.S)
COMMANDS = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()
            if re.match(r"facerig (animate|preview|style|emotions|retarget|rig)", line)]


@pytest.fixture
def beside_a_line(tmp_path: Path, speech: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with sounds of one second, among them talk.wav (stereo), curves and examples of files.
    """
    audio, rate = soundfile.read(speech, frames=24_000, dtype="float32")
    soundfile.write(tmp_path / "line.wav", audio, rate)
    soundfile.write(tmp_path / "talk.wav", np.stack([audio, audio[::-1]], 1), rate)
    monkeypatch.chdir(tmp_path)
    assert run(["animate", "line.wav", "-o", "line.csv", "--fps", "10"]) == 0
    assert run(["animate", str(speech), "-o", "ref.csv"]) == 0
    soundfile.write(tmp_path / "other.wav", audio, rate)
    for name in ("hero.glb", "edited.fbx"):
        assert run(["retarget", "line.csv", "-o", name]) == 0
    for example in ("hero.toml", "scene.toml"):
        (tmp_path / example).write_bytes((REPO / "docs" / "examples" / example).read_bytes())
    return tmp_path


def test_the_python_snippets_run(beside_a_line: Path) -> None:
    snippets = [text for kind, text in BLOCKS if kind == "python"]
    assert len(snippets) == 1
    shown: list[int] = []
    game = SimpleNamespace(set_face=lambda sample, values: shown.append(sample))
    exec(snippets[0], {"microphone": lambda: np.zeros((20, 4800), np.float32), "game": game})
    assert len(shown) > 100
    assert shown == sorted(shown)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_run(command: str, beside_a_line: Path) -> None:
    words = shlex.split(command, comments=True)[1:]
    smaller = ["--size", "64"] if words[0] == "preview" else []
    assert run([*words, *smaller]) == 0
    if "-o" not in words:
        return
    out = Path(words[words.index("-o") + 1])
    outs = [out] if "each" not in words else [out.with_suffix(".left.csv"), out.with_suffix(".right.csv")]
    assert all(path.stat().st_size > 100 for path in outs)


def test_a_whole_game_is_done_and_reported(beside_a_line: Path) -> None:
    Path("lines.csv").write_text("audio,emotion\nline.wav,joy:0.4\n", "utf-8")
    batch, watched, report = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()
                              if re.match(r"facerig (batch|report)", line)]
    assert run([*shlex.split(batch, comments=True)[1:], "--workers", "1", "--no-report"]) == 0
    assert run(shlex.split(report, comments=True)[1:]) == 0
    assert "--watch" in watched  # which never ends: tests/test_batch_cli.py
    assert {path.name for path in Path("curves").iterdir() if path.is_file()} == {
        "line.fbx", "line.livelink.csv", "report.html", "report.json"}


def test_the_commands_are_there() -> None:
    assert len(COMMANDS) >= 6
