"""Sound on its way to the service: kept until nobody can ask for it again, with the ends of sentences in it.

Samples are counted by the client, from 0 on and never back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facerig.errors import ConfigError

LONGEST_SOUND_SECS: Final = 600  # that may wait to be sent: 58 MB at 48 kHz
PIECE_SECS: Final = Fraction(1, 4)  # of sound in a message: 24 kB at 48 kHz

BYTES_OF: Final = {"s16": 2, "f32": 4}


class Outbox:
    """`first`: the earliest sample that is kept; `sent`: the next to send; `end`: the next to come."""

    def __init__(self, encoding: str, sample_rate: int) -> None:
        if encoding not in BYTES_OF:
            raise ConfigError(f"this client sends no {encoding}", where="open: encoding",
                              fix=f"use one of {', '.join(BYTES_OF)}")
        self.first = self.sent = 0
        self._encoding, self._width, self._rate = encoding, BYTES_OF[encoding], sample_rate
        self._sound = bytearray()
        self._flushes: deque[int] = deque()  # to send
        self._flushed: deque[int] = deque()  # sent, and perhaps not received

    @property
    def end(self) -> int:
        """The sample that the next sound begins at."""
        return self.first + len(self._sound) // self._width

    @property
    def waiting_secs(self) -> float:
        """Of sound that is yet to be sent."""
        return (self.end - self.sent) / self._rate

    @property
    def empty(self) -> bool:
        """Whether there is nothing to send."""
        return self.sent == self.end and not self._flushes

    def add(self, samples: ArrayLike) -> int:
        """Take sound; gives the sample that it begins at. Raises ConfigError for what is none."""
        data, begins = _as_bytes(samples, self._encoding), self.end
        if self.waiting_secs + len(data) / self._width / self._rate > LONGEST_SOUND_SECS:
            raise ConfigError(f"more than {LONGEST_SOUND_SECS} s of sound wait", where="say_sound",
                              fix="send it as it is needed: stream(chunks)")
        self._sound += data
        return begins

    def flush(self) -> int:
        """The sentence ends here."""
        self._flushes.append(self.end)
        return self.end

    def due(self, limit: int) -> Iterator[tuple[int, bytes] | None]:
        """Sound before sample `limit`, as (sample, bytes), and None where a sentence ends; it counts as
        sent."""
        piece = int(PIECE_SECS * self._rate)
        while True:
            if self._flushes and self._flushes[0] <= self.sent:
                self._flushed.append(self._flushes.popleft())
                yield None
                continue
            begins = self.sent
            stop = min(self.end, limit, begins + piece, *list(self._flushes)[:1])
            if stop <= begins:
                return
            self.sent = stop
            start = (begins - self.first) * self._width
            yield begins, bytes(self._sound[start : (stop - self.first) * self._width])

    def drop(self) -> None:
        """Forget what was not sent, and what was: nobody will ask for it."""
        self.first = self.sent
        self._sound.clear()
        self._flushes.clear()
        self._flushed.clear()

    def skip(self, sample: int) -> int:
        """The service's own voice spoke up to `sample`; sound that is yet to be sent follows it, by so many
        samples later."""
        further = max(0, sample - self.sent)
        if further > 0:
            del self._sound[: (self.sent - self.first) * self._width]
            self.first = self.sent = sample
            self._flushes = deque(at + further for at in self._flushes)
            self._flushed.clear()
        return further

    def send_again(self, received: int) -> None:
        """Go on from what was received. A flush at its end is sent again: it may be lost, and twice does
        no harm."""
        self.sent = min(max(received, self.first), self.end)
        self._flushes.extendleft(reversed([at for at in self._flushed if at >= received]))
        self._flushed.clear()

    def forget(self, received: int, needed: int) -> None:
        """Let go of sound that was received and lies before sample `needed`."""
        while self._flushed and self._flushed[0] < received:
            self._flushed.popleft()
        keep = max(self.first, min(received, needed, self.sent))
        if keep - self.first >= self._rate:  # a second at a time
            del self._sound[: (keep - self.first) * self._width]
            self.first = keep


def _as_bytes(samples: ArrayLike, encoding: str) -> bytes:
    """Mono samples as they are sent. Raises ConfigError for what is no sound."""
    chunk: NDArray[Any] = np.asarray(samples)
    if chunk.ndim != 1 or not (chunk.dtype == np.int16 or np.issubdtype(chunk.dtype, np.floating)):
        raise ConfigError(f"expected mono samples [n], float or int16, got {chunk.dtype} {chunk.shape}",
                          where="say_sound", fix="choose or mix a channel; float32 in [-1, 1]")
    if chunk.dtype == np.int16:
        return (chunk.astype("<i2") if encoding == "s16" else (chunk / 32768).astype("<f4")).tobytes()
    if not np.isfinite(chunk).all():
        raise ConfigError("the sound holds NaN or Inf", where="say_sound", fix="send finite samples")
    chunk = np.clip(chunk, -1.0, 1.0)
    return (chunk.astype("<f4") if encoding == "f32" else np.rint(chunk * 32767).astype("<i2")).tobytes()
