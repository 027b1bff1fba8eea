"""MetaHuman rigs: Epic's poses, the control board, left and right, lips that meet, the head's bone."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import metahuman_facts as facts
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

import facerig_assets
from facerig.animation import animate
from facerig.core.channels import CHANNELS, INDEX, N_CHANNELS, SHAPE_NAMES
from facerig.core.mouth import mouth_geometry
from facerig.mesh.gaze import rotation
from facerig.performance.settings import Performance
from facerig.rig import Retarget, load_rig
from facerig.rig.measured import CLOSERS, PULLED_MM

REFERENCE = Path(__file__).parents[2] / "shared" / "reference"
DATA = Path(__file__).parents[2] / "shared" / "data"
NEEDS_REFERENCE = pytest.mark.skipif(not REFERENCE.is_dir(), reason="no ../shared/reference")
P = facts.P
TOGETHER = [f"{P}mouthLipsTogether{part}" for part in ("UL", "UR", "DL", "DR")]
STICKY = [f"{P}mouthSticky{v}{place}" for v in "UD" for place in ("C", "INL", "INR", "OUTL", "OUTR")]
SWITCHES = ("HeadControlSwitch", "MHFDSVersion", "DisableFaceOverride")
OPPOSED = [(f"eyeLookIn{s}", f"eyeLookOut{s}") for s in ("Left", "Right")] \
    + [(f"eyeLookUp{s}", f"eyeLookDown{s}") for s in ("Left", "Right")] \
    + [(f"eyeBlink{s}", f"eyeWide{s}") for s in ("Left", "Right")] \
    + [("jawLeft", "jawRight"), ("mouthLeft", "mouthRight")]


@cache
def rig(name: str) -> Retarget:
    return Retarget(load_rig(name))


def face(**values: float) -> np.ndarray:
    row = np.zeros((1, N_CHANNELS))
    for name, value in values.items():
        row[0, INDEX[name]] = value
    return row


def controls(values: np.ndarray, name: str = "metahuman") -> dict[str, np.ndarray]:
    return dict(zip(rig(name).names, rig(name).values(values).T, strict=True))


def alone(**values: float) -> dict[str, float]:
    return {name: float(column[0]) for name, column in controls(face(**values)).items()}


def faces(n: int, seed: int) -> np.ndarray:
    """Random faces: a third of the shapes on, none against its opposite, heads turned as far as heads go."""
    draws = np.random.default_rng(seed)
    out = draws.uniform(0, 1, (n, N_CHANNELS)) * (draws.random((n, N_CHANNELS)) < 0.35)
    out[:, len(SHAPE_NAMES):] = draws.uniform(-0.8, 0.8, (n, N_CHANNELS - len(SHAPE_NAMES)))
    for one, other in OPPOSED:
        weaker = out[:, INDEX[one]] < out[:, INDEX[other]]
        out[weaker, INDEX[one]] = 0
        out[~weaker, INDEX[other]] = 0
    out[:, INDEX["mouthClose"]] = np.minimum(out[:, INDEX["mouthClose"]], out[:, INDEX["jawOpen"]])
    return out


def mirrored(values: np.ndarray) -> np.ndarray:
    """The face in a mirror: sides change, yaw and roll change sign."""
    out = values[:, [INDEX[c.mirror] for c in CHANNELS]].copy()
    for c in CHANNELS:
        if c.name.endswith(("Yaw", "Roll")):
            out[:, INDEX[c.name]] *= -1
    return out


# --- names and numbers


def test_the_curves_are_the_controls_of_a_metahuman():
    names = rig("metahuman").names
    assert len(names) == 260
    assert sum(name.startswith(P) for name in names) == 251
    assert names[251:] == ("HeadTranslationX", "HeadTranslationY", "HeadTranslationZ", "HeadYaw", "HeadPitch",
                           "HeadRoll", *SWITCHES)


@NEEDS_REFERENCE
def test_names_and_order_are_the_reference_lists():
    listed = (REFERENCE / "metahuman_raw_controls.txt").read_text().split()
    assert list(rig("metahuman").names) == listed
    board = (REFERENCE / "metahuman_gui_controls.txt").read_text().split()
    differing = {i: name for i, name in enumerate(rig("metahuman-gui").names) if name != board[i]}
    assert len(board) == 174
    assert differing == {25: "CTRL_C_tongue_roll-translateX", 26: "CTRL_C_tongue_roll-translateY"}
    assert board[25:27] == board[27:29]  # the names that stand twice there


@pytest.mark.parametrize("shape", SHAPE_NAMES)
def test_each_shape_is_epics_pose_without_its_noise(shape: str):
    moved = {name: value for name, value in alone(**{shape: 1.0}).items() if value and name not in SWITCHES}
    lips = {name: value for name, value in moved.items() if name not in TOGETHER}
    assert lips == pytest.approx(facts.poses()[shape], abs=1e-6)
    assert not any(name in moved for name in STICKY)


@NEEDS_REFERENCE
def test_the_reference_table_holds_the_poses_and_known_noise_only():
    reference = json.loads((REFERENCE / "arkit_to_metahuman_raw.json").read_text())
    poses = {name[0].upper() + name[1:]: pose for name, pose in facts.poses().items()}
    noise = facts.extras()
    for pose, listed in reference.items():
        renamed = {P + facts.RENAMED.get(c.removeprefix(P), c.removeprefix(P)): v for c, v in listed.items()}
        for control, value in poses[pose].items():
            assert renamed.pop(control) == pytest.approx(value, abs=0.003), (pose, control)
        assert {(pose, control) for control in renamed} <= noise
    assert set(poses) - set(reference) == {"MouthClose"}


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000))
def test_the_board_drives_the_same_raw_controls(seed: int):
    values = faces(20, seed)
    raw, gui = controls(values), controls(values, "metahuman-gui")
    driven = facts.board()
    for control, column in raw.items():
        if control in driven:
            curve, sign = driven[control]
            np.testing.assert_allclose(np.maximum(gui[curve] * sign, 0), column, atol=1e-6, err_msg=control)
        elif control.startswith(P):
            assert not column.any(), control
    still = set(gui) - {curve for curve, _ in driven.values()}
    assert not any(gui[name].any() for name in still)


# --- left and right


def _raw_mirror(name: str) -> tuple[str, float]:
    """The control that a mirror shows, and its sign: the side at the end changes, and where an eye looks."""
    if name in ("HeadPitch", "HeadRoll"):
        return name, -1.0
    swaps = {"Left": "Right", "Right": "Left", "L": "R", "R": "L"}
    stem, look, way = name.partition("eyeLook")
    if look and way[:-1] in swaps:
        return stem + look + swaps[way[:-1]] + swaps[way[-1]], 1.0
    partners = [name.removesuffix(side) + swaps[side] for side in swaps if name.endswith(side)]
    return next((p for p in partners if p in rig("metahuman").names), name), 1.0


def _gui_mirror(name: str) -> tuple[str, float]:
    sign = -1.0 if name.endswith("translateX") and ("_eye-" in name or "_C_" in name) else 1.0
    if "_L_" in name:
        return name.replace("_L_", "_R_"), sign
    return name.replace("_R_", "_L_"), sign


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000))
def test_a_mirrored_face_is_mirrored_controls(seed: int):
    values = faces(20, seed)
    for name, mirror in (("metahuman", _raw_mirror), ("metahuman-gui", _gui_mirror)):
        plain, turned = controls(values, name), controls(mirrored(values), name)
        for curve, column in plain.items():
            partner, sign = mirror(curve)
            np.testing.assert_allclose(turned[partner], sign * column, atol=1e-5, err_msg=curve)


def test_eyes_look_to_the_side_that_they_look_to():
    left = alone(eyeLookOutLeft=0.5, eyeLookInRight=0.5)
    assert left[P + "eyeLookLeftL"] == left[P + "eyeLookLeftR"] == 0.5
    board = controls(face(eyeLookOutLeft=0.5, eyeLookInRight=0.5, eyeLookDownLeft=0.3), "metahuman-gui")
    assert board["CTRL_L_eye-translateX"] == board["CTRL_R_eye-translateX"] == 0.5
    assert board["CTRL_L_eye-translateY"] == pytest.approx(-0.3)


# --- lips


def together(values: np.ndarray) -> np.ndarray:
    got = controls(values)
    assert all((got[name] == got[TOGETHER[0]]).all() for name in TOGETHER)
    return got[TOGETHER[0]]


def pulled_mm(values: np.ndarray) -> np.ndarray:
    """How far apart the lips would be by all that parts them, whatever draws them in."""
    parting = np.maximum(mouth_geometry().gap, 0)
    parting[[INDEX[name] for name in CLOSERS]] = 0
    return (values @ parting).max(1)


def sealed_by_speech(values: np.ndarray) -> np.ndarray:
    """Frames whose lips meet at all five places although something would part them; not lips that a smile or
    a pout alone draws together, or that rest."""
    meeting = (mouth_geometry().gaps_mm(values).max(1) <= 0) & (pulled_mm(values) >= PULLED_MM[1])
    return np.asarray(meeting & (values[:, INDEX["mouthClose"]] >= 0.03))


def test_mouth_close_is_lips_together_and_leaves_the_jaw_where_it_is():
    sealed = alone(jawOpen=0.3, mouthClose=0.3)
    assert sealed[P + "jawOpen"] == pytest.approx(0.3)
    assert sealed[TOGETHER[0]] == 1.0
    for share in (0.25, 0.5, 0.75):  # Epic's blueprint divides the one by the other
        assert alone(jawOpen=0.4, mouthClose=0.4 * share)[TOGETHER[0]] == pytest.approx(share, abs=0.02)


def test_lips_are_not_together_at_rest_in_vowels_in_a_smile_or_in_an_f():
    assert alone()[TOGETHER[0]] == 0
    assert alone(jawOpen=0.4, mouthStretchLeft=0.1)[TOGETHER[0]] == 0
    assert alone(mouthSmileLeft=0.6, mouthSmileRight=0.6, mouthUpperUpLeft=0.2)[TOGETHER[0]] == 0
    assert alone(mouthPressLeft=0.3, mouthPressRight=0.3)[TOGETHER[0]] == 0  # pressed, but nothing parts them
    assert alone(mouthClose=0.2)[TOGETHER[0]] == 0  # on no jaw, which ARKit never has
    f = dict(jawOpen=0.03, mouthRollLower=0.3, mouthShrugLower=0.36, mouthUpperUpLeft=0.35,
             mouthUpperUpRight=0.35, mouthShrugUpper=0.44, mouthFunnel=0.05)
    assert alone(**f)[TOGETHER[0]] == 0
    assert alone(**f)[P + "mouthLowerLipBiteL"] >= 0.5
    assert alone(jawOpen=0.1, mouthRollLower=0.3)[P + "mouthLowerLipBiteL"] == 0  # far from the teeth


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_lips_that_meet_are_together_wherever_something_would_part_them(seed: int):
    values = faces(200, seed)
    for name in ("jawOpen", "mouthClose"):  # as in a p, b or m
        values[:, INDEX[name]] = np.linspace(0, 0.5, len(values))
    sealed = sealed_by_speech(values)
    assert sealed.any()
    assert (together(values[sealed]) >= 0.9).all()


def test_what_parts_the_lips_gives_way_as_they_come_together():
    parting = dict(mouthUpperUpLeft=0.4, mouthLowerDownRight=0.4, mouthFunnel=0.4)
    open_lips, shut = alone(jawOpen=0.5, **parting), alone(jawOpen=0.5, mouthClose=0.8, **parting)
    for control in ("mouthUpperLipRaiseL", "mouthLowerLipDepressR", "mouthFunnelUL"):
        assert open_lips[P + control] == pytest.approx(0.4)
        assert shut[P + control] == 0
    assert shut[P + "mouthUpperLipRaiseR"] == 0


def test_a_side_that_sticks_while_the_other_opens_is_sticky():
    sneer = alone(jawOpen=0.1, mouthClose=0.1, mouthUpperUpLeft=0.5)
    assert sneer[P + "mouthStickyUINR"] > sneer[P + "mouthStickyUINL"] + 0.3
    assert sneer[P + "mouthStickyUINR"] == sneer[P + "mouthStickyDINR"]
    assert not any(alone(jawOpen=0.2, mouthClose=0.2)[name] for name in STICKY)  # the whole lips do it


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 10_000))
def test_no_jump_between_two_faces(seed: int):
    one, other = faces(2, seed)
    path = one + np.linspace(0, 1, 4001)[:, None] * (other - one)
    assert np.abs(np.diff(rig("metahuman").values(path), axis=0)).max() <= 0.1


def test_frames_of_real_speech(hello: np.ndarray):
    gap = mouth_geometry().gaps_mm(hello)
    shut = sealed_by_speech(hello)
    assert shut.sum() > 20
    assert (together(hello)[shut] >= 0.9).all()
    wide = gap.max(1) > 6
    assert wide.sum() > 50
    assert (together(hello)[wide] <= 0.3).all()
    still = np.abs(hello[:, :len(SHAPE_NAMES)]).max(1) < 0.01
    assert (together(hello)[still] <= 0.1).all()
    assert flicker(hello) == 0


def flicker(face: np.ndarray) -> int:
    """Frames on which lips-together leaves both neighbours by half its range, in the same direction, and that
    can be seen: between neighbours whose lips lie on each other anyway nothing shows."""
    values, shut = together(face), mouth_geometry().gaps_mm(face).max(1) <= 1.0
    before, after = np.diff(values)[:-1], np.diff(values)[1:]
    leaves = (np.minimum(np.abs(before), np.abs(after)) > 0.5) & (before * after < 0)
    return int((leaves & ~shut[:-2] & ~shut[2:]).sum())


@pytest.fixture(scope="module")
def hello() -> np.ndarray:
    return np.asarray(animate(facerig_assets.path("speech", "hello.flac")).values, np.float64)


@pytest.mark.slow
@pytest.mark.parametrize(("folder", "feeling"), [("kokoro", None), ("emodb", None), ("emodb", "joy")])
def test_seals_of_other_voices(folder: str, feeling: str | None):
    clips = sorted((DATA / folder / "audio").glob("*"))
    if not clips:
        pytest.skip(f"no ../shared/data/{folder}")
    performance = Performance().with_(emotion=feeling)
    for clip in clips[::len(clips) // 6 or 1]:
        values = np.asarray(animate(clip, performance=performance).values, np.float64)
        assert (together(values)[sealed_by_speech(values)] >= 0.9).all(), clip.name


# --- the head


def rotator(roll: float, pitch: float, yaw: float) -> np.ndarray:
    """Unreal's FRotator, degrees, as a matrix that turns columns: roll about -x, pitch -y, yaw +z, last."""
    turns = [Rotation.from_rotvec(np.radians(angle) * np.array(axis)) for angle, axis in
             ((yaw, (0, 0, 1)), (-pitch, (0, 1, 0)), (-roll, (1, 0, 0)))]
    return np.asarray((turns[0] * turns[1] * turns[2]).as_matrix())


@settings(deadline=None, max_examples=50)
@given(st.tuples(*[st.floats(-0.9, 0.9)] * 3))
def test_the_heads_curves_are_the_same_turn_on_unreals_bone(angles: tuple[float, float, float]):
    got = alone(**dict(zip(("headYaw", "headPitch", "headRoll"), angles, strict=True)))
    swap = np.eye(3)[[0, 2, 1]]  # our y up and z front are Unreal's z and y; x is the subject's left in both
    bone = Rotation.from_quat([0.0, 0.7071068, 0.0, -0.7071068]).as_matrix()
    expected = bone.T @ swap @ rotation(*angles) @ swap @ bone
    turned = rotator(got["HeadRoll"], got["HeadPitch"], got["HeadYaw"])
    np.testing.assert_allclose(turned, expected, atol=1e-5)


def test_each_turn_of_the_head_has_its_curve():
    assert alone(headYaw=0.1)["HeadRoll"] == pytest.approx(-np.degrees(0.1))
    assert alone(headPitch=0.1)["HeadYaw"] == pytest.approx(np.degrees(0.1))
    assert alone(headRoll=0.1)["HeadPitch"] == pytest.approx(-np.degrees(0.1))
    assert all(alone()[name] == 1 for name in SWITCHES)
