"""How a listener answers, seen in what comes out, and what the layers of head and listening cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import process_time
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from facerig.core.channels import INDEX
from facerig.core.clock import KNOT_RATE_HZ
from facerig.performance.head.head import HeadLayer
from facerig.performance.head.listening import Attitude, ListeningLayer, ListenSettings
from facerig.performance.moment import Moment
from tools.evaluate.head import calm, moment_of

Floats = NDArray[np.float64]
Array = NDArray[np.float32]

FPS: Final = 60
NODDED_DEG: Final = 1.0  # down by so much within half a second is a nod
SHOOK_DEG: Final = 1.6  # of yaw: tilts turn less
SMILED, FROWNED = 0.2, 0.25  # of the curves: more than the attitude's standing look
APART_SECS: Final = 0.4  # a double nod is one


@dataclass(frozen=True, slots=True)
class Listened:
    """How a listener answered, a minute of the other's talk; its largest nod, degrees."""

    attitude: Attitude
    nods: float
    shakes: float
    smiles: float
    frowns: float
    largest_deg: float


def listened(cues: Array, attitude: Attitude, seeds: Sequence[int]) -> Listened:
    """Answers seen in what comes out: head and curves at FPS."""
    moment, counts, largest = moment_of(cues, FPS), np.zeros(4), 0.0
    for seed in seeds:
        layer = ListeningLayer(seed, ListenSettings(attitude=attitude))
        state = layer.plan(moment, layer.initial_state(listening=True))
        head, values = layer.draw(moment.times, state)
        degrees = np.degrees(head)
        counts += (_bouts(degrees[:, 1] - _floor(degrees[:, 1]), NODDED_DEG),
                   _bouts(np.abs(degrees[:, 0] - np.median(degrees[:, 0])), SHOOK_DEG),
                   _bouts(values[:, INDEX["mouthSmileLeft"]], SMILED),
                   _bouts(values[:, INDEX["browDownLeft"]], FROWNED))
        largest = max(largest, float(degrees[:, 1].max()))
    nods, shakes, smiles, frowns = (float(v) for v in counts / len(seeds) / (len(cues) / KNOT_RATE_HZ / 60))
    return Listened(attitude, nods, shakes, smiles, frowns, largest)


def _floor(track: Floats) -> Floats:
    """The slow part of a track, of tilts: its lowest within half a second to either side, smoothed."""
    lowest = np.minimum.reduce([np.roll(track, k) for k in range(-30, 31, 5)])
    return np.asarray(gaussian_filter1d(lowest, 20))


def _bouts(track: NDArray[np.floating], above: float) -> int:
    """How often a track rises above a level after APART_SECS below it."""
    high = np.flatnonzero(track > above)
    return int(len(high) > 0) + int((np.diff(high) > APART_SECS * FPS).sum())


def cost_us(cues: Array, frames_a_step: int, listening: bool) -> float:
    """Microseconds of processor time a frame at FPS, of the head's layer or of a listener's, best of five."""
    whole, steps, knot = moment_of(cues, FPS), [], 0
    for at in range(0, len(whole.times), frames_a_step):
        times = whole.times[at : at + frames_a_step]
        n, stop = len(times), min(len(cues), int(times[-1] * KNOT_RATE_HZ) + 2)
        steps.append(Moment(times, whole.speech[:n], whole.cues[:n], cues[knot:stop], knot))
        knot = stop
    moods = [calm(moment) for moment in steps]
    best = np.inf
    for seed in range(5):
        start = process_time()
        if listening:
            ear = ListeningLayer(seed)
            heard = ear.initial_state(listening=True)
            for moment in steps:
                heard = ear.plan(moment, heard)
                ear.draw(moment.times, heard)
        else:
            layer = HeadLayer(seed)
            state = layer.initial_state()
            for moment, mood in zip(steps, moods, strict=True):
                state = layer.plan(moment, mood, state)
                layer.draw(moment.times, None, None, state)
        best = min(best, process_time() - start)
    return 1e6 * best / len(whole.times)
