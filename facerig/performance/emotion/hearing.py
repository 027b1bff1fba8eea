"""What the emotion layer hears in the voice, smoothed from knot to knot, and read at frames.

A row per knot: plain numbers, for there are one or two knots a frame and arrays that small cost more than
they do. Between two knots a frame sees their linear mean, one knot late, so that it never needs the next one.
"""

from __future__ import annotations

from math import floor, log
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from facerig.core.clock import KNOT_RATE_HZ
from facerig.core.cues import CUE

# An accent is heard where the voice stands out in pitch, or less surely in level. Brows rise with F0 rises
# (Cavé et al. 1996: 71 % of them) and on emphasised words (Krahmer & Swerts 2007; Guaïtella et al. 2009).
ACCENT_PITCH, ACCENT_LOUDNESS = 1.2, 0.6  # per octave and per 10 dB above the running mean
ACCENT_FROM: Final = 0.35  # what plain syllables reach
RISE_KNOTS, FALL_KNOTS, ROUND_KNOTS = 6.0, 25.0, 6.0  # an eyebrow flash rises in 0.1 to 0.2 s (Grammer 1988)
EFFORT_KNOTS: Final = 20.0
BLEND_SECS: Final = 0.1  # live_blend is the share that stays over so long
_COLUMNS: Final = [CUE[name] for name in ("loudness", "pitch", "voiced", "effort", "heard_arousal",
                                          "heard_valence", "heard_joy", "heard_anger", "heard_sadness")]
Array = NDArray[np.float32]


class Heard(NamedTuple):
    """At one knot: `rising` accent before it is rounded off, `accent` and `effort` in [0, 1], arousal and
    valence in [-1, 1], and the shares of the emotions in the voice; their rest is neutral."""

    rising: float = 0.0
    accent: float = 0.0
    effort: float = 0.0
    arousal: float = 0.0
    valence: float = 0.0
    joy: float = 0.0
    anger: float = 0.0
    sadness: float = 0.0


SILENCE: Final = Heard()


class Hearing:
    """Smooths cues. contrast, live_blend, max_emotions: see EmotionSettings."""

    def __init__(self, contrast: float, live_blend: float, max_emotions: int) -> None:
        self._contrast, self._most = contrast, max_emotions
        knots = BLEND_SECS * KNOT_RATE_HZ
        self._share = 1.0 if live_blend <= 0 else -np.expm1(log(live_blend) / knots).item()

    def followed(self, knots: Array, last: Heard) -> list[Heard]:
        """A row for each of `knots` [m, N_CUES], after `last`."""
        rows = []
        for row in knots[:, _COLUMNS].tolist():
            last = self._next(last, row)
            rows.append(last)
        return rows

    def _next(self, last: Heard, row: list[float]) -> Heard:
        loudness, pitch, voiced, effort, arousal, valence, *shares = row
        wanted = min(1.0, max(0.0, ACCENT_PITCH * pitch * voiced + ACCENT_LOUDNESS * loudness - ACCENT_FROM))
        rising = last.rising + (wanted - last.rising) / (RISE_KNOTS if wanted > last.rising else FALL_KNOTS)
        joy, anger, sadness = self._weighed(shares) if any(shares) else shares
        blend = self._share
        return Heard(rising, last.accent + (rising - last.accent) / ROUND_KNOTS,
                     last.effort + (max(0.0, effort) - last.effort) / EFFORT_KNOTS,
                     last.arousal + (arousal - last.arousal) * blend,
                     last.valence + (valence - last.valence) * blend,
                     last.joy + (joy - last.joy) * blend,
                     last.anger + (anger - last.anger) * blend,
                     last.sadness + (sadness - last.sadness) * blend)

    def _weighed(self, shares: list[float]) -> list[float]:
        """The shares after contrast, and without what is weaker than the `max_emotions` strongest."""
        if self._contrast != 1.0:
            powers = [max(0.0, share) ** self._contrast for share in (1.0 - sum(shares), *shares)]
            whole = sum(powers) or 1.0
            shares = [power / whole for power in powers[1:]]
        if self._most < len(shares):  # less the strongest that goes: nothing jumps where two change places
            least = sorted(shares, reverse=True)[self._most]
            shares = [max(0.0, share - least) for share in shares]
        return shares


def heard_at(time: float, rows: tuple[Heard, ...], first_knot: int) -> Heard:
    """What shows at `time`, s, of `rows` at knots from `first_knot` on."""
    position = time * KNOT_RATE_HZ
    knot = floor(position)
    after = min(knot - first_knot, len(rows) - 1)
    if after <= 0:
        return rows[0]
    one, two, part = rows[after - 1], rows[after], position - knot
    if one == two:
        return one
    return Heard(*[a + (b - a) * part for a, b in zip(one, two, strict=True)])
