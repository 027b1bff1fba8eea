"""Frames to browsers and whatever speaks WebSocket: this outlet serves, receivers connect.

A receiver first gets the schema as text, then a message a frame:

    {"type": "schema", "subject": "anna", "rig": "livelink", "fps": [60, 1], "curves": ["jawOpen", ...]}
    {"type": "frame", "index": 12, "sample": 3200, "values": [0.1, ...]}       format=json, or
    the service's binary frame (engine_bridges/PROTOCOL.md)                     format=binary

A slow receiver loses frames and holds up nobody: only the latest one waits for it. Receivers have nothing to
say; one that sends anything is sent away. A page of a stranger's site cannot connect: the Host must be this
server's own name (so that no other name can be bound to it), the Origin, where a browser tells one, a page of
this machine or one that was allowed, and the token, where there is one, must be in the address
(ws://127.0.0.1:15690/?token=...).
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, quote, urlsplit

from facerig.errors import ConfigError
from facerig.outlets.address import is_loopback
from facerig.outlets.outlet import Posed, Row

if TYPE_CHECKING:
    from websockets.asyncio.server import Server, ServerConnection
    from websockets.http11 import Request, Response

PORT: Final = 15690
MOST_RECEIVERS: Final = 32
LARGEST_HEARD: Final = 1024  # bytes of a message to us, none of which is wanted
STOP_SECS: Final = 2.0
DECIMALS: Final = 5  # of values in JSON
_SILENT: Final = HTTPStatus.FORBIDDEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Who may connect. `host`: where the server listens; `origins`: of pages that may, besides this machine's
    own; `token`: what must be told, None for nothing."""

    host: str
    origins: Collection[str] = ()
    token: str | None = None

    def refusal(self, host: str | None, origin: str | None, path: str) -> str | None:
        """Why somebody who asks with these may not connect; None where he may."""
        named = _host_of(f"//{host}") if host else None
        if named is None or not (is_loopback(named) if is_loopback(self.host) else named == self.host):
            return "the Host is not this server's name"
        if origin is not None and origin not in self.origins:
            page = _host_of(origin)
            if page is None or not (is_loopback(page) or page == self.host):
                return "the Origin is not allowed"
        if self.token is not None:
            told = parse_qs(urlsplit(path).query).get("token", [""])[-1]
            if not hmac.compare_digest(told.encode(), self.token.encode()):
                return "the token is wrong"
        return None


def _host_of(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


@dataclass(slots=True, eq=False)
class _Receiver:
    """One connection: the message that waits for it, and how many never left."""

    waiting: str | bytes | None = None
    come: asyncio.Event = field(default_factory=asyncio.Event)
    lost: int = 0

    def give(self, message: str | bytes) -> None:
        self.lost += self.waiting is not None
        self.waiting = message
        self.come.set()


class WebSocketOutlet:
    """Serves at host:port until closed, in a thread of its own. `port` 0 takes a free one, see `port`
    afterwards.

    `url` is what receivers open, token and all. Raises ConfigError where the port is taken or the extra is
    missing.
    """

    def __init__(self, gate: Gate, port: int, *, subject: str, rig: str | None, names: Sequence[str],
                 fps: Fraction, name: str, binary: bool = False) -> None:
        self.name, self.fps, self.rig, self._gate = name, fps, rig, gate
        self._pack = _binary() if binary else _json
        self._schema = json.dumps({"type": "schema", "subject": subject, "rig": rig or "livelink",
                                   "fps": [fps.numerator, fps.denominator], "curves": list(names)})
        self._receivers: set[_Receiver] = set()
        self.lost = 0
        self._loop = asyncio.new_event_loop()
        self._server = self._started(port)
        self.port = int(next(iter(self._server.sockets)).getsockname()[1])
        host = f"[{gate.host}]" if ":" in gate.host else gate.host
        self.url = f"ws://{host}:{self.port}/" + ("" if gate.token is None else f"?token={quote(gate.token)}")
        self._thread = threading.Thread(target=self._loop.run_forever, name="facerig websocket", daemon=True)
        self._thread.start()

    @property
    def receivers(self) -> int:
        """How many are connected."""
        return len(self._receivers)

    def send(self, posed: Posed) -> bool:
        """To everybody who is connected; nobody is no failure."""
        if self._receivers:
            message = self._pack(posed, posed.face if self.rig is None else posed.rigs[self.rig])
            self._loop.call_soon_threadsafe(self._spread, message)
        return True

    def close(self) -> None:
        """Send everybody away and stop serving."""
        if not self._loop.is_running():
            return
        ended = asyncio.run_coroutine_threadsafe(self._end(), self._loop)
        try:
            ended.result(STOP_SECS)
        except TimeoutError:  # somebody does not answer: his connection dies with the thread
            ended.cancel()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STOP_SECS)
        self._loop.close()

    def _started(self, port: int) -> Server:
        try:
            from websockets.asyncio.server import serve
        except ImportError:
            self._loop.close()
            raise ConfigError("WebSockets need an extra", where=f"--to {self.name}",
                              fix='pip install "facerig[websocket]"') from None
        quiet = logging.getLogger("facerig.outlets.websocket")
        quiet.addHandler(logging.NullHandler())  # who knocks with garbage is no news
        quiet.propagate = False

        async def begin() -> Server:
            return await serve(self._serve, self._gate.host, port, process_request=self._request,
                               compression=None, max_size=LARGEST_HEARD, max_queue=2, server_header=None,
                               close_timeout=1, logger=quiet)

        try:
            return self._loop.run_until_complete(begin())
        except OSError as problem:
            self._loop.close()
            raise ConfigError(f"cannot listen at {self._gate.host}, port {port}: {problem.strerror}",
                              where=f"--to {self.name}", fix="give another port") from None

    def _request(self, connection: ServerConnection, request: Request) -> Response | None:
        heads = request.headers
        if any(len(heads.get_all(one)) > 1 for one in ("Host", "Origin")):
            return connection.respond(_SILENT, "a header is there twice\n")
        if len(self._receivers) >= MOST_RECEIVERS:
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "too many receivers\n")
        why = self._gate.refusal(heads.get("Host"), heads.get("Origin"), request.path)
        return None if why is None else connection.respond(_SILENT, why + "\n")

    async def _serve(self, connection: ServerConnection) -> None:
        receiver = _Receiver()
        if len(self._receivers) >= MOST_RECEIVERS:  # several may have passed the door at once
            return await connection.close(1013, "too many receivers")
        await connection.send(self._schema)
        self._receivers.add(receiver)
        sending = asyncio.ensure_future(self._send_to(connection, receiver))
        try:
            async for _ in connection:
                await connection.close(1003, "receivers have nothing to say")
        finally:
            sending.cancel()
            self._receivers.discard(receiver)
            self.lost += receiver.lost

    async def _send_to(self, connection: ServerConnection, receiver: _Receiver) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            while await receiver.come.wait():
                receiver.come.clear()
                message, receiver.waiting = receiver.waiting, None
                if message is not None:
                    await connection.send(message)
        except ConnectionClosed:  # `_serve` sees it too, and tidies up
            return

    def _spread(self, message: str | bytes) -> None:
        for receiver in self._receivers:
            receiver.give(message)

    async def _end(self) -> None:
        self._server.close()
        await self._server.wait_closed()


def _json(posed: Posed, values: Row) -> str:
    return json.dumps({"type": "frame", "index": posed.index, "sample": posed.sample,
                       "values": [round(value, DECIMALS) for value in values.tolist()]}, allow_nan=False)


def _binary() -> Callable[[Posed, Row], bytes]:
    try:
        from facerig.service.wire import Frame
    except ImportError:
        raise ConfigError("binary frames need an extra", where="--to ws://",
                          fix='pip install "facerig[serve]"') from None

    def pack(posed: Posed, values: Row) -> bytes:
        return Frame(0, posed.index, posed.sample, values).packed()

    return pack


