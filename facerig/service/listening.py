"""The sockets of a service: who may reach them, and what they put up with."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final, Protocol

import zmq

from facerig.errors import ConfigError
from facerig.service import wire
from facerig.service.limits import ServiceSettings

LINGER_MS: Final = 500  # for what is unsent when a socket closes
# A subject in UTF-8 is shorter, but the limit holds for CURVE's handshake, too: INITIATE is 257 bytes and
# what the client says of itself, an identity of up to 255 included.
LARGEST_TOPIC: Final = 4 * wire.LONGEST_NAME + 768

Context = zmq.Context[zmq.Socket[bytes]]
Socket = zmq.Socket[bytes]


class Guard(Protocol):
    """Who lets connections in: keys. `start` comes before `secure`, and that before any bind."""

    def start(self, context: Context) -> None:
        """Watch all sockets of `context` from now on."""
        ...

    def secure(self, socket: Socket) -> None:
        """Make a socket, not yet bound, ask for keys."""
        ...

    def stop(self) -> None:
        """The sockets are closed."""
        ...


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def check_loopback(bind: str, where: str = "--bind") -> None:
    """Raises ConfigError for an address that others could reach."""
    if not is_loopback(bind):
        raise ConfigError(f"{bind} is open to others, who could do as they like", where=where,
                          fix="give --keys, or --insecure where you trust all who can reach it")


def bound(context: Context, kind: int, settings: ServiceSettings, guard: Guard | None) -> Socket:
    """The ROUTER of control or the XPUB of curves, listening. Raises ConfigError."""
    port = settings.control_port if kind == zmq.ROUTER else settings.curves_port
    socket = context.socket(kind)
    host = f"[{settings.bind}]" if ":" in settings.bind else settings.bind
    try:
        for option, value in _options(kind, settings).items():
            socket.setsockopt(option, value)
        if guard is not None:
            guard.secure(socket)
        socket.bind(f"tcp://{host}:{port or '*'}")
    except zmq.ZMQError as problem:
        socket.close(0)
        raise ConfigError(f"cannot listen on {host}, port {port}: {problem.strerror}", where="--bind",
                          fix="choose another port, or stop what listens there") from None
    except BaseException:
        socket.close(0)
        raise
    return socket


def address(socket: Socket) -> str:
    """Where a socket listens: tcp://127.0.0.1:15680."""
    told = socket.getsockopt(zmq.LAST_ENDPOINT)
    return told.rstrip(b"\0").decode() if isinstance(told, bytes) else str(told)


def _options(kind: int, settings: ServiceSettings) -> dict[int, int]:
    limits = settings.limits
    options: dict[int, int] = {
        zmq.LINGER: LINGER_MS, zmq.IPV6: int(":" in settings.bind),
        zmq.HANDSHAKE_IVL: int(1000 * limits.handshake_secs),
        zmq.HEARTBEAT_IVL: int(1000 * limits.heartbeat_secs),
        zmq.HEARTBEAT_TIMEOUT: int(3000 * limits.heartbeat_secs)}
    if kind == zmq.ROUTER:
        options |= {zmq.MAXMSGSIZE: limits.message_bytes, zmq.RCVHWM: limits.control_messages,
                    zmq.SNDHWM: limits.control_messages,
                    zmq.ROUTER_MANDATORY: 1}  # tells of connections that are lost
    else:
        options |= {zmq.MAXMSGSIZE: LARGEST_TOPIC,
                    zmq.SNDHWM: limits.subscriber_frames,
                    zmq.XPUB_VERBOSE: 1,  # each subscriber needs the schema
                    zmq.XPUB_NODROP: 1}  # tells of subscribers that are slow: `Service._publish`
    return options
