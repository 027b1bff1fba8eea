"""Reading a script: what is spoken and how, what is not, and what cannot be used."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.errors import ConfigError
from facerig.script.phones import CLASS, PAUSE
from facerig.script.words import LONGEST_TEXT, WEAK, is_english, read_script

pytest.importorskip("hibari", reason='needs hibari-tts: pip install "facerig[text]"')


def words(text: str) -> list[str]:
    return [w.text for w in read_script(text).words]


def said(text: str) -> str:
    """The first way to say every word."""
    return " ".join("".join(w.variants[0]) for w in read_script(text).words)


def test_words_have_their_phones_american_and_british() -> None:
    path, bob = read_script("path Bob").words
    assert path.variants == (("p", "æ", "θ"), ("p", "ɑ", "θ"))
    assert bob.variants == (("b", "ɑ", "b"), ("b", "ɔ", "b"))


@pytest.mark.parametrize(("text", "as_words"), [
    ("42", "forty two"), ("3rd", "third"), ("1984", "nineteen eighty four"), ("Dr. Bell", "doctor Bell"),
    ("10:45", "ten forty five"), ("$5", "five dollars"), ("50%", "fifty percent"), ("Bob & Al", "Bob and Al"),
    ("don’t", "don't"), ("“Help!”", "help"), ("mp3", "M P three"),
])
def test_what_is_not_spelled_as_it_is_said(text: str, as_words: str) -> None:
    assert said(text).replace(" ", "") == said(as_words).replace(" ", "")


@pytest.mark.parametrize("text", [
    "[sighs] Come in.", "Come [whispering, to Bob] in.", "<i>Come</i> in.", "Come {player_name} in.",
    "Come\n\nin!", "_Come_ in...", "\u201cCome in?\u201d",
])
def test_directions_and_marks_are_not_words(text: str) -> None:
    assert [w.strip("\u201c\u201d").lower() for w in words(text)] == ["come", "in"]
    assert not any(w.optional for w in read_script(text).words)


def test_asides_emphasis_and_names_may_be_absent() -> None:
    script = read_script("GUARD: (angrily) You *must* leave!\nTHE OLD KING: Halt.")
    assert [w.text for w in script.words if not w.optional] == ["You", "leave", "Halt"]
    optional = [w.text.lower() for w in script.words if w.optional]
    assert optional == ["guard", "angrily", "must", "the", "old", "king"]


def test_homographs_are_told_apart() -> None:
    script = read_script("The record will record what you say.")
    record, later = (w for w in script.words if w.text == "record")
    assert record.variants[0] != later.variants[0]


def test_an_unknown_word_is_read_by_its_letters() -> None:
    (word,) = read_script("Grommashvar").words
    assert not word.known
    assert {"m", "v"} <= set(word.variants[0])


@pytest.mark.parametrize("text", ["", "   ", "[laughs]", "...", "\U0001f600", "—", "\x00"])
def test_a_text_without_words(text: str) -> None:
    assert read_script(text).refused == "the text holds no words"


@pytest.mark.parametrize(("text", "reason"), [
    ("Привет, как у тебя дела?", "not in Latin letters"),
    ("你好，世界", "not in Latin letters"),
    ("Wir gehen heute Abend in die Stadt und kaufen ein Buch", "does not look English"),
    ("Me gustaría saber cuándo llega el próximo tren", "does not look English"),
])
def test_another_language_is_left_to_the_ears(text: str, reason: str) -> None:
    script = read_script(text)
    assert script.words == ()
    assert reason in script.refused


def test_names_alone_are_no_other_language() -> None:
    assert not read_script("Grommash Hellscream!").refused


def test_a_language_that_is_not_read_yet() -> None:
    assert read_script("Hello there", "de").refused == "texts in 'de' are not used yet, only English (en)"
    assert [is_english(tag) for tag in ("en", "en-GB", "EN_us", "English", "de", "enm", "")] == [
        True, True, True, True, False, False, False]


def test_a_text_of_days_is_refused() -> None:
    with pytest.raises(ConfigError, match="too long"):
        read_script("a " * LONGEST_TEXT)


def test_weak_forms_are_phones() -> None:
    for word in WEAK:
        assert len(read_script(word).words[0].variants) >= 1


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60))
def test_any_text_gives_words_of_known_phones(text: str) -> None:
    script = read_script(text)
    assert bool(script.words) != bool(script.refused)
    for word in script.words:
        assert word.variants
        assert all(v and PAUSE not in v and set(v) <= set(CLASS) for v in word.variants)
