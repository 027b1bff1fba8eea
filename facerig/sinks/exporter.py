"""The exporter contract, and how exporters are found.

An exporter is a class with two class attributes and one method; bad options fail in its constructor. A third
party adds one through the entry point group `facerig.exporters`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import ClassVar, Protocol

from facerig.core.channels import NAMES
from facerig.core.curves import CurveClip


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportInfo:
    """What an exporter may write besides values."""

    fps: Fraction
    sample_rate: int  # of the audio, Hz: the clock of the curves
    audio_path: Path | None = None  # formats that reference their sound name it
    names: tuple[str, ...] = NAMES


class Exporter(Protocol):
    """Writes curves to one file in constant memory."""

    name: ClassVar[str]  # stable word for `facerig formats`
    endings: ClassVar[tuple[str, ...]]  # file endings, lower case; the longest match of all exporters wins
    summary: ClassVar[str]  # one line for `facerig formats`

    def write(self, path: Path, pieces: Iterable[CurveClip], info: ExportInfo) -> int:
        """Write consecutive `pieces` to `path` and return the number of frames.

        `path` is a temporary file beside the target (`sinks.files.written_aside` renames it when all went
        well), so an exporter just writes. Pieces arrive as they are computed: never collect them.
        """
        ...
