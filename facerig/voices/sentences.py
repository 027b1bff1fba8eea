"""A text cut into what a voice says at once: sentences, and parts of long ones.

A voice that gets one sentence at a time gives its first sound early and needs memory for one sentence only. A
cut is made where a reader would breathe: at the ends of paragraphs and sentences, else at commas, else
between words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 300  # characters of a piece: 20 s of speech
LEAST: Final = 60  # of a part that is cut off a long sentence

_PARAGRAPHS: Final = re.compile(r"\n[ \t]*\n\s*")
# What ends a sentence: Latin, Devanagari, Urdu, Arabic, Ethiopic, Armenian marks, with the quotes that close
# it; before a space. CJK marks need none.
_END: Final = re.compile(r"""[.!?…।॥۔؟።։]+["'”’»)\]]*(?=\s)|[。！？｡]+[」』”’）]*""")
_BREATH: Final = re.compile(r"[,;:—–、，；：،؛](?=\s|$)|[、，；：]|\s[—–-]\s")
# A full stop behind these ends nothing (English, German, French, Spanish, Italian).
_ABBREVIATIONS: Final = """
mr mrs ms dr prof st sr jr sgt capt col gen lt cmdr rev hon gov sen rep pres mt ft vs no nos vol fig ca approx
e.g i.e cf al inc ltd co corp dept est hr fr hl bzw usw ggf z.b d.h u.a nr bd mme mlle sra srta sig
"""
_ABBREVIATED: Final = frozenset(_ABBREVIATIONS.split())


@dataclass(frozen=True, slots=True)
class Sentence:
    """A piece to be spoken. `last`: a paragraph ends behind it."""

    text: str
    last: bool = False


def sentences(text: str) -> Iterator[Sentence]:
    """The pieces of `text` in order, at most LONGEST characters each; nothing but white space is lost."""
    for paragraph in _PARAGRAPHS.split(text.strip()):
        pieces = [piece for whole in _wholes(" ".join(paragraph.split())) for piece in _parts(whole)]
        for number, piece in enumerate(pieces, 1):
            yield Sentence(piece, number == len(pieces))


def _wholes(text: str) -> Iterator[str]:
    begin = 0
    for match in _END.finditer(text):
        if _ends(text, match):
            yield text[begin : match.end()].strip()
            begin = match.end()
    if rest := text[begin:].strip():
        yield rest


def _ends(text: str, match: re.Match[str]) -> bool:
    """Whether a sentence ends here, and no abbreviation, initial or number in the middle of one."""
    following = text[match.end() :].lstrip()[:1]
    if following.islower():
        return False
    if not match[0].startswith(".") or match[0].startswith(".."):
        return True
    word = text[: match.start()].rpartition(" ")[2].lstrip("(\"'“‘«[").lower()
    initial = len(word) == 1 and word.isalpha() and word != "i"
    return not initial and word not in _ABBREVIATED


def _parts(sentence: str) -> Iterator[str]:
    """A sentence, or pieces of a long one."""
    while len(sentence) > LONGEST:
        at = _cut(sentence)
        yield sentence[:at].strip()
        sentence = sentence[at:].strip()
    if sentence:
        yield sentence


def _cut(sentence: str) -> int:
    """Where to cut a sentence that is too long: behind a comma, a word, or, of a word, anywhere."""
    breaths = [match.end() for match in _BREATH.finditer(sentence[:LONGEST]) if match.end() >= LEAST]
    if breaths:
        return breaths[-1]
    space = sentence.rfind(" ", LEAST, LONGEST)
    return space if space > 0 else LONGEST
