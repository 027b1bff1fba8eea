"""A rig's curves back to canonical ones: exact where the map allows, honest about the rest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.core.channels import CHANNELS, INDEX, N_CHANNELS, NAMES, SHAPE_NAMES
from facerig.core.mouth import mouth_geometry
from facerig.rig import Retarget, Rig, load_rig
from facerig.rig.catalogue import rig_files
from facerig.rig.descent import Linear, minimised
from facerig.rig.equations import preimage
from facerig.rig.inverse import Inverse, Inverted
from facerig.rig.reading import parse_rig

HEAD = 'format = 1\nname = "test"\n'


def rig_of(text: str) -> Rig:
    return parse_rig((HEAD + text).encode(), "test.toml")


def face(**values: float) -> np.ndarray:
    row = np.zeros((1, N_CHANNELS), np.float32)
    for name, value in values.items():
        row[0, INDEX[name]] = value
    return row


def faces(n: int, seed: int = 0) -> np.ndarray:
    draws = np.random.default_rng(seed)
    low, high = (np.array([getattr(c, end) for c in CHANNELS]) for end in ("low", "high"))
    return (low + draws.uniform(0, 1, (n, N_CHANNELS)) * (high - low)).astype(np.float32)


def there_and_back(text: str, **values: float) -> tuple[dict[str, float], Inverted]:
    """What of a face comes back, without what is at rest."""
    rig = rig_of(text)
    back = Inverse(rig).solve(Retarget(rig).values(face(**values)))
    row = back.values[0]
    return {name: float(row[i]) for i, name in enumerate(NAMES) if abs(row[i]) > 1e-4}, back


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    """Curves [T, 61] as speech makes them: few shapes at a time, seals over an open jaw."""
    draws = np.random.default_rng(5)
    knots = draws.uniform(0, 1, (25, N_CHANNELS)) ** 3 * 0.7
    knots[:, len(SHAPE_NAMES):] = draws.uniform(-0.3, 0.3, (25, 9))
    knots[:, [INDEX["jawLeft"], INDEX["jawRight"], INDEX["mouthLeft"], INDEX["mouthRight"]]] *= 0.2
    for name in ("mouthClose", "mouthShrugLower", "mouthRollLower", "mouthRollUpper"):
        knots[:, INDEX[name]] = 0.0
    for name in ("eyeLookIn", "eyeLookOut", "eyeLookUp", "eyeLookDown"):
        knots[:, [INDEX[f"{name}Left"], INDEX[f"{name}Right"]]] = 0.0
    knots[::4, INDEX["mouthClose"]] = knots[::4, INDEX["jawOpen"]] * 0.98
    at = np.linspace(0, 24, 150)
    return np.stack([np.interp(at, np.arange(25), column) for column in knots.T], 1).astype(np.float32)


# --- exact


@pytest.mark.parametrize("name", ["arkit", "livelink"])
def test_arkit_and_live_link_come_back_exactly(name: str):
    rig, before = load_rig(name), faces(400)
    back = Inverse(rig).solve(Retarget(rig).values(before))
    assert np.abs(back.values - before)[:, : len(rig.names)].max() <= 1e-6
    assert back.residual.max() <= 1e-6


def test_two_curves_on_one_control_part_by_sign():
    rig = "[curves]\nX = { from = { jawRight = 1, jawLeft = -1 }, range = [-1, 1] }"
    assert there_and_back(rig, jawLeft=0.3)[0] == pytest.approx({"jawLeft": 0.3})
    assert there_and_back(rig, jawRight=0.4)[0] == pytest.approx({"jawRight": 0.4})


def test_what_a_sum_leaves_open_is_shared_alike():
    rig = "[curves]\nX = { from = { mouthSmileLeft = 0.5, mouthSmileRight = 0.5 } }"
    back, _ = there_and_back(rig, mouthSmileLeft=0.8, mouthSmileRight=0.4)
    assert back == pytest.approx({"mouthSmileLeft": 0.6, "mouthSmileRight": 0.6}, abs=1e-5)


def test_units_rest_and_bends_are_undone():
    rig = ('[curves]\nTurn = { from = { headYaw = -1 }, unit = "degrees", range = [-90, 90], rest = 10 }\n'
           "Jaw = { from = { jawOpen = 100 }, range = [0, 100], through = [[0, 0], [50, 20], [100, 100]] }")
    back, told = there_and_back(rig, headYaw=0.5, jawOpen=0.6)
    assert back == pytest.approx({"headYaw": 0.5, "jawOpen": 0.6}, abs=1e-5)
    assert told.residual[0] < 1e-5


def test_beyond_the_end_of_a_range_the_least_face_is_taken():
    rig = "[curves]\nX = { from = { jawRight = 1, jawLeft = -1 }, range = [-0.5, 1] }"
    back, told = there_and_back(rig, jawLeft=0.9)
    assert back == pytest.approx({"jawLeft": 0.5}, abs=1e-5)
    assert told.residual[0] < 1e-5
    rig = "[curves]\nX = { from = { jawOpen = 1 }, through = [[0.1, 0], [0.5, 0.8], [0.9, 1]] }"
    assert there_and_back(rig, jawOpen=0.95)[0] == pytest.approx({"jawOpen": 0.9}, abs=1e-5)
    assert there_and_back(rig, jawOpen=0.05)[0] == {}


def test_poses_add_up():
    rig = ("[curves]\nA = { pose = { jawOpen = 0.7, mouthFunnel = 0.2 } }\n"
           "O = { pose = { jawOpen = 0.4, mouthPucker = 0.6 } }")
    back = Inverse(rig_of(rig)).solve(np.array([[0.5, 0.25]]))
    assert back.values[0, INDEX["jawOpen"]] == pytest.approx(0.45)
    assert back.values[0, INDEX["mouthPucker"]] == pytest.approx(0.15)


# --- terms


def test_a_product_is_divided_out():
    rig = '[curves]\nJ = "jawOpen"\nX = "p"\n[terms]\np = { product = ["jawOpen", "mouthSmileLeft"] }'
    back, told = there_and_back(rig, jawOpen=0.5, mouthSmileLeft=0.4)
    assert back == pytest.approx({"jawOpen": 0.5, "mouthSmileLeft": 0.4}, abs=2e-3)
    assert told.residual[0] < 1e-3


def test_a_ratio_is_multiplied_out():
    rig = ('[curves]\nJ = "jawOpen"\nR = "r"\n[terms]\nr = { ratio = ["mouthClose", "jawOpen"] }')
    assert there_and_back(rig, jawOpen=0.5, mouthClose=0.3)[0] == pytest.approx(
        {"jawOpen": 0.5, "mouthClose": 0.3}, abs=2e-3)


@pytest.mark.parametrize("begin", ["", '\n[inverse]\nmouthClose = { product = ["J", "X"] }'])
def test_lips_together_are_closed_lips(begin: str):
    rig = f'[curves]\nJ = "jawOpen"\nX = "lipsTogether"{begin}'
    back, told = there_and_back(rig, jawOpen=0.5, mouthClose=0.3)
    assert told.residual[0] < 1e-3
    assert back["jawOpen"] == pytest.approx(0.5, abs=2e-3)
    assert back["mouthClose"] == pytest.approx(0.3, abs=0.02)


def test_a_curve_that_says_how_it_looks_looks_so():
    rig = ('[curves]\nBlink = { from = { both = 1 }, looks = { eyeBlinkLeft = 1, eyeBlinkRight = 1 } }\n'
           "Left = { from = { eyeBlinkLeft = 1, both = -1 }, looks = { eyeBlinkLeft = 1 } }\n"
           '[terms]\nboth = { min = ["eyeBlinkLeft", "eyeBlinkRight"] }')
    back, told = there_and_back(rig, eyeBlinkLeft=0.9, eyeBlinkRight=0.7)
    assert back == pytest.approx({"eyeBlinkLeft": 0.9, "eyeBlinkRight": 0.7}, abs=2e-3)
    assert told.residual[0] < 1e-3


# --- what is not told


def test_what_nothing_tells_is_named_and_rests():
    rig = rig_of('[curves]\nJ = "jawOpen"\nL = "lipsTogether"\nE = {}')
    inverse = Inverse(rig)
    assert "jawOpen" not in inverse.unobserved
    assert "mouthClose" not in inverse.unobserved
    assert {"browInnerUp", "headYaw", "eyeBlinkLeft"} <= set(inverse.unobserved)
    back = inverse.solve(Retarget(rig).values(face(browInnerUp=1, jawOpen=0.2)))
    assert not back.values[0, [INDEX[name] for name in inverse.unobserved]].any()


def test_curves_that_were_not_given_say_nothing():
    rig = rig_of('[curves]\nA = "jawOpen"\nB = "jawOpen"')
    values = np.array([[0.6, 0.0]])
    assert Inverse(rig).solve(values).values[0, INDEX["jawOpen"]] == pytest.approx(0.3)
    alone = Inverse(rig, ["A"]).solve(values)
    assert alone.values[0, INDEX["jawOpen"]] == pytest.approx(0.6)
    assert alone.residual[0] < 1e-6
    assert alone.largest[1] == 0


def test_the_residual_is_what_the_real_map_says():
    rig = rig_of('[curves]\nA = "jawOpen"\nB = { from = { jawOpen = 1 }, range = [0, 2] }')
    back = Inverse(rig).solve(np.array([[0.8, 0.2]]))
    differ = (Retarget(rig).values(back.values)[0] - [0.8, 0.2]) / [1, 2]
    assert back.residual[0] == pytest.approx(np.sqrt((differ**2).mean()))
    assert back.largest == pytest.approx(np.abs(differ))
    assert back.residual[0] > 0.1


def test_the_gaze_is_told_by_either_half():
    shapes = Inverse(load_rig("arkit"))
    looked = face(eyeLookOutLeft=0.5, eyeLookInRight=0.5)
    back = shapes.solve(Retarget(load_rig("arkit")).values(looked)).values[0]
    assert back[INDEX["leftEyeYaw"]] == pytest.approx(-0.33)
    assert back[INDEX["rightEyeYaw"]] == pytest.approx(-0.285)
    turns = rig_of('[curves]\nY = { from = { leftEyeYaw = 1 }, unit = "radians" }')
    back = Inverse(turns).solve(np.array([[0.285]])).values[0]
    assert back[INDEX["eyeLookInLeft"]] == pytest.approx(0.5)
    assert back[INDEX["eyeLookOutLeft"]] == 0


def test_other_shapes_and_nan_are_refused():
    inverse = Inverse(rig_of('[curves]\nA = "jawOpen"'))
    with pytest.raises(ValueError, match="instead of"):
        inverse.solve(np.zeros((3, 2)))
    with pytest.raises(ValueError, match="not finite"):
        inverse.solve(np.array([[np.nan]]))
    assert inverse.solve(np.zeros((0, 1))).values.shape == (0, N_CHANNELS)


# --- shipped rigs on speech


@pytest.mark.parametrize("name", ["metahuman", "metahuman-gui"])
def test_a_metahuman_comes_back_from_speech(name: str, speech: np.ndarray):
    rig = load_rig(name)
    inverse = Inverse(rig)
    back = inverse.solve(Retarget(rig).values(speech))
    seen = [INDEX[name] for name in SHAPE_NAMES if name not in inverse.unobserved]
    errors = np.abs(back.values - speech)[:, seen]
    gaps = mouth_geometry().gaps_mm
    assert errors.mean() < 0.01
    assert np.median(back.residual) < 1e-4
    assert back.residual.mean() < 0.005
    assert np.median(np.abs(gaps(back.values) - gaps(speech)).max(1)) < 0.3


@pytest.mark.parametrize("name", sorted(rig_files()))
def test_there_back_and_there_again_changes_little(name: str, speech: np.ndarray):
    rig = load_rig(name)
    values = Retarget(rig).values(speech[::5])
    back = Inverse(rig).solve(values)
    assert np.isfinite(back.values).all()
    low, high = (np.array([getattr(c, end) for c in CHANNELS]) for end in ("low", "high"))
    assert (back.values >= low - 1e-6).all()
    assert (back.values <= high + 1e-6).all()
    assert back.residual.mean() < 0.12


# --- any rig

SHARES = st.floats(0.2, 2).map(lambda w: round(w, 2))
WEIGHTS = st.dictionaries(st.sampled_from(SHAPE_NAMES), SHARES, min_size=1, max_size=3)


@st.composite
def linear_rigs(draw: st.DrawFn) -> str:
    """Rigs of weights, signs, breakpoints and ranges that hold what they sum."""
    lines = []
    for k in range(draw(st.integers(1, 8))):
        weights = draw(WEIGHTS)
        signs = [draw(st.sampled_from([1, 1, 1, -1])) for _ in weights]
        pairs = zip(weights.items(), signs, strict=True)
        source = ", ".join(f"{name} = {sign * weight}" for (name, weight), sign in pairs)
        span = sum(weights.values())
        bend = f", through = [[{-span}, {-span}], [0, 0], [{span / 2}, {span / 4}], [{span}, {span}]]"
        bend = bend if draw(st.booleans()) else ""
        lines.append(f"C{k} = {{ from = {{ {source} }}, range = [{-span}, {span}]{bend} }}")
    return "[curves]\n" + "\n".join(lines)


@settings(deadline=None, max_examples=40)
@given(linear_rigs(), st.integers(0, 99))
def test_any_map_of_sums_and_bends_is_met(text: str, seed: int):
    rig = rig_of(text)
    values = Retarget(rig).values(faces(20, seed))
    back = Inverse(rig).solve(values)
    assert back.residual.max() < 2e-3
    assert np.median(back.residual) < 1e-4


@settings(deadline=None, max_examples=6)
@given(st.sampled_from(["arkit", "metahuman", "oculus", "vrm"]), st.lists(st.integers(0, 9), max_size=2))
def test_frames_do_not_depend_on_their_company(speech: np.ndarray, name: str, cuts: list[int]):
    rig = load_rig(name)
    inverse, values = Inverse(rig), Retarget(rig).values(speech[:90:10])
    whole = inverse.solve(values).values
    parts = [inverse.solve(part).values for part in np.split(values, sorted(cuts))]
    assert np.concatenate(parts).tobytes() == whole.tobytes()


# --- the parts


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(-2, 2), min_size=2, max_size=6, unique=True), st.data())
def test_a_preimage_is_one_and_is_near(xs: list[float], data: st.DataObject):
    xs = [round(x, 3) for x in sorted(xs)]
    if min(np.diff(xs)) < 1e-2:
        return
    ys = [data.draw(st.floats(-1, 1)) for _ in xs]
    points = tuple(zip(xs, ys, strict=True))
    there, near = np.array([data.draw(st.floats(-2.5, 2.5))]), np.array([data.draw(st.floats(-2.5, 2.5))])
    wanted = np.interp(there, xs, ys)
    found = preimage(points, wanted, wanted, near, 1e-9)
    assert np.interp(found, xs, ys) == pytest.approx(wanted, abs=1e-6)
    inside = np.clip(there, xs[0], xs[-1])
    assert abs(found - near) <= abs(inside - near) + 1e-6 or np.interp(near, xs, ys) == pytest.approx(wanted)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_descent_finds_the_bounded_least_squares(seed: int):
    from scipy.optimize import lsq_linear
    from scipy.sparse import csr_matrix

    draws = np.random.default_rng(seed)
    matrix, aim = draws.normal(size=(8, 4)), draws.normal(size=8)
    low, high = np.zeros((4, 1)), np.ones((4, 1))
    sums = Linear(csr_matrix(matrix), csr_matrix((8, 0)), np.ones(8))
    wanted = aim[:, None]
    found = minimised(sums, np.zeros((4, 1)), None, (wanted, wanted), (low, high), 600)[:, 0]
    best = lsq_linear(matrix, aim, (0, 1))
    assert 0.5 * ((matrix @ found - aim) ** 2).sum() <= best.cost + 1e-4
