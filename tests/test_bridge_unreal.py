"""The Unreal plugin: its form, its types against stubs of the engine, its component speaking to a service."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pytest

import facerig_assets
from tests.bridges.toolchains import needs
from tests.bridges.unreal_headers import is_legal, reflected, shadowing, shown_to_blueprints, write_generated
from tests.live_service import Running, running_service
from tools.bridges.programs import ran
from tools.evaluate.sets import read_mono

PLUGIN: Final = Path(__file__).resolve().parents[1] / "engine_bridges" / "unreal" / "FaceRig"
TESTS: Final = PLUGIN.parent / "tests"
STUBS: Final = TESTS / "engine_stubs"
MODULE: Final = PLUGIN / "Source" / "FaceRig"
CORE: Final = PLUGIN / "Source" / "FaceRigCore"
INCLUDES: Final = ("/usr/include", "/usr/local/include", "/opt/homebrew/include")
SPEECH_SECS: Final = 1.5
PATIENCE_SECS: Final = 600.0  # on a busy machine


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the header tool would make."""
    folder = tmp_path_factory.mktemp("generated")
    write_generated(sorted(MODULE.rglob("*.h")), folder)
    return folder


@pytest.fixture(scope="module")
def built(generated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plugin over stubs of the engine and its test programs, with sanitizers and without a warning."""
    needs("cmake")
    needs("g++")
    if not any(Path(folder, "zmq.h").is_file() for folder in INCLUDES):
        pytest.skip("needs zmq.h: python3 tools/dev.py toolchains (Debian's libzmq3-dev)")
    folder = tmp_path_factory.mktemp("game")
    ran("cmake", "-S", str(TESTS / "game"), "-B", str(folder), "-DCMAKE_BUILD_TYPE=Debug",
        "-DFACERIG_STRICT=ON", "-DFACERIG_SANITIZE=address,undefined", f"-DFACERIG_GENERATED={generated}")
    targets = [f"facerig_{name}_test" for name in ("sound", "speaker", "game")]
    ran("cmake", "--build", str(folder), "--target", *targets)
    return folder


@pytest.fixture(scope="module")
def service() -> Iterator[Running]:
    with running_service() as running:
        yield running


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second and a half that somebody says, as 16-bit samples at 16 kHz."""
    samples = read_mono(facerig_assets.path("speech", "hello.flac"))[: int(SPEECH_SECS * 16_000)]
    path = tmp_path_factory.mktemp("sound") / "speech.s16"
    path.write_bytes((np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes())
    return path


# --- what runs


def test_sound_is_played_on_one_clock_and_resampled(built: Path) -> None:
    _passes(built / "facerig_sound_test")


def test_a_speaker_hears_and_shows_the_same_sample(built: Path, service: Running, said: Path) -> None:
    figures = json.loads(_passes(built / "facerig_speaker_test", *map(str, service.ports), str(said)))
    assert figures["pictures"] > 50


def test_a_game_speaks_and_is_seen_in_live_link(built: Path, service: Running, said: Path) -> None:
    _passes(built / "facerig_game_test", *map(str, service.ports), str(said))


# --- types


@pytest.mark.parametrize("compiler", [pytest.param("g++", marks=pytest.mark.slow), "clang++"])
def test_every_file_compiles_by_itself(compiler: str, generated: Path) -> None:
    files = sorted([*MODULE.rglob("*.cpp"), CORE / "Private" / "FaceRigCoreModule.cpp"])
    assert len(files) > 10
    assert _complaints(compiler, generated, *files) == ""


def test_what_older_engines_call_otherwise_compiles(generated: Path, tmp_path: Path) -> None:
    tap = MODULE / "Private" / "FaceRigTap.cpp"
    older, wrong = "-DSTUB_MINOR=3", tmp_path / "wrong.cpp"
    wrong.write_text(tap.read_text().replace("UE_VERSION_OLDER_THAN(5, 4, 0)", "0"))
    assert _complaints("clang++", generated, older, tap) == ""
    assert "error" in _complaints("clang++", generated, older, wrong)


def test_every_header_compiles_by_itself(generated: Path, tmp_path: Path) -> None:
    includes = [f'#include "{header.relative_to(MODULE / side)}"\n' for side in ("Public", "Private")
                for header in sorted((MODULE / side).rglob("*.h"))]
    alone = [tmp_path / f"header{number}.cpp" for number in range(len(includes))]
    for path, include in zip(alone, includes, strict=True):
        path.write_text(include)
    assert _complaints("clang++", generated, *alone) == ""


def test_the_stubs_find_mistakes(generated: Path, tmp_path: Path) -> None:
    mistakes = [
        "FText FFaceRigLocalSource::GetSourceStatus() { return FText(); }",  # not const
        "void f(UAudioComponent& Player) { Player.PlaySound(); }",  # no such function
        "FName g(const FString& Text) { return FName(Text); }",  # needs a TCHAR*
        "FLiveLinkFrameDataStruct h(FLiveLinkFrameDataStruct& Data) { return Data; }"]  # move only
    includes = ["FaceRigLocalSource.h", "LiveLinkTypes.h", "Components/AudioComponent.h"]
    path = tmp_path / "mistakes.cpp"
    path.write_text("\n".join([*(f'#include "{name}"' for name in includes), *mistakes, ""]))
    found = _complaints("clang++", generated, path)
    for line in range(len(includes) + 1, len(includes) + len(mistakes) + 1):
        assert f"mistakes.cpp:{line}:" in found, mistakes[line - len(includes) - 1]


def test_sound_knows_nothing_of_the_engine() -> None:
    for path in (MODULE / "Private" / "Sound").iterdir():
        assert not any(word in path.read_text() for word in ("CoreMinimal.h", "FString", "UObject")), path


# --- form


def test_the_plugin_names_its_modules() -> None:
    plugin = json.loads((PLUGIN / "FaceRig.uplugin").read_text())
    assert plugin["FileVersion"] == 3
    modules = [module["Name"] for module in plugin["Modules"]]
    assert modules == ["FaceRigCore", "FaceRig"]  # in the order of their dependencies
    assert {module["Type"] for module in plugin["Modules"]} == {"Runtime"}
    assert {"Name": "LiveLink", "Enabled": True} in plugin["Plugins"]
    for module in modules:
        folder = PLUGIN / "Source" / module
        assert f"class {module} : ModuleRules" in (folder / f"{module}.Build.cs").read_text()
        sources = "".join(path.read_text() for path in (folder / "Private").glob("*Module.cpp"))
        assert sources.count("IMPLEMENT_MODULE(") == sources.count(f", {module})") == 1


def test_files_lie_where_unreal_looks_for_them() -> None:
    for module in (MODULE, CORE):
        for path in module.rglob("*"):
            if path.suffix in (".h", ".cpp"):
                side = path.relative_to(module).parts[0]
                assert side == "Private" or (side == "Public" and path.suffix == ".h"), path
    public = [path.read_text() for path in (MODULE / "Public").glob("*.h")]
    assert not any('#include "FaceRigCore/' in text or '#include "Sound/' in text for text in public)


def test_reflected_headers_follow_the_header_tool() -> None:
    for path in MODULE.rglob("*.h"):
        text = path.read_text()
        types = reflected(text)
        if types or "UENUM(" in text:
            includes = [line for line in text.splitlines() if line.startswith("#include")]
            assert includes[-1] == f'#include "{path.stem}.generated.h"', path
        for one in types:
            assert one.name[0] == ("F" if one.struct else "U"), one


def test_blueprints_are_shown_what_they_know() -> None:
    shown = [kind for path in MODULE.rglob("*.h") for kind in shown_to_blueprints(path.read_text())]
    assert len(shown) > 60
    assert [kind for kind in shown if not is_legal(kind)] == []
    assert [kind for kind in ("std::string", "TArray<TArray<float>>", "uint32") if is_legal(kind)] == []


def test_no_parameter_hides_a_property() -> None:
    assert [name for path in MODULE.rglob("*.h") for name in shadowing(path.read_text())] == []
    wrong = "UPROPERTY()\nint32 Rate = 1;\nUFUNCTION()\nvoid F(const FString& Text, int32 Rate = 2);"
    assert shadowing(wrong) == ["Rate"]


def test_build_files_name_what_is_used() -> None:
    dependencies = (MODULE / "FaceRig.Build.cs").read_text()
    sources = "".join(path.read_text() for path in MODULE.rglob("*.[hc]*") if path.suffix != ".cs")
    modules = {"Engine/DeveloperSettings.h": "DeveloperSettings", "ILiveLinkClient.h": "LiveLinkInterface",
               "DSP/BufferVectorOperations.h": "SignalProcessing"}
    for header, module in modules.items():
        assert f'#include "{header}"' in sources, header
        assert f'"{module}"' in dependencies, module


@pytest.fixture(scope="module")
def build_tool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plugin's Build.cs files, compiled against a stub of Unreal's build tool."""
    needs("mono")
    made = tmp_path_factory.mktemp("build") / "stub.exe"
    ran(needs("mcs"), f"-out:{made}", str(STUBS / "UnrealBuildTool.cs"),
        *map(str, sorted(PLUGIN.rglob("*.Build.cs"))))
    return made


@pytest.mark.parametrize(("platform", "files", "linked"), [
    ("Linux", ["lib/libzmq.a", "lib/libzmq.so.5"], ["lib/libzmq.so.5"] * 2),
    ("Mac", ["lib/libzmq.a"], ["lib/libzmq.a"]),
    ("Win64", ["lib/libzmq-mt-4_3_5.lib", "bin/libzmq-mt-4_3_5.dll"],
     ["lib/libzmq-mt-4_3_5.lib", "$(TargetOutputDir)/libzmq-mt-4_3_5.dll from ROOT/bin/libzmq-mt-4_3_5.dll"]),
    ("Win64", ["lib/libzmq.lib"], ["lib/libzmq.lib"]),
    ("Win64", [], ["no library for"])])
def test_libzmq_is_found(build_tool: Path, platform: str, files: list[str], linked: list[str],
                         tmp_path: Path) -> None:
    for name in ["include/zmq.h", *files]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    environment = os.environ | {"FACERIG_ZMQ_ROOT": str(tmp_path), "STUB_PLUGIN": str(PLUGIN)}
    done = subprocess.run([needs("mono"), build_tool, platform], capture_output=True, text=True,
                          env=environment, timeout=PATIENCE_SECS)
    assert done.returncode == (not files)
    lines = [line for line in done.stdout.splitlines() if line]
    assert len(lines) == len(linked), done.stdout
    for line, expected in zip(lines, linked, strict=True):
        assert expected.replace("ROOT", str(tmp_path)) in line


# --- helpers


def _passes(program: Path, *arguments: str) -> str:
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=PATIENCE_SECS)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _complaints(compiler: str, generated: Path, *files: Path | str) -> str:
    """What a compiler says of files, each by itself."""
    command = [needs(compiler), "-std=c++17", "-fsyntax-only", "-fno-exceptions", "-fno-rtti", "-Wall",
               "-Wextra", "-Wshadow", "-DFACERIG_API=", "-DFACERIGCORE_API=", "-isystem", str(STUBS)]
    folders = (generated, MODULE / "Public", MODULE / "Private", CORE / "Public")
    command += [f"-I{folder}" for folder in folders]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, timeout=PATIENCE_SECS)
    assert (done.returncode == 0) == ("error" not in done.stderr), done.stderr
    return done.stderr
