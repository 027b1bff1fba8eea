"""A `facerig serve` process to measure and to break: started, killed, put to sleep, started again on its
ports."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from facerig.errors import FacerigError
from facerig.service.client import Client, connect

REPO: Final = Path(__file__).parents[2]
START_SECS: Final = 120.0  # models are loaded; a busy machine takes its time
STOP_SECS: Final = 30.0
TICKS_A_SEC: Final = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Serving:
    """The process; a context manager that stops it. `arguments`: of `facerig serve`, besides the ports;
    `limits`: of its settings. core: the only one that it may run on, where the system lets one choose. What
    it says when it listens is in `told`."""

    def __init__(self, *arguments: str, core: int | None = None, **limits: float) -> None:
        self._arguments, self._core = list(arguments), core
        self._folder = tempfile.TemporaryDirectory(prefix="facerig-bench-")
        if limits:
            settings = Path(self._folder.name, "service.toml")
            lines = [f"{name} = {value}\n" for name, value in limits.items()]
            settings.write_text("[limits]\n" + "".join(lines), "utf-8")
            self._arguments += ["--config", str(settings)]
        self.control_port = self.curves_port = 0
        self.start()

    def start(self) -> None:
        """Begin, on the ports of the last time. Raises FacerigError where it does not come up."""
        command = [sys.executable, "-m", "facerig", "serve", "--json", "--model", "live", *self._arguments,
                   "--control-port", str(self.control_port), "--curves-port", str(self.curves_port)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, cwd=REPO, env=environment())
        if self._core is not None:
            keep_to(self.process.pid, self._core)
        told = self.told = _first_line(self.process, START_SECS)
        self.control_port, self.curves_port = (_port(told[name]) for name in ("control", "curves"))
        if self._core is not None:
            keep_to(self.process.pid, self._core)  # threads that began meanwhile

    def connect(self) -> Client:
        """A client of it."""
        return connect(f"tcp://127.0.0.1:{self.control_port}", curves_port=self.curves_port)

    # --- what it takes

    def cpu_secs(self) -> float:
        """That it has computed so far, all its threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_A_SEC

    def memory_kb(self) -> float:
        """Resident memory now."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text("ascii").split()[1])
        return pages * resource.getpagesize() / 1024

    def files(self) -> int:
        """Files and connections that it holds open."""
        return sum(1 for _ in Path(f"/proc/{self.process.pid}/fd").iterdir())

    # --- what is done to it

    def kill(self) -> None:
        """kill -9: no last words."""
        self.process.kill()
        self._gone()

    def pause(self) -> None:
        """As a suspended machine, or one that swaps: it does nothing, and its sockets stay."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """After `pause`."""
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> str:
        """Ctrl-C, twice; gives what it wrote to stderr."""
        if self.process.poll() is None:
            self.go_on()
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(1.0)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGINT)
        return self._gone()

    def _gone(self) -> str:
        try:
            return self.process.communicate(timeout=STOP_SECS)[1]
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.communicate()[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.stop()
        self._folder.cleanup()


def calm() -> Serving:
    """Of a machine that does other things too: nobody is refused, and what is a little late still comes."""
    return Serving(busy=1.0, late_secs=10.0)


def environment() -> dict[str, str]:
    """For a process that runs facerig from this working tree, on one thread."""
    path = os.pathsep.join(str(REPO / part) for part in ("", "exporters", "assets"))
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def keep_to(pid: int, core: int) -> None:
    """All threads of a process on one core; nothing where the system does not let one choose."""
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), {cores[core % len(cores)]})


def _first_line(process: subprocess.Popen[str], secs: float) -> dict[str, str]:
    out = process.stdout
    if out is None or not select.select([out], [], [], secs)[0]:
        process.kill()
        raise FacerigError(f"the service said nothing for {secs:g} s", where="facerig serve",
                           fix="see that the machine is not too busy")
    line = out.readline()
    if not line:
        raise FacerigError(f"the service ended: {process.communicate()[1].strip()}", where="facerig serve",
                           fix="read the lines above")
    told: dict[str, str] = json.loads(line)
    return told


def _port(address: str) -> int:
    return int(address.rsplit(":", 1)[1])
