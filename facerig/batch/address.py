"""What a line's files are made from, as one number: while it stays, so do they.

    prints = Prints()                       # or of a journal's records, which spare reading files again
    address = address_of(line, prints)      # sha256 over sound, settings, named files, model and version

Files count by what is in them. A file whose size and time of change are those of the last run is not read;
one of a store never is: its tag counts.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Final

import facerig
from facerig.batch.lines import MODEL, Line
from facerig.batch.stores import Listings, is_address
from facerig.encoder.model import model_path
from facerig.errors import AudioError
from facerig.performance.control.overrides_file import overrides_beside

MAKE: Final = 1  # raise it when the same inputs give other files
CHUNK: Final = 1 << 20
# what of a line changes nothing in its files
_APART: Final = ("place", "audio", "out")

Print = tuple[int, int, str]  # size, time of change in ns, sha256


class Prints:
    """sha256 of files. known: prints of earlier runs by path, to be believed while size and time agree;
    None: every file is read."""

    def __init__(self, known: Callable[[str], Print | None] | None = None) -> None:
        self._known = known
        self.listings = Listings()  # of stores
        self._seen: dict[str, Print] = {}

    def of(self, path: str, *, shared: bool = False) -> Print:
        """shared: other lines may ask for it, too. Raises AudioError for a file that cannot be read."""
        if is_address(path):
            return self._of_store(path)
        try:
            status = os.stat(path)
            seen = self._seen.get(path) or (self._known(path) if self._known is not None else None)
            if seen is None or seen[:2] != (status.st_size, status.st_mtime_ns):
                seen = (status.st_size, status.st_mtime_ns, _sha256(path))
        except OSError as error:
            raise AudioError(f"cannot be read ({error.strerror})", where=path, fix="check the path") from None
        if shared:
            self._seen[path] = seen
        return seen

    def _of_store(self, address: str) -> Print:
        """What the store says of a file stands for what is in it."""
        seen = self.listings.seen(address)
        if seen is None:
            raise AudioError("is not there", where=address, fix="check the address")
        return (*seen, f"{seen[0]}:{seen[1]}")


def inputs_of(line: Line, listings: Listings | None = None) -> tuple[str, ...]:
    """The files that a line is made from, the sound first. Raises AudioError of a store."""
    beside = ((listings or Listings()).overrides_beside(line.audio) if is_address(line.audio)
              else overrides_beside(Path(line.audio)))
    return (line.audio, *line.files, *([] if beside is None else [str(beside)]))


def address_of(line: Line, prints: Prints) -> tuple[str, dict[str, Print]]:
    """The address of a line's files, and the prints of what they are made from. Raises FacerigError."""
    inputs = {path: prints.of(path, shared=path in line.files) for path in inputs_of(line, prints.listings)}
    wishes = {name: value for name, value in asdict(line).items() if name not in _APART}
    _, model = model_path(line.model or MODEL)
    told = [MAKE, facerig.__version__, model, wishes, [print_[2] for print_ in inputs.values()]]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest(), inputs


def _sha256(path: str) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
