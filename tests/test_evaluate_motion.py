"""Motion against a recorded face: r, lag and mouth width on faces that are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.core.mouth import mouth_geometry
from facerig.errors import ConfigError
from tools.evaluate import __main__ as command
from tools.evaluate import motion
from tools.train.split import part_of

FPS, FRAMES = 25, 75
NAMES = ("_neutral", "jawOpen", "mouthSmileLeft", "mouthSmileRight", "mouthPucker")


def face(seed: int, times: np.ndarray) -> np.ndarray:
    """A face at any times [n, len(NAMES)]: smooth babble."""
    random = np.random.default_rng(seed)
    knots = np.arange(-1, 5, 0.15)
    made = [np.interp(times, knots, random.random(len(knots)) * 0.4) for _ in NAMES]
    return np.stack(made, 1)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as GRID's: 40 clips, of which the split holds some out."""
    root = tmp_path_factory.mktemp("data")
    folder = root / "grid_s1"
    (folder / "audio").mkdir(parents=True)
    ids = [f"clip{i}" for i in range(40)]
    frames = np.arange(FRAMES) / FPS
    np.savez(folder / "curves.npz", ids=ids, names=NAMES, fps=FPS,
             curves=np.stack([face(i, frames) for i in range(len(ids))]))
    for i in ids:
        soundfile.write(folder / "audio" / f"{i}.opus", np.zeros(48_000), 16_000, "OPUS", format="OGG")
    return root


class Known:
    """A system that gives the recorded face, `late_secs` late, so much larger, and rested elsewhere."""

    name, lookahead = "known", ""

    def __init__(self, late_secs: float = 0.0, scale: float = 1.0, drift: float = 0.0) -> None:
        self.late_secs, self.scale, self.drift = late_secs, scale, drift

    def curves(self, audio: np.ndarray, sample_rate: int, utterance_id: str) -> tuple[np.ndarray, np.ndarray]:
        assert len(audio) == pytest.approx(3 * sample_rate, abs=sample_rate / 50)
        seed, times = int(utterance_id.removeprefix("clip")), np.arange(0, 3, 1 / 60)
        rest = np.random.default_rng(seed).random() * self.drift
        return times, motion.canonical(face(seed, times - self.late_secs) * self.scale + rest, NAMES)


def test_the_held_out_clips_are_taken_and_no_other(data: Path) -> None:
    clips = motion.recorded_clips(data)
    assert 0 < len(clips) < 20
    assert all(part_of("grid", {"id": clip.id}) == "test" for clip in clips)
    assert motion.recorded_clips(data, "validate")


def test_the_recorded_face_itself_has_r_1(data: Path) -> None:
    for row in motion.judge(Known(scale=0.7), motion.recorded_clips(data)):
        assert row.r_pooled == pytest.approx(1, abs=0.02)
        assert row.r_clip_median == pytest.approx(1, abs=0.02)
        assert row.lag_secs == pytest.approx(0, abs=0.006)
        if row.measure == "jawOpen":
            assert row.spread_made / row.spread_real == pytest.approx(0.7, abs=0.03)


def test_a_late_face_is_told(data: Path) -> None:
    for row in motion.judge(Known(late_secs=0.06), motion.recorded_clips(data)):
        assert row.lag_secs == pytest.approx(-0.06, abs=0.01)
        assert row.r_at_lag > max(0.97, row.r_pooled)


def test_where_the_face_rests_counts_pooled_and_not_centred(data: Path) -> None:
    jaw, _ = motion.judge(Known(drift=0.5), motion.recorded_clips(data))
    assert jaw.r_pooled < 0.8
    assert jaw.r_centred > 0.97


def test_width_is_of_the_lip_corners() -> None:
    values = np.zeros((3, N_CHANNELS))
    values[1, [INDEX["mouthSmileLeft"], INDEX["mouthSmileRight"]]] = 0.5
    values[2, INDEX["mouthPucker"]] = 0.5
    rest, smile, pucker = motion.measures(values)[:, 1]
    assert rest == pytest.approx(float(np.linalg.norm(mouth_geometry().rest_corners)))
    assert smile > rest + 5
    assert pucker < rest - 3


def test_a_face_that_never_moves_has_r_0(data: Path) -> None:
    for row in motion.judge(Known(scale=0.0), motion.recorded_clips(data)):
        assert (row.r_pooled, row.r_clip_mean) == (0.0, 0.0)


def test_the_command(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "system", lambda _name: Known())
    command.motion(systems="known", limit=3, data=data, part="test", json=tmp_path / "out.json")
    rows = json.loads((tmp_path / "out.json").read_text("utf-8"))["motion"]
    assert [(row["measure"], row["clips"]) for row in rows] == [("jawOpen", 3), ("mouth width", 3)]


def test_a_missing_set_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the set is missing"):
        motion.recorded_clips(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("model", "jaw", "width"), [("live", 0.72, 0.40), ("offline", 0.78, 0.40)])
def test_the_shipped_models_move_as_grids_speaker(model: str, jaw: float, width: float, shared: Path) -> None:
    from tools.evaluate.systems import system

    rows = motion.judge(system(model), motion.recorded_clips(shared / "data"))
    assert [row.r_pooled > least for row, least in zip(rows, (jaw, width), strict=True)] == [True, True]
