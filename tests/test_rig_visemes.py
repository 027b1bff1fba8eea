"""Rigs of poses and moods: Oculus visemes, VRM expressions, MMD morphs, and the mixture behind them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from facerig.core.channels import CHANNELS, INDEX, N_CHANNELS, SHAPE_NAMES
from facerig.encoder.lips import LipDecoder
from facerig.encoder.tracks import N_CURVE_TRACKS, TRACKS
from facerig.errors import RigError
from facerig.exporting import ExportSettings, Origin, info_for
from facerig.performance.emotion.poses import CURVES, EMOTION
from facerig.rig import Retarget, load_rig
from facerig.rig.posing import pose_rows
from facerig.rig.reading import parse_rig
from facerig.rig.solving import MIXTURE_RIDGE, nearest_mixture
from facerig_exporters.viseme_track import VISEMES

HEAD = 'format = 1\nname = "test"\n'
OCULUS, VRM, MMD = (Retarget(load_rig(name)) for name in ("oculus", "vrm", "mmd"))
VOWELS = {"vrm": ("aa", "ih", "ou", "ee", "oh"), "mmd": tuple("あいうえお")}


def shown(rig: Retarget, face: np.ndarray) -> dict[str, float]:
    """The curves of one face by name."""
    return dict(zip(rig.names, rig.values(face[None])[0].tolist(), strict=True))


def face(**values: float) -> np.ndarray:
    """A face of these curves; a name without its side is both."""
    row = np.zeros(N_CHANNELS)
    for name, value in values.items():
        for side in ("",) if name in INDEX else ("Left", "Right"):
            row[INDEX[name + side]] = value
    return row


def mouths(n: int, closure: str, seed: int) -> np.ndarray:
    """Faces [n, 61] as the lips make them of any open shape, under a full seal or contact, jaw at speech."""
    draws = np.random.default_rng(seed)
    tracks = np.zeros((n, 30, len(TRACKS)), np.float32)
    tracks[:, :, :N_CURVE_TRACKS] = draws.uniform(0, 0.45, (n, 1, N_CURVE_TRACKS))
    tracks[:, :, TRACKS.index("jawOpen")] = draws.uniform(0.08, 0.45, (n, 1))
    tracks[:, :, TRACKS.index("tongueOut")] = 0
    for name in ("voice", closure):
        tracks[:, :, TRACKS.index(name)] = 1
    decoder = LipDecoder()
    return np.stack([decoder.step(one, decoder.initial_state())[0][-1] for one in tracks])


# --- the mixture


def cost(x: np.ndarray, values: np.ndarray, poses: np.ndarray, near: float) -> float:
    every = np.concatenate([poses, np.zeros((1, poses.shape[1]))])
    ridge = MIXTURE_RIDGE * (poses**2).sum(1).max()
    return float(((x @ every - values) ** 2).sum() + near * (x * ((every - values) ** 2).sum(1)).sum()
                 + ridge * (x**2).sum())


@pytest.mark.parametrize("seed", range(6))
def test_a_mixture_costs_as_little_as_a_solver_of_others_finds(seed: int) -> None:
    draws = np.random.default_rng(seed)
    poses, values = draws.uniform(0, 1, (6, 9)), draws.uniform(0, 1, (5, 9))
    near = 0.1 * seed
    got = nearest_mixture(values, poses, near, steps=300)
    for row, x in zip(values, got, strict=True):
        best = minimize(cost, np.full(7, 1 / 7), (row, poses, near), "SLSQP", bounds=[(0, 1)] * 7,
                        constraints={"type": "eq", "fun": lambda x: x.sum() - 1}, options={"ftol": 1e-12})
        assert cost(x, row, poses, near) < best.fun + 1e-5


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), near=st.floats(0, 1))
def test_shares_are_none_below_nothing_and_one_in_all(seed: int, near: float) -> None:
    draws = np.random.default_rng(seed)
    got = nearest_mixture(draws.uniform(-1, 2, (8, 5)), draws.uniform(-1, 1, (4, 5)), near)
    assert got.min() >= 0
    assert np.abs(got.sum(1) - 1).max() < 1e-9


def test_the_nearer_pose_leads_the_more() -> None:
    poses = np.array([[1.0, 0.0], [0.9, 0.3], [0.0, 1.0]])
    leads = [nearest_mixture(np.array([[0.75, 0.3]]), poses, near)[0, 1] for near in (0.0, 0.1, 0.5)]
    assert leads[0] < leads[1] < leads[2] == pytest.approx(1.0)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), cut=st.integers(1, 11))
@pytest.mark.parametrize("rig", [OCULUS, VRM, MMD], ids=["oculus", "vrm", "mmd"])
def test_a_frame_is_the_same_in_any_company(rig: Retarget, seed: int, cut: int) -> None:
    draws = np.random.default_rng(seed)
    low, high = (np.array([getattr(c, end) for c in CHANNELS]) for end in ("low", "high"))
    faces = (low + draws.uniform(0, 1, (12, N_CHANNELS)) ** 3 * (high - low)).astype(np.float32)
    apart = np.concatenate([rig.values(faces[:cut]), rig.values(faces[cut:])])
    assert np.array_equal(rig.values(faces), apart)


@pytest.mark.parametrize(("text", "where", "said"), [
    ("[curves]\nX = { remainder = true }", "$.curves.X.remainder", "there is none"),
    ("[curves]\nX = { pose = { jawOpen=1 }, remainder = true }\n[mixture]", "$.curves.X.remainder", "beside"),
    ("[curves]\nX = { pose = { jawOpen = 1 }, looks = { jawOpen = 1 } }", "$.curves.X.looks", "belongs"),
    ("[curves]\nX = 'jawOpen'\n[mixture]\nnear = 2", "$.mixture.near", "number from 0 to 1"),
    ("[curves]\nX = 'jawOpen'\n[mixture]\ncounts = { jawOpne = 1 }", "$.mixture.counts.jawOpne", "no curve"),
    ("[curves]\nX = 'jawOpen'\n[mixture]\ncounts = { jawOpen = -1 }", "$.mixture.counts.jawOpen", "less"),
    ("[curves]\nX = 'jawOpen'\n[mixture.others]\nshut = {}", "$.mixture.others.shut", "moves nothing"),
    ("[curves]\nX = 'jawOpen'\n[mixture]\nclose = 1", "$.mixture.close", "not a setting"),
])
def test_a_mixture_that_is_wrong_says_where(text: str, where: str, said: str) -> None:
    with pytest.raises(RigError, match=said) as told:
        parse_rig((HEAD + text).encode(), "test.toml")
    assert told.value.where == f"test.toml: {where}"


def test_a_term_may_tell_a_mixture() -> None:
    text = ('[terms]\nshut = { ratio = ["mouthClose", "jawOpen"] }\n'
            "[curves]\nA = { pose = { jawOpen = 0.2 } }\nB = { pose = { jawOpen = 0.2, mouthClose = 0.2 } }\n"
            "[mixture.counts]\nshut = 0.5\nmouthClose = 0\n")
    rig = Retarget(parse_rig((HEAD + text).encode(), "test.toml"))
    assert shown(rig, face(jawOpen=0.2, mouthClose=0.2))["B"] > 0.95
    assert shown(rig, face(jawOpen=0.2))["A"] > 0.95


# --- Oculus visemes


def test_the_visemes_are_oculus_in_its_order() -> None:
    assert OCULUS.names == VISEMES


def test_every_viseme_is_found_in_its_own_pose() -> None:
    for curve in OCULUS.rig.curves[1:]:
        found = shown(OCULUS, pose_rows([curve.pose])[0])
        assert max(found, key=found.__getitem__) == curve.name
        assert found[curve.name] > 0.9, curve.name


def test_a_face_at_rest_is_silence_alone() -> None:
    assert OCULUS.values(np.zeros((1, N_CHANNELS))).tolist() == [[1.0] + [0.0] * 14]


def test_visemes_are_one_in_all() -> None:
    faces = np.random.default_rng(0).uniform(0, 1, (60, N_CHANNELS))
    found = OCULUS.values(faces)
    assert np.abs(found.sum(1) - 1).max() < 1e-5


def test_a_seal_is_pp_whatever_the_shape_underneath() -> None:
    assert OCULUS.values(mouths(60, "seal", 1))[:, VISEMES.index("PP")].min() > 0.55


def test_a_lip_at_the_teeth_is_ff_whatever_the_shape_underneath() -> None:
    assert OCULUS.values(mouths(60, "contact", 2))[:, VISEMES.index("FF")].min() > 0.8


@pytest.mark.parametrize("emotion", ["anger", "sadness", "contempt", "disgust", "cheekiness"])
def test_a_mood_with_a_shut_mouth_is_silence(emotion: str) -> None:
    assert shown(OCULUS, CURVES[EMOTION[emotion]])["sil"] > 0.75


def test_a_shout_is_still_an_a() -> None:
    assert shown(OCULUS, face(jawOpen=0.9, mouthLowerDown=0.4))["aa"] > 0.85


# --- VRM and MMD


def test_blinks_are_not_doubled() -> None:
    draws = np.random.default_rng(3)
    faces = np.zeros((50, N_CHANNELS))
    left, right = INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]
    faces[:, [left, right]] = draws.uniform(0, 1, (50, 2))
    for rig, both, one, other in ((VRM, "blink", "blinkLeft", "blinkRight"),
                                  (MMD, "まばたき", "ウィンク２", "ｳｨﾝｸ２右")):
        found = {name: rig.values(faces)[:, rig.names.index(name)] for name in (both, one, other)}
        assert np.abs(found[both] + found[one] - faces[:, left]).max() < 1e-6
        assert np.abs(found[both] + found[other] - faces[:, right]).max() < 1e-6
        assert np.minimum(found[one], found[other]).max() == 0


def test_lids_of_a_model_never_cross() -> None:
    draws = np.random.default_rng(4)
    faces = np.zeros((400, N_CHANNELS))
    faces[:, : len(SHAPE_NAMES)] = draws.uniform(0, 1, (400, len(SHAPE_NAMES)))
    found = dict(zip(MMD.names, MMD.values(faces).T, strict=True))
    shut = found["まばたき"] + found["ウィンク２"] + found["笑い"] + found["じと目"]
    assert shut.max() <= 1.36  # a lid at rest may squint; a shut one shuts no further
    wholly = faces.copy()
    wholly[:, [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]] = 1
    found = dict(zip(MMD.names, MMD.values(wholly).T, strict=True))
    assert (found["まばたき"] == 1).all()
    assert max(found[name].max() for name in ("ウィンク２", "ｳｨﾝｸ２右", "笑い", "じと目", "びっくり")) == 0


@pytest.mark.parametrize("rig", [VRM, MMD], ids=["vrm", "mmd"])
@pytest.mark.parametrize("closure", ["seal", "contact"])
def test_closures_shut_the_vowels(rig: Retarget, closure: str) -> None:
    found = dict(zip(rig.names, rig.values(mouths(40, closure, 5)).T, strict=True))
    assert sum(found[name] for name in VOWELS[rig.rig.name]).max() < 0.45
    if rig is MMD and closure == "seal":
        assert found["ん"].min() > 0.55


@pytest.mark.parametrize("rig", [VRM, MMD], ids=["vrm", "mmd"])
def test_speech_calls_up_no_mood(rig: Retarget) -> None:
    moods = {"vrm": ("happy", "angry", "sad", "relaxed", "surprised"),
             "mmd": ("口角上げ", "口角下げ", "笑い", "びっくり", "じと目", "真面目", "困る", "にこり",
                     "怒り")}
    speech = face(jawOpen=0.3, mouthSmile=0.13, mouthStretch=0.2, browInnerUp=0.15, browOuterUp=0.15)
    found = shown(rig, speech)
    assert max(found[name] for name in moods[rig.rig.name]) == 0


@pytest.mark.parametrize(("emotion", "vrm", "mmd"), [
    ("joy", "happy", "にこり"), ("anger", "angry", "怒り"), ("sadness", "sad", "困る"),
    ("surprise", "surprised", "びっくり"),
])
def test_a_mood_is_the_expression_of_its_name(emotion: str, vrm: str, mmd: str) -> None:
    pose = CURVES[EMOTION[emotion]]
    found = shown(VRM, pose)
    assert found[vrm] > 0.95
    others = {"happy", "angry", "sad", "relaxed", "surprised"} - {vrm}
    assert max(found[name] for name in others) < 0.05
    assert shown(MMD, pose)[mmd] > 0.6


@pytest.mark.parametrize(("name", "shapes", "turn"), [
    ("lookLeft", {"eyeLookOutLeft": 1, "eyeLookInRight": 1}, {"leftEyeYaw": -0.66, "rightEyeYaw": -0.57}),
    ("lookRight", {"eyeLookInLeft": 1, "eyeLookOutRight": 1}, {"leftEyeYaw": 0.57, "rightEyeYaw": 0.66}),
    ("lookUp", {"eyeLookUp": 1}, {"leftEyePitch": -0.42, "rightEyePitch": -0.42}),
    ("lookDown", {"eyeLookDown": 1}, {"leftEyePitch": 0.52, "rightEyePitch": 0.52}),
])
def test_looks_follow_shapes_and_turns_alike(name: str, shapes: dict[str, float],
                                             turn: dict[str, float]) -> None:
    for told in (shapes, turn, shapes | turn):
        found = shown(VRM, face(**told))
        looks = {key: value for key, value in found.items() if key.startswith("look")}
        assert looks.pop(name) == pytest.approx(1.0, abs=0.02)
        assert max(looks.values()) == 0


def test_names_of_morphs_fit_a_motion_and_are_those_of_vrm() -> None:
    assert max(len(name.encode("cp932")) for name in MMD.names) <= 15
    presets = ("happy angry sad relaxed surprised aa ih ou ee oh blink blinkLeft blinkRight "
               "lookUp lookDown lookLeft lookRight neutral")
    assert set(VRM.names) == set(presets.split())


@pytest.mark.parametrize("rig", [OCULUS, VRM, MMD], ids=["oculus", "vrm", "mmd"])
def test_a_mesh_can_show_whatever_moves(rig: Retarget) -> None:
    info = info_for(rig.rig, ExportSettings(), Origin(fps=Fraction(30), sample_rate=48000))
    never = {"neutral", "ウィンク", "ウィンク右", "下"}
    for name in rig.names:
        assert (info.curve(name).pose is None) == (name in never), name
    if rig is OCULUS:
        assert info.curve("sil").pose == {}  # nothing to see
