"""What the Python client costs and how late it is (see README.md):

    python -m tests.bridges.bench decode PACKET_FILE COUNT
    python -m tests.bridges.bench listen CONTROL_PORT CURVES_PORT SOUND.s16 SECONDS [SUBJECT]
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
import zmq
from numpy.typing import NDArray

from facerig.service import wire
from facerig.service.connection import Connection
from facerig.service.link import Link
from facerig.service.sockets import Address

RATE_HZ: Final = 16_000
FPS: Final = 60
PIECE: Final = 320  # samples
IN_HAND: Final = 10  # pieces that are sent ahead
FOR_THE_WAY: Final = 1_600  # samples between a face's due time and its picture
NS_PER_SEC: Final = 10**9
PATIENCE_SECS: Final = 30.0


def decode(packet: bytes, count: int) -> dict[str, Any]:
    """Frames a second, every check included. Python's allocations mean nothing and are not counted."""
    for _ in range(count // 10):
        wire.Frame.unpacked(packet)
    began = time.perf_counter()
    for _ in range(count):
        wire.Frame.unpacked(packet)
    return {"frames_per_sec": count / (time.perf_counter() - began)}


class Hearing(Link):
    """A link that notes when frames with sound came."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[tuple[int, int, int]] = []  # index, sample, ns

    def published(self, topic: bytes, data: bytes) -> None:
        super().published(topic, data)
        if data[:4] == wire.Frame.MAGIC:
            frame = wire.Frame.unpacked(data)
            if frame.sample >= 0:
                self.came.append((frame.index, frame.sample, time.monotonic_ns()))


def listen(address: Address, sound: NDArray[np.int16], secs: float, subject: str) -> dict[str, Any]:
    """Speak in real time, look at the face sixty times a second."""
    connection = Connection(address, time.monotonic_ns)
    link = connection.link = Hearing()
    talk = link.open(wire.Open(subject=subject, sample_rate=RATE_HZ, rig="arkit", seed=7))
    patience = time.monotonic() + PATIENCE_SECS
    while talk.playout is None:
        if time.monotonic() > patience:
            raise SystemExit("nobody answers")
        wait(connection, 10.0)
    latency = 0 if talk.schema is None else talk.schema.latency_samples
    first_ns, pieces, pictures = time.monotonic_ns(), 0, 0
    while (elapsed := time.monotonic_ns() - first_ns) < secs * NS_PER_SEC:
        while (pieces - IN_HAND) * PIECE * NS_PER_SEC <= elapsed * RATE_HZ:
            at = pieces * PIECE % (len(sound) // PIECE * PIECE)
            talk.say_sound(sound[at : at + PIECE], flush=False)
            pieces += 1
        connection.turn()
        if pictures * NS_PER_SEC <= elapsed * FPS:
            sample = elapsed * RATE_HZ // NS_PER_SEC - latency - FOR_THE_WAY
            talk.play(sample if sample >= 0 else None, time.monotonic_ns())
            pictures += 1
        due_ns = min(pictures * NS_PER_SEC // FPS, (pieces - IN_HAND) * PIECE * NS_PER_SEC // RATE_HZ)
        wait(connection, (first_ns + due_ns - time.monotonic_ns()) / 1e6)
    counts = talk.playout.counts
    late_ms = [(ns - first_ns) / 1e6 - (sample + latency) * 1000 / RATE_HZ for _, sample, ns in link.came]
    talk.abandon()
    connection.close()
    p50, p99, most = (float(np.quantile(late_ms, share)) for share in (0.5, 0.99, 1))
    return {"frames": len(link.came), "pictures": pictures, "gaps": counts.lost, "held": counts.held,
            "drift_samples": drift(link.came), "latency_ms": {"p50": p50, "p99": p99, "max": most}}


def drift(came: list[tuple[int, int, int]]) -> int:
    """Samples between the first and the last frame, less the time between their indices."""
    (index, sample, _), (last_index, last_sample, _) = came[0], came[-1]
    return int(last_sample - sample - (last_index - index) * RATE_HZ / FPS)


def wait(connection: Connection, wait_ms: float) -> None:
    """Until something comes, or for a time."""
    connection.turn()
    sockets, poller = connection.sockets, zmq.Poller()
    for one in (sockets.control, sockets.curves, sockets.monitor):
        poller.register(one, zmq.POLLIN)
    poller.poll(max(0.0, wait_ms))


def main(what: str, *rest: str) -> None:
    """Measure, and print it."""
    if what == "decode":
        figures = decode(Path(rest[0]).read_bytes(), int(rest[1]))
    else:
        control, curves, sound, secs, *subject = rest
        address = Address.of(f"tcp://127.0.0.1:{control}", int(curves))
        samples = np.frombuffer(Path(sound).read_bytes(), "<i2").astype(np.int16)
        figures = listen(address, samples, float(secs), *(subject or ["bench"]))
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
