"""How still the mouth stays while nobody speaks: in music, applause, steps, machines, hum and silence.

    off_rest   share of the knots (100 a second) at which the mouth is not at rest: a pair of the lips, the
               lower lip, the corners or the upper lip more than REST_MM away from where they rest
    still      share of the clips in which that never happens
    worst      the clip that moves most
    motion     mean speed of the mouth, mm/s: of the gap's middle, the lower lip, the width and the upper lip
               together. Speech has about 40
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track as progress
from rich.table import Table

from facerig.core.mouth import mouth_geometry
from facerig.errors import ConfigError
from tools.evaluate.contract import System, TextSystem
from tools.evaluate.nonspeech_clips import NonSpeech
from tools.evaluate.sets import SAMPLE_RATE
from tools.evaluate.systems import system
from tools.evaluate.track import MIDDLE

KNOTS_PER_SEC: Final = 100
REST_MM: Final = 1.0
ALL: Final = "all"

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a system's mouth did in one clip: share of knots off rest, mean speed, farthest from rest."""

    system: str
    kind: str
    clip: str
    seconds: float
    off_rest: float
    motion_mm_s: float
    most_mm: float


@dataclass(frozen=True, slots=True)
class KindRow:
    """The clips of one kind, or all."""

    system: str
    kind: str
    clips: int
    seconds: float
    off_rest: float
    still: float
    motion_mm_s: float
    worst: float
    worst_clip: str


def mouth_from_rest(values: NDArray[np.floating]) -> Floats:
    """How far from rest, mm, [T, 61] -> [T, 8]: the five gaps, the lower lip, the width, the upper lip."""
    head = mouth_geometry()
    rest = head.width_mm(np.zeros(values.shape[1]))
    parts = (head.gaps_mm(values), (head.teeth_mm(values) - head.rest_teeth)[:, None],
             (head.width_mm(values) - rest)[:, None], head.forward_mm(values)[:, None])
    return np.concatenate(parts, axis=1)


def heard(judged: System, clip: NonSpeech, seed: int) -> Heard:
    """One system in one clip."""
    audio = clip.audio(seed)
    times, values = judged.curves(audio, SAMPLE_RATE, clip.name)
    knots = np.arange(int(len(audio) / SAMPLE_RATE * KNOTS_PER_SEC)) / KNOTS_PER_SEC
    away = np.stack([np.interp(knots, times, part) for part in mouth_from_rest(values).T], axis=1)
    most = np.abs(away).max(axis=1)
    speed = np.linalg.norm(np.diff(away[:, [MIDDLE, 5, 6, 7]], axis=0), axis=1) * KNOTS_PER_SEC
    return Heard(judged.name, clip.kind, clip.name, len(audio) / SAMPLE_RATE, float((most > REST_MM).mean()),
                 float(speed.mean()), float(most.max()))


def measure(clips: Sequence[NonSpeech], systems: Sequence[str], seed: int = 0) -> list[Heard]:
    """Every system in every clip."""
    judged = [_hearing(name) for name in systems]
    return [heard(one, clip, seed) for clip in progress(clips, "listening") for one in judged]


def _hearing(name: str) -> System:
    found = system(name)
    if isinstance(found, TextSystem):
        raise ConfigError(f"{name!r} wants a text, and here nothing is said", where="--systems",
                          fix="give systems that only listen, such as live or offline")
    return found


def kind_rows(results: Sequence[Heard]) -> list[KindRow]:
    """A row for each system and kind, all clips first; every clip counts alike, however long."""
    groups: dict[tuple[str, str], list[Heard]] = defaultdict(list)
    for one in results:
        groups[one.system, ALL].append(one)
    for one in results:
        groups[one.system, one.kind].append(one)
    return [_row(name, kind, members) for (name, kind), members in groups.items()]


def _row(name: str, kind: str, members: list[Heard]) -> KindRow:
    worst = max(members, key=lambda one: (one.off_rest, one.motion_mm_s))
    return KindRow(name, kind, len(members), sum(one.seconds for one in members),
                   float(np.mean([one.off_rest for one in members])),
                   float(np.mean([one.off_rest == 0 for one in members])),
                   float(np.mean([one.motion_mm_s for one in members])), worst.off_rest, worst.clip)


_HEADINGS: Final = ("kind", "system", "clips", "off rest", "still", "motion mm/s", "worst", "worst clip")


def _cells(row: KindRow) -> list[str]:
    return [row.kind, row.system, str(row.clips), f"{row.off_rest:.1%}", f"{row.still:.0%}",
            f"{row.motion_mm_s:.1f}", f"{row.worst:.0%}", row.worst_clip if row.worst else "-"]


def _by_kind(rows: Sequence[KindRow]) -> list[KindRow]:
    order = list(dict.fromkeys(row.kind for row in rows))
    return sorted(rows, key=lambda row: order.index(row.kind))


def print_table(rows: Sequence[KindRow], console: Console) -> None:
    table = Table(title="Nobody speaks", title_justify="left")
    for heading in _HEADINGS:
        table.add_column(heading, justify="left" if heading in ("kind", "system", "worst clip") else "right")
    for row in _by_kind(rows):
        table.add_row(*_cells(row))
    console.print(table)


def markdown(rows: Sequence[KindRow], command: str) -> str:
    """The same table as Markdown, with the command that made it."""
    lines = ["Made by", "", f"    {command}", "", _line(_HEADINGS), _line(["---"] * len(_HEADINGS))]
    return "\n".join([*lines, *(_line(_cells(row)) for row in _by_kind(rows)), ""])


def as_document(results: Sequence[Heard], command: str, seed: int) -> dict[str, Any]:
    """All figures, of kinds and of clips."""
    return {"command": command, "seed": seed, "kinds": [asdict(row) for row in kind_rows(results)],
            "clips": [asdict(one) for one in results]}


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
