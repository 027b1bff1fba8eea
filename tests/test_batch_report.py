"""The report of a batch: signs grow with what is odd, planted faults come first, the page draws itself."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from facerig.batch.journal import Journal
from facerig.batch.lines import Line
from facerig.batch.report import FIGURES, PAGE, gathered, write
from facerig.batch.report.gather import LOOK_FROM
from facerig.batch.report.strips import moments
from facerig.batch.running import run
from facerig.batch.signs import RULES, likelihood, signs
from facerig.batch.voices import two_voices
from facerig.batch.witness import Witness
from facerig.core.channels import CHANNELS
from facerig.core.said import TimedLabel
from facerig.errors import ConfigError
from facerig.performance.settings import Performance
from facerig.session import Session
from tests.chromium import PROGRAM, chromium
from tests.streams import made_up_speech
from tests.test_batch import Here

RATE = 16_000
USUAL = {rule.measure: rule.usual for rule in RULES} | {"level_db": -15.0, "noise_db": -150.0}


def record(**measures: float) -> dict[str, Any]:
    return {"seen": {"measures": USUAL | measures}}


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.measure != "snr_db"],
                         ids=lambda rule: str(rule.name))
def test_a_sign_grows_from_usual_to_odd(rule: Any) -> None:
    half = record(**{rule.measure: (rule.usual + rule.odd) / 2})
    odd = record(**{rule.measure: rule.odd})
    beyond = record(**{rule.measure: rule.odd + 3 * (rule.odd - rule.usual)})
    weights = [next((s.weight for s in signs(one) if s.name == rule.name), 0.0)
               for one in (record(), half, odd, beyond)]
    assert weights[0] == 0
    assert weights[1] == pytest.approx(rule.weight / 2)
    assert weights[2] == weights[3] == pytest.approx(rule.weight)


@given(st.dictionaries(st.sampled_from([rule.measure for rule in RULES]), st.floats(-200, 200)))
def test_more_signs_are_never_less_likely(measures: dict[str, float]) -> None:
    found = signs(record(**measures))
    assert likelihood([]) <= likelihood(found) <= 1
    assert [s.weight for s in found] == sorted((s.weight for s in found), reverse=True) or len(found) > 1


def test_a_text_that_does_not_fit_and_words_that_are_missing() -> None:
    script = {"used": False, "reason": "is another", "words": 9, "aligned": 2, "missing": ["a"] * 7}
    line = {"language": "en"}
    assert likelihood(signs({"script": script, "line": line})) > LOOK_FROM
    half = script | {"used": True, "aligned": 5, "missing": ["four"] * 4}
    (words,) = signs({"script": half, "line": line})
    assert "4 of 9 words were not found: four" in words.text
    assert signs({"script": script, "line": {"language": "de"}}) == []  # nothing was aligned


def voice(hz: float, secs: float, seed: int) -> np.ndarray:
    """Somebody's vowels: a buzz of that pitch with formants of its own."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(secs * RATE)) / RATE
    glide = hz * (1 + 0.04 * np.sin(2 * np.pi * 2 * t + rng.uniform(0, 6)))
    phase = 2 * np.pi * np.cumsum(glide) / RATE
    return np.asarray(sum(np.sin(k * phase) / k for k in range(1, 20)) * 0.1, np.float32)


def phrases(*hz: float) -> tuple[np.ndarray, list[TimedLabel]]:
    sound, labels, at = [], [], 0.0
    for k, one in enumerate(hz):
        sound += [voice(one, 0.8, k), np.zeros(RATE // 2, np.float32)]
        labels.append(TimedLabel(at, at + 0.8, "a"))
        at += 1.3
    return np.concatenate(sound), labels


def test_two_voices_are_told_apart_and_one_is_one() -> None:
    assert two_voices(*_with_rate(phrases(110, 120, 115, 105))) < 1.3
    assert two_voices(*_with_rate(phrases(110, 210, 115, 205))) > 2.5
    assert two_voices(*_with_rate(phrases(110))) == 0
    assert two_voices(np.zeros(RATE, np.float32), RATE, []) == 0


def _with_rate(heard: tuple[np.ndarray, list[TimedLabel]]) -> tuple[np.ndarray, int, list[TimedLabel]]:
    return heard[0], RATE, heard[1]


def judged(sound: np.ndarray, cuts: int = 1, **line: Any) -> dict[str, Any]:
    session = Session(RATE, model="live")
    witness = Witness(Line(place="", audio="x", out="x", endings=(".csv",), **line), RATE)
    session.observer = witness.see
    clips = []
    for piece in np.array_split(sound, cuts):
        witness.hear(piece)
        clips.append(session.feed(piece))
    clips.append(session.flush())
    clip = type(clips[0]).joined([one for one in clips if len(one)])
    return witness.judged(clip, session, Performance())


def test_what_a_witness_says_does_not_depend_on_how_it_came() -> None:
    sound = made_up_speech(1.5)
    once, parts = judged(sound), judged(sound, cuts=7)
    assert parts["sketch"] == once["sketch"]
    assert parts["measures"] == pytest.approx(once["measures"], abs=1e-3)


def test_clipping_and_silence_are_measured() -> None:
    sound = made_up_speech(1.0)
    loud = np.clip(sound * 6 / np.abs(sound).max(), -1, 1)
    assert judged(loud)["measures"]["clipped"] > 0.05
    assert judged(sound)["measures"]["clipped"] == 0
    assert judged(np.zeros(RATE, np.float32))["measures"]["level_db"] < -100


@pytest.fixture(name="batch", scope="module")
def _batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("batch")
    lines = []
    for k in range(3):
        path = folder / f"line{k}.wav"
        sound = made_up_speech(0.8, seed=k)
        if k == 1:
            sound = np.clip(sound * 8 / np.abs(sound).max(), -1, 1)
        soundfile.write(path, sound, RATE)
        lines.append(Line(place=f"l.csv:{k + 2}", audio=str(path), out=f"a/line{k}", endings=(".csv",),
                          model="live", character="Anna" if k else "Bert </script><b>", text=None))
    (folder / "broken.wav").write_bytes(b"RIFF")
    lines.append(Line(place="l.csv:5", audio=str(folder / "broken.wav"), out="a/broken", endings=(".csv",)))
    run(lines, folder / "out", Here())
    run([replace(lines[0], emotion="joy")], folder / "out", Here())  # another take
    return folder / "out"


def test_the_likeliest_come_first_and_changes_are_told(batch: Path) -> None:
    report = gathered(batch)
    likely = [entry.likelihood for entry in report.entries]
    assert likely == sorted(likely, reverse=True)
    assert report.entries[0].out == "a/broken"  # what failed stands before all
    assert "clipping" in {sign.name for one in report.entries if one.out == "a/line1" for sign in one.signs}
    assert report.changes()["new"] == 3
    again = next(entry for entry in report.entries if entry.out == "a/line0")
    assert again.changed is not None
    assert again.changed > 0
    assert report.totals("character")["Anna"]["lines"] == 2
    faces = moments(again)
    assert faces.shape == (6, len(CHANNELS))
    assert np.abs(faces).max() <= 1.6


def test_a_line_whose_files_are_gone_is_none(batch: Path, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", made_up_speech(0.4), RATE)
    line = Line(place="", audio=str(tmp_path / "a.wav"), out="a", endings=(".csv",), model="live")
    run([line, replace(line, out="b")], tmp_path / "out", Here())
    (tmp_path / "out/a.csv").unlink()
    assert [entry.out for entry in gathered(tmp_path / "out").entries] == ["b"]


def test_a_folder_without_a_batch(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no batch"):
        gathered(tmp_path)
    with pytest.raises(ConfigError, match="no folder"):
        gathered(tmp_path / "none")


def test_figures_and_page_are_whole(batch: Path) -> None:
    pytest.importorskip("PIL")
    report = write(batch, strips=1)
    told = json.loads((batch / FIGURES).read_text())
    assert told["lines"] == len(report.entries) == 4
    page = (batch / PAGE).read_text()
    assert "http://" not in page.replace("http-equiv", "")
    assert "</script><b>" not in page
    assert "data:image/png" in page or report.entries[1].faces


@pytest.mark.skipif(PROGRAM is None, reason="no Chromium is installed")
def test_the_page_draws_itself_filters_and_obeys_keys(batch: Path, tmp_path: Path) -> None:
    write(batch, strips=0)
    with chromium(tmp_path, (batch / PAGE).as_uri()) as page:
        page.until("document.querySelectorAll('article').length == 4", 30)
        assert "Bert </script><b>" in page.run("document.getElementById('character').textContent")
        page.run("at('character').value = 'Anna'; at('character').dispatchEvent(new Event('input'))")
        assert page.run("document.querySelectorAll('article').length") == 2
        page.run("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'j'}))")
        assert page.run("document.querySelectorAll('article.now').length") == 1
        assert page.said == []
        assert all(url.startswith(("file:", "data:")) for url in page.asked_for)


def test_the_journal_keeps_two_kilobytes_a_line(batch: Path) -> None:
    journal = Journal(batch)
    newest = journal.last("a/line1")
    journal.close()
    assert newest is not None
    assert len(json.dumps(newest["seen"])) < 3000
