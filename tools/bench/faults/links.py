"""Connections that are neither there nor gone, and those who do not read."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Final

import zmq

from facerig.service.client import Client, connect
from tools.bench.faults.outcome import Outcome
from tools.bench.hosted import Hosted
from tools.bench.relays import TcpRelay
from tools.bench.serving import Serving, calm
from tools.bench.speakers import Load, Speakers
from tools.bench.witness import FPS, Witness

BACK_SECS: Final = 20.0
SUBSCRIBER_BYTES: Final = 4_096  # of its system's buffer
CROWD: Final = 32  # whose frames fill the queue of who does not read


def half_open() -> Outcome:
    """The cable to a client is pulled: its connections stay open and carry nothing. New ones are carried."""
    return _frozen("half-open connections, control and curves", control=True)


def half_open_curves() -> Outcome:
    """Only the connection of the curves is dead."""
    return _frozen("a half-open connection of curves", control=False)


def _frozen(fault: str, *, control: bool) -> Outcome:
    with calm() as serving, TcpRelay(serving.control_port) as one, TcpRelay(serving.curves_port) as other:
        def through() -> Client:
            return connect(f"tcp://127.0.0.1:{one.port}", curves_port=other.port)

        with Witness(serving.connect) as witness, Witness(through, "far") as far:
            far.wait_for(FPS)
            frozen = other.freeze() + (one.freeze() if control else 0)
            began = time.monotonic()
            time.sleep(0.5)  # what was carried before comes in
            far.wait_for(FPS)
            back_secs = time.monotonic() - began
            seen, testimony = far.testify(), witness.testify()
    return Outcome(
        fault=fault, witness=testimony, mended=not (seen.twice or seen.wrong or seen.lost),
        happened=f"{frozen} connections dead; noticed by heartbeats, frames again after {back_secs:.1f} s; "
                 f"{seen.lost} of {seen.frames} frames lost, no sound, {seen.wrong} wrong",
        figures={"back_secs": back_secs, "lost": seen.lost, "wrong": seen.wrong, "losses": seen.losses})


def subscriber_stops(serve: Callable[[], Serving | Hosted] = calm, sessions: int = CROWD,
                     secs: float = 120.0) -> Outcome:
    """Somebody subscribes to everything and never reads: his queue fills, and then he loses frames."""
    with serve() as serving, Witness(serving.connect) as witness, zmq.Context() as context:
        load = Load(sessions=sessions, rig="metahuman", speaking=0.0)
        with Speakers(serving.control_port, serving.curves_port, load) as crowd:
            crowd.open()
            memory_kb = serving.memory_kb()
            with context.socket(zmq.SUB) as slow:
                for option, value in ((zmq.LINGER, 0), (zmq.RCVHWM, 1), (zmq.RCVBUF, SUBSCRIBER_BYTES)):
                    slow.setsockopt(option, value)
                slow.connect(f"tcp://127.0.0.1:{serving.curves_port}")
                slow.subscribe(b"")
                began, lost, figures = time.monotonic(), 0, dict[str, float]()
                while time.monotonic() - began < secs and not figures.get("subscriber_drops"):
                    lost += crowd.listen(1.0).lost
                    figures = crowd.figures()
                full_secs = time.monotonic() - began
                lost += crowd.listen(1.0).lost
                grown_mb = (serving.memory_kb() - memory_kb) / 1024
        testimony = witness.testify()
    drops = figures.get("subscriber_drops", 0.0)
    return Outcome(
        fault="a subscriber that stops reading", mended=drops > 0 and not lost, witness=testimony,
        happened=f"his queue was full after {full_secs:.0f} s of {sessions} characters, {grown_mb:.0f} MB; "
                 f"then he lost frames (counted); the {sessions} heard elsewhere lost {lost}",
        figures={"drops": drops, "lost": lost, "full_secs": full_secs, "grown_mb": grown_mb})


def nobody_answers(connections: int = 200) -> Outcome:
    """Connections that never shake hands, or stop half-way: they cost a file each, and go."""
    with calm() as serving, Witness(serving.connect) as witness:
        files = serving.files()
        greeting = b"\xff\0\0\0\0\0\0\0\x01\x7f\x03"
        ports = [serving.control_port, serving.curves_port] * (connections // 2)
        held = [socket.create_connection(("127.0.0.1", port)) for port in ports]
        for k, one in enumerate(held):
            one.sendall(greeting[: k % len(greeting)])
        most = serving.files()
        began = time.monotonic()
        while serving.files() > files and time.monotonic() - began < BACK_SECS:
            time.sleep(0.2)
        gone_secs, left = time.monotonic() - began, serving.files() - files
        for one in held:
            one.close()
        testimony = witness.testify()
    return Outcome(
        fault=f"{connections} connections that never shake hands", mended=left <= 0, witness=testimony,
        happened=f"{most - files} were taken, and let go after {gone_secs:.1f} s; {left} stayed",
        figures={"left": left, "gone_secs": gone_secs})
