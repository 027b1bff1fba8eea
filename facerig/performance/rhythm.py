"""The rhythm of a voice, knot by knot from its cues: where phrases begin and end, and where accents are.

An accent is a peak of emphasis, which grows with loudness and pitch, well above what is usual in this voice.
It is told at its top, or while it rises, at most 60 ms after it has passed the threshold.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from facerig.core.clock import KNOT_RATE_HZ

KNOT_SECS: Final = 1 / KNOT_RATE_HZ

SPEAKS, PAUSES = 0.5, 0.25  # of the voice: above the first it has begun, below the second ended
NEW_PHRASE_SECS: Final = 0.15  # of pause: a stop's closure is shorter
SHORTEST_PHRASE_SECS: Final = 0.3  # "yes" has no juncture of its own
VOICED: Final = 0.3

# emphasis: an accent is some 4 semitones and 4 dB above the rest of its phrase
OF_LOUDNESS, OF_PITCH = 0.5, 1.5
EMPHASIS_RATE: Final = 0.3  # a knot: smooths over 30 ms
REST_RATE: Final = 0.1  # a knot: where the voice is gone, emphasis returns to the mean
MEMORY_KNOTS: Final = 400  # of mean and spread: 4 s of voiced speech
PRIOR_KNOTS, PRIOR_SPREAD = 40, 0.30
HIGH, LOW = 0.6, 0.2  # spreads above the mean: an accent is above the first; the next comes after the second
SURE_KNOTS: Final = 6  # above the threshold: told now, peak or not
APART_SECS: Final = 0.30


class Beat(NamedTuple):
    """What happened at a knot: a phrase began after `pause` s, one ended after `phrase` s, an accent came.

    None where it did not; `accent` is 0 for none, 1 for a plain one, 2.5 at most.
    """

    pause: float | None = None
    phrase: float | None = None
    accent: float = 0.0


NOTHING: Final = Beat()


class Rhythm(NamedTuple):
    """What was heard so far. Lengths in knots; the mean and variance of emphasis over voiced knots."""

    speaking: bool = False
    told: bool = True  # that the last phrase ended
    phrase: int = 0  # of the phrase, pauses inside it left out
    pause: int = 10**6
    emphasis: float = 0.0
    mean: float = 0.0
    variance: float = PRIOR_SPREAD**2
    n: int = PRIOR_KNOTS
    armed: bool = True
    above: int = 0  # knots above the threshold
    since: int = 10**6  # the last accent

    def heard(self, voice: float, loudness: float, pitch: float, voiced: float) -> tuple[Rhythm, Beat]:
        """The rhythm after one more knot, and what happened there."""
        speaking = voice > (PAUSES if self.speaking else SPEAKS)
        if not speaking and not self.speaking and self.told:  # silence goes on
            return self._silent(), NOTHING
        began = None
        phrase, pause, told = self.phrase, self.pause, self.told
        if speaking:
            if not self.speaking and pause * KNOT_SECS >= NEW_PHRASE_SECS:
                began, phrase = pause * KNOT_SECS, 0
            phrase, pause, told = phrase + 1, 0, False
        else:
            pause += 1
        ended = None
        if not told and pause * KNOT_SECS >= NEW_PHRASE_SECS:
            told = True
            ended = phrase * KNOT_SECS if phrase * KNOT_SECS >= SHORTEST_PHRASE_SECS else None
        after, accent = self._emphasised(loudness, pitch, voiced)
        rhythm = after._replace(speaking=speaking, told=told, phrase=phrase, pause=pause)
        quiet = not accent and began is None and ended is None
        return rhythm, NOTHING if quiet else Beat(began, ended, accent)

    def _silent(self) -> Rhythm:
        emphasis = self.emphasis + (self.mean - self.emphasis) * REST_RATE
        return self._replace(emphasis=emphasis, pause=self.pause + 1, since=self.since + 1, armed=True,
                             above=0)

    def _emphasised(self, loudness: float, pitch: float, voiced: float) -> tuple[Rhythm, float]:
        """With the knot's emphasis; the accent that it makes, 0 for none."""
        mean, variance, n, before = self.mean, self.variance, self.n, self.emphasis
        if voiced > VOICED:
            heard = OF_LOUDNESS * loudness + OF_PITCH * pitch
            emphasis = before + (heard - before) * EMPHASIS_RATE
            n = min(n + 1, MEMORY_KNOTS)
            mean += (heard - mean) / n
            variance += ((heard - mean) * (heard - mean) - variance) / n
        else:
            emphasis = before + (mean - before) * REST_RATE
        spread: float = variance**0.5
        above = self.above + 1 if emphasis > mean + HIGH * spread else 0
        armed = self.armed or emphasis < mean + LOW * spread
        since, accent = self.since + 1, 0.0
        ripe = above >= SURE_KNOTS or (above > 0 and emphasis < before)
        if armed and ripe and since * KNOT_SECS >= APART_SECS:
            accent = min(2.5, 0.5 + 0.5 * (max(emphasis, before) - mean) / (HIGH * spread))
            armed, since = False, 0
        return self._replace(emphasis=emphasis, mean=mean, variance=variance, n=n, armed=armed, above=above,
                             since=since), accent
