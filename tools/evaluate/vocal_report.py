"""What `tools.evaluate.vocal` measured: a row for each kind, and what is worse than it may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.table import Table

from tools.evaluate.vocal import Judged

SPEECH: Final = "speech"
_WORST: Final = ("rests", "ajar", "mouth_step", "brow_step", "head_step", "broken")
MEASURES: Final = tuple(f.name for f in fields(Judged))[4:]


def kind_rows(results: Sequence[Judged]) -> list[Judged]:
    """A row for each system and kind: means over clips, and the worst where the worst counts."""
    groups: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for one in results:
        groups[one.system, one.kind].append(one)
    return [Judged(name, kind, f"{len(members)} clips", sum(m.secs for m in members),
                   **{measure: _joined(measure, members) for measure in MEASURES})
            for (name, kind), members in groups.items()]


def _joined(measure: str, members: Sequence[Judged]) -> Any:
    values = [value for one in members if (value := getattr(one, measure)) is not None]
    if not values:
        return None
    return float(max(values) if measure in _WORST else np.mean(values))


# How a kind may differ from speech of the same system: at most so many times its figure, or so much where
# that is more. Of `opens` at least so many times, or so much where that is less.
#  measure       times  or    why
LIMITS: Final = {
    "opens":      (0.90, 0.90),
    "seals":      (2.00, 3.0),   # a kind has few vowels
    "drift":      (None, 1.5),   # mm: a held note stands
    "pressed":    (None, 0.05),
    "flutter":    (1.20, 13.0),  # laughter opens and shuts up to 6.5 times a second
    "rests":      (None, 0.5),
    "ajar":       (None, 1.0),
    "mouth_step": (1.20, 12.8),  # from here on, the most that one of 24 sentences of speech has
    "brow_step":  (1.20, 10.0),
    "head_step":  (1.50, 0.8),
    "head":       (1.50, 34.0),
    "head_shake": (1.50, 0.12),  # deg: sentences of speech have up to 0.08; half as much again cannot be seen
    "brow_shake": (1.50, 0.52),
    "broken":     (None, 0.0),
}  # fmt: skip


def broken_limits(rows: Sequence[Judged]) -> list[str]:
    """What is worse than LIMITS allow, in words; speech itself is the measure."""
    spoke = {row.system: row for row in rows if row.kind == SPEECH}
    found = []
    for row in rows:
        for measure, (times, least) in LIMITS.items():
            value, plain = getattr(row, measure), getattr(spoke.get(row.system), measure, None)
            if value is None or row.kind == SPEECH:
                continue
            scaled = None if times is None or plain is None else times * plain
            if measure == "opens":
                limit = least if scaled is None else min(least, scaled)
                worse = value < limit
            else:
                limit = least if scaled is None else max(least, scaled)
                worse = value > limit
            if worse:
                found.append(f"{row.system}, {row.kind}: {measure} {value:.2f}, the limit is {limit:.2f}")
    return found


_FORMS: Final = {"opens": "{:.0%}", "pressed": "{:.0%}", "seals": "{:.1f}", "head": "{:.1f}",
                 "blinks": "{:.0f}", "broken": "{:.0f}", "head_step": "{:.2f}"}
_UNITS: Final = {"seals": "a min", "drift": "mm", "flutter": "a s", "rests": "s", "ajar": "mm",
                 "mouth_step": "mm", "brow_step": "%", "head_step": "deg", "head": "deg/s",
                 "head_shake": "deg", "brow_shake": "%", "blinks": "a min"}


def print_table(rows: Sequence[Judged], console: Console) -> None:
    """A row for each system and kind, and what breaks."""
    table = Table(title="voices that do not speak, beside speech")
    for heading in ("system", "kind"):
        table.add_column(heading)
    for name in MEASURES:
        table.add_column(f"{name.replace('_', ' ')} {_UNITS.get(name, '')}", justify="right")
    for row in rows:
        table.add_row(row.system, row.kind, *(_cell(name, getattr(row, name)) for name in MEASURES))
    console.print(table)
    broken = broken_limits(rows)
    for sentence in broken:
        console.print(sentence, markup=False, highlight=False)
    if not broken:
        console.print("nothing breaks")


def _cell(name: str, value: float | None) -> str:
    return "-" if value is None else _FORMS.get(name, "{:.2f}").format(value)


def as_document(results: Sequence[Judged], command: str, seed: int) -> dict[str, Any]:
    """All figures, of kinds and of clips, and what breaks."""
    rows = kind_rows(results)
    return {"command": command, "seed": seed, "limits": LIMITS, "breaks": broken_limits(rows),
            "kinds": [asdict(row) for row in rows], "clips": [asdict(one) for one in results]}
