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
import onnx
from numpy.typing import NDArray

from facerig.encoder.model import open_model
from facerig.encoder.offline import WINDOW
from facerig.features import logmel
from facerig.script.phones import INVENTORY
from tools.train import corpus, moonshine
from tools.train.corpus import CHANNELS, Clip
from tools.train.network import KNOTS_PER_STEP, step_times
from tools.train.windows import features

Array = NDArray[np.float32]
Half = NDArray[np.float16]

SHARE: Final = 0.5  # of the teacher in the targets; the labels keep the rest
UNLABELLED_WEIGHT: Final = 1.0  # of the losses where only the teacher knows
SMOOTHING: Final = 0.05  # of the labels' classes
LONGEST: Final = 900  # rows of a recording in one window
GAP: Final = 60  # rows of silence between two recordings in a window
LEVEL: Final = 0.1  # root mean square of the loud parts
EAR: Final = f"ear/{moonshine.CUT}"  # the value of the offline model's graph that Moonshine's layers give
FARTHEST: Final = 5.0  # standard deviations of a vector's number: some lie at a hundred


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


def _session(model: str) -> tuple[Any, str]:
    """The offline model with Moonshine's vectors as a further output, and its hash."""
    import onnxruntime as ort

    _, info = open_model(model)
    whole = onnx.load(str(info.path))
    whole.graph.output.append(onnx.helper.make_tensor_value_info(EAR, onnx.TensorProto.FLOAT, None))
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = ort.InferenceSession(whole.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session, info.sha256


def _said(session: Any, sounds: Sequence[Array], window: list[Piece]) -> tuple[Array, Array]:
    """Of a window: tracks and phone probabilities in one, and Moonshine's vectors at 50 Hz."""
    audio = np.zeros(WINDOW * logmel.HOP, np.float32)
    for p in window:
        sound = sounds[p.index][p.first * logmel.HOP : p.last * logmel.HOP]
        gain = LEVEL / np.sqrt(float(np.mean(sound**2)) + 1e-9)
        audio[p.at * logmel.HOP : p.at * logmel.HOP + len(sound)] = sound * np.float32(min(gain, 100.0))
    feed = {"mel": features(audio, logmel.LEVEL_FLOOR)[None], "audio": audio[None]}
    tracks, phones, heard = session.run(["tracks", "phones", EAR], feed)
    low, part = step_times(WINDOW // KNOTS_PER_STEP, heard.shape[1])
    vectors = heard[0][low] * (1 - part[:, None]) + heard[0][low + 1] * part[:, None]
    return np.concatenate([tracks[0], np.exp(phones[0])], 1), vectors


@dataclass(frozen=True, slots=True)
class Sayings:
    """Of each sound: what a model says [T, len(CHANNELS) + len(INVENTORY)], and what its ears hear at 50 Hz
    [(T + 1) / 2, moonshine.WIDTH]."""

    said: list[Half]
    heard: list[Half]


def sayings(model: str, sounds: Sequence[Array], cache: Path) -> Sayings:
    """What `model` says of each sound, kept in `cache`."""
    session, sha256 = _session(model)
    code = Path(__file__).read_bytes() + sha256.encode() + str(sum(len(s) for s in sounds)).encode()
    stored = cache / f"teacher-{hashlib.sha256(code).hexdigest()[:12]}.npz"
    if stored.exists():
        with np.load(stored) as kept:
            return Sayings(np.split(kept["said"], kept["edges"]), np.split(kept["heard"], kept["steps"]))
    lengths = [len(s) // logmel.HOP for s in sounds]
    said = [np.zeros((n, len(CHANNELS) + len(INVENTORY)), np.float16) for n in lengths]
    heard = [np.zeros((-(-n // KNOTS_PER_STEP), moonshine.WIDTH), np.float16) for n in lengths]
    for window in packed(lengths):
        words, vectors = _said(session, sounds, window)
        for p in window:
            said[p.index][p.first : p.last] = words[p.at : p.at + p.last - p.first]
            steps = np.arange(-(-p.first // KNOTS_PER_STEP), -(-p.last // KNOTS_PER_STEP))
            rows = (steps * KNOTS_PER_STEP - p.first + p.at) // KNOTS_PER_STEP
            heard[p.index][steps] = vectors[np.minimum(rows, len(vectors) - 1)]
    edges, steps_of = (np.cumsum([len(a) for a in column])[:-1] for column in (said, heard))
    np.savez(stored, said=np.concatenate(said), heard=np.concatenate(heard), edges=edges, steps=steps_of)
    return Sayings(said, heard)


def hear(clips: Sequence[Clip], heard: Sequence[Half]) -> None:
    """Give the clips the vectors, each of whose numbers is made to vary about zero by one, in place."""
    known = np.concatenate([v[:: max(1, len(heard) // 500)] for v in heard]).astype(np.float64)
    mean, spread = known.mean(0), known.std(0) + 1e-3
    for clip, vectors in zip(clips, heard, strict=True):
        clip.heard = ((vectors - mean) / spread).clip(-FARTHEST, FARTHEST).astype(np.float16)


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
