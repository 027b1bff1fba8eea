"""The rhythm of a voice, knot by knot from its cues: where phrases begin and end, and where accents are.

An accent is a peak of emphasis, which grows with loudness and pitch, well above what is usual in this voice.
It is told at its top, or while it rises, at most 60 ms after it has passed the threshold.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from facerig.core.clock import KNOT_RATE_HZ

KNOT_SECS: Final = 1 / KNOT_RATE_HZ

SPEAKS, PAUSES = 0.5, 0.25  # of the voice: above the first it has begun, below the second ended
NEW_PHRASE: Final = round(0.15 * KNOT_RATE_HZ)  # knots of pause: a stop's closure is shorter
SHORTEST_PHRASE_SECS: Final = 0.3  # "yes" has no juncture of its own
VOICED: Final = 0.3

# emphasis: an accent is some 4 semitones and 4 dB above the rest of its phrase
OF_LOUDNESS, OF_PITCH = 0.5, 1.5
EMPHASIS_RATE: Final = 0.3  # a knot: smooths over 30 ms
REST_KEEP: Final = 0.9  # a knot: where the voice is gone, emphasis returns to the mean
MEMORY_KNOTS: Final = 400  # of mean and spread: 4 s of voiced speech
PRIOR_KNOTS, PRIOR_SPREAD = 40, 0.30
HIGH, LOW = 0.6, 0.2  # spreads above the mean: an accent is above the first; the next comes after the second
SURE_KNOTS: Final = 6  # above the threshold: told now, peak or not
APART: Final = round(0.30 * KNOT_RATE_HZ)  # knots, at least, from accent to accent
STRONGEST: Final = 2.0


class Beat(NamedTuple):
    """What happened at a knot: a phrase began after `pause` s, one ended after `phrase` s, an accent came.

    None where it did not; `accent` is 0 for none, 1 for a plain one, STRONGEST at most.
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
        phrase, pause, told = self.phrase, self.pause, self.told
        began = ended = None
        if speaking:
            if pause >= NEW_PHRASE:
                began, phrase = pause * KNOT_SECS, 0
            phrase, pause, told = phrase + 1, 0, False
        else:
            pause += 1
            if told:  # silence goes on
                return Rhythm(False, True, phrase, pause, self.mean + (self.emphasis - self.mean) * REST_KEEP,
                              self.mean, self.variance, self.n, True, 0, self.since + 1), NOTHING
            if pause >= NEW_PHRASE:
                told = True
                ended = phrase * KNOT_SECS if phrase * KNOT_SECS >= SHORTEST_PHRASE_SECS else None
        emphasis, mean, variance, n = self._emphasised(loudness, pitch, voiced)
        over = (emphasis - mean) / variance**0.5
        above = self.above + 1 if over > HIGH else 0
        armed = self.armed or over < LOW
        since, accent = self.since + 1, 0.0
        if above and armed and since >= APART and (above >= SURE_KNOTS or emphasis < self.emphasis):
            top = max(over, (self.emphasis - mean) / variance**0.5)
            accent, armed, since = min(STRONGEST, 0.6 + 0.4 * top / HIGH), False, 0
        rhythm = Rhythm(speaking, told, phrase, pause, emphasis, mean, variance, n, armed, above, since)
        quiet = not accent and began is None and ended is None
        return rhythm, NOTHING if quiet else Beat(began, ended, accent)

    def _emphasised(self, loudness: float, pitch: float, voiced: float) -> tuple[float, float, float, int]:
        """Emphasis after one more knot; its mean, variance and how many knots they stand for."""
        if voiced <= VOICED:
            return self.mean + (self.emphasis - self.mean) * REST_KEEP, self.mean, self.variance, self.n
        heard = OF_LOUDNESS * loudness + OF_PITCH * pitch
        n = min(self.n + 1, MEMORY_KNOTS)
        mean = self.mean + (heard - self.mean) / n
        variance = self.variance + ((heard - mean) * (heard - mean) - self.variance) / n
        return self.emphasis + (heard - self.emphasis) * EMPHASIS_RATE, mean, variance, n
