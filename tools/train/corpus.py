"""The training sets as arrays: mel power, targets and masks, cached on disk once.

Every clip becomes mel power (log10, float16) and targets at 100 Hz. What a set cannot teach is masked:
FACEGOOD has no phones, GRID's jaw and width are the real ones. Sound that is no speech is made by
`nonspeech`, voices that sing, cry and laugh by `sung`.
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
from tools.evaluate import vocal_voice
from tools.train import nonspeech, pauses, split, sung
from tools.train.sounds import events, music, places, tones

Array = NDArray[np.float32]

CHANNELS: Final = (*phones.CURVES, "seal", "contact", "voice")
N_CURVES: Final = len(phones.CURVES)
KINDS: Final = {"an4": "arpabet", "festvox_ru": "festvox_ru", "kokoro": "ipa"}
# sets that tools.train.extra fetches: another synthesiser, and people whom only a teacher can label
EXTRA_LABELLED: Final = {"flite": "arpabet"}
EXTRA_PEOPLE: Final = ("ami_pyannote", "ibm_watson", "librivox_ps", "ljspeech", "mfa_tests", "klettres",
                       "hedgewars", "asterisk_en", "asterisk_es", "asterisk_fr", "asterisk_it", "asterisk_ru",
                       "tuxpaint", "ktuberling", "qabcs", "kajongg", "fillets_cs", "fillets_nl", "gcompris",
                       "childsplay", "prompts_es_co", "prompts_fr_armelle", "prompts_it_menardi",
                       "prompts_de", "prompts_fr_pro", "prompts_se")
PEOPLE: Final = "people"  # the source of those whom only a teacher can label
SYNTHETIC: Final = ("kokoro", "flite")  # their labels leave no pause between phrases
NONSPEECH_SECS: Final = 2400.0
NONSPEECH_SEED: Final = 7
REAL_GAIN: Final = 1.25  # MediaPipe's jawOpen on GRID: p99 .38; a game head wants a little more
# our curve: MediaPipe's, and the real face's share of the target (his u is fronted; the rest is the table's)
REAL: Final = {
    "jawOpen": (("jawOpen",), 1.0),
    "mouthStretch": (("mouthStretchLeft", "mouthStretchRight"), 1.0),
    "mouthSmile": (("mouthSmileLeft", "mouthSmileRight"), 1.0),
    "mouthPucker": (("mouthPucker",), 0.75),
}
CLOSED: Final = 0.3  # of seal or contact: there the real curves hold the closure, and the table's shape stays
# FACEGOOD's controls that mean what ours mean, and what brings their 98th percentile to that of our targets
FACEGOOD: Final = {
    "mouthFunnel": ("mouth_funnel_dl", "mouth_funnel_dr", "mouth_funnel_ul", "mouth_funnel_ur"),
    "mouthPucker": ("mouth_pucker_l", "mouth_pucker_r"),
    "mouthUpperUp": ("mouth_upperLipRaise_l", "mouth_upperLipRaise_r"),
    "mouthLowerDown": ("mouth_lowerLipDepress_l", "mouth_lowerLipDepress_r"),
}
FACEGOOD_P98: Final = {"mouthFunnel": 0.35, "mouthPucker": 0.5, "mouthUpperUp": 0.12, "mouthLowerDown": 0.15}


@dataclass(slots=True)
class Recording:
    """Sound float32 [n] at 16 kHz, with targets float32 [T, len(CHANNELS)] at 100 Hz, class ids [T] (-1:
    unknown) and the weight of each channel's loss [len(CHANNELS)]."""

    source: str
    part: str
    audio: Array
    targets: Array
    classes: NDArray[np.int8]
    weights: Array
    speaker: str = ""


@dataclass(slots=True)
class Clip:
    """A recording as log-mel power float16 [T, 64]; the rest as in Recording. `probs`: a teacher's
    probabilities of the classes [T, len(INVENTORY)]; `heard`: what Moonshine hears in the clean sound, at
    50 Hz [(T + 1) / 2, moonshine.WIDTH]."""

    source: str
    part: str
    mel: NDArray[np.float16]
    targets: NDArray[np.float16]
    classes: NDArray[np.int8]
    weights: Array
    speaker: str = ""
    probs: NDArray[np.float16] | None = None
    heard: NDArray[np.float16] | None = None


def read(path: Path) -> Array:
    """A 16 kHz mono file as float32."""
    audio, rate = soundfile.read(path, dtype="float32")
    if rate != logmel.SAMPLE_RATE or audio.ndim != 1:
        raise ValueError(f"{path}: expected {logmel.SAMPLE_RATE} Hz mono")
    return np.asarray(audio, np.float32)


def mel_of_samples(audio: Array) -> NDArray[np.float16]:
    """log10 mel power at 100 Hz; row j ends at sample HOP * (j + 1), as live."""
    padded = np.concatenate([np.zeros(logmel.WINDOW - logmel.HOP, np.float32), audio])
    windows = np.lib.stride_tricks.sliding_window_view(padded, logmel.WINDOW)[:: logmel.HOP]
    mel = np.concatenate([logmel.mel_power(w) for w in np.array_split(windows, max(1, len(windows) // 2000))])
    return np.log10(mel + 1e-12).astype(np.float16)


def n_rows(audio: Array) -> int:
    """Rows of features that a recording makes."""
    return len(audio) // logmel.HOP


def _labelled(source: str, record: dict[str, Any], path: Path, kind: str) -> Recording:
    audio, labels = read(path), record["phones"]
    if source in SYNTHETIC:
        labels = pauses.without_silence(labels, pauses.silences(audio))
    timed = phones.parse(labels, kind, record["duration"])
    n = n_rows(audio)
    targets = np.concatenate([articulation.shapes(timed, n), articulation.activations(timed, n)], 1)
    return Recording(source, split.part_of(source, record), audio, targets,
                     articulation.classes(timed, n).astype(np.int8), np.ones(len(CHANNELS), np.float32),
                     str(record.get("speaker") or record.get("voice") or source))


def _phone_sets(data: Path) -> Iterator[Recording]:
    for source, kind in KINDS.items():
        for line in (data / source / "phones.jsonl").read_text("utf-8").splitlines():
            record = json.loads(line)
            if record["phones"] and split.part_of(source, record) != "test":
                yield _labelled(source, record, data / source / "audio" / f"{record['id']}.opus", kind)


def _grid(data: Path, grid_phones: Path) -> Iterator[Recording]:
    real = np.load(data / "grid_s1" / "curves.npz")
    order, fps = {str(n): i for i, n in enumerate(real["ids"])}, float(real["fps"])
    names = [str(n) for n in real["names"]]
    for line in grid_phones.read_text("utf-8").splitlines():
        record = json.loads(line)
        if split.part_of("grid", record) == "test":
            continue
        clip = _labelled("grid", record, data / "grid_s1" / "audio" / f"{record['id']}.opus", "arpabet")
        video = real["curves"][order[record["id"]]]
        times = np.arange(len(clip.targets)) / articulation.RATE_HZ
        free = (clip.targets[:, [CHANNELS.index("seal"), CHANNELS.index("contact")]] < CLOSED).all(1)
        for curve, (seen, share) in REAL.items():
            track = video[:, [names.index(n) for n in seen]].mean(1) * REAL_GAIN
            column = clip.targets[:, CHANNELS.index(curve)]
            at = np.interp(times, np.arange(len(track)) / fps, track)
            column[:] = np.where(free | (curve == "jawOpen"), share * at + (1 - share) * column, column)
        yield clip


def _facegood(data: Path) -> Iterator[Recording]:
    for path in sorted((data / "facegood").glob("*.npz")):
        real = np.load(path)
        names, audio = [str(n) for n in real["names"]], read(path.with_suffix(".opus"))
        targets = np.zeros((n_rows(audio), len(CHANNELS)), np.float32)
        weights = np.zeros(len(CHANNELS), np.float32)
        times = np.arange(len(targets)) / articulation.RATE_HZ
        for curve, controls in FACEGOOD.items():
            track = real["curves"][:, [names.index(c) for c in controls]].mean(1)
            scale = FACEGOOD_P98[curve] / max(float(np.percentile(track, 98)), 1e-3)
            column = CHANNELS.index(curve)
            targets[:, column] = np.interp(times, np.arange(len(track)) / float(real["fps"]), track * scale)
            weights[column] = 0.3
        unknown = np.full(len(targets), -1, np.int8)
        yield Recording("facegood", "train", audio, targets, unknown, weights)


def _extra(folder: Path) -> Iterator[Recording]:
    for source, kind in EXTRA_LABELLED.items():
        for record in _records(folder / source / "phones.jsonl"):
            yield _labelled(source, record, folder / source / "audio" / f"{record['id']}.opus", kind)
    for source in EXTRA_PEOPLE:
        for record in _records(folder / source / "list.jsonl"):
            audio = read(folder / source / "audio" / f"{record['id']}.opus")
            n = n_rows(audio)
            yield Recording(PEOPLE, split.part_of(PEOPLE, record), audio,
                            np.zeros((n, len(CHANNELS)), np.float32), np.full(n, -1, np.int8),
                            np.zeros(len(CHANNELS), np.float32), record["speaker"])


def _records(path: Path) -> list[dict[str, Any]]:
    """The lines of a list; none where the set is not there."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def nonspeech_sounds() -> list[Array]:
    """Music, steps, machines and weather, made by synthesis: sound to which the mouth rests."""
    return [audio for _, audio in nonspeech.clips(NONSPEECH_SECS, NONSPEECH_SEED)]


def _nonspeech() -> Iterator[Recording]:
    for audio in nonspeech_sounds():
        n = n_rows(audio)
        yield Recording("nonspeech", "train", audio, np.zeros((n, len(CHANNELS)), np.float32),
                        np.zeros(n, np.int8), np.ones(len(CHANNELS), np.float32))


def recordings(data: Path, grid_phones: Path, extra: Path | None = None) -> Iterator[Recording]:
    """All speech that may train or validate, in a fixed order; `extra`: the folder of tools.train.extra."""
    yield from _phone_sets(data)
    yield from _grid(data, grid_phones)
    yield from _facegood(data)
    if extra is not None:
        yield from _extra(extra)


def _clip(r: Recording) -> Clip:
    return Clip(r.source, r.part, mel_of_samples(r.audio), r.targets.astype(np.float16), r.classes, r.weights,
                r.speaker)


def load(data: Path, grid_phones: Path, extra: Path | None, cache: Path) -> list[Clip]:
    """All clips that may train or validate. The cache is named for the code that made it.

    The cache is a pickle of our own making in the user's run folder; never shipped or read from elsewhere.
    """
    modules = (logmel, articulation, phones, pauses, split, nonspeech, events, music, places, tones, sung,
               vocal_voice)
    code = b"".join(Path(str(m.__file__)).read_bytes() for m in modules) + Path(__file__).read_bytes()
    code += str(extra and sorted(p.name for p in extra.iterdir() if p.is_dir())).encode()
    stored = cache / f"corpus-{hashlib.sha256(code).hexdigest()[:12]}.pickle"
    if stored.exists():
        return list(pickle.loads(stored.read_bytes()))
    speech = list(recordings(data, grid_phones, extra))
    clips = [_clip(r) for made in (speech, _nonspeech(), sung.recordings(speech)) for r in made]
    cache.mkdir(parents=True, exist_ok=True)
    stored.write_bytes(pickle.dumps(clips, protocol=5))
    return clips
