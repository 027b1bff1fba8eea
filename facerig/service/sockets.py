"""The two sockets of a client, and whether anybody is at the other end."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Final

import zmq
from zmq.utils.monitor import parse_monitor_message

from facerig.errors import ConfigError
from facerig.service import wire
from facerig.service.key_files import ClientKeys

HEARTBEAT_MS: Final = 1_000  # a service that is gone without a word is noticed after three of these
QUEUED_MESSAGES: Final = 10_000
RECONNECT_MS, LONGEST_RECONNECT_MS = 50, 1_000
_TURNED_AWAY: Final = (zmq.EVENT_HANDSHAKE_FAILED_AUTH, zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL,
                       zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL)
_WATCHED: Final = zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_SUCCEEDED | sum(_TURNED_AWAY)
Keys = ClientKeys | str | PathLike[str]  # or the file that `facerig keys new` wrote


@dataclass(frozen=True, slots=True)
class Address:
    """Where a service is: tcp://host, or tcp://host:port with the port of its control socket; curves come
    from the next one unless it is given."""

    control: str
    curves: str
    keys: ClientKeys | None = None

    @classmethod
    def of(cls, address: str, curves_port: int | None = None, keys: Keys | None = None) -> Address:
        """Raises ConfigError for what is no address, or no file of keys."""
        if isinstance(keys, str | PathLike):
            keys = ClientKeys.read(Path(keys))
        scheme, _, rest = address.partition("://")
        host, colon, port = rest.rpartition(":") if not rest.endswith("]") else (rest, "", "")
        if not colon:
            host, port = rest, str(wire.CONTROL_PORT)
        if scheme != "tcp" or not host or not port.isdecimal() or not 0 < int(port) < 65_536:
            raise ConfigError(f"{address!r} is no address of a service", where="connect",
                              fix="give tcp://127.0.0.1 or tcp://host:port")
        curves = int(port) + 1 if curves_port is None else curves_port
        return cls(f"tcp://{host}:{port}", f"tcp://{host}:{curves}", keys)


class Sockets:
    """DEALER and SUB, connected; one thread uses them."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], address: Address) -> None:
        self.control = _socket(context, zmq.DEALER, address.keys)
        self.curves = _socket(context, zmq.SUB, address.keys)
        self._keys = address.keys
        self._turned_away = 0  # the event that said so
        self._over_already = False  # the next disconnection ends no connection, but an attempt
        self.monitor = self.control.get_monitor_socket(_WATCHED)
        self.curves.connect(address.curves)
        self.control.connect(address.control)

    def subscribe(self, subject: str) -> None:
        """Hear the frames of a character."""
        self.curves.subscribe(wire.topic(subject))

    def unsubscribe(self, subject: str) -> None:
        """No longer."""
        self.curves.unsubscribe(wire.topic(subject))

    def send(self, message: wire.Request) -> bool:
        """False where the queue is full: nobody reads."""
        try:
            self.control.send(wire.encoded(message), zmq.NOBLOCK)
        except zmq.Again:
            return False
        return True

    def answer(self) -> bytes | None:
        """A message of the service, if one is there."""
        try:
            parts = self.control.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return None
        return parts[-1]

    def news(self) -> tuple[bytes, bytes] | None:
        """Topic and bytes from the curves' socket, if any are there."""
        try:
            parts = self.curves.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return None
        return parts[0], parts[-1]

    def is_lost(self) -> bool:
        """Whether the connection broke since the last call. Who is turned away at the door had none."""
        lost = False
        while self.monitor.poll(0):
            event = parse_monitor_message(self.monitor.recv_multipart())["event"]
            if event in _TURNED_AWAY:
                self._turned_away, self._over_already = event, True
            elif event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self._turned_away = 0
            else:
                lost |= not self._over_already
                self._over_already = False
        return lost

    @property
    def turned_away(self) -> str:
        """Why who is there does not let this client in, for a message; "" where nothing says so."""
        if not self._turned_away:
            return ""
        if self._turned_away == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
            return "this key is not allowed there"
        return "who is there wants keys" if self._keys is None else "who is there has other keys, or none"

    def close(self, linger_ms: int = 0) -> None:
        """Let go of them; what is queued gets `linger_ms` to leave."""
        self.control.disable_monitor()
        self.monitor.close(0)
        self.control.close(linger_ms)
        self.curves.close(0)


def _socket(context: zmq.Context[zmq.Socket[bytes]], kind: int, keys: ClientKeys | None) -> zmq.Socket[bytes]:
    socket = context.socket(kind)
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.HEARTBEAT_IVL, HEARTBEAT_MS)
    socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 3 * HEARTBEAT_MS)
    socket.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MS)
    socket.setsockopt(zmq.RECONNECT_IVL_MAX, LONGEST_RECONNECT_MS)
    socket.setsockopt(zmq.MAXMSGSIZE, 2 * wire.LARGEST_MESSAGE)
    for option in (zmq.SNDHWM, zmq.RCVHWM):
        socket.setsockopt(option, QUEUED_MESSAGES)
    if keys is not None:
        socket.curve_serverkey = keys.server.encode()
        socket.curve_publickey, socket.curve_secretkey = keys.public.encode(), keys.secret.encode()
    return socket
