"""A batch: what is current stays, what changed is done again; no death of a process loses or spoils files."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from facerig.batch.address import Prints, address_of
from facerig.batch.engine import Done, Local
from facerig.batch.journal import HOME, Journal
from facerig.batch.lines import Line
from facerig.batch.presence import presence
from facerig.batch.running import RunSettings, Summary, run
from facerig.batch.work import Task, perform
from facerig.errors import OutputError
from tests.streams import made_up_speech

LINES = 4


class Here:
    """An engine that does the work in this process, one task after the other."""

    name, workers = "here", 1

    def __init__(self) -> None:
        self.did: list[str] = []

    def run(self, tasks: Iterable[Task], done: Done) -> None:
        for task in tasks:
            self.did.append(task.line.out)
            done(task, perform(task))


@pytest.fixture(name="sounds", scope="module")
def _sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_lines(tmp_path_factory.mktemp("sounds"), LINES)


def with_lines(folder: Path, count: int) -> Path:
    """The folder, with `count` short lines line0.wav, line1.wav ..., each of another length."""
    for k in range(count):
        soundfile.write(folder / f"line{k}.wav", made_up_speech(0.3 + 0.05 * k, seed=k), 16_000)
    return folder


def lines_of(sounds: Path, model: str = "live") -> list[Line]:
    return [Line(place=f"row {k}", audio=str(sounds / f"line{k}.wav"), out=f"{'ab'[k % 2]}/line{k}",
                 model=model, endings=(".csv", ".livelink.csv")) for k in range(LINES)]


def own(sounds: Path, tmp_path: Path) -> list[Line]:
    """The lines with sounds that a test may change."""
    out = []
    for line in lines_of(sounds):
        copy = tmp_path / Path(line.audio).name
        copy.write_bytes(Path(line.audio).read_bytes())
        out.append(replace(line, audio=str(copy)))
    return out


def contents(folder: Path) -> dict[str, str]:
    """What lies in a folder, but for what the batch keeps for itself."""
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file() and HOME not in path.parts}


def counts(summary: Summary) -> tuple[int, int, int, int]:
    return tuple(summary.counts[name] for name in ("done", "current", "failed", "edited"))  # type: ignore[return-value]


@pytest.fixture(name="undisturbed", scope="module")
def _undisturbed(sounds: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("undisturbed")
    assert counts(run(lines_of(sounds), folder, Here())) == (LINES, 0, 0, 0)
    return contents(folder)


def test_what_is_current_is_left_alone(sounds: Path, undisturbed: dict[str, str], tmp_path: Path) -> None:
    engine = Here()
    run(lines_of(sounds)[:2], tmp_path, engine)
    assert counts(run(lines_of(sounds), tmp_path, engine)) == (2, 2, 0, 0)
    assert engine.did == ["a/line0", "b/line1", "a/line2", "b/line3"]
    assert contents(tmp_path) == undisturbed


def test_what_changed_is_done_again_and_only_that(sounds: Path, tmp_path: Path) -> None:
    lines, out = own(sounds, tmp_path), tmp_path / "out"
    run(lines, out, Here())
    engine = Here()
    soundfile.write(lines[1].audio, made_up_speech(0.5, seed=9), 16_000)
    lines[2] = replace(lines[2], emotion="joy")
    os.utime(lines[3].audio)  # touched, but the same
    (out / "a/line0.csv").unlink()
    assert counts(run(lines, out, engine)) == (3, 1, 0, 0)
    assert engine.did == ["a/line0", "b/line1", "a/line2"]


def test_corrections_beside_a_sound_count(sounds: Path, tmp_path: Path) -> None:
    lines = own(sounds, tmp_path)[:1]
    before, _ = address_of(lines[0], Prints())
    (tmp_path / "line0.face.toml").write_text("[[blink]]\nat = 0.1\n")
    after, inputs = address_of(lines[0], Prints())
    assert before != after
    assert len(inputs) == 2


def test_a_failure_is_told_and_stops_nobody(sounds: Path, tmp_path: Path) -> None:
    lines, out = own(sounds, tmp_path), tmp_path / "out"
    Path(lines[1].audio).write_bytes(b"RIFF of nothing")
    told = []
    summary = run(lines, out, Here(), lambda line, status, outcome: told.append((line.out, status)))
    assert counts(summary) == (3, 0, 1, 0)
    assert ("b/line1", "failed") in told
    assert summary.errors == {"audio": 1}
    journal = Journal(out)
    record = journal.last("b/line1")
    journal.close()
    assert record is not None
    assert record["error"]["where"] == lines[1].audio
    Path(lines[1].audio).write_bytes(Path(lines[0].audio).read_bytes())
    engine = Here()
    Path(lines[2].audio).unlink()  # not asked for now
    assert counts(run(lines, out, engine, settings=RunSettings(retry_failed=True))) == (1, 0, 0, 0)
    assert engine.did == ["b/line1"]


def test_a_file_that_somebody_edited_is_kept(sounds: Path, tmp_path: Path) -> None:
    lines, out = own(sounds, tmp_path)[:2], tmp_path / "out"
    run(lines, out, Here())
    edited = out / "a/line0.csv"
    edited.write_text("mine")
    assert counts(run(lines, out, Here())) == (0, 1, 0, 1)
    lines[0] = replace(lines[0], emotion="anger")
    summary = run(lines, out, Here())
    assert counts(summary) == (0, 1, 1, 0)
    assert edited.read_text() == "mine"
    assert counts(run(lines, out, Here(), settings=RunSettings(force=True))) == (1, 1, 0, 0)
    assert edited.read_text() != "mine"


def test_dry_runs_write_nothing(sounds: Path, tmp_path: Path) -> None:
    assert counts(run(lines_of(sounds), tmp_path, Here(), settings=RunSettings(dry=True))) == (LINES, 0, 0, 0)
    assert contents(tmp_path) == {}


def test_a_journal_that_was_cut_off_loses_its_last_line_only(sounds: Path, undisturbed: dict[str, str],
                                                              tmp_path: Path) -> None:
    run(lines_of(sounds), tmp_path, Here())
    (path,) = (tmp_path / HOME / "journal").iterdir()
    path.write_bytes(path.read_bytes()[:-40])
    engine = Here()
    assert counts(run(lines_of(sounds), tmp_path, engine)) == (1, LINES - 1, 0, 0)
    assert engine.did == ["b/line3"]
    assert contents(tmp_path) == undisturbed


def test_a_full_disk_fails_lines_and_not_the_run(sounds: Path, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a file where a folder should be")
    summary = run(lines_of(sounds), tmp_path, Here())
    assert counts(summary) == (2, 0, 2, 0)
    assert set(summary.errors) <= {"output"}


def test_a_folder_that_cannot_be_written_is_told_at_once(sounds: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    engine = Here()
    with pytest.raises(OutputError):
        run(lines_of(sounds), tmp_path / "out", engine)
    assert engine.did == []


def test_who_is_alive_is_known(tmp_path: Path) -> None:
    with presence(tmp_path) as one:
        assert one.alone()
        other = multiprocessing.get_context("spawn").Process(target=_stay, args=(tmp_path,))
        other.start()
        try:
            end = time.monotonic() + 20
            while one.alone() and time.monotonic() < end:
                time.sleep(0.02)
            assert not one.alone()
        finally:
            other.kill()
            other.join()
        assert one.alone()


def _stay(folder: Path) -> None:
    with presence(folder):
        time.sleep(60)


def _night(sounds: Path, folder: Path, workers: int) -> None:
    os.setpgrp()  # so that its workers can be killed with it
    run(lines_of(sounds), folder, Local(workers))


def killed_in_the_middle(sounds: Path, folder: Path, after_secs: float) -> None:
    """A run whose driver and workers get kill -9 once it has written something, a little later."""
    night = multiprocessing.get_context("spawn").Process(target=_night, args=(sounds, folder, 1))
    night.start()
    end = time.monotonic() + 60
    while night.is_alive() and not list((folder / HOME).rglob("*.jsonl")) and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(after_secs)
    if night.is_alive() and night.pid is not None:
        os.killpg(night.pid, signal.SIGKILL)
    night.join()


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="kills a group of processes")
@pytest.mark.parametrize("after_secs", [0.0, 1.2])
def test_a_killed_run_goes_on_and_ends_as_if_nothing_had_been(sounds: Path, undisturbed: dict[str, str],
                                                              tmp_path: Path, after_secs: float) -> None:
    killed_in_the_middle(sounds, tmp_path, after_secs)
    summary = run(lines_of(sounds), tmp_path, Here())
    assert summary.counts["done"] + summary.counts["current"] == LINES
    assert contents(tmp_path) == undisturbed


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="kills a group of processes")
def test_twenty_kills_at_random_moments(sounds: Path, undisturbed: dict[str, str], tmp_path: Path) -> None:
    draws = np.random.default_rng(20)
    for k in range(20):
        folder = tmp_path / str(k)
        killed_in_the_middle(sounds, folder, float(draws.uniform(0, 3)))
        run(lines_of(sounds), folder, Here())
        assert contents(folder) == undisturbed


class Deadly(Local):
    """Kills a worker once, as soon as one is at work."""

    def _together(self, tasks, done):  # type: ignore[no-untyped-def]
        import threading
        if not getattr(self, "killed", False):
            self.killed = True
            threading.Thread(target=_kill_a_child, daemon=True).start()
        return super()._together(tasks, done)


def _kill_a_child() -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for child in multiprocessing.active_children():
            if child.pid is not None:
                time.sleep(0.5)
                os.kill(child.pid, signal.SIGKILL)
                return
        time.sleep(0.01)


def test_a_worker_that_dies_costs_nothing(sounds: Path, undisturbed: dict[str, str], tmp_path: Path) -> None:
    assert counts(run(lines_of(sounds), tmp_path, Deadly(1))) == (LINES, 0, 0, 0)
    assert contents(tmp_path) == undisturbed


def test_two_runs_at_once_do_not_harm_each_other(sounds: Path, undisturbed: dict[str, str], tmp_path: Path
                                                 ) -> None:
    context = multiprocessing.get_context("spawn")
    nights = [context.Process(target=_night, args=(sounds, tmp_path, 1)) for _ in range(2)]
    for night in nights:
        night.start()
    for night in nights:
        night.join(120)
        assert night.exitcode == 0
    assert contents(tmp_path) == undisturbed
    assert counts(run(lines_of(sounds), tmp_path, Here())) == (0, LINES, 0, 0)
