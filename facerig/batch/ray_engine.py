"""The work of a batch on a Ray cluster: `facerig batch ... --engine ray [--address HOST:6379]`.

    engine = engine_named("ray", "auto", None)
    engine.run(tasks, done)

Each line is a Ray task of one core; Ray's worker processes stay and keep their model. The driver holds few
tasks, takes nodes as they come and go, and hands a line whose worker or node has died to another one.
"""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import facerig
from facerig.batch.engine import DIED, Done, Engine, Local, usable_cores
from facerig.batch.parcels import Parcels, unpacked
from facerig.batch.work import Outcome, Task, failed_outcome, perform
from facerig.errors import ConfigError

ENGINES: Final = ("local", "ray")
IN_HAND: Final = 2  # tasks a core: one it does, one is on its way; what waits more makes a cluster grow
TRIES: Final = 4  # of a line whose worker died; Ray's workers do one line at a time, but nodes die, too
REACH_SECS: Final = 10.0
LOOK_SECS: Final = 1.0  # between two looks at how many cores there are
OWN_STORE_BYTES: Final = 80 << 20  # of a Ray that is started here: lines are small
STARTS: Final = "`ray status` there says whether it runs, `ray start --head` starts one"
ALONE: Final = "animate the line by itself, watch the memory"


def engine_named(name: str, address: str | None, workers: int | None) -> Engine:
    """Raises ConfigError for a name that is none, or an address that the engine has no use for."""
    if name not in ENGINES:
        raise ConfigError(f"there is no engine {name!r}", where="--engine",
                          fix=f"give {' or '.join(ENGINES)}")
    if name == "ray":
        return Ray(address, workers)
    if address is not None:
        raise ConfigError("the local engine has no address", where="--address", fix="give --engine ray, too")
    return Local(workers)


class Ray:
    """A Ray cluster. address: "auto" or HOST:PORT of one that runs; None starts one on this machine, with
    `workers` cores, and ends it. done_by: lines by worker process; again: lines
    that were handed out again. Raises ConfigError without Ray."""

    name = "ray"

    def __init__(self, address: str | None = None, workers: int | None = None) -> None:
        _ray()
        if address is not None and workers is not None:
            raise ConfigError("a cluster has the cores that it has", where="--workers",
                              fix="give --workers to the nodes: ray start --num-cpus N")
        self._address = address
        self.workers = workers or usable_cores()
        self.done_by: dict[str, int] = {}
        self.again = 0

    def run(self, tasks: Iterable[Task], done: Done) -> None:
        """See Engine. Raises ConfigError for a cluster that cannot be reached, or whose nodes have no
        facerig, or another one."""
        with self._connected() as ray:
            _Run(ray, self, done).through(iter(tasks))

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        ray = _ray()
        if ray.is_initialized():  # whoever did that ends it
            yield ray
            return
        with _own_signals():
            _connect(ray, self._address, self.workers)
        try:
            yield ray
        finally:
            ray.shutdown()


class _Run:
    """One batch on a connected cluster."""

    def __init__(self, ray: Any, engine: Ray, done: Done) -> None:
        self._ray, self._engine, self._done = ray, engine, done
        self._held: dict[Any, tuple[Task, int]] = {}  # by what Ray calls the result
        self._again: deque[tuple[Task, int]] = deque()  # those whose worker died, and how often
        self._parcels = Parcels(ray.put)
        self._work = ray.remote(num_cpus=1, max_retries=0, max_calls=0)(_worked)
        self._cores, self._looked_at = 1, -LOOK_SECS

    def through(self, tasks: Iterator[Task]) -> None:
        """All of them. What is in hand when something ends the run is given up."""
        try:
            while True:
                while (one := self._next(tasks)) is not None:
                    self._submit(*one)
                    while len(self._held) >= self._most():
                        self._collect()
                if not self._held:
                    return
                self._collect()
        except BaseException:
            for result in self._held:
                self._ray.cancel(result, force=True)
            raise

    def _next(self, tasks: Iterator[Task]) -> tuple[Task, int] | None:
        if self._again:
            return self._again.popleft()
        task = next(tasks, None)
        return None if task is None else (task, 0)

    def _most(self) -> int:
        """Tasks to hold now: nodes come and go."""
        if time.monotonic() - self._looked_at >= LOOK_SECS:
            self._cores = int(self._ray.cluster_resources().get("CPU", 0))
            self._looked_at = time.monotonic()
        return IN_HAND * max(1, self._cores)

    def _submit(self, task: Task, tried: int) -> None:
        parcels = self._parcels.of(task)
        here = facerig.__version__, os.getcwd()
        self._held[self._work.remote(task, here, list(parcels), *parcels.values())] = (task, tried)

    def _collect(self) -> None:
        """Wait for some, a while at most, and pass on what they became."""
        results = list(self._held)
        ready, _ = self._ray.wait(results, num_returns=1, timeout=LOOK_SECS)
        if ready:
            ready, _ = self._ray.wait(results, num_returns=len(results), timeout=0)
        for result in ready:
            task, tried = self._held.pop(result)
            self._settle(task, tried, result)

    def _settle(self, task: Task, tried: int, result: Any) -> None:
        errors = self._ray.exceptions
        try:
            outcome, worker = self._ray.get(result)
        except errors.RayTaskError as error:
            raise _of_nodes(error) from None
        except errors.RayError as error:  # its worker or node died, or Ray killed it to save memory
            if tried + 1 < TRIES:
                self._again.append((task, tried + 1))
                self._engine.again += 1
                return
            why = "out of memory" if isinstance(error, errors.OutOfMemoryError) else DIED
            self._done(task, failed_outcome(task, "crash", why, ALONE))
        else:
            self._engine.done_by[worker] = self._engine.done_by.get(worker, 0) + 1
            self._done(task, outcome)


def _worked(task: Task, driver: tuple[str, str], names: list[str], *contents: bytes) -> tuple[Outcome, str]:
    """On a node: the outcome, and which process it was. driver: its version and folder. Raises ConfigError
    where the node has another facerig."""
    ray = _ray()
    version, folder = driver
    with suppress(OSError):  # paths are seen from there, where machines share it
        os.chdir(folder)
    if version != facerig.__version__:
        raise ConfigError(f"a node has facerig {facerig.__version__}, this machine {version}",
                          where=ray.util.get_node_ip_address(), fix="install the same version on all")
    task = unpacked(task, dict(zip(names, contents, strict=True)))
    return perform(task), f"{ray.get_runtime_context().get_node_id()[:8]}:{os.getpid()}"


def _of_nodes(error: Any) -> ConfigError:
    """What a task raised outside of its line: nothing that another try would mend."""
    cause = error.cause if isinstance(getattr(error, "cause", None), BaseException) else error
    if isinstance(cause, ConfigError):
        return ConfigError(cause.what, where=cause.where, fix=cause.fix)
    said = str(cause).strip().splitlines()
    return ConfigError(f"a node cannot work: {said[-1][:300] if said else type(cause).__name__}",
                       where="--engine ray",
                       fix='pip install "facerig[cpu,cluster]" on every node, the same version everywhere')


def _ray() -> Any:
    """The package. Raises ConfigError where it is not installed."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # what a studio animates is told to nobody
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # else it warns of a change to come
    try:
        import ray
        import ray.exceptions
    except ImportError:
        raise ConfigError("Ray is not installed", where="--engine ray",
                          fix='pip install "facerig[cluster]"') from None
    return ray


def _connect(ray: Any, address: str | None, workers: int) -> None:
    """Raises ConfigError where no cluster answers, or none can be started."""
    _check_open(address)
    own: dict[str, Any] = {} if address else {
        "num_cpus": workers, "object_store_memory": OWN_STORE_BYTES, "include_dashboard": False}
    try:
        ray.init(address=address or "local", log_to_driver=False, logging_level=logging.ERROR,
                 **own)
    except Exception as error:  # Ray raises plain Exception and RuntimeError, too
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise ConfigError(f"Ray does not answer: {said[0][:300]}", where=f"--address {address or ''}".strip(),
                          fix=STARTS) from None


def _check_open(address: str | None) -> None:
    """Raises ConfigError at once for a HOST:PORT where nobody listens; Ray takes minutes to say so."""
    found = re.fullmatch(r"(\[?[^/]+?\]?):(\d{1,5})", address or "")
    if found is None:
        return
    try:
        socket.create_connection((found[1].strip("[]"), int(found[2])), REACH_SECS).close()
    except (OSError, OverflowError) as error:
        raise ConfigError(f"nobody answers there ({error})", where=f"--address {address}",
                          fix=STARTS) from None


@contextmanager
def _own_signals() -> Iterator[None]:
    """Ray sets handlers; those of the command line stay."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is not None:
                signal.signal(number, handler)
