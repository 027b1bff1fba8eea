"""Lips on a MetaHuman, judged on its own controls: no head of ours tells whether those lips meet.

A p/b/m is sealed where all four lips-together controls stand at TOGETHER or more for HOLD_SECS on end within
PAD_SECS of the phone, and the mouth opens within REACH_SECS where a vowel stands beside it. Beside it stand
the same of the rule that Epic's Live Link blueprint has (mouthClose / jawOpen), and `shut`, which also counts
lips that nothing parts. A vowel is wrong when lips-together holds anywhere in its middle half; f/v count
where the lower lip bites and the lips are apart. The canonical figures are those of `judge`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track as progress
from rich.table import Table

from facerig.core.channels import INDEX
from facerig.rig import Retarget, load_rig
from tools.evaluate.contract import System, TextSystem
from tools.evaluate.judge import MIN_VOWEL_SECS, PAD_SECS, REACH_SECS, judged
from tools.evaluate.sets import SAMPLE_RATE, Utterance
from tools.evaluate.track import Floats, Mask, Track, held_only

RIG: Final = "metahuman"
TOGETHER: Final = 0.9  # of the lips-together controls
OPEN: Final = 0.06  # of a parting control, beyond lips-together: the 2 mm that `judge` asks beside a vowel
UNPARTED: Final = 0.02  # of every control that parts the lips: they lie on each other
BITE, APART = 0.3, 0.5  # an f: the lower lip's bite at least, and lips-together at most
LEAST_JAW: Final = 0.001  # Epic's rule divides by no less
_P: Final = "CTRL_expressions_"
LIPS_TOGETHER: Final = tuple(f"{_P}mouthLipsTogether{part}" for part in ("UL", "UR", "DL", "DR"))
PARTING: Final = (f"{_P}jawOpen", *(f"{_P}mouthFunnel{part}" for part in ("UL", "UR", "DL", "DR")),
                  *(f"{_P}mouth{lip}{side}" for lip in ("UpperLipRaise", "LowerLipDepress") for side in "LR"))
BITES: Final = tuple(f"{_P}mouthLowerLipBite{side}" for side in "LR")


@dataclass(frozen=True, slots=True)
class Counts:
    """Phones of some utterances, and how many of them the lips did right (vowels: wrong)."""

    bilabials: int = 0
    canonical: int = 0  # sealed in millimetres on the shipped head
    together: int = 0  # on the lips-together controls
    shut: int = 0  # or with nothing that parts the lips
    epic: int = 0  # by mouthClose / jawOpen alone
    vowels: int = 0
    canonical_vowels: int = 0
    together_vowels: int = 0
    epic_vowels: int = 0
    labiodentals: int = 0
    canonical_contacts: int = 0
    bitten: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


class Lips:
    """One utterance on the judge's grid, as the controls have it."""

    def __init__(self, track: Track, times_secs: Floats, values: NDArray[Any], rig: Retarget) -> None:
        controls = rig.values(values)

        def most(names: Sequence[str], pick: Any = np.max) -> Floats:
            picked = pick(controls[:, [rig.names.index(name) for name in names]], axis=1)
            return np.asarray(np.interp(track.grid, times_secs, picked))

        jaw, close = (values[:, INDEX[name]] for name in ("jawOpen", "mouthClose"))
        epic = np.clip(np.where(jaw > LEAST_JAW, close / np.maximum(jaw, LEAST_JAW), 0.0), 0.0, 1.0)
        together, parting = most(LIPS_TOGETHER, np.min), most(PARTING)
        self.track = track
        self.together = held_only(together >= TOGETHER)
        self.shut = held_only((together >= TOGETHER) | (parting <= UNPARTED))
        self.epic = held_only(np.interp(track.grid, times_secs, epic) >= TOGETHER)
        self.open: Mask = parting * (1 - together) >= OPEN
        self.bitten: Mask = (most(BITES, np.min) >= BITE) & (together <= APART)

    def counts(self) -> Counts:
        """What the phones ask for, and what they get."""
        return sum((self._phone(i, row) for i, row in enumerate(judged(self.track))), Counts())

    def _phone(self, index: int, row: Any) -> Counts:
        _, start, end = self.track.phones[index]
        if row.role == "bilabial":
            return Counts(bilabials=1, canonical=int(row.sealed), together=self._seals(index, self.together),
                          shut=self._seals(index, self.shut), epic=self._seals(index, self.epic))
        if row.role == "labiodental":
            window = self.track.span(start, end, PAD_SECS)
            return Counts(labiodentals=1, canonical_contacts=int(row.window_contact),
                          bitten=int(self.bitten[window].any()))
        if row.role == "vowel" and end - start >= MIN_VOWEL_SECS:
            quarter = (end - start) / 4
            middle = self.track.span(start + quarter, end - quarter)
            return Counts(vowels=1, canonical_vowels=int(row.middle_half_sealed),
                          together_vowels=int(self.together[middle].any()),
                          epic_vowels=int(self.epic[middle].any()))
        return Counts()

    def _seals(self, index: int, held: Mask) -> int:
        _, start, end = self.track.phones[index]
        if not held[self.track.span(start, end, PAD_SECS)].any():
            return 0
        beside_vowel = self.track.is_a(index - 1, "vowel") or self.track.is_a(index + 1, "vowel")
        return int(not beside_vowel or self.open[self.track.span(start, end, REACH_SECS)].any())


def measure(utterances: Sequence[Utterance], systems: Iterable[System | TextSystem]
            ) -> dict[tuple[str, str, str], Counts]:
    """Counts by system, set and language."""
    rig = Retarget(load_rig(RIG))
    found: dict[tuple[str, str, str], Counts] = defaultdict(Counts)
    for system in systems:
        for utterance in progress(utterances, f"judging {system.name}"):
            audio = utterance.audio()
            times, values = system.curves_of(audio, utterance) if isinstance(system, TextSystem) \
                else system.curves(audio, SAMPLE_RATE, utterance.id)
            track = Track(times, values, utterance.phones, utterance.kind, name=utterance.id)
            counts = Lips(track, times, values, rig).counts()
            found[system.name, utterance.set_name, utterance.language] += counts
    return dict(found)


# heading                    counted             of
_COLUMNS: Final = (
    ("p/b/m canonical",      "canonical",          "bilabials"),
    ("lips-together",        "together",           "bilabials"),
    ("or unparted",          "shut",               "bilabials"),
    ("Epic's rule",          "epic",               "bilabials"),
    ("vowels canonical",     "canonical_vowels",   "vowels"),
    ("lips-together",        "together_vowels",    "vowels"),
    ("Epic's rule",          "epic_vowels",        "vowels"),
    ("f/v canonical",        "canonical_contacts", "labiodentals"),
    ("bite",                 "bitten",             "labiodentals"),
)  # fmt: skip


def print_table(found: dict[tuple[str, str, str], Counts], console: Console) -> None:
    """The figures on a terminal."""
    table = Table(title="Lips on a MetaHuman's controls: p/b/m sealed, vowels wrongly together, f/v")
    for heading in ("system", "set", "n"):
        table.add_column(heading, justify="right" if heading == "n" else "left")
    for heading, _, _ in _COLUMNS:
        table.add_column(heading, justify="right")
    for (system, set_name, language), counts in found.items():
        table.add_row(system, f"{set_name} ({language})", str(counts.bilabials),
                      *(_share(counts, part, of) for _, part, of in _COLUMNS))
    console.print(table)


def _share(counts: Counts, part: str, of: str) -> str:
    whole = getattr(counts, of)
    return f"{getattr(counts, part) / whole:.1%}" if whole else "-"


def as_entries(found: dict[tuple[str, str, str], Counts]) -> list[dict[str, Any]]:
    """The figures for JSON."""
    return [{"system": system, "set": set_name, "language": language, **asdict(counts)}
            for (system, set_name, language), counts in found.items()]
