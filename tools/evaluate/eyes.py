"""Blinks and gaze beside people's: rates, intervals, saccades, looks, over many made-up characters.

Everything is measured on what comes out (lids and eye rotations at the frames), not on what was planned.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.core.clock import KNOT_RATE_HZ
from facerig.core.cues import CUE, N_CUES
from facerig.performance.eyes.blinks import RATES, BlinkLayer, BlinkSettings, Occupation
from facerig.performance.eyes.gaze import GazeLayer
from facerig.performance.moment import Moment, Mood
from tools.evaluate.sets import SAMPLE_RATE, Utterance
from tools.evaluate.talk import Talk, heard, quiet, talk

Floats = NDArray[np.float64]

LID_FPS, LOOK_FPS, TRUE_FPS = 200, 100, 1000
CHUNK_SECS: Final = 10.0
SHUTTING: Final = 0.2  # of a lid's way: more is a blink
FULL: Final = 0.9
ON_FACE_DEGREES: Final = 5.5  # of the listener's middle; looks aside go 7 and more
SHORTEST_LOOK_SECS: Final = 0.15  # eyes that pass over the face have not looked at it
TRACKED: Final = 30.0  # deg/s: faster is a saccade
SMALLEST_DEGREES: Final = 1.0  # saccades that are counted as such
_TINY: Final = 1e-9

#                     95 % of people, blinks a minute (Doughty 2001)
DOUGHTY: Final[dict[Occupation, tuple[float, float]]] = {
    "conversation": (10.5, 32.5),
    "rest":         (8.0, 21.0),
    "reading":      (1.4, 14.4),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Played:
    """What a character did in a talk.

    lid: [n] at LID_FPS, 1 is shut; off: degrees of the gaze off the other, [m] at LOOK_FPS; gaze: its yaw and
    pitch, degrees [m, 2].
    """

    seed: int
    scene: Talk
    lid: Floats
    off: Floats
    gaze: Floats


def played(seed: int, scene: Talk, occupation: Occupation = "conversation") -> Played:
    """Both layers over a whole scene, piece by piece as a session runs them."""
    gaze, blinks = GazeLayer(seed), BlinkLayer(seed, BlinkSettings(state=occupation))
    eyes, lids = gaze.initial_state(), blinks.initial_state()
    target = eyes.mind.targets[0].aim
    lid, aims = [], []
    chunk = round(CHUNK_SECS * KNOT_RATE_HZ)
    for first in range(0, len(scene.cues), chunk):
        knots = scene.cues[first : first + chunk]
        secs = first / KNOT_RATE_HZ, (first + len(knots)) / KNOT_RATE_HZ
        moment, mood = a_moment(knots, first, secs, LID_FPS)
        eyes = gaze.plan(moment, mood, eyes, listening=scene.other[first : first + chunk])
        lids = blinks.plan(moment, mood, lids, gaze.shifts(eyes))
        lid.append(blinks.draw(moment.times, lids)[:, INDEX["eyeBlinkLeft"]])
        aims.append(gaze.gaze(frame_times(*secs, LOOK_FPS), eyes))
    aim = np.degrees(np.concatenate(aims)[:, :2])
    off = np.hypot(aim[:, 0] - math.degrees(target.yaw), aim[:, 1] - math.degrees(target.pitch))
    return Played(seed, scene, np.concatenate(lid).astype(np.float64), off, aim)


def frame_times(start: float, stop: float, fps: float) -> Floats:
    """Times of the frames in [start, stop)."""
    return np.arange(math.ceil(start * fps - _TINY), math.ceil(stop * fps - _TINY)) / fps


def a_moment(knots: NDArray[np.float32], first: int, secs: tuple[float, float], fps: float
             ) -> tuple[Moment, Mood]:
    """A piece of a stream in which nothing is said but the cues, in a calm mood."""
    times = frame_times(*secs, fps)
    moment = Moment(times, np.zeros((len(times), N_CHANNELS), np.float32),
                    np.zeros((len(times), N_CUES), np.float32), knots, first)
    return moment, Mood(np.zeros((len(times), 3), np.float32), np.zeros((len(knots), 3), np.float32))


def blink_starts(lid: Floats) -> Floats:
    """Times, s, at which a lid at LID_FPS passes SHUTTING."""
    return np.flatnonzero((lid[1:] > SHUTTING) & (lid[:-1] <= SHUTTING)) / LID_FPS


def spans(on: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and one past the last index of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def rates(people: list[Played]) -> Floats:
    """Blinks a minute of each."""
    return np.array([len(blink_starts(p.lid)) / p.scene.secs * 60 for p in people])


@dataclass(frozen=True, slots=True)
class Fit:
    """Log-normal fits of one character's intervals: mean and deviation of the logarithm, KS and its p."""

    mu: float
    sigma: float
    ks: float
    p: float


def fits(people: list[Played]) -> list[Fit]:
    """Of each character's intervals between blinks."""
    out = []
    for person in people:
        logs = np.log(np.diff(blink_starts(person.lid)))
        ks = stats.kstest(logs, "norm", (logs.mean(), logs.std()))
        out.append(Fit(float(logs.mean()), float(logs.std()), float(ks.statistic), float(ks.pvalue)))
    return out


@dataclass(frozen=True, slots=True)
class BlinkShape:
    """Of one full blink at 1 kHz: length s, share of it that is closing, and time shut (over 90 %)."""

    secs: float
    closing: float
    shut_secs: float


def blink_shapes(seeds: range) -> list[BlinkShape]:
    """Full blinks of three minutes of rest for each seed."""
    out = []
    scene = quiet(180.0)
    for seed in seeds:
        layer = BlinkLayer(seed)
        moment, mood = a_moment(scene.cues, 0, (0.0, scene.secs), TRUE_FPS)
        state = layer.plan(moment, mood, layer.initial_state())
        lid = layer.draw(moment.times, state)[:, INDEX["eyeBlinkLeft"]]
        for start, stop in spans(lid > 0.01):
            one = lid[start:stop]
            if one.max() > FULL and len(one) < TRUE_FPS // 2:
                peak = one.max()
                shut = int(np.argmax(one > 0.99 * peak))
                out.append(BlinkShape(len(one) / TRUE_FPS, shut / len(one), (one > FULL).sum() / TRUE_FPS))
    return out


@dataclass(frozen=True, slots=True)
class Jump:
    """One saccade as an eye tracker at 1 kHz sees it: degrees, peak deg/s, and length above TRACKED, s."""

    degrees: float
    peak: float
    secs: float


def jumps(seeds: range, secs: float = 120.0) -> tuple[list[Jump], list[float]]:
    """Saccades of eyes in a head that is held still, and the lengths of the fixations between them, s."""
    found: list[Jump] = []
    fixations: list[float] = []
    for seed in seeds:
        scene, layer = talk(secs, seed), GazeLayer(seed)
        state = layer.initial_state()
        columns = [INDEX["leftEyeYaw"], INDEX["leftEyePitch"]]
        turned = []
        chunk = round(CHUNK_SECS * KNOT_RATE_HZ)
        for first in range(0, len(scene.cues), chunk):
            knots = scene.cues[first : first + chunk]
            span = first / KNOT_RATE_HZ, (first + len(knots)) / KNOT_RATE_HZ
            moment, mood = a_moment(knots, first, span, TRUE_FPS)
            state = layer.plan(moment, mood, state, listening=scene.other[first : first + chunk])
            turned.append(layer.draw(moment.times, np.zeros((len(moment.times), 3)), state)[:, columns])
        one, between = tracked(np.degrees(np.concatenate(turned).astype(np.float64)))
        found += one
        fixations += between
    return found, fixations


def tracked(angles: Floats) -> tuple[list[Jump], list[float]]:
    """Saccades in eye angles [n, 2], degrees at TRUE_FPS, and what lies between them, s."""
    step = np.diff(angles, axis=0)
    speed = np.hypot(step[:, 0] * np.cos(np.radians(angles[:-1, 1])), step[:, 1]) * TRUE_FPS
    runs = []
    for start, stop in spans(speed > TRACKED):
        low, high = max(0, start - 15), min(len(speed), stop + 15)
        degrees = speed[low:high].sum() / TRUE_FPS
        runs.append((start, stop, Jump(degrees, float(speed[start:stop].max()), (stop - start) / TRUE_FPS)))
    runs = [run for run in runs if run[2].degrees >= SMALLEST_DEGREES]
    between = [(b[0] - a[1]) / TRUE_FPS for a, b in pairwise(runs)]
    return [run[2] for run in runs], between


def looks(people: list[Played], turn: str) -> tuple[Floats, Floats]:
    """Share of the time on the other's face in `own` or `other` turns, by character; length of every look
    that begins in them, s."""
    shares, lengths = [], []
    for person in people:
        turns = getattr(person.scene, turn)
        on = person.off < ON_FACE_DEGREES
        shares.append(float(on[turns].mean()))
        lengths += [(stop - start) / LOOK_FPS for start, stop in spans(on)
                    if turns[start] and stop - start >= SHORTEST_LOOK_SECS * LOOK_FPS]
    return np.array(shares), np.array(lengths)


def middle(values: Floats) -> tuple[float, float, float]:
    """Median and the range that holds 95 %."""
    low, mid, high = np.quantile(values, [0.025, 0.5, 0.975]).tolist()
    return mid, low, high


@dataclass(frozen=True, slots=True)
class Heard:
    """The same of characters who say what a recording says, heard by the live session."""

    secs: float
    rates: Floats
    fits: list[Fit]
    shares: Floats
    at_pauses: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Measured:
    """All that the figures and the plots are made of."""

    rates: dict[Occupation, Floats]
    intervals: Floats
    fits: list[Fit]
    shapes: list[BlinkShape]
    jumps: list[Jump]
    fixations: Floats
    shares: dict[str, Floats]
    lengths: dict[str, Floats]
    gaze: Floats
    partial: float
    doubles: float
    first: Floats
    at_pauses: tuple[float, float]
    heard: Heard | None


def measured(n_seeds: int, secs: float, speech: Talk | None = None) -> Measured:
    """Play the talks and measure: `n_seeds` characters of `secs` s each in each state; and with `speech`."""
    people = [played(seed, talk(secs, seed)) for seed in range(n_seeds)]
    still = quiet(secs)
    by_state: dict[Occupation, Floats] = {"conversation": rates(people)}
    for state in RATES:
        if state != "conversation":
            by_state[state] = rates([played(seed, still, state) for seed in range(n_seeds)])
    seeds = range(min(8, n_seeds))
    found, fixations = jumps(seeds)
    own, other = looks(people, "own"), looks(people, "other")
    peaks = np.array([p.lid[a:b].max() for p in people for a, b in spans(p.lid > SHUTTING)])
    gaps = np.concatenate([np.diff(blink_starts(p.lid)) for p in people])
    return Measured(by_state, gaps, fits(people), blink_shapes(seeds), found, np.array(fixations),
                    {"own": own[0], "other": other[0]}, {"own": own[1], "other": other[1]},
                    np.concatenate([p.gaze[::10] for p in people[:10]]), float((peaks < FULL).mean()),
                    float((gaps < 0.55).mean()), np.array([blink_starts(p.lid)[0] for p in people]),
                    _at_pauses(people), None if speech is None else _heard(speech, n_seeds))


def recorded(utterances: Sequence[Utterance], secs: float) -> Talk:
    """What the live session hears of recordings, one after the other."""
    return heard((one.audio() for one in utterances), SAMPLE_RATE, secs)


def _heard(speech: Talk, n_seeds: int) -> Heard:
    people = [played(seed, speech) for seed in range(n_seeds)]
    return Heard(speech.secs, rates(people), fits(people), looks(people, "own")[0], _at_pauses(people))


def _at_pauses(people: list[Played]) -> tuple[float, float]:
    """Blinks in the half second after a phrase, a second; and at all times."""
    near = total = secs = 0.0
    for person in people:
        voice = person.scene.cues[:, CUE["voice"]] > 0.5
        starts = blink_starts(person.lid)
        ends = np.flatnonzero(voice[:-1] & ~voice[1:]) / KNOT_RATE_HZ
        after = starts[:, None] - ends[None, :]
        near += float(((after >= 0) & (after < 0.5)).sum())
        secs += 0.5 * len(ends)
        total += len(starts) / person.scene.secs / len(people)
    return near / secs, total
