"""The C++ core's test programs (engine_bridges/unreal/tests): built with sanitizers, and told what to do."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from facerig.service.key_files import ClientKeys
from tests.bridges.toolchains import needs
from tools.dev import TOOLCHAIN

TESTS: Final = Path(__file__).resolve().parents[2] / "engine_bridges" / "unreal" / "tests"
CORE: Final = TESTS.parent / "FaceRig" / "Source" / "FaceRigCore"
SANITIZERS: Final = "address,undefined"
PATIENCE_SECS: Final = 30.0
LONGEST_SECS: Final = 240.0  # that a program may run: one that hangs is ended


@cache
def program(name: str, compiler: str = "g++", sanitizers: str = SANITIZERS) -> Path:
    """A program, built without a warning. Skips where the compiler is missing."""
    for needed in (compiler, "cmake"):
        needs(needed)
    if not Path(TOOLCHAIN["libzmq3-dev"]).is_file():
        pytest.skip("needs libzmq's headers: python3 tools/dev.py toolchains (Debian's libzmq3-dev)")
    folder = _folder() / f"{compiler}-{sanitizers or 'plain'}"
    if not (folder / "CMakeCache.txt").is_file():
        _run("cmake", "-S", str(TESTS), "-B", str(folder), f"-DCMAKE_CXX_COMPILER={compiler}",
             "-DFACERIG_STRICT=ON", f"-DFACERIG_SANITIZE={sanitizers}", "-DCMAKE_BUILD_TYPE=None",
             "-DCMAKE_CXX_FLAGS=-O1")
    _run("cmake", "--build", str(folder), "--target", f"facerig_{name}")
    return folder / f"facerig_{name}"


def sanitizers_of(compiler: str) -> str:
    """Those that a compiler can link here: clang's libraries are a package of their own."""
    needs(compiler)
    tried = subprocess.run([compiler, f"-fsanitize={SANITIZERS}", "-x", "c++", "-", "-o", os.devnull],
                           input="int main() {}", capture_output=True, text=True)
    return "" if tried.returncode else SANITIZERS


def told(path: Path, *arguments: str, secs: float = LONGEST_SECS) -> dict[str, Any]:
    """The JSON that a program printed; it must end well, and sanitizers must have nothing to say."""
    done = subprocess.run([path, *arguments], capture_output=True, text=True, timeout=secs)
    assert done.returncode == 0, (done.stdout[-1000:], done.stderr[-4000:])
    assert not done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


class Talk:
    """`facerig_talk`: a C++ client that does what it is told."""

    def __init__(self, path: Path, address: str, curves_port: int, keys: ClientKeys | None) -> None:
        known = [keys.server, keys.public, keys.secret] if keys else []
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        self._process = subprocess.Popen([path, address, str(curves_port), *known], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=self._errors, text=True,
                                         encoding="utf-8")
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._commands, self._answers = self._process.stdin, self._process.stdout
        self._watchdog = threading.Timer(LONGEST_SECS, self._process.kill)
        self._watchdog.start()

    def ask(self, *words: object) -> dict[str, Any]:
        """What it answers to a command."""
        self._commands.write(" ".join(map(str, words)) + "\n")
        self._commands.flush()
        line = self._answers.readline()
        assert line, self._said()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def open(self, subject: str = "anna", *, rate: int = 16_000, fps: object = 50, pace: str = "realtime",
             alive: bool = True) -> None:
        """Begin a session, and wait until it has."""
        assert self.ask("open", subject, rate, fps, pace, int(alive)) == {}
        assert self.wait("opened", subject), self.ask("client")

    def wait(self, kind: str, subject: str = "anna", secs: float = PATIENCE_SECS) -> list[dict[str, Any]]:
        """Events up to the next of a kind; empty if none came."""
        events: list[dict[str, Any]] = self.ask("await", subject, kind, secs)["events"]
        return events if events and events[-1]["event"] == kind else []

    def frames(self, until: Any, subject: str = "anna") -> list[list[Any]]:
        """Frames as they come, [epoch, index, sample, flags, value, order], until something is true of those
        that are there."""
        frames: list[list[Any]] = []
        deadline = time.monotonic() + PATIENCE_SECS
        while True:
            frames += self.ask("frames", subject)["frames"]
            if until(frames):
                return frames
            assert time.monotonic() < deadline, (frames[-3:], self.ask("info", subject), self.ask("client"))
            time.sleep(0.003)

    def end(self) -> None:
        """It must leave nothing behind."""
        self._commands.close()
        code = self._process.wait(PATIENCE_SECS)
        self._watchdog.cancel()
        self._answers.close()
        said = self._said()
        self._errors.close()
        assert (code, said) == (0, "")

    def _said(self) -> str:
        self._errors.seek(0)
        return self._errors.read()[-4000:]

    def kill(self) -> None:
        """At once."""
        self._watchdog.cancel()
        self._process.kill()
        self._process.wait(PATIENCE_SECS)
        for pipe in (self._commands, self._answers, self._errors):
            with suppress(OSError):  # what it was told last goes nowhere
                pipe.close()


@contextmanager
def talking(address: str, curves_port: int, *, keys: ClientKeys | None = None,
            path: Path | None = None) -> Iterator[Talk]:
    """A client while the caller needs it."""
    talk = Talk(path or program("talk"), address, curves_port, keys)
    try:
        yield talk
    except BaseException:
        talk.kill()
        raise
    talk.end()


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


@cache
def _folder() -> Path:
    folder = tempfile.mkdtemp(prefix="facerig-cpp-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
