"""The client of the service for asyncio.

    async with facerig.connect_async() as service:
        anna = await service.open("anna", sample_rate=48_000, rig="arkit")
        anna.say_sound(samples)
        async for frame in anna.frames():
            show(dict(zip(anna.names, frame.values)))

One task reads and sends; everything happens in the loop that opened it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Self, Unpack

import zmq
import zmq.asyncio
from numpy.typing import ArrayLike

from facerig.errors import ConfigError, ProtocolError
from facerig.service import wire
from facerig.service.character import CharacterBase, OpenOptions, opening
from facerig.service.client import LOOPBACK, PATIENCE_SECS, QUEUE_SECS, TURN_MS
from facerig.service.connection import Connection
from facerig.service.conversation import Conversation, Spoken, nothing_came, raise_problem
from facerig.service.sockets import Address, Keys


class AsyncCharacter(CharacterBase):
    """One character of a service."""

    def __init__(self, talk: Conversation, client: AsyncClient) -> None:
        super().__init__(talk, client.changing, client.clock_ns)
        self._client = client

    async def stream(self, chunks: AsyncIterable[ArrayLike] | Iterable[ArrayLike], *,
                     flush: bool = True) -> int:
        """Speak sound as it comes; waits while a second of it is yet to be sent. Gives the sample it
        begins at."""
        begins = self.end
        async for chunk in _each(chunks):
            self.say_sound(chunk, flush=False)
            await self._client.wait(lambda: self._talk.over or self._talk.out.waiting_secs < QUEUE_SECS, None)
        if flush:
            self.flush()
        return begins

    async def frames(self, *, forever: bool = False,
                     timeout_secs: float = PATIENCE_SECS) -> AsyncIterator[wire.Frame]:
        """As `Character.frames`."""
        talk = self._talk
        talk.pulled, talk.idle_wanted = False, forever
        try:
            while True:
                if not await self._client.wait(lambda: self._frames_there(forever), timeout_secs):
                    raise nothing_came("frame", self.subject, timeout_secs)
                raise_problem(talk)
                if not talk.frames:
                    return
                while talk.frames:
                    yield talk.frames.popleft()
        finally:
            talk.idle_wanted = False

    async def sounds(self, *, timeout_secs: float = PATIENCE_SECS) -> AsyncIterator[Spoken]:
        """As `Character.sounds`."""
        while True:
            if not await self._client.wait(self._sound_there, timeout_secs):
                raise nothing_came("sound", self.subject, timeout_secs)
            piece = self._next_sound()
            if piece is None:
                return
            yield piece
            if piece.last:
                return


class AsyncClient:
    """A connection to a service, for any number of characters. Use it as an async context manager."""

    def __init__(self, address: Address, clock_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self.clock_ns = clock_ns
        self._address = address
        self._connection: Connection | None = None
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def open(self, subject: str, *, timeout_secs: float = PATIENCE_SECS,
                   **options: Unpack[OpenOptions]) -> AsyncCharacter:
        """As `Client.open`."""
        message = opening(subject, **options)
        with self.changing():
            talk = self._connected.link.open(message)
        answered = await self.wait(lambda: bool(talk.session or talk.over), timeout_secs)
        if not answered:
            with self.changing():
                talk.ended("timeout")
        raise_problem(talk)
        if not answered:
            raise self._connected.unanswered("connect_async")
        return AsyncCharacter(talk, self)

    async def statistics(self, *, timeout_secs: float = PATIENCE_SECS) -> dict[str, float]:
        """The service's figures by name. Raises ProtocolError where none come."""
        figures = self._connected.link.figures
        figures.clear()
        with self.changing():
            self._connected.link.ask_statistics()
        if not await self.wait(lambda: bool(figures), timeout_secs):
            raise ProtocolError(f"no figures came for {timeout_secs:g} s", where="statistics",
                                fix="see that the service runs")
        return figures[-1]

    @property
    def losses(self) -> int:
        """How often the connection was lost."""
        return self._connected.link.losses

    async def __aenter__(self) -> Self:
        self._connection = Connection(self._address, self.clock_ns)
        self._task = asyncio.create_task(self._run(), name="facerig-client")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self, *, timeout_secs: float = 1.0) -> None:
        """End all sessions; sound that was not sent stays unsent."""
        if self._connection is None or self._task is None:
            return
        try:
            with self.changing():
                talks = list(self._connection.link.conversations.values())
                for talk in talks:
                    talk.abandon()
            if not self._task.done():
                await self.wait(lambda: all(talk.over for talk in talks), timeout_secs)
        finally:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._connection.close()
            self._connection = self._task = None

    @property
    def _connected(self) -> Connection:
        if self._connection is None:
            raise ConfigError("is not connected", where="connect_async", fix="use it in `async with`")
        return self._connection

    # --- for characters

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Afterwards what is due is sent."""
        yield
        if self._connection is not None:
            self._connection.send_due()
            self._changed.set()

    async def wait(self, true: Callable[[], bool], timeout_secs: float | None) -> bool:
        """Until something is true; False if it never was. Raises ProtocolError where the connection is
        closed."""
        try:
            async with asyncio.timeout(timeout_secs):
                while not true():
                    task = self._task
                    if task is None or task.done():
                        failure = None if task is None or task.cancelled() else task.exception()
                        raise ProtocolError("the connection is closed", where="client",
                                            fix="connect again") from failure
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    async def _run(self) -> None:
        try:
            while True:
                sockets, poller = self._connected.sockets, zmq.asyncio.Poller()
                for one in (sockets.control, sockets.curves, sockets.monitor):
                    poller.register(one, zmq.POLLIN)
                await poller.poll(TURN_MS)
                self._connected.turn()
                self._changed.set()
        finally:
            self._changed.set()


async def _each(chunks: AsyncIterable[ArrayLike] | Iterable[ArrayLike]) -> AsyncIterator[ArrayLike]:
    if isinstance(chunks, AsyncIterable):
        async for chunk in chunks:
            yield chunk
    else:
        for chunk in chunks:
            yield chunk


def connect_async(address: str = LOOPBACK, *, curves_port: int | None = None,
                  keys: Keys | None = None) -> AsyncClient:
    """As `connect`, for `async with`."""
    return AsyncClient(Address.of(address, curves_port, keys))
