"""A batch on Ray beside the local engine, and on nodes that are killed: lines a second, what is repeated, and
whether the files are the same."""

from __future__ import annotations

import hashlib
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from facerig.batch.engine import Engine, Local
from facerig.batch.journal import HOME
from facerig.batch.lines import Line
from facerig.batch.ray_engine import Ray
from facerig.batch.running import run
from facerig.errors import FacerigError
from tools.bench.ray_nodes import Nodes, nodes
from tools.bench.sound import speech
from tools.bench.tables import Row, Table

RATE_HZ: Final = 16_000
SECS: Final = (2.0, 5.0)  # of a line
ENDINGS: Final = (".livelink.csv", ".fbx")
MOST_DELAY_SECS: Final = 0.5
SEED: Final = 5

Log = Callable[[str], object]


@dataclass(slots=True)
class Seen:
    """When lines came: s since the run began."""

    began: float = field(default_factory=time.perf_counter)
    at: list[float] = field(default_factory=list)

    def told(self, *_line: object) -> None:
        """One line more."""
        self.at.append(time.perf_counter() - self.began)

    @property
    def rate(self) -> float | None:
        """Lines a second from the first to the last."""
        return (len(self.at) - 1) / (self.at[-1] - self.at[0]) if len(self.at) > 1 else None


def tables(count: int, kills: int, model: str, log: Log) -> list[Table]:
    """Engines side by side on `count` lines; then `kills` runs on two nodes of which one is killed."""
    with tempfile.TemporaryDirectory(prefix="facerig-bench-") as folder:
        lines = made_lines(Path(folder, "sounds"), count, model)
        speeds, truth = _speeds(lines, Path(folder), log)
        found = [Table("cluster", f"{count} lines of {SECS[0]:g} to {SECS[1]:g} s to {' and '.join(ENDINGS)}",
                       {"engine": "", "first line s": ".1f", "lines/s": ".2f", "all s": ".1f", "files": "",
                        "worker processes": "d"}, speeds)]
        if kills:
            found.append(Table("cluster_kills", f"{count} lines on two nodes; one is killed, one comes",
                               {"run": "d", "killed at line": "d", "done": "d", "lines again": "d",
                                "files": ""}, _killed(lines, Path(folder), kills, truth, log)))
    return found


def made_lines(folder: Path, count: int, model: str) -> list[Line]:
    """Lines of different lengths, each with a sound of its own."""
    folder.mkdir()
    draws, lines = np.random.default_rng(SEED), []
    for k in range(count):
        sound = np.roll(speech(RATE_HZ, float(draws.uniform(*SECS))), int(draws.integers(RATE_HZ)))
        path = folder / f"line{k:04}.wav"
        soundfile.write(path, sound, RATE_HZ)
        lines.append(Line(place=f"row {k}", audio=str(path), out=f"line{k:04}", endings=ENDINGS, model=model))
    return lines


def prints(folder: Path) -> dict[str, str]:
    """What a run has written: sha256 by name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file() and HOME not in path.parts}


def _speeds(lines: list[Line], folder: Path, log: Log) -> tuple[list[Row], dict[str, str]]:
    rows: list[Row] = []
    truth: dict[str, str] = {}
    for name, workers in (("local", 1), ("local", 2), ("ray", 1), ("ray", 2)):
        label = f"{name}, {workers} {'worker' if name == 'local' else 'node'}{'s' * (workers > 1)}"
        log(label)
        out = folder / f"{name}{workers}"
        if name == "local":
            seen = _timed(lines, out, Local(workers))
            processes = workers
        else:
            with nodes(workers) as cluster:
                engine = Ray(cluster.address)
                seen = _timed(lines, out, engine)
                processes = len(engine.done_by)
        truth = truth or prints(out)
        rows.append({"engine": label, "first line s": seen.at[0], "lines/s": seen.rate, "all s": seen.at[-1],
                     "files": _same(prints(out), truth), "worker processes": processes})
    return rows, truth


def _timed(lines: list[Line], out: Path, engine: Engine) -> Seen:
    seen = Seen()
    _run(lines, out, engine, seen.told)
    return seen


def _killed(lines: list[Line], folder: Path, kills: int, truth: dict[str, str], log: Log) -> list[Row]:
    draws = np.random.default_rng(SEED)
    with nodes(2) as cluster:
        return [killed_once(lines, folder / f"killed{k}", cluster, int(draws.integers(1, len(lines))), k,
                            truth, log) for k in range(kills)]


def killed_once(lines: list[Line], out: Path, cluster: Nodes, at: int, number: int, truth: dict[str, str],
                log: Log = print) -> Row:
    """A run in which a node is killed some moment after so many lines, and another comes."""
    log(f"run {number + 1}: kill -9 after line {at}")
    engine, seen, killed = Ray(cluster.address), Seen(), threading.Event()
    delay_secs = float(np.random.default_rng(number).uniform(0, MOST_DELAY_SECS))

    def kill() -> None:
        cluster.kill_one()
        killed.set()

    killer = threading.Timer(delay_secs, kill)

    def told(*line: object) -> None:
        seen.told(*line)
        if len(seen.at) == at:
            killer.start()
        elif killed.is_set():
            killed.clear()
            cluster.add_one()

    _run(lines, out, engine, told)
    killer.join()
    if killed.is_set():  # it was the last line
        cluster.add_one()
    return {"run": number + 1, "killed at line": at, "done": len(seen.at), "lines again": engine.again,
            "files": _same(prints(out), truth)}


def _run(lines: list[Line], out: Path, engine: Engine, told: Callable[..., None]) -> None:
    """Raises FacerigError where a line fails: that is no measurement."""
    summary = run(lines, out, engine, told)
    if summary.counts["done"] != len(lines):
        raise FacerigError(f"{summary.counts['failed']} lines failed: {summary.errors}", where=str(out),
                           fix=f"facerig batch on these lines says why; {engine.name} ran them")


def _same(found: dict[str, str], truth: dict[str, str]) -> str:
    if found == truth:
        return "identical"
    other = sum(found.get(name) != one for name, one in truth.items())
    return f"{other} of {len(truth)} differ, {len(found.keys() - truth.keys())} more"
