"""The tree of nodes in an FBX file, for any bytes: a tree, or ConfigError. The text form is `fbx_text`.

    tree = read_tree(path)
    for node in tree["Objects"]: ...

Arrays stay packed until they are asked for; a head's shapes are most of a file, and nobody reads them here.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.curve_files.named import bad

MAGIC: Final = b"Kaydara FBX Binary"
TEXT_MARK: Final = b"; FBX"
FIX: Final = "export it again as FBX 2014 or newer"
OLDEST: Final = 7000  # versions
NEWEST: Final = 7999
WIDE_VERSION: Final = 7500  # offsets of 64 bits from here on
DEEPEST: Final = 32
MOST_NODES: Final = 2_000_000
LARGEST_FILE: Final = 4 << 30  # bytes
LARGEST_ARRAY: Final = 1 << 30  # bytes, unpacked
_HEADER_BYTES: Final = 27
_SCALARS: Final = {b"C": "<?", b"B": "<?", b"Y": "<h", b"I": "<i", b"L": "<q", b"F": "<f", b"D": "<d"}
_ARRAYS: Final = {b"f": "<f4", b"d": "<f8", b"i": "<i4", b"l": "<i8", b"b": "u1", b"c": "u1"}


@dataclass(frozen=True, slots=True)
class Packed:
    """An array in a file: `data` is compressed where `zipped`."""

    dtype: str
    count: int
    zipped: bool
    data: memoryview


Value = bool | int | float | str | bytes | Packed | NDArray[Any]


@dataclass(frozen=True, slots=True)
class Node:
    """A node, its values and the nodes in it."""

    name: str
    values: tuple[Value, ...] = ()
    children: list[Node] = field(default_factory=list)

    def __getitem__(self, name: str) -> Node:
        """The first node in it that is called so; an empty one where there is none."""
        return next(self.all(name), Node(name))

    def all(self, name: str) -> Iterator[Node]:
        """The nodes in it that are called so."""
        return (child for child in self.children if child.name == name)

    def value(self, index: int, kind: type) -> Any:
        """Value `index` if it is of `kind`, else an empty one of it; an int will do as a float."""
        found = self.values[index] if index < len(self.values) else None
        if kind is float and type(found) is int:
            return float(found)
        return found if type(found) is kind else kind()


class Reader:
    """The nodes of the file `path`, whose bytes are `data`."""

    def __init__(self, path: Path, data: bytes) -> None:
        self.path, self._data, self._count = path, memoryview(data), 0
        if not data.startswith(MAGIC) or len(data) < _HEADER_BYTES:
            raise bad(path, "is not a binary FBX file", FIX)
        version = struct.unpack_from("<I", data, _HEADER_BYTES - 4)[0]
        if not OLDEST <= version <= NEWEST:
            raise bad(path, f"is FBX version {version}, not {OLDEST} to {NEWEST}", FIX)
        self._head = struct.Struct("<QQQB" if version >= WIDE_VERSION else "<IIIB")

    def tree(self) -> Node:
        """All top-level nodes in one."""
        nodes, _ = self._block(_HEADER_BYTES, len(self._data), 0)
        return Node("", (), nodes)

    def _block(self, at: int, stop: int, depth: int) -> tuple[list[Node], int]:
        """Nodes from byte `at` up to an empty head, or to `stop`."""
        if depth > DEEPEST:
            raise self._damaged(at, f"nodes lie more than {DEEPEST} deep")
        nodes: list[Node] = []
        while at + self._head.size <= stop:
            end, n_values, values_bytes, name_bytes = self._head.unpack_from(self._data, at)
            if end == 0:
                return nodes, at + self._head.size
            values_at = at + self._head.size + name_bytes
            inside = values_at + values_bytes
            if not inside <= end <= stop:
                raise self._damaged(at, "a node reaches beyond its place")
            self._count += 1
            if self._count > MOST_NODES:
                raise self._damaged(at, f"more than {MOST_NODES} nodes")
            name = self._text(values_at - name_bytes, name_bytes)
            values = self._values(values_at, inside, n_values)
            nodes.append(Node(name, values, self._block(inside, end, depth + 1)[0]))
            at = end
        return nodes, at

    def _values(self, at: int, stop: int, count: int) -> tuple[Value, ...]:
        if count > stop - at:
            raise self._damaged(at, "more values than bytes")
        values: list[Value] = []
        for _ in range(count):
            value, at = self._value(at, stop)
            values.append(value)
        return tuple(values)

    def _value(self, at: int, stop: int) -> tuple[Value, int]:
        kind = bytes(self._data[at:at + 1])
        at += 1
        if kind in _SCALARS:
            size = struct.calcsize(_SCALARS[kind])
            self._check(at, size, stop)
            return struct.unpack_from(_SCALARS[kind], self._data, at)[0], at + size
        if kind in (b"S", b"R"):
            self._check(at, 4, stop)
            size = struct.unpack_from("<I", self._data, at)[0]
            self._check(at + 4, size, stop)
            text = self._text(at + 4, size) if kind == b"S" else bytes(self._data[at + 4:at + 4 + size])
            return text, at + 4 + size
        if kind not in _ARRAYS:
            raise self._damaged(at - 1, f"a value of the unknown type {kind!r}")
        self._check(at, 12, stop)
        n, zipped, size = struct.unpack_from("<III", self._data, at)
        self._check(at + 12, size, stop)
        if zipped > 1:
            raise self._damaged(at, f"an array packed in the unknown way {zipped}")
        return Packed(_ARRAYS[kind], n, bool(zipped), self._data[at + 12:at + 12 + size]), at + 12 + size

    def _text(self, at: int, size: int) -> str:
        return bytes(self._data[at:at + size]).decode("utf-8", "replace")

    def _check(self, at: int, size: int, stop: int) -> None:
        if at + size > stop:
            raise self._damaged(at, "a value reaches beyond its node")

    def _damaged(self, at: int, what: str) -> Exception:
        return bad(self.path, f"is damaged at byte {at}: {what}", FIX)


def read_tree(path: Path) -> Node:
    """The nodes of a file. Raises ConfigError for what is no FBX that this reads."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise bad(path, f"is larger than {LARGEST_FILE >> 30} GiB", "split the animation")
        data = path.read_bytes()
    except OSError as problem:
        raise bad(path, f"cannot be read: {problem.strerror or problem}", "give a file that exists") from None
    if data.startswith(TEXT_MARK):
        from facerig.curve_files.fbx_text import TextReader
        return TextReader(path, data.decode("utf-8", "replace")).tree()
    return Reader(path, data).tree()


def array(path: Path, node: Node) -> NDArray[Any]:
    """The array that is a node's first value; empty where there is none. Raises ConfigError for one that is
    damaged."""
    packed = node.values[0] if node.values else None
    if isinstance(packed, np.ndarray):
        return packed
    if not isinstance(packed, Packed):
        return np.zeros(0)
    size = packed.count * np.dtype(packed.dtype).itemsize
    if size > LARGEST_ARRAY:
        raise bad(path, f"{node.name} has {packed.count} values", "split the animation")
    try:
        data = zlib.decompressobj().decompress(packed.data, size) if packed.zipped and size else packed.data
    except zlib.error as problem:
        raise bad(path, f"{node.name} cannot be unpacked ({problem})", FIX) from None
    if len(data) < size:
        raise bad(path, f"{node.name} has {len(data)} bytes instead of {size}", FIX)
    return np.frombuffer(data, packed.dtype, packed.count)
