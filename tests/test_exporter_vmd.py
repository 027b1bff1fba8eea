"""VMD: what MikuMikuDance would load, as pymeshio reads it, and the way back."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.core.curves import CurveClip
from facerig.curve_files.dispatch import read_named
from facerig.errors import ConfigError, FacerigError, OutputError
from facerig.exporting import ExportSettings, Origin, write_curves
from facerig.mesh.gaze import eye_rotations, head_rotation
from facerig.rig import Retarget, load_rig
from facerig.sinks.exporter import ExportInfo
from facerig_exporters.vmd import BONE_KEY, EYE_SHARE, MORPH_KEY, Vmd

FPS = Fraction(30)
HEADER_BYTES = 30 + 20
FLIP = np.diag([1.0, 1.0, -1.0])  # the head's axes to the program's


def talking(n: int = 90) -> np.ndarray:
    """A face whose mouth, lids, brows, head and eyes all move, smoothly."""
    times, values = np.arange(n) / 30, np.zeros((n, N_CHANNELS), np.float32)
    for k, name in enumerate(("jawOpen", "mouthPucker", "mouthSmileLeft", "mouthSmileRight", "browInnerUp",
                              "eyeBlinkLeft", "eyeBlinkRight", "mouthStretchLeft", "mouthStretchRight")):
        values[:, INDEX[name]] = 0.25 - 0.25 * np.cos(times * (3 + k))
    for k, name in enumerate(("headYaw", "headPitch", "headRoll", "leftEyeYaw", "rightEyeYaw",
                              "leftEyePitch", "rightEyePitch")):
        values[:, INDEX[name]] = 0.3 * np.sin(times * (1 + k))
    return values


def written(path: Path, values: np.ndarray, **given: object) -> Path:
    clip = CurveClip(values, FPS, 48000)
    asked = ExportSettings(**given)  # type: ignore[arg-type]
    assert write_curves(path, [clip], asked, Origin(fps=FPS, sample_rate=48000)) == len(values)
    return path


# --- the judge


@pytest.fixture(scope="module")
def judge():
    pytest.importorskip("pymeshio", reason="needs pymeshio: pip install pymeshio==3.0.1")
    from tools.judges import vmd_pymeshio
    return vmd_pymeshio


def test_pymeshio_reads_every_value_of_every_frame(tmp_path: Path, judge) -> None:
    values, rig = talking(), load_rig("mmd")
    seen = judge.read(written(tmp_path / "a.vmd", values, every_frame=True))
    assert seen.names == rig.names
    assert seen.keys == len(values) * len(rig.names)
    assert np.array_equal(seen.values.astype(np.float32), Retarget(rig).values(values))


def test_fewer_keys_say_the_same(tmp_path: Path, judge) -> None:
    values, rig = talking(), load_rig("mmd")
    seen = judge.read(written(tmp_path / "a.vmd", values))
    assert seen.keys < 0.5 * len(values) * len(rig.names)
    assert np.abs(seen.values - Retarget(rig).values(values)).max() < 0.02


def test_head_and_eyes_turn_as_the_face_does(tmp_path: Path, judge) -> None:
    values = talking()
    turns = judge.turns(written(tmp_path / "a.vmd", values))
    assert list(turns) == ["頭", "左目", "右目"]
    for frame in range(len(values)):
        shown = Rotation.from_quat(turns["頭"][frame]).as_matrix()
        assert np.abs(shown - FLIP @ head_rotation(values[frame]) @ FLIP).max() < 0.003
        for bone, eye in zip(("左目", "右目"), eye_rotations(values[frame] * EYE_SHARE), strict=True):
            shown = Rotation.from_quat(turns[bone][frame]).as_matrix()
            assert np.abs(shown - FLIP @ eye @ FLIP).max() < 0.009


@pytest.mark.parametrize(("angle", "way"), [("headYaw", (-1, 0)), ("headPitch", (0, -1))])
def test_a_turn_goes_the_way_of_the_model(tmp_path: Path, judge, angle: str, way: tuple[int, int]) -> None:
    values = np.zeros((3, N_CHANNELS), np.float32)
    values[:, INDEX[angle]] = 0.5
    turn = Rotation.from_quat(judge.turns(written(tmp_path / "a.vmd", values))["頭"][0])
    nose = turn.apply([0, 0, -1])  # where a model faces; x is its left
    assert np.sign(nose[:2].round(6)).tolist() == list(way)


# --- bytes


def test_the_parts_of_the_file_follow_each_other(tmp_path: Path) -> None:
    data = written(tmp_path / "a.vmd", talking(), every_frame=True).read_bytes()
    assert data[:30] == b"Vocaloid Motion Data 0002" + bytes(5)
    assert data[30:50] == b"facerig".ljust(20, b"\0")
    (n_bones,) = struct.unpack_from("<I", data, HEADER_BYTES)
    assert (BONE_KEY.itemsize, MORPH_KEY.itemsize) == (111, 23)
    morphs_at = HEADER_BYTES + 4 + n_bones * 111
    (n_morphs,) = struct.unpack_from("<I", data, morphs_at)
    assert (n_bones, n_morphs) == (3 * 90, 22 * 90)
    assert data[morphs_at + 4 + n_morphs * 23:] == bytes(16)  # no cameras, lights, shadows, kinematics
    first = data[morphs_at + 4:morphs_at + 27]
    assert first[:15] == "あ".encode("cp932").ljust(15, b"\0")


def test_pieces_and_whole_are_the_same_file(tmp_path: Path) -> None:
    values = talking()
    clip = CurveClip(values, FPS, 48000)
    parts = [CurveClip(values[k:k + 13], FPS, 48000, k) for k in range(0, len(values), 13)]
    files = []
    for name, pieces in (("a", [clip]), ("b", parts)):
        write_curves(tmp_path / f"{name}.vmd", pieces, ExportSettings(), Origin(fps=FPS, sample_rate=48000))
        files.append((tmp_path / f"{name}.vmd").read_bytes())
    assert files[0] == files[1]


def test_no_frames_are_a_file_of_no_keys(tmp_path: Path) -> None:
    info = ExportInfo(fps=FPS, sample_rate=48000, names=("あ",))
    assert Vmd().write(tmp_path / "a.vmd", [], info) == 0
    assert (tmp_path / "a.vmd").read_bytes()[HEADER_BYTES:] == bytes(24)


# --- what it cannot hold


def none_taken() -> Iterator[CurveClip]:
    raise AssertionError("a piece was taken")
    yield  # pragma: no cover


@pytest.mark.parametrize(("names", "said"), [
    (("まばたきをしている",), "18 bytes"),
    (("mouthLowerDownLeft",), "18 bytes"),
    (("あ", "☃"), "letters"),
    (("ｱ", "ｱ"), "one name"),
])
def test_names_that_do_not_fit_are_refused_before_the_first_piece(tmp_path: Path, names: tuple[str, ...],
                                                                  said: str) -> None:
    info = ExportInfo(fps=FPS, sample_rate=48000, names=names)
    with pytest.raises(OutputError, match=said):
        Vmd().write(tmp_path / "a.vmd", none_taken(), info)


def test_fifteen_bytes_fit_and_sixteen_do_not(tmp_path: Path) -> None:
    info = ExportInfo(fps=FPS, sample_rate=48000, names=("a" * 15,))
    assert Vmd().write(tmp_path / "a.vmd", [], info) == 0
    with pytest.raises(OutputError, match="16 bytes"):
        Vmd().write(tmp_path / "a.vmd", [], ExportInfo(fps=FPS, sample_rate=48000, names=("a" * 16,)))


def test_another_frame_rate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="30 frames per second") as told:
        write_curves(tmp_path / "a.vmd", none_taken(), ExportSettings(),
                     Origin(fps=Fraction(24), sample_rate=48000))
    assert "--fps 30" in told.value.fix
    assert not (tmp_path / "a.vmd").exists()


def test_a_long_name_of_a_model_is_refused() -> None:
    with pytest.raises(ConfigError, match="20 bytes"):
        Vmd(model="初音ミク初音ミク初音ミク")


# --- the way back


def test_a_motion_is_read_back(tmp_path: Path) -> None:
    values, rig = talking(), load_rig("mmd")
    got = read_named(written(tmp_path / "a.vmd", values, every_frame=True))
    assert (got.names, got.fps) == (rig.names, FPS)
    assert np.array_equal(got.values.astype(np.float32), Retarget(rig).values(values))
    assert "bones" in got.remarks[0]


def motion(*keys: tuple[bytes, int, float]) -> bytes:
    rows = b"".join(name.ljust(15, b"\0") + struct.pack("<If", frame, value) for name, frame, value in keys)
    return b"Vocaloid Motion Data 0002".ljust(50, b"\0") + struct.pack("<II", 0, len(keys)) + rows + bytes(12)


def test_keys_of_others_may_stand_in_any_order(tmp_path: Path) -> None:
    path, name = tmp_path / "a.vmd", "あ".encode("cp932")
    path.write_bytes(motion((name, 4, 1.0), (b"smile\0junk", 0, 0.25), (name, 0, 0.0)))
    got = read_named(path)
    assert got.names == ("あ", "smile")
    assert got.values[:, 0].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert got.values[:, 1].tolist() == [0.25] * 5


@pytest.mark.parametrize(("data", "said"), [
    (motion(), "no morphs"),
    (motion((b"a", 0, 1.0))[:60], "cut short"),
    (motion((b"a", 0, 1.0))[:52], "cut short"),
    (motion((b"a", 0, float("nan"))), "not a number"),
    (motion((b"a", 2**32 - 1, 1.0)), "parts"),
    (motion((b"a", 0, 1.0), (b"A", 0, 1.0)), "both called"),
    (b"Vocaloid Motion Data 0003" + bytes(99), "no motion"),
])
def test_a_damaged_motion_says_so(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "a.vmd"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=said):
        read_named(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 200), junk=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(tmp_path: Path, cut: int, junk: bytes) -> None:
    path = tmp_path / "a.vmd"
    whole = motion(*((b"a%d" % k, k, 0.5) for k in range(5)))
    path.write_bytes(whole[:cut] + junk + whole[cut + len(junk):])
    try:
        got = read_named(path)
    except FacerigError:
        return
    assert np.isfinite(got.values).all()


@pytest.mark.slow
def test_mmd_parser_reads_the_same(tmp_path: Path) -> None:
    from tools.judges import JudgeMissing, vmd_mmd_parser
    values, rig = talking(), load_rig("mmd")
    path = written(tmp_path / "a.vmd", values)
    try:
        seen = vmd_mmd_parser.read(path)
    except JudgeMissing as missing:
        pytest.skip(str(missing))
    back = read_named(path)
    assert seen.names == back.names == rig.names
    assert np.abs(seen.values - back.values).max() < 1e-6
