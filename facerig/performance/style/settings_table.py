"""Settings dataclasses as sections of a file: what a file gives of them, laid over a value, blended, written.

    told = read_settings(table.table("blinks"), BlinkSettings)     # {"rate": 14.0}: only what stands there
    blinks = laid_over(told, BlinkSettings())

Fields that files may name are knobs (numbers, checked by their ranges), flags, texts and choices (Literal).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from types import UnionType
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from facerig.core.toml_files import Table
from facerig.errors import ConfigError
from facerig.performance.knobs import knobs

Told = Mapping[str, Any]  # values of fields by name: bool, int, float or str
T = TypeVar("T")

NOTHING: Final[Told] = {}


def kinds(settings: type[Any]) -> dict[str, Any]:
    """The fields of `settings`, a dataclass, that a file may name, and the type of each."""
    hints, ranged = get_type_hints(settings), {field.name for field, _ in knobs(settings)}
    found = {field.name: _plain(hints[field.name]) for field in fields(settings)}
    return {name: kind for name, kind in found.items()
            if kind in (bool, str) or get_origin(kind) is Literal or name in ranged}


def _plain(hint: Any) -> Any:
    """`hint` without an `| None`, which a file says by leaving the field out."""
    if get_origin(hint) not in (Union, UnionType):
        return hint
    inner = [part for part in get_args(hint) if part is not type(None)]
    return inner[0] if len(inner) == 1 else hint


def read_settings(table: Table, settings: type[Any], besides: str = "") -> Told:
    """What `table` says of `settings`. Raises ConfigError, with the path, for a wrong value or key.

    besides: a key that may stand there too, which somebody else reads.
    """
    ranges = {field.name: knob for field, knob in knobs(settings)}
    told: dict[str, Any] = {}
    for name, kind in kinds(settings).items():
        if name in ranges and kind is int:
            told[name] = table.whole(name, int(ranges[name].least), int(ranges[name].most))
        elif name in ranges:
            told[name] = table.number(name, ranges[name].least, ranges[name].most, ranges[name].why)
        elif kind is bool:
            told[name] = table.flag(name)
        else:
            told[name] = table.text(name, get_args(kind))
    if besides:
        table.raw(besides)
    table.finish()
    given = {name: value for name, value in told.items() if value is not None}
    _checked(table, given, settings)
    return given


def _checked(table: Table, told: Told, settings: type[Any]) -> None:
    """Let the dataclass look at what fits together only in part."""
    try:
        settings(**told)
    except ConfigError as error:
        raise ConfigError(error.what, where=table.where(), fix=error.fix) from None


def laid_over(told: Told, settings: T) -> T:
    """`settings` with what is told. Fields are checked by the dataclass itself."""
    changed: T = replace(settings, **told) if told else settings  # type: ignore[type-var]
    return changed


def blended_told(a: Told, b: Told, share: float, settings: type[Any], drawn: Collection[str] = ()) -> Told:
    """Between two tellings of `settings`: numbers in proportion, flags and texts of the nearer one.

    What only one says goes to or from the default; but fields of `drawn`, whose default leaves them to the
    seed, are told where the nearer one tells them.
    """
    default, out = settings(), {}
    for name, kind in kinds(settings).items():
        if name not in a and name not in b:
            continue
        absent = None if name in drawn else getattr(default, name)
        value = mixed(a.get(name, absent), b.get(name, absent), share)
        if value is not None:
            out[name] = round(value) if kind is int else value
    return out


def mixed(a: Any, b: Any, share: float) -> Any:
    """From `a` at a share of 0 to `b` at 1."""
    if any(end is None or isinstance(end, bool | str) for end in (a, b)):
        return a if share < 0.5 else b
    if share in (0.0, 1.0):
        return (a, b)[int(share)]
    return a + (b - a) * share
