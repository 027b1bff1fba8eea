"""Free text as a feeling: "barely holding back tears", "whispering in terror", "could not care less".

Matched with the lexicon of `words`, on this machine, by rules that a writer can foresee: the longest phrase
wins; words such as *slightly* weigh the feeling they stand beside; *not* turns it off (of joy it leaves a
little sadness); restraint (*trying not to*, *holding back*) halves it, unless it is *barely* held.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum
from functools import cache
from typing import Final

from facerig.errors import ConfigError
from facerig.performance.emotion.poses import EMOTIONS
from facerig.performance.emotion.words import (
    BREAKS,
    FILLERS,
    LEXICON,
    MODIFIERS,
    NEGATIONS,
    OPPOSITE,
    RESTRAINT,
    SPARING,
)

RESTRAINED, NEARLY_LET_GO = 0.55, 0.9  # of a feeling that is held back, and of one that is barely
LEAST: Final = 0.05
A_TRACE: Final = 0.3  # of a feeling that is barely there
_LONGEST: Final = 8  # words of a phrase
Kind = Enum("Kind", "FEELING MODIFIER SPARING RESTRAINT NEGATION BREAK FILLER UNKNOWN")
_OPENING: Final = (Kind.FEELING, Kind.NEGATION, Kind.RESTRAINT, Kind.SPARING)  # behind a feeling: of the next
# the first that leaves a root of three letters goes, and what stands for it comes
_ENDINGS: Final = (("fulness", ""), ("iness", "y"), ("fully", ""), ("ingly", ""), ("edly", ""), ("iest", "y"),
                   ("ment", ""), ("ness", ""), ("ful", ""), ("ier", "y"), ("ies", "y"), ("ied", "y"),
                   ("ily", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("ly", ""), ("s", ""))
_SHORT_FORMS: Final = ((r"\bcan'?t\b|\bcannot\b", "can not"), (r"\bwon'?t\b", "will not"),
                       (r"\b(could|would|did|does|do|is|are|was|were|has|have|had|should)n'?t\b", r"\1 not"),
                       (r"'(m|re|s|ve|ll|d)\b", ""))


@dataclass(frozen=True, slots=True)
class Wording:
    """What a text was taken as: `weights` by emotion, the words `understood`, and those `ignored`."""

    weights: Mapping[str, float]
    understood: tuple[str, ...]
    ignored: tuple[str, ...]

    def __str__(self) -> str:
        mixture = ",".join(f"{name}:{round(weight, 2):g}" for name, weight in self.weights.items())
        because = ", ".join(f'"{words}"' for words in self.understood)
        left = f"; not understood: {', '.join(self.ignored)}" if self.ignored else ""
        return f"{mixture} for {because}{left}"


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a word or phrase is: of feelings the weights, of modifiers the factor."""

    kind: Kind
    weights: tuple[tuple[str, float], ...] = ()
    factor: float = 1.0


@dataclass(slots=True)
class _Clause:
    """One or more feelings and the words beside them that weigh them."""

    feelings: list[tuple[str, float]] = field(default_factory=list)
    factor: float = 1.0
    kinds: set[Kind] = field(default_factory=set)
    negated: bool = False
    said: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def add(self, entry: _Entry, phrase: str) -> None:
        self.feelings += entry.weights
        self.factor *= entry.factor
        self.kinds.add(entry.kind)
        self.negated ^= entry.kind is Kind.NEGATION
        self.said.append(phrase)

    def weighed(self) -> Iterator[tuple[str, float]]:
        """What the feelings become."""
        sparing, restrained = (kind in self.kinds for kind in (Kind.SPARING, Kind.RESTRAINT))
        for name, weight in self.feelings:
            if restrained:
                weight *= NEARLY_LET_GO if sparing or self.negated else RESTRAINED  # barely held, not held
            elif self.negated:
                name, share = OPPOSITE.get(name, ("neutral", 1.0))
                yield name, weight * share
                continue
            elif sparing:
                weight *= A_TRACE
            yield name, min(1.0, max(LEAST, weight * self.factor))


def stem(word: str) -> str:
    """A word's root, or nearly so: happily, happiness and happy have the same."""
    word = _without_ending(word)
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    if word.endswith("y"):
        return word[:-1] + "i"
    return word.removesuffix("e") if len(word) > 3 else word


def _without_ending(word: str) -> str:
    for ending, instead in _ENDINGS:
        root = word.removesuffix(ending)
        if root != word and len(root) >= 3 and not (ending == "s" and root[-1] in "siu"):
            return root + instead
    return word


def is_misspelt(text: str) -> bool:
    """Whether `text` is a word that only its root makes an emotion, and no ending of English: joi, angerr."""
    word = text.strip().lower()
    return (word.isascii() and word.isalpha() and word not in EMOTIONS and word not in _written()
            and word == _without_ending(word) and stem(word) in {stem(name) for name in EMOTIONS})


def emotion_of(word: str) -> str | None:
    """The emotion that a word of feeling shows most of; None for any other word."""
    try:
        weights = read_wording(word).weights
    except ConfigError:
        return None
    return max(weights, key=lambda name: weights[name])


def read_wording(text: str) -> Wording:
    """What `text` means. Raises ConfigError where it holds no word of feeling that the lexicon has."""
    words = _words(text)
    # "furiously" weighs what stands beside it; alone it is a feeling
    for entries in (list(_entries(words, _weighing())), list(_entries(words, {}))):
        weights: dict[str, float] = {}
        understood: list[str] = []
        ignored: list[str] = []
        for clause in _clauses(entries):
            ignored += clause.ignored
            understood += clause.said if clause.feelings else []
            for name, weight in clause.weighed():
                weights[name] = max(weight, weights.get(name, 0.0))
        if weights:
            return Wording(weights, tuple(understood), tuple(ignored))
    raise _not_understood(text, words)


def _words(text: str) -> list[str]:
    """Lower-case words without accents and short forms; a comma, a full stop and the like as words."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("\u2019", "'"))
    for pattern, instead in _SHORT_FORMS:
        plain = re.sub(pattern, instead, plain)
    return re.findall(r"[a-z]+|[.,;!?]", plain.encode("ascii", "ignore").decode())


def _clauses(entries: list[tuple[_Entry, str]]) -> Iterator[_Clause]:
    """Feelings with the words beside them: those before, and behind the last one of a clause."""
    clause = _Clause()
    for entry, phrase in (*entries, (_Entry(Kind.BREAK), "")):
        if entry.kind is Kind.BREAK or (clause.feelings and entry.kind in _OPENING):
            yield clause
            clause = _Clause()
        if entry.kind is Kind.UNKNOWN:
            clause.ignored.append(phrase)
        elif entry.kind not in (Kind.FILLER, Kind.BREAK):
            clause.add(entry, phrase)


def _entries(words: list[str], first: Mapping[tuple[str, ...], _Entry]) -> Iterator[tuple[_Entry, str]]:
    """The longest phrases of `first`, word by word, or of the lexicon, root by root, from left to right."""
    lexicon, roots, at = _lexicon(), [stem(word) for word in words], 0
    length = 1
    while at < len(words):
        for length in range(min(_LONGEST, len(words) - at), 0, -1):
            exact, rooted = tuple(words[at:at + length]), tuple(roots[at:at + length])
            entry = first.get(exact) or lexicon.get(rooted)
            if entry is not None:
                break
        else:
            entry = _Entry(Kind.UNKNOWN if words[at].isalpha() else Kind.BREAK)
        yield entry, " ".join(words[at:at + length]) if words[at].isalpha() else ""
        at += length


@cache
def _lexicon() -> Mapping[tuple[str, ...], _Entry]:
    """Every word and phrase by its roots; where two lists hold one, the first counts."""
    entries: dict[tuple[str, ...], _Entry] = {}

    def enter(phrases: str, entry: _Entry) -> None:
        for phrase in phrases.split(","):
            entries.setdefault(tuple(stem(word) for word in _words(phrase)), entry)

    for names, phrases in rows(LEXICON):
        pairs = (pair.split() for pair in names.split(","))
        enter(phrases, _Entry(Kind.FEELING, tuple((name, float(weight)) for name, weight in pairs)))
    for name in EMOTIONS:
        enter(name, _Entry(Kind.FEELING, ((name, 1.0),)))
    for words, entry in _weighing().items():
        entries.setdefault(tuple(stem(word) for word in words), entry)
    for phrases, kind in ((SPARING, Kind.SPARING), (RESTRAINT, Kind.RESTRAINT), (NEGATIONS, Kind.NEGATION),
                          (BREAKS, Kind.BREAK), (FILLERS, Kind.FILLER)):
        enter(phrases, _Entry(kind))
    return entries


@cache
def _written() -> frozenset[str]:
    """The feelings of the lexicon, letter by letter."""
    return frozenset(phrase.strip() for _, phrases in rows(LEXICON) for phrase in phrases.split(","))


@cache
def _weighing() -> Mapping[tuple[str, ...], _Entry]:
    """The modifiers, word by word."""
    return {tuple(phrase.split()): _Entry(Kind.MODIFIER, factor=float(factor))
            for factor, phrases in rows(MODIFIERS) for phrase in phrases.split(",")}


def rows(table: str) -> list[tuple[str, str]]:
    """The rows of a table of `words`: what stands before the bar, and the phrases behind it."""
    joined = re.sub(r",\s*\n", ", ", table.strip())
    return [(left.strip(), right.strip()) for left, right in
            (line.split("|") for line in joined.splitlines())]


def _not_understood(text: str, words: list[str]) -> ConfigError:
    known = [" ".join(phrase.split()) for _, phrases in rows(LEXICON) for phrase in phrases.split(",")]
    near = [match for word in words if len(word) > 3 for match in get_close_matches(word, known, 1, 0.75)]
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    fix = (f"{meant}write one of {', '.join(EMOTIONS)}, or a mixture such as joy:0.6,surprise:0.3, or words "
           f"such as slightly annoyed, trying not to cry, smug ({len(known)} are known, in English)")
    return ConfigError(f"no feeling is found in {text!r}", where="--emotion", fix=fix)
