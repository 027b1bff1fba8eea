"""A service in a thread of this process, whose clock and limits are the caller's."""

from __future__ import annotations

import resource
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from facerig.service.client import Client, connect
from facerig.service.limits import Limits, ServiceSettings
from facerig.service.server import Service

STOP_SECS: Final = 30.0
# Whatever else this machine does, nobody is refused, and what is a little late still comes.
CALM: Final[dict[str, Any]] = {"busy": 100.0, "late_secs": 10.0}


class Hosted:
    """`jump(secs)` sets its clock on or back. `limits`: of facerig.service.limits.Limits."""

    def __init__(self, **limits: Any) -> None:
        self._jumped_ns = 0
        settings = ServiceSettings(control_port=0, curves_port=0, models=("live",),
                                   limits=Limits(**(CALM | limits)))
        self.service = Service(settings, clock_ns=lambda: time.monotonic_ns() + self._jumped_ns)
        self.control_port, self.curves_port = (
            int(address.rsplit(":", 1)[1])
            for address in (self.service.control_address, self.service.curves_address))
        self._thread = threading.Thread(target=self.service.run, name="hosted service", daemon=True)
        self._thread.start()

    def connect(self) -> Client:
        """A client of it."""
        return connect(f"tcp://127.0.0.1:{self.control_port}", curves_port=self.curves_port)

    def jump(self, secs: float) -> None:
        """Its clock is set on by `secs`, or back."""
        self._jumped_ns += int(secs * 1e9)

    def memory_kb(self) -> float:
        """Of this process."""
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize() / 1024

    @property
    def figures(self) -> dict[str, float]:
        """The service's own."""
        return self.service.roster.figures()

    def stop(self) -> None:
        """At once."""
        self.service.stop()
        self.service.stop()
        self._thread.join(STOP_SECS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.stop()
