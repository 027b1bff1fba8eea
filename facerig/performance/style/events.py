"""Blinks, looks and head turns found in recorded curves, whoever recorded them: for styles, not for science.

Sources of the thresholds: a blink closes and opens within 0.1 to 0.5 s (VanderWerf et al. 2003), a saccade of
2 degrees peaks at 75 deg/s (Bahill et al. 1975).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from facerig.core.channels import INDEX

Numbers = NDArray[np.float64]

FEWEST: Final = 3  # of events, for a median of them
# blinks
OPEN_SECS, OPEN_PERCENT = 1.2, 25.0  # the lid's height around a blink: this percentile of so long
SHALLOWEST: Final = 0.15  # of a lid's way, or
SHALLOWEST_SHARE: Final = 0.3  # of what the deepest do
EDGE: Final = 0.15  # of the depth: where a blink begins and ends
LONGEST_SECS: Final = 0.7  # longer: the eyes are shut
APART_SECS: Final = 0.15
PARTIAL_SHARE: Final = 0.8  # of the median depth: what closes less is partial
DOUBLE_SECS: Final = 0.6  # between two peaks
# looks
NEAR_DEGREES: Final = 5.0  # of where the eyes mostly rest
SHIFT_DEG_PER_SEC: Final = 40.0
SHIFT_DEGREES: Final = 2.0
SHORTEST_LOOK_SECS: Final = 0.15
LOOK_DEGREES: Final = 32.0  # what an eyeLook shape of 1 turns an eye by
# the head
SMOOTH_SECS: Final = 0.12  # takes out a tracker's noise
SLOW_SECS: Final = 4.0  # a posture, not a movement


@dataclass(frozen=True, slots=True)
class BlinkHabits:
    """`depth`, `length_secs` and `closing_share` are medians; `partial` and `double` shares of all."""

    count: int
    rate_per_min: float
    length_secs: float
    depth: float
    closing_share: float
    partial: float
    double: float


@dataclass(frozen=True, slots=True)
class GazeHabits:
    """`share_near`: of the time within NEAR_DEGREES of where eyes mostly rest; `look_secs`: a median stay."""

    share_near: float
    shifts_per_min: float
    look_secs: float | None


@dataclass(frozen=True, slots=True)
class HeadHabits:
    """About the slow mean of SLOW_SECS: root mean square over the three turns, and mean angular speed."""

    rms_degrees: float
    speed_deg_per_sec: float


def blinks_in(values: Numbers, fps: float) -> BlinkHabits:
    """Blinks of both eyes together, from curves [T, 61]."""
    lid = values[:, [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]].mean(1)
    rest = ndimage.percentile_filter(lid, OPEN_PERCENT, max(3, round(OPEN_SECS * fps)), mode="nearest")
    way = np.where(_shut(lid, fps), 0.0, lid - rest)
    lowest = max(SHALLOWEST, SHALLOWEST_SHARE * float(np.percentile(way, 99.5)))
    found, _ = signal.find_peaks(np.pad(way, 1), height=lowest, prominence=lowest / 2,
                                 distance=max(1, round(APART_SECS * fps)))
    spans = [(peak, *_edges(way, peak)) for peak in found - 1]
    spans = [(peak, start, end) for peak, start, end in spans if (end - start) / fps <= LONGEST_SECS]
    minutes = len(values) / fps / 60
    if not spans:
        return BlinkHabits(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    peaks, starts, ends = (np.array(column, np.float64) for column in zip(*spans, strict=True))
    depths = lid[peaks.astype(int)]
    usual = float(np.median(depths))
    full = depths >= PARTIAL_SHARE * usual
    bottoms = np.array([_bottom(way, int(peak)) for peak in peaks])
    gaps = np.diff(peaks) / fps
    return BlinkHabits(
        len(peaks), len(peaks) / minutes, float(np.median((ends - starts)[full])) / fps, usual,
        float(np.median(((bottoms - starts) / (ends - starts))[full])), float(1 - full.mean()),
        float((gaps < DOUBLE_SECS).mean()) if len(gaps) else 0.0)


def _shut(lid: Numbers, fps: float) -> NDArray[np.bool_]:
    """Where the eyes are closed for longer than any blink."""
    out = np.zeros(len(lid), np.bool_)
    usual = float(np.median(lid))
    for start, end in _runs(lid > usual + 0.5 * (lid.max() - usual)):
        if (end - start) / fps > LONGEST_SECS:
            out[start:end] = True
    return np.asarray(ndimage.binary_dilation(out, np.ones(2 * round(LONGEST_SECS * fps) + 1)), np.bool_)


def _edges(way: Numbers, peak: int) -> tuple[float, float]:
    """Where the lid passes EDGE of its way down and up again, in frames and parts of frames."""
    level = EDGE * way[peak]
    start = end = peak
    while start > 0 and way[start - 1] > level:
        start -= 1
    while end < len(way) - 1 and way[end + 1] > level:
        end += 1
    return start - _part(way, start, start - 1, level), end + _part(way, end, end + 1, level)


def _part(way: Numbers, inside: int, outside: int, level: float) -> float:
    """How much of the frame between two of them lies before the level is passed."""
    if not 0 <= outside < len(way):
        return 0.0
    return float((way[inside] - level) / max(way[inside] - way[outside], 1e-9))


def _bottom(way: Numbers, peak: int) -> float:
    """The first frame on which the lid is nearly as low as it gets."""
    first = peak
    while first > 0 and way[first - 1] > 0.9 * way[peak]:
        first -= 1
    return float(first)


def looks_in(degrees: Numbers, fps: float) -> GazeHabits:
    """Looks of a line of sight [T, 2], yaw and pitch in degrees."""
    centre = _busiest(degrees)
    near = np.hypot(*(degrees - centre).T) <= NEAR_DEGREES
    stays = [end - start for start, end in _runs(near) if (end - start) / fps >= SHORTEST_LOOK_SECS]
    turning = np.asarray(np.gradient(degrees, 1 / fps, axis=0))
    speed = np.hypot(turning[:, 0], turning[:, 1])
    shifts = 0
    for start, end in _runs(speed >= SHIFT_DEG_PER_SEC):
        before, after = degrees[max(start - 1, 0)], degrees[min(end, len(degrees) - 1)]
        shifts += bool(np.hypot(*(after - before)) >= SHIFT_DEGREES)
    return GazeHabits(float(near.mean()), shifts / (len(degrees) / fps / 60),
                      float(np.median(stays)) / fps if len(stays) >= FEWEST else None)


def _busiest(degrees: Numbers) -> Numbers:
    """The direction with most frames around it: what somebody talks to."""
    cells, counts = np.unique(np.round(degrees / NEAR_DEGREES).astype(int), axis=0, return_counts=True)
    at = cells[counts.argmax()] * NEAR_DEGREES
    inside = np.hypot(*(degrees - at).T) <= NEAR_DEGREES
    return np.asarray(np.median(degrees[inside], axis=0) if inside.any() else at, np.float64)


def _runs(on: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and one past the last frame of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def line_of_sight(values: Numbers) -> Numbers | None:
    """Yaw and pitch in degrees [T, 2] of eyes and head together; None where no eye moves.

    By the eyes' turns, or where a file has none by its eyeLook shapes.
    """
    turns = np.stack([values[:, [INDEX[f"{side}Eye{turn}"] for side in ("left", "right")]].mean(1)
                      for turn in ("Yaw", "Pitch")], 1) * (180 / np.pi)
    if not np.ptp(turns, axis=0).any():
        left_in, left_out, right_in, right_out = (values[:, INDEX[name]] for name in (
            "eyeLookInLeft", "eyeLookOutLeft", "eyeLookInRight", "eyeLookOutRight"))
        down, up = (values[:, [INDEX[f"eyeLook{way}{side}"] for side in ("Left", "Right")]].mean(1)
                    for way in ("Down", "Up"))
        yaw = (left_in - left_out + right_out - right_in) / 2  # to the subject's right
        turns = np.stack([yaw, down - up], 1) * LOOK_DEGREES
    if not np.ptp(turns, axis=0).any():
        return None
    head = values[:, [INDEX["headYaw"], INDEX["headPitch"]]] * (180 / np.pi)
    return np.asarray(turns + head, np.float64)


def head_in(values: Numbers, fps: float) -> HeadHabits:
    """Movement of the head, from curves [T, 61]."""
    degrees = values[:, [INDEX["headYaw"], INDEX["headPitch"], INDEX["headRoll"]]] * (180 / np.pi)
    smooth = ndimage.gaussian_filter1d(degrees, max(SMOOTH_SECS * fps / 2.5, 0.3), axis=0, mode="nearest")
    slow = ndimage.uniform_filter1d(smooth, max(1, round(SLOW_SECS * fps)), axis=0, mode="nearest")
    speed = np.linalg.norm(np.gradient(smooth, 1 / fps, axis=0), axis=1)
    return HeadHabits(float(np.sqrt(((smooth - slow) ** 2).sum(1).mean())), float(speed.mean()))
