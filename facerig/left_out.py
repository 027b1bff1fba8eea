"""What a curve file does not hold of the face that was written to it, for people.

    watch = Turns(exporter, engine)
    frames = exporter.write(path, watch.over(pieces), info)
    watch.remarks()                 # ("head turns are not in it: ...",)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX, N_CHANNELS, NAMES, SHAPE_NAMES
from facerig.core.curves import CurveClip
from facerig.rig import Retarget
from facerig.sinks.exporter import Exporter

STILL: Final = 0.01  # radians, or of a shape: what turns no farther is still
TRIED: Final = 0.3  # of a curve, to see whether a rig answers

#  what turns   the canonical curves that tell of it
_TURNS: Final = {
    "head": tuple(name for name in NAMES if name.startswith("head")),
    "eye": tuple(name for name in NAMES
                 if name.startswith("eyeLook") or ("Eye" in name and name not in SHAPE_NAMES)),
}  # fmt: skip


class Turns:
    """Which turns of head and eyes have no place in a file of `exporter` and the rig of `engine`."""

    def __init__(self, exporter: Exporter, engine: Retarget) -> None:
        self.exporter, self.rig = exporter, engine.rig.name
        self._on_bones: bool | None = getattr(exporter, "turns", None)
        words_only = bool(getattr(exporter, "said", False))  # nobody looks for a head among words
        self._lost = () if self._on_bones or words_only else tuple(
            part for part in _TURNS if not _answers(engine, self._held(part)))
        self._moved: set[str] = set()

    def over(self, pieces: Iterable[CurveClip]) -> Iterator[CurveClip]:
        """The pieces as they come, looked at."""
        for piece in pieces:
            for part in self._lost:
                columns = [INDEX[name] for name in _TURNS[part]]
                if np.abs(piece.face_values[:, columns]).max(initial=0.0) > STILL:
                    self._moved.add(part)
            yield piece

    def remarks(self) -> tuple[str, ...]:
        """What a person should know after the last piece."""
        lost = [part for part in self._lost if part in self._moved]
        if not lost:
            return ()
        why = (f"{self.exporter.name} has no place for them" if self._on_bones is False else
               f"the rig {self.rig} has no curves for them, and {self.exporter.name} no bones")
        return (f"{' and '.join(lost)} turns are not in it: {why}",)

    def _held(self, part: str) -> tuple[str, ...]:
        """What the format leaves of a part's curves: one without a place for turns keeps the shapes."""
        return tuple(name for name in _TURNS[part] if self._on_bones is None or name in SHAPE_NAMES)


def _answers(engine: Retarget, names: tuple[str, ...]) -> bool:
    """Whether any of the canonical curves `names` moves the rig."""
    if not names:
        return False
    faces: NDArray[np.float64] = np.zeros((1 + len(names), N_CHANNELS))
    for row, name in enumerate(names, 1):
        faces[row, INDEX[name]] = TRIED
    values = engine.values(faces)
    return bool((values[1:] != values[0]).any())
