"""Visemes on speech with known phones: whether the leading one is the phone's, and phones heard by ear.

A viseme is right where it is one of the phone's; right enough where it is one that looks like those (t and n
differ behind the teeth alone). It is looked at in the middle of the phone, where a mouth that coarticulates
is nearest to it. A p, b, m, f or v also counts `in the track` where a segment of its viseme lies within
PAD_SECS.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.progress import track as progress
from rich.table import Table

from facerig.core.curves import CurveClip
from facerig.core.said import Said, TimedLabel
from facerig.performance.settings import STILL
from facerig.rig import Retarget, load_rig
from facerig.script.phones import LABELS, PAUSE, parse
from facerig.session import Session
from facerig.sinks.exporter import ExportInfo
from facerig_exporters.viseme_track import RIG, VISEMES, track_of
from tools.evaluate.labels import label_set
from tools.evaluate.sets import SAMPLE_RATE, Utterance

FPS: Final = Fraction(60)
PAD_SECS: Final = 0.033
NEAR_SECS: Final = 0.03  # of a label: a phone by ear begins there

# Visemes of each phone of the inventory: Meta's reference, and for sounds that it does not name those that
# Azure's table gives (ə, ʌ, w, j). h takes the vowel's shape and is not judged.
_TABLE: Final = """
p  PP      b  PP      m  PP      f  FF      v  FF      θ  TH      t  DD      k  kk
s  SS      ʃ  CH      n  nn,kk   l  nn      ɹ  RR      ɜ  RR      w  ou      j  ih
ɑ  aa      a  aa      æ  aa,E    ʌ  aa,E    ə  E,aa,ih ɛ  E       e  E,ih    ɪ  ih
i  ih      ɔ  oh      o  oh,ou   ʊ  ou      u  ou
"""
# viseme and those that look like it on lips and teeth
_ALIKE: Final = """
DD  nn kk SS
nn  DD kk
kk  DD nn
SS  DD
RR  CH
CH  RR
oh  ou
ou  oh
"""
VISEMES_OF: Final = dict(zip(_TABLE.split()[::2], (v.split(",") for v in _TABLE.split()[1::2]), strict=True))
ALIKE: Final = {first: rest for first, *rest in (line.split() for line in _ALIKE.strip().splitlines())}
CLOSURES: Final = {"PP": frozenset("pbm"), "FF": frozenset("fv")}


@dataclass(frozen=True, slots=True)
class Counts:
    """Phones of some utterances, and how many of them are right."""

    phones: int = 0
    right: int = 0
    right_enough: int = 0
    bilabials: int = 0
    sealed: int = 0  # PP in the track
    labiodentals: int = 0
    touched: int = 0  # FF in the track
    wrong_closures: int = 0  # PP or FF leads in the middle of another phone
    heard: int = 0  # phones that an ear should hear
    misheard: int = 0  # wrong, left out or put in
    heard_in_time: int = 0  # begin within NEAR_SECS of their labels
    seconds: float = 0.0
    segments: int = 0  # of the viseme track

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def measure(utterances: Sequence[Utterance], model: str) -> tuple[dict[str, Counts], dict[str, Counter[str]]]:
    """Counts by set and language, and by phone which viseme led; sets must have phones of the inventory."""
    found: dict[str, Counts] = defaultdict(Counts)
    led: dict[str, Counter[str]] = defaultdict(Counter)
    rig = Retarget(load_rig(RIG))
    for utterance in progress(utterances, "visemes"):
        if utterance.kind not in LABELS:
            continue
        clip, said = _animated(utterance, model)
        labels = [[label_set(utterance.kind).plain(p[0]), p[1], p[2]] for p in utterance.phones]
        phones = [TimedLabel(p.start, p.end, p.name)
                  for p in parse(labels, utterance.kind, len(clip) / float(FPS)) if p.name != PAUSE]
        key = f"{utterance.set_name}/{utterance.language}"
        found[key] += _judged(rig.clip(clip), phones, led)
        if said is not None:
            found[key] += _heard(said.phones, phones)
    return dict(found), dict(led)


def _animated(utterance: Utterance, model: str) -> tuple[CurveClip, Said | None]:
    session = Session(SAMPLE_RATE, fps=FPS, model=model, performance=STILL, phones=True)
    clips = [session.feed(utterance.audio()), session.flush()]
    return CurveClip.joined([clip for clip in clips if len(clip)]), session.said


def _judged(clip: CurveClip, phones: Sequence[TimedLabel], led: dict[str, Counter[str]]) -> Counts:
    info = ExportInfo(fps=FPS, sample_rate=clip.sample_rate, rig=RIG, names=VISEMES)
    segments = track_of([clip], info, Path("track")).visemes
    total = Counts(seconds=len(clip) / float(FPS), segments=len(segments))
    for phone in phones:
        wanted = VISEMES_OF.get(phone.text)
        if wanted is None:
            continue
        middle = min(len(clip) - 1, round((phone.start + phone.end) / 2 * float(FPS)))
        viseme = VISEMES[int(clip.values[middle].argmax())]
        led[phone.text][viseme] += 1
        alike = {*wanted, *(other for one in wanted for other in ALIKE.get(one, ()))}
        first, last = phone.start - PAD_SECS, phone.end + PAD_SECS
        shown = {segment.text for segment in segments if segment.start < last and segment.end > first}
        bilabial, labiodental = (phone.text in CLOSURES[closure] for closure in ("PP", "FF"))
        total += Counts(phones=1, right=viseme in wanted, right_enough=viseme in alike,
                        bilabials=bilabial, sealed=bilabial and "PP" in shown,
                        labiodentals=labiodental, touched=labiodental and "FF" in shown,
                        wrong_closures=viseme in CLOSURES and viseme not in wanted)
    return total


def _heard(ear: Sequence[TimedLabel], phones: Sequence[TimedLabel]) -> Counts:
    begins = np.array([label.start for label in ear] or [np.inf])
    in_time = sum(bool(np.abs(begins - phone.start).min() < NEAR_SECS) for phone in phones)
    return Counts(heard=len(phones), heard_in_time=in_time,
                  misheard=_edits([p.text for p in phones], [label.text for label in ear]))


def _edits(wanted: Sequence[str], got: Sequence[str]) -> int:
    """Fewest phones to change, add or take out (Levenshtein)."""
    row = list(range(len(got) + 1))
    for i, one in enumerate(wanted, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (one != other))
    return row[-1]


def print_tables(found: dict[str, Counts], led: dict[str, Counter[str]], console: Console) -> None:
    """Shares by set, and below by phone which visemes led."""
    table = Table(title="leading viseme in the middle of each phone")
    for column in ("set", "phones", "right", "or alike", "p b m in track", "f v in track", "wrong PP FF",
                   "heard wrong", "heard in time", "segments/s"):
        table.add_column(column, justify="left" if column == "set" else "right")
    for name, c in found.items():
        table.add_row(name, str(c.phones), _share(c.right, c.phones), _share(c.right_enough, c.phones),
                      f"{c.sealed}/{c.bilabials}", f"{c.touched}/{c.labiodentals}",
                      _share(c.wrong_closures, c.phones - c.bilabials - c.labiodentals),
                      _share(c.misheard, c.heard), _share(c.heard_in_time, c.heard),
                      f"{c.segments / max(c.seconds, 1e-9):.1f}")
    console.print(table)
    for phone, counts in sorted(led.items(), key=lambda item: -item[1].total()):
        console.print(f"{phone:<3}{counts.total():>5}  " + _most(counts.most_common(5), counts.total()))


def as_entries(found: dict[str, Counts]) -> dict[str, Any]:
    """The counts for a JSON document."""
    return {name: asdict(counts) for name, counts in found.items()}


def _share(part: float, whole: float) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def _most(common: Iterable[tuple[str, int]], total: int) -> str:
    return "  ".join(f"{viseme} {count / total:.0%}" for viseme, count in common)
