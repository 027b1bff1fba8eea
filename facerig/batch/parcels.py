"""Files that lines name (scene, style, rig, model), sent along to nodes that do not see this machine's disk.

    parcels = Parcels(ray.put)              # each file is sent once, however many lines name it
    parcels.of(task)                        # path -> what stands for its content
    task = unpacked(task, {path: content})  # on the node: the same task with paths of its own

A disk that both see keeps its paths, so that a scene finds the files that it names itself.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

from facerig.batch.work import Task

MOST_KEPT: Final = 256  # files that stand ready at once; a batch has a few dozen
NAMING: Final = ("settings", "style", "rig", "model")  # fields of a line that may name a file


class Parcels:
    """Of a run. put: gives what stands for bytes on all nodes."""

    def __init__(self, put: Callable[[bytes], Any]) -> None:
        self._put = put
        self._kept: OrderedDict[tuple[str, str], Any] = OrderedDict()  # by path and content

    def of(self, task: Task) -> dict[str, Any]:
        """By path, for all files that a task's line names; one that is gone is left to the worker to say."""
        found = {}
        for path in task.line.files:
            key = (path, task.inputs[path][2] if path in task.inputs else "")
            if key not in self._kept:
                try:
                    self._kept[key] = self._put(Path(path).read_bytes())
                except OSError:
                    continue
                if len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            found[path] = self._kept[key]
        return found


def unpacked(task: Task, contents: Mapping[str, bytes]) -> Task:
    """The task with its files where this machine has them."""
    here = {path: str(_placed(path, content)) for path, content in contents.items()}
    fields: dict[str, Any] = {name: here[path] for name in NAMING
                              if (path := getattr(task.line, name)) in here}
    return replace(task, line=replace(task.line, **fields)) if fields else task


def _placed(path: str, content: bytes) -> Path:
    """The file itself where machines share the disk, else one of its name in a folder of this process."""
    digest = sha256(content).hexdigest()
    try:
        if sha256(Path(path).read_bytes()).hexdigest() == digest:
            return Path(path)
    except OSError:
        pass  # another disk
    placed = _folder() / digest[:32] / Path(path).name
    if not placed.is_file():
        placed.parent.mkdir(exist_ok=True)
        placed.write_bytes(content)
    return placed


@cache
def _folder() -> Path:
    """Of this process alone; one thread works in it."""
    return Path(mkdtemp(prefix="facerig-parcels-"))
