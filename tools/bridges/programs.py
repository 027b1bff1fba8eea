"""The test programs of each library (tests/bridges/README.md): what they need, and how they are built.

A program is built once in a process, into a folder that goes when the process ends.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from facerig.errors import ConfigError
from tools.bridges import godot

REPO: Final = Path(__file__).resolve().parents[2]
BRIDGES: Final = REPO / "engine_bridges"
PATIENCE_SECS: Final = 600.0  # for a compiler on a busy machine
TOOLCHAINS: Final = "python3 tools/dev.py toolchains"


@dataclass(frozen=True, slots=True)
class Program:
    """A command line, to which arguments are added, and what it runs with."""

    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))

    def run(self, *arguments: str, secs: float) -> subprocess.CompletedProcess[str]:
        """What became of it. Raises subprocess.TimeoutExpired."""
        return subprocess.run([*self.command, *arguments], cwd=REPO, env=self.environment, timeout=secs,
                              capture_output=True, stdin=subprocess.DEVNULL, text=True, encoding="utf-8",
                              errors="replace")


@dataclass(frozen=True, slots=True)
class Language:
    """`lacking`: what is not installed here, in words, else empty; `build`: a program, made in a folder;
    `version`: of what compiles or runs it."""

    lacking: Callable[[], str]
    build: Callable[[str, Path], Program]
    version: Callable[[], str]


# --- Python


def _python(program: str, folder: Path) -> Program:
    del folder
    return Program((sys.executable, "-m", f"tests.bridges.{program}"))


# --- C++


def _cpp(program: str, folder: Path) -> Program:
    if not (folder / "CMakeCache.txt").is_file():
        ran("cmake", "-S", str(BRIDGES / "unreal" / "tests"), "-B", str(folder), "-DCMAKE_BUILD_TYPE=Release")
    target = f"facerig_{program}"
    ran("cmake", "--build", str(folder), "--target", target)
    return Program((str(next(path for path in folder.rglob(target) if path.is_file())),))


# --- C#


def _csharp(program: str, folder: Path) -> Program:
    made = folder / "bridge.exe"  # all programs in one
    if not made.is_file():
        ran("sh", str(BRIDGES / "unity" / "tests" / "build.sh"), str(made))
    return Program(("mono", str(made), program))


# --- GDScript


@cache
def _engine(dialect: int) -> godot.Engine | None:
    return next((engine for engine in godot.engines() if engine.dialect == dialect), None)


def _godot(dialect: int) -> Language:
    def lacking() -> str:
        how = TOOLCHAINS if dialect == 3 else "python -m tools.bridges.godot fetch"
        return "" if _engine(dialect) else f"needs Godot {dialect}: {how}"

    def build(program: str, folder: Path) -> Program:
        engine = _engine(dialect)
        if engine is None:
            raise ConfigError(lacking(), where=f"godot{dialect}", fix="see engine_bridges/godot/README.md")
        made = godot.project(dialect, folder)
        return Program(tuple(engine.command(made, f"tests/{program}.gd")), godot.environment(folder))

    def version() -> str:
        engine = _engine(dialect)
        return f"Godot {engine.version}" if engine else ""

    return Language(lacking, build, version)


def _installed(*needed: str) -> Callable[[], str]:
    """Programs, or files by their path."""
    def lacking() -> str:
        gone = [one for one in needed if not (shutil.which(one) or Path(one).is_file())]
        return f"needs {' and '.join(gone)}: {TOOLCHAINS}" if gone else ""

    return lacking


def _version(name: str, *command: str) -> Callable[[], str]:
    def version() -> str:
        number = re.search(r"\d+(\.\d+)+", ran(*command))
        return f"{name} {number[0] if number else ''}"

    return version


LANGUAGES: Final = {
    "python": Language(lambda: "", _python, _version("Python", sys.executable, "--version")),
    "cpp": Language(_installed("cmake", "g++", "/usr/include/zmq.h"), _cpp,
                    _version("g++", "g++", "--version")),
    "csharp": Language(_installed("mcs", "mono"), _csharp, _version("Mono", "mono", "--version")),
    "godot3": _godot(3),
    "godot4": _godot(4),
}


@cache
def program(language: str, name: str) -> Program:
    """A program (scenario, bench) of a language, built if need be. Raises ConfigError where it cannot be."""
    folder = _folder() / language
    folder.mkdir(exist_ok=True)
    return LANGUAGES[language].build(name, folder)


def ran(*command: str) -> str:
    """What a command printed. Raises ConfigError where it fails."""
    done = Program(command).run(secs=PATIENCE_SECS)
    if done.returncode:
        raise ConfigError(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-4000:]}",
                          where=command[0], fix="mend what it says")
    return done.stdout


@cache
def _folder() -> Path:
    folder = tempfile.mkdtemp(prefix="facerig-bridges-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
