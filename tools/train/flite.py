"""Sentences spoken by flite, CMU's small synthesiser, with the phone times that it spoke by.

Another engine and vocoder than Kokoro's, so that the encoder learns phones and not one vocoder's sound. Its
statistical voices slt, rms and awb and the diphone voice kal16 are made of recordings of real people (Black
and Lenzo 2001, "Flite: a small fast run-time synthesis engine").
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from facerig.errors import ConfigError
from tools.train import split
from tools.train.people import Clip, decoded

VOICES: Final = {"slt": 1.0, "rms": 1.0, "awb": 1.0, "kal16": 0.4}  # share of the sentences of each
SENTENCES: Final = 450  # of each voice of share 1
SEED: Final = 11
SLOWEST, QUICKEST = 1.25, 0.8  # stretch of durations
# flite's phones that ARPABET of the other sets does not have
PHONES: Final = {"AX": "AH", "AXR": "ER", "IX": "IH", "PAU": "SIL", "H#": "SIL", "BRTH": "SIL"}
INSTALL: Final = "apt-get install flite (Debian, Ubuntu), or leave the set out: --without flite"


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence for a voice to say, durations stretched by `stretch`."""

    id: str
    voice: str
    stretch: float
    text: str


def check_installed() -> None:
    """Raises ConfigError where there is no flite with the voices."""
    if shutil.which("flite") is None:
        raise ConfigError("the program flite is not installed", where="flite", fix=INSTALL)
    told = subprocess.run(["flite", "-lv"], capture_output=True, text=True, check=False)
    if missing := set(VOICES) - set(told.stdout.split()):
        raise ConfigError(f"flite lacks the voices {', '.join(sorted(missing))}", where="flite", fix=INSTALL)


def texts_of(path: Path) -> list[dict[str, Any]]:
    """The lines of Kokoro's phones.jsonl, whose texts flite says again."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        fix = "give --data, the folder that holds kokoro/, or leave the set out: --without flite"
        raise ConfigError(f"cannot be read ({error.strerror})", where=str(path), fix=fix) from error
    return [json.loads(line) for line in lines]


def planned(records: Iterable[Mapping[str, Any]], each: int = SENTENCES) -> Iterator[Line]:
    """What each voice is to say. Sentences that validate or test in Kokoro's voices are never said.

    Those are drawn and then dropped, so that the rest of the plan does not hang on how the split is drawn.
    """
    english = [r for r in records if r["lang"].startswith("en")]
    held_out = {r["text"] for r in english if split.part_of("kokoro", r) != "train"}
    texts, rng = sorted({r["text"] for r in english}), random.Random(SEED)
    rng.shuffle(texts)
    for voice, share in VOICES.items():
        for k in range(min(int(each * share), len(texts))):
            text, stretch = texts.pop(), round(rng.uniform(QUICKEST, SLOWEST), 2)
            if text not in held_out:
                yield Line(f"{voice}{k:04d}", voice, stretch, text)


def parse_times(told: str) -> list[list[Any]]:
    """flite's `name:end_s` words as [phone, start_s, end_s]; phones of no length are left out."""
    phones: list[list[Any]] = []
    last = 0.0
    for item in told.split():
        name, _, end = item.rpartition(":")
        name, at = name.upper(), round(float(end), 4)
        if at > last:
            phones.append([PHONES.get(name, name), last, at])
        last = at
    return phones


def said(line: Line, scratch: Path) -> Clip:
    """A sentence as sound and phones; `scratch` is a folder for flite's file."""
    wav = scratch / "said.wav"
    command = ["flite", "-voice", line.voice, "--setf", f"duration_stretch={line.stretch}", "-psdur",
               "-o", str(wav), "-t", line.text]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or ":" not in done.stdout:
        raise ConfigError(f"flite did not say {line.text!r}: {done.stderr.strip()[-300:]}", where=line.id,
                          fix=INSTALL)
    audio, _ = decoded(wav.read_bytes(), line.id)
    return Clip(line.id, line.voice, audio, {
        "voice": line.voice, "lang": "en", "speed": line.stretch, "text": line.text,
        "phones": parse_times(done.stdout)})
