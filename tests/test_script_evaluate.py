"""GRID's words as phones, and systems with a text."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from facerig.errors import ConfigError
from tools.evaluate import grid
from tools.evaluate.contract import TextSystem
from tools.evaluate.labels import LABEL_SETS
from tools.evaluate.scripted import EXTRA_EVERY, FOREIGN, Scripted, right, with_extra, wrong
from tools.evaluate.sets import Utterance, development_set
from tools.evaluate.systems import Facerig, system


def utterance(text: str, name: str = "a") -> Utterance:
    labels = (("m", 0.0, 0.1),)
    return Utterance("kokoro", name, Path("a.wav"), labels, "ipa", "en", "somebody", {"text": text})


def test_a_words_phones_share_its_time() -> None:
    phones = grid.timed("place", 1.0, 1.5)
    assert [p for p, _, _ in phones] == ["p", "l", "A", "s"]
    assert phones[0][1] == 1.0
    assert phones[-1][2] == pytest.approx(1.5)
    assert all(a[2] == b[1] for a, b in pairwise(phones))
    assert phones[2][2] - phones[2][1] > 2 * (phones[1][2] - phones[1][1])


def test_every_word_of_grid_is_judged() -> None:
    known = frozenset().union(*LABEL_SETS["ipa"].classes.values()) | set("ɡkstdnlθðzjʤʧʃɹŋ")
    assert len(grid.DICTIONARY) == 51  # 4 x 6 words, 10 digits, 25 letters; "a" is one of them
    for word, phones in grid.DICTIONARY.items():
        assert set(phones) <= known, word
        assert set(phones) <= set(grid.LENGTHS), word


def test_grid_says_what_is_said(shared: Path) -> None:
    found = development_set("grid", shared / "data")
    assert len(found) > 90
    assert len(found[0].facts["text"].split()) == 6
    assert not {u.id for u in found} & {u.id for u in development_set("grid:validate", shared / "data")}


def test_texts_right_longer_and_wrong() -> None:
    said = "one two three four five six seven eight nine ten"
    assert right(utterance(said)) == said
    longer = with_extra(utterance(said)).split()
    assert len(longer) == 10 + 10 // EXTRA_EVERY
    assert [w for w in longer if w in said.split()] == said.split()
    assert len(wrong(utterance(said)).split()) == 10
    assert set(wrong(utterance(said)).split()) <= set(FOREIGN)
    assert wrong(utterance(said)) == wrong(utterance(said)) != wrong(utterance(said, "b"))


def test_systems_with_a_text_have_names() -> None:
    judged = system("offline+text")
    assert isinstance(judged, Scripted)
    assert isinstance(judged, TextSystem)
    assert judged.options["model"] == "offline"
    assert not isinstance(system("live"), TextSystem)
    assert isinstance(system("live"), Facerig)
    assert system("offline@0.4+wrong").options["lips"].seal_on == 0.4  # type: ignore[union-attr]
    with pytest.raises(ConfigError, match="no way to give a text"):
        system("offline+poem")


def test_a_set_that_does_not_tell_its_text() -> None:
    silent = Utterance("emodb", "a", Path("a.wav"), (("m", 0.0, 0.1),), "emodb", "de", "x", {})
    with pytest.raises(ConfigError, match="nobody told what is said in emodb/a"):
        right(silent)
