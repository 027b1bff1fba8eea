"""The run: every system hears the same recordings in the same conditions and is judged by the same labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing import get_context
from typing import Any

from rich.progress import track as progress

from tools.evaluate.contract import System, TextSystem, Timed
from tools.evaluate.figures import Utterances, figures
from tools.evaluate.noise import Draw, condition
from tools.evaluate.sets import SAMPLE_RATE, Audio, Utterance
from tools.evaluate.systems import system
from tools.evaluate.track import Track


@dataclass(frozen=True, slots=True)
class Task:
    """One recording in one condition, for all systems."""

    utterance: Utterance
    noise: str
    systems: tuple[str, ...]
    draw: Draw


@dataclass(frozen=True, slots=True)
class Row:
    """Figures of one system on one set and language in one condition; `group` is "" for everybody."""

    system: str
    lookahead: str
    set_name: str
    language: str
    noise: str
    group: str
    figures: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {"system": self.system, "lookahead": self.lookahead, "set": self.set_name,
                "language": self.language, "noise": self.noise, "group": self.group, "figures": self.figures}

    @classmethod
    def from_json(cls, entry: dict[str, Any]) -> Row:
        return cls(entry["system"], entry["lookahead"], entry["set"], entry["language"], entry["noise"],
                   entry["group"], entry["figures"])


@dataclass(frozen=True, slots=True)
class Key:
    """What a table row is about."""

    set_name: str
    language: str
    noise: str
    group: str
    system: str


@dataclass(slots=True)
class Results:
    """Everything judged in a run, by row."""

    judged: dict[Key, Utterances] = field(default_factory=lambda: defaultdict(Utterances))
    ids: dict[Key, list[str]] = field(default_factory=lambda: defaultdict(list))

    def rows(self) -> list[Row]:
        return [_row(key, utterances) for key, utterances in self.judged.items()]

    def phone_rows(self) -> Iterator[dict[str, Any]]:
        """Every judgement about everybody's phones, for a CSV."""
        for key, got in self.judged.items():
            if key.group:
                continue
            for identifier, speaker, rows in zip(self.ids[key], got.speakers, got.rows, strict=True):
                about = {"set": key.set_name, "language": key.language, "noise": key.noise,
                         "system": _system(key.system).name, "id": identifier, "speaker": speaker}
                for row in rows:
                    yield {**about, **{column: getattr(row, column) for column in type(row).columns()}}


def run(utterances: Sequence[Utterance], noises: Sequence[str], systems: Sequence[str], *, draw: Draw,
        by: Sequence[str] = (), jobs: int = 1) -> Results:
    """Judge `systems` on `utterances` in the conditions `noises`; `by` names facts (emotion) to split by."""
    for name in noises:
        condition(name)
    for name in systems:
        _system(name)  # a wrong name, or a peer that cannot be installed, shows before the work begins
    tasks = [Task(utterance, noise, tuple(systems), draw) for noise in noises for utterance in utterances]
    results = Results()
    for task, tracks in zip(tasks, progress(_judged(tasks, jobs), "judging", len(tasks)), strict=True):
        for name, track in tracks.items():
            for group in _groups(task.utterance, by):
                key = Key(task.utterance.set_name, task.utterance.language, task.noise, group, name)
                results.judged[key].add(track, task.utterance.speaker)
                results.ids[key].append(task.utterance.id)
    return results


def judge_one(task: Task) -> dict[str, Track]:
    """The track of every system for one recording."""
    heard = condition(task.noise).change(task.utterance.audio(), task.utterance, task.draw)
    tracks = {}
    for name in task.systems:
        times, values = _curves(_system(name), heard, task.utterance)
        tracks[name] = Track(times, values, task.utterance.phones, task.utterance.kind,
                             name=f"{name} on {task.utterance.set_name}/{task.utterance.id}")
    return tracks


def _curves(judged: System | TextSystem, heard: Audio, utterance: Utterance) -> Timed:
    if isinstance(judged, TextSystem):
        return judged.curves_of(heard, utterance)
    return judged.curves(heard, SAMPLE_RATE, utterance.id)


def _judged(tasks: Sequence[Task], jobs: int) -> Iterator[dict[str, Track]]:
    if jobs == 1:
        yield from map(judge_one, tasks)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:  # a fork would copy the model's threads
        yield from pool.map(judge_one, tasks, chunksize=4)


def _groups(utterance: Utterance, by: Sequence[str]) -> list[str]:
    return ["", *(f"{fact}={utterance.facts[fact]}" for fact in by if fact in utterance.facts)]


def _row(key: Key, utterances: Utterances) -> Row:
    judged = _system(key.system)
    return Row(judged.name, judged.lookahead, key.set_name, key.language, key.noise, key.group,
               figures(utterances))


@lru_cache
def _system(name: str) -> System | TextSystem:
    return system(name)
