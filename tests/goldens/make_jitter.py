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
from pathlib import Path
from typing import Any, Final

import numpy as np

from facerig.service import wire
from facerig.service.playout import Playout
from tests.goldens import written

JITTER: Final = Path(__file__).with_name("jitter")
COMMAND: Final = "python -m tests.goldens.make_jitter"

RATE, FPS = 16_000, Fraction(50)  # 320 samples, or 20 ms, from frame to frame
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


def scenes() -> Iterator[tuple[str, str, list[Event]]]:
    """Name, what it shows, what happens."""
    every = [show(20 * k, 320 * k) for k in range(12)]
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


def played(events: list[Event]) -> dict[str, Any]:
    """The events, with what came of each picture, and the counts at the end."""
    playout, out = Playout(RATE, FPS, 2), []
    for event in events:
        told = dict(event)
        if "put" in event:
            one = event["put"]
            values = np.array(one["values"], np.float32)
            playout.put(wire.Frame(one["epoch"], one["index"], one["sample"], values, one["flags"]))
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


def vectors() -> dict[str, dict[str, Any]]:
    """Every scene as it is played today."""
    return {name: {"about": about, "sample_rate": RATE, "fps": [FPS.numerator, FPS.denominator], "curves": 2,
                   **played(events)} for name, about, events in scenes()}


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
