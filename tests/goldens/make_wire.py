"""Make the golden packets and the jitter buffer's vectors anew: python -m tests.goldens.make_wire

They are what libraries in other languages are tested with. `packets`: one of every message and frame as bytes
(*.bin), and what each of them means (index.json; bytes as hex). `playout`: frames that come and pictures
that are asked for, and what the rules of PROTOCOL.md make of them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from facerig.service import wire
from facerig.service.playout import Playout

PACKETS: Final = Path(__file__).with_name("packets")
PLAYOUT: Final = Path(__file__).with_name("playout")
COMMAND: Final = "python -m tests.goldens.make_wire"

TOKEN: Final = "00112233445566778899aabbccddeeff"
SCHEMA: Final = wire.Schema(subject="anna", rig="arkit", fps=[60, 1], sample_rate=48_000,
                            latency_samples=4_368,
                            curves=[wire.Curve(name="jawOpen"),
                                    wire.Curve(name="headYaw", low=-1.5, high=1.5)])

# name                     message
REQUESTS: Final = {
    "open-least": wire.Open(subject="anna"),
    "open-full": wire.Open(subject="Zoë Ω", sample_rate=48_000, encoding="f32", fps="30000/1001",
                           rig="metahuman", pace="burst", model="live-40", seed=2**63 - 1, mode="listen",
                           emotion="joy:0.6, fear:0.1", alive=False),
    "resume": wire.Resume(token=TOKEN),
    "audio": wire.Audio(session=7, epoch=2, at=2**40, data=bytes([0, 0, 255, 127, 0, 128])),
    "direct-now": wire.Direct(session=7, emotion="joy:0.6"),
    "direct-full": wire.Direct(session=7, at=48_000, emotion="anger", gaze=[0.25, 0.0, 0.5], blink=True,
                               mode="listen", attitude="positive", layers={"head": 0.5},
                               style="[head]\nnods = 2\n", transition_secs=0.5),
    "direct-camera": wire.Direct(session=7, gaze="camera"),
    "say": wire.Say(session=7, text="Hello there.", voice="amy"),
    "interrupt": wire.Interrupt(session=7),
    "flush": wire.Flush(session=7),
    "close": wire.Close(session=7),
    "ping": wire.Ping(number=12),
    "statistics": wire.AskStatistics(),
}
REPLIES: Final = {
    "opened": wire.Opened(session=7, token=TOKEN, schema=SCHEMA, epoch=2, received=96_000, credit=48_000),
    "progress": wire.Progress(session=7, epoch=2, received=96_000, animated=48_000, credit=48_000),
    "spoken": wire.Spoken(session=7, at=96_000, data=b"\x01\x00\xff\xff", last=True),
    "interrupted": wire.Interrupted(session=7, epoch=3, at=96_000),
    "closed": wire.Closed(session=7, reason="idle"),
    "pong": wire.Pong(number=12, clock_ns=123_456_789_012),
    "figures": wire.Statistics(figures={"sessions": 1.0}),
    "error": wire.Refusal(code="gap", what="sample 9 comes, but sound is here up to 4", where="$.at",
                          fix="send from sample 4 on", session=7),
}
FRAMES: Final = {
    "frame": wire.Frame(2, 1_234, 98_765, np.array([0.5, -0.25], np.float32)),
    "frame-last": wire.Frame(0, 2**40, 2**41, np.array([1.0, 0.0], np.float32), wire.Frame.LAST),
    "frame-idle": wire.Frame(2**31 - 1, 3, -1, np.array([0.0, 0.125], np.float32), wire.Frame.IDLE),
    "frame-empty": wire.Frame(0, 0, 0, np.zeros(0, np.float32)),
}

_PING: Final = wire.encoded(REQUESTS["ping"])
_FRAME: Final = FRAMES["frame"].packed()


def _map(**fields: Any) -> bytes:
    return msgspec.msgpack.encode(fields)


# name                    kind        bytes                                      why
REFUSED: Final = {
    "no-msgpack":        ("request", b"\xc1",                                    "is no msgpack"),
    "empty":             ("request", b"",                                        "is empty"),
    "cut":               ("request", _PING[:-1],                                 "ends too early"),
    "two":               ("request", _PING + _PING,                              "goes on too long"),
    "no-type":           ("request", _map(number=1),                             "has no type"),
    "unknown-type":      ("request", _map(type="dance"),                         "type is unknown"),
    "unknown-key":       ("request", _map(type="ping", nombre=1),                "key is unknown"),
    "missing-key":       ("request", _map(type="flush"),                         "lacks session"),
    "wrong-kind":        ("request", _map(type="ping", number="1"),              "text is no number"),
    "out-of-range":      ("request", _map(type="flush", session=0),              "session is from 1"),
    "topic-in-subject":  ("request", _map(type="open", subject="a\0"),           "no zero in names"),
    "list":              ("request", msgspec.msgpack.encode([1, 2]),             "is no map"),
    "frame-cut":         ("frame", _FRAME[:-1],                                  "ends too early"),
    "frame-longer":      ("frame", _FRAME + b"\0",                               "goes on too long"),
    "frame-magic":       ("frame", b"FROG" + _FRAME[4:],                         "magic is FRIG"),
    "frame-version":     ("frame", _FRAME[:4] + b"\x02" + _FRAME[5:],            "version is 1"),
    "frame-nan":         ("frame", _FRAME[:-4] + b"\0\0\xc0\x7f",               "values are finite"),
    "frame-before":      ("frame", _FRAME[:20] + b"\xfe" + b"\xff" * 7 + _FRAME[28:], "sample is from -1"),
}


def packets() -> dict[str, bytes]:
    """All packets by name."""
    messages = {**REQUESTS, **REPLIES, "schema": SCHEMA}
    return ({name: wire.encoded(one) for name, one in messages.items()}
            | {name: frame.packed() for name, frame in FRAMES.items()}
            | {f"refused-{name}": data for name, (_, data, _) in REFUSED.items()})


def index() -> dict[str, Any]:
    """What each packet means."""
    told = {"request": REQUESTS, "reply": REPLIES, "published": {"schema": SCHEMA}}
    return ({name: {"kind": kind, "message": meaning(one)} for kind, named in told.items()
             for name, one in named.items()}
            | {name: {"kind": "published", "frame": meaning(frame)} for name, frame in FRAMES.items()}
            | {f"refused-{name}": {"kind": "published" if kind == "frame" else kind, "refused": why}
               for name, (kind, _, why) in REFUSED.items()})


def meaning(message: Any) -> dict[str, Any]:
    """A message or a frame with all its fields, as JSON has them."""
    out = {name: getattr(message, name) for name in message.__struct_fields__}
    if message.__struct_config__.tag is not None:
        out = {"type": message.__struct_config__.tag, **out}
    for name, value in out.items():
        if isinstance(value, bytes):
            out[name] = value.hex()
        elif isinstance(value, np.ndarray):
            out[name] = value.tolist()
        elif isinstance(value, msgspec.Struct):
            out[name] = meaning(value)
        elif isinstance(value, list) and value and isinstance(value[0], msgspec.Struct):
            out[name] = [meaning(one) for one in value]
    return out


# --- the jitter buffer

RATE, FPS = 16_000, Fraction(50)  # 320 samples, or 20 ms, from frame to frame
STEP_NS: Final = 20_000_000
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


def main() -> int:
    """Write everything, and take away what is no longer made."""
    files = {PACKETS / f"{name}.bin": data for name, data in packets().items()}
    files[PACKETS / "index.json"] = (json.dumps(index(), indent=1, ensure_ascii=False) + "\n").encode()
    files |= {PLAYOUT / f"{name}.json": as_text(scene).encode() for name, scene in vectors().items()}
    for folder in (PACKETS, PLAYOUT):
        folder.mkdir(exist_ok=True)
        for path in set(folder.iterdir()) - set(files):
            path.unlink()
    changed = [path.name for path, data in files.items() if not path.is_file() or path.read_bytes() != data]
    for path, data in files.items():
        path.write_bytes(data)
    print(f"{len(files)} files, changed: {', '.join(changed) or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
