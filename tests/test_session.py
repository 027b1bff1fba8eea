"""The whole stream: any split equals the whole, the future changes nothing, bad samples harm nobody."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

import facerig
from facerig.core.channels import CHANNELS, INDEX
from facerig.core.curves import CurveClip
from facerig.errors import AudioError, ConfigError, ModelError
from facerig.performance.settings import STILL, Performance
from tests.streams import in_pieces, made_up_speech

MODELS = ("live", "offline")
RATES = (8_000, 16_000, 22_050, 44_100, 48_000)


def curves(session: facerig.Session, pieces: list[np.ndarray]) -> np.ndarray:
    return CurveClip.joined([*(session.feed(p) for p in pieces), session.flush()]).values


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=12, deadline=None)
@given(rate=st.sampled_from(RATES), cuts=st.lists(st.integers(0, 48_000), max_size=8),
       fps=st.sampled_from(["24", "60", "29.97"]))
def test_any_split_equals_the_whole_bit_for_bit(model: str, rate: int, cuts: list[int], fps: str) -> None:
    audio = made_up_speech(1.0, rate)
    session = facerig.Session(rate, fps=fps, model=model)
    assert np.array_equal(curves(session, in_pieces(audio, cuts)), curves(session, [audio]))


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(RATES), st.floats(0.2, 0.9), st.integers(0, 99))
def test_samples_beyond_the_lookahead_change_nothing(rate: int, share: float, seed: int) -> None:
    audio = made_up_speech(1.0, rate)
    session = facerig.Session(rate, fps=60)
    kept = int(share * len(audio))
    other = np.concatenate([audio[:kept], np.random.default_rng(seed).normal(0, 0.3, len(audio) - kept)])
    sure = int((Fraction(kept, rate) - session.lookahead.total) * 60)
    assert sure > 0
    assert np.array_equal(curves(session, [audio])[:sure], curves(session, [other.astype(np.float32)])[:sure])


@pytest.mark.parametrize("rate", [16_000, 22_050, 48_000])
def test_frames_come_no_later_than_the_lookahead_of_less_than_a_tenth_of_a_second(rate: int) -> None:
    session = facerig.Session(rate, fps=60)
    assert session.lookahead.total <= Fraction(1, 10)
    audio, given, worst = made_up_speech(1.0, rate), 0, Fraction(0)
    for i in range(0, len(audio), 8):
        clip = session.feed(audio[i : i + 8])
        if len(clip):
            worst = max(worst, Fraction(i + 8, rate) - Fraction(clip.start, 60))
        given += len(clip)
    assert given > 50
    assert session.lookahead.total - Fraction(1, 50) <= worst <= session.lookahead.total + Fraction(8, rate)


@pytest.mark.parametrize("fps", ["24", "25", "30000/1001", "30", "60", "120"])
@pytest.mark.parametrize("secs", [0.05, 0.333, 1.0])
def test_frames_cover_the_sound_exactly(fps: str, secs: float) -> None:
    session = facerig.Session(44_100, fps=fps)
    audio = made_up_speech(secs, 44_100)
    n = len(curves(session, [audio]))
    assert (n - 1) / session.fps < Fraction(len(audio), 44_100) <= n / session.fps


def test_same_seed_same_curves_and_another_seed_another_character() -> None:
    audio = made_up_speech(3.0)
    one, two = (curves(facerig.Session(16_000, seed=3), [audio]) for _ in range(2))
    other = curves(facerig.Session(16_000, seed=4), [audio])
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)
    mouth = [c.region in ("jaw", "mouth", "tongue") for c in CHANNELS]
    apart = np.abs(one[:, mouth] - other[:, mouth])
    assert 0 < apart.max() < 0.1  # its sides differ otherwise, its words do not
    even = Performance(asymmetry=0, layers={"emotion": 0})
    mirrored = [curves(facerig.Session(16_000, seed=seed, performance=even), [audio])[:, mouth]
                for seed in (3, 4)]
    assert np.array_equal(*mirrored)


def test_without_blinks_the_lids_rest() -> None:
    off = Performance(layers={"blinks": 0, "gaze": 0})
    values = curves(facerig.Session(16_000, performance=off), [made_up_speech(3.0)])
    assert values[:, INDEX["eyeBlinkLeft"]].max() < 0.05


@pytest.mark.parametrize("model", MODELS)
def test_silence_is_a_mouth_at_rest(model: str) -> None:
    values = curves(facerig.Session(16_000, model=model, performance=STILL), [np.zeros(32_000, np.float32)])
    assert np.abs(values).max() < 0.02


@pytest.mark.parametrize("model", MODELS)
def test_a_clip_cut_in_a_word_ends_at_rest(model: str, speech: Path) -> None:
    audio, rate = soundfile.read(speech, dtype="float32")
    loud = int(np.argmax(np.abs(audio)))
    values = curves(facerig.Session(rate, model=model, performance=STILL), [audio[:loud]])
    assert np.abs(values[-1]).max() == 0
    assert np.abs(values).max() > 0.1


def test_a_quiet_and_a_loud_copy_animate_alike(speech: Path) -> None:
    audio, rate = soundfile.read(speech, dtype="float32")
    session = facerig.Session(rate, performance=STILL)
    normal = curves(session, [audio])
    for gain in (0.05, 4.0):
        assert np.abs(curves(session, [audio * np.float32(gain)]) - normal)[10:].mean() < 2e-3


def test_curves_are_finite_and_in_range_for_noise_clicks_and_full_scale() -> None:
    rng = np.random.default_rng(0)
    sounds = (rng.normal(0, 0.5, 16_000), np.where(rng.random(16_000) < 0.001, 1.0, 0.0), np.ones(16_000),
              np.sign(rng.normal(0, 1, 16_000)))
    for sound in sounds:
        values = curves(facerig.Session(16_000), [sound.astype(np.float32)])
        assert all(c.low <= v.min() and v.max() <= c.high for c, v in zip(CHANNELS, values.T, strict=True))


def test_int16_is_the_same_sound() -> None:
    audio = (made_up_speech(0.5) * 32767).astype(np.int16)
    session = facerig.Session(16_000)
    assert np.array_equal(curves(session, [audio]), curves(session, [audio / np.float32(32768)]))


@pytest.mark.parametrize("bad", [np.array([0.0, np.nan]), np.array([np.inf]), np.array([1e30]),
                                 np.array([1e300]), np.zeros((4, 2)), np.array(["a"]), np.array([1, 2, 3])])
def test_bad_samples_are_refused_and_the_session_goes_on(bad: np.ndarray) -> None:
    audio = made_up_speech(0.5)
    session = facerig.Session(16_000)
    first = session.feed(audio[:4000])
    with pytest.raises(AudioError, match=r"Session\.feed"):
        session.feed(bad)
    rest = [session.feed(audio[4000:]), session.flush()]
    assert np.array_equal(CurveClip.joined([first, *rest]).values, curves(session, [audio]))


def test_reset_forgets_and_a_saved_state_forks() -> None:
    audio = made_up_speech(1.0)
    session = facerig.Session(16_000)
    whole = curves(session, [audio])
    session.feed(audio[:9000])
    saved = session.state
    session.feed(np.ones(3000, np.float32))
    session.state = saved
    start = saved.frames.next_frame
    rest = CurveClip.joined([session.feed(audio[9000:]), session.flush()])
    assert rest.start == start
    assert np.array_equal(rest.values, whole[start:])
    session.feed(audio[:5000])
    session.reset()
    assert np.array_equal(curves(session, [audio]), whole)


def test_what_cannot_be_used_is_refused_with_the_way_out() -> None:
    with pytest.raises(ConfigError, match="no model called 'best'"):
        facerig.Session(16_000, model="best")
    with pytest.raises(ModelError, match="cannot be read"):
        facerig.Session(16_000, model="nowhere.onnx")
    with pytest.raises(AudioError):
        facerig.Session(4_000)
    with pytest.raises(ConfigError, match="--fps"):
        facerig.Session(16_000, fps=0)


def test_asymmetry_can_be_turned_off_everywhere(speech: Path) -> None:
    sides = [INDEX["mouthLowerDownLeft"], INDEX["mouthLowerDownRight"]]
    natural, mirrored = (facerig.animate(speech, performance=Performance(asymmetry=amount)).values[:, sides]
                         for amount in (1.0, 0.0))
    assert np.array_equal(mirrored[:, 0], mirrored[:, 1])
    assert np.abs(natural[:, 0] - natural[:, 1]).max() > 0.002
    with pytest.raises(ConfigError, match="asymmetry"):
        facerig.Session(16_000, performance=Performance(asymmetry=-1))


@given(st.sampled_from([1, 2, 3, 4]), st.lists(st.integers(0, 40_000), max_size=4))
@settings(max_examples=8, deadline=None)
def test_at_a_level_of_detail_it_is_a_session_of_so_many_frames(detail: int, cuts: list[int]) -> None:
    far, slower = facerig.Session(16_000, fps=60), facerig.Session(16_000, fps=Fraction(60, detail))
    far.detail = detail
    sound = made_up_speech(2.0)
    clips = [far.feed(piece) for piece in in_pieces(sound, cuts)]
    clips.append(far.flush())
    once = CurveClip.joined([slower.feed(sound), slower.flush()])
    clip = CurveClip.joined(clips)
    assert (clip.fps, clip.start) == (once.fps, 0)
    assert clip.values.tobytes() == once.values.tobytes()
    assert far.detail == 1


@given(st.lists(st.tuples(st.integers(1, 9_000), st.sampled_from([1, 2, 4])), min_size=2, max_size=5))
@settings(max_examples=12, deadline=None)
def test_changes_of_detail_change_which_frames_come_and_nothing_else(parts: list[tuple[int, int]]) -> None:
    changing, sound, at = facerig.Session(16_000), made_up_speech(3.0), 0
    plain = facerig.Session(16_000).feed(sound)
    last = -1
    for n, detail in parts:
        changing.detail = detail
        clip = changing.feed(sound[at : at + n])
        at += n
        for index, row in enumerate(clip.values, clip.start):
            assert last < index * detail <= last + 4
            last = index * detail
            if detail == 1:
                assert row.tobytes() == plain.values[last].tobytes()


@pytest.mark.parametrize("detail", [0, -1, 1.5, 61, None])
def test_a_level_of_detail_that_is_none(detail: Any) -> None:
    with pytest.raises(ConfigError, match="frame"):
        facerig.Session(16_000).detail = detail
