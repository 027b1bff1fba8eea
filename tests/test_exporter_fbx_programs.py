"""FBX files in other programs: Autodesk's FBX SDK (in FBX2glTF), three.js, Blender. Slow."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial import cKDTree

from facerig.core.channels import NAMES
from facerig.core.curves import CurveClip
from facerig.curve_files import read_named
from facerig.mesh.head import shipped_head
from tests.test_exporter_fbx import expected, face, info, lone, written
from tools.judges import Judged, JudgeMissing, fbx_blender, fbx_fbx2gltf, fbx_three

pytestmark = pytest.mark.slow

RATES = tuple(map(Fraction, ("24", "25", "30000/1001", "30", "60")))
N_FRAMES = 41
TOLERANCE = 5e-6  # values, and radians: float32 of percent and degrees, back through quaternions
POINT_TOLERANCE_MM = 0.05
POSED = (0, 5, 11)


def asked(judge: Callable[..., Any], *args: object) -> Any:
    """What a judge says; the test is skipped where it is not installed."""
    try:
        return judge(*args)
    except JudgeMissing as missing:
        pytest.skip(str(missing))


def errors(judged: Judged, clip: CurveClip) -> float:
    wanted = expected(clip)
    return max(float(np.abs(judged.values[:, i] - wanted[name]).max()) for i, name in enumerate(judged.names))


# --- Autodesk's SDK


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_the_sdk_plays_every_value(tmp_path: Path, fps: int) -> None:
    clip = written(tmp_path / "a.fbx", info(NAMES, fps=Fraction(fps)), face(N_FRAMES))
    judged = asked(fbx_fbx2gltf.read, tmp_path / "a.fbx")
    assert set(judged.names) == set(NAMES)
    assert len(judged.values) == N_FRAMES
    assert errors(judged, clip) < TOLERANCE


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30000, 1001), Fraction(25, 2)])
def test_the_sdk_draws_straight_lines_at_other_rates(tmp_path: Path, fps: Fraction) -> None:
    clip = written(tmp_path / "a.fbx", info(fps=fps), face(N_FRAMES))
    secs, names, values = asked(fbx_fbx2gltf.played, tmp_path / "a.fbx", 60)
    inside = secs <= (N_FRAMES - 1) / float(fps)
    wanted, times = expected(clip), np.arange(N_FRAMES) / float(fps)
    for column, name in enumerate(names):
        if name in clip.names:
            drawn = np.interp(secs[inside], times, wanted[name])
            assert np.abs(values[inside, column] - drawn).max() < 1e-4, name


def test_the_sdk_opens_curves_alone_and_a_sound(tmp_path: Path) -> None:
    written(tmp_path / "a.fbx", lone(("CTRL_jaw", "x"), audio_path=tmp_path / "a.wav"), face(9))
    with pytest.raises(ValueError, match="at least one array"):  # it opened; glTF has no place for attributes
        asked(fbx_fbx2gltf.played, tmp_path / "a.fbx", 30)


# --- three.js


@pytest.mark.parametrize("fps", RATES)
def test_three_plays_every_value(tmp_path: Path, fps: Fraction) -> None:
    clip = written(tmp_path / "a.fbx", info(NAMES, fps=fps), face(N_FRAMES))
    judged = asked(fbx_three.read, tmp_path / "a.fbx")
    assert set(judged.names) == set(NAMES)
    assert errors(judged, clip) < TOLERANCE
    keys = fbx_three.key_frames(tmp_path / "a.fbx", fps)
    assert np.abs(keys - np.round(keys)).max() < 1e-5


# --- Blender


@pytest.mark.parametrize("fps", RATES)
def test_blender_plays_every_value(tmp_path: Path, fps: Fraction) -> None:
    clip = written(tmp_path / "a.fbx", info(fps=fps, start_frame=100), face(N_FRAMES))
    judged = asked(fbx_blender.read, tmp_path / "a.fbx")
    assert set(judged.names) == set(clip.names)
    assert abs(judged.fps / fps - 1) < 1e-6
    assert errors(judged, clip) < TOLERANCE
    keys = fbx_blender.key_frames(tmp_path / "a.fbx")
    assert np.abs(keys - np.round(keys)).max() < 1e-3
    assert keys.min() == pytest.approx(100)


def test_curves_come_back_from_blender(tmp_path: Path) -> None:
    clip = written(tmp_path / "a.fbx", info(), face(N_FRAMES))
    asked(fbx_blender.exported_again, tmp_path / "a.fbx", tmp_path / "b.fbx")
    back, wanted = read_named(tmp_path / "b.fbx"), expected(clip)
    assert set(back.names) == set(wanted)
    assert (back.fps, len(back), back.remarks) == (30, N_FRAMES, ())
    for column, name in enumerate(back.names):
        assert np.abs(back.values[:, column] - wanted[name]).max() < TOLERANCE, name


# --- the shipped head, posed


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    """A file of the shipped head, and the values in it."""
    path, values = tmp_path_factory.mktemp("head") / "a.fbx", face(12)
    values[:, :52] *= 0.5
    written(path, info(head=shipped_head), values)
    return path, values


def test_blender_bends_the_shipped_head(shipped: tuple[Path, np.ndarray]) -> None:
    path, values = shipped
    for frame, points in asked(fbx_blender.posed_points, path, POSED).items():
        away = np.abs(points * 10 - shipped_head().posed(values[frame]))
        assert away.max() < POINT_TOLERANCE_MM


def test_three_bends_the_shipped_head(shipped: tuple[Path, np.ndarray]) -> None:
    path, values = shipped
    for frame, points in asked(fbx_three.posed_points, path, Fraction(30), POSED).items():
        away, _ = cKDTree(shipped_head().posed(values[frame])).query(points * 10)
        assert away.max() < POINT_TOLERANCE_MM
