"""The emotion of the face: what is told, what is heard in the voice, and what keeps both alive.

    told     a Feeling and a time: the face goes there within `transition_secs`
    heard    the mixture in the voice fills the room that the told feeling leaves
    alive    an emotion is strongest when it is new; it drifts; accents raise brows, effort tightens lids

What a feeling does is its *image*: the 61 curves, the mood and how much is told in each region. A timeline of
feelings is kept as one of images, so every face it shows is a mean of apex poses: in range, with whole lips.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import CHANNELS, INDEX, N_CHANNELS
from facerig.core.clock import KNOT_RATE_HZ
from facerig.core.rows import of_rows
from facerig.performance.draws import checked_seed, uniform
from facerig.performance.easing import smooth
from facerig.performance.emotion.hearing import SILENCE, Heard, Hearing, heard_at
from facerig.performance.emotion.mixture import NONE, Feeling
from facerig.performance.emotion.poses import (
    CURVES,
    EMOTION,
    EMOTIONS,
    HEAD,
    POSTURES,
    REGION_OF_CHANNEL,
    REGIONS,
    shown,
)
from facerig.performance.emotion.space import POINTS
from facerig.performance.emotion.units import UNITS
from facerig.performance.knobs import check, knob
from facerig.performance.moment import MOOD, Moment, Mood
from facerig.performance.timeline import Timeline

Array = NDArray[np.float32]
Times = NDArray[np.float64]

HEARD_EMOTIONS: Final = ("joy", "anger", "sadness")
FRESH_SECS: Final = 8.0  # in which a new emotion relaxes to its level
PERIODS_SECS: Final = ((3.5, 7.0), (8.0, 17.0))  # of the two waves of a region's drift
ACCENT_SWELL: Final = 0.12  # of an emotion, by an accent at its strongest
# curves of an accent and of effort at their strongest, from units: brows rise, lids and brows tighten
ACCENT_UNITS: Final = ((1, 0.30), (2, 0.35))
EFFORT_UNITS: Final = ((4, 0.18), (7, 0.25))
_FIRST_DRAW: Final = 5 << 40  # far from the draws of other layers


@dataclass(frozen=True, slots=True, kw_only=True)
class EmotionSettings:
    """How emotions are shown. A told emotion is shown as told: `strength` and `voice` weigh what is heard."""

    strength: float = knob(0.6, 0.0, 1.0, "of the emotion heard in the voice, in the face")
    voice: float = knob(0.4, 0.0, 1.0, "how far the emotion of the voice counts, in face and mood; 0: not")
    preferred: float = knob(0.5, 0.0, 1.0, "how far a told emotion goes over the heard one: at 0.5 the heard "
                                           "one fills what is left to full, at 1 half a told one silences it")
    contrast: float = knob(1.0, 0.3, 3.0, "of the heard mixture: above 1 the strongest stands out")
    live_blend: float = knob(0.7, 0.0, 0.99, "smoothing of the heard: the share that stays over 0.1 s")
    max_emotions: int = knob(3, 1, 3, "heard at a time; the weaker ones fade out")
    transition_secs: float = knob(0.5, 0.0, 30.0, "from one told emotion to the next")
    relaxation: float = knob(0.10, 0.0, 0.5, "share by which an emotion relaxes some seconds after its onset")
    drift: float = knob(0.10, 0.0, 0.3, "share by which the strength in each region wanders")
    accents: float = knob(1.0, 0.0, 2.5, "brows raised on accents of the voice; 0: never")
    effort: float = knob(1.0, 0.0, 2.5, "lids and brows tightened by a loud voice; 0: never")
    posture: float = knob(1.0, 0.0, 3.0, "how far the head takes the posture of the emotion")

    def __post_init__(self) -> None:
        check(self, "emotion")


# An image: 61 curves, the head's among them; then plain numbers: two curves, the mood, and how much is told
# in each region.
_LOWERED, _WIDE, _AROUSAL, _VALENCE, _INTENSITY, _TOLD = (N_CHANNELS + k for k in range(6))
_SHOWN: Final = _AROUSAL  # up to here
_N_IMAGE: Final = _TOLD + len(REGIONS)
# which of a frame's five gains a channel takes: its region's, or that of the whole face
_WHOLE: Final = len(REGIONS)
_GAIN_OF: Final = np.where(REGION_OF_CHANNEL >= 0, REGION_OF_CHANNEL, _WHOLE)
# the numbers of a frame in `Weights`, from the fifth on
_ACCENT, _JOY, _STRENGTH, _ROOM = 4, 6, 9, 10
_N_FRAME: Final = _ROOM + len(REGIONS) + 1
_LIVELY: Final = np.stack([np.sum([UNITS[number].values(x, x) for number, x in units], 0)
                           for units in (ACCENT_UNITS, EFFORT_UNITS)])
_LEAST, _MOST = np.float32(-1), np.float32(1)  # of a mood
_HIGHEST: Final = np.array([channel.high for channel in CHANNELS], np.float64)


def _by_region(curves: Times, posture: Times) -> Times:
    """A pose's curves [5, 61] by the gain they take, the head's among them."""
    whole = curves.copy()
    whole[list(HEAD)] = posture
    return np.where(np.arange(_WHOLE + 1)[:, None] == _GAIN_OF, whole, 0.0)


def _images(posture: float) -> Times:
    """What a unit of each weight does [13 * 4, _N_IMAGE]."""
    out = np.zeros((len(EMOTIONS), len(REGIONS), _N_IMAGE))
    for k, pose in enumerate(CURVES):
        parts = _by_region(pose, POSTURES[k] * posture)
        out[k, :, :N_CHANNELS] = parts[:_WHOLE] + parts[_WHOLE] / len(REGIONS)
        out[k, :, [_VALENCE, _AROUSAL]] = POINTS[k, :2, None] / len(REGIONS)
        out[k, :, _INTENSITY] = (k != EMOTION["neutral"]) / len(REGIONS)
        out[k, :, _TOLD:] = np.eye(len(REGIONS))
    out[:, :, _LOWERED] = out[:, :, INDEX["browDownLeft"]]
    out[:, :, _WIDE] = out[:, :, INDEX["eyeWideLeft"]]
    return out.reshape(-1, _N_IMAGE)


@cache
def _heard_curves(posture: float) -> Times:
    """The emotions that the voice can add, each by the gain it takes [3 * 5, 61]."""
    return np.concatenate([_by_region(CURVES[EMOTION[name]], POSTURES[EMOTION[name]] * posture)
                           for name in HEARD_EMOTIONS])


class _Told(NamedTuple):
    """The plain numbers of an image; `room`: what it leaves to the heard, by region and in the whole face."""

    lowered: float  # brows
    wide: float  # eyes
    arousal: float
    valence: float
    intensity: float
    room: tuple[float, ...]


class Weights(NamedTuple):
    """What the curves of some frames are made of: images [n, 61] or [1, 61], and numbers of each frame: its
    time, how strongly the emotion shows, without and with its swelling, and how far it drifts; weights of
    _LIVELY; the shares heard, their strength, and the room for them, by region and in the whole face.
    waves: of the drift [4, regions]; table: the emotions heard [3 * (regions + 1), 61].
    """

    images: Times
    frames: list[tuple[float, ...]]
    waves: Times
    table: Times


@dataclass(frozen=True, slots=True)
class EmotionState:
    """`told`: the images over time; `stale`: how far they have relaxed, 0 to 1.

    `still`: the image, and its plain numbers, that stay from time `still_from`, s, on. `heard`: rows of the
    knots from `first_knot` on that frames may yet need.
    """

    told: Timeline
    stale: Timeline
    still_from: float
    still: tuple[Times, _Told]
    heard: tuple[Heard, ...] = (SILENCE,)
    first_knot: int = -1


class EmotionLayer:
    """A layer: the face of a feeling, at known times, and the mood it makes. Look-ahead: none."""

    def __init__(self, seed: int = 0, settings: EmotionSettings | None = None) -> None:
        """Raises ConfigError for a bad seed."""
        self.settings = settings or EmotionSettings()
        checked_seed(seed)
        self._hearing = Hearing(self.settings.contrast, self.settings.live_blend, self.settings.max_emotions)
        self._waves = np.array([_waves(seed, number) for number in range(len(REGIONS))]).T
        self._images = _images(self.settings.posture)
        self._heard = _heard_curves(self.settings.posture)

    def initial_state(self, feeling: Feeling = NONE) -> EmotionState:
        """At time 0 the face shows `feeling`, fresh."""
        return self._still(Timeline(self._image(feeling)), Timeline((0.0,)).told(0.0, FRESH_SECS, (1.0,)))

    def told(self, state: EmotionState, at_secs: float, feeling: Feeling,
             transition_secs: float | None = None) -> EmotionState:
        """From `at_secs` on the face goes to `feeling`, within `transition_secs` (None: the settings')."""
        secs = self.settings.transition_secs if transition_secs is None else transition_secs
        image, at = self._image(feeling), np.array([at_secs])
        before = state.told.at(at)[0]
        new = min(1.0, float(np.abs(np.array(image) - before)[:N_CHANNELS].max()))  # 1: another face
        left = _stale_at(at_secs, state.stale) * (1.0 - new)
        stale = state.stale.told(at_secs, secs, (left,)).told(at_secs + secs, FRESH_SECS, (1.0,))
        return self._still(state.told.told(at_secs, secs, image), stale, state.heard, state.first_knot)

    def step(self, moment: Moment, state: EmotionState) -> tuple[Array, Mood, EmotionState]:
        """The curves float32 [n, 61] at `moment.times`, the head's posture among them, and the mood."""
        weights, mood, state = self.plan(moment, state)
        return drawn([weights]), mood, state

    def plan(self, moment: Moment, state: EmotionState) -> tuple[Weights, Mood, EmotionState]:
        """What `drawn` makes the curves of, and the mood."""
        new = self._hearing.followed(moment.knots, state.heard[-1])
        rows = (*state.heard, *new)
        times = moment.times.tolist()
        at_frames = [heard_at(time, rows, state.first_knot) for time in times]
        images, frames = self._told_at(moment.times, state)
        if state.still_from <= moment.first_knot / KNOT_RATE_HZ:
            knots = [state.still[1]] * len(new)
        else:
            knots = self._told_at(moment.knot_times, state)[1]
        mood = self._mood([*frames, *knots], [*at_frames, *new])
        weights = self._weights(times, images, frames, at_frames, state.stale)
        return weights, Mood(mood[:len(times)], mood[len(times):]), _pruned(state, rows, times)

    def _image(self, feeling: Feeling) -> tuple[float, ...]:
        """What a feeling does: curves as far as they are shown, numbers as they are told."""
        weights = feeling.array
        curves = shown(weights).ravel() @ self._images[:, :_SHOWN]
        return (*curves.tolist(), *(weights.ravel() @ self._images[:, _SHOWN:]).tolist())

    def _told_at(self, times: Times, state: EmotionState) -> tuple[Times, list[_Told]]:
        """What is told at `times`: curves [n, 61], or [1, 61] where all are one, and its numbers."""
        if len(times) and times[0] >= state.still_from:
            curves, told = state.still
            return curves, [told] * len(times)
        images = state.told.at(times)
        return images[:, :N_CHANNELS], [self._numbers(row) for row in images[:, N_CHANNELS:].tolist()]

    def _numbers(self, row: list[float]) -> _Told:
        """What stands behind the curves of an image."""
        lowered, wide, arousal, valence, intensity, *told = row
        twice = 2.0 * self.settings.preferred
        room = [max(0.0, min(1.0 - twice * share, 1.0 - share)) for share in told]
        return _Told(lowered, wide, arousal, valence, intensity, (*room, sum(room) / len(REGIONS)))

    def _still(self, told: Timeline, stale: Timeline, heard: tuple[Heard, ...] = (SILENCE,),
               first_knot: int = -1) -> EmotionState:
        """A state with what the images come to rest at."""
        end = max((key.start + key.secs for key in told.keys), default=0.0)
        last = told.at(np.array([end + 1.0]))
        numbers = self._numbers(last[0, N_CHANNELS:].tolist())
        return EmotionState(told, stale, end, (last[:, :N_CHANNELS], numbers), heard, first_knot)

    def _weights(self, times: list[float], images: Times, told: list[_Told], heard: list[Heard],
                 stale: Timeline) -> Weights:
        """Everything that shows. Accents raise no brows that are drawn down, and wide eyes stay so."""
        own = self.settings
        strength, frames = own.strength * own.voice, []
        for time, now, one in zip(times, told, heard, strict=True):
            _, accent, effort, _, _, joy, anger, sadness = one
            level = 0.0
            if now.intensity or joy or anger or sadness:
                level = 1.0 - own.relaxation * _stale_at(time, stale)
            swelled = level * (1.0 + ACCENT_SWELL * accent)
            frames.append((time, level, swelled, swelled * own.drift / 2.0,
                           own.accents * accent * (1.0 - now.lowered), own.effort * effort * (1.0 - now.wide),
                           joy, anger, sadness, strength, *now.room))
        return Weights(images, frames, self._waves, self._heard)

    def _mood(self, told: list[_Told], heard: list[Heard]) -> Array:
        """Arousal, valence and intensity [n, 3]."""
        voice, out = self.settings.voice, []
        for now, (_, _, _, arousal, valence, joy, anger, sadness) in zip(told, heard, strict=True):
            share = now.room[-1] * voice
            out.append((now.arousal + share * arousal, now.valence + share * valence,
                        now.intensity + share * (joy + anger + sadness)))
        mood = np.array(out, np.float32).reshape(len(out), len(MOOD))
        return np.minimum(np.maximum(mood, _LEAST), _MOST)


def drawn(parts: Sequence[Weights]) -> Array:
    """The curves float32 [sum of n, 61] of several characters, one after the other."""
    counts = [len(part.frames) for part in parts]
    images = np.concatenate([part.images if len(part.images) == n else np.repeat(part.images, n, 0)
                             for part, n in zip(parts, counts, strict=True)])
    frames = np.array([row for part in parts for row in part.frames]).reshape(len(images), _N_FRAME)
    gains = _gains(frames, of_rows([part.waves for part in parts], counts))
    out = images * gains.take(_GAIN_OF, 1)
    if frames[:, _ACCENT : _JOY].any():
        out += (frames[:, _ACCENT : _JOY, None] * _LIVELY).sum(1)
    if frames[:, _JOY : _STRENGTH].any():
        _add_felt(out, parts, frames, gains)
    return np.asarray(np.minimum(out, _HIGHEST), np.float32)


def _gains(frames: Times, waves: Times) -> Times:
    """How strongly each region shows its emotion, and last the whole face; 1 at most [n, regions + 1]."""
    time, level, swelled, drift = (frames[:, k, None] for k in range(4))
    fast, fast_phase, slow, slow_phase = (waves[:, k] for k in range(4))
    # smooth waves of period 1 in [-1, 1], of sums and products alone: the same on every platform
    x = 2.0 * ((time * fast + fast_phase) % 1.0) - 1.0
    y = 2.0 * ((time * slow + slow_phase) % 1.0) - 1.0
    x, y = x * x, y * y
    wandering = swelled + drift * (2.0 * (x * (2.0 - x) + y * (2.0 - y)) - 2.0)
    return np.concatenate([np.minimum(1.0, wandering), level], 1)


def _add_felt(out: Times, parts: Sequence[Weights], frames: Times, gains: Times) -> None:
    """To the curves `out`, the emotions heard in the voice."""
    shares = frames[:, _JOY : _STRENGTH]
    weights = gains * frames[:, _ROOM:] * frames[:, _STRENGTH : _ROOM]
    weights = (shares[:, :, None] * weights[:, None]).reshape(len(frames), -1)
    first = 0
    alike: dict[int, list[NDArray[np.int64]]] = {}
    tables: dict[int, Times] = {}
    for part in parts:
        rows = first + np.flatnonzero(shares[first : first + len(part.frames)].any(1))
        first += len(part.frames)
        if len(rows):
            alike.setdefault(id(part.table), []).append(rows)
            tables[id(part.table)] = part.table
    for key, places in alike.items():
        rows = np.concatenate(places)
        out[rows] += (weights[rows, :, None] * tables[key]).sum(1)


def _waves(seed: int, number: int) -> tuple[float, float, float, float]:
    """Turns per second and phase, in turns, of the two waves of a region's drift."""
    draws = [uniform(seed, _FIRST_DRAW + 4 * number + k) for k in range(4)]
    fast, slow = (1.0 / (low + (high - low) * draw)
                  for (low, high), draw in zip(PERIODS_SECS, draws[:2], strict=True))
    return fast, draws[2], slow, draws[3]


def _stale_at(time: float, stale: Timeline) -> float:
    """The timeline's one value: as Timeline.at, for a time alone much faster."""
    for key in reversed(stale.keys):
        if key.start <= time:
            x = min(1.0, (time - key.start) / key.secs) if key.secs > 0 else 1.0
            return key.before[0] + (key.after[0] - key.before[0]) * float(smooth(x))
    return stale.initial[0]


def _pruned(state: EmotionState, rows: tuple[Heard, ...], times: list[float]) -> EmotionState:
    """The state after `times`, without what no later time needs."""
    told, stale, drop = state.told, state.stale, 0
    if times:
        drop = max(0, min(int(times[-1] * KNOT_RATE_HZ) - 1 - state.first_knot, len(rows) - 1))
        told = told.pruned(times[-1]) if len(told.keys) > 1 else told
        stale = stale.pruned(times[-1]) if len(stale.keys) > 1 else stale
    return EmotionState(told, stale, state.still_from, state.still, rows[drop:], state.first_knot + drop)
