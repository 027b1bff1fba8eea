"""The engine behind every rig: what a declaration means, and that frames do not depend on their company."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.core.channels import CHANNELS, INDEX, N_CHANNELS, NAMES, SHAPE_NAMES
from facerig.core.clock import parse_fps
from facerig.core.curves import CurveClip
from facerig.core.mouth import mouth_geometry
from facerig.errors import RigError
from facerig.rig import Retarget, load_rig
from facerig.rig.catalogue import FOLDER_VARIABLE, rig_files
from facerig.rig.reading import parse_rig

HEAD = 'format = 1\nname = "test"\n'


def engine(text: str) -> Retarget:
    return Retarget(parse_rig((HEAD + text).encode(), "test.toml"))


def face(**values: float) -> np.ndarray:
    row = np.zeros((1, N_CHANNELS), np.float32)
    for name, value in values.items():
        row[0, INDEX[name]] = value
    return row


def value(text: str, curve: str = "X", **values: float) -> float:
    rig = engine(text)
    return float(rig.values(face(**values))[0, rig.names.index(curve)])


def faces(n: int, seed: int = 0) -> np.ndarray:
    draws = np.random.default_rng(seed)
    low, high = (np.array([getattr(c, end) for c in CHANNELS]) for end in ("low", "high"))
    return (low + draws.uniform(0, 1, (n, N_CHANNELS)) * (high - low)).astype(np.float32)


# --- what a declaration means


def test_a_name_copies_a_curve():
    assert value('[curves]\nX = "jawOpen"', jawOpen=0.4) == pytest.approx(0.4)


def test_weights_add_up_and_the_range_holds():
    rig = "[curves]\nX = { from = { jawRight = 1, jawLeft = -1 }, range = [-0.5, 1] }"
    assert value(rig, jawRight=0.3) == pytest.approx(0.3)
    assert value(rig, jawLeft=0.3, jawRight=0.1) == pytest.approx(-0.2)
    assert value(rig, jawLeft=0.9) == -0.5


def test_breakpoints_bend_and_are_level_beyond():
    rig = "[curves]\nX = { from = { jawOpen = 1 }, through = [[0.1, 0], [0.5, 0.8], [0.9, 1]] }"
    assert [value(rig, jawOpen=x) for x in (0.05, 0.3, 0.7, 0.95)] == pytest.approx([0, 0.4, 0.9, 1])


def test_radians_become_degrees_and_a_curve_may_rest_elsewhere():
    rig = '[curves]\nX = { from = { headYaw = -1 }, unit = "degrees", range = [-90, 90], rest = 10 }'
    assert value(rig, headYaw=0.5) == pytest.approx(10 - np.degrees(0.5))


def test_a_corrective_is_a_product_and_terms_may_stand_in_any_order():
    rig = ('[curves]\nX = "both"\n[terms]\nboth = { product = ["smile", "jawOpen"] }\n'
           "smile = { from = { mouthSmileLeft = 0.5, mouthSmileRight = 0.5 } }")
    assert value(rig, mouthSmileLeft=0.8, mouthSmileRight=0.4, jawOpen=0.5) == pytest.approx(0.3)


def test_least_most_and_ratio():
    rig = ('[curves]\nL = "l"\nM = "m"\nR = "r"\n[terms]\nl = { min = ["jawOpen", "mouthClose"] }\n'
           'm = { max = ["jawOpen", "mouthClose"] }\nr = { ratio = ["mouthClose", "jawOpen"] }')
    assert [value(rig, c, jawOpen=0.5, mouthClose=0.2) for c in "LMR"] == pytest.approx([0.2, 0.5, 0.4])
    assert value(rig, "R") == 0  # nothing over nothing


def test_a_pose_is_found_where_it_was_mixed():
    rig = engine("[curves]\nA = { pose = { jawOpen = 0.7, mouthFunnel = 0.2 } }\n"
                 "O = { pose = { jawOpen = 0.4, mouthPucker = 0.6, mouthFunnel = 0.4 } }")
    mixed = face(jawOpen=0.7 * 0.5 + 0.4 * 0.3, mouthFunnel=0.2 * 0.5 + 0.4 * 0.3, mouthPucker=0.6 * 0.3)
    assert rig.values(mixed)[0] == pytest.approx([0.5, 0.3], abs=0.01)


def test_an_empty_curve_stays_at_rest():
    assert value("[curves]\nX = {}", jawOpen=1) == 0


def test_lips_are_together_where_something_would_part_them():
    rig = '[curves]\nX = "lipsTogether"'
    assert value(rig) == 0  # at rest nothing has to
    assert value(rig, jawOpen=0.5) == 0
    assert value(rig, jawOpen=0.3, mouthClose=0.3) > 0.9
    half = value(rig, jawOpen=0.3, mouthClose=0.15)
    assert 0.3 < half < 0.7


# --- frames do not depend on their company


@settings(deadline=None, max_examples=15)
@given(st.data())
def test_any_split_gives_the_same_bits(data: st.DataObject):
    rig = Retarget(load_rig(data.draw(st.sampled_from(sorted(rig_files())))))
    whole = faces(23, data.draw(st.integers(0, 99)))
    cuts = sorted(data.draw(st.lists(st.integers(0, 23), max_size=4)))
    parts = [rig.values(part) for part in np.split(whole, cuts)]
    assert np.concatenate(parts).tobytes() == rig.values(whole).tobytes()


@pytest.mark.parametrize("name", sorted(rig_files()))
def test_a_shipped_rig_loads_and_stays_in_its_ranges(name: str):
    rig = load_rig(name)
    values = Retarget(rig).values(faces(200))
    for k, curve in enumerate(rig.curves):
        low, high = np.float32(curve.range[0]), np.float32(curve.range[1])
        assert low <= values[:, k].min(), curve.name
        assert values[:, k].max() <= high, curve.name
    assert rig.name == name
    assert rig.summary


def test_arkit_and_live_link_are_the_canonical_curves():
    values = faces(20)
    assert load_rig("arkit").names == SHAPE_NAMES
    assert load_rig("livelink").names == NAMES
    assert np.array_equal(Retarget(load_rig("livelink")).values(values), values)


def test_a_clip_keeps_its_face():
    clip = CurveClip(faces(4), parse_fps(30), 48_000, 7)
    done = Retarget(load_rig("arkit")).clip(clip)
    assert (done.start, done.fps, done.names) == (7, 30, SHAPE_NAMES)
    assert done.canonical is clip
    assert clip.canonical is clip
    again = CurveClip.joined([done])
    assert np.array_equal(again.canonical.values, clip.values)
    with pytest.raises(ValueError, match="canonical"):
        Retarget(load_rig("arkit")).clip(done)


# --- what is found, what is refused


def test_a_users_rig_is_found_by_name_and_by_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "hero.toml").write_text('format = 1\nname = "hero"\n[curves]\nJaw = "jawOpen"\n')
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    assert load_rig("hero").names == load_rig(tmp_path / "hero.toml").names == ("Jaw",)


def test_an_unknown_rig_names_the_nearest():
    with pytest.raises(RigError, match="--rig: there is no rig 'livelinc'\n  fix: give livelink"):
        load_rig("livelinc")


@pytest.mark.parametrize(("text", "message"), [
    ('[curves]\nX = "jawOpn"', r"test.toml: \$.curves.X: there is no curve 'jawOpn'\n  fix: use jawOpen"),
    ("[curves]\nX = { from = { jawOpn = 1 } }", r"\$.curves.X.from.jawOpn: there is no curve"),
    ("[curves]\nX = { form = { jawOpen = 1 } }", r"\$.curves.X.form: is not a setting\n  fix: use from"),
    ("[curves]\nX = { from = { jawOpen = nan } }", r"\$.curves.X.from.jawOpen: nan is not a number"),
    ('[curves]\nX = { from = { jawOpen = "2*x" } }', r"\$.curves.X.from.jawOpen: '2\*x' is not a number"),
    ('[curves]\nX = { from = { jawOpen = 1 }, range = [1, 0] }', r"\$.curves.X.range: \[1, 0\] is inverted"),
    ("[curves]\nX = { from = { jawOpen = 1 }, through = [[1, 0], [0, 1]] }", r"through\[1\]: 0 comes after"),
    ('[curves]\n"../x" = "jawOpen"', r"\$.curves.\"../x\": is no name of a curve"),
    ('[curves]\n"=cmd()" = "jawOpen"', r"is no name of a curve"),
    ('[curves]\nX = "jawOpen"\nx = "jawOpen"', r"\$.curves.x: differs from X in upper and lower case only"),
    ("", r"test.toml: \$.curves: no curves"),
    ('[curves]\nX = "a"\n[terms]\na = { product = ["b", "b"] }\nb = { min = ["a", "jawOpen"] }',
     r"\$.terms.[ab]: needs itself: (a -> b -> a|b -> a -> b)"),
    ('[curves]\nX = "jawOpen"\n[terms]\njawOpen = { min = ["jawOpen", "jawLeft"] }',
     "is the name of a canonical"),
    ('[curves]\nX = "jawOpen"\n[inverse]\nmouthClsoe = { min = ["X", "X"] }', "there is no canonical curve"),
])
def test_a_mistake_is_told_with_its_place(text: str, message: str):
    with pytest.raises(RigError, match=message):
        engine(text)


def test_a_curve_twice_is_told():
    with pytest.raises(RigError, match="is not TOML"):
        engine('[curves]\nX = "jawOpen"\nX = "jawLeft"')


def test_the_measured_term_follows_the_shipped_head():
    values = faces(50, 3)
    gap = mouth_geometry().gaps_mm(values).max(1)
    rig = engine('[curves]\nX = "lipsTogether"')
    sealed = values[gap <= 0]
    assert len(sealed) == 0 or rig.values(sealed).min() >= 0
