"""Measures: the way back of a rig by what both sides do to something, millimetres perhaps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import lsq_linear

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.errors import RigError
from facerig.rig.inverse import Inverse
from facerig.rig.reading import parse_rig

FACE = ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "mouthPucker")
RIG = ("a", "b", "c", "d", "e")


def weights(names: tuple[str, ...], values: np.ndarray) -> str:
    return "{ " + ", ".join(f"{n} = {v:.6f}" for n, v in zip(names, values, strict=True)) + " }"


def rig_of(face: np.ndarray, rig: np.ndarray, squares: np.ndarray | None = None):
    """A rig of five curves whose way back is told by the rows of `face` [q, 4] and `rig` [q, 5]."""
    lines = ["format = 1", 'name = "measured"', "[curves]",
             *(f"{name} = {{ from = {{ jawOpen = 1 }}, range = [-9, 9] }}" for name in RIG),
             'keep = "cheekPuff"']
    for k, (f, r) in enumerate(zip(face, rig, strict=True)):
        lines += ["[[measures]]", f"rig = {weights(RIG, r)}", f"face = {weights(FACE, f)}"]
        if squares is not None:
            lines.append(f'products = {{ "a*a" = {squares[k]:.6f}, "a*b" = {-squares[k]:.6f} }}')
    return parse_rig("\n".join(lines).encode(), "measured.toml")


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_nearest_face_in_measures_is_found(seed):
    draws = np.random.default_rng(seed)
    face = np.round(np.eye(7, 4) * 2 + 0.4 * draws.normal(size=(7, 4)), 6)
    rig, squares = np.round(draws.normal(size=(7, 5)), 6), np.round(draws.normal(size=7), 6)
    values = np.concatenate([draws.uniform(-1, 1, (6, 5)), draws.uniform(0, 1, (6, 1))], 1)
    got = Inverse(rig_of(face, rig, squares)).solve(values).values
    for row, back in zip(values, got, strict=True):
        aim = rig @ row[:5] + squares * (row[0] ** 2 - row[0] * row[1])
        exact = lsq_linear(face, aim, (0, 1)).x
        np.testing.assert_allclose([back[INDEX[name]] for name in FACE], exact, atol=2e-4)
    np.testing.assert_allclose(got[:, INDEX["cheekPuff"]], values[:, 5], atol=1e-6)  # named by no measure
    others = np.ones(N_CHANNELS, bool)
    others[[INDEX[name] for name in (*FACE, "cheekPuff")]] = False
    assert not got[:, others].any()


def test_frames_do_not_depend_on_their_company():
    draws = np.random.default_rng(3)
    inverse = Inverse(rig_of(draws.normal(size=(6, 4)), draws.normal(size=(6, 5))))
    values = draws.uniform(-1, 1, (40, 6))
    whole = inverse.solve(values).values
    for cut in (1, 7, 39):
        parts = [inverse.solve(values[:cut]).values, inverse.solve(values[cut:]).values]
        np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_what_is_not_told_says_nothing():
    rig = rig_of(np.eye(4), np.eye(4, 5))
    assert "jawOpen" in Inverse(rig, told=("keep",)).unobserved
    told = Inverse(rig, told=RIG)
    assert "jawOpen" not in told.unobserved
    assert "cheekPuff" in told.unobserved


@pytest.mark.parametrize(("row", "place", "message"), [
    ("rig = { z = 1 }", r"\$\.measures\[0\]\.rig", "no curve 'z'"),
    ("rig = { a = 1 }\nface = { jawOpn = 1 }", r"\$\.measures\[0\]\.face", "use jawOpen"),
    ('rig = { a = 1 }\nproducts = { "a" = 1 }', r"\$\.measures\[0\]\.products", "no product of two"),
    ('rig = { a = 1 }\nproducts = { "a*z" = 1 }', r"\$\.measures\[0\]\.products", "no curve 'z'"),
    ('rig = { a = 1 }\nproducts = { "a*a*a" = 1 }', r"\$\.measures\[0\]\.products", "no product of two"),
    ("rig = { a = 1 }\nfaces = { jawOpen = 1 }", r"\$\.measures\[0\]", "faces|is not a setting"),
    ("rig = { a = nan }", r"\$\.measures\[0\]\.rig", "not a number"),
])
def test_mistakes_are_told_with_their_place(row, place, message):
    text = f'format = 1\nname = "m"\n[curves]\na = "jawOpen"\n[[measures]]\n{row}\n'
    with pytest.raises(RigError, match=message) as caught:
        parse_rig(text.encode(), "m.toml")
    assert caught.match(place)
