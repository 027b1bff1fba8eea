"""Make the jitter buffer's vectors anew: python -m tests.goldens.make_jitter

Frames that come and pictures that are asked for, and what facerig/service/playout.py, which follows the
rules of PROTOCOL.md, makes of them. Libraries in other languages must give the same; README.md beside the
vectors says how to read them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from facerig.service import wire
from facerig.service.playout import Playout
from tests.goldens import written

JITTER: Final = Path(__file__).with_name("jitter")
COMMAND: Final = "python -m tests.goldens.make_jitter"

RATE, FPS = 16_000, Fraction(50)  # 320 samples, or 20 ms, from frame to frame
RATE_BROKEN, FPS_BROKEN = 44_100, Fraction(30_000, 1001)
Event = dict[str, Any]


def put(index: int, sample: int, value: float, *, epoch: int = 0, flags: int = 0) -> Event:
    """A frame comes."""
    return {"put": {"epoch": epoch, "index": index, "sample": sample, "flags": flags,
                    "values": [value, 1 - value]}}


def show(at_ms: float, sample: int | None) -> Event:
    """A picture is asked for."""
    return {"show": {"now_ns": round(at_ms * 1e6), "sample": sample}}


def sounding(first: int, stop: int, **how: Any) -> list[Event]:
    """Frames of sound, each with a value of its own."""
    return [put(k, 320 * k, k / 64, **how) for k in range(first, stop)]


def idle(first: int, stop: int, **how: Any) -> list[Event]:
    """Frames of silence."""
    return [put(k, -1, k / 256, flags=wire.Frame.IDLE, **how) for k in range(first, stop)]


def far(*indices: int, last: bool = False) -> list[Event]:
    """Frames of sound of a character that is far away: each says how far the one before lies back."""
    steps = [1, *(after - before for before, after in pairwise(indices))]
    ends = [wire.Frame.LAST if last and k == indices[-1] else 0 for k in indices]
    return [put(k, 320 * k, k / 64, flags=wire.Frame.step_flag(step) | end)
            for k, step, end in zip(indices, steps, ends, strict=True)]


def many(first: Event, times: int, index: int, sample: int) -> Event:
    """A frame comes `times` times, each time with its index and its sample raised by so much."""
    return {**first, "times": times, "raise": {"index": index, "sample": sample}}


def scenes() -> Iterator[tuple[str, str, list[Event]]]:
    """Name, what it shows, what happens: 320 samples, or 20 ms, from frame to frame."""
    every = every_picture(12)
    yield "between", "a picture between two frames is drawn between them", [
        *sounding(0, 12), *[show(7 * k, 112 * k) for k in range(24)]]
    yield "reorder", "frames in any order, some twice", [
        *[sounding(0, 12)[k] for k in (3, 0, 2, 1, 1, 5, 4, 8, 7, 6, 11, 10, 9, 0)], *every]
    yield "loss", "lost frames are drawn over", [
        *[one for k, one in enumerate(sounding(0, 12)) if k % 4], *every]
    yield "gap", "what is too far apart is not: the frame is held, then the face rests, then goes on", [
        *sounding(0, 3), *sounding(20, 24), *[show(20 * k, 320 * k) for k in range(24)]]
    yield "late", "a frame that is late: the last one is held; by how much is told", [
        *[event for k in range(12) for event in (*sounding(k, k + 1), show(20 * k, 320 * (k + 2)))],
        {"late_samples": None}]
    yield "in-hand", "frames that come early: how much is in hand is told", [
        *[event for k in range(12) for event in (*sounding(k + 5, k + 6), show(20 * k, 320 * (k + 5)))],
        *sounding(17, 24), show(240, 320 * 18), {"late_samples": None}]
    yield "starved", "nothing comes any more: held for a tenth of a second, then the mouth closes", [
        *sounding(0, 3), *[show(20 * k, 320 * k) for k in range(18)]]
    yield "pause", "a player that stands still, and steps back", [
        *sounding(0, 30), *[show(20 * k, 320 * min(k, 5)) for k in range(9)], show(200, 320 * 3),
        *[show(200 + 20 * k, 320 * (3 + k)) for k in range(12)]]
    yield "rate", "a player at another speed: half, then double", [
        *sounding(0, 60), *[show(20 * k, 160 * k) for k in range(10)],
        *[show(200 + 20 * k, 1600 + 640 * k) for k in range(20)]]
    yield "idle", "no sound plays: frames by the clock, though they come in bursts", [
        *[event for k in range(30) for event in
          (*(idle(k, k + 3) if k % 3 == 0 else []), show(20 * k, None))],
        *[show(600 + 50 * k, None) for k in range(16)]]
    yield "speech-and-idle", "life, a sentence, and life again", [
        *idle(0, 3), *[show(20 * k, None) for k in range(3)],
        *[put(3 + k, 320 * k, k / 64, flags=wire.Frame.LAST if k == 5 else 0) for k in range(6)],
        *[show(60 + 20 * k, 320 * k) for k in range(6)],
        *[event for k in range(6) for event in (*idle(9 + k, 10 + k), show(180 + 20 * k, 320 * (6 + k)))]]
    yield "interrupt", "the epoch rises: older frames are gone, and the face does not jump", [
        *sounding(0, 30), *every[:6], {"interrupted": 1}, show(120, 320 * 6), *sounding(12, 14),
        *idle(6, 20, epoch=1), *[show(140 + 20 * k, None) for k in range(6)],
        *[put(20 + k, 320 * (30 + k), 0.5 + k / 64, epoch=1) for k in range(10)],
        *[show(260 + 20 * k, 320 * (30 + k)) for k in range(8)]]
    yield "epoch", "a frame of a newer epoch raises it", [
        *sounding(0, 6), *every[:3], *sounding(6, 8, epoch=2), *sounding(6, 12),
        *[show(60 + 20 * k, 320 * (6 + k)) for k in range(8)]]
    yield "restart", "another session goes on with the character: indices begin anew", [
        *sounding(0, 8), *every[:6], {"restart": 0}, *[put(k, 320 * (6 + k), 0.9, epoch=0) for k in range(8)],
        *[show(120 + 20 * k, 320 * (6 + k)) for k in range(8)]]
    yield "other-rig", "frames with another number of values are of no use", [
        *sounding(0, 2), {"put": {"epoch": 0, "index": 2, "sample": 640, "flags": 0, "values": [0.5]}},
        show(0, 0), show(20, 320)]


def rarer_scenes() -> Iterator[tuple[str, str, list[Event]]]:
    """The same of what happens rarely, and of bounds."""
    idles = [put(k, -1, k / 256, flags=wire.Frame.IDLE | wire.Frame.step_flag(step))
             for k, step in ((0, 1), (2, 2), (4, 2), (6, 2), (8, 2), (12, 4), (16, 4), (20, 4), (24, 4))]
    yield "detail", "far away: every second frame, every fourth, one is lost, every one again", [
        *far(0, 1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24), *far(28, 32)[1:], *far(32, 33, 34, 35, last=True)[1:],
        *[show(10 * k, 160 * k) for k in range(76)]]
    yield "detail-late", "every fourth frame: the next is not late before its time", [
        *far(0, 4, 8), *[show(20 * k, 320 * k) for k in range(18)], *far(8, 12, 16)[1:],
        *[show(360 + 20 * k, 320 * (10 + k)) for k in range(6)], {"late_samples": None}]
    yield "detail-idle", "idle life with every second frame, then every fourth", [
        *[event for k in range(28) for event in
          (*(one for one in idles if one["put"]["index"] == k), show(20 * k, None))]]
    yield "empty", "nothing came, or nothing of use: the face rests", [
        {"late_samples": None}, show(0, None), show(20, 0), show(40, -5), *sounding(5, 7), show(60, 320),
        {"late_samples": None}]
    yield "stop", "a player that stops within a sentence", [
        *sounding(0, 12), *every_picture(6), *[show(120 + 20 * k, None) for k in range(8)]]
    yield "last", "after the last frame of a flush nothing is held", [
        *far(0, 1, 2, 3, last=True), *every_picture(8)]
    yield "twice", "what came before, and what is too old to tell", [
        *sounding(0, 3), *sounding(1, 4), put(4_200, 320 * 4_200, 0.5), put(104, 320 * 104, 0.25),
        put(105, 320 * 105, 0.75), put(105, 320 * 105, 1.0), show(0, 320 * 105), show(100, 320 * 4_200)]
    yield "older", "an epoch that is over is passed over, an interruption of it too", [
        *sounding(0, 4, epoch=3), show(0, 320), {"interrupted": 2}, {"interrupted": 3}, show(20, 640),
        *sounding(2, 6, epoch=2), show(40, 960), {"interrupted": 4}, *sounding(4, 8, epoch=3),
        show(60, 1_280)]
    yield "overflow", "more frames than are kept: the oldest go, and are counted", [
        many(put(0, 0, 0.5), 36_004, 1, 320), show(0, 0), show(20, 320 * 4), show(200, 320 * 36_003)]
    yield "idle-overflow", "idle frames that nobody looks at", [
        many(put(0, -1, 0.25, flags=wire.Frame.IDLE), 40, 1, 0), put(40, -1, 0.5, flags=wire.Frame.IDLE),
        *[show(20 * k, None) for k in range(5)]]
    yield "late-window", "lateness is that of the last 120 pictures", [
        *[event for k in range(130) for event in
          (put(k, 320 * k, 0.5), show(20 * k, 320 * k + (1_600 if k == 5 else 0)),
           *([{"late_samples": None}] if k in (4, 5, 124, 125) else []))]]
    big = 2**40
    yield "large", "numbers that need 64 bits", [
        *[put(big + k, 2**42 + 320 * k, k / 64) for k in range(12)],
        *[show(2**52 / 1e6 + 7 * k, 2**42 + 112 * k) for k in range(24)]]


def every_picture(n: int) -> list[Event]:
    """Pictures at the frames' own rate."""
    return [show(20 * k, 320 * k) for k in range(n)]


def broken_rate() -> list[Event]:
    """29.97 frames a second and 44,100 samples, for three seconds that begin after an hour; every tenth is
    lost."""
    first = 3600 * 30
    at = [k * RATE_BROKEN * FPS_BROKEN.denominator // FPS_BROKEN.numerator for k in range(first, first + 90)]
    frames = [put(first + k, sample, k / 128) for k, sample in enumerate(at) if k % 10]
    return [*frames, *[show(k * 1000 / 60, at[1] + k * RATE_BROKEN // 60) for k in range(170)]]


def played(events: list[Event], rate: int, fps: Fraction) -> dict[str, Any]:
    """The events, with what came of each picture, and the counts at the end."""
    playout, out = Playout(rate, fps, 2), []
    for event in events:
        told = dict(event)
        if "put" in event:
            give(playout, event)
        elif "show" in event:
            shown = playout.show(event["show"]["now_ns"], event["show"]["sample"])
            told["expect"] = {"values": [round(float(value), 6) for value in shown.values],
                              "index": shown.index, "state": shown.state}
        elif "interrupted" in event:
            playout.interrupted(event["interrupted"])
        elif "restart" in event:
            playout.restart(event["restart"])
        else:
            told["late_samples"] = playout.late_samples
        out.append(told)
    counts = {name: getattr(playout.counts, name) for name in playout.counts.__slots__}
    return {"events": out, "counts": counts}


def give(playout: Playout, event: Event) -> None:
    """A frame, or many like it, to a buffer."""
    one, rises = event["put"], event.get("raise", {"index": 0, "sample": 0})
    values = np.array(one["values"], np.float32)
    for k in range(event.get("times", 1)):
        playout.put(wire.Frame(one["epoch"], one["index"] + k * rises["index"],
                               one["sample"] + k * rises["sample"], values, one["flags"]))


def vectors() -> dict[str, dict[str, Any]]:
    """Every scene as it is played today."""
    plain = [(*scene, RATE, FPS) for scene in (*scenes(), *rarer_scenes())]
    broken = ("broken-rate", "29.97 frames a second at 44.1 kHz", broken_rate(), RATE_BROKEN, FPS_BROKEN)
    return {name: {"about": about, "sample_rate": rate, "fps": [fps.numerator, fps.denominator], "curves": 2,
                   **played(events, rate, fps)} for name, about, events, rate, fps in (*plain, broken)}


def as_text(scene: dict[str, Any]) -> str:
    """A scene as JSON, an event a line."""
    head = {name: value for name, value in scene.items() if name != "events"}
    lines = ",\n".join("  " + json.dumps(event) for event in scene["events"])
    return json.dumps(head)[:-1] + ', "events": [\n' + lines + "\n]}\n"


def files() -> dict[str, bytes]:
    """Every file by name."""
    return {f"{name}.json": as_text(scene).encode() for name, scene in vectors().items()}


if __name__ == "__main__":
    sys.exit(written.main(JITTER, files()))
