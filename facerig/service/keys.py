"""CURVE keys: who may connect to a service that others can reach.

    keys = new_keys(Path("keys"), "game")        # keys/server.key, keys/clients/game.public, keys/game.key
    Service(ServiceSettings(bind="0.0.0.0"), guard=CurveGuard(Path("keys")))
    facerig.connect("tcp://10.0.0.7", keys="game.key")

A folder of keys belongs to one service:

    server.key             the service's pair; stays here
    clients/NAME.public    who may come: one public key a file; a file that goes takes its client out
    NAME.key               what client NAME needs: move it there

CURVE alone lets any key in: the allow-list is asked over ZAP, by a thread that runs before anything listens.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import zmq
from zmq.auth.thread import ThreadAuthenticator

from facerig.core.toml_files import toml_text
from facerig.errors import ConfigError, FacerigError, OutputError
from facerig.service.key_files import Z85_KEY, read_public, read_server
from facerig.service.listening import Context, Socket
from facerig.service.log import facts
from facerig.sinks.files import written_aside

SERVER_FILE: Final = "server.key"
CLIENTS_FOLDER: Final = "clients"
PUBLIC_ENDING, SECRET_ENDING = ".public", ".key"
DOMAIN: Final = "facerig"  # of ZAP; libzmq closes connections of a domain that nobody answers for
LOOK_SECS: Final = 0.5  # between two looks at the allow-list, however many come
MOST_CLIENTS: Final = 10_000
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
SERVER_NOTE: Final = "# The service's pair: it stays here. Whoever has it can pretend to be the service.\n"
CLIENT_NOTE: Final = "# Lets a client in. Whoever has it can come as this client: keep it secret.\n"
log = logging.getLogger("facerig.service")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKeys:
    """Files that were written; `server` None where the service had its pair."""

    server: Path | None
    public: Path
    secret: Path


def new_keys(folder: Path, name: str) -> NewKeys:
    """A key pair for client `name`, who is let in from now on, and one for the service if it has none.

    Raises ConfigError for a name that is none or taken, OutputError where files cannot be written.
    """
    public, secret = _client_files(folder, name)
    _make(folder)
    server = folder / SERVER_FILE
    fresh = not server.exists()
    if fresh:
        _write_pair(server, SERVER_NOTE)
    server_public, _ = read_server(server)
    client_public, client_secret = (key.decode() for key in zmq.curve_keypair())
    _write_secret(secret, CLIENT_NOTE + toml_text(
        {"server": server_public, "public": client_public, "secret": client_secret}))
    _allow(public, client_public)
    return NewKeys(server=server if fresh else None, public=public, secret=secret)


def allow(folder: Path, name: str, key: str) -> Path:
    """Let a client in that has made its pair itself. Gives the file. Raises as `new_keys`."""
    public, _ = _client_files(folder, name)
    if not Z85_KEY.fullmatch(key):
        raise ConfigError("is no public CURVE key", where="KEY", fix="give its 40 characters of Z85")
    _make(folder)
    _allow(public, key)
    return public


def read_clients(folder: Path) -> dict[str, str]:
    """Who may come: names by public key. Raises ConfigError for a file that holds none."""
    return {key: path.stem for path in _public_files(folder) for key in [read_public(path)]}


class AllowList:
    """The public keys in a folder, as they are now: read again when files come, go or change.

    Raises ConfigError for a folder that is none or holds a file without a key; later such files are passed
    over.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._lock = folder, threading.Lock()
        self._names, self._seen = read_clients(folder), self._look()
        self._looked_secs = time.monotonic()

    def name_of(self, key: str) -> str | None:
        """Who has this public key; None for somebody who may not come."""
        with self._lock:
            if time.monotonic() - self._looked_secs >= LOOK_SECS:
                self._refresh()
            return self._names.get(key)

    def _refresh(self) -> None:
        self._looked_secs = time.monotonic()
        seen = self._look()
        if seen == self._seen:
            return
        self._seen, self._names = seen, {}
        try:
            paths = _public_files(self._folder)
        except ConfigError as problem:  # nobody may come
            log.error("the allow-list cannot be read: %s", problem.what)
            return
        for path in paths:
            try:
                self._names[read_public(path)] = path.stem
            except FacerigError as problem:
                log.error("%s lets nobody in: %s", path.name, problem.what)

    def _look(self) -> tuple[tuple[str, int, int], ...]:
        """What would show that something has changed."""
        try:
            with os.scandir(self._folder) as entries:
                return tuple(sorted((one.name, one.stat().st_mtime_ns, one.stat().st_size)
                                    for one in entries if one.name.endswith(PUBLIC_ENDING)))
        except OSError:
            return ()


class CurveGuard:
    """Lets in who has a key of the allow-list, and nobody else.

    Raises ConfigError for a folder without keys.
    """

    def __init__(self, folder: Path) -> None:
        self._public, self._secret = read_server(folder / SERVER_FILE)
        self._allowed = AllowList(folder / CLIENTS_FOLDER)
        self._watch: ThreadAuthenticator | None = None

    @property
    def public(self) -> str:
        """The service's public key, which clients need."""
        return self._public

    @property
    def is_alive(self) -> bool:
        """Whether keys are looked at; if not, nobody more is let in."""
        return self._watch is not None and self._watch.is_alive()

    def start(self, context: Context) -> None:
        """Watch all sockets of `context` from now on."""
        self._watch = ThreadAuthenticator(context)
        self._watch.start()
        self._watch.configure_curve_callback(DOMAIN, self)

    def secure(self, socket: Socket) -> None:
        """Make a socket, not yet bound, ask for keys."""
        socket.curve_server = True
        socket.curve_publickey, socket.curve_secretkey = self._public.encode(), self._secret.encode()
        socket.setsockopt(zmq.ZAP_DOMAIN, DOMAIN.encode())
        socket.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)  # without the thread nobody gets in

    def callback(self, domain: str, key: bytes) -> bool:
        """Asked by the authenticator's thread, which nothing may end."""
        try:
            name = self._allowed.name_of(key.decode("ascii", "replace"))
        except Exception as problem:
            log.error("a key could not be looked up: %r", problem, exc_info=problem)
            return False
        shown = key.decode("ascii", "replace")
        if name is None:
            log.warning("key %s is not allowed", shown, extra=facts("key", kind="not allowed", key=shown))
        else:
            log.info("%s connects", name, extra=facts("connected", kind=name, name=name, key=shown))
        return name is not None

    def stop(self) -> None:
        """The sockets are closed."""
        if self._watch is not None:
            self._watch.stop()
            self._watch = None


def _client_files(folder: Path, name: str) -> tuple[Path, Path]:
    """Where the public and the secret key of a client lie. Raises ConfigError for a name that cannot be."""
    if not NAME.fullmatch(name) or name + SECRET_ENDING == SERVER_FILE:
        raise ConfigError(f"{name[:70]!r} is no name of a client", where="--name",
                          fix="use letters, digits, dashes; 64 at most")
    public, secret = folder / CLIENTS_FOLDER / (name + PUBLIC_ENDING), folder / (name + SECRET_ENDING)
    for path in (public, secret):
        if path.exists():
            raise ConfigError(f"{name} has keys already", where=str(path),
                              fix="choose another --name, or remove its files first")
    return public, secret


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / CLIENTS_FOLDER).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise OutputError(f"the folder cannot be made: {error.strerror}", where=str(folder),
                          fix="choose another with -o") from None


def _write_pair(path: Path, note: str) -> None:
    public, secret = (key.decode() for key in zmq.curve_keypair())
    _write_secret(path, note + toml_text({"public": public, "secret": secret}))


def _write_secret(target: Path, text: str) -> None:
    with written_aside(target) as path:
        path.chmod(0o600)  # while it is empty
        path.write_text(text, encoding="utf-8")


def _allow(target: Path, key: str) -> None:
    with written_aside(target) as path:
        path.chmod(0o644)
        path.write_text(toml_text({"public": key}), encoding="utf-8")


def _public_files(folder: Path) -> list[Path]:
    try:
        names = sorted(one.name for one in os.scandir(folder) if one.name.endswith(PUBLIC_ENDING))
    except OSError as error:
        raise ConfigError(f"the allow-list cannot be read: {error.strerror}", where=str(folder),
                          fix="make it with `facerig keys new`") from None
    if len(names) > MOST_CLIENTS:
        raise ConfigError(f"{len(names)} clients are too many", where=str(folder),
                          fix=f"remove all but {MOST_CLIENTS}")
    return [folder / name for name in names if not name.startswith(".")]  # a file aside is none yet
