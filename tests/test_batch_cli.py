"""`facerig batch` as a build meets it: files, records, exit codes; the same files as `facerig animate`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import facerig
from facerig.batch.journal import HOME
from facerig.batch.work import Task, failed_outcome, perform
from facerig.cli import run as cli
from tests.streams import made_up_speech

Ran = tuple[int, list[dict[str, Any]]]
Run = Callable[..., Ran]


class Here:
    """An engine that does the work in this process, to spare the time of starting others."""

    name = "local"

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or 1

    def run(self, tasks: Any, done: Any) -> None:
        for task in tasks:
            done(task, perform(task))


class Broken(Here):
    """An engine with a bug in it."""

    def run(self, tasks: Any, done: Any) -> None:
        for task in tasks:
            done(task, failed_outcome(task, "bug", "unexpected KeyError: 'x'", "report it"))


class Stopped(Here):
    """An engine whose user has enough after the first line."""

    def run(self, tasks: Any, done: Any) -> None:
        super().run([next(iter(tasks))], done)
        raise KeyboardInterrupt


@pytest.fixture(name="in_process")
def _in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facerig.batch.ray_engine.Local", Here)


@pytest.fixture(name="sounds", scope="module")
def _sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sounds")
    for k, name in enumerate(("a.wav", "guards/b.wav")):
        (folder / name).parent.mkdir(exist_ok=True)
        soundfile.write(folder / name, made_up_speech(0.4 + 0.1 * k, seed=k), 16_000)
    return folder


@pytest.fixture(name="ran")
def _ran(capsys: pytest.CaptureFixture[str], in_process: None) -> Run:
    def ran(*argv: str | Path) -> Ran:
        code = cli.run(["batch", *map(str, argv), "--model", "live", "--no-report", "--json"])
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return ran


def made(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*")
                  if path.is_file() and HOME not in path.parts)


def test_a_folder_becomes_files_of_several_formats_and_then_is_current(sounds: Path, tmp_path: Path,
                                                                       ran: Run) -> None:
    code, records = ran(sounds, "-o", tmp_path, "--format", "anim,livelink.csv,audio2face-json")
    assert code == 0
    assert [one["status"] for one in records[:-1]] == ["done", "done"]
    assert records[-1]["counts"]["done"] == 2
    names = made(tmp_path)
    assert len(names) == 6
    assert {name.split(".")[0] for name in names} == {"a", "guards/b"}
    assert sorted(records[0]["outputs"]) == [name for name in names if not name.startswith("guards")]
    code, records = ran(sounds, "-o", tmp_path, "--format", "anim,livelink.csv,audio2face-json")
    assert (code, [one["status"] for one in records[:-1]]) == (0, ["current", "current"])
    code, records = ran(sounds, "-o", tmp_path / "dry", "--dry-run")
    assert (code, made(tmp_path / "dry")) == (0, [])


WISHES = [
    {}, {"fps": "24", "seed": "5", "emotion": "joy:0.7"}, {"rig": "metahuman", "channel": "left"},
]


@pytest.mark.parametrize("wishes", WISHES)
@pytest.mark.parametrize("ending", [".livelink.csv", ".fbx", ".glb", ".curves.csv"])
def test_batch_and_animate_write_the_same_bytes(sounds: Path, tmp_path: Path, ran: Run,
                                                capsys: pytest.CaptureFixture[str], ending: str,
                                                wishes: dict[str, str]) -> None:
    if "rig" in wishes and ending in (".livelink.csv", ".glb"):
        pytest.skip("a format of its own rig")
    table = tmp_path / "lines.jsonl"
    row: dict[str, Any] = {"audio": str(sounds / "a.wav"), "output": "a", "seed": 0} | wishes
    table.write_text(json.dumps(row))
    code, records = ran(table, "-o", tmp_path / "two", "--format", ending)
    assert (code, len(records)) == (0, 2)
    options = [word for name, value in wishes.items() for word in (f"--{name}", value)]
    assert cli.run(["animate", str(sounds / "a.wav"), "-o", f"{tmp_path}/one/a{ending}", "--model", "live",
                    *options]) == 0
    capsys.readouterr()
    assert (tmp_path / "two" / f"a{ending}").read_bytes() == (tmp_path / "one" / f"a{ending}").read_bytes()


def test_bad_rows_stop_a_build_before_it_begins(sounds: Path, tmp_path: Path, ran: Run) -> None:
    table = tmp_path / "lines.csv"
    table.write_text(f"audio,fps\n{sounds}/a.wav,\nnope.wav,\n{sounds}/guards/b.wav,often\n")
    code, records = ran(table, "-o", tmp_path / "out")
    assert code == 2
    assert [Path(one["where"]).name for one in records] == ["lines.csv:3", "lines.csv:4: fps", "lines.csv"]
    assert made(tmp_path / "out") == []
    code, records = ran(table, "-o", tmp_path / "out", "--keep-going")
    assert code == 2
    assert made(tmp_path / "out") == ["a.livelink.csv"]
    assert records[-1]["faults"] == 2


def test_failures_are_listed_and_taken_up_again(sounds: Path, tmp_path: Path, ran: Run) -> None:
    lines = tmp_path / "lines"
    lines.mkdir()
    (lines / "good.wav").write_bytes((sounds / "a.wav").read_bytes())
    (lines / "bad.wav").write_bytes(b"RIFF and no more")
    code, records = ran(lines, "-o", tmp_path / "out")
    assert code == 2
    (failed,) = [one for one in records if not one["ok"]]
    assert (failed["status"], failed["code"], failed["place"]) == ("failed", "audio", str(lines / "bad.wav"))
    assert failed["fix"]
    (lines / "bad.wav").write_bytes((sounds / "a.wav").read_bytes())
    code, records = ran(lines, "-o", tmp_path / "out", "--retry-failed")
    assert (code, [one["status"] for one in records[:-1]]) == (0, ["done"])


def test_people_read_failures_at_the_end(tmp_path: Path, in_process: None, capsys: pytest.CaptureFixture[str]
                                         ) -> None:
    soundfile.write(tmp_path / "short.wav", np.zeros(10, np.float32), 16_000)
    assert cli.run(["batch", str(tmp_path), "-o", str(tmp_path / "out"), "--no-report"]) == 2
    said = capsys.readouterr()
    assert "0 done, 0 current, 1 failed" in said.out
    assert "short.wav" in said.err
    assert "fix:" in said.err


def test_a_bug_is_told_apart_from_bad_input(sounds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                            capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("facerig.batch.ray_engine.Local", Broken)
    assert cli.run(["batch", str(sounds), "-o", str(tmp_path), "--no-report", "--quiet"]) == 1
    assert "KeyError" in capsys.readouterr().err


def test_a_run_that_is_stopped_goes_on(sounds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                       capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["batch", str(sounds), "-o", str(tmp_path), "--no-report", "--model", "live"]
    monkeypatch.setattr("facerig.batch.ray_engine.Local", Stopped)
    assert cli.run(argv) == 130
    assert "goes on from here" in capsys.readouterr().err
    monkeypatch.setattr("facerig.batch.ray_engine.Local", Here)
    assert cli.run(argv) == 0
    assert capsys.readouterr().out.startswith("1 done, 1 current, 0 failed")


@pytest.mark.parametrize("argv", [
    ["--format", "fbxx"], ["--fps", "often"], ["--settings", "nope.toml"], ["--column", "text"],
    ["--rig", "nobody"], ["--model", "deaf"], ["--watch", "--dry-run"], ["--workers", "0"]])
def test_options_that_are_none(sounds: Path, tmp_path: Path, in_process: None, argv: list[str],
                               capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["batch", str(sounds), "-o", str(tmp_path), *argv]) == 2
    assert capsys.readouterr().err.startswith("facerig: ")
    assert made(tmp_path) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_told_at_once(sounds: Path, tmp_path: Path, ran: Run) -> None:
    tmp_path.chmod(0o500)
    code, records = ran(sounds, "-o", tmp_path / "out")
    assert (code, records[0]["code"]) == (2, "output")


def test_an_output_that_is_a_file_is_told_at_once(sounds: Path, tmp_path: Path, ran: Run) -> None:
    (tmp_path / "out").write_text("")
    code, records = ran(sounds, "-o", tmp_path / "out")
    assert (code, len(records), records[0]["code"]) == (2, 1, "output")


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGTERM")
def test_a_watch_does_what_comes_until_it_is_stopped(sounds: Path, tmp_path: Path) -> None:
    lines, out = tmp_path / "lines", tmp_path / "out"
    lines.mkdir()
    (lines / "a.wav").write_bytes((sounds / "a.wav").read_bytes())
    root = Path(facerig.__file__).parents[1]
    paths = os.pathsep.join(str(root / part) for part in (".", "exporters", "assets"))
    command = [sys.executable, "-m", "facerig", "batch", str(lines), "-o", str(out), "--watch", "--json",
               "--model", "live", "--workers", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}) as watch:
        try:
            _wait_for(out / "a.livelink.csv", watch)
            (lines / "b.wav").write_bytes((sounds / "guards" / "b.wav").read_bytes())
            _wait_for(out / "b.livelink.csv", watch)
        finally:
            watch.terminate()  # not SIGINT, which whoever runs the tests may have had ignored
            try:
                said, told = watch.communicate(timeout=60)
            finally:
                watch.kill()
    records = [json.loads(line) for line in said.splitlines()]
    assert watch.returncode == 143, told
    assert [Path(one["input"]).name for one in records if "status" in one] == ["a.wav", "b.wav"]


def _wait_for(path: Path, process: subprocess.Popen[str], secs: float = 90.0) -> None:
    end = time.monotonic() + secs
    while not path.exists():
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert time.monotonic() < end, path
        time.sleep(0.05)


def test_a_task_is_small_enough_for_any_worker(sounds: Path) -> None:
    import pickle

    from facerig.batch.lines import Line
    line = Line(place="lines.csv:1", audio=str(sounds / "a.wav"), out="a", endings=(".csv",), text="Hello")
    task = Task(line=line, folder="out", address="0" * 64, inputs={line.audio: (1, 2, "0" * 64)})
    assert len(pickle.dumps(task)) < 2_000
