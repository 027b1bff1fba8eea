"""Godot engines with the addon's project, for tests. Skips with a reason where none is installed."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tools.bridges import godot

PATIENCE_SECS = 120  # engines keep time by the clock, and this machine may be busy
# What engines say by themselves, whatever runs in them: of the locale, of their first start, of meshes
# that go while there is no screen.
NOISE = ("Invalid locale", "Unsupported locale", "make_dir_recursive", "attempted to free a NULL RID",
         "id_map.has(p_rid.get_data())", 'Condition "!m" is true')


@dataclass(frozen=True, slots=True)
class Godot:
    """An engine and a project for it."""

    engine: godot.Engine
    project: Path
    home: Path

    @property
    def dialect(self) -> int:
        return self.engine.dialect

    def start(self, script: str, *arguments: str) -> subprocess.Popen[str]:
        """A test script that runs."""
        return subprocess.Popen([*self.engine.command(self.project, f"tests/{script}.gd"), *arguments],
                                env=godot.environment(self.home), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
                                errors="replace")

    def finish(self, running: subprocess.Popen[str]) -> list[dict[str, Any]]:
        """The lines of JSON that it printed. Fails where a script had an error."""
        with running:
            try:
                out, err = running.communicate(timeout=PATIENCE_SECS)
            finally:
                running.kill()
        errors = [line for line in (out + err).splitlines()
                  if "ERROR" in line and not any(noise in line for noise in NOISE)]
        assert not errors, (errors[:5], err[-2000:])
        assert running.returncode == 0, err[-2000:]
        return [json.loads(line) for line in out.splitlines() if line.startswith("{")]

    def lines(self, script: str, *arguments: str) -> list[dict[str, Any]]:
        """What a test script prints."""
        return self.finish(self.start(script, *arguments))


@cache
def _engines() -> tuple[godot.Engine, ...]:
    return tuple(godot.engines())


def engines() -> list[Any]:
    """Each engine that is here, by its version, as parameters of tests."""
    found = [pytest.param(one, id=one.version) for one in _engines()]
    dialects = {one.dialect for one in _engines()}
    how = {3: "python3 tools/dev.py toolchains", 4: "python -m tools.bridges.godot fetch"}
    lacking = {dialect: pytest.mark.skip(f"needs Godot {dialect}: {fix}")
               for dialect, fix in how.items() if dialect not in dialects}
    return found + [pytest.param(None, id=f"no-{dialect}", marks=mark) for dialect, mark in lacking.items()]


def made(engine: godot.Engine, folder: Path) -> Godot:
    """The project for an engine, in a folder of its own."""
    return Godot(engine, godot.project(engine.dialect, folder), folder)
