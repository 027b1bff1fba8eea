"""FBX in text form, as Maya and MotionBuilder write it on demand, as the same tree as the binary form.

    AnimationCurve: 2292684696272, "AnimCurve::", "" {
        KeyTime: *2 {
            a: 0,1539538600
        }
    }
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.curve_files.fbx_tree import DEEPEST, FIX, NEWEST, OLDEST, Node, Value
from facerig.curve_files.named import bad

_NODE: Final = re.compile(r"([A-Za-z_][\w |]*):(?:\s+|$)")
_VALUE: Final = re.compile(r'"([^"]*)"|([^\s,"][^,"]*)')
_WHOLE: Final = re.compile(r"[+-]?\d{1,19}")
_ARRAY_MARK: Final = "*"
_MOST_DIGITS: Final = 400  # of a number


class TextReader:
    """The nodes of the file `path`, which holds `text`."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._lines, self._at = path, text.splitlines(), 0

    def tree(self) -> Node:
        """All top-level nodes in one. Raises ConfigError."""
        tree = Node("", (), self._block(0))
        version = tree["FBXHeaderExtension"]["FBXVersion"].value(0, int)
        if not OLDEST <= version <= NEWEST:
            raise bad(self._path, f"is FBX version {version}, not {OLDEST} to {NEWEST}", FIX)
        return tree

    def _block(self, depth: int) -> list[Node]:
        """Nodes up to the } that closes the block, or the end of the file."""
        if depth > DEEPEST:
            raise self._damaged(f"nodes lie more than {DEEPEST} deep")
        nodes: list[Node] = []
        while (line := self._next()) is not None:
            if line == "}":
                if not depth:
                    raise self._damaged("a } closes nothing")
                return nodes
            begin = _NODE.match(line)
            if begin is None:
                raise self._damaged(f"{line[:40]!r} is no node")
            nodes.append(self._node(begin[1], line[begin.end():], depth))
        if depth:
            raise self._damaged("a } is missing")
        return nodes

    def _node(self, name: str, rest: str, depth: int) -> Node:
        opens = rest.endswith("{")
        rest = rest.removesuffix("{").strip()
        if opens and rest.startswith(_ARRAY_MARK):
            return Node(name, (self._array(),))
        if opens:
            return Node(name, self._values(rest), self._block(depth + 1))
        while self._at < len(self._lines) and self._goes_on(self._lines[self._at].strip()):
            rest += self._lines[self._at].strip()
            self._at += 1
        return Node(name, self._values(rest))

    def _array(self) -> NDArray[Any]:
        """The numbers of a block of nothing else."""
        parts = []
        while (line := self._next()) != "}":
            if line is None:
                raise self._damaged("a } is missing")
            parts.append(line.removeprefix("a:"))
        cells = "".join(parts).split(",")
        try:
            if all(_WHOLE.fullmatch(cell.strip()) for cell in cells):
                return np.array([int(cell) for cell in cells], np.int64)
            return np.array([float(cell) for cell in cells if cell.strip()], np.float64)
        except (ValueError, OverflowError):
            raise self._damaged("an array holds what is no number") from None

    def _values(self, text: str) -> tuple[Value, ...]:
        return tuple(_number(bare.strip()) if bare else quoted.replace("&quot;", '"')
                     for quoted, bare in _VALUE.findall(text))

    def _next(self) -> str | None:
        """The next line that is neither empty nor a comment."""
        while self._at < len(self._lines):
            line = self._lines[self._at].strip()
            self._at += 1
            if line and not line.startswith(";"):
                return line
        return None

    def _goes_on(self, line: str) -> bool:
        return bool(line) and line != "}" and not line.startswith(";") and _NODE.match(line) is None

    def _damaged(self, what: str) -> Exception:
        return bad(self._path, f"is damaged in line {self._at}: {what}", FIX)


def _number(text: str) -> Value:
    """A number, or a bare word as it is."""
    if _WHOLE.fullmatch(text):
        return int(text)
    try:
        return float(text) if len(text) < _MOST_DIGITS else text
    except ValueError:
        return text
