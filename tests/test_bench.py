"""The measurements: figures of the right size, for the right thing, kept as JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import pytest

from facerig.audio.rates import BLOCKS_PER_SEC
from facerig.session import Session
from tests.conftest import REPO
from tools.bench import latency, memory, speed
from tools.bench.machine import machine
from tools.bench.sound import speech
from tools.bench.tables import Row, Table


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(REPO / part) for part in ("", "exporters", "assets")])
    return subprocess.run([sys.executable, "-m", "tools.bench", *arguments], capture_output=True, text=True,
                          cwd=REPO, env={**os.environ, "PYTHONPATH": path}, stdin=subprocess.DEVNULL)


def number(row: Row, name: str) -> float:
    value = row[name]
    assert isinstance(value, int | float)
    return value


def test_speed_is_a_ratio_of_the_clock_and_its_stages_add_up_to_it() -> None:
    factors, stages, layers = speed.tables(["live"], secs=1.0, repeats=2)
    assert {(row["input Hz"], row["fps"]) for row in factors.rows} == set(speed.SETTINGS)
    assert {row["chunk s"] for row in factors.rows} == {0.02, 1.0}
    for row in factors.rows:
        assert number(row, "RTF") > 0
        assert number(row, "times") == pytest.approx(1 / number(row, "RTF"))
    assert [row["stage"] for row in stages.rows] == list(speed.STAGES)
    assert sum(number(row, "share %") for row in stages.rows) == pytest.approx(100)
    for n in speed.FRAMES_A_STEP:
        us = [number(row, "us") for row in layers.rows if row["frames"] == n]
        assert len(us) == len(speed.LAYERS) + 1
        assert us[-1] == pytest.approx(sum(us[:-1]))
    in_stages = sum(number(row, "us") for row in stages.rows) * 1e-6 * BLOCKS_PER_SEC
    assert 0.1 < in_stages / number(factors.rows[0], "RTF") < 10  # the same unit; a busy machine sways both


def test_stages_by_themselves_do_what_the_session_does(monkeypatch: pytest.MonkeyPatch) -> None:
    session, audio, counts = Session(48_000, fps=60), speech(48_000, 1.0), []
    step = session._frames.step

    def counted(*args: Any) -> Any:
        out = step(*args)
        counts.append(len(out[0]))
        return out

    monkeypatch.setattr(session._frames, "step", counted)
    speed.stage_secs(session, audio)
    by_stages = sum(counts)
    assert by_stages == len(session.feed(audio)) > 50


def test_the_latest_frame_comes_when_the_lookahead_says() -> None:
    row = latency.lateness("live", 24_000)
    stated, measured = number(row, "stated"), number(row, "measured")
    assert stated == float(Session(24_000).lookahead.total * 1000) < 100
    assert stated - 20 <= measured <= stated + 1000 * latency.FINE_SAMPLES / 24_000


def test_a_chunks_percentiles_are_in_order() -> None:
    row = latency.chunk_times("live", secs=1.0)
    p50, p95, p99, most = (number(row, name) for name in ("p50", "p95", "p99", "most"))
    assert 10 < p50 <= p95 <= p99 <= most


def test_a_long_file_is_written_piece_by_piece_and_is_as_long_as_asked(tmp_path: Path) -> None:
    memory.write_speech(tmp_path / "long.wav", minutes=0.5)
    with wave.open(str(tmp_path / "long.wav")) as file:
        assert file.getnframes() == 30 * memory.RATE_HZ


@pytest.mark.skipif(sys.platform == "win32", reason="peak memory is not measured on Windows")
def test_memory_of_a_process_of_its_own_and_figures_as_json(tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    done = bench("memory", "--minutes", "0.1", "--short-minutes", "0.05", "--json", str(out))
    assert done.returncode == 0, done.stderr
    assert "difference" in done.stdout
    figures = json.loads(out.read_text("utf-8"))
    assert figures["command"].startswith("python -m tools.bench memory --minutes 0.1")
    assert figures["machine"]["cpu"] == machine()["cpu"]
    short, long, difference = (row["peak MiB"] for row in figures["tables"]["memory"])
    assert 30 < short < 1000
    assert long - short == pytest.approx(difference)


def test_the_machine_is_named() -> None:
    about = machine()
    assert all(about.values())
    assert about["numpy"].count(".") >= 1


@pytest.mark.skipif(sys.platform == "win32", reason="peak memory is not measured on Windows")
def test_a_wrong_model_is_one_line_before_any_work() -> None:
    done = bench("memory", "--model", "best")
    assert done.returncode == 2
    assert done.stderr.startswith("error: --model: there is no model called 'best'")
    assert "Traceback" not in done.stderr


def test_a_table_in_a_page_has_every_row() -> None:
    rows: list[Row] = [{"name": "a", "ms": 1.04}, {"name": "b", "ms": None}]
    table = Table("key", "title", {"name": "", "ms": ".1f"}, rows)
    assert table.as_markdown().splitlines() == ["| name | ms |", "| --- | --: |", "| a | 1.0 |", "| b |  |"]
