"""The open shape: the network's tracks widened to what a face shows, and the tongue kept between the teeth.

A network trained to be right on average moves less than a face does, most of all the jaw: peaks of a stressed
/a/ come out at 0.25 to 0.3, consonants at 0.13 to 0.17. So the jaw is spread around the consonants: vowels
open, consonants do not hang ajar. All operations are elementwise: any split of a stream gives the same bits.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.encoder.tracks import CURVE_TRACKS

Array = NDArray[np.float32]
Numbers = NDArray[np.floating[Any]]

# The jaw before `strength`: slope JAW_SLOPE up to JAW_PIVOT, beyond it JAW_OPENING more; the end is soft.
JAW_PIVOT: Final = 0.13  # s, t, k: teeth near each other
JAW_SLOPE: Final = 0.80
JAW_OPENING: Final = 0.88
JAW_SOFT, JAW_MOST = 0.36, 0.75  # from here on it opens ever less, and never more than this
LOUDER, SOFTER = 0.30, 0.20  # of the open shape, at an effort of 1 and -1: shouts open, whispers less

# tongueOut: up to TONGUE_BEHIND the tongue fills the mouth behind the lower teeth (l, n, t, d), from
# TONGUE_BETWEEN on it lies between the rows (th); in the middle it would cut through the teeth.
TONGUE_BEHIND, TONGUE_BETWEEN, TONGUE_MOST = 0.20, 0.44, 0.50
#                     behind the teeth     through    between
TONGUE_TRACK: Final = (0.00, 0.20, 0.34,   0.43,      0.60)
TONGUE_SHOWN: Final = (0.00, 0.18, TONGUE_BEHIND, TONGUE_BETWEEN, TONGUE_MOST)
# jaw that the tongue asks for: none behind the teeth, this much between them
TONGUE_ROOM: Final = 0.115

_JAW, _TONGUE = CURVE_TRACKS.index("jawOpen"), CURVE_TRACKS.index("tongueOut")


def opened(shape: Numbers, strength: float, effort: Numbers) -> Array:
    """The open shape of `shape` [n, N_CURVE_TRACKS] in [0, 1], for a speech effort in [-1, 1] [n]."""
    factor = strength * (1 + np.maximum(LOUDER * effort, SOFTER * effort))
    shape = np.maximum(shape, 0)
    out = np.minimum(shape * factor[:, None], 1)
    out[:, _JAW] = _jaw(shape[:, _JAW], factor)
    tongue = np.interp(shape[:, _TONGUE], TONGUE_TRACK, TONGUE_SHOWN)
    out[:, _TONGUE] = tongue
    between = np.maximum(tongue - TONGUE_BEHIND, 0) / (TONGUE_BETWEEN - TONGUE_BEHIND)
    out[:, _JAW] = np.maximum(out[:, _JAW], TONGUE_ROOM * np.minimum(between, 1))
    return np.asarray(out, np.float32)


def _jaw(jaw: Numbers, factor: Numbers) -> Numbers:
    wide = factor * (JAW_SLOPE * jaw + JAW_OPENING * np.maximum(jaw - JAW_PIVOT, 0))
    over = np.maximum(wide - JAW_SOFT, 0)
    return np.asarray(np.minimum(wide, JAW_SOFT) + over / (1 + over / (JAW_MOST - JAW_SOFT)))


def tongue_room(tongue: Numbers, jaw: Numbers) -> Numbers:
    """The tongue [n] held behind the lower teeth where the `jaw` [n] leaves no room between the rows."""
    room = np.maximum(jaw - 0.5 * TONGUE_ROOM, 0) * (2 / TONGUE_ROOM)
    return np.asarray(np.minimum(tongue, TONGUE_BEHIND + np.minimum(room, 1) * (TONGUE_MOST - TONGUE_BEHIND)))
