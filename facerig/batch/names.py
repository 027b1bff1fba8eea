"""Names of files: which every system can store, and which are one to a disk that does not tell case apart.

    check_name("con", "lines.csv:12")      # OutputError
    names = NameTable(); names.add(0, ["a.csv"]); names.add(1, ["A.csv"]); names.twice().rows -> [1]
"""

from __future__ import annotations

import hashlib
import unicodedata
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from facerig.errors import OutputError

FORBIDDEN: Final = frozenset('<>:"|?*') | {chr(code) for code in range(32)}  # in names on Windows
DEVICES: Final = frozenset(["con", "prn", "aux", "nul", *(f"{kind}{n}" for kind in ("com", "lpt")
                                                         for n in range(1, 10))])
LONGEST_NAME: Final = 200  # bytes of a part of a path; disks take 255, files aside need some
SHOWN_PAIRS: Final = 20


def check_name(part: str, where: str) -> None:
    """Raises OutputError for a part of a path that some system cannot store."""
    if (set(part) & FORBIDDEN or part.split(".")[0].strip().casefold() in DEVICES or part[-1:] in (" ", ".")
            or len(part.encode("utf-8", "replace")) > LONGEST_NAME):
        raise OutputError(f"{part!r} is no name that every system can store", where=where,
                          fix="give it another output")


def key_of(name: str) -> int:
    """Equal for names that are one file where case does not count, or letters are composed; 8 bytes."""
    same = name if name.isascii() else unicodedata.normalize("NFC", name)
    return int.from_bytes(hashlib.blake2b(same.casefold().encode("utf-8", "replace"), digest_size=8).digest(),
                          "big")


@dataclass(frozen=True, slots=True)
class Twice:
    """rows: numbers of rows that name what an earlier one has named, in order; pairs: the first of them, each
    behind the row that was there before."""

    rows: list[int]
    pairs: list[tuple[int, int]]


class NameTable:
    """Which rows name what; 12 bytes a name, for there may be millions."""

    def __init__(self) -> None:
        self._keys, self._rows = array("Q"), array("I")

    def add(self, row: int, names: Iterable[str]) -> None:
        """Rows come in order."""
        for key in {key_of(name) for name in names}:
            self._keys.append(key)
            self._rows.append(row)

    def twice(self) -> Twice:
        """What more than one row names."""
        keys, rows = np.frombuffer(self._keys, np.uint64), np.frombuffer(self._rows, np.uint32)
        order = np.argsort(keys, kind="stable")
        keys, rows = keys[order], rows[order]
        new = np.concatenate([[True], keys[1:] != keys[:-1]])[: len(keys)]
        if new.all():
            return Twice([], [])
        first = rows[np.maximum.accumulate(np.where(new, np.arange(len(keys)), 0))]
        later, at = np.unique(rows[~new], return_index=True)
        pairs = zip(first[~new][at][:SHOWN_PAIRS].tolist(), later[:SHOWN_PAIRS].tolist(), strict=True)
        return Twice(later.tolist(), list(pairs))
