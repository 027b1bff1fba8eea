"""The programs that measure the engines' libraries, and the table that they fill."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from facerig.errors import ConfigError, FacerigError
from tests.bridges.bench import drift
from tests.bridges.toolchains import program
from tools.bench import bridges
from tools.bench.showing import put_into
from tools.bridges.programs import LANGUAGES, Program

SLOW = [pytest.param(language, marks=pytest.mark.slow) for language in LANGUAGES if language != "python"]
COUNT = 2_000


@pytest.mark.parametrize("language", ["python", *SLOW])
def test_a_language_measures_itself(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few frames, three seconds; judged is only what does not depend on the machine."""
    program(language, "bench")
    monkeypatch.setitem(bridges.COUNTS, language, COUNT)
    said: list[str] = []
    decoded, heard = bridges.tables([language], 0.05, False, said.append)
    assert [table.key for table in (decoded, heard)] == ["bridges_decode", "bridges_listen"]
    assert decoded.rows[0]["frames/s"] > 1_000
    assert decoded.rows[0]["allocations a frame"] in (None, 0, 2, 3)
    row = heard.rows[0]
    assert 0 < row["frames"] <= 200
    assert row["drift samples"] == 0
    assert row["p50 ms"] <= row["p99 ms"] <= row["max ms"]
    assert said[0] == f"{language}: building"


def test_what_is_no_language_is_refused() -> None:
    with pytest.raises(ConfigError, match="the languages are python"):
        bridges.tables(["cobol"], 0, False, print)


def test_a_language_that_is_not_here_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    language = LANGUAGES["cpp"]
    gone = replace(language, lacking=lambda: "needs g++")
    monkeypatch.setitem(LANGUAGES, "cpp", gone)
    said: list[str] = []
    (decoded,) = bridges.tables(["cpp"], 0, False, said.append)
    assert decoded.rows == []
    assert said == ["cpp: left out, needs g++"]


def test_a_program_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(FacerigError, match="No such file"):
        bridges._figures("python", "decode", str(tmp_path / "none.bin"), "1", secs=60)


def test_one_that_fails_does_not_cost_the_others_their_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    mute = Program((sys.executable, "-c", "raise SystemExit('mute')"))
    broken = replace(LANGUAGES["python"], build=lambda name, folder: mute)
    monkeypatch.setitem(LANGUAGES, "broken", broken)
    said: list[str] = []
    (heard,) = bridges.tables(["broken"], 0.01, True, said.append)
    assert heard.rows[0]["language"] == "broken"
    assert heard.rows[0]["frames"] is None
    assert "mute" in said[-1]


def test_the_page_has_a_place_for_every_table(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_bytes(bridges.PAGE.read_bytes())
    about = {"cpu": "a", "busy": "b", "python": "c"}
    for key, columns in (("bridges_decode", bridges.DECODE), ("bridges_listen", bridges.LISTEN),
                         ("bridges_together", bridges.LISTEN)):
        put_into(page, [bridges.Table(key, f"made for {key}", columns, [])], about, "a command")
        assert f"made for {key} (`a command`; a, b, c)" in page.read_text("utf-8")


@pytest.mark.parametrize(("frames", "expected"), [
    ([(0, 0), (1, 266), (2, 533)], 0), ([(5, 1_333), (6, 1_600)], 0), ([(0, 0), (60, 16_002)], 2),
    ([(0, 0), (60, 15_990)], -10)])
def test_half_a_samples_rounding_is_no_drift(frames: list[tuple[int, int]], expected: int) -> None:
    assert drift([(index, sample, 0) for index, sample in frames]) == expected
