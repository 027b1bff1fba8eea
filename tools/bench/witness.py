"""A character that speaks while something beside it is broken on purpose, and must lose nothing by it.

    with Witness(connect) as witness:
        ...                                # break something
        testimony = witness.testify()

It speaks as somebody who talks does, a piece whenever one has been spoken, and asks for frames as soon as
they are computed. In the end every frame must have come, once, in order, with the bits that a session alone
gives.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from types import TracebackType
from typing import Final, Self

import numpy as np

from facerig.core.clock import frames_within
from facerig.errors import FacerigError
from facerig.service import wire
from facerig.service.client import Client
from facerig.session import Session
from tools.bench.sound import speech

RATE_HZ: Final = 16_000
FPS: Final = 60
PIECE_SECS: Final = 0.05
CLIP_SECS: Final = 8.0
PATIENCE_SECS: Final = 240.0  # of a machine that does other things too
SEED: Final = 11


@dataclass(frozen=True, slots=True)
class Testimony:
    """`frames` of `secs` of sound came; `lost` never did, `twice` came again; `wrong` had other bits than
    those of a session alone. `pause_secs`: the longest time without a frame. `losses` of the connection."""

    secs: float
    frames: int
    lost: int
    twice: int
    wrong: int
    pause_secs: float
    losses: int

    @property
    def unharmed(self) -> bool:
        """Nothing is missing, nothing is there twice, every bit is right."""
        return self.frames > 0 and not (self.lost or self.twice or self.wrong)


class Witness:
    """`connect` gives the client that it speaks through, which is its own."""

    def __init__(self, connect: Callable[[], Client], subject: str = "witness") -> None:
        self._client = connect()
        self._character = self._client.open(subject, sample_rate=RATE_HZ, fps=FPS, pace="burst", alive=False,
                                            seed=SEED, timeout_secs=PATIENCE_SECS)
        self._came: list[tuple[int, wire.Frame]] = []
        self._silent = threading.Event()
        self._said = 0.0
        self._threads = [threading.Thread(target=run, name="witness", daemon=True)
                         for run in (self._speak, self._hear)]
        for thread in self._threads:
            thread.start()

    @property
    def frames(self) -> int:
        """That have come so far."""
        return len(self._came)

    def wait_for(self, frames: int) -> None:
        """Until so many more frames have come. Raises FacerigError where they do not."""
        wait_until(lambda end=self.frames + frames: self.frames >= end, "frames of the witness")

    def testify(self) -> Testimony:
        """End the sentence, wait for its last frame and compare."""
        self._silent.set()
        for thread in self._threads:
            thread.join(2 * PATIENCE_SECS)
        losses = self._client.losses
        self._client.close()
        times = [ns for ns, _ in self._came]
        pause_ns = max((after - before for before, after in pairwise(times)), default=0)
        lost, twice, wrong = compared([frame for _, frame in self._came], self._said)
        return Testimony(self._said, len(self._came), lost, twice, wrong, pause_ns / 1e9, losses)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._silent.set()
        self._client.close()

    def _speak(self) -> None:
        began = time.monotonic()
        with suppress(FacerigError):  # the client was closed: what is missing is seen in the frames
            for piece in pieces():
                self._character.say_sound(piece, flush=False)
                self._said += PIECE_SECS
                if self._silent.wait(max(0.0, began + self._said - time.monotonic())):
                    break
            self._character.flush()

    def _hear(self) -> None:
        with suppress(FacerigError):
            for frame in self._character.frames(forever=True, timeout_secs=PATIENCE_SECS):
                self._came.append((time.monotonic_ns(), frame))
                if frame.flags & wire.Frame.LAST:
                    return


def pieces() -> Iterator[np.ndarray]:
    """What a witness says, for ever."""
    clip, piece = np.rint(speech(RATE_HZ, CLIP_SECS) * 32_767).astype(np.int16), round(PIECE_SECS * RATE_HZ)
    while True:
        yield from (clip[at : at + piece] for at in range(0, len(clip), piece))


def sound(secs: float) -> np.ndarray:
    """The first `secs` of it."""
    clip = np.rint(speech(RATE_HZ, CLIP_SECS) * 32_767).astype(np.int16)
    return np.resize(clip, round(secs * RATE_HZ))


def alone(secs: float) -> np.ndarray:
    """What a session by itself shows of it, float32 [frames, curves]."""
    session = Session(RATE_HZ, fps=FPS, seed=SEED)
    shown = session.feed(np.concatenate([sound(secs), np.zeros(RATE_HZ, np.int16)]))
    return shown.values[: frames_within(round(secs * RATE_HZ), session.fps, RATE_HZ)]


def compared(came: list[wire.Frame], secs: float) -> tuple[int, int, int]:
    """Frames that are missing, that are there twice, that are not what a session alone shows."""
    expected = alone(secs)
    by_index = {frame.index: frame for frame in came}
    wrong = sum(index >= len(expected) or frame.values.tobytes() != expected[index].tobytes()
                for index, frame in by_index.items())
    return len(expected) - len(by_index), len(came) - len(by_index), wrong


def wait_until(true: Callable[[], bool], what: str, secs: float = PATIENCE_SECS) -> float:
    """Wait until something is so; gives the seconds that it took. Raises FacerigError if it never is."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > secs:
            raise FacerigError(f"no {what} within {secs:g} s", where="bench faults",
                               fix="read what the service wrote")
        time.sleep(0.01)
    return time.monotonic() - began
