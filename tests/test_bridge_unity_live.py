"""The Unity package with a service that runs, with one that comes back, and with others on its ports."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
import zmq

from tests.bridges.unity import PATIENCE_SECS, done, program, scene, told
from tests.live_service import Running, running_service
from tests.services import as_s16, speech
from tools.bridges.programs import REPO

GREETING = (b"\xff" + 8 * b"\0" + b"\x7f" + b"\x03\x01" + b"NULL".ljust(20, b"\0")).ljust(64, b"\0")


def ready(kind: bytes) -> bytes:
    """READY as it goes over the wire."""
    body = b"\x05READY\x0bSocket-Type" + len(kind).to_bytes(4, "big") + kind
    return bytes([4, len(body)]) + body


RANDOM = bytes(np.random.default_rng(0).integers(0, 256, 4096, np.uint8))
# who sits there      what it says to whoever comes                         what the user is told
STRANGERS = {
    "of the web":     (b"HTTP/1.1 400 Bad Request\r\n\r\n",                 "no ZeroMQ"),
    "old":            (b"\xff" + 8 * b"\0" + b"\x7f\x01",                   "old ZeroMQ"),
    "with keys":      (GREETING.replace(b"NULL\0", b"CURVE"),               "CURVE"),
    "random":         (GREETING + RANDOM,                                   "no ZMTP"),
    "of curves":      (GREETING + ready(b"XPUB"),                           "not that of control"),
    "too hasty":      (GREETING + b"\0\x01a",                               "before READY"),
    "with no end":    (GREETING + b"\x02" + (1 << 40).to_bytes(8, "big"),   "too large"),
    "endless":        (GREETING + ready(b"ROUTER") + b"\x01\0" * 17,        "too many parts"),
    "saying little":  (GREETING + ready(b"ROUTER") + b"\0\x01\xc1",         "silent"),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "speech.s16"
    path.write_bytes(as_s16(speech(4.0)))
    return path


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with running_service() as service:
        yield service


# --- the layer above the engine


def test_a_character_speaks_a_clip(running: Running, sound: Path) -> None:
    """At each picture the program compares all blendshapes with the face; here: it speaks."""
    got = told(scene("voice"), *running.ports, sound)
    assert got["speaking"] > 90
    assert got["widest"] > 5  # percent of the jaw
    assert got["lost"] == 0


def test_a_character_speaks_what_a_microphone_hears(running: Running, sound: Path) -> None:
    assert told(scene("microphone"), *running.ports, sound)["widest"] > 5


def test_a_character_is_interrupted(running: Running, sound: Path) -> None:
    """The program sees the mouth close, and the voice stop."""
    assert told(scene("interrupt"), *running.ports, sound)["speaking"] > 30


def test_a_character_is_switched_off_and_on(running: Running, sound: Path) -> None:
    assert told(scene("again"), *running.ports, sound)["speaking"] > 90


# --- the core


def test_all_frames_come_without_a_gap(running: Running, sound: Path) -> None:
    got = told(program("bench"), "listen", *running.ports, sound, 3)
    assert got["frames"] > 0
    assert (got["gaps"], got["drift_samples"]) == (0, 0)
    assert got["allocated_bytes_per_frame"] < 256  # of all threads, after two seconds of warming up


def test_it_goes_on_when_the_service_comes_back(sound: Path) -> None:
    """Another service knows nobody: the session is opened anew, and frames follow the sound that plays."""
    with running_service() as service:
        command = [*program("endure").command, *map(str, service.ports), str(sound)]
        with subprocess.Popen(command, cwd=REPO, text=True, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as one:
            stdin, stdout = one.stdin, one.stdout
            assert stdin is not None
            assert stdout is not None
            watchdog = threading.Timer(PATIENCE_SECS, one.kill)
            watchdog.start()

            def happens(event: str) -> int:
                got = json.loads(stdout.readline())
                assert got["event"] == event
                return int(got["ahead"])

            happens("opened")
            first = happens("faces")
            service.stop()
            happens("lost")
            service.start()
            happens("opened")
            second = happens("faces")
            stdin.close()
            end = json.loads(stdout.readlines()[-1])
            watchdog.cancel()
            assert one.wait(PATIENCE_SECS) == 0
    assert end["losses"] >= 1
    assert end["garbage"] == 0
    assert 0 <= first <= second <= end["end"]


# --- others on its ports


@contextmanager
def stranger(says: bytes) -> Iterator[int]:
    """Somebody on a port, who says the same to whoever comes, and hears nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept: list[socket.socket] = []

        def answer() -> None:
            with suppress(OSError):
                while True:
                    one, _ = server.accept()
                    kept.append(one)
                    one.sendall(says)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
        for one in kept:
            one.close()


@pytest.mark.parametrize("who", STRANGERS)
def test_whoever_is_there_is_named(who: str) -> None:
    says, what = STRANGERS[who]
    with stranger(says) as port, stranger(b"") as curves:
        assert what in told(program("knock"), port, curves, what)["problem"]


def test_nobody_is_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert "nobody answers" in told(program("knock"), port, port, "nobody answers")["problem"]


def test_libzmq_with_keys_is_told_from_one_without() -> None:
    """The real thing, not our idea of it."""
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        router.linger = 0
        _, router.curve_secretkey = zmq.curve_keypair()
        router.curve_server = True
        port = router.bind_to_random_port("tcp://127.0.0.1")
        assert "CURVE" in told(program("knock"), port, port, "CURVE")["problem"]


def test_another_machine_must_be_wished_for() -> None:
    """There are no keys: its sound would go through the network for all to hear."""
    end = done(program("knock"), 1, 1, "", "192.0.2.1")
    assert end.returncode == 1
    assert "another machine" in end.stderr


def test_ports_are_checked() -> None:
    for port in ("0", "70000"):
        end = done(program("knock"), port, 2, "")
        assert end.returncode == 1
        assert "is no address" in end.stderr

