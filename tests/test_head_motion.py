"""Head motion: the same for any split and frame rate, causal, smooth, alive in silence, still when off."""

from __future__ import annotations

from fractions import Fraction
from math import degrees, radians

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.core.cues import CUE
from facerig.errors import ConfigError
from facerig.performance.head.head import LIMITS, HeadLayer, HeadSettings, HeadState
from facerig.performance.head.rhythm import Rhythm
from tests.layers import moments, mood, silent_cues, spoken_cues

YAW, PITCH, ROLL = range(3)
CUTS = st.lists(st.integers(0, 1200), max_size=12)


def motion(cues: np.ndarray, *, seed: int = 0, cuts: list[int] | None = None, fps: Fraction | int = 60,
           layer: HeadLayer | None = None, arousal: float = 0.0, eager: bool = False,
           state: HeadState | None = None) -> np.ndarray:
    """The head over a stream [n, 3], radians."""
    layer = layer or HeadLayer(seed)
    state = state or layer.initial_state()
    out = []
    for moment in moments(cues, fps, cuts or [], eager=eager):
        state = layer.plan(moment, mood(moment, arousal), state)
        out.append(layer.draw(moment.times, None, None, state))
    return np.concatenate(out)


def speed_deg(path: np.ndarray, fps: float) -> np.ndarray:
    return np.degrees(np.linalg.norm(np.diff(path, axis=0), axis=1)) * fps


@settings(max_examples=25, deadline=None)
@given(CUTS, st.integers(0, 99), st.booleans(), st.sampled_from([24, 60, Fraction(30000, 1001), 120]))
def test_any_split_gives_the_same_bits(cuts: list[int], seed: int, eager: bool, fps: Fraction | int) -> None:
    cues = spoken_cues(12.0, seed)
    whole = motion(cues, seed=seed, fps=fps)
    assert np.array_equal(motion(cues, seed=seed, cuts=cuts, fps=fps, eager=eager), whole)


def test_frame_by_frame_gives_the_same_bits() -> None:
    cues = spoken_cues(8.0, 3)
    assert np.array_equal(motion(cues, cuts=list(range(800))), motion(cues))


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 999), st.integers(0, 99))
def test_later_knots_never_change_earlier_frames(kept: int, seed: int) -> None:
    cues = spoken_cues(10.0, seed)
    changed = cues.copy()
    changed[kept:] = spoken_cues(10.0, seed + 1000)[kept:]
    n = int(np.searchsorted(np.arange(600) / 60, (kept - 1) / 100, side="right"))
    assert np.array_equal(motion(cues)[:n], motion(changed)[:n])


def test_every_frame_rate_shows_the_same_motion() -> None:
    cues = spoken_cues(10.0, 1)
    fast = motion(cues, fps=120)
    for fps in (24, 30, 60):
        slow = motion(cues, fps=fps)
        assert np.abs(fast[:: 120 // fps][: len(slow)] - slow).max() < 1e-9


def test_speech_moves_the_head_as_much_as_people_do() -> None:
    speeds = np.concatenate([speed_deg(motion(spoken_cues(60.0, seed), seed=seed), 60) for seed in range(4)])
    assert 1.5 < np.median(speeds) < 6  # deg/s; a calm reader: 2.4, and 10 in the fastest twentieth
    assert 8 < np.percentile(speeds, 95) < 22
    assert speeds.max() < 90


def test_silence_has_life_and_is_calmer_than_speech() -> None:
    silence, speech = (np.concatenate([motion(cues(60.0), seed=seed) for seed in range(4)])
                       for cues in (silent_cues, spoken_cues))
    spread = np.degrees(silence.std(0))
    assert (spread > 0.3).all()
    assert (spread < 2.0).all()
    still = speed_deg(silence, 60)
    assert 0.3 < np.median(still) < 0.5 * np.median(speed_deg(speech, 60))


def test_nothing_jumps_and_nothing_jerks() -> None:
    path = np.degrees(motion(spoken_cues(60.0, 5), seed=5, fps=100))
    speed = np.diff(path, axis=0) * 100
    assert np.abs(speed).max() < 60
    assert np.abs(np.diff(speed, axis=0)).max() * 100 < 700  # deg/s^2; a shaken head reaches thousands


def test_an_accent_nods() -> None:
    """The chin goes up with a loud, high syllable and down behind it, on average over characters."""
    cues = spoken_cues(1.0) * 0
    cues = np.tile(cues, (4, 1))
    cues[50:, CUE["voice"]] = cues[50:, CUE["voiced"]] = 1
    cues[50:, [CUE["pitch"], CUE["loudness"]]] = -0.2
    accented = cues.copy()
    accented[200:225, [CUE["pitch"], CUE["loudness"]]] = (0.35, 0.5)
    settings_ = HeadSettings(sway=0)
    with_, without = (np.mean([motion(c, layer=HeadLayer(seed, settings_)) for seed in range(40)], 0)
                      for c in (accented, cues))
    moved = np.degrees(with_ - without)[:, PITCH]
    assert np.abs(moved[: 60 * 2]).max() < 1e-9  # not before it
    assert moved[60 * 2 : 60 * 3].min() < -0.1
    assert moved[60 * 2 : 60 * 3].max() > 0.2


def test_phrases_begin_with_the_chin_up_and_end_with_it_down_for_a_while() -> None:
    up, down, back = [], [], []
    for seed in range(40):
        cues = silent_cues(6.0)
        cues[150:350, CUE["voice"]] = 1
        path = np.degrees(motion(cues, layer=HeadLayer(seed, HeadSettings(idle=0))))[:, PITCH]
        up.append(path[60 * 24 // 10])
        down.append(path[60 * 35 // 10 :].max())
        back.append(path[-1])
    assert np.mean(up) < -0.4
    assert np.mean(down) > 0.5
    assert np.mean(back) < 0


@pytest.mark.parametrize("axis", [YAW, PITCH, ROLL])
def test_the_neck_has_limits_and_meets_them_softly(axis: int) -> None:
    layer = HeadLayer(0, HeadSettings(nods=0, sway=0, idle=0))
    times = np.arange(400) / 60
    asked = np.zeros((400, 3), np.float32)
    asked[:, axis] = np.linspace(-3, 3, 400)
    path = layer.draw(times, asked, None, layer.initial_state())[:, axis]
    assert np.abs(path).max() < LIMITS[axis]
    assert (np.diff(path) > 0).all()
    small = np.abs(asked[:, axis]) < 0.7 * LIMITS[axis]
    assert np.allclose(path[small], asked[small, axis])


def test_posture_and_gaze_come_on_top() -> None:
    layer, cues = HeadLayer(2), spoken_cues(3.0, 2)
    moment = next(moments(cues, 60))
    state = layer.plan(moment, mood(moment), layer.initial_state())
    n = len(moment.times)
    posture = np.tile(np.array([0.01, 0.02, 0.03], np.float32), (n, 1))
    goals = np.tile(np.array([0.1, -0.05]), (n, 1))
    alone = layer.draw(moment.times, None, None, state)
    both = layer.draw(moment.times, posture, goals, state)
    assert np.allclose(both - alone, [0.11, -0.03, 0.03], atol=1e-6)


def test_off_is_exactly_still() -> None:
    assert not motion(spoken_cues(5.0), layer=HeadLayer(0, HeadSettings(energy=0))).any()
    layer = HeadLayer(0, HeadSettings(energy=0))
    posture, goals = np.ones((20, 3), np.float32), np.ones((20, 2))
    assert not layer.draw(np.arange(20) / 60, posture, goals, layer.initial_state()).any()


@pytest.mark.parametrize("name", ["nods", "sway", "idle"])
def test_each_knob_moves_its_part_alone(name: str) -> None:
    none = {"nods": 0.0, "sway": 0.0, "idle": 0.0}
    cues = spoken_cues(20.0, 4)
    assert not motion(cues, layer=HeadLayer(4, HeadSettings(**none))).any()
    one, two = (motion(cues, layer=HeadLayer(4, HeadSettings(**{**none, name: amount}))) for amount in (1, 2))
    assert np.degrees(one.std(0)).max() > 0.2
    assert np.allclose(two, 2 * one, atol=radians(0.4))  # but for what is pressed together


def test_energy_is_told_without_a_jump() -> None:
    layer, cues = HeadLayer(6), spoken_cues(10.0, 6)
    state = layer.told(layer.initial_state(), 4.0, energy=0.0)
    state = layer.told(state, 7.0, energy=2.0, secs=0.2)
    plain, told = motion(cues, layer=layer, fps=500), motion(cues, layer=layer, state=state, fps=500)
    at = np.arange(len(told)) / 500
    assert np.array_equal(told[at < 4.0], plain[at < 4.0])
    assert not told[(at > 4.61) & (at < 7.0)].any()
    assert np.allclose(told[at > 7.21], 2 * plain[at > 7.21])
    assert speed_deg(told, 500).max() < 150
    with pytest.raises(ConfigError, match="energy"):
        layer.told(state, 8.0, energy=-1.0)


def test_arousal_moves_more_and_quicker_and_sadness_less() -> None:
    calm, excited = (np.concatenate([motion(spoken_cues(40.0, s), seed=s, arousal=a) for s in range(3)])
                     for a in (-0.8, 0.8))
    assert np.percentile(speed_deg(excited, 60), 90) > 1.6 * np.percentile(speed_deg(calm, 60), 90)


def test_characters_differ() -> None:
    cues = spoken_cues(5.0)
    assert degrees(np.abs(motion(cues, seed=1) - motion(cues, seed=2)).max()) > 0.5


def test_a_bad_seed_and_a_bad_knob_are_refused() -> None:
    with pytest.raises(ConfigError, match="seed"):
        HeadLayer(-1)
    with pytest.raises(ConfigError, match=r"head\.nods"):
        HeadSettings(nods=9)


def test_hours_in_the_state_stays_small() -> None:
    layer, cues = HeadLayer(0), spoken_cues(60.0)
    state = layer.initial_state()
    for moment in moments(cues, 60, list(range(0, 6000, 20))):
        state = layer.plan(moment, mood(moment), state)
        assert len(state.lift) < 60
        assert len(state.strokes) + len(state.steps) < 12


def test_phrases_and_accents_are_told_once() -> None:
    rhythm, begun, ended, accents = Rhythm(), [], [], []
    cues = silent_cues(6.0)
    cues[100:300, [CUE["voice"], CUE["voiced"]]] = 1
    cues[200:220, [CUE["pitch"], CUE["loudness"]]] = 0.4
    cues[308:400, [CUE["voice"], CUE["voiced"]]] = 1  # 80 ms of silence are a p, no pause
    for knot, row in enumerate(cues):
        rhythm, beat = rhythm.heard(*(float(row[CUE[n]]) for n in ("voice", "loudness", "pitch", "voiced")))
        begun += [knot] if beat.pause is not None else []
        ended += [knot] if beat.phrase is not None else []
        accents += [knot] if beat.accent else []
    assert begun == [100]
    assert ended == [414]
    assert len(accents) == 1
    assert 200 <= accents[0] <= 212
