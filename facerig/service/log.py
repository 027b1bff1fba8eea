"""What a service writes down: lines for people or JSON, in a thread of its own, into files of bounded size.

    with logged(LogSettings(file=Path("facerig.log"), format="json")) as journal:
        log.info("%s opens", subject, extra=facts("opened", session=3))
    journal.lost                                   # lines that could not be written

Nothing waits for a disk: lines queue up to a bound. What cannot be written is counted, and told when writing
works again. A line that comes too often (a refusal, whatever a client sends) is written ten times in ten
seconds, then counted.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from facerig.service.log_files import LogFile, Stderr, Target

FORMATS: Final = ("human", "json")
LEVELS: Final = ("debug", "info", "warning", "error")
LOGGER: Final = "facerig.service"
MOST_WAITING: Final = 10_000  # lines that wait to be written: 80 MB if all are as long as can be
LONGEST: Final = 8_000  # characters of a message or a trace
CLOSING_SECS: Final = 2.0  # that the last lines get
OFTEN, OFTEN_SECS = 10, 10.0  # lines of a kind in so long; more are counted
MOST_KINDS: Final = 256
ELLIPSIS: Final = " ..."


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """file: None for standard error. file_mb: a file that is larger is put aside, as FILE.1, FILE.2 ...;
    files: that are kept, the one that is written included."""

    file: Path | None = None
    format: str = "human"
    level: str = "info"
    file_mb: float = 10.0
    files: int = 5


def facts(event: str, **more: object) -> dict[str, Any]:
    """For `extra` of a line: what happened in a word, and its circumstances. With `kind`, lines of one kind
    that come often are counted instead."""
    return {"facts": {"event": event, **more}}


class Journal(logging.Handler):
    """Writes what is logged. `close` it: the last lines wait for that."""

    def __init__(self, target: Target, shape: str = "human", clock_secs: Any = time.monotonic) -> None:
        super().__init__()
        self._target, self._human, self._clock_secs = target, shape == "human", clock_secs
        self._waiting: deque[str] = deque()
        self._wake, self._over = threading.Event(), False
        self._lost, self._untold = 0, 0  # lines; and of these, those that no line has told of yet
        self._often: dict[str, _Often] = {}
        self._mutex = threading.RLock()  # of all that both threads change
        self._thread = threading.Thread(target=self._run, name="facerig-log", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> int:
        """Lines that were not written."""
        return self._lost

    def emit(self, record: logging.LogRecord) -> None:
        """Into the queue."""
        known: dict[str, Any] = getattr(record, "facts", {})
        with self._mutex:
            if not self._is_rare(known):
                return
        try:
            line = self._line(record, known)
        except Exception as problem:  # a mistake in a log line must not end what it tells of
            line = self._made("error", f"a line of the log could not be made: {problem!r}", {}, "")
        self._queue(line)

    def close(self) -> None:
        """Write what waits, as far as time allows, and end."""
        self._over = True
        self._wake.set()
        self._thread.join(CLOSING_SECS)
        super().close()

    def _queue(self, line: str) -> None:
        if len(self._waiting) >= MOST_WAITING:
            self._lose(1)
        else:
            self._waiting.append(line)
            self._wake.set()

    def _lose(self, n: int) -> None:
        with self._mutex:
            self._lost, self._untold = self._lost + n, self._untold + n

    # --- lines that come too often

    def _is_rare(self, known: dict[str, Any]) -> bool:
        """Whether a line of this kind is still written."""
        if "kind" not in known:
            return True
        kind, now = f"{known['event']} {known['kind']}", self._clock_secs()
        if kind not in self._often and len(self._often) >= MOST_KINDS:
            kind = "others"
        one = self._often.setdefault(kind, _Often(now))
        if now - one.since_secs >= OFTEN_SECS:
            self._begin_anew(kind, one, now)
        one.lines += 1
        return one.lines <= OFTEN

    def _begin_anew(self, kind: str, one: _Often, now: float) -> None:
        more = one.lines - OFTEN
        one.since_secs, one.lines = now, 0
        if more > 0:
            known = {"event": "more", "of": kind, "lines": more}
            self._queue(self._made("warning", f"{more} more lines: {kind}", known, ""))

    # --- how lines look

    def _line(self, record: logging.LogRecord, known: dict[str, Any]) -> str:
        trace = logging.Formatter().formatException(record.exc_info) if record.exc_info else ""
        return self._made(record.levelname.lower(), _short(record.getMessage()), known, _short(trace))

    def _made(self, level: str, message: str, known: dict[str, Any], trace: str) -> str:
        now = datetime.now(UTC)
        if self._human:
            lines = [f"{now:%Y-%m-%d %H:%M:%S} {level:7} {_shown(message)}",
                     *(f"    {_shown(line)}" for line in trace.splitlines())]
            return "\n".join(lines) + "\n"
        told = {"time": now.isoformat(timespec="milliseconds"), "level": level, "message": message, **known}
        return json.dumps(told | ({"trace": trace} if trace else {}), default=str) + "\n"

    # --- the thread that writes

    def _run(self) -> None:
        while True:
            self._wake.wait(OFTEN_SECS)
            self._wake.clear()
            over = self._over
            self._count_often(over)
            while self._waiting:
                self._write(self._waiting.popleft())
            if over:
                self._target.close()
                return

    def _count_often(self, over: bool) -> None:
        """Tell of the kinds whose time is up."""
        now = self._clock_secs()
        with self._mutex:
            for kind, one in self._often.items():
                if over or now - one.since_secs >= OFTEN_SECS:
                    self._begin_anew(kind, one, now)

    def _write(self, line: str) -> None:
        untold = self._untold
        if untold:
            told = self._made("error", f"{untold} lines were lost before this one",
                              {"event": "lost", "lines": untold}, "")
            if not self._target.write(told):
                self._lose(1)
                return
            with self._mutex:
                self._untold -= untold
        if not self._target.write(line):
            self._lose(1)


@dataclass(slots=True)
class _Often:
    """How many lines of a kind came since `since_secs`."""

    since_secs: float
    lines: int = 0


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - len(ELLIPSIS)] + ELLIPSIS


def _shown(text: str) -> str:
    """Nothing that a terminal would obey, or take for another line."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


@contextmanager
def logged(settings: LogSettings) -> Iterator[Journal]:
    """What the service logs is written inside. Raises ConfigError for a file that cannot be written."""
    target: Target = Stderr() if settings.file is None else LogFile(
        settings.file, largest_bytes=int(settings.file_mb * 1e6), files=settings.files)
    journal, logger = Journal(target, settings.format), logging.getLogger(LOGGER)
    before = logger.level
    logger.setLevel(settings.level.upper())
    logger.addHandler(journal)
    try:
        yield journal
    finally:
        logger.removeHandler(journal)
        logger.setLevel(before)
        journal.close()
