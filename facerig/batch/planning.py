"""From rows to lines, and all that can be known to be wrong before a night begins.

    plan = Plan("lines.csv", Path("out"), settings)
    faults = plan.check(tell)          # every row once; the first faults in words, all of them counted
    for line in plan.lines(): ...      # the good ones, again from the manifest: nothing is held in memory
"""

from __future__ import annotations

import hashlib
import os
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final

from facerig.batch.lines import Line
from facerig.batch.manifest import Row, Tell, rows_of
from facerig.batch.settings import BatchSettings
from facerig.batch.wishes import Wishes, checked
from facerig.core.clock import parse_fps
from facerig.errors import ConfigError, FacerigError, OutputError
from facerig.exporting import ExportSettings, Origin, check_rate, info_for, rate_of, rig_for
from facerig.sinks.formats import exporter_for

SHOWN_FAULTS: Final = 20  # in words; the rest is counted
FORBIDDEN: Final = frozenset('<>:"|?*') | {chr(code) for code in range(32)}  # in names on Windows
DEVICES: Final = frozenset(["con", "prn", "aux", "nul", *(f"{kind}{n}" for kind in ("com", "lpt")
                                                         for n in range(1, 10))])
LONGEST_NAME: Final = 200  # bytes of a part of a path; disks take 255, files aside need some


@dataclass(slots=True)
class Faults:
    """What a check has found. shown: the first of them; rows: how many there are in all; used: characters
    that rows have."""

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
    it is not the manifest's own folder."""

    def __init__(self, source: str, folder: Path, settings: BatchSettings, audio_root: Path | None = None
                 ) -> None:
        self.source, self._folder, self._settings, self._root = source, folder, settings, audio_root
        self._bad = array("Q")  # numbers of rows that have faults

    def check(self, tell: Tell) -> Faults:
        """Look at every row. Raises ConfigError where the source itself cannot be read."""
        faults, seen = Faults(), dict[int, int]()
        self._bad = array("Q")
        places: dict[int, str] = {}
        for number, row in enumerate(rows_of(self.source, tell)):
            faults.rows += 1
            try:
                line = self._line(row)
                faults.used.add(line.character.casefold())
                self._check_new(line, number, seen, places)
            except FacerigError as error:
                faults.add(error)
                self._bad.append(number)
        if not faults.rows:
            raise ConfigError("holds no line", where=self.source, fix="name a folder or manifest with sounds")
        self._tell_unused(faults, tell)
        return faults

    def lines(self) -> Iterator[Line]:
        """The lines without faults."""
        bad = set(self._bad)
        for number, row in enumerate(rows_of(self.source, lambda _: None)):
            if number not in bad:
                yield self._line(row)

    def _line(self, row: Row) -> Line:
        """A row with all that is wished for it. Raises FacerigError."""
        own: Wishes = {name: checked(name, value, row.folder, f"{row.place}: {name}")
                       for name, value in row.wishes.items()}
        wishes = self._settings.of(own)
        endings = wishes.pop("formats")
        if "fps" not in wishes and "settings" not in wishes and (only := _only_rate(endings)) is not None:
            wishes["fps"] = only
        line = Line(place=row.place, audio=self._audio(row), out=_output(row), endings=endings, **wishes)
        self._check_files(line)
        return line

    def _audio(self, row: Row) -> str:
        if not row.audio:
            raise ConfigError("names no sound", where=row.place, fix="fill in its audio, or take the row out")
        path = (self._root or row.folder) / row.audio.replace("\\", "/")
        if not path.is_file():
            raise ConfigError(f"there is no sound {path}", where=row.place,
                              fix="check the path, or give --audio-root")
        return str(path)

    def _check_files(self, line: Line) -> None:
        """Raises FacerigError for files that no exporter writes as the line wishes them."""
        try:
            _check_writing(line.endings, line.rig, line.fps, line.timecode)
        except FacerigError as error:
            raise ConfigError(error.what, where=f"{line.place}: {error.where}", fix=error.fix) from None

    def _check_new(self, line: Line, number: int, seen: dict[int, int], places: dict[int, str]) -> None:
        """Raises OutputError for a file that another line, or its own sound, has."""
        for name in line.outputs:
            key = _key(name)
            other = seen.setdefault(key, number)
            if other != number:
                raise OutputError(f"{name} is written by {places.get(other, f'row {other + 1}')}, too",
                                  where=line.place, fix="give one of them another output")
            if os.path.normcase(os.path.abspath(self._folder / name)) == os.path.normcase(
                    os.path.abspath(line.audio)):
                raise OutputError(f"{name} is its own sound", where=line.place, fix="choose another folder")
        if len(places) < 100_000:
            places[number] = line.place

    def _tell_unused(self, faults: Faults, tell: Tell) -> None:
        unused = [name for name in self._settings.characters if name.casefold() not in faults.used]
        if unused:
            tell(f"no row has the character{'s' * (len(unused) > 1)} {', '.join(unused[:8])}"
                 f"{' ...' if len(unused) > 8 else ''} of the settings")


def _output(row: Row) -> str:
    """Where the files of a row go, seen from the output folder, without an ending. Raises OutputError."""
    written = row.output or str(PurePosixPath(row.audio.replace("\\", "/")).with_suffix(""))
    parts = [part for part in written.replace("\\", "/").split("/") if part not in ("", ".")]
    absolute = written[:1] in "/\\" or written[1:2] == ":"
    if not row.output:  # a sound elsewhere: its folders do not count
        parts = [parts[-1]] if absolute or ".." in parts else parts
    elif absolute or ".." in parts:
        raise OutputError(f"{written!r} lies outside the output folder", where=row.place,
                          fix="give a path below it, without ..")
    for part in parts:
        if (set(part) & FORBIDDEN or part.split(".")[0].casefold() in DEVICES or part[-1:] in " ."
                or len(part.encode()) > LONGEST_NAME):
            raise OutputError(f"{part!r} is no name that every system can store", where=row.place,
                              fix="give it another output")
    if not parts:
        raise OutputError("names no output", where=row.place, fix="fill in its output")
    return "/".join(parts)


def _key(name: str) -> int:
    """Equal for names that are one file where case does not count; 8 bytes, for there may be a million."""
    return int.from_bytes(hashlib.blake2b(name.casefold().encode(), digest_size=8).digest(), "big")


@cache
def _only_rate(endings: tuple[str, ...]) -> str | None:
    """The rate that one of the formats has alone; None where all have any."""
    rates = {rate_of(Path(f"line{ending}")) for ending in endings} - {None}
    return str(rates.pop()) if len(rates) == 1 else None


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
