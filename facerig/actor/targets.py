"""What a take teaches: its recorded curves as the model's tracks, at the model's knots, and where they count.

The model's tracks are the open shape of the mouth, before the runtime widens them (encoder.opening): a
recorded curve becomes the track that would show it. A recording also holds the closures of p b m and f v,
which the runtime makes in millimetres: knots in and around them do not count. Nor does silence, where the
runtime rests: what the face does there is the actor's resting face, which is taken off, so that speech starts
from neutral.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.actor.hidden import Heard
from facerig.core.channels import INDEX, SHAPE_NAMES
from facerig.core.clock import KNOT_RATE_HZ
from facerig.core.curves import CurveClip
from facerig.encoder.opening import opened
from facerig.encoder.tracks import CURVE_TRACKS, N_CURVE_TRACKS, SPREAD, TRACKS

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SPEECH: Final = 0.5  # probability of voice from which a knot is speech
SILENCE: Final = 0.2  # and below which the face rests
CLOSED: Final = 0.1  # probability of a closure from which a knot does not count
BESIDE_KNOTS: Final = 3  # nor do those next to it: the lips are on their way
LEAST_REST_SECS: Final = 0.5  # of silence, to tell the resting face
REST_PERCENTILE: Final = 10  # of speech, where a take has no silence
GRID: Final = 1001  # values at which the runtime is asked what it shows
STILL: Final = 0.025  # a curve that moves less, from its 1st to its 99th percentile, is not recorded

_SEAL, _CONTACT, _VOICE = (TRACKS.index(name) for name in ("seal", "contact", "voice"))
_SIDES: Final = [[INDEX[curve] for curve in SPREAD[track]] for track in CURVE_TRACKS]
_SHAPES: Final = [INDEX[name] for name in SHAPE_NAMES]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A take at its knots, flattened to [n] with n = n_steps * KNOTS_PER_STEP.

    recorded: curves by track [n, N_CURVE_TRACKS], less the resting face; wanted: the tracks that would show
    them; weight: [n] in [0, 1]; seen: a face
    was recorded; speech: somebody speaks.
    """

    recorded: Floats
    wanted: Floats
    weight: Floats
    seen: Bools
    speech: Bools


def moving_curves(lessons: Sequence[Lesson]) -> Bools:
    """Which curves the recordings move at all while the actor speaks [N_CURVE_TRACKS]."""
    said = np.concatenate([one.recorded[one.speech & one.seen] for one in lessons])
    if not len(said):
        return np.zeros(N_CURVE_TRACKS, np.bool_)
    low, high = np.percentile(said, (1, 99), axis=0)
    return np.asarray(high - low >= STILL)


def face_seen(values: NDArray[np.floating]) -> Bools:
    """Rows [n, 61] that hold a face: Live Link Face writes nothing while it sees none."""
    return np.asarray(np.any(values[:, _SHAPES] != 0.0, axis=1))


def tracks_of(values: NDArray[np.floating]) -> Floats:
    """Canonical curves [n, 61] as tracks [n, N_CURVE_TRACKS]: the mean of both sides."""
    return np.stack([values[:, sides].mean(1) for sides in _SIDES], 1).astype(np.float64)


def at_times(frame_secs: Floats, values: NDArray[np.floating], times: Floats) -> Floats:
    """Columns of `values` [n, ...] at other times, [m, ...]; the ends are held."""
    return np.stack([np.interp(times, frame_secs, column) for column in values.T], 1)


def asked_for(curves: Floats, strength: float) -> Floats:
    """The tracks that the runtime shows as `curves` [n, N_CURVE_TRACKS], at a LipSettings.strength."""
    asked = np.linspace(0.0, 1.0, GRID, dtype=np.float32)
    out = np.empty_like(curves)
    for k in range(N_CURVE_TRACKS):
        shape = np.zeros((GRID, N_CURVE_TRACKS), np.float32)
        shape[:, k] = asked
        shown = np.maximum.accumulate(opened(shape, strength, np.zeros(GRID, np.float32))[:, k])
        rising = np.concatenate([[True], np.diff(shown) > 0])  # of equals the least
        out[:, k] = np.interp(curves[:, k], shown[rising], asked[rising])
    return out + np.minimum(curves, 0.0) / strength  # a face below its rest


def lesson(heard: Heard, clip: CurveClip, frame_secs: Floats, strength: float) -> Lesson:
    """What a take teaches a model of LipSettings.strength `strength`.

    frame_secs: the clip's frames on the sound's clock, lag taken off.
    """
    times = heard.times_secs.ravel()
    said = heard.tracks.reshape(len(times), -1)
    seen = np.interp(times, frame_secs, face_seen(clip.values).astype(np.float64)) > 1 - 1e-9
    seen &= (times >= frame_secs[0]) & (times <= frame_secs[-1])
    recorded = at_times(frame_secs, tracks_of(np.clip(clip.values, 0.0, 1.0)), times)
    speech = said[:, _VOICE] >= SPEECH
    weight = np.clip(said[:, _VOICE], 0.0, 1.0).astype(np.float64) * seen * _open(said)
    weight[said[:, _VOICE] < SILENCE] = 0.0
    recorded -= _rest(recorded, said[:, _VOICE], seen)
    return Lesson(recorded, asked_for(recorded, strength), weight, seen, speech)


def _open(tracks: NDArray[np.floating]) -> Bools:
    """Knots with no closure in them or beside them."""
    closed = (tracks[:, _SEAL] >= CLOSED) | (tracks[:, _CONTACT] >= CLOSED)
    near = np.convolve(closed.astype(np.float64), np.ones(2 * BESIDE_KNOTS + 1), "same") > 0.5
    return np.asarray(~near)


def _rest(recorded: Floats, voice: NDArray[np.floating], seen: Bools) -> Floats:
    """The resting face [N_CURVE_TRACKS]: the median of the silence, or near the least of the speech."""
    silent = recorded[seen & (voice < SILENCE)]
    if len(silent) >= LEAST_REST_SECS * KNOT_RATE_HZ:
        return np.asarray(np.median(silent, axis=0), np.float64)
    spoken = recorded[seen]
    return np.percentile(spoken, REST_PERCENTILE, axis=0) if len(spoken) else np.zeros(N_CURVE_TRACKS)
