"""FaceRigFace in the engines, moved by a live service: what stands in the mesh is what was sent."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facerig.mesh.gaze import rotation
from facerig.rig import load_rig
from facerig.service.wire import Frame
from tests.bridges.godot_projects import Godot, engines, made
from tests.bridges.observing import observed
from tests.live_service import Cable, Running, running_service
from tests.services import speech as made_up_speech

RATE = 16_000
LINE_SECS = 2.0
FADE_MS = 150  # a fade of 100 ms, and a picture
FLOAT_STEP = 2e-6  # of values that went through a float of 32 bits and six digits of JSON

pytestmark = pytest.mark.parametrize("engine", engines(), indirect=True, scope="module")


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Godot:
    return made(request.param, tmp_path_factory.mktemp("godot"))


@pytest.fixture(scope="module")
def service() -> Iterator[Running]:
    with running_service() as running:
        yield running


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("line") / "line.s16"
    path.write_bytes(made_up_speech(LINE_SECS, RATE).astype("<i2").tobytes())
    return path


@pytest.fixture(scope="module")
def shown(engine: Godot, service: Running, line: Path) -> tuple[list[dict[str, Any]], dict[int, Frame]]:
    """What the engine showed while a character spoke a line, and the frames that were sent."""
    with observed(service, f"said-{engine.engine.version}") as observer:
        told = engine.lines("live", *map(str, service.ports), str(line), str(RATE), "said", "1",
                            f"said-{engine.engine.version}")
    return told, {frame.index: frame for frame in observer.whole}


def wait_for(running: subprocess.Popen[str], event: str) -> None:
    """Until the engine prints it; what it printed before is let go."""
    assert running.stdout is not None
    for printed in running.stdout:
        if f'"{event}"' in printed:
            return


def pictures(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in told if "state" in one]


def events(told: list[dict[str, Any]]) -> list[str]:
    return [one["event"] for one in told if "event" in one]


def test_blend_shapes_hold_the_values_of_each_picture(
        shown: tuple[list[dict[str, Any]], dict[int, Frame]]) -> None:
    told = pictures(shown[0])
    assert len(told) > 60
    for one in told:
        wanted = [one["values"][name] for name in one["shown"]]
        np.testing.assert_allclose(list(one["shown"].values()), wanted, atol=FLOAT_STEP)
        assert one["property"] == pytest.approx(one["values"].get("jawOpen", 0), abs=FLOAT_STEP)
    assert {len(one["shown"]) for one in told} == {52}  # a shape for each of ARKit's curves
    assert max(one["shown"]["jawOpen"] for one in told) > 0.1  # and the mouth moved


def test_each_picture_lies_between_the_frames_that_were_sent(
        shown: tuple[list[dict[str, Any]], dict[int, Frame]]) -> None:
    told, frames = pictures(shown[0]), shown[1]
    names, indices = load_rig("livelink").names, sorted(frames)
    checked = spoken = 0
    jumped_ms = -FADE_MS
    for before, one in pairwise(told):
        if before["state"] != one["state"] or abs(one["index"] - before["index"]) > 4:
            jumped_ms = one["ms"]
        if one["state"] == "rest" or one["ms"] - jumped_ms < FADE_MS:
            continue  # the face fades over a jump
        here = indices.index(one["index"])
        ends = [frames[index].values for index in indices[here : here + 2]]
        got = np.array([one["values"][name] for name in names])
        assert (got >= np.min(ends, axis=0) - 1e-4).all(), one["index"]
        assert (got <= np.max(ends, axis=0) + 1e-4).all(), one["index"]
        checked += 1
        spoken += one["state"] == "speech"
    assert checked > len(told) / 4
    assert spoken > 20


def test_faces_are_those_of_the_sample_that_is_heard(
        shown: tuple[list[dict[str, Any]], dict[int, Frame]]) -> None:
    told, frames = pictures(shown[0]), shown[1]
    speaking = [one for one in told if one["state"] == "speech" and one["sample"] >= 0]
    heard = [one["sample"] for one in speaking]
    assert heard == sorted(heard)
    assert heard[0] < 0.3 * RATE
    assert heard[-1] > 0.7 * LINE_SECS * RATE
    for one in speaking:  # the sample was read a moment after the picture was drawn
        assert -0.05 * RATE < one["sample"] - frames[one["index"]].sample < 0.25 * RATE


def test_the_head_turns_by_its_curves(shown: tuple[list[dict[str, Any]], dict[int, Frame]]) -> None:
    told = [one for one in pictures(shown[0]) if "headYaw" in one["values"]]
    for one in told[::20]:
        yaw, pitch, roll = (one["values"][f"head{axis}"] for axis in ("Yaw", "Pitch", "Roll"))
        x, y, z = one["turned"]
        np.testing.assert_allclose([x, y, z], [pitch, -yaw, -roll], atol=1e-5)
        np.testing.assert_allclose(rotation(-y, x, -z), rotation(yaw, pitch, roll), atol=1e-5)
    assert np.ptp([one["turned"][1] for one in told]) > 1e-3


def test_signals_tell_what_happens(shown: tuple[list[dict[str, Any]], dict[int, Frame]]) -> None:
    told = shown[0]
    assert events(told)[:2] == ["connected", "speak"]
    assert "error" not in events(told)
    counts = next(one["counts"] for one in told if one.get("event") == "counts")
    assert counts["received"] > 60
    assert (counts["stale"], counts["twice"], counts["dropped"]) == (0, 0, 0)


def test_a_lost_connection_is_told_and_mended(engine: Godot, service: Running, line: Path) -> None:
    cables = [Cable(port) for port in service.ports]
    try:
        running = engine.start("live", *(str(cable.port) for cable in cables), str(line), str(RATE),
                               "connected", "2", f"mended-{engine.engine.version}")
        wait_for(running, "speak")
        for cable in cables:
            cable.cut()
        told = engine.finish(running)
    finally:
        for cable in cables:
            cable.close()
    assert events(told).count("connected") == 1, events(told)  # again
    assert next(one for one in told if one.get("event") == "disconnected")["reason"] == "lost"
    after = told[[k for k, one in enumerate(told) if one.get("event") == "connected"][-1] :]
    assert any(one["state"] in ("speech", "idle") for one in pictures(after))  # and it lives on


def test_what_is_wrong_with_the_connection_is_said(engine: Godot, service: Running, line: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = str(nobody.getsockname()[1])
        runs = [engine.start("live", *ports, str(line), str(RATE), "error", "1", "lost")
                for ports in ((port, port), map(str, reversed(service.ports)))]
        with runs[1]:
            alone, exchanged = (
                [one for one in engine.finish(run) if one.get("event") == "error"] for run in runs)
    assert "nobody answers" in alone[0]["what"]
    assert (alone[0]["where"], alone[0]["fix"]) == ("connect", "start one: facerig serve")
    assert "exchanged" in exchanged[0]["what"]
