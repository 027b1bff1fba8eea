"""A library of recorded lines through `facerig batch`: how fast, by how many workers, where the time goes.

Lines are taken evenly from the development sets (neural and real voices, six languages, letters, sentences,
shouting), with the texts that are known. Each run is the command itself in processes of its own, into an
empty folder; peak memory is what Linux counts for each process (VmHWM).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from facerig.batch.journal import Journal
from facerig.errors import ConfigError, FacerigError
from tools.bench import batch_stages
from tools.bench.tables import Row, Table
from tools.evaluate.sets import AUDIO_ENDINGS, DATA

# set           share of the lines
MIX: Final = {"kokoro": 0.5, "an4": 0.2, "festvox_ru": 0.15, "emodb": 0.1, "grid_s1": 0.05}
LANGUAGES: Final = {"festvox_ru": "ru", "emodb": "de"}  # of sets that do not say
TRIAL: Final = 24  # lines that tell how many fit into the time
STAGED: Final = 20  # lines that are looked at stage by stage
LOOK_SECS: Final = 0.2  # between two looks at the memory
CORE_HOUR: Final = 0.05  # USD of one virtual core for an hour, about what clouds ask for
_MIB: Final = 2**20


@dataclass(slots=True)
class Ran:
    """What a run took. spent: seconds of a worker for a line, by part, without the first line of each worker;
    driver and worker: peak MiB of one process."""

    workers: int
    lines: int = 0
    sound_secs: float = 0.0
    wall_secs: float = 0.0
    start_secs: float = 0.0
    spent: dict[str, float] = field(default_factory=dict)
    driver: float = 0.0
    worker: float = 0.0


def tables(lines: int, workers: list[int], formats: str, limit_minutes: float, log: Callable[[str], None]
           ) -> list[Table]:
    """One row a number of workers, and the parts of the time. Fewer lines are run where `limit_minutes` for
    each run would not do. Raises ConfigError without the development sets."""
    rows = list(_mixed(lines))
    with tempfile.TemporaryDirectory(prefix="facerig-bench-") as name:
        folder = Path(name)
        log(f"trial: {TRIAL} lines")
        trial = _run(rows[:: max(1, len(rows) // TRIAL)], folder / "trial", workers[0], formats)
        fits = round((60 * limit_minutes - trial.start_secs) / max(0.01, _a_line(trial)))
        taken = rows[:: -(-len(rows) // max(1, min(len(rows), fits)))]
        ran = []
        for count in workers:
            log(f"{len(taken)} of {lines} lines, {count} workers")
            ran.append(_run(taken, folder / str(count), count, formats))
    measured = "" if len(taken) == lines else f"; {len(taken)} of them were run"
    log(f"{STAGED} lines under a profiler")
    staged = batch_stages.table(rows[:: max(1, len(rows) // STAGED)], formats)
    return [_speed(ran, lines, formats, measured), _parts(ran), staged]


def _a_line(ran: Ran) -> float:
    """Seconds; those that the workers begin with are in the start."""
    return (ran.wall_secs - ran.start_secs) / max(1, ran.lines - ran.workers)


def _speed(ran: list[Ran], lines: int, formats: str, measured: str) -> Table:
    rows: list[Row] = []
    for one in ran:
        per_line = _a_line(one)
        whole = one.start_secs + (lines - one.workers) * per_line
        rows.append({
            "workers": one.workers, "lines/s": 1 / per_line, "h of sound an hour": one.sound_secs
            / one.lines / per_line, "1,000 lines [min]": whole / 60 * 1000 / lines,
            "efficiency": _a_line(ran[0]) * ran[0].workers / (per_line * one.workers),
            "driver [MiB]": one.driver, "a worker [MiB]": one.worker,
            "10,000 lines [core h]": 1e4 * per_line * one.workers / 3600,
            "[USD]": 1e4 * per_line * one.workers / 3600 * CORE_HOUR})
    secs = ran[0].sound_secs / max(1, ran[0].lines)
    return Table("batch", f"A library of {lines} lines of {secs:.1f} s, offline model, {formats}{measured}; "
                          f"a core hour at {CORE_HOUR} USD; efficiency beside {ran[0].workers} worker",
                 {"workers": ".0f", "lines/s": ".2f", "h of sound an hour": ".1f", "1,000 lines [min]": ".1f",
                  "efficiency": ".0%", "driver [MiB]": ".0f", "a worker [MiB]": ".0f",
                  "10,000 lines [core h]": ".2f", "[USD]": ".2f"}, rows)


def _parts(ran: list[Ran]) -> Table:
    """Seconds of a worker for a line, by part."""
    names = {"hear": "decode, hear, act", "write": "write the files", "judge": "judge for the report"}
    rows: list[Row] = []
    for one in ran:
        parts = {label: 1000 * one.spent.get(key, 0.0) for key, label in names.items()}
        idle = 1000 * _a_line(one) * one.workers - sum(parts.values())
        rows.append({"workers": one.workers, **parts, "wait, pass on": idle, "start [s]": one.start_secs})
    return Table("batch-parts", "Where the time goes: ms of a worker for a line; start: until one is done",
                 {"workers": ".0f", **dict.fromkeys(names.values(), ".0f"), "wait, pass on": ".0f",
                  "start [s]": ".1f"}, rows)


def _mixed(lines: int) -> Iterator[dict[str, str]]:
    """Rows of a manifest, sets in turn."""
    if not DATA.is_dir():
        raise ConfigError("the development sets are not there", where=str(DATA),
                          fix="measure where they are; tests use made-up sound")
    for name, share in MIX.items():
        known = _known(DATA / name)
        count = min(len(known), round(lines * share))
        yield from known[:: max(1, len(known) // max(1, count))][:count]


def _known(folder: Path) -> list[dict[str, str]]:
    """The recordings of a set with what is known of them."""
    facts: dict[str, dict[str, Any]] = {}
    with suppress(FileNotFoundError), open(folder / "phones.jsonl", encoding="utf-8") as file:
        facts = {str(one["id"]): one for one in map(json.loads, file)}
    out = []
    for path in sorted(folder.rglob("*")):
        if path.suffix in AUDIO_ENDINGS:
            fact = facts.get(path.stem, {})
            row = {"audio": str(path), "output": f"{folder.name}/{path.stem}",
                   "character": str(fact.get("voice") or fact.get("speaker") or folder.name),
                   "language": str(fact.get("lang", LANGUAGES.get(folder.name, "en"))).split("-")[0]}
            out.append(row | ({"text": fact["text"]} if fact.get("text") else {}))
    return out


def _run(rows: list[dict[str, str]], out: Path, workers: int, formats: str) -> Ran:
    """`facerig batch` of the rows. Raises FacerigError where it fails."""
    out.mkdir()
    manifest = out.with_suffix(".jsonl")
    manifest.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    command = [sys.executable, "-m", "facerig", "batch", str(manifest), "-o", str(out), "--format", formats,
               "--workers", str(workers), "--json", "--no-report"]
    ran, peaks, began = Ran(workers), dict[int, float](), time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stdin=subprocess.DEVNULL)
        while process.poll() is None:
            for pid in (process.pid, *_children(process.pid)):
                peaks[pid] = max(peaks.get(pid, 0.0), _peak(pid))
            if not ran.start_secs and os.fstat(said.fileno()).st_size:
                ran.start_secs = time.perf_counter() - began
            time.sleep(LOOK_SECS)
        ran.wall_secs = time.perf_counter() - began
    if process.returncode:
        raise FacerigError(f"facerig batch ended with {process.returncode}", where=str(manifest),
                           fix="read the lines above")
    ran.driver, ran.worker = peaks.pop(process.pid, 0.0), max(peaks.values(), default=0.0)
    _read(out, ran)
    return ran


def _read(out: Path, ran: Ran) -> None:
    """What the journal says of a run."""
    journal = Journal(out)
    try:
        records = [journal.last(name) or {} for name in journal.outs()]
    finally:
        journal.close()
    ran.lines, ran.sound_secs = len(records), sum(one["secs"] for one in records)
    warm = sorted((one["spent"] for one in records), key=lambda spent: sum(spent.values()))[: -ran.workers]
    ran.spent = {part: sum(one[part] for one in warm) / max(1, len(warm))
                 for part in ("hear", "write", "judge")}


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _peak(pid: int) -> float:
    """MiB."""
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) * 1024 / _MIB
    return 0.0
