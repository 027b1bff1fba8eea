"""Set-up, demo, tests and checks: needs nothing but Python 3.11 or newer, on Linux, macOS or Windows.

    python3 tools/dev.py demo      animate the bundled clip: curves, a video and a sheet in out/
    python3 tools/dev.py test      run the tests; --slow and --train add tiers, the rest goes to pytest
    python3 tools/dev.py lint      ruff, mypy --strict, pyright, import contracts
    python3 tools/dev.py judges    install the other programs that judge written files in the slow tests
    python3 tools/dev.py toolchains  install what the tests of engine_bridges compile with
    python3 tools/dev.py clean     remove what the above left behind

The first run makes an environment in .venv and installs facerig into it; later runs find it there and start
at once.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
VENV = REPO / ".venv"
STAMP = VENV / "facerig-installed.json"  # what is installed, so that a second run need not ask pip
OUT = REPO / "out"
CLIP = REPO / "assets" / "facerig_assets" / "speech" / "hello.flac"
CONSTRAINTS = REPO / "tools" / "constraints-cpu.txt"
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
OLDEST_PYTHON = (3, 11)
NODE_JUDGES = REPO / "tools" / "judges" / "node"  # scripts, and package.json with what they need

# Debian's package  what it brings, for the tests of engine_bridges
TOOLCHAIN = {"g++": "g++", "clang": "clang++", "cmake": "cmake", "libzmq3-dev": "/usr/include/zmq.h",
             "mono-mcs": "mcs", "mono-runtime": "mono", "godot3-server": "godot3-server"}

# command  extras of pyproject.toml that it needs
_USED = ("cpu", "preview", "text", "say", "serve", "websocket", "browser", "opus", "usd", "cluster",
         "evaluate", "test")
EXTRAS = {"demo": ("cpu", "preview"), "test": _USED, "lint": (*_USED, "lint")}
LEFTOVERS = (".venv", "out", "build", "dist", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis",
             ".import_linter_cache", "tools/judges/node/node_modules")
NO_NETWORK = ("Temporary failure in name resolution", "getaddrinfo failed", "nodename nor servname",
              "NewConnectionError", "NameResolutionError", "ConnectTimeoutError", "ProxyError", "SSLError",
              "Network is unreachable", "Connection refused", "(from versions: none)")


class Stop(Exception):
    """dev.py cannot go on; the message says why and what to do."""


def say(text: str) -> None:
    """One line about what is being done, on stderr, in order with what the tools print."""
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


def megabytes(size: str) -> float:
    """Size as pip writes it, in MB: "16.8 MB" -> 16.8, "62 kB" -> 0.062."""
    number, unit = size.split()
    return float(number) * {"bytes": 1e-6, "kB": 1e-3, "MB": 1.0, "GB": 1e3}[unit]


# --- the environment -----------------------------------------------------------------------------------


def bin_path(name: str) -> Path:
    """Path of a program of the environment, on this system."""
    return VENV / "Scripts" / f"{name}.exe" if os.name == "nt" else VENV / "bin" / name


def check_python() -> None:
    """Raise Stop where this Python cannot make the environment."""
    if sys.version_info < OLDEST_PYTHON:
        found = [n for n in ("python3.14", "python3.13", "python3.12", "python3.11") if shutil.which(n)]
        way_out = (f"run it as `{found[0]} tools/dev.py ...`" if found
                   else "install a newer one, for example from https://www.python.org/downloads/")
        this = f"{sys.version.split()[0]} at {sys.executable}"
        raise Stop(f"facerig needs Python 3.11 or newer; this is {this}.\n  fix: {way_out}")
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        raise Stop(f"this Python has no module {' and no '.join(missing)}: it cannot make an environment.\n"
                   "  fix: on Debian and Ubuntu `sudo apt install python3-venv`; "
                   "elsewhere use a Python from python.org")


def works(python: Path) -> bool:
    """Whether `python` runs, is new enough and has pip: a moved or half-made environment does not."""
    test = f"import sys, pip; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    with contextlib.suppress(OSError):
        done = subprocess.run([str(python), "-c", test], capture_output=True, stdin=subprocess.DEVNULL)
        return done.returncode == 0
    return False


def make_venv() -> None:
    """Make .venv where there is none that works."""
    if works(bin_path("python")):
        return
    if VENV.exists():
        say(f"{VENV} does not work here; making it anew")
        shutil.rmtree(VENV)
    say(f"making an environment in {VENV} with Python {sys.version.split()[0]}")
    done = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)
    if done.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        raise Stop(f"could not make an environment in {VENV}:\n{(done.stdout + done.stderr).strip()}\n"
                   "  fix: check that the disk has room and that this folder can be written; "
                   "on Debian and Ubuntu `sudo apt install python3-venv`")


def install_key() -> str:
    """Changes when what must be installed may have changed: the declarations, or this folder's place."""
    parts = [(REPO / "pyproject.toml").read_bytes(), CONSTRAINTS.read_bytes(), str(REPO).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def installed_extras(key: str) -> set[str]:
    """Extras that the environment has for this `key`; empty where it must be installed."""
    try:
        stamp = json.loads(STAMP.read_text("utf-8"))
        return set(stamp["extras"]) if stamp["key"] == key else set()
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def ensure(extras: tuple[str, ...]) -> None:
    """Make .venv hold facerig (editable) with `extras`; does nothing when it does."""
    check_python()
    make_venv()
    key = install_key()
    have = installed_extras(key)
    if have.issuperset(extras):
        return
    wanted = sorted(have | set(extras))
    torch = torch_options() if "train" in wanted else []
    say(f"installing facerig[{','.join(wanted)}] into {VENV}")
    started = time.monotonic()
    STAMP.unlink(missing_ok=True)
    loaded_mb = pip_install(["-e", f"{REPO}[{','.join(wanted)}]", "-c", str(CONSTRAINTS), *torch])
    STAMP.write_text(json.dumps({"key": key, "extras": wanted}) + "\n", "utf-8")
    say(f"installed in {time.monotonic() - started:.0f} s, {loaded_mb:.0f} MB downloaded")


def pip(*args: str) -> list[str]:
    """The command line of the environment's pip, which never asks and never looks for a newer self."""
    return [str(bin_path("python")), "-m", "pip", "--disable-pip-version-check", "--no-input", *args]


def pip_install(args: list[str]) -> float:
    """Run `pip install`, showing what is downloaded. Returns the megabytes that pip says it downloaded."""
    loaded_mb, log = 0.0, []
    with subprocess.Popen(pip("install", "--progress-bar", "off", *args), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, encoding="utf-8",
                          errors="replace") as process:
        for line in process.stdout or ():
            log.append(line.rstrip())
            found = re.match(r"\s*Downloading (\S+) \(([\d.]+ [a-zA-Z]+)\)", line)
            if found:
                loaded_mb += megabytes(found[2])
                if not found[1].endswith(".metadata"):
                    say(f"  {found[1].rsplit('/', 1)[-1]} ({found[2]})")
            elif line.startswith("Installing collected"):
                say("  unpacking")
    if process.returncode:
        raise Stop(pip_failure(log))
    return loaded_mb


def pip_failure(log: list[str]) -> str:
    """What pip's last words mean for the user."""
    text = "\n".join(log)
    fix = "read the lines above; run it again once the cause is gone (what was downloaded is kept)"
    if any(sign in text for sign in NO_NETWORK):
        fix = "pip could not reach the package index: check the network, or set HTTPS_PROXY or PIP_INDEX_URL"
    elif "No space left on device" in text:
        fix = "the disk is full: the environment takes about 600 MB, with --train about 2 GB"
    errors = [line.strip() for line in log if line.strip().startswith("ERROR")]
    return "installing failed:\n  " + "\n  ".join(errors or log[-12:]) + f"\n  fix: {fix}"


def torch_options() -> list[str]:
    """Options for pip that make torch a CPU build: another index, only where torch would bring CUDA."""
    command = pip("install", "--quiet", "--dry-run", "--ignore-installed", "--no-deps", "--report", "-",
                  "-c", str(CONSTRAINTS), "torch")
    asked = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    with contextlib.suppress(ValueError, LookupError):
        needs = json.loads(asked.stdout)["install"][0]["metadata"].get("requires_dist", [])
        if not any(re.match(r"nvidia|cuda|triton", need) for need in needs):
            return []
    return ["--extra-index-url", TORCH_CPU_INDEX] if sys.platform == "linux" else []


# --- the commands --------------------------------------------------------------------------------------


def run(*command: str | Path, env: dict[str, str] | None = None) -> int:
    """Run a program in the repository's root; what it prints goes where dev.py's goes."""
    return subprocess.run([str(part) for part in command], cwd=REPO, stdin=subprocess.DEVNULL,
                          env={**os.environ, **(env or {})}).returncode


def demo() -> int:
    """Animate and render the bundled clip."""
    ensure(EXTRAS["demo"])
    facerig = bin_path("facerig")
    curves, video, sheet = OUT / "curves.csv", OUT / "preview.mp4", OUT / "sheet.png"
    OUT.mkdir(exist_ok=True)
    say(f"facerig animate {CLIP.relative_to(REPO)} -o {curves.relative_to(REPO)}")
    status = run(facerig, "animate", CLIP, "-o", curves)
    if not status:
        say(f"facerig preview {CLIP.relative_to(REPO)} -o {video.relative_to(REPO)} "
            f"--sheet {sheet.relative_to(REPO)}")
        status = run(facerig, "preview", CLIP, "-o", video, "--sheet", sheet)
    if not status:
        print(f"\nDone. Look at:\n  {video}   a head that speaks the clip\n"
              f"  {sheet}     frames beside the sound and the curves\n"
              f"  {curves}    the curves, as Live Link Face records them\n"
              f"Next: {facerig} animate YOUR.wav -o YOUR.csv", flush=True)
    return status


def test(pytest_args: list[str], *, slow: bool, train: bool) -> int:
    """Run the default tests, then the tiers asked for; the first failing tier decides the exit status."""
    ensure(EXTRAS["test"] + (("train", "flame") if train else ()))
    tiers: list[list[str]] = [[]]
    tiers += [["-m", "slow and not train"]] if slow else []
    tiers += [["-m", "train"]] if train else []
    statuses = []
    for tier in tiers:
        say(f"pytest {' '.join(tier + pytest_args)}".rstrip())
        statuses.append(run(bin_path("python"), "-m", "pytest", *tier, *pytest_args))
    nothing_chosen = 5  # pytest's status; with several tiers a choice of tests may well leave one empty
    if pytest_args and set(statuses) != {nothing_chosen}:
        statuses = [0 if status == nothing_chosen else status for status in statuses]
    failed = [status for status in statuses if status]
    return failed[0] if failed else 0


def lint() -> int:
    """Run every static check, all of them even when one fails."""
    ensure(EXTRAS["lint"])
    python = bin_path("python")
    checks: dict[str, list[str | Path]] = {
        "ruff": [bin_path("ruff"), "check", "."],
        "mypy": [python, "-m", "mypy"],
        "pyright": [bin_path("pyright"), "--pythonpath", python],
        "types of the API": [bin_path("pyright"), "--pythonpath", python, "tests/types_of_the_api.py"],
        "imports": [bin_path("lint-imports"), "--no-logo"],
    }
    failed = []
    for name, command in checks.items():
        say(name)
        if run(*command):
            failed.append(name)
    say(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


def judges() -> int:
    """Install the judges that are no Python packages, and say which are there; 1 where one is missing."""
    missing = {name: reason for name, reason in (("node's packages", node_judges()), ("Blender", blender()))
               if reason}
    for name, reason in missing.items():
        say(f"missing: {name}: {reason}")
    if missing:
        say("tests that need what is missing are skipped, and say so")
    else:
        say("all judges are there: python3 tools/dev.py test --slow")
    return 1 if missing else 0


def node_judges() -> str:
    """Install what the node scripts need beside them; why that is not possible, in words, else empty."""
    npm = shutil.which("npm")
    if npm is None:
        return "there is no npm; install Node.js 18 or newer (https://nodejs.org)"
    say(f"npm install in {NODE_JUDGES.relative_to(REPO)}")
    done = subprocess.run([npm, "install", "--no-audit", "--no-fund", "--loglevel=error"], cwd=NODE_JUDGES,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    words = (done.stderr or done.stdout).strip()[-1000:]
    return f"npm failed:\n{words}" if done.returncode else ""


def blender() -> str:
    """Install Debian's Blender where that can be done without asking; why it is missing, else empty."""
    if shutil.which("blender"):
        return ""
    reason = apt_install("blender")
    return reason and f"{reason}; or https://www.blender.org/download"


def toolchains() -> int:
    """Install what the tests of engine_bridges compile and run with; 1 where something is missing."""
    missing = [package for package, brings in TOOLCHAIN.items()
               if not (shutil.which(brings) or (Path(brings).is_absolute() and Path(brings).exists()))]
    reason = apt_install(*missing) if missing else ""
    if reason:
        say(f"missing: {', '.join(missing)}: {reason}")
        say("tests that need what is missing are skipped, and say so")
    else:
        say("all toolchains are there: python3 tools/dev.py test")
    run(sys.executable, "-m", "tools.bridges.godot", "fetch")  # Godot 4: its release of Debian is a newer one
    return 1 if reason else 0


def apt_install(*packages: str) -> str:
    """Install Debian's packages where that can be done without asking; why they are not there, else empty."""
    apt = shutil.which("apt-get")
    if apt is None or os.name == "nt" or os.geteuid() != 0:
        return f"on Debian and Ubuntu `sudo apt-get install --no-install-recommends {' '.join(packages)}`"
    say(f"apt-get install {' '.join(packages)}")
    install, env = [apt, "install", "-y", "--no-install-recommends", *packages], dict(os.environ)
    env["DEBIAN_FRONTEND"] = "noninteractive"
    for command in (install, [apt, "update"], install):  # a fresh system has no lists of packages
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=env)
        if command is install and not done.returncode:
            return ""
    return f"apt-get failed:\n{done.stderr.strip()[-1000:]}"


def clean() -> int:
    """Remove the environment, out/ and caches."""
    for name in LEFTOVERS:
        if (REPO / name).exists():
            say(f"removing {REPO / name}")
            shutil.rmtree(REPO / name)
    return 0


def parse(argv: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """The command with its options, and what is left for pytest."""
    parser = argparse.ArgumentParser(prog="dev.py", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("demo", help="animate the bundled clip into out/")
    tests = commands.add_parser("test", help="run the tests", allow_abbrev=False)
    tests.add_argument("--slow", action="store_true", help="also the tests that take minutes")
    tests.add_argument("--train", action="store_true", help="also the training code's (adds a CPU torch)")
    commands.add_parser("lint", help="ruff, mypy, pyright, import contracts")
    commands.add_parser("judges", help="install the other programs that judge written files in slow tests")
    commands.add_parser("toolchains", help="install what the tests of the engines' bridges compile with")
    commands.add_parser("clean", help="remove .venv, out/ and caches")
    options, rest = parser.parse_known_args(argv)
    if rest and options.command != "test":
        parser.error(f"{options.command} takes no arguments: {' '.join(rest)}")
    return options, rest


def main(argv: list[str]) -> int:
    """Run one command; returns the exit status."""
    options, rest = parse(argv)
    try:
        if options.command == "test":
            return test(rest, slow=options.slow, train=options.train)
        return {"demo": demo, "lint": lint, "judges": judges, "toolchains": toolchains,
                "clean": clean}[options.command]()
    except Stop as stop:
        print(f"dev.py: {stop}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndev.py: stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
