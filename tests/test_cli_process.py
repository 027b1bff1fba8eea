"""The command line as a process: signals, full disks, closed pipes, terminals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.signals import heeding_ctrl_c

FACERIG = (sys.executable, "-c", "import sys; from facerig.cli import main; sys.exit(main())")
POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and limits as POSIX has them")
TIMEOUT_SECS = 60


def written(folder: Path) -> bool:
    """Whether a file in `folder` holds something."""
    return any(path.stat().st_size for path in folder.iterdir())


def facerig(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*FACERIG, *map(str, arguments)], text=True, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=TIMEOUT_SECS, **options)


@pytest.fixture(scope="module")
def half_an_hour(speech: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    samples, rate = soundfile.read(speech, dtype="int16")
    path = tmp_path_factory.mktemp("sound") / "long.flac"
    soundfile.write(path, np.tile(samples[: 8 * rate], 225), rate, compression_level=0)
    return path


def test_json_alone_on_stdout(speech: Path, tmp_path: Path) -> None:
    done = facerig("animate", speech, "-o", tmp_path / "a.csv", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ok"] is True
    assert done.stderr == ""


def test_a_mistake_exits_with_2(tmp_path: Path) -> None:
    done = facerig("animate", tmp_path / "none.wav", "-o", tmp_path / "a.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert "none.wav" in done.stderr
    assert "Traceback" not in done.stderr


@POSIX
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_the_middle_leaves_no_file(number: int, code: int, half_an_hour: Path,
                                               tmp_path: Path) -> None:
    process = subprocess.Popen([*FACERIG, "animate", str(half_an_hour), "-o", str(tmp_path / "a.csv")],
                               preexec_fn=heeding_ctrl_c,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True)
    deadline = time.monotonic() + TIMEOUT_SECS
    while not written(tmp_path) and time.monotonic() < deadline:
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.02)
    process.send_signal(number)
    out, err = process.communicate(timeout=TIMEOUT_SECS)
    assert process.returncode == code
    assert list(tmp_path.iterdir()) == []
    assert out == ""
    assert "Traceback" not in err


@POSIX
def test_a_full_disk_is_told_and_leaves_no_file(half_an_hour: Path, tmp_path: Path) -> None:
    import resource

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    done = facerig("animate", half_an_hour, "-o", tmp_path / "a.csv", "--json", preexec_fn=small_disk)
    record = json.loads(done.stdout)
    assert (done.returncode, record["code"]) == (2, "output")
    assert list(tmp_path.iterdir()) == []


@POSIX
def test_ctrl_c_while_drawing_leaves_no_film(speech: Path, tmp_path: Path) -> None:
    pytest.importorskip("imageio_ffmpeg", reason="films need the extra `preview`")
    process = subprocess.Popen([*FACERIG, "preview", str(speech), "-o", str(tmp_path / "a.mp4"),
                                "--size", "256", "--renderer", "software"],
                               preexec_fn=heeding_ctrl_c,
                               stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + TIMEOUT_SECS
    while not list(tmp_path.glob(".*mp4")) and time.monotonic() < deadline:
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=TIMEOUT_SECS)
    assert process.returncode == 130
    assert list(tmp_path.iterdir()) == []
    assert "Traceback" not in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_stdout_on_a_full_disk() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run([*FACERIG, "formats"], stdout=full, stderr=subprocess.PIPE, text=True,
                              timeout=TIMEOUT_SECS)
    assert done.returncode == 2
    assert "cannot write to standard output: No space left" in done.stderr
    assert "Traceback" not in done.stderr


@POSIX
def test_a_reader_that_left_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([*FACERIG, "formats"], stdout=write, stderr=subprocess.PIPE, text=True,
                          timeout=TIMEOUT_SECS)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


@POSIX
def test_a_terminal_gets_a_bar_and_stdout_stays_clean(speech: Path, tmp_path: Path) -> None:
    leader, follower = os.openpty()
    done = subprocess.run([*FACERIG, "animate", str(speech), "-o", str(tmp_path / "a.csv")], stderr=follower,
                          stdout=subprocess.PIPE, text=True, timeout=TIMEOUT_SECS,
                          env={**os.environ, "TERM": "xterm", "COLUMNS": "100"})
    shown = os.read(leader, 100_000).decode(errors="ignore")  # a terminal gives 4 KB, mid-character perhaps
    os.close(follower)
    os.close(leader)
    assert done.returncode == 0
    assert "hello.flac" in shown
    assert "%" in shown
    assert len(done.stdout.splitlines()) == 1
