"""Peers' packages, installed into a cache folder, and a memory of what they answered, by the sound's hash."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import numpy as np

from facerig.errors import ConfigError
from tools.evaluate.sets import Audio

CACHE_VARIABLE: Final = "FACERIG_PEERS"
INSTALL_SECS: Final = 600


def cache_folder() -> Path:
    """Where packages and answers lie: $FACERIG_PEERS, or ~/.cache/facerig-peers."""
    return Path(os.environ.get(CACHE_VARIABLE) or Path.home() / ".cache" / "facerig-peers")


def npm_package(name: str, version: str) -> Path:
    """Folder of an npm package of exactly that version, installed where missing. No install script runs."""
    prefix = cache_folder() / "npm" / f"{name.replace('/', '_')}@{version}"
    folder = prefix / "node_modules" / name
    if not (folder / "package.json").is_file():
        prefix.mkdir(parents=True, exist_ok=True)
        _run([_tool("npm"), "install", "--prefix", str(prefix), "--ignore-scripts", "--no-audit", "--no-fund",
              f"{name}@{version}"])
    return folder


def python_package(name: str, version: str) -> Path:
    """Folder to import a PyPI package of exactly that version from, installed alone where missing."""
    folder = cache_folder() / "pypi" / f"{name}@{version}-py{sys.version_info.major}.{sys.version_info.minor}"
    if not (folder / name).is_dir():
        _run([sys.executable, "-m", "pip", "install", "--no-deps", "--target", str(folder),
              f"{name}=={version}"])
    return folder


def node() -> str:
    """Path of Node.js."""
    return _tool("node")


def remembered(system: str, audio: Audio, answer: Callable[[], Any]) -> Any:
    """What `answer()` gave for this sound before, or gives now; a JSON value."""
    digest = blake2b(np.ascontiguousarray(audio, "<f4").tobytes(), digest_size=16).hexdigest()
    path = cache_folder() / "answers" / system / digest[:2] / f"{digest}.json"
    if path.is_file():
        return json.loads(path.read_text("utf-8"))
    value = answer()
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(f".{os.getpid()}")
    aside.write_text(json.dumps(value, separators=(",", ":")), "utf-8")
    aside.replace(path)
    return value


def _tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise ConfigError(f"{name} is not installed", where="--systems",
                          fix="install Node.js 18 or newer, or leave out the peers that need it")
    return path


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECS, check=False)
    if done.returncode:
        raise ConfigError(f"`{' '.join(command)}` failed: {done.stderr.strip()[-400:]}", where="--systems",
                          fix="is the package registry in reach?")
