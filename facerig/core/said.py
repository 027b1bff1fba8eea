"""What was said, and when: what tracks of words and phones hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TimedLabel:
    """A word, phone or viseme from `start` to `end`, seconds of the audio."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """In order, none over another; between them nobody speaks.

    words: as a text writes them, those that were found; none without a text. phones: IPA. Those of words are
    the text's; the others are heard, by an ear that tells sounds apart as lips do: t stands for d, s for z,
    k for g, ŋ is n. sureness: mean probability of the surest phone while somebody speaks, 0 to 1; low where
    a voice mumbles, sings, or speaks another language than the ear has learnt.
    """

    words: tuple[TimedLabel, ...] = ()
    phones: tuple[TimedLabel, ...] = ()
    sureness: float = 0.0
