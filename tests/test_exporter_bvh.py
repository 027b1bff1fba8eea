"""BVH of head and eyes, as two readers from PyPI see it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from facerig.core.channels import INDEX, N_CHANNELS, NAMES, SHAPE_NAMES
from facerig.core.curves import CurveClip
from facerig.errors import OutputError
from facerig.exporting import retargeted
from facerig.mesh.gaze import eye_angles, rotation
from facerig.mesh.head import shipped_head
from facerig.rig import load_rig
from facerig.sinks.exporter import ExportInfo
from facerig_exporters.bvh import Bvh

RATES = tuple(map(Fraction, ("24", "25", "30000/1001", "30", "60")))


def face(n: int = 40, seed: int = 2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = rng.random((n, N_CHANNELS), dtype=np.float32)
    values[:, len(SHAPE_NAMES):] = (values[:, len(SHAPE_NAMES):] - 0.5) * 1.6
    return values


def pieces(values: np.ndarray, fps: Fraction) -> Iterator[CurveClip]:
    for start in range(0, len(values), 9):
        yield CurveClip(values[start:start + 9], fps, 48000, start)


def written(path: Path, values: np.ndarray, fps: Fraction = RATES[3]) -> Path:
    info = ExportInfo(fps=fps, sample_rate=48000, head=shipped_head)
    assert Bvh().write(path, pieces(values, fps), info) == len(values)
    return path


def matrix(q: np.ndarray) -> np.ndarray:
    w, x, y, z = q
    return np.array([[1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
                     [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
                     [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)]])


@pytest.mark.parametrize("fps", RATES)
def test_bvhio_sees_the_turns_of_the_preview(tmp_path: Path, fps: Fraction) -> None:
    pytest.importorskip("bvhio", reason="needs bvhio: pip install bvhio")
    from tools.judges import bvh_bvhio
    values = face()
    path = written(tmp_path / "a.bvh", values, fps)
    seen, found = bvh_bvhio.read(path), bvh_bvhio.joints(path)[0]
    assert seen.fps == fps
    assert len(seen.values) == len(values)
    turns = {name: bvh_bvhio.quaternions(joint) for name, joint in found.items()}
    for frame in (0, 11, 39):
        row = values[frame]
        for name, angles in {"head": [float(row[INDEX[f"head{a}"]]) for a in ("Yaw", "Pitch", "Roll")],
                             "leftEye": eye_angles(row, "Left"), "rightEye": eye_angles(row, "Right"),
                             "root": (0.0, 0.0, 0.0)}.items():
            assert np.abs(matrix(turns[name][frame]) - rotation(*angles)).max() < 1e-6


@pytest.mark.parametrize("fps", RATES)
def test_bvh_of_pypi_reads_the_same_numbers(tmp_path: Path, fps: Fraction) -> None:
    bvh = pytest.importorskip("bvh", reason="needs bvh: pip install bvh")
    values = face()
    motion = bvh.Bvh(written(tmp_path / "a.bvh", values, fps).read_text("ascii"))
    assert motion.nframes == len(values)
    assert abs(Fraction(motion.frame_time) - 1 / fps) <= Fraction(1, 2 * 10**12)
    assert motion.get_joints_names() == ["root", "head", "leftEye", "rightEye"]
    for axis, name, sign in (("Y", "headYaw", -1), ("X", "headPitch", 1), ("Z", "headRoll", -1)):
        got = [motion.frame_joint_channel(k, "head", f"{axis}rotation") for k in range(len(values))]
        assert np.abs(np.array(got) - np.degrees(values[:, INDEX[name]]) * sign).max() < 1e-5


def test_joints_stand_where_the_heads_do(tmp_path: Path) -> None:
    bvh = pytest.importorskip("bvh", reason="needs bvh: pip install bvh")
    motion = bvh.Bvh(written(tmp_path / "a.bvh", face()).read_text("ascii"))
    head = shipped_head()
    assert np.abs(np.array(motion.joint_offset("head")) * 10 - head.pivot).max() < 1e-3
    for name, eye in zip(("leftEye", "rightEye"), head.eyes, strict=True):
        assert np.abs(np.array(motion.joint_offset(name)) * 10 - (eye.centre - head.pivot)).max() < 1e-3


def test_a_head_without_eyeballs_has_no_joints_for_them(tmp_path: Path) -> None:
    blind = replace(shipped_head(), eyes=())
    info = ExportInfo(fps=RATES[3], sample_rate=48000, head=lambda: blind)
    Bvh().write(tmp_path / "a.bvh", pieces(face(), RATES[3]), info)
    text = (tmp_path / "a.bvh").read_text("ascii")
    assert "Eye" not in text
    assert "End Site" in text
    assert len(text.splitlines()[-1].split()) == 9


def test_a_rig_without_rotations_turns_by_the_face_behind_it(tmp_path: Path) -> None:
    values, rig = face(), load_rig("arkit")
    info = ExportInfo(fps=RATES[3], sample_rate=48000, names=rig.names, head=shipped_head)
    Bvh().write(tmp_path / "b.bvh", retargeted(pieces(values, RATES[3]), rig), info)
    assert (tmp_path / "b.bvh").read_text() == written(tmp_path / "a.bvh", values).read_text()


def test_pieces_write_what_one_clip_writes(tmp_path: Path) -> None:
    info = ExportInfo(fps=RATES[3], sample_rate=48000, head=shipped_head)
    Bvh().write(tmp_path / "b.bvh", iter([CurveClip(face(), RATES[3], 48000)]), info)
    assert (tmp_path / "b.bvh").read_bytes() == written(tmp_path / "a.bvh", face()).read_bytes()


def test_nothing_a_hole_and_a_nan(tmp_path: Path) -> None:
    info, values = ExportInfo(fps=RATES[3], sample_rate=48000, head=shipped_head), face(20)
    assert Bvh().write(tmp_path / "a.bvh", iter(()), info) == 0
    assert "Frames:          0\n" in (tmp_path / "a.bvh").read_text()
    clips = [CurveClip(values[:7], RATES[3], 48000), CurveClip(values[8:], RATES[3], 48000, 8)]
    with pytest.raises(OutputError, match="frame 7 is missing"):
        Bvh().write(tmp_path / "a.bvh", clips, info)
    values[9, INDEX["headYaw"]] = np.nan
    with pytest.raises(OutputError, match="headYaw of frame 9"):
        Bvh().write(tmp_path / "a.bvh", pieces(values, RATES[3]), info)


def test_memory_does_not_grow_with_the_clip(tmp_path: Path) -> None:
    piece, head = face(60), shipped_head()
    info = ExportInfo(fps=RATES[4], sample_rate=48000, head=lambda: head)

    def peak_bytes(n_pieces: int) -> int:
        tracemalloc.start()
        Bvh().write(tmp_path / "a.bvh", (CurveClip(piece, RATES[4], 48000, 60 * i, NAMES)
                                         for i in range(n_pieces)), info)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert peak_bytes(60) < 1.1 * peak_bytes(6) + 20_000
