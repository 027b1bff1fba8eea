"""Alignment: words where they are said, and only those."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_hearing import WORDS, heard, hush, script, spoken

from facerig.script import align as aligner
from facerig.script.align import LEAST_FRAMES, Costs, Spoken, align
from facerig.script.trust import emissions

NAMES = sorted(WORDS)
COSTS = Costs()


def aligned(said: list[tuple[str, int]], *names: str, sure: float = 0.8) -> list[Spoken]:
    return align(emissions(heard(said, sure=sure), COSTS.prior), script(*names).words, COSTS)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.integers(4, 15), st.integers(0, 40)),
                min_size=1, max_size=8))
def test_every_word_is_found_where_it_is_said(line: list[tuple[str, int, int]]) -> None:
    said, starts, at = hush(20), [], 20
    for name, frames, pause in line:
        starts.append(at)
        said += spoken(name, frames=frames) + (hush(pause) if pause else [])
        at += frames * len(WORDS[name].variants[0]) + pause
    found = aligned(said, *(name for name, _, _ in line))
    assert [s.word for s in found] == list(range(len(line)))
    for word, start, (name, frames, _) in zip(found, starts, line, strict=True):
        assert word.start == pytest.approx(start, abs=2)
        assert word.end == pytest.approx(start + frames * len(WORDS[name].variants[0]), abs=2)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(NAMES), min_size=1, max_size=6), st.lists(st.sampled_from(NAMES), max_size=6),
       st.floats(0.2, 0.9))
def test_whatever_the_text_the_path_is_in_order(said: list[str], text: list[str], sure: float) -> None:
    phones = [*hush(), *spoken(*said), *hush()]
    found = aligned(phones, *text, sure=sure)
    total = sum(n for _, n in phones)
    assert all(a.word < b.word and a.end <= b.start for a, b in pairwise(found))
    for word in found:
        ends = (*word.starts[1:], word.end)
        assert word.starts[0] == word.start
        assert all(b - a >= LEAST_FRAMES for a, b in zip(word.starts, ends, strict=True))
        assert 0 <= word.start < word.end <= total
        assert word.phones in WORDS[text[word.word]].variants


def test_a_word_that_nobody_says_is_skipped() -> None:
    said = [*hush(), *spoken("queen", "lost"), *hush()]
    assert [s.word for s in aligned(said, "queen", "umbrella", "lost")] == [0, 2]
    assert [s.word for s in aligned(said, "beside", "queen", "lost", "five")] == [1, 2]


def test_speech_that_the_text_does_not_hold_is_nobodys() -> None:
    said = [*hush(), *spoken("queen", "umbrella", "lost"), *hush()]
    first, last = aligned(said, "queen", "lost")
    umbrella = 8 * len(WORDS["umbrella"].variants[0])
    assert last.start - first.end == pytest.approx(umbrella, abs=2)


def test_a_word_is_said_in_one_of_its_ways() -> None:
    for variant in (0, 1):
        said = [*hush(), *spoken("queen", "beside", variant=variant), *hush()]
        assert aligned(said, "queen", "beside")[1].phones == WORDS["beside"].variants[variant]


def test_nothing_to_align() -> None:
    assert aligned(hush()) == []
    assert align(np.zeros((0, 37), np.float32), script("pam").words) == []
    assert aligned(hush(200), "pam", "queen") == []


def test_a_text_much_longer_than_the_sound() -> None:
    text = NAMES * 40
    found = aligned([*hush(), *spoken(*NAMES), *hush()], *text)
    assert len(found) <= len(NAMES)


def test_a_band_of_words_finds_what_all_of_them_find(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [NAMES[i] for i in np.random.default_rng(3).integers(len(NAMES), size=150)]
    said = [part for name in names for part in (*spoken(name, frames=5), *hush(6))]
    whole = aligned(said, *names)
    assert len(whole) == len(names)
    monkeypatch.setattr(aligner, "MOST_STATES", 400)
    monkeypatch.setattr(aligner, "BEAM", 150.0)
    assert aligned(said, *names) == whole


def test_a_band_that_the_text_never_leaves_still_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aligner, "MOST_STATES", 60)
    found = aligned([*hush(), *spoken("queen"), *hush()], *(["umbrella"] * 60), "queen")
    assert len(found) <= 1
