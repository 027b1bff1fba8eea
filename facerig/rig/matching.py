"""Names of a file against the curves of rigs: which column is which curve, and whose file it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from facerig.core.spelling import canonical_name, plain
from facerig.errors import ConfigError
from facerig.rig.declaration import Rig

_OBJECT: Final = re.compile(r".*[:|/]")  # hero:head|face
_NEAR: Final = 0.5  # of a file's curves: a rig that knows fewer is not whose file it is


@dataclass(frozen=True, slots=True)
class Match:
    """`columns`: where in the file each known curve of the rig stands. `unknown`: names of the file that the
    rig does not have; `missing`: curves of the rig that the file does not have."""

    rig: Rig
    columns: dict[str, int]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def share(self) -> float:
        """Of the file's curves that the rig knows."""
        count = len(self.columns) + len(self.unknown)
        return len(self.columns) / count if count else 0.0


def matched(rig: Rig, names: Sequence[str]) -> Match:
    """`names` of a file as curves of `rig`: as they are written, else in whatever case, else by letters and
    digits, without what stands before them (hero:head.jawOpen), and the canonical ones in all their
    spellings.

    A name that fits exactly comes before one that fits nearly. Raises ConfigError where two fit alike.
    """
    alike: dict[str, tuple[str, str]] = {}
    match = _match(rig, names, alike)
    for curve, (one, other) in alike.items():
        raise ConfigError(f"{one!r} and {other!r} are both {curve} of the rig {rig.name}", where="curves",
                          fix="rename or remove one of them")
    return match


def _match(rig: Rig, names: Sequence[str], alike: dict[str, tuple[str, str]]) -> Match:
    """The match; names that fit one curve alike are put into `alike`."""
    taken: dict[str, tuple[int, int]] = {}  # curve: how nearly, column
    lookups = [_lookup(rig, level) for level in range(len(_LEVELS))]
    for column, name in enumerate(names):
        found = _found(lookups, name)
        if found is None:
            continue
        curve, level = found
        if curve in taken and taken[curve][0] == level:
            alike[curve] = names[taken[curve][1]], name
        if curve not in taken or level < taken[curve][0]:
            taken[curve] = level, column
            alike.pop(curve, None)
    columns = {curve: taken[curve][1] for curve in rig.names if curve in taken}
    used = set(columns.values())
    return Match(rig=rig, columns=columns,
                 unknown=tuple(name for k, name in enumerate(names) if k not in used),
                 missing=tuple(curve for curve in rig.names if curve not in columns))


def whose(names: Sequence[str], rigs: Iterable[Rig]) -> Match:
    """The match of the rig that knows most of `names`; of several, the one that lacks least.

    Raises ConfigError where none knows half of them, nor has half of its own among them.
    """
    best = max((_match(rig, names, {}) for rig in rigs), default=None,
               key=lambda match: (len(match.columns), -len(match.missing)))
    if best is None or (best.share < _NEAR and len(best.columns) < len(best.missing)):
        near = f"; {best.rig.name} has {len(best.columns)} of them" if best and best.columns else ""
        raise ConfigError(f"no rig has these {len(names)} curves{near}", where="curves",
                          fix="say whose they are (--from); `facerig rig new` makes a rig of them")
    return matched(best.rig, names)


# --- how nearly a name fits


def _exact(name: str) -> str:
    return name


def _bare(name: str) -> str:
    """Letters and digits behind what names the object."""
    whole = _OBJECT.sub("", name)
    return plain(whole)


def _last(name: str) -> str:
    return plain(_OBJECT.sub("", name).rpartition(".")[2])


def _canonical(name: str) -> str:
    return canonical_name(name) or ""


_LEVELS: Final = (_exact, str.casefold, _bare, _last, _canonical)


def _lookup(rig: Rig, level: int) -> dict[str, str]:
    """Curves by how a name reads at `level`; readings that two curves share are none."""
    read = _LEVELS[level]
    out: dict[str, str] = {}
    shared: set[str] = set()
    for name in rig.names:
        key = read(name)
        shared.update({key} if key in out else ())
        out[key] = name
    return {key: name for key, name in out.items() if key and key not in shared}


def _found(lookups: list[dict[str, str]], name: str) -> tuple[str, int] | None:
    for level, lookup in enumerate(lookups):
        curve = lookup.get(_LEVELS[level](name))
        if curve is not None:
            return curve, level
    return None
