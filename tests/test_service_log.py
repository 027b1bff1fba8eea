"""The service's log: lines that are whole, bounded, and never in the way."""

from __future__ import annotations

import json
import logging
import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.errors import ConfigError
from facerig.service import log as service_log
from facerig.service.keys import CurveGuard, new_keys
from facerig.service.log import LOGGER, LONGEST, MOST_WAITING, OFTEN, Journal, LogSettings, facts, logged
from facerig.service.log_files import LogFile

log = logging.getLogger(LOGGER)


class Kept:
    """A target in memory; `works`: whether it takes lines, and `held`: until then it takes its time."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.works, self.held = True, threading.Event()
        self.held.set()

    def write(self, line: str) -> bool:
        self.held.wait(20)
        if self.works:
            self.lines.append(line)
        return self.works

    def close(self) -> None:
        self.works = False


@contextmanager
def written(target: Kept, shape: str = "json",
            clock: Callable[[], float] = time.monotonic) -> Iterator[Journal]:
    journal = Journal(target, shape, clock)
    log.addHandler(journal)
    log.setLevel("DEBUG")
    try:
        yield journal
    finally:
        log.removeHandler(journal)
        log.setLevel("NOTSET")
        journal.close()


def records(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_of_json_has_the_facts(tmp_path: Path) -> None:
    path = tmp_path / "facerig.log"
    with logged(LogSettings(file=path, format="json")):
        log.info("%s opens", "anna", extra=facts("opened", session=3, subject="anna"))
        log.debug("nobody asked for this")
        try:
            raise ZeroDivisionError("why\nnot")
        except ZeroDivisionError as problem:
            log.error("session 3 ends", exc_info=problem)
    opened, ended = records(path)
    assert opened | {"time": 0} == {"time": 0, "level": "info", "message": "anna opens", "event": "opened",
                                    "session": 3, "subject": "anna"}
    assert opened["time"].endswith("+00:00")
    assert "ZeroDivisionError: why\nnot" in ended["trace"]


def test_after_the_log_the_logger_is_as_it_was(tmp_path: Path) -> None:
    before = log.level, list(log.handlers)
    with logged(LogSettings(file=tmp_path / "x.log", level="error")):
        log.warning("not written")
    assert (log.level, log.handlers) == before
    assert (tmp_path / "x.log").read_text() == ""


def test_the_log_goes_to_stderr_without_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    with logged(LogSettings()):
        log.warning("this is so")
    assert capsys.readouterr().err.endswith(" warning this is so\n")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.text(max_size=30))
def test_whatever_is_logged_is_one_line(text: str, subject: str) -> None:
    for shape in ("json", "human"):
        target = Kept()
        with written(target, shape):
            log.info("%s", text, extra=facts("opened", subject=subject))
        (line,) = target.lines
        assert line.endswith("\n")
        assert line[:-1].isprintable()
        if shape == "json":
            assert json.loads(line)["subject"] == subject


def test_what_a_terminal_would_obey_is_shown_instead() -> None:
    target = Kept()
    with written(target, "human"):
        log.warning("a \x1b[2J b \x9b31m c\n2026 forged \u2028 d")
    assert r"a \x1b[2J b \x9b31m c\n2026 forged \u2028 d" in target.lines[0]


def test_long_lines_are_cut() -> None:
    target = Kept()
    with written(target):
        log.warning("x" * 10 * LONGEST)
    assert len(target.lines[0]) < LONGEST + 200


def test_a_mistake_in_a_line_is_told_and_harms_nobody() -> None:
    target = Kept()
    with written(target) as journal:
        journal.handle(log.makeRecord(LOGGER, logging.WARNING, __file__, 1, "%d", ("no number",), None))
        log.warning("after it")
    assert "could not be made" in target.lines[0]
    assert "after it" in target.lines[1]


def test_lines_that_come_often_are_counted() -> None:
    target, now = Kept(), [0.0]
    with written(target, clock=lambda: now[0]):
        for k in range(500):
            log.warning("refused %d", k, extra=facts("refused", kind="rate"))
            log.warning("opened %d", k)
        now[0] += 60
        log.warning("refused again", extra=facts("refused", kind="rate"))
        for k in range(12):
            log.warning("gap %d", k, extra=facts("refused", kind="gap"))
    told = [json.loads(line) for line in target.lines]
    assert sum(one["message"].startswith("opened") for one in told) == 500
    rate = [one for one in told if "rate" in (one.get("kind"), one.get("of", "")[-4:])]
    assert [one["message"] for one in rate[:OFTEN]] == [f"refused {k}" for k in range(OFTEN)]
    assert [one.get("lines") for one in rate[OFTEN:]] == [500 - OFTEN, None]
    assert [one["lines"] for one in told if one.get("of") == "refused gap"] == [2]


def test_a_wrong_key_that_knocks_for_ever_does_not_fill_the_log(tmp_path: Path) -> None:
    new_keys(tmp_path, "game")
    guard, target = CurveGuard(tmp_path), Kept()
    with written(target):
        for n in range(500):
            assert not guard.callback("facerig", f"{n:040}".encode())
    told = [json.loads(line) for line in target.lines]
    assert [one["event"] for one in told] == ["key"] * OFTEN + ["more"]
    assert told[-1]["lines"] == 500 - OFTEN


def test_kinds_without_end_are_bounded() -> None:
    target = Kept()
    with written(target) as journal:
        for k in range(2_000):
            log.warning("x", extra=facts("refused", kind=k))
    assert len(journal._often) == service_log.MOST_KINDS + 1
    assert len(target.lines) < service_log.MOST_KINDS + OFTEN + 10


def test_a_disk_that_hangs_holds_nobody_up() -> None:
    target = Kept()
    target.held.clear()
    with written(target) as journal:
        for k in range(MOST_WAITING + 100):
            log.warning("%d", k)
        assert 90 <= journal.lost <= 100  # it may have taken one
        target.held.set()
        before = time.monotonic()
        while len(target.lines) <= MOST_WAITING - 100 and time.monotonic() < before + 20:
            time.sleep(0.01)
        log.warning("the last")
    told = [json.loads(line) for line in target.lines]
    assert told[-1]["message"] == "the last"
    assert sum(one.get("lines", 0) for one in told) == journal.lost


def test_what_a_full_disk_swallows_is_counted_and_told() -> None:
    target = Kept()
    with written(target) as journal:
        target.works = False
        for k in range(7):
            log.warning("%d", k)
        while journal.lost < 7:
            time.sleep(0.005)
        target.works = True
        log.warning("room again")
    assert journal.lost == 7
    assert [json.loads(line)["message"] for line in target.lines] == ["7 lines were lost before this one",
                                                                      "room again"]


def test_a_device_that_is_full(tmp_path: Path) -> None:
    with logged(LogSettings(file=Path("/dev/full"))) as journal:
        for k in range(5):
            log.warning("%d", k)
    assert journal.lost == 5


def test_a_disk_that_fills_up_leaves_whole_lines(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "x.log", largest_bytes=10**6, files=2)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (250, before[1]))  # the third line fits in half
        done = [file.write("x" * 99 + "\n") for _ in range(4)]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert done == [True, True, False, False]
    assert file.write("y" * 99 + "\n")
    file.close()
    assert (tmp_path / "x.log").read_text() == ("x" * 99 + "\n") * 2 + "y" * 99 + "\n"


def test_files_are_put_aside_and_the_oldest_goes(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    file = LogFile(path, largest_bytes=100, files=3)
    for k in range(50):
        assert file.write(f"{k:09d}\n")
    file.close()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["x.log", "x.log.1", "x.log.2"]
    kept = "".join((tmp_path / name).read_text() for name in ("x.log.2", "x.log.1", "x.log"))
    assert kept == "".join(f"{k:09d}\n" for k in range(20, 50))
    assert all(one.stat().st_size <= 100 for one in tmp_path.iterdir())


def test_one_file_alone_begins_anew(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "x.log", largest_bytes=30, files=1)
    for k in range(4):
        assert file.write(f"{k:09d}\n")
    file.close()
    assert [one.read_text() for one in tmp_path.iterdir()] == ["000000003\n"]


def test_a_log_goes_on_in_its_file_and_after_another_program_moved_it(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    for k in range(2):
        file = LogFile(path, largest_bytes=10**6, files=2)
        assert file.write(f"{k}\n")
        if k:
            path.rename(tmp_path / "moved")
            assert file.write("2\n")
        file.close()
    assert (tmp_path / "moved").read_text() == "0\n1\n"
    assert path.read_text() == "2\n"


def test_a_log_that_cannot_be_is_told_at_the_start(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere" / "x.log", tmp_path):
        with pytest.raises(ConfigError, match="cannot be written"), logged(LogSettings(file=path)):
            pass
