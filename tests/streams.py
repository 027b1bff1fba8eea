"""How the two tests of a stage are made: any split gives the same bits; the future never changes the past."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np


def in_pieces(whole: Any, cuts: Sequence[int]) -> list[Any]:
    """`whole` cut at the (sorted, clipped) positions."""
    at = [0, *sorted(min(max(c, 0), len(whole)) for c in cuts), len(whole)]
    return [whole[a:b] for a, b in pairwise(at)]


def run(stage: Any, pieces: Sequence[Any], *, flush: bool = True) -> Any:
    """Everything that `stage` gives for `pieces`, joined."""
    state = stage.initial_state()
    out = []
    for piece in pieces:
        rows, state = stage.step(piece, state)
        out.append(rows)
    if flush:
        rows, state = stage.flush(state)
        out.append(rows)
    return np.concatenate(out)


def sizes_to_cuts(sizes: Sequence[int]) -> list[int]:
    """Positions of the cuts between pieces of the given sizes."""
    return list(accumulate(sizes))


def made_up_speech(secs: float, rate: int = 16_000, seed: int = 0) -> np.ndarray:
    """A sound with syllables: a buzz with moving formants, bursts of noise and pauses; float32 [n]."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(secs * rate)) / rate
    syllables = np.clip(np.sin(2 * np.pi * 3.1 * t + rng.uniform(0, 6)), 0, 1)
    pitch = 120 + 30 * np.sin(2 * np.pi * 0.4 * t)
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    buzz = sum(np.sin(k * phase) / k for k in range(1, 20))
    hiss = rng.normal(0, 1, len(t)) * (np.sin(2 * np.pi * 1.3 * t) > 0.8)
    return (0.1 * syllables * (buzz + 0.3 * hiss) + 0.001 * rng.normal(0, 1, len(t))).astype(np.float32)
