"""What there is to do, row by row: a folder of sound, a glob, a table, JSON lines, another program's sheet.

    for row in rows_of("lines.csv"): ...        # Row(place, audio, output, wishes), none of it checked yet

Rows stream: a table of a million lines is never held in memory. A table may have any columns; which of them
are read says the header, and those that nobody reads are told once.
"""

from __future__ import annotations

import csv
import glob
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Any, Final

from facerig.batch.wishes import FIELDS
from facerig.errors import ConfigError

SOUNDS: Final = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".oga")
TABLES: Final = (".csv", ".tsv", ".txt")
JSON_LINES: Final = (".jsonl", ".ndjson")
AUDIO: Final = ("audio", "file", "filename", "file name", "wav", "path", "sound", "id")
OUTPUT: Final = ("output", "out", "target")
DELIMITERS: Final = (",", ";", "\t", "|")
LONGEST_ROW: Final = 1 << 20  # characters
SEEN_BYTES: Final = 1 << 16  # of a file, to see how it is encoded

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Row:
    """place: "lines.csv:12"; audio and output: as written; folder: that paths are seen from; wishes: by name,
    unchecked."""

    place: str
    audio: str
    output: str
    folder: Path
    wishes: dict[str, Any] = field(default_factory=dict)


def rows_of(source: str, tell: Tell) -> Iterator[Row]:
    """The rows of a source; tell: of columns that nobody reads. Raises ConfigError for what is none."""
    path = Path(source)
    if path.is_dir():
        return _sounds(path)
    if path.suffix.lower() in TABLES:
        return _table(path, tell)
    if path.suffix.lower() in JSON_LINES:
        return _json_lines(path)
    if path.is_file() and path.suffix.lower() in SOUNDS:
        return iter([Row(str(path), path.name, path.stem, path.parent)])
    if glob.has_magic(source):
        return _matching(source)
    raise ConfigError("is no folder, glob, table or sound", where=source,
                      fix='give a folder, "lines/**/*.wav", or a manifest that ends in '
                          f"{', '.join(TABLES + JSON_LINES)}")


def _sounds(folder: Path) -> Iterator[Row]:
    """All sound below a folder, in order."""
    for path in sorted(folder.rglob("*")):
        below = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in below.parts)
        if path.suffix.lower() in SOUNDS and path.is_file() and not hidden:
            yield Row(str(path), str(below), str(below.with_suffix("")), folder)


def _matching(pattern: str) -> Iterator[Row]:
    """What a pattern finds, seen from its first folder without a wildcard."""
    root = Path(pattern)
    while glob.has_magic(str(root)):
        root = root.parent
    for name in sorted(glob.glob(pattern, recursive=True)):
        path = Path(name)
        if path.suffix.lower() in SOUNDS and path.is_file():
            below = path.relative_to(root)
            yield Row(name, str(below), str(below.with_suffix("")), root)


def _table(path: Path, tell: Tell) -> Iterator[Row]:
    with _opened(path) as file:
        first = file.readline(LONGEST_ROW)
        delimiter = "\t" if path.suffix.lower() == ".tsv" else max(DELIMITERS, key=first.count)
        header = next(csv.reader([first], delimiter=delimiter, strict=True), [])
        names = columns(header, str(path), tell)
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield _row(f"{path}:{reader.line_num + 1}", names, cells, path.parent)
        except csv.Error as error:
            raise ConfigError(f"is no CSV ({error})", where=f"{path}:{reader.line_num + 1}",
                              fix="save the table as CSV, texts with commas in double quotes") from None
        except UnicodeError as error:
            raise ConfigError(f"is not the encoding that the file began with ({error})", where=str(path),
                              fix="save the table as UTF-8") from None


def columns(header: list[str], where: str, tell: Tell) -> list[str]:
    """What each column of a header means: a wish, audio, output, or "" for what nobody reads. Raises
    ConfigError where no column names the sound, or two mean the same."""
    known = {"audio": AUDIO, "output": OUTPUT} | {name: (name, *one.also) for name, one in FIELDS.items()}
    meaning = {called: name for name, names in known.items() for called in names}
    cells = [cell.strip().casefold().replace("_", " ") for cell in header]
    names = [meaning.get(cell, meaning.get(cell.replace(" ", "_"), "")) for cell in cells]
    if "id" in cells and names.count("audio") > 1:
        names[cells.index("id")] = ""  # an id beside the name of a file is no file
    for name in known:
        if names.count(name) > 1:
            both = [header[k] for k, one in enumerate(names) if one == name]
            raise ConfigError(f"the columns {' and '.join(both)} both mean {name}", where=f"{where}:1",
                              fix="leave one of them out")
    if "audio" not in names:
        raise ConfigError(f"no column names the sound: {', '.join(header)[:200]}", where=f"{where}:1",
                          fix=f"give it a header with one of {', '.join(AUDIO)}")
    for cell, raw, name in zip(cells, header, names, strict=True):
        if cell and not name:
            near = get_close_matches(cell, list(meaning), 1, 0.75)
            tell(f"{where}: nobody reads the column {raw!r}" + (f"; did you mean {near[0]}?" if near else ""))
    return names


def _row(place: str, names: list[str], cells: list[str], folder: Path) -> Row:
    """A row of text; empty cells say nothing."""
    if len(cells) > len(names):
        raise ConfigError(f"{len(cells)} cells under {len(names)} columns", where=place,
                          fix="put texts that hold the delimiter into double quotes")
    told = {name: cell for name, cell in zip(names, cells, strict=False) if name and cell.strip()}
    return Row(place, told.pop("audio", "").strip(), told.pop("output", "").strip(), folder, told)


def _json_lines(path: Path) -> Iterator[Row]:
    with _opened(path) as file:
        number = 0
        while line := file.readline(LONGEST_ROW):
            number += 1
            if line.strip():
                yield _object(f"{path}:{number}", line, path.parent)


def _object(place: str, line: str, folder: Path) -> Row:
    try:
        told = json.loads(line)
    except ValueError as error:
        raise ConfigError(f"is no JSON ({error})", where=place, fix="write one object a line") from None
    if not isinstance(told, dict):
        raise ConfigError("is no JSON object", where=place, fix='write {"audio": "a.wav", "text": "..."}')
    told = {key: value for key, value in told.items() if value is not None}
    for key in told:
        if key not in FIELDS and key not in ("audio", "output"):
            near = get_close_matches(key, [*FIELDS, "audio", "output"], 1)
            fix = f"did you mean {near[0]}?" if near else f"leave it out; known are {', '.join(FIELDS)}"
            raise ConfigError(f"there is no field {key!r}", where=place, fix=fix)
    audio, output = told.pop("audio", ""), told.pop("output", "")
    if not isinstance(audio, str) or not isinstance(output, str):
        raise ConfigError("audio and output are texts", where=place, fix='write {"audio": "a.wav"}')
    return Row(place, audio, output, folder, told)


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    """A text file in UTF-8, or UTF-16 where it begins with the mark of that, as spreadsheets write it."""
    try:
        with open(path, "rb") as file:
            begins = file.read(SEEN_BYTES)
        encoding = "utf-16" if begins[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        if encoding == "utf-8-sig":
            _check_utf8(begins, path)
        with open(path, encoding=encoding, newline="") as text:
            yield text
    except OSError as error:
        raise ConfigError(f"the manifest cannot be read ({error.strerror})", where=str(path),
                          fix="check the path") from None


def _check_utf8(begins: bytes, path: Path) -> None:
    try:
        begins[: begins.rfind(b"\n") + 1].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = begins[: error.start].count(b"\n") + 1
        raise ConfigError(f"byte {error.start} is not UTF-8", where=f"{path}:{line}",
                          fix="save the table as UTF-8 (or as \"Unicode text\")") from None
