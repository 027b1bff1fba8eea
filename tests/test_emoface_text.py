"""EmoFace's text files: written in its layout, read back, refused where they cannot be right."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.animation import AnimateSettings
from facerig.core.channels import N_CHANNELS
from facerig.core.curves import CurveClip
from facerig.curve_files import read_named
from facerig.curve_files.emoface import columns
from facerig.errors import ConfigError, OutputError
from facerig.exporting import ExportSettings, Origin, rate_of, write_curves
from facerig.rig import Retarget, load_rig
from facerig.sinks.formats import exporter_for
from facerig_exporters.emoface_text import EmoFaceText
from tools.judges import emoface_text

FPS = Fraction(60)
TOLD = AnimateSettings().export


def take(frames: int = 50, fps: Fraction = FPS) -> list[CurveClip]:
    values = np.random.default_rng(5).random((frames, N_CHANNELS)).astype(np.float32)
    whole = CurveClip(values, fps, 16_000)
    return [CurveClip(whole.values[i:i + 7], fps, 16_000, i) for i in range(0, frames, 7)]


def wrote(path: Path, settings_: ExportSettings = TOLD, fps: Fraction = FPS) -> int:
    return write_curves(path, take(fps=fps), settings_, Origin(fps=fps, sample_rate=16_000))


def test_emofaces_own_reading_finds_every_value(tmp_path: Path):
    path = tmp_path / "a.emoface.txt"
    assert wrote(path) == 50
    judged = emoface_text.read(path)
    assert len(judged.names) == 174
    expected = Retarget(load_rig("metahuman-gui")).values(np.concatenate([p.values for p in take()]))
    np.testing.assert_allclose(judged.values, expected, atol=5.6e-7)  # rounded to seven decimals, then to six
    assert "-0.000000" not in path.read_text()
    assert path.read_text().endswith("\n")


def test_our_reading_gives_the_names_and_the_rate_of_emoface(tmp_path: Path):
    path = tmp_path / "a.emoface.txt"
    wrote(path)
    back = read_named(path)
    assert back.names == load_rig("metahuman-gui").names == columns()
    assert (back.fps, back.fps_known, len(back)) == (FPS, False, 50)
    np.testing.assert_array_equal(back.values, emoface_text.read(path).values)
    assert read_named(path, Fraction(30)).fps == 30  # the file does not say


def test_a_file_of_emoface_is_known_under_any_name(tmp_path: Path):
    path = tmp_path / "angry_gd04_001_021.txt"
    path.write_bytes(b"\xef\xbb\xbf" + b",".join([b"0.027139"] * 174) + b"\r\n")
    assert read_named(path).names == columns()


def test_the_ending_finds_it_and_its_rate():
    assert isinstance(exporter_for(Path("line.emoface.txt")), EmoFaceText)
    assert rate_of(Path("line.emoface.txt")) == 60


@pytest.mark.parametrize("name", ["arkit", "metahuman"])
def test_another_rig_is_refused(tmp_path: Path, name: str):
    path = tmp_path / "a.emoface.txt"
    with pytest.raises(OutputError, match="174 controls of metahuman-gui"):
        wrote(path, ExportSettings(rig=name))
    assert not list(tmp_path.iterdir())


def test_another_rate_is_refused(tmp_path: Path):
    with pytest.raises(OutputError, match="60 frames per second, not 30"):
        wrote(tmp_path / "a.emoface.txt", fps=Fraction(30))


def line(**changed: str) -> str:
    cells = ["0.5"] * 174
    for column, text in changed.items():
        cells[int(column[1:])] = text
    return ",".join(cells)


@pytest.mark.parametrize(("text", "told"), [
    ("", "holds no frames"),
    (line() + "\n" + line()[4:], "line 2 holds 173 numbers, not 174"),
    (line() + "\n\n" + line(), "line 2 holds 0 numbers"),
    (line(c9="=1+1"), "line 1, column 10: '=1\\+1' is not a number"),
    (line(c173="nan"), "frame 1 of 'CTRL_neck_throatUpDown-translateY' is nan"),
    (line(c0="1e400"), "is inf"),
])
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, told: str):
    path = tmp_path / "a.emoface.txt"
    path.write_text(text)
    with pytest.raises(ConfigError, match=told) as caught:
        read_named(path)
    assert caught.value.where == str(path)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_file_or_a_clear_error(tmp_path_factory: pytest.TempPathFactory, data: bytes):
    path = tmp_path_factory.mktemp("fuzz") / "a.emoface.txt"
    path.write_bytes(data)
    with pytest.raises(ConfigError):
        read_named(path)
