"""Which exporter writes a file: found through entry points, chosen by the longest matching ending."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final

from facerig.core.plugins import loaded
from facerig.errors import OutputError
from facerig.sinks.exporter import Exporter

GROUP: Final = "facerig.exporters"
_OWN: Final = "facerig_exporters."  # facerig's own win where two exporters claim one ending


@dataclass(frozen=True, slots=True)
class Formats:
    """The exporters that could be loaded, and in words why others could not."""

    exporters: tuple[type[Exporter], ...]
    problems: tuple[str, ...]

    @property
    def by_ending(self) -> dict[str, type[Exporter]]:
        """Each ending (".csv") and who writes it; the first exporter that claims an ending has it."""
        return {ending: e for e in reversed(self.exporters) for ending in e.endings}

    def ending_of(self, path: Path) -> str:
        """The longest known ending of `path`, in lower case. Raises OutputError where there is none."""
        name = path.name.lower()
        fitting = [ending for ending in self.by_ending if name.endswith(ending) and name != ending]
        if fitting:
            return max(fitting, key=len)
        raise OutputError(f"no exporter writes files that end like {path.name!r}", where=str(path),
                          fix=self._fix())

    def exporter_for(self, path: Path) -> Exporter:
        """A fresh exporter for the ending of `path`. Raises OutputError where there is none."""
        return self.by_ending[self.ending_of(path)]()

    def exporter_named(self, name: str) -> Exporter:
        """A fresh exporter by its name ("livelink-csv"). Raises OutputError where there is none."""
        for exporter in self.exporters:
            if exporter.name == name:
                return exporter()
        known = ", ".join(sorted(e.name for e in self.exporters))
        raise OutputError(f"there is no format {name!r}", where="--format", fix=f"choose one of {known}")

    def _fix(self) -> str:
        endings = ", ".join(sorted(self.by_ending)) or "none: install facerig (`pip install facerig`)"
        broken = "".join(f"; {problem}" for problem in self.problems)
        return f"use one of the endings {endings}{broken}"


def load_formats(points: Iterable[EntryPoint]) -> Formats:
    """Load the exporters behind `points`; one that cannot be loaded is reported and harms no other."""
    exporters, problems = loaded(points, "exporter", _OWN, lambda one, before: _fault(
        one, {ending: e for e in before for ending in e.endings}))
    return Formats(tuple(exporters), tuple(problems))


@cache
def formats() -> Formats:
    """The formats of every installed package."""
    return load_formats(entry_points(group=GROUP))


def spelled(exporter: Exporter | type[Exporter]) -> tuple[str, ...]:
    """The endings of `exporter` as people write them."""
    endings: tuple[str, ...] = getattr(exporter, "spelled", exporter.endings)
    return endings


def exporter_for(path: Path) -> Exporter:
    """An exporter for the ending of `path`, the longest match winning. Raises OutputError where there is
    none."""
    return formats().exporter_for(path)


def exporter_named(name: str) -> Exporter:
    """An exporter by its name. Raises OutputError where there is none."""
    return formats().exporter_named(name)


def ending_of(path: Path) -> str:
    """The ending of `path` that an exporter knows, lower case. Raises OutputError where there is none."""
    return formats().ending_of(path)


def _fault(exporter: object, taken: dict[str, type[Exporter]]) -> str:
    """What keeps `exporter` from being one, in words; empty if nothing."""
    if not isinstance(exporter, type) or not callable(getattr(exporter, "write", None)):
        return "is not a class with a `write` method"
    name, endings, summary = (getattr(exporter, key, None) for key in ("name", "endings", "summary"))
    if not isinstance(name, str) or not isinstance(summary, str):
        return "lacks a name or a summary"
    if not isinstance(endings, tuple) or not endings:
        return "lists no endings"
    if not all(isinstance(e, str) and e.startswith(".") and e == e.lower() for e in endings):
        return "has an ending that is not a dot and lower-case letters"
    for ending in endings:
        if ending in taken:
            return f"claims the ending {ending}, which {taken[ending].name!r} has"
    return ""
