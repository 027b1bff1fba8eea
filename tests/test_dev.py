"""tools/dev.py: its parts that need no network, and what it says where it cannot go on."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from conftest import REPO


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """dev.py as a module whose environment and output lie in an empty folder."""
    spec = importlib.util.spec_from_file_location("facerig_dev", REPO / "tools" / "dev.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "VENV", tmp_path / "venv")
    monkeypatch.setattr(module, "STAMP", tmp_path / "venv" / "stamp.json")
    monkeypatch.setattr(module, "OUT", tmp_path / "out")
    return module


def recorded_runs(dev: ModuleType, monkeypatch: pytest.MonkeyPatch, *statuses: int) -> list[list[str]]:
    """Commands that dev.py would run, which end with `statuses` in turn; nothing is installed."""
    commands: list[list[str]] = []
    left = list(statuses)

    def run(*command: object, env: object = None) -> int:
        commands.append([str(part) for part in command])
        return left.pop(0) if left else 0

    monkeypatch.setattr(dev, "run", run)
    monkeypatch.setattr(dev, "ensure", lambda extras: commands.append(["ensure", *extras]))
    return commands


@pytest.mark.parametrize(("text", "expected"), [("16.8 MB", 16.8), ("62 kB", 0.062), ("812 bytes", 0.000812),
                                                ("1.1 GB", 1100)])
def test_megabytes(dev: ModuleType, text: str, expected: float) -> None:
    assert dev.megabytes(text) == pytest.approx(expected)


def test_old_python_is_refused_with_a_way_out(dev: ModuleType, monkeypatch: pytest.MonkeyPatch,
                                              capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(dev.sys, "version_info", (3, 9, 6))
    monkeypatch.setattr(dev.shutil, "which", lambda name: "/usr/bin/x" if name == "python3.12" else None)
    assert dev.main(["demo"]) == 1
    said = capsys.readouterr().err
    assert "needs Python 3.11 or newer" in said
    assert "python3.12 tools/dev.py" in said


def test_no_venv_module_is_refused_with_a_way_out(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    finder = SimpleNamespace(find_spec=lambda name: None if name == "ensurepip" else name)
    monkeypatch.setattr(dev.importlib, "util", finder)
    with pytest.raises(dev.Stop, match=r"no module ensurepip[\s\S]*apt install python3-venv"):
        dev.check_python()


def test_a_broken_environment_is_seen(dev: ModuleType, tmp_path: Path) -> None:
    assert dev.works(Path(sys.executable))
    assert not dev.works(tmp_path / "no" / "python")


def test_second_run_asks_pip_nothing(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def pip_install(args: list[str]) -> float:
        asked.append(args)
        return 0.0

    monkeypatch.setattr(dev, "make_venv", lambda: dev.VENV.mkdir(exist_ok=True))
    monkeypatch.setattr(dev, "pip_install", pip_install)
    dev.ensure(("cpu", "preview"))
    dev.ensure(("preview",))
    assert len(asked) == 1
    dev.ensure(("test",))
    assert asked[1][1].endswith("[cpu,preview,test]"), "what was there must stay"


def test_changed_declarations_install_again(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    dev.VENV.mkdir()
    dev.STAMP.write_text(json.dumps({"key": dev.install_key(), "extras": ["cpu"]}))
    assert dev.installed_extras(dev.install_key()) == {"cpu"}
    assert dev.installed_extras("another key") == set()
    dev.STAMP.write_text("{ not JSON")
    assert dev.installed_extras(dev.install_key()) == set()


@pytest.mark.parametrize(("needs", "options"), [
    (["filelock", "nvidia-cublas-cu12==12.8; platform_system == 'Linux'"], ["--extra-index-url"]),
    (["filelock", "sympy"], []),
    (None, []),
])
def test_another_index_only_to_avoid_cuda(dev: ModuleType, monkeypatch: pytest.MonkeyPatch,
                                          needs: list[str] | None, options: list[str]) -> None:
    report = {"install": [{"metadata": {"requires_dist": needs} if needs is not None else {}}]}
    monkeypatch.setattr(dev.sys, "platform", "linux")
    monkeypatch.setattr(dev.subprocess, "run", lambda *a, **k: SimpleNamespace(stdout=json.dumps(report)))
    assert dev.torch_options()[:1] == options


@pytest.mark.parametrize(("line", "advice"), [
    ("ERROR: getaddrinfo failed", "check the network"),
    ("OSError: [Errno 28] No space left on device", "disk is full"),
    ("ERROR: something new", "read the lines above"),
])
def test_a_failed_install_says_what_to_do(dev: ModuleType, line: str, advice: str) -> None:
    assert advice in dev.pip_failure(["Collecting numpy", line])


def test_test_tiers_and_arguments(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = recorded_runs(dev, monkeypatch)
    assert dev.main(["test", "--train", "--slow", "tests/test_x.py", "-k", "name"]) == 0
    assert commands[0] == ["ensure", *dev.EXTRAS["test"], "train", "flame"]
    assert [c[2:] for c in commands[1:]] == [
        ["pytest", "tests/test_x.py", "-k", "name"],
        ["pytest", "-m", "slow and not train", "tests/test_x.py", "-k", "name"],
        ["pytest", "-m", "train", "tests/test_x.py", "-k", "name"],
    ]


@pytest.mark.parametrize(("statuses", "arguments", "expected"), [
    ((0, 0), [], 0), ((1, 0), [], 1), ((0, 1), [], 1), ((0, 5), [], 5),
    ((5, 0), ["-k", "x"], 0), ((5, 5), ["-k", "x"], 5),
])
def test_a_failing_tier_fails_the_run(dev: ModuleType, monkeypatch: pytest.MonkeyPatch, arguments: list[str],
                                      statuses: tuple[int, ...], expected: int) -> None:
    recorded_runs(dev, monkeypatch, *statuses)
    assert dev.main(["test", "--train", *arguments]) == expected


def test_demo_stops_at_the_first_failure(dev: ModuleType, monkeypatch: pytest.MonkeyPatch,
                                         capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(dev, "OUT", REPO / "out")
    commands = recorded_runs(dev, monkeypatch, 2)
    assert dev.main(["demo"]) == 2
    assert len(commands) == 2, "no preview after animate failed"
    assert "Done" not in capsys.readouterr().out


def test_lint_runs_every_check(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = recorded_runs(dev, monkeypatch, 1, 0, 0, 0, 0)
    assert dev.main(["lint"]) == 1
    assert len(commands) == 6


@pytest.mark.parametrize(("npm_status", "programs", "expected", "said"), [
    (0, ("npm", "blender"), 0, "all judges are there"),
    (1, ("npm", "blender"), 1, "npm failed:\nE404 no such package"),
    (0, ("blender",), 1, "there is no npm"),
    (0, ("npm",), 1, "missing: Blender: on Debian and Ubuntu"),
])
def test_judges_are_installed_or_told_missing(dev: ModuleType, monkeypatch: pytest.MonkeyPatch,
                                              capsys: pytest.CaptureFixture[str], npm_status: int,
                                              programs: tuple[str, ...], expected: int, said: str) -> None:
    ran: list[list[str]] = []

    def run(command: list[str], **more: object) -> SimpleNamespace:
        ran.append(command)
        return SimpleNamespace(returncode=npm_status, stdout="", stderr="E404 no such package\n")

    monkeypatch.setattr(dev.subprocess, "run", run)
    monkeypatch.setattr(dev.shutil, "which", lambda name: f"/usr/bin/{name}" if name in programs else None)
    assert dev.main(["judges"]) == expected
    assert said in capsys.readouterr().err
    assert [command[:2] for command in ran] == ([["/usr/bin/npm", "install"]] if "npm" in programs else [])


@pytest.mark.parametrize(("has", "user", "statuses", "expected", "said", "ran"), [
    ("all", 0, (), 0, "all toolchains are there", []),
    ("apt-get", 0, (0,), 0, "all toolchains are there", ["install"]),
    ("apt-get", 0, (100, 0, 0), 0, "all toolchains are there", ["install", "update", "install"]),
    ("apt-get", 0, (100, 0, 100), 1, "E: no mcs", ["install", "update", "install"]),
    ("apt-get", 1000, (), 1, "sudo apt-get install", []),
    ("nothing", 0, (), 1, "sudo apt-get install", []),
])
def test_toolchains_are_installed_or_told_missing(
        dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], has: str,
        user: int, statuses: tuple[int, ...], expected: int, said: str, ran: list[str]) -> None:
    commands, left, godot = list[list[str]](), list(statuses), [sys.executable, "-m", "tools.bridges.godot"]

    def run(command: list[str], **more: object) -> SimpleNamespace:
        if command[:3] == godot:
            return SimpleNamespace(returncode=1)
        commands.append(command)
        return SimpleNamespace(returncode=left.pop(0), stdout="", stderr="E: no mcs\n")

    monkeypatch.setattr(dev.subprocess, "run", run)
    monkeypatch.setattr(dev.os, "geteuid", lambda: user, raising=False)
    monkeypatch.setattr(dev, "TOOLCHAIN", {"mono-mcs": "mcs", "libzmq3-dev": "/nowhere/zmq.h"})
    if has == "all":
        monkeypatch.setattr(dev, "TOOLCHAIN", {"mono-mcs": "mcs", "python": sys.executable})
    monkeypatch.setattr(dev.shutil, "which",
                        lambda name: f"/usr/bin/{name}" if has == "all" or name == has else None)
    assert dev.main(["toolchains"]) == expected
    assert said in capsys.readouterr().err
    assert [command[1] for command in commands] == ran
    assert all({"mono-mcs", "libzmq3-dev"} <= set(command) for command in commands if command[1] == "install")


def test_other_commands_take_no_arguments(dev: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        dev.main(["demo", "--fast"])
    assert stopped.value.code == 2
    assert "takes no arguments" in capsys.readouterr().err


def test_it_needs_nothing_but_the_standard_library() -> None:
    done = subprocess.run([sys.executable, "-I", "-S", str(REPO / "tools" / "dev.py"), "--help"],
                          capture_output=True, text=True, check=True)
    assert "demo" in done.stdout
