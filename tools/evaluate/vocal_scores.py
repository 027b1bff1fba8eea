"""What voices do besides speaking, made up: laughter, tears, breath, effort, held and sung vowels.

Each kind is a function of a generator, a pitch and the size of a tract. It gives the sound and its spans:
what sounds when (tools/evaluate/vocal_clips.py says what the labels ask). Laughter (4 to 6 bursts a second,
pitch falling) after Bachorowski, Smoski & Owren 2001; a singer's vibrato (5 to 7 Hz, half a semitone to one)
after Sundberg 1994. The rest is by ear.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from tools.evaluate.sets import SAMPLE_RATE, Audio
from tools.evaluate.vocal_voice import RATE_HZ, Random, air, line, shaped, tract, voiced

SEXES: Final = ((115.0, 1.0), (210.0, 0.86))  # pitch, Hz, and size of the tract
NOTES: Final = (0, 2, 4, 5, 7, 4, 2, 0)  # semitones above the singer's lowest

Span = tuple[str, float, float]  # label, start and end in s


class Score:
    """Sounds one after the other, to be sung by one tract."""

    def __init__(self, size: float = 1.0) -> None:
        self.size, self.at = size, 0.0
        self._voice, self._air, self._pitch = [(0.0, 0.0)], [(0.0, 0.0)], list[tuple[float, float]]()
        self._vowels, self.spans = list[tuple[float, str]](), list[Span]()

    def rest(self, secs: float) -> None:
        """Nothing, for so long."""
        self.at += secs

    def sound(self, label: str, secs: float, vowel: str, *, voice: float = 0.0, breath: float = 0.0,
              pitch: tuple[float, float] = (120.0, 120.0), attack: float = 0.03, release: float = 0.05,
              vibrato: float = 0.0) -> None:
        """A sound of a vowel: strengths of voice and of air; pitch, Hz, from one to another; `vibrato`: its
        depth as a share of the pitch.
        """
        start, end = self.at, self.at + secs
        attack, release = min(attack, secs / 3), min(release, secs / 3)
        for track, strength in ((self._voice, voice), (self._air, breath)):
            track += [(start, 0.0 if attack > 0.005 else strength), (start + attack, strength),
                      (end - release, strength), (end, 0.0)]
        at = np.arange(start, end, 1 / RATE_HZ)
        sway = 1 + vibrato * np.sin(2 * np.pi * 5.8 * (at - start)) * np.minimum(1, (at - start) / 0.3)
        hz = np.interp(at, [start, end], pitch) * sway
        self._pitch += zip(at.tolist(), hz.tolist(), strict=True)
        edge = min(0.03, secs / 3)
        self._vowels += [(start + edge, vowel), (end - edge, vowel)]
        self.spans.append((label, start, end))
        self.at = end

    def sung(self, random: Random, *, tilt: float = -1.0, rough: float = 0.01) -> Audio:
        """The sound of it all."""
        secs = self.at
        pitch = line(secs, self._pitch)
        source = voiced(pitch, line(secs, self._voice), random, tilt=tilt, rough=rough)
        return shaped(source + air(line(secs, self._air), random), tract(self._vowels, secs, self.size))


Maker = Callable[[Random, float, float], tuple[Audio, Sequence[Span]]]  # of a pitch, Hz, and a tract's size


def _laugh(random: Random, hz: float, size: float) -> tuple[Audio, Sequence[Span]]:
    """Bouts of "hahaha", the pitch falling, with air drawn in between, heard or not."""
    score, vowel = Score(size), str(random.choice(["a", "ae", "schwa"]))
    for bout in range(2):
        bursts, rate = int(random.integers(5, 10)), random.uniform(4, 6)
        for k in range(bursts):
            high = hz * (2.0 - 0.9 * k / bursts)
            strength = 1.0 - 0.6 * k / bursts
            score.sound("breath", 0.45 / rate, vowel, breath=0.22 * strength)
            score.sound("open", 0.55 / rate, vowel, voice=strength, breath=0.10, pitch=(high, 0.85 * high))
        score.rest(0.08)
        score.sound("breath", random.uniform(0.3, 0.5), "schwa", breath=0.12 * bout, attack=0.1, release=0.1)
    return score.sung(random), score.spans


def _chuckle(random: Random, hz: float, size: float) -> tuple[Audio, Sequence[Span]]:
    """Laughter through the nose."""
    score, rate = Score(size), random.uniform(4.5, 6.5)
    for k in range(int(random.integers(5, 12))):
        score.sound("shut", 0.5 / rate, "murmur", voice=0.8, breath=0.15, pitch=(hz * 1.2, hz * 0.95))
        score.sound("shut", 0.5 / rate, "murmur", breath=0.3 if k % 3 else 0.1)
    return score.sung(random), score.spans


def _sob(random: Random, hz: float, size: float) -> tuple[Audio, Sequence[Span]]:
    """Air drawn in by jerks, then a wail that trembles and falls."""
    score = Score(size)
    for _ in range(3):
        for _ in range(int(random.integers(2, 5))):
            score.sound("breath", random.uniform(0.08, 0.14), "schwa", breath=0.35)
            score.rest(random.uniform(0.05, 0.1))
        high = hz * random.uniform(1.6, 2.2)
        score.sound("open", random.uniform(0.6, 1.1), str(random.choice(["schwa", "a", "ae"])), voice=0.8,
                    breath=0.15, pitch=(high, 0.6 * high), attack=0.08, release=0.3, vibrato=0.06)
        score.rest(random.uniform(0.1, 0.4))
    return score.sung(random, rough=0.02), score.spans


def _breath(random: Random, hz: float, size: float) -> tuple[Audio, Sequence[Span]]:
    """Out of breath, or calm: in, out, in, out."""
    score, secs = Score(size), random.uniform(0.4, 1.2)
    for k in range(6):
        vowel, strength = ("schwa", 0.5) if k % 2 else ("e", 0.3)
        score.sound("breath", secs * random.uniform(0.8, 1.2), vowel, breath=strength, attack=0.3 * secs,
                    release=0.4 * secs)
        score.rest(0.15 * secs)
    return score.sung(random), score.spans


def _sigh(random: Random, hz: float, size: float) -> tuple[Audio, Sequence[Span]]:
    """Air drawn in, then let go with a falling voice that turns to air."""
    score = Score(size)
    score.sound("breath", random.uniform(0.5, 0.8), "schwa", breath=0.3, attack=0.2, release=0.2)
    score.rest(0.15)
    score.sound("open", random.uniform(0.5, 0.8), "a", voice=0.8, breath=0.2, pitch=(hz * 1.4, hz),
                attack=0.08, release=0.02)
    score.sound("open", 0.4, "schwa", voice=0.35, breath=0.3, pitch=(hz, hz * 0.8), attack=0.003,
                release=0.1)
    score.sound("breath", random.uniform(0.5, 0.8), "schwa", breath=0.3, attack=0.003, release=0.4)
    return score.sung(random), score.spans


def _cough(random: Random, hz: float, size: float) -> tuple[Audio, Sequence[Span]]:
    """Bursts: an explosion of air, a rough voice, an end."""
    score = Score(size)
    for _ in range(int(random.integers(2, 5))):
        score.sound("breath", 0.06, "schwa", breath=2.2, attack=0.002, release=0.02)
        score.sound("open", random.uniform(0.12, 0.2), "schwa", voice=0.5, breath=0.8,
                    pitch=(hz * 1.5, hz), attack=0.003, release=0.06)
        score.sound("breath", 0.08, "schwa", breath=0.7, attack=0.01, release=0.05)
        score.rest(random.uniform(0.15, 0.5))
    return score.sung(random, rough=0.08), score.spans


def _yawn(random: Random, hz: float, size: float) -> tuple[Audio, Sequence[Span]]:
    """A long breath in, a long open voice, a long breath out."""
    score = Score(size)
    score.sound("breath", random.uniform(1.0, 1.8), "a", breath=0.25, attack=0.5, release=0.2)
    high = hz * random.uniform(1.3, 1.7)
    score.sound("open", random.uniform(1.0, 1.8), "a", voice=0.7, breath=0.25, pitch=(high, hz * 0.8),
                attack=0.25, release=0.2)
    score.sound("breath", random.uniform(0.5, 0.9), "schwa", breath=0.25, attack=0.05, release=0.4)
    return score.sung(random), score.spans


def _scream(random: Random, hz: float, size: float) -> tuple[Audio, Sequence[Span]]:
    """As high and loud as it gets, and rough."""
    score, high = Score(size), random.uniform(480, 950)
    score.sound("breath", 0.3, "schwa", breath=0.2, attack=0.1)
    score.sound("held", random.uniform(0.9, 1.8), str(random.choice(["a", "ae"])), voice=1.0, breath=0.3,
                pitch=(high, 0.85 * high), attack=0.05, release=0.15)
    return score.sung(random, tilt=-0.6, rough=0.06), score.spans


def _groan(random: Random, hz: float, size: float) -> tuple[Audio, Sequence[Span]]:
    """Low, creaking, long."""
    score, low = Score(size), hz * random.uniform(0.65, 0.8)
    for vowel in random.permutation(["schwa", "o", "a"])[:2]:
        score.sound("open", random.uniform(0.7, 1.4), str(vowel), voice=0.8, breath=0.1,
                    pitch=(low * 1.2, low), attack=0.15, release=0.3)
        score.rest(random.uniform(0.2, 0.5))
    return score.sung(random, rough=0.09), score.spans


def _hum(random: Random, hz: float, size: float) -> tuple[Audio, Sequence[Span]]:
    """A melody, lips shut."""
    score = Score(size)
    for step in random.permutation(NOTES)[:5]:
        note = hz * 1.3 * 2 ** (step / 12)
        score.sound("shut", random.uniform(0.35, 0.8), "murmur", voice=0.8, pitch=(note, note),
                    attack=0.05, release=0.05, vibrato=0.015)
    return score.sung(random), score.spans


def _held(random: Random, hz: float, size: float) -> tuple[Audio, Sequence[Span]]:
    """A vowel held with a vibrato, then on over three notes."""
    score, vowel = Score(size), str(random.choice(["a", "o", "e"]))
    low = hz * random.uniform(1.2, 1.8)
    score.sound("held", 2.5, vowel, voice=0.9, pitch=(low, low), attack=0.12, release=0.2, vibrato=0.03)
    score.rest(0.5)
    for step in (0, 4, 7):
        note = low * 2 ** (step / 12)
        score.sound("held", 0.8, vowel, voice=0.9, pitch=(note, note), attack=0.003, release=0.003,
                    vibrato=0.03)
    return score.sung(random), score.spans


def _syllables(random: Random, hz: float, size: float) -> tuple[Audio, Sequence[Span]]:
    """La la la, or ma ma ma, on notes."""
    score, consonant = Score(size), str(random.choice(["l", "murmur"]))
    vowels = random.choice(["a", "o", "e", "i"], 6)
    for step, vowel in zip(NOTES, vowels, strict=False):
        note = hz * 1.4 * 2 ** (step / 12)
        score.sound("shut", 0.09, consonant, voice=0.6, pitch=(note, note), attack=0.003, release=0.003)
        score.sound("held", random.uniform(0.45, 0.9), str(vowel), voice=0.9, pitch=(note, note),
                    attack=0.003, release=0.05, vibrato=0.02)
    return score.sung(random), score.spans


def _trill(random: Random, hz: float, size: float) -> tuple[Audio, Sequence[Span]]:
    """Brrr: lips that flap 25 times a second."""
    score = Score(size)
    secs, rate = random.uniform(1.0, 2.0), random.uniform(22, 28)
    score.sound("shut", secs, "u", voice=0.8, breath=0.2, pitch=(hz * 1.2, hz), attack=0.1, release=0.2)
    sound = score.sung(random)
    flap = 0.5 - 0.5 * np.cos(2 * np.pi * rate * np.arange(len(sound)) / SAMPLE_RATE)
    return (sound * flap**1.5).astype(np.float32), score.spans


#  kind                   made by     loudness, dB under full scale
MADE: Final[dict[str, tuple[Maker, float]]] = {
    "laugh":             (_laugh,     -20.0),
    "chuckle":           (_chuckle,   -30.0),
    "sob":               (_sob,       -24.0),
    "breath":            (_breath,    -38.0),
    "sigh":              (_sigh,      -30.0),
    "cough":             (_cough,     -18.0),
    "yawn":              (_yawn,      -26.0),
    "scream":            (_scream,    -10.0),
    "groan":             (_groan,     -24.0),
    "hum":               (_hum,       -24.0),
    "held vowel":        (_held,      -20.0),
    "sung syllables":    (_syllables, -20.0),
    "lip trill":         (_trill,     -24.0),
}  # fmt: skip
