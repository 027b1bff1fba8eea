"""Reading curve files back: what exporters and recordings write, and clear errors for the rest."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facerig.core.channels import CHANNELS, INDEX, N_CHANNELS, NAMES, SHAPE_NAMES
from facerig.core.curves import CurveClip
from facerig.curve_files import read_curves, read_named
from facerig.errors import ConfigError, FacerigError
from facerig.exporting import parse_timecode
from facerig.sinks.exporter import ExportInfo
from facerig_exporters.audio2face_json import Audio2FaceJson
from facerig_exporters.curves_csv import CurvesCsv
from facerig_exporters.livelink_csv import LiveLinkCsv

RATES = [Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(60), Fraction(60000, 1001),
         Fraction(120), Fraction(25, 2)]


def clip(fps: Fraction, frames: int = 200) -> CurveClip:
    rng = np.random.default_rng(1)
    return CurveClip(rng.random((frames, N_CHANNELS)).astype(np.float32), fps, 16_000)


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("exporter", [CurvesCsv, LiveLinkCsv, Audio2FaceJson])
def test_what_exporters_write_comes_back(tmp_path: Path, exporter: type, fps: Fraction):
    whole = clip(fps)
    path = tmp_path / f"a{exporter.endings[0]}"
    exporter().write(path, [whole], ExportInfo(fps=fps, sample_rate=16_000))
    back = read_curves(path)
    counted = Fraction(round(fps)) if fps.denominator == 1001 else fps  # a timecode cannot tell 29.97 from 30
    assert back.fps == (counted if exporter is LiveLinkCsv else fps)
    assert (len(back), back.start) == (len(whole), 0)
    columns = len(SHAPE_NAMES) if exporter is Audio2FaceJson else N_CHANNELS
    np.testing.assert_allclose(back.values[:, :columns], whole.values[:, :columns], atol=1e-6)
    assert not back.values[:, columns:].any()


@pytest.mark.parametrize("exporter", [CurvesCsv, LiveLinkCsv])
def test_a_short_clip_at_60_fps_is_told_right(tmp_path: Path, exporter: type):
    path = tmp_path / f"a{exporter.endings[0]}"
    exporter().write(path, [clip(Fraction(60), 12)], ExportInfo(fps=Fraction(60), sample_rate=16_000))
    assert read_curves(path).fps == 60


def test_names_in_any_case_missing_columns_and_a_byte_order_mark(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbfTime,JAWOPEN,mood\r\n0.0,0.5,happy\r\n0.04,0.25,sad\r\n0.08,,sad\r\n")
    back = read_curves(path)
    assert back.fps == 25
    np.testing.assert_allclose(back["jawOpen"], [0.5, 0.25, 0])
    assert not np.delete(back.values, INDEX["jawOpen"], 1).any()


def test_semicolons_with_decimal_commas(tmp_path: Path):
    back = read_curves(written(tmp_path / "a.csv", "time;jawOpen;mouthClose\n0,0;0,5;0,125\n0,1;0,25;1\n"))
    assert back.fps == 10
    np.testing.assert_allclose(back["jawOpen"], [0.5, 0.25])
    np.testing.assert_allclose(back["mouthClose"], [0.125, 1])


def test_utf_16_as_spreadsheets_write_it(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_bytes("time\tjawOpen\n0\t0.5\n0.5\t1\n".encode("utf-16"))
    assert read_curves(path).fps == 2


def test_a_recording_at_an_odd_hour_with_lost_frames(tmp_path: Path):
    """As the app records: time of day, thousandths that drift, frames left out, rows without a face."""
    frames = [(30, 429), (31, 429), (32, 431), (35, 434)] + [(k, 436) for k in range(36, 60)]
    rows = [f"19:17:23:{f:02d}.{t},61," + ",".join([f"{f / 100}"] * 61) for f, t in frames]
    rows += ["19:17:24:00.440,0", "19:17:24:01.441,61," + ",".join(["0.5"] * 61)]
    head = "Timecode,BlendshapeCount," + ",".join(c.livelink_name for c in CHANNELS)
    back = read_curves(written(tmp_path / "a.csv", "\n".join([head, *rows]) + "\n"))
    assert back.fps == 60
    assert (len(back), back.start) == (32, 0)
    np.testing.assert_allclose(back["jawOpen"][:7], np.arange(30, 37) / 100, atol=1e-6)
    np.testing.assert_allclose(back["jawOpen"][-2:], [0, 0.5])


def test_a_piece_keeps_its_place(tmp_path: Path):
    back = read_curves(written(tmp_path / "a.csv", "time,jawOpen\n1.00,0\n1.04,1\n"))
    assert (back.start, back.fps) == (25, 25)


@pytest.mark.parametrize(("text", "told"), [
    ("", "no frames"), ("time,jawOpen\n", "no frames"),
    ("time,jawOpen\n0,1\n0.1,a\n", "row 3, column jawOpen: 'a'"),
    ("time,jawOpen\n0,0,5\n0,1,0,6\n", "row 2 has 3 fields, the header 2"),
    ("time,jawOpen\n0,nan\n1,1\n", "row 2, column jawOpen: 'nan'"),
    ("time,jawOpen\nx,1\n", "row 2, column time"),
    ("time,jawOpen\n0,1\n0.1,1\n0.05,1\n", "row 4: the time goes back"),
    ("time,mood\n0,1\n", "no column that is"),
    ("jawOpen\n1\n", "neither a Timecode nor a time"),
    ("time,jawOpen,mouthClose,cheekPuff\n0,1,1\n", "row 2 has 3 fields"),
    ("Timecode,jawOpen\n1:2,1\n", "row 2, column Timecode"), ("time,jawOpen\n0,1\n0.00001,1\n", "a second"),
    ("time,jawOpen\n0,1\n0.1,1\n0.2,1\n99,1\n", "jumps"), ("{", "not JSON"), ("{}", "$.exportFps"),
    ('{"exportFps": 30}', "$.facsNames"), ('{"exportFps": 30, "facsNames": ["jawOpen"]}', "$.weightMat"),
    ('{"exportFps": 30, "facsNames": ["jawOpen"], "weightMat": [[1], ["x"]]}', "$.weightMat[1][0]"),
    ('{"exportFps": 30, "facsNames": ["jawOpen"], "weightMat": [[1], [1, 2]]}', "$.weightMat[1]"),
    ('{"exportFps": 0, "facsNames": ["jawOpen"], "weightMat": [[1]]}', "$.exportFps"),
    ('{"exportFps": 30, "facsNames": ["smile"], "weightMat": [[1]]}', "ARKit")])
def test_errors_name_file_row_and_column(tmp_path: Path, text: str, told: str):
    path = written(tmp_path / "bad.csv", text)
    with pytest.raises(ConfigError) as error:
        read_curves(path)
    assert told in str(error.value)
    assert "bad.csv" in str(error.value)


def test_a_missing_or_binary_file(tmp_path: Path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_curves(tmp_path / "none.csv")
    (tmp_path / "b.csv").write_bytes(bytes(range(128, 256)))
    with pytest.raises(ConfigError, match="not text"):
        read_curves(tmp_path / "b.csv")


PIECES = st.sampled_from(["time", "timecode", "jawOpen", ",", ";", "\n", "0", "1.5", "-1", "1e400",
                          "00:00:01:02", "nan", '"',
                          "{", "}", "[", "]", ":", '"exportFps"', '"facsNames"', '"weightMat"', '"jawOpen"',
                          "\0", "é"])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=30).map(lambda p: "".join(p).encode()),
                 st.lists(st.lists(PIECES, min_size=2, max_size=2).map(",".join), max_size=6).map(
                     lambda rows: "\n".join(["time,jawOpen", *rows]).encode())))
def test_any_bytes_give_curves_or_an_error(tmp_path: Path, data: bytes):
    path = tmp_path / "any.csv"
    path.write_bytes(data)
    try:
        back = read_curves(path)
    except FacerigError:
        return
    assert back.values.shape == (len(back), N_CHANNELS)
    assert np.isfinite(back.values).all()


def test_json_with_deep_nesting(tmp_path: Path):
    with pytest.raises(ConfigError, match="not JSON"):
        read_curves(written(tmp_path / "a.json", "{" + '"a":{' * 100_000))


def test_json_in_another_case(tmp_path: Path):
    tree = {"exportFps": 29.97, "facsNames": ["JawOpen"], "weightMat": [[0.5], [0.75]]}
    back = read_curves(written(tmp_path / "a.json", json.dumps(tree)))
    assert back.fps == Fraction(30000, 1001)
    np.testing.assert_allclose(back["jawOpen"], [0.5, 0.75])


# --- under the file's own names


def test_a_recording_says_what_was_mended(tmp_path: Path):
    rows = [f"10:00:00:{k:02d}.000,61,{k / 100},," for k in (0, 1, 2, 5, 6, 7)] + ["10:00:00:08.000,0"]
    header = "Timecode,BlendshapeCount,JawOpen,Ear,"
    back = read_named(written(tmp_path / "a.csv", "\n".join([header, *rows])))
    assert back.names == ("JawOpen", "Ear")
    assert (back.fps, back.start, back.start_frame, len(back)) == (60, 0, 36_000 * 60, 9)
    np.testing.assert_allclose(back.values[:8, 0], np.arange(8) / 100)
    told = " / ".join(back.remarks)
    for says in ("1 rows without values", "6 empty cells", "2 of 9 frames were missing",
                 "BlendShapeCount says '61'"):
        assert says in told


LIVE = "Timecode,BlendshapeCount,JawOpen,MouthClose,Ear\n" \
       "10:00:00:00.000,3,0.5,0,1\n10:00:00:01.000,3,0.25,0,1\n"


@pytest.mark.parametrize("end", [
    "10:00:00:02.000,3,0.5,0", "10:00:00:02.000,3,0.5,0\n", "10:00:00:02.000,3,0.5,0,",
    "10:00:00:02.000,3,0.5,0,-", "10:00:00:02.000,3", "10:00:00:02.00", "10:0", "10:00:00:02.000,"])
def test_a_last_row_that_is_cut_off_is_left_out(tmp_path: Path, end: str):
    back = read_named(written(tmp_path / "a.csv", LIVE + end))
    assert back.remarks == ("its last row is cut off, and left out",)
    np.testing.assert_allclose(back.values, [[0.5, 0, 1], [0.25, 0, 1]])


@pytest.mark.parametrize("end", ["10:00:00:02.000,0", "10:00:00:02.000,0\n", "10:00:00:02.000,0,,,\n"])
def test_a_last_row_without_a_face_stays(tmp_path: Path, end: str):
    back = read_named(written(tmp_path / "a.csv", LIVE + end))
    assert not any("cut off" in remark for remark in back.remarks)
    np.testing.assert_allclose(back.values, [[0.5, 0, 1], [0.25, 0, 1], [0, 0, 0]])


def test_empty_cells_are_drawn_as_missing_frames_are(tmp_path: Path):
    text = ("Timecode,BlendshapeCount,JawOpen,MouthClose\n10:00:00:00,2,,1\n10:00:00:01,2,0.1,1\n"
            "10:00:00:02,2,,1\n10:00:00:05,2,0.5,1\n10:00:00:06,0,,\n10:00:00:07,2,,1\n")
    back = read_named(written(tmp_path / "a.csv", text))
    np.testing.assert_allclose(back.values[:, 0], [0.1, 0.1, 0.2, 0.3, 0.4, 0.5, 0, 0.5])
    np.testing.assert_allclose(back.values[:, 1], [1, 1, 1, 1, 1, 1, 0, 1])
    assert "3 empty cells are drawn from the frames around them" in back.remarks


def test_notes_and_nameless_columns_are_left_out(tmp_path: Path):
    back = read_named(written(tmp_path / "a.csv", "time,Jaw,,mood\n0,1,5,glad\n0.1,0.5,5,sad\n"))
    assert back.names == ("Jaw",)


def test_unreals_rows_of_keys(tmp_path: Path):
    text = ("curve_name,frame_number,value\njaw,10,0\njaw,14,1\n'=smile,12,0.5\nCTRL_x.y,10,0.25\n"
            "CTRL_x.y,15,0.75\n")
    back = read_named(written(tmp_path / "a.unreal.csv", text))
    assert back.names == ("jaw", "=smile", "CTRL_x.y")
    assert (back.fps_known, back.start_frame) == (False, 10)
    np.testing.assert_allclose(back.values[:, 0], [0, 0.25, 0.5, 0.75, 1, 1])
    np.testing.assert_allclose(back.values[:, 1], [0.5] * 6)
    np.testing.assert_allclose(back.values[:, 2], np.linspace(0.25, 0.75, 6))


def test_unreals_curve_table(tmp_path: Path):
    back = read_named(written(tmp_path / "a.csv", "---,0,0.04,0.08,0.16\njaw,0,1,1,0\nsmile,1,1,1,1\n"))
    assert (back.names, back.fps) == (("jaw", "smile"), 25)
    np.testing.assert_allclose(back.values[:, 0], [0, 1, 1, 0.5, 0])


def test_frames_without_a_rate(tmp_path: Path):
    path = written(tmp_path / "a.csv", "frame,jaw\n0,0\n1,0.5\n3,1\n")
    back = read_named(path)
    assert (back.fps, back.fps_known) == (60, False)
    np.testing.assert_allclose(back.values[:, 0], [0, 0.5, 0.75, 1])
    assert read_named(path, Fraction(24)).fps == 24
    assert read_named(path, Fraction(60)).fps_known


def test_audio2face_under_its_own_names(tmp_path: Path):
    tree = {"exportFps": 30, "facsNames": ["Pose1", "Pose 2"], "weightMat": [[0.5, 1], [0.75, 0]]}
    back = read_named(written(tmp_path / "a.json", json.dumps(tree)))
    assert (back.names, back.fps) == (("Pose1", "Pose 2"), 30)
    np.testing.assert_allclose(back.values, [[0.5, 1], [0.75, 0]])


def test_spellings_of_animators_tools(tmp_path: Path):
    text = "time,jaw_open,mouthSmile_L,head.browInnerUp\n0,1,0.5,0.25\n"
    back = read_curves(written(tmp_path / "a.csv", text))
    assert (back["jawOpen"], back["mouthSmileLeft"], back["browInnerUp"]) == (1, 0.5, 0.25)
    with pytest.raises(ConfigError, match="'jaw_open' and 'jawOpen' are both jawOpen"):
        read_curves(written(tmp_path / "b.csv", "time,jaw_open,jawOpen\n0,1,0.5\n"))


@pytest.mark.parametrize("start", ["00:00:00;00", "00:00:59;20", "00:59:59;28", "11:18:59;29", "23:59:59;10"])
@pytest.mark.parametrize("fps", [Fraction(30000, 1001), Fraction(60000, 1001)])
def test_drop_frame_timecodes_are_told_apart_and_exact(tmp_path: Path, start: str, fps: Fraction):
    first = parse_timecode(start, fps)
    LiveLinkCsv().write(tmp_path / "a.csv", [clip(fps)], ExportInfo(
        fps=fps, sample_rate=16_000, start_frame=first, drop_frame=True))
    back = read_named(tmp_path / "a.csv")
    assert (back.fps, back.fps_known, back.maybe_ntsc, back.remarks) == (fps, True, False, ())
    assert (back.start_frame, back.drop_frame, len(back)) == (first, True, 200)
    np.testing.assert_allclose(back.values, clip(fps).values, atol=1e-7)


@pytest.mark.parametrize(("fps", "start"), [(25, "23:59:58:20"), (60, "23:59:59:59"), (30, "23:59:57:00")])
def test_a_take_may_pass_midnight(tmp_path: Path, fps: int, start: str):
    first = parse_timecode(start, Fraction(fps))
    info = ExportInfo(fps=Fraction(fps), sample_rate=16_000, start_frame=first)
    LiveLinkCsv().write(tmp_path / "a.csv", [clip(Fraction(fps))], info)
    rows = (tmp_path / "a.csv").read_text().splitlines()
    assert rows[1].startswith("23:59:5")
    assert rows[-1].startswith("00:00:0")
    back = read_named(tmp_path / "a.csv")
    assert (back.fps, back.start_frame, len(back), back.remarks) == (fps, first, 200, ())


def test_rates_that_timecodes_write_alike_are_marked(tmp_path: Path):
    path = tmp_path / "a.csv"
    for rate, alike in ((24, True), (25, False), (30, True), (Fraction(30000, 1001), True), (60, True)):
        LiveLinkCsv().write(path, [clip(Fraction(rate))], ExportInfo(fps=Fraction(rate), sample_rate=16_000))
        back = read_named(path)
        assert (back.fps, back.fps_known, back.maybe_ntsc) == (round(rate), True, alike)
        assert not read_named(path, Fraction(rate)).maybe_ntsc


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("exporter", [CurvesCsv, LiveLinkCsv, Audio2FaceJson])
def test_names_and_values_of_any_exporter_come_back(tmp_path: Path, exporter: type, fps: Fraction):
    path = tmp_path / f"a{exporter.endings[0]}"
    exporter().write(path, [clip(fps, 50)], ExportInfo(fps=fps, sample_rate=16_000))
    back = read_named(path, fps)
    assert back.fps == fps
    assert back.remarks == ()
    assert [name.lower() for name in back.names] == [name.lower() for name in NAMES][: len(back.names)]
    np.testing.assert_allclose(back.values, clip(fps, 50).values[:, : len(back.names)], atol=1e-7)
