"""The recordings: acted emotions of EmoDB, and readers of other sets, who are neutral.

EmoDB's part of facerig's data has eight German actors who say ten sentences in four emotions. The readers
teach what neutral is in other voices, tongues and microphones. They are few on purpose (READERS): the model
is small, and they all say one thing.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import soundfile
from numpy.typing import NDArray

from facerig.errors import ConfigError
from facerig.features.logmel import SAMPLE_RATE
from tools.train import nonspeech, split
from tools.train.corpus import EXTRA_PEOPLE

Array = NDArray[np.float32]
Part = Literal["train", "validate", "test"]

EMOTIONS: Final = {"neutral": "neutral", "happiness": "joy", "anger": "anger", "sadness": "sadness"}
# set        recordings a speaker (a set of one speaker: in all), by part
READERS: Final = {
    "an4":        {"train": 2,  "validate": 2,  "test": 3},
    "kokoro":     {"train": 4,  "validate": 4,  "test": 5},
    "grid":       {"train": 30, "validate": 10, "test": 20},
    "festvox_ru": {"train": 25, "validate": 5,  "test": 15},
}  # fmt: skip
FOLDERS: Final = {"grid": "grid_s1"}
SPEAKER_FIELDS: Final = {"an4": "speaker", "kokoro": "voice"}
NONSPEECH_SECS, NONSPEECH_SEED = 120.0, 11  # music, steps, machines: nobody speaks, so nobody is angry
JUDGED_SECS, JUDGED_SEED = 60.0, 12
NOISE_SECS, N_NOISES = 6.0, 10
MOST_OF_ONE, STRANGER_SECS = 6, 15
LICENCES: Final = {
    "emodb": "Burkhardt et al. 2005, freely usable for research; terms read second-hand",
    "an4": "BSD-like (Carnegie Mellon)",
    "kokoro": "Kokoro-82M weights Apache-2.0; texts Brown corpus, UDHR",
    "grid": "CC BY 4.0: The Grid Audio-Visual Speech Corpus, Cooke et al. 2006",
    "festvox_ru": "BSD-like",
    "nonspeech": "synthesised by tools/train/nonspeech.py",
}


@dataclass(frozen=True, slots=True)
class Clip:
    """One recording, float32 [n] at 16 kHz. `sentence`: EmoDB's, a01 to b10; empty elsewhere."""

    set_name: str
    id: str
    speaker: str
    emotion: str
    audio: Array
    sentence: str = ""


def read(path: Path) -> Array:
    """A 16 kHz mono recording."""
    try:
        audio, rate = soundfile.read(path, dtype="float32")
    except (OSError, soundfile.SoundFileError) as error:
        raise ConfigError(f"cannot be read as sound ({error})", where=str(path),
                          fix="give the folder of the data sets with --data") from error
    if rate != SAMPLE_RATE or audio.ndim != 1:
        raise ConfigError(f"expected {SAMPLE_RATE} Hz mono", where=str(path), fix="convert it")
    return np.asarray(audio, np.float32)


def _records(data: Path, set_name: str) -> list[dict[str, Any]]:
    folder = data / FOLDERS.get(set_name, set_name)
    if set_name == "grid":
        return [{"id": str(name)} for name in np.load(folder / "curves.npz")["ids"]]
    try:
        lines = (folder / "phones.jsonl").read_text("utf-8").splitlines()
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", where=str(folder / "phones.jsonl"),
                          fix="give the folder of the data sets with --data") from error
    return [json.loads(line) for line in lines]


def _sound(data: Path, set_name: str, identifier: str) -> Array:
    return read(data / FOLDERS.get(set_name, set_name) / "audio" / f"{identifier}.opus")


def actors(data: Path) -> list[Clip]:
    """EmoDB, whole."""
    return [Clip("emodb", r["id"], r["speaker"], EMOTIONS[r["emotion"]], _sound(data, "emodb", r["id"]),
                 r["sentence"]) for r in _records(data, "emodb")]


def _drawn(set_name: str, record: dict[str, Any]) -> bytes:
    return hashlib.blake2b(f"{set_name} {record['id']}".encode(), digest_size=8).digest()


def of_set(data: Path, set_name: str, part: Part) -> Iterator[Clip]:
    """READERS' recordings of each speaker of one set in one part, the same ones each time."""
    piles: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in sorted(_records(data, set_name), key=lambda r: _drawn(set_name, r)):
        if split.part_of(set_name, record) == part:
            piles[str(record.get(SPEAKER_FIELDS.get(set_name, ""), set_name))].append(record)
    for speaker, pile in sorted(piles.items()):
        for record in pile[: READERS[set_name][part]]:
            yield Clip(set_name, record["id"], f"{set_name}/{speaker}", "neutral",
                       _sound(data, set_name, record["id"]))


def readers(data: Path, part: Part) -> Iterator[Clip]:
    """All readers of one part."""
    return chain.from_iterable(of_set(data, name, part) for name in READERS)


def strangers(extra: Path) -> Iterator[Clip]:
    """People out of packages (tools.train.extra), MOST_OF_ONE each at most, the first STRANGER_SECS of each.

    Nobody labelled their feelings; they read, lecture or meet, and are taken for neutral.
    """
    for set_name in EXTRA_PEOPLE:
        path = extra / set_name / "list.jsonl"
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
        heard: Counter[str] = Counter()
        for record in map(json.loads, lines):
            heard[record["speaker"]] += 1
            if heard[record["speaker"]] <= MOST_OF_ONE:
                audio = read(extra / set_name / "audio" / f"{record['id']}.opus")
                yield Clip(set_name, record["id"], f"{set_name}/{record['speaker']}", "neutral",
                           audio[: STRANGER_SECS * SAMPLE_RATE])


def no_speech(secs: float = NONSPEECH_SECS, seed: int = NONSPEECH_SEED) -> list[Clip]:
    """Sound in which nobody speaks: music, steps, machines, and steady noise from white to brown."""
    rng = np.random.default_rng(seed)
    made = [*nonspeech.clips(secs, seed), *(("noise", _noise(rng)) for _ in range(N_NOISES))]
    return [Clip("nonspeech", f"{kind}-{seed}-{k}", f"nonspeech/{kind}", "neutral", audio)
            for k, (kind, audio) in enumerate(made)]


def _noise(rng: np.random.Generator) -> Array:
    n = int(NOISE_SECS * SAMPLE_RATE)
    hz = np.maximum(np.fft.rfftfreq(n, 1 / SAMPLE_RATE), 40.0)
    shaped = np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) * hz ** -rng.uniform(0.0, 1.0), n)
    return np.asarray(0.1 * shaped / np.abs(shaped).max(), np.float32)


def list_digest(clips: list[Clip]) -> str:
    """The sha256 of the names of the recordings, in order."""
    return hashlib.sha256("\n".join(f"{c.set_name}/{c.id}" for c in clips).encode()).hexdigest()
