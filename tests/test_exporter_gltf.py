"""glTF files, judged by pygltflib; by Khronos' validator and three.js in the slow tier."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree

from facerig.core.channels import NAMES, SHAPE_NAMES
from facerig.core.curves import CurveClip
from facerig.core.mouth import mouth_geometry
from facerig.curve_files import read_named
from facerig.errors import OutputError
from facerig.mesh.head import Head, Part, shipped_head
from facerig.mesh.turns import ANGLES_OF, turn_angles
from facerig.sinks.exporter import CurveInfo, ExportInfo
from facerig_exporters.facts import beside
from facerig_exporters.gltf import Gltf
from tools.judges import Judged, JudgeMissing, gltf_blender, gltf_pygltflib, gltf_three, gltf_validator

HEAD = shipped_head()
_DRAWN = np.isin(HEAD.parts, (Part.SKIN, Part.EYE))[HEAD.triangles].all(1)
BARE = replace(HEAD, triangles=HEAD.triangles[_DRAWN], two_sided=HEAD.two_sided[_DRAWN])
RATES = tuple(map(Fraction, ("24", "25", "30000/1001", "30", "60")))
ANGLES = tuple(name for names in ANGLES_OF.values() for name in names)


def talking(n: int, fps: Fraction = Fraction(30), seed: int = 0) -> np.ndarray:
    """Canonical values [n, 61] that move like a face: slow waves, a blink, lips that meet."""
    rng = np.random.default_rng(seed)
    seconds = np.arange(n) / float(fps)
    phase, speed = rng.uniform(0, 6, 61), rng.uniform(0.5, 2.5, 61)
    values = 0.25 + 0.25 * np.sin(seconds[:, None] * speed * 2 * np.pi + phase)
    values[:, len(SHAPE_NAMES):] -= 0.25
    look = [k for k, name in enumerate(SHAPE_NAMES) if name.startswith("eyeLook")]
    values[:, look] = 0  # the gaze is told once, by the eyes' rotations
    values[:, NAMES.index("eyeBlinkLeft")] = np.clip(1 - 8 * np.abs(seconds - 0.4), 0, 1)
    return values.astype(np.float32)


def pieces(values: np.ndarray, fps: Fraction, names: tuple[str, ...] = SHAPE_NAMES) -> Iterator[CurveClip]:
    for start in range(0, len(values), 11):
        face = CurveClip(values[start:start + 11], fps, 48000, start)
        yield CurveClip(face.values[:, :len(names)], fps, 48000, start, names, face)


def written(path: Path, values: np.ndarray, fps: Fraction = Fraction(30), **more: object) -> Path:
    info = ExportInfo(fps=fps, sample_rate=48000, rig="arkit", names=SHAPE_NAMES, head=lambda: BARE)
    info = replace(info, **more)  # type: ignore[arg-type]
    assert Gltf().write(path, pieces(values, fps), info) == len(values)
    return path


def expected(values: np.ndarray) -> dict[str, np.ndarray]:
    """What a reader should find: shapes by name, and the angles of head and eyes."""
    out = {name: values[:, k] for k, name in enumerate(SHAPE_NAMES)}
    for joint, names in ANGLES_OF.items():
        out |= dict(zip(names, turn_angles(values, joint).T, strict=True))
    return out


def errors(judged: Judged, values: np.ndarray) -> dict[str, float]:
    wanted = expected(values)
    assert set(judged.names) == set(wanted)
    return {name: float(np.abs(judged.values[:, k] - wanted[name]).max())
            for k, name in enumerate(judged.names)}


@pytest.mark.parametrize("fps", RATES)
def test_every_frame_reads_back(tmp_path: Path, fps: Fraction) -> None:
    values = talking(40, fps)
    path = written(tmp_path / ("line.gltf" if fps == 25 else "line.glb"), values, fps, every_frame=True)
    judged = gltf_pygltflib.read(path)
    assert judged.fps == fps
    assert max(errors(judged, values).values()) < 1e-5
    assert judged.keys == 40 * (len(SHAPE_NAMES) + 3)


@pytest.mark.parametrize("fps", RATES[2::2])
def test_kept_keys_stand_on_frames_and_hold_the_lips(tmp_path: Path, fps: Fraction) -> None:
    values = talking(90, fps)
    path = written(tmp_path / "line.glb", values, fps)
    judged = gltf_pygltflib.read(path)
    assert judged.keys < 90 * (len(SHAPE_NAMES) + 3)
    for frames in gltf_pygltflib.key_frames(path).values():
        assert np.abs(frames - frames.round()).max() < 1e-3
        assert (frames[0], round(frames[-1])) == (0, 89)
    seen = values.copy()
    seen[:, :len(SHAPE_NAMES)] = judged.values[:, :len(SHAPE_NAMES)]
    gaps = mouth_geometry().gaps_mm(seen) - mouth_geometry().gaps_mm(values)
    assert np.abs(gaps).max() <= 0.3 + 1e-4
    worst = errors(judged, values)
    assert max(worst[name] for name in SHAPE_NAMES) < 0.05
    assert np.degrees(max(worst[name] for name in ANGLES)) < 1


def test_the_skinned_mesh_is_the_posed_head(tmp_path: Path) -> None:
    values = talking(8)
    path = written(tmp_path / "line.glb", values, every_frame=True, head=lambda: HEAD)
    document = gltf_pygltflib.opened(path)
    for frame in (0, 6):
        surfaces = gltf_pygltflib.posed_points(document, frame)
        assert sum(map(len, surfaces.values())) >= len(HEAD.rest)
        assert worst_point_mm(surfaces, HEAD, values[frame]) < 0.02


def worst_point_mm(surfaces: dict[str, np.ndarray], head: Head, values: np.ndarray) -> float:
    """How far the points of a file's surfaces are from those of the posed head that they stand for."""
    tree = cKDTree(head.posed(values))
    return float(max(tree.query(points * 1000)[0].max() for points in surfaces.values()))


def test_what_gltf_has_no_place_for_stands_in_extras(tmp_path: Path) -> None:
    sound = tmp_path / "sounds" / "line one.wav"
    path = written(tmp_path / "line.gltf", talking(5), Fraction(30000, 1001), start_frame=108000,
                   audio_path=sound)
    tree = json.loads(path.read_text("ascii"))
    assert tree["asset"]["generator"].startswith("facerig ")
    assert tree["animations"][0]["name"] == "line one"
    assert tree["animations"][0]["extras"] == {
        "frameRate": "30000/1001", "frames": 5, "startFrame": 108000, "timecode": "01:00:00:00",
        "rig": "arkit", "audio": "sounds/line one.wav"}
    assert tree["meshes"][0]["extras"]["targetNames"] == list(SHAPE_NAMES)
    assert beside(Path("/a/b.wav"), Path("/a/c/out.glb")) == "../b.wav"


def test_targets_are_sparse(tmp_path: Path) -> None:
    path = written(tmp_path / "line.gltf", talking(2), head=lambda: HEAD)
    tree = json.loads(path.read_text("ascii"))
    targets = [tree["accessors"][target["POSITION"]] for primitive in tree["meshes"][0]["primitives"]
               for target in primitive["targets"]]
    assert all("bufferView" not in target for target in targets)
    assert path.stat().st_size < 13e6


def test_a_rig_of_its_own_and_a_curve_in_percent(tmp_path: Path) -> None:
    names = ("AA \"quoted\" \u0101", "Jaw100")
    curves = {names[0]: CurveInfo(pose={"jawOpen": 0.7, "mouthFunnel": 0.2}),
              names[1]: CurveInfo(high=100, pose={"jawOpen": 0.01})}
    info = ExportInfo(fps=Fraction(30), sample_rate=48000, rig="hero", names=names, curves=curves,
                      every_frame=True, head=lambda: BARE)
    path = tmp_path / "line.gltf"
    clip = CurveClip(np.array([[0, 0], [0.5, 80]], np.float32), Fraction(30), 48000, 0, names)
    assert Gltf().write(path, [clip], info) == 2
    assert json.loads(path.read_text())["animations"][0]["extras"]["valueAtFullWeight"] == {"Jaw100": 100}
    judged = gltf_pygltflib.read(path)
    assert judged.names[:2] == names
    assert np.allclose(judged.values[1, :2], [0.5, 0.8])
    assert (judged.values[:, 2:] == 0).all()


def test_a_rig_without_poses_is_refused_before_anything_is_computed(tmp_path: Path) -> None:
    def never() -> Iterator[CurveClip]:
        raise AssertionError("asked for curves")
        yield

    info = ExportInfo(fps=Fraction(30), sample_rate=48000, rig="metahuman", names=("CTRL_a",),
                      curves={"CTRL_a": CurveInfo()})
    with pytest.raises(OutputError, match="can show 0 of the 1 curves of the rig 'metahuman'"):
        Gltf().write(tmp_path / "line.glb", never(), info)
    assert not (tmp_path / "line.glb").exists()


def test_no_frames_give_a_head_at_rest(tmp_path: Path) -> None:
    path = written(tmp_path / "line.gltf", talking(0))
    tree = json.loads(path.read_text("ascii"))
    assert "animations" not in tree
    assert len(tree["nodes"]) == 5


# --- other programs


def missing_is_skipped(path: Path) -> gltf_validator.Verdict:
    try:
        return gltf_validator.validate(path)
    except JudgeMissing as missing:
        pytest.skip(str(missing))


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["glb", "gltf"])
@pytest.mark.parametrize("n", [0, 1, 40])
def test_khronos_validator_has_nothing_to_say(tmp_path: Path, ending: str, n: int) -> None:
    verdict = missing_is_skipped(written(tmp_path / f"line.{ending}", talking(n), head=lambda: HEAD))
    assert (verdict.errors, verdict.warnings, verdict.messages) == (0, 0, ())


@pytest.mark.slow
@pytest.mark.parametrize("fps", RATES)
def test_three_js_shows_the_same(tmp_path: Path, fps: Fraction) -> None:
    values = talking(60, fps)
    path = written(tmp_path / "line.glb", values, fps, every_frame=True, head=lambda: HEAD)
    try:
        judged = gltf_three.read(path)
        posed = gltf_three.posed_points(path, (0, 13))
    except JudgeMissing as missing:
        pytest.skip(str(missing))
    assert max(errors(judged, values).values()) < 1e-4
    assert judged.keys == 60 * (len(SHAPE_NAMES) + 3)
    for frame, surfaces in zip((0, 13), posed, strict=True):
        assert worst_point_mm(surfaces, HEAD, values[frame]) < 0.02


@pytest.mark.slow
def test_blender_shows_the_same_and_gives_it_back(tmp_path: Path) -> None:
    fps = Fraction(30000, 1001)
    values = talking(40, fps)
    path, again = tmp_path / "line.glb", tmp_path / "again.glb"
    written(path, values, fps, every_frame=True, head=lambda: HEAD)
    try:
        judged = gltf_blender.read(path)
        posed = gltf_blender.posed_points(path, (0, 13))
    except JudgeMissing as missing:
        pytest.skip(str(missing))
    wanted = expected(values)
    assert set(judged.names) == set(SHAPE_NAMES)
    assert judged.keys == 40 * len(SHAPE_NAMES)
    assert max(np.abs(judged.values[:, k] - wanted[name]).max() for k, name in enumerate(judged.names)) < 1e-4
    for frame, points in zip((0, 13), posed, strict=True):
        assert worst_point_mm({"all": points}, HEAD, values[frame]) < 0.02
    values = talking(40)
    gltf_blender.exported_again(written(path, values, every_frame=True, head=lambda: HEAD), again)
    curves, wanted = read_named(again), expected(values)  # with bones that Blender turned along their length
    assert (curves.fps, len(curves)) == (30, 40)
    assert set(curves.names) == set(wanted)
    assert max(np.abs(curves.values[:, k] - wanted[name]).max() for k, name in enumerate(curves.names)) < 1e-5
