"""Addresses of outlets: kind://host[:port][?option=value&...], checked to the last letter."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from facerig.errors import ConfigError

LONGEST: Final = 2000  # characters
_HOST: Final = re.compile(r"[A-Za-z0-9.:_-]{1,253}")
_YES_NO: Final = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Address:
    """An outlet's address, read. `text` is as it was written, without a token."""

    text: str
    kind: str
    host: str
    port: int | None
    options: Mapping[str, str] = field(default_factory=dict)

    def bad(self, what: str, fix: str) -> ConfigError:
        """The error that says what is wrong with this address."""
        return ConfigError(what, where=f"--to {self.text}", fix=fix)

    def checked(self, *known: str) -> Address:
        """Itself. Raises ConfigError for an option that is not `known`."""
        for name in self.options:
            if name not in known:
                raise self.bad(f"{self.kind} has no option {name!r}", f"give {', '.join(sorted(known))}")
        return self

    def choice(self, name: str, *allowed: str) -> str:
        """The option `name`, the first of `allowed` where it is not given. Raises ConfigError for others."""
        given = self.options.get(name, allowed[0])
        if given not in allowed:
            raise self.bad(f"{name}={given} is not known", f"give {name}={' or '.join(allowed)}")
        return given

    def yes(self, name: str, default: bool) -> bool:
        """The option `name`, which is yes or no. Raises ConfigError for others."""
        given = self.options.get(name)
        if given is not None and given not in _YES_NO:
            raise self.bad(f"{name}={given} is neither yes nor no", f"give {name}=yes or {name}=no")
        return default if given is None else _YES_NO[given]

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """The option `name`, a whole number from `low` to `high`. Raises ConfigError for others."""
        given = self.options.get(name, str(default))
        if not (given.isascii() and given.isdecimal() and len(given) < 12 and low <= int(given) <= high):
            raise self.bad(f"{name}={given} is out of range", f"give a number from {low} to {high}")
        return int(given)


def read_address(text: str) -> Address:
    """An address of an outlet. Raises ConfigError, with what is wrong."""
    shown = re.sub(r"(token=)[^&]*", r"\1...", text[:LONGEST])

    def bad(what: str) -> ConfigError:
        return ConfigError(what, where=f"--to {shown}", fix="write kind://host:port, such as "
                                                            "livelink://127.0.0.1:11111")
    if len(text) > LONGEST or not text.isprintable():
        raise bad("is too long, or has control characters")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
        options = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query),
                            errors="strict", max_num_fields=32)
    except (ValueError, UnicodeError) as problem:
        raise bad(f"is no address: {problem}") from None
    if not parts.scheme or not host:
        raise bad("has no kind or no host")
    if not _HOST.fullmatch(host) or parts.username is not None or parts.password is not None:
        raise bad("has no host that can be sent to")
    if port == 0 or parts.path not in ("", "/") or parts.fragment:
        raise bad("has port 0, or something behind the port")
    named = dict(options)
    if len(named) != len(options):
        raise bad("gives an option twice")
    if not all(value and value.isprintable() for value in named.values()):
        raise bad("has an option without a value, or with control characters")
    return Address(shown, parts.scheme, host, port, named)


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine is behind `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
