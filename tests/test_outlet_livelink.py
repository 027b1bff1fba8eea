"""Live Link Face packets: judged by a reading of their layout that is written here a second time, by hand."""

from __future__ import annotations

import struct
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from facerig.core.channels import INDEX, NAMES
from facerig.errors import ConfigError, ProtocolError
from facerig.outlets import Posed, livelink, open_outlet
from tests.random_faces import all_heard, face, faces, listening

# Unreal's EARFaceBlendShape, in its order
ENUM_TEXT = """
EyeBlinkLeft EyeLookDownLeft EyeLookInLeft EyeLookOutLeft EyeLookUpLeft EyeSquintLeft EyeWideLeft
EyeBlinkRight EyeLookDownRight EyeLookInRight EyeLookOutRight EyeLookUpRight EyeSquintRight
EyeWideRight JawForward JawLeft JawRight JawOpen MouthClose MouthFunnel MouthPucker MouthLeft
MouthRight MouthSmileLeft MouthSmileRight MouthFrownLeft MouthFrownRight MouthDimpleLeft
MouthDimpleRight MouthStretchLeft MouthStretchRight MouthRollLower MouthRollUpper MouthShrugLower
MouthShrugUpper MouthPressLeft MouthPressRight MouthLowerDownLeft MouthLowerDownRight
MouthUpperUpLeft MouthUpperUpRight BrowDownLeft BrowDownRight BrowInnerUp BrowOuterUpLeft
BrowOuterUpRight CheekPuff CheekSquintLeft CheekSquintRight NoseSneerLeft NoseSneerRight TongueOut
HeadYaw HeadPitch HeadRoll LeftEyeYaw LeftEyePitch LeftEyeRoll RightEyeYaw RightEyePitch
RightEyeRoll
"""
ENUM = ENUM_TEXT.split()
DEVICE = "6B5A0D43-0000-4000-8000-000000000000"


def by_hand(data: bytes) -> dict[str, object]:
    """A packet as PEERS describe it."""
    assert data[0] == 6
    (n,) = struct.unpack(">i", data[1:5])
    device, data = data[5 : 5 + n].decode(), data[5 + n :]
    (n,) = struct.unpack(">i", data[:4])
    subject, data = data[4 : 4 + n].decode(), data[4 + n :]
    frame, sub_frame, rate, denominator, count = struct.unpack(">ifiiB", data[:17])
    values = struct.unpack(">61f", data[17:])
    return {"device": device, "subject": subject, "frame": frame, "sub_frame": sub_frame,
            "fps": (rate, denominator), "count": count, "values": dict(zip(ENUM, values, strict=True))}


def packet(shown: np.ndarray, **other: object) -> bytes:
    told: dict[str, object] = {"subject": "anna", "device": DEVICE, "frame": 7, "fps": Fraction(60)}
    return livelink.encoded(shown, **{**told, **other})  # type: ignore[arg-type]


def test_the_enum_is_unreals_and_not_the_csvs() -> None:
    assert [name[0].lower() + name[1:] for name in ENUM] == list(livelink.ORDER)
    sides = ("jawLeft", "jawRight", "mouthLeft", "mouthRight")
    assert [livelink.ORDER.index(name) for name in sides] == [15, 16, 21, 22]
    assert sorted(livelink.ORDER) == sorted(NAMES)
    assert livelink.ORDER != NAMES


@settings(max_examples=40, deadline=None)
@given(faces(), st.text(min_size=1, max_size=40), st.integers(0, 2**31 - 1),
       st.sampled_from([Fraction(60), Fraction(30_000, 1001), Fraction(25, 2)]))
def test_a_packet_holds_what_it_was_given(shown: np.ndarray, subject: str, frame: int, fps: Fraction) -> None:
    try:
        data = packet(shown, subject=subject, frame=frame, fps=fps)
    except UnicodeEncodeError:  # a lone surrogate
        return
    read = by_hand(data)
    assert (read["device"], read["subject"], read["frame"]) == (DEVICE, subject, frame)
    assert (read["fps"], read["count"], read["sub_frame"]) == ((fps.numerator, fps.denominator), 61, 0.0)
    values = read["values"]
    assert isinstance(values, dict)
    assert all(np.float32(values[n[0].upper() + n[1:]]) == shown[INDEX[n]] for n in NAMES)
    again = livelink.decoded(data)
    assert again.face is not None
    assert np.array_equal(again.face, shown)
    assert (again.subject, again.device, again.frame, again.fps) == (subject, DEVICE, frame, fps)


def test_the_first_bytes_are_those_that_a_capture_of_the_app_shows() -> None:
    assert packet(face())[:7] == b"\x06\x00\x00\x00$6B"
    assert len(packet(face())) == 1 + 4 + 36 + 4 + 4 + 16 + 1 + 61 * 4


def test_each_side_and_each_turn_goes_to_its_own_place() -> None:
    shown = face(jawLeft=0.25, mouthRight=0.5, headYaw=0.1, headPitch=0.2, headRoll=-0.3, leftEyeYaw=0.4)
    values = by_hand(packet(shown))["values"]
    assert isinstance(values, dict)
    moved = {name: round(value, 5) for name, value in values.items() if value}
    assert moved == {"JawLeft": 0.25, "MouthRight": 0.5, "HeadYaw": 0.1, "HeadPitch": 0.2, "HeadRoll": -0.3,
                     "LeftEyeYaw": 0.4}


def test_shapes_are_held_in_their_range() -> None:
    read = livelink.decoded(packet(face(jawOpen=1.5, mouthClose=-1)))
    assert read.face is not None
    assert (read.face[INDEX["jawOpen"]], read.face[INDEX["mouthClose"]]) == (1, 0)


def test_a_packet_without_a_face_ends_before_the_values() -> None:
    data = packet(face())[: -61 * 4 - 1]
    assert livelink.decoded(data).face is None
    assert livelink.decoded(data + b"\0").face is None


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
@example(b"")
@example(b"\x06")
@example(b"\x06" + b"\x7f\xff\xff\xff" * 20)
def test_any_bytes_are_a_packet_or_an_error(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        livelink.decoded(data)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 308), st.integers(0, 255), st.integers(0, 400))
def test_a_packet_with_one_wrong_byte_or_cut_short_is_read_or_refused(at: int, byte: int, end: int) -> None:
    data = bytearray(packet(face(jawOpen=0.5)))
    data[at] = byte
    for one in (bytes(data), bytes(data)[:end]):
        try:
            read = livelink.decoded(one)
        except ProtocolError:
            continue
        assert read.face is None or np.isfinite(read.face).all()


def test_frames_arrive_at_a_real_socket_under_one_device() -> None:
    with listening() as heard:
        outlet = open_outlet(f"livelink://127.0.0.1:{heard.getsockname()[1]}?subject=Änne&fps=29.97")
        assert outlet.fps == Fraction(30_000, 1001)
        for k in range(3):
            assert outlet.send(Posed(k, k, outlet.fps, face(jawOpen=k / 10), {}))
        outlet.close()
        read = [livelink.decoded(data) for data in all_heard(heard)]
    assert [r.frame for r in read] == [0, 1, 2]
    assert {r.subject for r in read} == {"Änne"}
    assert {r.device for r in read} == {livelink.device_of("Änne")} != {livelink.device_of("Bob")}
    assert all(len(r.device) == 36 for r in read)


def test_a_subject_of_no_or_too_many_letters_is_refused() -> None:
    for subject in ("", "x" * 256):
        with pytest.raises(ConfigError):
            packet(face(), subject=subject)
