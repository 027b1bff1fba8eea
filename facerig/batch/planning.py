"""From rows to lines, and all that can be known to be wrong before a night begins.

    plan = Plan("lines.csv", Path("out"), settings)
    faults = plan.check(tell)              # every row once; the first faults in words, all of them counted
    for line in plan.lines(missed): ...    # the good ones, again from the manifest: no line is held in memory
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Final

from facerig.batch.lines import MODEL, Line
from facerig.batch.manifest import NOTHING, rows_of
from facerig.batch.names import NameTable, check_name
from facerig.batch.settings import BatchSettings
from facerig.batch.sheets import Row, Tell
from facerig.batch.stores import Listings, is_address, joined
from facerig.batch.wishes import Wishes, checked
from facerig.core.clock import parse_fps
from facerig.encoder.model import open_model
from facerig.errors import ConfigError, FacerigError, ModelError, OutputError
from facerig.exporting import ExportSettings, Origin, check_rate, info_for, rate_of, rig_for
from facerig.script.words import check_reader, is_english
from facerig.sinks.formats import exporter_for

SHOWN_FAULTS: Final = 20  # in words; the rest is counted

Missed = Callable[[FacerigError], None]


@dataclass(slots=True)
class Faults:
    """What a check has found. shown: the first of them; count: how many there are; rows: all that were looked
    at; used: characters that rows have."""

    shown: list[FacerigError] = field(default_factory=list)
    count: int = 0
    rows: int = 0
    used: set[str] = field(default_factory=set)

    def add(self, error: FacerigError) -> None:
        """One more."""
        self.count += 1
        if len(self.shown) < SHOWN_FAULTS:
            self.shown.append(error)


class Plan:
    """Of one source into one folder. audio_root: that the paths of a manifest's sounds are seen from, where
    it is not the manifest's own folder; columns: headers of a table by what they mean."""

    def __init__(self, source: str, folder: Path, settings: BatchSettings,
                 audio_root: Path | str | None = None, columns: Mapping[str, str] = NOTHING) -> None:
        self.source, self._folder, self._settings, self._root = source, folder, settings, audio_root
        self._columns, self._listings = columns, Listings()
        self._bad = array("Q")  # numbers of rows that have faults, in order

    def rows(self, tell: Tell) -> Iterator[Row]:
        """As they are written."""
        return rows_of(self.source, tell, self._columns)

    def check(self, tell: Tell) -> Faults:
        """Look at every row. Raises ConfigError where the source itself cannot be read."""
        faults, names, bad = Faults(), NameTable(), array("Q")
        for number, row in enumerate(self.rows(tell)):
            faults.rows += 1
            try:
                line = self.line(row)
            except FacerigError as error:
                faults.add(error)
                bad.append(number)
                continue
            faults.used.add(line.character.casefold())
            names.add(number, (line.out, *line.outputs))
        if not faults.rows:
            raise ConfigError("holds no line", where=self.source, fix="name a folder or manifest with sounds")
        twice = names.twice()
        self._tell_twice(twice.pairs, faults)
        faults.count += len(twice.rows) - len(twice.pairs)
        self._bad = array("Q", sorted([*bad, *twice.rows]))
        self._tell_unused(faults, tell)
        return faults

    def lines(self, missed: Missed) -> Iterator[Line]:
        """The lines without faults; missed: of rows that have become faulty since they were looked at. A
        sound that went away meanwhile fails in its turn."""
        bad = iter(self._bad)
        next_bad = next(bad, None)
        for number, row in enumerate(self.rows(lambda _: None)):
            if number == next_bad:
                next_bad = next(bad, None)
                continue
            try:
                line = self.line(row, known=True)
            except FacerigError as error:
                missed(error)
                continue
            yield line

    def line(self, row: Row, *, known: bool = False) -> Line:
        """A row with all that is wished for it; known: its sound was there when the rows were checked. Raises
        FacerigError."""
        if row.fault is not None:
            raise row.fault
        own: Wishes = {name: checked(name, value, row.folder, f"{row.place}: {name}")
                       for name, value in row.wishes.items()}
        wishes = self._settings.of(own)
        endings = wishes.pop("formats")
        if "fps" not in wishes and "settings" not in wishes and (only := _only_rate(endings)) is not None:
            wishes["fps"] = only
        line = Line(place=row.place, audio=self._audio(row, known=known), out=output_of(row), endings=endings,
                    **wishes)
        self._check_files(line)
        return line

    def _audio(self, row: Row, *, known: bool) -> str:
        if not row.audio:
            raise ConfigError("names no sound", where=row.place, fix="fill in its audio, or take the row out")
        if is_address(row.audio) or is_address(self._root or ""):
            return self._audio_of_store(row, known=known)
        path = (Path(self._root) if self._root else row.folder) / row.audio.replace("\\", "/")
        if not known and not path.is_file():
            raise ConfigError(f"there is no sound {path}", where=row.place,
                              fix="check the path, or give --audio-root")
        return str(path)

    def _audio_of_store(self, row: Row, *, known: bool) -> str:
        below = row.audio.replace("\\", "/")
        address = row.audio if is_address(row.audio) else joined(str(self._root), below)
        if not known and self._listings.seen(address) is None:
            raise ConfigError(f"there is no sound {address}", where=row.place,
                              fix="check the address, or give --audio-root")
        return address

    def _check_files(self, line: Line) -> None:
        """Raises FacerigError for files that no exporter writes as the line wishes them, for one that is its
        own sound, and for a text that its model cannot follow."""
        try:
            _check_writing(line.endings, line.rig, line.fps, line.timecode)
            if line.text is not None and is_english(line.language):
                _check_following(line.model or MODEL)
        except FacerigError as error:
            raise ConfigError(error.what, where=f"{line.place}: {error.where}", fix=error.fix) from None
        ending = os.path.splitext(line.audio)[1]
        for name in line.outputs:
            if name.endswith(ending) and _same(self._folder / name, line.audio):
                raise OutputError(f"{name} is its own sound", where=line.place, fix="choose another folder")

    def _tell_twice(self, pairs: list[tuple[int, int]], faults: Faults) -> None:
        """Name both rows of each pair that would write one file."""
        if not pairs:
            return
        wanted, found = {number for pair in pairs for number in pair}, dict[int, tuple[str, str]]()
        for number, row in enumerate(self.rows(lambda _: None)):
            if number in wanted:
                found[number] = row.place, output_of(row)
            if len(found) == len(wanted):
                break
        for first, later in pairs:
            (place, out), (other_place, other) = found[later], found[first]
            case = " (to many disks the two names are one)" if out != other else ""
            faults.add(OutputError(f"{out} is written by {other_place}, too{case}", where=place,
                                   fix="give one of them another output"))

    def _tell_unused(self, faults: Faults, tell: Tell) -> None:
        unused = [name for name in self._settings.characters if name.casefold() not in faults.used]
        if unused:
            tell(f"no row has the character{'s' * (len(unused) > 1)} {', '.join(unused[:8])}"
                 f"{' ...' if len(unused) > 8 else ''} of the settings")


def output_of(row: Row) -> str:
    """Where the files of a row go, seen from the output folder, without an ending. Raises OutputError."""
    written = row.output or str(PurePosixPath(row.audio.replace("\\", "/")).with_suffix(""))
    parts = [part for part in written.replace("\\", "/").split("/") if part not in ("", ".")]
    absolute = written[:1] in ("/", "\\") or written[1:2] == ":" or is_address(row.output or row.audio)
    if not row.output:  # a sound elsewhere: its folders do not count
        parts = parts[-1:] if absolute or ".." in parts else parts
    elif absolute or ".." in parts:
        raise OutputError(f"{written!r} lies outside the output folder", where=row.place,
                          fix="give a path below it, without ..")
    if not parts:
        raise OutputError("names no output", where=row.place, fix="fill in its output")
    for part in parts:
        check_name(part, row.place)
    return "/".join(parts)


def _same(path: Path, other: str) -> bool:
    return os.path.normcase(os.path.abspath(path)) == os.path.normcase(os.path.abspath(other))


@cache
def _only_rate(endings: tuple[str, ...]) -> str | None:
    """The rate that one of the formats has alone; None where all have any."""
    rates = {rate_of(Path(f"line{ending}")) for ending in endings} - {None}
    return str(rates.pop()) if len(rates) == 1 else None


@cache
def _check_following(model: str) -> None:
    """Raises FacerigError where texts cannot be read, or the model hears no phones."""
    if find_spec("hibari") is None:  # loading it takes 200 MB, which only workers need
        check_reader()
    if model != MODEL and not open_model(model)[1].phones:
        raise ModelError("the model cannot follow a text: it does not hear phones", where=model,
                         fix=f"use the model {MODEL!r}, or leave the text out")


_CHECKED: Final[set[tuple[object, ...]]] = set()


def _check_writing(endings: tuple[str, ...], rig: str | None, fps: str | None, timecode: str | None) -> None:
    """What `write_curves` would refuse at once. Raises FacerigError."""
    key = (endings, rig, fps, timecode)
    if key in _CHECKED:
        return
    rate = parse_fps(fps or "60")
    settings = ExportSettings(rig=rig, timecode=timecode)
    for ending in endings:
        path = Path(f"line{ending}")
        exporter = exporter_for(path)
        info_for(rig_for(exporter, settings), settings, Origin(fps=rate, sample_rate=16_000))
        check_rate(exporter, rate, path)
    if len(_CHECKED) < 10_000:
        _CHECKED.add(key)
