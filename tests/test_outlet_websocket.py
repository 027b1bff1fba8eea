"""WebSocket frames to real clients, and whom the door does not open to."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.core.channels import NAMES
from facerig.errors import ConfigError
from facerig.outlets import Posed, open_outlet
from facerig.outlets.opening import Defaults
from facerig.outlets.websocket import MOST_RECEIVERS, Gate, WebSocketOutlet
from facerig.service.wire import Frame
from tests.random_faces import face

client = pytest.importorskip("websockets.sync.client")
closed = pytest.importorskip("websockets.exceptions")
FPS = Fraction(60)


@contextmanager
def serving(*, token: str | None = None, origins: tuple[str, ...] = (), binary: bool = False
            ) -> Iterator[WebSocketOutlet]:
    gate = Gate(host="127.0.0.1", origins=origins, token=token)
    outlet = WebSocketOutlet(gate, 0, subject="anna", rig=None, names=NAMES, fps=FPS, name="ws://127.0.0.1",
                             binary=binary)
    try:
        yield outlet
    finally:
        outlet.close()


def until(true: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    end = time.monotonic() + 5
    while not true() and time.monotonic() < end:
        time.sleep(0.002)
    assert true()


def posed(index: int, jaw: float = 0.5) -> Posed:
    return Posed(index, index * 800, FPS, face(jawOpen=jaw), {})


def answer(outlet: WebSocketOutlet, *headers: str, path: str = "/") -> int:
    """The HTTP status of a handshake with these headers, written by hand."""
    asked = [f"GET {path} HTTP/1.1", *headers, "Upgrade: websocket", "Connection: Upgrade",
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "", ""]
    with socket.create_connection(("127.0.0.1", outlet.port), 5) as there:
        there.sendall("\r\n".join(asked).encode())
        return int(there.recv(4096).split()[1])


def test_a_client_gets_the_schema_and_then_frames() -> None:
    with serving() as outlet, client.connect(outlet.url) as there:
        assert json.loads(there.recv(5)) == {"type": "schema", "subject": "anna", "rig": "livelink",
                                             "fps": [60, 1], "curves": list(NAMES)}
        until(lambda: outlet.receivers == 1)
        outlet.send(posed(7, 0.123456789))
        told = json.loads(there.recv(5))
    assert (told["type"], told["index"], told["sample"]) == ("frame", 7, 5600)
    assert dict(zip(NAMES, told["values"], strict=True)) == {name: 0.12346 if name == "jawOpen" else 0
                                                            for name in NAMES}


def test_binary_frames_are_the_services() -> None:
    with serving(binary=True) as outlet, client.connect(outlet.url) as there:
        assert json.loads(there.recv(5))["type"] == "schema"
        until(lambda: outlet.receivers == 1)
        outlet.send(posed(3))
        frame = Frame.unpacked(there.recv(5))
    assert (frame.epoch, frame.index, frame.sample) == (0, 3, 2400)
    assert np.array_equal(frame.values, face(jawOpen=0.5))


def test_only_this_machines_pages_and_those_allowed_may_connect() -> None:
    with serving(origins=("https://game.example",)) as outlet:
        here = f"Host: 127.0.0.1:{outlet.port}"
        for headers, status in [
            ((here,), 101),
            ((f"Host: localhost:{outlet.port}",), 101),
            ((here, "Origin: http://localhost:8080"), 101),
            ((here, "Origin: https://game.example"), 101),
            ((here, "Origin: https://evil.example"), 403),
            ((here, "Origin: http://127.0.0.1.evil.example"), 403),
            ((here, "Origin: null"), 403),
            ((here, "Origin: http://[::"), 403),
            ((f"Host: evil.example:{outlet.port}",), 403),  # a name that was bound to this machine
            ((here, here), 403),
            ((), 403),
        ]:
            assert answer(outlet, *headers) == status, headers


def test_a_token_must_be_told() -> None:
    with serving(token="s3cret-ä") as outlet:
        here = f"Host: 127.0.0.1:{outlet.port}"
        asked = ("/", "/?token=", "/?token=s3cret", "/?token=s3cret-%C3%A4")
        assert [answer(outlet, here, path=path) for path in asked] == [403, 403, 403, 101]
        with client.connect(outlet.url) as there:
            assert there.recv(5)


@settings(max_examples=200, deadline=None)
@given(st.none() | st.text(max_size=30), st.none() | st.text(max_size=30), st.text(max_size=30))
def test_the_door_answers_anything(host: str | None, origin: str | None, path: str) -> None:
    assert Gate(host="127.0.0.1", token="x").refusal(host, origin, path) is not None


def test_who_says_something_is_sent_away_and_others_stay() -> None:
    with serving() as outlet, client.connect(outlet.url) as talker, client.connect(outlet.url) as quiet:
        talker.recv(5)
        quiet.recv(5)
        until(lambda: outlet.receivers == 2)
        talker.send("hello")
        with pytest.raises(closed.ConnectionClosed):
            talker.recv(5)
        until(lambda: outlet.receivers == 1)
        outlet.send(posed(1))
        assert json.loads(quiet.recv(5))["index"] == 1


def test_a_receiver_that_does_not_read_loses_frames_and_holds_up_nobody() -> None:
    with serving() as outlet:
        deaf = socket.create_connection(("127.0.0.1", outlet.port), 5)
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{outlet.port}\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                     "Sec-WebSocket-Version: 13\r\n\r\n".encode())
        with client.connect(outlet.url) as there:
            there.recv(5)
            until(lambda: outlet.receivers == 2)
            for k in range(20_000):
                outlet.send(posed(k))
            last = 0
            while last < 19_999:  # some may be lost on a busy machine, never the last
                last = json.loads(there.recv(5))["index"]
        deaf.close()
        until(lambda: outlet.receivers == 0)
        assert outlet.lost > 1000


def test_there_is_room_for_so_many_and_no_more() -> None:
    with serving() as outlet, ExitStack() as there:
        for _ in range(MOST_RECEIVERS):
            there.enter_context(client.connect(outlet.url)).recv(5)
        until(lambda: outlet.receivers == MOST_RECEIVERS)
        assert answer(outlet, f"Host: 127.0.0.1:{outlet.port}") == 503


def test_garbage_on_the_port_harms_nobody() -> None:
    rng = np.random.default_rng(0)
    with serving() as outlet, client.connect(outlet.url) as there:
        there.recv(5)
        for size in (0, 1, 100, 5000):
            with socket.create_connection(("127.0.0.1", outlet.port), 5) as noisy:
                noisy.sendall(rng.bytes(size))
        outlet.send(posed(5))
        assert json.loads(there.recv(5))["index"] == 5


def test_listening_to_others_must_be_asked_for() -> None:
    with pytest.raises(ConfigError, match="--insecure"):
        open_outlet("ws://0.0.0.0:15690")
    with serving() as taken, pytest.raises(ConfigError, match="cannot listen"):
        open_outlet(f"ws://127.0.0.1:{taken.port}", Defaults(insecure=True))
