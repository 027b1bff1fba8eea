"""Many sessions at once: each has the bits that it has alone, whatever sits beside it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.core.curves import CurveClip
from facerig.crowd import GROWTH, Crowd
from facerig.encoder.lips import LipSettings
from facerig.errors import AudioError, ConfigError
from facerig.performance.settings import Performance
from facerig.session import Session
from tests.streams import made_up_speech

CAST = (dict(sample_rate=48_000), dict(sample_rate=16_000, fps=30, seed=3),
        dict(sample_rate=44_100, fps="29.97"),
        dict(sample_rate=8_000, seed=9, performance=Performance().with_(emotion="joy")),
        dict(sample_rate=48_000, fps=24, seed=1))


def voice(k: int, secs: float = 1.2) -> np.ndarray:
    return made_up_speech(secs, CAST[k]["sample_rate"], seed=k)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 999), st.sampled_from(["live", "live-40"]))
def test_a_session_in_a_crowd_gives_the_bits_that_it_gives_alone(chance: int, model: str) -> None:
    crowd, draws = Crowd(model), np.random.default_rng(chance)
    seats = {crowd.join(Session(**one, model=model)): k for k, one in enumerate(CAST)}
    sent, got = dict.fromkeys(seats, 0), {seat: [] for seat in seats}
    while any(sent[seat] < len(voice(k)) for seat, k in seats.items()):
        for seat, k in seats.items():
            n = int(draws.integers(0, 12_000))
            crowd.feed(seat, voice(k)[sent[seat] : sent[seat] + n])
            sent[seat] += n
        for seat, clip in crowd.step((None, 1, 3)[draws.integers(3)]).items():
            got[seat].append(clip)
    for seat, clip in crowd.step().items():
        got[seat].append(clip)
    for seat, k in seats.items():
        alone = Session(**CAST[k], model=model).feed(voice(k))
        together = CurveClip.joined(got[seat])
        assert together.start == alone.start
        assert together.values.tobytes() == alone.values.tobytes()


def test_a_seat_that_is_left_is_taken_afresh() -> None:
    crowd = Crowd()
    first = [crowd.join(Session(16_000, seed=k)) for k in range(GROWTH + 1)]
    for seat in first:
        crowd.feed(seat, made_up_speech(0.5, seed=seat))
    crowd.step()
    for seat in first[::2]:
        crowd.leave(seat)
    assert len(crowd) == GROWTH // 2
    late = crowd.join(Session(16_000, seed=5))
    assert late not in first
    crowd.feed(late, made_up_speech(1.0))
    alone = Session(16_000, seed=5).feed(made_up_speech(1.0))
    assert crowd.step()[late].values.tobytes() == alone.values.tobytes()


@settings(deadline=None, max_examples=8)
@given(st.integers(1, 12_000), st.integers(0, 3))
def test_an_interrupted_session_goes_on_as_it_does_alone(n: int, rounds: int) -> None:
    crowd, speech = Crowd(), made_up_speech(1.5)
    seat, other = crowd.join(Session(16_000)), crowd.join(Session(16_000, seed=2))
    crowd.feed(seat, speech[:n])
    crowd.feed(other, speech)
    before = crowd.step().get(seat)
    after = crowd.interrupt(seat)
    crowd.feed(seat, speech)
    parts = [clip for clip in (before, after, crowd.step()[seat]) if clip is not None]
    alone = Session(16_000)
    whole = [alone.feed(speech[:n]), alone.interrupt(), alone.feed(speech)]
    assert CurveClip.joined(parts).values.tobytes() == CurveClip.joined(whole).values.tobytes()
    assert crowd.session(seat).state.n_samples == alone.state.n_samples


def test_what_was_not_stepped_was_never_said() -> None:
    crowd = Crowd()
    seat = crowd.join(Session(16_000))
    crowd.feed(seat, made_up_speech(1.0))
    crowd.step(rounds=10)
    assert crowd.waiting(seat) == 40
    crowd.interrupt(seat)
    assert crowd.waiting(seat) == 0
    assert crowd.session(seat).state.n_samples == 10 * 320


def test_who_does_not_fit_is_told() -> None:
    with pytest.raises(ConfigError, match="not live"):
        Crowd("offline")
    crowd = Crowd()
    used = Session(16_000)
    used.feed(np.zeros(100, np.float32))
    for session in (Session(16_000, model="live-40"), used, Session(16_000, lips=LipSettings(seal_on=0.9))):
        with pytest.raises(ConfigError, match="does not fit"):
            crowd.join(session)
    seat = crowd.join(Session(16_000))
    with pytest.raises(AudioError):
        crowd.feed(seat, np.array([np.nan], np.float32))
    assert crowd.step() == {}
