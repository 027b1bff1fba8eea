"""Garbage on every socket: damaged messages, damaged handshakes, plain noise; from a seed, so that it comes
again.

    control, curves     through ZeroMQ, as messages and as subscriptions; and as bytes of no protocol
    websocket, live     bytes that are no HTTP, damaged requests; frames after a right handshake
    ifacialmocap        datagrams to the port that waits for a receiver's word
"""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import numpy as np
import zmq

from facerig.outlets import open_outlet
from facerig.outlets.outlet import Outlet, Posed
from facerig.outlets.websocket import WebSocketOutlet
from facerig.service import wire
from tools.bench.faults.outcome import Outcome
from tools.bench.serving import Serving, calm
from tools.bench.witness import Witness

SEEDS: Final = tuple(wire.encoded(one) for one in (
    wire.Open(subject="x"), wire.Audio(session=1, at=0, data=b"1234"), wire.Flush(session=1),
    wire.Direct(session=1, emotion="joy", gaze=[0.0, 0.0, 1.0], layers={"head": 0.5}),
    wire.Interrupt(session=1), wire.Resume(token="0" * 32), wire.Ping(number=3), wire.AskStatistics(),
    wire.Say(session=1, text="Hello."), wire.Close(session=1), wire.Open(subject="y", fps="30", seed=4)))
REQUEST: Final = (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
GREETING: Final = b"\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL" + bytes(48)  # of ZMTP 3
AT_ONCE: Final = 500  # messages between two looks at what comes back
A_CONNECTION: Final = 50  # pieces of noise on one
SHARES: Final = {"control": 0.5, "curves": 0.2, "control, bytes": 0.05, "curves, bytes": 0.05,
                 "websocket": 0.1, "ifacialmocap": 0.1}


def garbage(count: int = 100_000) -> Outcome:
    """`count` pieces of it, shared out by SHARES, to a service, a WebSocket outlet and a waiting one."""
    draws = random.Random(count)
    with calm() as serving, Witness(serving.connect) as witness, _outlets() as outlets:
        witness.wait_for(60)
        memory_kb, files = serving.memory_kb(), serving.files()
        sent = {name: send(int(share * count), draws, serving, outlets)
                for (name, share), send in zip(SHARES.items(), SENDERS, strict=True)}
        witness.wait_for(60)
        with serving.connect() as client:
            figures = client.statistics(timeout_secs=60.0)
        answering = outlets.answer()
        time.sleep(1.0)
        grown_mb, stayed = (serving.memory_kb() - memory_kb) / 1024, serving.files() - files
        testimony = witness.testify()
        told = serving.stop()
    faults = figures.get("error_fault", 0.0)
    read = sum(n for name, n in figures.items() if name.startswith("error_"))
    mended = not faults and answering and "Traceback" not in told
    return Outcome(
        fault="garbage on every socket", mended=mended, witness=testimony,
        happened=f"{sum(sent.values()):,} pieces sent; {figures.get('messages', 0):,.0f} messages heard, "
                 f"{read:,.0f} answered as errors, {figures.get('refused_rate', 0):,.0f} beyond the sender's "
                 f"rate; {faults:.0f} faults, {grown_mb:.0f} MB, {stayed} connections stayed",
        figures={"sent": sum(sent.values()), "faults": faults, "grown_mb": grown_mb, "stayed": stayed,
                 "errors": read, **{f"sent: {name}": n for name, n in sent.items()}})


@dataclass
class Outlets:
    """Two that listen: a WebSocket and a waiting iFacialMocap."""

    web: WebSocketOutlet
    waiting: Outlet
    udp_port: int

    def answer(self) -> bool:
        """Whether they still do what they are for."""
        from websockets.sync.client import connect

        with connect(self.web.url, open_timeout=30) as receiver:
            self.send(0)
            return b"schema" in str(receiver.recv(timeout=30)).encode()

    def send(self, index: int) -> None:
        """A frame to both."""
        posed = Posed(index, -1, self.web.fps, np.zeros(61, np.float32), {})
        self.web.send(posed)
        self.waiting.send(posed)


@contextmanager
def _outlets() -> Iterator[Outlets]:
    udp_port = _free(socket.SOCK_DGRAM)
    web = open_outlet(f"ws://127.0.0.1:{_free(socket.SOCK_STREAM)}")
    waiting = open_outlet(f"ifacialmocap://127.0.0.1?handshake=wait&listen={udp_port}")
    try:
        if not isinstance(web, WebSocketOutlet):
            raise TypeError(type(web))
        yield Outlets(web, waiting, udp_port)
    finally:
        web.close()
        waiting.close()


def _free(kind: int) -> int:
    """A port that nobody has."""
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


# --- what is sent

def damaged(seed: bytes, draws: random.Random) -> bytes:
    """Something right that is no more, or noise."""
    kind = draws.randrange(7)
    if kind == 0:
        return draws.randbytes(draws.randrange(300))
    if kind == 1:
        return seed[: draws.randrange(len(seed) + 1)]
    if kind == 2:
        return b"\x91" * draws.randrange(1, 5_000)  # lists in lists in lists
    if kind == 3:
        return b"\xdf\xff\xff\xff\xff" + draws.randbytes(20)  # a map of four milliards
    if kind == 4:
        return seed + draws.randbytes(draws.randrange(1, 40))
    out = bytearray(seed)
    for _ in range(draws.randrange(1, 6)):
        out[draws.randrange(len(out))] = draws.randrange(256)
    return bytes(out)


def _control(count: int, draws: random.Random, serving: Serving, outlets: Outlets) -> int:
    """Messages of ZeroMQ, from a few connections, one after the other."""
    with zmq.Context() as context:
        for start in range(0, count, AT_ONCE):
            with context.socket(zmq.DEALER) as one:
                one.setsockopt(zmq.LINGER, 1_000)
                one.connect(f"tcp://127.0.0.1:{serving.control_port}")
                for k in range(start, min(count, start + AT_ONCE)):
                    parts = [damaged(SEEDS[k % len(SEEDS)], draws)] * (1 + (k % 50 == 0))
                    one.send_multipart(parts)
                one.send(wire.encoded(wire.Ping(number=start)))
                while one.poll(2_000):  # until nothing more is told
                    with suppress(zmq.Again):
                        if isinstance(wire.reply(one.recv(zmq.NOBLOCK)), wire.Pong):
                            break
    return count


def _curves(count: int, draws: random.Random, serving: Serving, outlets: Outlets) -> int:
    """Subscriptions that are none, to topics that are none."""
    topics = [wire.topic("witness"), b"\1" * 40, b"", b"a name of 64 characters" * 3]
    with zmq.Context() as context:
        for start in range(0, count, AT_ONCE):
            with context.socket(zmq.XSUB) as one:  # says what it likes
                one.setsockopt(zmq.LINGER, 1_000)
                one.connect(f"tcp://127.0.0.1:{serving.curves_port}")
                for k in range(start, min(count, start + AT_ONCE)):
                    one.send(bytes([k % 4]) + damaged(topics[k % len(topics)] or b"x", draws))
    return count


def _bytes_to(port_of: Callable[[Serving, Outlets], int], seed: bytes) -> Callable[
        [int, random.Random, Serving, Outlets], int]:
    """A sender of bytes that are no protocol, or a greeting that is damaged and what follows."""
    def send(count: int, draws: random.Random, serving: Serving, outlets: Outlets) -> int:
        for start in range(0, count, A_CONNECTION):
            with suppress(OSError), socket.create_connection(
                    ("127.0.0.1", port_of(serving, outlets)), timeout=10.0) as one:
                if start // A_CONNECTION % 2:
                    one.sendall(seed)  # right so far
                for _ in range(min(A_CONNECTION, count - start)):
                    one.sendall(damaged(seed, draws))
            outlets.send(start)
        return count

    return send


def _datagrams(count: int, draws: random.Random, serving: Serving, outlets: Outlets) -> int:
    """To the port of a handshake."""
    from facerig.outlets.ifacialmocap import ASKING_V2

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        for k in range(count):
            with suppress(OSError):
                one.sendto(damaged(ASKING_V2, draws)[:60_000], ("127.0.0.1", outlets.udp_port))
            if k % 20 == 0:
                outlets.send(k)  # it reads what has come
    return count


SENDERS: Final = (_control, _curves, _bytes_to(lambda serving, _: serving.control_port, GREETING),
                  _bytes_to(lambda serving, _: serving.curves_port, GREETING),
                  _bytes_to(lambda _, outlets: outlets.web.port, REQUEST), _datagrams)
