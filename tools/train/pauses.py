"""Silence that labels have swallowed, taken out of them: what nobody claims is a pause to script.phones.

A synthesiser's own durations leave no pause between phrases: the silence belongs to the phone before it or
after it. Kokoro has 20 such silences of 0.15 s and more a minute (60 sentences), 9 % of the time, up to half
a second long; AN4 has 0.8 and Russian 0.2 a minute. A network that learns from them expects speech for half a
second of silence, and keeps the mouth open.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.features import logmel

SILENT_DB: Final = -35.0  # under the loud tenth of the recording
MIN_SECS: Final = 0.15  # shorter silences are closures of p t k
LEAST_SECS: Final = 0.02  # of a phone that is left over
LIPS: Final = ("p", "b", "m")  # how their labels begin in every set; silent or not, the lips close for them

Array = NDArray[np.float32]
Label = list[Any]  # name, start and end in seconds
Span = tuple[float, float]


def silences(audio: Array) -> list[Span]:
    """Start and end, s, of the stretches of at least MIN_SECS in which a 16 kHz recording is silent."""
    rows = audio[: len(audio) // logmel.HOP * logmel.HOP].reshape(-1, logmel.HOP).astype(np.float64)
    power = np.square(np.diff(rows, axis=1)).mean(1)  # of the first difference: rumble is no speech
    if not power.any():
        return []
    silent = power < np.percentile(power, 90) * 10 ** (SILENT_DB / 10)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], silent.astype(np.int8), [0]))))
    secs = (edges * logmel.HOP / logmel.SAMPLE_RATE).tolist()
    return [(start, end) for start, end in zip(secs[::2], secs[1::2], strict=True) if end - start >= MIN_SECS]


def without_silence(labels: Iterable[Label], spans: Iterable[Span]) -> list[Label]:
    """The labels without what of them lies in `spans`.

    A phone that reaches into a span ends or begins with it; of one that reaches across, the longer side
    stays. What keeps less than LEAST_SECS is gone: its sound is not there. A p, b or m within a span stays,
    and the span is that much shorter.
    """
    kept = [list(label) for label in labels]
    closures = [(start, end) for name, start, end in kept if name.lower().startswith(LIPS)]
    for start, end in (_beside(span, closures) for span in spans):
        kept = [cut for label in kept for cut in _outside(label, start, end)]
    return kept


def _beside(span: Span, closures: Iterable[Span]) -> Span:
    """The span without the closures that lie in it, at its begin or at its end."""
    start, end = span
    for closes, opens in closures:
        if closes >= span[0] and opens <= span[1]:
            start, end = (max(start, opens), end) if closes - span[0] < span[1] - opens else (
                start, min(end, closes))
    return start, max(start, end)


def _outside(label: Label, start: float, end: float) -> list[Label]:
    name, begins, ends = label
    if ends <= start or begins >= end:
        return [label]
    begins, ends = (begins, start) if start - begins >= ends - end else (end, ends)
    return [[name, begins, ends]] if ends - begins >= LEAST_SECS else []
