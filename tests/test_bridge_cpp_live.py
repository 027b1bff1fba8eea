"""The C++ client and a real service: keys, cables that are cut, and who only watches. The scenario of all
languages is in test_bridges_scenario.py."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import zmq

from facerig.service.key_files import ClientKeys
from facerig.service.keys import new_keys
from facerig.service.wire import Frame
from tests.bridges.cpp import PATIENCE_SECS, Talk, program, talking
from tests.bridges.toolchains import program as built
from tests.live_service import Cable, Running, running_service, service_with_keys

RATE, FPS = 16_000, 60
EPOCH, INDEX, SAMPLE, FLAGS, VALUE, ORDER = range(6)  # of a frame as it is told


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with running_service() as service:
        yield service


@contextmanager
def client_of(running: Running, ports: tuple[int, int] | None = None) -> Iterator[Talk]:
    control, curves = ports or running.ports
    with talking(f"tcp://127.0.0.1:{control}", curves) as talk:
        yield talk


def until(true: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE_SECS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_last(end: int) -> Callable[[list[list[Any]]], bool]:
    return lambda frames: any(one[FLAGS] & Frame.LAST and one[SAMPLE] > end - 600 for one in frames)


def test_a_cut_cable_costs_no_sound(running: Running, speech_s16: Path) -> None:
    """Faces are those of an undisturbed session, as far as they came."""
    n = 2 * RATE
    with client_of(running) as talk:
        talk.open("still", rate=RATE, fps=FPS, pace="burst", alive=False)
        talk.ask("file", "still", speech_s16, n, 1)
        expected = {frame[INDEX]: frame[SAMPLE:ORDER] for frame in talk.frames(is_last(n), "still")}
    control, curves = Cable(running.ports[0]), Cable(running.ports[1])
    with client_of(running, (control.port, curves.port)) as talk:
        talk.open("shaken", rate=RATE, fps=FPS, pace="burst", alive=False)
        talk.ask("file", "shaken", speech_s16, n, 1)
        frames: list[list[Any]] = []
        for _ in range(2):
            frames += talk.frames(lambda there: len(there) >= 5, "shaken")
            control.cut()
            curves.cut()
        if not is_last(n)(frames):
            frames += talk.frames(is_last(n), "shaken")
        assert talk.ask("client")["losses"] >= 1
        assert talk.ask("info", "shaken")["end"] == n
    control.close()
    curves.close()
    assert len({frame[INDEX] for frame in frames}) == len(frames)  # none twice
    here = {frame[INDEX]: frame[SAMPLE:ORDER] for frame in frames if frame[SAMPLE] >= 0}
    assert len(here) > FPS
    assert all(expected[index] == told for index, told in here.items())


def test_who_watches_sees_everybody_and_no_old_epoch(running: Running, speech_s16: Path) -> None:
    with client_of(running) as watcher, client_of(running) as talk:
        watcher.ask("observe")
        until(lambda: watcher.ask("observed")["connected"])
        for subject in ("carl", "dora"):
            talk.open(subject, rate=RATE, fps=FPS)
        talk.ask("file", "carl", speech_s16, RATE, 0)
        talk.frames(lambda frames: any(frame[SAMPLE] >= 0 for frame in frames), "carl")
        talk.ask("interrupt", "carl")
        assert talk.wait("interrupted", "carl")
        until(lambda: watcher.ask("observed").get("carl", [0, 0, 0])[2] == 1)  # its new epoch
        until(lambda: watcher.ask("observed").get("dora", [0, 0])[1] > 5)
        seen = watcher.ask("observed")
        assert seen["carl"][0] >= 1
        assert seen["carl"][3]  # epochs never fell
        assert watcher.ask("client")["observed_garbage"] == 0


def test_only_who_is_on_the_list_comes_in(tmp_path: Path) -> None:
    new_keys(tmp_path / "keys", "game")
    mine = ClientKeys.read(tmp_path / "keys" / "game.key")
    public, secret = (key.decode() for key in zmq.curve_keypair())
    stranger = ClientKeys(server=mine.server, public=public, secret=secret)
    with service_with_keys(tmp_path / "keys") as service:
        ports = [int(one.rpartition(":")[2]) for one in (service.control_address, service.curves_address)]
        address = f"tcp://127.0.0.1:{ports[0]}"
        with talking(address, ports[1], keys=mine) as talk:
            talk.open(rate=RATE, fps=FPS)
            assert talk.frames(lambda frames: len(frames) > 2)
        with talking(address, ports[1], keys=stranger) as talk:
            talk.ask("open", "anna", RATE, FPS, "realtime", 1)
            assert not talk.wait("opened", secs=0.7)
            assert not talk.ask("client")["connected"]


def test_listening_counts_gaps_and_drift(running: Running, speech_s16: Path) -> None:
    done = built("cpp", "bench").run("listen", *map(str, running.ports), str(speech_s16), "3", "listener",
                                     secs=60)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["frames"] > 60
    assert (told["gaps"], told["drift_samples"]) == (0, 0)
    assert told["latency_ms"]["p50"] <= told["latency_ms"]["p99"] <= told["latency_ms"]["max"]


@pytest.mark.slow
def test_threads_do_not_race(running: Running, speech_s16: Path, monkeypatch: pytest.MonkeyPatch,
                             tmp_path: Path) -> None:
    """Under the thread sanitizer; libzmq was built without it, so what happens inside is passed over."""
    (tmp_path / "passed_over").write_text("called_from_lib:libzmq.so\nrace:libzmq.so\n", "utf-8")
    monkeypatch.setenv("TSAN_OPTIONS", f"suppressions={tmp_path / 'passed_over'}")
    with talking(f"tcp://127.0.0.1:{running.ports[0]}", running.ports[1],
                 path=program("talk", "g++", "thread")) as talk:
        talk.ask("observe")
        talk.open("racer", rate=RATE, fps=FPS, pace="burst")
        talk.ask("file", "racer", speech_s16, 2 * RATE, 1)
        for sample in range(0, RATE, 400):
            talk.ask("at", "racer", sample)
        talk.ask("interrupt", "racer")
        talk.ask("reconnect")
        assert talk.wait("resumed", "racer")
        talk.ask("shutdown")
