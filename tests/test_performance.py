"""Frames at any rate, blinks, and the end of a clip."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.core.mouth import mouth_geometry
from facerig.encoder.lips import LipDecoder
from facerig.encoder.tracks import TRACKS
from facerig.errors import ConfigError
from facerig.performance.asymmetry import SHARES, Asymmetry
from facerig.performance.draws import MAX_SEED
from facerig.performance.ending import EASE_SECS, eased
from facerig.performance.frames import FrameClock
from facerig.performance.performer import Performer
from facerig.performance.settings import Performance
from tests.streams import in_pieces, run

RATES = [Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(60), Fraction(120),
         Fraction(7, 2)]
LEFT, RIGHT = INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]


def ramp(n: int) -> np.ndarray:
    """Knots whose eyes' curves are their own time in seconds."""
    knots = np.zeros((n, N_CHANNELS), np.float32)
    knots[:, :14] = np.arange(n, dtype=np.float32)[:, None] / 100
    return knots


@pytest.mark.parametrize("fps", RATES)
def test_a_frame_shows_its_own_instant(fps: Fraction) -> None:
    frames = run(FrameClock(fps), [ramp(301)], flush=False)
    times = np.array([float(k / fps) for k in range(len(frames))])
    assert abs(len(frames) - 3 * fps) <= 1
    assert np.abs(frames[:, 0] - times).max() < 1e-5


def test_after_ten_hours_a_frame_still_shows_its_own_instant() -> None:
    clock, first = FrameClock(Fraction(30000, 1001)), 36_000 * 100
    state = clock.initial_state()
    state = type(state)(ramp(1) * 0, first, int(36_000 * Fraction(30000, 1001)) + 1)
    frames, _ = clock.step(ramp(101)[1:], state)
    expected = float(state.next_frame / clock.fps - 36_000)
    assert frames[0, 0] == pytest.approx(expected, abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(RATES), st.lists(st.integers(0, 90), max_size=6), st.integers(0, 90),
       st.integers(0, 99))
def test_any_split_of_the_knots_gives_the_same_frames(fps: Fraction, cuts: list[int], n: int,
                                                      seed: int) -> None:
    knots = np.random.default_rng(seed).random((n, N_CHANNELS)).astype(np.float32)
    clock = FrameClock(fps)
    assert np.array_equal(run(clock, in_pieces(knots, cuts)), run(clock, [knots]))


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(RATES), st.integers(2, 90), st.integers(0, 99))
def test_later_knots_never_change_earlier_frames(fps: Fraction, kept: int, seed: int) -> None:
    knots = np.random.default_rng(seed).random((100, N_CHANNELS)).astype(np.float32)
    other = np.concatenate([knots[:kept], 1 - knots[kept:]])
    n = int((kept - 1) * fps / 100)  # frames whose time plus the look-ahead lies within what is kept
    assert np.array_equal(run(FrameClock(fps), [knots])[:n], run(FrameClock(fps), [other])[:n])


@pytest.mark.parametrize("fps", [Fraction(10), Fraction(12), Fraction(15), *RATES[:5]])
@settings(max_examples=15, deadline=None)
@given(st.integers(20, 200), st.floats(0.1, 0.5), st.lists(st.integers(0, 300), max_size=4))
def test_every_seal_is_on_a_frame_at_any_rate(fps: Fraction, at: int, jaw: float, cuts: list[int]) -> None:
    tracks = np.zeros((300, len(TRACKS)), np.float32)
    tracks[:, 0], tracks[:, TRACKS.index("voice")] = jaw, 1
    tracks[at, TRACKS.index("seal")] = 1  # as short as can be
    decoder = LipDecoder()
    knots = decoder.step(tracks, decoder.initial_state())[0]
    frames = run(FrameClock(fps), in_pieces(knots, cuts))
    widest = mouth_geometry().gaps_mm(frames).max(1)
    shut = np.flatnonzero((widest <= 1.0) & (frames[:, INDEX["mouthShrugLower"]] > 0.1))
    assert len(shut)
    assert np.abs(shut / float(fps) - at / 100).max() <= 0.05 + 1 / float(fps)
    assert np.array_equal(frames, run(FrameClock(fps), [knots]))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(RATES), st.integers(0, 2**32))
def test_the_fewer_the_frames_the_harder_a_seal_and_never_through_the_other_lip(fps: Fraction, seed: int
                                                                                ) -> None:
    tracks = np.random.default_rng(seed).random((200, len(TRACKS))).astype(np.float32)
    tracks[:, TRACKS.index("voice")], tracks[:, TRACKS.index("seal")] = 1, 1
    decoder = LipDecoder()
    knots = decoder.step(tracks, decoder.initial_state())[0]
    gaps = mouth_geometry().gaps_mm(run(FrameClock(fps), [knots])[int(fps / 5) + 1 :]).max(1)
    assert gaps.max() <= 1.0
    assert gaps.min() > -3.0
    chin = run(FrameClock(fps), [knots])[-1, INDEX["mouthShrugLower"]]
    assert chin == pytest.approx(knots[-1, INDEX["mouthShrugLower"]] * min(2.0, max(1.0, 48 / fps)), rel=1e-4)


def test_the_mouth_ends_at_rest_and_the_eyes_go_on() -> None:
    frames = np.full((10, N_CHANNELS), 0.5, np.float32)
    times = np.arange(10) / 60
    out = eased(frames, times, times[-1])
    assert out[-1, INDEX["jawOpen"]] == 0
    assert out[-1, LEFT] == 0.5
    assert np.array_equal(out[times < times[-1] - EASE_SECS], frames[times < times[-1] - EASE_SECS])
    assert (np.diff(out[:, INDEX["jawOpen"]]) <= 0).all()


@pytest.mark.parametrize("seed", [-1, MAX_SEED + 1])
def test_what_is_no_seed_is_refused(seed: int) -> None:
    Performer(Performance(), MAX_SEED).initial_state()
    with pytest.raises(ConfigError, match="--seed"):
        Performer(Performance(), seed)


def leaned(seed: int, frames: np.ndarray, cuts: tuple[int, ...] = (), fps: int = 60) -> np.ndarray:
    layer, out, start = Asymmetry(seed), [], 0
    for piece in in_pieces(frames, cuts):
        out.append(layer.apply(piece, (start + np.arange(len(piece))) / fps))
        start += len(piece)
    return np.concatenate(out)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.integers(0, 600), max_size=6))
def test_asymmetry_does_not_depend_on_the_split(seed: int, cuts: list[int]) -> None:
    frames = np.full((600, N_CHANNELS), 0.3, np.float32)
    assert np.array_equal(leaned(seed, frames, tuple(cuts)), leaned(seed, frames))


def test_the_sides_differ_by_a_few_percent_and_drift_slowly() -> None:
    left, right = (np.array([INDEX[f"{name}{side}"] for name in SHARES]) for side in ("Left", "Right"))
    apart = []
    for seed in range(40):
        frames = leaned(seed, np.full((1800, N_CHANNELS), 0.5, np.float32))
        apart.append((frames[:, left] - frames[:, right]) / 0.5)
        untouched = np.setdiff1d(np.arange(N_CHANNELS), np.concatenate([left, right]))
        assert (frames[:, untouched] == 0.5).all()
    share = np.abs(np.array(apart)) / 2
    assert 0.015 < share.mean() < 0.05
    assert share.max() <= max(SHARES.values())
    assert np.abs(np.diff(apart, axis=1)).max() * 60 < 0.1  # a second
    assert 10 < sum(a[0, 0] > 0 for a in apart) < 30  # left leads as often as right


def test_a_face_at_rest_stays_at_rest_and_no_amount_mirrors() -> None:
    times = np.arange(100) / 60
    assert np.abs(Asymmetry(5).apply(np.zeros((100, N_CHANNELS), np.float32), times)).max() == 0
    frames = np.random.default_rng(0).random((100, N_CHANNELS)).astype(np.float32)
    assert np.array_equal(Asymmetry(5, 0.0).apply(frames, times), frames)
    for amount in (-0.1, 6.0, float("nan")):
        with pytest.raises(ConfigError, match="asymmetry"):
            Asymmetry(5, amount)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 2**32), st.floats(0, 3600))
def test_asymmetry_never_opens_a_seal_and_never_makes_one(seed: int, shape_seed: int, second: float) -> None:
    tracks = np.random.default_rng(shape_seed).random((60, len(TRACKS))).astype(np.float32)
    tracks[:, TRACKS.index("voice")] = 1
    tracks[:30, TRACKS.index("seal")], tracks[30:, TRACKS.index("seal")] = 1, 0
    decoder = LipDecoder()
    frames = decoder.step(tracks, decoder.initial_state())[0]
    widest = mouth_geometry().gaps_mm(Asymmetry(seed).apply(frames, second + np.arange(60) / 100)).max(1)
    assert widest[5:30].max() <= 1.0
    assert widest[5:30].min() > -3.0
    assert widest[40:].min() > 1.0
