"""From what recorded curves show to a style: in what they differ from facerig's own neutral output.

Gains are ratios of ranges while speaking (5th to 95th percentile), blinks and looks go over as they are
counted, the head by its speed. What a recording lacks, or holds too little of, is left out; remarks say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from facerig.performance.control.controls import CurveControl
from facerig.performance.eyes.attention import GazeSettings
from facerig.performance.knobs import knobs
from facerig.performance.style import reference as ours
from facerig.performance.style.events import BlinkHabits, GazeHabits
from facerig.performance.style.measure import Measured
from facerig.performance.style.settings_table import Told
from facerig.performance.style.style import LIP_CURVES, SECTIONS, Style

ENOUGH_SECS: Final = 20.0  # of speech: below, what was said weighs more than who said it
BLINKS_SECS, FEWEST_BLINKS, MANY_BLINKS = 20.0, 3, 20  # for a rate and a length; for shares of them
GAZE_SECS: Final = 10.0
LEAST_RANGE: Final = 0.04  # of our own curve: below, a ratio of ranges is noise
DEAD_SHARE: Final = 0.3  # of our range: a recorded curve with less is one that many trackers do not see
GAINS: Final = (0.4, 2.5)  # least and most of a curve's gain
OWN_GAIN: Final = 0.12  # a curve that leaves its group's knob by more gets a gain of its own
PRIOR_SECS: Final = 4.0  # of speech that speak for our own ranges: what was said differs too
# What belongs to closures tells how many p, b, m there were; tongue and puff are seen by hardly any tracker.
UNJUDGED: Final = ("mouthClose", "mouthShrugLower", "mouthPress", "mouthRollLower", "tongueOut", "cheekPuff")
REST: Final = 0.03, 0.2  # a curve that never falls below the first rests there, but no higher than the second
RESTING: Final = ("mouthSmile", "mouthFrown", "mouthPress", "mouthDimple", "browDown", "browInnerUp",
                  "browOuterUp", "eyeSquint", "eyeWide", "cheekSquint", "noseSneer")  # none parts the lips
LEANS: Final = 0.03, 0.3  # a face leans to a side from the first, and by no more than the second
ODD_SIDE: Final = 0.15  # a pair that leaves the face's lean by more is crooked by itself
FEWEST_PAIRS: Final = 3
NATURAL_SIDES: Final = 0.024  # rms over pairs of what an asymmetry of 1 gives
MOST_ASYMMETRY: Final = 3.0


@dataclass(frozen=True, slots=True)
class Extracted:
    """`style`, and `remarks` about what was left out or is unsure."""

    style: Style
    remarks: tuple[str, ...]


def extracted(found: Measured, name: str = "") -> Extracted:
    """The style of a recording."""
    gains = _gains(found)
    lips, own = _lips(gains)
    sides, sided = _sides(found)
    rests = _rests(found, gains)
    curves = {curve: CurveControl(gain=_round(own.get(curve, 1.0)), offset=_round(rests.get(curve, 0.0)))
              for curve in (*own, *(curve for curve in rests if curve not in own))}
    curves |= {curve: CurveControl(gain=_round(gain)) for curve, gain in sided.items()}
    told = {"lips": lips, "asymmetry": sides, "blinks": _blinks(found), "gaze": _gaze(found),
            "head": _head(found)}
    sections = {section: ranged for section, one in told.items() if (ranged := _ranged(section, one))}
    return Extracted(Style(name=name, sections=sections, curves=curves), tuple(_remarks(found)))


def _gains(found: Measured) -> dict[str, float]:
    """Ratio of ranges of every curve that moves here and with us."""
    out, weight = {}, found.talking_secs / (found.talking_secs + PRIOR_SECS)
    for curve, (low, high) in found.ranges.items():
        our_low, our_high = ours.RANGES.get(curve, (0.0, 0.0))
        if our_high - our_low >= LEAST_RANGE and curve not in UNJUDGED:
            ratio = (high - low) / (our_high - our_low)
            if ratio >= DEAD_SHARE:
                out[curve] = float(np.clip(ratio**weight, *GAINS))
    return out


def _lips(gains: Mapping[str, float]) -> tuple[Told, dict[str, float]]:
    """The knobs of the lips, each a mean of its curves' gains by our ranges, and gains of curves besides."""
    knobs_told, own = {}, dict(gains)
    for knob, curves in LIP_CURVES.items():
        shared = [curve for curve in curves if curve in gains]
        if not shared:
            continue
        logs = [np.log(gains[curve]) for curve in shared]
        mean = np.average(logs, weights=[ours.RANGES[curve][1] for curve in shared])
        knobs_told[knob] = _round(float(np.exp(mean)))
        for curve in curves:
            rest = own.pop(curve, knobs_told[knob]) / knobs_told[knob]
            if abs(rest - 1) > OWN_GAIN:
                own[curve] = rest
    mouth = {curve for curves in LIP_CURVES.values() for curve in curves}
    return knobs_told, {curve: gain for curve, gain in own.items()
                        if curve in mouth or abs(gain - 1) > OWN_GAIN}


def _rests(found: Measured, gains: Mapping[str, float]) -> dict[str, float]:
    """Where curves rest that never come down to where ours rest."""
    out = {}
    for curve in RESTING:
        low, _ = found.ranges.get(curve, (0.0, 0.0))
        over = low - gains.get(curve, 1.0) * ours.RANGES.get(curve, (0.0, 0.0))[0]
        if over >= REST[0]:
            out[curve] = min(over, REST[1])
    return out


def _sides(found: Measured) -> tuple[Told, dict[str, float]]:
    """Lean and unevenness of the whole face, and gains of sides that are crooked by themselves."""
    if len(found.sides) < FEWEST_PAIRS:
        return {}, {}
    lean = float(np.median(list(found.sides.values())))
    lean = float(np.clip(lean, -LEANS[1], LEANS[1])) if abs(lean) >= LEANS[0] else 0.0
    own = {pair: side - lean for pair, side in found.sides.items()}
    crooked = {pair: side for pair, side in own.items() if abs(side) > ODD_SIDE}
    even = [side for pair, side in own.items() if pair not in crooked]
    sided = {f"{pair}{name}": 1 + sign * max(-0.9, min(side, 0.9)) for pair, side in crooked.items()
             for name, sign in (("Left", 1), ("Right", -1))}
    told: dict[str, Any] = {"left": _round(lean)} if lean else {}
    if len(even) >= FEWEST_PAIRS:
        told["amount"] = _round(min(float(np.sqrt(np.mean(np.square(even)))) / NATURAL_SIDES, MOST_ASYMMETRY))
    return told, sided


def _blinks(found: Measured) -> Told:
    seen: BlinkHabits | None = found.blinks
    if seen is None or found.secs < BLINKS_SECS:
        return {}
    if seen.count < FEWEST_BLINKS:
        return {"rate": _round(max(seen.rate_per_min, 1.0))}
    told = {"rate": _round(seen.rate_per_min), "length": _round(seen.length_secs / ours.BLINKS.length_secs),
            "depth": _round(min(seen.depth / ours.BLINKS.depth, 1.0))}
    if seen.count >= MANY_BLINKS:
        told |= {"partial": _round(seen.partial), "double": _round(min(seen.double, 0.5))}
    return told


def _gaze(found: Measured) -> Told:
    seen: GazeHabits | None = found.gaze
    if seen is None or found.secs < GAZE_SECS or not seen.shifts_per_min:
        return {}
    if ours.GAZE is None:
        return {}
    usual = GazeSettings()  # what is near, and what a look, is counted otherwise than the layer plans it
    told = {"share_speaking": _round(usual.share_speaking * seen.share_near / ours.GAZE.share_near)}
    if seen.look_secs is not None and ours.GAZE.look_secs is not None:
        told["look_speaking_secs"] = _round(usual.look_speaking_secs * seen.look_secs / ours.GAZE.look_secs)
    return told


def _head(found: Measured) -> Told:
    if found.head is None or ours.HEAD is None:
        return {}
    return {"energy": _round(found.head.speed_deg_per_sec / ours.HEAD.speed_deg_per_sec)}


def _ranged(section: str, told: Told) -> Told:
    """What is told within the knobs' ranges; what the settings do not know is left out."""
    ranges = {field.name: knob for field, knob in knobs(SECTIONS[section])}
    return {key: min(max(value, ranges[key].least), ranges[key].most) for key, value in told.items()
            if key in ranges}


def _remarks(found: Measured) -> list[str]:
    out = [f"{part}: not in the recording, left out" for part in found.missing]
    if found.talking_secs < ENOUGH_SECS and "mouth" not in found.missing:
        out.append(f"{found.talking_secs:.0f} s of speech are few: what was said weighs as much as who said "
                   f"it; {ENOUGH_SECS:g} s or more are right")
    if found.blinks is not None and found.secs < BLINKS_SECS:
        out.append(f"blinks: {found.secs:.0f} s are too short to count them, left out")
    dead = [curve for curve, (low, high) in ours.RANGES.items() if high - low >= LEAST_RANGE
            and curve not in UNJUDGED
            and np.ptp(found.ranges.get(curve, (0.0, 0.0))) < DEAD_SHARE * (high - low)]
    if dead and "mouth" not in found.missing:
        out.append(f"{', '.join(dead)}: hardly move in the recording (many trackers do not see them), "
                   "left out")
    return out


def _round(value: float) -> float:
    return round(float(value), 3)
