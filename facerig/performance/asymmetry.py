"""The small differences between the sides of a face, as closed-form functions of time.

No face moves evenly: around the mouth the sides differ by a few percent, one side leads, and by how much
drifts over seconds. Every pair of curves is weighted apart by a constant of the character and by a slow
drift, so that nothing is added to a face at rest and a closure stays one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX
from facerig.core.rows import of_rows
from facerig.errors import ConfigError
from facerig.performance.draws import checked_seed, uniform
from facerig.performance.easing import wave

Array = NDArray[np.float32]
Times = NDArray[np.float64]

# pair            most by which a side leaves the mean, as a share (the sides differ by twice that)
SHARES: Final = {
    "mouthSmile":     0.08,  # the zygomatic side difference is the largest one sees
    "mouthStretch":   0.08,
    "mouthLowerDown": 0.07,
    "mouthUpperUp":   0.07,
    "mouthFrown":     0.07,
    "mouthDimple":    0.07,
    "mouthPress":     0.05,
    "cheekSquint":    0.06,
    "noseSneer":      0.06,
    "eyeSquint":      0.05,
    "browDown":       0.05,
    "browOuterUp":    0.05,
}
CONSTANT, DRIFTING = 0.65, 0.35  # of the share
LEADING: Final = 0.6  # of the constant: one side leads in the whole face, the rest is each pair's own
PERIODS_SECS: Final = ((4.0, 9.0), (9.0, 19.0))  # of the two waves of a drift
MOST: Final = 5.0  # as often as natural: the sides still keep what they show
_NUMBERS: Final = range(1, 1 + len(SHARES))
_SIDES: Final = np.array([INDEX[f"{name}{side}"] for side in ("Left", "Right") for name in SHARES])
_FIRST_DRAW: Final = 1 << 40  # far from the draws of other layers
_DRAWS: Final = 8  # kept for a pair


class Asymmetry:
    """A layer: weighs left and right of frames float32 [n, 61] apart at known times; keeps no state."""

    def __init__(self, seed: int, amount: float = 1.0) -> None:
        """amount: 1 for a natural face, 0 for a mirror image. Raises ConfigError for a bad seed or amount."""
        if not 0.0 <= amount <= MOST:
            raise ConfigError(f"an asymmetry of {amount} is out of range", where="asymmetry",
                              fix=f"give 0 (mirrored) to {MOST:g}; 1 is natural")
        self.amount, self._seed = amount, checked_seed(seed)
        shares = np.array(list(SHARES.values())) * amount
        leads, own = self._signed(0), np.array([self._signed(number) for number in _NUMBERS])
        self._constant = CONSTANT * shares * (LEADING * leads + (1 - LEADING) * own)
        self._drifting = DRIFTING * shares / len(PERIODS_SECS)
        waves = range(len(PERIODS_SECS))
        fastest, slowest = np.array(PERIODS_SECS).T[:, :, None]
        places = np.array([[self._draw(number, 1 + 2 * k) for number in _NUMBERS] for k in waves])
        self._turns_hz = 1 / (fastest + (slowest - fastest) * places)
        self._phases = np.array([[self._draw(number, 2 + 2 * k) for number in _NUMBERS] for k in waves])

    def _draw(self, number: int, which: int) -> float:
        return uniform(self._seed, _FIRST_DRAW + _DRAWS * number + which)

    def _signed(self, number: int) -> float:
        """A number in [-1, 1] that is not near 0: evenly 0.4 to 1 to either side."""
        x = 2 * self._draw(number, 0) - 1
        return (0.4 + 0.6 * abs(x)) * (1 if x > 0 else -1)

    def weights(self, times: Times) -> Times:
        """What the left side of each pair has more than the mean, and the right less [n, len(SHARES)]."""
        return _weights([self], [len(times)], times)

    def apply(self, frames: Array, times: Times) -> Array:
        """`frames` with their sides weighted at `times` (seconds, float64 [n]); values stay in [0, 1]."""
        return applied([self], [len(times)], frames, times) if self.amount else frames


def applied(layers: Sequence[Asymmetry], counts: Sequence[int], frames: Array, times: Times) -> Array:
    """Frames of several characters one after the other [N, 61] at `times` [N], `counts` of each."""
    weights, out = _weights(layers, counts, times), frames.copy()
    sides = 1 + np.concatenate([weights, -weights], 1)
    out[:, _SIDES] = np.minimum(frames.take(_SIDES, 1) * sides, 1)
    return out


def _weights(layers: Sequence[Asymmetry], counts: Sequence[int], times: Times) -> Times:
    turns_hz, phases, constant, drifting = (
        of_rows([getattr(layer, name) for layer in layers], counts)
        for name in ("_turns_hz", "_phases", "_constant", "_drifting"))
    waves = wave(times[:, None, None] * turns_hz + phases)
    return np.asarray(constant + drifting * (waves[:, 0] + waves[:, 1]), np.float64)
