"""How many characters a service holds on one core: what its ticks take, what it drops, whom it does not let
in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from tools.bench.service_latency import speakers_of
from tools.bench.serving import Serving
from tools.bench.speakers import Heard, Load
from tools.bench.tables import Row, Table

SETTLE_SECS: Final = 3.0  # of talk, before it counts
MEMORY_SESSIONS: Final = 8  # that are open when memory is first looked at
GROWING: Final = ("frames_sent", "frames_late", "frames_dropped", "subscriber_drops")
COLUMNS: Final = {"sessions": ",", "let in": ",", "speak %": ".0f", "detail": "", "tick p50 ms": ".1f",
                  "tick p99 ms": ".1f", "core %": ".0f", "frames/s": ",.0f", "late %": ".2f", "dropped": ",",
                  "lost": ",", "holds": "", "KB each": ".0f", "what broke": ""}


def tables(counts: list[int], load: Load, details: list[int], secs: float, progress: Callable[[str], None]
           ) -> list[Table]:
    """A row for each number of sessions and level of detail."""
    rows: list[Row] = []
    for detail in details:
        for n in counts:
            progress(f"{n} sessions, every frame" if detail == 1 else f"{n} sessions, every {detail}th frame")
            rows.append(measured(replace(load, sessions=n, detail=detail), secs))
    return [Table("service_load", title(load), COLUMNS, rows)]


def title(load: Load) -> str:
    """Of the table."""
    return (f"Sessions of one service process on one core: {load.fps} fps, {load.pace}, {load.rate_hz} Hz in "
            f"pieces of {1000 * load.piece_secs:g} ms")


def measured(load: Load, secs: float) -> Row:
    """What `load` takes, and what it costs."""
    with Serving("--sessions", str(load.sessions), core=0) as serving, speakers_of(serving, load) as speakers:
        few = speakers.open(min(MEMORY_SESSIONS, load.sessions))
        speakers.talk(SETTLE_SECS)
        few_kb, n = serving.memory_kb(), speakers.open()
        speakers.talk(SETTLE_SECS)
        before, cpu_secs = speakers.figures(), serving.cpu_secs()
        heard = speakers.talk(secs)
        cpu_secs, after = serving.cpu_secs() - cpu_secs, speakers.figures()
        each_kb = (serving.memory_kb() - few_kb) / (n - few) if n > few else None
    grew = {name: after.get(name, 0.0) - before.get(name, 0.0) for name in GROWING}
    tick_ms, frame_ms = after["step_secs_p99"] * 1000, 1000 / load.fps
    late = 100 * grew["frames_late"] / max(1, grew["frames_sent"])
    holds = n == load.sessions and tick_ms <= frame_ms and not heard.lost
    return {"sessions": load.sessions, "let in": n, "speak %": 100 * load.speaking,
            "detail": str(load.detail), "tick p50 ms": after["step_secs_p50"] * 1000,
            "tick p99 ms": tick_ms,
            "core %": 100 * cpu_secs / secs, "frames/s": len(heard.frames) / secs, "late %": late,
            "dropped": grew["frames_dropped"], "lost": heard.lost, "holds": "yes" if holds else "no",
            "KB each": each_kb, "what broke": broke(speakers.refusal, heard, grew, tick_ms > frame_ms)}


def broke(refusal: str, heard: Heard, grew: dict[str, float], slow: bool) -> str:
    """What the service could not do, in the order in which it gives way; slow: a tick took over a frame."""
    told = []
    if slow:
        told.append("ticks")
    if heard.held:
        told.append(f"{heard.held} pieces waited for credit")
    if grew["frames_late"]:
        told.append(f"{grew['frames_late']:.0f} late")
    if grew["frames_dropped"]:
        told.append(f"{grew['frames_dropped']:.0f} dropped by index")
    if grew["subscriber_drops"]:
        told.append("subscriber too slow")
    if refusal:
        told.append(f"refused: {refusal}")
    return ", ".join(told) or "nothing"
