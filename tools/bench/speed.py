"""Seconds of computing per second of sound on one core, and where they go."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final, TypeVar

import numpy as np

from facerig.audio.rates import BLOCKS_PER_SEC
from facerig.session import Session
from tools.bench.sound import Samples, speech
from tools.bench.tables import Row, Table

T = TypeVar("T")

# input Hz, frames per second: each is varied around 48 kHz and 60 fps
SETTINGS: Final = ((48_000, 60), (44_100, 60), (16_000, 60), (48_000, 24), (48_000, 120))
# how a model is fed: 20 ms as a live source does, 1 s as `facerig animate` reads a file
CHUNK_SECS: Final = {"live": (0.02, 1.0), "offline": (1.0,)}
STAGES: Final = ("resample", "features", "network", "lips", "frames", "blinks")


def tables(models: list[str], secs: float, repeats: int) -> list[Table]:
    """Real-time factors (by the clock, by CPU time; `times` real time); microseconds by stage."""
    factors = [factor(model, rate, fps, chunk, secs, repeats) for model in models
               for chunk in CHUNK_SECS[_kind(model)] for rate, fps in SETTINGS]
    stages = [row for model in models for row in by_stage(model, secs, repeats)]
    return [Table("realtime_factor", f"Real-time factor, one core, {secs:g} s of speech, best of {repeats}",
                  {"model": "", "chunk s": "g", "input Hz": ",", "fps": "g", "RTF": ".4f", "CPU RTF": ".4f",
                   "times": ".0f"}, factors),
            Table("stages", "Microseconds for a block of 20 ms by stage, 48 kHz, 60 fps",
                  {"model": "", "stage": "", "us": ".1f", "share %": ".1f"}, stages)]


def factor(model: str, rate: int, fps: int, chunk_secs: float, secs: float, repeats: int) -> Row:
    """Wall-clock and CPU seconds of a session per second of sound; both the least of `repeats` runs."""
    session, audio = Session(rate, fps=fps, model=model), speech(rate, secs)
    chunk = round(chunk_secs * rate)

    def run() -> tuple[float, float]:
        wall, cpu = time.perf_counter(), time.process_time()
        for at in range(0, len(audio), chunk):
            session.feed(audio[at : at + chunk])
        session.flush()
        return time.perf_counter() - wall, time.process_time() - cpu

    walls, cpus = zip(*(run() for _ in range(repeats)), strict=True)
    return {"model": model, "chunk s": chunk_secs, "input Hz": rate, "fps": fps, "RTF": min(walls) / secs,
            "CPU RTF": min(cpus) / secs, "times": secs / min(walls)}


def by_stage(model: str, secs: float, repeats: int) -> list[Row]:
    """What each stage takes of a block of 20 ms, one stage after the other as in a session."""
    rate, fps = SETTINGS[0]
    audio, n_blocks = speech(rate, secs), secs * BLOCKS_PER_SEC
    session = Session(rate, fps=fps, model=model)
    runs = [stage_secs(session, audio) for _ in range(repeats)]
    best = min(runs, key=lambda run: sum(run.values()))
    return [{"model": model, "stage": stage, "us": best[stage] / n_blocks * 1e6,
             "share %": 100 * best[stage] / sum(best.values())} for stage in STAGES]


def stage_secs(session: Session, audio: Samples) -> dict[str, float]:
    """Seconds spent in each stage of `session` while it is given `audio` in chunks of 20 ms.

    The stages are stepped here, in the session's order, so that each finds the caches as it does in real use.
    """
    spent: dict[str, float] = defaultdict(float)

    def timed(stage: str, step: Callable[..., T], *args: Any) -> T:
        began = time.perf_counter()
        out = step(*args)
        spent[stage] += time.perf_counter() - began
        return out

    state, n_frames, chunk = session._initial_state(), 0, session.sample_rate // BLOCKS_PER_SEC
    sound, features, encoder = state.audio, state.features, state.encoder
    lips, frames, blinks = state.lips, state.frames, state.blinks
    lids = session._blinks
    for at in range(0, len(audio), chunk):
        blocks, sound = timed("resample", session._audio.step, audio[at : at + chunk], sound)
        for block in blocks:
            rows, features = timed("features", session._features.step, block, features)
            tracks, encoder = timed("network", session._encoder.step, rows, encoder)
            knots, lips = timed("lips", session._lips.step, tracks, lips)
            out, frames = timed("frames", session._frames.step, knots, frames)
            times = np.arange(n_frames, n_frames + len(out)) / float(session.fps)
            n_frames += len(out)
            if lids is not None:
                _, blinks = timed("blinks", lids.step, out, times, blinks)
    return spent


def _kind(model: str) -> str:
    return Session(16_000, model=model).model_info.kind
