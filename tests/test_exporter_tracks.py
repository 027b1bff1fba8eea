"""Tracks of words, phones and visemes: TextGrid as praatio and tgt read it, JSON as Rhubarb's readers do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.animation import AnimateSettings, animate_to
from facerig.core.curves import CurveClip
from facerig.core.said import Said, TimedLabel
from facerig.core.segments import Segment, segmented
from facerig.errors import OutputError
from facerig.exporting import ExportSettings
from facerig.performance.settings import STILL
from facerig.rig import load_rig
from facerig.sinks.exporter import Exporter, ExportInfo
from facerig_exporters.textgrid import TextGrid
from facerig_exporters.viseme_track import VISEMES
from facerig_exporters.visemes_json import MOUTHS, VisemesJson
from tools.judges import textgrid_praatio

FPS = Fraction(60)
SAID = Said((TimedLabel(0.5, 0.9, 'say "hi"'), TimedLabel(1.0, 1.2, "ok")),
            (TimedLabel(0.5, 0.7, "ʃ"), TimedLabel(0.7, 0.9, "ə"), TimedLabel(1.0, 1.2, "tʃ")))
SPOKEN = [("sil", 30), ("PP", 4), ("aa", 12), ("FF", 6), ("ou", 14), ("oh", 6), ("sil", 20)]


def shares(spoken: list[tuple[str, int]], seed: int = 0) -> np.ndarray:
    """Visemes that lead by turns, a sixth of each frame being somebody else's."""
    draws = np.random.default_rng(seed)
    rows = [VISEMES.index(name) for name, frames in spoken for _ in range(frames)]
    values = draws.dirichlet(np.ones(len(VISEMES)), len(rows)) / 6
    values[np.arange(len(rows)), rows] += 5 / 6
    return values.astype(np.float32)


def info(fps: Fraction = FPS, said: Said | None = SAID, audio: Path | None = None) -> ExportInfo:
    return ExportInfo(fps=fps, sample_rate=48000, audio_path=audio, rig="oculus", names=VISEMES,
                      said=lambda: said)


def written(exporter: Exporter, path: Path, values: np.ndarray, told: ExportInfo, step: int = 7) -> Path:
    pieces = (CurveClip(values[k:k + step], told.fps, 48000, k, VISEMES) for k in range(0, len(values), step))
    assert exporter.write(path, pieces, told) == len(values)
    return path


# --- segments


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), frames=st.integers(1, 9), least=st.integers(1, 4),
       change=st.floats(0, 2))
def test_segments_are_the_best_of_all_there_are(seed: int, frames: int, least: int, change: float) -> None:
    scores = np.random.default_rng(seed).normal(0, 1, (frames, 3))

    def every(start: int, before: int) -> Iterator[float]:
        if start == frames:
            yield 0.0
        for stop in range(start + min(least, frames), frames + 1):
            for label in set(range(3)) - {before}:
                price = change if start else 0.0
                yield from (scores[start:stop, label].sum() - price + rest for rest in every(stop, label))

    found = segmented(scores, change, least)
    assert [s.start for s in found] == [0, *(s.stop for s in found)][:-1]
    assert found[-1].stop == frames
    assert min(s.stop - s.start for s in found) >= min(least, frames)
    total = sum(scores[s.start:s.stop, s.label].sum() for s in found) - change * (len(found) - 1)
    assert total == pytest.approx(max(every(0, -1)))


def test_a_label_that_leads_for_a_moment_takes_over_from_none() -> None:
    scores = np.array([[1.0, 0.0]] * 5 + [[0.0, 1.0]] * 2 + [[1.0, 0.0]] * 5)
    assert segmented(scores, 1.1, 1) == [Segment(0, 0, 12)]
    assert [s.label for s in segmented(scores, 0.9, 1)] == [0, 1, 0]
    assert segmented(np.zeros((0, 3)), 1, 1) == []


# --- TextGrid


def test_praatio_reads_the_tiers(tmp_path: Path) -> None:
    textgrid = pytest.importorskip("praatio.textgrid", reason="needs praatio: pip install praatio")
    values = shares(SPOKEN)
    path = written(TextGrid(), tmp_path / "a.TextGrid", values, info())
    grid = textgrid.openTextgrid(str(path), includeEmptyIntervals=True, reportingMode="error")
    assert grid.tierNames == ("words", "phones", "visemes")
    assert (grid.minTimestamp, grid.maxTimestamp) == (0, round(len(values) / 60, 6))
    for name, labels in (("words", SAID.words), ("phones", SAID.phones)):
        got = [(e.start, e.end, e.label) for e in grid.getTier(name).entries if e.label]
        assert got == [(label.start, label.end, label.text) for label in labels]
    assert [entry.label for entry in grid.getTier("visemes").entries] == [name for name, _ in SPOKEN]
    judged = textgrid_praatio.read(path)
    assert np.array_equal(judged.values.argmax(1), values.argmax(1))
    for tier in (grid.getTier(name) for name in grid.tierNames):
        assert all(one.end == other.start for one, other in pairwise(tier.entries))


def test_tgt_reads_the_same(tmp_path: Path) -> None:
    tgt = pytest.importorskip("tgt", reason="needs tgt: pip install tgt")
    grid = tgt.read_textgrid(str(written(TextGrid(), tmp_path / "a.TextGrid", shares(SPOKEN), info())))
    phones = grid.get_tier_by_name("phones").annotations
    assert [(p.start_time, p.end_time, p.text) for p in phones] == [
        (label.start, label.end, label.text) for label in SAID.phones]


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(30000, 1001), Fraction(60), Fraction(120)])
def test_visemes_begin_where_they_begin(tmp_path: Path, fps: Fraction) -> None:
    """Two frames that share a change tell where between them it lies."""
    times = np.arange(int(2 * fps)) / float(fps)
    share = np.clip((times - 0.71) / 0.06 + 0.5, 0, 1)
    values = np.zeros((len(times), len(VISEMES)), np.float32)
    values[:, VISEMES.index("E")], values[:, VISEMES.index("aa")] = 1 - share, share
    path = written(VisemesJson(), tmp_path / "a.visemes.json", values, info(fps, None))
    first, second = json.loads(path.read_text("utf-8"))["visemes"]
    assert (first["value"], second["value"]) == ("E", "aa")
    assert first["end"] == second["start"] == pytest.approx(0.71, abs=2e-3)


def test_where_nobody_listened_there_are_visemes_alone(tmp_path: Path) -> None:
    text = written(TextGrid(), tmp_path / "a.TextGrid", shares(SPOKEN), info(said=None)).read_text("utf-8")
    assert "size = 1\n" in text
    assert 'name = "visemes"' in text
    assert "phones" not in text
    assert set(json.loads(written(VisemesJson(), tmp_path / "a.visemes.json", shares(SPOKEN), info(said=None))
                          .read_text("utf-8"))) == {"metadata", "mouthCues", "visemes"}


# --- JSON


def test_json_holds_all_and_rhubarbs_cues(tmp_path: Path) -> None:
    values = shares(SPOKEN)
    path = written(VisemesJson(), tmp_path / "a.visemes.json", values, info(audio=Path('a "b".wav')))
    got = json.loads(path.read_text("utf-8"))
    assert got["metadata"] == {"soundFile": 'a "b".wav', "duration": round(len(values) / 60, 4)}
    assert [cue["value"] for cue in got["mouthCues"]] == ["X", "A", "D", "G", "F", "E", "X"]
    assert [v["value"] for v in got["visemes"]] == [name for name, _ in SPOKEN]
    assert [(w["start"], w["end"], w["value"]) for w in got["words"]] == [
        (w.start, w.end, w.text) for w in SAID.words]
    assert [p["value"] for p in got["phones"]] == ["ʃ", "ə", "tʃ"]
    for name in ("mouthCues", "visemes"):
        assert all(one["end"] == other["start"] for one, other in pairwise(got[name]))


def test_mouths_that_look_alike_are_one(tmp_path: Path) -> None:
    path = written(VisemesJson(), tmp_path / "a.visemes.json",
                   shares([("DD", 10), ("SS", 10), ("kk", 10), ("PP", 10)]), info())
    assert [cue["value"] for cue in json.loads(path.read_text("utf-8"))["mouthCues"]] == ["B", "A"]
    assert set(MOUTHS.values()) <= set("ABCDEFGHX")


# --- what they cannot hold


@pytest.mark.parametrize(("exporter", "name"),
                         [(TextGrid(), "a.TextGrid"), (VisemesJson(), "a.visemes.json")])
def test_another_rig_is_refused_before_the_first_piece(tmp_path: Path, exporter: Exporter, name: str) -> None:
    def none_taken() -> Iterator[CurveClip]:
        raise AssertionError("a piece was taken")
        yield  # pragma: no cover

    with pytest.raises(OutputError, match="'arkit'") as told:
        exporter.write(tmp_path / name, none_taken(),
                       ExportInfo(fps=FPS, sample_rate=48000, rig="arkit", names=load_rig("arkit").names))
    assert "--rig oculus" in told.value.fix
    with pytest.raises(OutputError, match="no frames"):
        exporter.write(tmp_path / name, [], info())


def test_what_is_said_after_the_last_frame_is_left_out(tmp_path: Path) -> None:
    late = Said((TimedLabel(0.1, 9.0, "long"), TimedLabel(9.0, 9.5, "late")), ())
    path = written(VisemesJson(), tmp_path / "a.visemes.json", shares([("aa", 30)]), info(said=late))
    got = json.loads(path.read_text("utf-8"))
    assert got["words"] == [{"start": 0.1, "end": 0.5, "value": "long"}]


# --- with the real models


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, speech: Path) -> dict[str, list[dict[str, float | str]]]:
    """The bundled clip as it is heard without a text."""
    out = tmp_path_factory.mktemp("track") / "hello.visemes.json"
    report = animate_to(speech, out, AnimateSettings(performance=STILL))
    assert report.lookahead_ms > 1000  # the offline model, which hears phones, is taken without a word
    return json.loads(out.read_text("utf-8"))


def test_phones_are_heard_and_visemes_seen(told: dict[str, list[dict[str, float | str]]]) -> None:
    heard = "".join(str(p["value"]) for p in told["phones"])
    assert "pipəl" in heard  # people
    assert "blu" in heard
    assert "words" not in told
    for phone in told["phones"]:
        near = [v["value"] for v in told["visemes"]
                if float(v["start"]) < float(phone["end"]) + 0.033
                and float(v["end"]) > float(phone["start"]) - 0.033]
        assert phone["value"] not in ("p", "b", "m") or "PP" in near, phone
    assert [v["value"] for v in told["visemes"]].count("FF") >= 5
    assert told["visemes"][0]["value"] == told["visemes"][-1]["value"] == "sil"


def test_the_live_model_hears_no_phones(tmp_path: Path, speech: Path) -> None:
    out = tmp_path / "a.TextGrid"
    animate_to(speech, out, AnimateSettings(performance=STILL, model="live"))
    assert "phones" not in out.read_text("utf-8")


def test_a_text_gives_words_and_plain_ipa(tmp_path: Path, speech: Path) -> None:
    pytest.importorskip("hibari", reason='needs hibari-tts: pip install "facerig[text]"')
    out = tmp_path / "hello.visemes.json"
    text = ("Hello and welcome. My voice moves this face. "
            "Five brave people, above the blue moon, wave back to you.")
    animate_to(speech, out, AnimateSettings(performance=STILL, text=text, export=ExportSettings()))
    got = json.loads(out.read_text("utf-8"))
    words = [w["value"] for w in got["words"]]
    assert words[:5] == ["Hello", "and", "welcome", "My", "voice"]
    assert "people" in words
    five = next(w for w in got["words"] if w["value"] == "moves")
    inside = [p["value"] for p in got["phones"] if five["start"] <= p["start"] < five["end"]]
    assert inside == ["m", "u", "v", "z"]  # z, which an ear of lips takes for s
