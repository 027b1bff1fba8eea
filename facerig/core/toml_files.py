"""TOML files that people write: read with the path of every mistake, and written by ourselves.

    table = read_toml(path)                       # or Table.of(mapping, "hero.toml")
    rate = table.number("rate", 0, 60)            # None where it is absent
    for blink in table.tables("blink"):
        at = blink.number("at", 0, DAY_SECS, needed=True)
    table.finish()                                # every key that nobody asked for is a mistake

A mistake is a ConfigError that says where (`hero.toml: $.blinks.raet`), what is allowed, and the nearest
name.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Literal, TypeVar, overload

from facerig.errors import ConfigError

T = TypeVar("T")

LARGEST_BYTES: Final = 4 << 20  # a file of settings that is larger is something else
DEEPEST: Final = 32  # tables within tables
SHOWN_NAMES: Final = 12  # of those allowed, in a message
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
# What tomllib says of a key that is set again, which it does not name; the place is the end of its value.
_AGAIN: Final = re.compile(r"Cannot overwrite a value \((?:at line (\d+), column \d+|at end of document)\)")
_KEY_OF_LINE: Final = re.compile(r"""\s*(?:\[\[?\s*(.+?)\s*\]|((?:"[^"]*"|'[^']*'|[^="'\[])+?)\s*=)""")
_BEYOND_JSON: Final = {"\x7f": "\\u007f"}  # JSON leaves it as it is, TOML forbids it


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a TOML document: `values`, the `file` it stands in and the `path` to it (`$.blinks`)."""

    values: Mapping[str, Any]
    file: str
    path: str = "$"
    _asked: set[str] = field(default_factory=set, compare=False, repr=False)

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def where(self, key: str = "", index: int | None = None) -> str:
        """The place of `key` (or of the table itself), or of item `index` in its list, in words:
        `hero.toml: $.blinks.rate`."""
        if not key:
            return f"{self.file}: {self.path}"
        item = "" if index is None else f"[{index}]"
        return f"{self.file}: {self.path}.{key if _BARE_KEY.fullmatch(key) else json.dumps(key)}{item}"

    def bad(self, key: str, what: str, fix: str, index: int | None = None) -> ConfigError:
        """The error to raise for the value of `key`, or for item `index` of it."""
        return ConfigError(what, where=self.where(key, index), fix=fix)

    def names(self) -> list[str]:
        """Every key, as written; all count as known from now on."""
        self._asked.update(self.values)
        return list(self.values)

    def raw(self, key: str) -> Any:
        """The value as it is, None where there is none."""
        self._asked.add(key)
        return self.values.get(key)

    @overload
    def number(self, key: str, least: float, most: float, why: str = "", *, needed: Literal[True]
               ) -> float: ...
    @overload
    def number(self, key: str, least: float, most: float, why: str = "") -> float | None: ...
    def number(self, key: str, least: float, most: float, why: str = "", *, needed: bool = False
               ) -> float | None:
        """A number in [least, most]."""
        value = self._given(key, f"a number from {least:g} to {most:g}", needed)
        return None if value is None else self._ranged(key, value, least, most, why)

    def _ranged(self, key: str, value: Any, least: float, most: float, why: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise self.bad(key, f"{_shown(value)} is not a number from {least:g} to {most:g}",
                           f"give a number from {least:g} to {most:g}{': ' + why if why else ''}")
        return float(value)

    def whole(self, key: str, least: int, most: int) -> int | None:
        """A whole number in [least, most]."""
        value = self._given(key, "a whole number", False)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)
                                  or not least <= value <= most):
            raise self.bad(key, f"{_shown(value)} is not a whole number from {least} to {most}",
                           f"give a whole number from {least} to {most}")
        return None if value is None else int(value)

    def flag(self, key: str) -> bool | None:
        """true or false."""
        value = self._given(key, "true or false", False)
        if value is not None and not isinstance(value, bool):
            raise self.bad(key, f"{_shown(value)} is neither true nor false", "write true or false, unquoted")
        return value

    @overload
    def text(self, key: str, allowed: Sequence[str] = (), *, needed: Literal[True]) -> str: ...
    @overload
    def text(self, key: str, allowed: Sequence[str] = ()) -> str | None: ...
    def text(self, key: str, allowed: Sequence[str] = (), *, needed: bool = False) -> str | None:
        """A text; one of `allowed` where that is given."""
        value = self._given(key, one_of(allowed) if allowed else "a text", needed)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.bad(key, f"{_shown(value)} is not a text", f'write it in quotes: {key} = "..."')
        if allowed and value not in allowed:
            raise self.bad(key, f"{value!r} is not known", f"give {one_of(allowed, value)}")
        return value

    def parsed(self, key: str, parse: Callable[[str], T]) -> T | None:
        """What `parse` makes of the text `key`; its ConfigError gets the path of the file."""
        text = self.text(key)
        if text is None:
            return None
        try:
            return parse(text)
        except ConfigError as error:
            raise self.bad(key, error.what, error.fix) from None

    def numbers(self, key: str, count: int, least: float, most: float, what: str) -> tuple[float, ...] | None:
        """An array of `count` numbers in [least, most]."""
        value = self._given(key, what, False)
        if value is None:
            return None
        if not isinstance(value, list) or len(value) != count:
            raise self.bad(key, f"{_shown(value)} is not {what}", f"give {count} numbers in brackets")
        return tuple(self._ranged(key, v, least, most, what) for v in value)

    def table(self, key: str) -> Table:
        """The table `key`, empty where there is none."""
        value = self._given(key, "a table", False)
        if value is not None and not isinstance(value, dict):
            raise self.bad(key, f"{_shown(value)} is not a table", f"write [{key}] and its settings below")
        return Table(value or {}, self.file, f"{self.path}.{key}")

    def tables(self, key: str) -> list[Table]:
        """The tables of the array `key`, none where there is no such array."""
        value = self._given(key, "an array of tables", False)
        if value is not None and not (isinstance(value, list) and all(isinstance(v, dict) for v in value)):
            raise self.bad(key, f"{_shown(value)} is not an array of tables",
                           f"write [[{key}]] and its settings below, once for each")
        return [Table(v, self.file, f"{self.path}.{key}[{k}]") for k, v in enumerate(value or ())]

    def finish(self) -> None:
        """Raises ConfigError for the first key that nobody has asked for."""
        for key in self.values:
            if key not in self._asked:
                raise self.bad(key, "is not a setting", f"use {one_of(sorted(self._asked), key)}")

    def _given(self, key: str, what: str, needed: bool) -> Any:
        value = self.raw(key)
        if value is None and needed:
            raise self.bad(key, "is missing", f"give {what}")
        return value


def read_toml(path: Path) -> Table:
    """The whole of a TOML file. Raises ConfigError for one that is missing, no text or no TOML."""
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= LARGEST_BYTES else None
    except (OSError, ValueError) as problem:  # of a path that cannot be: a zero byte in it
        raise ConfigError(f"cannot be read: {getattr(problem, 'strerror', None) or problem}", where=str(path),
                          fix="give a file that exists") from None
    if data is None:
        raise ConfigError(f"is {size >> 20} MB large", where=str(path), fix="give a file of settings")
    return parse_toml(data, str(path))


def parse_toml(data: bytes, file: str) -> Table:
    """The same from bytes; `file` is how messages call it."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError("is not text in UTF-8", where=file, fix="save it as UTF-8") from None
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as problem:  # TOMLDecodeError is a ValueError
        if again := _again(text, str(problem)):
            line, key = again
            raise ConfigError(f"is not TOML: line {line} sets {_shown(key)} again", where=file,
                              fix="rename or remove one of them") from None
        raise ConfigError(f"is not TOML: {problem or 'nested too deeply'}", where=file,
                          fix='write NAME = VALUE lines under [section] lines; texts in "quotes"') from None
    if _too_deep(values):
        raise ConfigError("is nested too deeply", where=file, fix="take out what is no setting")
    return Table(values, file)


def _again(text: str, problem: str) -> tuple[int, str] | None:
    """The line and the key that is set a second time, where that is the `problem` of tomllib and its value
    stands in one line."""
    told = _AGAIN.search(problem)
    lines = text.rstrip().split("\n")
    number = 0 if told is None else int(told[1] or len(lines))
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    key = _KEY_OF_LINE.match(line)
    if key is None:
        return None
    try:
        tomllib.loads("\n".join(lines[:number - 1]))
    except (ValueError, RecursionError):  # the line is the end of a longer value
        return None
    return number, key[1] or key[2]


def _too_deep(values: dict[str, Any]) -> bool:
    """Without recursion: `a.a.a. ...` may nest thousands of tables."""
    level: list[Any] = [values]
    for _ in range(DEEPEST):
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)
                 if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


def one_of(names: Iterable[str], wrong: str = "") -> str:
    """`names` in words for a message; the nearest to `wrong` alone where there is one."""
    known = list(names)
    near = get_close_matches(wrong, known, n=1, cutoff=0.6) or [
        name for name in known if name.lower() == wrong.lower()]
    if near:
        return near[0]
    more = f" ... ({len(known)} in all)" if len(known) > SHOWN_NAMES else ""
    return "one of " + ", ".join(known[:SHOWN_NAMES]) + more if known else "nothing"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}..."


def toml_text(values: Mapping[str, Any]) -> str:
    """`values` as TOML: numbers, flags, texts, arrays, tables and arrays of tables; None is left out."""
    return "\n".join(_lines(values, "")).strip() + "\n"


def _lines(values: Mapping[str, Any], prefix: str) -> list[str]:
    given = {key: value for key, value in values.items() if value is not None}
    lines = [f"{toml_key(key)} = {_value(value)}" for key, value in given.items()
             if not isinstance(value, Mapping) and not _is_tables(value)]
    for key, value in given.items():
        path = f"{prefix}{toml_key(key)}"
        if isinstance(value, Mapping) and value:
            inner = _lines(value, f"{path}.")
            header = any(not isinstance(v, Mapping) and not _is_tables(v) for v in value.values())
            lines += [*(["", f"[{path}]"] if header else []), *inner]
        elif _is_tables(value):
            for one in value:
                lines += ["", f"[[{path}]]", *_lines(one, f"{path}.")]
    return lines


def _is_tables(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(v, Mapping) for v in value)


def toml_key(key: str) -> str:
    """`key` as a TOML file writes it: in quotes where it must be."""
    return key if _BARE_KEY.fullmatch(key) else _quoted(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(v) for v in value)}]"
    if isinstance(value, str):
        return _quoted(value)
    return repr(float(value)) if isinstance(value, float) else repr(int(value))


def _quoted(text: str) -> str:
    out = json.dumps(text, ensure_ascii=False)
    for char, escaped in _BEYOND_JSON.items():
        out = out.replace(char, escaped)
    return out
