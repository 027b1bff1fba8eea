"""What is new or has changed, look after look: `facerig batch --watch`.

    watch = Watch(make_plan)
    while True:
        for line in watch.look(tell): ...     # lines that are due now
        time.sleep(watch.pause_secs)

A line is due when it, its sound and the files that it names have been the same at two looks: a sound that is
still being written is waited for. The plan is made anew at each look, so that a changed settings file counts.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Final

from facerig.batch.address import inputs_of
from facerig.batch.lines import Line
from facerig.batch.names import key_of
from facerig.batch.planning import Plan
from facerig.batch.stores import is_address
from facerig.errors import ConfigError, FacerigError, OutputError

INTERVAL_SECS: Final = 2.0  # between two looks
SHARE: Final = 4.0  # looks take at most one part in so many of the time

Tell = Callable[[FacerigError], None]


class Watch:
    """Of one source. Keeps two numbers a line."""

    def __init__(self, make_plan: Callable[[], Plan], interval_secs: float = INTERVAL_SECS) -> None:
        self._make_plan, self._interval_secs = make_plan, interval_secs
        self._due: dict[int, int] = {}  # by output: how a line was when it was handed out
        self._seen: dict[int, int] = {}  # ... and at the last look
        self._faults: set[int] = set()  # that were there at the last look
        self.pause_secs = interval_secs

    def look(self, tell: Tell) -> Iterator[Line]:
        """Lines that are due; tell: of faults that were not there before. Nothing that is wrong with the
        source ends a watch."""
        seen, faults, spent_secs = dict[int, int](), set[int](), 0.0
        told_before, self._faults = self._faults, faults

        def fault(error: FacerigError) -> None:
            key = key_of(str(error))
            if key not in told_before and key not in faults:
                tell(error)
            faults.add(key)

        began = time.monotonic()
        try:
            for line in self._looked(self._make_plan(), seen, fault):
                spent_secs += time.monotonic() - began
                yield line
                began = time.monotonic()  # what was done with the line is not the look's
        except FacerigError as error:  # of the settings, or of the source as a whole; it may be half written
            fault(error)
            seen = self._seen | seen
        self._seen = seen
        spent_secs += time.monotonic() - began
        self.pause_secs = max(self._interval_secs, SHARE * spent_secs)

    def _looked(self, plan: Plan, seen: dict[int, int], fault: Tell) -> Iterator[Line]:
        for row in plan.rows(lambda _: None):
            try:
                line = plan.line(row)
                stamp = stamp_of(line)
                key = key_of(line.out)
                if key in seen:
                    raise OutputError(f"{line.out} is written by another line, too", where=row.place,
                                      fix="give one of them another output")
            except FacerigError as error:
                fault(error)
                continue
            seen[key] = stamp
            if self._due.get(key) != stamp and self._seen.get(key) == stamp:
                self._due[key] = stamp
                yield line


def stamp_of(line: Line) -> int:
    """Another one when the line is asked for otherwise, or a file that it is made from has changed."""
    wishes = asdict(line)
    del wishes["place"]  # rows move
    files = []
    if is_address(line.audio):
        raise ConfigError("--watch looks at disks, not at stores", where=line.place,
                          fix="run the batch again from time to time: what is current is skipped")
    for path in inputs_of(line):
        try:
            status = os.stat(path)
        except OSError:  # gone this moment
            files.append((path, -1, -1))
        else:
            files.append((path, status.st_size, status.st_mtime_ns))
    told = repr((sorted(wishes.items(), key=lambda one: one[0]), files)).encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(told, digest_size=8).digest(), "big")
