"""Make the golden packets anew: python -m tests.goldens.make_wire

They are what libraries in other languages are tested with: one of every message and frame as bytes (*.bin),
and what each of them means (index.json; bytes as hex).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from facerig.service import wire
from tests.goldens import written

PACKETS: Final = Path(__file__).with_name("packets")
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
                           emotion="joy:0.6, fear:0.1", alive=False, detail=2),
    "resume": wire.Resume(token=TOKEN),
    "audio": wire.Audio(session=7, epoch=2, at=2**40, data=bytes([0, 0, 255, 127, 0, 128])),
    "direct-now": wire.Direct(session=7, emotion="joy:0.6"),
    "direct-full": wire.Direct(session=7, at=48_000, emotion="anger", gaze=[0.25, 0.0, 0.5], blink=True,
                               mode="listen", attitude="positive", layers={"head": 0.5},
                               style="[head]\nnods = 2\n", transition_secs=0.5, detail=4),
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
    "frame-far": wire.Frame(1, 1_236, 98_816, np.array([0.25, 0.0], np.float32),
                            wire.Frame.LAST | wire.Frame.step_flag(4)),
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


def files() -> dict[str, bytes]:
    """Every file by name."""
    told = json.dumps(index(), indent=1, ensure_ascii=False) + "\n"
    return {"index.json": told.encode()} | {f"{name}.bin": data for name, data in packets().items()}


if __name__ == "__main__":
    sys.exit(written.main(PACKETS, files()))
