"""What systemd is told of a service that it started: when it is ready, that it lives, that it ends.

The datagrams of sd_notify(3). Without NOTIFY_SOCKET nothing is sent, and nothing here ever fails.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress


class Supervisor:
    """Tells whoever NOTIFY_SOCKET names."""

    def __init__(self, address: str | None = None) -> None:
        given = os.environ.get("NOTIFY_SOCKET", "") if address is None else address
        self._address = "\0" + given[1:] if given.startswith("@") else given  # @: an abstract socket

    def ready(self) -> None:
        """Listening from now on."""
        self._tell("READY=1")

    def alive(self) -> None:
        """The loop turns: WatchdogSec= may wait on."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """On the way out."""
        self._tell("STOPPING=1")

    def _tell(self, state: str) -> None:
        if not self._address or not hasattr(socket, "AF_UNIX"):
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as teller:
            teller.setblocking(False)
            teller.sendto(state.encode(), self._address)
