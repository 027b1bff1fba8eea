"""Clips of voices that do not speak: laughter, tears, breath, effort, whispers, song, cries.

Every kind has VARIANTS of its own sex, size, pace and pitch, drawn by a seed and the clip's name. A clip says
when what sounds, in spans: what the lips then ought to do is judged in tools/evaluate/vocal.py.

    open    a voice through an open mouth: lips apart
    held    the same, held for a note: lips apart and steady
    breath  air in or out: lips not pressed together
    shut    lips shut or trilling: nothing is asked

Most are made from nothing (tools/evaluate/vocal_scores.py); whispers and songs of recorded speech; cries are
recordings, which Debian's game data bring and this repository does not.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

import numpy as np

import facerig_assets
from tools.evaluate.labels import label_set
from tools.evaluate.nonspeech_clips import SHARE, read
from tools.evaluate.sets import DATA, SAMPLE_RATE, Audio, development_set, read_mono, spread
from tools.evaluate.track import Phone
from tools.evaluate.vocal_scores import MADE, NOTES, SEXES, Span
from tools.evaluate.vocal_voice import RATE_HZ, Floats, Random, Recorded, line, loud

VARIANTS: Final = 3
BEFORE_SECS, AFTER_SECS = 0.5, 2.0  # of quiet around a clip
FLOOR_DB: Final = -72.0
SPEECH_CLIPS: Final = 24
STRETCH: Final = 1.2  # of speech, when sung,
HELD_SECS: Final = (0.4, 1.2)  # but for its vowels, which are held so long besides
GLIDE_SECS: Final = 0.06  # from note to note
MARGIN_SECS: Final = 0.03  # at the edges of a spoken vowel its neighbours count

WHISPER_DB, SONG_DB, SPEECH_DB = -34.0, -20.0, -22.0
CRY_DB: Final = -14.0
KINDS: Final = (*MADE, "whisper", "song", "cry")
_SOUNDS: Final = SHARE / "games/wesnoth/1.16/data/core/sounds"
CRIES: Final = (  # of pain, fear and triumph, by actors: Debian's wesnoth-1.16-data and others
    *(_SOUNDS / f"{who}.ogg" for who in (
        "human-die-1", "human-die-2", "human-female-die-1", "human-female-die-3", "human-female-hit-1",
        "human-old-die-1", "human-old-die-2", "dwarf-die-1", "elf-hit-2")),
    SHARE / "games/monsterz/sound/laugh.wav",
    SHARE / "games/supertuxkart/data/sfx/WilhelmScream.ogg",
)
CRY_EDGE_DB: Final = -20.0  # under its loudest: where a cry begins and ends


@dataclass(frozen=True, slots=True)
class Vocal:
    """One clip: `audio` float32 mono at 16 kHz, `spans` in it, in order; the sound ends at `end_secs`."""

    kind: str
    name: str
    audio: Audio
    spans: tuple[Span, ...]
    end_secs: float

    @property
    def start_secs(self) -> float:
        return BEFORE_SECS


@dataclass(frozen=True, slots=True)
class Spoken:
    """Recorded speech and its phones, in the writing of `labels`."""

    name: str
    audio: Audio
    phones: tuple[Phone, ...]
    labels: str


def clips(seed: int = 0, data: Path = DATA, kinds: Sequence[str] = KINDS) -> list[Vocal]:
    """All clips of these kinds; whispers and songs are made of `spoken(data)`, cries only where they are
    installed.
    """
    made = [_made(kind, str(k), seed) for kind in kinds if kind in MADE for k in range(VARIANTS)]
    spoke = spoken(data, VARIANTS) if {"whisper", "song"} & set(kinds) else []
    made += [_whisper(one, seed) for one in spoke if "whisper" in kinds]
    made += [_song(one, k, seed) for k, one in enumerate(spoke) if "song" in kinds]
    return made + [_cry(path, seed) for path in CRIES if "cry" in kinds and path.is_file()]


def speech(data: Path = DATA, limit: int = SPEECH_CLIPS) -> list[Vocal]:
    """What all is held against: the same quiet around plain speech."""
    return [_clip("speech", one.name, loud(one.audio, SPEECH_DB), _vowels(one), 0)
            for one in spoken(data, limit)]


def spoken(data: Path, limit: int) -> list[Spoken]:
    """The sample clip and, where they are, held-out English voices, each once."""
    phones = json.loads((Path(__file__).parents[1] / "hello.phones.json").read_text("utf-8"))
    hello = read_mono(facerig_assets.path("speech", "hello.flac"))
    found = [Spoken("hello", hello, tuple((str(p), float(a), float(b)) for p, a, b in phones), "arpabet")]
    if (data / "kokoro" / "phones.jsonl").is_file():
        english = [u for u in development_set("kokoro", data) if u.language == "en"]
        found += [Spoken(u.id, u.audio(), u.phones, u.kind) for u in spread(english, limit - 1)]
    return found[:limit]


def _random(seed: int, kind: str, name: str) -> Random:
    digest = blake2b(f"{seed} {kind} {name}".encode(), digest_size=8).digest()
    return np.random.default_rng(int.from_bytes(digest, "little"))


@cache
def _made(kind: str, name: str, seed: int) -> Vocal:
    random = _random(seed, kind, name)
    maker, rms_db = MADE[kind]
    hz, size = SEXES[int(name) % 2]
    sound, spans = maker(random, hz * random.uniform(0.9, 1.15), size * random.uniform(0.95, 1.05))
    return _clip(kind, name, loud(sound, rms_db), spans, seed)


def _whisper(one: Spoken, seed: int) -> Vocal:
    sound = Recorded(one.audio).whispered(_random(seed, "whisper", one.name))
    return _clip("whisper", one.name, loud(sound, WHISPER_DB), _vowels(one), seed)


def _song(one: Spoken, k: int, seed: int) -> Vocal:
    """Each long vowel held where it is loudest, on a note of its own; the rest nearly as fast as spoken."""
    random, recorded = _random(seed, "song", one.name), Recorded(one.audio)
    cores = {(start, end): recorded.core(start, end) for _, start, end in _vowels(one)}
    low = SEXES[k % 2][0] * 1.3
    sung, at, notes, spans = [(0.0, 0.0)], 0.0, list[tuple[float, float]](), list[Span]()
    for _, start, end in one.phones:
        core = cores.get((start + MARGIN_SECS, end - MARGIN_SECS))
        begun, secs = at, float(random.uniform(*HELD_SECS))
        if core is None:
            at += (end - start) * STRETCH
        else:
            note = low * 2 ** (NOTES[len(spans) % len(NOTES)] / 12)
            sung += [(at + core - start, core), (at + core - start + secs, core)]
            at += end - start + secs
            notes += [(begun + GLIDE_SECS, note), (at, note)]
            spans.append(("held", begun + MARGIN_SECS, at - MARGIN_SECS))
        sung.append((at, end))
    pitch = _vibrated(line(at, notes or [(0.0, low)]))
    sound = recorded.sung(line(at, sung), pitch, random)
    return _clip("song", one.name, loud(sound, SONG_DB), spans, seed)


def _cry(path: Path, seed: int) -> Vocal:
    """A recorded cry; it is an open mouth's from its beginning to its end."""
    sound = loud(read(str(path)), CRY_DB)
    frame = SAMPLE_RATE // 50
    level = np.sqrt(np.square(sound[: len(sound) // frame * frame]).reshape(-1, frame).mean(1))
    sounds = np.flatnonzero(level > level.max() * 10 ** (CRY_EDGE_DB / 20)) / 50
    return _clip("cry", path.stem, sound, [("open", float(sounds[0]) + 0.06, float(sounds[-1]))], seed)


def _vibrated(pitch: Floats) -> Floats:
    return np.asarray(pitch * (1 + 0.02 * np.sin(2 * np.pi * 5.8 * np.arange(len(pitch)) / RATE_HZ)))


def _vowels(one: Spoken) -> list[Span]:
    """The longer vowels, as spans."""
    classes = label_set(one.labels)
    return [("open", start + MARGIN_SECS, end - MARGIN_SECS) for phone, start, end in one.phones
            if "vowel" in classes.classes_of(classes.plain(phone)) and end - start > 3 * MARGIN_SECS]


def _clip(kind: str, name: str, sound: Audio, spans: Sequence[Span], seed: int) -> Vocal:
    """With quiet around it and the floor of a microphone under it."""
    before, after = (np.zeros(round(secs * SAMPLE_RATE), np.float32) for secs in (BEFORE_SECS, AFTER_SECS))
    audio = np.concatenate([before, sound, after])
    floor = _random(seed, kind, f"{name} floor").standard_normal(len(audio)) * 10 ** (FLOOR_DB / 20)
    audible = np.flatnonzero(np.abs(sound) > 10 ** (-50 / 20))
    end = BEFORE_SECS + (audible[-1] + 1 if len(audible) else len(sound)) / SAMPLE_RATE
    moved = tuple((label, a + BEFORE_SECS, b + BEFORE_SECS) for label, a, b in spans)
    return Vocal(kind, name, (audio + floor).astype(np.float32), moved, float(end))
