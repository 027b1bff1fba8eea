"""Blinks: a character's rate, log-normal intervals, and moments that draw a blink to them.

Blinks keep a timetable of their own, whose intervals are log-normal. A pause of the voice or a large gaze
shift pulls the blink that is due next towards it, and speech holds one back for a moment; the timetable goes
on from where it was, so that rate and intervals stay human however much happens.

    rate, a minute   conversation 10.5 to 32.5, rest 8 to 21, reading 1.4 to 14.4 (95 %)  Doughty 2001
    intervals        log-normal, sigma 0.7 to 0.9
    closing          a third of the blink; 40 to 47 % faster than opening                 Sforza et al. 2008
    at pauses        speakers and listeners blink there            Nakano & Kitazawa 2010
    at gaze shifts   nearly always beyond 30 degrees, rarely below 10                     Evinger et al. 1994
"""

from __future__ import annotations

import math
from bisect import insort
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Final, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.core.clock import KNOT_RATE_HZ
from facerig.errors import ConfigError
from facerig.performance.draws import Dice
from facerig.performance.easing import smooth
from facerig.performance.knobs import check, knob
from facerig.performance.moment import Moment, Mood

Array = NDArray[np.float32]
Times = NDArray[np.float64]
Occupation = Literal["conversation", "rest", "reading"]

#                   median a minute, sigma of its logarithm over characters: 95 % within Doughty's ranges
RATES: Final[dict[Occupation, tuple[float, float]]] = {
    "conversation": (20.0,           0.20),   # 13.5 to 29.6
    "rest":         (14.0,           0.17),   # 10.0 to 19.5
    "reading":      (7.0,            0.30),   # 3.9 to 12.6
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BlinkSettings:
    """Habits of a character's lids. `state`: what it is at: conversation, rest or reading."""

    state: Occupation = "conversation"
    rate: float = knob(0.0, 0.0, 60.0, "blinks a minute of this character; 0: drawn around the state's")
    spread: float = knob(0.85, 0.1, 1.2, "sigma of the logarithm of intervals (people: 0.7 to 0.9)")
    concentration: float = knob(0.0, 0.0, 1.0, "1 blinks 60 % less often")
    attraction: float = knob(0.7, 0.0, 1.0, "how much pauses and gaze shifts draw blinks to them")
    partial: float = knob(0.15, 0.0, 1.0, "of the blinks do not close the eye")
    double: float = knob(0.03, 0.0, 0.5, "of the blinks are followed by another at once")
    length: float = knob(1.0, 0.6, 1.6, "of a blink; 1 is about 0.24 s for a full one")
    depth: float = knob(1.0, 0.0, 1.0, "of a full blink: 1 closes the eye, 0 turns blinks off")
    asymmetry: float = knob(1.0, 0.0, 3.0, "how far the lids differ: 1 is natural, 0 moves them as one")

    def __post_init__(self) -> None:
        check(self, "blinks")
        if self.state not in get_args(Occupation):
            raise ConfigError(f"{self.state!r} is no state", where="blinks.state",
                              fix=f"give one of {', '.join(get_args(Occupation))}")


FIRST_DRAW: Final = 0
CHARACTER: Final = 1 << 36  # a decision that no stream comes to
FIRST_SECS: Final = (0.4, 2.2)  # a short clip blinks too
SHORTEST_SECS: Final = 0.4  # between two blinks' starts
LONGEST_SECS: Final = 60.0
MOST_LATE_SECS: Final = 1.0  # behind the timetable: what was kept open longer is not made up for
#                            secs
CLOSING: Final = (0.085, 0.12, 0.065, 0.115)  # median, sigma of the logarithm, least, most
CLOSING_SHARE: Final = (0.29, 0.37)  # of the whole
SHUT: Final = 0.045  # at least: longer than a frame at 24 fps
PARTIAL_SHUT: Final = 0.015
LONGEST_SHUT: Final = 0.12
LEAD_SECS: Final = 0.008  # one lid comes before the other by at most this
DEPTHS, PARTIAL_DEPTHS = (0.94, 1.0), (0.35, 0.75)
APART_SECS: Final = 0.4  # by which two that are due at once come later than that, at most
DOUBLE_SECS: Final = (0.4, 0.52)  # to the second of two
MOST_SECS: Final = 0.7  # of any blink, start to end

VOICE_ON, VOICE_OFF = 0.5, 0.3
PHRASE_SECS: Final = 0.6  # of voice before: a pause then ends a phrase
EVOKING_DEGREES: Final = (12.0, 35.0)  # gaze shifts that never and always draw a blink
PULLED: Final = 0.55  # of an interval: a blink comes at most this much earlier than due
#                chance    s after
AT_PAUSE: Final = (0.75,   0.15)
AT_SHIFT_SECS: Final = 0.02
HELD: Final = (0.5,        0.9)  # while speaking a due blink waits this often, up to so long


class Blink(NamedTuple):
    """Start and lengths, s; `depth` in [0, 1]; the right lid comes `lead` s later, by `right` deeper."""

    start: float
    closing: float
    shut: float
    opening: float
    depth: float
    lead: float
    right: float

    @property
    def end(self) -> float:
        """When both lids are open again."""
        return self.start + self.closing + self.shut + self.opening + abs(self.lead)

    def lids(self, times: Times) -> tuple[Times, Times]:
        """Closure of the left and the right lid at `times`."""
        left = _closure(times - (self.start + max(0.0, -self.lead)), self)
        if not self.lead:
            return left * self.depth, left * min(1.0, self.depth * (1.0 + self.right))
        right = _closure(times - (self.start + max(0.0, self.lead)), self)
        return left * self.depth, right * min(1.0, self.depth * (1.0 + self.right))


def _closure(t: Times, blink: Blink) -> Times:
    """0 open to 1, `t` s after a lid sets out. It opens fast at first and settles slowly."""
    x = np.clip(t / blink.closing, 0.0, 1.0)
    y = np.clip((t - (blink.closing + blink.shut)) / blink.opening, 0.0, 1.0)
    y = y * (1.5 - 0.5 * y)
    return np.asarray(smooth(x) - smooth(y), np.float64)


@dataclass(frozen=True, slots=True)
class BlinkState:
    """`blinks`: those frames may yet need; `number`: drawn so far; `timetable`: when the next is due;
    `next_at`: when it will come; `last_at`: when the last came; `held`: whether the next one has been made to
    wait; `second`: whether it is the second of two; `asked`: those on demand to come; `still`: spans without.
    """

    blinks: tuple[Blink, ...] = ()
    number: int = 0
    timetable: float = 0.0
    next_at: float = 0.0
    last_at: float = -1.0
    held: bool = False
    second: bool = False
    voice: bool = False
    voice_since: float = 0.0
    shift_seen: float = -1.0
    asked: tuple[float, ...] = ()
    still: tuple[tuple[float, float], ...] = ()


class BlinkLayer:
    """A layer: closes lids; how far, it tells in eyeBlinkLeft and eyeBlinkRight."""

    def __init__(self, seed: int, settings: BlinkSettings | None = None) -> None:
        """Raises ConfigError for a bad seed."""
        self.settings, self._dice = settings or BlinkSettings(), Dice(seed, FIRST_DRAW)
        median, sigma = RATES[self.settings.state]
        drawn = median * math.exp(sigma * NormalDist().inv_cdf(self._dice(CHARACTER)[0]))
        #: blinks a minute of this character
        self.rate: float = self.settings.rate or drawn

    def initial_state(self) -> BlinkState:
        """Eyes open; the first blink comes soon, whatever the rate."""
        first = _between(self._dice(CHARACTER)[1], *FIRST_SECS)
        return BlinkState(timetable=first, next_at=first)

    def told(self, state: BlinkState, at_secs: float) -> BlinkState:
        """A full blink at `at_secs`; the next one by chance counts from there."""
        asked = list(state.asked)
        insort(asked, at_secs)
        return replace(state, asked=tuple(asked))

    def kept_open(self, state: BlinkState, from_secs: float, to_secs: float) -> BlinkState:
        """No blink by chance begins, or is still on, between these times."""
        return replace(state, still=(*state.still, (from_secs, to_secs)))

    def plan(self, moment: Moment, mood: Mood, state: BlinkState,
             shifts: tuple[tuple[float, float], ...] = ()) -> BlinkState:
        """Decide at the moment's knots. shifts: (start in s, radians) of gaze shifts, sorted."""
        state = _pruned(state, moment.times)
        voices = moment.knot_cue("voice").tolist()
        if not voices:
            return state
        shifts = tuple(shift for shift in shifts if shift[0] > state.shift_seen)
        due = _due(state, shifts)
        for j, voice in enumerate(voices):
            now = (moment.first_knot + j) / KNOT_RATE_HZ
            talks = voice > (VOICE_OFF if state.voice else VOICE_ON)
            if now < due and talks is state.voice:
                continue
            state = self._heard(state, now, talks) if talks is not state.voice else state
            while shifts and shifts[0][0] <= now:
                state = self._shifted(state, now, *shifts[0])
                shifts = shifts[1:]
            while state.asked and state.asked[0] <= now + 1 / KNOT_RATE_HZ:
                state = self._asked(state)
            if now >= state.next_at:
                arousal, valence, _ = mood.knots[j].tolist()
                state = self._fallen_due(state, now, arousal, valence)
            due = _due(state, shifts)
        return state

    def _heard(self, state: BlinkState, now: float, voice: bool) -> BlinkState:
        lasted = now - state.voice_since
        state = replace(state, voice=voice, voice_since=now)
        if voice or lasted < PHRASE_SECS:
            return state
        us = self._dice(state.number)
        if us[6] < AT_PAUSE[0] * self.settings.attraction:
            return self._pulled(state, now + AT_PAUSE[1] * us[7])
        return state

    def _shifted(self, state: BlinkState, now: float, start: float, radians: float) -> BlinkState:
        state = replace(state, shift_seen=start)
        low, high = EVOKING_DEGREES
        chance = (math.degrees(radians) - low) / (high - low)
        us = self._dice(state.number)
        if us[7] < chance * min(1.0, 1.4 * self.settings.attraction):
            return self._pulled(state, now + AT_SHIFT_SECS * us[6])
        return state

    def _pulled(self, state: BlinkState, at: float) -> BlinkState:
        """The next blink comes at `at` if it is due not long after."""
        if state.second or at >= state.next_at or at - state.last_at < SHORTEST_SECS:
            return state
        early = PULLED * (state.timetable - max(state.last_at, 0.0))
        return replace(state, next_at=at) if state.timetable - at <= early else state

    def _asked(self, state: BlinkState) -> BlinkState:
        at, asked = state.asked[0], state.asked[1:]
        us = self._dice(state.number)
        blink = self._blink(us, at, partial=False, slow=1.0)
        late = max(0.0, at + SHORTEST_SECS - state.next_at)
        if state.next_at - at < 0.3 * 60 / self.rate:  # the one that was due has come with it
            late = max(late, self._interval(us[5], 0.0, 0.0))
        return replace(state, blinks=(*state.blinks, blink), number=state.number + 1, asked=asked,
                       timetable=state.timetable + late, next_at=state.next_at + late, last_at=at,
                       second=False)

    def _fallen_due(self, state: BlinkState, now: float, arousal: float, valence: float) -> BlinkState:
        us = self._dice(state.number)
        open_until = max((end for start, end in state.still if start - MOST_SECS < now < end), default=0.0)
        if open_until > now:
            return replace(state, next_at=open_until + 0.1 * us[7], held=True)
        if state.asked and state.asked[0] - now < SHORTEST_SECS:  # it comes with the one on demand
            return replace(state, next_at=state.asked[0] + SHORTEST_SECS, held=True)
        if state.voice and not state.held and not state.second and us[6] < HELD[0] * self.settings.attraction:
            return replace(state, next_at=now + HELD[1] * us[7], held=True)
        sad = math.sqrt(max(0.0, -valence) * max(0.0, -arousal))
        partial = us[2] < self.settings.partial and not state.second
        blink = self._blink(us, now + 0.9 / KNOT_RATE_HZ * us[3], partial=partial, slow=1 + 0.4 * sad)
        timetable = state.timetable
        second = not partial and not state.second and us[2] > 1 - self.settings.double
        if second:
            next_at = blink.start + _between(us[4], *DOUBLE_SECS)
        else:
            timetable = max(timetable, now - MOST_LATE_SECS) + self._interval(us[5], arousal, valence)
            next_at = max(timetable, blink.start + SHORTEST_SECS + APART_SECS * us[7])
        return replace(state, blinks=(*state.blinks, blink), number=state.number + 1, timetable=timetable,
                       next_at=next_at, last_at=blink.start, held=False, second=second)

    def _interval(self, u: float, arousal: float, valence: float) -> float:
        """On the timetable, s: the mean is what the rate asks for."""
        more = math.exp(0.35 * arousal) * (1 + 0.25 * max(0.0, -valence) * max(0.0, arousal))
        mean = 60 / (self.rate * more * (1 - 0.6 * self.settings.concentration)) * (1 + self.settings.double)
        sigma = self.settings.spread
        drawn = mean * math.exp(sigma * NormalDist().inv_cdf(u) - sigma * sigma / 2)
        return min(LONGEST_SECS, max(SHORTEST_SECS, drawn))

    def _blink(self, us: list[float], start: float, *, partial: bool, slow: float) -> Blink:
        """One blink. `slow`: how much longer its shutting and opening take."""
        settings = self.settings
        median, sigma, least, most = CLOSING
        drawn = median * math.exp(sigma * NormalDist().inv_cdf(us[0]))
        closing = min(most, max(least, drawn)) * settings.length
        rest = closing * (1 / _between(us[1], *CLOSING_SHARE) - 1)
        shut = PARTIAL_SHUT if partial else min(LONGEST_SHUT, max(SHUT, SHUT * settings.length) * slow)
        apart = settings.asymmetry * (2 * us[4] - 1)
        depth = _between(us[4], *(PARTIAL_DEPTHS if partial else DEPTHS)) * settings.depth
        return Blink(start, closing, shut, max(0.08, (rest - SHUT) * slow), depth,
                     LEAD_SECS * settings.asymmetry * (2 * us[3] - 1), 0.02 * apart)

    def draw(self, times: Times, state: BlinkState) -> Array:
        """Closure of the lids at sorted `times`, s: float32 [n, 61], 1 is shut."""
        out = np.zeros((len(times), N_CHANNELS), np.float32)
        if not len(times) or not state.blinks:
            return out
        first, last = float(times[0]), float(times[-1])
        for blink in state.blinks:
            if blink.start >= last or blink.end <= first:
                continue
            a, b = np.searchsorted(times, (blink.start, blink.end)).tolist()
            left, right = blink.lids(times[a:b])
            out[a:b, _LEFT] = np.maximum(out[a:b, _LEFT], left)
            out[a:b, _RIGHT] = np.maximum(out[a:b, _RIGHT], right)
        return out


_LEFT, _RIGHT = INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]


def _due(state: BlinkState, shifts: tuple[tuple[float, float], ...]) -> float:
    """When something is to be decided, if nothing is heard before, s."""
    asked = state.asked[0] - 1 / KNOT_RATE_HZ if state.asked else math.inf
    return min(state.next_at, asked, shifts[0][0] if shifts else math.inf)


def _pruned(state: BlinkState, times: Times) -> BlinkState:
    """Without what no frame from times[0] on needs."""
    if not len(times) or not state.blinks or min(blink.end for blink in state.blinks) > times[0]:
        return state
    kept = tuple(blink for blink in state.blinks if blink.end > times[0])
    return replace(state, blinks=kept, still=tuple(span for span in state.still if span[1] > times[0]))


def _between(u: float, low: float, high: float) -> float:
    return low + (high - low) * u
