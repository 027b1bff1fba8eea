"""What a page tells its session, read from JSON and checked.

    {"type": "open", "rate": 48000, "model": "live"}     begin a stream; sound that follows belongs to it
    {"type": "direct", "emotion": {"joy": 0.6}}          any of WISHES, from now on

Sound comes as binary messages of its own: 16-bit little-endian mono.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from facerig.errors import ProtocolError

LONGEST_WORDS: Final = 500  # characters
LOWEST_HZ, HIGHEST_HZ = 8_000, 192_000
_WHERE: Final = "live"


@dataclass(frozen=True, slots=True)
class Open:
    """Begin a stream of sound at `rate` Hz, heard by `model`."""

    rate: int
    model: str


@dataclass(frozen=True, slots=True)
class Wish:
    """For `Session.direct`."""

    wishes: Mapping[str, Any]


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(value)  # type: ignore[arg-type]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_WORDS


def _is_weights(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_number, value.values()))


def _is_point(value: object) -> bool:
    return isinstance(value, list) and len(value) == 3 and all(map(_is_number, value))


# What a page may ask for, and how it looks; what it means is for `Session.direct` to judge. Styles and
# corrections are not among them: they would name files of this machine.
WISHES: Final[dict[str, Callable[[object], bool]]] = {
    "emotion":         lambda value: _is_text(value) or _is_weights(value),
    "gaze":            lambda value: _is_text(value) or _is_point(value),
    "blink":           lambda value: isinstance(value, bool),
    "layers":          _is_weights,
    "mode":            _is_text,
    "attitude":        _is_text,
    "transition_secs": _is_number,
}


def read_order(text: str, models: tuple[str, ...]) -> Open | Wish:
    """The order in `text`; `models`: names that may be asked for. Raises ProtocolError."""
    order = _parsed(text)
    kind = order.pop("type", None)
    if kind == "open":
        return _open(order, models)
    if kind == "direct":
        for name, value in order.items():
            if name not in WISHES:
                _refuse(f"{name[:40]!r} is no wish", f"send {', '.join(WISHES)}")
            if not WISHES[name](value):
                _refuse(f"{name} cannot be {repr(value)[:40]}", "see the table WISHES")
        return Wish(order)
    _refuse(f"{str(kind)[:40]!r} is no order", "send open or direct")


def read_sound(data: bytes) -> NDArray[np.int16]:
    """The samples of a binary message. Raises ProtocolError."""
    if len(data) % 2:
        _refuse(f"{len(data)} bytes are no 16-bit samples", "send two bytes a sample")
    return np.frombuffer(data, "<i2").astype(np.int16, copy=False)


def _open(order: dict[str, Any], models: tuple[str, ...]) -> Open:
    rate, model = order.pop("rate", None), order.pop("model", None)
    if order:
        _refuse(f"{next(iter(order))[:40]!r} is not part of open", "send rate and model")
    if type(rate) is not int or not LOWEST_HZ <= rate <= HIGHEST_HZ:
        _refuse(f"{rate!r} is no sample rate", f"send {LOWEST_HZ} to {HIGHEST_HZ}")
    if model not in models:
        _refuse(f"there is no model {str(model)[:40]!r}", f"send {', '.join(models)}")
    return Open(rate, model)


def _parsed(text: str) -> dict[str, Any]:
    try:
        order = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        _refuse("the message is no JSON", "send an object")
    if not isinstance(order, dict):
        _refuse("the message is no object", 'send {"type": ...}')
    return order


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _refuse(what: str, fix: str) -> NoReturn:
    raise ProtocolError(what, where=_WHERE, fix=fix)
