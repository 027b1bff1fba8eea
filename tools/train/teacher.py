"""The offline model teaches the live one: what it says of every clean recording, mixed into the targets.

The live model then hears those recordings in noise and rooms, with a tenth of a second of look-ahead, and is
asked for what a model that hears seconds to either side, by a recogniser's layers, made of the clean sound
(Hinton, Vinyals and Dean 2015, "Distilling the knowledge in a neural network").
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.encoder.model import open_model
from facerig.encoder.offline import WINDOW
from facerig.features import logmel
from facerig.script.phones import INVENTORY
from tools.train import corpus
from tools.train.corpus import CHANNELS, Clip
from tools.train.windows import features

Array = NDArray[np.float32]
Half = NDArray[np.float16]

SHARE: Final = 0.5  # of the teacher in the targets; the labels keep the rest
UNLABELLED_WEIGHT: Final = 0.5  # of the losses where only the teacher knows
SMOOTHING: Final = 0.05  # of the labels' classes
LONGEST: Final = 900  # rows of a recording in one window
GAP: Final = 60  # rows of silence between two recordings in a window
LEVEL: Final = 0.1  # root mean square of the loud parts


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows [first, last) of recording `index` stand in a window from row `at` on."""

    index: int
    first: int
    last: int
    at: int


def packed(lengths: Sequence[int]) -> Iterator[list[Piece]]:
    """Recordings of so many rows, put into windows one after another."""
    window, at = list[Piece](), GAP // 2
    for index, n in enumerate(lengths):
        parts = max(1, -(-n // LONGEST))
        edges = [n * i // parts for i in range(parts + 1)]
        for first, last in pairwise(edges):
            if window and at + last - first + GAP // 2 > WINDOW:
                yield window
                window, at = [], GAP // 2
            window.append(Piece(index, first, last, at))
            at += last - first + GAP
    if window:
        yield window


def _said(session: Any, sounds: Sequence[Array], window: list[Piece]) -> tuple[Array, Array]:
    """Tracks and phone probabilities of a window."""
    audio = np.zeros(WINDOW * logmel.HOP, np.float32)
    for p in window:
        sound = sounds[p.index][p.first * logmel.HOP : p.last * logmel.HOP]
        gain = LEVEL / np.sqrt(float(np.mean(sound**2)) + 1e-9)
        audio[p.at * logmel.HOP : p.at * logmel.HOP + len(sound)] = sound * np.float32(min(gain, 100.0))
    feed = {"mel": features(audio, logmel.LEVEL_FLOOR)[None], "audio": audio[None]}
    tracks, phones = session.run(["tracks", "phones"], feed)
    return tracks[0], np.exp(phones[0])


def sayings(model: str, sounds: Sequence[Array], cache: Path) -> list[Half]:
    """What `model` says of each sound: [T, len(CHANNELS) + len(INVENTORY)], kept in `cache`."""
    session, info = open_model(model)
    code = Path(__file__).read_bytes() + info.sha256.encode() + str(sum(len(s) for s in sounds)).encode()
    stored = cache / f"teacher-{hashlib.sha256(code).hexdigest()[:12]}.npz"
    if stored.exists():
        with np.load(stored) as kept:
            return np.split(kept["said"], kept["edges"])
    lengths = [len(s) // logmel.HOP for s in sounds]
    said = [np.zeros((n, len(CHANNELS) + len(INVENTORY)), np.float16) for n in lengths]
    for window in packed(lengths):
        both = np.concatenate(_said(session, sounds, window), 1)
        for p in window:
            said[p.index][p.first : p.last] = both[p.at : p.at + p.last - p.first]
    np.savez(stored, said=np.concatenate(said), edges=np.cumsum(lengths)[:-1])
    return said


def taught(clips: list[Clip], recordings: Sequence[corpus.Recording], said: Sequence[Half]) -> None:
    """Mix the teacher into the clips that were made of the same recordings, in place."""
    for clip, recording, words in zip(clips, recordings, said, strict=True):
        if clip.source != recording.source or abs(len(clip.mel) - len(words)) > 1:
            raise ValueError("clips and recordings are not in the same order")
        n = min(len(clip.targets), len(words))
        tracks, probs = words[:n, : len(CHANNELS)], words[:n, len(CHANNELS) :].astype(np.float32)
        known = clip.weights > 0
        share = np.where(known, SHARE, 1.0).astype(np.float16)
        clip.targets[:n] = clip.targets[:n] * (1 - share) + tracks * share
        clip.weights = np.where(known, clip.weights, UNLABELLED_WEIGHT).astype(np.float32)
        clip.probs = np.zeros((len(clip.targets), len(INVENTORY)), np.float16)
        labels = np.full((n, len(INVENTORY)), SMOOTHING / len(INVENTORY), np.float32)
        rows = np.flatnonzero(clip.classes[:n] >= 0)
        labels[rows, clip.classes[rows]] += 1 - SMOOTHING
        mixed = np.where(clip.classes[:n, None] >= 0, SHARE * probs + (1 - SHARE) * labels, probs)
        clip.probs[:n], clip.probs[n:, 0] = mixed, 1.0
