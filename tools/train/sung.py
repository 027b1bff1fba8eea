"""Voices that do not speak, made of recorded speech: vowels held and sung, called out, laughed.

A network that learns only from speech, and to rest in music, takes a held vowel for an instrument: the mouth
shuts in every sung note, cry and groan. Here recordings that train say their vowels again on notes, at the
pitch of screams and groans, in bursts; the targets follow, as if the sound had been spoken so slowly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from facerig.script.phones import CLASS, PAUSE, VOWELS
from tools.evaluate.vocal_voice import HOP, RATE_HZ, Floats, Random, Recorded, air, loud, n_frames, shaped
from tools.train.sounds.tones import RATE, between, level, noise

if TYPE_CHECKING:
    from tools.train.corpus import Recording

SOURCE: Final = "sung"
SECS: Final = 2400.0
SEED: Final = 17
ROWS_HZ: Final = 100  # of targets
HOP_SAMPLES: Final = RATE // ROWS_HZ
LONGEST_SECS: Final = 12.0  # of a song
AFTER_SECS: Final = 0.5  # of what was spoken behind its last vowel
SHORTEST_ROWS: Final = 6  # of a vowel
LEVEL_DB: Final = (-32.0, -12.0)
FLOOR_DB: Final = (-90.0, -55.0)
BREATHY: Final = (0.0, 0.3)  # share of air
PAUSE_SECS, BREATH_SECS = (0.1, 0.8), (0.05, 0.12)  # between calls, between bursts
GLIDE_SECS: Final = 0.04  # from note to note
VIBRATO: Final = (0.0, 0.04)  # of the pitch
ROUGH: Final = (0.002, 0.01, 0.05)  # jitter of the pitch
WANDER_SECS, WANDER_FRAMES = 0.008, 25  # a held vowel is not frozen: it wanders through the spoken one
NOTES: Final = np.array([0, 2, 4, 5, 7, 9, 12])  # semitones
NOBODY: Final = -1.0  # in place of a time: silence
OPEN: Final = 0.05  # of a closure's target, at most
_CLOSURES: Final = slice(-3, -1)  # seal and contact
_VOWELS: Final = [CLASS[vowel] for vowel in VOWELS if vowel in CLASS]

Frames = tuple[Floats, Floats, Floats]  # of each: time in the source, s; pitch, Hz; strength of the voice

#  kind      share  pitch, Hz       a vowel lasts, s
KINDS: Final = {
    "song":  (0.45, (85.0, 600.0),  (0.3, 2.5)),  # on notes, with what is spoken between the vowels
    "call":  (0.35, (75.0, 950.0),  (0.25, 3.0)),  # one vowel each: cries, groans, screams, sighs
    "laugh": (0.20, (100.0, 500.0), (0.07, 0.16)),  # bursts of one vowel
}  # fmt: skip


def recordings(speech: Sequence[Recording], secs: float = SECS, seed: int = SEED) -> Iterator[Recording]:
    """So many seconds, of the `speech` that trains and has phones."""
    random = np.random.default_rng(seed)
    able = [r for r in speech if r.part == "train" and np.isin(r.classes, _VOWELS).any() and r.weights.all()]
    made = 0.0
    while made < secs and able:
        source = able[int(random.integers(len(able)))]
        voice = Recorded(source.audio)
        cores = _cores(source, voice)
        if not cores:
            continue
        kind = str(random.choice(list(KINDS), p=[share for share, _, _ in KINDS.values()]))
        times, hz, strength = (_song if kind == "song" else _calls)(kind, voice, cores, random)
        made += len(times) / RATE_HZ
        yield _made(source, voice, times, _unsteady(hz, random), strength, random)


def _cores(source: Recording, voice: Recorded) -> list[float]:
    """Times, s, at which the vowels are loudest."""
    open_ = (source.targets[:, _CLOSURES] < OPEN).all(1)  # the edge of a vowel beside an m has lips that near
    vowel = np.isin(source.classes, _VOWELS) & open_
    edges = np.flatnonzero(np.diff(np.concatenate([[False], vowel, [False]]).astype(np.int8)))
    found = [voice.core(start / ROWS_HZ, end / ROWS_HZ) for start, end in edges.reshape(-1, 2).tolist()
             if end - start >= SHORTEST_ROWS]
    return [time for time in found if time is not None]


def _song(kind: str, voice: Recorded, cores: Sequence[float], random: Random) -> Frames:
    """What was spoken, its vowels held on notes."""
    _, (low, high), lengths = KINDS[kind]
    lowest, slow = between(random, low, 0.5 * high), random.uniform(1.0, 1.6)
    spoken, sung, notes = [0.0], [0.0], [(0.0, lowest)]
    for core in cores:
        start, held = sung[-1] + (core - spoken[-1]) * slow, between(random, *lengths)
        note = lowest * 2 ** (float(random.choice(NOTES)) / 12)
        notes += [(max(start - GLIDE_SECS, notes[-1][0]), note), (start + held, note)]
        spoken += [core, core]
        sung += [start, start + held]
        if sung[-1] > LONGEST_SECS:
            break
    spoken.append(min(spoken[-1] + AFTER_SECS, voice.secs))
    sung.append(sung[-1] + (spoken[-1] - spoken[-2]) * slow)
    at = np.arange(n_frames(sung[-1])) / RATE_HZ
    hz = np.interp(at, [time for time, _ in notes], [note for _, note in notes])
    return np.asarray(np.interp(at, sung, spoken)), np.asarray(hz), np.ones(len(at))


def _calls(kind: str, voice: Recorded, cores: Sequence[float], random: Random) -> Frames:
    """Vowels alone, called out once or laughed in bursts, with breath between these and silence behind."""
    _, pitches, lengths = KINDS[kind]
    parts = list[tuple[Floats, Floats, Floats]]()
    for _ in range(int(random.integers(1, 5))):
        core, high = float(random.choice(np.asarray(cores))), between(random, *pitches)
        bursts = int(random.integers(3, 10)) if kind == "laugh" else 1
        for k in range(bursts):
            n, less = n_frames(between(random, *lengths)), 1 - 0.6 * k / bursts
            falls = np.linspace(1, random.uniform(0.6, 1.25) if kind == "call" else 0.9, n)
            rises = np.minimum(1, np.arange(n) / RATE_HZ / random.uniform(0.01, 0.2))
            fades = np.linspace(1, random.uniform(0.1, 1), n)
            parts.append((np.full(n, core), high * less * falls, less * rises * fades))
            last = k + 1 == bursts
            rest = n_frames(random.uniform(*(PAUSE_SECS if last else BREATH_SECS)))
            parts.append((np.full(rest, NOBODY if last else core), np.full(rest, high), np.zeros(rest)))
    times, hz, strength = (np.concatenate(column) for column in zip(*parts, strict=True))
    return times, hz, strength


def _unsteady(hz: Floats, random: Random) -> Floats:
    """A vibrato, and a voice from smooth to rough."""
    at = np.arange(len(hz)) / RATE_HZ
    sway = random.uniform(*VIBRATO) * np.sin(2 * np.pi * random.uniform(4.5, 7) * at)
    return np.asarray(hz * (1 + sway + random.normal(0, random.choice(ROUGH), len(hz))))


def _made(source: Recording, voice: Recorded, times: Floats, hz: Floats, strength: Floats, random: Random
          ) -> Recording:
    """The sound and its targets: frames of `times` in the source, NOBODY where there is silence."""
    sounds, place = times >= 0, np.maximum(times, 0)
    steps = random.normal(0, WANDER_SECS, len(times) + WANDER_FRAMES - 1)
    wander = np.convolve(steps, np.full(WANDER_FRAMES, WANDER_FRAMES**-0.5), "valid")
    sung = voice.sung(np.maximum(place + wander, 0), hz, random)
    breath = shaped(air(sounds.astype(np.float64), random), voice.at(place)[0])
    at = np.arange(len(sung)) / HOP
    sound = sung * np.interp(at, np.arange(len(times)), strength) + random.uniform(*BREATHY) * breath
    audio = loud(sound.astype(np.float32), float(random.uniform(*LEVEL_DB)))
    audio = audio + noise(len(audio), random) * level(random.uniform(*FLOOR_DB))
    rows = np.minimum(np.arange(len(audio) // HOP_SAMPLES) * HOP_SAMPLES // HOP, len(times) - 1)
    index = np.minimum(np.round(place[rows] * ROWS_HZ).astype(np.int64), len(source.targets) - 1)
    targets = source.targets[index] * sounds[rows, None]
    classes = np.where(sounds[rows], source.classes[index], CLASS[PAUSE]).astype(np.int8)
    return replace(source, source=SOURCE, audio=audio.astype(np.float32), targets=targets.astype(np.float32),
                   classes=classes)
