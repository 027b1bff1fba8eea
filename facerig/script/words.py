"""English text -> words with the ways to say them, in phones of the inventory.

What stands in a script and is not spoken is left out, and what may not be spoken is marked as such:

    [sighs] {name} <i>       never spoken: stage directions, variables, mark-up
    (softly) *coughs* ANNA:  perhaps: directions, asides, emphasis, speakers' names; free to be absent

Numbers, dates, abbreviations, homographs and unknown words are read by hibari-tts's G2P (Apache-2.0;
lexicons, tagger and a small network inside its wheel). It reads American and British English: both become
variants, and the commonest words get their weak forms, as a sentence that is spoken fast has them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from typing import Any, Final

from facerig.errors import ConfigError
from facerig.script.phones import CLASS, LABELS, MARKS

INSTALL: Final = 'pip install "facerig[text]"'
LONGEST_TEXT: Final = 2_000_000  # characters: a day of speech
LEAST_KNOWN: Final = 0.5  # share of words that an English lexicon holds, of a text in English
LEAST_LATIN: Final = 0.7  # share of its letters that are Latin
ENOUGH_WORDS: Final = 5  # fewer may all be names
KNOWN_RATING: Final = 3  # hibari's: 4 and 3 from its lexicons, 2 from its network

_STRESS: Final = "ˈˌː"
_NO_SOUND: Final = str.maketrans("_[]\"“”„«»", "         ")  # tokens would keep them
_NEVER: Final = re.compile(r"\[[^\[\]]*\]|\{[^{}]*\}|<[^<>]*>")
_PERHAPS: Final = re.compile(r"\(([^()]*)\)|\*+([^*]+)\*+|^[ \t]*([A-Z][A-Z0-9 .'_-]{1,30}:)(?=\s)",
                             re.MULTILINE)

# word   how it is said where it carries no stress, beside what the lexicons say (their own symbols)
_WEAK: Final = """
a        A ɐ
an       ən
and      ænd ənd ən
are      əɹ
as       əz
at       ət
but      bət
can      kən
could    kəd
do       də
for      fəɹ
from     fɹəm
had      əd həd
has      əz həz
have     əv həv
he       i
her      əɹ
him      ɪm
his      ɪz
i        ə I
is       z s
just     ʤəst
must     məst məs
of       əv ə
or       əɹ
shall    ʃəl
should   ʃəd
some     səm
than     ðən
that     ðət
the      ðə ði
them     ðəm əm
there    ðəɹ
to       tə tʊ tu
us       əs
was      wəz
were     wəɹ
will     əl
would    əd wəd
you      jə ju
your     jəɹ
z        zi zɛd
"""
# how plain IPA writes hibari's symbols of one phone
_WRITTEN: Final = {"T": "ɾ", "g": "ɡ", "ʧ": "tʃ", "ʤ": "dʒ", "ᵊ": "ə", "ᵻ": "ɪ"}
Reading = tuple[tuple[str, str], ...]  # of a word: its phones, each as the inventory and as IPA writes it
WEAK: Final = {word: tuple(said) for word, *said in (line.split() for line in _WEAK.strip().splitlines())}


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the script. `variants`: phone names of each way to say it; `optional`: perhaps not spoken.

    labels: the same in plain IPA, which tells d from t; empty where the phones' names are all there is.
    """

    text: str
    variants: tuple[tuple[str, ...], ...]
    optional: bool = False
    known: bool = True
    labels: tuple[tuple[str, ...], ...] = ()

    def labels_of(self, phones: tuple[str, ...]) -> tuple[str, ...]:
        """The IPA of one of the variants."""
        return self.labels[self.variants.index(phones)] if self.labels else phones


@dataclass(frozen=True, slots=True)
class Script:
    """What is said in a recording. `refused`: why the words cannot be used ("" where they can)."""

    words: tuple[Word, ...]
    refused: str = ""


def read_script(text: str, language: str = "en") -> Script:
    """The words of `text`; for another language than English none, and `refused` says so.

    Raises ConfigError for a text beyond LONGEST_TEXT, or where hibari-tts is not installed.
    """
    if len(text) > LONGEST_TEXT:
        raise ConfigError(f"a text of {len(text)} characters is too long", where="--text",
                          fix=f"give at most {LONGEST_TEXT} characters; split the recording")
    if not is_english(language):
        return Script((), f"texts in {language!r} are not used yet, only English (en)")
    check_reader()
    if not any(c.isalnum() for c in _NEVER.sub(" ", text)):
        return Script((), "the text holds no words")
    if _latin_share(text) < LEAST_LATIN:
        return Script((), "the text is not in Latin letters, and only English is used yet")
    words = tuple(word for part, optional in _parts(text) for word in _words(part, optional))
    if not words:
        return Script((), "the text holds no words")
    known = sum(w.known for w in words) / len(words)
    if len(words) >= ENOUGH_WORDS and known < LEAST_KNOWN:
        return Script((), f"the text does not look English: a lexicon knows {known:.0%} of its words")
    return Script(words)


def is_english(language: str) -> bool:
    """Whether a tag such as en, en-GB or English names English."""
    return re.split(r"[-_ ]", language.strip().lower())[0] in ("en", "eng", "english")


def _latin_share(text: str) -> float:
    letters = [c for c in text if c.isalpha()]
    latin = sum("LATIN" in unicodedata.name(c, "") for c in letters)
    return latin / len(letters) if letters else 1.0


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Pieces of the text, and whether they may be unspoken."""
    text, at = _NEVER.sub(" ", text), 0
    for match in _PERHAPS.finditer(text):
        yield text[at : match.start()], False
        aside, emphasis, speaker = match.groups()
        yield aside or emphasis or (speaker or "").title(), True  # capitals would be spelled out
        at = match.end()
    yield text[at:], False


def _words(text: str, optional: bool) -> Iterator[Word]:
    text = unicodedata.normalize("NFKC", text).translate(_NO_SOUND)
    if not any(c.isalnum() for c in text):
        return
    try:
        american, british = _read(text)
    except Exception:  # hibari stumbles over rare signs: whatever holds one is left out, and not the text
        pieces = text.split()
        for piece in pieces if len(pieces) > 1 else ():
            yield from _words(piece, optional)
        return
    for one, other in zip_longest(american, british):
        token = one or other
        said = [_spoken(t.phonemes or "") for t in (one, other) if t is not None]
        said += [_spoken(form) for form in WEAK.get(token.text.lower(), ())]
        known = bool((token.rating or 0) >= KNOWN_RATING)
        yield from _split(token.text, said, optional, known)


def _read(text: str) -> list[list[Any]]:
    """hibari's tokens, American and British: the same ones, read differently."""
    readers = _readers()
    from hibari.g2p.normalize import normalize

    plain = normalize(text)
    return [reader.phonemize_tokens(reader.tokenize(plain)) for reader in readers]


def _split(text: str, said: list[tuple[Reading, ...]], optional: bool, known: bool) -> Iterator[Word]:
    """The words of a token: several for a number, whose readings are kept apart where they do not agree."""
    readings = list(dict.fromkeys(reading for reading in said if reading))
    if len({len(reading) for reading in readings}) == 1:
        for pieces in zip(*readings, strict=True):
            yield _word(text, pieces, optional, known)
    elif readings:
        joined = (tuple(phone for piece in reading for phone in piece) for reading in readings)
        yield _word(text, joined, optional, known)


def _word(text: str, readings: Iterable[Reading], optional: bool, known: bool) -> Word:
    """A word; of readings that differ in nothing that the inventory tells apart, the first."""
    variants: dict[tuple[str, ...], tuple[str, ...]] = {}
    for reading in readings:
        variants.setdefault(tuple(name for name, _ in reading), tuple(label for _, label in reading))
    return Word(text, tuple(variants), optional, known, tuple(variants.values()))


def _spoken(symbols: str) -> tuple[Reading, ...]:
    """hibari's symbols as phones of the inventory with their IPA, by spoken word."""
    pieces = (tuple(_phones(piece)) for piece in re.split(r"[\s—-]+", symbols))
    return tuple(piece for piece in pieces if piece)


def _phones(symbols: Iterable[str]) -> Iterator[tuple[str, str]]:
    for symbol in symbols:
        if symbol not in MARKS and symbol not in _STRESS:
            names = LABELS["ipa"].get(symbol) or ((symbol,) if symbol in CLASS else ())
            written = _WRITTEN.get(symbol, symbol)
            yield from zip(names, (written,) if len(names) == 1 else names, strict=True)


def check_reader() -> None:
    """Raises ConfigError where hibari-tts is not installed."""
    _readers()


@cache
def _readers() -> tuple[Any, Any]:
    """hibari's G2P, American and British; 1 s to load."""
    try:
        from hibari.g2p import G2P
    except ImportError:
        raise ConfigError("reading a text needs hibari-tts, which is not installed", where="--text",
                          fix=INSTALL) from None
    return G2P(), G2P(british=True)
