"""Who else works on an output folder just now: a locked file for each run, that dies with it.

    with Presence(folder) as presence:
        if presence.alone(): ...         # nobody else writes here
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from facerig.batch.journal import HOME
from facerig.errors import OutputError

ENDING = ".lock"


class Presence:
    """Of this run, as long as it is open."""

    def __init__(self, folder: Path, mine: Path, held: IO[bytes]) -> None:
        self._folder, self._mine, self._held = folder, mine, held

    def alone(self) -> bool:
        """Whether no other run lives; what dead ones have left of themselves goes. Where the disk knows no
        locks nobody is taken for dead."""
        alive = False
        for path in self._folder.glob(f"*{ENDING}"):
            if path == self._mine:
                continue
            with suppress(OSError), open(path, "ab") as other:
                if _locked(other):
                    path.unlink()
                    continue
            alive = alive or path.exists()
        return not alive


@contextmanager
def presence(folder: Path) -> Iterator[Presence]:
    """Of a run that writes to `folder`. Raises OutputError."""
    home = folder / HOME / "runs"
    mine = home / f"{os.getpid()}-{secrets.token_hex(4)}{ENDING}"
    # seen only once it is locked, or another run takes it for a dead one's (Windows renames no open file)
    made = mine if sys.platform == "win32" else mine.with_suffix(".new")
    try:
        home.mkdir(parents=True, exist_ok=True)
        held = open(made, "ab")  # noqa: SIM115 - closed below
        _locked(held)
        if made != mine:
            made.rename(mine)
    except OSError as error:
        raise OutputError(f"the folder cannot be written ({error.strerror or error})", where=str(folder),
                          fix="choose another folder, or give yourself permission") from None
    try:
        yield Presence(home, mine, held)
    finally:
        held.close()
        with suppress(OSError):
            mine.unlink()


if sys.platform == "win32":
    import msvcrt

    def _locked(file: IO[bytes]) -> bool:
        """Take the lock, if nobody has it."""
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _locked(file: IO[bytes]) -> bool:
        """Take the lock, if nobody has it."""
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
