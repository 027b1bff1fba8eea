"""CURVE keys in files: a few lines of TOML, each key 40 characters of Z85."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from facerig.core.toml_files import Table, read_toml
from facerig.errors import ConfigError

Z85_KEY: Final = re.compile(r"[0-9a-zA-Z.\-:+=^!/*?&<>()\[\]{}@%$#]{40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientKeys:
    """The service's public key and the client's own pair. Raises ConfigError for what is no key."""

    server: str
    public: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("server", "public", "secret"):
            if not Z85_KEY.fullmatch(getattr(self, name)):
                raise ConfigError("is no CURVE key", where=f"keys.{name}",
                                  fix="give 40 characters of Z85, as the service's operator has them")

    @classmethod
    def read(cls, path: Path) -> Self:
        """From the file that `facerig keys new` wrote for a client."""
        table = read_secret(path)
        keys = cls(server=read_key(table, "server"), public=read_key(table, "public"),
                   secret=read_key(table, "secret"))
        table.finish()
        return keys


def read_server(path: Path) -> tuple[str, str]:
    """A service's public and secret key. Raises ConfigError."""
    table = read_secret(path)
    keys = read_key(table, "public"), read_key(table, "secret")
    table.finish()
    return keys


def read_public(path: Path) -> str:
    """The key of a file that holds a public key only. Raises ConfigError."""
    table = read_toml(path)
    key = read_key(table, "public")
    table.finish()
    return key


def read_key(table: Table, name: str) -> str:
    """One key of a file. Raises ConfigError, which does not show it."""
    key = table.raw(name)
    if not isinstance(key, str) or not Z85_KEY.fullmatch(key):
        raise table.bad(name, "is missing" if key is None else "is no CURVE key",
                        "give its 40 characters of Z85 in quotes")
    return key


def read_secret(path: Path) -> Table:
    """A file that holds a secret. Raises ConfigError where everybody on this machine can read it."""
    table = read_toml(path)
    if os.name == "posix" and path.stat().st_mode & 0o007:
        raise ConfigError("everybody on this machine can read the secret key", where=str(path),
                          fix=f"chmod 600 {path}; if others have seen it, make new keys")
    return table
