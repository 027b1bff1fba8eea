"""An animator's corrections of one line: `line.face.toml` beside `line.wav` outlives every new export.

    overrides = read_overrides(Path("line.face.toml"))      # see overrides_file
    frames = overrides.moved(frames, times)     # [[curve]] mode add, scale: before the lips are guarded
    frames = overrides.settled(frames, times)   # [[curve]] mode set, [[lock]]: the last word, seals included
    share = overrides.share("emotion", times)   # [[mute]], [[no_blink]]
    overrides.blinks, overrides.emotions, overrides.gazes      # what layers are told

All times are seconds of the sound. Everything is a closed form of time, so any split and any frame rate show
the same. docs/layers.md describes the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import CHANNELS
from facerig.performance.easing import smooth
from facerig.performance.emotion.mixture import Feeling
from facerig.performance.eyes.targets import Target

Array = NDArray[np.float32]
Times = NDArray[np.float64]

_LOW, _HIGH = (np.array([getattr(c, end) for c in CHANNELS], np.float32) for end in ("low", "high"))


@dataclass(frozen=True, slots=True)
class Span:
    """In force from `start` to `end`; it comes within `fade` before and goes within `fade` after; s."""

    start: float
    end: float
    fade: float

    def share(self, times: Times) -> Times:
        """How far it is in force at `times`, in [0, 1]."""
        outside = np.maximum(self.start - times, times - self.end)
        x = np.clip(1.0 - outside / self.fade, 0.0, 1.0) if self.fade > 0 else outside <= 0.0
        return np.asarray(smooth(x), np.float64)

    def meets(self, times: Times) -> bool:
        """It does something between the first and the last of `times`."""
        return bool(self.start - self.fade <= times[-1] and times[0] <= self.end + self.fade)


@dataclass(frozen=True, slots=True)
class Lock:
    """The curves at `columns` show `value` and nothing else."""

    columns: tuple[int, ...]
    span: Span
    value: float

    def applied(self, frames: Array, times: Times) -> None:
        """In place."""
        columns = list(self.columns)
        share = self.span.share(times).astype(np.float32)[:, None]
        frames[:, columns] += share * (np.float32(self.value) - frames[:, columns])


@dataclass(frozen=True, slots=True)
class CurveKeys:
    """A drawn curve: `mode` says what it does to the curves at `columns`; outside of its keys it fades."""

    columns: tuple[int, ...]
    mode: str
    between: str
    times: tuple[float, ...]
    values: tuple[float, ...]
    fade: float

    @property
    def span(self) -> Span:
        """Where it is in force."""
        return Span(self.times[0], self.times[-1], self.fade)

    def at(self, times: Times) -> Times:
        """The drawn values, those of the outer keys held."""
        inside = np.clip(times, self.times[0], self.times[-1])
        if self.between == "step" or len(self.times) == 1:
            return np.array(self.values)[np.searchsorted(self.times, inside, side="right") - 1]
        if self.between == "linear":
            return np.asarray(np.interp(inside, self.times, self.values), np.float64)
        return np.asarray(_smooth(self.times, self.values)(inside), np.float64)

    def applied(self, frames: Array, times: Times) -> None:
        """In place; values stay in the channels' ranges."""
        columns, share = list(self.columns), self.span.share(times)[:, None]
        drawn, shown = self.at(times)[:, None], frames[:, columns].astype(np.float64)
        if self.mode == "set":
            shown += share * (drawn - shown)
        elif self.mode == "add":
            shown += share * drawn
        else:
            shown *= 1.0 + share * (drawn - 1.0)
        frames[:, columns] = np.clip(shown, _LOW[columns], _HIGH[columns])


@lru_cache(maxsize=256)
def _smooth(times: tuple[float, ...], values: tuple[float, ...]) -> Callable[[Times], Times]:
    """Through all keys without overshooting: what rises between keys rises all the way."""
    from scipy.interpolate import PchipInterpolator  # slow to import, and few lines have drawn curves

    through: Callable[[Times], Times] = PchipInterpolator(times, values)
    return through


@dataclass(frozen=True, slots=True)
class EmotionAt:
    """From `at` s on the character feels `feeling`, reached within `transition` s (None: the layer's own)."""

    at: float
    feeling: Feeling
    transition: float | None


@dataclass(frozen=True, slots=True)
class GazeAt:
    """From `at` s on the character looks at `targets`; nowhere in particular where there are none."""

    at: float
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Mute:
    """The layer is not heard."""

    layer: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Everything of one file. `blinks`: when, s; `no_blinks`: when none may be seen."""

    blinks: tuple[float, ...] = ()
    no_blinks: tuple[Span, ...] = ()
    locks: tuple[Lock, ...] = ()
    curves: tuple[CurveKeys, ...] = ()
    emotions: tuple[EmotionAt, ...] = ()
    gazes: tuple[GazeAt, ...] = ()
    mutes: tuple[Mute, ...] = ()

    def moved(self, frames: Array, times: Times) -> Array:
        """`frames` float32 [n, 61] with what is added and scaled; they still pass the guard of the lips."""
        return _applied([c for c in self.curves if c.mode != "set"], frames, times)

    def settled(self, frames: Array, times: Times) -> Array:
        """`frames` with what is set and locked (locks win): the animator's last word."""
        return _applied([*(c for c in self.curves if c.mode == "set"), *self.locks], frames, times)

    def apply(self, frames: Array, times: Times) -> Array:
        """All of it on finished frames."""
        return self.settled(self.moved(frames, times), times)

    def share(self, layer: str, times: Times) -> Array:
        """What is left of a layer at `times`, float32 [n] in [0, 1]."""
        out = np.ones(len(times), np.float32)
        if not len(times) or not (self.mutes or self.no_blinks):
            return out
        spans = [mute.span for mute in self.mutes if mute.layer == layer]
        spans += self.no_blinks if layer == "blinks" else ()
        for span in spans:
            if span.meets(times):
                out *= (1.0 - span.share(times)).astype(np.float32)
        return out

    @property
    def last_secs(self) -> float:
        """The last time that the file names: beyond the sound's end it does nothing."""
        parts: list[Any] = [*self.locks, *self.curves, *self.mutes]
        told: list[Any] = [*self.emotions, *self.gazes]
        spans = [*self.no_blinks, *(part.span for part in parts)]
        return max([*self.blinks, *(part.at for part in told), *(span.end for span in spans)], default=0.0)


def _applied(parts: list[Any], frames: Array, times: Times) -> Array:
    parts = [part for part in parts if len(times) and part.span.meets(times)]
    if not parts:
        return frames
    out = frames.copy()
    for part in parts:
        part.applied(out, times)
    return out
