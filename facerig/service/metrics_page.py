"""/metrics, /health and /ready over HTTP, for Prometheus and whoever keeps the service running.

/health answers 200 while the service works, else 503 and why: who restarts it asks there. /ready answers 503
also while nobody more is let in (full, too busy, stopping): who sends it clients asks there. Each request has
a thread for two seconds at most, and few are served at a time.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from socketserver import BaseRequestHandler, TCPServer, ThreadingMixIn
from typing import Any, Final, Self

from facerig.errors import ConfigError
from facerig.service.limits import LOOPBACK
from facerig.service.listening import is_loopback
from facerig.service.metrics import Metrics

PORT: Final = 15_682
REQUEST_SECS: Final = 2.0  # for all of it
LARGEST_REQUEST: Final = 8_192  # bytes
MOST_AT_ONCE: Final = 8
PROMETHEUS: Final = "text/plain; version=0.0.4; charset=utf-8"
JSON: Final = "application/json"
Answer = tuple[HTTPStatus, str, str]  # status, kind of the text, text


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsSettings:
    """A port of 0 is chosen by the system. insecure: listen on other addresses than loopback, where anybody
    can read; nothing can be changed there.

    Raises ConfigError for an address that others can reach.
    """

    enabled: bool = False
    bind: str = LOOPBACK
    port: int = PORT
    insecure: bool = False

    def __post_init__(self) -> None:
        if self.enabled and not (self.insecure or is_loopback(self.bind)):
            raise ConfigError(f"{self.bind} is open to others, who could read the metrics",
                              where="metrics.bind", fix="use 127.0.0.1, or set metrics.insecure = true")


class MetricsPage:
    """Serves inside of `with`. Raises ConfigError for an address that cannot be bound."""

    def __init__(self, metrics: Metrics, settings: MetricsSettings) -> None:
        self._server = _server(metrics, settings)
        host, port = settings.bind, int(self._server.server_address[1])
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{port}/metrics"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1},
                                        name="facerig-metrics", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingMixIn, TCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 16

    def __init__(self, settings: MetricsSettings, metrics: Metrics) -> None:
        self.address_family = socket.AF_INET6 if ":" in settings.bind else socket.AF_INET
        self.metrics, self.checks_host = metrics, is_loopback(settings.bind)
        self._free = threading.BoundedSemaphore(MOST_AT_ONCE)
        super().__init__((settings.bind, settings.port), _Request)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke: its own affair."""


class _Request(BaseRequestHandler):
    def handle(self) -> None:
        server = self.server
        if not isinstance(server, _Server):
            return
        with suppress(OSError):  # whoever asked is gone
            status, kind, text = answer(self._head(), server.metrics, server.checks_host)
            data = text.encode()
            head = (f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {kind}\r\n"
                    f"Content-Length: {len(data)}\r\nConnection: close\r\nCache-Control: no-store\r\n"
                    "X-Content-Type-Options: nosniff\r\n\r\n")
            self.request.settimeout(REQUEST_SECS)
            self.request.sendall(head.encode() + data)

    def _head(self) -> bytes:
        """Of the request; less where it does not come in time or is too long."""
        until, head = time.monotonic() + REQUEST_SECS, b""
        while b"\r\n\r\n" not in head and len(head) < LARGEST_REQUEST:
            self.request.settimeout(max(0.001, until - time.monotonic()))
            try:
                data = self.request.recv(4096)
            except TimeoutError:
                return b""
            if not data:
                return b""
            head += data
        return head


def answer(head: bytes, metrics: Metrics, checks_host: bool = True) -> Answer:
    """To the head of an HTTP request; any bytes have one. checks_host: pages of other names may not ask."""
    lines = head.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
    method, _, rest = lines[0].partition(" ")
    path = rest.partition(" ")[0].partition("?")[0]
    if not rest.partition(" ")[2].startswith("HTTP/1.") or b"\r\n\r\n" not in head:
        return HTTPStatus.BAD_REQUEST, PROMETHEUS, "no request\n"
    if checks_host and not _is_near(lines[1:]):
        return HTTPStatus.FORBIDDEN, PROMETHEUS, "only for this machine's own names\n"
    if method != "GET":
        return HTTPStatus.METHOD_NOT_ALLOWED, PROMETHEUS, "only GET\n"
    if path == "/metrics":
        return HTTPStatus.OK, PROMETHEUS, metrics.text()
    if path == "/health":
        return _state(metrics.health(), {"refusing": metrics.readiness()})
    if path == "/ready":
        return _state(metrics.readiness(), {})
    return HTTPStatus.NOT_FOUND, PROMETHEUS, "/metrics, /health, /ready\n"


def _state(problems: list[str], more: dict[str, object]) -> Answer:
    status = HTTPStatus.SERVICE_UNAVAILABLE if problems else HTTPStatus.OK
    return status, JSON, json.dumps({"ok": not problems, "problems": problems, **more}) + "\n"


def _is_near(headers: list[str]) -> bool:
    """Whether Host names this machine: a page whose name someone pointed here does not."""
    for header in headers:
        name, _, value = header.partition(":")
        if name.strip().lower() == "host":
            host = value.strip()
            bare = host[1 : host.find("]")] if host.startswith("[") else host.partition(":")[0]
            return is_loopback(bare)
    return False


def _server(metrics: Metrics, settings: MetricsSettings) -> _Server:
    try:
        return _Server(settings, metrics)
    except OSError as error:
        what = f"cannot listen on {settings.bind}, port {settings.port}: {error.strerror or error}"
        raise ConfigError(what, where="metrics.port",
                          fix="choose another port, or stop what listens there") from None
