"""How many live sessions one core holds: what a tick of 20 ms of everybody's sound takes, and where it
goes."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
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
SILENT_TICKS: Final = 60  # until the network of those who are silent rests
STRIDE: Final = 1_111  # samples: everybody is elsewhere in the same talk
PARTS: Final = ("resample", "hear", "decide", "draw", "finish")


@dataclass(frozen=True, slots=True)
class Scene:
    """Who they are: `speaking` of them do, the others are silent; every `detail`th frame of `fps` is made, of
    `blocks` of 20 ms at a time."""

    model: str = "live"
    fps: int = 60
    speaking: float = 1.0
    detail: int = 1
    blocks: int = 1

    def __str__(self) -> str:
        more = [f"{self.speaking:.0%} speak" if self.speaking < 1 else "",
                f"every {self.detail}th frame" if self.detail > 1 else "",
                f"{20 * self.blocks} ms at a time" if self.blocks > 1 else ""]
        return ", ".join([f"{self.model} sessions at {self.fps} fps", *filter(None, more)])


def tables(counts: list[int], scene: Scene, ticks: int, progress: Callable[[str], None]) -> list[Table]:
    """A row for each number of sessions, and microseconds of a session's 20 ms by part."""
    rows: list[Row] = []
    parts: list[Row] = []
    for n in counts:
        progress(f"{n} sessions")
        row, spent = measured(n, scene, ticks)
        rows.append(row)
        parts.append({"sessions": n, **spent})
    columns = {"sessions": ",", "p50 ms": ".1f", "p99 ms": ".1f", "us each": ".0f", "us/frame": ".0f",
               "core %": ".0f", "KB each": ".0f", "alone us": ".0f"}
    return [Table("crowd", f"A tick of {scene.blocks * 20} ms of {scene}, one core", columns, rows),
            Table("crowd_parts", "Microseconds of a session's 20 ms by part",
                  {"sessions": ",", **dict.fromkeys(PARTS, ".0f")}, parts)]


def measured(n: int, scene: Scene, ticks: int) -> tuple[Row, Row]:
    """What `n` sessions take."""
    crowd = Crowd(scene.model)
    crowd.join(Session(RATE_HZ, fps=scene.fps, model=scene.model))  # what all share is loaded
    gc.collect()
    before = _memory_kb()
    seats = [crowd.join(Session(RATE_HZ, fps=scene.fps, model=scene.model, seed=k)) for k in range(n)]
    for seat in seats:
        crowd.session(seat).detail = scene.detail
    sound = speech(RATE_HZ, 8.0)
    warm = WARM_TICKS if scene.speaking == 1 else SILENT_TICKS
    run(crowd, seats, sound, range(warm), scene)
    memory = (_memory_kb() - before) / n
    secs = run(crowd, seats, sound, range(warm, warm + ticks), scene)
    spent = by_part(crowd, seats, sound, range(warm + ticks, warm + 2 * ticks), scene)
    middle = float(np.median(secs)) / scene.blocks
    frames = scene.fps / scene.detail * TICK_SECS
    return ({"sessions": n, "p50 ms": 1e3 * middle * scene.blocks,
             "p99 ms": 1e3 * float(np.percentile(secs, 99)),
             "us each": 1e6 * middle / n, "us/frame": 1e6 * middle / n / frames,
             "core %": 100 * middle / TICK_SECS, "KB each": memory, "alone us": alone(scene, sound)},
            {part: 1e6 * spent[part] / n / ticks / scene.blocks for part in PARTS})


def run(crowd: Crowd, seats: list[int], sound: np.ndarray, ticks: range, scene: Scene) -> list[float]:
    """Seconds that each of `ticks` takes, the feeding included."""
    out, silence, speak = [], np.zeros(SAMPLES, np.float32), round(scene.speaking * len(seats))
    for tick in ticks:
        began = time.perf_counter()
        for block in range(tick * scene.blocks, (tick + 1) * scene.blocks):
            for k, seat in enumerate(seats):
                at = (block * SAMPLES + k * STRIDE) % (len(sound) - SAMPLES)
                crowd.feed(seat, sound[at : at + SAMPLES] if k < speak else silence)
        crowd.step()
        out.append(time.perf_counter() - began)
    return out


def by_part(crowd: Crowd, seats: list[int], sound: np.ndarray, ticks: range, scene: Scene
            ) -> dict[str, float]:
    """Seconds by PARTS over `ticks`."""
    spent = dict.fromkeys(PARTS, 0.0)
    owners = [(crowds, "made", "resample"), (crowds.Ears, "step", "hear"), (Session, "begin", "decide"),
              (crowds, "faces", "draw"), (Session, "end", "finish")]
    kept = [(owner, name, getattr(owner, name)) for owner, name, _ in owners]
    try:
        for (owner, name, plain), (_, _, part) in zip(kept, owners, strict=True):
            setattr(owner, name, _timed(plain, part, spent))
        run(crowd, seats, sound, ticks, scene)
    finally:
        for owner, name, plain in kept:
            setattr(owner, name, plain)
    return spent


def alone(scene: Scene, sound: np.ndarray) -> float:
    """Microseconds of 20 ms of a speaking session outside of any crowd."""
    session, secs = Session(RATE_HZ, fps=scene.fps, model=scene.model), []
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
