"""Blinks: human rates and intervals, whatever happens; closed forms of time; on demand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.core.channels import INDEX
from facerig.errors import ConfigError
from facerig.performance.eyes.blinks import FIRST_SECS, HELD, BlinkLayer, BlinkSettings, BlinkState
from tests.moments import moments, over, some_talk, voice_cues
from tools.evaluate import eyes as measure

LEFT, RIGHT = INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]
Shifts = tuple[tuple[float, float], ...]


def blinked(layer: BlinkLayer, cues: np.ndarray, fps: float = 200, cuts: tuple[int, ...] = (),
            state: BlinkState | None = None, shifts: Shifts = (), mood: tuple[float, float] = (0.0, 0.0)
            ) -> np.ndarray:
    def plan(moment: Any, feeling: Any, state: BlinkState) -> BlinkState:
        return layer.plan(moment, feeling, state, shifts)

    return over(moments(cues, fps, cuts, mood), state or layer.initial_state(), plan, layer.draw)[0]


def starts(frames: np.ndarray, fps: float = 200, level: float = 0.2) -> np.ndarray:
    lid = frames[:, LEFT]
    return np.flatnonzero((lid[1:] > level) & (lid[:-1] <= level)) / fps


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.integers(0, 1200), max_size=8), st.sampled_from([24, 60, 120]),
       st.lists(st.tuples(st.floats(0, 12), st.floats(0, 0.7)), max_size=5), st.floats(0, 11))
def test_any_split_gives_the_same_bits(seed: int, cuts: list[int], fps: int,
                                       shifts: list[tuple[float, float]], asked: float) -> None:
    layer, cues = BlinkLayer(seed), some_talk(12, seed)
    state = layer.told(layer.initial_state(), asked)
    given_shifts = tuple(sorted(shifts))
    whole = blinked(layer, cues, fps, (), state, given_shifts)
    assert np.array_equal(blinked(layer, cues, fps, tuple(cuts), state, given_shifts), whole)
    assert np.array_equal(blinked(layer, cues, fps, tuple(range(0, 1200, 3)), state, given_shifts), whole)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 1199))
def test_later_knots_never_change_earlier_frames(seed: int, kept: int) -> None:
    layer, cues = BlinkLayer(seed), some_talk(12, seed)
    other = np.concatenate([cues[:kept], some_talk(12, seed + 1)[kept:]])
    n = kept // 10  # at 10 fps, frames at times below kept / 100
    assert np.array_equal(blinked(layer, cues, 10)[:n], blinked(layer, other, 10)[:n])


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32))
def test_the_same_blinks_at_any_rate(seed: int) -> None:
    layer, cues = BlinkLayer(seed), some_talk(20, seed)
    assert np.array_equal(blinked(layer, cues, 120)[::5], blinked(layer, cues, 24))


def test_the_seed_is_the_character() -> None:
    cues = voice_cues(20)
    assert np.array_equal(blinked(BlinkLayer(1), cues), blinked(BlinkLayer(1), cues))
    assert not np.array_equal(blinked(BlinkLayer(1), cues), blinked(BlinkLayer(2), cues))
    assert np.std([BlinkLayer(seed).rate for seed in range(20)]) > 2


@pytest.mark.parametrize("state", ["conversation", "rest", "reading"])
def test_rates_lie_in_the_human_range_of_the_state(state: Any) -> None:
    talks = state == "conversation"
    scenes = [measure.talk(200, seed) if talks else measure.quiet(200) for seed in range(14)]
    people = [measure.played(seed, scene, state) for seed, scene in enumerate(scenes)]
    rates = measure.rates(people)
    low, high = measure.DOUGHTY[state]
    assert np.mean((rates >= low) & (rates <= high)) >= 0.9
    assert abs(np.median(rates) / {"conversation": 20, "rest": 14, "reading": 7}[state] - 1) < 0.2


def test_intervals_stay_log_normal_though_pauses_and_glances_draw_blinks() -> None:
    people = [measure.played(seed, measure.talk(400, seed)) for seed in range(7)]
    fits = measure.fits(people)
    assert 0.7 <= np.median([fit.sigma for fit in fits]) <= 0.9
    assert np.mean([fit.p > 0.05 for fit in fits]) >= 0.7
    gaps = np.concatenate([np.diff(measure.blink_starts(p.lid)) for p in people])
    assert gaps.min() >= 0.38  # a floor of 0.4 s between starts; these are crossings of a level


def test_pauses_draw_blinks_and_leave_the_rate() -> None:
    spoken = [(3.0 * k + 0.6, 3.0 * k + 2.6) for k in range(100)]
    cues, ends = voice_cues(300, spoken), np.array(spoken)[:, 1]

    def share_after(attraction: float) -> tuple[float, float]:
        found = [starts(blinked(BlinkLayer(seed, BlinkSettings(rate=20, attraction=attraction)), cues))
                 for seed in range(6)]
        since = [s[:, None] - ends[None, :] for s in found]
        after = np.concatenate([((s >= 0) & (s < 0.4)).any(1) for s in since])
        return float(np.mean(after)), float(np.mean([len(s) for s in found])) / 5

    (drawn, rate), (chance, plain) = share_after(1.0), share_after(0.0)
    assert drawn > 1.7 * chance
    assert chance == pytest.approx(0.4 / 3, abs=0.05)
    assert rate == pytest.approx(plain, rel=0.1)


def test_large_gaze_shifts_draw_blinks_and_small_ones_do_not() -> None:
    cues = voice_cues(300)
    times = np.arange(2.0, 298.0, 4.0)

    def with_a_blink(degrees: float) -> float:
        shifts = tuple((float(t), float(np.radians(degrees))) for t in times)
        layers = [BlinkLayer(seed, BlinkSettings(rate=20)) for seed in range(4)]
        found = [starts(blinked(layer, cues, shifts=shifts)) for layer in layers]
        since = [f[None, :] - times[:, None] for f in found]
        return float(np.mean([((s > 0) & (s < 0.15)).any(1) for s in since]))

    assert with_a_blink(40) > 3 * with_a_blink(5)
    assert with_a_blink(25) > 1.5 * with_a_blink(5)


@pytest.mark.parametrize("fps", [24, 25, 30, 60])
def test_a_short_clip_blinks_and_every_full_blink_shuts_the_lids_on_a_frame(fps: int) -> None:
    for seed in range(30):
        frames = blinked(BlinkLayer(seed, BlinkSettings(partial=0.0)), voice_cues(3.6, [(0.1, 3.5)]), fps)
        assert frames[:, LEFT].max() > 0.92
        assert frames[0, LEFT] == 0
        first = starts(frames, fps)[0]
        assert FIRST_SECS[0] <= first <= FIRST_SECS[1] + HELD[1] + 0.1


def test_a_blink_closes_in_a_third_of_its_length_and_lasts_as_people_s_do() -> None:
    shapes = measure.blink_shapes(range(4))
    assert 0.29 < np.median([shape.closing for shape in shapes]) < 0.37
    assert min(shape.secs for shape in shapes) > 0.16
    assert max(shape.secs for shape in shapes) < 0.4
    assert min(shape.shut_secs for shape in shapes) > 1 / 24


def test_some_blinks_are_partial_and_some_come_in_pairs() -> None:
    cues = voice_cues(600)
    frames = [blinked(BlinkLayer(seed), cues) for seed in range(4)]
    peaks = np.array([f[a:b, LEFT].max() for f in frames for a, b in measure.spans(f[:, LEFT] > 0.2)])
    assert 0.1 < np.mean(peaks < 0.9) < 0.2
    gaps = np.concatenate([np.diff(starts(f)) for f in frames])
    assert 0.01 < np.mean(gaps < 0.55) < 0.12
    single = [blinked(BlinkLayer(s, BlinkSettings(partial=0, double=0)), cues) for s in range(2)]
    assert all(f[a:b, LEFT].max() > 0.9 for f in single for a, b in measure.spans(f[:, LEFT] > 0.2))


def test_the_lids_differ_a_little_or_not_at_all() -> None:
    frames = blinked(BlinkLayer(5), voice_cues(120), 1000)
    apart = np.abs(frames[:, LEFT] - frames[:, RIGHT])
    assert 0 < apart.max() < 0.25
    mirrored = blinked(BlinkLayer(5, BlinkSettings(asymmetry=0)), voice_cues(60))
    assert np.array_equal(mirrored[:, LEFT], mirrored[:, RIGHT])
    assert not np.delete(frames, [LEFT, RIGHT], axis=1).any()
    assert frames.min() >= 0
    assert frames.max() <= 1


@pytest.mark.parametrize("at", [0.0, 0.313, 1.5, 4.004])
def test_a_blink_on_demand_comes_at_its_time_and_is_full(at: float) -> None:
    for seed in range(10):
        layer = BlinkLayer(seed)
        frames = blinked(layer, voice_cues(6), 100, (), layer.told(layer.initial_state(), at))
        assert frames[round((at + 0.06) * 100) : round((at + 0.2) * 100), LEFT].max() > 0.9
        gaps = np.diff(starts(frames, 100))
        assert gaps.min() > 0.3 if len(gaps) else True


def test_what_is_told_late_leaves_what_was_drawn() -> None:
    layer, pieces = BlinkLayer(4), moments(voice_cues(6), 60, (300,))
    plain, state = over(pieces[:1], layer.initial_state(), layer.plan, layer.draw)
    told = layer.told(state, 3.2)
    rest, _ = over(pieces[1:], told, layer.plan, layer.draw)
    assert np.array_equal(plain, blinked(layer, voice_cues(6), 60)[: len(plain)])
    assert rest[round(0.26 * 60) : round(0.4 * 60), LEFT].max() > 0.9


def test_lids_can_be_kept_open() -> None:
    for seed in range(10):
        layer = BlinkLayer(seed)
        state = layer.kept_open(layer.initial_state(), 1.0, 5.0)
        frames = blinked(layer, voice_cues(8), 100, (), state)
        assert len(starts(frames, 100)) < 8  # what was kept back is not made up for
        assert not frames[100:500, LEFT].any()
        assert frames[:, LEFT].any()


def test_moods_and_concentration_change_the_rate_and_sadness_the_length() -> None:
    cues = voice_cues(300)

    def count(mood: tuple[float, float] = (0.0, 0.0), **settings_: Any) -> int:
        layers = [BlinkLayer(seed, BlinkSettings(rate=20, **settings_)) for seed in range(3)]
        return sum(len(starts(blinked(layer, cues, 60, mood=mood), 60)) for layer in layers)

    calm = count()
    assert count((0.8, 0.0)) > 1.2 * calm
    assert count((0.8, -0.8)) > 1.1 * count((0.8, 0.0))
    assert count((-0.8, -0.6)) < 0.9 * calm
    assert count(concentration=1.0) < 0.55 * calm
    moods = ((-0.8, -0.8), (0.0, 0.0))
    sad, plain = (blinked(BlinkLayer(2), cues, 1000, mood=mood)[:, LEFT] for mood in moods)
    lengths = [np.median([b - a for a, b in measure.spans(lid > 0.01)]) for lid in (sad, plain)]
    assert 1.15 < lengths[0] / lengths[1] < 1.6
    assert max(b - a for a, b in measure.spans(sad > 0.9)) < 500


def test_no_depth_is_no_blink_and_ten_hours_in_all_is_as_before() -> None:
    assert not blinked(BlinkLayer(1, BlinkSettings(depth=0.0)), voice_cues(30)).any()
    layer = BlinkLayer(3)
    pieces = moments(voice_cues(30), 60, (), first_knot=3_600_000)
    frames, state = over(pieces, layer.initial_state(), layer.plan, layer.draw)
    assert 4 <= len(starts(frames, 60)) <= 20
    assert len(state.blinks) < 40


@pytest.mark.parametrize("settings_", [{"rate": 90}, {"state": "asleep"}, {"partial": -0.1}, {"depth": 2}])
def test_settings_out_of_range_are_refused(settings_: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="blinks"):
        BlinkSettings(**settings_)
