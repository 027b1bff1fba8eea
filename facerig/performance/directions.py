"""What a game or an animator tells a character while it acts: at a time, something is to be different."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from facerig.errors import ConfigError
from facerig.performance.control.controls import Controls
from facerig.performance.emotion.mixture import Feeling, parse_feeling
from facerig.performance.eyes.targets import Target, checked_targets, read_targets
from facerig.performance.meeting import LAYERS
from facerig.performance.style.style import Style

MODES: Final = ("speak", "listen")
ATTITUDES: Final = ("positive", "neutral", "negative")
STRENGTHS: Final = (*LAYERS, "asymmetry")  # of what can be turned down, or off
STRONGEST: Final = 2.0
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
        _check_one_of("mode", self.mode, MODES)
        _check_one_of("attitude", self.attitude, ATTITUDES)
        check_strengths(self.layers or {})

    @classmethod
    def of(cls, at_secs: float, wishes: Mapping[str, Any]) -> Direction:
        """From plain values, as users give them. Raises ConfigError that names the wish that is none."""
        known = [field.name for field in fields(cls)][1:]
        for name in wishes:
            if name not in known:
                raise ConfigError(f"there is no {name!r} to direct", where="direct",
                                  fix=f"give {', '.join(known)}")
        values = dict(wishes)
        if isinstance(values.get("emotion"), str):
            values["emotion"] = parse_feeling(values["emotion"])
        if values.get("gaze") is not None:
            values["gaze"] = as_targets(values["gaze"])
        return cls(at_secs=at_secs, **values)


def as_targets(gaze: Gaze) -> tuple[Target, ...]:
    """Targets from text, from one point (x, y, z) in metres, from a Target or several. Raises ConfigError."""
    if isinstance(gaze, str):
        return read_targets(gaze)
    if isinstance(gaze, Target):
        return (gaze,)
    numbers = [item for item in gaze if isinstance(item, int | float)]
    targets = tuple(item for item in gaze if isinstance(item, Target))
    if len(numbers) == len(gaze) == 3:
        return (Target(*map(float, numbers)),)
    if len(targets) == len(gaze):
        return checked_targets(targets)
    raise ConfigError(f"{gaze!r} is no target", where="gaze",
                      fix='give "camera", "none", a point (x, y, z) in metres, or Targets')


def check_strengths(layers: Mapping[str, float]) -> None:
    """Raises ConfigError for a layer that is none, or a strength out of range."""
    for name, strength in layers.items():
        _check_one_of("layers", name, STRENGTHS)
        _check_number(f"layers.{name}", strength, STRONGEST)


def _check_number(name: str, value: float, most: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= most \
            or math.isinf(value):
        raise ConfigError(f"{name} = {value!r} is out of range", where=f"direct.{name}",
                          fix=f"give a number from 0 to {most:g}" if most < math.inf else "give 0 or more")


def _check_one_of(name: str, value: str | None, allowed: tuple[str, ...]) -> None:
    if value is not None and value not in allowed:
        raise ConfigError(f"{value!r} is no {name}", where=f"direct.{name}",
                          fix=f"give one of {', '.join(allowed)}")
