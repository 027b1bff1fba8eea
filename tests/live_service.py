"""A service that runs by itself on loopback, and a cable to it that can be cut."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from facerig.service.keys import CurveGuard
from facerig.service.limits import Limits, ServiceSettings
from facerig.service.server import Service


class Running:
    """A service in a thread; `restart` puts a new one, which knows nobody, in its place."""

    def __init__(self) -> None:
        self.ports = (0, 0)
        self.start()

    def start(self) -> None:
        calm = Limits(busy=100, late_secs=10)  # whatever else this machine does
        settings = ServiceSettings(control_port=self.ports[0], curves_port=self.ports[1], models=("live",),
                                   limits=calm)
        self.service = Service(settings)
        self.ports = _port(self.service.control_address), _port(self.service.curves_address)
        self._thread = threading.Thread(target=self.service.run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.service.stop()
        self.service.stop()  # at once
        self._thread.join(10)
        assert not self._thread.is_alive()


class Cable:
    """Carries TCP to a port until it is cut."""

    def __init__(self, to: int) -> None:
        self._to, self._open, self._whole = to, list[socket.socket](), True
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Everything that is connected breaks; new connections are let through."""
        for one in [*self._open]:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def close(self) -> None:
        self._whole = False
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while self._whole:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                self._open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        one.close()
        other.close()


@contextmanager
def running_service() -> Iterator[Running]:
    """A service while the caller needs it."""
    service = Running()
    try:
        yield service
    finally:
        service.stop()


@contextmanager
def service_with_keys(folder: Path, bind: str = "127.0.0.1") -> Iterator[Service]:
    """A service that lets in whom the key folder names."""
    settings = ServiceSettings(bind=bind, control_port=0, curves_port=0, models=("live",),
                               limits=Limits(busy=100))
    service = Service(settings, guard=CurveGuard(folder))
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        yield service
    finally:
        service.stop()
        service.stop()  # at once
        thread.join(20)
        assert not thread.is_alive()


def _port(address: str) -> int:
    return int(address.rsplit(":", 1)[1])
