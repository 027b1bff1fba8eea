"""The gaze: closed forms of time, on the main sequence, on its target whatever the head does."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.core.channels import INDEX
from facerig.errors import ConfigError
from facerig.mesh.gaze import eye_angles, rotation
from facerig.performance.eyes import saccades
from facerig.performance.eyes.aim import HALF_IPD_METRES, MOST_DOWN, MOST_IN, MOST_OUT, MOST_UP
from facerig.performance.eyes.blinks import BlinkSettings
from facerig.performance.eyes.gaze import GazeLayer, GazeSettings, GazeState
from facerig.performance.eyes.targets import CAMERA, Aim, Target, in_world, read_targets, towards
from facerig.performance.knobs import knobs
from tests.moments import moments, over, some_talk, voice_cues
from tools.evaluate import eyes as measure

STILL = GazeSettings(share_speaking=1.0, share_listening=1.0, face=0.0, micro=0.0)
ANGLES = [INDEX[f"{side}Eye{axis}"] for side in ("left", "right") for axis in ("Yaw", "Pitch")]
Told = tuple[float, tuple[Target, ...]]


def looked(layer: GazeLayer, cues: np.ndarray, fps: float = 100, cuts: tuple[int, ...] = (),
           state: GazeState | None = None, mood: tuple[float, float] = (0.0, 0.0),
           listening: np.ndarray | None = None, nod: float = 0.0) -> tuple[np.ndarray, GazeState]:
    """The layer's curves with a head that follows its goals, and nods besides; and its last state."""
    def plan(moment: Any, feeling: Any, state: GazeState) -> GazeState:
        first = moment.first_knot
        heeds = False if listening is None else listening[first : first + len(moment.knots)]
        return layer.plan(moment, feeling, state, listening=heeds)

    return over(moments(cues, fps, cuts, mood), state or layer.initial_state(), plan, drawn(layer, nod))


def drawn(layer: GazeLayer, nod: float = 0.0) -> Any:
    def draw(times: np.ndarray, state: GazeState) -> np.ndarray:
        head = np.zeros((len(times), 3))
        head[:, :2] = layer.head_goals(times, state)
        head[:, 1] += nod * np.sin(2 * np.pi * times)
        return layer.draw(times, head, state)

    return draw


def planned(layer: GazeLayer, secs: float, *told: Told, state: GazeState | None = None) -> GazeState:
    """The state after a silent stream in one piece, with every shift kept."""
    state = state or layer.initial_state()
    for at, targets in told:
        state = layer.told(state, at, targets)
    (moment, mood), = moments(voice_cues(secs), 1)
    return layer.plan(moment, mood, state)


def degrees(layer: GazeLayer, state: GazeState, times: np.ndarray) -> np.ndarray:
    """Yaw and pitch of the gaze in space [n, 2]."""
    return np.degrees(layer.gaze(times, state)[:, :2])


POINTS = st.builds(Target, st.floats(-1.0, 1.0), st.floats(-0.4, 0.4), st.floats(0.4, 3.0))


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.integers(0, 800), max_size=8), st.sampled_from([24, 60, 120]),
       st.lists(st.tuples(st.floats(0, 8), POINTS), max_size=4), st.integers(0, 800))
def test_any_split_gives_the_same_bits(seed: int, cuts: list[int], fps: int, told: list[tuple[float, Target]],
                                       turn: int) -> None:
    layer, cues = GazeLayer(seed), some_talk(8, seed)
    listening = np.arange(800) < turn
    state = layer.initial_state()
    for at, target in told:
        state = layer.told(state, at, (target,))
    whole, _ = looked(layer, cues, fps, (), state, listening=listening, nod=0.1)
    for some in (tuple(cuts), tuple(range(0, 800, 2))):
        assert np.array_equal(looked(layer, cues, fps, some, state, listening=listening, nod=0.1)[0], whole)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 999))
def test_later_knots_never_change_earlier_frames(seed: int, kept: int) -> None:
    layer, cues = GazeLayer(seed), some_talk(10, seed)
    other = np.concatenate([cues[:kept], some_talk(10, seed + 1)[kept:]])
    n = kept // 2  # at 50 fps, frames at times below kept / 100
    assert np.array_equal(looked(layer, cues, 50)[0][:n], looked(layer, other, 50)[0][:n])


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32))
def test_the_same_shifts_at_any_rate(seed: int) -> None:
    layer, cues = GazeLayer(seed), some_talk(12, seed)
    assert np.array_equal(looked(layer, cues, 120)[0][::5], looked(layer, cues, 24)[0])


@settings(max_examples=60, deadline=None)
@given(POINTS, st.floats(-0.4, 0.4), st.floats(-0.25, 0.25), st.floats(-0.2, 0.2), st.sampled_from([1, 7]))
def test_eyes_and_head_together_point_at_the_target(target: Target, yaw: float, pitch: float, roll: float,
                                                    n: int) -> None:
    layer = GazeLayer(0, STILL)
    state = layer.initial_state((target,))
    values = layer.draw(np.linspace(0.0, 0.1, n), np.tile([yaw, pitch, roll], (n, 1)), state)[-1]
    turn = rotation(yaw, pitch, roll).astype(np.float64)
    for side, x in (("Left", HALF_IPD_METRES), ("Right", -HALF_IPD_METRES)):
        angles = eye_angles(values, side)
        if np.min(np.abs(np.abs(angles[:2])[:, None] - [MOST_OUT, MOST_IN, MOST_UP, MOST_DOWN])) < 1e-3:
            continue  # as far as this eye goes
        looks = turn @ rotation(*angles).astype(np.float64) @ [0, 0, 1]
        wanted = np.array([target.x, target.y, target.z]) - turn @ [x, 0, 0]
        off = np.cross(looks, wanted / np.linalg.norm(wanted))
        assert math.degrees(np.linalg.norm(off)) < 0.02


def test_rotations_and_shapes_say_the_same_and_stay_in_range() -> None:
    layer, cues = GazeLayer(5), some_talk(40, 1)
    frames, _ = looked(layer, cues, 60, nod=0.2)
    for values in frames[::7]:
        for k, side in enumerate(("Left", "Right")):
            alone = values.copy()
            alone[ANGLES] = 0  # the shapes alone
            assert np.allclose(eye_angles(alone, side)[:2], values[ANGLES[2 * k : 2 * k + 2]], atol=1e-5)
    shapes = frames[:, :52]
    assert shapes.min() >= 0
    assert shapes.max() <= 1
    ours = ("eyeLook", "eyeBlink", "eyeWide", "EyeYaw", "EyePitch")
    others = [i for name, i in INDEX.items() if not any(part in name for part in ours)]
    assert not frames[:, others].any()


@pytest.mark.parametrize("amplitude", [0.3, 1, 2, 5, 10, 15, 20, 30])
def test_a_saccade_is_on_the_main_sequence_at_1_khz(amplitude: float) -> None:
    shift = saccades.saccade(0.1004, Aim(0, 0, 1), Aim(math.radians(amplitude), 0, 1))
    times = np.arange(400) / 1000
    angle = np.degrees(saccades.gazes_at(times, [shift])[0])
    speed = np.diff(angle) * 1000
    assert angle[-1] == pytest.approx(amplitude)
    assert (speed >= -1e-9).all()
    assert speed.max() == pytest.approx(saccades.peak_velocity(amplitude), rel=0.04)
    if amplitude >= 2:
        assert (speed > 30).sum() / 1000 == pytest.approx(saccades.duration(amplitude), rel=0.1, abs=0.0015)
        assert shift.end - shift.start == pytest.approx(saccades.duration(amplitude), rel=0.25)
    if amplitude >= 15:
        assert np.argmax(speed > 0.99 * speed.max()) - np.argmax(speed > 1) < (speed > 1).sum() / 2


def test_all_saccades_of_a_talk_are_on_the_main_sequence() -> None:
    found, fixations = measure.jumps(range(2), 60.0)
    assert len(found) > 100
    for jump in found:
        assert jump.peak == pytest.approx(saccades.peak_velocity(jump.degrees), rel=0.12)
    assert 0.2 < np.median(fixations) < 0.7


def test_shares_of_time_on_the_other_are_as_told() -> None:
    people = [measure.played(seed, measure.talk(200, seed)) for seed in range(8)]
    own, _ = measure.looks(people, "own")
    other, lengths = measure.looks(people, "other")
    assert 0.4 <= own.mean() <= 0.6
    assert 0.7 <= other.mean() <= 0.8
    assert 2.0 <= np.median(lengths) <= 3.2


def share_on_the_camera(settings_: GazeSettings, mood: tuple[float, float] = (0.0, 0.0)) -> float:
    cues = voice_cues(120, [(0.5 + 3 * k, 3.0 + 3 * k) for k in range(40)])
    on = []
    for seed in range(3):
        layer, times = GazeLayer(seed, settings_), np.arange(0, 120, 0.05)
        (moment, feeling), = moments(cues, 1, (), mood)
        angles = degrees(layer, layer.plan(moment, feeling, layer.initial_state()), times)
        on.append(np.hypot(*angles.T) < measure.ON_FACE_DEGREES)
    return float(np.mean(on))


def test_the_share_is_a_knob_from_never_to_always() -> None:
    shares = [share_on_the_camera(GazeSettings(share_speaking=s)) for s in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert shares[0] < 0.1
    assert shares[-1] == 1.0
    assert all(b > a + 0.08 for a, b in pairwise(shares))
    assert share_on_the_camera(GazeSettings(), (-1.0, -1.0)) < shares[2] - 0.05  # when sad


def test_characters_differ_in_how_much_they_look_at_others() -> None:
    shares = np.array([GazeLayer(seed).settings.share_speaking for seed in range(200)])
    assert abs(np.median(shares) - 0.5) < 0.03
    assert 0.04 < shares.std() < 0.09
    exact = GazeSettings(variety=0.0, share_speaking=0.3)
    assert GazeLayer(7, exact).settings.share_speaking == pytest.approx(0.3)
    assert GazeLayer(7, GazeSettings(share_speaking=1.0)).settings.share_speaking == 1.0


def test_long_turns_begin_looking_away_and_phrases_end_looking_back() -> None:
    spoken = [(5.0 * k + 2.2, 5.0 * k + 5.0) for k in range(50)]
    cues, times = voice_cues(250, spoken), np.arange(0, 250, 0.02)
    near_start, near_end, away_all = [], [], []
    for seed in range(6):
        layer = GazeLayer(seed)
        (moment, mood), = moments(cues, 1)
        state = layer.plan(moment, mood, layer.initial_state())
        away = np.hypot(*degrees(layer, state, times).T) > measure.ON_FACE_DEGREES
        for start, stop in spoken[:-1]:
            near_start.append(away[round((start + 0.35) * 50)])
            near_end.append(away[round((stop + 0.4) * 50)])
        away_all.append(away.mean())
    assert np.mean(near_start) > np.mean(away_all) + 0.12
    assert np.mean(near_end) < np.mean(away_all) - 0.08


def test_sadness_looks_down_and_thought_looks_up() -> None:
    def pitches(mood: tuple[float, float]) -> np.ndarray:
        out = []
        for seed in range(4):
            layer, times = GazeLayer(seed), np.arange(0, 200, 0.1)
            (moment, feeling), = moments(some_talk(200, seed), 1, (), mood)
            angles = degrees(layer, layer.plan(moment, feeling, layer.initial_state()), times)
            out.append(angles[np.hypot(*angles.T) > measure.ON_FACE_DEGREES, 1])
        return np.concatenate(out)

    calm, sad = pitches((0.0, 0.0)), pitches((-0.8, -0.8))
    assert np.mean(sad > 3) > np.mean(calm > 3) + 0.2
    assert np.mean(calm < -3) > 0.2


@pytest.mark.parametrize("seed", range(5))
def test_a_target_that_jumps_is_followed_with_a_human_latency_and_the_head_comes_after(seed: int) -> None:
    layer, target = GazeLayer(seed, STILL), towards(math.radians(40), math.radians(-8), 1.0)
    state = planned(layer, 4.0, (2.0, (target,)))
    times = np.arange(0, 4, 0.001)
    off = np.abs(np.diff(degrees(layer, state, times)[:, 0])) * 1000
    goals = np.degrees(layer.head_goals(times, state))
    eyes_move = times[np.argmax((off > 20) & (times[1:] > 1.9))] - 2.0
    head_moves = times[np.argmax(goals[:, 0] > 0.05)] - 2.0
    assert 0.12 < eyes_move < 0.22
    assert 0.03 < head_moves - eyes_move < 0.12
    assert degrees(layer, state, times)[-1] == pytest.approx((40, -8), abs=0.1)
    assert 15 < goals[-1, 0] < 38
    assert np.abs(np.diff(goals[:, 0])).max() * 1000 < 160  # deg/s
    head = np.zeros((len(times), 3))
    head[:, :2] = np.radians(goals)
    eye = layer.draw(times, head, state)[:, ANGLES[0]]
    assert eye[2400:2600].max() > eye[-1] + math.radians(5)  # and then turns back in the head
    assert np.abs(eye).max() <= MOST_OUT + 1e-6


def moving(speed: float, secs: float, rate: float = 60.0) -> list[Told]:
    """A target that goes from 10 degrees left to the right at `speed` deg/s, told often, from 1 s on."""
    times = np.arange(0, secs, 1 / rate).tolist()
    return [(1 + t, (towards(math.radians(-10 + speed * t), 0.0, 2.0),)) for t in times]


def test_a_slow_target_is_pursued_smoothly_a_tenth_of_a_second_behind() -> None:
    layer = GazeLayer(1, STILL)
    start = layer.initial_state((towards(math.radians(-10), 0.0, 2.0),))
    state = planned(layer, 3.5, *moving(12.0, 2.0), state=start)
    times = np.arange(1.5, 2.9, 0.001)
    yaw = degrees(layer, state, times)[:, 0]
    assert np.abs(yaw - (-10 + 12 * (times - 1 - 0.1))).max() < 0.5
    assert np.abs(np.diff(yaw)).max() * 1000 < 30
    goals = layer.head_goals(times, state)
    assert np.abs(np.diff(goals[:, 0], 2)).max() * 1e6 < 15  # rad/s^2: the head is led without jolts


def test_a_fast_target_is_caught_by_saccades() -> None:
    layer = GazeLayer(1, STILL)
    start = layer.initial_state((towards(math.radians(-10), 0.0, 2.0),))
    state = planned(layer, 3.0, *moving(80.0, 0.6), state=start)
    times = np.arange(1.0, 3.0, 0.001)
    yaw = degrees(layer, state, times)[:, 0]
    shifts = [s for s in layer.shifts(state) if s[0] > 1.0]
    assert 2 <= len(shifts) <= 6
    true = -10 + 80 * np.minimum(times - 1, 0.6 - 1 / 60)
    assert np.abs(yaw - true)[times > 1.3].max() < 20
    assert yaw[-1] == pytest.approx(true[-1], abs=0.7)


def test_near_targets_are_looked_at_by_crossing_and_far_ones_in_parallel() -> None:
    layer = GazeLayer(0, STILL)

    def between(metres: float) -> float:
        values = layer.draw(np.zeros(1), np.zeros((1, 3)), layer.initial_state((Target(0.0, 0.0, metres),)))
        return math.degrees(float(values[0, ANGLES[0]] - values[0, ANGLES[2]]))

    assert between(0.7) == pytest.approx(2 * math.degrees(math.atan(0.0315 / 0.7)), abs=0.01)
    assert between(0.2) == pytest.approx(2 * math.degrees(math.atan(0.0315 / 0.2)), abs=0.01)
    assert between(100.0) < 0.05


def test_gaze_and_head_never_jump() -> None:
    rng = np.random.default_rng(3)
    layer = GazeLayer(3)
    times = np.arange(0.2, 9, 0.13).tolist()
    told = [(t, (Target(*rng.uniform([-1, -0.3, 0.4], [1, 0.3, 2]).tolist()),)) for t in times]
    state = planned(layer, 10.0, *told)
    times = np.arange(0, 10, 0.001)
    yaw = degrees(layer, state, times)
    assert np.abs(np.diff(yaw, axis=0)).max() * 1000 < 620
    speed = np.diff(np.degrees(layer.head_goals(times, state)), axis=0) * 1000
    assert np.abs(speed).max() < 400
    assert np.abs(np.diff(speed, axis=0)).max() < 40  # deg/s in a millisecond: no jolt


def test_small_shifts_are_the_eyes_alone() -> None:
    layer = GazeLayer(2, STILL)
    state = planned(layer, 3.0, (1.0, (towards(math.radians(8), 0.0, 1.0),)))
    assert not layer.head_goals(np.arange(0, 3, 0.01), state).any()
    off = GazeLayer(2, GazeSettings(head_share=0.0))
    state = planned(off, 3.0, (1.0, (towards(math.radians(40), 0.0, 1.0),)))
    assert not off.head_goals(np.arange(0, 3, 0.01), state).any()


def test_looks_are_shared_by_weight() -> None:
    left, right = Target(0.5, 0.0, 0.8, weight=3.0), Target(-0.5, 0.0, 0.8, weight=1.0)
    on_left = []
    for seed in range(6):
        layer = GazeLayer(seed, GazeSettings(share_listening=1.0))
        state = planned(layer, 120, state=layer.initial_state((left, right)))
        yaw = degrees(layer, state, np.arange(0, 120, 0.1))[:, 0]
        on_left.append(np.mean(yaw < 0))
    assert 0.6 < np.mean(on_left) < 0.88


def test_without_a_target_the_eyes_wander() -> None:
    layer = GazeLayer(4)
    state = planned(layer, 60, state=layer.initial_state(()))
    angles = degrees(layer, state, np.arange(0, 60, 0.05))
    assert 4 < angles[:, 0].std() < 14
    assert np.abs(angles).max() < 45
    back = planned(layer, 20, (5.0, ()), (10.0, (CAMERA,)))
    after = np.hypot(*degrees(layer, back, np.arange(10.5, 12, 0.1)).T)
    assert after[0] < measure.ON_FACE_DEGREES


def test_micro_saccades_are_small_and_come_about_as_often_as_told() -> None:
    layer = GazeLayer(6, GazeSettings(share_listening=1.0, face=0.0, micro=1.5))
    state = planned(layer, 60)
    small = [math.degrees(s.radians) for s in state.shifts if s.kind == saccades.MICRO]
    assert 40 < len(small) < 110
    assert min(small) >= 0.1
    assert max(small) <= 1.3
    assert not any(s.kind == saccades.MICRO for s in planned(GazeLayer(6, STILL), 60).shifts)


def test_lids_follow_the_gaze() -> None:
    layer = GazeLayer(0, GazeSettings(lids=0.5))
    down, up = (layer.draw(np.zeros(1), np.zeros((1, 3)), layer.initial_state((towards(0.0, pitch),)))[0]
                for pitch in (0.2, -0.2))
    assert down[INDEX["eyeBlinkLeft"]] == pytest.approx(0.5 * down[INDEX["eyeLookDownLeft"]])
    assert up[INDEX["eyeWideRight"]] > 0.1
    assert down[INDEX["eyeWideRight"]] == up[INDEX["eyeBlinkLeft"]] == 0


def test_the_state_stays_small_and_ten_hours_in_all_is_as_before() -> None:
    layer = GazeLayer(3)
    pieces = moments(some_talk(60, 0), 60, tuple(range(0, 6000, 20)), first_knot=3_600_000)
    frames, state = over(pieces, layer.initial_state(), layer.plan, drawn(layer))
    assert len(state.shifts) < 8
    assert len(state.turns) < 8
    assert np.std(frames[:, ANGLES[0]]) > 0.03


def test_points_in_the_world_are_found_by_the_head_s_pose() -> None:
    turned = np.array([[0, 0, -1, 0.0], [0, 1, 0, -1.6], [1, 0, 0, 2.0], [0, 0, 0, 1]])
    target = in_world([1.0, 1.7, -0.5], turned)
    assert (target.x, target.y, target.z) == pytest.approx((0.5, 0.1, 3.0))
    for pose, point in ((np.eye(3), [0, 0, 1]), (turned, [0, 1])):
        with pytest.raises(ConfigError, match="gaze"):
            in_world(point, pose)


def test_targets_are_read_and_mistakes_are_told() -> None:
    assert read_targets("camera") == (CAMERA,)
    assert read_targets("none") == ()
    assert read_targets("0.4, 0, 1.2") == (Target(0.4, 0.0, 1.2),)
    two = (Target(0.0, 0.0, 0.7, 3.0), Target(0.4, -0.1, 0.8, 1.0))
    assert read_targets("camera:3; 0.4,-0.1,0.8:1") == two
    for text in ("", "left", "1,2", "0,0,0", "nan,0,1", "camera:0", "1,2,3:x", "camera:-1"):
        with pytest.raises(ConfigError, match="gaze"):
            read_targets(text)
    aim = towards(0.3, -0.2, 1.5).aim
    assert (aim.yaw, aim.pitch, aim.near) == pytest.approx((0.3, -0.2, 1 / 1.5))


@pytest.mark.parametrize("settings_", [{"share_speaking": 1.2}, {"micro": -1}, {"latency_secs": math.nan}])
def test_settings_out_of_range_are_refused(settings_: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="gaze"):
        GazeSettings(**settings_)


def test_the_documentation_names_every_setting() -> None:
    text = (Path(__file__).parents[1] / "docs" / "eyes.md").read_text("utf-8")
    for section, kind in (("blinks", BlinkSettings), ("gaze", GazeSettings)):
        for field, range_ in knobs(kind):
            span = f"{range_.least:g} to {range_.most:g}"
            assert f"| {section}.{field.name} | {field.default:g} | {span} | {range_.why} |" in text
