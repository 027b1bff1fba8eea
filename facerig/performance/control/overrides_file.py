"""Reads `line.face.toml`, the corrections of one line; every mistake with its path. See docs/layers.md."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from facerig.core.channels import CHANNELS
from facerig.core.toml_files import Table, one_of, read_toml
from facerig.errors import ConfigError
from facerig.performance.control.overrides import CurveKeys, EmotionAt, GazeAt, Lock, Mute, Overrides, Span
from facerig.performance.control.selection import NAMED, REGIONS, curves_named
from facerig.performance.directions import STRENGTHS
from facerig.performance.emotion.mixture import parse_feeling
from facerig.performance.eyes.targets import Target, read_targets

T = TypeVar("T")

ENDING: Final = ".face.toml"
DAY_SECS: Final = 86_400.0  # longest sound that anybody corrects by hand
LONGEST_FADE_SECS: Final = 10.0
FADE_SECS: Final = 0.15  # where the file does not say
MUTE_FADE_SECS: Final = 0.3  # a head comes back from far
LID_FADE_SECS: Final = 0.05  # around [[no_blink]]: a blink that has begun goes on no longer
LONGEST_TRANSITION_SECS: Final = 30.0
MOST_SCALE: Final = 5.0
FARTHEST_METRES: Final = 1000.0  # of a point that is looked at
NEAREST_KEYS_SECS: Final = 0.001  # two of a drawn curve: a jump is that steep
MODES: Final = ("set", "add", "scale")
CURVES_OF_KEYS: Final = ("smooth", "linear", "step")  # how the value goes from key to key
_LOW, _HIGH = (np.array([getattr(c, end) for c in CHANNELS], np.float32) for end in ("low", "high"))


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
        blinks=tuple(sorted(read_each(table, "blink", lambda one: _time(one, "at")))),
        no_blinks=read_each(table, "no_blink", lambda one: _span(one, LID_FADE_SECS)),
        locks=read_each(table, "lock", _lock),
        curves=read_each(table, "curve", _curve),
        emotions=tuple(sorted(read_each(table, "emotion", read_emotion), key=lambda told: told.at)),
        gazes=tuple(sorted(read_each(table, "gaze", read_gaze), key=lambda told: told.at)),
        mutes=read_each(table, "mute", _mute))
    table.finish()
    return out


def read_each(table: Table, key: str, read: Callable[[Table], T]) -> tuple[T, ...]:
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
        if out and time < out[-1][0] + NEAREST_KEYS_SECS:
            raise one.bad("time", f"{time:g} s is not after the key before",
                          f"put the keys in order of time, {NEAREST_KEYS_SECS:g} s or more apart")
        out.append((time, value))
    return out


def read_emotion(table: Table) -> EmotionAt:
    """`at`, `feeling` as on the command line, and `transition`."""
    at, feeling = _time(table, "at"), table.parsed("feeling", parse_feeling)
    if feeling is None:
        raise table.bad("feeling", "is missing", 'give an emotion, such as feeling = "joy:0.6"')
    return EmotionAt(at, feeling, table.number("transition", 0.0, LONGEST_TRANSITION_SECS, "seconds"))


def read_gaze(table: Table) -> GazeAt:
    """`at`, and `target` as `looked_at` reads it."""
    at, targets = _time(table, "at"), looked_at(table, "target")
    if targets is None:
        raise table.bad("target", "is missing", 'give "camera", "none" or [x, y, z] in metres')
    return GazeAt(at, targets)


def looked_at(table: Table, key: str) -> tuple[Target, ...] | None:
    """What `key` says is looked at: a text as for --gaze, or a point [x, y, z] in metres; None if nothing."""
    if not isinstance(table.raw(key), list):
        return table.parsed(key, read_targets)
    point = table.numbers(key, 3, -FARTHEST_METRES, FARTHEST_METRES, "a point [x, y, z] in metres")
    try:
        return None if point is None else (Target(point[0], point[1], point[2]),)
    except ConfigError as error:
        raise table.bad(key, error.what, error.fix) from None


def _mute(table: Table) -> Mute:
    return Mute(table.text("layer", STRENGTHS, needed=True), _span(table, MUTE_FADE_SECS))
