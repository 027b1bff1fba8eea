"""Listening: answers where the other pauses or lowers the voice, by attitude, for any split, no jumps."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.core.channels import INDEX, NAMES
from facerig.core.cues import CUE
from facerig.errors import ConfigError
from facerig.performance.head.listening import ListeningLayer, ListeningState, ListenSettings
from facerig.performance.head.listening_plan import APART_SECS, FACES, LOW, WAIT_SECS, Ear
from tests.layers import moments, silent_cues, spoken_cues

YAW, PITCH, ROLL = range(3)
ATTITUDES = ("positive", "neutral", "negative")
CUTS = st.lists(st.integers(0, 1000), max_size=8)


def listened(cues: np.ndarray, *, seed: int = 0, attitude: str = "neutral", cuts: list[int] | None = None,
             fps: Fraction | int = 60, state: ListeningState | None = None, eager: bool = False,
             knobs: dict[str, float] | None = None) -> tuple[np.ndarray, np.ndarray, ListeningState]:
    """Head [n, 3] in degrees and curves [n, 61] of a listener, and its state at the end."""
    layer = ListeningLayer(seed, ListenSettings(attitude=attitude, **(knobs or {})))
    state = state or layer.initial_state(listening=True)
    heads, values = [], []
    for moment in moments(cues, fps, cuts or [], eager=eager):
        state = layer.plan(moment, state)
        head, value = layer.draw(moment.times, state)
        heads.append(head)
        values.append(value)
    return np.degrees(np.concatenate(heads)), np.concatenate(values), state


def phrase(secs: float = 2.0, low_from: float | None = None, after: float = 3.0) -> np.ndarray:
    """Half a second of silence, a phrase that may end low, silence."""
    cues = silent_cues(0.5 + secs + after)
    cues[50 : 50 + round(100 * secs), [CUE["voice"], CUE["voiced"]]] = 1
    melody = 0.2 * np.sin(2 * np.pi * 4 * np.arange(round(100 * secs)) / 100)  # never low for long
    cues[50 : 50 + len(melody), CUE["pitch"]] = melody
    if low_from is not None:
        cues[50 + round(100 * low_from) : 50 + round(100 * secs), CUE["pitch"]] = -0.4
    return cues


@settings(max_examples=15, deadline=None)
@given(CUTS, st.integers(0, 99), st.sampled_from(ATTITUDES), st.booleans(), st.sampled_from([24, 60, 120]))
def test_any_split_gives_the_same_bits(cuts: list[int], seed: int, attitude: str, eager: bool, fps: int
                                       ) -> None:
    cues = spoken_cues(10.0, seed)
    layer = ListeningLayer(seed, ListenSettings(attitude=attitude))
    told = layer.told(layer.told(layer.initial_state(), 1.0, listening=True), 8.0, listening=False)
    whole = listened(cues, seed=seed, attitude=attitude, fps=fps, state=told)
    pieces = listened(cues, seed=seed, attitude=attitude, fps=fps, state=told, cuts=cuts, eager=eager)
    assert np.array_equal(pieces[0], whole[0])
    assert np.array_equal(pieces[1], whole[1])


def test_frame_by_frame_gives_the_same_bits() -> None:
    cues = spoken_cues(8.0, 3)
    whole, single = (listened(cues, attitude="negative", cuts=cuts) for cuts in ([], list(range(800))))
    assert np.array_equal(single[0], whole[0])
    assert np.array_equal(single[1], whole[1])


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 999), st.integers(0, 99))
def test_later_knots_never_change_earlier_frames(kept: int, seed: int) -> None:
    cues = spoken_cues(10.0, seed)
    changed = cues.copy()
    changed[kept:] = spoken_cues(10.0, seed + 1000)[kept:]
    n = int(np.searchsorted(np.arange(600) / 60, (kept - 1) / 100, side="right"))
    one, other = listened(cues, attitude="positive"), listened(changed, attitude="positive")
    assert np.array_equal(one[0][:n], other[0][:n])
    assert np.array_equal(one[1][:n], other[1][:n])


def test_a_pause_is_answered_with_a_nod_down_and_back() -> None:
    heads = [listened(phrase(), seed=seed, attitude="positive")[0] for seed in range(40)]
    nodded = [head for head in heads if head[:, PITCH].max() > 1.6]
    assert 15 <= len(nodded) <= 38  # most, not all
    for head in nodded:  # smaller movements go with accents
        deepest = int(np.argmax(head[:, PITCH])) / 60
        assert 2.5 + 0.15 < deepest < 2.5 + 0.15 + 0.35 + 0.5  # soon after the phrase's end is plain
        assert abs(head[-1, PITCH]) < 1.0  # a tilt may stay
    assert len({round(float(head[:, PITCH].max()), 3) for head in nodded}) == len(nodded)


def test_a_low_region_is_answered_after_seven_tenths_of_a_second() -> None:
    cues = phrase(4.0, low_from=1.5, after=0.5)
    answers = [listened(cues, seed=seed, attitude="positive")[2].answered for seed in range(20)]
    answered = [at for at in answers if at > 0]
    assert len(answered) > 8
    assert min(answered) == pytest.approx(0.5 + 1.5 + 0.10 + WAIT_SECS, abs=0.03)


def test_short_speech_and_silence_are_not_answered() -> None:
    for cues in (phrase(0.5), silent_cues(10.0)):
        for seed in range(10):
            assert listened(cues, seed=seed, attitude="positive")[2].answered < 0


def test_answers_are_apart_and_about_as_often_as_people_nod() -> None:
    counts = {}
    for attitude in ATTITUDES:
        starts = []
        for seed in range(4):
            layer = ListeningLayer(seed, ListenSettings(attitude=attitude))
            now, last = layer.initial_state(listening=True), -1.0
            for moment in moments(spoken_cues(60.0, seed), 2, list(range(0, 6000, 20))):
                now = layer.plan(moment, now)
                if now.answered != last and now.answered > 0:
                    assert now.answered >= last + APART_SECS
                    starts.append(now.answered)
                    last = now.answered
        counts[attitude] = len(starts) / 4
    assert 5 < counts["neutral"] < 22  # a minute
    assert counts["negative"] < counts["neutral"] < counts["positive"]


def test_attitudes_look_different() -> None:
    seen = {attitude: [listened(spoken_cues(30.0, s), seed=s, attitude=attitude, fps=24) for s in range(4)]
            for attitude in ATTITUDES}
    faces = {attitude: np.mean([values.mean(0) for _, values, _ in some], 0)
             for attitude, some in seen.items()}
    smile, frown = INDEX["mouthSmileLeft"], INDEX["browDownLeft"]
    assert faces["positive"][smile] > 0.1 > faces["neutral"][smile] > faces["negative"][smile]
    assert faces["negative"][frown] > 0.15 > faces["neutral"][frown]
    yaws = {attitude: np.mean([np.abs(head[:, YAW]).max() for head, _, _ in some])
            for attitude, some in seen.items()}
    assert yaws["negative"] > yaws["positive"]  # it shakes its head


def test_only_its_own_curves_move_and_stay_in_range() -> None:
    cues = spoken_cues(40.0, 1)
    bases = {name for face in FACES.values() for name in face}
    for attitude in ATTITUDES:
        values = listened(cues, attitude=attitude, fps=24, knobs={"face": 2.0})[1]
        moved = {NAMES[k].removesuffix("Left").removesuffix("Right") for k in np.flatnonzero(values.any(0))}
        assert moved <= bases
        assert values.min() >= 0
        assert values.max() <= 1
        assert values.dtype == np.float32


def test_nothing_jumps_when_listening_begins_ends_or_turns() -> None:
    layer = ListeningLayer(0)
    state = layer.initial_state()
    for at, listening, attitude in ((1.0, True, "negative"), (4.0, True, "positive"), (6.05, False, None),
                                    (7.0, True, None)):
        state = layer.told(state, at, listening=listening, attitude=attitude)
    head, values, _ = listened(spoken_cues(10.0, 2), state=state, fps=200)
    assert np.abs(np.diff(head, axis=0)).max() * 200 < 90  # deg/s
    assert np.abs(np.diff(values, axis=0)).max() * 200 < 6  # a smile in a sixth of a second
    before = np.arange(len(head)) / 200 < 1.0
    assert not head[before].any()
    assert not values[before].any()
    gone = (np.arange(len(head)) / 200 > 6.56) & (np.arange(len(head)) / 200 < 7.0)
    assert not head[gone].any()


def test_who_does_not_listen_costs_nothing_and_does_nothing() -> None:
    layer = ListeningLayer(0)
    state = layer.initial_state()
    for moment in moments(spoken_cues(5.0), 60):
        assert layer.plan(moment, state) is state
        head, values = layer.draw(moment.times, state)
        assert not head.any()
        assert not values.any()


def test_off_answers_nothing() -> None:
    off = {"answers": 0.0, "nods": 0.0, "face": 0.0}
    head, values, state = listened(spoken_cues(20.0), attitude="positive", knobs=off)
    assert state.answered < 0
    assert not head.any()
    assert not values.any()


def test_the_ear_finds_the_low_quarter_of_a_pitch() -> None:
    rng, ear = np.random.default_rng(0), Ear()
    pitches = np.clip(0.1 + 0.25 * rng.normal(size=6000), -1, 1)
    for pitch in pitches.tolist():
        ear, _, _ = ear.heard(1.0, 0.0, pitch, 1.0)
    assert ear.quantile == pytest.approx(np.quantile(pitches, LOW), abs=0.06)


def test_an_unknown_attitude_and_a_bad_knob_are_refused() -> None:
    layer = ListeningLayer(0)
    with pytest.raises(ConfigError, match="positive, neutral, negative"):
        layer.told(layer.initial_state(), 0.0, listening=True, attitude="bored")
    with pytest.raises(ConfigError, match="attitude"):
        ListenSettings(attitude="kind")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"listening\.answers"):
        ListenSettings(answers=2)


def test_the_state_stays_small() -> None:
    layer, cues = ListeningLayer(0), spoken_cues(60.0)
    state = layer.initial_state(listening=True)
    for moment in moments(cues, 60, list(range(0, 6000, 20))):
        state = layer.plan(moment, state)
        assert len(state.head) + len(state.face) + len(state.tilts) < 16
