"""Who does the work: the contract of an engine, and this machine's own, a pool of processes.

    engine.run(tasks, done)     # takes tasks as it gets to them, calls done(task, outcome) for each, once

A worker that dies (out of memory, kill -9, a crash in a decoder) costs nobody else anything: its line is
tried again, at last alone, and reported if it kills that worker, too.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Final, Protocol

from facerig.batch.work import Outcome, Task, failed_outcome, perform

Done = Callable[[Task, Outcome], None]

IN_HAND: Final = 3  # tasks a worker: one it does, the others wait beside it
TRIES: Final = 2  # of a line among others whose worker died; after that it runs alone, once
DIED: Final = "the worker that did it died: out of memory, killed, or a crash"


class Engine(Protocol):
    """Does tasks in any order."""

    name: str
    workers: int

    def run(self, tasks: Iterable[Task], done: Done) -> None:
        """Every task, each with one outcome. Few tasks are taken before there is somebody to do them."""
        ...


class Local:
    """Processes of this machine, one core each. workers: 1 does the work in a process of its own, too, so
    that a crash is a line's and not the night's."""

    name = "local"

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or usable_cores()

    def run(self, tasks: Iterable[Task], done: Done) -> None:
        """See Engine."""
        suspects: list[tuple[Task, int]] = []
        waiting = iter(tasks)
        while True:
            again, suspects = [one for one in suspects if one[1] < TRIES], [
                one for one in suspects if one[1] >= TRIES]
            for task, _ in suspects:
                self._alone(task, done)
            suspects = self._together(_chained(again, waiting), done)
            if not suspects:
                return

    def _together(self, tasks: Iterator[tuple[Task, int]], done: Done) -> list[tuple[Task, int]]:
        """All that come, until a worker dies; gives those that were in hand then, and how often they have
        been."""
        held: dict[Future[Outcome], tuple[Task, int]] = {}
        with _pool(self.workers) as pool:
            try:
                for task, tried in tasks:
                    held[pool.submit(perform, task)] = task, tried
                    while len(held) >= IN_HAND * self.workers:
                        _collected(held, done)
                while held:
                    _collected(held, done)
            except BrokenProcessPool:
                return [(task, tried + 1) for task, tried in held.values()]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                _end(pool)
                raise
        return []

    def _alone(self, task: Task, done: Done) -> None:
        with _pool(1) as pool:
            try:
                outcome = pool.submit(perform, task).result()
            except BrokenProcessPool:
                outcome = failed_outcome(task, "crash", DIED, "animate the line by itself, watch the memory")
        done(task, outcome)


def usable_cores() -> int:
    """Of this process."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not everywhere
        return os.cpu_count() or 1


def _chained(first: list[tuple[Task, int]], rest: Iterator[Task]) -> Iterator[tuple[Task, int]]:
    yield from first
    for task in rest:
        yield task, 0


def _collected(held: dict[Future[Outcome], tuple[Task, int]], done: Done) -> None:
    """Wait for some, and pass on what they became. Raises BrokenProcessPool."""
    for future in wait(held, return_when=FIRST_COMPLETED).done:
        outcome = future.result()
        task, _ = held.pop(future)
        done(task, outcome)


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_ready)


def _ready() -> None:
    """A worker: Ctrl-C is its driver's business, and one core is all it takes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def _end(pool: ProcessPoolExecutor) -> None:
    """Workers in the middle of a line end now; what they have written aside goes with the next run."""
    for process in list((getattr(pool, "_processes", None) or {}).values()):
        process.terminate()
