"""Settings as knobs: each number carries its range and its reason, and is checked once, where it is set.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class BlinkSettings:
        rate: float = knob(20.0, 0.0, 60.0, "blinks a minute, median over characters")

        def __post_init__(self) -> None:
            check(self, "blinks")

Style and scene files, the command line and the documentation read the same metadata.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field, dataclass, field, fields
from typing import Any

from facerig.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Knob:
    """Least and most of a number, both allowed, and what it does."""

    least: float
    most: float
    why: str


def knob(default: float, least: float, most: float, why: str) -> Any:
    """A number of a settings dataclass, in [least, most]."""
    return field(default=default, metadata={"knob": Knob(least, most, why)})


def knobs(settings: Any) -> Iterator[tuple[Field[Any], Knob]]:
    """The knobs of a settings dataclass, the class or a value of it."""
    for one in fields(settings):
        if "knob" in one.metadata:
            yield one, one.metadata["knob"]


def check(settings: Any, where: str) -> None:
    """Raises ConfigError where a knob of `settings` is out of its range (or is no number)."""
    for one, range_ in knobs(settings):
        value = getattr(settings, one.name)
        if isinstance(value, bool) or not isinstance(value, int | float) \
                or not range_.least <= value <= range_.most:
            raise ConfigError(f"{one.name} = {value!r} is out of range", where=f"{where}.{one.name}",
                              fix=f"give a number from {range_.least:g} to {range_.most:g}: {range_.why}")
