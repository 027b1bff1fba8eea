"""Real people's speech out of the test data of packages, and what the packages tell about who speaks.

None of it has phones: a teacher labels it. The sets are small, but each brings rooms, microphones, tongues
and ways to speak that the larger ones lack.
"""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil, inf
from pathlib import PurePosixPath
from typing import Any, Final

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

from facerig.errors import AudioError

Array = NDArray[np.float32]
Files = Mapping[str, bytes]
Turn = tuple[float, float, str]  # start_s, end_s, speaker; turns may overlap

RATE_HZ: Final = 16000
MIN_SECS: Final = 1.0  # shorter is dropped: no context to learn from
MAX_SECS: Final = 60.0  # longer is cut into equal parts
STRUNG_SECS, GAP_SECS = 6.0, 0.3  # short recordings are strung together, with such pauses
BARE_GSM: Final[dict[str, Any]] = {"samplerate": 8000, "channels": 1, "format": "RAW", "subtype": "GSM610"}
TURN_HZ: Final = 100  # grid on which speakers' turns are compared
ENVELOPE: Final = RATE_HZ // 20  # samples in a step of an envelope: 50 ms
# Twins are one take at two bandwidths. Of IBM's 58 files, twins correlate by .90 and more, others of like
# length by .30 at most.
TWIN_CORRELATION: Final = 0.8
TWIN_STEPS: Final = 4  # that the two may differ in length

# IBM's names begin with the language's code, but for these
IBM_LANGUAGES: Final = {
    "Es_ES": "es", "Us_English": "en", "uk-EN": "en", "english": "en", "dutch": "nl", "sample-Ja_JP": "ja",
    "new_single": "?", "sample1": "?", "sample2": "?",
}
# clip of Montreal Forced Aligner's tests -> who speaks (LibriSpeech's reader 61; Common Voice's clip numbers)
MFA_SPEAKERS: Final = {
    "acoustic_corpus": "mcauliffe", "cold_corpus": "mcauliffe", "cold_corpus3": "mcauliffe",
    "61-70968-0000": "librispeech-61", "common_voice_en_22058264": "cv-264",
    "common_voice_en_22058266": "cv-266", "common_voice_en_22058267": "cv-267",
}


@dataclass(frozen=True, slots=True)
class Clip:
    """Sound float32 [n] at 16 kHz and its speaker; `more`: further fields of its line in the list."""

    id: str
    speaker: str
    audio: Array
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def line(self) -> dict[str, Any]:
        """The clip's object in list.jsonl or phones.jsonl."""
        return {"id": self.id, "speaker": self.speaker, **self.more, "duration": len(self.audio) / RATE_HZ}


def decoded(data: bytes, name: str) -> tuple[Array, int]:
    """A sound file's bytes as 16 kHz mono, and the file's own rate, Hz."""
    bare = BARE_GSM if name.endswith(".gsm") else {}
    try:
        samples, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True, **bare)
    except soundfile.SoundFileError as error:
        raise AudioError(f"cannot be read as sound ({error})", where=name,
                         fix="update soundfile: version 0.12.1 reads all of these files") from error
    mono = samples.mean(axis=1)
    return np.asarray(mono if rate == RATE_HZ else resample_poly(mono, RATE_HZ, rate), np.float32), int(rate)


def pieces(clip: Clip) -> Iterator[Clip]:
    """The clip, or nothing where it is too short, or equal parts of one too long (labelled: nothing)."""
    n = len(clip.audio)
    n_parts = ceil(n / (MAX_SECS * RATE_HZ))
    if n < MIN_SECS * RATE_HZ or (n_parts > 1 and "phones" in clip.more):
        return
    if n_parts == 1:
        yield clip
        return
    for k, audio in enumerate(np.array_split(clip.audio, n_parts)):
        yield Clip(f"{clip.id}-{k}", clip.speaker, audio, {**clip.more, "part": k})


def envelope(audio: Array) -> Array:
    """Level in steps of 50 ms."""
    steps = audio[: len(audio) // ENVELOPE * ENVELOPE].reshape(-1, ENVELOPE)
    return np.asarray(np.sqrt(np.square(steps).mean(1)), np.float32)


def are_twins(one: Array, other: Array) -> bool:
    """Whether two envelopes are of one take."""
    n = min(len(one), len(other))
    if n < 2 or abs(len(one) - len(other)) > TWIN_STEPS or not (np.ptp(one[:n]) and np.ptp(other[:n])):
        return False
    return bool(np.corrcoef(one[:n], other[:n])[0, 1] > TWIN_CORRELATION)


def without_twins(clips: list[Clip]) -> list[Clip]:
    """Of clips that are one take, the first only."""
    kept: list[tuple[Clip, Array]] = []
    for clip in clips:
        level = envelope(clip.audio)
        if not any(are_twins(level, other) for _, other in kept):
            kept.append((clip, level))
    return [clip for clip, _ in kept]


def language(name: str) -> str:
    """The language of one of IBM's files, ? where its name does not tell."""
    return next((code for start, code in IBM_LANGUAGES.items() if name.startswith(start)), name[:2])


def ibm_watson(files: Files) -> Iterator[Clip]:
    """A demonstration's samples in eleven languages; of two bandwidths of a take, the wider."""
    clips = []
    for path, data in files.items():
        audio, rate = decoded(data, path)
        name = PurePosixPath(path).stem
        clips.append(Clip(name, name, audio, {"lang": language(name), "rate": rate}))
    clips.sort(key=lambda c: (-c.more["rate"], c.id))
    yield from sorted(without_twins(clips), key=lambda c: c.id)


def alone(turns: list[Turn], n_frames: int) -> Iterator[tuple[int, int, str]]:
    """Where exactly one person speaks for MIN_SECS: first frame, end frame (at TURN_HZ) and who."""
    who = np.full(n_frames, -1)  # -1: nobody; -2: several
    names = sorted({name for _, _, name in turns})
    for start, end, name in turns:
        part = who[int(start * TURN_HZ) : int(end * TURN_HZ)]
        part[:] = np.where(part == -1, names.index(name), -2)
    edges = np.flatnonzero(np.diff(who, prepend=-3, append=-3))
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if who[first] >= 0 and last - first >= MIN_SECS * TURN_HZ:
            yield first, last, names[who[first]]


def turns_of(lines: list[str]) -> dict[str, list[Turn]]:
    """Turns of each recording, of lines as `SPEAKER meeting 1 start_s length_s <NA> <NA> who <NA> <NA>`."""
    turns = defaultdict(list)
    for _, meeting, _, start, length, _, _, speaker, *_ in map(str.split, lines):
        turns[meeting].append((float(start), float(start) + float(length), speaker))
    return turns


def ami_pyannote(files: Files) -> Iterator[Clip]:
    """Minutes of meetings with speakers' turns (RTTM), where one speaks alone."""
    tables = [data.decode() for path, data in files.items() if path.endswith(".rttm")]
    lines = [line for table in tables for line in table.splitlines()]
    for meeting, said in sorted(turns_of(lines).items()):
        audio, rate = decoded(files[f"tests/data/{meeting}.wav"], meeting)
        hop = RATE_HZ // TURN_HZ
        for first, last, speaker in alone(said, len(audio) // hop):
            more = {"lang": "en", "rate": rate, "file": meeting, "start": first / TURN_HZ}
            yield Clip(f"{meeting}_{first:05d}", speaker, audio[first * hop : last * hop], more)


def plain(text: str) -> str:
    """Words in small letters, without marks."""
    text = re.sub(r"<[^>]*>", "", text.lower())
    return " ".join(w for w in re.sub(r"[^a-z']+", " ", text).split() if w.strip("'"))


def _read_english(identifier: str, speaker: str, data: bytes, text: str) -> Clip:
    audio, rate = decoded(data, identifier)
    return Clip(identifier, speaker, audio, {"lang": "en", "rate": rate, "text": plain(text)})


def ljspeech(files: Files) -> Iterator[Clip]:
    """Sentences of one reader."""
    rows = files["tests/data/ljspeech/metadata.csv"].decode().splitlines()
    for name, text in sorted((row.split("|")[0], row.split("|")[2]) for row in rows):
        if sound := files.get(f"tests/data/ljspeech/wavs/{name}.wav"):
            yield _read_english(name, "lj", sound, text)


def librivox_ps(files: Files) -> Iterator[Clip]:
    """Sentences of one reader of Sense and Sensibility."""
    folder = "test/data/librivox"
    for line in files[f"{folder}/transcription"].decode().splitlines():
        if match := re.fullmatch(r"<s> (.*) </s> \((.*)\)", line.strip()):
            yield _read_english(match[2], "librivox-austen-ss", files[f"{folder}/{match[2]}.wav"], match[1])


def mfa_tests(files: Files) -> Iterator[Clip]:
    """A linguist who speaks fast, slow and with a cold, a reader of LibriSpeech, words of Common Voice."""
    sounds = {PurePosixPath(p).stem: data for p, data in files.items() if "/wav/" in p}
    for name, speaker in MFA_SPEAKERS.items():
        text = files[f"tests/data/lab/{name}.lab"].decode()
        yield _read_english(name, speaker, sounds[name], text)


def prompts(files: Files) -> Iterator[Clip]:
    """Sentences that telephone exchanges say (8 kHz): share/asterisk/sounds/<voice>/.../<name>.wav."""
    yield from strung(files, lambda path: path.split("/")[3], most_secs=600.0)


def said_by(voice: str, files: Files) -> Iterator[Clip]:
    """The prompts of one voice, whatever the folders."""
    yield from strung(files, lambda path: voice, most_secs=600.0)


def letters(files: Files) -> Iterator[Clip]:
    """Letters and syllables by people of twenty languages: share/klettres/<language>/.../<name>.ogg."""
    yield from strung(files, lambda path: f"klettres-{path.split('/')[2]}", most_secs=300.0)


def hedgehogs(files: Files) -> Iterator[Clip]:
    """Cries and remarks of a game's fifteen voices: share/games/.../voices/<voice>/<name>.ogg."""
    yield from strung(files, lambda path: f"hedgewars-{path.split('/')[-2]}")


def stamps(files: Files) -> Iterator[Clip]:
    """What stamps of a painting program are called: share/tuxpaint/stamps/.../<name>_desc_<language>.ogg."""
    named = {path: m[1] or "en" for path in files if (m := re.search(r"_desc_?([a-zA-Z_]*)\.ogg$", path))}
    yield from strung({path: files[path] for path in named}, lambda path: f"tuxpaint-{named[path]}",
                      most_secs=360.0)


def potatoes(files: Files) -> Iterator[Clip]:
    """Names of what a picture is made of: share/ktuberling/sounds/<language>/<name>."""
    yield from strung(files, lambda path: f"ktuberling-{path.split('/')[3].partition('@')[0]}")


def primers(files: Files) -> Iterator[Clip]:
    """Letters and words: share/qabcs/abcs/<language>/sounds/<alpha or words>/<name>."""
    said = {path: data for path, data in files.items() if path.split("/")[3] != "all"}
    yield from strung(said, lambda path: f"qabcs-{path.split('/')[3]}")


def tiles(files: Files) -> Iterator[Clip]:
    """Names of tiles, of a game's eight players: share/kajongg/voices/<player>/<name>.ogg."""
    yield from strung(files, lambda path: f"kajongg-{'-'.join(path.split('/')[3:-1])}")


def fishes(files: Files) -> Iterator[Clip]:
    """Acted talk of a small and a big fish, and of whom they meet: .../sound/<level>/<language>/
    <level>-<m or v>-<name>.ogg."""
    def speaker(path: str) -> str:
        level, language, name = path.split("/")[-3:]
        who = name.split("-")[1] if name.count("-") > 1 else ""
        return f"fillets-{language}-{who if who in ('m', 'v') else level}"

    yield from strung(files, speaker, most_secs=900.0)


def lessons(files: Files) -> Iterator[Clip]:
    """Letters, words and instructions for children: share/gcompris/boards/voices/<language>/<kind>/...; the
    words are another voice's."""
    def speaker(path: str) -> str:
        language, kind = path.split("/")[4:6]
        return f"gcompris-{language}-words" if kind == "words" else f"gcompris-{language}"

    yield from strung(files, speaker, most_secs=300.0)


def alphabets(files: Files) -> Iterator[Clip]:
    """Letters and names of things for children: .../<language>/<name>."""
    yield from strung(files, lambda path: f"childsplay-{path.split('/')[-2]}")


def strung(files: Files, speaker_of: Callable[[str], str], most_secs: float = inf) -> Iterator[Clip]:
    """Short recordings of one voice, one after another with pauses, some STRUNG_SECS long.

    most_secs: of a voice; the rest is left out, so that no voice outweighs the others.
    """
    held: list[Array] = []
    rate, before, number = 0, "", 0
    heard_secs: dict[str, float] = {}
    for path, data in [*sorted(files.items(), key=lambda item: (speaker_of(item[0]), item[0])), ("", b"")]:
        speaker = speaker_of(path) if path else ""
        if held and (speaker != before or sum(map(len, held)) > STRUNG_SECS * RATE_HZ):
            yield Clip(f"{before}-{number:04d}", before, np.concatenate(held), {"lang": "?", "rate": rate})
            held, number = [], number + 1
        if path and heard_secs.get(speaker, 0.0) < most_secs:
            audio, rate = decoded(data, path)
            heard_secs[speaker] = heard_secs.get(speaker, 0.0) + len(audio) / RATE_HZ
            held += [audio[: int(MAX_SECS * RATE_HZ)], np.zeros(int(GAP_SECS * RATE_HZ), np.float32)]
            before = speaker
