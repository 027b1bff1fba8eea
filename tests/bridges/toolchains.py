"""Compilers and engines that bridges are tested with; what is missing skips a test and says how to get it."""

from __future__ import annotations

import shutil

import pytest

from tools.bridges import programs
from tools.dev import TOOLCHAIN


def needs(name: str) -> str:
    """The path of a program. Skips where it is not installed."""
    found = shutil.which(name)
    if found is None:
        package = next((package for package, brings in TOOLCHAIN.items() if brings == name), name)
        pytest.skip(f"needs {name}: python3 tools/dev.py toolchains (Debian's {package})")
    return found


def program(language: str, name: str) -> programs.Program:
    """A language's scenario or bench. Skips where its compiler or engine is missing."""
    lacking = programs.LANGUAGES[language].lacking()
    if lacking:
        pytest.skip(lacking)
    return programs.program(language, name)
