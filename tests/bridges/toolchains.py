"""Compilers and engines that bridges are tested with; what is missing skips a test and says how to get it."""

from __future__ import annotations

import shutil

import pytest

from tools.dev import TOOLCHAIN


def needs(program: str) -> str:
    """The path of a program. Skips where it is not installed."""
    found = shutil.which(program)
    if found is None:
        package = next((package for package, name in TOOLCHAIN.items() if name == program), program)
        pytest.skip(f"needs {program}: python3 tools/dev.py toolchains (Debian's {package})")
    return found
