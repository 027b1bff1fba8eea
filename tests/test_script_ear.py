"""Phones by ear, and what a text's words leave to it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_hearing import WORDS, heard, hush, script, spoken, tracks_of

from facerig.core.said import Said, TimedLabel
from facerig.script.ear import LEAST_FRAMES, heard_phones
from facerig.script.guide import N_TRACKS, PhoneEar, ScriptGuide
from facerig.script.phones import INVENTORY, PAUSE, VOWELS
from facerig.script.words import Script, read_script

Spoken = list[tuple[str, int]]
PHONES = [name for name in INVENTORY if name != PAUSE]


def as_heard(said: Spoken) -> list[TimedLabel]:
    """The labels that a perfect ear gives."""
    out, at = [], 0
    for phone, frames in said:
        if phone != PAUSE:
            out.append(TimedLabel(at / 100, (at + frames) / 100, phone))
        at += frames
    return out


def listened(said: Spoken, ear: PhoneEar | ScriptGuide, cuts: list[int] | None = None
             ) -> tuple[np.ndarray, Said]:
    """Tracks and what was said, of rows that come in pieces."""
    rows = np.concatenate([tracks_of(said), heard(said)], 1)
    state, out = ear.initial_state(), []
    for part in np.split(rows, sorted(cuts or [])):
        tracks, state = ear.step(part, state)
        out.append(tracks)
    rest, state = ear.flush(state)
    assert state.said is not None
    return np.concatenate([*out, rest]), state.said


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PHONES), st.integers(LEAST_FRAMES, 20)), min_size=1, max_size=12))
def test_what_is_clear_is_heard_as_it_is(said: Spoken) -> None:
    said = [pair for i, pair in enumerate(said) if i == 0 or said[i - 1][0] != pair[0]]
    assert heard_phones(heard([*hush(), *said, *hush()], sure=0.9)) == as_heard([*hush(), *said, *hush()])


def test_a_blip_is_no_phone() -> None:
    assert heard_phones(heard([("a", 20), ("t", 1), ("a", 20)])) == [TimedLabel(0.0, 0.41, "a")]
    assert heard_phones(np.zeros((0, len(INVENTORY)), np.float32)) == []


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 120), max_size=5))
def test_tracks_pass_an_ear_at_once_and_as_they_are(cuts: list[int]) -> None:
    said = [*hush(), *spoken("queen", "five"), *hush()]
    tracks, told = listened(said, PhoneEar(), cuts)
    assert np.array_equal(tracks, tracks_of(said))
    assert (told.words, told.phones) == ((), tuple(as_heard(said)))
    assert 0 < told.sureness <= 1


def test_an_ear_holds_nothing_back() -> None:
    ear = PhoneEar()
    rows = np.concatenate([tracks_of(hush()), heard(hush())], 1)
    tracks, state = ear.step(rows, ear.initial_state())
    assert tracks.shape == (len(rows), N_TRACKS)
    assert ear.flush(state)[0].shape == (0, N_TRACKS)


def test_words_of_a_text_have_their_times_and_phones() -> None:
    said = [*hush(), *spoken("queen", "umbrella"), *hush(), *spoken("lost"), *hush()]
    _, told = listened(said, ScriptGuide(script("queen", "umbrella", "lost")))
    assert [word.text for word in told.words] == ["queen", "umbrella", "lost"]
    assert [(w.start, w.end) for w in told.words] == [(0.3, 0.62), (0.62, 1.18), (1.48, 1.8)]
    assert list(told.phones) == as_heard(said)


def test_what_the_text_does_not_hold_is_heard() -> None:
    said = [*hush(), *spoken("queen"), *hush(), *spoken("tuna"), *hush(), *spoken("umbrella"), *hush()]
    _, told = listened(said, ScriptGuide(script("queen", "umbrella")))
    assert [word.text for word in told.words] == ["queen", "umbrella"]
    assert list(told.phones) == as_heard(said)


def test_a_text_that_nobody_says_leaves_all_to_the_ear() -> None:
    said = [*hush(), *spoken("tuna", "lost", "pam"), *hush()]
    _, told = listened(said, ScriptGuide(script("umbrella", "hush", "queen", "beside")))
    assert (told.words, told.phones) == ((), tuple(as_heard(said)))
    assert 0 < told.sureness <= 1


def test_a_script_that_cannot_be_followed_is_reported_by_the_ear() -> None:
    ear = PhoneEar(Script((), "the text holds no words"))
    state = ear.flush(ear.initial_state())[1]
    assert state.report is not None
    assert state.report.reason == "the text holds no words"
    assert state.said == Said()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(sorted(WORDS)), min_size=1, max_size=6), st.integers(0, 40))
def test_labels_follow_each_other(names: list[str], pause: int) -> None:
    gap = hush(pause) if pause else []
    said = [*hush(), *(pair for name in names for pair in (*spoken(name), *gap)), *hush()]
    _, told = listened(said, ScriptGuide(script(*names)))
    for labels in (told.words, told.phones):
        assert all(label.start < label.end for label in labels)
        assert all(one.end <= other.start for one, other in pairwise(labels))


def test_a_text_tells_d_from_t() -> None:
    pytest.importorskip("hibari", reason='needs hibari-tts: pip install "facerig[text]"')
    dog, judge = read_script("dog judge").words
    assert dog.variants[0] == ("t", "ɔ", "k")
    assert dog.labels_of(dog.variants[0]) == ("d", "ɔ", "ɡ")
    assert judge.labels_of(judge.variants[0]) == ("dʒ", "ʌ", "dʒ")
    assert all(len(word.variants) == len(word.labels) for word in (dog, judge))


def test_phones_named_by_themselves_need_no_labels() -> None:
    assert WORDS["pam"].labels_of(("p", "æ", "m")) == ("p", "æ", "m")
    assert set(PHONES) >= VOWELS
