"""What a character feels: how much of each emotion each region of the face shows, and how users write it.

    joy                          joy at full
    joy:0.6,surprise:0.3         a mixture
    brows=anger:0.5;mouth=joy    by region; a part without a region is for all that follow none
    vad:0.4,-0.2,0.1             a point: valence, arousal, dominance
    barely holding back tears    free text, see `wording`
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import pairwise
from numbers import Real
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.errors import ConfigError
from facerig.performance.emotion.poses import EMOTION, EMOTIONS, REGIONS
from facerig.performance.emotion.space import AXES, mixture_at
from facerig.performance.emotion.wording import emotion_of, is_misspelt, read_wording

WHERE: Final = "--emotion"
LONGEST_TEXT: Final = 500  # characters
SHOWN: Final = 0.005  # weights below are not worth a word
_POINT: Final = "vad"
_EVERYWHERE: Final = ""
Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Feeling:
    """Weights [13][4] of `poses.EMOTIONS` by `poses.REGIONS`, each in [0, 1], of sum 1 or less in a region.

    What lacks to 1 is undecided: it is left to the voice. `neutral` is decided. `words`: what free text was
    taken as, for a report; empty where none was given.
    """

    weights: tuple[tuple[float, ...], ...]
    words: str = field(default="", compare=False)

    @staticmethod
    def of(weights: Weights, regions: Mapping[str, Weights] | None = None) -> Feeling:
        """From weights by emotion, the same in the whole face but for `regions`.

        Weights whose sum is above 1 are scaled to 1: a face has one full expression to share among emotions.
        Raises ConfigError for unknown emotions, unknown regions and weights outside [0, 1].
        """
        table = np.repeat(_column(weights)[:, None], len(REGIONS), 1)
        for region, inside in (regions or {}).items():
            table[:, REGIONS.index(_known(region, REGIONS, "region"))] = _column(inside)
        return Feeling(tuple(tuple(row) for row in table.tolist()))

    @property
    def array(self) -> NDArray[np.float64]:
        """The weights [13, 4]."""
        return np.array(self.weights, np.float64)

    def __str__(self) -> str:
        """As users write it: joy:0.6,surprise:0.3."""
        columns = [_written(column) for column in zip(*self.weights, strict=True)]
        if len(set(columns)) == 1:
            return columns[0]
        return ";".join(f"{region}={column}" for region, column in zip(REGIONS, columns, strict=True)
                        if column != "none")


def _written(weights: tuple[float, ...]) -> str:
    pairs = sorted(zip(weights, EMOTIONS, strict=True), key=lambda pair: -pair[0])
    words = [f"{name}:{weight:.2f}".rstrip("0").rstrip(".") for weight, name in pairs if weight >= SHOWN]
    return ",".join(words) or "none"


NONE: Final = Feeling(((0.0,) * len(REGIONS),) * len(EMOTIONS))  # all is left to the voice


def parse_feeling(text: str) -> Feeling:
    """A feeling as users write it, see above. Raises ConfigError that says what is wrong and what may be."""
    text = text.strip()
    if not text or len(text) > LONGEST_TEXT:
        raise ConfigError("there is no emotion" if not text else f"{len(text)} characters are too many",
                          where=WHERE, fix="write an emotion such as joy:0.6, or a few words")
    parts: dict[str, Weights] = {}
    words: list[str] = []
    for part in text.split(";") if "=" in text else [text]:
        region, equals, what = part.rpartition("=")
        _check_region(region, part)
        name = _known(region.strip().lower(), REGIONS, "region") if equals else _EVERYWHERE
        if name in parts:
            raise ConfigError(f"{name or 'the whole face'} is given twice", where=WHERE,
                              fix="give each region once, such as brows=anger:0.5;mouth=joy")
        parts[name] = _parsed_mixture(what.strip(), words)
    return replace(Feeling.of(parts.pop(_EVERYWHERE, {}), parts), words="; ".join(words))


def _parsed_mixture(text: str, words: list[str]) -> Weights:
    """One region's part. What free text is taken as goes to `words`."""
    if text.lower() == "none":
        return {}
    if text.lower().startswith(f"{_POINT}:"):
        return _at_point(text[len(_POINT) + 1:])
    items = [item.strip() for item in text.split(",")]
    if ":" not in text and not all(item.lower() in EMOTION for item in items):
        for item in items:
            if is_misspelt(item):
                _known(item.lower(), EMOTIONS, "emotion")
        wording = read_wording(text)
        words.append(f"{text}: {wording}")
        return wording.weights
    _check_points(items)
    weights: dict[str, float] = {}
    for item in items:
        name, colon, amount = item.partition(":")
        name = _known(name.strip().lower(), EMOTIONS, "emotion", amount.strip())
        if name in weights:
            raise ConfigError(f"{name} is given twice", where=WHERE, fix="give each emotion once")
        weights[name] = _number(amount, name) if colon else 1.0
    return weights


def _check_region(region: str, part: str) -> None:
    """Raises ConfigError for `joy=0.5`."""
    if region.partition("=")[0].strip().lower() in EMOTION:
        raise ConfigError(f"{part.strip()!r} has an emotion where a region stands", where=WHERE,
                          fix=f"write {part.strip().replace('=', ':')}")


def _check_points(items: list[str]) -> None:
    """Raises ConfigError for `joy:0,5`."""
    for before, item in pairwise(items):
        if item.isdecimal() and before[-1:].isdecimal():
            raise ConfigError(f"{before},{item} has a comma within a number", where=WHERE,
                              fix=f"write {before}.{item}")


def _at_point(text: str) -> Weights:
    items = text.split(",")
    if len(items) != len(AXES):
        raise ConfigError(f"a point has 3 numbers, {text!r} has {len(items)}", where=WHERE,
                          fix="write vad:VALENCE,AROUSAL,DOMINANCE such as vad:0.4,-0.2,0.1")
    valence, arousal, dominance = (_number(item, axis, least=-1.0)
                                   for item, axis in zip(items, AXES, strict=True))
    mixed = mixture_at(valence, arousal, dominance)
    return {name: weight for name, weight in zip(EMOTIONS, mixed.tolist(), strict=True) if weight > 0}


def _number(text: str, name: str, least: float = 0.0) -> float:
    try:
        number = float(text)
    except ValueError:
        raise ConfigError(f"{text.strip()!r} is no number", where=f"{WHERE} {name}",
                          fix=f"give a number from {least:g} to 1, such as {name}:0.6") from None
    return _within(number, name, least)


def _within(number: float, name: str, least: float = 0.0) -> float:
    if not isinstance(number, Real) or not least <= number <= 1.0:  # NaN is neither
        shown = f"{number:g}" if isinstance(number, float) else repr(number)[:40]
        raise ConfigError(f"{shown} is out of range", where=f"{WHERE} {name}",
                          fix=f"give a number from {least:g} to 1")
    return number


def _known(name: str, names: tuple[str, ...], kind: str, amount: str = "") -> str:
    if name in names:
        return name
    near = get_close_matches(name, names, 3, 0.5) if isinstance(name, str) else []
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    if amount and (word := emotion_of(name)) is not None and word not in near:
        meant = f"write {word}:{amount}; "
    raise ConfigError(f"unknown {kind} {name!r}", where=WHERE, fix=f"{meant}there are {', '.join(names)}")


def _column(weights: Weights) -> NDArray[np.float64]:
    column = np.zeros(len(EMOTIONS))
    for name, weight in weights.items():
        column[EMOTION[_known(name, EMOTIONS, "emotion")]] = _within(weight, name)
    return np.asarray(column / max(1.0, float(column.sum())), np.float64)
