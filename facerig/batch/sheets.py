"""Which column means what: in our own tables, and in the sheets of Wwise and FMOD.

    columns = columns_of(header, "lines.csv", tell, {"text": "Notes"})
    row = columns.row("lines.csv:12", cells, folder)

Sources, read as documentation (no sheet of these programs was at hand):

    Wwise  "Importing Media Files from Tab Delimited Text Files" (Wwise Help): Audio File, Object Path ...
    Wwise  "Integrating External Sources" (Wwise SDK): .wsources, an XML list of files
    FMOD   "Dialogue and Localization" (FMOD Studio manual): audio tables, keys.txt
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from facerig.batch.wishes import FIELDS
from facerig.core.sheet_files import FILE_COLUMNS, TEXT_COLUMNS
from facerig.errors import ConfigError, FacerigError

Tell = Callable[[str], None]

SOUNDS: Final = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".oga")
AUDIO: Final = (*FILE_COLUMNS, "sound", "audio file")
OUTPUT: Final = ("output", "out", "target")
WWISE_PATH: Final = "object path"  # a sheet that has it is one of Wwise
FMOD_KEYS: Final = "keys.txt"  # what FMOD calls the keys of an audio table
_TYPE: Final = re.compile(r"<[^<>]*>")  # Wwise: \Actor-Mixer Hierarchy\<Sound Voice>Halt
_LARGEST_LIST_BYTES: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Row:
    """place: "lines.csv:12"; audio and output: as written; folder: that paths are seen from; wishes: by name,
    unchecked; fault: what is wrong with the row as it is written, None for nothing."""

    place: str
    audio: str
    output: str
    folder: Path
    wishes: dict[str, Any] = field(default_factory=dict)
    fault: FacerigError | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """names: what each column is: a wish, "audio", "output", or "" for what nobody reads. wwise: outputs are
    paths of objects, and a row without a sound makes a container."""

    names: tuple[str, ...]
    wwise: bool = False

    def row(self, place: str, cells: list[str], folder: Path) -> Row | None:
        """A row of text; empty cells say nothing. None for what is no line."""
        if any(cell.strip() for cell in cells[len(self.names) :]):
            return faulty(place, folder, ConfigError(
                f"{len(cells)} cells under {len(self.names)} columns",
                fix="put texts that hold the delimiter into double quotes"))
        told = {name: cell for name, cell in zip(self.names, cells, strict=False) if name and cell.strip()}
        audio, output = told.pop("audio", "").strip(), told.pop("output", "").strip()
        if self.wwise:
            if not audio:
                return None
            output = "/".join(part for part in _TYPE.sub("", output).split("\\") if part)
        return Row(place, audio, output, folder, told)


def faulty(place: str, folder: Path, fault: FacerigError) -> Row:
    """A row that cannot be read."""
    return Row(place, "", "", folder, fault=type(fault)(fault.what, where=place, fix=fault.fix))


def columns_of(header: list[str], where: str, tell: Tell, renamed: Mapping[str, str]) -> Columns:
    """What the columns of a header are. renamed: headers by meaning, which win over names. Raises ConfigError
    where no column names the sound, or two mean the same."""
    cells = [_plain(cell) for cell in header]
    wwise = WWISE_PATH in cells
    meaning = _meanings(wwise=wwise)
    names = [meaning.get(cell, "") for cell in cells]
    for name, called in renamed.items():
        _rename(names, cells, name, called, where)
    if "id" in cells and names.count("audio") > 1:
        names[cells.index("id")] = ""  # an id beside the name of a file is no file
    for name in set(names) - {""}:
        if names.count(name) > 1:
            both = [raw for raw, one in zip(header, names, strict=True) if one == name]
            raise ConfigError(f"the columns {' and '.join(both)} both mean {name}", where=where,
                              fix=f"leave one of them out, or say which: --column {name}={both[0]}")
    if "audio" not in names:
        raise ConfigError(f"no column names the sound: {', '.join(header)[:200]!r}", where=where,
                          fix=f"give it a header with one of {', '.join(AUDIO)}, or --column audio=NAME")
    for cell, raw, name in zip(cells, header, names, strict=True):
        if cell and not name and not wwise:  # Wwise has hundreds of properties that are none of our business
            near = get_close_matches(cell, list(meaning), 1, 0.75)
            tell(f"{where}: nobody reads the column {raw!r}" + (f"; did you mean {near[0]}?" if near else ""))
    return Columns(tuple(names), wwise)


def _plain(header: str) -> str:
    return " ".join(header.replace("_", " ").casefold().split())


def _meanings(*, wwise: bool) -> dict[str, str]:
    """What is meant by what people, and Wwise, call their columns."""
    known = {"audio": AUDIO, "output": (*OUTPUT, *([WWISE_PATH] if wwise else []))}
    known |= {name: (name, *one.also) for name, one in FIELDS.items()} | {"text": TEXT_COLUMNS}
    return {_plain(called): name for name, names in known.items() for called in names}


def _rename(names: list[str], cells: list[str], name: str, called: str, where: str) -> None:
    """Let the column `called` mean `name`, and no other column."""
    if _plain(called) not in cells:
        near = get_close_matches(_plain(called), cells, 1)
        raise ConfigError(f"there is no column {called!r}", where=where,
                          fix=f"did you mean {near[0]}?" if near else f"there are {', '.join(cells)[:200]}")
    names[:] = ["" if one == name else one for one in names]
    names[cells.index(_plain(called))] = name


def meaning_named(option: str) -> tuple[str, str]:
    """"text=Notes" as ("text", "Notes"). Raises ConfigError."""
    name, equals, called = option.partition("=")
    known = ["audio", "output", *FIELDS]
    if not equals or name.strip() not in known or not called.strip():
        raise ConfigError(f"{option!r} is no NAME=HEADER", where="--column",
                          fix=f"write text=Notes; names are {', '.join(known)}")
    return name.strip(), called.strip()


def key_row(place: str, cells: list[str], folder: Path) -> Row:
    """A row of FMOD's keys.txt: a key and a file, told apart by the ending; the key names the output."""
    files = [cell.strip() for cell in cells if cell.strip().lower().endswith(SOUNDS)]
    keys = [cell.strip() for cell in cells if cell.strip() and cell.strip() not in files]
    if len(files) != 1 or len(keys) > 1:
        return faulty(place, folder, ConfigError("is no key and file", fix="write welcome,en/welcome.wav"))
    return Row(place, files[0], keys[0] if keys else "", folder)


def source_list(path: Path) -> Iterator[Row]:
    """The files of an External Sources list of Wwise (.wsources). Raises ConfigError for what is none."""
    root = ""
    try:
        if path.stat().st_size > _LARGEST_LIST_BYTES:
            raise ConfigError("is larger than any list of sources", where=str(path), fix="split it")
        _refuse_entities(path)
        for number, (event, element) in enumerate(ElementTree.iterparse(path, ("start", "end"))):
            if number == 0 and element.tag != "ExternalSourcesList":
                raise ConfigError(f"is a list of {element.tag!r}", where=str(path),
                                  fix="give a .wsources file of Wwise")
            if event == "start" and element.tag == "ExternalSourcesList":
                root = element.get("Root", "")
            elif event == "end" and element.tag == "Source":
                yield _source(element, root, path)
                element.clear()
    except (OSError, ElementTree.ParseError) as error:
        raise ConfigError(f"cannot be read ({error})", where=str(path), fix="export the list again") from None


def _refuse_entities(path: Path) -> None:
    """A list of files needs no entities of its own, and they can be made to swell without end."""
    with open(path, "rb") as file:
        if b"<!" in file.read(1 << 16).replace(b"<!--", b""):
            raise ConfigError("has a document type, which a list of sources has not", where=str(path),
                              fix="export the list again")


def _source(element: ElementTree.Element, root: str, path: Path) -> Row:
    audio = element.get("Path", "").replace("\\", "/")
    told = (element.get("Destination") or audio).replace("\\", "/")
    output = told.rpartition(".")[0] if "." in told.rpartition("/")[2] else told
    return Row(f"{path}: {audio or 'a source'}", audio, output, path.parent / root.replace("\\", "/"))
