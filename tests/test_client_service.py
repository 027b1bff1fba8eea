"""The client and the real service: over sockets that break, with the engine's own frames."""

from __future__ import annotations

import asyncio
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

import facerig
from facerig.cli import run as facerig_cli
from facerig.errors import ConfigError, ProtocolError
from facerig.service import wire
from facerig.service.client import Client, connect
from facerig.service.client_async import connect_async
from tests.conftest import REPO
from tests.live_service import Cable, Running

FPS = 30
PATIENCE_SECS = 60.0  # of a machine that does other things too
PACES = ["burst", pytest.param("realtime", marks=pytest.mark.slow)]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    service = Running()
    yield service
    service.stop()


@pytest.fixture
def client(running: Running) -> Iterator[Client]:
    with connect(f"tcp://127.0.0.1:{running.ports[0]}", curves_port=running.ports[1]) as client:
        yield client


@pytest.fixture(scope="module")
def line(speech: Path) -> tuple[np.ndarray, int]:
    return soundfile.read(speech, dtype="int16")


def jaws(frames: list[wire.Frame], names: tuple[str, ...]) -> np.ndarray:
    return np.array([frame.values[names.index("jawOpen")] for frame in frames])


@pytest.mark.parametrize("pace", PACES)
def test_a_line_comes_back_as_a_face_for_each_of_its_samples(pace: str, client: Client,
                                                             line: tuple[np.ndarray, int]) -> None:
    audio, rate = line
    anna = client.open("anna", sample_rate=rate, fps=FPS, rig="arkit", pace=pace, alive=False)
    assert len(anna.names) == 52
    assert 0.05 < anna.latency_samples / rate < 0.1
    anna.say_sound(audio[: 2 * rate])
    frames = list(anna.frames(timeout_secs=PATIENCE_SECS))
    samples = np.array([frame.sample for frame in frames])
    step = rate // FPS
    assert len(frames) == 2 * FPS
    assert 0 <= samples[0] < step
    assert np.all(np.diff(samples) == step)
    assert frames[-1].flags & wire.Frame.LAST
    assert jaws(frames, anna.names).max() > 0.1
    again = anna.say_sound(audio[2 * rate : 3 * rate])
    assert next(iter(anna.frames(timeout_secs=PATIENCE_SECS))).sample - again < step
    assert anna.counts.lost == 0
    assert anna.at(again + step // 2).state == "speech"


@pytest.mark.parametrize("pace", PACES)
def test_an_interruption_ends_a_line_and_another_begins(pace: str, client: Client,
                                                        line: tuple[np.ndarray, int]) -> None:
    audio, rate = line
    anna = client.open("anna", sample_rate=rate, fps=FPS, rig="arkit", pace=pace, alive=False)
    anna.say_sound(audio)
    before = next(anna.frames(timeout_secs=PATIENCE_SECS))
    anna.interrupt()
    begins = anna.say_sound(audio[:rate])
    frames = list(anna.frames(timeout_secs=PATIENCE_SECS))
    assert before.epoch == 0
    assert {frame.epoch for frame in frames} == {1}
    assert len(frames) == FPS
    assert 0 <= frames[0].sample - begins < rate // FPS


def test_a_cut_cable_costs_no_sound(running: Running, line: tuple[np.ndarray, int]) -> None:
    """Faces are those of an undisturbed session, bit for bit."""
    audio, rate = line
    with connect(f"tcp://127.0.0.1:{running.ports[0]}", curves_port=running.ports[1]) as plain:
        anna = plain.open("anna", sample_rate=rate, fps=FPS, pace="burst", alive=False)
        anna.say_sound(audio[: 2 * rate])
        expected = list(anna.frames(timeout_secs=PATIENCE_SECS))
    control, curves = Cable(running.ports[0]), Cable(running.ports[1])
    with connect(f"tcp://127.0.0.1:{control.port}", curves_port=curves.port) as client:
        bob = client.open("anna", sample_rate=rate, fps=FPS, pace="burst", alive=False)
        bob.say_sound(audio[: 2 * rate])
        frames = []
        for frame in bob.frames(timeout_secs=PATIENCE_SECS):
            frames.append(frame)
            if len(frames) in (5, 30):
                control.cut()
                curves.cut()
        assert client.losses >= 1
        assert not bob.closed
    control.close()
    curves.close()
    here = {frame.index: frame for frame in frames}
    assert len(here) == len(frames)  # none twice
    assert len(frames) > FPS
    assert frames[-1].sample == expected[-1].sample
    for frame in expected:
        if frame.index in here:
            assert here[frame.index].sample == frame.sample
            assert np.array_equal(here[frame.index].values, frame.values)


@pytest.mark.slow
def test_another_service_takes_over(line: tuple[np.ndarray, int]) -> None:
    audio, rate = line
    running = Running()
    with connect(f"tcp://127.0.0.1:{running.ports[0]}", curves_port=running.ports[1]) as client:
        anna = client.open("anna", sample_rate=rate, fps=FPS, pace="realtime")
        anna.say_sound(audio[: 3 * rate])
        frames = []
        for frame in anna.frames(timeout_secs=PATIENCE_SECS):
            frames.append(frame)
            if len(frames) == FPS:
                running.stop()
                running.start()
        samples = [frame.sample for frame in frames]
        assert samples == sorted(set(samples))  # none twice
        assert max(np.diff(samples)) <= 2 * rate // FPS  # none lost
        assert samples[-1] > 3 * rate - 2 * rate // FPS
    running.stop()


def test_what_the_service_refuses_is_told(client: Client) -> None:
    with pytest.raises(ProtocolError, match="rig"):
        client.open("anna", rig="no-such-rig")
    with pytest.raises(ProtocolError, match="emotion"):
        client.open("anna", emotion="hungry:2")
    anna = client.open("anna")
    with pytest.raises(ConfigError, match="open already"):
        client.open("anna")
    anna.direct(emotion="joy:0.5", gaze="camera", layers={"head": 0.5})
    anna.direct(style="[no_such_layer]\nx = 1\n")
    with pytest.raises(ProtocolError, match="style"):  # what comes later is told by the next call, or this
        list(anna.frames(forever=True, timeout_secs=PATIENCE_SECS))
    assert client.statistics()["sessions"] >= 1


def test_a_silent_character_lives(client: Client) -> None:
    anna = client.open("anna", fps=FPS)
    frames = []
    for frame in anna.frames(forever=True):
        frames.append(frame)
        if len(frames) == 20:
            break
    assert {frame.sample for frame in frames} == {-1}
    assert [frame.index for frame in frames] == list(range(frames[0].index, frames[0].index + 20))
    assert np.std([frame.values for frame in frames], axis=0).max() > 0
    assert anna.at().state == "idle"


def test_the_snippets_of_the_documentation_run(running: Running, line: tuple[np.ndarray, int],
                                               monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = (REPO / "docs" / "service.md").read_text("utf-8")
    speak, play, with_asyncio, keys = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    address = {"address": f"tcp://127.0.0.1:{running.ports[0]}", "curves_port": running.ports[1]}
    monkeypatch.setattr(facerig, "connect", lambda: connect(**address), raising=False)
    monkeypatch.setattr(facerig, "connect_async", lambda: connect_async(**address), raising=False)
    shown: list[int] = []
    audio = np.repeat(line[0][: line[1]], 2)  # 48 kHz
    names = {"samples": audio, "line": audio, "chunks": np.split(audio, 10), "heard": 0,
             "facerig": facerig,
             "show": lambda sample, face: shown.append(sample) if "jawOpen" in face else None}
    exec(speak, names)
    assert len(shown) == 60
    with connect(**address) as service:
        names["anna"] = service.open("bella", sample_rate=48_000)
        exec(play, names)
    body = textwrap.indent(with_asyncio, "    ") + "\n        return anna.counts"
    exec("async def scene():\n" + body, names)
    assert asyncio.run(names["scene"]()).received >= 60
    monkeypatch.setattr(facerig, "connect", connect, raising=False)
    assert facerig_cli.run(["keys", "new", "-o", str(tmp_path / "keys"), "--name", "game", "-q"]) == 0
    monkeypatch.chdir(tmp_path / "keys")
    exec(keys.replace("10.0.0.7", "127.0.0.1").replace("facerig.connect", "client = facerig.connect"),
         names, made := {})
    made["client"].close()


def test_the_same_with_asyncio(running: Running, line: tuple[np.ndarray, int]) -> None:
    async def scene() -> int:
        audio, rate = line
        address = f"tcp://127.0.0.1:{running.ports[0]}"
        async with connect_async(address, curves_port=running.ports[1]) as service:
            anna, bob = [await service.open(name, sample_rate=rate, fps=FPS, pace="burst", alive=False)
                         for name in ("anna", "bob")]
            await asyncio.gather(anna.stream(np.split(audio[:rate], 10)), bob.stream([audio[:rate]]))
            heard = [[frame async for frame in one.frames(timeout_secs=PATIENCE_SECS)] for one in (anna, bob)]
            return min(map(len, heard))

    assert asyncio.run(scene()) == FPS
