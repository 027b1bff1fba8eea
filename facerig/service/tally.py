"""What a service counts and measures, for its `statistics` and its metrics."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import Final, Protocol

import numpy as np

KEPT: Final = 1024  # newest values of a measure, whose percentiles are told


class Meter(Protocol):
    """Who else wants to know; `metrics` of the service is one."""

    def count(self, name: str, by: float = 1) -> None:
        """`name` has happened `by` times more."""
        ...

    def observe(self, name: str, value: float) -> None:
        """`name` was measured once more."""
        ...

    def report(self, figures: dict[str, float], refusing: str) -> None:
        """Once a second: the figures of `statistics`, and why nobody more is let in ("" where they are)."""
        ...


class Tally:
    """Counts and measures by name, passed on to a meter if there is one."""

    def __init__(self, meter: Meter | None = None) -> None:
        self._meter = meter
        self._counts: Counter[str] = Counter()
        self._measures: dict[str, deque[float]] = {}
        self._now: dict[str, float] = {}

    def count(self, name: str, by: float = 1) -> None:
        """`name` has happened `by` times more."""
        self._counts[name] += by  # type: ignore[assignment]
        if self._meter is not None:
            self._meter.count(name, by)

    def observe(self, name: str, value: float) -> None:
        """`name` was measured once more."""
        self._measures.setdefault(name, deque(maxlen=KEPT)).append(value)
        if self._meter is not None:
            self._meter.observe(name, value)

    def stands(self, name: str, value: float) -> None:
        """`name` is that now."""
        self._now[name] = value

    def counted(self, name: str) -> float:
        """How often `name` has happened."""
        return self._counts[name]

    def report(self, figures: Callable[[], dict[str, float]], refusing: str) -> None:
        """To the meter, if there is one."""
        if self._meter is not None:
            self._meter.report(figures(), refusing)

    def figures(self) -> dict[str, float]:
        """Counts, what stands now, and of each measure its median, p99 and maximum among the newest."""
        out = {name: float(n) for name, n in self._counts.items()} | self._now
        for name, values in self._measures.items():
            p50, p99, most = np.percentile(list(values), (50, 99, 100))
            out |= {f"{name}_p50": float(p50), f"{name}_p99": float(p99), f"{name}_max": float(most)}
        return out
