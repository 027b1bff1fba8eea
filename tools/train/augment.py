"""Batches: crops of the corpus made noisy, roomy, coloured, shifted and quiet, in the mel domain.

Mixing powers per mel band, with the cross term that two signals really have, is close to mixing waveforms and
hundreds of times cheaper, so every batch is new.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct
from scipy.signal import lfilter

from facerig.features import logmel
from facerig.script.phones import CLASS, INVENTORY, PAUSE
from tools.train.corpus import CHANNELS, PEOPLE, Clip

Array = NDArray[np.float32]

SHARES: Final = {"kokoro": 0.20, "an4": 0.12, "festvox_ru": 0.07, "grid": 0.08, "facegood": 0.02,
                  "flite": 0.03, PEOPLE: 0.38, "nonspeech": 0.08, "sung": 0.10, "noise": 0.04}
FOREIGN_BOOST: Final = 4.0  # Kokoro's other languages are a twentieth of it
SNR_DB: Final = (-3.0, 35.0)
CLEAN_SHARE: Final = 0.25
SPEED: Final = (0.06, 0.16)  # mean and sigma of its logarithm: people speak faster than voices read
TRACT: Final = 0.10  # sigma of the logarithm of the warp of the mel axis, for the spectrum's envelope
PITCH: Final = 0.12  # the same for its fine structure, the harmonics
HARMONICS: Final = (0.0, 1.3)  # factor on the fine structure: 0 is a whisper
ENVELOPE_TERMS: Final = 16  # cosines over the mel axis that make the envelope
NOISES: Final = {"pink": 0.18, "white": 0.05, "brown": 0.05, "coloured": 0.14, "hum": 0.05, "bursts": 0.09,
                "babble": 0.34, "other": 0.10}
BREATHS: Final = 0.3  # share of crops whose pauses are breathed in
SHORTEST_BREATH: Final = 20  # of 10 ms
DYNAMICS: Final = (0.8, 1.25)  # factor on the distance from the loudest, in dB
MASKED_BANDS: Final = 8  # most bands that a mask blacks out
_MEL_HZ: Final = np.exp(np.linspace(np.log(100.0), np.log(7000.0), logmel.N_MELS)).astype(np.float32)
_COSINES: Final = dct(np.eye(logmel.N_MELS), norm="ortho", axis=0)[:ENVELOPE_TERMS]
_ENVELOPE: Final = (_COSINES.T @ _COSINES).astype(np.float32)
_SILENT: Final = np.eye(len(INVENTORY), dtype=np.float32)[CLASS[PAUSE]]
_BINS_PER_BAND: Final = np.maximum(1.0, np.linspace(1.5, 8.0, logmel.N_MELS)).astype(np.float32)


@dataclass(slots=True)
class Batch:
    """mel: normalised features [B, T, 64]; targets [B, T, len(CHANNELS)]; classes [B, T] (-1: unknown);
    weights [B, 1 or T, len(CHANNELS)]; heard: what Moonshine hears [B, T / 2, 288], for the offline model;
    probs: a teacher's probabilities of the classes [B, T, len(INVENTORY)], in place of `classes`; vectors:
    what Moonshine hears of the clean sound [B, T / 2, 288], for the live model to guess (NaN: unknown)."""

    mel: Array
    targets: Array
    classes: NDArray[np.int64]
    weights: Array
    heard: Array | None = None
    probs: Array | None = None
    vectors: Array | None = None


def masked(rng: np.random.Generator, mel: Array) -> Array:
    """A few bands blacked out in half of the crops (Park et al. 2019, SpecAugment)."""
    for i in np.flatnonzero(rng.random(len(mel)) < 0.5):
        first = int(rng.integers(0, logmel.N_MELS))
        mel[i, :, first : first + int(rng.integers(1, MASKED_BANDS + 1))] = mel.min()
    return mel


@dataclass(frozen=True, slots=True)
class Crop:
    """Part of a clip: log-mel power [T, N_MELS]; the rest as in Batch, without B."""

    mel: Array
    targets: Array
    classes: NDArray[np.int64]
    probs: Array | None = None
    vectors: Array | None = None


class Augmenter:
    """Draws batches of `n_frames` from `clips`. The generator makes them repeatable."""

    def __init__(self, clips: list[Clip], n_frames: int, rng: np.random.Generator) -> None:
        self.rng, self.n = rng, n_frames
        self.taught = any(c.probs is not None for c in clips)
        self.by_source = {s: [c for c in clips if c.source == s] for s in SHARES if s != "noise"}
        self.shares = {s: p for s, p in SHARES.items() if s == "noise" or self.by_source[s]}
        if not self.taught:
            self.shares.pop(PEOPLE, None)  # nobody says what they say
        self.weights = {s: self._clip_weights(cs) for s, cs in self.by_source.items()}

    @staticmethod
    def _clip_weights(clips: list[Clip]) -> NDArray[np.float64]:
        def boost(c: Clip) -> float:  # Kokoro's English voices begin with a and b
            return FOREIGN_BOOST if c.source == "kokoro" and c.speaker[0] not in "ab" else 1.0

        rows: dict[str, int] = {}
        for c in clips:
            rows[c.speaker] = rows.get(c.speaker, 0) + len(c.mel)
        # of many people, nobody is heard much oftener than the others
        fair = [rows[c.speaker] ** -0.5 if c.source == PEOPLE else 1.0 for c in clips]
        w = np.array([len(c.mel) * boost(c) * f for c, f in zip(clips, fair, strict=True)], np.float64)
        return np.asarray(w / max(w.sum(), 1.0), np.float64)

    def _draw(self, source: str) -> Clip:
        clips = self.by_source[source]
        return clips[int(self.rng.choice(len(clips), p=self.weights[source]))]

    def _crop(self, clip: Clip) -> Crop:
        """A crop of n frames at a random speed; what lies outside the clip is silence and rest."""
        speed = float(np.exp(self.rng.normal(*SPEED)))
        span = self.n * speed
        start = self.rng.uniform(min(-20.0, len(clip.mel) - span - 10), max(0.0, len(clip.mel) - span + 40))
        at = start + np.arange(self.n) * speed
        low = np.floor(at).astype(int)
        inside = (low >= 0) & (low + 1 < len(clip.mel))
        low = np.clip(low, 0, len(clip.mel) - 2)
        part = (at - low).astype(np.float32)[:, None].clip(0, 1)
        mel = clip.mel[low].astype(np.float32) * (1 - part) + clip.mel[low + 1].astype(np.float32) * part
        targets = (clip.targets[low].astype(np.float32) * (1 - part)
                   + clip.targets[low + 1].astype(np.float32) * part)
        mel[~inside], targets[~inside] = -12.0, 0.0
        classes = np.where(inside, clip.classes[low], 0 if clip.classes[0] >= 0 else -1).astype(np.int64)
        probs = None if clip.probs is None else clip.probs[low].astype(np.float32)
        if probs is not None:
            probs[~inside] = _SILENT
        return Crop(mel, targets, classes, probs, self._vectors(clip, at, inside))

    @staticmethod
    def _vectors(clip: Clip, at: Array, inside: NDArray[np.bool_]) -> Array | None:
        """What Moonshine hears at every second row, as times of the clip's rows."""
        if clip.heard is None:
            return None
        rows = np.clip(np.rint(at[::2] / 2), 0, len(clip.heard) - 1).astype(int)
        return np.where(inside[::2, None], clip.heard[rows], np.nan).astype(np.float32)

    def _warped(self, mel: Array) -> Array:
        """Another speaker: the envelope as of another vocal tract, the harmonics as of another voice."""
        envelope = np.asarray(mel @ _ENVELOPE, np.float32)
        offset = self.rng.normal(0, 1.0)
        shape = self._stretched_bands(envelope, float(np.exp(self.rng.normal(0, TRACT))), offset)
        fine = self._stretched_bands(mel - envelope, float(np.exp(self.rng.normal(0, PITCH))), offset)
        voiced = np.float32(self.rng.uniform(*HARMONICS) if self.rng.random() < 0.5 else 1.0)
        return np.asarray(shape + voiced * fine, np.float32)

    @staticmethod
    def _stretched_bands(mel: Array, factor: float, offset: float) -> Array:
        """[n, N_MELS] shifted along the mel axis."""
        bands = np.clip(np.arange(logmel.N_MELS) * factor + offset, 0, logmel.N_MELS - 1.001)
        low = bands.astype(int)
        part = (bands - low).astype(np.float32)
        return np.asarray(mel[:, low] * (1 - part) + mel[:, low + 1] * part, np.float32)

    def _breathed(self, power: Array, voice: Array) -> Array:
        """Breath in the pauses: noise of a wide band that swells and fades, 12 to 35 dB under the speech."""
        if self.rng.random() > BREATHS or power.max() < 1e-10:
            return power
        edges = np.flatnonzero(np.diff(np.concatenate([[0], voice < 0.02, [0]]).astype(int)))
        level = float(np.mean(power[power.mean(1) > power.mean() * 0.1]))
        power = power.copy()
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            if end - start < SHORTEST_BREATH or self.rng.random() < 0.4:
                continue
            length = int(self.rng.integers(15, min(end - start, 80) + 1))
            at = int(self.rng.integers(start, end - length + 1))
            swell = np.hanning(length + 2)[1:-1, None] ** self.rng.uniform(0.5, 2.0)
            noise = self.rng.gamma(3.0, 1 / 3.0, (length, logmel.N_MELS)) * self._colour(4.0)
            power[at : at + length] += level * 10 ** (-self.rng.uniform(1.2, 3.5)) * swell * noise
        return np.asarray(power, np.float32)

    def _colour(self, power_db: float) -> Array:
        """A smooth random gain per band, factor on power."""
        knots = self.rng.normal(0, power_db, 6)
        curve = np.interp(np.linspace(0, 5, logmel.N_MELS), np.arange(6), knots)
        return (10 ** (curve / 10)).astype(np.float32)

    def _noise(self) -> Array:
        """Power of a noise [T, 64] of mean one: one of NOISES; the other is music, steps or machines."""
        kind = self.rng.choice(list(NOISES), p=list(NOISES.values()))
        if kind == "babble":
            return self._babble(int(self.rng.integers(3, 9)))
        if kind == "other" and self.by_source["nonspeech"]:
            power = 10 ** self._crop(self._draw("nonspeech")).mel + np.float32(1e-11)
            return np.asarray(power / float(power.mean()), np.float32)
        slope = {"pink": -1.0, "white": 0.0, "brown": -2.0}.get(str(kind), float(self.rng.uniform(-2, 0.5)))
        spectrum = (_MEL_HZ / 1000.0) ** slope
        if kind in ("coloured", "hum", "bursts"):
            spectrum = spectrum * self._colour(6.0)
        if kind == "hum":
            low = np.arange(logmel.N_MELS) < self.rng.integers(4, 20)
            spectrum = np.where(low, spectrum, 1e-3 * spectrum)
        shape = _BINS_PER_BAND * 1.5
        power = self.rng.gamma(shape, 1.0 / shape, (self.n, logmel.N_MELS)) * spectrum
        if kind == "bursts":
            hits = (self.rng.random(self.n) < 0.02).astype(np.float32)
            power = power * (0.01 + lfilter([1.0], [1.0, -float(self.rng.uniform(0.5, 0.95))], hits))[:, None]
        if self.rng.random() < 0.3:
            sway_db = np.interp(np.arange(self.n), np.linspace(0, self.n, 8), self.rng.normal(0, 4, 8))
            power = power * 10 ** (sway_db / 10)[:, None]
        return np.asarray(power / max(float(power.mean()), 1e-12), np.float32)

    def _babble(self, n_voices: int) -> Array:
        sources = [s for s in ("kokoro", "an4", "festvox_ru", PEOPLE) if self.by_source[s]]
        power = np.zeros((self.n, logmel.N_MELS), np.float32)
        for _ in range(n_voices):
            voice = 10 ** self._warped(self._crop(self._draw(str(self.rng.choice(sources)))).mel)
            power += voice / max(float(voice.mean()), 1e-12)
        return np.asarray(power / n_voices, np.float32)

    def _room(self, power: Array) -> Array:
        """Late reverberation as a power decay per band, RT60 of 0.15 to 0.7 s."""
        rt60 = self.rng.uniform(0.15, 0.7)
        decay = 10 ** (-6 * 0.01 / rt60)
        tail = lfilter([0.0, 1 - decay], [1.0, -decay], power, axis=0)
        return np.asarray(power + self.rng.uniform(0.03, 0.4) * tail, np.float32)

    def _stretched(self, power: Array) -> Array:
        """Another dynamic range, as compressors and rooms make."""
        if self.rng.random() > 0.4:
            return power
        loudest = float(power.max()) + 1e-13
        return np.asarray(loudest * (power / loudest + 1e-9) ** self.rng.uniform(*DYNAMICS), np.float32)

    def _mixed(self, speech: Array, noise: Array) -> Array:
        """Sum of two powers with the cross term 2 sqrt(SN) cos(phase), averaged over the bins of a band."""
        cross = self.rng.normal(0, 1, speech.shape) / np.sqrt(2 * _BINS_PER_BAND)
        both = speech + noise + 2 * np.sqrt(speech * noise) * np.clip(cross, -0.95, 0.95)
        return np.asarray(np.maximum(both, 1e-13), np.float32)

    def _sample(self) -> tuple[Crop, Array]:
        """A crop, its `mel` now the power that is heard, and the weights of its channels."""
        names = list(self.shares)
        p = np.array([self.shares[s] for s in names])
        source = str(self.rng.choice(names, p=p / p.sum()))
        if source == "noise":
            zeros = np.zeros((self.n, len(CHANNELS)), np.float32)
            ones = np.ones(len(CHANNELS), np.float32)
            return Crop(self._noise_only(), zeros, np.zeros(self.n, np.int64)), ones
        clip = self._draw(source)
        crop = self._crop(clip)
        power = self._breathed(10 ** self._warped(crop.mel), crop.targets[:, -1])
        return replace(crop, mel=self._recorded(power)), clip.weights

    def _noise_only(self) -> Array:
        kinds = self._noise()
        if self.rng.random() < 0.9:
            return kinds * np.float32(10 ** self.rng.uniform(-7, -2))
        return kinds * 0 + 1e-13

    def _recorded(self, power: Array) -> Array:
        """One recording chain: room, colour, noise, telephone band."""
        level = float(np.mean(power[power.mean(1) > power.mean() * 0.1])) if power.max() > 1e-10 else 1e-10
        if self.rng.random() < 0.4:
            power = self._room(power)
        power = self._stretched(power) * self._colour(6.0)
        if self.rng.random() > CLEAN_SHARE:
            snr = self.rng.uniform(*SNR_DB)
            power = self._mixed(power, self._noise() * np.float32(level * 10 ** (-snr / 10)))
        hiss = np.float32(level * 10 ** (-self.rng.uniform(30, 75) / 10))
        power = power + hiss * self.rng.gamma(3.0, 1 / 3.0, power.shape).astype(np.float32)
        if self.rng.random() < 0.08:
            power = power * np.where(_MEL_HZ > 3400, 1e-5, 1.0).astype(np.float32)
        return np.asarray(power * 10 ** self.rng.uniform(-1, 1), np.float32)

    def batch(self, size: int) -> Batch:
        """`size` augmented crops with causal level normalisation, as the runtime does it."""
        crops, weights = zip(*(self._sample() for _ in range(size)), strict=True)
        probs = vectors = None
        if self.taught:
            silent = np.tile(_SILENT, (self.n, 1))
            probs = np.stack([silent if c.probs is None else c.probs for c in crops])
        if known := [c.vectors for c in crops if c.vectors is not None]:
            vectors = np.stack([known[0] * np.nan if c.vectors is None else c.vectors for c in crops])
        mel = self._normalised(np.stack([c.mel for c in crops]))
        return Batch(masked(self.rng, mel), np.stack([c.targets for c in crops]),
                     np.stack([c.classes for c in crops]), np.stack(weights)[:, None], probs=probs,
                     vectors=vectors)

    def _normalised(self, power: Array) -> Array:
        energy = power.mean(2)
        # half the crops begin as a stream does, half in the middle of one
        level = np.where(self.rng.random(len(power)) < 0.5, logmel.LEVEL_FLOOR,
                         energy.max(1) * 10 ** self.rng.uniform(-1.0, 0.3, len(power)))
        smooth, levels = np.zeros(len(power)), np.empty_like(energy)
        for i in range(energy.shape[1]):
            smooth = logmel.LEVEL_SMOOTHING * smooth + (1 - logmel.LEVEL_SMOOTHING) * energy[:, i]
            level = np.maximum(np.maximum(smooth, level * logmel.LEVEL_FALL), logmel.LEVEL_FLOOR)
            levels[:, i] = level
        return logmel.normalised(power, levels)
