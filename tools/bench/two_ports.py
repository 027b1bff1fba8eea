"""The two sockets of a client, without a client library."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import zmq


class TwoPorts:
    """Connected to a service's ports: `control` for messages, `curves` for frames. No queue of theirs is
    bounded, so what is lost is the service's or the network's."""

    def __init__(self, control_port: int, curves_port: int) -> None:
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.control = self._socket(zmq.DEALER, control_port)
        self.curves = self._socket(zmq.SUB, curves_port)

    def _socket(self, kind: int, port: int) -> zmq.Socket[bytes]:
        socket = self._context.socket(kind)
        for option in (zmq.RCVHWM, zmq.SNDHWM):
            socket.setsockopt(option, 0)
        socket.connect(f"tcp://127.0.0.1:{port}")
        return socket

    def close(self) -> None:
        """Gone, without a word."""
        for socket in (self.control, self.curves):
            socket.close(0)
        self._context.term()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()
