"""The judge of eyes: it finds in curves what was put into them."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tools.evaluate import eyes
from tools.evaluate.eyes_report import Figure, as_document
from tools.evaluate.talk import quiet, talk

ROOT = Path(__file__).parents[1]


def a_person(starts: np.ndarray, secs: float) -> eyes.Played:
    """Lids that close for 0.1 s at `starts`, and a gaze on the other in the first half."""
    times = np.arange(0, secs, 1 / eyes.LID_FPS)
    lid = ((times[:, None] >= starts) & (times[:, None] < starts + 0.1)).any(1).astype(np.float64)
    off = np.where(np.arange(0, secs, 1 / eyes.LOOK_FPS) < secs / 2, 1.0, 9.0)
    return eyes.Played(0, talk(secs, 1), lid, off, np.zeros((len(off), 2)))


def test_rates_and_fits_of_blinks_are_found() -> None:
    gaps = np.random.default_rng(0).lognormal(1.0, 0.5, 200) + 0.2
    person = a_person(1 + np.cumsum(gaps), 800.0)
    assert eyes.rates([person])[0] == pytest.approx(len(eyes.blink_starts(person.lid)) / 800 * 60)
    fit, = eyes.fits([person])
    logs = np.log(gaps[1:])
    assert fit.mu == pytest.approx(logs.mean(), abs=0.02)
    assert fit.sigma == pytest.approx(logs.std(), abs=0.02)
    even, = eyes.fits([a_person(np.where(np.arange(200) % 2, 0.5, 0) + np.arange(1.0, 601.0, 3.0), 700.0)])
    assert even.p < 0.01 < fit.p


def test_saccades_are_told_from_what_lies_between() -> None:
    times = np.arange(0, 1, 1 / eyes.TRUE_FPS)
    angle = np.where(times < 0.4, 0.0, np.minimum((times - 0.4) * 200, 10.0))  # 10 degrees at 200 deg/s
    angle = angle + np.where(times < 0.8, 0.0, np.minimum((times - 0.8) * 100, 3.0))
    angle = angle + 5 * times  # pursuit is no saccade
    found, between = eyes.tracked(np.stack([angle, np.zeros_like(angle)], 1))
    assert [round(jump.degrees) for jump in found] == [10, 3]
    assert found[0].peak == pytest.approx(205, rel=0.01)
    assert found[0].secs == pytest.approx(0.05, abs=0.002)
    assert between == [pytest.approx(0.35, abs=0.003)]


def test_looks_are_shared_out_by_turns() -> None:
    person = a_person(np.array([1.0]), 100.0)
    shares, lengths = eyes.looks([person], "own")
    own = person.scene.own
    assert shares[0] == pytest.approx(own[:5000].sum() / own.sum())
    assert len(lengths) + len(eyes.looks([person], "other")[1]) == 1
    assert eyes.spans(np.array([True, True, False, True])) == [(0, 2), (3, 4)]


def test_a_talk_takes_turns_and_silence_has_none() -> None:
    scene = talk(600.0, 3)
    assert scene.secs == 600
    assert 0.3 < scene.own.mean() < 0.65
    assert 0.3 < scene.other.mean() < 0.65
    assert not (scene.own & scene.other).any()
    assert np.median([(b - a) / 100 for a, b in eyes.spans(scene.own)]) > 3
    assert not quiet(10.0).cues.any()


def test_a_figure_is_inside_its_range_or_not_and_goes_into_json() -> None:
    rows = [Figure("a", "1", np.float64(1.0), "0 to 2", "x", 0.0, 2.0),
            Figure("b", "3", 3.0, "0 to 2", "x", 0.0, 2.0), Figure("c", "1", 1.0, "some", "x")]
    assert [row.inside for row in rows] == [True, False, None]
    assert json.loads(json.dumps(as_document(rows, "cmd", 2, 60.0)))["figures"][1]["inside"] is False


def test_the_command_measures_and_draws(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason='pip install "facerig[evaluate]"')
    out = tmp_path / "eyes.json"
    command = ["-m", "tools.evaluate", "eyes", "--characters", "2", "--minutes", "1", "--json", str(out),
               "--plots"]
    subprocess.run([sys.executable, *command, str(tmp_path)], cwd=ROOT, check=True, capture_output=True)
    figures = {row["name"]: row for row in json.loads(out.read_text("utf-8"))["figures"]}
    assert figures["saccades: peak velocity over law"]["inside"]
    assert not math.isnan(figures["on the listener, speaking"]["value"])
    assert {path.name for path in tmp_path.glob("*.png")} == {"eyes-blinks.png", "eyes-saccades.png",
                                                              "eyes-looks.png"}
