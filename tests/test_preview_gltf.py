"""A user's own head: what must load, and that nothing else does anything but raise ModelError."""

from __future__ import annotations

import base64
import copy
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gltf_files import JAW, POINTS, TRIANGLES, data_uri, document, glb, of_head
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.errors import ModelError
from facerig.mesh.head import Head, shipped_head
from facerig.preview.gltf import _arkit_name, load_gltf
from facerig.preview.studio import Studio

Change = Callable[[dict[str, Any]], None]


def written(tmp_path: Path, tree: dict[str, Any], binary: bytes) -> Path:
    path = tmp_path / "head.glb"
    path.write_bytes(glb(tree, binary))
    return path


def jaw(head: Head, value: float) -> np.ndarray:
    values = np.zeros(N_CHANNELS, np.float32)
    values[INDEX["jawOpen"]] = value
    return np.asarray(head.posed(values) - head.rest)


def test_a_glb_comes_back(tmp_path: Path):
    head = load_gltf(written(tmp_path, *document()))
    # in canonical order, whatever their case in the file
    assert head.shape_names == ("jawOpen", "browInnerUp")
    assert len(head.rest) == len(POINTS)
    np.testing.assert_array_equal(head.triangles, TRIANGLES)
    scale = np.ptp(head.rest[:, 1]) / np.ptp(POINTS[:, 1])
    np.testing.assert_allclose(jaw(head, 0.5), JAW * scale * 0.5, atol=1e-3)


def test_files_take_a_head_without_its_light(tmp_path: Path):
    path = written(tmp_path, *document())
    lit, plain = load_gltf(path), load_gltf(path, lit=False)
    assert (plain.ambient == 1).all()
    assert (plain.key == 1).all()
    assert plain.ambient.shape == lit.ambient.shape
    assert not np.array_equal(lit.ambient, plain.ambient)
    assert np.array_equal(lit.rest, plain.rest)
    assert np.array_equal(lit.deltas, plain.deltas)


def test_it_can_be_drawn(tmp_path: Path):
    with Studio(load_gltf(written(tmp_path, *document())), size=(96, 96), renderer="software") as studio:
        rest = studio.picture(np.zeros(N_CHANNELS, np.float32))
    assert rest.shape == (96, 96, 3)
    # the face is lit, the corner is not
    assert rest[48, 48].astype(int).sum() > rest[2, 2].astype(int).sum() + 100


def test_a_file_of_its_own_and_a_data_uri_are_the_same_head(tmp_path: Path):
    tree, binary = document()
    (tmp_path / "head data.bin").write_bytes(binary)
    heads = []
    for name, uri in (("a.gltf", "head%20data.bin"), ("b.gltf", data_uri(binary))):
        tree["buffers"] = [{"byteLength": len(binary), "uri": uri}]
        (tmp_path / name).write_text(json.dumps(tree), "utf-8")
        heads.append(load_gltf(tmp_path / name))
    np.testing.assert_array_equal(heads[0].rest, heads[1].rest)
    np.testing.assert_array_equal(heads[0].deltas, heads[1].deltas)


def test_sparse_targets_and_several_primitives(tmp_path: Path):
    tree, binary = document()
    moved = np.flatnonzero(JAW.any(1)).astype("<u2")
    extra = moved.tobytes() + bytes(-moved.nbytes % 4) + JAW[moved].tobytes()
    at = len(binary)
    tree["bufferViews"] += [{"buffer": 0, "byteOffset": at, "byteLength": moved.nbytes},
                            {"buffer": 0, "byteOffset": at + moved.nbytes + -moved.nbytes % 4,
                             "byteLength": len(moved) * 12}]
    tree["accessors"][2] = {"componentType": 5126, "type": "VEC3", "count": len(POINTS), "sparse": {
        "count": len(moved), "indices": {"bufferView": 4, "componentType": 5123},
        "values": {"bufferView": 5}}}
    tree["buffers"][0]["byteLength"] = at + len(extra)
    tree["meshes"][0]["primitives"].append({"attributes": {"POSITION": 0}, "indices": 1})  # without targets
    head = load_gltf(written(tmp_path, tree, binary + extra))
    assert len(head.rest) == 2 * len(POINTS)
    scale = np.ptp(head.rest[:, 1]) / np.ptp(POINTS[:, 1])
    np.testing.assert_allclose(jaw(head, 1.0)[: len(POINTS)], JAW * scale, atol=1e-3)
    np.testing.assert_allclose(jaw(head, 1.0)[len(POINTS):], 0, atol=1e-3)


def test_nodes_place_and_turn_their_mesh(tmp_path: Path):
    """Lying on its back and ten times as large, it stands up again through its node."""
    tree, binary = document()
    plain = load_gltf(written(tmp_path, tree, binary))
    tree["nodes"] = [{"children": [1], "scale": [10, 10, 10]},
                     {"mesh": 0, "rotation": [0, 1, 0, 0], "translation": [5, 0, 0]}]
    turned = load_gltf(written(tmp_path, tree, binary))
    np.testing.assert_allclose(turned.rest[:, 1], plain.rest[:, 1], atol=0.05)
    np.testing.assert_allclose(turned.rest[:, 0], -plain.rest[:, 0], atol=0.05)


def test_colours_come_from_vertices_factors_and_textures(tmp_path: Path):
    tree, binary = document()
    picture = io.BytesIO()
    Image.fromarray(np.array([[[255, 0, 0], [0, 0, 255]]], np.uint8)).save(picture, "PNG")
    # red left, blue right
    uv = np.stack([POINTS[:, 0] > 0, np.zeros(len(POINTS))], 1).astype("<f4") * 0.5 + 0.25
    at = len(binary)
    tree["bufferViews"].append({"buffer": 0, "byteOffset": at, "byteLength": uv.nbytes})
    tree["accessors"].append({"componentType": 5126, "type": "VEC2", "count": len(uv), "bufferView": 4})
    tree["buffers"][0]["byteLength"] = at + uv.nbytes
    tree["images"] = [{"uri": "data:image/png;base64," + base64.b64encode(picture.getvalue()).decode()}]
    tree["textures"] = [{"source": 0}]
    tree["materials"] = [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}]
    tree["meshes"][0]["primitives"][0] |= {"material": 0}
    tree["meshes"][0]["primitives"][0]["attributes"] |= {"TEXCOORD_0": 4}
    head = load_gltf(written(tmp_path, tree, binary + uv.tobytes()))
    np.testing.assert_allclose(head.colours[POINTS[:, 0] > 0.001], [[0, 0, 1]] * 44, atol=0.01)
    np.testing.assert_allclose(head.colours[POINTS[:, 0] < -0.001], [[1, 0, 0]] * 44, atol=0.01)
    tree["images"][0]["uri"] = data_uri(b"no picture")  # then the head is plain, and drawn all the same
    assert (load_gltf(written(tmp_path, tree, binary + uv.tobytes())).colours == 1).all()


def test_see_through_layers_are_left_out(tmp_path: Path):
    tree, binary = document()
    tree["materials"] = [{"name": "Cornea", "alphaMode": "BLEND"}]
    tree["meshes"][0]["primitives"].append({"attributes": {"POSITION": 0}, "indices": 1, "material": 0})
    assert len(load_gltf(written(tmp_path, tree, binary)).rest) == len(POINTS)


@pytest.mark.slow
def test_the_shipped_head_as_a_users_own_looks_and_moves_the_same(tmp_path: Path):
    path = tmp_path / "own.glb"
    first = shipped_head()
    path.write_bytes(of_head(first))
    own = load_gltf(path)
    assert own.shape_names == first.shape_names
    assert len(own.eyes) == 2
    values = np.zeros(N_CHANNELS, np.float32)
    for name in ("jawOpen", "eyeLookOutLeft", "eyeLookInRight", "mouthSmileLeft"):
        values[INDEX[name]] = 0.4
    pictures = []
    for head in (first, own):
        with Studio(head, size=(256, 256), renderer="software") as studio:
            pictures.append(studio.picture(values).astype(int))
    # framed a little differently, lit from fewer directions
    assert np.abs(pictures[0] - pictures[1]).mean() < 12


@pytest.mark.parametrize(("name", "shape"), [
    ("jawOpen", "jawOpen"), ("JAWOPEN", "jawOpen"), ("eyeBlink_L", "eyeBlinkLeft"),
    ("mouth_smile_right", "mouthSmileRight"),
    ("blendShape1.mouthUpperUp_R", "mouthUpperUpRight"), ("M_cheekPuff", "cheekPuff"), ("smile", None),
    ("", None)])
def test_names_of_many_tools(name: str, shape: str | None):
    assert _arkit_name(name) == shape


def set_in(*path: Any) -> Change:
    *way, last, value = path

    def change(tree: dict[str, Any]) -> None:
        place: Any = tree
        for step in way:
            place = place[step]
        place[last] = value
    return change


HOSTILE = {
    "remote buffer": set_in("buffers", 0, "uri", "https://example.org/x.bin"),
    "absolute path": set_in("buffers", 0, "uri", "/etc/passwd"),
    "drive path": set_in("buffers", 0, "uri", "C:/x.bin"),
    "climbs out": set_in("buffers", 0, "uri", "../secret.bin"),
    "climbs out, escaped": set_in("buffers", 0, "uri", "%2e%2e/secret.bin"),
    "back slashes": set_in("buffers", 0, "uri", "..\\secret.bin"),
    "file scheme": set_in("buffers", 0, "uri", "file:///etc/passwd"),
    "zero byte": set_in("buffers", 0, "uri", "a%00b"),
    "absent file": set_in("buffers", 0, "uri", "absent.bin"),
    "huge count": set_in("accessors", 0, "count", 2**31),
    "huge count without bytes": lambda t: (t["accessors"][0].pop("bufferView"),
                                           set_in("accessors", 0, "count", 2**29)(t)),
    "negative count": set_in("accessors", 0, "count", -1),
    "count is a truth value": set_in("accessors", 0, "count", True),
    "offset past the end": set_in("accessors", 0, "byteOffset", 10**6),
    "view past the end": set_in("bufferViews", 0, "byteLength", 10**9),
    "buffer longer than its bytes": set_in("buffers", 0, "byteLength", 10**9),
    "stride too small": set_in("bufferViews", 0, "byteStride", 2),
    "wrong type": set_in("accessors", 0, "type", "VEC2"),
    "unhashable type": set_in("accessors", 0, "type", []),
    "wrong component": set_in("accessors", 0, "componentType", 7),
    "float indices": set_in("accessors", 1, "componentType", 5126),
    "index out of range": set_in("meshes", 0, "primitives", 0, "attributes", "POSITION", 99),
    "target of another length": set_in("accessors", 2, "count", 3),
    "no such mesh": set_in("nodes", 0, "mesh", 5),
    "node is its own child": set_in("nodes", 0, "children", [0]),
    "scale is text": set_in("nodes", 0, "scale", ["a", 1, 1]),
    "scale is zero": set_in("nodes", 0, "scale", [0, 0, 0]),
    "needs draco": set_in("extensionsRequired", ["KHR_draco_mesh_compression"]),
    "no arkit names": set_in("meshes", 0, "extras", "targetNames", ["a", "b"]),
    "no targets": set_in("meshes", 0, "primitives", 0, "targets", []),
    "meshes is a number": set_in("meshes", 3),
    "old version": set_in("asset", "version", "1.0"),
    "material out of range": set_in("meshes", 0, "primitives", 0, "material", 0),
}


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_hostile_files_are_refused(tmp_path: Path, kind: str):
    (tmp_path / "secret.bin").write_bytes(bytes(10_000))
    inside = tmp_path / "inside"
    inside.mkdir()
    tree, binary = document()
    HOSTILE[kind](tree)
    with pytest.raises(ModelError) as error:
        load_gltf(written(inside, tree, binary))
    assert "head.glb" in str(error.value) or "absent.bin" in str(error.value)
    assert "fix:" in str(error.value)


def test_a_link_that_leads_out_is_refused(tmp_path: Path):
    (tmp_path / "secret.bin").write_bytes(bytes(10_000))
    inside = tmp_path / "inside"
    inside.mkdir()
    try:
        (inside / "link.bin").symlink_to(tmp_path / "secret.bin")
    except OSError:
        pytest.skip("links cannot be made here")
    tree, binary = document()
    tree["buffers"][0]["uri"] = "link.bin"
    with pytest.raises(ModelError, match="outside"):
        load_gltf(written(inside, tree, binary))


def test_not_a_number_is_refused(tmp_path: Path):
    tree, binary = document()
    broken = bytearray(binary)
    broken[:4] = np.float32("nan").tobytes()
    with pytest.raises(ModelError, match="NaN"):
        load_gltf(written(tmp_path, tree, bytes(broken)))


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.7, 0.999])
def test_cut_files_are_refused(tmp_path: Path, share: float):
    data = glb(*document())
    path = tmp_path / "cut.glb"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ModelError):
        load_gltf(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_bytes_give_a_head_or_a_model_error(tmp_path: Path, data: st.DataObject):
    tree, binary = document()
    if data.draw(st.booleans()):
        tree = copy.deepcopy(tree)
        _spoil(tree, data)
        blob = glb(tree, binary)
    else:
        raw = bytearray(glb(tree, binary))
        for _ in range(data.draw(st.integers(1, 6))):
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
        blob = bytes(raw)
    path = tmp_path / "any.glb"
    path.write_bytes(blob)
    try:
        head = load_gltf(path)
    except ModelError:
        return
    assert np.isfinite(head.rest).all()


def _spoil(tree: dict[str, Any], data: st.DataObject) -> None:
    """Put something else in some place of the document."""
    place: Any = tree
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        deeper = place[key]
        if not isinstance(deeper, (dict, list)) or not deeper or data.draw(st.integers(0, 3)) == 0:
            place[key] = data.draw(st.one_of(st.none(), st.booleans(), st.integers(-5, 2**33), st.floats(),
                                             st.text(max_size=5),
                                             st.just([]), st.just({}), st.just([None]), st.just({"a": 1})))
            return
        place = deeper
