"""The scenario of README.md in Python: what libraries in other languages are compared with.

    python -m tests.bridges.scenario CONTROL_PORT CURVES_PORT SOUND.s16 SUBJECT [burst]

Like an engine it turns its connection by itself, without a thread.
"""

from __future__ import annotations

import json
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import zmq
from numpy.typing import NDArray

from facerig.service import wire
from facerig.service.connection import Connection
from facerig.service.link import Link
from facerig.service.playout import Counts
from facerig.service.sockets import Address

RATE_HZ: Final = 16_000
PIECE: Final = 320  # samples
FIRST, SECOND, THIRD = (0, 32_000), (32_000, 48_000), (48_000, 64_000)  # samples of the file
DIRECT_AT: Final = 16_000
NEAR_END: Final = 600  # samples from the last frame to the end of its sound, at most
PATIENCE_SECS: Final = 30.0
NS_PER_SEC: Final = 10**9


class Telling(Link):
    """A link that prints what it takes."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0  # sample that the last epoch begins at
        self.last_sample = -1  # of the newest frame that ended a sentence

    def published(self, topic: bytes, data: bytes) -> None:
        talk = next(iter(self.conversations.values()), None)
        counts = talk.playout.counts if talk and talk.playout else Counts()
        before = counts.received
        super().published(topic, data)
        if counts.received > before:
            frame = wire.Frame.unpacked(data)
            if frame.flags & wire.Frame.LAST:
                self.last_sample = frame.sample
            crc = zlib.crc32(data[wire.Frame.HEADER.size:])
            tell(frame=[frame.epoch, frame.index, frame.sample, frame.flags, crc])

    def answered(self, data: bytes, now_ns: int) -> None:
        answer = wire.reply(data)
        goes_on = any(talk.token for talk in self.conversations.values())
        super().answered(data, now_ns)
        if isinstance(answer, wire.Opened):
            tell(event="resumed" if goes_on else "opened", epoch=answer.epoch, received=answer.received)
        elif isinstance(answer, wire.Interrupted):
            self.at = answer.at
            tell(event="interrupted", epoch=answer.epoch, at=answer.at)
        elif isinstance(answer, wire.Closed):
            tell(event="closed", reason=answer.reason)


class Program:
    """A character and its connection."""

    def __init__(self, control_port: int, curves_port: int, opening: wire.Open) -> None:
        address = Address.of(f"tcp://127.0.0.1:{control_port}", curves_port)
        self.connection = Connection(address, time.monotonic_ns)
        self.link = self.connection.link = Telling()
        self.talk = self.link.open(opening)

    def until(self, true: Callable[[], bool], what: str, secs: float = PATIENCE_SECS) -> None:
        """Turn the connection until something is so. Raises SystemExit where it never is."""
        end_ns = time.monotonic_ns() + int(secs * NS_PER_SEC)
        while not true():
            left_ms = (end_ns - time.monotonic_ns()) / 1e6
            if left_ms <= 0:
                raise SystemExit(f"{what}: not within {secs:g} s")
            self._turn(left_ms)

    def speak(self, sound: NDArray[np.int16], begins: int = 0) -> None:
        """Sound in real time; `begins`: the file's sample that it begins at."""
        start_ns = time.monotonic_ns()
        for k in range(0, len(sound), PIECE):
            due_ns = start_ns + k * NS_PER_SEC // RATE_HZ
            while (left_ms := (due_ns - time.monotonic_ns()) / 1e6) > 0:
                self._turn(left_ms)
            if begins + k == DIRECT_AT:
                self.direct()
            self.talk.say_sound(sound[k : k + PIECE], flush=False)
            self.connection.send_due()

    def direct(self) -> None:
        """Joy, from a sample on."""
        self.talk.direct(DIRECT_AT, {"emotion": "joy:0.8"})

    def lose(self) -> None:
        """Tear both connections down; the next ones resume."""
        tell(event="lost")
        self.connection._open_again(time.monotonic_ns())

    def has_last(self, end: int) -> bool:
        """Whether the last frame of the sound up to `end` is here."""
        return end - NEAR_END < self.link.last_sample < end

    def close(self) -> None:
        """End the session, and hear that it is."""
        self.talk.close()
        self.until(lambda: self.talk.over, "closed")
        self.connection.close()

    def _turn(self, wait_ms: float) -> None:
        """What is to be done now, and what comes within a time."""
        self.connection.turn()
        sockets, poller = self.connection.sockets, zmq.Poller()
        for one in (sockets.control, sockets.curves, sockets.monitor):
            poller.register(one, zmq.POLLIN)
        poller.poll(min(wait_ms, 100))


def tell(**what: Any) -> None:
    """A line for those who watch."""
    print(json.dumps(what), flush=True)


def conversation(program: Program, sound: NDArray[np.int16]) -> None:
    """Speak, be interrupted, be cut off, go on."""
    talk, link = program.talk, program.link
    program.until(lambda: bool(talk.session) and talk.opening.subject in link._heard, "opened")
    program.speak(sound[slice(*FIRST)])
    talk.interrupt()
    program.until(lambda: talk.epoch == 1, "interrupted")
    program.speak(sound[slice(*SECOND)], SECOND[0])
    program.lose()
    program.until(lambda: bool(talk.session), "resumed")
    program.speak(sound[slice(*THIRD)], THIRD[0])
    talk.flush()
    end = link.at + THIRD[1] - SECOND[0]
    program.until(lambda: program.has_last(end), "the last frame")


def line(program: Program, sound: NDArray[np.int16]) -> None:
    """A whole line at once."""
    program.until(lambda: bool(program.talk.session), "opened")
    program.direct()
    program.talk.say_sound(sound[: THIRD[1]], flush=True)
    program.until(lambda: program.has_last(THIRD[1]), "the last frame")


def main(control_port: str, curves_port: str, sound: str, subject: str, pace: str = "realtime") -> None:
    """Play the scenario."""
    program = Program(int(control_port), int(curves_port), wire.Open(
        subject=subject, sample_rate=RATE_HZ, rig="arkit", seed=7, pace=pace, alive=pace == "realtime"))
    samples = np.frombuffer(Path(sound).read_bytes(), "<i2").astype(np.int16)
    (conversation if pace == "realtime" else line)(program, samples)
    program.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
