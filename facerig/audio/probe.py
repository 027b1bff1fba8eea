"""What a look at a container's structure yields, and the file as libsndfile must see it."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Malformed(Exception):
    """The container is broken so early that no sound can be found; the message completes "FILE: ..."."""


@dataclass(frozen=True, slots=True)
class View:
    """`head` followed by bytes [start, end) of the file: a header put right without touching the file."""

    head: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """`n_frames` is the length that the container states or that was counted, in samples per channel at
    `frames_hz` (None: at the file's own rate).

    `damage` says in words that the file does not hold what it states (empty: it does). `slack_frames` is how
    many frames a whole file may fall short of `n_frames` (decoders drop the codec's own padding). `view`,
    where given, is what libsndfile should read instead of the plain file.
    """

    format: str
    damage: str = ""
    n_frames: int | None = None
    frames_hz: int | None = None
    slack_frames: int = 0
    view: View | None = None


class ViewFile(io.RawIOBase):
    """A `View` of a file as a readable, seekable stream."""

    def __init__(self, path: Path, view: View) -> None:
        self._file = path.open("rb")
        self._head, self._start = view.head, view.start
        self._size = len(view.head) + max(0, view.end - view.start)
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, origin + offset)
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        out = memoryview(buffer).cast("B")
        out = out[: max(0, self._size - self._at)]
        n_head = max(0, min(len(out), len(self._head) - self._at))
        out[:n_head] = self._head[self._at: self._at + n_head]
        n_file = 0
        if len(out) > n_head:
            self._file.seek(self._start + self._at + n_head - len(self._head))
            n_file = self._file.readinto(out[n_head:])
        self._at += n_head + n_file
        return n_head + n_file

    def close(self) -> None:
        self._file.close()
        super().close()
