"""`facerig emotions`: the list, what a text is taken as, and the sheet."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facerig.cli import run as cli
from facerig.performance.emotion import EmotionSettings, parse_feeling
from facerig.performance.emotion.poses import CURVES, EMOTION, EMOTIONS, HEAD, SOONER, face
from facerig.performance.knobs import knobs
from facerig.preview.faces import FACE_PX, GAP, HEADER_PX, LABEL_PX, MARGIN

DOC = (Path(__file__).parents[1] / "docs" / "emotion.md").read_text("utf-8")


def test_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["emotions", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["name"] for row in rows] == list(EMOTIONS)
    joy = rows[EMOTION["joy"]]
    assert joy["units"]["lip corner puller"] > 0.5
    assert (joy["valence"], joy["arousal"]) == (0.76, 0.48)
    assert "EMFACS" in joy["source"]
    assert cli.run(["emotions"]) == 0
    people = capsys.readouterr().out
    assert all(name in people for name in EMOTIONS)


def test_what_a_text_is_taken_as(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["emotions", "barely holding back tears"]) == 0
    assert 'grief:0.68 for "barely", "holding back", "tears"' in capsys.readouterr().out
    assert cli.run(["emotions", "brows=anger:0.5;mouth=joy", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["regions"] == {"brows": {"anger": 0.5}, "eyes": {}, "cheeks": {}, "mouth": {"joy": 1.0}}


def test_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["emotions", "joi:0.5"]) == 2
    assert "did you mean joy?" in capsys.readouterr().err
    assert cli.run(["emotions", "joy", "-o", "face.jpg"]) == 2
    assert ".png" in capsys.readouterr().err


def test_the_sheet_shows_more_with_intensity(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "joy.png"
    assert cli.run(["emotions", "surprise", "-o", str(out)]) == 0
    picture = np.asarray(Image.open(out), np.float64)
    top, left = MARGIN + HEADER_PX, MARGIN + LABEL_PX
    steps = (left + k * (FACE_PX + GAP) for k in range(3))
    faces = [picture[top:top + FACE_PX, x:x + FACE_PX] for x in steps]
    mild, medium, full = faces
    assert np.abs(full - mild).mean() > 1.2 * np.abs(medium - mild).mean() > 1
    assert str(out) in capsys.readouterr().out


def test_a_face_is_its_pose_and_a_weak_one_is_seen() -> None:
    weights = np.zeros((13, 4))
    weights[EMOTION["joy"]] = 1
    full = face(weights)
    assert np.allclose(full[:52], CURVES[EMOTION["joy"], :52])
    assert full[HEAD[1]] < 0
    assert np.allclose(face(weights * 0.3), full * 0.3 * (1 + SOONER * 0.7))


def test_the_page_names_every_setting_and_its_range() -> None:
    rows = re.findall(r"^\| (`\w+`[^|]*) \| ([^|]*) \| ([^|]*) \|", DOC.split("## Controls")[1], re.M)
    said = {name: (float(default), span) for names, default, span in rows
            for name in re.findall(r"`(\w+)`", names)}
    assert said == {one.name: (one.default, f"{knob.least:g} to {knob.most:g}")
                    for one, knob in knobs(EmotionSettings)}


def test_every_way_to_write_a_feeling_on_the_page_works() -> None:
    rows = re.findall(r"^\| `(.*?)` \|", DOC.split("## Choosing")[1].split("##")[0], re.M)
    assert len(rows) >= 8
    for written in rows:
        assert parse_feeling(written).array.max() <= 1
