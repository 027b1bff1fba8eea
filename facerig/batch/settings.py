"""The settings of a batch: one TOML file with what holds for all lines and for each character.

    [defaults]
    formats = ["fbx", "livelink.csv"]
    fps = 30

    [characters.Anna]
    style = "styles/anna.toml"
    emotion = "joy:0.2"

Paths are seen from the file's folder. Rows of the manifest win over characters, characters over defaults, and
the command line stands in for defaults.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from facerig.batch.wishes import FIELDS, Wishes, checked, laid_over
from facerig.core.toml_files import Table, one_of, read_toml
from facerig.errors import ConfigError

PLAIN: Final = {"formats": (".livelink.csv",)}  # where nobody says


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """characters: by name, as people write it; names are compared without regard to case."""

    defaults: Wishes = field(default_factory=dict)
    characters: dict[str, Wishes] = field(default_factory=dict)
    _folded: dict[str, Wishes] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._folded.update((name.casefold(), wishes) for name, wishes in self.characters.items())

    def of(self, row: Wishes) -> Wishes:
        """All that is wished for a row."""
        name = str(row.get("character", self.defaults.get("character", ""))).casefold()
        return laid_over(row, self._folded.get(name, {}), self.defaults, PLAIN)

    def over(self, given: Wishes) -> BatchSettings:
        """With the wishes of the command line for defaults."""
        return BatchSettings(laid_over(given, self.defaults), self.characters)


def read_batch_settings(path: Path) -> BatchSettings:
    """From a file. Raises ConfigError with the place of the mistake."""
    table = read_toml(path)
    defaults = _wishes(table.table("defaults"), path.parent)
    characters = table.table("characters")
    named = {name: _wishes(characters.table(name), path.parent) for name in characters.names()}
    table.finish()
    folded: dict[str, str] = {}
    for name in named:
        before = folded.setdefault(name.casefold(), name)
        if before != name:
            raise ConfigError(f"{before} and {name} are one character", where=characters.where(name),
                              fix="write the settings of both into one table")
    return BatchSettings(defaults, named)


def _wishes(table: Table, folder: Path) -> Wishes:
    out: Wishes = {}
    for name in table.names():
        if name not in FIELDS or name == "text":
            allowed = [known for known in FIELDS if known != "text"]
            raise table.bad(name, f"there is no setting {name!r}", f"give {one_of(allowed, name)}")
        out[name] = checked(name, table.raw(name), folder, table.where(name))
    return out
