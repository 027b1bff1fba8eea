"""The C++ core by itself: what all languages share, any bytes, how it compiles, what a frame costs."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.bridges import cpp
from tests.bridges.toolchains import needs
from tests.bridges.toolchains import program as built
from tests.goldens import make_wire

GOLDENS = Path(__file__).with_name("goldens")
PACKETS = make_wire.PACKETS
COMPILERS = ("g++", "clang++")
SOURCES = [path for path in sorted((cpp.CORE / "Private").glob("*.cpp")) if not path.stem.endswith("Module")]
HEADERS = sorted((cpp.CORE / "Public" / "FaceRigCore").glob("*.h"))
WARNINGS = ("-std=c++17", "-fno-exceptions", "-fno-rtti", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion",
            "-Wshadow", "-Werror")


# --- what all languages share


@pytest.mark.parametrize("compiler", COMPILERS)
def test_packets_and_pictures_are_those_of_every_language(compiler: str) -> None:
    path = cpp.program("vectors", compiler, cpp.sanitizers_of(compiler))
    told = cpp.told(path, str(GOLDENS))
    index = json.loads((PACKETS / "index.json").read_text("utf-8"))
    n_jitter = len(list((GOLDENS / "jitter").glob("*.json")))
    assert told == {"packets": len(index), "jitter": n_jitter, "failures": 0}


def test_a_wrong_vector_is_noticed(tmp_path: Path) -> None:
    """The reader of the vectors is no rubber stamp."""
    for folder in ("packets", "jitter"):
        (tmp_path / folder).mkdir()
    index = json.loads((PACKETS / "index.json").read_text("utf-8"))
    kept = {name: index[name] for name in ("frame", "opened", "direct-full", "refused-frame-nan")}
    for name in kept:
        (tmp_path / "packets" / f"{name}.bin").write_bytes((PACKETS / f"{name}.bin").read_bytes())
    scene: dict[str, Any] = json.loads((GOLDENS / "jitter" / "loss.json").read_text("utf-8"))

    def failures() -> int:
        (tmp_path / "packets" / "index.json").write_text(json.dumps(kept, ensure_ascii=False), "utf-8")
        (tmp_path / "jitter" / "loss.json").write_text(json.dumps(scene), "utf-8")
        done = subprocess.run([cpp.program("vectors"), str(tmp_path)], capture_output=True, text=True)
        found = json.loads(done.stdout)["failures"]
        assert done.returncode == (1 if found else 0)
        return int(found)

    assert failures() == 0
    kept["frame"]["frame"]["index"] += 1
    kept["opened"]["message"]["schema"]["curves"][1]["low"] = -1.4
    kept["direct-full"]["message"]["transition_secs"] = 0.25
    assert failures() == 3
    next(one for one in scene["events"] if "show" in one)["expect"]["index"] += 1
    scene["counts"]["lost"] += 1
    assert failures() >= 4


# --- any bytes


def fuzzed(count: int, seed: int, compiler: str = "g++") -> dict[str, Any]:
    path = cpp.program("fuzz", compiler, cpp.sanitizers_of(compiler))
    return cpp.told(path, str(PACKETS), str(count), str(seed), secs=1_000)


@pytest.mark.parametrize(("compiler", "count"), [("g++", 150_000), ("clang++", 50_000)])
def test_any_bytes_are_a_message_or_a_fault(compiler: str, count: int) -> None:
    """Under address and undefined-behaviour sanitizers, without an allocation storm."""
    told = fuzzed(count, 1, compiler)
    assert told["failures"] == 0
    assert told["cases"] == told["pictures"] == count
    assert min(told["frames"], told["replies"], told["schemas"]) > count // 1_000  # not only the first check


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 6))
def test_many_more_bytes(seed: int) -> None:
    assert fuzzed(2_500_000, seed)["failures"] == 0


# --- how it compiles


def test_public_headers_go_together_and_say_nothing_of_zeromq() -> None:
    """In both compilers, as a stranger includes them."""
    for compiler in COMPILERS:
        needs(compiler)
        text = "".join(f'#include "FaceRigCore/{path.name}"\n' for path in reversed(HEADERS))
        compiles(compiler, "-x", "c++", "-", source=text)
    for path in [*HEADERS, *(cpp.CORE / "Private").glob("*.h")]:
        assert "#include <zmq.h>" not in path.read_text("utf-8"), path.name


def test_the_core_knows_no_engine_and_no_exceptions() -> None:
    for path in [*SOURCES, *HEADERS, *(cpp.CORE / "Private").glob("*.h")]:
        text = re.sub(r"//.*", "", path.read_text("utf-8"))
        assert not re.search(r"\b(CoreMinimal|UObject|UCLASS|FString|throw|try|catch|dynamic_cast|typeid)\b",
                             text), path.name
        assert not re.search(r"[^(:]\bstd::(min|max)\(", text), f"{path.name}: (std::min), Windows has macros"


def test_the_readme_compiles() -> None:
    snippet = (cpp.CORE / "README.md").read_text("utf-8").split("```cpp\n")[1].split("```")[0]
    header, body = snippet.split("\n\n", 1)
    head = "void game(const float* line, std::size_t n_samples, std::int64_t heard)"
    compiles("g++", "-x", "c++", "-", source=f"{header}\n{head};\n{head} {{\n{body}}}\n")


@pytest.mark.slow
@pytest.mark.parametrize("compiler", COMPILERS)
def test_every_file_compiles_by_itself(compiler: str) -> None:
    for path in SOURCES:
        compiles(compiler, str(path))
    for path in HEADERS:
        compiles(compiler, "-x", "c++", "-", source=f'#include "FaceRigCore/{path.name}"\n')


def compiles(compiler: str, *arguments: str, source: str = "") -> None:
    needs(compiler)
    folders = [f"-I{cpp.CORE / 'Public'}", f"-I{cpp.CORE / 'Private'}"]
    command = [compiler, *WARNINGS, "-fsyntax-only", *folders, *arguments]
    done = subprocess.run(command, input=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]


# --- what a frame costs


@pytest.mark.parametrize("mode", ["decode", "buffer"])
def test_a_frame_costs_no_allocation(mode: str) -> None:
    """Read; and read, buffered and shown: operator new is counted."""
    done = built("cpp", "bench").run(mode, str(PACKETS / "frame.bin"), "20000", secs=60)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["allocations_per_frame"] == 0
    assert told["frames_per_sec"] > 10_000


def test_what_programs_are_told_wrongly_is_refused() -> None:
    done = built("cpp", "bench").run("decode", os.devnull, "10", secs=60)
    assert done.returncode == 1
    assert "no frame" in done.stderr
