"""Which voices there are: found through entry points, opened by name, and kept open.

    voice = open_voice("hibari")                  # or "hibari:fenrir", or "" for the usual one
    voices().with_files([Path("amy.toml")]).open("amy")

A name is a name and never a path, so one from outside may be opened safely. Voice files (`voice_file.py`)
start programs: only somebody who runs facerig names them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final

from facerig.core.plugins import loaded
from facerig.core.toml_files import one_of
from facerig.errors import ConfigError, FacerigError
from facerig.voices.voice import MAX_RATE_HZ, MIN_RATE_HZ, Voice, variants_of
from facerig.voices.voice_file import read_voice

GROUP: Final = "facerig.voices"
USUAL: Final = "hibari"
_OWN: Final = "facerig."  # facerig's own win where two voices have one name


@dataclass(frozen=True, slots=True)
class Voices:
    """The voices that could be loaded, and in words why others could not. `made`: those of voice files."""

    classes: tuple[type[Voice], ...]
    problems: tuple[str, ...]
    made: Mapping[str, Voice] = field(default_factory=dict)
    _opened: dict[str, Voice] = field(default_factory=dict, compare=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)

    def open(self, name: str = "") -> Voice:
        """The voice `name`, or `name:variant`; opened once and then shared.

        Raises ConfigError where there is none, or where it cannot be opened here.
        """
        name = name.strip() or USUAL
        if name in self.made:
            return self.made[name]
        with self._lock:
            if name not in self._opened:
                self._opened[name] = self._open(name)
            return self._opened[name]

    def with_files(self, files: Iterable[Path]) -> Voices:
        """These, and the voices of voice files by their names. Raises ConfigError for a bad one."""
        made = dict(self.made)
        for file in files:
            voice = read_voice(file)
            if voice.name in made or any(one.name == voice.name for one in self.classes):
                raise ConfigError(f"there is a voice {voice.name!r} already", where=f"{file}: $.name",
                                  fix="give it another name")
            made[voice.name] = voice
        return Voices(self.classes, self.problems, made)

    def _open(self, name: str) -> Voice:
        plain, colon, variant = name.partition(":")
        found = next((one for one in self.classes if one.name == plain), None)
        if found is None:
            raise self._unknown(plain)
        variants = variants_of(found)
        if colon and variant not in variants:
            fix = f"use {one_of(variants, variant)}" if variants else f"write {plain}, without a colon"
            raise ConfigError(f"the voice {plain!r} has no variant {variant!r}", where="voice", fix=fix)
        try:
            voice: Voice = found(variant) if colon else found()  # type: ignore[call-arg]
        except FacerigError:
            raise
        except Exception as error:  # a third party's class may raise anything
            raise ConfigError(f"the voice {name!r} cannot be opened: {error!r}", where="voice",
                              fix="see the package that brings it") from error
        return _checked(voice, name)

    def _unknown(self, name: str) -> ConfigError:
        known = [*(one.name for one in self.classes), *self.made]
        broken = "".join(f"; {problem}" for problem in self.problems)
        fix = f"use {one_of(known, name)}{broken}" if known else f"install facerig again{broken}"
        return ConfigError(f"there is no voice {name!r}", where="voice", fix=fix)


def _checked(voice: Voice, name: str) -> Voice:
    rate = getattr(voice, "sample_rate", None)
    if not isinstance(rate, int) or not MIN_RATE_HZ <= rate <= MAX_RATE_HZ:
        raise ConfigError(f"the voice {name!r} states {rate!r} as its sample rate", where="voice",
                          fix=f"a voice has a whole rate from {MIN_RATE_HZ} to {MAX_RATE_HZ} Hz")
    return voice


def load_voices(points: Iterable[EntryPoint]) -> Voices:
    """Load the classes behind `points`; one that cannot be loaded is reported and harms no other."""
    classes, problems = loaded(points, "voice", _OWN,
                               lambda one, before: _fault(one, {voice.name: voice for voice in before}))
    return Voices(tuple(classes), tuple(problems))


@cache
def voices() -> Voices:
    """The voices of every installed package."""
    return load_voices(entry_points(group=GROUP))


def open_voice(name: str = "") -> Voice:
    """The installed voice `name`, "" for the usual one; opened once and then shared. Raises ConfigError."""
    return voices().open(name)


def _fault(voice: object, taken: Mapping[str, type[Voice]]) -> str:
    """What keeps `voice` from being one, in words; empty if nothing."""
    if not isinstance(voice, type) or not callable(getattr(voice, "speak", None)):
        return "is not a class with a `speak` method"
    name, summary, languages = (getattr(voice, key, None) for key in ("name", "summary", "languages"))
    if not isinstance(name, str) or not isinstance(summary, str):
        return "lacks a name or a summary"
    if not name or ":" in name or name != name.strip():
        return f"has the name {name!r}: it may hold no colon and must not be empty"
    if not _are_texts(languages):
        return 'lacks `languages`, a tuple of tags such as ("en",)'
    if not _are_texts(getattr(voice, "variants", ())):
        return "has variants that are not a tuple of names"
    return f"has the name of {taken[name].__module__}.{taken[name].__qualname__}" if name in taken else ""


def _are_texts(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, str) for one in value)
