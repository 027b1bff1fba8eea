"""Sound that is no speech, for a mouth that must stay at rest: music, applause, steps, machines, weather.

`python -m tools.train.nonspeech OUT_DIR` writes some to listen to. Everything is computed and nothing is
recorded, so nobody's rights are touched. A clip is one kind or a mixture of two, with silences, fades, a room
and a recording chain; its number and the seed decide it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from tools.train.sounds import events, music, places
from tools.train.sounds.tones import (
    RATE,
    Random,
    Sound,
    between,
    coloured,
    level,
    noise,
    normalised,
    room,
    samples,
)

CLIP_SECS: Final = (4.0, 12.0)
PEAK_DB: Final = (-40.0, -1.0)  # of full scale
LAYERED: Final = 0.25  # of the clips have a second kind under the first
BROKEN: Final = 0.35  # of the clips fall silent now and then
SHAPED: Final = 0.35  # of the clips fade in and out

Kind = Callable[[int, Random], Sound]
# kind          share  what it is                  why that much
KINDS: Final[dict[str, tuple[float, Kind]]] = {
    "music":      (22.0, music.band),            # what plays under games, and the nearest to a voice
    "melody":     (9.0,  music.alone("lead")),   # a single voice-like pitch, in syllable-like notes
    "chords":     (6.0,  music.alone("chords")),
    "pad":        (4.0,  music.alone("pad")),
    "drums":      (5.0,  music.alone("drums")),
    "wah":        (4.0,  music.wah),             # resonances that move, as in vowels
    "applause":   (4.0,  events.applause),
    "steps":      (5.0,  events.steps),
    "knocks":     (3.0,  events.knocks),
    "typing":     (3.0,  events.typing),
    "clatter":    (3.0,  events.clatter),
    "blades":     (3.0,  events.blades),
    "explosions": (3.0,  events.explosions),
    "arcade":     (3.0,  events.arcade),
    "beeps":      (3.0,  events.beeps),
    "bells":      (2.0,  events.bells),
    "hum":        (4.0,  places.hum),
    "engine":     (5.0,  places.engine),
    "fan":        (3.0,  places.fan),
    "machine":    (3.0,  places.machine),
    "scrubbing":  (4.0,  places.scrubbing),      # noise in the rhythm of syllables
    "wind":       (4.0,  places.wind),
    "rain":       (3.0,  places.rain),
    "water":      (3.0,  places.water),
    "birds":      (3.0,  places.birds),
    "barks":      (2.0,  places.barks),
    "breath":     (5.0,  places.breath),         # between phrases, and of a runner
    "crowd":      (2.0,  places.crowd),
    "still":      (4.0,  places.still),
}  # fmt: skip


def clips(seconds: float, seed: int) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Clips of 4 to 12 s until `seconds` are full: (kind, float32 mono at 16 kHz within [-1, 1]).

    Clip k depends on the seed and k alone. Mixtures are called "music+rain".
    """
    names = list(KINDS)
    shares = np.array([share for share, _ in KINDS.values()])
    number, given = 0, 0
    while given < seconds * RATE:
        random = np.random.default_rng([seed, number])
        n = samples(random.uniform(*CLIP_SECS))
        n_kinds = 2 if random.random() < LAYERED else 1
        chosen = [str(name) for name in random.choice(names, n_kinds, replace=False, p=shares / shares.sum())]
        yield "+".join(chosen), clip(chosen, n, random)
        number, given = number + 1, given + n


def clip(kinds: list[str], n: int, random: Random) -> Sound:
    """Some kinds over each other, as a recording of `n` samples."""
    out = np.zeros(n, np.float32)
    for name in kinds:
        layer = normalised(KINDS[name][1](n, random))
        if random.random() < BROKEN:
            layer = layer * _gate(n, random)
        if random.random() < SHAPED:
            layer = layer * _fades(n, random)
        out += layer * level(random.uniform(-12, 0))
    return _recorded(out, random)


def _gate(n: int, random: Random) -> Sound:
    """Silences of 0.2 to 2 s between stretches of 0.3 to 4 s; edges from hard to 100 ms."""
    gate, at, on = np.zeros(n, np.float32), 0, bool(random.random() < 0.7)
    while at < n:
        length = samples(between(random, 0.3, 4.0) if on else between(random, 0.2, 2.0))
        gate[at : at + length] = on
        at, on = at + length, not on
    edge = np.hanning(samples(between(random, 0.002, 0.1)) + 2)[1:-1]
    return np.convolve(gate, edge / edge.sum(), "same")[:n].astype(np.float32)


def _fades(n: int, random: Random) -> Sound:
    """Into the clip and out of it."""
    at, rise, fall = np.arange(n), samples(between(random, 0.05, 3.0)), samples(between(random, 0.05, 3.0))
    return np.minimum(1.0, np.minimum(at / rise, (n - 1 - at) / fall)).astype(np.float32)


def _recorded(sound: Sound, random: Random) -> Sound:
    """A room, a microphone's band, clipping, a noise floor, a level."""
    if random.random() < 0.3:
        sound = room(sound, random)
    if random.random() < 0.15:
        sound = coloured(sound, low_hz=between(random, 50, 400), high_hz=between(random, 2500, 7500))
    peak = max(float(np.abs(sound).max()), 1e-6)
    if random.random() < 0.08:
        sound = np.tanh(sound / peak * random.uniform(1.5, 6)).astype(np.float32)
        peak = 1.0
    floor = noise(len(sound), random, random.uniform(-1.5, 0.3)) * level(random.uniform(-90, -35))
    sound = sound / peak + floor
    sound = sound / max(1.0, float(np.abs(sound).max()))
    return np.asarray(sound * level(random.uniform(*PEAK_DB)), np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.train.nonspeech", description=__doc__)
    parser.add_argument("out", type=Path, help="folder for the clips")
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for number, (kind, sound) in enumerate(clips(options.seconds, options.seed)):
        soundfile.write(options.out / f"{number:03d}-{kind}.wav", sound, RATE)


if __name__ == "__main__":
    main()
