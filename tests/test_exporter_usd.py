"""OpenUSD files, judged by Pixar's own library: values, keys, skinning, validators."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from test_exporter_gltf import HEAD, RATES, errors, pieces, talking

from facerig.core.channels import SHAPE_NAMES
from facerig.core.curves import CurveClip
from facerig.core.mouth import mouth_geometry
from facerig.errors import ConfigError, OutputError
from facerig.sinks.exporter import CurveInfo, ExportInfo
from facerig_exporters.usd import Usd
from tools.judges import usd_core

pytest.importorskip("pxr", reason="needs usd-core")


def written(path: Path, values: np.ndarray, fps: Fraction = Fraction(30), **more: object) -> Path:
    info = ExportInfo(fps=fps, sample_rate=48000, rig="arkit", names=SHAPE_NAMES, head=lambda: HEAD)
    info = replace(info, **more)  # type: ignore[arg-type]
    assert Usd().write(path, pieces(values, fps), info) == len(values)
    return path


@pytest.mark.parametrize("fps", RATES)
def test_every_frame_reads_back(tmp_path: Path, fps: Fraction) -> None:
    values = talking(40, fps)
    judged = usd_core.read(written(tmp_path / "line.usdc", values, fps, every_frame=True))
    assert judged.fps == fps
    assert max(errors(judged, values).values()) < 1e-5
    assert judged.keys == 40 * (len(SHAPE_NAMES) + 3)


def test_kept_keys_stand_on_frames_and_hold_the_lips(tmp_path: Path) -> None:
    values = talking(90, Fraction(60))
    path = written(tmp_path / "line.usd", values, Fraction(60), start_frame=108000)
    for codes in usd_core.key_codes(path).values():
        assert all(code == int(code) for code in codes)
        assert (codes[0], codes[-1]) == (108000, 108089)
    judged = usd_core.read(path)
    assert judged.keys < 90 * (len(SHAPE_NAMES) + 3)
    seen = values.copy()
    seen[:, :len(SHAPE_NAMES)] = judged.values[:, :len(SHAPE_NAMES)]
    gaps = mouth_geometry().gaps_mm(seen) - mouth_geometry().gaps_mm(values)
    assert np.abs(gaps).max() <= 0.3 + 1e-4


def test_usd_skins_the_mesh_into_the_posed_head(tmp_path: Path) -> None:
    values = talking(8)
    path = written(tmp_path / "line.usdc", values, every_frame=True)
    for frame, points in zip((0, 6), usd_core.posed_points(path, [0, 6]), strict=True):
        assert np.abs(points * 1000 - HEAD.posed(values[frame])).max() < 0.02


@pytest.mark.parametrize("ending", ["usda", "usdc", "usd"])
@pytest.mark.parametrize("n", [0, 5])
def test_usds_validators_have_nothing_to_say(tmp_path: Path, ending: str, n: int,
                                             capfd: pytest.CaptureFixture[str]) -> None:
    sound = tmp_path / "line one.wav"
    sound.write_bytes(b"")
    path = written(tmp_path / f"line.{ending}", talking(n), audio_path=sound)
    assert usd_core.findings(path) == []
    assert capfd.readouterr() == ("", "")


def test_the_stage_tells_units_time_and_sound(tmp_path: Path) -> None:
    fps = Fraction(30000, 1001)
    path = written(tmp_path / "line.usda", talking(5), fps, start_frame=1800,
                   audio_path=tmp_path / "line one.wav")
    pxr, stage = usd_core.opened(path)
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode()) == (1800, 1804)
    assert stage.GetTimeCodesPerSecond() == stage.GetFramesPerSecond() == pytest.approx(29.97003)
    assert pxr.UsdGeom.GetStageUpAxis(stage) == "Y"
    assert pxr.UsdGeom.GetStageMetersPerUnit(stage) == 0.01
    told = stage.GetRootLayer().customLayerData["facerig"]
    assert (told["frameRate"], told["timecode"], told["rig"]) == ("30000/1001", "00:01:00:00", "arkit")
    sound = pxr.UsdMedia.SpatialAudio(stage.GetPrimAtPath("/Head/Sound"))
    assert sound.GetFilePathAttr().Get().path == "./line one.wav"
    assert sound.GetStartTimeAttr().Get() == 1800
    assert stage.GetDefaultPrim().GetPath() == "/Head"


def test_names_that_usd_cannot_call_a_prim_stay_names_of_curves(tmp_path: Path) -> None:
    names = ("Skin", "a b", "a_b", "1st.\u0101")
    curves = {name: CurveInfo(high=100 if name == "Skin" else 1, pose={"jawOpen": 0.01}) for name in names}
    clip = CurveClip(np.array([[0, 0, 0, 0], [50, 0.5, 0.2, 1]], np.float32), Fraction(30), 48000, 0, names)
    info = ExportInfo(fps=Fraction(30), sample_rate=48000, rig="hero", names=names, curves=curves,
                      head=lambda: HEAD)
    path = tmp_path / "line.usda"
    assert Usd().write(path, [clip], info) == 2
    judged = usd_core.read(path)
    assert judged.names[:4] == names
    assert np.allclose(judged.values[1, :4], [0.5, 0.5, 0.2, 1])
    assert usd_core.findings(path) == []


def never() -> Iterator[CurveClip]:
    raise AssertionError("asked for curves")
    yield


def test_what_cannot_be_written_is_told_before_anything_is_computed(tmp_path: Path,
                                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    info = ExportInfo(fps=Fraction(30), sample_rate=48000, rig="metahuman", names=("CTRL_a",),
                      curves={"CTRL_a": CurveInfo()})
    with pytest.raises(OutputError, match="can show 0 of the 1 curves"):
        Usd().write(tmp_path / "line.usd", never(), info)
    monkeypatch.setitem(sys.modules, "pxr", None)
    with pytest.raises(ConfigError, match="OpenUSD is not installed") as error:
        Usd().write(tmp_path / "line.usd", never(), info)
    assert error.value.fix == 'pip install "facerig[usd]"'


def test_a_place_where_no_file_can_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    with pytest.raises(OutputError, match="USD could not write it"):
        written(tmp_path / "a file" / "line.usdc", talking(1))
