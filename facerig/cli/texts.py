"""The script of each recording: from `--text`, `--text-file` or `--text-table`.

A table has a row for each line of dialogue, as a spreadsheet exports it: CSV, with commas, semicolons or
tabs.

    file,text
    guard_01.wav,"Halt! Who goes there?"
    guard_02,Nobody passes.

`file` is a recording's name, with or without its folders and its ending. Columns are found by their names, in
any order and beside any others; without a header the first two are meant.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from facerig.cli.groups import with_group
from facerig.cli.plan import STEM_FIELD
from facerig.cli.report import Report
from facerig.core.sheet_files import FILE_COLUMNS, TEXT_COLUMNS, delimiter_of, encoding_of
from facerig.errors import ConfigError

LARGEST_BYTES: Final = 50_000_000

Texts = dict[Path, str]
PANEL: Final = "What is said"


def _option(*names: str, **how: Any) -> Any:
    return typer.Option(*names, rich_help_panel=PANEL, **how)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripted:
    """What was asked for on the command line."""

    text: Annotated[str | None, _option(
        "--text", metavar="TEXT", help="What is said (English): its words steer the lips.")] = None
    text_file: Annotated[str | None, _option(
        "--text-file", metavar="FILE",
        help="The same from a file; {stem} stands for the input's name.")] = None
    text_table: Annotated[Path | None, _option(
        "--text-table", metavar="CSV", help="Texts of many inputs: columns file and text.")] = None
    language: Annotated[str, _option(
        metavar="TAG", help="Language of the text; others than en are animated by ear.")] = "en"


with_script = with_group("script", Scripted)


def texts_of(script: Scripted, sources: list[Path], report: Report) -> Texts:
    """The text of each source that has one; what is left aside is reported. Raises ConfigError for what
    cannot be read or does not fit, and where there is nothing that reads texts."""
    from facerig.script.words import check_reader, is_english

    said = texts_for(sources, text=script.text, text_file=script.text_file, text_table=script.text_table)
    if said and is_english(script.language):
        check_reader()
    elif said:
        report.log(f"texts in {script.language!r} are not used yet, only English; the sound alone is used")
    if script.text_table is not None:
        for source in (source for source in sources if source not in said):
            report.log(f"{source}: {script.text_table} has no text for it; only the sound is used")
    return said


def texts_for(sources: list[Path], *, text: str | None, text_file: str | None, text_table: Path | None
              ) -> Texts:
    """The text of each source that has one. Raises ConfigError for what cannot be read or does not fit."""
    given = [option for option, value in (("--text", text), ("--text-file", text_file),
                                          ("--text-table", text_table)) if value is not None]
    if len(given) > 1:
        raise ConfigError(f"{' and '.join(given)} are two sources of one text", where=given[1],
                          fix="give one of them")
    if text_table is not None:
        return _from_table(sources, text_table)
    if text_file is not None and STEM_FIELD in text_file:
        return {source: _read(Path(text_file.replace(STEM_FIELD, source.stem)), "--text-file")
                for source in sources}
    if given and len(sources) > 1:
        raise ConfigError("one text cannot be that of several recordings", where=given[0],
                          fix=f'give --text-table lines.csv, or --text-file "texts/{STEM_FIELD}.txt"')
    if text_file is not None:
        text = _read(Path(text_file), "--text-file")
    return {} if text is None else {sources[0]: text}


def _read(path: Path, option: str) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"the text cannot be read ({error.strerror})", where=f"{option} {path}",
                          fix="check the path") from None
    if len(data) > LARGEST_BYTES:
        raise ConfigError(f"a file of {len(data) / 1e6:.0f} MB is no script", where=f"{option} {path}",
                          fix="give a text file")
    encoding = encoding_of(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ConfigError(f"byte {error.start} is not {encoding}", where=f"{option} {path}",
                          fix="save the file as UTF-8") from None


def _from_table(sources: list[Path], table: Path) -> Texts:
    rows = dict[str, tuple[int, str]]()
    for number, name, text in _rows(table):
        for key in _keys(name):
            before = rows.setdefault(key, (number, text))
            if before[1] != text:
                raise ConfigError(f"line {before[0]} and line {number} give {name} two texts",
                                  where=str(table),
                                  fix="leave one of them, or tell the files apart by their folders")
    found = Texts()
    for source in sources:
        match = next((rows[key] for key in _keys(str(source)) if key in rows), None)
        if match is not None:
            found[source] = match[1]
    return found


def _keys(name: str) -> Iterator[str]:
    """How a file may be named, the most exact first: its path, and shorter and shorter ends of it."""
    parts = name.replace("\\", "/").strip().casefold().split("/")
    for first in range(len(parts)):
        tail = "/".join(parts[first:])
        yield tail
        stem, dot, ending = tail.rpartition(".")
        if dot and stem and "/" not in ending:
            yield stem


def _rows(table: Path) -> Iterator[tuple[int, str, str]]:
    """Line number, file and text of each row."""
    content = _read(table, "--text-table")
    lines = content.splitlines(keepends=True)
    delimiter = delimiter_of(lines[0]) if lines else ","
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        header = [cell.strip().casefold() for cell in next(reader, [])]
        at_file, at_text = _column(header, FILE_COLUMNS), _column(header, TEXT_COLUMNS)
        if at_file is None or at_text is None:
            at_file, at_text = 0, 1
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) <= max(at_file, at_text):
                raise ConfigError(f"line {reader.line_num} has no text", where=str(table),
                                  fix="give every row a file and a text: guard_01.wav,Halt!")
            yield reader.line_num, row[at_file], row[at_text]
    except csv.Error as error:
        raise ConfigError(f"line {reader.line_num} is no CSV ({error})", where=str(table),
                          fix="save the table as CSV, texts with commas in double quotes") from None


def _column(header: list[str], names: Iterable[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)
