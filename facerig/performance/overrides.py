"""An animator's corrections of one line: `line.face.toml` beside `line.wav` outlives every new export.

    overrides = read_overrides(Path("line.face.toml"))
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
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import CHANNELS
from facerig.core.toml_files import Table, one_of, read_toml
from facerig.errors import ConfigError
from facerig.performance.meeting import LAYERS
from facerig.performance.selection import NAMED, REGIONS, curves_named

Array = NDArray[np.float32]
Times = NDArray[np.float64]
Target = str | tuple[float, ...]
T = TypeVar("T")

ENDING: Final = ".face.toml"
DAY_SECS: Final = 86_400.0  # longest sound that anybody corrects by hand
LONGEST_FADE_SECS: Final = 10.0
FADE_SECS: Final = 0.15  # where the file does not say
LID_FADE_SECS: Final = 0.05  # around [[no_blink]]: a blink that has begun goes on no longer
MOST_SCALE: Final = 5.0
FARTHEST_M: Final = 1000.0  # of a point that is looked at
MODES: Final = ("set", "add", "scale")
CURVES_OF_KEYS: Final = ("smooth", "linear", "step")  # how the value goes from key to key
TARGETS: Final = ("camera", "none")
MUTED: Final = (*LAYERS, "asymmetry")
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
        return np.asarray(x * x * (3.0 - 2.0 * x), np.float64)

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
    feeling: str
    transition: float | None


@dataclass(frozen=True, slots=True)
class GazeAt:
    """From `at` s on the character looks at `target`: one of TARGETS, or a point in head space, m."""

    at: float
    target: Target


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
        spans = [mute.span for mute in self.mutes if mute.layer == layer]
        spans += self.no_blinks if layer == "blinks" else ()
        out = np.ones(len(times))
        for span in spans:
            if len(times) and span.meets(times):
                out *= 1.0 - span.share(times)
        return out.astype(np.float32)

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


def overrides_beside(sound: Path) -> Path | None:
    """The file of corrections that lies beside a sound file, None where there is none."""
    path = sound.with_name(sound.stem + ENDING)
    return path if path.is_file() else None


def read_overrides(path: Path) -> Overrides:
    """A file of corrections. Raises ConfigError, with file and path, for anything that is not right in it."""
    return overrides_of(read_toml(path))


def overrides_of(table: Table) -> Overrides:
    """The same from a table that is read already."""
    out = Overrides(
        blinks=tuple(sorted(_each(table, "blink", lambda one: _time(one, "at")))),
        no_blinks=_each(table, "no_blink", lambda one: _span(one, LID_FADE_SECS)),
        locks=_each(table, "lock", _lock),
        curves=_each(table, "curve", _curve),
        emotions=tuple(sorted(_each(table, "emotion", _emotion), key=lambda told: told.at)),
        gazes=tuple(sorted(_each(table, "gaze", _gaze), key=lambda told: told.at)),
        mutes=_each(table, "mute", _mute))
    table.finish()
    return out


def _each(table: Table, key: str, read: Callable[[Table], T]) -> tuple[T, ...]:
    """What `read` makes of every `[[key]]`; a key that it did not ask for is a mistake."""
    out = []
    for one in table.tables(key):
        out.append(read(one))
        one.finish()
    return tuple(out)


def _time(table: Table, key: str) -> float:
    return table.number(key, 0.0, DAY_SECS, "seconds of the sound", needed=True)


def _fade(table: Table, default: float) -> float:
    given = table.number("fade", 0.0, LONGEST_FADE_SECS, "seconds before and after")
    return default if given is None else given


def _span(table: Table, fade: float = FADE_SECS) -> Span:
    start, end = _time(table, "from"), _time(table, "to")
    if end < start:
        raise table.bad("to", f"{end:g} s lies before from = {start:g} s", "swap them")
    return Span(start, end, _fade(table, fade))


def _curves(table: Table, key: str) -> tuple[int, ...]:
    name = table.text(key, needed=True)
    columns = curves_named(name)
    if not columns:
        raise table.bad(key, f"{name!r} is not a curve", f"give {one_of(NAMED, name)}")
    return columns


def _lock(table: Table) -> Lock:
    if ("region" in table) == ("curve" in table):
        raise table.bad("", "names both a region and a curve" if "region" in table else "does not say what",
                        'write region = "brows" or curve = "mouthSmile", one of the two')
    columns = (REGIONS[table.text("region", tuple(REGIONS), needed=True)] if "region" in table
               else _curves(table, "curve"))
    low, high = float(_LOW[list(columns)].max()), float(_HIGH[list(columns)].min())
    value = table.number("value", low, high, "what the curves are locked to")
    return Lock(columns, _span(table), value or 0.0)


def _curve(table: Table) -> CurveKeys:
    columns = _curves(table, "name")
    mode = table.text("mode", MODES) or "set"
    between = table.text("between", CURVES_OF_KEYS) or "smooth"
    low, high = float(_LOW[columns[0]]), float(_HIGH[columns[0]])
    least, most = {"set": (low, high), "add": (low - high, high - low), "scale": (0.0, MOST_SCALE)}[mode]
    keys = _keys(table, least, most)
    return CurveKeys(columns, mode, between, tuple(t for t, _ in keys), tuple(v for _, v in keys),
                     _fade(table, FADE_SECS))


def _keys(table: Table, least: float, most: float) -> list[tuple[float, float]]:
    rows = table.raw("keys")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) for row in rows):
        raise table.bad("keys", "are missing" if rows is None else "are no pairs of time and value",
                        "write keys = [[1.2, 0.0], [1.5, 0.4]]")
    out: list[tuple[float, float]] = []
    for k, row in enumerate(rows):
        path = f"{table.path}.keys[{k}]"
        if len(row) != 2:
            raise ConfigError(f"{len(row)} values are no pair of time and value",
                              where=f"{table.file}: {path}", fix="write [1.2, 0.4]")
        one = Table({"time": row[0], "value": row[1]}, table.file, path)
        time, value = _time(one, "time"), one.number("value", least, most, needed=True)
        if out and time <= out[-1][0]:
            raise one.bad("time", f"{time:g} s is not after the key before", "put the keys in order of time")
        out.append((time, value))
    return out


def _emotion(table: Table) -> EmotionAt:
    return EmotionAt(_time(table, "at"), table.text("feeling", needed=True),
                     table.number("transition", 0.0, DAY_SECS, "seconds"))


def gaze_target(table: Table, key: str) -> Target | None:
    """Where somebody looks, as written: one of TARGETS or [x, y, z] in metres. None where nothing is said."""
    if isinstance(table.raw(key), list):
        return table.numbers(key, 3, -FARTHEST_M, FARTHEST_M, "a point [x, y, z], m")
    return table.text(key, TARGETS)


def _gaze(table: Table) -> GazeAt:
    at, target = _time(table, "at"), gaze_target(table, "target")
    if target is None:
        raise table.bad("target", "is missing", f'give {one_of(TARGETS)}, or [x, y, z] in metres')
    return GazeAt(at, target)


def _mute(table: Table) -> Mute:
    return Mute(table.text("layer", MUTED, needed=True), _span(table))
