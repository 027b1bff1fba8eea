"""FBX files as other programs write them, and as nobody should."""

from __future__ import annotations

import functools
import struct
import tempfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.core.channels import INDEX, NAMES, SHAPE_NAMES
from facerig.core.curves import CurveClip
from facerig.curve_files import fbx, read_curves, read_named
from facerig.curve_files.fbx import read
from facerig.curve_files.fbx_bones import _angles
from facerig.errors import ConfigError
from facerig.exporting import ExportSettings, Origin, info_for
from facerig.mesh.gaze import rotation
from facerig.retargeting import read_take
from facerig.rig import Retarget, load_rig
from facerig.sinks.exporter import ExportInfo
from facerig_exporters import fbx_binary
from facerig_exporters.fbx import Fbx
from facerig_exporters.fbx_binary import Node, Row, properties, write_fbx
from facerig_exporters.fbx_document import ROOT, Clock, Document, Id
from facerig_exporters.fbx_keys import Animation
from tests.tiny_heads import tiny_head
from tools.judges import fbx_ufbx

STEP, LINEAR, CUBIC = 0x2, 0x4, 0x8
NEXT, AUTO, USER, BREAK, CLAMP, BY_TIME, CAREFUL = 0x100, 0x100, 0x400, 0x800, 0x1000, 0x2000, 0x4000
FPS = Fraction(30)
THIRDS = 0x0D050D05


class Made:
    """An FBX file in the making: attributes of a bone, keyed as a test likes."""

    def __init__(self, n_frames: int = 31, fps: Fraction = FPS, layers: int = 1) -> None:
        self.document = Document(Clock(fps, 0, n_frames))
        self.animation = Animation(self.document)
        self.layers = [self.animation.layer]
        self.layers += [self.layer() for _ in range(layers - 1)]
        self.rows: list[Row] = []
        self.bone = np.int64(77)

    def layer(self, *rows: Row) -> Id:
        layer = self.document.add("AnimationLayer", "more", "", [properties(*rows)])
        self.document.connect(layer, self.animation.stack)
        return layer

    def curve(self, name: str, frames: list[int], values: list[float], flags: list[int],
              slopes: list[tuple[float, float]] | None = None, weights: int = THIRDS, layer: int = 0,
              target: Id | None = None, to: str | None = None) -> None:
        data = np.zeros((len(frames), 4), np.float32)
        data[:, :2] = slopes or 0
        data.view(np.uint32)[:, 2] = weights
        made = self.document.add("AnimationCurve", "", "", [
            Node("Default", (0.0,)), Node("KeyVer", (4008,)),
            Node("KeyTime", (self.document.clock.ticks(np.array(frames)),)),
            Node("KeyValueFloat", (np.array(values, np.float32),)),
            Node("KeyAttrFlags", (np.array(flags, np.int32),)),
            Node("KeyAttrDataFloat", (data.ravel(),)),
            Node("KeyAttrRefCount", (np.ones(len(frames), np.int32),))])
        to = to or name
        node = self.document.add("AnimationCurveNode", name, "",
                                 [properties((f"d|{to}", "Number", "", "A", 0.0))])
        self.document.connect(made, node, f"d|{to}")
        self.document.connect(node, self.layers[layer])
        self.document.connect(node, self.bone if target is None else target, to)
        if target is None and layer == 0:
            self.rows.append((name, "Number", "", "A+U", 0.0))

    def write(self, path: Path, **changed: Row) -> Path:
        """`changed`: rows of the global settings."""
        blocks = {node.name: node.children or [] for node in self.document.nodes()}
        bone = (self.bone, "root\0\1Model", "LimbNode")
        blocks["Objects"].append(Node("Model", bone, [properties(*self.rows)]))
        blocks["Connections"].append(Node("C", ("OO", self.bone, ROOT)))
        rows = blocks["GlobalSettings"][1].children or []
        rows[:] = [Node("P", changed.get(str(row.values[0]), row.values)) for row in rows]
        write_fbx(path, [Node(name, (), children) for name, children in blocks.items() if children])
        return path


# --- interpolation, judged by ufbx

KEYS = [0, 4, 9, 17, 30]
LEVELS = [0.0, 0.8, 0.8, -0.3, 0.5]
SLOPES = [(3.0, -2.0), (-4.0, 1.0), (0.5, 0.0), (2.0, 2.0), (0.0, 0.0)]
KINDS = {
    "steps": [STEP] * 5,
    "steps to the next": [STEP | NEXT] * 5,
    "lines": [LINEAR] * 5,
    "own slopes": [CUBIC | USER] * 5,
    "broken slopes": [CUBIC | USER | BREAK] * 5,
    "mixed": [CUBIC | USER, STEP, LINEAR, CUBIC | USER, LINEAR],
}


@pytest.mark.parametrize("kind", KINDS)
def test_pieces_between_keys_are_those_of_ufbx(tmp_path: Path, kind: str) -> None:
    pytest.importorskip("ufbx")
    made = Made()
    made.curve("a", KEYS, LEVELS, KINDS[kind], SLOPES)
    made.write(tmp_path / "a.fbx")
    judged, back = fbx_ufbx.read(tmp_path / "a.fbx"), read(tmp_path / "a.fbx")
    assert back.names == judged.names == ("a",)
    assert np.abs(back.values - judged.values).max() < 1e-5


def test_slopes_that_reach_far_are_those_of_ufbx(tmp_path: Path) -> None:
    pytest.importorskip("ufbx")
    made = Made()
    made.curve("a", KEYS, LEVELS, [CUBIC | USER | 0x3000000] * 5, SLOPES, weights=6000 | 1500 << 16)
    made.write(tmp_path / "a.fbx")
    judged, back = fbx_ufbx.read(tmp_path / "a.fbx"), read(tmp_path / "a.fbx")
    assert np.abs(back.values - judged.values).max() < 1e-3


@pytest.mark.parametrize(("flags", "tolerance"), [
    (AUTO | BY_TIME | CAREFUL, 1e-5),  # Maya's
    (AUTO | BY_TIME | CLAMP, 1e-5),
    (AUTO | BY_TIME, 1e-5),
    (AUTO | CAREFUL, 1e-3),
    (AUTO, 1e-2),
])
def test_automatic_slopes_are_those_of_ufbx(tmp_path: Path, flags: int, tolerance: float) -> None:
    pytest.importorskip("ufbx")
    rng = np.random.default_rng(0)
    frames = [0, *sorted(rng.choice(np.arange(1, 199), 30, replace=False).tolist()), 199]
    values = rng.random(len(frames))
    values[6], values[10:14] = values[5], np.sort(values[10:14])
    made = Made(n_frames=200)
    made.curve("a", frames, list(values), [CUBIC | flags] * len(frames))
    made.write(tmp_path / "a.fbx")
    judged, back = fbx_ufbx.read(tmp_path / "a.fbx"), read(tmp_path / "a.fbx")
    assert np.abs(back.values - judged.values).max() < tolerance


# --- text form


def as_text(nodes: list[Node], indent: str = "") -> str:
    """A tree as Maya writes it: floats of keys' attributes as their bits, names behind their class."""
    out = ""
    for node in nodes:
        value = node.values[0] if node.values else None
        if isinstance(value, np.ndarray):
            numbers = value.view(np.int32) if node.name == "KeyAttrDataFloat" else value
            cells = ",".join(repr(x) for x in numbers.tolist())
            out += f"{indent}{node.name}: *{len(numbers)} {{\n{indent}\ta: {cells}\n{indent}}} \n"
            continue
        words = ",".join(word(value) for value in node.values)
        out += f"{indent}{node.name}: {words}" + (" {\n" if node.children is not None else "\n")
        if node.children is not None:
            out += as_text(node.children, indent + "\t") + indent + "}\n"
    return out


def word(value: object) -> str:
    if isinstance(value, bytes):
        return '""'
    if isinstance(value, str):
        name, mark, kind = value.partition("\0\1")
        return f' "{kind}::{name}"' if mark else f' "{value}"'.replace("\n", "")
    return "TF"[not value] if isinstance(value, bool) else repr(float(value) if isinstance(value, float) else
                                                               int(value))  # type: ignore[call-overload]


@pytest.mark.parametrize("kind", KINDS)
def test_text_is_read_as_ufbx_reads_it(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ufbx")
    trees: list[list[Node]] = []
    monkeypatch.setattr(f"{__name__}.write_fbx", lambda path, nodes: trees.append(nodes))
    made = Made()
    made.curve("a", KEYS, LEVELS, KINDS[kind], SLOPES)
    shape, = shapes(made, "mesh", "ns:jawOpen")
    made.curve("DeformPercent", KEYS, LEVELS, KINDS[kind], SLOPES, target=shape)
    made.write(tmp_path / "a.fbx")
    text = "; FBX 7.4.0 project file\n; ---\n\n" + as_text(trees[0])
    (tmp_path / "a.fbx").write_text(text, encoding="utf-8")
    judged, back = fbx_ufbx.read(tmp_path / "a.fbx"), read_named(tmp_path / "a.fbx")
    assert back.names == ("a", "jawOpen")
    assert np.abs(back.values[:, 0] - judged.values[:, judged.names.index("a")]).max() < 1e-5
    assert np.abs(back.values[:, 1] * 100 - back.values[:, 0]).max() < 1e-9


TEXT = """; FBX 7.4.0 project file
FBXHeaderExtension:  {
	FBXVersion: 7400
}
Objects:  {
	Model: 7, "Model::root", "LimbNode" {
		Properties70:  {
			P: "jaw", "Number", "", "A+U",0
		}
	}
	AnimationLayer: 1, "AnimLayer::BaseLayer", "" {
	}
	AnimationCurveNode: 2, "AnimCurveNode::jaw", "" {
	}
	AnimationCurve: 3, "AnimCurve::", "" {
		KeyTime: *2 {
			a: 0,
1539538600
		}
		KeyValueFloat: *2 {
			a: 0.5,1
		}
	}
}
Connections:  {
	C: "OO",2,1
	C: "OP",2,7, "jaw"
	C: "OP",3,2, "d|jaw"
}
"""


def test_a_text_of_two_keys(tmp_path: Path) -> None:
    (tmp_path / "a.fbx").write_text(TEXT)
    back = read_named(tmp_path / "a.fbx")
    assert (back.names, back.fps, back.values[:, 0].tolist()) == (("jaw",), 30, [0.5, 1.0])


@pytest.mark.parametrize(("old", "new", "what"), [
    ("7400", "6100", "version 6100"),
    ("0.5,1", "0.5,x", "line 22.*no number"),
    ("0.5,1", "0.5", "2 times and 1 values"),
    ("1539538600", "1" * 30, "whole numbers"),
    ("}\n\t}\n}\nC", "}\nC", "} is missing"),
    ("Objects:", "}\nObjects:", "line 5: a } closes nothing"),
    ("Objects:", "?", "is no node"),
])
def test_a_damaged_text_is_refused(tmp_path: Path, old: str, new: str, what: str) -> None:
    assert old in TEXT
    (tmp_path / "a.fbx").write_text(TEXT.replace(old, new))
    with pytest.raises(ConfigError, match=what):
        read_named(tmp_path / "a.fbx")


@settings(max_examples=100, deadline=None)
@given(at=st.integers(0, len(TEXT)), cut=st.integers(0, 40), put=st.text(max_size=10))
def test_any_change_of_text_is_survived(tmp_path_factory: pytest.TempPathFactory, at: int, cut: int, put: str
                                        ) -> None:
    changed = (TEXT[:at] + put + TEXT[at + cut:]).encode("utf-8", "replace")
    survives(tmp_path_factory.getbasetemp() / "fuzz.fbx", b"; FBX" + changed)


# --- how the scene hangs together


def test_layers_are_added_or_replace(tmp_path: Path) -> None:
    made = Made(layers=1)
    made.layers += [made.layer(("Weight", "Number", "", "A", 50.0)),
                    made.layer(("BlendMode", "enum", "", "", 1), ("Weight", "Number", "", "A", 25.0))]
    for name, layers in {"sum": (0, 1), "over": (0, 2)}.items():
        for layer in layers:
            made.curve(name, [0, 30], [1.0 + layer, 1.0 + layer], [LINEAR] * 2, layer=layer)
    back = read(made.write(tmp_path / "a.fbx"))
    shown = dict(zip(back.names, back.values[0], strict=True))
    assert shown == {"sum": 1 + 2 * 0.5, "over": 1 + (3 - 1) * 0.25}


def test_the_take_that_the_file_opens_with_is_read(tmp_path: Path) -> None:
    made = Made()
    made.curve("a", [0, 9], [1.0, 1.0], [LINEAR] * 2)
    other = made.document.add("AnimationStack", "older", "", [])
    layer = made.document.add("AnimationLayer", "BaseLayer", "", [])
    made.document.connect(layer, other)
    made.layers.append(layer)
    made.curve("b", [0, 500], [2.0, 2.0], [LINEAR] * 2, layer=1)
    back = read(made.write(tmp_path / "a.fbx"))
    assert (back.names, len(back)) == (("a",), 10)
    assert "takes" in back.remarks[0]


@pytest.mark.parametrize(("said", "fps"), [(11, "60"), (6, "24"), (3, "30000/1001"), (0, "25"), (99, "60")])
def test_keys_tell_the_rate_where_the_file_is_wrong(tmp_path: Path, said: int, fps: str) -> None:
    made = Made(fps=Fraction(fps), n_frames=300)
    made.curve("a", list(range(300)), list(np.linspace(0, 1, 300)), [LINEAR] * 300)
    back = read(made.write(tmp_path / "a.fbx", TimeMode=("TimeMode", "enum", "", "", said)))
    assert (back.fps, len(back)) == (Fraction(fps), 300)
    assert bool(back.remarks) == (said in (11, 6, 3))
    assert np.abs(back.values[:, 0] - np.linspace(0, 1, 300)).max() < 1e-6


def test_a_slower_take_keeps_the_rate_of_its_file(tmp_path: Path) -> None:
    made = Made(fps=Fraction(60), n_frames=61)
    made.curve("a", [0, 20, 40, 60], [0.0, 1.0, 0.0, 1.0], [LINEAR] * 4)
    back = read(made.write(tmp_path / "a.fbx"))
    assert (back.fps, len(back), back.remarks) == (60, 61, ())


def shapes(made: Made, deformer: str, *names: str, percent: float = 0.0) -> list[Id]:
    document = made.document
    owner = document.add("Deformer", deformer, "BlendShape", [])
    out = []
    for name in names:
        out.append(document.add("Deformer", name, "BlendShapeChannel", [Node("DeformPercent", (percent,))]))
        document.connect(out[-1], owner)
    return out


def test_blendshapes_of_several_meshes_by_plain_names(tmp_path: Path) -> None:
    made = Made()
    head = shapes(made, "blendShape1", "blendShape1.jawOpen", "blendShape1_mouthClose", "still", percent=25.0)
    teeth = shapes(made, "take:teeth", "take:JawOpen")
    for id_, top in zip([*head[:2], *teeth], (100.0, 50.0, 100.0), strict=True):
        made.curve("DeformPercent", [0, 30], [0.0, top], [LINEAR] * 2, target=id_)
    back = read(made.write(tmp_path / "a.fbx"))
    shown = dict(zip(back.names, back.values[-1], strict=True))
    assert shown == {"jawOpen": 1, "mouthClose": 0.5, "still": 0.25}
    assert back.remarks == ()


def test_one_name_with_two_courses_is_told(tmp_path: Path) -> None:
    made = Made()
    for mesh, top in {"a": 100.0, "b": 60.0}.items():
        shape, = shapes(made, mesh, "jawOpen")
        made.curve("DeformPercent", [0, 30], [0.0, top], [LINEAR] * 2, target=shape)
    back = read(made.write(tmp_path / "a.fbx"))
    assert back.values[-1, 0] == 1
    assert "jawOpen" in back.remarks[0]


def test_what_moves_objects_is_no_curve(tmp_path: Path) -> None:
    made = Made()
    made.curve("Lcl Translation", [0, 300], [0.0, 9.0], [LINEAR] * 2)
    made.curve("jawOpen", [2, 9], [0.0, 1.0], [LINEAR] * 2)
    back = read(made.write(tmp_path / "a.fbx"))
    assert (back.names, back.start_frame, len(back)) == (("jawOpen",), 2, 8)


@given(angles=st.tuples(*[st.floats(-1.5, 1.5)] * 3))
def test_angles_are_those_of_the_head(angles: tuple[float, float, float]) -> None:
    turn = rotation(*angles).astype(np.float64)
    assert np.abs(_angles(turn[None])[0] - angles).max() < 2e-4 / max(np.cos(angles[1]), 1e-3)


def test_canonical_curves_come_back_as_such(tmp_path: Path) -> None:
    values = np.random.default_rng(4).random((9, len(NAMES)), np.float32)
    values[:, len(SHAPE_NAMES):] -= 0.5
    clip = CurveClip(values, FPS, 48000)
    info = ExportInfo(fps=FPS, sample_rate=48000, names=NAMES, every_frame=True, head=tiny_head)
    Fbx().write(tmp_path / "a.fbx", [clip], info)
    back = read_curves(tmp_path / "a.fbx")
    shown = [INDEX[name] for name in NAMES if "Eye" not in name[1:]]
    assert np.abs(back.values[:, shown] - values[:, shown]).max() < 1e-5


def test_turns_come_back_beside_curves_of_any_rig(tmp_path: Path) -> None:
    values = np.zeros((6, len(NAMES)), np.float32)
    values[:, INDEX["headYaw"]] = np.linspace(-0.4, 0.4, 6)
    values[:, INDEX["leftEyePitch"]] = 0.2
    clip = Retarget(load_rig("oculus")).clip(CurveClip(values, FPS, 48000))
    info = info_for(load_rig("oculus"), ExportSettings(every_frame=True), Origin(fps=FPS, sample_rate=48000))
    Fbx().write(tmp_path / "a.fbx", [clip], replace(info, head=tiny_head))
    take = read_take(tmp_path / "a.fbx")
    assert take.rig.name == "oculus"
    assert take.unknown == ()
    for name in ("headYaw", "leftEyePitch", "rightEyePitch"):
        assert np.abs(take.face[name] - values[:, INDEX[name]]).max() < 1e-5


# --- damaged files


@functools.cache
def sound_file() -> bytes:
    """Not compressed, so that changes reach the numbers."""
    made = Made()
    made.curve("a", KEYS, LEVELS, KINDS["mixed"], SLOPES)
    made.curve("long", list(range(31)), [0.5] * 31, [LINEAR] * 31)
    for id_ in shapes(made, "b", "jawOpen"):
        made.curve("DeformPercent", [0, 30], [0.0, 9.0], [LINEAR] * 2, target=id_)
    head = made.document.add("Model", "head", "LimbNode", [properties(("RotationOrder", "enum", "", "", 4))])
    made.document.connect(head, made.bone)
    made.curve("R", [0, 30], [0.0, 9.0], [LINEAR] * 2, target=head, to="Lcl Rotation")
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(fbx_binary, "PACK_BYTES", 1 << 30)
        return made.write(Path(folder) / "a.fbx").read_bytes()


def survives(path: Path, data: bytes) -> None:
    """Curves, or an error that names the file."""
    path.write_bytes(data)
    try:
        values, told = read(path).values, str(path)
    except ConfigError as problem:
        values, told = np.zeros((1, 1)), str(problem)
    assert np.isfinite(values).all()
    assert str(path) in told


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_change_of_bytes_is_survived(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
                                         ) -> None:
    whole = bytearray(sound_file())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.just(len(whole)), st.integers(0, len(whole))))
    survives(tmp_path_factory.getbasetemp() / "fuzz.fbx", bytes(whole[:cut]))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from((7300, 7400, 7500, 7700, 6100, 0)))
def test_any_bytes_behind_the_mark_are_survived(tmp_path_factory: pytest.TempPathFactory, tail: bytes,
                                               version: int) -> None:
    head = b"Kaydara FBX Binary  \0\x1a\0" + struct.pack("<I", version)
    survives(tmp_path_factory.getbasetemp() / "fuzz.fbx", head + tail)


def test_an_array_that_claims_too_much_is_not_unpacked(tmp_path: Path) -> None:
    made = Made()
    made.curve("a", KEYS, LEVELS, KINDS["lines"])
    data = bytearray(made.write(tmp_path / "a.fbx").read_bytes())
    at = data.index(b"KeyTime") + len(b"KeyTimel")
    data[at:at + 4] = struct.pack("<I", 1 << 31)
    (tmp_path / "a.fbx").write_bytes(data)
    with pytest.raises(ConfigError, match="KeyTime has 2147483648 values"):
        read(tmp_path / "a.fbx")


def test_keys_too_far_apart_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fbx, "MOST_VALUES", 100)
    made = Made()
    made.curve("a", [0, 100], [0.0, 1.0], [LINEAR] * 2)
    with pytest.raises(ConfigError, match="101 frames apart"):
        read(made.write(tmp_path / "a.fbx"))


@pytest.mark.parametrize(("frames", "values", "what"), [
    ([0, 30], [0.0, float("nan")], "no number"),
    ([9, 3], [0.0, 1.0], "not in order"),
    ([0, 2_000_000_000], [0.0, 1.0], "no number"),
])
def test_curves_that_make_no_sense_are_refused(tmp_path: Path, frames: list[int], values: list[float],
                                               what: str) -> None:
    made = Made()
    made.curve("a", frames, values, [LINEAR] * 2)
    with pytest.raises(ConfigError, match=what):
        read(made.write(tmp_path / "a.fbx"))


def test_a_file_without_curves_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no animated"):
        read_named(Made().write(tmp_path / "a.fbx"))


def test_an_old_version_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.fbx").write_bytes(b"Kaydara FBX Binary  \0\x1a\0" + struct.pack("<I", 6100) + bytes(99))
    with pytest.raises(ConfigError, match=r"(?s)6100.*FBX 2014"):
        read_named(tmp_path / "a.fbx")
