"""Audio with phone labels: the development sets, or any folder.

A folder holds `phones.jsonl` (one object a line: `id`, `phones` = [[label, start_s, end_s], ...], and what
else is known of the recording) and the sound as `audio/ID.*` or `ID.*`. Of a development set only what no one
trains on is taken: tools/train/split.py decides.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

from facerig.errors import AudioError, ConfigError
from tools.evaluate import grid
from tools.evaluate.labels import label_set
from tools.evaluate.track import Phone
from tools.train.split import part_of

SAMPLE_RATE: Final = 16_000  # Hz, of every recording that a system is given
DATA: Final = Path(__file__).parents[3] / "shared" / "data"
AUDIO_ENDINGS: Final = (".opus", ".ogg", ".flac", ".wav", ".mp3")

Audio = NDArray[np.float32]
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Utterance:
    """One labelled recording. `facts` are the record's other entries: speaker, emotion, voice, lang, ..."""

    set_name: str
    id: str
    audio_path: Path
    phones: tuple[Phone, ...]
    kind: str
    language: str
    speaker: str
    facts: Record

    def audio(self) -> Audio:
        """float32 mono at SAMPLE_RATE."""
        return read_mono(self.audio_path)


@dataclass(frozen=True, slots=True)
class SetInfo:
    """How a development set writes its records."""

    kind: str
    language: Callable[[Record], str]
    speaker: Callable[[Record], str]


# Kokoro's two kinds of English are one language; a set of one speaker has the set's name for speaker.
DEVELOPMENT_SETS: Final = {
    "emodb":      SetInfo("emodb",      lambda r: "de",                         lambda r: str(r["speaker"])),
    "an4":        SetInfo("arpabet",    lambda r: "en",                         lambda r: str(r["speaker"])),
    "kokoro":     SetInfo("ipa",        lambda r: str(r["lang"]).split("-")[0], lambda r: str(r["voice"])),
    "festvox_ru": SetInfo("festvox_ru", lambda r: "ru",                         lambda r: "festvox_ru"),
    "grid":       SetInfo("ipa",        lambda r: "en",                         lambda r: "grid_s1"),
}  # fmt: skip


def read_mono(path: Path) -> Audio:
    """The recording as float32 mono at SAMPLE_RATE. Raises AudioError where it cannot be read."""
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.SoundFileError) as error:
        raise AudioError(f"cannot be read as sound ({error})", where=str(path)) from error
    mono = samples.mean(axis=1)
    if rate != SAMPLE_RATE:
        mono = resample_poly(mono, SAMPLE_RATE, rate)
    return np.ascontiguousarray(mono, np.float32)


def development_set(name: str, data: Path = DATA) -> list[Utterance]:
    """The held-out part of a development set, in the order of its labels.

    `NAME:validate` is the part that chooses thresholds; its people are in neither training nor test.
    """
    name, _, part = name.partition(":")
    if name not in DEVELOPMENT_SETS or part not in ("", "validate"):
        raise ConfigError(f"no development set is called {name!r}", where="--sets",
                          fix=f"give some of {', '.join(DEVELOPMENT_SETS)} (NAME:validate for the part that "
                          "chooses thresholds), or a folder with --labels-kind")
    info = DEVELOPMENT_SETS[name]
    folder = data / (grid.FOLDER if name == "grid" else name)
    labelled = grid.records(folder) if name == "grid" else read_records(folder)
    records = [r for r in labelled if part_of(name, r) == (part or "test")]
    return _utterances(name, folder, records, info)


def folder_set(folder: Path, kind: str, language: str = "") -> list[Utterance]:
    """Every labelled recording of a folder."""
    label_set(kind)
    info = SetInfo(kind, lambda r: str(r.get("lang", language)),
                   lambda r: str(r.get("speaker", r.get("voice", ""))))
    return _utterances(folder.name, folder, read_records(folder), info)


def training_voices(data: Path = DATA) -> dict[str, list[Path]]:
    """Recordings by voice that may train: what babble is mixed from, so that nobody under test is in it."""
    voices: dict[str, list[Path]] = defaultdict(list)
    for name in ("kokoro", "an4"):
        for record in read_records(data / name):
            if part_of(name, record) == "train":
                voice = f"{name}/{DEVELOPMENT_SETS[name].speaker(record)}"
                voices[voice].append(_audio_path(data / name, record["id"]))
    return dict(voices)


def read_records(folder: Path) -> list[Record]:
    """The lines of `phones.jsonl`. Raises ConfigError where there is none or a line is no record."""
    path = folder / "phones.jsonl"
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", where=str(path),
                          fix="give a folder with phones.jsonl and audio/") from error
    return [_record(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()]


def spread(utterances: Iterable[Utterance], limit: int | None, seed: int = 0) -> list[Utterance]:
    """At most `limit` utterances of each language, the same ones for a seed, evenly over the speakers."""
    chosen = list(utterances)
    if limit is None:
        return chosen

    def drawn(utterance: Utterance) -> bytes:
        return blake2b(f"{seed} {utterance.set_name} {utterance.id}".encode(), digest_size=8).digest()

    piles: dict[str, dict[str, list[Utterance]]] = defaultdict(lambda: defaultdict(list))
    for utterance in sorted(chosen, key=drawn):
        piles[utterance.language][utterance.speaker].append(utterance)
    return [u for speakers in piles.values() for u in _in_turn(list(speakers.values()))[:limit]]


def _in_turn(piles: list[list[Utterance]]) -> list[Utterance]:
    return [u for u in chain.from_iterable(zip_longest(*piles)) if u is not None]


def _record(line: str, where: str) -> Record:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise ConfigError(f"no JSON object ({error})", where=where) from error
    if not isinstance(record, dict) or not (isinstance(record.get("id"), str)
                                            and isinstance(record.get("phones"), list)):
        raise ConfigError("a record needs `id` and `phones`", where=where,
                          fix='write {"id": "a", "phones": [["m", 0.1, 0.2], ...]}')
    return record


def _utterances(name: str, folder: Path, records: list[Record], info: SetInfo) -> list[Utterance]:
    found = []
    for record in records:
        if not record["phones"]:  # EmoDB's 08a01Wa has none
            continue
        phones = tuple((str(label), float(start), float(end)) for label, start, end in record["phones"])
        facts = {key: value for key, value in record.items() if key != "phones"}
        found.append(Utterance(name, record["id"], _audio_path(folder, record["id"]), phones, info.kind,
                               info.language(record), info.speaker(record), facts))
    return found


def _audio_path(folder: Path, identifier: str) -> Path:
    bases = (folder / "audio", folder)
    candidates = [base / f"{identifier}{ending}" for base in bases for ending in AUDIO_ENDINGS]
    path = next((c for c in candidates if c.is_file()), None)
    if path is None:
        raise ConfigError(f"no sound for {identifier!r}", where=str(folder),
                          fix=f"put it at audio/{identifier}.wav (or {', '.join(AUDIO_ENDINGS)})")
    return path
