"""Model files: found by name or path, checked before anything runs, opened by onnxruntime.

A shipped model is addressed by its sha256 in models.json beside it. Every model says in its own metadata what
it is: kind, delay, hop, tracks and the licences of its training data. A file that refers to data outside
itself is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary, WeakValueDictionary

import facerig_assets
from facerig.encoder.lips import LipSettings
from facerig.encoder.tracks import TRACKS
from facerig.errors import ConfigError, ModelError

SHIPPED = ("live", "live-40", "offline")
KINDS = ("live", "offline")
LIPS_KEY = "facerig_lips"  # metadata: thresholds as JSON
PHONES_KEY = "facerig_phones"  # metadata: names of the phones whose log-probabilities are a second output
INSTALL = 'pip install "facerig[cpu]" (or "facerig[gpu]" instead, never both)'


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a model file says about itself: `kind` is live or offline, `delay_knots` its look-ahead.

    phones: names of the phones that it hears beside the tracks; none for a model without that output.
    """

    path: Path
    sha256: str
    kind: str
    delay_knots: int
    lips: LipSettings
    metadata: dict[str, str]
    phones: tuple[str, ...] = ()


def model_path(name: str) -> tuple[Path, str | None]:
    """The file of a model given by shipped name or path, and the sha256 it must have (None: a user's own)."""
    registry = json.loads(facerig_assets.path("models", "models.json").read_text("utf-8"))
    if name in registry:
        return facerig_assets.path("models", registry[name]["file"]), str(registry[name]["sha256"])
    if name.endswith(".onnx"):
        return Path(name), None
    raise ConfigError(f"there is no model called {name!r}", where="--model",
                      fix=f"use {' or '.join(sorted(registry))}, or the path of an .onnx file")


_LOADED: Final[WeakValueDictionary[tuple[object, ...], Any]] = WeakValueDictionary()  # as long as used
_INFOS: Final[WeakKeyDictionary[Any, ModelInfo]] = WeakKeyDictionary()


class Held:
    """A model that somebody stays with, see `hold_model`."""

    def __init__(self, session: Any) -> None:
        self.session = session


_HELD: Final[WeakValueDictionary[str, Held]] = WeakValueDictionary()  # by name, whatever its file is now


def open_model(name: str) -> tuple[Any, ModelInfo]:
    """An onnxruntime session on one thread, and what the model says it is. All who use a file share one.

    Raises ModelError for a file that is missing, damaged, of another make or that points outside itself, and
    ConfigError where onnxruntime is not installed.
    """
    if (held := _HELD.get(name)) is not None:
        return held.session, _INFOS[held.session]
    path, expected = model_path(name)
    place = (expected, *_place(path))
    if (loaded := _LOADED.get(place)) is not None:
        return loaded, _INFOS[loaded]
    data = _read(path)
    digest = hashlib.sha256(data).hexdigest()
    if expected is not None and digest != expected:
        raise ModelError(
            f"the model's sha256 is {digest[:12]}..., not {expected[:12]}...: damaged or replaced",
            where=str(path), fix="install facerig again, or give your own model by its path")
    if points_outside(data):
        raise ModelError("the model keeps its weights in another file", where=str(path),
                         fix="save it as one file (onnx.save without external data)")
    session = _session(data, path)
    _INFOS[session] = _info(session, path, digest)
    _LOADED[place] = session
    return session, _INFOS[session]


def hold_model(name: str) -> Held:
    """Open a model and stay with it: as long as somebody keeps what this gives, all who open that name get
    the same one, even if its file is replaced meanwhile. For processes that open sessions for weeks. Raises
    as `open_model`.
    """
    held = _HELD.get(name)
    if held is None:
        held = _HELD[name] = Held(open_model(name)[0])
    return held


def _place(path: Path) -> tuple[object, ...]:
    """The file as it is now: another one under its name is another place."""
    try:
        seen = path.stat()
    except OSError:
        return (path,)  # reading it says why
    return (path, seen.st_ino, seen.st_size, seen.st_mtime_ns)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"the model cannot be read: {error.strerror}", where=str(path),
                         fix="check the path, or install facerig again for its own models") from None


def _session(data: bytes, path: Path) -> Any:
    try:
        import onnxruntime as ort
    except ImportError:
        raise ConfigError("onnxruntime is not installed", where="encoder", fix=INSTALL) from None
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own classes differ between its versions
        why = str(error).splitlines()[0][:200]
        raise ModelError(f"onnxruntime cannot load the model: {why}", where=str(path),
                         fix="give an .onnx file that `python -m tools.train` wrote") from None


def _info(session: Any, path: Path, digest: str) -> ModelInfo:
    metadata = dict(session.get_modelmeta().custom_metadata_map)
    try:
        kind, delay = metadata["facerig_kind"], int(metadata["facerig_delay_knots"])
        tracks = tuple(json.loads(metadata["facerig_tracks"]))
        lips = LipSettings(**{"sharpen": kind == "live", **json.loads(metadata.get(LIPS_KEY, "{}"))})
        phones = tuple(str(name) for name in json.loads(metadata.get(PHONES_KEY, "[]")))
    except (KeyError, TypeError, ValueError):
        raise ModelError("not a facerig model: its metadata is missing", where=str(path),
                         fix="give an .onnx file that `python -m tools.train` wrote") from None
    if kind not in KINDS or not 2 <= delay <= 100 or tracks != TRACKS:
        raise ModelError("the model was made for another version of facerig", where=str(path),
                         fix="train or download it again for this version")
    if phones and "phones" not in [o.name for o in session.get_outputs()]:
        raise ModelError("the model names phones and does not give them", where=str(path),
                         fix="give an .onnx file that `python -m tools.train` wrote")
    return ModelInfo(path, digest, kind, delay, lips, metadata, phones)


def mel_shape(session: Any, info: ModelInfo, names: tuple[str, ...]) -> tuple[int, int]:
    """Rows and bands of features that a model takes. Raises ModelError where its inputs are not `names`."""
    given = {i.name: i.shape for i in session.get_inputs()}
    rows, bands = (given.get("mel") or (0, 0, 0))[-2:]
    if tuple(given) != names or not isinstance(rows, int) or not isinstance(bands, int):
        raise ModelError(f"its inputs are not those of a model of kind {info.kind}", where=str(info.path),
                         fix="give an .onnx file that `python -m tools.train` wrote")
    return rows, bands


# ---- external data: a walk over the protobuf, so that the core needs no onnx package ----

# message -> {field number: message below it}; onnx.proto3
_NESTED = {
    "Model": {7: "Graph", 20: "Training", 25: "Function"},
    "Training": {1: "Graph", 2: "Graph"},
    "Function": {7: "Node", 11: "Attribute"},
    "Graph": {1: "Node", 5: "Tensor", 15: "SparseTensor"},
    "SparseTensor": {1: "Tensor", 2: "Tensor"},
    "Node": {5: "Attribute"},
    "Attribute": {5: "Tensor", 6: "Graph", 10: "Tensor", 11: "Graph", 22: "SparseTensor", 23: "SparseTensor"},
}
_TENSOR_EXTERNAL_DATA, _TENSOR_LOCATION = 13, 14
_DEEPEST = 100  # messages in messages, as protobuf's own limit
_GROUP = -1  # stands for a group: ONNX has none, parsers skip one, and the walk would miss what follows


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 70:
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
        shift += 7
    return 0, len(data)


def _fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Field numbers and values of a protobuf message; stops at the first byte that is none."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        wire = tag & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield tag >> 3, value
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        elif wire == 2:
            size, at = _varint(data, at)
            yield tag >> 3, data[at : at + size]
            at += size
        else:
            if wire == 3:
                yield _GROUP, b""
            return


def points_outside(data: bytes, message: str = "Model", depth: int = 0) -> bool:
    """True where a tensor of an ONNX model is kept in another file, or where that cannot be ruled out."""
    if depth > _DEEPEST:
        return True
    for field, value in _fields(data):
        if field == _GROUP:
            return True
        if message == "Tensor":
            if field == _TENSOR_EXTERNAL_DATA or (field == _TENSOR_LOCATION and value == 1):
                return True
        elif isinstance(value, bytes):
            below = _NESTED[message].get(field)
            if below and points_outside(value, below, depth + 1):
                return True
    return False
