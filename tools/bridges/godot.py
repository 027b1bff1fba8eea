"""Godot engines to test the addon with: python -m tools.bridges.godot [fetch]

Debian's stable release has Godot 3 (`godot3-server`); Godot 4 is in a newer one. `fetch` takes it from there,
with all that it links to, and unpacks it into a folder of its own: nothing is installed, the system's
libraries stay as they are. apt checks the signatures. Without an argument: which engines are there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REPO: Final = Path(__file__).resolve().parents[2]
SOURCES: Final = REPO / "engine_bridges" / "godot"
PARTS: Final = ("addons", "demo", "tests", "project.godot")
KEYRING: Final = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
MIRROR: Final = "http://deb.debian.org/debian"
LIBRARIES: Final = "usr/lib/x86_64-linux-gnu"
# Behind libGL, which nobody loads without a screen, and 60 MB of the download; fonts and keyboards likewise.
NOT_NEEDED: Final = ("libllvm", "mesa-", "libgl1-mesa", "libz3", "fonts-", "xkb-", "libx11-data", "debconf")

# name         Debian's release, its package, its program
FETCHED: Final = {"godot4": ("forky", "godot", "usr/bin/godot"),
                  "godot3.6": ("trixie", "godot3-server", "usr/bin/godot3-server")}


@dataclass(frozen=True, slots=True)
class Engine:
    """A Godot that runs without a screen. `dialect`: 3 or 4, of its GDScript."""

    version: str
    dialect: int
    program: str

    def command(self, project: Path, script: str) -> list[str]:
        """The command line that runs a script of a project; the script's arguments follow."""
        headless = ["--headless"] if self.dialect == 4 else []
        return [self.program, *headless, "--path", str(project), "-s", script, "--"]


def cache() -> Path:
    """Where fetched engines are."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "facerig"


def environment(home: Path) -> dict[str, str]:
    """What an engine runs with: it writes settings and logs into its home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    return kept | {"HOME": str(home), "LC_ALL": "C.UTF-8"}


def engines() -> list[Engine]:
    """Those that are here: fetched ones, and what is on the path. FACERIG_GODOT names others ("a;b")."""
    named = [one for one in os.environ.get("FACERIG_GODOT", "").split(";") if one]
    fetched = [cache() / name / "run" for name in FETCHED]
    programs = named or [str(path) for path in fetched if path.is_file()]
    if not named:
        programs += [found for name in ("godot4", "godot3-server") if (found := shutil.which(name))]
    asked = [engine for program in programs if (engine := _asked(program))]
    return sorted({one.version: one for one in reversed(asked)}.values(), key=lambda one: one.version,
                  reverse=True)


def _asked(program: str) -> Engine | None:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    words = done.stdout.strip().splitlines()[-1:]
    parts = words[0].split(".") if words else []
    exits = (0, 255)  # Godot 3 means 255
    if done.returncode not in exits or len(parts) < 2 or parts[0] not in ("3", "4"):
        return None
    numbers = [part for part in parts[:3] if part.isdecimal()]
    return Engine(".".join(numbers), int(parts[0]), program)


def project(dialect: int, folder: Path) -> Path:
    """The addon with its tests and demo as a project for this dialect, put into `folder`."""
    made = folder / f"godot{dialect}"
    for name in PARTS:
        _copy(SOURCES / name, made / name)
    if dialect == 3:
        _copy(SOURCES / "godot3", made)
    return made


def _copy(source: Path, to: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, to, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".gdignore", "*.uid"))
    else:
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, to)


def fetch(name: str = "godot4") -> str:
    """Get an engine that this system's release does not have; why it is not there, in words, else empty."""
    release, package, program = FETCHED[name]
    folder = cache() / name
    if (folder / "run").is_file():
        return ""
    if not KEYRING.is_file() or not shutil.which("apt-get") or os.uname().machine != "x86_64":
        return "Godot 4 can be fetched on Debian (x86_64) only; elsewhere name yours in FACERIG_GODOT"
    shutil.rmtree(folder, ignore_errors=True)
    state, root = folder / "apt", folder / "root"
    for one in ("etc/apt.conf.d", "etc/preferences.d", "lists/partial", "archives/partial"):
        (state / one).mkdir(parents=True)
    (state / "etc" / "sources.list").write_text(f"deb [signed-by={KEYRING}] {MIRROR} {release} main\n")
    (state / "status").write_text("")
    settings = {"Dir::Etc": state / "etc", "Dir::Etc::sourceparts": "/dev/null", "Dir::State": state,
                "Dir::State::status": state / "status", "Dir::Cache": state, "Debug::NoLocking": "true",
                "APT::Sandbox::User": "", "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled": "false"}
    options = [part for key, value in settings.items() for part in ("-o", f"{key}={value}")]
    try:
        _run("apt-get", *options, "update")
        wanted = _run("apt-get", *options, "install", "--simulate", "--no-install-recommends", package)
        names = [line.split()[1] for line in wanted.splitlines() if line.startswith("Inst ")]
        _run("apt-get", *options, "download", *[one for one in names if not one.startswith(NOT_NEEDED)],
             folder=state / "archives")
        for archive in (state / "archives").glob("*.deb"):
            _run("dpkg", "-x", str(archive), str(root))
    except (OSError, subprocess.CalledProcessError) as problem:
        words = getattr(problem, "stderr", "") or str(problem)
        return f"{package} of Debian's {release} could not be fetched: {words.strip()[-500:]}"
    shutil.rmtree(state)
    libraries = root / LIBRARIES
    run = folder / "run"
    run.write_text(f"#!/bin/sh\nexec '{libraries}/ld-linux-x86-64.so.2' --library-path "
                   f"'{libraries}:{libraries}/pulseaudio' '{root / program}' \"$@\"\n")
    run.chmod(0o755)
    return "" if _asked(str(run)) else f"{run} does not run"


def _run(*command: str, folder: Path | None = None) -> str:
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True,
                          cwd=folder).stdout


def main(arguments: list[str]) -> int:
    """Fetch Godot 4 (or the engines that are named) if that is asked for, and say what is here."""
    if arguments[:1] == ["fetch"]:
        for name in arguments[1:] or ["godot4"]:
            reason = fetch(name)
            if reason:
                print(reason, file=sys.stderr)
                return 1
    for engine in engines():
        print(f"Godot {engine.version}: {engine.program}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
