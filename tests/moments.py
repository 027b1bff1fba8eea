"""How layers that plan at knots and draw at frames are run and split in tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from facerig.core.channels import N_CHANNELS
from facerig.core.cues import CUE, N_CUES
from facerig.performance.moment import Moment, Mood


def voice_cues(secs: float, spoken: Sequence[tuple[float, float]] = ()) -> np.ndarray:
    """Cues at the knots with a voice in the spans `spoken`, s."""
    cues = np.zeros((round(secs * 100), N_CUES), np.float32)
    for start, stop in spoken:
        cues[round(start * 100) : round(stop * 100), CUE["voice"]] = 1
    return cues


def some_talk(secs: float, seed: int) -> np.ndarray:
    """Cues of phrases and pauses of random lengths."""
    rng = np.random.default_rng(seed)
    edges = np.cumsum(rng.uniform(0.2, 2.5, round(secs) + 2))
    return voice_cues(secs, [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False) if b < secs])


def moments(cues: np.ndarray, fps: float, cuts: Sequence[int] = (), mood: tuple[float, float] = (0.0, 0.0),
            first_knot: int = 0) -> list[tuple[Moment, Mood]]:
    """The stream of `cues` in pieces cut at these knots; a frame comes with the knot after it."""
    n = len(cues)
    edges = [0, *sorted(min(max(c, 0), n) for c in cuts), n]
    out, frame = [], round(first_knot / 100 * fps)
    for a, b in pairwise(edges):
        drawn = b - 1 if b < n else n  # a knot is needed after each frame, but for the last
        stop = int(np.ceil((first_knot + drawn) / 100 * fps - 1e-9))
        times = np.arange(frame, max(frame, stop)) / fps
        frame = max(frame, stop)
        feeling = [np.tile(np.array([*mood, 1.0], np.float32), (k, 1)) for k in (len(times), b - a)]
        moment = Moment(times, np.zeros((len(times), N_CHANNELS), np.float32),
                        np.zeros((len(times), N_CUES), np.float32), cues[a:b], first_knot + a)
        out.append((moment, Mood(*feeling)))
    return out


def over(pieces: Sequence[tuple[Moment, Mood]], state: Any, plan: Callable[..., Any], draw: Callable[..., Any]
         ) -> tuple[np.ndarray, Any]:
    """What `draw` gives after each `plan`, joined, and the last state."""
    drawn = []
    for moment, mood in pieces:
        state = plan(moment, mood, state)
        drawn.append(draw(moment.times, state))
    return np.concatenate(drawn), state
