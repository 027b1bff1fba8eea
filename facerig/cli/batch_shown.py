"""What `facerig batch` shows of a run: a bar, lines of text, or records for hosts; and how it ended."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from facerig.cli import stopping
from facerig.cli.report import Report, put_record
from facerig.errors import FacerigError

if TYPE_CHECKING:
    from facerig.batch.lines import Line
    from facerig.batch.running import Status, Summary
    from facerig.batch.work import Outcome

PLAIN_INTERVAL_SECS: Final = 10.0
NAMED_FAILURES: Final = 20
BUGS: Final = ("bug", "crash")  # codes of what is nobody's input


class Shown:
    """A run as it goes on. total: of the lines, None where nobody knows."""

    def __init__(self, report: Report, total: int | None) -> None:
        self._report, self._total, self._began = report, total, time.monotonic()
        self._seen, self._done, self._secs = 0, 0, 0.0
        self._next_at = self._began + PLAIN_INTERVAL_SECS
        self.failures: list[tuple[str, dict[str, str]]] = []
        self.bar: Any = None

    def told(self, line: Line, status: Status, outcome: Outcome | None) -> None:
        """One line more."""
        stopping.check()
        self._seen += 1
        if outcome is not None:
            self._done += 1
            self._secs += outcome.secs
            if outcome.error is not None and len(self.failures) < NAMED_FAILURES:
                self.failures.append((line.place, outcome.error))
        if self._report.json:
            put_record(_record(line, status, outcome))
        self._show()

    @property
    def rate(self) -> str:
        """How fast it goes, in words."""
        elapsed = max(1e-3, time.monotonic() - self._began)
        return f"{self._done / elapsed:.1f} lines/s, {self._secs / elapsed:.0f} h of sound an hour"

    def _show(self) -> None:
        if self.bar is not None:
            self.bar(self._seen, self._total, self.rate)
        elif not (self._report.json or self._report.quiet) and time.monotonic() >= self._next_at:
            self._next_at = time.monotonic() + PLAIN_INTERVAL_SECS
            of = "" if self._total is None else f" of {self._total}"
            self._report.log(f"{self._seen}{of} lines, {self.rate}{self._left()}")

    def _left(self) -> str:
        """How long it will take, in words; nothing while that is a guess."""
        if self._total is None or not self._done:
            return ""
        secs = (time.monotonic() - self._began) * max(0, self._total - self._seen) / self._seen
        return f", {secs / 3600:.1f} h left" if secs > 3600 else f", {secs / 60:.0f} min left"


def _record(line: Line, status: Status, outcome: Outcome | None) -> dict[str, Any]:
    """A line for hosts."""
    fields: dict[str, Any] = {"ok": status != "failed", "input": line.audio, "place": line.place,
                              "status": status, "outputs": list(line.outputs)}
    if outcome is None:
        return fields
    if outcome.error is not None:
        return fields | {"outputs": []} | outcome.error
    return fields | {"seconds": outcome.secs, "frames": outcome.frames, "remarks": outcome.remarks,
                     "script": outcome.script}


@contextmanager
def shown(report: Report, total: int | None) -> Iterator[Shown]:
    """A bar on a terminal, as long as it is open."""
    told = Shown(report, total)
    if report.json or report.quiet or not sys.stderr.isatty():
        yield told
        return
    from rich import progress as rich_progress
    from rich.console import Console

    columns = (rich_progress.BarColumn(), rich_progress.MofNCompleteColumn(),
               rich_progress.TextColumn("{task.fields[rate]}"), rich_progress.TimeRemainingColumn())
    with rich_progress.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("lines", total=total, rate="")
        told.bar = lambda done, of, rate: bar.update(task, completed=done, total=of, rate=rate)
        yield told


def ended(summary: Summary, faults: int, told: Shown, report: Report, *, dry: bool = False) -> int:
    """Say what became of a run; the exit code. faults: rows that could not be lines."""
    if not report.json:
        for place, error in told.failures:
            report.failed(AsTold(error | {"where": error["where"] or place}))
        more = summary.counts["failed"] - len(told.failures)
        if more > 0:
            report.log(f"... and {more} failures more; --retry-failed takes them up")
    counts = summary.counts
    done = "would be done" if dry else "done"
    text = f"{counts['done']} {done}, {counts['current']} current, {counts['failed'] + faults} failed"
    if counts["edited"]:
        text += f", {counts['edited']} left as somebody has changed them"
    if counts["done"] and not dry:
        text += f"; {summary.secs / 3600:.2f} h of sound in {summary.elapsed:.0f} s ({told.rate})"
    report.result(text, summary=True, run=summary.run, counts=counts, faults=faults,
                  seconds=summary.secs, elapsed=summary.elapsed, errors=summary.errors)
    if any(summary.errors.get(code) for code in BUGS):
        return 1
    return 2 if counts["failed"] or faults else 0


class AsTold(FacerigError):
    """An error that came from a worker as plain values."""

    def __init__(self, told: dict[str, str]) -> None:
        super().__init__(told["what"], where=told["where"], fix=told["fix"])
        self.code = told["code"]
