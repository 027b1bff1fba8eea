"""The exporter contract, and how exporters are found.

An exporter is a class with a few class attributes and one method; bad options fail in its constructor. A
third party adds one through the entry point group `facerig.exporters`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

from facerig.core.channels import CHANNELS, NAMES
from facerig.core.curves import CurveClip
from facerig.core.said import Said

if TYPE_CHECKING:
    from facerig.mesh.head import Head

TOLERANCE_MM: Final = 0.3  # of the gap between the lips: what leaving out keys may change
DEFAULT_RIG: Final = "livelink"  # of formats that hold any curves


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveInfo:
    """A curve of a rig: its range, and what it looks like as canonical curves at value 1 (None: not known, as
    for a control that only its own rig can show)."""

    low: float = 0.0
    high: float = 1.0
    pose: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportInfo:
    """What an exporter may write besides values."""

    fps: Fraction
    sample_rate: int  # of the audio, Hz: the clock of the curves
    audio_path: Path | None = None  # formats that reference or embed their sound
    audio_name: str | None = None  # its name where that is not its path: the address in a store
    rig: str = DEFAULT_RIG
    names: tuple[str, ...] = NAMES  # of the rig's curves, in order
    curves: Mapping[str, CurveInfo] = field(default_factory=dict)  # by name; canonical ones where it is empty
    start_frame: int = 0  # the frames before the first one since timecode 00:00:00:00, at `fps`
    drop_frame: bool = False  # timecodes leave numbers out, see core.timecode
    every_frame: bool = False  # keys on all frames, or reduced
    tolerance_mm: float = TOLERANCE_MM
    head: Callable[[], Head] | None = None  # the mesh of formats that hold one
    said: Callable[[], Said | None] | None = None  # words and phones: ask after the last piece

    @property
    def sound(self) -> str:
        """What files call the sound that do not refer to it by a relative path; empty where there is none."""
        return self.audio_name or ("" if self.audio_path is None else str(self.audio_path))

    def curve(self, name: str) -> CurveInfo:
        """What is known of the curve `name`. Raises KeyError for one that is not of this rig."""
        return self.curves[name] if self.curves else _CANONICAL[name]


_CANONICAL: Final = {c.name: CurveInfo(low=c.low, high=c.high, pose={c.name: 1.0}) for c in CHANNELS}


class Exporter(Protocol):
    """Writes curves to one file.

    More class attributes may be given: `rig: ClassVar[str]`, the rig that is written when the user
    names none (else `DEFAULT_RIG`); `fps: ClassVar[Fraction]`, the only frame rate the format has;
    `keyed: ClassVar[bool]`, true where keys may be left out (`--every-frame` then means something);
    `said: ClassVar[bool]`, true where `info.said` is written, for which a model that hears phones is taken;
    `turns: ClassVar[bool]`, true where head and eyes turn on bones, false where not even curves may turn
    them (else they are in it as far as the rig has curves for them: what moves and is left out is told); and
    `spelled: ClassVar[tuple[str, ...]]`, the endings as people write them, where that is not in lower case.
    """

    name: ClassVar[str]  # stable word for `facerig formats`
    endings: ClassVar[tuple[str, ...]]  # file endings, lower case; the longest match of all exporters wins
    summary: ClassVar[str]  # one line for `facerig formats`

    def write(self, path: Path, pieces: Iterable[CurveClip], info: ExportInfo) -> int:
        """Write consecutive `pieces` to `path` and return the number of frames.

        `path` is a temporary file beside the target (`sinks.files.written_aside` renames it when all went
        well), so an exporter just writes. Pieces arrive as they are computed; their columns are `info.names`,
        and `piece.canonical` has the 61 canonical ones, for bones of head and eyes and for measures of the
        lips. A format that holds one frame after the other writes in constant memory; one that holds curve
        after curve keeps float32 values and nothing else. Raise OutputError before the first piece is taken
        for what the format cannot hold.
        """
        ...
