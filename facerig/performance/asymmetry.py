"""The small differences between the sides of a face, as closed-form functions of time.

No face moves evenly: around the mouth the sides differ by a few percent, one side leads, and by how much
drifts over seconds. Every pair of curves is weighted apart by a constant of the character and by a slow
drift, so that nothing is added to a face at rest and a closure stays one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX
from facerig.errors import ConfigError
from facerig.performance.draws import checked_seed, uniform

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
_FIRST_DRAW: Final = 1 << 40  # far from the draws of other layers
_DRAWS: Final = 8  # kept for a pair


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair's constant and drifting share, and the waves (period in s, phase in turns) of its drift."""

    constant: float
    drifting: float
    waves: tuple[tuple[float, float], ...]

    def weight(self, times: Times) -> Times:
        """What the left side has more than the mean, and the right less, at `times` [n]."""
        drift = np.mean([_wave(times / period + phase) for period, phase in self.waves], axis=0)
        return np.asarray(self.constant + self.drifting * drift, np.float64)


class Asymmetry:
    """A layer: weighs left and right of frames float32 [n, 61] apart at known times; keeps no state."""

    def __init__(self, seed: int, amount: float = 1.0) -> None:
        """amount: 1 for a natural face, 0 for a mirror image. Raises ConfigError for a bad seed or amount."""
        if not 0.0 <= amount <= 5.0:
            raise ConfigError(f"an asymmetry of {amount} is out of range", where="asymmetry",
                              fix="give 0 (mirrored) to 5; 1 is natural")
        self.amount, self._seed = amount, checked_seed(seed)
        leads = self._signed(0)
        self._pairs = [self._pair(number, name, leads) for number, name in enumerate(SHARES, 1)]
        self._left = [INDEX[f"{name}Left"] for name in SHARES]
        self._right = [INDEX[f"{name}Right"] for name in SHARES]

    def _draw(self, number: int, which: int) -> float:
        return uniform(self._seed, _FIRST_DRAW + _DRAWS * number + which)

    def _signed(self, number: int) -> float:
        """A number in [-1, 1] that is not near 0: evenly 0.4 to 1 to either side."""
        x = 2 * self._draw(number, 0) - 1
        return (0.4 + 0.6 * abs(x)) * (1 if x > 0 else -1)

    def _pair(self, number: int, name: str, leads: float) -> Pair:
        """How pair `number` of the table leans, where `leads` is the leading side of the face."""
        share = SHARES[name] * self.amount
        own = LEADING * leads + (1 - LEADING) * self._signed(number)
        waves = tuple((low + (high - low) * self._draw(number, 1 + 2 * k), self._draw(number, 2 + 2 * k))
                      for k, (low, high) in enumerate(PERIODS_SECS))
        return Pair(CONSTANT * share * own, DRIFTING * share, waves)

    def apply(self, frames: Array, times: Times) -> Array:
        """`frames` with their sides weighted at `times` (seconds, float64 [n]); values stay in [0, 1]."""
        if not len(times) or not self.amount:
            return frames
        weights = np.stack([pair.weight(times) for pair in self._pairs], 1)
        out = frames.copy()
        out[:, self._left] = np.clip(frames[:, self._left] * (1 + weights), 0, 1)
        out[:, self._right] = np.clip(frames[:, self._right] * (1 - weights), 0, 1)
        return out


def _wave(turns: Times) -> Times:
    """A smooth wave in [-1, 1] with a period of 1; of sums and products alone, so that any split is exact."""
    x = np.abs(2 * (turns - np.floor(turns)) - 1)
    return np.asarray(2 * x * x * (3 - 2 * x) - 1, np.float64)
