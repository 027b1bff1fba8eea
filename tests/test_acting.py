"""The measures of acting find what is wrong with made-up faces, and nothing wrong with ours."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from facerig.core.channels import CHANNELS, INDEX, N_CHANNELS
from facerig.core.cues import CUE
from facerig.mesh.head import FACE_SHARE, Part, shipped_head
from facerig.performance.emotion.poses import EMOTIONS
from tools.evaluate import acting, acting_report
from tools.evaluate.__main__ import app
from tools.evaluate.acting import ALONE, FPS, INTENSITIES, Talk, acted, covered, rms_mm
from tools.evaluate.runner import Row


def face(**curves: float) -> np.ndarray:
    values = np.zeros(N_CHANNELS, np.float32)
    for name, value in curves.items():
        values[INDEX[name]] = value
    return values


def made_up_talk(secs: float) -> Talk:
    """A jaw that opens and closes three times a second."""
    talk = acting.silence(secs)
    for rows, rate in ((talk.frames, FPS), (talk.knots, 100)):
        at = np.arange(len(rows)) / rate
        rows[:, INDEX["jawOpen"]] = 0.2 - 0.2 * np.cos(6 * np.pi * at)
        rows[:, [N_CHANNELS + CUE["voice"], N_CHANNELS + CUE["talking"]]] = 1
    return talk


@pytest.mark.parametrize("emotion", [name for name in EMOTIONS if name != "neutral"])
def test_every_emotion_grows_with_its_intensity(emotion: str) -> None:
    for talk in (acting.silence(0.2), made_up_talk(0.4)):
        faces = [acted(talk, ALONE, f"{emotion}:{x}") for x in INTENSITIES]
        found = acting.monotone(faces)
        assert found.back_share == 0
        assert found.largest_back <= 1e-6
        assert np.all(np.diff([rms_mm(face[-1] - faces[0][-1]) for face in faces]) > 0.01)


def test_a_step_back_is_found() -> None:
    rising = [np.tile(face(mouthSmileLeft=x, browDownLeft=0.5), (4, 1)) for x in (0.0, 0.3, 0.25, 0.8)]
    found = acting.monotone(rising)
    assert found.back_share == pytest.approx(1 / 3)  # of the steps of the one curve that moves
    assert found.largest_back == pytest.approx(0.05)
    assert acting.monotone(rising[:2] + rising[3:]).back_share == 0


def test_sides_and_changes_of_made_up_faces() -> None:
    even = np.stack([face(mouthSmileLeft=x, mouthSmileRight=x, jawLeft=0.5) for x in (0.1, 0.2, 0.6)])
    assert acting.sides(even) == 0
    uneven = even * np.where([c.name.endswith("Right") for c in CHANNELS], 0.9, 1.0)
    assert acting.sides(uneven) == pytest.approx(0.1)
    change = acting.largest_change(even)
    assert change.most == pytest.approx(0.4)
    assert change.curve == "mouthSmileLeft"
    blink = np.stack([face(), face(eyeBlinkLeft=1.0)])
    assert acting.largest_change(blink).most == 0


def test_millimetres_are_those_of_the_head() -> None:
    values, head = face(jawOpen=0.5, browInnerUp=0.7, mouthSmileRight=0.3), shipped_head()
    moved = head.posed(values) - head.rest
    reach = np.abs(head.deltas.reshape(len(head.shape_names), -1, 3)).max((0, 2))
    skin = (head.parts == Part.SKIN) & (reach > FACE_SHARE * reach.max())
    lengths = np.linalg.norm(moved[skin], axis=1)
    assert rms_mm(values) == pytest.approx(np.sqrt((lengths**2).mean()), rel=1e-3)
    assert acting.largest_mm(values) == pytest.approx(lengths.max(), rel=1e-3)


def test_a_pose_is_nearest_to_itself_and_a_covered_mouth_says_nothing() -> None:
    poses = np.stack([face(), face(browInnerUp=0.6), face(jawOpen=0.4)])
    assert acting.nearest(poses[[1, 1, 2, 0]], poses) == (0.25, 0.5, 0.25)
    assert acting.nearest(covered(poses[[1, 2]]), covered(poses)) == (0.5, 0.5, 0.0)


def test_only_seconds_of_speech_are_named() -> None:
    talk = made_up_talk(3.0)
    talk.frames[: FPS, N_CHANNELS + CUE["voice"]] = 0
    values = np.repeat(np.arange(3, dtype=np.float32), FPS)[:, None] * np.ones((1, N_CHANNELS), np.float32)
    assert acting.seconds(talk, values)[:, 0].tolist() == [1.0, 2.0]


def row(feeling: str, sealed: float | None) -> Row:
    figures = {key: 0.5 for key in acting_report.LIPS} | {"bilabial_sealed": sealed, "utterances": 3}
    return Row(f"live~{feeling}", "91 ms", "emodb", "de", "clean", "", figures)


def test_the_worst_for_the_lips_is_named() -> None:
    rows = [row("neutral", 0.9), row("joy", 0.88), row("anger", 0.97), row("fear", None)]
    assert acting_report.worst(rows) == {
        "bilabial_sealed": {"worse": pytest.approx(0.02), "emotion": "joy", "set": "emodb de"}}
    rows[1].figures["vowel_sealed"], rows[1].figures["best_lag_s"] = 0.45, 0.49
    found = acting_report.worst(rows)
    assert "vowel_sealed" not in found  # fewer is better
    assert found["best_lag_s"]["worse"] == pytest.approx(0.01)


@pytest.mark.slow
def test_the_command_writes_figures_and_a_picture(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    json_file, png = tmp_path / "acting.json", tmp_path / "acting.png"
    result = CliRunner().invoke(app, ["acting", "--limit", "0", "--characters", "1", "--json", str(json_file),
                                      "--png", str(png)], catch_exceptions=False)
    assert result.exit_code == 0
    document = json.loads(json_file.read_text("utf-8"))
    assert [one["emotion"] for one in document["emotions"]] == list(EMOTIONS)
    assert all(one["at_rest"]["back_share"] == 0 for one in document["emotions"])
    assert png.stat().st_size > 20_000
