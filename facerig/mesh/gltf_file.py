"""The inside of a glTF 2.0 file: checked JSON, buffers, accessors. Total: any bytes give arrays or a
ModelError.

Nothing is read but the file itself and buffers and images in its own folder: a URI that is absolute, remote,
or climbs out is refused. Counts are checked against the bytes there are before anything is allocated.
Source: Khronos glTF 2.0 specification.
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import numpy as np
from numpy.typing import NDArray

from facerig.errors import ModelError

MAX_BYTES: Final = 1 << 30  # of a file
MAX_ELEMENTS: Final = 4_000_000  # of an accessor, where no bytes back its count
GLB_MAGIC, JSON_CHUNK, BIN_CHUNK = b"glTF", 0x4E4F534A, 0x004E4942

#                    componentType
COMPONENTS: Final[dict[int, np.dtype[Any]]] = {
    5120: np.dtype("<i1"), 5121: np.dtype("<u1"), 5122: np.dtype("<i2"),
    5123: np.dtype("<u2"), 5125: np.dtype("<u4"), 5126: np.dtype("<f4")}
WIDTHS: Final = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
Json = dict[str, Any]


class GltfFile:
    """An open glTF or GLB. Raises ModelError for anything that is not one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        data = self._file_bytes(path)
        self._chunk: bytes | None = None
        text = self._unpacked(data) if data[:4] == GLB_MAGIC else data
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            raise self.bad("$", "is neither GLB nor glTF JSON") from None
        self.document = self._checked(document, dict, "$")
        version = self._checked(self.document.get("asset"), dict, "$.asset").get("version")
        if not isinstance(version, str) or not version.startswith("2."):
            raise self.bad("$.asset.version", f"{version!r} is not glTF 2")
        self._buffers: dict[int, bytes] = {}
        self._lists: dict[str, list[Json]] = {}

    def bad(self, where: str, what: str,
            fix: str = "export the head again as glTF 2.0 with morph targets") -> ModelError:
        """An error about the place `where` in the document."""
        return ModelError(what, where=f"{self.path}: {where}", fix=fix)

    def items(self, name: str) -> list[Json]:
        """The objects of a top-level list; empty where there is none."""
        if name not in self._lists:
            listed = self._checked(self.document.get(name, []), list, f"$.{name}")
            self._lists[name] = [self._checked(item, dict, f"$.{name}[{i}]") for i, item in enumerate(listed)]
        return self._lists[name]

    def item(self, name: str, index: object) -> Json:
        """Object `index` of a top-level list."""
        items = self.items(name)
        return items[self.integer(index, f"index into $.{name}", len(items) - 1)]

    def integer(self, value: object, where: str, most: int) -> int:
        """`value` as an int from 0 to `most`."""
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise self.bad(where, f"{str(value)[:40]} is not a number from 0 to {most}")
        return value

    def mapping(self, parent: Json, key: str, where: str) -> Json:
        """An object inside another; empty where it is absent."""
        found: Json = self._checked(parent.get(key, {}), dict, f"{where}.{key}")
        return found

    def sequence(self, parent: Json, key: str, where: str) -> list[Any]:
        """A list inside an object; empty where it is absent."""
        found: list[Any] = self._checked(parent.get(key, []), list, f"{where}.{key}")
        return found

    def accessor(self, index: object, where: str, kinds: tuple[str, ...]) -> NDArray[Any]:
        """The values of an accessor [count, width], floats where it is normalized. `kinds` are the allowed
        types."""
        accessor = self.item("accessors", index)
        where = f"$.accessors[{index}] ({where})"
        kind, component = accessor.get("type"), accessor.get("componentType")
        dtype = COMPONENTS.get(component) if isinstance(component, int) else None
        if not isinstance(kind, str) or kind not in kinds or dtype is None:
            raise self.bad(where,
                           f"{str(kind)[:20]} of {str(component)[:20]} instead of {' or '.join(kinds)}")
        width = WIDTHS[kind]
        count = self.integer(accessor.get("count"), f"{where}.count", MAX_BYTES)
        if "bufferView" in accessor:
            values = self._strided(accessor["bufferView"], accessor.get("byteOffset", 0), count, dtype,
                                   width, where)
        else:
            values = np.zeros((self.integer(count, f"{where}.count", MAX_ELEMENTS), width), dtype)
        if "sparse" in accessor:
            values = self._with_sparse(values, self.mapping(accessor, "sparse", where), dtype,
                                       f"{where}.sparse")
        if dtype.kind == "f" and not np.isfinite(values).all():
            raise self.bad(where, "holds NaN or infinite numbers")
        if accessor.get("normalized") is True and dtype.kind != "f":
            return np.asarray(np.maximum(values.astype(np.float32) / np.iinfo(dtype).max, -1))
        return values

    def view_bytes(self, index: object) -> tuple[bytes, int]:
        """Bytes of a buffer view, and its stride (0: packed)."""
        view = self.item("bufferViews", index)
        where = f"$.bufferViews[{index}]"
        if "EXT_meshopt_compression" in self.mapping(view, "extensions", where):
            raise self.bad(where, "is compressed with meshopt", "export without compression")
        data = self._buffer(view.get("buffer"))
        offset = self.integer(view.get("byteOffset", 0), f"{where}.byteOffset", len(data))
        length = self.integer(view.get("byteLength"), f"{where}.byteLength", len(data) - offset)
        stride = self.integer(view.get("byteStride", 0), f"{where}.byteStride", 252)
        return data[offset:offset + length], stride

    def resource(self, uri: object, where: str) -> bytes:
        """Bytes of a data: URI or of a file in the head's own folder."""
        if not isinstance(uri, str):
            raise self.bad(where, "no URI")
        if uri.startswith("data:"):
            return self._inline(uri, where)
        return self._file_bytes(self._inside(uri, where))

    def _inside(self, uri: str, where: str) -> Path:
        """The file that a relative URI names. Links are followed before it is judged."""
        fix = "keep the head's files in one folder and name them relative to it"
        try:
            parts = urlsplit(uri)
            name = unquote(parts.path, errors="strict")
            if parts.scheme or parts.netloc or not name or "\0" in name or "\\" in name or ":" in name:
                raise self.bad(where, f"{uri[:80]!r} is not a plain relative file name", fix)
            folder = self.path.resolve().parent
            target = (folder / name).resolve()
        except (ValueError, OSError, RuntimeError):
            raise self.bad(where, f"{uri[:80]!r} is not a file name", fix) from None
        if name.startswith("/") or not target.is_relative_to(folder):
            raise self.bad(where, f"{uri[:80]!r} points outside the head's folder", fix)
        return target

    def _inline(self, uri: str, where: str) -> bytes:
        head, comma, body = uri.partition(",")
        try:
            if comma and head.endswith(";base64"):
                return base64.b64decode(unquote(body), validate=True)
        except (binascii.Error, ValueError):
            pass  # told below
        raise self.bad(where, "a data: URI that is not base64")

    def _file_bytes(self, path: Path) -> bytes:
        try:
            if path.stat().st_size > MAX_BYTES:
                raise ModelError(f"is larger than {MAX_BYTES >> 20} MiB", where=str(path),
                                 fix="use a smaller head")
            return path.read_bytes()
        except (OSError, ValueError) as problem:
            reason = problem.strerror if isinstance(problem, OSError) else "not a file name"
            raise ModelError(f"cannot be read: {reason}", where=str(path),
                             fix="give a .glb or .gltf file that exists"
                             ) from None

    def _unpacked(self, data: bytes) -> bytes:
        """The JSON chunk of a GLB; keeps its binary chunk."""
        if len(data) < 20:
            raise self.bad("header", "the file is cut short")
        _, version, total = struct.unpack_from("<4sII", data)
        if version != 2 or total > len(data):
            raise self.bad("header", f"GLB version {version} of {total} bytes; there are {len(data)}")
        chunks: dict[int, bytes] = {}
        at = 12
        while at + 8 <= total:
            length, kind = struct.unpack_from("<II", data, at)
            if at + 8 + length > total:
                raise self.bad(f"chunk at byte {at}", "the file is cut short")
            chunks.setdefault(kind, data[at + 8:at + 8 + length])
            at += 8 + length
        if JSON_CHUNK not in chunks:
            raise self.bad("header", "has no JSON chunk")
        self._chunk = chunks.get(BIN_CHUNK)
        return chunks[JSON_CHUNK]

    def _buffer(self, index: object) -> bytes:
        buffer = self.item("buffers", index)
        number = self.integer(index, "buffer", 1 << 30)
        if number not in self._buffers:
            where = f"$.buffers[{number}]"
            if "uri" in buffer:
                data = self.resource(buffer["uri"], where)
            elif number == 0 and self._chunk is not None:
                data = self._chunk
            else:
                raise self.bad(where, "has neither a URI nor a binary chunk")
            length = self.integer(buffer.get("byteLength"), f"{where}.byteLength", len(data))
            self._buffers[number] = data[:length]
        return self._buffers[number]

    def _strided(self, view: object, offset: object, count: int, dtype: np.dtype[Any], width: int,
                 where: str) -> NDArray[Any]:
        data, stride = self.view_bytes(view)
        start = self.integer(offset, f"{where}.byteOffset", len(data))
        size = dtype.itemsize * width
        stride = stride or size
        if stride < size or (count and start + (count - 1) * stride + size > len(data)):
            raise self.bad(where, f"{count} elements do not fit into {len(data) - start} bytes")
        if not count:
            return np.zeros((0, width), dtype)
        raw = np.frombuffer(data, np.uint8)
        shaped = np.lib.stride_tricks.as_strided(raw[start:], (count, size), (stride, 1), writeable=False)
        return np.ascontiguousarray(shaped).view(dtype).reshape(count, width).copy()

    def _with_sparse(self, values: NDArray[Any], sparse: Json, dtype: np.dtype[Any],
                     where: str) -> NDArray[Any]:
        count = self.integer(sparse.get("count"), f"{where}.count", len(values))
        places, new = self.mapping(sparse, "indices", where), self.mapping(sparse, "values", where)
        component = places.get("componentType")
        if not isinstance(component, int) or component not in (5121, 5123, 5125):
            raise self.bad(where, "its indices are not unsigned integers")
        at = self._strided(places.get("bufferView"), places.get("byteOffset", 0), count,
                           COMPONENTS[component], 1, where)
        put = self._strided(new.get("bufferView"), new.get("byteOffset", 0), count, dtype, values.shape[1],
                            where)
        if count and int(at.max()) >= len(values):
            raise self.bad(where, f"index {int(at.max())} of {len(values)}")
        values[at[:, 0].astype(np.int64)] = put
        return values

    def _checked(self, value: Any, kind: type, where: str) -> Any:
        if not isinstance(value, kind):
            raise self.bad(where, f"{type(value).__name__} instead of {kind.__name__}")
        return value
