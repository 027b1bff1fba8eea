"""The Godot addon in the engines themselves: golden packets, the jitter buffer, spoilt bytes, single parts.

What it does with a service is in test_bridge_godot_live.py, _talk.py and test_bridges_scenario.py.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import soundfile

from facerig.cli import run as cli
from facerig.mesh.gaze import rotation
from facerig.service import wire
from tests.bridges.godot_projects import Godot, engines, made
from tools.bridges import godot
from tools.bridges.facts import fields_of

GOLDENS = Path(__file__).parent / "goldens"
PACKETS, JITTER = GOLDENS / "packets", GOLDENS / "jitter"
HEX = "0123456789abcdef"
SUBJECTS = ["anna", "a b", "=x", "x=", "a/b", "", "Zoë Ω", "a\\b", "-a", "@a", "a\tb", "a\x7fb", "arkit",
            "_a", "a-b", "A", HEX * 2, HEX + "0123456789abcdeF", HEX * 2 + "0", "x" * 64, "x" * 65]

pytestmark = pytest.mark.parametrize("engine", engines(), indirect=True, scope="module")


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Godot:
    return made(request.param, tmp_path_factory.mktemp("godot"))


def test_golden_packets_are_what_they_mean(engine: Godot) -> None:
    told = {line["name"]: line for line in engine.lines("packets", str(PACKETS))}
    meant = json.loads((PACKETS / "index.json").read_text("utf-8"))
    assert set(told) == set(meant)
    tables = {"request": "requests", "reply": "replies", "published": "schemas"}
    for name, one in meant.items():
        got = told[name]
        if "refused" in one:
            assert not {"frame", *tables.values()} & set(got), name
        elif "frame" in one:
            assert {key: got["frame"][key] for key in one["frame"]} == one["frame"], name
            assert got["frame"]["step"] == wire.Frame.unpacked((PACKETS / f"{name}.bin").read_bytes()).step
        else:
            assert got[tables[one["kind"]]] == one["message"], name
            assert got["again"] == (PACKETS / f"{name}.bin").read_bytes().hex(), name  # packed anew


def test_the_jitter_buffer_gives_what_the_vectors_say(engine: Godot) -> None:
    told = {line["name"]: line for line in engine.lines("jitter", str(JITTER))}
    vectors = {path.name: json.loads(path.read_text("utf-8")) for path in JITTER.glob("*.json")}
    assert vectors
    assert set(told) == set(vectors)
    for name, vector in vectors.items():
        wanted = [event["expect"] if "show" in event else event["late_samples"]
                  for event in vector["events"] if "show" in event or "late_samples" in event]
        assert told[name]["counts"] == vector["counts"], name
        assert len(told[name]["answers"]) == len(wanted)
        for k, (got, want) in enumerate(zip(told[name]["answers"], wanted, strict=True)):
            if isinstance(want, dict):
                assert (got["index"], got["state"]) == (want["index"], want["state"]), (name, k)
                np.testing.assert_allclose(got["values"], want["values"], atol=1e-5, err_msg=f"{name} {k}")
            else:
                assert got == want, (name, k)


@pytest.mark.parametrize("cases", [3_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_any_bytes_are_refused_without_an_error_of_a_script(engine: Godot, cases: int) -> None:
    """Spoilt packets: a third each at the readers, a conversation with pictures, and a connection."""
    told = engine.lines("fuzz", str(PACKETS), str(cases), "1")[-1]
    assert told["cases"] == cases
    assert told["taken"] > cases / 10  # and enough of them were read


@pytest.fixture(scope="module")
def parts(engine: Godot, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    names = tmp_path_factory.mktemp("names") / "names.json"
    names.write_text(json.dumps(SUBJECTS), "utf-8")
    return {key: value for line in engine.lines("parts", str(names)) for key, value in line.items()}


def test_messages_have_the_fields_of_the_wire(parts: dict[str, Any]) -> None:
    kinds = {"requests": get_args(wire.Request), "replies": get_args(wire.Reply), "schemas": (wire.Schema,),
             "curves": (wire.Curve,)}
    for table, of_wire in kinds.items():
        fields = {name: {one.encode_name: [] if one.required else [one.default] for one in every}
                  for name, every in map(fields_of, of_wire)}
        assert parts["tables"][table] == fields


def test_names_of_shapes_are_found_however_they_are_written(parts: dict[str, Any]) -> None:
    names = parts["names"]
    assert {names[name] for name in names if "jaw" in name.lower()} == {"jawopen"}
    assert (names["eyeBlink_L"], names["eyeBlink.R"]) == ("eyeblinkleft", "eyeblinkright")
    assert (names["mouth Smile Left"], names["aa"]) == ("mouthsmileleft", "aa")


def test_texts_are_checked_by_the_patterns_of_the_wire(parts: dict[str, Any]) -> None:
    def taken(message: dict[str, Any]) -> bool:
        try:
            wire.request(wire.encoded(message))
        except Exception:
            return False
        return True

    for text, got in zip(SUBJECTS, parts["patterns"], strict=True):
        assert got == [taken({"type": "open", "subject": text}),
                       taken({"type": "open", "subject": "a", "rig": text}),
                       taken({"type": "resume", "token": text})], text


def test_curves_move_the_shapes_that_they_are_mapped_to(parts: dict[str, Any]) -> None:
    got = parts["shapes"]
    assert (got["unused"], got["names"]) == (["nothing"], 52)
    whole = {"jawOpen": 0.0, "mouthClose": 0.5, "mouthSmileLeft": 0.25, "tongueOut": 0.5, "mouthFunnel": 0.25}
    assert got["whole"] == pytest.approx(whole)
    half = {name: value / 2 for name, value in whole.items()}  # and half of what an animation wrote, 0.2
    assert got["half"] == pytest.approx(half | {"mouthClose": 0.25 + 0.1})
    assert got["added"] == pytest.approx(half | {"mouthClose": 0.25 + 0.2})


def test_head_and_eyes_turn_as_facerig_turns_them(parts: dict[str, Any]) -> None:
    got, wanted = parts["turns"], rotation(0.3, -0.2, 0.1)
    np.testing.assert_allclose(got["node"], wanted, atol=2e-6)
    np.testing.assert_allclose(got["bone"], wanted, atol=2e-6)  # around the skeleton's axes
    assert sorted(got["used"]) == [0, 1, 2, 3, 4, 5]
    assert got["wrong_bone"] == []


def test_sounds_become_what_is_sent(parts: dict[str, Any]) -> None:
    got = parts["sounds"]
    tone = np.frombuffer(bytes.fromhex(got["tone"]), "<i2")
    np.testing.assert_allclose(tone, 10_000 * np.sin(2 * np.pi * 200 * np.arange(1600) / 16_000), atol=40)
    assert np.frombuffer(bytes.fromhex(got["mono"]), "<i2").tolist() == [200, -8]
    assert np.frombuffer(bytes.fromhex(got["floats"]), "<i2").tolist() == [32_767, -32_767, 16_384]
    assert np.frombuffer(bytes.fromhex(got["stream"]), "<i2").tolist() == [100, 300, -7, -8]
    assert (got["rate"], got["wrong"], got["nothing"]) == (22_050, True, True)


def test_a_recording_becomes_an_animation(parts: dict[str, Any], engine: Godot) -> None:
    got = parts["takes"]
    assert got["path"] == ("Head/Face:jawOpen" if engine.dialect == 4 else "Head/Face:blend_shapes/jawOpen")
    assert (got["tracks"], got["length"]) == (2, pytest.approx(0.4))
    np.testing.assert_allclose(got["keys"], [[0, 0], [0.2, 0], [0.3, 0.5]], atol=1e-5)


def test_sound_waits_in_the_outbox_until_nobody_can_ask_for_it(parts: dict[str, Any]) -> None:
    pieces = [[0, 2000], [2000, 1000], [3000, 2000], [], [5000, 100]]  # quarters of a second, a flush
    assert parts["outbox"] == [*pieces, [4000, 1000], [], [5000, 100], 0, 1900, 7000, -1]


def test_the_demo_opens_and_says_what_it_waits_for(engine: Godot) -> None:
    told = engine.lines("demo")[0]
    assert "127.0.0.1" in told["said"][0]
    assert told["said"][1] == "res://demo/line.wav: put a 16-bit WAV file there"


@pytest.mark.slow
def test_the_editor_knows_the_node(engine: Godot) -> None:
    if engine.dialect == 3:
        pytest.skip("Godot 3's server has no editor")
    done = subprocess.run([engine.engine.program, "--headless", "--path", str(engine.project), "--import"],
                          env=godot.environment(engine.home), capture_output=True, text=True, timeout=300)
    assert "ERROR" not in done.stdout + done.stderr
    classes = (engine.project / ".godot" / "global_script_class_cache.cfg").read_text("utf-8")
    assert '"base": &"Node",\n"class": &"FaceRigFace"' in classes
    assert '"base": &"Resource",\n"class": &"FaceRigMapping"' in classes


def test_the_own_head_and_compressed_sound_are_taken(engine: Godot, speech: Path, tmp_path: Path) -> None:
    if engine.dialect == 3:
        pytest.skip("Godot 3 reads neither glTF nor samples of OGG while it runs")
    samples, rate = soundfile.read(speech, frames=24_000)
    paths = [tmp_path / name for name in ("head.glb", "line.ogg", "line.wav")]
    for path in paths[1:]:
        soundfile.write(path, samples, rate)
    assert cli.run(["animate", str(paths[2]), "-o", str(paths[0])]) == 0
    head, sound = engine.lines("files", *map(str, paths))
    assert (head["driven"], head["turning"]) == (52, 9)
    assert all(name.endswith(("Yaw", "Pitch", "Roll")) for name in head["unused"])
    np.testing.assert_allclose(head["turned"], [0, -0.25, 0], atol=1e-6)  # to its own right
    wav, ogg = (np.frombuffer(bytes.fromhex(sound[name]), "<i2") for name in ("wav", "ogg"))
    np.testing.assert_allclose(wav / 32_768, samples, atol=2 / 32_768)
    assert len(ogg) == pytest.approx(len(samples) * sound["ogg_rate"] / rate, abs=50)
    at = np.arange(len(samples)) * sound["ogg_rate"] / rate
    likeness = [np.corrcoef(np.interp(at + shift, np.arange(len(ogg)), ogg), samples)[0, 1]
                for shift in range(-22, 23)]  # samples; Godot's resampler comes some of them late
    assert max(likeness) > 0.98
