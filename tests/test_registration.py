"""One face laid onto another: distances and turns that are exact, landmarks and partners that are known."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from facerig.core.channels import INDEX
from facerig.core.mouth import mouth_geometry
from facerig.errors import ModelError
from facerig.flame.targets import LIP_PAIRS, marks_of, skin_of
from facerig.mesh.head import FIGURES, Part, shipped_head
from facerig.registration.alignment import similarity
from facerig.registration.landmarks import landmarks
from facerig.registration.surface import Surface
from facerig.registration.transfer import carried
from facerig.registration.warp import laid_onto
from tools.flame_stand_in import METRES, stand_in

SQUARE = Surface(np.array([[0, 0, 0], [2, 0, 0], [2, 2, 0], [0, 2, 0]], float),
                 np.array([[0, 1, 2], [0, 2, 3]]))


@cache
def laid():
    """Some points of the male head, in a net of their own, laid onto the female one, which has the same
    points."""
    model = stand_in(rounds=9)
    count = len(model.skin)
    triangles = model.arrays["f"].astype(np.int64)
    mesh = Surface(model.arrays["v_template"][:count] / METRES, triangles[(triangles < count).all(1)])
    male, female = (shipped_head(figure) for figure in ("male", "female"))
    shift = male.rest[model.skin].mean(0)
    eyes = np.array([eye.centre - shift for eye in male.eyes], float)
    return laid_onto(mesh, landmarks(mesh, eyes), skin_of(female), marks_of(female)), mesh, model, female


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_the_foot_of_a_point_is_nearer_than_any_other_place(seed):
    draws = np.random.default_rng(seed)
    corners = draws.normal(size=(3, 3))
    surface = Surface(corners, np.array([[0, 1, 2]]))
    query = draws.normal(size=(4, 3)) * 2
    foot = surface.footing(query)
    shares = draws.dirichlet(np.ones(3), 2000)
    others = np.linalg.norm((shares @ corners)[None] - query[:, None], axis=2).min(1)
    assert (foot.distance <= others + 1e-9).all()
    np.testing.assert_allclose(np.linalg.norm(surface.at(foot) - query, axis=1), foot.distance, atol=1e-9)
    assert (foot.shares >= -1e-9).all()
    np.testing.assert_allclose(foot.shares.sum(1), 1)


def test_feet_know_rims_and_sides():
    foot = SQUARE.footing(np.array([[1.5, 0.5, 1.0], [3.0, 1.0, 0.0], [1.0, 1.0, 0.5]]))
    np.testing.assert_allclose(foot.distance, [1, 1, 0.5])
    assert foot.rim.tolist() == [False, True, False]
    facing_away = SQUARE.footing(np.array([[1.5, 0.5, 1.0]]), np.array([[0, 0, -1.0]]))
    assert np.isinf(facing_away.distance).all()
    np.testing.assert_allclose(SQUARE.weights(foot) @ SQUARE.points, SQUARE.at(foot))
    np.testing.assert_allclose(SQUARE.normals, np.tile([0, 0, 1.0], (4, 1)))
    np.testing.assert_allclose(SQUARE.areas.sum(), 4)


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_a_similarity_is_found_again(seed):
    draws = np.random.default_rng(seed)
    points = draws.normal(size=(6, 3))
    turn, scale = Rotation.random(random_state=seed).as_matrix(), draws.uniform(0.1, 10)
    shift = draws.normal(size=3)
    found = similarity(points, scale * points @ turn.T + shift)
    np.testing.assert_allclose(found.scale, scale, rtol=1e-9)
    np.testing.assert_allclose(found.turn, turn, atol=1e-8)
    np.testing.assert_allclose(found.back(found.points(points)), points, atol=1e-9)
    np.testing.assert_allclose(found.vectors_back(found.vectors(points)), points, atol=1e-9)


def test_a_similarity_never_mirrors():
    points = np.random.default_rng(0).normal(size=(8, 3))
    assert np.linalg.det(similarity(points, points * [-1, 1, 1]).turn) == pytest.approx(1)


@pytest.mark.parametrize("figure", FIGURES)
def test_landmarks_lie_where_a_face_has_them(figure):
    head = shipped_head(figure)
    marks = marks_of(head)
    teeth = head.rest[head.parts == Part.TEETH]
    pairs = head.rest[np.array(LIP_PAIRS)].mean(1)
    seam = np.interp(pairs[:, 0], marks.seam[:, 0], marks.seam[:, 1])
    np.testing.assert_allclose(seam, pairs[:, 1], atol=2.0)  # the lips meet there
    assert abs(marks.nose[0]) < 0.5
    assert marks.nose[2] > head.rest[head.parts == Part.EYE][:, 2].max() + 15
    assert teeth[:, 1].min() - 30 < marks.chin[1] < teeth[:, 1].min()
    right, left = marks.corners[1], marks.corners[0]
    assert left[0] > 18
    np.testing.assert_allclose(right, left * [-1, 1, 1], atol=1.5)


def test_what_is_no_face_is_refused():
    sphere = np.random.default_rng(0).normal(size=(400, 3))
    sphere *= 90 / np.linalg.norm(sphere, axis=1, keepdims=True)
    from scipy.spatial import ConvexHull
    hull = ConvexHull(sphere).simplices.astype(np.int64)
    with pytest.raises(ModelError, match="no mouth"):
        landmarks(Surface(sphere, hull), np.array([[30, 20, 70], [-30, 20, 70]], float))


def test_gap_of_the_lips_is_measured_where_it_is_everywhere():
    head = shipped_head()
    deltas = head.deltas.reshape(len(head.shape_names), -1, 3)
    table = mouth_geometry().gap
    for name, delta in zip(head.shape_names, deltas, strict=True):
        gaps = [delta[up, 1] - delta[low, 1] for up, low in LIP_PAIRS]
        np.testing.assert_allclose(gaps, table[INDEX[name]], atol=0.02)


def test_a_head_finds_its_own_points_on_another():
    found, _, model, female = laid()
    there = female.rest[model.skin]
    marks = marks_of(female)
    off = np.linalg.norm(found.points - there, axis=1)
    mouth = (np.abs(there[:, 0]) < 30) & (np.abs(there[:, 1] - marks.seam[4, 1]) < 15) & (there[:, 2] > 110)
    face = (there[:, 1] > marks.chin[1]) & (there[:, 2] > 60)
    assert np.median(off[mouth]) < 1.0  # mm
    assert np.median(off[face]) < 3.2  # along cheeks and forehead nothing but their form tells
    assert found.footing.distance[(found.quality > 0) & face].mean() < 0.3
    assert 0.8 < found.first.scale < 1.1
    assert np.degrees(np.arccos((np.trace(found.first.turn) - 1) / 2)) < 8


def test_shapes_are_carried_over():
    found, mesh, model, female = laid()
    deltas = female.deltas.reshape(len(female.shape_names), -1, 3)
    moved = carried(found, mesh, skin_of(female), deltas)
    own = model.truth[:, :len(model.skin)]
    for name in ("jawOpen", "mouthSmileLeft", "browInnerUp", "cheekPuff", "eyeBlinkRight", "mouthPucker"):
        k = female.shape_names.index(name)
        missed = np.sqrt(((moved[k] - own[k]) ** 2).sum(1).mean())
        assert missed < 0.4 * np.sqrt((own[k] ** 2).sum(1).mean()), name
