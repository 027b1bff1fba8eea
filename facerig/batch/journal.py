"""What was done, in lines of JSON under OUT/.facerig: what a next run, a report and a person read.

    journal = Journal(folder)
    if (before := journal.last("guards/halt_01")) is not None and before["address"] == address: ...
    journal.began(out, address); ...; journal.add(record)

Each run writes a file of its own, a record as soon as a line is done: a killed run loses the line in hand,
and two runs at once cannot spoil each other's. A last record that was cut off is passed over.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, ClassVar, Final

from facerig.errors import OutputError

HOME: Final = ".facerig"  # beside the outputs
ENDING: Final = ".jsonl"

Record = dict[str, Any]


class Journal:
    """Of one output folder. Only where each record lies is kept in memory. Raises OutputError where it cannot
    be written."""

    group: ClassVar[int] = 1  # lines that are begun at once: elsewhere each record has to be waited for

    def __init__(self, folder: Path) -> None:
        self._folder = folder / HOME / "journal"
        self._name = f"{_now()}-{secrets.token_hex(3)}{ENDING}"
        self._paths: list[Path] = []
        self._places: dict[str, list[tuple[int, int]]] = {}  # out -> (which file, offset) of its records
        self._begun: dict[str, str] = {}  # out -> address, where the last thing known is that it was begun
        self._file: IO[bytes] | None = None
        self._open_files: dict[int, IO[bytes]] = {}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            paths = sorted(self._folder.glob(f"*{ENDING}"))
        except OSError as error:
            raise _unwritable(self._folder, error) from None
        for path in paths:
            self._index(path)

    @property
    def run(self) -> str:
        """The name of this run."""
        return self._name.removesuffix(ENDING)

    def __contains__(self, out: str) -> bool:
        return out in self._places

    def outs(self) -> Iterator[str]:
        """Everything that has a record."""
        return iter(self._places)

    def last(self, out: str) -> Record | None:
        """The newest record of a line."""
        places = self._places.get(out)
        return self._read(*places[-1]) if places else None

    def history(self, out: str) -> Iterator[Record]:
        """All records of a line, the newest first."""
        return (self._read(*place) for place in reversed(self._places.get(out, [])))

    def in_hand(self, out: str) -> bool:
        """Whether a line was begun and nothing is known of its end: its files may be new ones already."""
        return out in self._begun

    def begun(self) -> Iterator[str]:
        """All lines in hand."""
        return iter(self._begun)

    def began(self, out: str, address: str) -> None:
        """A line is taken in hand."""
        self._write({"out": out, "began": address})
        self._begun[out] = address

    def add(self, record: Record) -> None:
        """A line is done, or has failed; `record["out"]` says which."""
        at = self._write({**record, "run": self.run})
        self._note(record, len(self._paths) - 1, at)

    def settle(self) -> None:
        """Wait until what was written is safe; on a disk it is."""

    def close(self) -> None:
        """Nothing more comes."""
        for file in (self._file, *self._open_files.values()):
            if file is not None:
                file.close()
        self._file, self._open_files = None, {}

    def _write(self, record: Record) -> int:
        """Append; gives the offset."""
        try:
            if self._file is None:
                self._paths.append(self._folder / self._name)
                self._file = open(self._paths[-1], "ab")  # noqa: SIM115 - open as long as the run
            at = self._file.tell()
            self._file.write(json.dumps(record, separators=(",", ":")).encode() + b"\n")
            self._file.flush()
            if "began" not in record:  # what is lost of these with the power is begun again
                os.fsync(self._file.fileno())
        except OSError as error:
            raise _unwritable(self._folder, error) from None
        return at

    def _index(self, path: Path) -> None:
        self._paths.append(path)
        which, at = len(self._paths) - 1, 0
        with suppress(OSError), open(path, "rb") as file:
            for row in file:
                record = _parsed(row)
                if record is not None:
                    self._note(record, which, at)
                at += len(row)

    def _note(self, record: Record, which: int, at: int) -> None:
        out = record["out"]
        if "began" in record:
            self._begun[out] = record["began"]
        else:
            self._begun.pop(out, None)
            self._places.setdefault(out, []).append((which, at))

    def _read(self, which: int, at: int) -> Record:
        if which not in self._open_files:
            self._open_files[which] = open(self._paths[which], "rb")  # noqa: SIM115
        file = self._open_files[which]
        file.seek(at)
        return _parsed(file.readline()) or {}


def _now() -> str:
    """Names of runs are in the order of their beginnings, also of two in a second."""
    secs, ns = divmod(time.time_ns(), 10**9)
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(secs))}-{ns // 1000:06}"


def _parsed(row: bytes) -> Record | None:
    """A record; None for what was cut off or is none."""
    if not row.endswith(b"\n"):
        return None
    try:
        record = json.loads(row)
    except ValueError:
        return None
    return record if isinstance(record, dict) and isinstance(record.get("out"), str) else None


def _unwritable(folder: Path, error: OSError) -> OutputError:
    return OutputError(f"the journal cannot be written ({error.strerror or error})", where=str(folder),
                       fix="make room, or check the rights of the folder")
