"""Made-up events: hands, feet, doors, keys, coins, blades, shots, beeps; each call other things and rooms."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tools.train.sounds.tones import (
    RATE,
    Random,
    Sound,
    between,
    coloured,
    envelope,
    grains,
    modulated,
    noise,
    normalised,
    partials,
    put,
    room,
    samples,
    slow,
    struck,
    tone,
)

HITS: Final = 8  # different hits that a series of them is drawn from
Places = NDArray[np.int64]


def even(n: int, per_sec: float, jitter: float, random: Random) -> Places:
    """Samples of a beat; `jitter` is the sigma of the logarithm of its gaps."""
    gaps = RATE / per_sec * np.exp(random.normal(0, jitter, int(n / RATE * per_sec * 1.5) + 2))
    return np.asarray(np.cumsum(gaps) - gaps[0] * random.random(), np.int64)


def scattered(n: int, per_sec: float, random: Random) -> Places:
    """Samples of events that know nothing of each other."""
    return random.integers(0, n, max(1, int(random.poisson(per_sec * n / RATE))))


def burst(random: Random, low_hz: float, high_hz: float, fall_secs: float) -> Sound:
    """A short noise."""
    n = samples(min(0.8, fall_secs * 6))
    return coloured(noise(n, random), low_hz=low_hz, high_hz=high_hz) * envelope(n, 0.0005, fall_secs, 0.001)


def body(random: Random, low_hz: float, high_hz: float, fall_secs: float, n_modes: int = 6) -> Sound:
    """A hit on a thing whose modes lie between two frequencies."""
    hz = np.exp(random.uniform(np.log(low_hz), np.log(high_hz), n_modes))
    falls = fall_secs * np.exp(random.normal(0, 0.4, n_modes)) * (hz.min() / hz) ** 0.5
    return normalised(struck(hz, falls, samples(min(2.0, fall_secs * 6)), random))


def hit(random: Random, low_hz: float, high_hz: float, fall_secs: float) -> Sound:
    """A thing's modes under the noise of the contact."""
    sound = body(random, low_hz, high_hz, fall_secs)
    put(sound, burst(random, low_hz, 7000, 0.004), 0, random.uniform(0.1, 1.5))
    return sound


def applause(n: int, random: Random) -> Sound:
    """From one pair of hands to a hall, together or not, swelling and dying away."""
    low, high, fall = between(random, 300, 1500), between(random, 2000, 6000), between(random, 0.002, 0.012)
    claps = [burst(random, low * between(random, 0.7, 1.4), high, fall) for _ in range(HITS)]
    people, rate = int(between(random, 1, 120)), random.uniform(2.0, 5.0)
    beat = even(n, rate, 0.01, random)
    at = [beat + random.normal(0, 400, len(beat)).astype(np.int64) if random.random() < 0.1
          else even(n, rate * random.uniform(0.7, 1.3), 0.1, random) for _ in range(people)]
    gains = np.concatenate([np.full(len(a), between(random, 0.1, 1.0)) for a in at])
    return room(grains(n, np.concatenate(at), gains, claps, random) * slow(n, random, 0.5, 0.2), random)


def steps(n: int, random: Random) -> Sound:
    """Feet, shoes or hooves on stone, wood, gravel or snow: heel, then toe; walking to running."""
    fall, low, high = between(random, 0.004, 0.05), between(random, 40, 600), between(random, 800, 7000)
    hits = [burst(random, low, high * between(random, 0.7, 1.3), fall) for _ in range(HITS)]
    if random.random() < 0.5:  # something hollow under them
        hits = [hit(random, low, 4 * low, 2 * fall) for _ in range(HITS)]
    heels = even(n, random.uniform(1.2, 5.0), random.uniform(0.01, 0.1), random)
    toes = heels + samples(random.uniform(0.03, 0.15))
    gains = np.concatenate([random.uniform(0.5, 1, len(heels)), random.uniform(0, 0.7, len(heels))])
    out = grains(n, np.concatenate([heels, toes]), gains, hits, random)
    if random.random() < 0.5:  # grit: each step is many small sounds
        grit = (heels[:, None] + random.integers(0, samples(0.2), (len(heels), 25))).ravel()
        small = [burst(random, 1500, 7500, 0.002) for _ in range(HITS)]
        out += grains(n, grit, random.random(len(grit)) * random.uniform(0.1, 0.6), small, random)
    return room(out, random) if random.random() < 0.6 else out


def knocks(n: int, random: Random) -> Sound:
    """Doors: knocks, slams, latches, creaking hinges."""
    out = np.zeros(n, np.float32)
    for at in scattered(n, random.uniform(0.2, 0.8), random):
        fall, low = between(random, 0.02, 0.2), between(random, 50, 400)
        series = 1 if random.random() < 0.4 else int(random.integers(2, 6))
        for number in range(series):
            gap = samples(random.uniform(0.12, 0.35)) * number
            put(out, hit(random, low, 6 * low, fall), int(at) + gap, random.uniform(0.5, 1))
        if random.random() < 0.4:
            put(out, creak(samples(random.uniform(0.3, 1.8)), random), int(at), random.uniform(0.1, 0.8))
    return room(out, random)


def creak(n: int, random: Random) -> Sound:
    """Wood or metal that sticks and slips: a rattle whose rate rises and falls, through resonances."""
    rate = slow(n, random, 3.0, 15, between(random, 40, 400))
    clicks = np.diff(np.floor(np.cumsum(rate) / RATE), prepend=0).astype(np.float32)
    peaks = [between(random, 300, 5000) for _ in range(4)]
    return coloured(clicks, peaks_hz=peaks, width=0.08) * envelope(n, 0.05, 5.0, 0.1)


def typing(n: int, random: Random) -> Sound:
    """Keyboards, mice, switches, typewriters, dice: clicks with a press and a release."""
    low, fall = between(random, 300, 2500), between(random, 0.002, 0.015)
    hits = [hit(random, low * between(random, 0.8, 1.3), 7000, fall) for _ in range(HITS)]
    press = scattered(n, random.uniform(1, 12), random)
    release = press + random.integers(samples(0.05), samples(0.15), len(press))
    gains = np.concatenate([random.uniform(0.4, 1, len(press)), random.uniform(0.1, 0.5, len(press))])
    return grains(n, np.concatenate([press, release]), gains, hits, random)


def clatter(n: int, random: Random) -> Sound:
    """Dishes, tools, coins, chains, glass: bright things that meet and ring, now and then or in a heap."""
    low, fall = between(random, 400, 4000), between(random, 0.01, 0.5)
    things = [hit(random, low * between(random, 0.7, 1.5), 7800, fall) for _ in range(HITS)]
    at = scattered(n, between(random, 0.5, 15), random)
    return room(grains(n, at, random.uniform(0.1, 1, len(at)) ** 2, things, random), random)


def blades(n: int, random: Random) -> Sound:
    """Swings through the air and what they meet: swords, whips, punches, shields."""
    out = np.zeros(n, np.float32)
    for at in scattered(n, random.uniform(0.5, 3), random):
        length = samples(random.uniform(0.1, 0.5))
        swing = coloured(noise(length, random), low_hz=between(random, 200, 1500), high_hz=7000)
        put(out, swing * np.hanning(length).astype(np.float32), int(at) - length, random.uniform(0.2, 0.8))
        if random.random() < 0.7:
            low = between(random, 80, 3000)
            put(out, hit(random, low, 6 * low, between(random, 0.03, 0.6)), int(at), random.uniform(0.3, 1))
    return room(out, random)


def explosions(n: int, random: Random) -> Sound:
    """Shots, thunder, blasts: a crack and a rumble that darkens."""
    out = np.zeros(n, np.float32)
    rapid = random.random() < 0.3
    rate = random.uniform(5, 12) if rapid else random.uniform(0.3, 1.5)
    for at in even(n, rate, 0.02, random) if rapid else scattered(n, rate, random):
        fall = between(random, 0.02, 0.08) if rapid else between(random, 0.05, 1.2)
        put(out, burst(random, 20, between(random, 200, 4000), fall), int(at), random.uniform(0.5, 1))
        put(out, burst(random, 200, 7500, fall / 6), int(at), random.uniform(0.2, 1))
    return room(out, random)


def arcade(n: int, random: Random) -> Sound:
    """Coins, jumps, lasers, power-ups: short electronic tones whose pitch jumps or slides."""
    out = np.zeros(n, np.float32)
    for at in scattered(n, random.uniform(0.5, 5), random):
        length = samples(between(random, 0.05, 0.9))
        first, last = between(random, 80, 3000), between(random, 80, 3000)
        moves = int(random.choice([2, 3, 4, 64]))
        hz = first * (last / first) ** (np.floor(np.linspace(0, moves - 1e-3, length)) / max(1, moves - 1))
        timbre = partials(random, slope=random.uniform(-2, 0))
        sound = tone(np.asarray(hz, np.float32), length, timbre, random)
        put(out, sound * envelope(length, 0.002, between(random, 0.05, 1.0)), int(at), random.uniform(0.3, 1))
    return out


def beeps(n: int, random: Random) -> Sound:
    """Alarms, telephones, sirens, watches, lorries in reverse: tones in an even rhythm."""
    timbre = partials(random, slope=random.uniform(-4, -0.5))
    rate, share = between(random, 0.4, 12), random.uniform(0.1, 0.9)
    at = np.arange(n) / RATE
    on = (at * rate % 1 < share).astype(np.float32)
    gate = np.convolve(on, np.hanning(66)[1:-1] / 32.5, "same").astype(np.float32)
    low, high = between(random, 250, 3500), between(random, 250, 3500)
    kind = random.choice(["one", "two", "siren", "ring"])
    if kind == "ring":  # two tones at once, in bursts of bursts
        both = tone(low, n, timbre, random) + tone(high, n, timbre, random)
        return np.asarray(both * gate * (at % random.uniform(2, 5) < random.uniform(0.8, 2)), np.float32)
    sway = {"one": np.zeros(n), "two": np.floor(at * rate) % 2}.get(
        str(kind), 0.5 - 0.5 * np.cos(2 * np.pi * at * between(random, 0.2, 4)))
    sound = tone(np.asarray(low * (high / low) ** sway, np.float32), n, timbre, random)
    return sound if kind == "siren" else sound * gate


def bells(n: int, random: Random) -> Sound:
    """Church bells, chimes, gongs, doorbells."""
    out, ratio = np.zeros(n, np.float32), float(random.choice([1.4, 1.41, 2.76, 3.5, 5.4]))
    pitches = [between(random, 80, 2500) for _ in range(int(random.integers(1, 6)))]
    for at in scattered(n, between(random, 0.4, 5), random):
        hz = float(random.choice(pitches))
        put(out, modulated(hz, ratio, random.uniform(0.5, 5), samples(3.0), between(random, 0.2, 2)), int(at))
    return room(out, random)
