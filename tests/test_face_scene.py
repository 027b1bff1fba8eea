"""The scene of 3D formats: morphed and skinned by the textbook, it is the head of the previews."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import gltf_files
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.core.channels import INDEX, NAMES, SHAPE_NAMES
from facerig.core.curves import CurveClip
from facerig.errors import OutputError
from facerig.exporting import ExportSettings, Origin, info_for
from facerig.mesh.gaze import eye_angles, head_rotation, rotation
from facerig.mesh.head import shipped_head
from facerig.mesh.turns import angles_of, quaternions, turn_angles
from facerig.preview.gltf import load_gltf
from facerig.rig.reading import parse_rig
from facerig.sinks.exporter import CurveInfo, ExportInfo
from facerig_exporters.face_scene import FaceScene, face_scene, joined_clip

HEAD = shipped_head()
WHERE = Path("line.glb")
SCENE_TOLERANCE_MM = 0.02


def info(names: tuple[str, ...] = SHAPE_NAMES, **more: object) -> ExportInfo:
    given = ExportInfo(fps=Fraction(30), sample_rate=48000, names=names, head=lambda: HEAD)
    return replace(given, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def scene() -> FaceScene:
    return face_scene(info(), WHERE)


def faces(n: int, seed: int = 0) -> np.ndarray:
    """Canonical values: shapes within [0, 1], turns as far as necks and eyes go, a still frame first."""
    rng = np.random.default_rng(seed)
    values = rng.random((n, len(NAMES)), np.float32) * (rng.random((n, len(NAMES))) < 0.3)
    values[:, len(SHAPE_NAMES):] = rng.uniform(-0.6, 0.6, (n, len(NAMES) - len(SHAPE_NAMES)))
    values[0] = 0
    return values.astype(np.float32)


def matrix(turn: np.ndarray) -> np.ndarray:
    """Of a unit quaternion (w, x, y, z)."""
    w, x, y, z = turn
    return np.array([[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                     [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                     [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]])


def skinned(scene: FaceScene, weights: np.ndarray, turns: dict[str, np.ndarray], frame: int) -> np.ndarray:
    """Points of one frame by linear blend skinning after morphing, as engines do it."""
    points = scene.points.astype(np.float64)
    for morph, weight in zip(scene.morphs, weights[frame], strict=True):
        points[morph.points] += float(weight) * morph.offsets
    placed: list[np.ndarray] = []
    for joint in scene.joints:
        turn = matrix(turns[joint.name][frame]) if joint.name in turns else np.eye(3)
        local = np.eye(4)
        local[:3, :3] = turn
        local[:3, 3] = joint.place - (0 if joint.parent is None else scene.joints[joint.parent].place)
        placed.append(local if joint.parent is None else placed[joint.parent] @ local)
    out = np.zeros_like(points)
    for k in range(2):
        for j, joint in enumerate(scene.joints):
            mine = scene.joint_of[:, k] == j
            moved = (points[mine] - joint.place) @ placed[j][:3, :3].T + placed[j][:3, 3]
            out[mine] += scene.share_of[mine, k, None] * moved
    return out


def test_skinned_and_morphed_points_are_the_posed_head(scene: FaceScene) -> None:
    values = faces(5)
    face = CurveClip(values, Fraction(30), 48000)
    clip = CurveClip(values[:, :52], Fraction(30), 48000, 0, SHAPE_NAMES, face)
    weights, turns = scene.weights(clip), scene.turns(clip)
    worst = max(np.abs(skinned(scene, weights, turns, k) - HEAD.posed(values[k])).max() for k in range(5))
    assert worst < SCENE_TOLERANCE_MM


def test_every_triangle_is_drawn_once_and_shares_sum_to_one(scene: FaceScene) -> None:
    drawn = np.concatenate([surface.triangles for surface in scene.surfaces])
    assert sorted(map(tuple, drawn.tolist())) == sorted(map(tuple, HEAD.triangles.tolist()))
    assert np.allclose(scene.share_of.sum(1), 1)
    assert {"Skin", "Mouth", "Teeth", "LeftEye", "RightEye", "Hair"} <= {s.name for s in scene.surfaces}
    assert [joint.name for joint in scene.joints] == ["root", "head", "leftEye", "rightEye"]
    eyeballs = np.concatenate([eye.points for eye in HEAD.eyes])
    assert set(scene.joint_of[eyeballs, 0].tolist()) == {2, 3}


def test_morphs_are_sparse_and_bend_normals(scene: FaceScene) -> None:
    share = np.mean([len(morph.points) / len(HEAD.rest) for morph in scene.morphs])
    assert 0.05 < share < 0.2
    jaw = next(morph for morph in scene.morphs if morph.name == "jawOpen")
    wanted = HEAD.normals(HEAD.rest + HEAD.deltas[HEAD.shape_names.index("jawOpen")].reshape(-1, 3))
    got = scene.normals.copy()
    got[jaw.bent] += jaw.turns
    assert np.abs(got - wanted).max() < 0.005
    assert len(jaw.bent) > 1000


def test_a_curve_of_poses_and_ranges_of_its_own() -> None:
    curves = {"AA": CurveInfo(pose={"jawOpen": 0.7, "mouthFunnel": 0.2}),
              "Jaw100": CurveInfo(low=0, high=100, pose={"jawOpen": 0.01}),
              "Turn": CurveInfo(low=-60, high=60, pose={"headYaw": np.pi / 180}),
              "Ear": CurveInfo()}
    scene = face_scene(info(tuple(curves), curves=curves), WHERE)
    aa, jaw, ear = scene.morphs  # what only turns the head has a joint
    assert [morph.name for morph in scene.morphs] == ["AA", "Jaw100", "Ear"]
    open_, funnel = (HEAD.deltas[HEAD.shape_names.index(name)].reshape(-1, 3)
                     for name in ("jawOpen", "mouthFunnel"))
    assert np.abs(aa.offsets - (0.7 * open_ + 0.2 * funnel)[aa.points]).max() < 1e-3
    assert jaw.full == 100
    assert np.abs(jaw.offsets - open_[jaw.points]).max() < 1e-3
    assert not len(ear.points)
    clip = CurveClip(np.array([[0.5, 50, 0, 1]], np.float32), Fraction(30), 48000, 0, tuple(curves))
    assert scene.weights(clip).tolist() == [[0.5, 0.5, 1.0]]


def test_a_users_own_head(tmp_path: Path) -> None:
    """A glTF with few of the shapes, and no eyeballs of their own."""
    path = tmp_path / "hero.glb"
    path.write_bytes(gltf_files.glb(*gltf_files.document()))
    head = load_gltf(path)
    scene = face_scene(info(head=lambda: head), WHERE)
    assert [joint.name for joint in scene.joints] == ["root", "head"]
    assert len(scene.morphs) == len(SHAPE_NAMES)
    values = faces(3)
    clip = CurveClip(values, Fraction(30), 48000)
    weights, turns = scene.weights(clip), scene.turns(clip)
    worst = max(np.abs(skinned(scene, weights, turns, k) - head.posed(values[k])).max() for k in range(3))
    assert worst < SCENE_TOLERANCE_MM


def test_a_curve_that_rests_elsewhere_is_no_shape() -> None:
    text = b"""
        format = 1
        name = "hero"
        [curves]
        Jaw = "jawOpen"
        Lid = { from = { eyeBlinkLeft = -1 }, rest = 1 }
    """
    origin = Origin(fps=Fraction(30), sample_rate=48000)
    known = info_for(parse_rig(text, "hero.toml"), ExportSettings(), origin)
    assert known.curve("Jaw").pose == {"jawOpen": 1}
    assert known.curve("Lid").pose is None


def test_a_rig_that_the_head_cannot_show_is_refused() -> None:
    curves = {f"CTRL_{k}": CurveInfo(pose={"jawOpen": 1.0} if k == 0 else None) for k in range(5)}
    with pytest.raises(OutputError, match="can show 1 of the 5 curves") as error:
        face_scene(info(tuple(curves), curves=curves, rig="metahuman"), WHERE)
    assert error.value.where == "line.glb"
    assert ".curves.csv" in str(error.value)


@pytest.mark.parametrize("damage", ["hole", "nan", "nan in the face"])
def test_holes_and_nan_are_refused(damage: str) -> None:
    values = faces(6)
    face = values.copy()
    (face if damage == "nan in the face" else values)[4, 3] = np.nan if "nan" in damage else 0
    start = 4 if damage == "hole" else 3
    pieces = [CurveClip(values[part, :52], Fraction(30), 48000, s, SHAPE_NAMES,
                        CurveClip(face[part], Fraction(30), 48000, s))
              for part, s in ((slice(3), 0), (slice(3, 6), start))]
    message = "frame 3 is missing" if damage == "hole" else "not a finite number"
    with pytest.raises(OutputError, match=message):
        joined_clip(pieces)


def test_no_frame_is_no_clip() -> None:
    assert joined_clip([]) is None
    assert joined_clip([CurveClip(faces(1)[:0], Fraction(30), 48000)]) is None


# --- turns


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_turns_of_many_frames_are_those_of_one(seed: int) -> None:
    values = faces(4, seed)
    for joint, side in (("leftEye", "Left"), ("rightEye", "Right")):
        angles = turn_angles(values, joint)
        assert np.allclose(angles, [eye_angles(row, side) for row in values], atol=1e-6)
        turns = quaternions(angles)
        assert np.allclose([matrix(q) for q in turns], [rotation(*a) for a in angles], atol=1e-6)
    heads = quaternions(turn_angles(values, "head"))
    assert np.allclose([matrix(q) for q in heads], [head_rotation(row) for row in values], atol=1e-6)


@given(yaw=st.floats(-3.1, 3.1), pitch=st.floats(-1.5, 1.5), roll=st.floats(-3.1, 3.1))
def test_angles_come_back_from_quaternions(yaw: float, pitch: float, roll: float) -> None:
    angles = np.array([[yaw, pitch, roll]])
    assert np.allclose(angles_of(quaternions(angles) * -2.5), angles, atol=1e-6)


def test_quaternions_take_the_short_way() -> None:
    angles = np.zeros((200, 3))
    angles[:, 0] = np.linspace(-9, 9, 200)
    turns = quaternions(angles)
    assert ((turns[1:] * turns[:-1]).sum(1) > 0.99).all()
    assert (angles_of(np.zeros((1, 4))) == 0).all()
    assert set(INDEX) >= {"headYaw"}
