"""Voices: found, opened, checked, and what becomes of a text on its way to them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.errors import AudioError, ConfigError, FacerigError
from facerig.voices import Speaking, speak, voices
from facerig.voices.catalogue import load_voices
from facerig.voices.rates import RateChange
from facerig.voices.sentences import LONGEST, sentences
from facerig.voices.speech import PARAGRAPH_SECS
from facerig.voices.texts import prepared
from facerig.voices.voice import Samples

RATE = 16_000


class Beeper:
    """A tenth of a second a sentence, the first sample of it as loud as the sentence is long."""

    name, summary = "beeper", "a test's"
    languages: tuple[str, ...] = ("en",)
    sample_rate = RATE
    variants = ("low",)

    def __init__(self, variant: str = "high") -> None:
        self.variant = variant
        self.heard = list[str]()
        self.closed = 0

    def speak(self, text: str) -> Iterator[Samples]:
        self.heard.append(text)
        try:
            tone = np.full(RATE // 10, 0.1, np.float32)
            tone[0] = len(text) / 1000
            yield tone[:700]
            yield tone[700:]
        finally:
            self.closed += 1


class Twin(Beeper):
    """The same name again."""


class NoRate(Beeper):
    """Opens without a sample rate."""

    name = "norate"
    sample_rate = 0


class Nameless(Beeper):
    """Lacks what is needed."""

    name = ""


def failing() -> None:
    """Not a class."""


def point(name: str, what: str) -> EntryPoint:
    return EntryPoint(name, f"{__name__}:{what}", "facerig.voices")


# --- which there are


def test_facerig_brings_two() -> None:
    assert {one.name for one in voices().classes} >= {"hibari", "command"}
    assert voices().problems == ()


def test_one_that_cannot_be_loaded_harms_no_other() -> None:
    found = load_voices([point("beeper", "Beeper"), point("twin", "Twin"), point("x", "Nameless"),
                         point("f", "failing"), EntryPoint("gone", "no.such.module:X", "facerig.voices")])
    assert [one.name for one in found.classes] == ["beeper"]
    told = "\n".join(found.problems)
    assert f"has the name of {__name__}.Beeper" in told
    assert "is not a class" in told
    assert "no.such.module" in told
    assert "has the name ''" in told
    with pytest.raises(ConfigError, match=r"there is no voice 'bep'\n  fix: use beeper.*cannot be loaded"):
        found.open("bep")


def test_opened_once_and_by_variant() -> None:
    found = load_voices([point("beeper", "Beeper"), point("n", "NoRate")])
    assert found.open("beeper") is found.open("beeper")
    low = found.open("beeper:low")
    assert isinstance(low, Beeper)
    assert low.variant == "low"
    with pytest.raises(ConfigError, match="no variant 'lo'\n  fix: use low"):
        found.open("beeper:lo")
    with pytest.raises(ConfigError, match="states 0 as its sample rate"):
        found.open("norate")


@pytest.mark.parametrize("name", ["/etc/passwd", "amy.toml", "../amy.toml", "command:sh -c id", "command",
                                  "builtins:exec", "\0", "x" * 200])
def test_a_name_from_outside_opens_no_file_and_starts_nothing(name: str) -> None:
    with pytest.raises(ConfigError):
        voices().open(name)


# --- sentences

TEXTS = [
    ("Hello there. How are you? Fine!", ["Hello there.", "How are you?", "Fine!"]),
    ("Dr. Smith met J. K. Rowling at 3.5 km, e.g. here. He left.",
     ["Dr. Smith met J. K. Rowling at 3.5 km, e.g. here.", "He left."]),
    ("So do I. We go.", ["So do I.", "We go."]),
    ("Wait... what? “Go!” she said. (Now.) Yes", ["Wait... what?", "“Go!” she said.", "(Now.)", "Yes"]),
    ("今日は。元気？はい！", ["今日は。", "元気？", "はい！"]),
    ("नमस्ते। आप कैसे हैं?", ["नमस्ते।", "आप कैसे हैं?"]),
    ("one\ntwo\n\nthree", ["one two", "three"]),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    assert [one.text for one in sentences(text)] == expected


@given(st.text(alphabet="ab .,!?\n…。-", max_size=1500))
@settings(max_examples=150, deadline=None)
def test_nothing_but_white_space_is_lost(text: str) -> None:
    pieces = list(sentences(text))
    assert "".join("".join(one.text for one in pieces).split()) == "".join(text.split())
    assert all(0 < len(one.text) <= LONGEST for one in pieces)
    assert not pieces or pieces[-1].last


def test_long_sentences_are_cut_where_one_breathes() -> None:
    text = ", ".join(["and so we walked on for many miles"] * 40)
    pieces = [one.text for one in sentences(text)]
    assert len(pieces) > 3
    assert all(piece.endswith(",") for piece in pieces[:-1])
    assert [len(one.text) for one in sentences("x" * 700)] == [300, 300, 100]


# --- texts


@pytest.mark.parametrize(("text", "spoken", "remark"), [
    ("Hello [waves] world 🙂!", "Hello world!", "not spoken: [waves], not spoken: 🙂"),
    ("You *must* go, {name}.", "You must go,.", "not spoken: {name}"),
    ("<b>Hi</b> 世界 there", "Hi there", "not spoken: <b> </b>, not spoken: 世界"),
    ("a\u200bb\x00c\r\n2 * 3 < 5", "ab c\n2 * 3 < 5", ""),
    ("café, naïve, 20 °C, 5 µm", "café, naïve, 20 °C, 5 µm", ""),
])
def test_what_is_not_spoken(text: str, spoken: str, remark: str) -> None:
    ready = prepared(text, ("en",), voice="beeper")
    assert (ready.text, ", ".join(ready.remarks), ready.language) == (spoken, remark, "en")


@pytest.mark.parametrize("text", ["", "  \n", "...", "🙂🙂", "[sighs]", "\ud800"])
def test_nothing_to_say_is_an_error(text: str) -> None:
    with pytest.raises(ConfigError, match="nothing to say"):
        prepared(text, ("en",))


def test_another_language_is_an_error() -> None:
    with pytest.raises(ConfigError, match="speaks en, which is not written in"):
        prepared("Привет, мир", ("en",), voice="beeper")
    with pytest.raises(ConfigError, match="does not speak 'de-DE'\n  fix: it speaks one of en"):
        prepared("Hallo", ("en-GB",), "de-DE", voice="beeper")
    assert prepared("Hello", ("en-GB",), "English").language == "en"
    assert prepared("Привет", ("ru", "en")).text == "Привет"
    assert prepared("Привет").language == ""  # a voice of any language
    assert prepared("ᏣᎳᎩ", ("chr",)).text == "ᏣᎳᎩ"  # one that no table knows


@given(st.text(max_size=300), st.sampled_from([(), ("en",), ("ja",), ("ru", "de")]))
@settings(max_examples=200, deadline=None)
def test_any_text_is_made_ready_or_refused(text: str, languages: tuple[str, ...]) -> None:
    try:
        ready = prepared(text, languages).text
    except ConfigError:
        return
    assert any(char.isalnum() for char in ready)
    assert prepared(ready, languages).text == ready
    assert not any(char.isspace() and char not in " \n" for char in ready)


# --- sound


def test_sentence_by_sentence_with_a_pause_between_paragraphs() -> None:
    voice = Beeper()
    speech = speak("One. Two!\n\nThree?", voice)
    assert voice.heard == []
    pieces = list(speech)
    assert voice.heard == ["One.", "Two!", "Three?"]
    assert all(piece.dtype == np.float32 and len(piece) for piece in pieces)
    assert sum(map(len, pieces)) == 3 * RATE // 10 + round(PARAGRAPH_SECS * RATE)
    assert len(speech.samples()) == sum(map(len, pieces))  # spoken anew


def test_it_comes_while_the_text_goes_on_and_can_be_stopped() -> None:
    voice = Beeper()
    pieces = speak("One. " * 1000, voice).pieces()
    next(pieces)
    assert voice.heard == ["One."]
    pieces.close()
    assert voice.closed == 1


def test_another_rate_keeps_the_time() -> None:
    samples = speak("One. Two.", Beeper(), sample_rate=48_000).samples()
    assert len(samples) == 3 * 2 * RATE // 10
    assert np.abs(samples[400:4000] - 0.1).max() < 1e-3
    with pytest.raises(ConfigError, match="4000 Hz is out of range"):
        speak("One.", Beeper(), sample_rate=4000)


class Bad(Beeper):
    """Gives whatever it was made with."""

    def __init__(self, gives: object) -> None:
        super().__init__()
        self.gives = gives

    def speak(self, text: str) -> Iterator[Samples]:
        if isinstance(self.gives, Exception):
            raise self.gives
        while True:
            yield self.gives  # type: ignore[misc]
            if not (isinstance(self.gives, np.ndarray) and len(self.gives) == RATE):
                return


@pytest.mark.parametrize(("gives", "message"), [
    (np.zeros((5, 2), np.float32), r"gave float32 \[5, 2\], not float32 \[n\]"),
    (np.zeros(5, np.int16), "gave int16"),
    ("sound", "gave <U5"),
    (np.array([0, np.nan], np.float32), "no sound: NaN"),
    (np.array([1e9], np.float32), "absurdly loud"),
    (np.zeros(0, np.float32), "said nothing"),
    (np.zeros(RATE, np.float32), "does not come to an end"),
    (KeyError("x"), r"failed at 'One.': KeyError\('x'\)"),
])
def test_a_broken_voice_is_a_clear_error(gives: object, message: str) -> None:
    with pytest.raises(AudioError, match=message) as caught:
        speak("One.", Bad(gives)).samples()
    assert caught.value.where == "voice 'beeper'"


def test_loud_voices_are_clipped() -> None:
    assert speak("One.", Bad(np.array([0.5, 1.7, -3], np.float32))).samples().tolist() == [0.5, 1, -1]


@given(st.sampled_from([(24_000, 16_000), (22_050, 48_000), (44_100, 24_000), (8_000, 8_000)]),
       st.lists(st.integers(0, 900), max_size=12))
@settings(max_examples=40, deadline=None)
def test_any_split_gives_the_same_samples_at_another_rate(rates: tuple[int, int], sizes: list[int]) -> None:
    change = RateChange(*rates)
    sound = np.random.default_rng(1).standard_normal(sum(sizes)).astype(np.float32)
    whole, state = change.step(sound, change.initial_state())
    whole = np.concatenate([whole, change.flush(state)])
    parts, state, at = list[Samples](), change.initial_state(), 0
    for size in sizes:
        part, state = change.step(sound[at : at + size], state)
        parts.append(part)
        at += size
    np.testing.assert_array_equal(np.concatenate([*parts, change.flush(state)]), whole)
    assert len(whole) == -(-len(sound) * rates[1] // rates[0])


@pytest.mark.parametrize(("before", "after"), [(24_000, 16_000), (22_050, 48_000), (48_000, 44_100)])
def test_a_tone_stays_in_time_at_another_rate(before: int, after: int) -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(before) / before).astype(np.float32)
    change = RateChange(before, after)
    made, state = change.step(tone, change.initial_state())
    made = np.concatenate([made, change.flush(state)])
    wanted = np.sin(2 * np.pi * 1000 * np.arange(after) / after)
    np.testing.assert_allclose(made[200:-200], wanted[200:-200], atol=1e-4)


# --- in the background


def taken(speaking: Speaking) -> list[Samples]:
    pieces = list[Samples]()
    while not speaking.over:
        assert speaking.wait(10)
        pieces += speaking.take()
    return pieces


def test_spoken_in_the_background() -> None:
    voice = Beeper()
    speaking = Speaking("One. Two.\n\nThree.", voice, sample_rate=48_000)
    pieces = taken(speaking)
    np.testing.assert_array_equal(np.concatenate(pieces),
                                  speak("One. Two.\n\nThree.", voice, sample_rate=48_000).samples())
    assert speaking.error is None


def test_a_long_text_waits_to_be_taken() -> None:
    voice = Beeper()
    speaking = Speaking("One. " * 1000, voice, ahead_secs=1.0)
    assert speaking.wait(10)
    speaking.take()
    assert len(voice.heard) < 50
    speaking.stop()
    assert speaking.over
    assert speaking.take() == []
    speaking._thread.join(10)
    assert not speaking._thread.is_alive()
    assert len(voice.heard) == voice.closed < 50


@pytest.mark.parametrize(("text", "voice", "message"), [
    ("...", Beeper(), "nothing to say"),
    ("One.", Bad(KeyError("x")), "failed at"),
    ("One.", "no such voice", "there is no voice"),
])
def test_what_fails_in_the_background_is_told(text: str, voice: Beeper | str, message: str) -> None:
    speaking = Speaking(text, voice)
    assert taken(speaking) == []
    assert isinstance(speaking.error, FacerigError)
    assert message in str(speaking.error)
