"""Where people look in a talk, for how long, and what makes them look away: tables and draws.

    while listening, 75 % of the time on the other's face; while speaking 41 %    Argyle & Ingham 1972
    in a first talk both look at the other's face 60 % of the time, for 2.2 s each time    Rogers et al. 2018
    glances of about 3 s, shorter while speaking                                   Argyle & Cook 1976
    long utterances begin looking away (70 %) and end looking up (70 %)            Kendon 1967, Ho et al. 2015
    looks aside of about a second, 7 degrees and more off; directions              Lee, Badler & Badler 2002
    sad people look down and less at others; fear and anger move the eyes more     Argyle & Cook 1976
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Final, NamedTuple

from facerig.performance.eyes.targets import Aim, Target
from facerig.performance.knobs import check, knob

_NORMAL: Final = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class GazeSettings:
    """Habits of a character's eyes."""

    share_speaking: float = knob(0.5, 0.0, 1.0, "of the time on the listener while speaking; 1: always")
    share_listening: float = knob(0.75, 0.0, 1.0, "of the time on the speaker while listening")
    variety: float = knob(1.0, 0.0, 2.0, "how far characters differ in these shares; 0: exactly as given")
    look_speaking_secs: float = knob(1.7, 0.3, 20.0, "median look at the listener while speaking")
    look_listening_secs: float = knob(2.6, 0.3, 30.0, "median look at the speaker while listening")
    aversion_degrees: float = knob(7.0, 2.0, 25.0, "how far a look aside goes at least")
    face: float = knob(0.6, 0.0, 2.0, "how far looks wander over a face; 1 from eye to eye to mouth")
    micro: float = knob(1.5, 0.0, 4.0, "micro-saccades a second in long fixations")
    latency_secs: float = knob(0.16, 0.0, 0.6, "from a target's jump to the eyes' (people: 0.15 to 0.25)")
    eyes_only_degrees: float = knob(10.0, 0.0, 35.0, "gaze within which the head stays")
    head_share: float = knob(0.85, 0.0, 1.0, "of what lies beyond, that the head takes; 0: nothing")
    lids: float = knob(0.08, 0.0, 1.0, "moved besides the rig's eyeLook shapes; 0.6 if those move none")

    def __post_init__(self) -> None:
        check(self, "gaze")


def drawn(settings: GazeSettings, u: float) -> GazeSettings:
    """The settings of one character: `u` in (0, 1) says how much it looks at others, among all."""
    shift = VARIETY * settings.variety * _NORMAL.inv_cdf(u)

    def moved(share: float) -> float:
        odds = share / (1 - share) * math.exp(shift) if 0 < share < 1 else 0.0
        return odds / (1 + odds) if odds else share

    return replace(settings, share_speaking=moved(settings.share_speaking),
                   share_listening=moved(settings.share_listening))


class Heart(NamedTuple):
    """What of a mood moves the eyes: arousal [-1, 1], sadness and fear [0, 1]."""

    arousal: float
    sad: float
    afraid: float


def heart(arousal: float, valence: float) -> Heart:
    """Of the mood's arousal and valence."""
    bad = max(0.0, -valence)
    return Heart(arousal, math.sqrt(bad * max(0.0, -arousal)), math.sqrt(bad * max(0.0, arousal)))


#                   subject's   talking   thinking  sad     (talking: Lee, Badler & Badler 2002; thinking up
#                   degrees     share     share     share   and aside, McCarthy et al. 2006, shares our own)
_DIRECTIONS: Final = (
    (0.0,           15.5,       20.0,     8.0),   # right
    (45.0,          6.5,        16.0,     2.0),   # right and up
    (90.0,          17.7,       12.0,     2.0),   # up
    (135.0,         7.4,        16.0,     2.0),
    (180.0,         16.8,       20.0,     8.0),   # left
    (225.0,         7.9,        6.0,      18.0),
    (270.0,         20.4,       4.0,      42.0),  # down
    (315.0,         7.8,        6.0,      18.0),
)  # fmt: skip

#                   x, y of the face's size   share    face-scanning favours the eyes (Rogers et al. 2018)
_FACE: Final = (
    (0.31,          0.0,                      0.36),
    (-0.31,         0.0,                      0.36),
    (0.0,           -0.20,                    0.16),  # nose
    (0.0,           -0.62,                    0.12),  # mouth
)  # fmt: skip

VARIETY: Final = 0.25  # sigma of the shares' logit over characters: 0.5 is 0.38 to 0.62 for 95 % of them
SPREAD: Final = 0.55  # sigma of the logarithm of looks and looks aside
MEAN_OVER_MEDIAN: Final = math.exp(SPREAD**2 / 2)
FIXATION_SECS, FIXATION_SPREAD = 0.55, 0.55  # median within a face or aside; pooled 0.3 to 0.7 s
SHORTEST_LOOK_SECS: Final = 0.3
CUT_SHORT, CUT_LISTENING = 1.75, 1.1  # looks aside would be so much longer if no voice ended them
ASIDE_MEAN_DEGREES: Final = 5.0  # beyond the least (exponential, as Lee et al.)
MOST_ASIDE_DEGREES: Final = 26.0
FLAT: Final = 0.7  # looks up and down go less far than aside
IDLE_DEGREES: Final = (9.0, 4.0)  # sigma of yaw and pitch with nothing to look at
MICRO_DEGREES, MICRO_SPREAD = 0.3, 0.5  # 0.1 to 1 degree (Martinez-Conde et al. 2013)


def lognormal(u: float, median: float, sigma: float) -> float:
    """The quantile `u` of a log-normal."""
    return median * math.exp(sigma * _NORMAL.inv_cdf(u))


def share_of(settings: GazeSettings, speaking: bool, mood: Heart) -> float:
    """Of the time on the other."""
    share = settings.share_speaking if speaking else settings.share_listening
    return share if share >= 1 else max(0.0, share * (1 - 0.4 * mood.sad - 0.15 * mood.afraid))


def look_secs(u: float, settings: GazeSettings, speaking: bool, mood: Heart) -> float:
    """How long a look at the other lasts."""
    median = _look_median(settings, speaking, share_of(settings, speaking, mood))
    return max(SHORTEST_LOOK_SECS, lognormal(u, median, SPREAD) * math.exp(-0.25 * mood.arousal))


def _look_median(settings: GazeSettings, speaking: bool, share: float) -> float:
    """Who looks seldom also looks shortly."""
    median = settings.look_speaking_secs if speaking else settings.look_listening_secs
    return median * math.sqrt(min(1.0, 2 * share))


def aside_secs(u: float, settings: GazeSettings, speaking: bool, mood: Heart) -> float:
    """How long a look aside lasts: so long that the share on the other comes out; 0 never looks aside."""
    share = share_of(settings, speaking, mood)
    if share >= 1:
        return 0.0
    median = max(SHORTEST_LOOK_SECS, _look_median(settings, speaking, share))
    aside = min(median * (1 - share) / max(share, 0.01), 30.0) * (CUT_SHORT if speaking else CUT_LISTENING)
    return max(SHORTEST_LOOK_SECS, lognormal(u, aside, SPREAD) * math.exp(-0.25 * mood.arousal))


def fixation_secs(u: float, mood: Heart) -> float:
    """How long the eyes rest on one point of a face, or of nothing."""
    return max(0.15, lognormal(u, FIXATION_SECS, FIXATION_SPREAD) * math.exp(-0.3 * mood.arousal))


def chosen(u: float, weights: tuple[float, ...]) -> int:
    """The index that `u` in (0, 1) falls on."""
    left = u * sum(weights)
    for index, weight in enumerate(weights):
        left -= weight
        if left < 0:
            return index
    return max(range(len(weights)), key=weights.__getitem__)


def face_offset(u: float, target: Target, amount: float) -> Aim:
    """From a target's middle to a point of its face; `near` is unused."""
    x, y, _ = _FACE[chosen(u, tuple(row[2] for row in _FACE))]
    size = amount * target.size_metres * target.aim.near
    return Aim(math.atan(-x * size), math.atan(-y * size), 0.0)


def aside(us: tuple[float, float, float], settings: GazeSettings, thinking: bool, mood: Heart
          ) -> tuple[float, float]:
    """Yaw and pitch off the other's direction of a look aside, radians."""
    weights = tuple((1 - mood.sad) * (row[2] if thinking else row[1]) + mood.sad * row[3]
                    for row in _DIRECTIONS)
    way = math.radians(_DIRECTIONS[chosen(us[0], weights)][0] + 45 * (us[1] - 0.5))
    far = settings.aversion_degrees - ASIDE_MEAN_DEGREES * math.log(us[2])
    far = math.radians(min(far, MOST_ASIDE_DEGREES))
    return far * math.cos(way), -FLAT * far * math.sin(way)


def idle(u: float, v: float) -> tuple[float, float]:
    """Yaw and pitch of a look at nothing, radians."""
    yaw, pitch = (math.radians(s) * _NORMAL.inv_cdf(x) for s, x in zip(IDLE_DEGREES, (u, v), strict=True))
    return yaw, pitch + math.radians(2)


def micro_offset(u: float, v: float) -> tuple[float, float]:
    """Yaw and pitch off a fixation's middle that a micro-saccade goes to: mostly level."""
    far = math.radians(min(0.6, max(0.1, lognormal(u, MICRO_DEGREES, MICRO_SPREAD))))
    way = 2 * math.pi * v
    return far * math.cos(way), 0.5 * far * math.sin(way)
