"""The wire as named constants: what PROTOCOL.md and the files of other languages are made of.

Everything is read from the modules that the service and the Python client run on; nothing is said twice.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, get_args

import msgspec
import numpy as np
from msgspec import inspect as types

from facerig.rig import load_rig
from facerig.service import link, playout, sockets, wire

Value = int | float | str | tuple[str, ...] | tuple[int, ...]
Bound = tuple[str, Value]  # least, most, longest ... and how much

RIGS: Final = ("arkit", "livelink", "vrm", "oculus", "metahuman")  # those that engines show
SIZES: Final = {"s": 1, "B": 1, "H": 2, "I": 4, "Q": 8, "q": 8}  # bytes of a struct format's letters
ONE_OF: Final = re.compile(r"\^\(([a-z0-9|-]+)\)\$")


@dataclass(frozen=True, slots=True)
class Fact:
    """A constant: `name` in small letters with underscores; `told`: a remark, may be empty."""

    name: str
    value: Value
    told: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Constants that belong together. The first group of a file has no name."""

    name: str
    told: str
    facts: tuple[Fact, ...]


# --- the frame


def frame_layout() -> list[tuple[int, str, str, str]]:
    """Byte, field, type and meaning of each field of a frame, as it is packed."""
    formats = re.findall(r"(\d*)([a-zA-Z])", wire.Frame.HEADER.format)
    layout = (inspect.getdoc(wire.Frame) or "").split("\n\n", 1)[1]
    told = [line.split(None, 2) for line in re.sub(r"\n {9,}", " ", layout).splitlines()]
    out, at = [], 0
    for (name, kind, *meaning), (many, code) in zip(told, [*formats, ("", "")], strict=True):
        out.append((at, name, kind, " ".join(meaning)))
        at += SIZES.get(code, 0) * int(many or 1)
    return out


def _frame() -> Iterator[Fact]:
    yield Fact("magic", wire.Frame.MAGIC.decode("ascii"), "the first bytes of a frame")
    yield Fact("header_bytes", wire.Frame.HEADER.size, "then come `count` values of 4 bytes")
    for at, name, kind, meaning in frame_layout()[1:]:
        yield Fact(f"{name}_at", at, f"{kind} {meaning}".strip())
    flags = {name.lower(): value for name, value in vars(wire.Frame).items()
             if name.isupper() and isinstance(value, int)}
    yield from (Fact(name, value) for name, value in flags.items())
    shift = (wire.Frame.STEP & -wire.Frame.STEP).bit_length() - 1
    yield Fact("step_shift", shift, "a frame's step is steps[(flags & step) >> step_shift]")
    most = wire.Frame.STEP >> shift
    yield Fact("steps", tuple(step_of(value << shift) for value in range(most + 1)),
               "indices that the frame before lies back")
    yield Fact("silence", -1, "sample of a frame that belongs to no sound")


def step_of(flags: int) -> int:
    """The step of a frame with these flags."""
    return wire.Frame(0, 0, 0, np.zeros(0, np.float32), flags).step


# --- messages


def message_kinds() -> list[type[msgspec.Struct]]:
    """Every map of the wire."""
    return [*get_args(wire.Request), *get_args(wire.Reply), wire.Schema, wire.Curve]


def fields_of(kind: type[msgspec.Struct]) -> tuple[str, tuple[types.Field, ...]]:
    """Name of a message (its tag, or its type's) and its fields. Raises TypeError for what is none."""
    info = types.type_info(kind)
    if not isinstance(info, types.StructType):
        raise TypeError(f"{kind} is no message")
    return str(info.tag or kind.__name__), info.fields


def bounds(one: types.Type) -> Iterator[Bound]:
    """What a value of this type may be."""
    if isinstance(one, types.Metadata):
        yield from bounds(one.type)
    elif isinstance(one, types.UnionType):
        yield from (bound for part in one.types for bound in bounds(part))
    elif isinstance(one, types.IntType | types.FloatType):
        ends = (("least", one.ge), ("most", one.le))
        yield from ((name, value) for name, value in ends if value is not None)
    elif isinstance(one, types.StrType | types.BytesType):
        lengths = (("shortest", one.min_length), ("longest", one.max_length))
        yield from ((name, value) for name, value in lengths if value is not None)
        if isinstance(one, types.StrType) and one.pattern and not ONE_OF.fullmatch(one.pattern):
            yield "pattern", one.pattern
    elif isinstance(one, types.ListType | types.DictType):
        counts = (("fewest_items", one.min_length), ("most_items", one.max_length))
        yield from ((name, value) for name, value in counts if value is not None)
        yield from bounds(one.value_type if isinstance(one, types.DictType) else one.item_type)


def choices(one: types.Type) -> tuple[str, ...] | tuple[int, ...]:
    """The values that a field has to choose from; empty where it is free."""
    if isinstance(one, types.Metadata):
        return choices(one.type)
    if isinstance(one, types.UnionType):
        return next((found for part in one.types if (found := choices(part))), ())
    if isinstance(one, types.LiteralType):
        numbers = tuple(value for value in one.values if isinstance(value, int))
        return numbers or tuple(value for value in one.values if isinstance(value, str))
    match = ONE_OF.fullmatch(one.pattern or "") if isinstance(one, types.StrType) else None
    return tuple(match[1].split("|")) if match else ()


def _limits() -> Iterator[Fact]:
    """Bounds by field; where messages differ, by message and field."""
    found: dict[str, dict[str, Value]] = {}  # field_bound -> message -> value
    for kind in message_kinds():
        name, fields = fields_of(kind)
        for field in fields:
            for bound, value in bounds(field.type):
                found.setdefault(f"{field.encode_name}_{bound}", {})[name.lower()] = value
    for name, by_message in found.items():
        if len(set(by_message.values())) == 1:
            told = f"of {', '.join(by_message)}" if len(by_message) <= 4 else ""
            yield Fact(name, next(iter(by_message.values())), told)
        else:
            yield from (Fact(f"{message}_{name}", value) for message, value in by_message.items())


def _choices() -> Iterator[Fact]:
    seen: set[str] = set()
    for kind in message_kinds():
        for field in fields_of(kind)[1]:
            values = choices(field.type)
            if values and field.encode_name not in seen:
                seen.add(field.encode_name)
                yield Fact(field.encode_name, values)


def _absent() -> Iterator[Fact]:
    for kind in message_kinds():
        name, fields = fields_of(kind)
        for field in fields:
            if isinstance(field.default, int | float | str) and field.default and not field.required:
                value = int(field.default) if isinstance(field.default, bool) else field.default
                yield Fact(f"{name.lower()}_{field.encode_name}", value)


def _fields() -> Iterator[Fact]:
    names = {field.encode_name: None for kind in message_kinds() for field in fields_of(kind)[1]}
    yield from (Fact(name, name) for name in ("type", *names))


# --- what clients do

# name          value                    meaning
BUFFER: Final[tuple[tuple[str, int | Fraction, str], ...]] = (
    ("FADE", playout.FADE_NS, "ns over a jump"),
    ("HOLD", playout.HOLD_SECS, "s that a late frame's place is held"),
    ("BRIDGE", playout.BRIDGE_SECS, "s of lost frames that are drawn over"),
    ("BEHIND", playout.BEHIND_SECS, "s kept behind what plays"),
    ("MOST_SOUNDING", playout.MOST_SOUNDING, "frames with sound that are kept"),
    ("MOST_IDLE", playout.MOST_IDLE, "idle frames that are kept"),
    ("IDLE_BEHIND", playout.IDLE_BEHIND, "frames that idle life may lag"),
    ("IDLE_STALE", playout.IDLE_STALE_NS, "ns without a new idle frame, after which the face rests"),
    ("JUMP", playout.JUMP_FRAMES, "frames besides the time that went by that are no jump"),
    ("LATENESS", playout.LATENESS_SHOWS, "pictures that lateness is measured over"),
    ("KNOWN", playout.KNOWN_INDICES, "indices back that a frame is still new"))


def _jitter() -> Iterator[Fact]:
    for name, value, told in BUFFER:
        unit, words = told.split(" ", 1)
        if isinstance(value, Fraction):
            ms = value * 1000
            if ms.denominator != 1:
                raise ValueError(f"{name}: {value} s are no whole milliseconds")
            yield Fact(f"{name.lower()}_ms", int(ms), f"ms {words}; in samples: * rate / 1000, rounded down")
        else:
            yield Fact(f"{name.lower()}_ns" if unit == "ns" else name.lower(), value, told)


def _client() -> tuple[Fact, ...]:
    ms = 10**6  # ns
    return (Fact("ping_ms", link.PING_NS // ms, "between pings: who says nothing for minutes is ended"),
            Fact("retry_ms", link.RETRY_NS // ms, "before a refused session is opened again"),
            Fact("schema_wait_ms", link.SCHEMA_NS // ms, "that sound waits for the first schema or frame"),
            Fact("heartbeat_ms", sockets.HEARTBEAT_MS, "ZeroMQ's; three unanswered: the service is gone"),
            Fact("reconnect_ms", sockets.RECONNECT_MS),
            Fact("longest_reconnect_ms", sockets.LONGEST_RECONNECT_MS),
            Fact("out_of_step", tuple(link.OUT_OF_STEP), "errors after which a session is resumed"),
            Fact("later", "rate", "error of open after which it is tried again by itself"))


CONSTANTS: Final = (
    Fact("version", wire.VERSION),
    Fact("control_port", wire.CONTROL_PORT, "port of the control socket"),
    Fact("curves_port", wire.CURVES_PORT, "port of the curves' socket"),
    Fact("largest_message", wire.LARGEST_MESSAGE, "bytes of sound in a message"),
    Fact("most_curves", wire.MOST_CURVES, "curves in a frame"),
    Fact("longest_name", wire.LONGEST_NAME, "characters of a subject"))


def groups() -> tuple[Group, ...]:
    """Everything, in the order of the files."""
    tags = tuple(Fact(tag, tag) for tag in dict.fromkeys(
        fields_of(kind)[0] for kind in message_kinds() if kind is not wire.Curve))
    curves = tuple(Fact(rig, tuple(load_rig(rig).names)) for rig in RIGS)
    return (Group("", "", CONSTANTS),
            Group("frame", "Frames of curves: where fields lie, and flags.", tuple(_frame())),
            Group("tag", "What the key `type` of a message may say.", tags),
            Group("field", "Keys of messages.", tuple(_fields())),
            Group("limit", "What fields may hold.", tuple(_limits())),
            Group("choice", "Fields that hold one of a few values.", tuple(_choices())),
            Group("absent", "What a field is that is not there; where nothing is said: 0, empty or false.",
                  tuple(_absent())),
            Group("jitter", "The rules of the jitter buffer.", tuple(_jitter())),
            Group("client", "What clients do by themselves.", _client()),
            Group("curves", "Curves by rig. The schema says which come, and in which order.", curves))
