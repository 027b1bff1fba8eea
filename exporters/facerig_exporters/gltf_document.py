"""glTF 2.0 as a container: numbers go into one buffer and get accessors, and the whole becomes one file.

Source: Khronos glTF 2.0 specification, sections 3.6 (binary data) and 4 (GLB).
"""

from __future__ import annotations

import base64
import json
import struct
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Json = dict[str, Any]

GLB_MAGIC, JSON_CHUNK, BIN_CHUNK = b"glTF", 0x4E4F534A, 0x004E4942
ARRAY_BUFFER: Final = 34962  # vertex attributes
ELEMENT_ARRAY_BUFFER: Final = 34963  # indices of triangles
LARGEST_U16: Final = 65534  # 65535 restarts a strip
MOST_BYTES: Final = (1 << 32) - 1  # a GLB counts its bytes in 32 bits

#                    dtype, componentType
_COMPONENTS: Final = {"u1": 5121, "u2": 5123, "u4": 5125, "f4": 5126}
_TYPES: Final = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}


class Document:
    """A glTF document that grows. `lists` are its top-level lists by name."""

    def __init__(self, generator: str) -> None:
        self.lists: dict[str, list[Json]] = {}
        self._generator = generator
        self._data = bytearray()
        self._zeros: dict[int, int] = {}  # accessors of nothing but zeros, by count

    def copy(self) -> Document:
        """One that grows by itself; entries, which nobody changes once they are added, are shared."""
        other = Document(self._generator)
        other.lists = {name: list(listed) for name, listed in self.lists.items()}
        other._data, other._zeros = bytearray(self._data), dict(self._zeros)
        return other

    def add(self, name: str, item: Json) -> int:
        """Append `item` to the top-level list `name`; its index."""
        listed = self.lists.setdefault(name, [])
        listed.append(item)
        return len(listed) - 1

    def accessor(self, values: NDArray[Any], *, target: int | None = None, bounds: bool = False,
                 normalized: bool = False) -> int:
        """An accessor of `values` [n, width], n at least 1, in the type that they have (u1, u2, u4, f4)."""
        entry: Json = {"bufferView": self._view(values, target), **_described(values)}
        if normalized:
            entry["normalized"] = True
        if bounds:
            entry |= _bounds(values)
        return self.add("accessors", entry)

    def sparse_accessor(self, count: int, rows: NDArray[np.integer[Any]], values: NDArray[np.float32]) -> int:
        """An accessor [count, 3] that is zero but for `values` [k, 3] at the ascending `rows` [k]. It has
        bounds, as POSITION needs them. Nothing but zeros is one zero: not every importer knows an accessor
        without any data, which the specification allows."""
        if not len(rows):
            if count not in self._zeros:
                one = np.zeros(1, np.intp), np.zeros((1, 3), np.float32)
                self._zeros[count] = self.sparse_accessor(count, *one)
            return self._zeros[count]
        places = smallest_indices(rows, count)
        still = np.zeros((1 if len(rows) < count else 0, 3), np.float32)
        return self.add("accessors", {
            "componentType": _COMPONENTS["f4"], "type": "VEC3", "count": count,
            **_bounds(np.concatenate([values, still])), "sparse": {
                "count": len(rows),
                "indices": {"bufferView": self._view(places, None), "componentType": _component(places)},
                "values": {"bufferView": self._view(values, None)}}})

    def glb(self) -> bytes:
        """The document as one binary file."""
        text = self._text(None)
        text += b" " * (-len(text) % 4)
        data = bytes(self._data) + bytes(-len(self._data) % 4)
        total = 12 + 8 + len(text) + 8 + len(data)
        if total > MOST_BYTES:
            raise OverflowError("more than 4 GiB")
        return b"".join((struct.pack("<4sII", GLB_MAGIC, 2, total),
                         struct.pack("<II", len(text), JSON_CHUNK), text,
                         struct.pack("<II", len(data), BIN_CHUNK), data))

    def gltf(self) -> bytes:
        """The document as JSON that holds its buffer itself."""
        return self._text("data:application/octet-stream;base64," + base64.b64encode(self._data).decode())

    def _text(self, uri: str | None) -> bytes:
        buffer: Json = {"byteLength": len(self._data)} | ({} if uri is None else {"uri": uri})
        tree = {"asset": {"version": "2.0", "generator": self._generator}, **self.lists, "scene": 0,
                "buffers": [buffer]}
        return json.dumps(tree, separators=(",", ":"), allow_nan=False).encode("ascii")

    def _view(self, values: NDArray[Any], target: int | None) -> int:
        self._data += bytes(-len(self._data) % 4)
        view: Json = {"buffer": 0, "byteOffset": len(self._data), "byteLength": values.nbytes}
        if target is not None:
            view["target"] = target
        if target == ARRAY_BUFFER and values.nbytes // len(values) % 4:
            raise ValueError("rows of vertex attributes are multiples of four bytes")
        self._data += np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes()
        return self.add("bufferViews", view)


def smallest_indices(rows: NDArray[np.integer[Any]], count: int) -> NDArray[Any]:
    """Indices into `count` rows in the smallest type that graphics cards like."""
    return rows.astype(np.uint16 if count - 1 <= LARGEST_U16 else np.uint32)


def _described(values: NDArray[Any]) -> Json:
    width = 1 if values.ndim == 1 else values.shape[1]
    return {"componentType": _component(values), "type": _TYPES[width], "count": len(values)}


def _component(values: NDArray[Any]) -> int:
    return _COMPONENTS[f"{values.dtype.kind}{values.dtype.itemsize}"]


def _bounds(values: NDArray[Any]) -> Json:
    columns = values.reshape(len(values), -1)
    return {"min": columns.min(0).tolist(), "max": columns.max(0).tolist()}
