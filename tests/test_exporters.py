"""Exporters: found by ending, judged by readers that are not ours, in constant memory."""

from __future__ import annotations

import csv
import importlib.util
import json
import tracemalloc
from collections.abc import Iterator
from fractions import Fraction
from importlib.metadata import EntryPoint
from math import pi
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facerig.core.channels import NAMES, SHAPE_NAMES
from facerig.core.curves import CurveClip
from facerig.core.timecode import frames_per_sec
from facerig.errors import ConfigError, OutputError
from facerig.exporting import ExportSettings, Origin, info_for, parse_timecode, write_curves
from facerig.rig import load_rig
from facerig.sinks.exporter import Exporter, ExportInfo
from facerig.sinks.formats import Formats, exporter_for, exporter_named, formats, load_formats, spelled
from facerig_exporters.audio2face_json import Audio2FaceJson
from facerig_exporters.curves_csv import CurvesCsv, seconds_text
from facerig_exporters.livelink_csv import LiveLinkCsv, timecode

FPS = tuple(map(Fraction, ("24", "25", "30000/1001", "30", "60", "120", "25/2")))
THEY_LEAVE_FILES_OPEN = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
EXPORTERS = (LiveLinkCsv, CurvesCsv, Audio2FaceJson)


def values(n: int, names: tuple[str, ...] = NAMES, seed: int = 0) -> np.ndarray:
    """Shapes over all of [0, 1], rotations over all of [-pi, pi], with the ends among them."""
    rng = np.random.default_rng(seed)
    out = rng.random((n, len(names)), dtype=np.float32)
    out[:, len(SHAPE_NAMES):] = (out[:, len(SHAPE_NAMES):] * 2 - 1) * pi
    out[0], out[-1] = 0, 1
    return out


def clip(data: np.ndarray, fps: Fraction = FPS[3], start: int = 0,
         names: tuple[str, ...] = NAMES) -> CurveClip:
    return CurveClip(data, fps, 48000, start, names)


def pieces(data: np.ndarray, fps: Fraction, names: tuple[str, ...] = NAMES) -> Iterator[CurveClip]:
    for start in range(0, len(data), 7):
        yield clip(data[start:start + 7], fps, start, names)


def exported(exporter: Exporter, path: Path, data: np.ndarray, fps: Fraction = FPS[3],
             names: tuple[str, ...] = NAMES, audio: Path | None = None) -> Path:
    info = ExportInfo(fps=fps, sample_rate=48000, names=names, audio_path=audio)
    assert exporter.write(path, pieces(data, fps, names), info) == len(data)
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.fixture(scope="module")
def outside_reader() -> ModuleType:
    """`read_curves` of the optional data tools, written by others."""
    path = Path(__file__).resolve().parents[2] / "shared" / "data_tools" / "lip_metrics.py"
    if not path.is_file():
        pytest.skip(f"needs the optional {path}")
    spec = importlib.util.spec_from_file_location("lip_metrics", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- Live Link Face CSV

# The header of a capture by the app, as its documentation and public captures show it.
LIVE_LINK_HEADER = (
    "Timecode,BlendShapeCount,EyeBlinkLeft,EyeLookDownLeft,EyeLookInLeft,EyeLookOutLeft,EyeLookUpLeft,"
    "EyeSquintLeft,EyeWideLeft,EyeBlinkRight,EyeLookDownRight,EyeLookInRight,EyeLookOutRight,EyeLookUpRight,EyeSquintRight,"
    "EyeWideRight,JawForward,JawRight,JawLeft,JawOpen,MouthClose,MouthFunnel,MouthPucker,MouthRight,MouthLeft,"
    "MouthSmileLeft,MouthSmileRight,MouthFrownLeft,MouthFrownRight,MouthDimpleLeft,MouthDimpleRight,"
    "MouthStretchLeft,MouthStretchRight,MouthRollLower,MouthRollUpper,MouthShrugLower,MouthShrugUpper,"
    "MouthPressLeft,MouthPressRight,MouthLowerDownLeft,MouthLowerDownRight,MouthUpperUpLeft,MouthUpperUpRight,"
    "BrowDownLeft,BrowDownRight,BrowInnerUp,BrowOuterUpLeft,BrowOuterUpRight,CheekPuff,CheekSquintLeft,"
    "CheekSquintRight,NoseSneerLeft,NoseSneerRight,TongueOut,HeadYaw,HeadPitch,HeadRoll,LeftEyeYaw,LeftEyePitch,"
    "LeftEyeRoll,RightEyeYaw,RightEyePitch,RightEyeRoll")


def test_live_link_header_and_first_row(tmp_path: Path) -> None:
    path = exported(LiveLinkCsv(), tmp_path / "a.csv", values(3))
    lines = path.read_text("ascii").splitlines()
    assert lines[0] == LIVE_LINK_HEADER
    assert lines[1] == "00:00:00:00.000,61," + ",".join(["0.0000000"] * 61)


@pytest.mark.parametrize("fps", FPS)
def test_live_link_values_read_back(tmp_path: Path, fps: Fraction) -> None:
    data = values(150)
    rows = rows_of(exported(LiveLinkCsv(), tmp_path / "a.csv", data, fps))
    assert {row["BlendShapeCount"] for row in rows} == {"61"}
    got = np.array([[float(row[name[0].upper() + name[1:]]) for name in NAMES] for row in rows])
    assert np.abs(got - data).max() < 1e-6


@pytest.mark.parametrize(("index", "fps", "text"), [
    (0, 60, "00:00:00:00.000"),
    (59, 60, "00:00:00:59.000"),
    (60 * 3661 + 7, 60, "01:01:01:07.000"),
    (24 * 3600 * 25 - 1, 25, "23:59:59:24.000"),
    (24 * 3600 * 25, 25, "00:00:00:00.000"),  # at midnight it begins again
    (25 * 3600 * 30, "30000/1001", "01:00:00:00.000"),
    (30, "30000/1001", "00:00:01:00.000"),  # non-drop: frame 30 is a second of timecode
    (1800, "30000/1001", "00:01:00:00.000"),  # where drop-frame would skip two numbers
    (24, "24000/1001", "00:00:01:00.000"),
    (1, "25/2", "00:00:00:01.040"),  # 0.08 s of 13 frames
    (25, "25/2", "00:00:02:00.000"),
])
def test_timecodes(index: int, fps: int | str, text: str) -> None:
    assert timecode(index, Fraction(fps)) == text


@given(index=st.integers(0, 10**8), fps=st.sampled_from(FPS))
def test_a_timecode_names_one_frame(index: int, fps: Fraction) -> None:
    hours, minutes, secs, frame = timecode(index, fps).split(":")
    nominal = -(-fps.numerator // fps.denominator)
    assert 0 <= float(frame) < nominal
    assert int(minutes) < 60 > int(secs)
    counted = (int(hours) * 3600 + int(minutes) * 60 + int(secs)) * nominal + Fraction(frame)
    expected = Fraction(index) if fps.denominator in (1, 1001) else index / fps * nominal
    days = round((expected - counted) / (24 * 3600 * nominal))
    assert abs(counted + days * 24 * 3600 * nominal - expected) <= Fraction(1, 2000)


@pytest.mark.parametrize(("start", "fps", "first", "after"), [
    ("01:00:00:00", 25, "01:00:00:00.000", "01:00:00:01.000"),
    ("10:59:59:23", 24, "10:59:59:23.000", "11:00:00:00.000"),
    ("01:00:00:00", "30000/1001", "01:00:00:00.000", "01:00:00:01.000"),
    ("00:59:59;28", "30000/1001", "00:59:59;28.000", "00:59:59;29.000"),
    ("00:00:59;29", "30000/1001", "00:00:59;29.000", "00:01:00;02.000"),  # two numbers left out
    ("00:09:59;29", "30000/1001", "00:09:59;29.000", "00:10:00;00.000"),  # and none in the tenth minute
    ("12:08:59;59", "60000/1001", "12:08:59;59.000", "12:09:00;04.000"),
    ("23:59:59;29", "30000/1001", "23:59:59;29.000", "00:00:00;00.000"),
    ("23:59:59:23", 24, "23:59:59:23.000", "00:00:00:00.000"),
    ("00:00:02:00", "25/2", "00:00:02:00.000", "00:00:02:01.040"),  # begins there, then true time
])
def test_live_link_begins_at_the_timecode_that_is_asked_for(tmp_path: Path, start: str, fps: int | str,
                                                            first: str, after: str) -> None:
    rate = Fraction(fps)
    info = info_for(load_rig("livelink"), ExportSettings(timecode=start), Origin(fps=rate, sample_rate=48000))
    LiveLinkCsv().write(tmp_path / "a.csv", pieces(values(9), rate), info)
    assert [row["Timecode"] for row in rows_of(tmp_path / "a.csv")[:2]] == [first, after]


@given(index=st.integers(0, 10**7), start=st.integers(0, 10**7),
       fps=st.sampled_from([f for f in FPS if f.denominator in (1, 1001)]))
def test_a_start_moves_timecodes_by_whole_frames(index: int, start: int, fps: Fraction) -> None:
    assert timecode(index, fps, start) == timecode(index + start, fps)


@given(frame=st.integers(0, 24 * 6 * 17982 - 1), fps=st.sampled_from([Fraction(30000, 1001),
                                                                      Fraction(60000, 1001)]))
def test_a_drop_frame_timecode_names_one_frame_and_keeps_to_the_clock(frame: int, fps: Fraction) -> None:
    frame *= frames_per_sec(fps) // 30
    text = timecode(0, fps, frame, drop_frame=True).removesuffix(".000")
    assert ";" in text
    assert parse_timecode(text, fps) == frame
    hours, minutes, secs = (int(part) for part in text.partition(";")[0].split(":"))
    told = (hours * 60 + minutes) * 60 + secs + Fraction(text.partition(";")[2]) / frames_per_sec(fps)
    assert abs(told - frame / fps) < Fraction(1, 5)


def test_a_timecode_beyond_the_day_is_refused() -> None:
    with pytest.raises(ConfigError, match="hours go up to 23"):
        parse_timecode("24:00:00:00", Fraction(25))


def test_live_link_refuses_another_rigs_curves(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="CTRL_jaw"):
        exported(LiveLinkCsv(), tmp_path / "a.csv", values(3)[:, :1], names=("CTRL_jaw",))


@THEY_LEAVE_FILES_OPEN
@pytest.mark.parametrize("fps", FPS[:2] + FPS[3:6])
def test_live_link_for_an_outside_reader(tmp_path: Path, fps: Fraction, outside_reader: ModuleType) -> None:
    data = values(200)
    times, curves = outside_reader.read_curves(exported(LiveLinkCsv(), tmp_path / "a.csv", data, fps))
    assert np.abs(times - np.arange(200) / float(fps)).max() < 1e-6
    assert all(np.abs(curves[name.lower()] - data[:, i]).max() < 1e-6 for i, name in enumerate(NAMES))


# --- plain CSV

@pytest.mark.parametrize("fps", FPS)
def test_plain_csv_reads_back(tmp_path: Path, fps: Fraction) -> None:
    data = values(150)
    rows = rows_of(exported(CurvesCsv(), tmp_path / "a.curves.csv", data, fps))
    assert tuple(rows[0]) == ("time", *NAMES)
    got = np.array([[float(row[name]) for name in NAMES] for row in rows])
    assert np.abs(got - data).max() < 1e-6
    assert all(abs(Fraction(row["time"]) - k / fps) <= Fraction(1, 2 * 10**9) for k, row in enumerate(rows))


@given(index=st.integers(0, 10**8), fps=st.sampled_from(FPS))
def test_times_are_exact_after_any_number_of_hours(index: int, fps: Fraction) -> None:
    assert abs(Fraction(seconds_text(index, fps)) - index / fps) <= Fraction(1, 2 * 10**9)
    assert len(seconds_text(index, fps).split(".")[1]) == 9


@THEY_LEAVE_FILES_OPEN
def test_plain_csv_for_an_outside_reader(tmp_path: Path, outside_reader: ModuleType) -> None:
    data = values(200)
    times, curves = outside_reader.read_curves(exported(CurvesCsv(), tmp_path / "a.curves.csv", data, FPS[2]))
    assert np.abs(times - np.arange(200) / float(FPS[2])).max() < 1e-6
    assert np.abs(curves["jawopen"] - data[:, NAMES.index("jawOpen")]).max() < 1e-6


def test_a_rigs_names_cannot_run_in_a_spreadsheet_nor_shift_a_column(tmp_path: Path) -> None:
    names = ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx", 'a,"b', "two\nlines", "größe")
    path = exported(CurvesCsv(), tmp_path / "a.curves.csv", values(3)[:, :len(names)], names=names)
    header = tuple(rows_of(path)[0])
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in header)
    assert tuple(cell.removeprefix("'") for cell in header[1:]) == names


# --- Audio2Face JSON

@pytest.mark.parametrize("fps", FPS)
def test_audio2face_reads_back(tmp_path: Path, fps: Fraction) -> None:
    data = values(150)
    audio = Path('a "quoted" größe\\line.wav')
    text = exported(Audio2FaceJson(), tmp_path / "a.json", data, fps, audio=audio).read_text("ascii")
    got = json.loads(text)
    assert list(got) == ["exportFps", "trackPath", "numPoses", "numFrames", "facsNames", "weightMat"]
    assert got["exportFps"] == float(fps)
    assert got["trackPath"] == str(audio)
    assert (got["numPoses"], got["numFrames"]) == (52, 150)
    assert tuple(got["facsNames"]) == SHAPE_NAMES
    assert np.abs(np.array(got["weightMat"]) - data[:, :52]).max() < 1e-6


def test_audio2face_is_arkits_shapes(tmp_path: Path) -> None:
    for rig in ("arkit", "livelink", None):
        write_curves(tmp_path / f"{rig}.json", [clip(values(20), FPS[3])], ExportSettings(rig=rig),
                     Origin(fps=FPS[3], sample_rate=48_000))
    assert len({(tmp_path / f"{rig}.json").read_bytes() for rig in ("arkit", "livelink", None)}) == 1


def test_endings_are_shown_as_people_write_them() -> None:
    assert spelled(exporter_named("textgrid")) == (".TextGrid",)
    for exporter in formats().exporters:
        assert tuple(map(str.lower, spelled(exporter))) == exporter.endings


def test_audio2face_without_frames_is_still_json(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    assert Audio2FaceJson().write(path, iter(()), ExportInfo(fps=FPS[0], sample_rate=16000)) == 0
    got = json.loads(path.read_text())
    assert (got["numFrames"], got["weightMat"], got["trackPath"]) == (0, [], "")


# --- all of them

@pytest.mark.parametrize("exporter", EXPORTERS)
def test_pieces_write_what_one_clip_writes(tmp_path: Path, exporter: type[Exporter]) -> None:
    data, info = values(100), ExportInfo(fps=FPS[4], sample_rate=48000)
    exporter().write(tmp_path / "one", [clip(data, FPS[4])], info)
    exporter().write(tmp_path / "many", pieces(data, FPS[4]), info)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "many").read_bytes()


@pytest.mark.parametrize("exporter", EXPORTERS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nothing_but_numbers_is_written(tmp_path: Path, exporter: type[Exporter], value: float) -> None:
    data = values(20)
    data[9, 17] = value
    with pytest.raises(OutputError, match="jawOpen of frame 9"):
        exported(exporter(), tmp_path / "a", data)


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_a_missing_frame_is_never_skipped_over(tmp_path: Path, exporter: type[Exporter]) -> None:
    data, info = values(20), ExportInfo(fps=FPS[3], sample_rate=48000)
    with pytest.raises(OutputError, match="frame 7 is missing"):
        exporter().write(tmp_path / "a", [clip(data[:7]), clip(data[8:], start=8)], info)


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_small_and_negative_zeros_are_plain_decimals(tmp_path: Path, exporter: type[Exporter]) -> None:
    data = values(5)
    data[1:4] = np.array([[-0.0], [1e-30], [-1e-9]])
    text = exported(exporter(), tmp_path / "a", data).read_text().partition("\n")[2]
    assert "e-" not in text.split("[[")[-1]
    assert "-0.0000000" not in text


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_memory_does_not_grow_with_the_clip(tmp_path: Path, exporter: type[Exporter]) -> None:
    piece = values(60)

    def peak_bytes(n_pieces: int) -> int:
        tracemalloc.start()
        exporter().write(tmp_path / "a", (clip(piece, FPS[4], 60 * i) for i in range(n_pieces)),
                         ExportInfo(fps=FPS[4], sample_rate=48000))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert peak_bytes(60) < 1.1 * peak_bytes(6) + 20_000


# --- which exporter

def installed() -> Formats:
    found = formats()
    if not found.exporters:
        pytest.skip("facerig is not installed here: entry points are not to be found")
    return found


@pytest.mark.parametrize(("name", "exporter"), [
    ("line.csv", "livelink-csv"), ("line.curves.csv", "curves-csv"), ("LINE.CURVES.CSV", "curves-csv"),
    ("a.b.json", "audio2face-json"), ("curves.csv", "livelink-csv"),
])
def test_the_longest_ending_wins(name: str, exporter: str) -> None:
    installed()
    assert exporter_for(Path("some.csv") / name).name == exporter


@pytest.mark.parametrize("name", ["line.xyz", "line", ".csv", "line.csv.bak", ""])
def test_an_unknown_ending_lists_the_known_ones(name: str) -> None:
    installed()
    with pytest.raises(OutputError, match=r"\.csv, \.curves\.csv, .*\.json"):
        exporter_for(Path(name))


def test_an_exporter_by_name() -> None:
    installed()
    assert exporter_named("curves-csv").endings == (".curves.csv",)
    with pytest.raises(OutputError, match=r"audio2face-json, .*curves-csv"):
        exporter_named("avi")


def test_every_exporter_of_ours_is_installed() -> None:
    assert {e.name for e in installed().exporters} >= {e.name for e in EXPORTERS}
    assert not formats().problems


class Fbx:
    """A third party's exporter."""

    name, endings, summary = "fbx", (".fbx",), "for the test"

    def write(self, path: Path, clips: object, info: ExportInfo) -> int:
        return 0


class Greedy(Fbx):
    name, endings = "greedy", (".csv",)


class Shouting(Fbx):
    name, endings = "shouting", (".ABC",)


NOT_A_CLASS = object()


def test_a_broken_third_party_harms_no_other() -> None:
    ours = EntryPoint("livelink-csv", "facerig_exporters.livelink_csv:LiveLinkCsv", "facerig.exporters")
    theirs = [EntryPoint(f"a-{name}", f"{__name__}:{name}", "facerig.exporters")
              for name in ("Fbx", "Greedy", "Shouting", "NOT_A_CLASS", "Missing")]
    missing = EntryPoint("gone", "no_such_module:Exporter", "facerig.exporters")
    found = load_formats([*theirs, missing, ours])
    assert [e.name for e in found.exporters] == ["livelink-csv", "fbx"]
    assert found.by_ending[".csv"] is LiveLinkCsv
    text = "\n".join(found.problems)
    for says in ("the ending .csv, which 'livelink-csv' has", "lower-case", "not a class", "'Missing'"):
        assert says in text
    with pytest.raises(OutputError, match="no_such_module"):
        found.exporter_for(Path("line.xyz"))
