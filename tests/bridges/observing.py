"""Another ear at the curves' socket: every frame that a character sends, in order."""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import zmq

from facerig.service import wire
from tests.live_service import Running

Seen = tuple[int, int, int, int, int]  # epoch, index, sample, flags, crc32 of the value bytes
PATIENCE_SECS = 30.0


class Observer:
    """Hears one subject in a thread of its own."""

    def __init__(self, service: Running, subject: str) -> None:
        self.frames: list[Seen] = []
        self.whole: list[wire.Frame] = []  # the same with their values
        self._hears = True
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket = self._context.socket(zmq.SUB)
        self._socket.setsockopt(zmq.RCVHWM, 0)
        self._socket.connect(service.service.curves_address)
        before = _subscriptions(service)
        self._socket.subscribe(wire.topic(subject))
        end = time.monotonic() + PATIENCE_SECS
        while _subscriptions(service) <= before:
            if time.monotonic() > end:
                raise TimeoutError("the subscription has not come")
            time.sleep(0.005)
        self._thread = threading.Thread(target=self._hear, daemon=True)
        self._thread.start()

    def wait_for(self, frame: Seen) -> None:
        """Until a frame has come here as well, or for a while."""
        end = time.monotonic() + PATIENCE_SECS
        while frame not in self.frames and time.monotonic() < end:
            time.sleep(0.01)

    def close(self) -> None:
        self._hears = False
        self._thread.join()
        self._socket.close(linger=0)
        self._context.term()

    def _hear(self) -> None:
        while self._hears:
            if not self._socket.poll(50):
                continue
            news = self._socket.recv_multipart()[-1]
            if news[:4] == wire.Frame.MAGIC:
                frame = wire.Frame.unpacked(news)
                self.whole.append(frame)
                self.frames.append((frame.epoch, frame.index, frame.sample, frame.flags,
                                    zlib.crc32(news[wire.Frame.HEADER.size:])))


def _subscriptions(service: Running) -> float:
    return service.service.tally.figures().get("subscriptions", 0)


@contextmanager
def observed(service: Running, subject: str) -> Iterator[Observer]:
    """An observer that hears already."""
    one = Observer(service, subject)
    try:
        yield one
    finally:
        one.close()
