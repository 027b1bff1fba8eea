"""Model files: the hash, the metadata, and nothing outside the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import facerig_assets
from facerig import Session
from facerig.encoder import model as models
from facerig.encoder.live import RESTS_AFTER, SILENT_BELOW, SILENT_ROW, LiveEncoder
from facerig.encoder.model import hold_model, open_model, points_outside
from facerig.errors import ConfigError, ModelError
from facerig.features.logmel import BLOCK, LogMel

REGISTRY = json.loads(facerig_assets.path("models", "models.json").read_text("utf-8"))


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_a_shipped_model_is_what_it_says_and_small(name: str) -> None:
    _, info = open_model(name)
    assert info.sha256 == REGISTRY[name]["sha256"]
    assert info.path.stat().st_size < 12e6
    assert "CC BY" in info.metadata["facerig_licences"]
    assert info.delay_knots * 10 <= 90


def test_live_and_offline_ship() -> None:
    assert {"live", "offline"} <= set(REGISTRY)
    assert open_model("live")[1].kind == "live"
    assert open_model("offline")[1].kind == "offline"


def test_a_model_with_another_hash_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytearray(facerig_assets.path("models", "live.onnx").read_bytes())
    data[len(data) // 2] ^= 1
    damaged = tmp_path / "live.onnx"
    damaged.write_bytes(data)
    monkeypatch.setattr(models, "model_path", lambda name: (damaged, REGISTRY["live"]["sha256"]))
    with pytest.raises(ModelError, match=r"sha256 is .* damaged or replaced\n  fix: install"):
        open_model("live")


def test_who_stays_with_a_model_has_it_whatever_becomes_of_its_file(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "live.onnx"
    file.write_bytes(facerig_assets.path("models", "live.onnx").read_bytes())
    monkeypatch.setattr(models, "model_path", lambda name: (file, REGISTRY["live"]["sha256"]))
    held, before = hold_model("live"), open_model("live")
    file.write_bytes(b"the next version")
    assert open_model("live") == before
    assert hold_model("live") is held
    assert len(Session(44_100, fps=25).feed(np.zeros(44_100, np.float32)))
    del held
    with pytest.raises(ModelError, match="damaged or replaced"):
        open_model("live")


def test_a_users_own_model_works_by_its_path(tmp_path: Path) -> None:
    own = tmp_path / "mine.onnx"
    own.write_bytes(facerig_assets.path("models", "live.onnx").read_bytes())
    assert open_model(str(own))[1].path == own


@pytest.mark.parametrize(("content", "message"), [
    (None, "cannot be read"), (b"", "cannot load"), (b"not a model at all", "cannot load"),
    (b"\x00" * 1000, "cannot load"),
])
def test_what_is_no_model_is_refused(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "x.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=message):
        open_model(str(path))


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="use live or live-40 or offline"):
        open_model("livee")


def _varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def _field(number: int, payload: bytes) -> bytes:
    """One length-delimited protobuf field."""
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def test_weights_outside_the_file_are_found_wherever_they_hide() -> None:
    external = _field(13, b"\x0a\x08location\x12\x0c../../secret")
    tensor = b"\x08\x02" + external
    located = b"\x08\x02" + bytes([14 << 3, 1])
    for bad in (tensor, located):
        assert points_outside(_field(7, _field(5, bad)))  # an initializer
        assert points_outside(_field(7, _field(1, _field(5, _field(5, bad)))))  # a constant in a node
        assert points_outside(_field(7, _field(1, _field(5, _field(6, _field(5, bad))))))  # in a branch
    assert not points_outside(_field(7, _field(5, b"\x08\x02")))
    assert not points_outside(facerig_assets.path("models", "live.onnx").read_bytes())


def test_a_model_that_points_outside_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "outside.onnx"
    path.write_bytes(_field(7, _field(5, b"\x08\x02" + bytes([14 << 3, 1]))))
    with pytest.raises(ModelError, match="keeps its weights in another file"):
        open_model(str(path))


def test_what_a_parser_skips_hides_nothing() -> None:
    outside = _field(7, _field(5, b"\x08\x02" + bytes([14 << 3, 1])))
    group = _varint(100 << 3 | 3) + _varint(100 << 3 | 4)  # begins and ends
    assert points_outside(group + outside)
    assert points_outside(_field(25, _field(11, _field(5, b"\x08\x02" + bytes([14 << 3, 1])))))


def test_a_model_nested_without_end_is_refused(tmp_path: Path) -> None:
    graph = b""
    for _ in range(2000):  # a branch in a node in a branch
        for number in (6, 5, 1):
            graph = _field(number, graph)
    path = tmp_path / "deep.onnx"
    path.write_bytes(_field(7, graph))
    with pytest.raises(ModelError):
        open_model(str(path))


@pytest.mark.parametrize(("key", "value", "message"), [
    ("facerig_kind", "offline", "inputs are not those of a model of kind offline"),
    ("facerig_kind", "psychic", "another version"), ("facerig_tracks", "5", "not a facerig model"),
    ("facerig_delay_knots", "soon", "not a facerig model"),
])
def test_a_model_that_says_what_it_is_not_is_refused(tmp_path: Path, key: str, value: str,
                                                     message: str) -> None:
    path = tmp_path / "liar.onnx"
    entry = _field(14, _field(1, key.encode()) + _field(2, value.encode()))  # the last entry counts
    path.write_bytes(facerig_assets.path("models", "live.onnx").read_bytes() + entry)
    with pytest.raises(ModelError, match=message):
        Session(16_000, model=str(path))


@given(st.binary(max_size=300))
def test_the_walk_over_a_model_ends_for_any_bytes(data: bytes) -> None:
    assert points_outside(data) in (True, False)


def test_a_step_is_the_same_alone_and_in_a_batch() -> None:
    session, _ = open_model("live")
    shapes = {i.name: i.shape for i in session.get_inputs()}
    rng = np.random.default_rng(0)
    feed, axis = {}, {}
    for name, shape in shapes.items():
        feed[name] = rng.normal(0, 1, [3 if isinstance(d, str) else d for d in shape]).astype(np.float32)
        axis[name] = next(i for i, d in enumerate(shape) if isinstance(d, str))  # that of the sessions
    together = session.run(None, feed)[0]
    for row in range(3):
        alone = session.run(None, {n: np.take(v, [row], axis[n]) for n, v in feed.items()})[0]
        assert np.abs(alone[0] - together[row]).max() < 1e-5


def test_a_model_names_its_own_thresholds() -> None:
    lips = open_model("live")[1].lips
    assert 0.1 < lips.seal_on < 0.8
    assert Session(16_000).model_info.lips == lips


@pytest.mark.parametrize("lips", ['{"seal_on": 0.5, "extra": 1}', "[1]", "no json"])
def test_thresholds_that_are_none_are_refused(lips: str, tmp_path: Path) -> None:
    data = facerig_assets.path("models", "live.onnx").read_bytes()
    own = tmp_path / "own.onnx"
    found = data.index(b'{"seal_on"')
    size = data[found:].index(b"}") + 1
    own.write_bytes(data[:found] + lips.encode().ljust(size)[:size] + data[found + size :])
    with pytest.raises(ModelError, match="metadata"):
        open_model(str(own))


def test_streams_side_by_side_have_the_bits_they_have_alone() -> None:
    encoder = LiveEncoder(*open_model("live"))
    rows = np.random.default_rng(0).normal(0, 1, (5, 8, 2, encoder.n_mels)).astype(np.float32)
    state, together = encoder.initial_state(len(rows)), []
    for k in range(rows.shape[1]):
        early = encoder.early(state)
        tracks, state = encoder.steps(rows[:, k], state)
        together.append(tracks[:, int(early[0]):])
    for one, joined in zip(rows, np.concatenate(together, 1), strict=True):
        state, alone = encoder.initial_state(), []
        for pair in one:
            tracks, state = encoder.step(pair, state)
            alone.append(tracks)
        assert np.concatenate(alone).tobytes() == joined.tobytes()


class Counted:
    """A network that counts the rows that it is run for."""

    def __init__(self, session: Any) -> None:
        self._session, self.rows = session, 0

    def run(self, names: Any, inputs: dict[str, np.ndarray]) -> Any:
        self.rows += len(inputs["mel"])
        return self._session.run(names, inputs)

    def get_inputs(self) -> Any:
        return self._session.get_inputs()


def test_the_network_rests_in_silence_and_goes_on_with_the_first_sound() -> None:
    session, info = open_model("live")
    network = Counted(session)
    encoder = LiveEncoder(network, info)
    silence = np.full((1, 2, encoder.n_mels), SILENT_ROW, np.float32)
    sound = np.random.default_rng(0).normal(0, 1, silence.shape).astype(np.float32)
    state, all_awake = encoder.initial_state(2), encoder.initial_state(1)
    for _ in range(RESTS_AFTER):
        tracks, state = encoder.steps(np.concatenate([silence, sound]), state)
        alone, all_awake = encoder.steps(silence, all_awake)
    ran = network.rows
    for _ in range(10):
        tracks, state = encoder.steps(np.concatenate([silence, sound]), state)
    assert network.rows - ran == 10  # of the one that speaks
    assert tracks[0].tobytes() == alone[0].tobytes()
    tracks, state = encoder.steps(np.concatenate([sound, sound]), state)
    alone, _ = encoder.steps(sound, all_awake)
    assert tracks[0].tobytes() == alone[0].tobytes()


def test_digital_silence_is_what_the_features_give_for_it() -> None:
    rows, _ = LogMel().step(np.zeros(BLOCK, np.float32), LogMel().initial_state())
    assert SILENT_ROW - 1e-4 < rows.min() <= rows.max() < SILENT_BELOW
