"""glTF files read back: facerig's own, those that other tools write, and broken ones."""

from __future__ import annotations

import json
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import gltf_files
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from facerig.core.channels import INDEX, NAMES, SHAPE_NAMES
from facerig.core.curves import CurveClip
from facerig.curve_files import NamedCurves, read_curves, read_named
from facerig.curve_files.gltf import read
from facerig.errors import ConfigError
from facerig.mesh.head import shipped_head
from facerig.mesh.turns import quaternions
from facerig.sinks.exporter import ExportInfo
from facerig_exporters.gltf import Gltf

HEAD = shipped_head()
Factory = pytest.TempPathFactory


class Scene:
    """The little head of `gltf_files`, with an animation that grows."""

    def __init__(self, **changes: Any) -> None:
        self.tree, self.data = gltf_files.document(**changes)
        self.tree["animations"] = [{"channels": [], "samplers": []}]

    def numbers(self, values: Any, kind: str = "SCALAR") -> int:
        """An accessor of floats."""
        array = np.asarray(values, "<f4")
        view = {"buffer": 0, "byteOffset": len(self.data), "byteLength": array.nbytes}
        self.tree["bufferViews"].append(view)
        self.data += array.tobytes()
        self.tree["buffers"] = [{"byteLength": len(self.data)}]
        self.tree["accessors"].append({"bufferView": len(self.tree["bufferViews"]) - 1, "componentType": 5126,
                                       "type": kind, "count": len(array) if kind == "VEC4" else array.size})
        return len(self.tree["accessors"]) - 1

    def track(self, times: Any, values: Any, *, node: int = 0, path: str = "weights", kind: str | None = None,
              animation: int = 0) -> Scene:
        """Add a channel."""
        chosen = self.tree["animations"][animation]
        sampler = {"input": self.numbers(times),
                   "output": self.numbers(values, "VEC4" if path == "rotation" else "SCALAR")}
        target = {"node": node, "path": path}
        chosen["channels"].append({"sampler": len(chosen["samplers"]), "target": target})
        chosen["samplers"].append(sampler | ({} if kind is None else {"interpolation": kind}))
        return self

    def read(self, folder: Path) -> NamedCurves:
        path = folder / "take.glb"
        path.write_bytes(gltf_files.glb(self.tree, self.data))
        return read(path)


@pytest.mark.parametrize("ending", ["glb", "gltf"])
def test_facerigs_own_files_come_back(tmp_path: Path, ending: str) -> None:
    rng = np.random.default_rng(1)
    values = (rng.random((30, 61)) * 0.5).astype(np.float32)
    values[:, [k for k, name in enumerate(NAMES) if name.startswith("eyeLook")]] = 0
    fps = Fraction(30000, 1001)
    face = CurveClip(values, fps, 48000)
    clip = CurveClip(values[:, :52], fps, 48000, 0, SHAPE_NAMES, face)
    path = tmp_path / f"line.{ending}"
    Gltf().write(path, [clip], ExportInfo(fps=fps, sample_rate=48000, names=SHAPE_NAMES, rig="arkit",
                                          head=lambda: HEAD, start_frame=1800, every_frame=True))
    curves = read_named(path)
    assert (curves.fps, curves.fps_known, curves.start, curves.start_frame) == (fps, True, 0, 1800)
    assert curves.remarks == ()
    assert set(curves.names) == set(NAMES)
    assert np.abs(read_curves(path).values - values).max() < 1e-5


def test_linear_and_step_keys(tmp_path: Path) -> None:
    linear = Scene().track([0, 0.5], [0, 1, 0.5, 0]).read(tmp_path)
    assert linear.names == ("JAWOPEN", "browinnerup")
    assert (linear.fps, linear.fps_known, len(linear)) == (24, False, 13)
    assert np.allclose(linear.values[6], [0.25, 0.5])
    steps = Scene().track([0, 0.5], [0, 1, 0.5, 0], kind="STEP").read(tmp_path)
    assert steps.values[11].tolist() == [0, 1]
    assert steps.values[12].tolist() == [0.5, 0]


def test_cubic_splines(tmp_path: Path) -> None:
    # In-tangents, values, out-tangents of each key: 0 is left at a slope of 1, 1 is reached at a slope of 0.
    curve = Scene().track([0, 1], [0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0], kind="CUBICSPLINE").read(tmp_path)
    share = np.arange(25) / 24
    hermite = (share**3 - 2 * share**2 + share) + (3 * share**2 - 2 * share**3)
    assert np.abs(curve.values[:, 0] - hermite).max() < 1e-6
    assert (curve.values[:, 1] == 0).all()


@pytest.mark.parametrize(("rate", "guessed"), [("24", "24"), ("30", "30"), ("30000/1001", "30000/1001"),
                                               ("60", "60"), ("90", "90"), ("12.5", "25")])
def test_the_rate_is_read_off_the_keys(tmp_path: Path, rate: str, guessed: str) -> None:
    frames = np.arange(40) / float(Fraction(rate))
    curves = Scene().track(frames, np.zeros(80)).read(tmp_path)
    assert (curves.fps, curves.remarks) == (Fraction(guessed), ())
    assert len(curves) == 39 * Fraction(guessed) / Fraction(rate) + 1


def test_keys_between_frames_are_told(tmp_path: Path) -> None:
    times = np.cumsum(np.random.default_rng(0).uniform(0.01, 0.1, 30))
    curves = Scene().track(times, np.zeros(60)).read(tmp_path)
    assert curves.fps == 60
    assert "between the frames" in curves.remarks[0]


def test_a_take_that_begins_later_keeps_its_place(tmp_path: Path) -> None:
    curves = Scene().track([2, 2.5], [0, 1, 0.5, 0]).read(tmp_path)
    assert (curves.start, len(curves)) == (48, 13)


def test_targets_without_names(tmp_path: Path) -> None:
    scene = Scene().track([0, 1], [0, 1, 1, 0])
    del scene.tree["meshes"][0]["extras"]
    assert scene.read(tmp_path).names == ("target_0", "target_1")
    scene.tree["accessors"][2]["name"], scene.tree["accessors"][3]["name"] = "jawOpen", "browInnerUp"
    assert scene.read(tmp_path).names == ("jawOpen", "browInnerUp")
    scene.tree["meshes"][0]["primitives"][0]["extras"] = {"targetNames": ["a", "b"]}
    assert scene.read(tmp_path).names == ("a", "b")


def two_meshes(second: list[float]) -> Scene:
    scene = Scene(nodes=[{"mesh": 0}, {"mesh": 0}], scenes=[{"nodes": [0, 1]}])
    return scene.track([0, 1], [0, 0, 0.5, 0]).track([0, 1], second, node=1)


def test_meshes_of_one_head_act_together(tmp_path: Path) -> None:
    together = two_meshes([0, 0, 0.5, 0.8]).read(tmp_path)
    assert together.names == ("JAWOPEN", "browinnerup")
    assert together.values[-1].tolist() == pytest.approx([0.5, 0.8])  # the brow moves on the second only
    assert together.remarks == ()
    apart = two_meshes([0, 0, 0.9, 0]).read(tmp_path)
    assert apart.values[-1, 0] == pytest.approx(0.5)
    assert "'JAWOPEN' and 0 others move differently on several meshes" in apart.remarks[0]


def test_a_second_animation_is_left_out_and_told(tmp_path: Path) -> None:
    scene = Scene().track([0, 1], [0, 0, 0.5, 0])
    scene.tree["animations"].append({"name": "other take", "channels": [], "samplers": []})
    scene.track([0, 2], [0, 0, 1, 0], animation=1)
    curves = scene.read(tmp_path)
    assert len(curves) == 25
    assert "'other take'" in curves.remarks[0]


@pytest.mark.parametrize("rest", [(0.0, 0.0, 0.0), (0.3, -1.2, 0.7)])
def test_joints_that_rest_at_any_angle_give_head_and_eyes(tmp_path: Path, rest: tuple[float, ...]) -> None:
    """Blender turns bones along their length; facerig's own rest unturned."""
    head_turn, eye_turn = (Rotation.from_quat(quaternions(np.array([a]))[0][[1, 2, 3, 0]])
                           for a in ([0.3, -0.2, 0.1], [-0.25, 0.1, 0]))
    resting = {name: Rotation.from_euler("xyz", np.multiply(rest, k))
               for k, name in enumerate(("root", "head", "eye"), 1)}
    # world = turn * rest; local = inverse of the parent's world * world
    head = resting["root"].inv() * head_turn * resting["root"] * resting["head"]
    above = head_turn * resting["root"] * resting["head"]
    eye = above.inv() * head_turn * eye_turn * head_turn.inv() * above * resting["eye"]
    still = {name: turn.as_quat().tolist() for name, turn in resting.items()}
    scene = Scene(nodes=[{"mesh": 0}, {"name": "Root", "rotation": still["root"], "children": [2]},
                         {"name": "Head", "rotation": still["head"], "children": [3]},
                         {"name": "LeftEye", "rotation": still["eye"]}], scenes=[{"nodes": [0, 1]}])
    scene.track([0, 1], np.zeros(4))
    scene.track([0, 1], [still["head"], head.as_quat()], node=2, path="rotation")
    scene.track([0, 1], [still["eye"], eye.as_quat()], node=3, path="rotation")
    curves = scene.read(tmp_path)
    last = dict(zip(curves.names, curves.values[-1], strict=True))
    turned = {joint: [last[f"{joint}{axis}"] for axis in ("Yaw", "Pitch", "Roll")]
              for joint in ("head", "leftEye")}
    assert turned["head"] == pytest.approx([0.3, -0.2, 0.1], abs=1e-5)
    assert turned["leftEye"] == pytest.approx([-0.25, 0.1, 0], abs=1e-5)
    assert np.abs(curves.values[0]).max() < 1e-6
    assert "rightEyeYaw" not in last
    assert set(last) - {"JAWOPEN", "browinnerup"} <= set(INDEX)


# place in the tree, what is put there, what the message says
BROKEN = (
    (("animations", 0, "samplers", 0, "interpolation"), "BEZIER", "'BEZIER' is not one of LINEAR, STEP"),
    (("animations", 0, "samplers", 0, "input"), 99, "is not a number from 0 to"),
    (("animations", 0, "samplers", 0, "output"), 4, "2 numbers for 2 keys of 2"),
    (("animations", 0, "channels", 0, "sampler"), 5, r"channels\[0\].sampler"),
    (("animations", 0, "channels", 0), "x", r"channels\[0\]: is not an object"),
    (("animations", 0, "channels"), [], "no animated morph targets"),
    (("animations", 0, "channels", 0, "target", "node"), 7, "target.node"),
    (("animations", 0, "samplers", 0), {}, "has no input"),
    (("animations",), {}, "dict instead of list"),
    (("nodes", 0, "mesh"), 3, "index into"),
)


@pytest.mark.parametrize(("place", "value", "message"), BROKEN)
def test_a_broken_animation_is_told_with_its_place(tmp_path: Path, place: tuple[Any, ...], value: Any,
                                                   message: str) -> None:
    scene = Scene().track([0, 1], [0, 0, 0.5, 0])
    holder: Any = scene.tree
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    with pytest.raises(ConfigError, match=message) as error:
        scene.read(tmp_path)
    assert "take.glb" in error.value.where
    assert error.value.fix


@pytest.mark.parametrize("times", [[0, 0], [1, 0.5], [-1, 1], [0, 1e30]])
def test_key_times_that_do_not_rise_are_refused(tmp_path: Path, times: list[float]) -> None:
    with pytest.raises(ConfigError, match="key times do not rise"):
        Scene().track(times, [0, 0, 0.5, 0]).read(tmp_path)


def test_not_a_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="NaN or infinite"):
        Scene().track([0, 1], [0, 0, np.nan, 0]).read(tmp_path)


GOOD = gltf_files.glb(*(lambda s: (s.tree, s.data))(
    Scene().track([0, 1], [0, 0, 0.5, 0]).track([0, 1], [[0, 0, 0, 1], [0, 0, 0, 0]], path="rotation")))


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_bytes_give_curves_or_an_error(data: st.DataObject, tmp_path_factory: Factory) -> None:
    raw = bytearray(GOOD)
    for _ in range(data.draw(st.integers(0, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    raw = raw[:data.draw(st.integers(0, len(raw)))] if data.draw(st.booleans()) else raw
    path = tmp_path_factory.getbasetemp() / "fuzzed.glb"
    path.write_bytes(raw)
    with suppress(ConfigError):
        assert np.isfinite(read(path).values).all()


def _changed(value: Any, draw: Any) -> Any:
    """The JSON tree with one leaf or branch swapped for something else."""
    odd = st.sampled_from([None, -1, 10**30, 1.5, "x", [], {}, [0], True, 2**31])
    if isinstance(value, dict) and value and draw(st.integers(0, 5)):
        key = draw(st.sampled_from(sorted(value)))
        return value | {key: _changed(value[key], draw)}
    if isinstance(value, list) and value and draw(st.integers(0, 5)):
        k = draw(st.integers(0, len(value) - 1))
        return [*value[:k], _changed(value[k], draw), *value[k + 1:]]
    return draw(odd)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_tree_gives_curves_or_an_error(data: st.DataObject, tmp_path_factory: Factory) -> None:
    scene = Scene().track([0, 1], [0, 0, 0.5, 0]).track([0, 1], [[0, 0, 0, 1]] * 2, path="rotation")
    scene.tree["nodes"][0]["name"] = "head"
    tree = scene.tree
    for _ in range(2):
        tree = _changed(tree, data.draw)
    path = tmp_path_factory.getbasetemp() / "fuzzed.glb"
    path.write_bytes(gltf_files.glb(tree, scene.data))
    with suppress(ConfigError):
        assert np.isfinite(read(path).values).all()


def test_json_that_is_no_gltf_is_told(tmp_path: Path) -> None:
    path = tmp_path / "take.gltf"
    path.write_text(json.dumps({"facsNames": []}))
    with pytest.raises(ConfigError, match=r"\$.asset"):
        read_named(path)
