"""Action units and the poses made of them: in range, whole lips, monotone, each its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.core.channels import CHANNELS, INDEX, NAMES
from facerig.core.mouth import mouth_geometry
from facerig.performance.emotion.poses import (
    CURVES,
    EMOTION,
    EMOTIONS,
    HEAD,
    POSES,
    POSTURES,
    REGION_OF_CHANNEL,
    REGIONS,
    posture,
)
from facerig.performance.emotion.units import UNITS

FELT = EMOTIONS[1:]
DEEPEST_MM = -2.5  # lips pressed harder than this would show teeth through skin
WIDEST_MM = 22.0  # half of what a yawn takes

# what a stranger names a face by: curves that must be strong in the pose, and others that must not move
SIGNS = {
    "joy":         ("mouthSmileLeft cheekSquintRight",            "mouthFrownLeft browDownLeft"),
    "anger":       ("browDownLeft browDownRight eyeSquintLeft",   "mouthSmileLeft browOuterUpLeft"),
    "sadness":     ("browInnerUp mouthFrownLeft eyeBlinkLeft",    "mouthSmileLeft eyeWideLeft"),
    "fear":        ("eyeWideLeft mouthStretchRight browInnerUp",  "mouthSmileLeft cheekSquintLeft"),
    "disgust":     ("noseSneerLeft mouthUpperUpRight",            "mouthSmileLeft eyeWideLeft"),
    "surprise":    ("browOuterUpLeft eyeWideLeft jawOpen",        "browDownLeft mouthSmileLeft"),
    "contempt":    ("mouthDimpleLeft mouthSmileLeft",             "mouthSmileRight jawOpen"),
    "amazement":   ("browOuterUpLeft jawOpen mouthSmileLeft",     "browDownLeft mouthFrownLeft"),
    "cheekiness":  ("mouthSmileLeft browOuterUpRight",            "mouthFrownLeft jawOpen"),
    "grief":       ("browInnerUp cheekSquintLeft mouthFrownLeft", "mouthSmileLeft eyeWideLeft"),
    "outofbreath": ("jawOpen",                                    "mouthSmileLeft eyeWideLeft"),
    "pain":        ("browDownLeft cheekSquintLeft eyeBlinkLeft",  "mouthSmileLeft eyeWideLeft"),
}


def test_the_names_that_users_know() -> None:
    named = {"neutral", "joy", "anger", "sadness", "fear", "disgust", "surprise", "contempt", "amazement",
             "cheekiness", "grief", "outofbreath", "pain"}
    assert set(EMOTIONS) == named
    assert len(EMOTIONS) == 13


@pytest.mark.parametrize("unit", UNITS.values(), ids=lambda unit: f"AU{unit.number}")
def test_a_unit_moves_shapes_only_and_its_sides_apart(unit) -> None:
    both, left = unit.values(1, 1), unit.values(1, 0)
    assert both.max() <= 1
    assert both.min() >= 0
    moved = [NAMES[k] for k in np.flatnonzero(both)]
    assert moved
    assert all(CHANNELS[INDEX[name]].high == 1 for name in moved)
    assert not any(left[INDEX[name]] for name in moved if name.endswith("Right"))
    assert all(left[INDEX[name]] == both[INDEX[name]] for name in moved if name.endswith("Left"))


@pytest.mark.parametrize("name", FELT)
def test_a_pose_names_its_source_and_units(name: str) -> None:
    assert POSES[name].source
    assert len(POSES[name].units) >= 4
    assert all(0 < max(left, right) <= 1 for _, left, right in POSES[name].units)


@pytest.mark.parametrize("name", FELT)
def test_a_pose_shows_what_it_is_known_by(name: str) -> None:
    pose = CURVES[EMOTION[name]]
    signs, never = (words.split() for words in SIGNS[name])
    assert all(pose[INDEX[curve]] >= 0.2 for curve in signs)
    assert all(pose[INDEX[curve]] <= 0.45 * min(pose[INDEX[sign]] for sign in signs) for curve in never)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=13, max_size=13))
def test_any_mixture_is_in_range_with_whole_lips(weights: list[float]) -> None:
    shares = np.array(weights) / max(1.0, sum(weights))
    mixed = shares @ CURVES
    assert mixed.min() >= 0
    assert mixed[:52].max() <= 1 + 1e-12
    gaps = mouth_geometry().gaps_mm(mixed)
    assert gaps.min() >= DEEPEST_MM
    assert gaps.max() <= WIDEST_MM


def test_only_contempt_and_cheekiness_are_one_sided() -> None:
    mirror = [INDEX[c.mirror] if c.region not in ("jaw", "mouth") or c.name[-4:] in ("Left", "ight") else k
              for k, c in enumerate(CHANNELS)]
    uneven = {name for name in EMOTIONS
              if np.abs(CURVES[EMOTION[name]] - CURVES[EMOTION[name]][mirror]).max() > 1e-12}
    assert uneven == {"contempt", "cheekiness"}


def test_poses_differ_enough_to_be_told_apart() -> None:
    felt = CURVES[1:] / np.linalg.norm(CURVES[1:], axis=1, keepdims=True)
    alike = felt @ felt.T - np.eye(len(felt))
    assert alike.max() < 0.9
    assert not CURVES[0].any()


def test_regions_hold_all_that_moves_and_nothing_else() -> None:
    moved = np.flatnonzero(CURVES.any(0))
    assert all(REGION_OF_CHANNEL[k] >= 0 for k in moved)
    assert not CURVES[:, list(HEAD)].any()
    held: dict[str, set[str]] = {region: set() for region in REGIONS}
    for channel, number in zip(CHANNELS, REGION_OF_CHANNEL, strict=True):
        if number >= 0:
            held[REGIONS[number]].add(channel.region)
    assert held == {"brows": {"brows"}, "eyes": {"lids"}, "cheeks": {"cheeks", "nose"},
                    "mouth": {"mouth", "jaw"}}


def test_posture_is_small_and_follows_the_weights() -> None:
    assert np.abs(POSTURES).max() < np.radians(12)
    one = np.zeros((2, 13))
    one[0, EMOTION["sadness"]], one[1, EMOTION["contempt"]] = 1, 0.5
    yaw, pitch, roll = range(3)
    heads = posture(one)
    assert heads.shape == (2, 3)
    assert heads.dtype == np.float32
    assert heads[0, pitch] > 0.05  # positive is down
    assert heads[1, pitch] < -0.02
    assert heads[1, yaw] == pytest.approx(POSTURES[EMOTION["contempt"], yaw] / 2)
    assert heads[0, roll] == pytest.approx(POSTURES[EMOTION["sadness"], roll])
