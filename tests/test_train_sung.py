"""Sung, called and laughed vowels for the training: what sounds is what the targets say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training is an extra")

import facerig_assets
from facerig.features.prosody import Prosody
from facerig.script import articulation, phones
from facerig.script.phones import CLASS, PAUSE
from tools.evaluate.sets import read_mono
from tools.evaluate.track import runs
from tools.train import sung
from tools.train.corpus import CHANNELS, Recording, n_rows

SEAL, VOICE = CHANNELS.index("seal"), CHANNELS.index("voice")


@pytest.fixture(scope="module")
def spoken() -> Recording:
    """The sample clip as a recording that trains."""
    audio = read_mono(facerig_assets.path("speech", "hello.flac"))
    labels = json.loads((Path(sung.__file__).parents[1] / "hello.phones.json").read_text("utf-8"))
    timed, n = phones.parse(labels, "arpabet", len(audio) / 16_000), n_rows(audio)
    targets = np.concatenate([articulation.shapes(timed, n), articulation.activations(timed, n)], 1)
    return Recording("an4", "train", audio, targets, articulation.classes(timed, n).astype(np.int8),
                     np.ones(len(CHANNELS), np.float32), "sample")


@pytest.fixture(scope="module")
def made(spoken: Recording) -> list[Recording]:
    return list(sung.recordings([spoken], 60.0, 3))


def voiced(audio: np.ndarray) -> np.ndarray:
    """How surely a glottis sounds, at 100 Hz."""
    stage, rows = Prosody(), []
    state = stage.initial_state()
    for at in range(0, len(audio) - 319, 320):
        row, state = stage.step(audio[at : at + 320], state)
        rows.append(row[:, 2])
    return np.concatenate(rows)


def test_so_many_seconds_come_the_same_for_a_seed(spoken: Recording, made: list[Recording]) -> None:
    assert 60 <= sum(len(r.audio) for r in made) / 16_000 < 60 + 4 * sung.LONGEST_SECS
    again, other = (next(sung.recordings([spoken], 1.0, seed)) for seed in (3, 4))
    assert np.array_equal(again.audio, made[0].audio)
    assert other.audio.shape != made[0].audio.shape or not np.array_equal(other.audio, made[0].audio)


def test_sound_and_targets_fit_and_stay_in_range(made: list[Recording]) -> None:
    for r in made:
        assert (r.source, r.part) == (sung.SOURCE, "train")
        assert len(r.targets) == len(r.classes) == n_rows(r.audio)
        assert r.audio.dtype == r.targets.dtype == np.float32
        assert np.isfinite(r.audio).all()
        assert np.abs(r.audio).max() < 1.0
        assert 0 <= r.targets.min() <= r.targets.max() <= 1.0
        assert np.all(r.classes >= 0)


def test_whoever_is_voiced_speaks_and_who_is_silent_rests(made: list[Recording]) -> None:
    pairs = [(r.targets[:, VOICE], voiced(r.audio)) for r in made]
    speaks = np.concatenate([target[: len(heard)] for target, heard in pairs])
    sounds = np.concatenate([heard[: len(target)] for target, heard in pairs])
    assert (speaks[sounds > 0.9] > 0.5).mean() > 0.95
    assert sounds[speaks == 0].mean() < 0.25  # a window reaches 40 ms back
    assert 0.3 < (speaks > 0.5).mean() < 0.98


def test_vowels_are_held_with_open_lips(made: list[Recording]) -> None:
    steady = 0
    for r in made:
        same = np.all(np.abs(np.diff(r.targets, axis=0)) < 1e-6, axis=1) & (r.targets[1:, VOICE] > 0.5)
        held = [run for run in runs(same) if run[1] - run[0] >= 15]
        steady += sum(stop - start for start, stop in held)
        assert all(r.targets[start + 1, SEAL] < 0.1 for start, _ in held)
    assert steady > 0.2 * sum(len(r.targets) for r in made)


def test_silence_is_a_pause(made: list[Recording]) -> None:
    rest = [r.classes[r.targets.max(1) == 0] for r in made]
    assert set(np.concatenate(rest)) == {CLASS[PAUSE]}


def test_only_what_trains_is_sung(spoken: Recording) -> None:
    held_out = [replace(spoken, part=part) for part in ("validate", "test")]
    unknown = replace(spoken, classes=np.full_like(spoken.classes, -1))
    assert list(sung.recordings([*held_out, unknown], 5.0, 0)) == []
