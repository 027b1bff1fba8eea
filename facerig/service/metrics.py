"""What a service counts and measures, as Prometheus reads it.

    metrics = Metrics()
    service = Service(settings, meter=metrics)
    metrics.text()                       # the page /metrics
    metrics.health()                     # ["the loop has not turned for 12 s"]; nothing while all is well

The service's loop counts; another thread reads. Nothing is locked: each number is changed by one thread and
read at once, so a page may lack the newest frames of one counter and hold those of another.
"""

from __future__ import annotations

import os
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import Final

from facerig.core.version import VERSION

PREFIX: Final = "facerig_"
STUCK_SECS: Final = 5.0  # the loop reports every second
MOST_NAMES: Final = 500  # of counters; names are the service's own, and this makes sure
BUCKETS: Final = (0.0005, 0.001, 0.002, 0.004, 0.008, 1 / 60, 0.025, 1 / 30, 0.05, 0.1, 0.25, 1.0)  # s

# Counter            as                        what it counts
COUNTERS: Final[dict[str, tuple[str, str]]] = {
    "messages":         ("messages",          "Messages of clients."),
    "opened":           ("sessions_opened",   "Sessions that began."),
    "resumed":          ("sessions_resumed",  "Sessions that were taken over after a lost connection."),
    "subscriptions":    ("subscriptions",     "Subscriptions to curves."),
    "frames_sent":      ("frames_sent",       "Frames that left."),
    "frames_late":      ("frames_late",       "Frames that left more than a frame late."),
    "frames_dropped":   ("frames_dropped",    "Frames that were too late and did not leave."),
    "animated_secs":    ("animated_seconds",  "Sound and silence that became faces."),
    "stalls":           ("stalls",            "Sessions that stood still and skipped to now."),
    "subscriber_drops": ("subscriber_drops",  "Times that a subscriber did not keep up."),
    "replies_lost":     ("replies_lost",      "Replies whose client was gone or did not read."),
    "refused_clients":  ("refused_clients",   "Messages of connections beyond the limit."),
    "refused_rate":     ("refused_messages",  "Messages of clients that sent too many."),
    "old_messages":     ("old_messages",      "Sound of an epoch that was interrupted."),
}
# Counters that end in what is told apart: error_gap -> errors_total{code="gap"}
FAMILIES: Final[dict[str, tuple[str, str, str]]] = {
    "error_":  ("errors",          "code",   "Messages that were refused, by the code of the error."),
    "closed_": ("sessions_closed", "reason", "Sessions that ended, by why."),
    "":        ("events",          "name",   "What else is counted."),
}
MEASURES: Final[dict[str, tuple[str, str]]] = {
    "tick_secs": ("tick_seconds", "A turn of the loop with sessions, without waiting."),
    "step_secs": ("step_seconds", "Making the faces of a turn."),
}
GAUGES: Final[dict[str, tuple[str, str]]] = {
    "sessions":        ("sessions",            "Sessions now."),
    "clients":         ("clients",             "Connections that are remembered."),
    "backlog_secs":    ("backlog_seconds",     "Sound that waits, of all sessions."),
    "backlog_secs_of_the_furthest_behind": ("backlog_seconds_max", "The same of the furthest behind."),
    "realtime_factor": ("realtime_factor",     "Seconds of work for a second of a face, in the last second."),
    "busy":            ("busy_ratio",          "Share of the time that the loop works."),
    "tick_secs_p50":   ("tick_seconds_p50",    "Median of the newest turns."),
    "tick_secs_p99":   ("tick_seconds_p99",    "99th percentile of the newest turns."),
    "step_secs_p50":   ("step_seconds_p50",    "Median of the newest steps."),
    "step_secs_p99":   ("step_seconds_p99",    "99th percentile of the newest steps."),
}


class Histogram:
    """How often values fell into BUCKETS, and their sum."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.sum = 0.0

    def add(self, value: float) -> None:
        """One value more."""
        self.counts[bisect_left(BUCKETS, value)] += 1
        self.sum += value


class Metrics:
    """A `Meter` (facerig.service.tally) that shows what it was told.

    beat: called with every report, once a second while the service's loop turns. checks: each says what is
    wrong, or "". gauges: more to show, by name (without the prefix), read when the page is.
    """

    def __init__(self, *, beat: Callable[[], None] | None = None, checks: tuple[Callable[[], str], ...] = (),
                 gauges: Mapping[str, tuple[str, Callable[[], float]]] | None = None,
                 clock_secs: Callable[[], float] = time.monotonic) -> None:
        self._beat, self._checks, self._more, self._clock_secs = beat, checks, dict(gauges or {}), clock_secs
        self._counts: dict[str, float] = {}
        self._measures: dict[str, Histogram] = {}
        self._figures: dict[str, float] = {}
        self._refusing = ""
        self._reported_secs, self._began_secs = clock_secs(), time.time()

    # --- told by the loop

    def count(self, name: str, by: float = 1) -> None:
        """`name` has happened `by` times more."""
        if name in self._counts or len(self._counts) < MOST_NAMES:
            self._counts[name] = self._counts.get(name, 0.0) + by

    def observe(self, name: str, value: float) -> None:
        """`name` was measured once more; only what is in MEASURES is kept."""
        if name in MEASURES:
            if name not in self._measures:
                self._measures[name] = Histogram()
            self._measures[name].add(value)

    def report(self, figures: Mapping[str, float], refusing: str) -> None:
        """The loop turns: its figures, and why nobody more is let in ("" where they are)."""
        self._figures, self._refusing = dict(figures), refusing
        self._reported_secs = self._clock_secs()
        if self._beat is not None:
            self._beat()

    # --- read by others

    def health(self) -> list[str]:
        """What is wrong with the service; nothing where it works."""
        still_secs = self._clock_secs() - self._reported_secs
        stuck = [f"the loop has not turned for {still_secs:.0f} s"] if still_secs > STUCK_SECS else []
        return stuck + [told for told in (check() for check in self._checks) if told]

    def readiness(self) -> list[str]:
        """Why nobody more would be let in."""
        return self.health() + ([self._refusing] if self._refusing else [])

    def text(self) -> str:
        """In Prometheus' text format 0.0.4."""
        page = _Page()
        page.add("info", "gauge", "The service's version.", {f'version="{_quoted(VERSION)}"': 1.0})
        page.add("ready", "gauge", "1 where sessions are let in.", {"": float(not self.readiness())})
        figures = self._figures
        for name, (told, what) in GAUGES.items():
            if name in figures:
                page.add(told, "gauge", what, {"": figures[name]})
        for told, (what, value) in self._more.items():
            page.add(told, "gauge", what, {"": value()})
        self._add_counts(page)
        for name, one in dict(self._measures).items():
            page.add_histogram(*MEASURES[name], list(one.counts), one.sum)
        for told, value_now in _of_the_process(self._began_secs).items():
            page.add(told, *_PROCESS[told], {"": value_now}, prefix="")
        return page.text()

    def _add_counts(self, page: _Page) -> None:
        counts = dict(self._counts)
        for name, (told, what) in COUNTERS.items():
            page.add(f"{told}_total", "counter", what, {"": counts.pop(name, 0.0)})
        for begin, (told, label, what) in FAMILIES.items():
            mine = {name: counts.pop(name) for name in list(counts) if name.startswith(begin)}
            page.add(f"{told}_total", "counter", what,
                     {f'{label}="{_quoted(name.removeprefix(begin))}"': n for name, n in mine.items()})


class _Page:
    def __init__(self) -> None:
        self._lines: list[str] = []

    def add(self, name: str, kind: str, what: str, values: Mapping[str, float], prefix: str = PREFIX) -> None:
        """A metric with its values by labels."""
        if values:
            self._head(name, kind, what, prefix)
            self._lines += [f"{prefix}{name}{f'{{{labels}}}' if labels else ''} {_number(value)}"
                            for labels, value in values.items()]

    def add_histogram(self, name: str, what: str, counts: list[int], total: float) -> None:
        """Buckets are told as Prometheus wants them: each with all below it."""
        self._head(name, "histogram", what, PREFIX)
        n = 0
        for bound, count in zip([*map(_number, BUCKETS), "+Inf"], counts, strict=True):
            n += count
            self._lines.append(f'{PREFIX}{name}_bucket{{le="{bound}"}} {n}')
        self._lines += [f"{PREFIX}{name}_sum {_number(total)}", f"{PREFIX}{name}_count {n}"]

    def _head(self, name: str, kind: str, what: str, prefix: str) -> None:
        self._lines += [f"# HELP {prefix}{name} {what}", f"# TYPE {prefix}{name} {kind}"]

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(value)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


# Of the process     kind       what
_PROCESS: Final[dict[str, tuple[str, str]]] = {
    "process_start_time_seconds":    ("gauge",   "When the process began, since 1970."),
    "process_cpu_seconds_total":     ("counter", "Time that it computed."),
    "process_resident_memory_bytes": ("gauge",   "Memory that it holds."),
    "process_open_fds":              ("gauge",   "Open files and sockets."),
}


def _of_the_process(began_secs: float) -> dict[str, float]:
    """As far as the system tells."""
    out = {"process_start_time_seconds": began_secs, "process_cpu_seconds_total": time.process_time()}
    if sys.platform == "linux":
        try:
            with open("/proc/self/statm", encoding="ascii") as file:
                pages = int(file.read().split()[1])
            out["process_resident_memory_bytes"] = float(pages * os.sysconf("SC_PAGE_SIZE"))
            out["process_open_fds"] = float(len(os.listdir("/proc/self/fd")))
        except OSError:  # /proc is not there, or no file can be opened any more
            return out
    return out
