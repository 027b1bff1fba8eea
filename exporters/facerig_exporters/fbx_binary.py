"""The binary FBX container: a tree of named nodes with typed values, and how it is laid out in bytes.

    write_fbx(path, [Node("Objects", (), [Node("Model", (np.int64(7), "head\\0\\1Model", "LimbNode"), [])])])

Files are version 7.4, which every reader of the last ten years knows; those that would not fit into its
32-bit offsets are 7.5, which differs in nothing else.

Source: the layout as the makers of Blender, ufbx and assimp have described it; Autodesk publishes none.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

# A value's type in Python is its type in the file: bool C, int I (32 bits), np.int64 L, float D, str S, bytes
# R, and an array of the dtypes below.
Value = bool | int | np.int64 | float | str | bytes | NDArray[Any]
Row = tuple[Value, ...]  # of `properties`: name, type, label, flags, value ...

VERSION: Final = 7400
VERSION_OF_LARGE: Final = 7500  # its offsets have 64 bits
LARGE_BYTES: Final = 1 << 31  # half of what 32-bit offsets reach: an estimate decides
PACK_BYTES: Final = 128  # arrays from here on are compressed
PACKED_KEPT, LONGEST_KEPT = 512, 1 << 18  # arrays whose compressed bytes are kept, and bytes of the longest
LARGE_KEPT, LARGEST_KEPT = 16, 1 << 21  # of the few large ones, a mesh's corners
PACK_LEVEL: Final = 3  # of zlib: 6 takes three times as long for a tenth less
_ARRAYS: Final = {np.dtype("<f8"): b"d", np.dtype("<f4"): b"f", np.dtype("<i8"): b"l", np.dtype("<i4"): b"i",
                  np.dtype("?"): b"b"}

# The file's id, its time and the first mark at its end belong together: the SDK checks one against the other.
# These are the three that open writers use, so the same curves give the same bytes on any day.
FILE_ID: Final = bytes.fromhex("28b32aebb624ccc2bfc8b02aa92bfcf1")
CREATION_TIME: Final = "1970-01-01 10:00:00:000"
_END_OF_ID: Final = bytes.fromhex("fabcab09d0c8d466b176fb831cf7267e")
_MAGIC: Final = b"Kaydara FBX Binary  \x00\x1a\x00"
_END_MAGIC: Final = bytes.fromhex("f85a8c6adef5d97eece90ce3758f290b")
_END_ZEROS: Final = 120


@dataclass(frozen=True, slots=True)
class Node:
    """`children` None: a node of values alone; a list, even an empty one: a node with a block."""

    name: str
    values: tuple[Value, ...] = ()
    children: list[Node] | None = None


def properties(*rows: Row) -> Node:
    """A Properties70 node."""
    return Node("Properties70", (), [Node("P", row) for row in rows])


def version_for(nodes: Iterable[Node]) -> int:
    """The version of the file format that `nodes` fit into."""
    return VERSION if sum(map(_size, nodes)) < LARGE_BYTES else VERSION_OF_LARGE


def write_fbx(path: Path, nodes: Iterable[Node]) -> None:
    """Write the top-level `nodes` as a binary FBX file."""
    nodes = list(nodes)
    version = version_for(nodes)
    with path.open("wb") as file:
        file.write(_MAGIC + struct.pack("<I", version))
        layout = _Layout(file, version)
        for node in nodes:
            layout.node(node)
        layout.end_of_block()
        file.write(_END_OF_ID + bytes(4))
        file.write(bytes(16 - file.tell() % 16))
        file.write(struct.pack("<I", version) + bytes(_END_ZEROS) + _END_MAGIC)


class _Layout:
    def __init__(self, file: BinaryIO, version: int) -> None:
        self._file = file
        self._head = struct.Struct("<IIIB" if version < VERSION_OF_LARGE else "<QQQB")

    def node(self, node: Node) -> None:
        """The node and all below it; its head is filled in when its end is known."""
        file, name = self._file, node.name.encode()
        start = file.tell()
        file.write(self._head.pack(0, 0, 0, len(name)) + name)
        values_start = file.tell()
        for value in node.values:
            for part in _encoded(value):
                file.write(part)
        values_bytes = file.tell() - values_start
        if node.children is not None:
            for child in node.children:
                self.node(child)
            self.end_of_block()
        end = file.tell()
        file.seek(start)
        file.write(self._head.pack(end, len(node.values), values_bytes, len(name)))
        file.seek(end)

    def end_of_block(self) -> None:
        """An empty head."""
        self._file.write(bytes(self._head.size))


def _encoded(value: Value) -> tuple[bytes, ...]:
    """Type letter and bytes of a value."""
    if isinstance(value, np.ndarray):
        return _encoded_array(value)
    if isinstance(value, bool):
        return b"C", bytes([value])
    if isinstance(value, np.integer):
        return b"L", struct.pack("<q", value)
    if isinstance(value, int):
        return b"I", struct.pack("<i", value)
    if isinstance(value, float):
        return b"D", struct.pack("<d", value)
    data = value.encode() if isinstance(value, str) else value
    return b"S" if isinstance(value, str) else b"R", struct.pack("<I", len(data)), data


def _encoded_array(values: NDArray[Any]) -> tuple[bytes, ...]:
    data = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
    raw = data.tobytes()
    packed = raw
    if len(raw) >= PACK_BYTES:
        packed = _packed(raw) if len(raw) <= LONGEST_KEPT else _packed_large(raw)
    if len(packed) >= len(raw):
        return _ARRAYS[data.dtype], struct.pack("<III", data.size, 0, len(raw)), raw
    return _ARRAYS[data.dtype], struct.pack("<III", data.size, 1, len(packed)), packed


@lru_cache(maxsize=PACKED_KEPT)
def _packed(raw: bytes) -> bytes:
    """Compressed. The face is the same in all files of a batch, and takes longer than their curves."""
    return zlib.compress(raw, PACK_LEVEL)


def _packed_large(raw: bytes) -> bytes:
    return _packed_few(raw) if len(raw) <= LARGEST_KEPT else zlib.compress(raw, PACK_LEVEL)


@lru_cache(maxsize=LARGE_KEPT)
def _packed_few(raw: bytes) -> bytes:
    return zlib.compress(raw, PACK_LEVEL)


def _size(node: Node) -> int:
    """Of arrays, uncompressed; all else is small."""
    own = sum(v.nbytes for v in node.values if isinstance(v, np.ndarray))
    return own + sum(map(_size, node.children or ()))
