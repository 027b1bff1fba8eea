"""A night's run: which lines are current, the others through an engine, each into the journal.

    summary = run(lines, folder, Local(2), tell)

What is current is left alone, and so is a file that somebody has changed since it was written.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal

from facerig.batch.address import Print, Prints, address_of
from facerig.batch.engine import Engine
from facerig.batch.journal import Journal, Record
from facerig.batch.lines import Line
from facerig.batch.presence import presence
from facerig.batch.store_journal import journal_in
from facerig.batch.stores import Disk, Seen, is_address, joined, target_of
from facerig.batch.work import Outcome, Task
from facerig.errors import FacerigError, OutputError

Status = Literal["done", "failed", "current", "edited"]
Tell = Callable[[Line, Status, Outcome | None], None]

MOST_RUNS: Final = 8  # back that a file is known from: two at once may both have written it
_ASIDE: Final = re.compile(r"\.[0-9a-f]{8}\.part(\..+)?")  # what sinks.files leaves where it is killed


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """verify: read every file again, however little it seems to have changed. retry_failed: only what failed.
    force: also over files that somebody has changed. dry: only say what would be done."""

    verify: bool = False
    retry_failed: bool = False
    force: bool = False
    dry: bool = False


@dataclass(slots=True)
class Summary:
    """Of a run. counts: lines by status; secs: of sound done; elapsed: s; errors by code."""

    run: str = ""
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(
        ("done", "failed", "current", "edited"), 0))
    secs: float = 0.0
    elapsed: float = 0.0
    spent: dict[str, float] = field(default_factory=lambda: dict.fromkeys(("hear", "write", "judge"), 0.0))
    errors: dict[str, int] = field(default_factory=dict)

    def count(self, status: Status, outcome: Outcome | None) -> None:
        """One line more."""
        self.counts[status] += 1
        if outcome is None:
            return
        self.secs += outcome.secs
        for part in self.spent:
            self.spent[part] += getattr(outcome.spent, part)
        if outcome.error is not None:
            code = outcome.error["code"]
            self.errors[code] = self.errors.get(code, 0) + 1


def run(lines: Iterable[Line], folder: Path | str, engine: Engine, tell: Tell | None = None,
        settings: RunSettings | None = None) -> Summary:
    """Do all lines that are not current. folder: may be an address of a store. Raises OutputError where
    nothing can be written."""
    settings, summary, began = settings or RunSettings(), Summary(), time.perf_counter()
    try:
        with _ready(folder) as journal:
            summary.run = journal.run
            night = _Night(str(folder), journal, settings, summary, tell or (lambda *_: None))
            engine.run(night.tasks(lines), night.done)
    finally:
        summary.elapsed = time.perf_counter() - began
    return summary


@contextmanager
def _ready(folder: Path | str) -> Iterator[Journal]:
    """The journal of a folder that is tidied where nobody else is at work. On a store there is nothing to
    tidy: files come there whole."""
    if is_address(folder):
        with journal_in(folder) as journal:
            yield journal
        return
    with presence(Path(folder)) as present, journal_in(folder) as journal:
        if present.alone():
            _tidy(Path(folder), journal)
        yield journal


class _Night:
    """What a run does with each line."""

    def __init__(self, folder: str, journal: Journal, settings: RunSettings, summary: Summary, tell: Tell
                 ) -> None:
        self._target = target_of(folder)
        self._folder, self._journal, self._settings = folder, journal, settings
        self._summary, self._tell = summary, tell
        self._prints = Prints(None if settings.verify else self._known)
        self._last: Record | None = None  # of the line that is looked at

    def tasks(self, lines: Iterable[Line]) -> Iterator[Task]:
        """What there is to do, written down as begun before it is handed out."""
        waiting = self._waiting(lines)
        while group := list(islice(waiting, self._journal.group)):
            for task in group:
                self._journal.began(task.line.out, task.address)
            self._journal.settle()
            yield from group

    def _waiting(self, lines: Iterable[Line]) -> Iterator[Task]:
        for line in lines:
            self._last = self._journal.last(line.out)
            if self._settings.retry_failed and not (self._last or {}).get("error"):
                continue
            try:
                address, inputs = address_of(line, self._prints)
                status = self._status(line, address)
            except FacerigError as error:
                self._fail(line, error)
                continue
            if status is not None or self._settings.dry:
                self._count(line, status or "done", None)
                continue
            yield Task(line=line, folder=self._folder, address=address, inputs=inputs)

    def done(self, task: Task, outcome: Outcome) -> None:
        """A task has come to its end."""
        self._journal.add({**outcome.record, "inputs": task.inputs, "line": _told(task.line)})
        self._count(task.line, "failed" if outcome.error else "done", outcome)

    def _fail(self, line: Line, error: FacerigError) -> None:
        outcome = Outcome(out=line.out, address="", error={"code": error.code, "what": error.what,
                                                           "where": error.where, "fix": error.fix})
        if not self._settings.dry:
            self._journal.add({**outcome.record, "inputs": {}, "line": _told(line)})
        self._count(line, "failed", outcome)

    def _count(self, line: Line, status: Status, outcome: Outcome | None) -> None:
        self._summary.count(status, outcome)
        self._tell(line, status, outcome)

    def _status(self, line: Line, address: str) -> Status | None:
        """None where there is something to do. Raises OutputError for files that must not be written over."""
        files = (self._last or {}).get("files", {})
        if self._journal.in_hand(line.out) or not files:
            return None
        changed = [name for name in line.outputs if self._changed(line, name)]
        same = self._last is not None and self._last["address"] == address
        if same and all(self._seen(name) is not None for name in line.outputs):
            return "edited" if changed else "current"
        if changed and not self._settings.force:
            raise OutputError(f"{changed[0]} was changed since it was written, and its line is another now",
                              where=line.place, fix="move the file away to keep it, or give --force")
        return None

    def _changed(self, line: Line, name: str) -> bool:
        """Whether somebody has changed a file that we wrote, in whichever run."""
        seen = self._seen(name)
        if seen is None:
            return False
        known = [record["files"][name] for record in islice(self._journal.history(line.out), MOST_RUNS)
                 if name in record["files"]]
        return bool(known) and list(seen) not in known

    def _seen(self, name: str) -> Seen | None:
        """A file as it is now; of a store as it was when its folder was asked for."""
        if isinstance(self._target, Disk):
            return self._target.seen(name)
        return self._prints.listings.seen(joined(self._folder, name))

    def _known(self, path: str) -> Print | None:
        """What the line's last record says of one of its files."""
        seen = (self._last or {}).get("inputs", {}).get(path)
        return None if seen is None else (seen[0], seen[1], seen[2])


def _told(line: Line) -> dict[str, Any]:
    """What the report shows of a line."""
    return {"place": line.place, "audio": line.audio, "character": line.character, "language": line.language,
            "text": line.text, "emotion": line.emotion, "endings": list(line.endings)}


def _tidy(folder: Path, journal: Journal) -> None:
    """Remove what killed runs have left half written beside the lines that they had in hand."""
    for parent in {(folder / out).parent for out in journal.begun()}:
        with suppress(OSError):
            for path in parent.iterdir():
                if _ASIDE.fullmatch(path.name):
                    path.unlink()
