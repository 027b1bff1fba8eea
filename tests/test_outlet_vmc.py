"""VMC over OSC: python-osc judges the bytes, hand-computed turns judge the axes."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pythonosc.osc_packet import OscPacket

from facerig.core.channels import INDEX, SHAPE_NAMES
from facerig.errors import ProtocolError
from facerig.mesh.gaze import eye_rotations, head_rotation
from facerig.outlets import Posed, open_outlet, osc, vmc
from facerig.outlets.osc import Message
from facerig.rig import Retarget, load_rig
from tests.random_faces import all_heard, face, faces, listening

HALF = math.sqrt(0.5)
RIGHT_ANGLE = math.pi / 2

messages = st.lists(st.builds(
    Message, st.from_regex(r"/[A-Za-z/]{0,30}", fullmatch=True),
    st.lists(st.one_of(st.integers(-2**31, 2**31 - 1),
                       st.floats(width=32, allow_nan=False, allow_infinity=False),
                       st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)),
             max_size=8).map(tuple)), max_size=30)


def judged(data: bytes) -> list[Message]:
    """What python-osc reads."""
    return [Message(m.message.address, tuple(m.message.params)) for m in OscPacket(data).messages]


def turned(point: tuple[float, float, float], q: tuple[float, float, float, float]) -> np.ndarray:
    """`point` turned by x, y, z, w, as Unity does."""
    x, y, z, w = q
    axis, p = np.array([x, y, z]), np.array(point)
    return p + 2 * np.cross(axis, np.cross(axis, p) + w * p)


# --- OSC


@settings(max_examples=80, deadline=None)
@given(messages, st.integers(64, 2000))
def test_bundles_are_read_by_python_osc_and_by_us(told: list[Message], largest: int) -> None:
    packets = list(osc.bundles(told, largest))
    assert [m for data in packets for m in judged(data)] == told
    assert [m for data in packets for m in osc.decoded(data)] == told
    alone = [len(osc.encoded(m)) + osc.HEAD_BYTES + 4 for m in told]
    assert all(len(data) <= max(largest, max(alone)) for data in packets)
    for message in told:
        assert judged(osc.encoded(message)) == osc.decoded(osc.encoded(message)) == [message]


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.binary(max_size=120).map(lambda b: osc.BUNDLE + b)))
def test_any_bytes_are_messages_or_an_error(data: bytes) -> None:
    try:
        read = osc.decoded(data)
    except ProtocolError:
        return
    assert all(m.address.startswith("/") for m in read)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_bundle_with_wrong_bytes_is_read_or_refused(data: st.DataObject) -> None:
    told = vmc.messages(face(jawOpen=1), ["a", "b"], [0.5, 1.0], secs=1.0)
    good = bytearray(next(osc.bundles(told, 10_000)))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = osc.decoded(bytes(good)[: data.draw(st.integers(0, len(good)))])
    except ProtocolError:
        return
    assert len(read) <= len(told)


def test_bundles_in_bundles_have_a_floor() -> None:
    data = osc.encoded(Message("/a"))
    for _ in range(osc.DEEPEST + 1):
        data = osc.BUNDLE + bytes(8) + len(data).to_bytes(4, "big") + data
    with pytest.raises(ProtocolError):
        osc.decoded(data)


# --- axes


@pytest.mark.parametrize(("curve", "quaternion", "nose"), [
    ("headYaw", (0, HALF, 0, HALF), (1, 0, 0)),     # to the right: Unity's x
    ("headPitch", (HALF, 0, 0, HALF), (0, -1, 0)),  # down
    ("headRoll", (0, 0, HALF, HALF), (0, 0, 1)),    # stays
])  # fmt: skip
def test_a_right_angle_of_each_turn_computed_by_hand(curve: str, quaternion: tuple[float, ...],
                                                     nose: tuple[float, ...]) -> None:
    turn = vmc.unity_turn(face(**{curve: RIGHT_ANGLE}), "head")
    assert turn == pytest.approx(quaternion, abs=1e-6)
    assert turned((0, 0, 1), turn) == pytest.approx(nose, abs=1e-6)


def test_a_tilt_to_the_left_shoulder_brings_the_top_of_the_head_to_the_left() -> None:
    top = turned((0, 1, 0), vmc.unity_turn(face(headRoll=0.5), "head"))
    assert top == pytest.approx([-math.sin(0.5), math.cos(0.5), 0])  # left is -x in Unity


@settings(max_examples=60, deadline=None)
@given(faces(), st.tuples(*[st.floats(-1, 1)] * 3))
def test_turns_are_those_of_the_preview_in_a_mirror(shown: np.ndarray, point: tuple[float, float, float]
                                                    ) -> None:
    mirror = np.array([-1, 1, 1])
    rotations = {"head": head_rotation(shown), **dict(zip(("leftEye", "rightEye"), eye_rotations(shown),
                                                          strict=True))}
    for joint, matrix in rotations.items():
        expected = mirror * (matrix.astype(float) @ np.array(point))
        found = turned(tuple(mirror * point), vmc.unity_turn(shown, joint))
        assert found == pytest.approx(expected, abs=2e-6)


def test_eyes_follow_their_look_shapes() -> None:
    shown = face(eyeLookOutLeft=1, eyeLookInRight=1)  # to the subject's left
    for joint in ("leftEye", "rightEye"):
        assert turned((0, 0, 1), vmc.unity_turn(shown, joint))[0] < -0.4


# --- frames


def heard_of(address: str, posed: Posed) -> list[Message]:
    with listening() as heard:
        outlet = open_outlet(address.replace("PORT", str(heard.getsockname()[1])))
        assert outlet.send(posed)
        outlet.close()
        packets = all_heard(heard)
    assert all(len(data) <= vmc.LARGEST_DATAGRAM for data in packets)
    return [m for data in packets for m in judged(data)]


@settings(max_examples=10, deadline=None)
@given(faces())
def test_a_perfect_sync_frame_as_a_receiver_gets_it(shown: np.ndarray) -> None:
    told = heard_of("vmc://127.0.0.1:PORT", Posed(90, 0, Fraction(60), shown, {"arkit": shown[:52]}))
    assert [m.address for m in told[:5]] == ["/VMC/Ext/OK", "/VMC/Ext/T", *["/VMC/Ext/Bone/Pos"] * 3]
    assert told[0].arguments == (1, 3, 0)
    assert told[1].arguments == (1.5,)
    assert [m.arguments[0] for m in told[2:5]] == ["Head", "LeftEye", "RightEye"]
    assert all(math.hypot(*m.arguments[4:]) == pytest.approx(1) for m in told[2:5])  # type: ignore[arg-type]
    blends = {m.arguments[0]: m.arguments[1] for m in told[5:-1]}
    assert blends == {name: float(shown[INDEX[name]]) for name in SHAPE_NAMES}
    assert told[-1] == Message("/VMC/Ext/Blend/Apply")


@pytest.mark.parametrize(("which", "names"), [("vrm1", {"aa"}), ("vrm0", {"A"}), ("both", {"aa", "A"})])
def test_vrm_expressions_under_the_names_of_either_version(which: str, names: set[str]) -> None:
    values = Retarget(load_rig("vrm")).values(face(jawOpen=0.42)[None])[0]
    told = heard_of(f"vmc://127.0.0.1:PORT?rig=vrm&bones=no&names={which}",
                    Posed(0, 0, Fraction(60), face(jawOpen=0.42), {"vrm": values}))
    strong = {m.arguments[0] for m in told if m.address.endswith("Val") and float(m.arguments[1]) > 0.3}
    assert strong == names
    assert not [m for m in told if "Bone" in m.address]


def test_every_vrm_expression_has_a_name_of_version_0() -> None:
    assert set(vmc.VRM0_NAMES) == set(load_rig("vrm").names)
    assert len(set(vmc.VRM0_NAMES.values())) == len(vmc.VRM0_NAMES)


def test_perfect_sync_names_with_a_capital() -> None:
    assert vmc.spelled(["jawOpen", "tongueOut"], "pascal") == (["JawOpen", "TongueOut"], [0, 1])
