"""What closures ask of the mouth, and how they begin, hold and end.

The numbers were set on the shipped head (millimetres by facerig.core.mouth, pictures by the preview) and look
the same on other heads with ARKit shapes. Its lips rest with a slit of 0.5 to 1 mm towards the corners, so a
seal presses them together beyond rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX
from facerig.encoder.tracks import CURVE_TRACKS

Array = NDArray[np.float32]
Numbers = NDArray[np.floating[Any]]
Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

# knots are 10 ms
HOLD_KNOTS: Final = 5  # 42 ms is a frame at 24 fps
SEAL_FALL: Final = 0.45  # per knot: lips part within 25 ms of the burst
RAMP: Final = 0.20  # of probability, from the first movement to a full closure,
RAMP_SHARE: Final = 0.8  # and at most this share of the threshold: no probability, no movement
UNDECIDED: Final = 0.55  # most of a closure before it is decided: lips near, yet more than 1 mm apart

# A sure closure rises from 0 to 1 within 30 to 50 ms and passes a low threshold too early, in the vowel
# before; a doubtful one never passes a high one. So what counts is the probability next to its peak.
PEAK_KNOTS: Final = 6  # on either side, or in the past alone
SHARE_OF_PEAK: Final = 0.6  # of what the peak has over the threshold is asked besides, once past it
BELOW: Final = 0.999  # of the threshold: not yet
DOUBTFUL, SHARE_BESIDE_PEAK = 0.2, 0.5  # the same with the future known: over this probability, this share
RISING: Final = 0.06  # per knot: the peak is still to come, so wait,
SURE: Final = 0.85  # unless it is as good as there

# What a closure asks of each track: its value is brought between `least` and `most`; other tracks stay.
#                    least  most   why
SEALED: Final = {
    "jawOpen":        (0.00, 0.12),  # the jaw is high in p b m; mouthClose hides the rest
    "mouthFunnel":    (0.00, 0.00),  # all that parts the lips goes
    "mouthLowerDown": (0.00, 0.00),
    "mouthUpperUp":   (0.00, 0.00),
    "mouthShrugUpper": (0.00, 0.00),
    "tongueOut":      (0.00, 0.00),
    "mouthPucker":    (0.06, 0.65),  # rounding stays: a p before u is round; a little closes the corners
    "mouthSmile":     (0.00, 0.40),  # beyond it the lips cross
    "mouthRollLower": (0.00, 0.20),  # rolled further, the outer lips part
    "mouthPress":     (0.08, 0.12),  # lips meet firmly
}
CONTACT: Final = {
    "jawOpen":        (0.025, 0.03),  # the teeth nearly meet
    "mouthRollLower": (0.28, 0.32),  # the lower lip turns in under the upper teeth,
    "mouthUpperUp":   (0.33, 0.38),  # the upper lip shows them,
    "mouthShrugUpper": (0.42, 0.46),  # in the middle more than towards the corners, which would gape
    "mouthFunnel":    (0.05, 0.06),
    "mouthLowerDown": (0.00, 0.00),
    "mouthPucker":    (0.00, 0.10),
    "mouthSmile":     (0.00, 0.10),
    "mouthStretch":   (0.00, 0.10),
    "mouthPress":     (0.00, 0.00),
    "tongueOut":      (0.00, 0.00),
}
# mouthShrugLower at a full closure, which no track moves: the chin (mentalis) lifts the lower lip, makes a
# seal firm and brings the lip of an f up to the edge of the teeth.
SEALED_CHIN: Final = 0.22
CONTACT_CHIN: Final = 0.36

# A long silent closure builds up pressure: the cheeks give a little, lips press harder. Not in an m, which is
# heard.
PRESSURE_RISE: Final = 0.14  # per knot of hush in a seal: full after 70 ms
PRESSURE_FALL: Final = 0.34  # the burst lets it out in 30 ms
PRESSURE_KNOTS: Final = 16  # of hush: a longer silence is no stop but a pause,
PRESSURE_LEAK: Final = 0.08  # in which the cheeks calm down
MURMUR_KNOTS: Final = 5  # of voice in a closure: it is an m, though silence may follow it
PRESSURE_PUFF: Final = 0.16  # cheekPuff at full pressure
PRESSURE_PRESS: Final = 0.10  # mouthPress, added

CHIN, PUFF = INDEX["mouthShrugLower"], INDEX["cheekPuff"]
PRESSED: Final = [INDEX["mouthPressLeft"], INDEX["mouthPressRight"]]


def limits(closure: Mapping[str, tuple[float, float]]) -> tuple[Array, Array]:
    """Least and most of every curve track [N_CURVE_TRACKS], without bounds where the table says nothing."""
    rows = [closure.get(name, (-np.inf, np.inf)) for name in CURVE_TRACKS]
    return np.array([low for low, _ in rows], np.float32), np.array([high for _, high in rows], np.float32)


def closure(p: Floats, on: float, last: Floats, held: Counts) -> tuple[Floats, Counts]:
    """Activations [S] of the closures of S streams after one knot of probabilities `p` [S], and for how many
    knots [S] they still hold.

    Above `on` a closure is complete and stays HOLD_KNOTS at least; below, the lips come near but not
    together; once let go it opens by SEAL_FALL a knot.
    """
    wanted = np.minimum(np.maximum((p - on) / min(RAMP, RAMP_SHARE * on) + 1.0, 0.0), 1.0)
    complete = (p >= on) | (wanted >= 1.0)
    opening = np.maximum(np.minimum(wanted, UNDECIDED), last - SEAL_FALL)
    left = np.maximum(held - 1, 0)
    return (np.where(complete | (held > 0), 1.0, opening),
            np.where(complete & (last < 1.0), HOLD_KNOTS - 1, left))


def sharpened(p: Array, before: Array, on: float) -> Array:
    """Probabilities [..., n] with the edges of a closure nearer to its peak, from the past alone.

    before: the PEAK_KNOTS probabilities before the first. What falls from a peak ends earlier; what still
    rises fast stays just below `on`.
    """
    heard = np.concatenate([before, p], -1)
    peak = np.lib.stride_tricks.sliding_window_view(heard, PEAK_KNOTS + 1, -1).max(-1)
    over = np.maximum(peak - np.float32(on), np.float32(0)) * np.float32(SHARE_OF_PEAK)
    out = np.where(peak > p, p - over, p)
    waits = (p - heard[..., PEAK_KNOTS - 1 : -1] > RISING) & (p < SURE) & (out >= on)
    return np.asarray(np.where(waits, np.float32(on * BELOW), out), np.float32)


def beside_peaks(p: Array) -> Array:
    """Probabilities [n] of a whole window, the edges of its closures nearer to their peaks on either side."""
    around = np.pad(p, PEAK_KNOTS, mode="edge")
    peak = np.lib.stride_tricks.sliding_window_view(around, 2 * PEAK_KNOTS + 1).max(1)
    over = np.maximum(peak - np.float32(DOUBTFUL), np.float32(0))
    return np.asarray(p - over * np.float32(SHARE_BESIDE_PEAK), np.float32)


def firm(seal: Numbers) -> Numbers:
    """What of a closure is decided, in [0, 1]: lips that are merely near are not pressed together."""
    return np.asarray(np.maximum(seal - UNDECIDED, 0) / (1 - UNDECIDED))


@dataclass(frozen=True, slots=True)
class Breath:
    """Behind the lips of S streams [S]: `pressure` in [0, 1], and knots of `hush` and of `murmur` in this
    closure."""

    pressure: Floats
    hush: Floats
    murmur: Floats

    def after(self, seal: Floats, hush: Floats) -> Breath:
        """One knot later."""
        closed = seal >= 1.0
        if not (closed.any() or self.pressure.any()):
            return rest(len(seal))
        quiet, murmur = self.hush + hush, self.murmur + 1.0 - hush
        builds = (quiet <= PRESSURE_KNOTS) & (murmur <= MURMUR_KNOTS)
        step = np.where(builds, PRESSURE_RISE * hush, -PRESSURE_LEAK)
        moved = self.pressure + np.where(closed, step, -PRESSURE_FALL)
        pressure = np.minimum(np.maximum(moved, 0.0), 1.0)
        return Breath(pressure, np.where(closed, quiet, 0.0), np.where(closed, murmur, 0.0))


def rest(n: int) -> Breath:
    """Of `n` streams without pressure."""
    return Breath(np.zeros(n), np.zeros(n), np.zeros(n))
