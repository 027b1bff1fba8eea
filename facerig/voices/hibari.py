"""The voice that comes with the extra `say`: hibari-tts (Apache-2.0), English, on the processor, offline.

Its wheel holds one speaker, `heart`. The others are files that hibari fetches from its own site; facerig
opens no network for a text, so they work once hibari has fetched them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

import numpy as np

from facerig.errors import ConfigError
from facerig.voices.voice import Samples

INSTALL: Final = 'pip install "facerig[say]"'
LONGEST_PHONEMES: Final = 400  # in one run of the network: 30 s of sound, 60 MB
SEED: Final = 0  # of the breath in the voice: the same text is the same sound


class Hibari:
    """A speaker of hibari-tts: `heart`, or one of `variants` that hibari has fetched.

    Raises ConfigError where hibari-tts or the speaker's file is not there.
    """

    name = "hibari"
    summary = "English, a small network on one core, offline; heart is built in"
    languages: tuple[str, ...] = ("en",)
    sample_rate = 24_000
    variants = ("heart", "emma", "fenrir", "fable", "kore")

    def __init__(self, variant: str = "heart") -> None:
        try:
            engine, files = import_module("hibari"), import_module("hibari.voices")
        except ImportError:
            raise ConfigError("the voice 'hibari' needs hibari-tts, which is not installed", where="voice",
                              fix=INSTALL) from None
        try:
            path = files.voice_path(variant, download_missing=False)
        except (FileNotFoundError, ValueError):
            raise ConfigError(f"hibari has not fetched its speaker {variant!r} yet", where="voice",
                              fix=f'let it: hibari "Hello" --voice {variant} -o hello.wav') from None
        self._engine: Any = engine.Hibari(voice=variant, model=path)
        self._reader: Any = self._engine.g2p
        self._lock = threading.Lock()  # the reader fills tables of its own as it reads

    def speak(self, text: str) -> Iterator[Samples]:
        """A sentence, in one piece or a few."""
        with self._lock:
            phonemes = [part for whole in self._phonemes(text) for part in _parts(whole)]
        noise = np.random.default_rng(SEED)
        for part in phonemes:
            yield np.asarray(self._engine.from_ids(self._engine.ids(part), rng=noise), np.float32)

    def _phonemes(self, text: str) -> list[str]:
        """What hibari reads; where it stumbles, words that it cannot read sign by sign, or not at all."""
        try:
            return list(self._engine.phonemize(text))
        except Exception:  # it has no errors of its own
            words = text.split()
            kept = [spelled for word in words if (spelled := self._spelled(word))]
            if kept == words:  # each of them can be read, together they cannot
                return [part for word in words for part in self._engine.phonemize(word)]
            return self._phonemes(" ".join(kept))

    def _spelled(self, word: str) -> str:
        """The word where hibari can read it, else its signs apart (999...9), else nothing."""
        for spelled in dict.fromkeys((word, " ".join(word))):
            try:
                if self._engine.phonemize(spelled):
                    return spelled
            except Exception:
                continue
        return ""


def _parts(phonemes: str) -> Iterator[str]:
    """A sentence's phonemes, or pieces of a long one, between words."""
    while len(phonemes) > LONGEST_PHONEMES:
        space = phonemes.rfind(" ", 1, LONGEST_PHONEMES)
        at = space if space > 0 else LONGEST_PHONEMES
        yield phonemes[:at]
        phonemes = phonemes[at:].lstrip()
    yield phonemes
