"""Mouths made up for tests: one that does what the phones ask, and one that moves at random."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from facerig.core.channels import INDEX, N_CHANNELS, NAMES

FPS = 100
#        label, seconds; in IPA
SPOKEN = [("SIL", 0.8), ("a", 0.15), ("m", 0.09), ("i", 0.12), ("s", 0.1), ("u", 0.13), ("f", 0.1),
          ("ɛ", 0.12), ("t", 0.08), ("a", 0.14), ("b", 0.08), ("o", 0.14), ("k", 0.08), ("i", 0.12),
          ("n", 0.09), ("p", 0.1), ("a", 0.15), ("l", 0.1), ("u", 0.13), ("SIL", 0.8)]
Phones = list[tuple[str, float, float]]
Curves = tuple[np.ndarray, np.ndarray]  # times, values
BILABIALS = {"p", "b", "m"}


def phones(spoken: list[tuple[str, float]] | None = None) -> Phones:
    out, now = [], 0.0
    for label, seconds in SPOKEN if spoken is None else spoken:
        out.append((label, round(now, 4), round(now + seconds, 4)))
        now += seconds
    return out


def articulator(labels: Phones, delay_secs: float = 0.0) -> Curves:
    """A mouth that does what each phone asks, exactly when it sounds (or `delay_secs` later)."""
    times = np.arange(0, labels[-1][2] + 0.3, 1 / FPS)
    values = np.zeros((len(times), N_CHANNELS))
    for label, start, end in labels:
        here = (times >= start + delay_secs) & (times < end + delay_secs)
        for name, weight in asked(label).items():
            values[here, INDEX[name]] = weight
    return times, values


def asked(label: str) -> dict[str, float]:
    if label in BILABIALS:
        return {"jawOpen": 0.1, "mouthClose": 0.1}
    if label == "SIL":
        return {}
    if label == "f":
        return {"mouthRollLower": 0.3, "mouthUpperUpLeft": 0.5, "mouthUpperUpRight": 0.5}
    jaw = {"a": 0.4, "o": 0.3, "ɛ": 0.3, "i": 0.12, "u": 0.12}.get(label, 0.12)
    return {"jawOpen": jaw, "mouthPucker": 0.5 * (label in "uo")}


def random_mouth(seconds: float, seed: int) -> Curves:
    """A mouth that babbles at random: opens, seals, crosses, rounds, and touches the teeth now and then."""
    random = np.random.default_rng(seed)
    times = np.arange(0, seconds + 0.4, 1 / 60)
    values = np.zeros((len(times), N_CHANNELS))
    knots = np.arange(0, times[-1] + 0.2, 0.1)
    for name, most in (("jawOpen", 0.25), ("mouthClose", 0.2), ("mouthFunnel", 0.3), ("mouthPucker", 0.6),
                       ("mouthRollLower", 0.4), ("mouthUpperUpLeft", 0.3), ("mouthSmileLeft", 0.4)):
        values[:, INDEX[name]] = np.interp(times, knots, random.random(len(knots)) * most)
    return times, values


def write_curves(path: Path, times: np.ndarray, values: np.ndarray) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["time", *NAMES])
        writer.writerows([round(float(t), 5), *(round(float(v), 5) for v in row)]
                         for t, row in zip(times, values, strict=True))
