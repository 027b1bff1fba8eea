"""Random numbers of a character: integers from a counter-based generator, the same on every platform.

Draw number `counter` of a `seed` does not depend on what else was drawn, so layers never disturb each other.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from facerig.errors import ConfigError

MAX_SEED: Final = 2**64 - 1
_BITS: Final = 53
_AHEAD: Final = 8  # decisions drawn at once


def checked_seed(seed: int) -> int:
    """`seed` as given. Raises ConfigError for one below 0 or above MAX_SEED."""
    if not 0 <= seed <= MAX_SEED:
        raise ConfigError(f"{seed} is no seed", where="--seed", fix="give a whole number from 0 to 2**64 - 1")
    return seed


def uniform(seed: int, counter: int) -> float:
    """Draw number `counter`, in (0, 1)."""
    bits = np.random.Philox(key=seed, counter=counter).random_raw(1)[0]
    return (int(bits) >> (64 - _BITS)) / (1 << _BITS) or 0.5 / (1 << _BITS)


def uniforms(seed: int, counter: int, n: int) -> list[float]:
    """n draws at once, each in (0, 1): those of the counters from `counter` on, four to each.

    They take the place of the draws of counter .. counter + (n - 1) // 4.
    """
    bits = np.random.Philox(key=seed, counter=counter).random_raw(n).tolist()
    return [(word >> (64 - _BITS)) / (1 << _BITS) or 0.5 / (1 << _BITS) for word in bits]


class Dice:
    """Eight draws for each decision of a layer, by its number.

    Setting a generator up costs more than drawing from it, so those of some decisions are kept ahead.
    """

    def __init__(self, seed: int, first_counter: int) -> None:
        """Raises ConfigError for a bad seed."""
        self._seed, self._first = checked_seed(seed), first_counter
        self._block, self._kept = -1, [[0.5]]

    def __call__(self, number: int) -> list[float]:
        """The draws of decision `number`, each in (0, 1): those of two counters."""
        block, place = divmod(number, _AHEAD)
        if block != self._block:
            draws = uniforms(self._seed, self._first + 2 * _AHEAD * block, 8 * _AHEAD)
            self._kept = [draws[k : k + 8] for k in range(0, len(draws), 8)]
            self._block = block
        return self._kept[place]
