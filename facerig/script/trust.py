"""Whether a text is what was said, and which of its words: everything here compares scores, in nats a frame.

A recogniser forced to a text finds something in any sound. So the forced path is weighed against the best
free phones (which need no text), and the whole text against decoys: its words said backwards. The right text
fits much better than they do; a wrong one fits like they do, however loud the noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.script.align import Costs, Spoken, align
from facerig.script.phones import CLASS, INVENTORY
from facerig.script.words import Word

Array = NDArray[np.float32]

FLOOR: Final = 0.02  # of the probabilities, spread like the classes: no single frame may decide
RAREST: Final = 1e-3
# Share of English that each phone takes, pauses too, % (Kokoro's labelled sentences); others are rare.
_PERCENT: Final = """
_ 18.4  p 1.6  b 1.3  m 2.6  f 2.1  v 1.2  w 1.7  ɹ 3.7  s 7.6  ʃ 1.4  t 9.0  n 6.1  l 3.1  θ 2.4  k 3.4
h 1.4   j 0.5  i 4.1  ɪ 7.2  e 1.6  ɛ 3.2  æ 2.4  a 2.0  ɑ 1.5  ʌ 1.7  ə 4.4  ɜ 1.0  ɔ 1.8  o 1.2  ʊ 2.4
u 1.5
"""

# confidence of a word: weight of each fact about it, fitted on validation speakers, words put in at random
#                        weight
SURE: Final         =     3.5
WEAKEST_PHONE: Final =    0.76  # mean of its forced path against the free one, nats a frame
SQUEEZED: Final =        -1.13  # frames a phone, below ...
NATURAL_FRAMES: Final =   5.0
PHONES: Final =           1.6  # logarithm of how many
MISSING_BESIDE: Final =  -0.68  # of its two neighbours

PHONE_FRAMES: Final = 7.0  # of a usual phone: how much of a recording a text can explain
# Score from which on a text is used. Of validation speakers, in quiet and at 10 dB, right texts score 0.8 and
# more, and 99 % of wrong ones less than 0.6.
MATCH: Final = 0.65


def _log_priors() -> Array:
    items = _PERCENT.split()
    share: dict[str, float] = dict(zip(items[::2], (float(p) / 100 for p in items[1::2]), strict=True))
    return np.log([share.get(name, RAREST) for name in INVENTORY]).astype(np.float32)


LOG_PRIORS: Final = _log_priors()


@dataclass(frozen=True, slots=True)
class Match:
    """How well a text fits: `spoken` words with their `sure`ness, and the `score` of the whole."""

    spoken: tuple[Spoken, ...]
    sure: tuple[float, ...]
    score: float


def emissions(log_probs: Array, prior: float) -> Array:
    """What the aligner sums up: floored log-probabilities, less the classes' priors to the power `prior`."""
    floored = np.exp(log_probs) * (1.0 - FLOOR) + FLOOR * np.exp(LOG_PRIORS)
    return np.asarray(np.log(floored) - prior * LOG_PRIORS, np.float32)


def matched(log_probs: Array, n_speech: int, words: Sequence[Word], costs: Costs | None = None) -> Match:
    """The words found in log-probabilities [T, len(INVENTORY)], of which `n_speech` frames are speech."""
    costs = costs or Costs()
    scores = emissions(log_probs, costs.prior)
    free = scores.max(1)
    spoken = align(scores, words, costs)
    found = {s.word for s in spoken}
    said = [word for i, word in enumerate(words) if i in found or not word.optional]
    usual = PHONE_FRAMES * sum(len(word.variants[0]) for word in said)
    gain = _gain(scores, free, spoken, words, costs)
    decoys = [_gain(scores, free, align(scores, decoy, costs), decoy, costs) for decoy in _decoys(words)]
    sure = tuple(_sureness(scores, free, s, found, len(words)) for s in spoken)
    return Match(tuple(spoken), sure, (gain - sum(decoys) / len(decoys)) / max(1.0, min(n_speech, usual)))


def _decoys(words: Sequence[Word]) -> tuple[list[Word], list[Word]]:
    """The words said backwards, in their order and in the other."""
    backwards = [replace(word, variants=tuple(v[::-1] for v in word.variants)) for word in words]
    return backwards, backwards[::-1]


def _phone_scores(scores: Array, free: Array, spoken: Spoken) -> list[Array]:
    """Forced less free, of each frame of each phone."""
    return [scores[a:b, CLASS[phone]] - free[a:b] for phone, a, b in spoken.timed()]


def _gain(scores: Array, free: Array, spoken: Sequence[Spoken], words: Sequence[Word], costs: Costs) -> float:
    """What the words explain, in nats above speech that nobody wrote down; unspoken ones cost."""
    phones = [phone for s in spoken for phone in _phone_scores(scores, free, s)]
    explained = sum(float((phone + costs.filler).sum()) for phone in phones)
    found = {s.word for s in spoken}
    unsaid = sum(costs.skip for i, word in enumerate(words) if i not in found and not word.optional)
    return explained - unsaid


def _sureness(scores: Array, free: Array, spoken: Spoken, found: set[int], n_words: int) -> float:
    """Above 0 for a word that is more likely there than not."""
    per_phone = (spoken.end - spoken.start) / len(spoken.phones)
    weakest = min(float(phone.mean()) for phone in _phone_scores(scores, free, spoken))
    missing = sum(0 <= i < n_words and i not in found for i in (spoken.word - 1, spoken.word + 1))
    return (SURE + WEAKEST_PHONE * weakest + SQUEEZED * max(0.0, NATURAL_FRAMES - per_phone)
            + PHONES * float(np.log(len(spoken.phones))) + MISSING_BESIDE * missing)
