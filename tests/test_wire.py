"""The wire: golden packets stay as they are, and any bytes give a message or an error that says where."""

from __future__ import annotations

import json
import random
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.errors import ProtocolError
from facerig.service import wire
from tests.goldens import make_wire

READERS = {"request": wire.request, "reply": wire.reply, "published": wire.published}
INDEX: dict[str, dict[str, Any]] = json.loads((make_wire.PACKETS / "index.json").read_text("utf-8"))


def stored(name: str) -> bytes:
    return (make_wire.PACKETS / f"{name}.bin").read_bytes()


def test_the_golden_packets_are_what_is_sent_today() -> None:
    packets = make_wire.packets()
    assert {path.stem for path in make_wire.PACKETS.glob("*.bin")} == set(packets) == set(INDEX)
    changed = [name for name, data in packets.items() if stored(name) != data]
    assert not changed, f"if it is meant, raise wire.VERSION and run {make_wire.COMMAND}"
    assert make_wire.index() == INDEX


def test_there_is_a_packet_of_every_message() -> None:
    for union, named in ((wire.Request, make_wire.REQUESTS), (wire.Reply, make_wire.REPLIES)):
        assert set(union.__args__) == {type(one) for one in named.values()}


@pytest.mark.parametrize("name", [name for name, one in INDEX.items() if "refused" not in one])
def test_a_packet_is_read_as_the_index_says(name: str) -> None:
    told = INDEX[name]
    message = READERS[told["kind"]](stored(name))
    assert make_wire.meaning(message) == told.get("message", told.get("frame"))
    again = message.packed() if isinstance(message, wire.Frame) else wire.encoded(message)
    assert again == stored(name)


@pytest.mark.parametrize("name", [name for name, one in INDEX.items() if "refused" in one])
def test_what_is_wrong_is_refused(name: str) -> None:
    with pytest.raises(ProtocolError, match="fix:") as caught:
        READERS[INDEX[name]["kind"]](stored(name))
    assert caught.value.where


@pytest.mark.parametrize(("change", "where"), [
    ({"sample_rate": 96_000}, "$.sample_rate"), ({"subject": "a/b"}, "$.subject"),
    ({"subject": ""}, "$.subject"), ({"subject": "x" * 65}, "$.subject"), ({"encoding": "mp3"}, "$.encoding"),
    ({"rig": "../rig"}, "$.rig"), ({"seed": -1}, "$.seed"), ({"seed": 2**63}, "$.seed"),
    ({"alive": 1}, "$.alive"), ({"version": 0}, "$.version")])
def test_an_error_names_the_field(change: dict[str, Any], where: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        wire.request(msgspec.msgpack.encode({"type": "open", "subject": "anna", **change}))
    assert where in caught.value.where


def test_numbers_are_bounded() -> None:
    for number in (float("nan"), float("inf"), 1e300):
        data = msgspec.msgpack.encode({"type": "direct", "session": 1, "gaze": [0.0, number, 1.0]})
        with pytest.raises(ProtocolError):
            wire.request(data)


def test_depth_extensions_and_size_are_bounded() -> None:
    deep = b"\x91" * 100_000 + b"\xc0"
    extension = b"\x82\xa4type\xa4ping\xa6number\xd4\x05\x00"
    timestamp = b"\x82\xa4type\xa4ping\xa6number\xd6\xff\x00\x00\x00\x00"
    for data in (deep, extension, timestamp, b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff",
                 bytes(2 << 20)):
        with pytest.raises(ProtocolError):
            wire.request(data)
    with pytest.raises(ProtocolError, match="bytes of sound at most"):
        wire.request(wire.encoded(wire.Audio(session=1, at=0, data=bytes(wire.LARGEST_MESSAGE + 5_000))))


def total(data: bytes) -> None:
    """Any bytes give a value or the protocol's error."""
    for read in READERS.values():
        message, refused = None, None
        try:
            message = read(data)
        except ProtocolError as problem:
            refused = problem
        if refused is not None:
            assert refused.what
            assert refused.where
        else:
            assert isinstance(message, wire.Frame) or wire.encoded(message)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    total(data)
    total(wire.Frame.MAGIC + data)


def mutated(chance: random.Random) -> bytes:
    data = bytearray(chance.choice(list(make_wire.packets().values())))
    for _ in range(chance.randrange(1, 6)):
        kind, at = chance.randrange(4), chance.randrange(len(data) + 1)
        if kind == 0:
            data[at:at] = chance.randbytes(chance.randrange(4))
        elif kind == 1:
            del data[at : at + chance.randrange(4)]
        else:
            data[at : at + 1] = bytes([chance.randrange(256)])
    return bytes(data)


def test_broken_packets_are_read_or_refused() -> None:
    chance = random.Random(0)
    for _ in range(5_000):
        total(mutated(chance))


@pytest.mark.slow
def test_a_hundred_thousand_broken_packets_are_read_or_refused() -> None:
    chance = random.Random(1)
    for _ in range(100_000):
        total(mutated(chance))


@given(st.integers(0, 2**31 - 1), st.integers(0, 2**63 - 1), st.integers(-1, 2**62), st.integers(0, 3),
       st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=70))
def test_a_frame_comes_back_bit_for_bit(epoch: int, index: int, sample: int, flags: int,
                                        values: list[float]) -> None:
    frame = wire.Frame(epoch, index, sample, np.array(values, np.float32), flags)
    again = wire.published(frame.packed())
    assert isinstance(again, wire.Frame)
    assert (again.epoch, again.index, again.sample, again.flags) == (epoch, index, sample, flags)
    assert again.values.tobytes() == frame.values.tobytes()


@given(st.text(min_size=1, max_size=70), st.text(min_size=1, max_size=70))
def test_no_topic_hears_another_subject(one: str, other: str) -> None:
    def allowed(subject: str) -> bool:
        try:
            wire.request(wire.encoded(wire.Open(subject=subject)))
        except (ProtocolError, UnicodeEncodeError):
            return False
        return True

    if one != other and allowed(one) and allowed(other):
        assert not wire.topic(one).startswith(wire.topic(other))
