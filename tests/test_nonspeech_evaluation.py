"""The judge of a mouth that should be still: what counts as rest, the clips, the tables, the command."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.errors import AudioError, ConfigError
from tools.evaluate import nonspeech, nonspeech_clips
from tools.evaluate.__main__ import app
from tools.evaluate.contract import Timed
from tools.evaluate.nonspeech_clips import NonSpeech
from tools.evaluate.sets import SAMPLE_RATE, Audio


class Chewer:
    """Opens the jaw by `jaw` for a share of the time, 60 times a second."""

    name, lookahead = "chewer", "none"

    def __init__(self, jaw: float, share: float) -> None:
        self.jaw, self.share = jaw, share

    def curves(self, audio: Audio, sample_rate: int, utterance_id: str) -> Timed:
        times = np.arange(int(len(audio) / sample_rate * 60) + 1) / 60
        values = np.zeros((len(times), N_CHANNELS))
        values[: int(len(times) * self.share), INDEX["jawOpen"]] = self.jaw
        return times, values


CLIP = NonSpeech("silence", "silence")


def test_a_still_mouth_is_at_rest_and_does_not_move() -> None:
    got = nonspeech.heard(Chewer(0.0, 1.0), CLIP, 0)
    assert (got.off_rest, got.motion_mm_s, got.most_mm) == (0.0, 0.0, 0.0)


@given(st.floats(0.2, 0.8))
def test_the_share_off_rest_is_the_time_that_the_jaw_is_open(share: float) -> None:
    got = nonspeech.heard(Chewer(0.5, share), CLIP, 0)
    assert abs(got.off_rest - share) < 0.02
    assert got.most_mm > 5


def test_a_jaw_open_behind_closed_lips_is_not_at_rest() -> None:
    values = np.zeros((1, N_CHANNELS))
    values[0, [INDEX["jawOpen"], INDEX["mouthClose"]]] = 0.4
    away = nonspeech.mouth_from_rest(values)[0]
    assert abs(away[2]) < 1.0  # lips meet
    assert np.abs(away).max() > nonspeech.REST_MM


def test_eyes_and_brows_do_not_count() -> None:
    values = np.zeros((1, N_CHANNELS))
    values[0, [INDEX["eyeBlinkLeft"], INDEX["browInnerUp"]]] = 1.0
    assert np.abs(nonspeech.mouth_from_rest(values)).max() == 0.0


def test_motion_is_the_speed_of_the_mouth() -> None:
    class Ramp(Chewer):
        def curves(self, audio: Audio, sample_rate: int, utterance_id: str) -> Timed:
            times, values = super().curves(audio, sample_rate, utterance_id)
            values[:, INDEX["jawOpen"]] = times / 10.0  # from 0 to 1 in the 10 s of the clip
            return times, values

    whole = np.zeros((1, N_CHANNELS))
    whole[0, INDEX["jawOpen"]] = 1.0
    travel = np.linalg.norm(nonspeech.mouth_from_rest(whole)[0, [2, 5, 6, 7]])
    assert nonspeech.heard(Ramp(0, 0), CLIP, 0).motion_mm_s == pytest.approx(travel / 10, rel=0.02)


def test_rows_name_the_worst_clip_and_count_every_clip_alike() -> None:
    results = [nonspeech.Heard("a", "music", "one", 10, 0.0, 0.0, 0.1),
               nonspeech.Heard("a", "music", "two", 1, 0.5, 9.0, 8.0),
               nonspeech.Heard("a", "steps", "three", 10, 0.1, 1.0, 3.0)]
    rows = {row.kind: row for row in nonspeech.kind_rows(results)}
    assert list(rows) == ["all", "music", "steps"]
    assert rows["music"].off_rest == pytest.approx(0.25)
    assert rows["music"].still == pytest.approx(0.5)
    assert (rows["all"].worst, rows["all"].worst_clip) == (0.5, "two")
    assert "| music | a | 2 | 25.0% | 50% | 4.5 | 50% | two |" in nonspeech.markdown(list(rows.values()), "x")


def folder(tmp_path: Path) -> Path:
    """A share with one long file, two short ones and an archive, as packages would bring."""
    random = np.random.default_rng(0)
    music, steps = tmp_path / "games/etr/music", tmp_path / "games/etr/sounds"
    arena = tmp_path / "games/openarena/baseoa"
    for path in (music, steps, arena):
        path.mkdir(parents=True)
    soundfile.write(music / "freezingpoint.ogg", 0.1 * random.standard_normal((30 * 44100, 2)), 44100)
    for name in ("ice_slide", "mud_slide"):
        soundfile.write(steps / f"{name}.wav", 0.1 * random.standard_normal(8000), 22050)
    with zipfile.ZipFile(arena / "pak0.pk3", "w") as archive:
        archive.write(steps / "ice_slide.wav", "sound/world/fan4.wav")
    return tmp_path


def test_clips_are_found_cut_and_put_in_rows(tmp_path: Path) -> None:
    found, missing = nonspeech_clips.clips(folder(tmp_path))
    by_name = {clip.name: clip for clip in found}
    cut, row = by_name["extremetuxracer-data freezingpoint"], by_name["extremetuxracer-data *_slide"]
    assert len(cut.audio()) == len(row.audio()) == 10 * SAMPLE_RATE
    assert len(row.files) == 2
    packed = by_name["openarena-data world/fan4"].audio()
    assert 0.3 < len(packed) / SAMPLE_RATE < 0.4
    assert np.array_equal(cut.audio(1), cut.audio(1))
    assert not np.array_equal(cut.audio(1), cut.audio(2))
    assert "wesnoth-1.16-music" in missing
    assert {"silence", "hum", "floor"} <= {clip.kind for clip in found}


def test_a_broken_file_says_which(tmp_path: Path) -> None:
    broken = tmp_path / "x.ogg"
    broken.write_bytes(b"no sound")
    with pytest.raises(AudioError, match=r"x\.ogg"):
        NonSpeech("music", "x", "p", (str(broken),)).audio()


@pytest.mark.parametrize(("name", "rms_db", "hz"), [("floor -60 dB", -60, None), ("hum 50 Hz", -26, 50)])
def test_made_clips_are_what_they_say(name: str, rms_db: float, hz: int | None) -> None:
    sound = NonSpeech(name.split()[0], name).audio()
    assert abs(20 * np.log10(sound.std()) - rms_db) < 3
    if hz:
        strongest = np.argmax(np.abs(np.fft.rfft(sound))) * SAMPLE_RATE / len(sound)
        assert abs(strongest - hz) < 0.2


def test_every_source_belongs_to_a_package_that_the_message_can_name() -> None:
    _, missing = nonspeech_clips.clips(Path("/nowhere"))
    assert tuple(missing) == nonspeech_clips.PACKAGES


def test_a_system_that_wants_a_text_is_refused() -> None:
    with pytest.raises(ConfigError, match="wants a text"):
        nonspeech.measure([], ["offline+text"])


def test_the_command_measures_the_live_model_in_silence(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    arguments = ["nonspeech", "--systems", "live", "--kinds", "silence", "--json", str(out)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    document = json.loads(out.read_text("utf-8"))
    assert document["kinds"][0]["off_rest"] == 0.0
    assert document["clips"][0]["clip"] == "silence"
