"""Where a line's time goes, stage by stage: Python's profiler over a few lines in this process.

A profiler makes Python slower and compiled code not, so shares of stages with many small steps are too high.
What belongs to no stage (numpy, compression, the network's runtime) counts for whoever called it.
"""

from __future__ import annotations

import cProfile
import json
import pstats
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Final

from facerig.batch.planning import Plan
from facerig.batch.settings import BatchSettings
from facerig.batch.wishes import checked
from facerig.batch.work import Task, perform
from tools.bench.tables import Row, Table

# stage                            whose code
STAGES: Final = {
    "decode, resample":            ("facerig/audio/", "soundfile.py"),
    "features":                    ("facerig/features/",),
    "network, lips":               ("facerig/encoder/",),
    "align the text":              ("facerig/script/", "hibari/"),
    "layers":                      ("facerig/performance/", "facerig/core/cues.py"),
    "write the files":             ("facerig_exporters/", "facerig/sinks/", "facerig/exporting.py",
                                    "facerig/rig/"),
    "judge for the report":        ("facerig/batch/witness.py", "facerig/batch/voices.py"),
}  # fmt: skip

Function = tuple[str, int, str]


def table(rows: list[dict[str, str]], formats: str) -> Table:
    """Shares of the stages over the rows of a manifest."""
    with tempfile.TemporaryDirectory(prefix="facerig-bench-") as name:
        manifest = Path(name, "lines.jsonl")
        manifest.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        settings = BatchSettings({"formats": checked("formats", formats, Path(), "--formats")})
        plan = Plan(str(manifest), Path(name), settings)
        plan.check(lambda _: None)
        tasks = [Task(line=line, folder=name, address="", inputs={}) for line in plan.lines(lambda _: None)]
        perform(tasks[0])  # what is loaded once
        profile = cProfile.Profile()
        profile.runcall(lambda: [perform(task) for task in tasks])
    shares = shares_of(pstats.Stats(profile).stats)  # type: ignore[attr-defined]
    out: list[Row] = [{"stage": stage, "share": share} for stage, share in shares.items()]
    return Table("batch-stages", f"A line by stage, {len(tasks)} lines of one worker under a profiler; "
                                 "shares of its time", {"stage": "", "share": ".0%"}, out)


def shares_of(stats: dict[Function, Any]) -> dict[str, float]:
    """Each function's own time to its stage, or to the stages of its callers, as much as they took."""

    @cache
    def owners(function: Function, depth: int = 12) -> tuple[tuple[str, float], ...]:
        stage = next((stage for stage, parts in STAGES.items()
                      if any(part in function[0].replace("\\", "/") for part in parts)), None)
        callers = stats[function][4] if function in stats else {}
        if stage is not None or not callers or not depth:
            return ((stage or "rest", 1.0),)
        total = sum(of[3] for of in callers.values()) or 1.0
        found: dict[str, float] = {}
        for caller, of in callers.items():
            for name, share in owners(caller, depth - 1):
                found[name] = found.get(name, 0.0) + share * of[3] / total
        return tuple(found.items())

    spent = dict.fromkeys([*STAGES, "rest"], 0.0)
    for function, (_, _, own_secs, _, _) in stats.items():
        for name, share in owners(function):
            spent[name] += own_secs * share
    total = sum(spent.values()) or 1.0
    return {name: secs / total for name, secs in spent.items()}
