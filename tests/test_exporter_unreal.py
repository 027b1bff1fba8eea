"""Curve keys and CurveTables for Unreal, by the rules of its importers. (Unreal itself did not open them.)"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from facerig.core.channels import INDEX, NAMES, SHAPE_NAMES
from facerig.core.curves import CurveClip
from facerig.core.mouth import mouth_geometry
from facerig.errors import OutputError
from facerig.exporting import ExportSettings, Origin, info_for, retargeted
from facerig.rig import load_rig
from facerig.sinks.exporter import CurveInfo, Exporter, ExportInfo
from facerig_exporters.unreal_csv import UnrealCsv
from facerig_exporters.unreal_curvetable import UnrealCurveTable
from tools.judges import Judged, unreal_csv, unreal_curvetable

RATES = tuple(map(Fraction, ("24", "25", "30000/1001", "30", "60")))
BOTH = (UnrealCsv, UnrealCurveTable)
RIG = load_rig("livelink")


def face(n: int = 60, speed: float = 1.0) -> np.ndarray:
    """A smooth face with all curves moving and lips that meet."""
    rng = np.random.default_rng(5)
    speeds, phases = (rng.random(len(NAMES)) * 0.3 + 0.05) * speed, rng.random(len(NAMES)) * 6
    values = np.sin(np.arange(n)[:, None] * speeds + phases)
    values[:, :len(SHAPE_NAMES)] = values[:, :len(SHAPE_NAMES)] * 0.5 + 0.5
    values[20:30, INDEX["mouthClose"]] = values[20:30, INDEX["jawOpen"]]
    return values.astype(np.float32)


def pieces(values: np.ndarray, fps: Fraction) -> Iterator[CurveClip]:
    for start in range(0, len(values), 13):
        yield CurveClip(values[start:start + 13], fps, 48000, start)


def info_of(fps: Fraction, **settings: bool | str) -> ExportInfo:
    asked = ExportSettings(**settings)  # type: ignore[arg-type]
    return info_for(RIG, asked, Origin(fps=fps, sample_rate=48000))


def judged(exporter: type[Exporter], path: Path, values: np.ndarray, info: ExportInfo) -> Judged:
    assert exporter().write(path, retargeted(pieces(values, info.fps), RIG), info) == len(values)
    judge = unreal_csv if exporter is UnrealCsv else unreal_curvetable
    return judge.read(path, info.fps)


@pytest.mark.parametrize("exporter", BOTH)
@pytest.mark.parametrize("fps", RATES)
def test_every_frame_reads_back(tmp_path: Path, exporter: type[Exporter], fps: Fraction) -> None:
    values = face()
    seen = judged(exporter, tmp_path / "a.csv", values, info_of(fps, every_frame=True))
    assert seen.names == NAMES
    assert seen.values.shape == values.shape
    assert np.abs(seen.values - values).max() < 1e-5
    assert seen.keys == values.size
    assert not seen.remarks


@pytest.mark.parametrize("exporter", BOTH)
def test_thinned_keys_stay_within_the_tolerance(tmp_path: Path, exporter: type[Exporter]) -> None:
    values = face(200, 0.1)
    seen = judged(exporter, tmp_path / "a.csv", values, info_of(RATES[4]))
    gaps = mouth_geometry().gaps_mm
    assert np.abs(gaps(seen.values) - gaps(values)).max() <= 0.3 + 1e-4
    assert seen.keys < values.size


@pytest.mark.parametrize("fps", RATES)
def test_keys_stand_on_their_frames_from_zero_whatever_the_timecode(tmp_path: Path, fps: Fraction) -> None:
    info = info_of(fps, every_frame=True, timecode="01:00:00:00")
    judged(UnrealCsv, tmp_path / "a.csv", face(), info)
    assert [frame for frame, _ in unreal_csv.keys(tmp_path / "a.csv")["jawOpen"]] == list(range(60))
    judged(UnrealCurveTable, tmp_path / "b.csv", face(), info)
    with (tmp_path / "b.csv").open(newline="") as file:
        first = next(csv.reader(file))
    assert first[0] == "Name"
    assert all(abs(Fraction(text) - k / fps) <= Fraction(1, 2 * 10**9) for k, text in enumerate(first[1:]))
    assert len(set(np.array(first[1:], np.float32).tolist())) == 60


def test_a_curve_is_written_under_the_rigs_name_and_in_its_range(tmp_path: Path) -> None:
    clip = CurveClip(np.array([[0.0, 5.0], [40.0, -5.0]], np.float32), RATES[3], 48000, 0, ("Jaw", "Brow L"))
    info = ExportInfo(fps=RATES[3], sample_rate=48000, names=clip.names, curves={
        "Jaw": CurveInfo(high=100), "Brow L": CurveInfo(low=-10, high=10)})
    for exporter in BOTH:
        exporter().write(tmp_path / exporter.name, iter([clip]), info)
    assert (tmp_path / "unreal-csv").read_text() == (
        "curve_name,frame_number,value\nJaw,0,0.0000000\nJaw,1,40.0000000\n"
        "Brow L,0,5.0000000\nBrow L,1,-5.0000000\n")
    assert (tmp_path / "unreal-curvetable").read_text() == (
        "Name,0.000000000,0.033333333\nJaw,0.0000000,40.0000000\nBrow L,5.0000000,-5.0000000\n")


@pytest.mark.parametrize("names", [("Smile L", "SmileL"), ("a", "A"), ("None",), ("' '",)])
def test_names_that_a_curve_table_mixes_up_are_refused_at_once(tmp_path: Path, names: tuple[str, ...]
                                                               ) -> None:
    def untouched() -> Iterator[CurveClip]:
        raise AssertionError("a piece was taken")
        yield

    info = ExportInfo(fps=RATES[3], sample_rate=48000, names=names, curves={n: CurveInfo() for n in names})
    with pytest.raises(OutputError, match="rename"):
        UnrealCurveTable().write(tmp_path / "a.csv", untouched(), info)


@pytest.mark.parametrize("exporter", BOTH)
def test_names_cannot_run_in_a_spreadsheet(tmp_path: Path, exporter: type[Exporter]) -> None:
    names = ("=cmd|'/C calc'!A0", "+1", "-1", "@SUM(A1)", 'a,"b', "größe")
    clip = CurveClip(face(3)[:, :len(names)], RATES[3], 48000, 0, names)
    info = ExportInfo(fps=RATES[3], sample_rate=48000, names=names, curves={n: CurveInfo() for n in names})
    exporter().write(tmp_path / "a.csv", iter([clip]), info)
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        cells = [row[0] for row in csv.reader(file, strict=True)][1:]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    assert list(dict.fromkeys(cell.removeprefix("'") for cell in cells)) == list(names)


@pytest.mark.parametrize("exporter", BOTH)
def test_nothing_a_hole_and_a_nan(tmp_path: Path, exporter: type[Exporter]) -> None:
    info, values = info_of(RATES[3]), face(20)
    assert exporter().write(tmp_path / "a.csv", iter(()), info) == 0
    clips = [CurveClip(values[:7], RATES[3], 48000), CurveClip(values[8:], RATES[3], 48000, 8)]
    with pytest.raises(OutputError, match="frame 7 is missing"):
        exporter().write(tmp_path / "a.csv", retargeted(clips, RIG), info)
    values[9, 17] = np.nan
    with pytest.raises(OutputError, match="jawOpen of frame 9"):
        exporter().write(tmp_path / "a.csv", retargeted(pieces(values, RATES[3]), RIG), info)
