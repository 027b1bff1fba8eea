"""What emotions do to the face, measured: a whole character acts each of them over the sample clip.

monotone     from 0 to 1 in steps of 0.1: how many steps of how many curves go back, at rest and in speech
sides        how far left and right differ, as a share of what they show
change       the largest of any curve between two frames at 60 fps, beside that of speech alone
far          how far the face lies from neutral, mm on the preview head: root mean square over its skin
named        told at 0.3, while it talks: which emotion's pose is the face nearest to, second by second; once
             by the whole face and once with the mouth covered, which speech has most of

The voice's own emotion is not heard here, so that what is told is all there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

import facerig_assets
from facerig.core.channels import CHANNELS, INDEX, N_CHANNELS, NAMES, SHAPE_NAMES
from facerig.core.clock import KNOT_RATE_HZ
from facerig.core.cues import CUE, N_CUES
from facerig.hearing import Hearing
from facerig.mesh.head import FACE_SHARE, Part, shipped_head
from facerig.performance.emotion.layer import EmotionSettings
from facerig.performance.emotion.poses import EMOTIONS
from facerig.performance.frames import FrameClock
from facerig.performance.performer import Performer
from facerig.performance.settings import STILL, STRENGTHS, Performance
from tools.evaluate.sets import SAMPLE_RATE, Audio, read_mono

Array = NDArray[np.float32]
Floats = NDArray[np.float64]

FPS: Final = 60
INTENSITIES: Final = tuple(k / 10 for k in range(11))
REST_SECS: Final = 3.0
SEEN: Final = 0.002  # smaller steps back are no one's: half a grey level of a rendered face
NAMED_AT, WINDOW_SECS = 0.3, 1.0
TALKS: Final = 0.5  # a frame counts as speech from this cue on
UNHEARD: Final = EmotionSettings(voice=0.0)
WHOLE: Final = Performance(emotions=UNHEARD)
ALONE: Final = Performance(emotions=UNHEARD,
                           layers={**dict.fromkeys(STRENGTHS, 0.0), "speech": 1, "emotion": 1})
_SLOW: Final = np.array([i for i, c in enumerate(CHANNELS)
                         if c.region not in ("lids", "gaze", "eyes", "head")])
_SHAPES: Final = len(SHAPE_NAMES)
_MOUTH: Final = [i for i, c in enumerate(CHANNELS) if c.region in ("jaw", "mouth", "tongue")]
_PAIRED: Final = [c for c in CHANNELS[:_SHAPES] if c.name.endswith("Left") and c.region not in ("gaze", "jaw")
                  and c.name != "mouthLeft"]  # eyes, jaw and mouth as a whole go to one side or the other


@dataclass(frozen=True, slots=True)
class Talk:
    """A clip as the performance layers get it: frames and knots [n, 61 + N_CUES], times of frames, s."""

    frames: Array
    knots: Array
    times: Floats

    @property
    def talking(self) -> NDArray[np.bool_]:
        """Which frames are speech."""
        return np.asarray(self.frames[:, N_CHANNELS + CUE["voice"]] > TALKS)


@dataclass(frozen=True, slots=True)
class Monotone:
    """Of all curves that move and all steps of intensity: the share that goes back, and the largest."""

    back_share: float
    largest_back: float


@dataclass(frozen=True, slots=True)
class Change:
    """The largest of any curve between two frames, and of which."""

    most: float
    curve: str


@dataclass(frozen=True, slots=True)
class Acted:
    """The figures of one emotion.

    sides: of a natural face and (mirrored) without the layer that sets them apart; change, change_still:
    acted and of speech alone; far_mm: by INTENSITIES; largest_mm: of one point, at full; named,
    named_covered: shares by EMOTIONS.
    """

    emotion: str
    at_rest: Monotone
    in_speech: Monotone
    sides: float
    mirrored: float
    change: Change
    change_still: Change
    far_mm: tuple[float, ...]
    largest_mm: float
    named: tuple[float, ...]
    named_covered: tuple[float, ...]

    @property
    def found(self) -> float:
        """The share of seconds in which it was taken for what it is."""
        return self.named[EMOTIONS.index(self.emotion)]

    @property
    def found_covered(self) -> float:
        """The same with the mouth covered."""
        return self.named_covered[EMOTIONS.index(self.emotion)]


def sample() -> Audio:
    """The clip that ships with facerig."""
    return read_mono(facerig_assets.path("speech", "hello.flac"))


def heard(audio: Audio) -> Talk:
    """What the live model hears."""
    hearing, clock = Hearing(SAMPLE_RATE, "live"), FrameClock(Fraction(FPS), N_CUES)
    first, state = hearing.step(audio, hearing.initial_state())
    last, _ = hearing.flush(state)
    knots = np.concatenate([first, last])
    frames, _ = clock.step(knots, clock.initial_state())
    return Talk(frames, knots, np.arange(len(frames)) / FPS)


def silence(secs: float = REST_SECS) -> Talk:
    """Nobody speaks."""
    width, n = N_CHANNELS + N_CUES, round(secs * FPS)
    return Talk(np.zeros((n, width), np.float32), np.zeros((round(secs * KNOT_RATE_HZ), width), np.float32),
                np.arange(n) / FPS)


def acted(talk: Talk, performance: Performance, feeling: str | None = None, seed: int = 0) -> Array:
    """The face [n, 61]."""
    performer = Performer(performance.with_(emotion=feeling), seed)
    return performer.step(talk.frames, talk.knots, talk.times, performer.initial_state())[0]


def monotone(faces: Sequence[Array]) -> Monotone:
    """Of faces [n, 61] by rising intensity: each curve of each frame should go its way and never back."""
    moved = np.stack([face[:, :_SHAPES] for face in faces])
    whole = moved[-1] - moved[0]
    steps = np.diff(moved, axis=0) * np.sign(whole)
    counted = np.broadcast_to(np.abs(whole) > SEEN, steps.shape)
    back = np.where(counted, -steps, 0.0)
    return Monotone(float((back > SEEN).sum() / max(1, counted.sum())), float(back.max()))


def sides(values: Array) -> float:
    """How far the sides differ, as a share of the larger; over all pairs of curves and all frames [n, 61]."""
    left, right = (values[:, [INDEX[name] for name in names]] for names in (
        [c.name for c in _PAIRED], [c.mirror for c in _PAIRED]))
    return float(np.abs(left - right).sum() / max(float(np.maximum(left, right).sum()), 1e-9))


def largest_change(values: Array) -> Change:
    """Lids and eyes, which are meant to be fast, and the head left out."""
    changes = np.abs(np.diff(values[:, _SLOW], axis=0)).max(0, initial=0.0)
    at = int(changes.argmax())
    return Change(float(changes[at]), NAMES[_SLOW[at]])


@cache
def _skin() -> NDArray[np.float32]:
    """What each of SHAPE_NAMES does to the points of the face, mm [52, N * 3]."""
    head = shipped_head()
    moves = head.deltas.reshape(len(head.shape_names), -1, 3)
    reach = np.abs(moves).max((0, 2))
    face = (head.parts == Part.SKIN) & (reach > FACE_SHARE * reach.max())
    out = np.zeros((_SHAPES, int(face.sum()), 3), np.float32)
    out[[SHAPE_NAMES.index(name) for name in head.shape_names]] = moves[:, face]
    return out.reshape(_SHAPES, -1)


@cache
def _metric() -> Floats:
    """The mean square over the face's points, mm^2, of two shapes' moves [52, 52]."""
    skin = _skin().astype(np.float64)
    return np.asarray(skin @ skin.T / (skin.shape[1] / 3), np.float64)


def rms_mm(values: NDArray[np.floating]) -> Floats:
    """How far the face's points are moved by curves [..., 61], root mean square."""
    shapes = np.asarray(values, np.float64)[..., :_SHAPES]
    return np.asarray(np.sqrt(np.maximum(((shapes @ _metric()) * shapes).sum(-1), 0.0)), np.float64)


def largest_mm(values: Array) -> float:
    """How far the point of the face goes that curves [61] move most."""
    moved = (values[:_SHAPES] @ _skin()).reshape(-1, 3)
    return float(np.linalg.norm(moved, axis=1).max())


def seconds(talk: Talk, values: Array) -> Array:
    """The mean face of each second that is mostly speech [m, 61]."""
    n = round(WINDOW_SECS * FPS)
    starts = [k for k in range(0, len(values) - n + 1, n) if talk.talking[k : k + n].mean() > TALKS]
    return np.array([values[k : k + n].mean(0) for k in starts], np.float32).reshape(-1, N_CHANNELS)


def nearest(faces: Array, poses: Array) -> tuple[float, ...]:
    """For how many of the faces [m, 61] each of the poses [k, 61] is the nearest, as shares."""
    chosen = rms_mm(faces[:, None] - poses).argmin(1)
    return tuple((np.bincount(chosen, minlength=len(poses)) / max(1, len(faces))).tolist())


def covered(values: Array) -> Array:
    """The faces without their mouths."""
    out = values.copy()
    out[..., _MOUTH] = 0
    return out


def measured(talk: Talk, seeds: Sequence[int]) -> list[Acted]:
    """Every emotion, acted over the talk by characters of these seeds."""
    rest, still = silence(), acted(talk, STILL)
    poses = np.stack([acted(rest, ALONE, f"{name}:{NAMED_AT}")[-1] for name in EMOTIONS])
    return [_measured(name, talk, rest, still, poses, seeds) for name in EMOTIONS]


def _measured(name: str, talk: Talk, rest: Talk, still: Array, poses: Array, seeds: Sequence[int]) -> Acted:
    resting, speaking = ([acted(where, ALONE, f"{name}:{x}") for x in INTENSITIES] for where in (rest, talk))
    faces = [face[-1] - resting[0][-1] for face in resting]
    whole = np.concatenate([acted(talk, WHOLE, name, seed) for seed in seeds])
    # what speech itself moves is left out: people see past it
    faint = np.concatenate([seconds(talk, acted(talk, WHOLE, f"{name}:{NAMED_AT}", seed) - still)
                            for seed in seeds])
    return Acted(name, monotone(resting), monotone([face[talk.talking] for face in speaking]), sides(whole),
                 sides(acted(talk, ALONE, name)), largest_change(speaking[-1]), largest_change(still),
                 tuple(float(rms_mm(face)) for face in faces), largest_mm(faces[-1]), nearest(faint, poses),
                 nearest(covered(faint), covered(poses)))
