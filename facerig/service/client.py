"""The client of the service.

    with facerig.connect() as service:
        anna = service.open("anna", sample_rate=48_000, rig="arkit")
        anna.say_sound(samples)
        for frame in anna.frames():
            show(dict(zip(anna.names, frame.values)))

A thread in the background reads and sends. After a lost connection it opens another one and goes on where
it was.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, Self, Unpack

import zmq
from numpy.typing import ArrayLike

from facerig.errors import ProtocolError
from facerig.service import wire
from facerig.service.character import CharacterBase, OpenOptions, opening
from facerig.service.connection import Connection
from facerig.service.conversation import Conversation, Spoken, nothing_came, raise_problem
from facerig.service.sockets import Address, Keys

LOOPBACK: Final = "tcp://127.0.0.1"
TURN_MS: Final = 100  # that the thread waits at most: pings and retries need no more
QUEUE_SECS: Final = 1.0  # of sound that `stream` lets wait
PATIENCE_SECS: Final = 10.0  # without a frame that is due


class Character(CharacterBase):
    """One character of a service; its methods may be called from any thread."""

    def __init__(self, talk: Conversation, client: Client) -> None:
        super().__init__(talk, client.changing, client.clock_ns)
        self._client = client

    def stream(self, chunks: Iterable[ArrayLike], *, flush: bool = True) -> int:
        """Speak sound as it comes; waits while a second of it is yet to be sent. Gives the sample it
        begins at."""
        begins = self.end
        for chunk in chunks:
            self.say_sound(chunk, flush=False)
            self._client.wait(lambda: self._talk.over or self._talk.out.waiting_secs < QUEUE_SECS, None)
        if flush:
            self.flush()
        return begins

    def frames(self, *, forever: bool = False, timeout_secs: float = PATIENCE_SECS) -> Iterator[wire.Frame]:
        """Every frame as it comes, until what was said is over; forever: idle life too, until the session
        is closed.

        Read a character by this or by `at`. Raises ProtocolError where none comes for `timeout_secs`.
        """
        talk = self._talk
        talk.pulled, talk.idle_wanted = False, forever
        try:
            while True:
                if not self._client.wait(lambda: self._frames_there(forever), timeout_secs):
                    raise nothing_came("frame", self.subject, timeout_secs)
                with self._changing():
                    raise_problem(talk)
                    ready = list(talk.frames)
                    talk.frames.clear()
                if not ready:
                    return
                yield from ready
        finally:
            talk.idle_wanted = False

    def sounds(self, *, timeout_secs: float = PATIENCE_SECS) -> Iterator[Spoken]:
        """The sound of a text that the service speaks, piece by piece, up to the end of the text."""
        while True:
            if not self._client.wait(self._sound_there, timeout_secs):
                raise nothing_came("sound", self.subject, timeout_secs)
            with self._changing():
                piece = self._next_sound()
            if piece is None:
                return
            yield piece
            if piece.last:
                return


class Client:
    """A connection to a service, for any number of characters and threads. Use it as a context manager."""

    def __init__(self, address: Address, clock_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self.clock_ns = clock_ns
        self._changed = threading.Condition()
        self._connection = Connection(address, clock_ns)
        self._woken, self._waker = socket.socketpair()
        for end in (self._woken, self._waker):
            end.setblocking(False)
        self._running = True
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="facerig-client", daemon=True)
        self._thread.start()

    def open(self, subject: str, *, timeout_secs: float = PATIENCE_SECS,
             **options: Unpack[OpenOptions]) -> Character:
        """Begin a session for a character. Raises ConfigError for wrong options or where no service answers,
        ProtocolError for what the service refuses."""
        message = opening(subject, **options)
        with self.changing():
            talk = self._connection.link.open(message)
        answered = self.wait(lambda: bool(talk.session or talk.over), timeout_secs)
        with self.changing():
            if not answered:
                talk.ended("timeout")
        raise_problem(talk)
        if not answered:
            raise self._connection.unanswered("connect")
        return Character(talk, self)

    def statistics(self, *, timeout_secs: float = PATIENCE_SECS) -> dict[str, float]:
        """The service's figures by name. Raises ProtocolError where none come."""
        figures = self._connection.link.figures
        with self.changing():
            figures.clear()
            self._connection.link.ask_statistics()
        if not self.wait(lambda: bool(figures), timeout_secs):
            raise ProtocolError(f"no figures came for {timeout_secs:g} s", where="statistics",
                                fix="see that the service runs")
        return figures[-1]

    @property
    def losses(self) -> int:
        """How often the connection was lost."""
        return self._connection.link.losses

    def close(self, *, timeout_secs: float = 1.0) -> None:
        """End all sessions; sound that was not sent stays unsent."""
        if not self._running:
            return
        with self.changing():
            talks = list(self._connection.link.conversations.values())
            for talk in talks:
                talk.abandon()
        with suppress(ProtocolError):
            self.wait(lambda: all(talk.over for talk in talks), timeout_secs)
        self._running = False
        self._wake()
        self._thread.join()
        self._connection.close()
        self._woken.close()
        self._waker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- for characters

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Nobody else changes anything meanwhile; afterwards the thread sends what is due."""
        with self._changed:
            yield
        self._wake()

    def wait(self, true: Callable[[], bool], timeout_secs: float | None) -> bool:
        """Until something is true; False if it never was. Raises ProtocolError where the connection is
        closed."""
        with self._changed:
            done = self._changed.wait_for(lambda: true() or not self._thread.is_alive(), timeout_secs)
            if done and not true():
                raise ProtocolError("the connection is closed", where="client",
                                    fix="connect again") from self._failure
            return done

    def _wake(self) -> None:
        with suppress(BlockingIOError, OSError):  # it is awake, or gone
            self._waker.send(b".")

    def _run(self) -> None:
        try:
            while self._running:
                self._pause()
                with self._changed:
                    self._connection.turn()
                    self._changed.notify_all()
        except BaseException as failure:  # every call that waits reports it
            self._failure = failure
        finally:
            self._running = False
            with self._changed:
                self._changed.notify_all()

    def _pause(self) -> None:
        """Until something comes, or somebody wants something."""
        sockets, poller = self._connection.sockets, zmq.Poller()
        for one in (sockets.control, sockets.curves, sockets.monitor, self._woken):
            poller.register(one, zmq.POLLIN)
        poller.poll(TURN_MS)
        with suppress(BlockingIOError):
            while self._woken.recv(4096):
                pass


def connect(address: str = LOOPBACK, *, curves_port: int | None = None,
            keys: Keys | None = None) -> Client:
    """A client of the service at `address`: tcp://host, or tcp://host:port of its control socket. The
    curves' port is the next one unless it is given. keys: for a service beyond this machine: the file that
    `facerig keys new` wrote for this client, or `ClientKeys`.

    It connects in the background; `open` says if nobody answers. Raises ConfigError for what is no address.
    """
    return Client(Address.of(address, curves_port, keys))
