"""Seconds of computing per second of sound on one core, and where they go."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from copy import copy
from typing import Any, Final

from facerig.audio.rates import BLOCKS_PER_SEC
from facerig.performance import performer as performing
from facerig.performance.settings import Performance
from facerig.session import Session
from tools.bench.sound import Samples, speech
from tools.bench.tables import Row, Table

# input Hz, frames per second: each is varied around 48 kHz and 60 fps
SETTINGS: Final = ((48_000, 60), (44_100, 60), (16_000, 60), (48_000, 24), (48_000, 120))
# how a model is fed: 20 ms as a live source does, 1 s as `facerig animate` reads a file
CHUNK_SECS: Final = {"live": (0.02, 1.0), "offline": (1.0,)}
STAGES: Final = ("resample", "features", "effort", "prosody", "voice emotion", "network", "lips", "frames",
                 "emotion", "gaze", "listening", "head", "blinks", "meeting", "asymmetry", "controls")
LAYERS: Final = ("emotion", "gaze", "listening", "head", "blinks", "meeting", "asymmetry", "controls")
FRAMES_A_STEP: Final = (1, 60)


def tables(models: list[str], secs: float, repeats: int) -> list[Table]:
    """Real-time factors (by the clock, by CPU time; `times` real time); microseconds by stage."""
    factors = [factor(model, rate, fps, chunk, secs, repeats) for model in models
               for chunk in CHUNK_SECS[_kind(model)] for rate, fps in SETTINGS]
    stages = [row for model in models for row in by_stage(model, secs, repeats)]
    layers = [row for n in FRAMES_A_STEP for row in by_layer(n, secs, repeats)]
    return [Table("realtime_factor", f"Real-time factor, one core, {secs:g} s of speech, best of {repeats}",
                  {"model": "", "chunk s": "g", "input Hz": ",", "fps": "g", "RTF": ".4f", "CPU RTF": ".4f",
                   "times": ".0f"}, factors),
            Table("stages", "Microseconds for a block of 20 ms (1.2 frames) by stage, 48 kHz, 60 fps",
                  {"model": "", "stage": "", "us": ".1f", "share %": ".1f"}, stages),
            Table("layers", "Microseconds a frame by layer, 60 fps, joy told; frames in a step",
                  {"frames": "", "layer": "", "us": ".1f"}, layers)]


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


def by_layer(frames: int, secs: float, repeats: int) -> list[Row]:
    """What each layer takes of a frame where so many frames come at a time."""
    session = Session(48_000, fps=60, performance=Performance().with_(emotion="joy"))
    audio, chunk = speech(48_000, secs), frames * 800
    runs = [stage_secs(session, audio, chunk) for _ in range(repeats)]
    best = {layer: min(run[layer] for run in runs) / (secs * 60) * 1e6 for layer in LAYERS}
    return [{"frames": frames, "layer": layer, "us": us} for layer, us in [*best.items(),
                                                                          ("all", sum(best.values()))]]


def stage_secs(session: Session, audio: Samples, chunk: int | None = None) -> dict[str, float]:
    """Seconds spent in each stage of `session` while it is given `audio` in chunks, of 20 ms if not given."""
    spent: dict[str, float] = defaultdict(float)
    timed = [_Timed(owner, part, method, stage, spent) for stage, owner, part, method in _stages(session)]
    chunk = chunk or session.sample_rate // BLOCKS_PER_SEC
    try:
        for at in range(0, len(audio), chunk):
            session.feed(audio[at : at + chunk])
    finally:
        for one in reversed(timed):
            one.undo()
        session.reset()
    return spent


class _Timed:
    """Counts the seconds of a method of one part of a session (of a function: ""), until `undo`."""

    def __init__(self, owner: object, part: str, method: str, stage: str, spent: dict[str, float]) -> None:
        self._owner, self._part, self._stage = owner, part, getattr(owner, part)
        step: Callable[..., Any] = getattr(self._stage, method) if method else self._stage

        def timed(*args: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return step(*args, **named)
            finally:
                spent[stage] += time.perf_counter() - began

        stand_in: Any = timed
        if method:
            stand_in = copy(self._stage)
            setattr(stand_in, method, timed)
        setattr(owner, part, stand_in)

    def undo(self) -> None:
        """Put the part itself back."""
        setattr(self._owner, self._part, self._stage)


def _stages(session: Session) -> list[tuple[str, object, str, str]]:
    """Stage, and where the session has it: owner, attribute, method."""
    hearing, performer = session.hearing, session._cast.actor.performer
    layers = [("blinks", "plan"), ("blinks", "draw"), ("gaze", "plan"), ("gaze", "head_goals"),
              ("head", "plan"), ("listening", "plan"), ("listening", "draw"), ("emotion", "plan"),
              ("controls", "step")]
    drawing = [("emotion", "emotion_curves"), ("gaze", "eyes_of"), ("head", "heads_of"), ("meeting", "met"),
               ("asymmetry", "sides_apart")]
    return [("resample", hearing, "resampler", "step"), ("features", hearing, "features", "step"),
            ("effort", hearing, "effort", "step"), ("prosody", hearing, "prosody", "step"),
            ("voice emotion", hearing, "emotion", "step"), ("network", hearing, "encoder", "step"),
            ("lips", hearing, "lips", "decode"), ("frames", session, "_frames", "step"),
            *((layer, performing, function, "") for layer, function in drawing),
            *((layer, performer, f"_{layer}", method) for layer, method in layers)]


def _kind(model: str) -> str:
    return Session(16_000, model=model).model_info.kind
