"""From a batch's journal to the lines of its report, the likeliest to need a person first."""

from __future__ import annotations

import os
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from facerig.batch.journal import Journal, Record
from facerig.batch.signs import Sign, likelihood, signs
from facerig.errors import ConfigError

LOOK_FROM: Final = 0.5  # likelihood from which on a line is said to need a look
CHANGED: Final = 0.04  # mean difference of drawn curves that counts as another take
GOOD_TOTALS: Final = ("lines", "look", "failed", "seconds")


@dataclass(slots=True)
class Entry:
    """A line of the report. changed: mean difference of its drawn curves from the run before, None where
    there was none; faces: pictures of its moments, PNG as base64."""

    out: str
    record: Record
    signs: list[Sign]
    likelihood: float
    changed: float | None = None
    before: float | None = None  # its likelihood in the run before
    faces: list[str] = field(default_factory=list)

    @property
    def line(self) -> dict[str, Any]:
        """What was asked for."""
        told = self.record.get("line")
        return told if isinstance(told, dict) else {}


@dataclass(slots=True)
class Report:
    """All entries, the likeliest first; run: the newest."""

    folder: Path
    run: str
    entries: list[Entry]

    def totals(self, of: str) -> dict[str, dict[str, float]]:
        """Lines, those to look at, failures and seconds by `character` or `language`."""
        out: dict[str, dict[str, float]] = {}
        for entry in self.entries:
            row = out.setdefault(str(entry.line.get(of) or "-"), dict.fromkeys(GOOD_TOTALS, 0.0))
            row["lines"] += 1
            row["look"] += entry.likelihood >= LOOK_FROM
            row["failed"] += entry.record.get("error") is not None
            row["seconds"] += float(entry.record.get("secs") or 0)
        return dict(sorted(out.items()))

    def changes(self) -> dict[str, int]:
        """Against the run before each line's newest."""
        out = {"new": 0, "same": 0, "changed": 0, "worse": 0, "better": 0}
        for entry in self.entries:
            if entry.before is None:
                out["new"] += 1
                continue
            out["changed" if (entry.changed or 0) > CHANGED else "same"] += 1
            out["worse"] += entry.before < LOOK_FROM <= entry.likelihood
            out["better"] += entry.likelihood < LOOK_FROM <= entry.before
        return out

    def figures(self) -> dict[str, Any]:
        """For programs: everything but the pictures."""
        return {"run": self.run, "lines": len(self.entries), "changes": self.changes(),
                "characters": self.totals("character"), "languages": self.totals("language"),
                "entries": [{"out": one.out, "likelihood": round(one.likelihood, 4),
                             "signs": [{"name": s.name, "text": s.text, "weight": round(s.weight, 2)}
                                       for s in one.signs],
                             "changed": one.changed, "error": one.record.get("error"),
                             "seconds": one.record.get("secs"), "line": one.line,
                             "measures": _measures(one.record)} for one in self.entries]}


def gathered(folder: Path) -> Report:
    """The newest record of every line. Raises ConfigError for a folder in which no batch has run."""
    if not folder.is_dir():
        raise ConfigError("is no folder", where=str(folder),
                          fix="name the folder that `facerig batch` wrote to")
    journal = Journal(folder)
    try:
        entries = list(_entries(journal, folder))
        if not entries:
            raise ConfigError("no batch has written here", where=str(folder),
                              fix=f"run `facerig batch SOURCE -o {folder}` first")
        run = max(str(entry.record.get("run", "")) for entry in entries)
    finally:
        journal.close()
    entries.sort(key=lambda one: (one.record.get("error") is None, -one.likelihood, one.out))
    return Report(folder, run, entries)


def _entries(journal: Journal, folder: Path) -> Iterator[Entry]:
    for out in journal.outs():
        newest, *rest = islice(journal.history(out), 2)
        if newest.get("error") is None and not _there(folder, newest):
            continue  # its files were taken away: it is no line any more
        found = signs(newest)
        entry = Entry(out, newest, found, likelihood(found))
        if rest:
            entry.before = likelihood(signs(rest[0]))
            entry.changed = _difference(newest, rest[0])
        yield entry


def _there(folder: Path, record: Record) -> bool:
    return any(os.path.exists(folder / name) for name in record.get("files") or ())


def _difference(one: Record, other: Record) -> float | None:
    """Mean difference of the drawn curves, 0 to 1; the longer one's end counts as wholly other."""
    a, b = (((record.get("seen") or {}).get("sketch") or {}).get("curves") or {} for record in (one, other))
    apart = []
    for name in a.keys() & b.keys():
        x, y = (np.frombuffer(b64decode(curves[name]), np.uint8).astype(float) / 255 for curves in (a, b))
        n = min(len(x), len(y))
        rest = abs(len(x) - len(y))
        apart.append((float(np.abs(x[:n] - y[:n]).sum()) + rest) / max(1, n + rest))
    return round(float(np.mean(apart)), 4) if apart else None


def _measures(record: Record) -> dict[str, float]:
    return dict((record.get("seen") or {}).get("measures") or {})
