"""The journal of a batch whose files go to a store: kept here while the run lasts, put up in pieces as it
grows.

    with journal_in("s3://studio/curves") as journal: ...      # or of a folder: a plain Journal

Stores cannot append. So each run puts up objects of its own, RUN.00001.jsonl and so on, the last of them
again and again; a thread does it, so that a record costs no waiting, and `settle` waits until all is there.
"""

from __future__ import annotations

import posixpath
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from facerig.batch.journal import ENDING, HOME, Journal, Record
from facerig.batch.stores import Store, is_address, opened, reaching
from facerig.errors import FacerigError, OutputError

PIECE_BYTES: Final = 256 << 10  # of an object; the last one is sent again for each record
PLACE: Final = f"{HOME}/journal"


class StoreJournal(Journal):
    """Of one folder of a store. Raises OutputError where the store cannot be written."""

    group = 32  # waiting for the store once for so many lines

    def __init__(self, store: Store) -> None:
        self._store = store
        self._mirror = TemporaryDirectory(prefix="facerig-journal-", ignore_cleanup_errors=True)
        try:
            _bring(store, Path(self._mirror.name, PLACE))
            super().__init__(Path(self._mirror.name))
        except BaseException:
            self._mirror.cleanup()
            raise
        self._changed = threading.Condition()
        self._written = self._up = 0  # bytes of this run's records: here, and there
        self._failure: FacerigError | None = None
        self._closing = False
        self._sender: threading.Thread | None = None

    def settle(self) -> None:
        """Wait until all records are in the store. Raises OutputError."""
        with self._changed:
            self._changed.wait_for(lambda: self._failure is not None or self._up >= self._written)
            self._check()

    def close(self) -> None:
        """Nothing more comes. Raises OutputError where the last records could not be put up."""
        try:
            if self._sender is not None:
                with self._changed:
                    self._closing = True
                    self._changed.notify_all()
                self._sender.join()
                self._check()
        finally:
            super().close()
            self._mirror.cleanup()

    def _write(self, record: Record) -> int:
        self._check()
        at = super()._write(record)
        with self._changed:
            self._written = self._paths[-1].stat().st_size
            if self._sender is None:
                self._sender = threading.Thread(target=self._send_all, name="facerig-journal", daemon=True)
                self._sender.start()
            self._changed.notify_all()
        return at

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _send_all(self) -> None:
        """The sender's thread: what is new, as often as the store takes it."""
        begins, number = 0, 1
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._written > self._up)
                end = self._written
                if end == self._up:
                    return
            try:
                self._send(begins, end, number)
            except FacerigError as error:
                with self._changed:
                    self._failure = error
                    self._changed.notify_all()
                return
            with self._changed:
                self._up = end
                self._changed.notify_all()
            if end - begins >= PIECE_BYTES:
                begins, number = end, number + 1

    def _send(self, begins: int, end: int, number: int) -> None:
        with open(Path(self._mirror.name, PLACE, self.run + ENDING), "rb") as file:
            file.seek(begins)
            data = file.read(end - begins)
        self._store.put_bytes(data, f"{PLACE}/{self.run}.{number:05}{ENDING}")


@contextmanager
def journal_in(folder: str | Path) -> Iterator[Journal]:
    """Of a folder or a store, closed at the end. Raises OutputError."""
    journal = StoreJournal(opened(str(folder))) if is_address(folder) else Journal(Path(folder))
    try:
        yield journal
    finally:
        journal.close()


def _bring(store: Store, folder: Path) -> None:
    """All records of former runs."""
    folder.mkdir(parents=True)
    with reaching(store.address, OutputError):
        try:
            names = store.fs.ls(store.at(PLACE), detail=False)
        except FileNotFoundError:
            return
        for name in names:
            if name.endswith(ENDING):
                store.fs.get_file(name, str(folder / posixpath.basename(name)))
