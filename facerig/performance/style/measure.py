"""What recorded curves show of a character: ranges of every curve while speaking, sides, blinks, looks, head.

Measured the same way, facerig's own neutral output gives the table of `reference`; a style is the
difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from facerig.core.channels import CHANNELS, INDEX, N_CHANNELS
from facerig.errors import ConfigError
from facerig.performance.control.selection import curves_named
from facerig.performance.style.events import (
    BlinkHabits,
    GazeHabits,
    HeadHabits,
    blinks_in,
    head_in,
    line_of_sight,
    looks_in,
)
from facerig.performance.style.style import SIDED

Numbers = NDArray[np.float64]

SHORTEST_SECS: Final = 2.0  # of a recording
LOW_PERCENT, HIGH_PERCENT = 5.0, 95.0  # of a curve's range while speaking
TALKING_SHARE: Final = 0.15  # of the jaw's range: beyond it somebody speaks,
TALKING_SECS: Final = 0.25  # and so long before and after
STILL: Final = 0.03  # a jaw that moves less says nothing
MOVES: Final = 0.002  # standard deviation of a curve that is there
SHOWS: Final = 0.015  # mean of both sides, from which they can be compared
_SHAPES: Final = ("jaw", "mouth", "brows", "cheeks", "nose", "tongue")
#  what is measured  the curves of which at least one must move
PARTS: Final = {
    "mouth":  ("jawOpen", "mouthSmile", "mouthLowerDown", "mouthStretch", "mouthPucker", "mouthFunnel"),
    "brows":  ("browDown", "browInnerUp", "browOuterUp"),
    "blinks": ("eyeBlink",),
    "gaze":   ("leftEyeYaw", "leftEyePitch", "eyeLookIn", "eyeLookOut", "eyeLookUp", "eyeLookDown"),
    "head":   ("headYaw", "headPitch", "headRoll"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """`ranges`: LOW_PERCENT and HIGH_PERCENT of each curve or pair that moves, while speaking.

    `sides`: (left - right) / (left + right) of pairs. None for what is not recorded, which `missing` names.
    """

    secs: float
    talking_secs: float
    ranges: Mapping[str, tuple[float, float]]
    sides: Mapping[str, float]
    blinks: BlinkHabits | None
    gaze: GazeHabits | None
    head: HeadHabits | None
    missing: tuple[str, ...]


def measured(values: NDArray[np.floating], fps: float) -> Measured:
    """Of curves [T, 61]; a curve that never changes counts as not recorded.

    Raises ConfigError for another shape, for less than SHORTEST_SECS, and where nothing moves.
    """
    if values.ndim != 2 or values.shape[1] != N_CHANNELS:
        raise ConfigError(f"curves of shape {values.shape}", where="style", fix=f"give [T, {N_CHANNELS}]")
    curves, secs = np.asarray(values, np.float64), len(values) / fps
    if secs < SHORTEST_SECS or not np.isfinite(curves).all():
        raise ConfigError(f"{secs:.2f} s of curves are no reference", where="style",
                          fix=f"give {SHORTEST_SECS:g} s or more; a minute of speech is right")
    moves = curves.std(0) > MOVES
    if not moves.any():
        raise ConfigError("no curve moves", where="style", fix="give curves of somebody who speaks")
    missing = tuple(part for part, names in PARTS.items()
                    if not any(moves[list(curves_named(name))].any() for name in names))
    talking = _talking(curves, fps)
    sight = None if "gaze" in missing else line_of_sight(curves)
    return Measured(
        secs=secs, talking_secs=float(talking.sum() / fps), ranges=_ranges(curves[talking], moves),
        sides=_sides(curves[talking], moves), blinks=None if "blinks" in missing else blinks_in(curves, fps),
        gaze=None if sight is None else looks_in(sight, fps),
        head=None if "head" in missing else head_in(curves, fps), missing=missing)


def _talking(curves: Numbers, fps: float) -> NDArray[np.bool_]:
    """Frames on which somebody speaks, as far as the jaw tells; all where it does not."""
    jaw = curves[:, INDEX["jawOpen"]]
    low, high = np.percentile(jaw, [2, 98])
    if high - low < STILL:
        return np.ones(len(curves), np.bool_)
    around = np.ones(2 * round(TALKING_SECS * fps) + 1, np.bool_)
    return np.asarray(ndimage.binary_dilation(jaw > low + TALKING_SHARE * (high - low), around), np.bool_)


def _ranges(curves: Numbers, moves: NDArray[np.bool_]) -> dict[str, tuple[float, float]]:
    """The jaw counts as far as the lips do not close over it."""
    out = {}
    for name in _names():
        at = [i for i in curves_named(name) if moves[i]]
        if at:
            shown = curves[:, at].mean(1)
            if name == "jawOpen":
                shown = np.maximum(shown - curves[:, INDEX["mouthClose"]], 0)
            low, high = np.percentile(shown, [LOW_PERCENT, HIGH_PERCENT])
            out[name] = (float(low), float(high))
    return out


def _names() -> list[str]:
    """Every shape of the skin, sided ones as pairs."""
    single = [c.name for c in CHANNELS if c.region in _SHAPES and c.mirror == c.name]
    return [*single, *SIDED, "eyeSquint", "eyeWide"]


def _sides(curves: Numbers, moves: NDArray[np.bool_]) -> dict[str, float]:
    out = {}
    for pair in SIDED:
        left, right = curves_named(pair)
        means = curves[:, [left, right]].mean(0)
        if moves[left] and moves[right] and means.mean() > SHOWS:
            out[pair] = float((means[0] - means[1]) / (means[0] + means[1]))
    return out


