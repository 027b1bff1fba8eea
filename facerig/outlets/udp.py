"""A UDP socket that never waits."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from facerig.errors import ConfigError


class UdpSender:
    """Datagrams to one place. `bind`: the port to send from and listen at, 0 for any."""

    def __init__(self, host: str, port: int, *, bind: int = 0, where: str = "") -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError) as problem:
            raise ConfigError(f"the host {host!r} is not known: {problem}", where=where,
                              fix="give an address such as 127.0.0.1") from None
        family, self.target = found[0][0], found[0][4]
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        try:
            if bind:
                self._socket.bind(("" if family == socket.AF_INET else "::", bind))
        except OSError as problem:
            self._socket.close()
            raise ConfigError(f"port {bind} cannot be listened at: {problem.strerror}", where=where,
                              fix="close the program that has it, or leave the handshake out") from None

    def send(self, datagrams: Iterable[bytes]) -> bool:
        """Send all; False where the system took one of them not."""
        try:
            for data in datagrams:
                self._socket.sendto(data, self.target)
        except OSError:  # a full buffer, no route, nobody who listens: the next frame may get through
            return False
        return True

    def receive(self, largest: int) -> tuple[bytes, str] | None:
        """A datagram that has come, and the host that it says to come from; None where there is none."""
        try:
            data, sender = self._socket.recvfrom(largest)
        except OSError:  # nothing there, or an ICMP note about an earlier send
            return None
        return data, str(sender[0])

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
