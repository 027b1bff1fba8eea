"""The files of the page, and the headers that keep everything else out of it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Final
from urllib.parse import urlsplit

from facerig.errors import ConfigError

# ending   media type
KINDS: Final = {
    ".html": "text/html; charset=utf-8",
    ".css":  "text/css; charset=utf-8",
    ".js":   "text/javascript; charset=utf-8",
    ".svg":  "image/svg+xml",
    ".bin":  "application/octet-stream",
}
PAGE, HEAD, SESSION = "/", "/head.bin", "/session"
SECRETS: Final = (PAGE, HEAD, SESSION)  # for those who know the token; the rest is public as facerig is
# Only our own scripts run, they talk to us only, and no other page shows ours inside it.
POLICY: Final = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
                 "connect-src 'self' ws://{host}; worker-src 'self'; base-uri 'none'; form-action 'none'; "
                 "frame-ancestors 'none'")


@dataclass(frozen=True, slots=True)
class File:
    """What is sent for an address."""

    body: bytes
    kind: str

    def headers(self, host: str) -> dict[str, str]:
        """For a browser that called us `host`."""
        return {"Content-Type": self.kind, "Content-Length": str(len(self.body)), "Connection": "close",
                "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin",
                "Cross-Origin-Opener-Policy": "same-origin", "Permissions-Policy": "microphone=(self)",
                "Content-Security-Policy": POLICY.format(host=host)}


def page_files(head: bytes) -> dict[str, File]:
    """Every address that can be asked for. Raises ConfigError where the installation lacks the page."""
    served = {HEAD: File(head, KINDS[".bin"])}
    for file in files("facerig.browser").joinpath("page").iterdir():
        ending = "." + file.name.rpartition(".")[2]
        if ending in KINDS:
            served[f"/{file.name}"] = File(file.read_bytes(), KINDS[ending])
    page = served.pop("/index.html", None)
    if page is None:
        raise ConfigError("the page is missing", where="facerig live", fix="install facerig again")
    return {PAGE: page, **served}


def place_of(path: str) -> str:
    """The address without what follows a question mark; "" for none."""
    try:
        return urlsplit(path).path
    except ValueError:
        return ""
