"""A service without an engine, for tests of clients: it checks what it is sent, and its faces are the
sound itself.

A frame's one value is the sample that it belongs to, as the sound holds it: sound that counts its samples
shows in every frame whether it is the right one.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import zmq

from facerig.service import wire

RATE, FPS, LOOKAHEAD, CREDIT = 16_000, 50, 1_600, 8_000
STEP = RATE // FPS


def counted(n: int, start: int = 0) -> np.ndarray:
    """Sound whose samples say where they stand."""
    return ((np.arange(start, start + n)) % 30_000).astype(np.int16)


@dataclass
class FakeSession:
    """A session as the service has it."""

    number: int
    subject: str
    sound: list[int] = field(default_factory=list)
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    epoch: int = 0
    first: int = 0  # sample that `sound` begins at
    shown: int = 0  # next sample with a frame
    index: int = 0
    limit: int = CREDIT
    directions: list[wire.Direct] = field(default_factory=list)
    flushes: list[int] = field(default_factory=list)

    @property
    def received(self) -> int:
        return self.first + len(self.sound)

    @property
    def schema(self) -> wire.Schema:
        return wire.Schema(subject=self.subject, rig="livelink", fps=[FPS, 1], sample_rate=RATE,
                           latency_samples=LOOKAHEAD,
                           curves=[wire.Curve(name="jawOpen", low=0.0, high=30_000.0)])

    def frames(self, until: int, last: bool = False) -> list[wire.Frame]:
        """Frames of the samples before `until`."""
        out = []
        while self.shown < until:
            value = np.array([self.sound[self.shown - self.first]], np.float32)
            flags = wire.Frame.LAST if last and self.shown + STEP >= until else 0
            out.append(wire.Frame(self.epoch, self.index, self.shown, value, flags))
            self.shown, self.index = self.shown + STEP, self.index + 1
        return out


class FakeService:
    """On ports of the system's choice; `die` closes the sockets without a word, `live` opens them again
    there."""

    def __init__(self, secret_key: bytes | None = None) -> None:
        self.secret_key = secret_key  # CURVE, if one is given
        self.sessions: dict[int, FakeSession] = {}
        self.log: list[wire.Request] = []
        self.wrong: list[str] = []
        self.refuse: wire.Refusal | None = None  # of the next `open`
        self.noise: list[tuple[bytes | None, bytes]] = []
        self._callers: set[bytes] = set()
        self.ports: tuple[int, int] = (0, 0)
        self._thread: threading.Thread | None = None
        self.live()

    def live(self) -> None:
        self._stop = threading.Event()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(5)

    def die(self, *, forget: bool = False) -> None:
        self._stop.set()
        assert self._thread is not None
        self._thread.join(5)
        if forget:
            self.sessions.clear()

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.ports[0]}"

    @property
    def newest(self) -> FakeSession:
        """The session that was opened last."""
        return list(self.sessions.values())[-1]

    def _run(self, ready: threading.Event) -> None:
        context: zmq.Context = zmq.Context()
        self._control, self._curves = context.socket(zmq.ROUTER), context.socket(zmq.XPUB)
        for socket in (self._control, self._curves):
            socket.setsockopt(zmq.LINGER, 0)
            if self.secret_key is not None:
                socket.curve_server, socket.curve_secretkey = True, self.secret_key
        for socket, port in zip((self._control, self._curves), self.ports, strict=True):
            socket.bind(f"tcp://127.0.0.1:{port or '*'}")
        self.ports = _port(self._control), _port(self._curves)
        poller = zmq.Poller()
        poller.register(self._control, zmq.POLLIN)
        poller.register(self._curves, zmq.POLLIN)
        ready.set()
        try:
            self._serve(poller)
        except Exception as problem:
            self.wrong.append(repr(problem))
            raise
        finally:
            self._control.close(0)
            self._curves.close(0)
            context.term()

    def _serve(self, poller: zmq.Poller) -> None:
        while not self._stop.is_set():
            self._speak_up()
            for socket, _ in poller.poll(5):
                if socket is self._curves:
                    self._subscribed(self._curves.recv())
                else:
                    identity, data = self._control.recv_multipart()
                    self._callers.add(identity)
                    self._answer(identity, wire.request(data))

    def _speak_up(self) -> None:
        """Say what a test wants said: bytes for everybody who ever spoke, on either socket."""
        while self.noise:
            topic, data = self.noise.pop()
            if topic is None:
                for identity in self._callers:
                    self._control.send_multipart([identity, data])
            else:
                self._curves.send_multipart([topic, data])

    def _subscribed(self, message: bytes) -> None:
        for one in self.sessions.values():
            if message[:1] == b"\1" and message[1:] == wire.topic(one.subject):
                self._publish(one, wire.encoded(one.schema))

    def _publish(self, one: FakeSession, data: bytes) -> None:
        self._curves.send_multipart([wire.topic(one.subject), data])

    def _send(self, identity: bytes, *answers: wire.Reply) -> None:
        for answer in answers:
            self._control.send_multipart([identity, wire.encoded(answer)])

    def _answer(self, identity: bytes, message: wire.Request) -> None:
        self.log.append(message)
        if isinstance(message, wire.Open):
            if self.refuse is not None:
                self._send(identity, self.refuse)
                self.refuse = None
                return
            one = FakeSession(len(self.log), message.subject)
            self.sessions[one.number] = one
            self._publish(one, wire.encoded(one.schema))
            self._send(identity, self._opened(one))
        elif isinstance(message, wire.Resume):
            known = [one for one in self.sessions.values() if one.token == message.token]
            self._send(identity, self._opened(known[0]) if known else
                       wire.Refusal(code="token", what="no session has this token"))
        elif isinstance(message, wire.Ping):
            self._send(identity, wire.Pong(number=message.number))
        elif isinstance(message, wire.AskStatistics):
            self._send(identity, wire.Statistics(figures={"sessions": float(len(self.sessions))}))
        elif message.session not in self.sessions:
            self._send(identity, wire.Refusal(code="session", what="no such session",
                                              session=message.session))
        else:
            self._of_session(identity, self.sessions[message.session], message)

    def _of_session(self, identity: bytes, one: FakeSession, message: wire.Request) -> None:
        if isinstance(message, wire.Audio):
            sound = np.frombuffer(message.data, "<i2").tolist()
            if message.epoch != one.epoch:
                return
            if message.at > one.received:
                self.wrong.append(f"gap: {message.at} after {one.received}")
            if message.at + len(sound) > one.limit:
                self.wrong.append(f"beyond credit: {message.at + len(sound)} > {one.limit}")
            if message.at + len(sound) > one.received:
                one.sound += sound[one.received - message.at:]
            self._show(one, one.frames(one.received - LOOKAHEAD))
        elif isinstance(message, wire.Flush):
            one.flushes.append(one.received)
            self._show(one, one.frames(one.received, last=True))
        elif isinstance(message, wire.Direct):
            one.directions.append(message)
        elif isinstance(message, wire.Interrupt):
            one.epoch, one.first, one.sound, one.shown = one.epoch + 1, one.received, [], one.received
            self._send(identity, wire.Interrupted(session=one.number, epoch=one.epoch, at=one.first))
            rest = np.zeros(1, np.float32)
            self._show(one, [wire.Frame(one.epoch, one.index + k, -1, rest, wire.Frame.IDLE)
                             for k in range(3)])
            one.index += 3
        elif isinstance(message, wire.Close):
            self._send(identity, wire.Closed(session=one.number))
            del self.sessions[one.number]
            return
        elif isinstance(message, wire.Say):
            sound = counted(3200, one.received)
            self._send(identity, wire.Spoken(session=one.number, epoch=one.epoch, at=one.received,
                                             data=sound.tobytes(), last=True))
            one.sound += sound.tolist()
            self._show(one, one.frames(one.received, last=True))
        one.limit = one.received + CREDIT
        self._send(identity, wire.Progress(session=one.number, epoch=one.epoch, received=one.received,
                                           animated=one.shown, credit=CREDIT))

    def _show(self, one: FakeSession, frames: list[wire.Frame]) -> None:
        for frame in frames:
            self._publish(one, frame.packed())

    def _opened(self, one: FakeSession) -> wire.Opened:
        one.limit = one.received + CREDIT
        return wire.Opened(session=one.number, token=one.token, schema=one.schema, epoch=one.epoch,
                           received=one.received, credit=CREDIT)


@contextmanager
def fake_service() -> Iterator[FakeService]:
    """One while the caller needs it; it was sent nothing wrong."""
    service = FakeService()
    yield service
    service.die()
    assert not service.wrong


def _port(socket: zmq.Socket) -> int:
    return int(socket.getsockopt_string(zmq.LAST_ENDPOINT).rsplit(":", 1)[1])
