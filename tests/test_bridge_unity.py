"""The Unity package by itself: its C# core run by Mono, the layer above it with stand-ins, and its files."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facerig.core.channels import INDEX
from facerig.outlets.vmc import unity_turn
from tests.bridges.toolchains import needs
from tests.bridges.unity import PACKAGE, UNITY, done, program, scene, told
from tests.goldens.make_wire import PACKETS
from tools.bridges.programs import REPO, ran

JITTER = REPO / "tests" / "goldens" / "jitter"
FUZZ_CASES = 100_000
MOST_BYTES = 64 << 10  # that a spoilt packet may cost; the largest here are some hundred bytes
SOURCES = sorted(PACKAGE.rglob("*.cs"))


# --- what all languages share


def test_packets_mean_what_they_mean_everywhere() -> None:
    index = json.loads((PACKETS / "index.json").read_text("utf-8"))
    refused = sum("refused" in one for one in index.values())
    got = told(program("packets"), PACKETS)
    assert got["same"] == len(index) - refused
    assert got["refused"] > refused  # and the program's own


@pytest.mark.parametrize("name", ["opened", "direct-full", "frame"])
def test_a_packet_that_differs_is_noticed(tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(PACKETS, tmp_path / "packets")
    index = json.loads((folder / "index.json").read_text("utf-8"))
    (folder / "index.json").write_text(json.dumps({name: index[name]}), "utf-8")
    assert told(program("packets"), folder)["same"] == 1
    one = index[name].get("frame") or index[name]["message"]
    one["epoch" if "epoch" in one else "session"] += 1
    (folder / "index.json").write_text(json.dumps({name: index[name]}), "utf-8")
    end = done(program("packets"), folder)
    assert end.returncode == 1
    assert name in end.stderr


def test_pictures_are_those_of_every_language() -> None:
    assert told(program("vectors"), JITTER)["files"] == len(list(JITTER.glob("*.json")))


@pytest.mark.parametrize("what", ["values", "index", "state"])
def test_a_picture_that_differs_is_noticed(tmp_path: Path, what: str) -> None:
    vector: dict[str, Any] = json.loads((JITTER / "loss.json").read_text("utf-8"))
    expected = [event["expect"] for event in vector["events"] if "expect" in event][-1]
    expected[what] = {"values": [0.123, 0.456], "index": 99, "state": "held"}[what]
    (tmp_path / "loss.json").write_text(json.dumps(vector), "utf-8")
    end = done(program("vectors"), tmp_path)
    assert end.returncode == 1
    assert "loss.json" in end.stderr


# --- bytes


def test_the_bytes_of_a_connection() -> None:
    assert told(program("zmtp")) == {"zmtp": 3}


def test_spoilt_packets_do_no_harm() -> None:
    got = told(program("fuzz"), PACKETS, FUZZ_CASES, 1)
    assert got["cases"] == FUZZ_CASES
    assert got["taken"] > FUZZ_CASES // 10  # some of them are still good, and go further
    assert got["most_bytes_allocated"] < MOST_BYTES


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 12))
def test_many_spoilt_packets_do_no_harm(seed: int) -> None:
    assert told(program("fuzz"), PACKETS, 10 * FUZZ_CASES, seed)["most_bytes_allocated"] < MOST_BYTES


def test_a_frame_costs_no_memory() -> None:
    got = told(program("bench"), "decode", PACKETS / "frame.bin", 200_000)
    assert got["allocated_bytes_per_frame"] == 0
    assert got["frames_per_sec"] > 0


# --- names, sound, turns


def test_curves_find_the_blendshapes_that_are_meant() -> None:
    assert told(program("names"))["names"] > 20


def test_sound_is_sent_as_it_was_given() -> None:
    assert told(program("sound")) == {"sound": 4}


def test_heads_turn_as_for_other_receivers_with_unitys_axes() -> None:
    """Whatever axes the bones have; vmc.py says why."""
    angles = np.random.default_rng(0).uniform(-1.2, 1.2, (12, 3)).round(3)
    end = done(scene("turns"), *angles.ravel())
    assert end.returncode == 0, end.stderr
    got = [json.loads(line) for line in end.stdout.splitlines()]
    for (yaw, pitch, roll), turn in zip(angles, got, strict=True):
        face = np.zeros(61)
        face[[INDEX["headYaw"], INDEX["headPitch"], INDEX["headRoll"]]] = yaw, pitch, roll
        expected = np.array(unity_turn(face, "head"))
        assert abs(float(expected @ np.array(turn))) == pytest.approx(1, abs=1e-6)


# --- the package


def test_files_are_known_to_unity_by_guids_that_stay() -> None:
    assert "as they should be" in ran("python3", str(UNITY / "tests" / "metas.py"), "--check")
    guids = [re.findall(r"^guid: ([0-9a-f]{32})$", path.read_text("utf-8"), re.M)
             for path in PACKAGE.rglob("*.meta")]
    assert all(len(one) == 1 for one in guids)
    assert len({one[0] for one in guids}) == len(guids) > 40


def test_the_package_says_what_it_is() -> None:
    package = json.loads((PACKAGE / "package.json").read_text("utf-8"))
    project = (REPO / "pyproject.toml").read_text("utf-8")
    assert f'version = "{package["version"]}"' in project
    assert f"## [{package['version']}]" in (PACKAGE / "CHANGELOG.md").read_text("utf-8")
    assert (PACKAGE / "LICENSE.md").read_text("utf-8") == (REPO / "LICENSE").read_text("utf-8")
    for sample in package["samples"]:
        assert list((PACKAGE / sample["path"]).glob("*.cs"))


@pytest.mark.parametrize("newer", [False, True], ids=["2019", "2023"])
def test_each_assembly_compiles_with_what_it_may_see(tmp_path: Path, newer: bool) -> None:
    """With stand-ins for Unity; for older and newer engines."""
    needs("mcs")
    define = "-define:UNITY_2020_2_OR_NEWER -define:UNITY_2023_1_OR_NEWER" if newer else ""
    build = UNITY / "tests" / "build.sh"
    ran("env", f"DEFINE={define}", "sh", str(build), str(tmp_path), "assemblies")
    names = {path.stem for path in PACKAGE.rglob("*.asmdef")}
    assert names <= {path.stem for path in tmp_path.glob("*.dll")}


def test_the_core_knows_no_engine() -> None:
    base = json.loads((PACKAGE / "Runtime" / "Base" / "FaceRig.Base.asmdef").read_text("utf-8"))
    assert base["noEngineReferences"] is True
    assert base["references"] == []
    for path in PACKAGE.rglob("*.asmdef"):
        asmdef = json.loads(path.read_text("utf-8"))
        assert asmdef["name"] == path.stem
        assert asmdef["rootNamespace"] in {"FaceRig", "FaceRig.Unity", "FaceRig.Unity.Editor"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_nothing_that_il2cpp_cannot_do(path: Path) -> None:
    """It compiles ahead of time: no code made while running, and nothing found by reflection."""
    source = path.read_text("utf-8")
    for word in (r"\bdynamic\b", r"Reflection", r"\bunsafe\b", r"Activator", r"DllImport", r"\bSpan<",
                 r"Expression<"):
        assert not re.search(word, source), word
    assert "Runtime/Base" not in path.as_posix() or "UnityEngine" not in source
