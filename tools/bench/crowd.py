"""How many live sessions one core holds: what a tick of 20 ms of everybody's sound takes, and where it
goes."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Callable
from typing import Final

import numpy as np

from facerig import crowd as crowds
from facerig.crowd import Crowd
from facerig.session import Session
from tools.bench.sound import speech
from tools.bench.tables import Row, Table

RATE_HZ: Final = 48_000
TICK_SECS: Final = 0.02
SAMPLES: Final = round(RATE_HZ * TICK_SECS)
WARM_TICKS: Final = 20
STRIDE: Final = 1_111  # samples: everybody is elsewhere in the same talk
PARTS: Final = ("resample", "hear", "decide", "draw", "finish")


def tables(counts: list[int], model: str, fps: int, ticks: int, progress: Callable[[str], None]
           ) -> list[Table]:
    """A row for each number of sessions, and microseconds of a session's tick by part."""
    rows: list[Row] = []
    parts: list[Row] = []
    for n in counts:
        progress(f"{n} sessions")
        row, spent = measured(n, model, fps, ticks)
        rows.append(row)
        parts.append({"sessions": n, **spent})
    columns = {"sessions": ",", "p50 ms": ".1f", "p99 ms": ".1f", "us each": ".0f", "us/frame": ".0f",
               "core %": ".0f", "KB each": ".0f", "alone us": ".0f"}
    return [Table("crowd", f"A tick of 20 ms of {model} sessions at {fps} fps, one core", columns, rows),
            Table("crowd_parts", "Microseconds of a session's tick by part",
                  {"sessions": ",", **dict.fromkeys(PARTS, ".0f")}, parts)]


def measured(n: int, model: str, fps: int, ticks: int) -> tuple[Row, Row]:
    """What `n` sessions take."""
    crowd = Crowd(model)
    crowd.join(Session(RATE_HZ, fps=fps, model=model))  # what all share is loaded
    gc.collect()
    before = _memory_kb()
    seats = [crowd.join(Session(RATE_HZ, fps=fps, model=model, seed=k)) for k in range(n)]
    sound = speech(RATE_HZ, 8.0)
    run(crowd, seats, sound, 0, WARM_TICKS)
    memory = (_memory_kb() - before) / n
    secs = run(crowd, seats, sound, WARM_TICKS, ticks)
    spent = by_part(crowd, seats, sound, WARM_TICKS + ticks, ticks)
    middle = float(np.median(secs))
    frames = fps * TICK_SECS
    return ({"sessions": n, "p50 ms": 1e3 * middle, "p99 ms": 1e3 * float(np.percentile(secs, 99)),
             "us each": 1e6 * middle / n, "us/frame": 1e6 * middle / n / frames,
             "core %": 100 * middle / TICK_SECS, "KB each": memory, "alone us": alone(model, fps, sound)},
            {part: 1e6 * spent[part] / n / ticks for part in PARTS})


def run(crowd: Crowd, seats: list[int], sound: np.ndarray, first: int, ticks: int) -> list[float]:
    """Seconds that each of `ticks` takes, the feeding included."""
    out = []
    for tick in range(first, first + ticks):
        began = time.perf_counter()
        for k, seat in enumerate(seats):
            at = (tick * SAMPLES + k * STRIDE) % (len(sound) - SAMPLES)
            crowd.feed(seat, sound[at : at + SAMPLES])
        crowd.step()
        out.append(time.perf_counter() - began)
    return out


def by_part(crowd: Crowd, seats: list[int], sound: np.ndarray, first: int, ticks: int) -> dict[str, float]:
    """Seconds by PARTS over `ticks`."""
    spent = dict.fromkeys(PARTS, 0.0)
    owners = [(crowds, "made", "resample"), (crowds.Ears, "step", "hear"), (Session, "begin", "decide"),
              (crowds, "faces", "draw"), (Session, "end", "finish")]
    kept = [(owner, name, getattr(owner, name)) for owner, name, _ in owners]
    try:
        for (owner, name, plain), (_, _, part) in zip(kept, owners, strict=True):
            setattr(owner, name, _timed(plain, part, spent))
        run(crowd, seats, sound, first, ticks)
    finally:
        for owner, name, plain in kept:
            setattr(owner, name, plain)
    return spent


def alone(model: str, fps: int, sound: np.ndarray) -> float:
    """Microseconds of 20 ms of a session outside of any crowd."""
    session, secs = Session(RATE_HZ, fps=fps, model=model), []
    for at in range(0, 100 * SAMPLES, SAMPLES):
        began = time.perf_counter()
        session.feed(sound[at : at + SAMPLES])
        secs.append(time.perf_counter() - began)
    return 1e6 * float(np.median(secs[WARM_TICKS:]))


def _timed(plain: Callable[..., object], part: str, spent: dict[str, float]) -> Callable[..., object]:
    def timed(*args: object, **named: object) -> object:
        began = time.perf_counter()
        try:
            return plain(*args, **named)
        finally:
            spent[part] += time.perf_counter() - began
    return timed


def _memory_kb() -> float:
    """Resident memory of this process now; its peak where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize() / 1024
    except OSError:
        return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
