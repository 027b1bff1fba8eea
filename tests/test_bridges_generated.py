"""Constants of the wire in C++, C# and GDScript: as the service has them, as compilers read them."""

from __future__ import annotations

import json
import re
import struct
import subprocess
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from facerig.rig import load_rig
from facerig.service import playout, wire
from tests.bridges.toolchains import needs
from tests.conftest import REPO
from tools.bridges import __main__ as bridges
from tools.bridges import facts, languages

SOURCES = bridges.sources()
HEADER, CSHARP, GDSCRIPT = (REPO / path for path in SOURCES)

# language  a group's first line             a constant's name and value
READERS = {
    ".h": (r"^namespace (\w+) \{", r"^inline constexpr [^;=]*? k(\w+?)(?: = |(?=\{))([^;]+);"),
    ".cs": (r"public static class (\w+)", r"^\s*public (?:const|static readonly) \S+ (\w+) = ([^;]+);"),
    ".gd": (r"^# =()", r"^const (\w+) = (\[[^\]]*\]|\"(?:[^\"\\]|\\.)*\"|\S+)"),
}


def read(path: Path) -> dict[str, Any]:
    """A file's constants by name, in small letters and without underscores, read by signs alone."""
    group_sign, constant_sign = (re.compile(sign, re.M) for sign in READERS[path.suffix])
    text, out = path.read_text("utf-8"), dict[str, Any]()
    signs = sorted([*group_sign.finditer(text), *constant_sign.finditer(text)], key=lambda sign: sign.start())
    group = ""
    for sign in signs:
        if sign.re is group_sign:
            group = "" if sign[1] == "Wire" else sign[1]
        else:
            value = re.sub(r"\bLL?$|\bLL?\b", "", sign[2].strip())
            value = re.sub(r"(?<=\d)LL?$", "", value)
            if value[0] in "{[":
                value = f"[{value[1:-1]}]"
            out[(group + sign[1]).replace("_", "").lower()] = json.loads(value)
    return out


@pytest.fixture(scope="module", params=[HEADER, CSHARP, GDSCRIPT], ids=lambda path: path.suffix)
def constants(request: pytest.FixtureRequest) -> dict[str, Any]:
    return read(request.param)


def test_the_files_are_those_of_today() -> None:
    assert bridges.main(["--check"]) == 0, languages.COMMAND


def test_an_old_file_is_found_and_mended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bridges.main([], tmp_path) == 0
    assert bridges.main(["--check"], tmp_path) == 0
    old = tmp_path / next(iter(SOURCES))
    old.write_text(old.read_text("utf-8").replace("15680", "15690"), "utf-8")
    assert bridges.main(["--check"], tmp_path) == 1
    assert languages.COMMAND in capsys.readouterr().out
    assert bridges.main([], tmp_path) == 0
    assert old.read_text("utf-8") == SOURCES[old.relative_to(tmp_path)]


def test_all_three_say_the_same() -> None:
    header = read(HEADER)
    assert header == read(CSHARP) == read(GDSCRIPT)
    assert len(header) == sum(len(group.facts) for group in facts.groups())


def test_frames_are_read_where_they_are_packed(constants: dict[str, Any]) -> None:
    """A frame that is taken apart by the constants alone."""
    values = np.array([0.25, -1.0], np.float32)
    data = wire.Frame(2**31 - 1, 2**40, 2**41, values, 15).packed()
    names = ("version", "flags", "count", "epoch", "index", "sample")
    at = {name: constants[f"frame{name}at"] for name in names}
    assert data[:4] == constants["framemagic"].encode()
    assert (data[at["version"]], data[at["flags"]]) == (constants["version"], 15)
    read = [struct.unpack_from("<" + kind, data, at[name])[0]
            for kind, name in (("H", "count"), ("I", "epoch"), ("Q", "index"), ("q", "sample"))]
    assert read == [2, 2**31 - 1, 2**40, 2**41]
    assert constants["frameheaderbytes"] == constants["framevaluesat"] == len(data) - 8
    assert (constants["framelast"], constants["frameidle"]) == (wire.Frame.LAST, wire.Frame.IDLE)


@pytest.mark.parametrize("flags", range(16))
def test_the_step_of_a_frame_follows_from_its_flags(flags: int, constants: dict[str, Any]) -> None:
    number = (flags & constants["framestep"]) >> constants["framestepshift"]
    assert constants["framesteps"][number] == facts.step_of(flags) == 1 + flags // 4


def test_every_message_and_key_has_its_name(constants: dict[str, Any]) -> None:
    kinds = [*get_args(wire.Request), *get_args(wire.Reply), wire.Schema]
    tags = {value for name, value in constants.items() if name.startswith("tag")}
    assert tags == {kind.__struct_config__.tag for kind in kinds}
    fields = {value for name, value in constants.items() if name.startswith("field")}
    assert fields >= {"type"}.union(*(kind.__struct_fields__ for kind in [*kinds, wire.Curve]))


def test_limits_are_those_of_messages(constants: dict[str, Any]) -> None:
    wire.request(wire.encoded(wire.Open(subject="a" * constants["limitsubjectlongest"])))
    assert re.fullmatch(constants["limitsubjectpattern"], "Zoë")
    assert not re.fullmatch(constants["limitsubjectpattern"], "a/b")
    assert constants["limitseedmost"] == 2**63 - 1
    assert constants["limitatmost"] == 2**62
    assert (constants["limitdirectatleast"], constants["limitaudioatleast"]) == (-1, 0)
    assert constants["limitcurvesmostitems"] == constants["mostcurves"] == wire.MOST_CURVES
    assert constants["choiceencoding"] == ["s16", "f32", "opus"]
    assert constants["choicedetail"] == [1, 2, 4]
    assert constants["absentopenfps"] == "60"
    assert constants["absentclosedreason"] == "client"


def test_the_jitter_buffer_has_its_numbers(constants: dict[str, Any]) -> None:
    assert constants["jitterfadens"] == playout.FADE_NS
    for rate in (8_000, 11_025, 44_100, 48_000):
        for name, secs in (("hold", playout.HOLD_SECS), ("bridge", playout.BRIDGE_SECS),
                           ("behind", playout.BEHIND_SECS)):
            assert rate * constants[f"jitter{name}ms"] // 1000 == int(secs * rate)


@pytest.mark.parametrize("rig", facts.RIGS)
def test_rigs_have_their_curves(rig: str, constants: dict[str, Any]) -> None:
    assert constants[f"curves{rig}"] == list(load_rig(rig).names)


def test_what_a_language_cannot_write_is_refused() -> None:
    assert languages.quoted('a"\\') == r'"a\"\\"'
    with pytest.raises(ValueError, match="not every language"):
        languages.quoted("é")


@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_cpp_reads_its_file(compiler: str, tmp_path: Path) -> None:
    source = tmp_path / "all.cpp"
    source.write_text(f'#include "{HEADER}"\nstatic_assert(facerig::wire::kVersion == {wire.VERSION});\n'
                      "static_assert(facerig::wire::curves::kArkit.size() == 52);\n"
                      "static_assert(facerig::wire::limit::kSeedMost == INT64_MAX);\n")
    subprocess.run([needs(compiler), "-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion",
                    "-Werror", "-fno-exceptions", "-fno-rtti", "-fsyntax-only", str(source)], check=True)


def test_csharp_reads_its_file(tmp_path: Path) -> None:
    subprocess.run([needs("mcs"), "-warnaserror", "-target:library", f"-out:{tmp_path / 'wire.dll'}",
                    str(CSHARP)], check=True)


def test_godot_reads_its_file(tmp_path: Path) -> None:
    godot = needs("godot3-server")
    (tmp_path / "project.godot").write_text("config_version=4\n")
    (tmp_path / "wire.gd").write_bytes(GDSCRIPT.read_bytes())
    (tmp_path / "say.gd").write_text(
        'extends SceneTree\nconst Wire = preload("res://wire.gd")\nfunc _init():\n'
        "\tprint([Wire.VERSION, Wire.LIMIT_SEED_MOST, Wire.CURVES_ARKIT.size()])\n\tquit()\n")
    done = subprocess.run([godot, "--no-window", "--path", str(tmp_path), "-s", "say.gd"],
                          capture_output=True, text=True, timeout=60)
    assert f"[{wire.VERSION}, {2**63 - 1}, 52]" in done.stdout.splitlines()
