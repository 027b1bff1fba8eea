"""Windows of 12 s for the offline model: recordings in a row, made noisy as sound, heard by Moonshine.

The live model's batches are made new in the mel domain (`augment`). The offline model also listens through
Moonshine's layers (`moonshine`), which want sound; so its windows are made once, in several passes over the
corpus, and kept on disk as arrays.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

from facerig.encoder.offline import WINDOW
from facerig.features import logmel
from tools.train import corpus, moonshine, sung
from tools.train.augment import Batch, masked
from tools.train.corpus import CHANNELS, Recording
from tools.train.network import KNOTS_PER_STEP, step_times

Array = NDArray[np.float32]

RATE: Final = logmel.SAMPLE_RATE
N_SAMPLES: Final = WINDOW * logmel.HOP
SPEED: Final = (0.04, 0.10)  # mean and sigma of its logarithm; the pitch and the tract go with it
CLEAN_SHARE: Final = 0.3
SNR_DB: Final = (-3.0, 30.0)
EARLY: Final = 8  # knots; who sees what comes may open the mouth that much earlier, as people do
NONSPEECH_SHARE: Final = 0.08  # of recordings in a row
COPIES: Final = {"kokoro": 1.0, "an4": 4.0, "festvox_ru": 1.5, "grid": 2.0, "facegood": 1.5,
                 sung.SOURCE: 1.0}  # in a pass
FOREIGN_COPIES: Final = 3.0  # of Kokoro's languages other than English


@dataclass(slots=True)
class Windows:
    """`mel` normalised features [n, WINDOW, N_MELS] float16; `heard` [n, moonshine.FRAMES, moonshine.WIDTH]
    float16; `targets` [n, WINDOW, len(CHANNELS)] float16; `classes` [n, WINDOW] int8; `weights`
    [n, WINDOW, len(CHANNELS)] float16."""

    mel: NDArray[np.float16]
    heard: NDArray[np.float16]
    targets: NDArray[np.float16]
    classes: NDArray[np.int8]
    weights: NDArray[np.float16]


PARTS: Final = tuple(Windows.__slots__)
KINDS: Final = tuple(np.int8 if name == "classes" else np.float16 for name in PARTS)


def _colour(rng: np.random.Generator, audio: Array) -> Array:
    """A random smooth equaliser, by a short FIR of random gains."""
    gains = 10 ** (np.interp(np.linspace(0, 1, 129), np.linspace(0, 1, 7), rng.normal(0, 6, 7)) / 20)
    fir = np.fft.fftshift(np.fft.irfft(gains)) * np.hanning(256)
    return np.asarray(fftconvolve(audio, fir, "same"), np.float32)


def _room(rng: np.random.Generator, audio: Array) -> Array:
    """Early echoes and an exponential tail, RT60 of 0.15 to 0.7 s."""
    rt60 = rng.uniform(0.15, 0.7)
    t = np.arange(int(RATE * rt60 * 0.7)) / RATE
    tail = rng.normal(0, 1, len(t)) * 10 ** (-3 * t / rt60) * (t > 0.004)
    tail *= rng.uniform(0.1, 0.6) / np.sqrt(np.sum(tail**2) + 1e-9)
    tail[0] = 1.0
    return np.asarray(fftconvolve(audio, tail)[: len(audio)], np.float32)


def _coloured_noise(rng: np.random.Generator, n: int) -> Array:
    slope = rng.choice([0.0, -1.0, -2.0, rng.uniform(-2.0, 0.5)], p=[0.15, 0.4, 0.15, 0.3])
    spectrum = np.fft.rfft(rng.normal(0, 1, n))
    hz = np.fft.rfftfreq(n, 1 / RATE)
    noise = np.fft.irfft(spectrum * np.maximum(hz, 40.0) ** (slope / 2), n)
    if rng.random() < 0.3:
        noise *= 10 ** (np.interp(np.arange(n), np.linspace(0, n, 9), rng.normal(0, 4, 9)) / 20)
    return np.asarray(noise, np.float32)


def _power(audio: Array) -> float:
    """Mean power of the loud part of a recording."""
    blocks = np.mean(np.resize(audio, (len(audio) // 320 + 1, 320)) ** 2, 1)
    return float(np.mean(blocks[blocks >= blocks.mean() * 0.1])) + 1e-10


class Maker:
    """Makes windows of `recordings`, each with the sound as it would be recorded somewhere."""

    def __init__(self, recordings: list[Recording], nonspeech: list[Array], rng: np.random.Generator) -> None:
        self.rng, self.recordings, self.nonspeech = rng, recordings, nonspeech
        self.voices = [r for r in recordings if r.source not in ("grid", sung.SOURCE)]

    def order(self) -> list[Recording]:
        """One pass: every recording as often as COPIES says, shuffled."""
        chosen = []
        for r in self.recordings:
            copies = COPIES[r.source]
            if r.source == "kokoro" and r.speaker[0] not in "ab":  # its English voices begin with these
                copies = FOREIGN_COPIES
            chosen += [r] * int(copies + self.rng.random())
        return [chosen[i] for i in self.rng.permutation(len(chosen))]

    def _noise(self, n: int) -> Array:
        kind = self.rng.choice(["coloured", "babble", "other"], p=[0.45, 0.35, 0.2])
        if kind == "coloured":
            return _coloured_noise(self.rng, n)
        pool = [r.audio for r in self.voices] if kind == "babble" else self.nonspeech
        noise = np.zeros(n, np.float32)
        for _ in range(int(self.rng.integers(3, 9)) if kind == "babble" else 1):
            voice = np.zeros(0, np.float32)
            while len(voice) < n:
                voice = np.concatenate([voice, pool[int(self.rng.integers(len(pool)))]])
            start = int(self.rng.integers(0, len(voice) - n + 1))
            noise += voice[start : start + n] / np.sqrt(_power(voice))
        return noise

    def _recorded(self, audio: Array) -> Array:
        """One recording chain: room, colour, noise, telephone band, coarse bits, level."""
        rng, power = self.rng, _power(audio)
        if rng.random() < 0.4:
            audio = _room(rng, audio)
        if rng.random() < 0.7:
            audio = _colour(rng, audio)
        if rng.random() > CLEAN_SHARE:
            noise = self._noise(len(audio))
            snr = rng.uniform(*SNR_DB)
            audio = audio + noise * np.float32(np.sqrt(power / _power(noise) * 10 ** (-snr / 10)))
        if rng.random() < 0.08:
            audio = sosfilt(butter(6, [280, 3400], "bandpass", fs=RATE, output="sos"), audio)
        peak = float(np.abs(audio).max()) + 1e-6
        audio = audio / peak
        if rng.random() < 0.08:  # mu-law of 8 bits
            audio = np.sign(audio) * np.expm1(np.round(np.log1p(255 * np.abs(audio)) * 22.9) / 22.9) / 255
        if rng.random() < 0.05:
            audio = np.clip(audio * rng.uniform(1.5, 4.0), -1, 1)
        return np.asarray(audio * 10 ** rng.uniform(-1.6, 0.0), np.float32)

    def _clip(self, recording: Recording) -> tuple[Array, Array, NDArray[np.int8], Array]:
        """Sound, targets, classes and weights of a recording at another speed."""
        speed = float(np.exp(self.rng.normal(*SPEED)))
        audio = np.asarray(soxr.resample(recording.audio, speed, 1.0, "MQ"), np.float32)
        n = len(audio) // logmel.HOP
        at = np.clip(np.arange(n) * speed, 0, len(recording.targets) - 1.001)
        low, part = at.astype(int), (at % 1.0).astype(np.float32)[:, None]
        targets = recording.targets[low] * (1 - part) + recording.targets[low + 1] * part
        voice = np.pad(targets[:, -1], (0, EARLY))
        targets[:, -1] = np.lib.stride_tricks.sliding_window_view(voice, EARLY + 1).max(1)
        weights = np.broadcast_to(recording.weights, targets.shape)
        return audio[: n * logmel.HOP], targets, recording.classes[low], weights

    def window(self, queue: list[Recording]) -> tuple[Array, ...]:
        """Takes recordings from the end of `queue` until the window is full."""
        rng = self.rng
        audio, targets = np.zeros(N_SAMPLES, np.float32), np.zeros((WINDOW, len(CHANNELS)), np.float32)
        classes, weights = np.zeros(WINDOW, np.int8), np.ones((WINDOW, len(CHANNELS)), np.float32)
        at, level = int(rng.integers(0, 100)), rng.uniform(0.05, 0.3)
        while at < WINDOW - 60 and queue:
            if rng.random() < NONSPEECH_SHARE:
                sound = self.nonspeech[int(rng.integers(len(self.nonspeech)))]
                n = min(len(sound) // logmel.HOP, WINDOW - at, int(rng.integers(100, 500)))
                part = sound[: n * logmel.HOP]
            else:
                sound, wanted, ids, w = self._clip(queue.pop())
                skip = int(rng.integers(0, max(1, len(wanted) - 200))) if len(wanted) > WINDOW else 0
                n = min(len(wanted) - skip, WINDOW - at)
                part = sound[skip * logmel.HOP : (skip + n) * logmel.HOP]
                targets[at : at + n], classes[at : at + n] = wanted[skip : skip + n], ids[skip : skip + n]
                weights[at : at + n] = w[skip : skip + n]
            gain = level / np.sqrt(_power(part)) * 10 ** rng.normal(0, 0.15)
            audio[at * logmel.HOP : (at + n) * logmel.HOP] = part * np.float32(gain)
            at += n + int(rng.choice([rng.integers(5, 30), rng.integers(30, 120), rng.integers(120, 600)]))
        return self._recorded(audio), targets, classes, weights


def features(audio: Array, first_level: float) -> Array:
    """Normalised features of a window [WINDOW, N_MELS], the level tracker having begun at `first_level`."""
    power = 10 ** corpus.mel_of_samples(audio).astype(np.float32)
    levels, _, _ = logmel.track_level(power.mean(1), 0.0, first_level)
    return logmel.normalised(power, levels)[:WINDOW]


_sounds: list[tuple[list[Recording], list[Array]]] = []  # what the processes that make windows inherit


def _make_pass(job: tuple[Path, str, int]) -> int:
    """Write one pass of windows into a folder; returns how many."""
    folder, part, seed = job
    rng = np.random.default_rng([seed, part == "train"])
    recordings, nonspeech = _sounds[0]
    maker = Maker([r for r in recordings if r.part == part], nonspeech, rng)
    session, rows = moonshine.session(), []
    queue = maker.order() if part == "train" else list(maker.recordings)
    while queue:
        audio, targets, classes, weights = maker.window(queue)
        mel = features(audio, logmel.LEVEL_FLOOR if rng.random() < 0.5 else 10 ** rng.uniform(-5, -2))
        heard = session.run(None, {moonshine.INPUT: audio[None]})[0][0]
        made = (mel, heard, targets, classes, weights)
        rows.append([np.asarray(a, kind) for a, kind in zip(made, KINDS, strict=True)])
    folder.mkdir(parents=True, exist_ok=True)
    for name, column in zip(PARTS, zip(*rows, strict=True), strict=True):
        np.save(folder / f"{name}.npy", np.stack(column))
    (folder / "complete").touch()
    return len(rows)


class WindowSampler:
    """Draws batches of crops of `n_frames` (even) from windows; the generator makes them repeatable."""

    def __init__(self, windows: list[Windows], n_frames: int, rng: np.random.Generator) -> None:
        self.windows, self.n, self.rng = windows, n_frames, rng
        self.low, self.part = step_times(WINDOW // KNOTS_PER_STEP, windows[0].heard.shape[1])

    def batch(self, size: int) -> Batch:
        """`size` crops."""
        rows = [self._crop() for _ in range(size)]
        mel, targets, classes, weights, heard = (np.stack(column) for column in zip(*rows, strict=True))
        return Batch(masked(self.rng, mel), targets, classes.astype(np.int64), weights, heard)

    def _crop(self) -> tuple[Array, ...]:
        w = self.windows[int(self.rng.integers(len(self.windows)))]
        i, first = int(self.rng.integers(len(w.mel))), int(self.rng.integers(0, (WINDOW - self.n) // 2 + 1))
        steps = slice(first, first + self.n // KNOTS_PER_STEP)
        rows = slice(first * KNOTS_PER_STEP, first * KNOTS_PER_STEP + self.n)
        low, part = self.low[steps], self.part[steps][:, None]
        vectors = w.heard[i, low[0] : low[-1] + 2].astype(np.float32)
        heard = vectors[low - low[0]] * (1 - part) + vectors[low - low[0] + 1] * part
        return (w.mel[i, rows].astype(np.float32), w.targets[i, rows].astype(np.float32), w.classes[i, rows],
                w.weights[i, rows].astype(np.float32), heard)


def _code() -> bytes:
    files = (__file__, corpus.__file__, moonshine.__file__, sung.__file__)
    return b"".join(Path(str(file)).read_bytes() for file in files)


def load(data: Path, grid_phones: Path, cache: Path, n_passes: int, part: str) -> list[Windows]:
    """The windows of a part, made where they are missing (two processes), memory-mapped."""
    root = cache / f"windows-{hashlib.sha256(_code()).hexdigest()[:12]}"
    folders = [root / f"{part}-{i}" for i in range(n_passes)]
    jobs = [(f, part, i) for i, f in enumerate(folders) if not (f / "complete").exists()]
    if jobs:
        speech = list(corpus.recordings(data, grid_phones))
        _sounds[:] = [([*speech, *sung.recordings(speech)], corpus.nonspeech_sounds())]
        with ProcessPoolExecutor(2, get_context("fork")) as pool:
            for job, n in zip(jobs, pool.map(_make_pass, jobs), strict=True):
                print(f"{job[0]}: {n} windows", flush=True)
        _sounds.clear()
    return [Windows(*(np.load(f / f"{name}.npy", mmap_mode="r") for name in PARTS)) for f in folders]
