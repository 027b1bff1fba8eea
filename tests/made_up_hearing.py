"""Phone probabilities as a network might hear them, made from a list of phones: for tests of the script."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facerig.script.guide import CONTACT, N_TRACKS, SEAL, VOICE
from facerig.script.phones import CLASS, INVENTORY, PAUSE
from facerig.script.words import Script, Word

Said = Sequence[tuple[str, int]]  # phone and length, frames of 10 ms

# A little language. No word is the end of another, so that what is found is found for a reason.
WORDS = {
    "pam":   Word("pam", (("p", "æ", "m"),)),
    "beside": Word("beside", (("b", "ɪ", "s", "a", "ɪ", "t"), ("b", "ə", "s", "a", "ɪ", "t"))),
    "queen": Word("queen", (("k", "w", "i", "n"),)),
    "five":  Word("five", (("f", "a", "ɪ", "v"),)),
    "lost":  Word("lost", (("l", "ɔ", "s", "t"),)),
    "umbrella": Word("umbrella", (("ʌ", "m", "b", "ɹ", "ɛ", "l", "ə"),)),
    "hush":  Word("hush", (("h", "ʌ", "ʃ"),)),
    "tuna":  Word("tuna", (("t", "u", "n", "ə"),)),
}


def script(*names: str) -> Script:
    """The words as a script."""
    return Script(tuple(WORDS[name] for name in names))


def spoken(*names: str, frames: int = 8, variant: int = 0) -> list[tuple[str, int]]:
    """The phones of the words, each `frames` long."""
    return [(phone, frames) for name in names
            for phone in WORDS[name].variants[min(variant, len(WORDS[name].variants) - 1)]]


def hush(frames: int = 30) -> list[tuple[str, int]]:
    """A pause."""
    return [(PAUSE, frames)]


def heard(said: Said, *, sure: float = 0.8, seed: int = 0) -> np.ndarray:
    """Log-probabilities float32 [T, len(INVENTORY)]: `sure` for what is said, the rest spread unevenly."""
    rng = np.random.default_rng(seed)
    frames = [CLASS[phone] for phone, n in said for _ in range(n)]
    rest = rng.dirichlet(np.full(len(INVENTORY), 0.3), len(frames)) * (1.0 - sure)
    rest[np.arange(len(frames)), frames] += sure
    return np.log(rest + 1e-4).astype(np.float32)


def tracks_of(said: Said) -> np.ndarray:
    """Tracks of a network that hears speech and nothing of the lips: a half-open mouth that never closes."""
    voice = [float(phone != PAUSE) for phone, n in said for _ in range(n)]
    tracks = np.zeros((len(voice), N_TRACKS), np.float32)
    tracks[:, 0] = 0.15  # jawOpen
    tracks[:, SEAL] = tracks[:, CONTACT] = 0.05
    tracks[:, VOICE] = voice
    return tracks
