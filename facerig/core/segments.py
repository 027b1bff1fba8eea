"""Scores of labels over time, cut into segments: the best ones of a least length, at a price for each change.

The price is what hysteresis is for: a label that wins by little, or for a moment, takes over from no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Segment:
    """Frames [start, stop) of one `label`, a column of the scores."""

    label: int
    start: int
    stop: int


def segmented(scores: NDArray[Any], change: float, least: int) -> list[Segment]:
    """The segments of scores [T, K] whose sum, less `change` for each after the first, is highest; every one
    has `least` frames or more (where there are so many). Ties go to the first label. Exact (Viterbi)."""
    n_frames, n_labels = scores.shape
    if not n_frames or not n_labels:
        return []
    least = max(1, min(least, n_frames))
    summed = np.zeros((n_frames + 1, n_labels))
    np.cumsum(scores, 0, out=summed[1:])
    best = np.full(n_frames + 1, -np.inf)  # of all that ends at a frame
    best[0] = change  # the first segment is no change
    winner = np.zeros(n_frames + 1, np.intp)
    begun = np.zeros((n_frames + 1, n_labels), np.bool_)  # the segment that ends here has `least` frames
    ending = np.full(n_labels, -np.inf)
    for stop in range(least, n_frames + 1):
        ending = ending + (summed[stop] - summed[stop - 1])
        fresh = best[stop - least] - change + (summed[stop] - summed[stop - least])
        begun[stop] = fresh > ending
        ending = np.maximum(ending, fresh)
        winner[stop] = ending.argmax()
        best[stop] = ending[winner[stop]]
    return _traced(winner, begun, least)


def _traced(winner: NDArray[np.intp], begun: NDArray[np.bool_], least: int) -> list[Segment]:
    """The segments back from the last frame."""
    found, stop = list[Segment](), len(winner) - 1
    while stop > 0:
        label, start = int(winner[stop]), stop
        while not begun[start, label]:
            start -= 1
        start -= least
        found.append(Segment(label, start, stop))
        stop = start
    return found[::-1]
