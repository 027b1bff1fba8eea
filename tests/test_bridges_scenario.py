"""The same conversation in every language, as somebody else heard it: tests/bridges/README.md."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from facerig.errors import ConfigError
from facerig.service.wire import Frame
from tests.bridges import judging
from tests.bridges.judging import Line
from tests.bridges.observing import Seen, observed
from tests.bridges.toolchains import program
from tests.live_service import Running, running_service
from tools.bridges import programs
from tools.bridges.programs import LANGUAGES

PATIENCE_SECS = 120
OTHERS = [language for language in LANGUAGES if language != "python"]


@dataclass
class Told:
    """What a program told, and what there was to be seen."""

    lines: list[Line]
    seen: list[Seen]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with running_service() as service:
        yield service


def play(language: str, running: Running, speech_s16: Path, *pace: str) -> Told:
    """Run a language's program, with an observer beside it."""
    scenario = program(language, "scenario")
    with observed(running, language) as observer:
        done = scenario.run(*map(str, running.ports), str(speech_s16), language, *pace, secs=PATIENCE_SECS)
        assert done.returncode == 0, (done.stdout[-500:], done.stderr[-3000:])
        told = judging.lines(done.stdout)
        frames = judging.frames(told)
        assert frames, done.stdout[-2000:]
        observer.wait_for(frames[-1])
        return Told(told, list(observer.frames))


def is_built(language: str) -> bool:
    """Whether a language's program is there; why it is not is said by its own test."""
    with suppress(ConfigError):
        return not LANGUAGES[language].lacking() and bool(programs.program(language, "scenario"))
    return False


@pytest.fixture(scope="module")
def conversations(running: Running, speech_s16: Path) -> Iterator[dict[str, Future[Told]]]:
    """Every language that can be run here, all at once: each takes four seconds of real time."""
    built = [language for language in LANGUAGES if is_built(language)]  # before any clock runs
    with ThreadPoolExecutor(len(built)) as pool:
        yield {language: pool.submit(play, language, running, speech_s16) for language in built}


@pytest.fixture(scope="module")
def oracle(conversations: dict[str, Future[Told]]) -> Told:
    return conversations["python"].result()


@pytest.fixture(scope="module")
def line(running: Running, speech_s16: Path) -> list[Seen]:
    return judging.whole_line(play("python", running, speech_s16, "burst").lines)


def test_python_tells_what_was_there(oracle: Told) -> None:
    assert judging.wrong(oracle.lines, oracle.seen) == []


@pytest.mark.parametrize("language", OTHERS)
def test_others_tell_what_was_there(language: str, conversations: dict[str, Future[Told]]) -> None:
    program(language, "scenario")
    told = conversations[language].result()
    assert judging.wrong(told.lines, told.seen) == []


def test_a_whole_line_is_the_same_each_time(line: list[Seen], running: Running, speech_s16: Path) -> None:
    assert len(line) == 240
    assert {frame[0] for frame in line} == {0}
    assert judging.whole_line(play("python", running, speech_s16, "burst").lines) == line


@pytest.mark.parametrize("language", OTHERS)
def test_a_whole_line_is_the_same_in_others(language: str, line: list[Seen], running: Running,
                                            speech_s16: Path) -> None:
    assert judging.whole_line(play(language, running, speech_s16, "burst").lines) == line


# --- the judge itself


def frame_lines(told: Told) -> list[int]:
    """Places of frames among the lines."""
    return [k for k, one in enumerate(told.lines) if "frame" in one]


def place(told: Told, event: str) -> int:
    return judging._place(told.lines, event)


def without_a_frame(told: Told) -> None:
    del told.lines[frame_lines(told)[20]]


def with_a_frame_twice(told: Told) -> None:
    k = frame_lines(told)[20]
    told.lines.insert(k + 1, copy.deepcopy(told.lines[k]))


def with_an_old_frame(told: Told) -> None:
    told.lines.insert(place(told, "interrupted") + 1, copy.deepcopy(told.lines[frame_lines(told)[-1]]))
    told.lines[place(told, "interrupted") + 1]["frame"][0] = 0


def with_other_values(told: Told) -> None:
    told.lines[frame_lines(told)[30]]["frame"][4] ^= 1


def with_another_sample(told: Told) -> None:
    told.lines[frame_lines(told)[30]]["frame"][2] += 1


def reordered(told: Told) -> None:
    one, other = frame_lines(told)[10:12]
    told.lines[one], told.lines[other] = told.lines[other], told.lines[one]


def without_an_event(told: Told) -> None:
    del told.lines[place(told, "resumed")]


def with_nothing_received(told: Told) -> None:
    told.lines[place(told, "resumed")]["received"] = 0


def without_the_last_frame(told: Told) -> None:
    ends = [k for k in frame_lines(told) if told.lines[k]["frame"][3] & Frame.LAST]
    del told.lines[ends[-1] :]
    told.lines.append({"event": "closed", "reason": "client"})


def without_the_second_stretch(told: Told) -> None:
    """As a program that was deaf from the interruption to the resumption."""
    from_, to = place(told, "interrupted"), place(told, "lost")
    told.lines[from_ + 1 : to] = []


def deaf_to_the_first_sound(told: Told) -> None:
    first, stop = place(told, "opened"), place(told, "interrupted")
    told.lines[first + 1 : stop] = []
    told.seen[:0] = [(0, -k, 266, 0, 0) for k in range(judging.MANY, 0, -1)]


@pytest.mark.parametrize("spoil", [
    deaf_to_the_first_sound,
    without_a_frame, with_a_frame_twice, with_an_old_frame, with_other_values, with_another_sample, reordered,
    without_an_event, with_nothing_received, without_the_last_frame, without_the_second_stretch])
def test_the_judge_sees_what_is_wrong(spoil, oracle: Told) -> None:
    told = copy.deepcopy(oracle)
    spoil(told)
    assert judging.wrong(told.lines, told.seen)


def test_the_judge_sees_that_frames_went_missing(oracle: Told) -> None:
    """Which the program never told, though its index runs on."""
    told = copy.deepcopy(oracle)
    one = judging.frames(told.lines)[40]
    assert one in told.seen
    told.lines = [line for line in told.lines if line.get("frame", [0, -9])[1] != one[1]]
    assert judging.wrong(told.lines, told.seen) == [f"frame {one[:2]} was there, and was not told"]
