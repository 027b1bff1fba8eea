"""Where lines of a log go: files that are put aside when they grow, or standard error."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from facerig.errors import ConfigError

FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # of a disk, which passes


class Target(Protocol):
    """Takes whole lines."""

    def write(self, line: str) -> bool:
        """False where the line could not be written; nothing is left of it then."""
        ...

    def close(self) -> None:
        """No more lines."""
        ...


class Stderr:
    """Standard error, as long as somebody reads it."""

    def write(self, line: str) -> bool:
        """False where nobody does."""
        try:
            sys.stderr.write(line)
            sys.stderr.flush()
        except (OSError, ValueError):  # gone, or closed
            return False
        return True

    def close(self) -> None:
        """It stays."""


class LogFile:
    """A file that is appended to. When a line would make it larger than `largest_bytes` it becomes PATH.1,
    that one PATH.2 ..., and of `files` in all the oldest goes. One that another program moved is begun anew.

    Raises ConfigError for one that cannot be written, unless the disk is full: that passes.
    """

    def __init__(self, path: Path, *, largest_bytes: int, files: int) -> None:
        self._path, self._largest_bytes, self._files = path, largest_bytes, files
        self._fd: int | None = None
        try:
            self._open()
        except OSError as error:
            if error.errno not in FULL:
                raise ConfigError(f"the log cannot be written: {error.strerror}", where=str(path),
                                  fix="name a file in a folder that the service may write to") from None

    def write(self, line: str) -> bool:
        """False for a full disk and the like; the next line tries again."""
        data = line.encode("utf-8", "backslashreplace")
        try:
            return self._append(self._ready(len(data)), data)
        except OSError:
            self.close()
            return False

    def close(self) -> None:
        """Let go of the file; another line would open it again."""
        if self._fd is not None:
            with suppress(OSError):
                os.close(self._fd)
            self._fd = None

    def _append(self, fd: int, data: bytes) -> bool:
        size, done = os.fstat(fd).st_size, 0
        try:
            while done < len(data):
                done += os.write(fd, data[done:])
        except OSError:
            with suppress(OSError):
                os.ftruncate(fd, size)  # no half line
            return False
        return True

    def _ready(self, n_bytes: int) -> int:
        """The file, open, with room for so many bytes more."""
        if self._fd is not None and self._is_moved(self._fd):
            self.close()
        fd = self._open() if self._fd is None else self._fd
        size = os.fstat(fd).st_size
        if size and size + n_bytes > self._largest_bytes:
            self.close()
            self._put_aside()
            fd = self._open()
        return fd

    def _open(self) -> int:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
        self._fd = os.open(self._path, flags, 0o640)
        return self._fd

    def _is_moved(self, fd: int) -> bool:
        try:
            return not os.path.samestat(os.fstat(fd), os.stat(self._path))
        except FileNotFoundError:
            return True

    def _put_aside(self) -> None:
        if self._files == 1:
            os.unlink(self._path)
            return
        for k in range(self._files - 1, 0, -1):
            older = self._path if k == 1 else self._numbered(k - 1)
            with suppress(FileNotFoundError):
                os.replace(older, self._numbered(k))

    def _numbered(self, k: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{k}")
