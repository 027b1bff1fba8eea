"""The jitter buffer: the vectors that all languages share, and what must hold for any stream."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.service.playout import FADE_NS, HOLD_SECS, MOST_IDLE, MOST_SOUNDING, Playout, Shown
from facerig.service.wire import Frame
from tests.goldens import make_jitter

RATE, FPS = 48_000, Fraction(60)
STEP = 800
FRAME_NS = 10**9 // 60
SCENES = sorted(make_jitter.JITTER.glob("*.json"))


def frame(index: int, sample: int, value: float, epoch: int = 0, flags: int = 0) -> Frame:
    return Frame(epoch, index, sample, np.array([value], np.float32), flags)


def buffer(*frames: Frame) -> Playout:
    playout = Playout(RATE, FPS, 1)
    for one in frames:
        playout.put(one)
    return playout


def value(shown: Shown) -> float:
    return float(shown.values[0])


# --- the shared vectors


def test_the_vectors_are_those_of_today() -> None:
    made = {name: make_jitter.as_text(scene) for name, scene in make_jitter.vectors().items()}
    assert {path.stem: path.read_text("utf-8") for path in SCENES} == made, make_jitter.COMMAND


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
def test_a_reader_that_knows_only_the_file_gets_what_it_expects(path: Path) -> None:
    scene: dict[str, Any] = json.loads(path.read_text("utf-8"))
    playout = Playout(scene["sample_rate"], Fraction(*scene["fps"]), scene["curves"])
    for event in scene["events"]:
        if "put" in event:
            make_jitter.give(playout, event)
        elif "show" in event:
            shown, expected = playout.show(**event["show"]), event["expect"]
            assert shown.values == pytest.approx(expected["values"], abs=1e-5)
            assert (shown.index, shown.state) == (expected["index"], expected["state"])
        elif "late_samples" in event:
            assert playout.late_samples == event["late_samples"]
        else:
            (playout.interrupted if "interrupted" in event else playout.restart)(*event.values())
    assert {name: getattr(playout.counts, name) for name in scene["counts"]} == scene["counts"]


# --- the rules, by themselves


@settings(deadline=None)
@given(st.permutations(range(30)), st.sets(st.integers(1, 28)),
       st.lists(st.integers(0, 29 * STEP), max_size=40))
def test_a_picture_lies_on_the_line_between_the_frames_around_it(order: list[int], lost: set[int],
                                                                 samples: list[int]) -> None:
    """Whatever the order in which frames come, and whichever are lost."""
    curve = np.random.default_rng(0).random(30)
    here = [k for k in range(30) if k not in lost]
    playout = buffer(*[frame(k, k * STEP, curve[k]) for k in order if k not in lost])
    near = [at for at in sorted(samples)
            if min(k for k in here if k * STEP >= at) - max(k for k in here if k * STEP <= at) <= 12]
    playout.show(0, near[0] if near else 0)
    for k, at in enumerate(near):
        shown = playout.show(k * 10**9, at)  # far apart in time: no fade is left of the picture before
        shown = playout.show(k * 10**9 + FADE_NS, at)
        assert shown.state == "speech"
        assert value(shown) == pytest.approx(np.interp(at / STEP, here, curve[here]), abs=1e-5)
    assert playout.counts.lost == len([k for k in lost if k < max(here)])


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_no_face_jumps(data: st.DataObject) -> None:
    """Frames between 0 and 0.02 k come, epochs rise, players leap: no picture is further from the last than a
    fade's share of the whole, or the frames' own steps."""
    playout, now, index, epoch = Playout(RATE, FPS, 1), 0, 0, 0
    last: float | None = None
    for _ in range(data.draw(st.integers(1, 60))):
        kind = data.draw(st.sampled_from(["speech", "idle", "interrupt", "restart", "nothing"]))
        level = data.draw(st.sampled_from([0.0, 1.0])) if kind in ("interrupt", "restart") else 0.5
        if kind in ("speech", "idle"):
            playout.put(frame(index, index * STEP if kind == "speech" else -1, level, epoch))
            index += 1
        elif kind == "interrupt":
            epoch += 1
            playout.interrupted(epoch)
            index += data.draw(st.integers(0, 20))
        elif kind == "restart":
            playout.restart(epoch)
        sample = data.draw(st.one_of(st.none(), st.integers(0, 60 * STEP)))
        shown = value(playout.show(now, sample))
        if last is not None:
            assert abs(shown - last) <= FRAME_NS / FADE_NS + 1e-5
        last = shown
        now += FRAME_NS


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50), st.integers(-1, 50 * STEP)), max_size=80))
def test_anything_may_come(frames: list[tuple[int, int, int]]) -> None:
    """Also frames of a service that is wrong: a picture is a picture."""
    playout = Playout(RATE, FPS, 1)
    for k, (epoch, index, sample) in enumerate(frames):
        playout.put(frame(index, sample, 0.5, epoch))
        assert 0 <= value(playout.show(k * FRAME_NS, sample)) <= 0.5 + 1e-6
    counts = playout.counts
    assert counts.received + counts.stale + counts.twice == len(frames)
    assert counts.lost >= 0


def test_the_mouth_does_not_stay_open_when_frames_stop() -> None:
    playout = buffer(*[frame(k, k * STEP, 1.0) for k in range(5)])
    shown = [playout.show(k * FRAME_NS, k * STEP) for k in range(20)]
    held = [one.state for one in shown].count("held")
    assert held * STEP <= HOLD_SECS * RATE < (held + 2) * STEP
    assert value(shown[-1]) == 0.0


def test_a_frame_of_an_epoch_that_is_over_is_never_shown() -> None:
    playout = buffer(*[frame(k, k * STEP, 1.0) for k in range(9)])
    playout.interrupted(3)
    assert not playout.put(frame(9, 9 * STEP, 1.0, epoch=2))
    assert playout.put(frame(9, 9 * STEP, 0.25, epoch=3))
    assert value(playout.show(0, 9 * STEP)) == 0.25
    assert playout.counts.stale == 1


def test_memory_is_bounded() -> None:
    playout = Playout(RATE, FPS, 1)
    for k in range(MOST_SOUNDING + 100):
        playout.put(frame(k, k * STEP, 0.0))
    assert len(playout._sound) == MOST_SOUNDING
    assert playout.counts.dropped == 100
    for k in range(100):
        playout.put(frame(MOST_SOUNDING + 100 + k, -1, 0.0))
    assert len(playout._idle) == MOST_IDLE
    assert len(playout._known) < 10_000
    playout.show(0, (MOST_SOUNDING + 99) * STEP)
    assert len(playout._sound) < 40


def test_an_hour_does_not_drift() -> None:
    """29.97 frames a second at 44.1 kHz: the picture of a sample is the frame's that stands there, to the
    sample."""
    fps, rate = Fraction(30_000, 1001), 44_100
    playout = Playout(rate, fps, 1)
    for k in range(int(3600 * fps)):
        at = k * rate * fps.denominator // fps.numerator
        playout.put(frame(k, at, k % 7 / 7))
        if k % 50 == 0:
            shown = playout.show(k * 10**9, at)
            assert (shown.index, shown.state) == (k, "speech")
    assert playout.counts.lost == playout.counts.held == 0


@pytest.mark.parametrize(("ahead", "told"), [(0, 0), (4368, 4368), (-1600, -1600)])
def test_how_late_a_tap_is_is_told(ahead: int, told: int) -> None:
    """A player that is `ahead` of the newest frame."""
    playout = Playout(RATE, FPS, 1)
    assert playout.late_samples is None
    for k in range(10, 30):
        playout.put(frame(k, k * STEP, 0.0))
        playout.show(k * FRAME_NS, k * STEP + ahead)
    assert playout.late_samples == told


def test_idle_life_runs_by_the_clock_and_lags_no_more_than_three_frames() -> None:
    playout, chance = Playout(RATE, FPS, 1), np.random.default_rng(1)
    came, shown = 0, []
    for k in range(600):
        while came <= k - chance.integers(0, 3):  # up to two frames late
            playout.put(frame(came, -1, came / 600, flags=Frame.IDLE))
            came += 1
        shown.append(value(playout.show(k * FRAME_NS, None)) * 600)
    steps = np.diff(shown[30:])
    assert steps.min() >= 0
    assert steps.max() < 1.6
    assert 595 < shown[-1] <= 599
