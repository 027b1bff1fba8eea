"""How late a recording's curves are against its sound, told by the jaw.

The jaw that the model makes of the sound is compared with the recorded one at every shift. A face tracker, a
phone's microphone and an editor's cut each add some; 30 ms already teach the lips to close late. Longer takes
also tell a
wrong clock: a timecode of 29.97 frames a second reads like one of 30 (see facerig.curve_files).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEP_SECS: Final = 0.01
SEARCH_SECS: Final = 1.5  # shifts looked at
MAX_LAG_SECS: Final = 0.5  # more is not a delay but another recording, or a cut
SURE_SECS: Final = 15.0  # of speech, from which a take's own lag is told from the others'
SAME_SECS: Final = 0.03  # lags nearer than this are one
LEAST_R: Final = 0.2  # below it the curves do not belong to the sound
SURE_R: Final = 0.4
CLOCK_SECS: Final = 60.0  # a take so long drifts by 60 ms at a wrong NTSC clock
CLOCKS: Final = (1.0, 1001 / 1000, 1000 / 1001)  # duration of the curves against what they state
CLOCK_GAIN: Final = 0.01  # of r, that makes another clock credible

_SHIFTS: Final = np.arange(-round(SEARCH_SECS / STEP_SECS), round(SEARCH_SECS / STEP_SECS) + 1) * STEP_SECS


@dataclass(frozen=True, slots=True)
class Match:
    """Fit of recorded curves to a sound: r at each of the shifts, weighed by `secs` of speech."""

    r: Floats
    secs: float
    clock: float

    @property
    def best(self) -> tuple[float, float]:
        """The best lag in s, between two shifts where a parabola puts it, and r there."""
        return _peak(self.r)


@dataclass(frozen=True, slots=True)
class Lag:
    """What a take's curves are moved by: positive where they are late. `r` is the jaw's fit there."""

    secs: float
    r: float
    clock: float


def match(knot_secs: Floats, jaw: Floats, weight: Floats, frame_secs: Floats, recorded: Floats) -> Match:
    """How well the recorded jaw at `frame_secs` follows the model's at `knot_secs`, at every shift.

    weight: 1 where the take can tell (speech and its surroundings), 0 elsewhere.
    """
    secs = float(weight.sum() * STEP_SECS)
    clocks = CLOCKS if frame_secs[-1] - frame_secs[0] >= CLOCK_SECS else CLOCKS[:1]
    curves = [_correlations(knot_secs, jaw, weight, frame_secs * clock, recorded) for clock in clocks]
    best = 0
    for i in range(1, len(curves)):
        if _peak(curves[i])[1] > max(_peak(curves[best])[1], _peak(curves[0])[1] + CLOCK_GAIN):
            best = i
    return Match(curves[best], secs, clocks[best])


def _correlations(knot_secs: Floats, jaw: Floats, weight: Floats, frame_secs: Floats,
                  recorded: Floats) -> Floats:
    shifted = np.stack([np.interp(knot_secs + shift, frame_secs, recorded) for shift in _SHIFTS])
    w = weight / max(float(weight.sum()), 1e-9)
    model = jaw - w @ jaw
    shifted -= (shifted @ w)[:, None]
    power = np.sqrt((shifted**2 @ w) * float(w @ model**2))
    return np.asarray((shifted @ (w * model)) / np.maximum(power, 1e-9), np.float64)


def _peak(r: Floats) -> tuple[float, float]:
    i = int(np.argmax(r))
    if 0 < i < len(r) - 1:
        before, here, after = r[i - 1 : i + 2]
        bend = before - 2 * here + after
        offset = 0.5 * (before - after) / bend if bend < 0 else 0.0
        return float(_SHIFTS[i] + offset * STEP_SECS), float(here)
    return float(_SHIFTS[i]), float(r[i])


def lags(matches: list[Match]) -> list[Lag]:
    """The lag of every take: its own where it can tell, else that of all of them together."""
    if not matches:
        return []
    total = np.sum([m.r * m.secs for m in matches], axis=0)
    common, _ = _peak(total / max(sum(m.secs for m in matches), 1e-9))
    out = []
    for m in matches:
        own, r = m.best
        if m.secs < SURE_SECS or r < SURE_R or abs(own - common) < SAME_SECS:
            own, r = common, float(np.interp(common, _SHIFTS, m.r))
        out.append(Lag(own, r, m.clock))
    return out
