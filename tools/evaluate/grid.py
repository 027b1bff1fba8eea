"""GRID's clips as labelled recordings: its word times, and inside each word the dictionary's phones.

GRID's authors gave the words with their times, by an aligner of their own; nobody gave phones. A word's
phones share its time as they do in other speech, so a p, b or m at a word's edge stands at a known time, and
within a word to about 20 ms. No aligner of ours or of a peer has a hand in it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from facerig.errors import ConfigError

FOLDER: Final = "grid_s1"
PAUSES: Final = frozenset({"sil", "sp"})
# Length of a phone beside others, ms: medians of Kokoro's English training voices, gaps shared, normal speed.
_MS: Final = """
p 68   b 67   m 63   f 65   v 57   w 54   ɹ 60   s 80   z 74   ʃ 83   t 57   d 59   n 58
l 62   θ 72   ð 46   k 71   ɡ 65   h 52   j 58   ʤ 75   ʧ 81   i 91   ɪ 69   u 112  ʊ 64
ɛ 101  ə 61   æ 106  ʌ 81   ɑ 129  ɔ 125  ɒ 86   A 141  I 141  O 141  W 146
"""
# British, as the speaker is; capitals are diphthongs, as Kokoro writes them.
_WORDS: Final = """
bin b-ɪ-n       lay l-A      place p-l-A-s    set s-ɛ-t  blue b-l-u  green ɡ-ɹ-i-n  red ɹ-ɛ-d
white w-I-t     at æ-t       by b-I           in ɪ-n     with w-ɪ-ð  again ə-ɡ-ɛ-n  now n-W
please p-l-i-z  soon s-u-n   zero z-ɪ-ɹ-O     one w-ʌ-n  two t-u     three θ-ɹ-i    four f-ɔ
five f-I-v      six s-ɪ-k-s  seven s-ɛ-v-ə-n  eight A-t  nine n-I-n  a A            b b-i
c s-i           d d-i        e i              f ɛ-f      g ʤ-i       h A-ʧ          i I
j ʤ-A           k k-A        l ɛ-l            m ɛ-m      n ɛ-n       o O            p p-i
q k-j-u         r ɑ          s ɛ-s            t t-i      u j-u       v v-i          x ɛ-k-s
y w-I           z z-ɛ-d
"""


def _lengths() -> dict[str, int]:
    items = _MS.split()
    return dict(zip(items[::2], map(int, items[1::2]), strict=True))


def _dictionary() -> dict[str, list[str]]:
    items = _WORDS.split()
    return {word: phones.split("-") for word, phones in zip(items[::2], items[1::2], strict=True)}


LENGTHS: Final = _lengths()
DICTIONARY: Final = _dictionary()


def records(folder: Path) -> list[dict[str, Any]]:
    """A record for each clip, as phones.jsonl of other sets holds them. Raises ConfigError without words."""
    path = folder / "words.json"
    try:
        clips = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", where=str(path),
                          fix="give the folder of the development sets with --data") from error
    return [{"id": name, "speaker": FOLDER, "text": " ".join(w for w, _, _ in words if w not in PAUSES),
             "phones": [phone for word in words for phone in timed(*word)]} for name, words in clips.items()]


def timed(word: str, start: float, end: float) -> list[list[Any]]:
    """The phones of a word, sharing its time as they do in other speech."""
    if word in PAUSES:
        return [["SIL", start, end]]
    phones = DICTIONARY[word]
    share = (end - start) / sum(LENGTHS[p] for p in phones)
    out, at = [], start
    for phone in phones:
        out.append([phone, round(at, 4), round(at + share * LENGTHS[phone], 4)])
        at += share * LENGTHS[phone]
    return out
