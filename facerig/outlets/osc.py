"""Open Sound Control 1.0, as far as faces need it: messages of whole numbers, floats and strings, in bundles.

    message   address, ",types", arguments        strings end in a zero and fill up to 4 bytes
    bundle    "#bundle", time (1: at once), then each element's length and bytes

Source: opensoundcontrol.stanford.edu/spec-1_0.html
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from facerig.errors import ProtocolError

Argument = int | float | str

BUNDLE: Final = b"#bundle\0"
AT_ONCE: Final = 1  # a time tag that means: now
HEAD_BYTES: Final = len(BUNDLE) + 8
DEEPEST: Final = 8  # bundles inside of bundles
MOST_ARGUMENTS: Final = 256


@dataclass(frozen=True, slots=True)
class Message:
    """An address and what it is told."""

    address: str
    arguments: tuple[Argument, ...] = ()


def encoded(message: Message) -> bytes:
    """A message as bytes."""
    types, data = ",", b""
    for one in message.arguments:
        if isinstance(one, str):
            types, data = types + "s", data + _padded(one)
        elif isinstance(one, int):
            types, data = types + "i", data + struct.pack(">i", one)
        else:
            types, data = types + "f", data + struct.pack(">f", one)
    return _padded(message.address) + _padded(types) + data


def bundles(messages: Iterable[Message], largest: int) -> Iterator[bytes]:
    """The messages in order, in as few bundles of at most `largest` bytes as they fit in; a larger message
    stands alone."""
    held: list[bytes] = []
    size = HEAD_BYTES
    for message in messages:
        data = encoded(message)
        if held and size + 4 + len(data) > largest:
            yield _bundle(held)
            held, size = [], HEAD_BYTES
        held.append(struct.pack(">i", len(data)) + data)
        size += 4 + len(data)
    if held:
        yield _bundle(held)


def decoded(data: bytes) -> list[Message]:
    """The messages of a packet, in order. Raises ProtocolError for any bytes that are none."""
    return list(_elements(data, DEEPEST))


def _bundle(elements: list[bytes]) -> bytes:
    return BUNDLE + struct.pack(">Q", AT_ONCE) + b"".join(elements)


def _padded(text: str) -> bytes:
    data = text.encode()
    return data + b"\0" * (4 - len(data) % 4)


def _elements(data: bytes, depth: int) -> Iterator[Message]:
    if not data.startswith(BUNDLE):
        yield _message(data)
        return
    if depth == 0 or len(data) < HEAD_BYTES:
        raise _bad("a bundle too deep, or cut short")
    at = HEAD_BYTES
    while at < len(data):
        if len(data) < at + 4:
            raise _bad("an element without its length")
        (length,) = struct.unpack_from(">i", data, at)
        if length <= 0 or length % 4 or len(data) < at + 4 + length:
            raise _bad(f"an element of {length} bytes where {len(data) - at - 4} are left")
        yield from _elements(data[at + 4 : at + 4 + length], depth - 1)
        at += 4 + length


def _message(data: bytes) -> Message:
    address, at = _string(data, 0)
    types, at = _string(data, at)
    if not address.startswith("/") or not types.startswith(",") or len(types) > MOST_ARGUMENTS:
        raise _bad("no address or no types")
    arguments: list[Argument] = []
    for kind in types[1:]:
        if kind == "s":
            text, at = _string(data, at)
            arguments.append(text)
        elif kind in "if":
            if len(data) < at + 4:
                raise _bad("an argument is cut short")
            (value,) = struct.unpack_from(">" + kind, data, at)
            if not math.isfinite(value):
                raise _bad("an argument is no number")
            arguments.append(value)
            at += 4
        else:
            raise _bad(f"arguments of type {kind!r}")
    if at != len(data):
        raise _bad(f"{len(data) - at} bytes behind the last argument")
    return Message(address, tuple(arguments))


def _string(data: bytes, at: int) -> tuple[str, int]:
    end = data.find(b"\0", at)
    after = end + 4 - (end - at) % 4
    if end < 0 or len(data) < after or any(data[end:after]):
        raise _bad("a string without its end")
    try:
        return data[at:end].decode(), after
    except UnicodeDecodeError:
        raise _bad("a string that is no UTF-8") from None


def _bad(what: str) -> ProtocolError:
    return ProtocolError(what, where="osc packet", fix="send OSC 1.0 messages of i, f and s")
