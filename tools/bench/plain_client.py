"""The least that speaks to a service: two sockets and no memory. What a client does by itself must be done
here."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

import numpy as np

from facerig.errors import FacerigError
from facerig.service import wire
from tools.bench.two_ports import TwoPorts

PATIENCE_SECS: Final = 60.0
R = TypeVar("R", bound=wire.Reply)


class PlainClient(TwoPorts):
    """Connected to a service's two ports; `subjects`: whose frames it hears."""

    def __init__(self, control_port: int, curves_port: int, *subjects: str) -> None:
        super().__init__(control_port, curves_port)
        for subject in subjects:
            self.curves.subscribe(wire.topic(subject))
        self.schemas = 0
        self.frames: list[wire.Frame] = []

    def tell(self, message: wire.Request) -> None:
        """Send and do not wait."""
        self.control.send(wire.encoded(message))

    def ask(self, message: wire.Request, kind: type[R]) -> R:
        """The reply of that kind. Raises FacerigError for a refusal, or where none comes."""
        self.tell(message)
        until = time.monotonic() + PATIENCE_SECS
        while (left := until - time.monotonic()) > 0:
            if self.control.poll(int(1000 * left)):
                reply = wire.reply(self.control.recv())
                if isinstance(reply, kind):
                    return reply
                if isinstance(reply, wire.Refusal):
                    raise FacerigError(f"{reply.code}: {reply.what}", where=reply.where, fix=reply.fix)
        raise FacerigError(f"no {kind.__name__} came", where="plain client", fix="see what the service wrote")

    def open(self, asked: wire.Open | wire.Resume) -> wire.Opened:
        """A session, or one taken over; its subscription has arrived."""
        opened, before = self.ask(asked, wire.Opened), self.schemas
        self.hear(lambda: self.schemas > before)
        return opened

    def say(self, session: int, samples: np.ndarray, at: int = 0) -> int:
        """16-bit samples as the next sound, which begins at sample `at`; gives the one behind it."""
        self.tell(wire.Audio(session=session, at=at, data=samples.astype("<i2").tobytes()))
        return at + len(samples)

    def hear(self, enough: Callable[[], bool], secs: float = PATIENCE_SECS) -> bool:
        """Keep the frames that come until there are enough, or time is up; says whether there are."""
        until = time.monotonic() + secs
        while not enough() and (left := until - time.monotonic()) > 0:
            if self.curves.poll(min(50, int(1000 * left))):
                news = wire.published(self.curves.recv_multipart()[1])
                if isinstance(news, wire.Frame):
                    self.frames.append(news)
                else:
                    self.schemas += 1
        return enough()
