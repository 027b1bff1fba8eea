"""How users write a feeling: mixtures, regions, points, free text; and every way to get it wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.errors import ConfigError
from facerig.performance.emotion.mixture import NONE, Feeling, parse_feeling
from facerig.performance.emotion.poses import EMOTION, EMOTIONS, REGIONS
from facerig.performance.emotion.space import POINTS, mixture_at, point_of
from facerig.performance.emotion.wording import is_misspelt, read_wording, rows, stem
from facerig.performance.emotion.words import LEXICON

UNIT = st.floats(-1, 1)


def weights_of(text: str) -> dict[str, float]:
    """By emotion, of a text that is the same in all regions."""
    table = parse_feeling(text).array
    assert (table == table[:, :1]).all()
    return {name: float(weight) for name, weight in zip(EMOTIONS, table[:, 0], strict=True) if weight > 1e-9}


@pytest.mark.parametrize(("text", "weights"), [
    ("joy",                        {"joy": 1.0}),
    (" JOY : 0.6 ",                {"joy": 0.6}),
    ("joy:0.6,surprise:0.3",       {"joy": 0.6, "surprise": 0.3}),
    ("anger, sadness:0",           {"anger": 1.0}),
    ("joy:0.9,anger:0.9",          {"joy": 0.5, "anger": 0.5}),  # one face, shared
    ("joy,surprise:0.25",          {"joy": 0.8, "surprise": 0.2}),
    ("neutral",                    {"neutral": 1.0}),
    ("none",                       {}),
    ("vad:0,0,0",                  {"neutral": 1.0}),
    ("vad:0.76,0.48,0.35",         {"joy": 1.0}),
])
def test_a_mixture(text: str, weights: dict[str, float]) -> None:
    assert weights_of(text) == pytest.approx(weights)


def test_regions_feel_apart() -> None:
    table = parse_feeling("sadness:0.2;brows=anger:0.5;mouth=joy:0.8").array
    brows, eyes, cheeks, mouth = (table[:, k] for k in range(len(REGIONS)))
    assert (brows[EMOTION["anger"]], brows.sum()) == (0.5, 0.5)
    assert (mouth[EMOTION["joy"]], mouth.sum()) == (0.8, 0.8)
    assert eyes[EMOTION["sadness"]] == cheeks[EMOTION["sadness"]] == 0.2


def test_regions_take_words_and_points() -> None:
    table = parse_feeling("brows=slightly annoyed;mouth=vad:0.76,0.48,0.35").array
    assert 0 < table[EMOTION["anger"], 0] < 0.3
    assert table[EMOTION["joy"], 3] == pytest.approx(1)


@pytest.mark.parametrize(("text", "says"), [
    ("",                     "no emotion"),
    ("   ",                  "no emotion"),
    ("joi:0.5",              "did you mean joy?"),
    ("angst:0.5,joy:0.2",    "unknown emotion 'angst'"),
    ("joy:",                 "no number"),
    ("joy:a lot",            "no number"),
    ("joy:1.5",              "out of range"),
    ("joy:-0.1",             "out of range"),
    ("joy:nan",              "out of range"),
    ("joy:inf",              "out of range"),
    ("joy:0.2,joy:0.3",      "twice"),
    ("brow=anger",           "did you mean brows?"),
    ("brows=joy;brows=fear", "twice"),
    ("brows=;mouth=joy",     "''"),
    ("vad:0.1,0.2",          "3 numbers"),
    ("vad:0.1,0.2,3",        "dominance"),
    ("vad:0.1,x,0",          "arousal"),
    ("quux blarg",           "no feeling"),
    ("cheerfull",            "did you mean cheerful?"),
    ("x" * 501,              "too many"),
    ("joi",                  "unknown emotion 'joi'\n  fix: did you mean joy?"),
    ("joi, surprise",        "unknown emotion 'joi'"),
    ("mouth=angerr",         "did you mean anger?"),
    ("happy:0.5",            "write joy:0.5"),
    ("scared: 0.4 ,joy:0.2", "write fear:0.4"),
    ("joy:0,5",              "write joy:0.5"),
    ("joy:0.2,anger:0,5",    "write anger:0.5"),
    ("joy=0.5",              "write joy:0.5"),
    ("joy=0.5,fear=0.2",     "write joy:0.5,fear:0.2"),
])
def test_a_mistake_is_one_clear_error(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_feeling(text)
    assert says in str(caught.value)
    assert caught.value.fix
    assert caught.value.where


@pytest.mark.parametrize("text", ["smug", "happy", "angry", "joyful", "surprised", "amazed", "Painful",
                                  "anxious", "furious"])
def test_a_word_of_feeling_is_no_misspelling(text: str) -> None:
    assert parse_feeling(text).words.startswith(f"{text}: ")


def test_no_word_of_the_lexicon_is_a_misspelling() -> None:
    for _, phrases in rows(LEXICON):
        assert not [phrase for phrase in phrases.split(",") if is_misspelt(phrase)]


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.text("joyanger:,;=.0159 -vadbrows", max_size=40))
def test_any_text_is_a_feeling_or_a_clear_error(text: str) -> None:
    try:
        table = parse_feeling(text).array
    except ConfigError:
        return
    assert table.min() >= 0
    assert table.sum(0).max() <= 1 + 1e-9


@pytest.mark.parametrize("text", ["joy:0.6,surprise:0.3", "brows=anger:0.5;mouth=joy:0.8", "none",
                                  "neutral:0.5"])
def test_a_feeling_reads_as_it_is_written(text: str) -> None:
    assert parse_feeling(str(parse_feeling(text))) == parse_feeling(text)


def test_weights_are_checked_from_python_too() -> None:
    assert Feeling.of({}) == NONE
    with pytest.raises(ConfigError, match="unknown emotion"):
        Feeling.of({"happiness": 1.0})
    with pytest.raises(ConfigError, match="unknown region"):
        Feeling.of({}, {"nose": {"joy": 1.0}})
    with pytest.raises(ConfigError, match="out of range"):
        Feeling.of({"joy": 2.0})


@pytest.mark.parametrize("name", [n for n in EMOTIONS if n not in ("outofbreath", "pain")])
def test_an_emotions_own_point_is_that_emotion(name: str) -> None:
    mixed = mixture_at(*POINTS[EMOTION[name]])
    assert mixed[EMOTION[name]] == pytest.approx(1)


@settings(max_examples=300, deadline=None)
@given(st.tuples(UNIT, UNIT, UNIT), st.tuples(UNIT, UNIT, UNIT))
def test_a_point_is_a_mixture_and_a_near_point_a_near_one(point: tuple[float, ...],
                                                          step: tuple[float, ...]) -> None:
    mixed = mixture_at(*point)
    assert mixed.min() >= 0
    assert mixed.sum() == pytest.approx(1)
    near = mixture_at(*np.clip(np.array(point) + 1e-6 * np.array(step), -1, 1))
    assert np.abs(near - mixed).max() < 1e-3


@pytest.mark.parametrize(("point", "name"), [((0.5, 0.3, 0.2), "joy"), ((-0.5, -0.3, -0.3), "sadness"),
                                             ((-0.4, 0.6, 0.4), "anger"), ((-0.5, 0.7, -0.6), "fear")])
def test_a_point_means_what_one_expects(point: tuple[float, float, float], name: str) -> None:
    mixed = mixture_at(*point)
    assert EMOTIONS[int(mixed[1:].argmax()) + 1] == name
    valence, arousal, _ = point_of(mixed)
    assert np.sign(valence) == np.sign(point[0])
    assert np.sign(arousal) == np.sign(point[1])


@pytest.mark.parametrize(("text", "strongest", "low", "high"), [
    ("barely holding back tears",        "grief",       0.5, 0.9),
    ("whispering in terror",             "fear",        0.9, 1.0),
    ("smug",                             "contempt",    0.3, 0.7),
    ("could not care less",              "contempt",    0.2, 0.6),
    ("couldn't care less",               "contempt",    0.2, 0.6),
    ("slightly annoyed",                 "anger",       0.1, 0.25),
    ("very angry",                       "anger",       0.8, 1.0),
    ("furious!",                         "anger",       1.0, 1.0),
    ("barely angry",                     "anger",       0.1, 0.25),
    ("trying not to laugh",              "joy",         0.3, 0.6),
    ("barely contained rage",            "anger",       0.8, 1.0),
    ("can't stop laughing",              "joy",         0.8, 1.0),
    ("crying bitterly",                  "grief",       0.9, 1.0),
    ("bitterly",                         "anger",       0.4, 0.8),
    ("not happy",                        "sadness",     0.2, 0.5),
    ("not afraid",                       "neutral",     0.5, 1.0),
    ("it wasn't fear, it was disgust",   "disgust",     0.5, 1.0),
    ("Over the moon",                    "joy",         1.0, 1.0),
    ("out of breath",                    "outofbreath", 1.0, 1.0),
    ("I can’t believe it",               "surprise",    0.9, 1.0),
    ("Außer sich: überglücklich, thrilled", "joy",      0.8, 1.0),
    ("deadpan",                          "neutral",     1.0, 1.0),
])
def test_words(text: str, strongest: str, low: float, high: float) -> None:
    weights = read_wording(text).weights
    assert max(weights, key=weights.__getitem__) == strongest
    assert low <= weights[strongest] <= high


def test_two_feelings_in_one_text_each_keep_their_modifiers() -> None:
    weights = read_wording("slightly annoyed but very amused").weights
    assert weights["anger"] < 0.2
    assert weights["joy"] > 0.7


def test_what_a_text_was_taken_as_is_said() -> None:
    taken = read_wording("utterly terrified of the dog")
    assert str(taken) == 'fear:1 for "utterly", "terrified"; not understood: dog'


@pytest.mark.parametrize("forms", ["happy happily happiness happier", "angry angrily",
                                   "cry cries crying cried", "sob sobs sobbing",
                                   "disgust disgusted disgusting", "fear fearful fearfully",
                                   "nervous nervously nervousness", "smile smiles smiling smiled"])
def test_forms_of_a_word_have_one_root(forms: str) -> None:
    assert len({stem(word) for word in forms.split()}) == 1


def test_the_lexicon_is_large_and_no_phrase_means_two_things() -> None:
    meanings: dict[tuple[str, ...], str] = {}
    for feeling, phrases in rows(LEXICON):
        for phrase in phrases.split(","):
            roots = tuple(stem(word) for word in phrase.split())
            assert meanings.setdefault(roots, feeling) == feeling, phrase
            assert max(read_wording(phrase).weights.values()) > 0
    assert len(meanings) > 400
