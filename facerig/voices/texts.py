"""A text made ready to be spoken: without directions, pictures, and letters that a voice cannot read.

    prepared("Hello [waves] world 🙂", ("en",))  ->  "Hello world", with a remark on what was left out
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from facerig.core.toml_files import one_of
from facerig.errors import ConfigError
from facerig.voices.voice import base_language

LONGEST_TEXT: Final = 2_000_000  # characters: a day of speech, as texts of recordings
LEAST_READABLE: Final = 0.7  # share of its letters that the language is written in; with fewer it is another
NAMED: Final = 5  # things in a remark

# Never spoken, as in scripts of recordings: [directions], <mark-up>, {variables}
_DIRECTIONS: Final = re.compile(r"\[[^\[\]]*\]|<[^<>\s][^<>]*>|\{[^{}]*\}")
# *must* go: voices would read the stars
_EMPHASIS: Final = re.compile(r"(?<!\w)[*_]+(?=\w)|(?<=[\w.,!?])[*_]+(?!\w)")

# Unicode category  what becomes of such a sign
_SIGNS: Final = {
    "Cc": " ",    # control characters
    "Cf": "",     # invisible: soft hyphens, direction marks, zero width
    "Co": " ",    # private use
    "Cs": "",     # halves of a pair
    "Cn": " ",    # not assigned
    "So": " ",    # pictures: emoji, arrows, boxes
}
_KEPT: Final = frozenset("\n\t\u200c\u200d°№℃℉™©®")  # spoken, or letters join through them
_WITH_PICTURES: Final = frozenset("\ufe0e\ufe0f\u20e3🏻🏼🏽🏾🏿")  # change the sign before them

# scripts, as Unicode's names of letters begin  languages that are written in them (CLDR)
_WRITTEN: Final = (
    (("LATIN",),                            "en de fr es it pt nl sv da nb no fi is pl cs sk sl hr ro hu tr "
                                            "et lv lt vi id ms sw ca gl eu ga cy"),
    (("CYRILLIC",),                         "ru uk be bg mk"),
    (("CYRILLIC", "LATIN"),                 "sr"),
    (("GREEK",),                            "el"),
    (("ARABIC",),                           "ar fa ur"),
    (("HEBREW",),                           "he"),
    (("DEVANAGARI",),                       "hi mr ne"),
    (("THAI",),                             "th"),
    (("GEORGIAN",),                         "ka"),
    (("ARMENIAN",),                         "hy"),
    (("CJK", "LATIN"),                      "zh"),
    (("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "CJK", "LATIN"), "ja"),
    (("HANGUL", "CJK", "LATIN"),            "ko"),
)
_SCRIPTS: Final = {language: scripts for scripts, languages in _WRITTEN for language in languages.split()}
_OTHERS_TOO: Final = ("MODIFIER", "FEMININE", "MASCULINE", "MICRO")  # ʼ ª º µ


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is spoken, in which language ("" where nobody said), and what somebody should know about it."""

    text: str
    language: str
    remarks: tuple[str, ...]


def prepared(text: str, languages: Sequence[str] = (), language: str = "", *, voice: str = "") -> Prepared:
    """`text` as a voice of `languages` (none: any) can say it. `language`: of the text, where it is known.

    Raises ConfigError for a text that is too long, that holds nothing to say, or is not in a language of the
    voice.
    """
    if len(text) > LONGEST_TEXT:
        raise ConfigError(f"a text of {len(text)} characters is too long", where="text",
                          fix=f"give at most {LONGEST_TEXT} characters")
    language = _language(languages, language, voice)
    directions = _DIRECTIONS.findall(text)
    plain = _EMPHASIS.sub("", unicodedata.normalize("NFC", _DIRECTIONS.sub(" ", text)))
    plain, pictures = _without_pictures(plain.replace("\r\n", "\n").replace("\r", "\n"))
    scripts = {script for one in ([language] if language else languages) for script in _scripts(one)}
    plain, foreign = _readable(plain, scripts, voice, language or ", ".join(languages))
    plain = re.sub(r"[^\S\n]+", " ", plain).strip()
    if directions or pictures or foreign:
        plain = re.sub(r" (?=[,.;:!?])", "", plain)
    if not any(char.isalnum() for char in plain):
        raise ConfigError("the text holds nothing to say", where="text", fix="give words")
    remarks = [f"not spoken: {_named(what)}" for what in (directions, pictures, foreign) if what]
    return Prepared(plain, language, tuple(remarks))


def _language(languages: Sequence[str], language: str, voice: str) -> str:
    """The language of the text: the one that was told, else the voice's only one."""
    spoken = list(dict.fromkeys(base_language(one) for one in languages))
    if not language:
        return spoken[0] if len(spoken) == 1 else ""
    if spoken and base_language(language) not in spoken:
        raise ConfigError(f"the voice {voice!r} does not speak {language!r}", where="language",
                          fix=f"it speaks {one_of(spoken)}; `facerig voices` lists others")
    return base_language(language)


def _scripts(language: str) -> tuple[str, ...]:
    """"ANY" for a language that the table does not know."""
    return _SCRIPTS.get(base_language(language), ("ANY",))


def _without_pictures(text: str) -> tuple[str, list[str]]:
    """Signs that are no writing, taken out; those of them that can be seen."""
    out, seen = list[str](), list[str]()
    for char in text:
        instead = None if char in _KEPT else _SIGNS.get(unicodedata.category(char))
        if char in _WITH_PICTURES:
            instead = ""
        elif instead is not None and unicodedata.category(char) == "So":
            seen.append(char)
        out.append(char if instead is None else instead)
    return "".join(out), seen


def _readable(text: str, scripts: set[str], voice: str, language: str) -> tuple[str, list[str]]:
    """The text without words in letters of other scripts, and those words. Raises ConfigError where most of
    it is such."""
    if not scripts or "ANY" in scripts:
        return text, []
    letters = [char for char in text if char.isalpha()]
    foreign = {char for char in set(letters) if not _is_of(char, scripts)}
    n_foreign = sum(char in foreign for char in letters)
    if n_foreign > (1 - LEAST_READABLE) * len(letters):
        raise ConfigError(f"the voice {voice!r} speaks {language}, which is not written in "
                          f"{_named(sorted(foreign))}", where="text",
                          fix="take a voice of the text's language; `facerig voices` lists them")
    if not foreign:
        return text, []
    run = re.compile(f"[{''.join(map(re.escape, sorted(foreign)))}]+")
    return run.sub(" ", text), run.findall(text)


def _is_of(char: str, scripts: set[str]) -> bool:
    first = unicodedata.name(char, "").replace("FULLWIDTH ", "").replace("HALFWIDTH ", "").split(" ")[0]
    return first in scripts or first in _OTHERS_TOO


def _named(things: Sequence[str]) -> str:
    different = list(dict.fromkeys(things))
    more = len(different) - NAMED
    return " ".join(different[:NAMED]) + (f" and {more} more" if more > 0 else "")
