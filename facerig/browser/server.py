"""Serves the page, and a session to each page that is open, on this machine only.

    async with LiveServer(offer, head_bytes) as server:
        print(server.url)
        await server.wait()
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from facerig.browser.files import SECRETS, SESSION, page_files, place_of
from facerig.browser.gate import LOOPBACK, Gate
from facerig.browser.inbox import Inbox
from facerig.browser.limits import ClockNs, Limits
from facerig.browser.speaker import Offer, Speaker
from facerig.errors import ConfigError, FacerigError

if TYPE_CHECKING:
    from websockets.asyncio.server import Server, ServerConnection
    from websockets.http11 import Request, Response

PING_SECS, PONG_SECS = 20.0, 90.0  # a page that is silent so long is gone; a busy computer takes its time
CLOSE_SECS: Final = 2.0  # for a page to say good-bye
HANDSHAKE_SECS: Final = 5.0
OFFENCE, TRY_LATER = 1008, 1013  # reasons to close, RFC 6455 7.4 and its registry
LONGEST_REASON: Final = 120  # bytes that a closing message has room for
QUEUED: Final = 16  # messages of a page that wait; then its socket does


class LiveServer:
    """Listens from `__aenter__` to `__aexit__`. `port` 0 takes a free one.

    head: the file of the head (`head_file.packed`). Raises ConfigError where the extra is missing or the
    port taken.
    """

    def __init__(self, offer: Offer, head: bytes, *, port: int = 0, limits: Limits | None = None,
                 clock_ns: ClockNs = time.monotonic_ns) -> None:
        self._offer, self._limits, self._clock_ns = offer, limits or Limits(), clock_ns
        self._files, self._port = page_files(head), port
        self._pages = 0
        self._server: Server | None = None
        self._gate = Gate(port=port)
        # Sessions compute beside the loop, so that one page's work never delays another's messages.
        self._workers = ThreadPoolExecutor(self._limits.pages, "facerig-live")

    @property
    def url(self) -> str:
        """What to open, with the token."""
        return self._gate.url

    @property
    def gate(self) -> Gate:
        """Who may come in."""
        return self._gate

    @property
    def pages(self) -> int:
        """How many are open."""
        return self._pages

    async def __aenter__(self) -> LiveServer:
        serve = _websockets()
        try:
            server = self._server = await serve(
                self._converse, LOOPBACK, self._port, process_request=self._answer, compression=None,
                max_size=self._limits.message_bytes, max_queue=QUEUED, open_timeout=HANDSHAKE_SECS,
                ping_interval=PING_SECS, ping_timeout=PONG_SECS, close_timeout=CLOSE_SECS,
                server_header=None, logger=_quiet())
        except OSError as problem:
            raise ConfigError(f"cannot listen on port {self._port}: {problem.strerror}", where="--port",
                              fix="give another port, or 0 for a free one") from None
        port = int(next(iter(server.sockets)).getsockname()[1])
        self._gate = Gate(port=port, token=self._gate.token)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        trace: TracebackType | None) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        self._workers.shutdown(wait=False, cancel_futures=True)

    async def wait(self) -> None:
        """Serve until cancelled."""
        if self._server is not None:
            await self._server.serve_forever()

    def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """A file, a refusal, or None: the WebSocket of a page."""
        heads, place = request.headers, place_of(request.path)
        hosts = heads.get_all("Host")
        why = self._gate.refusal(hosts, heads.get_all("Origin"), request.path, secret=place in SECRETS)
        if why is not None:
            return connection.respond(HTTPStatus.FORBIDDEN, f"{why}\n")
        if place == SESSION:
            if not heads.get_all("Origin"):  # every browser tells it with a WebSocket
                return connection.respond(HTTPStatus.FORBIDDEN, "the Origin is missing\n")
            if self._pages >= self._limits.pages:
                return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "too many pages are open\n")
            return None
        return self._file(connection, place, hosts[0])

    def _file(self, connection: ServerConnection, place: str, host: str) -> Response:
        file = self._files.get(place)
        if file is None:
            return connection.respond(HTTPStatus.NOT_FOUND, "there is no such file\n")
        response = connection.respond(HTTPStatus.OK, "")
        for name, value in file.headers(host).items():
            if name in response.headers:
                del response.headers[name]
            response.headers[name] = value
        response.body = file.body
        return response

    async def _converse(self, connection: ServerConnection) -> None:
        from websockets.exceptions import ConnectionClosed

        if self._pages >= self._limits.pages:  # several may have passed the door at once
            await connection.close(TRY_LATER, "too many pages are open")
            return
        self._pages += 1
        try:
            await connection.send(json.dumps(self._offer.welcome))
            await self._serve(connection)
        except ConnectionClosed:
            return
        except FacerigError as offence:
            reason = offence.what.encode()[:LONGEST_REASON].decode(errors="ignore")
            await connection.close(OFFENCE, reason)
        finally:
            self._pages -= 1

    async def _serve(self, connection: ServerConnection) -> None:
        """Read and compute side by side. Raises what ends the conversation."""
        inbox = Inbox(self._offer.models, self._limits, self._clock_ns)
        computing = asyncio.create_task(self._compute(connection, inbox))
        reading = asyncio.create_task(_read(connection, inbox))
        try:
            done, _ = await asyncio.wait((reading, computing), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            reading.cancel()
            computing.cancel()
            await asyncio.gather(reading, computing, return_exceptions=True)

    async def _compute(self, connection: ServerConnection, inbox: Inbox) -> None:
        speaker, loop = Speaker(self._offer, self._clock_ns), asyncio.get_running_loop()
        while True:
            task = await inbox.take()
            answer = await loop.run_in_executor(self._workers, speaker.did, task)
            if answer is not None:
                await connection.send(answer if isinstance(answer, bytes) else json.dumps(answer))


async def _read(connection: ServerConnection, inbox: Inbox) -> None:
    async for message in connection:
        await inbox.put(message)


def _websockets() -> Callable[..., Any]:
    try:
        from websockets.asyncio.server import serve
    except ImportError:
        raise ConfigError("the page in the browser needs an extra", where="facerig live",
                          fix='pip install "facerig[browser]"') from None
    return serve


def _quiet() -> logging.Logger:
    """Who knocks with garbage is no news."""
    logger = logging.getLogger("facerig.browser.server")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    return logger
