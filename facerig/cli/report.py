"""What the command line says: results on stdout, the rest on stderr; for people or, with --json, for hosts.

With --json each result and each error is one line holding one JSON object:

    {"ok": true, "input": "line.wav", "output": "line.csv", ...}
    {"ok": false, "input": "x.wav", "code": "audio", "what": "...", "where": "...", "fix": "..."}
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from facerig.cli import stopping
from facerig.errors import FacerigError

Progress = Callable[[float, float | None], None]  # done, total (None: not known), seconds of sound

PLAIN_INTERVAL_SECS: Final = 10.0  # between two progress lines where stderr is no terminal


class StdoutLostError(BaseException):
    """Standard output cannot be written: ends the run at once, as Ctrl-C does, and is no failure of a job."""

    def __init__(self, error: OSError) -> None:
        self.error = error


def put(text: str) -> None:
    """One line of data on stdout, at once. Raises StdoutLostError."""
    try:
        print(text, flush=True)
    except OSError as error:
        raise StdoutLostError(error) from error


def put_record(record: dict[str, object]) -> None:
    """One object on a line, for hosts."""
    put(json.dumps(record, default=str))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Where output goes. `json`: records for hosts. `quiet`: for people only errors are left."""

    json: bool = False
    quiet: bool = False

    def result(self, text: str, **fields: object) -> None:
        """One thing that was done: `text` for people, `fields` for hosts."""
        if self.json:
            put_record({"ok": True, **fields})
        elif not self.quiet:
            put(text)

    def failed(self, error: FacerigError, source: Path | None = None) -> None:
        """One thing that could not be done."""
        if self.json:
            record = {"ok": False, **({"input": str(source)} if source else {}), "code": error.code,
                      "what": error.what, "where": error.where, "fix": error.fix}
            put_record(record)
        else:
            print(f"facerig: {error}", file=sys.stderr, flush=True)

    def log(self, text: str) -> None:
        """A remark that is no result."""
        if not self.quiet:
            print(f"facerig: {text}", file=sys.stderr, flush=True)

    @contextmanager
    def progress(self, title: str) -> Iterator[Progress]:
        """Progress of one job: a bar on a terminal, now and then a line elsewhere, nothing for hosts."""
        if self.json or self.quiet:
            yield _heeding(lambda _done, _total: None)
        elif sys.stderr.isatty():
            with _bar(title) as update:
                yield _heeding(update)
        else:
            yield _heeding(_lines(title))


def _heeding(update: Progress) -> Progress:
    """`update`, which first stops where a signal has asked for it."""
    def checked(done: float, total: float | None) -> None:
        stopping.check()
        update(done, total)

    return checked


@contextmanager
def _bar(title: str) -> Iterator[Progress]:
    from rich import progress as rich_progress  # slow to import, and only a terminal needs it
    from rich.console import Console

    columns = (rich_progress.TextColumn("{task.description}"), rich_progress.BarColumn(),
               rich_progress.TaskProgressColumn(), rich_progress.TimeRemainingColumn())
    with rich_progress.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title.replace("[", r"\["), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines(title: str) -> Progress:
    next_at = time.monotonic() + PLAIN_INTERVAL_SECS

    def update(done: float, total: float | None) -> None:
        nonlocal next_at
        if time.monotonic() < next_at:
            return
        next_at = time.monotonic() + PLAIN_INTERVAL_SECS
        share = f"{100 * done / total:.0f} %" if total else f"{done:.0f} s"
        print(f"facerig: {title}: {share}", file=sys.stderr, flush=True)

    return update
