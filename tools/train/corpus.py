"""The training sets as arrays: mel power, targets and masks, cached on disk once.

Every clip becomes mel power (log10, float16) and targets at 100 Hz. What a set cannot teach is masked:
FACEGOOD has no phones, GRID's jaw is the real one.
"""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from facerig.features import logmel
from facerig.script import articulation, phones
from tools.train import split

Array = NDArray[np.float32]

CHANNELS: Final = (*phones.CURVES, "seal", "contact", "voice")
N_CURVES: Final = len(phones.CURVES)
KINDS: Final = {"an4": "arpabet", "festvox_ru": "festvox_ru", "kokoro": "ipa"}
REAL_JAW_GAIN: Final = 1.25  # MediaPipe's jawOpen on GRID: p99 .38; a game head wants a little more
# FACEGOOD's controls that mean what ours mean, and what brings their 98th percentile to that of our targets
FACEGOOD: Final = {
    "mouthFunnel": ("mouth_funnel_dl", "mouth_funnel_dr", "mouth_funnel_ul", "mouth_funnel_ur"),
    "mouthPucker": ("mouth_pucker_l", "mouth_pucker_r"),
    "mouthUpperUp": ("mouth_upperLipRaise_l", "mouth_upperLipRaise_r"),
    "mouthLowerDown": ("mouth_lowerLipDepress_l", "mouth_lowerLipDepress_r"),
}
FACEGOOD_P98: Final = {"mouthFunnel": 0.35, "mouthPucker": 0.5, "mouthUpperUp": 0.12, "mouthLowerDown": 0.15}


@dataclass(slots=True)
class Clip:
    """One recording: log-mel power float16 [T, 64], targets [T, len(CHANNELS)], class ids [T] (-1: unknown)
    and the weight of each channel's loss [len(CHANNELS)]."""

    source: str
    part: str
    mel: NDArray[np.float16]
    targets: NDArray[np.float16]
    classes: NDArray[np.int8]
    weights: Array
    speaker: str = ""


def mel_of(path: Path) -> NDArray[np.float16]:
    """log10 mel power at 100 Hz of a 16 kHz mono file; row j ends at sample HOP * (j + 1), as live."""
    audio, rate = soundfile.read(path, dtype="float32")
    if rate != logmel.SAMPLE_RATE or audio.ndim != 1:
        raise ValueError(f"{path}: expected {logmel.SAMPLE_RATE} Hz mono")
    return mel_of_samples(audio)


def mel_of_samples(audio: Array) -> NDArray[np.float16]:
    """As `mel_of`, from samples."""
    padded = np.concatenate([np.zeros(logmel.WINDOW - logmel.HOP, np.float32), audio])
    windows = np.lib.stride_tricks.sliding_window_view(padded, logmel.WINDOW)[:: logmel.HOP]
    mel = np.concatenate([logmel.mel_power(w) for w in np.array_split(windows, max(1, len(windows) // 2000))])
    return np.log10(mel + 1e-12).astype(np.float16)


def _labelled(source: str, record: dict[str, Any], audio: Path, kind: str) -> Clip:
    timed = phones.parse(record["phones"], kind, record["duration"])
    mel = mel_of(audio)
    n = len(mel)
    targets = np.concatenate([articulation.shapes(timed, n), articulation.activations(timed, n)], 1)
    return Clip(source, split.part_of(source, record), mel, targets.astype(np.float16),
                articulation.classes(timed, n).astype(np.int8), np.ones(len(CHANNELS), np.float32),
                str(record.get("speaker") or record.get("voice") or source))


def _phone_sets(data: Path) -> Iterator[Clip]:
    for source, kind in KINDS.items():
        for line in (data / source / "phones.jsonl").read_text("utf-8").splitlines():
            record = json.loads(line)
            if record["phones"] and split.part_of(source, record) != "test":
                yield _labelled(source, record, data / source / "audio" / f"{record['id']}.opus", kind)


def _grid(data: Path, grid_phones: Path) -> Iterator[Clip]:
    real = np.load(data / "grid_s1" / "curves.npz")
    order, fps = {str(n): i for i, n in enumerate(real["ids"])}, float(real["fps"])
    jaw = [str(n) for n in real["names"]].index("jawOpen")
    for line in grid_phones.read_text("utf-8").splitlines():
        record = json.loads(line)
        if split.part_of("grid", record) == "test":
            continue
        clip = _labelled("grid", record, data / "grid_s1" / "audio" / f"{record['id']}.opus", "arpabet")
        curve = real["curves"][order[record["id"]], :, jaw] * REAL_JAW_GAIN
        times = np.arange(len(clip.mel)) / articulation.RATE_HZ
        clip.targets[:, CHANNELS.index("jawOpen")] = np.interp(times, np.arange(len(curve)) / fps, curve)
        yield clip


def _facegood(data: Path) -> Iterator[Clip]:
    for path in sorted((data / "facegood").glob("*.npz")):
        real = np.load(path)
        names, mel = [str(n) for n in real["names"]], mel_of(path.with_suffix(".opus"))
        targets = np.zeros((len(mel), len(CHANNELS)), np.float32)
        weights = np.zeros(len(CHANNELS), np.float32)
        times = np.arange(len(mel)) / articulation.RATE_HZ
        for curve, controls in FACEGOOD.items():
            track = real["curves"][:, [names.index(c) for c in controls]].mean(1)
            scale = FACEGOOD_P98[curve] / max(float(np.percentile(track, 98)), 1e-3)
            column = CHANNELS.index(curve)
            targets[:, column] = np.interp(times, np.arange(len(track)) / float(real["fps"]), track * scale)
            weights[column] = 0.3
        unknown = np.full(len(mel), -1, np.int8)
        yield Clip("facegood", "train", mel, targets.astype(np.float16), unknown, weights)


def load(data: Path, grid_phones: Path, cache: Path) -> list[Clip]:
    """All clips that may train or validate. The cache is named for the code that made it.

    The cache is a pickle of our own making in the user's run folder; never shipped or read from elsewhere.
    """
    code = b"".join(Path(str(m.__file__)).read_bytes() for m in (logmel, articulation, phones, split))
    code += Path(__file__).read_bytes()
    stored = cache / f"corpus-{hashlib.sha256(code).hexdigest()[:12]}.pickle"
    if stored.exists():
        return list(pickle.loads(stored.read_bytes()))
    clips = [*_phone_sets(data), *_grid(data, grid_phones), *_facegood(data)]
    cache.mkdir(parents=True, exist_ok=True)
    stored.write_bytes(pickle.dumps(clips, protocol=5))
    return clips
