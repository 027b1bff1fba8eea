"""Made-up sound that is no speech: valid, repeatable, varied, and quick to make."""

from __future__ import annotations

import time
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.train import nonspeech
from tools.train.corpus import mel_of_samples
from tools.train.sounds import tones
from tools.train.sounds.tones import RATE

QUICK = 50  # times faster than the sound, at least


def clip(kind: str, seed: int, secs: float = 4.0) -> np.ndarray:
    return nonspeech.clip([kind], tones.samples(secs), np.random.default_rng(seed))


@pytest.mark.parametrize("kind", list(nonspeech.KINDS))
def test_every_kind_is_sound_within_full_scale_and_no_two_draws_are_alike(kind: str) -> None:
    one, other = clip(kind, 1), clip(kind, 2)
    for sound in (one, other):
        assert sound.dtype == np.float32
        assert len(sound) == 4 * RATE
        assert np.isfinite(sound).all()
        assert 1e-4 < np.abs(sound).max() <= 1.0
    ours, theirs = (mel_of_samples(s / np.abs(s).max()).astype(float).mean(0) for s in (one, other))
    assert np.abs(ours - theirs).mean() > 0.1


def test_clips_fill_the_time_and_depend_on_the_seed_alone() -> None:
    first, again = list(nonspeech.clips(40, 3)), list(nonspeech.clips(40, 3))
    other = next(nonspeech.clips(1, 4))[1]
    seconds = [len(sound) / RATE for _, sound in first]
    assert sum(seconds) >= 40 > sum(seconds[:-1])
    assert all(4 <= s <= 12 for s in seconds)
    assert all(a[0] == b[0] and np.array_equal(a[1], b[1]) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0][1][:1000], other[:1000])


def test_a_clip_does_not_depend_on_how_many_are_wanted() -> None:
    assert np.array_equal(next(nonspeech.clips(1, 0))[1], next(nonspeech.clips(1000, 0))[1])


def test_clips_are_made_much_faster_than_they_last() -> None:
    began = time.process_time()
    seconds = sum(len(sound) / RATE for _, sound in islice(nonspeech.clips(1e9, 11), 8))
    assert seconds / (time.process_time() - began) > QUICK


@given(st.floats(40, 4000), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_a_tone_has_its_pitch(hz: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    sound = tones.tone(hz, RATE, tones.partials(random, slope=-3.0), random)
    strongest = int(np.argmax(np.abs(np.fft.rfft(sound * np.hanning(RATE)))))  # bins of 1 Hz
    multiple = round(strongest / hz)  # even a steep timbre may have a strong second partial
    assert 1 <= multiple <= 4
    assert abs(strongest - multiple * hz) <= 3


@given(st.floats(60, 2000), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_a_plucked_string_dies_away(hz: float, seed: int) -> None:
    sound = tones.plucked(hz, RATE, np.random.default_rng(seed))
    assert len(sound) == RATE
    assert np.abs(sound).max() <= 1.001
    assert np.square(sound[-RATE // 4 :]).sum() < 0.5 * np.square(sound[: RATE // 4]).sum()


@given(st.integers(1, 40_000), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_slow_curves_have_any_length_and_stay_within_their_bounds(n: int, seed: int) -> None:
    curve = tones.slow(n, np.random.default_rng(seed), 2.0, -1.0, 3.0)
    assert len(curve) == n
    assert -1.001 <= curve.min() <= curve.max() <= 3.001


def test_grains_stand_where_they_are_asked_for() -> None:
    click = np.array([1.0, 0.5], np.float32)
    out = tones.grains(100, np.array([10, 50, 99, 200]), np.array([1.0, 2.0, 1.0, 1.0]), [click],
                       np.random.default_rng(0))
    wanted = np.zeros(100)
    wanted[[10, 11, 50, 51, 99]] = 1, 0.5, 2, 1, 1
    assert np.allclose(out, wanted, atol=1e-5)
