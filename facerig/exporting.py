"""Curves to a file: through a rig, by the exporter of the file's ending, whole or not at all.

    written = write_curves(Path("line.fbx"), pieces, ExportSettings(rig="arkit"), Origin(fps=fps,
    sample_rate=48000))

`animate` and `retarget` both end here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from facerig.core.curves import CurveClip
from facerig.core.said import Said
from facerig.core.timecode import DROPPED, dropped_before, frames_per_sec
from facerig.errors import ConfigError, OutputError, RigError
from facerig.left_out import Turns
from facerig.rig import Retarget, Rig, load_rig
from facerig.rig.declaration import RigCurve
from facerig.sinks.exporter import DEFAULT_RIG, TOLERANCE_MM, CurveInfo, Exporter, ExportInfo
from facerig.sinks.files import written_aside
from facerig.sinks.formats import exporter_for

if TYPE_CHECKING:
    from facerig.mesh.head import Head

_TIMECODE: Final = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})([:;])(\d{1,3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSettings:
    """How curves are written; the same words as the command line's options."""

    rig: str | Path | None = None  # a name or a rig file; None: what the format usually holds
    timecode: str | None = None  # of the first frame: HH:MM:SS:FF, or HH:MM:SS;FF for drop-frame
    every_frame: bool = False  # a key on every frame, in formats of keys
    tolerance_mm: float = TOLERANCE_MM  # of the gap between the lips, that leaving out keys may change
    head: Path | None = None  # a glTF head of the user's own, or female or male, in formats that hold one

    def __post_init__(self) -> None:
        """Raises ConfigError for a tolerance that is none."""
        if not (math.isfinite(self.tolerance_mm) and self.tolerance_mm >= 0):
            raise ConfigError(f"{self.tolerance_mm} is no length", where="--tolerance",
                              fix=f"give millimetres from 0 up, such as {TOLERANCE_MM}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where curves come from: their rate, their sound, and what was said in it."""

    fps: Fraction
    sample_rate: int
    audio_path: Path | None = None
    audio_name: str | None = None  # what files call it that hold no relative path: its address in a store
    said: Callable[[], Said | None] | None = None  # asked after the last piece
    start_frame: int = 0  # what the timecode of the first frame counts, where no other is asked for
    drop_frame: bool = False  # that timecode leaves numbers out, see core.timecode


def write_curves(out: Path, pieces: Iterable[CurveClip], settings: ExportSettings, origin: Origin,
                 tell: Callable[[str], None] | None = None) -> int:
    """Write canonical `pieces` to `out` as `settings` ask, and return the number of frames.

    tell: is given, in words, what was asked for or moves and is not in the file.
    Raises OutputError or RigError before the first piece is taken where the file cannot be written that way.
    """
    exporter = exporter_for(out)
    rig = rig_for(exporter, settings)
    info = info_for(rig, settings, origin)
    check_rate(exporter, origin.fps, out)
    turns = Turns(exporter, Retarget(rig))
    heads: list[Head] = []
    with written_aside(out) as aside:
        watched = replace(info, head=lambda: _kept(settings.head, heads))
        frames = exporter.write(aside, turns.over(retargeted(pieces, rig)), watched)
    for remark in (*turns.remarks(), *_idle_head(exporter, rig, settings, heads)):
        if tell is not None:
            tell(remark)
    return frames


def rig_for(exporter: Exporter, settings: ExportSettings) -> Rig:
    """The rig that is asked for, or that the format usually holds. Raises RigError."""
    usual: str = getattr(exporter, "rig", DEFAULT_RIG)
    if settings.rig is not None:
        return load_rig(settings.rig)
    try:
        return load_rig(usual)
    except RigError as error:
        raise RigError(f"the format holds curves of the rig {usual}: {error.what}", fix=error.fix,
                       where=exporter.name if error.where == "--rig" else error.where) from None


def rate_of(out: Path) -> Fraction | None:
    """The only frame rate that the format of `out` has; None where it has any. Raises OutputError."""
    rate: Fraction | None = getattr(exporter_for(out), "fps", None)
    return rate


def writes_said(out: Path) -> bool:
    """Whether the format of `out` holds words and phones. Raises OutputError."""
    return bool(getattr(exporter_for(out), "said", False))


def check_rate(exporter: Exporter, fps: Fraction, out: Path) -> None:
    """Raises OutputError where the format of `out` cannot hold `fps`."""
    only: Fraction | None = getattr(exporter, "fps", None)
    if only is not None and fps != only:
        raise OutputError(f"{exporter.name} has {only} frames per second, not {fps}", where=str(out),
                          fix=f"give --fps {only}, or no --fps")


def info_for(rig: Rig, settings: ExportSettings, origin: Origin) -> ExportInfo:
    """What the exporter is told. Raises ConfigError for a timecode that is none."""
    asked = settings.timecode
    return ExportInfo(
        fps=origin.fps, sample_rate=origin.sample_rate, audio_path=origin.audio_path,
        audio_name=origin.audio_name, rig=rig.name,
        names=rig.names,
        curves={curve.name: _curve_info(curve) for curve in rig.curves},
        start_frame=origin.start_frame if asked is None else parse_timecode(asked, origin.fps),
        drop_frame=origin.drop_frame if asked is None else ";" in asked,
        every_frame=settings.every_frame, tolerance_mm=settings.tolerance_mm,
        head=lambda: _head(settings.head), said=origin.said)


def _curve_info(curve: RigCurve) -> CurveInfo:
    low, high = curve.range
    pose = curve.pose or curve.looks or ({} if curve.remainder else _plain_pose(curve))
    return CurveInfo(low=low, high=high, pose=pose)


def _plain_pose(curve: RigCurve) -> dict[str, float] | None:
    """A curve that is a canonical one under another name, range or bend, looks like that one."""
    from facerig.core.channels import INDEX
    if len(curve.weights) != 1 or curve.through or curve.rest:
        return None
    (source, weight), = curve.weights.items()
    if source not in INDEX or weight == 0:
        return None
    return {source: 1 / (weight * curve.unit.factor)}


def _head(path: Path | None) -> Head:
    """Read once, as long as the file stays as it is."""
    try:
        seen = None if path is None else path.stat()
    except OSError:
        seen = None  # the name of a shipped one, or no file, which loading says
    return _loaded(path, None if seen is None else (seen.st_size, seen.st_mtime_ns))


@lru_cache(maxsize=2)
def _loaded(path: Path | None, _as_of: tuple[int, int] | None) -> Head:
    from facerig.preview.render import load_head
    return load_head(path, lit=False)  # light is baked for pictures, and takes most of the time


def _kept(path: Path | None, heads: list[Head]) -> Head:
    heads.append(_head(path))
    return heads[-1]


def _idle_head(exporter: Exporter, rig: Rig, settings: ExportSettings, heads: list[Head]) -> list[str]:
    """A remark where a head was asked for that no exporter looked at."""
    if settings.head is None or heads:
        return []
    return [f"--mesh does nothing: {exporter.name} holds no head with curves of {rig.name}"]


def retargeted(pieces: Iterable[CurveClip], rig: Rig) -> Iterator[CurveClip]:
    """Canonical pieces as pieces of `rig`; those that are of it already stay, where their face is known."""
    engine = Retarget(rig)
    for piece in pieces:
        of_it = piece.face is not None and piece.names == rig.names
        yield piece if of_it else engine.clip(piece.canonical)


def parse_timecode(text: str, fps: Fraction) -> int:
    """The frame that a timecode counts at `fps`: whole frames at the next integer rate (SMPTE 12M), numbers
    left out where a semicolon stands before the frames. Raises ConfigError."""
    match = _TIMECODE.fullmatch(text.strip())
    if not match:
        raise ConfigError(f"{text!r} is no timecode", where="--timecode",
                          fix="give HH:MM:SS:FF, such as 01:00:00:00")
    hours, minutes, secs, frames = (int(match[k]) for k in (1, 2, 3, 5))
    per_sec = frames_per_sec(fps)
    if hours > 23 or minutes > 59 or secs > 59 or frames >= per_sec:
        raise ConfigError(f"{text!r} is no timecode at {fps} fps", where="--timecode",
                          fix=f"hours go up to 23, minutes and seconds to 59, frames to {per_sec - 1}")
    index = ((hours * 60 + minutes) * 60 + secs) * per_sec + frames
    if match[4] == ":":
        return index
    dropped = DROPPED.get(fps)
    if dropped is None:
        raise ConfigError(f"{text!r} drops frames, and {fps} fps has none to drop", where="--timecode",
                          fix="write the frames behind a colon")
    if secs == 0 and minutes % 10 and frames < dropped:
        raise ConfigError(f"{text!r} is one of the numbers that drop-frame leaves out", where="--timecode",
                          fix=f"begin at frame {dropped} of that second")
    return index - dropped_before(hours * 60 + minutes, fps)
