"""Made-up music: drums, bass, chords and a lead on one beat and in one key, or any of them alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from tools.train.sounds.tones import (
    RATE,
    Random,
    Sound,
    between,
    coloured,
    envelope,
    modulated,
    noise,
    normalised,
    partials,
    plucked,
    put,
    samples,
    slow,
    struck,
    tone,
    vibrato,
)

SCALES: Final = {  # semitones above the key
    "major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10), "dorian": (0, 2, 3, 5, 7, 9, 10),
    "harmonic": (0, 2, 3, 5, 7, 8, 11), "pentatonic": (0, 2, 4, 7, 9), "blues": (0, 3, 5, 6, 7, 10),
    "whole": (0, 2, 4, 6, 8, 10), "phrygian": (0, 1, 3, 5, 7, 8, 10),
}
A0_HZ: Final = 27.5
BPM: Final = (60.0, 180.0)


@dataclass(frozen=True, slots=True)
class Score:
    """What all players share: beat in seconds, key in semitones above A0, scale, swing in beats."""

    beat_secs: float
    key: int
    scale: tuple[int, ...]
    swing: float

    def hz(self, degree: int, octave: int = 0) -> float:
        """Pitch of a step of the scale; steps beyond the scale go on in the next octave."""
        up, step = divmod(degree, len(self.scale))
        return float(A0_HZ * 2 ** ((self.key + self.scale[step] + 12 * (up + octave)) / 12))

    def start(self, beats: float, random: Random) -> int:
        """Sample at which a note on that beat is played: off-beats swing, and nobody is exact."""
        late = self.swing if beats % 1 else 0.0
        return round((beats + late) * self.beat_secs * RATE + random.normal(0, 60))


Note = Callable[[float, int], Sound]  # pitch in Hz and length in samples -> sound
Player = Callable[[int, Score, Random], Sound]


def score(random: Random) -> Score:
    """A tempo, a key and a scale."""
    scale = SCALES[str(random.choice(list(SCALES)))]
    return Score(60 / random.uniform(*BPM), int(random.integers(0, 12)), scale,
                 float(random.choice([0.0, 0.0, 0.08, 0.16])))


def instrument(random: Random) -> Note:
    """An instrument of a random timbre: blown, bowed, plucked, struck, electronic, or a bell."""
    kind = random.choice(["bowed", "bowed", "blown", "plucked", "plucked", "struck", "synth", "bell"])
    timbre, depth = partials(random), float(random.uniform(0, 0.02))
    bodies = [between(random, 150, 3500) for _ in range(int(random.integers(0, 4)))]
    attack, fall = between(random, 0.003, 0.25), between(random, 0.15, 3.0)
    ratio, index = float(random.choice([0.5, 1, 1.41, 2, 2.76, 3, 3.5, 5.4])), random.uniform(0.5, 6)
    stretch, breath = random.uniform(1.9, 3.0), random.uniform(0, 0.15)

    def sustained(hz: float, n: int) -> Sound:
        sound = tone(vibrato(hz, n, random, depth), n, timbre, random) * envelope(n, attack, 9.0, 0.06)
        if kind == "blown":
            sound = sound + breath * noise(n, random) * envelope(n, 0.02, 0.5, 0.05)
        return coloured(sound, peaks_hz=bodies, width=0.6) if bodies else sound

    def plucked_note(hz: float, n: int) -> Sound:
        return plucked(hz, n, random) * envelope(n, 0.001, 5.0, 0.03)

    def struck_note(hz: float, n: int) -> Sound:
        number = np.arange(1, 7)
        return struck(hz * number ** (stretch / 2), fall / number, n, random) * envelope(n, 0.001, 9.0, 0.01)

    def synth(hz: float, n: int) -> Sound:
        glide = hz * (1 + 0.06 * np.exp(-np.arange(n) / 800)) if depth > 0.015 else hz
        return tone(np.asarray(glide, np.float32) if depth > 0.015 else hz, n, timbre, random) * envelope(
            n, min(attack, 0.03), fall, 0.02)

    def bell(hz: float, n: int) -> Sound:
        return modulated(hz, ratio, index, n, fall) * envelope(n, 0.001, 9.0, 0.02)

    others = {"plucked": plucked_note, "struck": struck_note, "synth": synth, "bell": bell}
    return others.get(str(kind), sustained)


def lead(n: int, of: Score, random: Random) -> Sound:
    """A melody that wanders over the scale, in phrases with rests between."""
    play, out = instrument(random), np.zeros(n, np.float32)
    beat, degree, octave = 0.0, int(random.integers(0, 7)), int(random.integers(2, 5))
    lengths, rests = random.choice([0.25, 0.5, 1.0, 1.5, 2.0], 3), random.uniform(0, 0.4)
    legato = random.uniform(0.5, 1.1)
    while beat * of.beat_secs * RATE < n:
        length = float(random.choice(lengths))
        if random.random() > rests:
            degree = int(np.clip(degree + random.integers(-3, 4), -3, 11))
            note = play(of.hz(degree, octave), samples(length * of.beat_secs * legato + 0.03))
            put(out, note, of.start(beat, random), random.uniform(0.5, 1))
        beat += length
    return out


def chords(n: int, of: Score, random: Random) -> Sound:
    """Triads on a repeated row of steps: held, stabbed, strummed or broken up."""
    play, out = instrument(random), np.zeros(n, np.float32)
    row, octave = random.choice([0, 3, 4, 5, 1, 2], 4), int(random.integers(1, 4))
    manner, beats = random.choice(["held", "stabs", "strum", "broken"]), int(random.choice([2, 4]))
    for bar, first in enumerate(np.arange(0, n / RATE / of.beat_secs, beats)):
        steps = row[bar % len(row)] + np.arange(0, 6, 2)
        hits = np.arange(beats * 2) / 2 if manner in ("stabs", "broken") else np.arange(0, beats, beats)
        secs = of.beat_secs * (beats if manner in ("held", "strum") else random.uniform(0.2, 0.6))
        for number, hit in enumerate(hits):
            if manner == "stabs" and random.random() < 0.5:
                continue
            for voice, step in enumerate(steps if manner != "broken" else steps[[number % len(steps)]]):
                note = play(of.hz(int(step), octave), samples(secs))
                delay = voice * samples(0.02) if manner == "strum" else 0
                put(out, note, of.start(first + hit, random) + delay, 0.4)
    return out


def bass(n: int, of: Score, random: Random) -> Sound:
    """Roots and fifths, low."""
    play, out = instrument(random), np.zeros(n, np.float32)
    step = float(random.choice([0.5, 1.0, 2.0]))
    for beat in np.arange(0, n / RATE / of.beat_secs, step):
        if random.random() < 0.8:
            note = play(of.hz(int(random.choice([0, 0, 0, 4, 3, 7])), 1), samples(of.beat_secs * step))
            put(out, note, of.start(float(beat), random))
    return coloured(out, high_hz=between(random, 250, 2500)) if out.any() else out


def pad(n: int, of: Score, random: Random) -> Sound:
    """Long chords of detuned tones under a filter that opens and closes."""
    out, timbre = np.zeros(n, np.float32), partials(random)
    at = 0
    while at < n:
        length = samples(random.uniform(1.5, 5.0))
        for step in random.choice(8, 3, replace=False):
            hz = of.hz(int(step), int(random.integers(1, 4)))
            both = sum(tone(hz * (1 + random.normal(0, 0.004)), length, timbre, random) for _ in range(2))
            put(out, np.asarray(both * envelope(length, 0.4, 20.0, 0.6), np.float32), at, 0.4)
        at += int(length * random.uniform(0.7, 1.1))
    dark = coloured(out, high_hz=between(random, 250, 900))
    return np.asarray(dark + slow(n, random, 0.7) * normalised(out), np.float32)


def _drum_kit(random: Random) -> dict[str, Sound]:
    n = samples(0.4)
    at = np.arange(n) / RATE
    drop = between(random, 40, 70) * (1 + between(random, 1, 6) * np.exp(-at / 0.03))
    kick = np.sin(2 * np.pi * np.cumsum(drop) / RATE) * envelope(n, 0.001, between(random, 0.05, 0.2))
    shell = struck(between(random, 150, 300) * np.array([1, 1.6, 2.2]), [0.08, 0.05, 0.04], n, random)
    snare = shell + noise(n, random) * envelope(n, 0.001, between(random, 0.03, 0.15))
    metal = struck(random.uniform(3000, 7800, 12), np.full(12, between(random, 0.01, 0.2)), n, random)
    hat = coloured(metal + noise(n, random) * envelope(n, 0.001, between(random, 0.01, 0.1)), low_hz=5000) / 3
    tom = struck(between(random, 70, 220) * np.array([1, 1.5, 2.1]), [0.2, 0.1, 0.06], n, random)
    clap = coloured(noise(n, random), low_hz=700, high_hz=4000) * envelope(n, 0.001, 0.06)
    kit = {"kick": kick, "snare": snare, "hat": hat, "tom": tom, "clap": clap}
    return {name: np.asarray(sound, np.float32) for name, sound in kit.items()}


def drums(n: int, of: Score, random: Random) -> Sound:
    """A pattern of two bars over eighths or sixteenths, each drum with its own chance of a hit."""
    kit, out = _drum_kit(random), np.zeros(n, np.float32)
    steps = int(random.choice([16, 16, 32, 24]))
    pattern = {name: random.random(steps) < random.uniform(0, 0.3) for name in kit}
    pattern["kick"][:: steps // 4] |= random.random() < 0.7
    pattern["hat"][:: int(random.choice([1, 2, 4]))] |= random.random() < 0.8
    pattern["snare"][steps // 8 :: steps // 4] |= random.random() < 0.7
    loud = {name: random.uniform(0.2, 1.0) for name in kit}
    for step in range(int(n / RATE / of.beat_secs * steps / 8) + 1):
        for name, hits in pattern.items():
            if hits[step % steps]:
                put(out, kit[name], of.start(step * 8 / steps, random), loud[name] * random.uniform(0.6, 1))
    return out


PLAYERS: Final[dict[str, Player]] = {"drums": drums, "bass": bass, "chords": chords, "lead": lead, "pad": pad}


def band(n: int, random: Random) -> Sound:
    """Two to five players at once; some fall silent for a while."""
    of, out = score(random), np.zeros(n, np.float32)
    for name in random.choice(list(PLAYERS), int(random.integers(2, 6)), replace=False):
        part = normalised(PLAYERS[str(name)](n, of, random))
        if random.random() < 0.3:
            part = part * (slow(n, random, 0.4) > random.uniform(0.2, 0.6))
        out += part * np.float32(between(random, 0.2, 1.0))
    return out


def alone(player: str) -> Callable[[int, Random], Sound]:
    """One player without the others."""
    return lambda n, random: PLAYERS[player](n, score(random), random)


def wah(n: int, random: Random) -> Sound:
    """Bright chords under a resonance that moves: wah pedals, sirens of dance music, filter sweeps."""
    sound = np.asarray(chords(n, score(random), random) + 0.3 * bass(n, score(random), random), np.float32)
    where = slow(n, random, between(random, 0.3, 5.0))
    out = np.zeros(n, np.float32)
    for number, centre in enumerate(np.geomspace(between(random, 200, 500), between(random, 1500, 4000), 5)):
        near = np.maximum(0, 1 - np.abs(where * 4 - number))
        out += near * coloured(sound, peaks_hz=[float(centre)], width=0.3)
    return out
