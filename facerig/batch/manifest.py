"""What there is to do, row by row: a folder of sound, a glob, a table, JSON lines, another program's sheet.

    for row in rows_of("lines.csv", tell): ...        # Row(place, audio, output, wishes), unchecked

Rows stream: a table of a million lines is never held in memory. A row that cannot be read comes as one with a
fault, and the others go on.
"""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Final

from facerig.batch.sheets import (
    FMOD_KEYS,
    SOUNDS,
    Columns,
    Row,
    Tell,
    columns_of,
    faulty,
    key_row,
    source_list,
)
from facerig.batch.stores import is_address, sounds_below
from facerig.batch.wishes import FIELDS
from facerig.core.sheet_files import DELIMITERS, LONGEST_ROW, delimiter_of, header_of, is_text, opened
from facerig.core.sheet_files import rows_of as cells_of
from facerig.errors import ConfigError

TABLES: Final = (".csv", ".tsv", ".txt")
JSON_LINES: Final = (".jsonl", ".ndjson")
WWISE_LIST: Final = ".wsources"
HEADLESS: Final = Columns(("audio", "text"))  # as a table of texts may be
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def rows_of(source: str, tell: Tell, renamed: Mapping[str, str] = NOTHING) -> Iterator[Row]:
    """The rows of a source; tell: of columns that nobody reads; renamed: headers of a table by what they
    mean. Raises ConfigError for what is no source."""
    path = Path(source)
    ending = path.suffix.lower()
    if is_address(source):
        return _in_store(source, ending)
    if path.is_dir():
        return _sounds(path)
    if path.name.lower() == FMOD_KEYS:
        return _keys(path)
    if ending in TABLES:
        return _table(path, tell, renamed)
    if ending in JSON_LINES:
        return _json_lines(path)
    if ending == WWISE_LIST:
        return source_list(path)
    if path.is_file() and ending in SOUNDS:
        return iter([Row(str(path), path.name, path.stem, path.parent)])
    if glob.has_magic(source):
        return _matching(source)
    raise ConfigError("is no folder, glob, table or sound" if path.exists() else "is not there", where=source,
                      fix='give a folder, "lines/**/*.wav", or a manifest that ends in '
                          f"{', '.join((*TABLES, *JSON_LINES, WWISE_LIST))}")


def _sounds(folder: Path) -> Iterator[Row]:
    """All sound below a folder, in order; links to folders are not followed."""
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.lower().endswith(SOUNDS) and not name.startswith("."):
                yield _found(Path(parent, name), folder)


def _in_store(address: str, ending: str) -> Iterator[Row]:
    """All sound below a folder of a store."""
    if ending in (*TABLES, *JSON_LINES, WWISE_LIST):
        raise ConfigError("a manifest is read from a disk", where=address,
                          fix="copy it here, and give --audio-root with the address of the sounds")
    for sound, below in sounds_below(address, SOUNDS):
        yield Row(sound, sound, str(PurePosixPath(below).with_suffix("")), Path())


def _matching(pattern: str) -> Iterator[Row]:
    """What a pattern finds, seen from its first folder without a wildcard."""
    root = Path(pattern)
    while glob.has_magic(str(root)):
        root = root.parent
    for name in sorted(glob.glob(pattern, recursive=True)):
        if name.lower().endswith(SOUNDS) and os.path.isfile(name):
            yield _found(Path(name), root)


def _found(path: Path, folder: Path) -> Row:
    below = path.relative_to(folder)
    return Row(str(path), str(below), str(below.with_suffix("")), folder)


def _table(path: Path, tell: Tell, renamed: Mapping[str, str]) -> Iterator[Row]:
    with opened(path) as file:
        delimiter, number = _after_a_sound(file.readline(LONGEST_ROW)), 1
        columns = HEADLESS
        file.seek(0)
        if delimiter is None or renamed:
            delimiter, header, number = header_of(file)
            if not any(cell.strip() for cell in header):
                raise ConfigError("holds no line", where=str(path), fix="give it a header and rows")
            columns = columns_of(header, f"{path}:{number - 1}", tell, renamed)
        for at, cells in cells_of(file, delimiter, number):
            place = f"{path}:{at}"
            if isinstance(cells, ConfigError):
                yield faulty(place, path.parent, cells)
            elif (row := columns.row(place, cells, path.parent)) is not None:
                yield row


def _after_a_sound(line: str) -> str | None:
    """What follows the first cell of a line, if that is a sound: a table without a header."""
    cells = {delimiter: line.split(delimiter)[0].strip().strip('"').lower() for delimiter in DELIMITERS}
    return next((delimiter for delimiter, cell in cells.items() if cell.endswith(SOUNDS)), None)


def _keys(path: Path) -> Iterator[Row]:
    """The keys of an audio table of FMOD Studio."""
    with opened(path) as file:
        delimiter = delimiter_of(file.readline(LONGEST_ROW))
        file.seek(0)
        for at, cells in cells_of(file, delimiter, 1):
            place = f"{path}:{at}"
            if isinstance(cells, ConfigError):
                yield faulty(place, path.parent, cells)
            else:
                yield key_row(place, cells, path.parent)


def _json_lines(path: Path) -> Iterator[Row]:
    with opened(path) as file:
        number = 0
        while line := file.readline(LONGEST_ROW):
            number += 1
            if line.strip():
                try:
                    yield _object(f"{path}:{number}", line, path.parent)
                except ConfigError as error:
                    yield faulty(f"{path}:{number}", path.parent, error)


def _object(place: str, line: str, folder: Path) -> Row:
    """Raises ConfigError."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"is no JSON ({error})", fix="write one object a line") from None
    if not isinstance(told, dict):
        raise ConfigError("is no JSON object", fix='write {"audio": "a.wav", "text": "..."}')
    if not all(is_text(one) for one in (*told, *told.values()) if isinstance(one, str)):
        raise ConfigError("is not UTF-8, or was spoilt on the way", fix="save the file as UTF-8")
    told = {key: value for key, value in told.items() if value is not None}
    for key in told:
        if key not in FIELDS and key not in ("audio", "output"):
            near = get_close_matches(key, [*FIELDS, "audio", "output"], 1)
            fix = f"did you mean {near[0]}?" if near else f"leave it out; known are {', '.join(FIELDS)}"
            raise ConfigError(f"there is no field {key!r}", fix=fix)
    audio, output = told.pop("audio", ""), told.pop("output", "")
    if not isinstance(audio, str) or not isinstance(output, str):
        raise ConfigError("audio and output are texts", fix='write {"audio": "a.wav"}')
    return Row(place, audio, output, folder, told)
