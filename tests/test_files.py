"""Output files: whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from facerig.errors import OutputError
from facerig.sinks.files import written_aside


def left_over(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_the_target_appears_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "line.curves.csv"
    with written_aside(target) as path:
        assert path.parent == tmp_path
        assert path.suffix == ".csv"
        path.write_text("whole")
        assert not target.exists()
    assert target.read_text() == "whole"
    assert left_over(tmp_path) == ["line.curves.csv"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, MemoryError])
def test_whatever_is_raised_leaves_the_old_file_alone(tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "line.csv"
    target.write_text("old")
    def write_half() -> None:
        with written_aside(target) as path:
            path.write_text("half")
            raise error

    with pytest.raises(error):
        write_half()
    assert target.read_text() == "old"
    assert left_over(tmp_path) == ["line.csv"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_disk_that_fills_up_or_fails(tmp_path: Path, code: int) -> None:
    with pytest.raises(OutputError) as caught, written_aside(tmp_path / "line.csv"):
        raise OSError(code, os.strerror(code))  # a write names no file
    assert "disk" in caught.value.what
    assert caught.value.where == str(tmp_path / "line.csv")
    assert left_over(tmp_path) == []


def test_an_error_about_the_file_aside_names_the_target(tmp_path: Path) -> None:
    target = tmp_path / "out.glb"
    with pytest.raises(OutputError, match="too many curves") as error, written_aside(target) as path:
        raise OutputError("too many curves", where=str(path), fix="fewer")
    assert (error.value.where, error.value.fix) == (str(target), "fewer")
    assert not list(tmp_path.iterdir())


def test_an_error_of_another_file_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), written_aside(tmp_path / "line.csv"):
        (tmp_path / "model.onnx").read_bytes()
    assert left_over(tmp_path) == []


_FILL = """
import resource, signal, sys
from pathlib import Path
from facerig.errors import OutputError
from facerig.sinks.files import written_aside
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    with written_aside(Path(sys.argv[1])) as path, path.open("wb") as file:
        for _ in range(100):
            file.write(bytes(1000))
except OutputError as error:
    print(error.what)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs setrlimit")
def test_a_real_write_that_fails(tmp_path: Path) -> None:
    target = tmp_path / "line.csv"
    done = subprocess.run([sys.executable, "-c", _FILL, str(target)], capture_output=True, text=True,
                          check=False, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    assert (done.stdout, done.stderr) == ("the file is larger than the system allows\n", "")
    assert left_over(tmp_path) == []


def test_where_no_file_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    cases = {
        tmp_path / "missing" / "line.csv": "the folder does not exist",
        tmp_path / "folder": "is a folder",
        tmp_path / "file" / "line.csv": "file",
        tmp_path / ("x" * 300 + ".csv"): "too long",
    }
    for target, says in cases.items():
        with pytest.raises(OutputError, match=says) as caught, written_aside(target):
            pytest.fail("it got as far as the work")
        assert caught.value.fix
    assert left_over(tmp_path) == ["file", "folder"]


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="no devices here")
def test_a_device_is_never_replaced() -> None:
    with pytest.raises(OutputError, match="device"), written_aside(Path("/dev/null")):
        pytest.fail("it got as far as the work")
    assert not Path("/dev/null").is_file()


def test_no_permission(tmp_path: Path) -> None:
    target = tmp_path / "line.csv"
    target.write_text("old")
    target.chmod(0o444)
    if os.access(target, os.W_OK):
        pytest.skip("this user may write everywhere")
    with pytest.raises(OutputError, match="write-protected"), written_aside(target):
        pytest.fail("it got as far as the work")
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(OutputError, match="permission"), written_aside(tmp_path / "new.csv"):
            pytest.fail("it got as far as the work")
    finally:
        tmp_path.chmod(0o755)


def test_a_link_is_followed(tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old")
    try:
        link.symlink_to(real)
    except OSError:
        pytest.skip("no links here")
    with written_aside(link) as path:
        path.write_text("new")
    assert link.is_symlink()
    assert real.read_text() == "new"


@pytest.mark.skipif(not hasattr(os, "umask"), reason="no umask here")
def test_the_file_has_the_usual_permissions(tmp_path: Path) -> None:
    plain, target = tmp_path / "plain", tmp_path / "line.csv"
    plain.write_text("")
    with written_aside(target):
        pass
    assert target.stat().st_mode == plain.stat().st_mode
