"""Random numbers of a character: integers from a counter-based generator, the same on every platform.

Draw number `counter` of a `seed` does not depend on what else was drawn, so layers never disturb each other.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from facerig.errors import ConfigError

MAX_SEED: Final = 2**64 - 1
_BITS: Final = 53


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
