"""Lips judged on a MetaHuman's controls: made-up mouths whose figures are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from made_up_mouths import Curves, Phones, articulator, phones, write_curves
from typer.testing import CliRunner

from facerig.core.channels import INDEX
from facerig.rig import Retarget, load_rig
from tools.evaluate.__main__ import app
from tools.evaluate.metahuman import Counts, Lips
from tools.evaluate.sets import SAMPLE_RATE
from tools.evaluate.track import Track


def counts(labels: Phones, curves: Curves) -> Counts:
    times, values = curves
    track = Track(times, values, labels, "ipa")
    return Lips(track, times, values, Retarget(load_rig("metahuman"))).counts()


def test_a_mouth_that_does_what_the_phones_ask():
    found = counts(phones(), articulator(phones()))
    assert (found.bilabials, found.canonical, found.together, found.shut, found.epic) == (3, 3, 3, 3, 3)
    assert (found.labiodentals, found.canonical_contacts, found.bitten) == (1, 1, 1)
    assert found.vowels > 5
    assert found.canonical_vowels == found.together_vowels == found.epic_vowels == 0


def test_a_mouth_that_never_closes_and_one_that_never_opens():
    times, values = articulator(phones())
    ajar = values.copy()
    ajar[:, INDEX["mouthClose"]] = 0
    assert counts(phones(), (times, ajar)).together == 0
    shut = np.zeros_like(values)
    shut[:, [INDEX["jawOpen"], INDEX["mouthClose"]]] = 0.1
    found = counts(phones(), (times, shut))
    assert (found.together, found.shut, found.epic) == (0, 0, 0)  # nothing opens beside the vowels
    assert found.together_vowels == found.vowels


def test_the_chin_closes_lips_that_epics_rule_leaves_apart():
    times, values = articulator(phones())
    sealed = values[:, INDEX["mouthClose"]] > 0
    values[sealed, INDEX["mouthClose"]] *= 0.6
    values[sealed, INDEX["mouthShrugLower"]] = 0.45
    found = counts(phones(), (times, values))
    assert (found.together, found.epic) == (3, 0)


def test_the_command_counts_what_lies_in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "kokoro" / "audio").mkdir(parents=True)
    (tmp_path / "curves").mkdir()
    record = {"id": "one", "lang": "en-us", "voice": "af_heart", "phones": phones()}
    (tmp_path / "kokoro" / "phones.jsonl").write_text(json.dumps(record))
    soundfile.write(tmp_path / "kokoro" / "audio" / "one.wav", np.zeros(SAMPLE_RATE * 4), SAMPLE_RATE)
    monkeypatch.setattr("tools.evaluate.sets.part_of", lambda name, record: "test")
    write_curves(tmp_path / "curves" / "one.csv", *articulator(phones()))
    out = tmp_path / "figures.json"
    result = CliRunner().invoke(app, ["metahuman", "--sets", "kokoro", "--data", str(tmp_path), "--systems",
                                      f"csv:{tmp_path / 'curves'}", "--json", str(out)])
    assert result.exit_code == 0, result.output
    (row,) = json.loads(out.read_text())["metahuman"]
    assert (row["system"], row["language"], row["bilabials"], row["together"]) == ("csv:curves", "en", 3, 3)
