"""The judges of head and listening, on motion that is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facerig.core.cues import CUE, N_CUES
from facerig.errors import ConfigError
from tests.layers import spoken_cues
from tools.evaluate.head import Recording, angles, edges, follows, made, moves, recorded
from tools.evaluate.head_report import as_document, draw, measured, print_tables
from tools.evaluate.nods import FPS, _bouts, listened

RATE = 25


def turned(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """A matrix as MediaPipe gives: a head turned by degrees about y, x, z, in that order, and made larger."""
    a, b, c = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    out = np.eye(4)
    out[:3, :3] = 1.02 * about_y @ about_x @ about_z
    return out


def voiced(secs: float, spans: list[tuple[float, float]]) -> np.ndarray:
    cues = np.zeros((round(100 * secs), N_CUES), np.float32)
    for start, stop in spans:
        cues[round(100 * start) : round(100 * stop), [CUE["voice"], CUE["voiced"]]] = 1
    return cues


def test_mediapipes_matrices_become_our_angles() -> None:
    """Its x is to the right of the picture, the subject's left: yaw and roll are mirrored, pitch is not."""
    assert angles(np.stack([turned(20, 0, 0), turned(0, 10, 0), turned(0, 0, 5), turned(12, -7, 3)])) == (
        pytest.approx(np.array([[-20, 0, 0], [0, 10, 0], [0, 0, -5], [-12, -7, -3]]), abs=1e-9))


def test_speeds_and_spreads_are_those_of_a_known_motion() -> None:
    times = np.arange(60 * RATE) / RATE
    head = np.stack([5 * times % 1 * 0, 3 * np.sin(2 * np.pi * times / 3), times * 0], 1)
    found = moves([Recording(voiced(60, [(0, 60)]))], [head], RATE)
    assert found.talking[3] == pytest.approx(3 * 2 * np.pi / 3, rel=0.02)  # at the fastest
    assert found.spread == pytest.approx([0, 3 / 2**0.5, 0], abs=0.03)
    assert found.resting == []


def test_a_chin_that_goes_with_the_pitch_is_found_at_its_lag() -> None:
    rng, cues = np.random.default_rng(0), voiced(30, [(0, 30)])
    cues[:, CUE["pitch"]] = np.convolve(rng.normal(size=3000), np.hanning(30), "same") / 10
    late = np.interp(np.arange(30 * RATE) / RATE - 0.16, np.arange(3000) / 100, cues[:, CUE["pitch"]])
    head = np.stack([late * 0, -late, late * 0], 1)  # pitch is positive downwards
    found = follows([Recording(cues)], [head], RATE, "pitch")
    assert int(np.argmax(found)) == 2
    assert found[2] > 0.98
    assert follows([Recording(cues)], [-head], RATE, "pitch")[2] < -0.98


def test_speech_begins_after_a_pause_and_not_after_a_closure() -> None:
    voice = voiced(5, [(1, 2), (2.1, 3)])[:, CUE["voice"]]
    assert edges(voice, True).tolist() == [100]
    assert edges(voice, False).tolist() == [300]


def test_what_the_head_does_where_speech_begins_is_averaged() -> None:
    cues, times = voiced(12, [(2, 4), (7, 9)]), np.arange(12 * RATE) / RATE
    head = np.zeros((len(times), 3))
    head[:, 1] = np.interp(times % 5, [2, 2.5, 4, 4.5], [0, -2, -2, 0])
    found = moves([Recording(cues)], [head], RATE)
    assert found.begins[-1] - found.begins[0] == pytest.approx(-2, abs=0.05)
    assert found.ends[-1] - found.ends[0] == pytest.approx(2, abs=0.05)


def test_a_double_nod_is_one() -> None:
    track = np.zeros(10 * FPS)
    for at in (1.0, 1.4, 5.0):
        track[round(at * FPS) : round((at + 0.2) * FPS)] = 2
    assert _bouts(track, 1.0) == 2
    assert _bouts(track * 0, 1.0) == 0


def test_a_listener_is_counted_by_what_it_shows() -> None:
    cues = spoken_cues(40.0)
    friendly, cross = listened(cues, "positive", [0, 1]), listened(cues, "negative", [0, 1])
    assert friendly.nods > cross.nods
    assert friendly.smiles > 0 == cross.smiles
    assert cross.frowns > 0 == friendly.frowns


def test_the_report_holds_everything_and_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib", reason="plots need matplotlib")
    from rich.console import Console
    cues = spoken_cues(20.0)
    person = [Recording(spoken_cues(5.0, k), made(spoken_cues(5.0, k), 9, RATE)) for k in range(3)]
    found = measured(person, Recording(cues), 2)
    document = as_document(found, "command")
    assert list(document["moves"]) == ["GRID's speaker", "ours, same clips, energy 1",
                                       "ours, same clips, energy 1.5", "ours, long talk"]
    assert [row["attitude"] for row in document["listened"]] == ["positive", "neutral", "negative"]
    assert all(0 < value < 5000 for value in document["cost_us"].values())
    print_tables(found, Console(width=200))
    assert "GRID's speaker" in capsys.readouterr().out
    draw(found, Recording(cues), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"head.png", "listening.png"}


def test_the_recorded_heads_are_a_persons(shared: Path) -> None:
    some = recorded(shared / "data", 3)
    assert len(some) == 3
    for one in some:
        assert one.head is not None
        assert one.head.shape == (75, 3)
        assert np.abs(one.head).max() < 20
        assert one.cues.shape[1] == N_CUES
        assert made(one.cues, 0, RATE).shape[1] == 3


def test_a_missing_set_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="missing"):
        recorded(tmp_path, None)
