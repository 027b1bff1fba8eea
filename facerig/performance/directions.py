"""What a game or an animator tells a character while it acts: at a time, something is to be different."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import Any, Final

from facerig.errors import ConfigError
from facerig.performance.control.controls import Controls
from facerig.performance.emotion.mixture import Feeling, parse_feeling
from facerig.performance.eyes.targets import Target, checked_targets, read_targets
from facerig.performance.meeting import LAYERS
from facerig.performance.style.style import Style, read_style

MODES: Final = ("speak", "listen")
ATTITUDES: Final = ("positive", "neutral", "negative")
STRENGTHS: Final = (*LAYERS, "asymmetry")  # of what can be turned down, or off
STRONGEST: Final = 2.0
AT_MOST_ONCE: Final = ("speech", "gaze", "blinks")  # twice of these is none: seals, targets, shut lids
Gaze = str | Target | tuple[float, float, float] | Sequence[Target]  # as people give it
LONGEST_SECS: Final = 60.0  # of a transition


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """From `at_secs` on; what is None stays as it is.

    emotion: what the character feels, as `facerig.performance.emotion.mixture` reads it. transition_secs: how
    long the change takes; None: as each layer has it. gaze: "camera", "none", "x,y,z" in metres (left, up,
    ahead of the eyes), several, or `Target`s. blink: once, now. mode: "speak", or "listen" to a voice that is
    another's. attitude: of the listener: positive, neutral, negative. layers: strengths in [0, 2] of
    STRENGTHS. controls: gains, offsets and so on of the finished curves. style: laid over all settings.
    """

    at_secs: float = 0.0
    emotion: Feeling | None = None
    transition_secs: float | None = None
    gaze: tuple[Target, ...] | None = None
    blink: bool = False
    mode: str | None = None
    attitude: str | None = None
    layers: Mapping[str, float] | None = None
    controls: Controls | None = None
    style: Style | None = None

    def __post_init__(self) -> None:
        _check_number("at_secs", self.at_secs, math.inf)
        if self.transition_secs is not None:
            _check_number("transition_secs", self.transition_secs, LONGEST_SECS)
        for name, value, allowed in (("mode", self.mode, MODES), ("attitude", self.attitude, ATTITUDES)):
            if value is not None:
                _check_one_of(name, value, allowed)
        check_strengths(self.layers or {})

    @classmethod
    def of(cls, at_secs: float, wishes: Mapping[str, Any]) -> Direction:
        """From plain values, as users give them. Raises ConfigError that names the wish that is none."""
        known = [field.name for field in fields(cls)][1:]
        for name in wishes:
            if name not in known:
                raise ConfigError(f"there is no {name!r} to direct", where="direct",
                                  fix=f"give {', '.join(known)}")
        values = {name: _read(name, wish) for name, wish in wishes.items() if wish is not None}
        return cls(at_secs=at_secs, **values)


_FIXES: Final = {"controls": "give Controls", "style": "give a Style, or the path of a style file",
                 "blink": "write blink=True", "layers": 'write layers={"head": 0.5}'}


def _read(name: str, wish: Any) -> Any:
    """A wish as Direction holds it, from the plain values that people give. Raises ConfigError."""
    if name == "emotion":
        return as_feeling(wish)
    if name == "gaze":
        return as_targets(wish)
    if name == "style" and isinstance(wish, str | PathLike):
        return read_style(Path(wish))
    kinds: dict[str, Any] = {"controls": Controls, "style": Style, "blink": bool, "layers": Mapping}
    if name in kinds and not isinstance(wish, kinds[name]):
        raise _refused(name, wish, _FIXES[name])
    return wish


def as_feeling(emotion: Any) -> Feeling:
    """A feeling from text, from weights by name, or as it is. Raises ConfigError."""
    if isinstance(emotion, str):
        return parse_feeling(emotion)
    if isinstance(emotion, Mapping):
        return Feeling.of(emotion)
    if not isinstance(emotion, Feeling):
        raise _refused("emotion", emotion, 'give "joy:0.6", {"joy": 0.6} or a Feeling')
    return emotion


def _refused(name: str, wish: object, fix: str) -> ConfigError:
    return ConfigError(f"{wish!r} cannot be taken for {name}", where=f"direct.{name}", fix=fix)


def as_targets(gaze: Gaze) -> tuple[Target, ...]:
    """Targets from text, from one point (x, y, z) in metres, from a Target or several. Raises ConfigError."""
    if isinstance(gaze, str):
        return read_targets(gaze)
    if isinstance(gaze, Target):
        return (gaze,)
    items = list(gaze) if isinstance(gaze, Iterable) else []
    targets = tuple(item for item in items if isinstance(item, Target))
    numbers = [_metres(item) for item in items if isinstance(item, Real)]
    if len(items) == len(numbers) == 3:
        return (Target(*numbers),)
    if len(targets) == len(items) and targets:
        return checked_targets(targets)
    raise ConfigError(f"{gaze!r} is no target", where="gaze",
                      fix='give "camera", "none", one point (x, y, z) in metres, or Targets')


def _metres(number: Real) -> float:
    try:
        return float(number)
    except OverflowError:  # of an integer; out of range, as targets say
        return math.inf


def check_strengths(layers: Mapping[str, float]) -> None:
    """Raises ConfigError for a layer that is none, or a strength out of range."""
    for name, strength in layers.items():
        _check_one_of("layers", name, STRENGTHS)
        _check_number(f"layers.{name}", strength, 1.0 if name in AT_MOST_ONCE else STRONGEST)


def _check_number(name: str, value: float, most: float) -> None:
    if not isinstance(value, Real) or not 0.0 <= value <= most or math.isinf(value):
        raise ConfigError(f"{name} = {value!r} is out of range", where=f"direct.{name}",
                          fix=f"give a number from 0 to {most:g}" if most < math.inf else "give 0 or more")


def _check_one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ConfigError(f"{value!r} is no {name.removesuffix('s')}", where=f"direct.{name}",
                          fix=f"give one of {', '.join(allowed)}")
