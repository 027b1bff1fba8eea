"""The resampler: on time to the sample, the same in any split, clean, and honest about its look-ahead."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from facerig.audio.rates import BLOCK, RATE_HZ
from facerig.audio.resample import Resampler, ResamplerState
from facerig.errors import AudioError

RATES = (8000, 11025, 16000, 22050, 44100, 48000, 96000, 192000, 44101, 12345)
rates = st.sampled_from(RATES)
Samples = NDArray[np.float32]


def noise(n: int, seed: int = 0) -> Samples:
    return np.random.default_rng(seed).standard_normal(n).astype(np.float32)


def resampled(rate: int, samples: Samples, cuts: list[int] | None = None) -> Samples:
    """All blocks of `samples`, fed in pieces that end at `cuts`."""
    stage = Resampler(rate)
    state, out = stage.initial_state(), []
    for piece in np.split(samples, sorted(cuts or [])):
        blocks, state = stage.step(piece, state)
        out.append(blocks)
    out.append(stage.flush(state)[0])
    return np.concatenate(out)


def sine(hz: float, rate: int, secs: float = 0.5) -> Samples:
    return np.sin(2 * np.pi * hz * np.arange(round(rate * secs)) / rate).astype(np.float32)


@given(rate=rates, seed=st.integers(0, 99), data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_split_gives_the_same_bits(rate: int, seed: int, data: st.DataObject) -> None:
    samples = noise(data.draw(st.integers(0, rate // 8)), seed)
    cuts = data.draw(st.lists(st.integers(0, len(samples)), max_size=12))
    assert np.array_equal(resampled(rate, samples, cuts), resampled(rate, samples))


@pytest.mark.parametrize("rate", [16000, 44100])
def test_sample_by_sample_gives_the_same_bits(rate: int) -> None:
    samples = noise(rate // 20)
    assert np.array_equal(resampled(rate, samples, list(range(1, len(samples)))), resampled(rate, samples))


@given(rate=rates, at=st.floats(0.02, 0.1), seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_input_beyond_the_lookahead_changes_nothing_before(rate: int, at: float, seed: int) -> None:
    samples = noise(rate // 8, seed)
    changed = samples.copy()
    first = int(at * rate)
    changed[first:] = 0
    may_differ_from = (Fraction(first, rate) - Resampler(rate).lookahead_secs) * RATE_HZ
    until = ceil(may_differ_from)
    before = slice(0, max(0, until))
    a, b = resampled(rate, samples).ravel(), resampled(rate, changed).ravel()
    assert np.array_equal(a[before], b[before])
    assert not np.array_equal(a, b)


@pytest.mark.parametrize("rate", RATES)
def test_a_block_comes_out_as_soon_as_its_lookahead_is_in(rate: int) -> None:
    stage = Resampler(rate)
    last_needed = Fraction(BLOCK - 1, RATE_HZ) + stage.lookahead_secs
    n_needed = int(last_needed * rate) + 2  # the sample at that time, and the one that a fraction spills into
    blocks, _ = stage.step(noise(n_needed), stage.initial_state())
    assert len(blocks) == 1


@pytest.mark.parametrize("rate", RATES)
def test_lookahead_is_at_most_two_milliseconds(rate: int) -> None:
    lookahead = Resampler(rate).lookahead_secs
    assert lookahead <= (Fraction(1, 1000) if rate > RATE_HZ else Fraction(2, 1000))
    assert rate != RATE_HZ or lookahead == 0


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("share", [0.05, 0.4, 0.87])
def test_a_sine_keeps_phase_and_level(rate: int, share: float) -> None:
    hz = share * min(rate, RATE_HZ) / 2
    out = resampled(rate, sine(hz, rate)).ravel()
    inside = slice(100, RATE_HZ // 2 - 100)  # away from the abrupt ends
    wanted = np.sin(2 * np.pi * hz * np.arange(len(out)) / RATE_HZ)
    assert np.abs(out - wanted)[inside].max() < 0.003


@pytest.mark.parametrize("rate", [r for r in RATES if r > RATE_HZ])
def test_what_would_fold_back_is_65_db_down(rate: int) -> None:
    for hz in np.linspace(9000, 0.499 * rate, 7):
        out = resampled(rate, sine(hz, rate)).ravel()[100:7900]
        assert 20 * np.log10(np.sqrt(2 * np.mean(np.square(out, dtype=np.float64)))) < -65, hz


@pytest.mark.parametrize("rate", RATES)
def test_an_impulse_stands_at_its_own_time(rate: int) -> None:
    at = rate // 10 + 7
    samples = np.zeros(rate // 4, np.float32)
    samples[at] = 1
    power = np.square(resampled(rate, samples).ravel(), dtype=np.float64)
    centre = (power * np.arange(len(power))).sum() / power.sum()
    assert abs(centre / RATE_HZ - at / rate) < 0.5 / RATE_HZ


def test_16_khz_passes_untouched() -> None:
    samples = noise(1000)
    out = resampled(RATE_HZ, samples).ravel()
    assert np.array_equal(out[:1000], samples)
    assert len(out) == 4 * BLOCK
    assert not out[1000:].any()


@given(rate=rates, n=st.integers(0, 5000))
@settings(max_examples=80, deadline=None)
def test_the_blocks_cover_the_sound_and_nothing_more(rate: int, n: int) -> None:
    out = resampled(rate, np.ones(n, np.float32))
    n_out = -(-n * RATE_HZ // rate)
    assert out.shape == (-(-n_out // BLOCK), BLOCK)
    assert out.dtype == np.float32
    assert not out.ravel()[n_out:].any()


@pytest.mark.parametrize("rate", [44100, 44101, 11025])
def test_ten_hours_in_nothing_has_drifted(rate: int) -> None:
    """A second at 10 h comes out as the same second at the start does, in the block where it belongs."""
    stage, block = Resampler(rate), 10 * 3600 * 50
    late = stage.state_at(block)
    assert late.n_received == Fraction(block, 50) * rate  # a whole number of seconds: no fraction to round
    samples = noise(rate)
    early_out, early = stage.step(samples, stage.initial_state())
    late_out, late = stage.step(samples, late)
    assert np.array_equal(early_out, late_out)
    assert late.block == early.block + block
    assert late.n_received == early.n_received + 10 * 3600 * rate


def test_a_state_is_a_value_that_forks_a_stream() -> None:
    stage, samples = Resampler(48000), noise(4800)
    _, state = stage.step(samples, stage.initial_state())
    kept = ResamplerState(state.held.copy(), state.start, state.block)
    first, _ = stage.step(samples, state)
    second, _ = stage.step(samples, state)
    assert np.array_equal(first, second)
    assert np.array_equal(state.held, kept.held)
    assert (state.start, state.block) == (kept.start, kept.block)


def test_after_a_flush_a_fresh_stream_begins() -> None:
    stage, samples = Resampler(44100), noise(5000)
    first, state = stage.step(samples, stage.initial_state())
    _, state = stage.flush(state)
    second, _ = stage.step(samples, state)
    assert np.array_equal(first, second)


@pytest.mark.parametrize("rate", [0, -48000, 7999, 192001])
def test_rates_out_of_range_are_refused(rate: int) -> None:
    with pytest.raises(AudioError, match="8000 to 192000"):
        Resampler(rate)
