"""A service on loopback whose clock the test turns, and the smallest client that speaks to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import zmq

from facerig.service import wire
from facerig.service.limits import Limits, ServiceSettings
from facerig.service.server import Service

MS = 1_000_000
STEP_NS = 5 * MS
MARK = b"/all that was sent before has come"


class Stage:
    """A service that runs only while somebody waits for it, in the test's own thread."""

    def __init__(self, **limits: Any) -> None:
        self.now_ns = 10**15
        settings = ServiceSettings(control_port=0, curves_port=0, models=("live",), limits=Limits(**limits))
        self.service = Service(settings, clock_ns=lambda: self.now_ns)
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.sockets: list[zmq.Socket[bytes]] = []

    def socket(self, kind: int, address: str) -> zmq.Socket[bytes]:
        """A client's, connected."""
        self.sockets.append(self.context.socket(kind))
        self.sockets[-1].connect(address)
        return self.sockets[-1]

    def client(self) -> Client:
        return Client(self)

    def subscriber(self, *subjects: str) -> Subscriber:
        return Subscriber(self, subjects)

    def work(self) -> None:
        """What has been heard is done; no time passes."""
        self.service._round_ns = 0
        self.service.tick()

    def pass_secs(self, secs: float, step_ns: int = STEP_NS) -> None:
        """Time passes, and the service does what it does in it."""
        end_ns = self.now_ns + int(secs * 1e9)
        while self.now_ns < end_ns:
            self.now_ns = min(end_ns, self.now_ns + step_ns)
            self.service._round_ns = 0  # however long the last took
            self.service.tick()
            while self.service._left:
                self.service.tick()

    @property
    def figures(self) -> dict[str, float]:
        return self.service.roster.figures()


@contextmanager
def stage(**limits: Any) -> Iterator[Stage]:
    one = Stage(**limits)
    try:
        yield one
    finally:
        for socket in one.sockets:
            socket.close(linger=0)
        one.context.term()
        one.service.close()


class Client:
    """A connection for messages."""

    def __init__(self, of: Stage) -> None:
        self.stage = of
        self.socket = of.socket(zmq.DEALER, of.service.control_address)
        self.kept: list[wire.Reply] = []

    def send(self, message: Any) -> None:
        """Sent, and heard by the service; no time passes."""
        self.put(message)
        self._until(lambda reply: isinstance(reply, wire.Pong))
        self.stage.work()

    def put(self, message: Any) -> None:
        """Sent: it will be heard some time."""
        self.socket.send(message if isinstance(message, bytes) else wire.encoded(message))

    def replies(self) -> list[wire.Reply]:
        """What has been told since the last time."""
        self._until(lambda reply: isinstance(reply, wire.Pong))
        kept, self.kept = self.kept, []
        return kept

    def ask(self, message: Any, kind: type[Any] | None = None) -> Any:
        """The next reply of that kind (None: any) to a message."""
        self.put(message)
        return self._until(lambda reply: kind is None or isinstance(reply, kind | wire.Refusal))

    def _until(self, fits: Callable[[wire.Reply], bool]) -> wire.Reply:
        """The next reply that fits; to a ping, so that there is always one and all before it was heard."""
        self.put(wire.Ping())
        found, ponged = None, False
        for _ in range(1_000):
            self.stage.service.tick(5)
            while self.socket.poll(0):
                reply = wire.reply(self.socket.recv())
                ponged = ponged or isinstance(reply, wire.Pong)
                if found is None and fits(reply):
                    found = reply
                elif not isinstance(reply, wire.Pong):
                    self.kept.append(reply)
            if found is not None and ponged:
                return found
        raise TimeoutError("no reply")

    def open(self, subject: str = "anna", **how: Any) -> wire.Opened:
        opened: wire.Opened = self.ask(wire.Open(subject=subject, **how), wire.Opened)
        return opened

    def refused(self, message: Any) -> wire.Refusal:
        reply = self.ask(message)
        assert isinstance(reply, wire.Refusal), reply
        return reply

    def sound(self, session: wire.Opened, samples: np.ndarray, at: int = 0, epoch: int = 0) -> None:
        """Sent at once, and heard."""
        self.send(wire.Audio(session=session.session, at=at, epoch=epoch, data=as_s16(samples)))

    def drop(self) -> None:
        """The connection is lost."""
        self.socket.close(linger=0)
        time.sleep(0.05)


class Subscriber:
    """Curves, as they come."""

    def __init__(self, of: Stage, subjects: tuple[str, ...]) -> None:
        self.stage = of
        self.socket = of.socket(zmq.SUB, of.service.curves_address)
        self.socket.setsockopt(zmq.RCVTIMEO, 5_000)
        for topic in [MARK, *map(wire.topic, subjects)]:
            self.socket.subscribe(topic)
        self.schemas: list[wire.Schema] = []
        self.marks = 0
        before = of.service.tally.figures().get("subscriptions", 0)
        while of.service.tally.figures().get("subscriptions", 0) <= before + len(subjects):
            of.service.tick(5)

    def frames(self) -> list[wire.Frame]:
        """What has come since the last time."""
        self.marks += 1
        mark = f"{id(self)} {self.marks}".encode()
        self.stage.service._publish(MARK, mark)
        out = []
        while (parts := self.socket.recv_multipart()) != [MARK, mark]:
            if parts[0] == MARK:
                continue
            got = wire.published(parts[1])
            if isinstance(got, wire.Schema):
                self.schemas.append(got)
            else:
                out.append(got)
        return out


def as_s16(samples: np.ndarray) -> bytes:
    return samples.astype("<i2").tobytes()


def speech(secs: float, rate: int = 16_000, seed: int = 0) -> np.ndarray:
    """Made-up speech as 16-bit samples."""
    from tests.streams import made_up_speech

    return np.clip(made_up_speech(secs, rate, seed) * 32_768, -32_768, 32_767).astype(np.int16)


def values(frames: list[wire.Frame]) -> np.ndarray:
    return np.stack([frame.values for frame in frames])
