"""iFacialMocap: the maker's own example, a second reading of the format, the handshake on real sockets."""

from __future__ import annotations

import socket
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.core.channels import INDEX, SHAPE_NAMES
from facerig.errors import ProtocolError
from facerig.outlets import Posed, ifacialmocap, open_outlet
from tests.random_faces import all_heard, face, faces, listening

# from the maker's page for developers
EXAMPLE = (
    "mouthSmile_R-0|eyeLookOut_L-0|mouthUpperUp_L-11|eyeWide_R-0|mouthClose-8|mouthPucker-4|mouthRollLower-9|"
    "eyeBlink_R-7|eyeLookDown_L-17|cheekSquint_R-11|eyeBlink_L-7|tongueOut-0|jawRight-0|eyeLookIn_R-6|"
    "cheekSquint_L-11|mouthDimple_L-10|mouthPress_L-4|eyeSquint_L-11|mouthRight-0|mouthShrugLower-9|"
    "eyeLookUp_R-0|eyeLookOut_R-0|mouthPress_R-5|cheekPuff-2|jawForward-11|mouthLowerDown_L-9|mouthFrown_L-6|"
    "mouthShrugUpper-26|browOuterUp_L-4|browInnerUp-20|mouthDimple_R-10|browDown_R-0|mouthUpperUp_R-10|"
    "mouthRollUpper-8|mouthFunnel-12|mouthStretch_R-21|mouthFrown_R-13|eyeLookDown_R-17|jawOpen-12|jawLeft-0|"
    "browDown_L-0|mouthSmile_L-0|noseSneer_R-18|mouthLowerDown_R-8|noseSneer_L-21|eyeWide_L-0|"
    "mouthStretch_L-21|browOuterUp_R-4|eyeLookIn_L-4|eyeSquint_R-11|eyeLookUp_L-0|mouthLeft-1|"
    "=head#-21.488958,-6.038993,-6.6019735,-0.030653415,-0.10287084,-0.6584072|"
    "rightEye#6.0297494,2.4403017,0.25649446|leftEye#6.034903,-1.6660284,-0.17520553|")


def by_hand(data: bytes, sign: str) -> tuple[dict[str, int], dict[str, list[float]]]:
    shapes, joints = data.decode().split("=")
    pairs = [field.rsplit(sign, 1) for field in shapes.strip("|").split("|")]
    turns = [field.split("#") for field in joints.strip("|").split("|")]
    return {k: int(v) for k, v in pairs}, {k: [float(x) for x in v.split(",")] for k, v in turns}


def test_the_makers_example_is_read() -> None:
    read = ifacialmocap.decoded(EXAMPLE.encode())
    assert set(read.shapes) == set(SHAPE_NAMES)
    assert read.shapes["mouthShrugUpper"] == 0.26
    assert read.shapes["mouthLeft"] == 0.01
    assert read.turns["head"] == (-21.488958, -6.038993, -6.6019735, -0.030653415, -0.10287084, -0.6584072)


def test_our_packets_have_the_fields_of_the_example() -> None:
    ours, joints = by_hand(ifacialmocap.encoded(face()), "-")
    theirs, their_joints = by_hand(EXAMPLE.encode(), "-")
    assert set(ours) == set(theirs)
    assert {k: len(v) for k, v in joints.items()} == {k: len(v) for k, v in their_joints.items()}


def test_the_examples_eyes_would_turn_as_it_says() -> None:
    """Its look shapes alone, through our encoder, give eye angles of its signs and about its size."""
    shapes = ifacialmocap.decoded(EXAMPLE.encode()).shapes
    _, ours = by_hand(ifacialmocap.encoded(face(**shapes)), "-")
    for eye, theirs in (("rightEye", (6.03, 2.44)), ("leftEye", (6.03, -1.67))):
        assert ours[eye][:2] == pytest.approx(theirs, abs=1.2)


@settings(max_examples=40, deadline=None)
@given(faces(), st.sampled_from([1, 2]))
def test_a_packet_holds_the_face(shown: np.ndarray, version: int) -> None:
    data = ifacialmocap.encoded(shown, version)
    shapes, joints = by_hand(data, ifacialmocap.SEPARATOR[version])
    assert shapes["mouthSmile_R"] == round(100 * float(shown[INDEX["mouthSmileRight"]]))
    assert shapes["jawLeft"] == round(100 * float(shown[INDEX["jawLeft"]]))
    yaw, pitch, roll = (np.degrees(float(shown[INDEX[f"head{turn}"]])) for turn in ("Yaw", "Pitch", "Roll"))
    assert joints["head"] == pytest.approx([pitch, -yaw, -roll, 0, 0, 0], abs=1e-4)
    read = ifacialmocap.decoded(data)
    assert {n: round(v * 100) for n, v in read.shapes.items()} == {
        name: shapes[ifacialmocap.SHORT[name]] for name in SHAPE_NAMES}
    assert set(read.turns) == {"head", "rightEye", "leftEye"}
    assert len(data) < 1472  # whole in an Ethernet frame


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text("jawOpen-&|=#headrigt,0.5", max_size=80).map(str.encode)))
def test_any_bytes_are_a_packet_or_an_error(data: bytes) -> None:
    try:
        read = ifacialmocap.decoded(data)
    except ProtocolError:
        return
    assert all(np.isfinite(v) for v in read.shapes.values())


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 1100), st.integers(0, 255), st.integers(0, 1200))
def test_a_packet_with_a_wrong_byte_or_cut_short_is_read_or_refused(at: int, byte: int, end: int) -> None:
    data = bytearray(ifacialmocap.encoded(face(jawOpen=0.5)))
    data[at % len(data)] = byte
    for one in (bytes(data), bytes(data)[:end]):
        try:
            read = ifacialmocap.decoded(one)
        except ProtocolError:
            continue
        assert all(np.isfinite(v) for v in read.shapes.values())


@pytest.mark.parametrize("data", [b"", b"|||", b"jawOpen-x|", b"=head#1,2,3|", b"=head#nan,0,0,0,0,0|",
                                  b"nose#1,2,3|", b"jawOpen-1.2.3|", b"x" * 9000])
def test_what_is_no_packet_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        ifacialmocap.decoded(data)


def posed(index: int) -> Posed:
    return Posed(index, 0, Fraction(60), face(jawOpen=0.5), {})


def test_frames_leave_at_once_where_nobody_need_ask() -> None:
    with listening() as heard:
        outlet = open_outlet(f"ifacialmocap://127.0.0.1:{heard.getsockname()[1]}?version=2")
        assert outlet.send(posed(0))
        outlet.close()
        assert b"jawOpen&50|" in heard.recv(2000)


def test_a_receiver_asks_and_chooses_the_version_and_a_stranger_is_not_heard() -> None:
    with listening() as heard, listening("127.0.0.2") as stranger, listening() as free:
        listen = free.getsockname()[1]
        free.close()
        outlet = open_outlet(
            f"ifacialmocap://127.0.0.1:{heard.getsockname()[1]}?handshake=wait&listen={listen}")
        assert not outlet.send(posed(0))
        stranger.sendto(ifacialmocap.ASKING, ("127.0.0.1", listen))
        heard.sendto(b"iFacialMocap", ("127.0.0.1", listen))
        assert not outlet.send(posed(1))
        for asked, sign in ((ifacialmocap.ASKING, b"jawOpen-50"), (ifacialmocap.ASKING_V2, b"jawOpen&50")):
            heard.sendto(asked, ("127.0.0.1", listen))
            assert outlet.send(posed(2))
            assert sign in heard.recv(2000)
        assert all_heard(stranger) == []
        outlet.close()


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("", 0))
        address = f"ifacialmocap://127.0.0.1?handshake=wait&listen={taken.getsockname()[1]}"
        with pytest.raises(Exception, match="cannot be listened at"):
            open_outlet(address)
