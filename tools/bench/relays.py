"""Bad networks on loopback: a TCP relay that stops forwarding or breaks, a UDP relay that loses and
reorders."""

from __future__ import annotations

import random
import select
import socket
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

READ_BYTES: Final = 65_536
LOOK_SECS: Final = 0.2  # between two looks whether the relay is closed


class TcpRelay:
    """Carries connections to a port of this machine. `freeze`: those that are open stay open and carry
    nothing more, as when a cable is pulled; those that come later are carried. `cut`: all break."""

    def __init__(self, port: int) -> None:
        self._to, self._lock = port, threading.Lock()
        self._pairs: list[_Pair] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(LOOK_SECS)
        self.port: int = self._listener.getsockname()[1]
        self._open = True
        self._thread = threading.Thread(target=self._accept, name="relay", daemon=True)
        self._thread.start()

    def freeze(self) -> int:
        """Half-open from now on; says how many connections are."""
        with self._lock:
            for pair in self._pairs:
                pair.frozen.set()
            return sum(not pair.over for pair in self._pairs)

    def cut(self) -> None:
        """Every connection breaks."""
        with self._lock:
            for pair in self._pairs:
                pair.close()

    def close(self) -> None:
        """Carry nothing more."""
        self._open = False
        self._thread.join()
        self._listener.close()
        self.cut()
        for pair in self._pairs:
            pair.end()

    def _accept(self) -> None:
        while self._open:
            with suppress(OSError):
                near, _ = self._listener.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self._to))
                except OSError:
                    near.close()
                    continue
                with self._lock:
                    self._pairs.append(_Pair(near, far))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()


class _Pair:
    """A connection and its way on."""

    def __init__(self, near: socket.socket, far: socket.socket) -> None:
        self.near, self.far = near, far
        self.frozen = threading.Event()
        self.over = False
        for one in (near, far):
            one.settimeout(None)
        self.threads = [threading.Thread(target=self._carry, args=ends, daemon=True)
                        for ends in ((near, far), (far, near))]
        for thread in self.threads:
            thread.start()

    def close(self) -> None:
        self.over = True
        for one in (self.near, self.far):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """After `close`."""
        for thread in self.threads:
            thread.join()
        for one in (self.near, self.far):
            one.close()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while not self.over:
                if not select.select([one], [], [], LOOK_SECS)[0]:
                    continue
                if self.frozen.is_set():  # nobody reads: the sender's buffers fill, and no end is told
                    time.sleep(LOOK_SECS)
                    continue
                data = one.recv(READ_BYTES)
                if not data:
                    break
                other.sendall(data)
        if not self.frozen.is_set():
            self.close()


@dataclass(slots=True)
class Carried:
    """What became of datagrams."""

    came: int = 0
    lost: int = 0
    twice: int = 0
    late: int = 0


@dataclass
class UdpRelay:
    """Carries datagrams to a port of this machine. loss, reorder, double: shares of them. A reordered one
    leaves behind the `later` that follow it. The same seed loses the same."""

    to: int
    loss: float = 0.1
    reorder: float = 0.1
    double: float = 0.05
    later: int = 3
    seed: int = 0
    carried: Carried = field(default_factory=Carried)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(LOOK_SECS)
        self.port: int = self._socket.getsockname()[1]
        self._kept: deque[tuple[int, bytes]] = deque()  # leave after so many that came
        self._open = True
        self._thread = threading.Thread(target=self._carry, name="lossy relay", daemon=True)
        self._thread.start()

    def close(self) -> Carried:
        """What is kept leaves; says what became of all."""
        self._open = False
        self._thread.join()
        while self._kept:
            self._send(self._kept.popleft()[1])
        self._socket.close()
        return self.carried

    def _carry(self) -> None:
        while self._open:
            try:
                data = self._socket.recv(READ_BYTES)
            except OSError:
                continue
            self.carried.came += 1
            self._one(data)
            while self._kept and self._kept[0][0] <= self.carried.came:
                self._send(self._kept.popleft()[1])

    def _one(self, data: bytes) -> None:
        drawn = self._chance.random()
        if drawn < self.loss:
            self.carried.lost += 1
        elif drawn < self.loss + self.reorder:
            self.carried.late += 1
            self._kept.append((self.carried.came + self.later, data))
        else:
            self._send(data)
            if drawn > 1 - self.double:
                self.carried.twice += 1
                self._send(data)

    def _send(self, data: bytes) -> None:
        with suppress(OSError):
            self._socket.sendto(data, ("127.0.0.1", self.to))
