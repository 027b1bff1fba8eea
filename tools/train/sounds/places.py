"""Made-up places: machines, weather, water, animals, cloth, breath, rooms. They go on for the whole clip."""

from __future__ import annotations

from typing import Final

import numpy as np

from tools.train.sounds.events import burst, even, scattered
from tools.train.sounds.tones import (
    RATE,
    Random,
    Sound,
    between,
    coloured,
    envelope,
    grains,
    noise,
    normalised,
    partials,
    put,
    samples,
    slow,
    swept_noise,
    tone,
)

MAINS_HZ: Final = (50.0, 60.0, 100.0, 120.0, 400.0)
# Resonances of a throat at rest with the mouth or the nose open (Fant 1960); breath has no other.
THROAT_HZ: Final = (500.0, 1500.0, 2500.0, 3500.0)


def hum(n: int, random: Random) -> Sound:
    """Mains, transformers, neon tubes, ground loops: an exact pitch and its partials, some buzz and hiss."""
    hz = float(random.choice(MAINS_HZ)) * (1 + random.normal(0, 0.0005))
    sound = tone(hz, n, partials(random), random) * slow(n, random, 1.0, 0.8)
    hiss = noise(n, random, random.uniform(-1, 0))
    return np.asarray(sound + hiss * between(random, 0.001, 0.3), np.float32)


def engine(n: int, random: Random) -> Sound:
    """Cars, boats, drills, mowers: firing strokes whose rate wanders, through an exhaust."""
    rate = slow(n, random, between(random, 0.1, 2), 8.0, 20.0) * between(random, 1.0, 15.0)
    phase = np.cumsum(rate) / RATE
    strokes = int(random.integers(1, 7))
    uneven = 1 + random.uniform(0, 0.5) * np.sin(2 * np.pi * phase / strokes)
    sharp = np.maximum(0, np.sin(2 * np.pi * phase)) ** between(random, 2, 30) * uneven
    rough = sharp * (1 + random.uniform(0, 1.5) * noise(n, random))
    peaks = [between(random, 60, 3000) for _ in range(int(random.integers(2, 6)))]
    return coloured(np.asarray(rough, np.float32), low_hz=30, peaks_hz=peaks, width=between(random, 0.1, 1.0))


def fan(n: int, random: Random) -> Sound:
    """Fans, vacuum cleaners, turbines, air conditioners: steady noise with the tones of the blades."""
    air = coloured(noise(n, random, random.uniform(-2, 0.3)), high_hz=between(random, 400, 8000))
    blades = tone(between(random, 20, 900), n, partials(random), random) * between(random, 0.01, 1.0)
    chop = 1 + random.uniform(0, 0.5) * np.sin(2 * np.pi * between(random, 2, 40) * np.arange(n) / RATE)
    return np.asarray((air + blades) * chop, np.float32)


def machine(n: int, random: Random) -> Sound:
    """Printers, sewing machines, trains, saws: a pattern of noises, 1 to 12 times a second."""
    length = samples(1 / between(random, 1, 12))
    cycle = np.zeros(length, np.float32)
    for _ in range(int(random.integers(1, 5))):
        low = between(random, 80, 3000)
        put(cycle, burst(random, low, between(random, low, 8000), between(random, 0.005, 0.1)),
            int(random.integers(length)), random.uniform(0.2, 1))
    at = even(n, RATE / length, random.uniform(0, 0.02), random)
    whir = tone(between(random, 60, 1500), n, partials(random), random) * random.uniform(0, 0.2)
    return np.asarray(grains(n, at, random.uniform(0.8, 1, len(at)), [cycle], random) + whir, np.float32)


def scrubbing(n: int, random: Random) -> Sound:
    """Sawing, sweeping, brushing, cloth, paper: noise to and fro, as fast as syllables."""
    rate, sharp = random.uniform(0.7, 7.0), between(random, 0.5, 4)
    stroke = np.abs(np.sin(np.pi * np.cumsum(slow(n, random, 1.0, 0.8, 1.2)) * rate / RATE)) ** sharp
    rest = slow(n, random, 0.5) > random.uniform(0, 0.5)
    low = between(random, 100, 3000)
    return np.asarray(swept_noise(n, random, rate) * stroke * rest
                      + 0.3 * coloured(noise(n, random), low_hz=low) * stroke**2 * rest, np.float32)


def wind(n: int, random: Random) -> Sound:
    """Wind, storms, surf, the inside of a car: noise whose colour and strength wander."""
    sound = swept_noise(n, random, between(random, 0.2, 2.0))
    if random.random() < 0.3:  # it whistles
        peak = slow(n, random, 0.7, 300, 1200)
        sound += tone(peak, n, partials(random, slope=-3.0), random) * slow(n, random, 1.0, 0, 0.5) ** 2
    return sound


def rain(n: int, random: Random) -> Sound:
    """Drops on leaves, tin or glass, from a drizzle to a torrent; fire crackles alike."""
    low, high, fall = between(random, 300, 3000), between(random, 2000, 8000), between(random, 0.0005, 0.008)
    drops = [burst(random, low * between(random, 0.6, 1.5), high, fall) for _ in range(8)]
    at = scattered(n, between(random, 5, 1500), random)
    out = normalised(grains(n, at, random.exponential(1, len(at)), drops, random))
    return np.asarray(out + between(random, 0.01, 1) * coloured(noise(n, random), low_hz=500), np.float32)


def water(n: int, random: Random) -> Sound:
    """Brooks, taps, bubbles: each bubble a short tone that rises (Minnaert 1933)."""
    kinds = []
    for _ in range(24):
        length, hz = samples(between(random, 0.01, 0.08)), between(random, 300, 3500)
        rise = hz * (1 + random.uniform(0, 0.6) * np.linspace(0, 1, length))
        kinds.append(np.asarray(np.sin(2 * np.pi * np.cumsum(rise) / RATE)
                                * envelope(length, 0.001, length / RATE / 3), np.float32))
    at = scattered(n, between(random, 3, 250), random)
    out = normalised(grains(n, at, random.exponential(1, len(at)), kinds, random))
    flow = coloured(noise(n, random), low_hz=between(random, 200, 2000)) * slow(n, random, 1.0, 0.5)
    return np.asarray(out + between(random, 0.01, 1) * flow, np.float32)


def birds(n: int, random: Random) -> Sound:
    """Birds, crickets, frogs, whistles: chirps of a quick pitch, in phrases."""
    out = np.zeros(n, np.float32)
    for _ in range(int(random.integers(1, 4))):
        centre, length = between(random, 600, 6000), samples(between(random, 0.02, 0.4))
        shape = np.asarray(np.exp(slow(length, random, 30, -0.4, 0.4)) * centre, np.float32)
        timbre = partials(random, slope=random.uniform(-5, -1.5))
        chirp = tone(shape, length, timbre, random) * np.hanning(length).astype(np.float32)
        at = even(n, min(random.uniform(1, 15), RATE / length), 0.05, random)
        phrase = slow(n, random, 1.0)[np.clip(at, 0, n - 1)] > random.uniform(0.2, 0.7)
        song = grains(n, at, phrase * random.uniform(0.5, 1, len(at)), [chirp], random)
        put(out, song, 0, random.uniform(0.3, 1))
    return out


def barks(n: int, random: Random) -> Sound:
    """Dogs, crows, geese, horns: rough tones that rise and fall within a fixed throat."""
    out, base = np.zeros(n, np.float32), between(random, 120, 900)
    peaks = [between(random, 400, 3500) for _ in range(2)]
    for at in scattered(n, random.uniform(0.4, 2.5), random):
        length = samples(between(random, 0.08, 0.5))
        arc = base * (1 + random.uniform(0, 0.6) * np.hanning(length))
        cry = tone(np.asarray(arc, np.float32), length, partials(random, slope=-0.7), random)
        cry = cry + random.uniform(0, 1.0) * noise(length, random)
        put(out, coloured(cry, peaks_hz=peaks, width=0.3) * envelope(length, 0.015, 0.3, 0.05), int(at))
    return out


def breath(n: int, random: Random) -> Sound:
    """In and out through nose or mouth, calm to panting; the throat keeps still, so nothing is said."""
    rate, size = between(random, 0.2, 3.0), float(np.exp(random.normal(0, 0.12)))
    throat, width = [size * hz for hz in THROAT_HZ], between(random, 0.2, 1.0)
    parts = [coloured(noise(n, random, random.uniform(-1.5, 0)), low_hz=between(random, 100, 600),
                      peaks_hz=throat, width=width) for _ in range(2)]
    phase = np.cumsum(slow(n, random, 1.0, 0.7, 1.3)) * rate / RATE
    inwards = np.maximum(0, np.sin(2 * np.pi * phase)) ** between(random, 0.7, 3)
    outwards = np.maximum(0, -np.sin(2 * np.pi * phase)) ** between(random, 0.7, 3)
    return np.asarray(parts[0] * inwards * random.uniform(0.2, 1) + parts[1] * outwards, np.float32)


def crowd(n: int, random: Random) -> Sound:
    """The murmur of a full hall with nobody near: noise of the spectrum of speech, gently swelling."""
    sound = coloured(noise(n, random), low_hz=between(random, 100, 250), high_hz=between(random, 500, 1500),
                     slope=random.uniform(-1, 0))
    return np.asarray(sound * slow(n, random, between(random, 1, 8), 0.4)
                      + 0.3 * swept_noise(n, random, 3.0), np.float32)


def still(n: int, random: Random) -> Sound:
    """A room in which nothing happens: the floor of a recording; often steady, with clicks and bumps."""
    sound = noise(n, random, random.uniform(-2.5, 0.5))
    at = scattered(n, between(random, 0.1, 3), random)
    bumps = [burst(random, 20, between(random, 100, 6000), between(random, 0.001, 0.05)) for _ in range(4)]
    return np.asarray(sound + grains(n, at, random.exponential(3, len(at)), bumps, random), np.float32)
