"""Tables as spreadsheets write them: comma, semicolon, tab or bar; UTF-8, or UTF-16 ("Unicode text").

    with opened(path) as file:
        delimiter, header = header_of(file)
        for number, cells in rows_of(file, delimiter, 2): ...      # cells, or what is wrong with the row

Rows stream, so that a table may be of any length; a row that cannot be read is one fault, not the end.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from facerig.errors import ConfigError

DELIMITERS: Final = (",", ";", "\t", "|")
# What people call the column of the sound, and that of its text
FILE_COLUMNS: Final = ("file", "filename", "file name", "audio", "wav", "path", "id")
TEXT_COLUMNS: Final = ("text", "line", "dialogue", "dialog", "script", "transcript", "subtitle")
LONGEST_ROW: Final = 1 << 20  # characters
SEEN_BYTES: Final = 4096  # of a file, to see how it is encoded
LOST: Final = "\N{REPLACEMENT CHARACTER}"  # stands where an earlier conversion lost something


def encoding_of(begins: bytes) -> str:
    """Of a file that begins so: spreadsheets write "Unicode text" with the mark of UTF-16."""
    return "utf-16" if begins[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def delimiter_of(line: str) -> str:
    """What most likely stands between the cells of a line."""
    return max(DELIMITERS, key=line.count)


@contextmanager
def opened(path: Path) -> Iterator[IO[str]]:
    """A table as text. What is no text of its encoding is kept and found by `rows_of`. Raises ConfigError."""
    try:
        with open(path, "rb") as file:
            begins = file.read(SEEN_BYTES)
        encoding = encoding_of(begins)
        if encoding != "utf-16" and b"\0" in begins:
            raise ConfigError("is no text, or UTF-16 without its mark", where=str(path),
                              fix="save the table as UTF-8")
        keep = "replace" if encoding == "utf-16" else "surrogateescape"
        with open(path, encoding=encoding, errors=keep, newline="") as text:
            yield text
    except OSError as error:
        raise ConfigError(f"the table cannot be read ({error.strerror})", where=str(path),
                          fix="check the path") from None


def header_of(file: IO[str]) -> tuple[str, list[str], int]:
    """The delimiter, the cells of the first row, and the number of the line after it. A line "sep=;", which
    some programs put in front, is heeded."""
    first, number = file.readline(LONGEST_ROW), 2
    delimiter = delimiter_of(first)
    if first.startswith("sep=") and first.strip()[4:] in DELIMITERS:
        delimiter, first, number = first[4], file.readline(LONGEST_ROW), 3
    return delimiter, next(csv.reader([first], delimiter=delimiter), []), number


def rows_of(file: IO[str], delimiter: str, number: int) -> Iterator[tuple[int, list[str] | ConfigError]]:
    """The line at which each row begins, and its cells or what is wrong with it; rows without anything are
    left out. number: of the next line. Raises ConfigError where nothing can be read any more."""
    reader = csv.reader(_lines(file, number), delimiter=delimiter, strict=True)
    while True:
        at = number + reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield at, ConfigError(f"is no CSV ({error})", fix="save the table as CSV, texts with commas or "
                                                              "line breaks in double quotes")
            continue
        if any(cell.strip() for cell in cells):
            yield at, _readable(cells)


def _lines(file: IO[str], number: int) -> Iterator[str]:
    while line := file.readline(LONGEST_ROW):
        if len(line) == LONGEST_ROW and not line.endswith("\n"):
            raise ConfigError(f"a line of more than {LONGEST_ROW} characters is no row of a table",
                              where=f"{file.name}:{number}", fix="save the table as CSV")
        number += 1
        yield line


def _readable(cells: list[str]) -> list[str] | ConfigError:
    """The cells, if they are text."""
    bad = next((cell for cell in cells if not cell.isascii() and not is_text(cell)), None)
    if bad is None:
        return cells
    return ConfigError(f"{shown(bad)!r} is not UTF-8, or was spoilt on the way",
                       fix="save the table as UTF-8")


def is_text(cell: str) -> bool:
    """Whether all of it could be decoded, by whoever did."""
    return LOST not in cell and not any("\ud800" <= char <= "\udfff" for char in cell)


def shown(cell: str) -> str:
    """A cell for a message."""
    return cell[:40].encode("utf-8", "replace").decode()
