"""What a page sent and its session has not done yet: checked when it comes, sound of one piece joined.

A session that fell behind then hears the sound that waits at once, which costs half of hearing it in 20 ms;
and a new stream makes sound of the old one void. A page that sends more than may wait is read no further
until there is room.
"""

from __future__ import annotations

import asyncio
import time

import numpy as np
from numpy.typing import NDArray

from facerig.browser.limits import Allowance, ClockNs, Limits
from facerig.browser.orders import Open, Wish, read_order, read_sound
from facerig.errors import ProtocolError

Samples = NDArray[np.int16]
Task = Open | Wish | Samples


class Inbox:
    """`put` by who reads the socket, `take` by who computes, both in one event loop.

    models: names that a page may ask for.
    """

    def __init__(self, models: tuple[str, ...], limits: Limits,
                 clock_ns: ClockNs = time.monotonic_ns) -> None:
        self._models, self._limits = models, limits
        self._wishes = Allowance(limits.wishes_per_sec, limits.wishes_at_once, clock_ns)
        self._streams = Allowance(limits.streams_per_sec, limits.streams_at_once, clock_ns)
        self._sound = Allowance(limits.sound_speed, limits.sound_at_once_secs, clock_ns)
        self._orders: list[Open | Wish | list[Samples]] = []
        self._rate = self._waiting = 0  # Hz of the last stream (0: none yet); samples of it that wait
        self._come, self._room = asyncio.Event(), asyncio.Event()
        self._room.set()

    async def put(self, message: str | bytes) -> None:
        """Note a message. Raises ProtocolError for one that no page of ours sends."""
        if isinstance(message, bytes):
            await self._room.wait()
            self._put_sound(read_sound(message))
        elif len(message) > self._limits.text_chars:
            raise ProtocolError(f"{len(message)} characters", where="live",
                                fix=f"send at most {self._limits.text_chars}")
        else:
            self._put_order(read_order(message, self._models))
        self._come.set()

    async def take(self) -> Task:
        """What is to be done next, once there is something."""
        while not self._orders:
            self._come.clear()
            await self._come.wait()
        first = self._orders.pop(0)
        if not isinstance(first, list):
            return first
        sound = np.concatenate(first)
        self._waiting -= len(sound)
        self._room.set()
        return sound

    def _put_order(self, order: Open | Wish) -> None:
        if isinstance(order, Open):
            _require(self._streams.take(1), "too many streams", "open fewer")
            self._rate, self._waiting = order.rate, 0
            self._orders.clear()  # whatever waits was for another stream
            self._room.set()
        else:
            _require(self._rate > 0, "there is no stream yet", "send open first")
            _require(self._wishes.take(1), "too many wishes", "send fewer a second")
        self._orders.append(order)

    def _put_sound(self, samples: Samples) -> None:
        _require(self._rate > 0, "there is no stream yet", "send open first")
        _require(self._sound.take(len(samples) / self._rate), "faster than sound", "send it as it plays")
        if self._orders and isinstance(self._orders[-1], list):
            self._orders[-1].append(samples)
        else:
            self._orders.append([samples])
        self._waiting += len(samples)
        if self._waiting > self._limits.waiting_secs * self._rate:
            self._room.clear()


def _require(kept: bool, what: str, fix: str) -> None:
    if not kept:
        raise ProtocolError(what, where="live", fix=fix)
