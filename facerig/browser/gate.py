"""Who may open the page: somebody on this machine who knows the token, by a name that is this machine's.

A page of another site can make a browser ask us for things. It cannot name us by its own name (Host), its
browser says where the request comes from (Origin), and it does not know the token, which is new for every
server and is part of the address that the user opens.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, urlsplit

LOOPBACK: Final = "127.0.0.1"
NAMES: Final = (LOOPBACK, "localhost")  # of this machine, as an address may write it
TOKEN_BYTES: Final = 16
LONGEST_PATH: Final = 512  # characters of what is asked for


def new_token() -> str:
    """Nobody guesses it."""
    return secrets.token_urlsafe(TOKEN_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The door of a server at `port`."""

    port: int
    token: str = field(default_factory=new_token)

    @property
    def url(self) -> str:
        """What the user opens."""
        return f"http://{LOOPBACK}:{self.port}/?token={self.token}"

    def refusal(self, hosts: Sequence[str], origins: Sequence[str], path: str, *, secret: bool) -> str | None:
        """Why a request with these headers for `path` is refused; None where it is not.

        secret: the token must be told, too.
        """
        own = {f"{name}:{self.port}" for name in NAMES}
        if len(hosts) != 1 or hosts[0].lower() not in own:
            return "the Host is not this server's name"
        if len(origins) > 1 or any(origin.lower() != f"http://{hosts[0].lower()}" for origin in origins):
            return "the Origin is another site"
        if len(path) > LONGEST_PATH:
            return "the address is too long"
        if secret and not self._knows(path):
            return "the token is missing or wrong: open the address that facerig live printed"
        return None

    def _knows(self, path: str) -> bool:
        told = parse_qs(urlsplit(path).query).get("token", [])
        return len(told) == 1 and hmac.compare_digest(told[0].encode(), self.token.encode())
