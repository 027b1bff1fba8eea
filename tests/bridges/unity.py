"""The Unity package's test programs, built with Mono once in a test session."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from tests.bridges.toolchains import needs
from tests.bridges.toolchains import program as built
from tools.bridges.programs import BRIDGES, Program, ran

UNITY = BRIDGES / "unity"
PACKAGE = UNITY / "com.facerig.bridge"
PATIENCE_SECS = 900  # on a busy machine; a million spoilt packets are half a minute of computing


def program(name: str) -> Program:
    """One of those over Runtime/Base. Skips where Mono is missing."""
    return built("csharp", name)


@cache
def _engine() -> Path:
    shared = Path(built("csharp", "turns").command[1])  # beside it
    made = shared.with_name("engine.exe")
    ran("sh", str(UNITY / "tests" / "build.sh"), str(made), "engine")
    return made


def scene(name: str) -> Program:
    """One of those with stand-ins for Unity. Skips where Mono is missing."""
    needs("mcs")
    return Program((needs("mono"), str(_engine()), name))


def done(of: Program, *arguments: object) -> subprocess.CompletedProcess[str]:
    """What became of a program."""
    return of.run(*map(str, arguments), secs=PATIENCE_SECS)


def told(of: Program, *arguments: object) -> dict[str, Any]:
    """What a program that went well told at its end."""
    end = done(of, *arguments)
    assert end.returncode == 0, end.stderr[-3000:]
    last: dict[str, Any] = json.loads(end.stdout.splitlines()[-1])
    return last
