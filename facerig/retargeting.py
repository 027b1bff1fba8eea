"""Curve files to other rigs: what an animator, a performer or another tool made, as the curves that you
need.

    settings = RetargetSettings(export=ExportSettings(rig="metahuman"))
    done = retarget_to("take.csv", "take.unreal.csv", settings)
    clip = retarget("take.csv", rig="vrm")          # the same as a CurveClip

The file's own rig is told by its names, or given. Its values become canonical curves (`rig.inverse`), those
the new rig's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.audio.reader import open_audio
from facerig.core.channels import INDEX, SHAPE_NAMES
from facerig.core.clock import parse_fps
from facerig.core.curves import CurveClip
from facerig.core.rate_change import at_rate
from facerig.core.spelling import canonical_name
from facerig.core.timecode import NTSC, frames_per_sec
from facerig.curve_files import NamedCurves, read_curves, read_named
from facerig.errors import ConfigError, RigError
from facerig.exporting import ExportSettings, Origin, rate_of, rig_for, write_curves
from facerig.rig import Retarget, Rig, load_rig
from facerig.rig.catalogue import rig_files
from facerig.rig.inverse import Inverse, Inverted, Progress
from facerig.rig.matching import Match, matched, whose
from facerig.sinks.formats import exporter_for

SAMPLE_RATE: Final = 48_000  # Hz, where no sound is given
OUTSIDE: Final = 0.01  # of a range: values that far outside of it are told
PERCENT: Final = 5.0  # ranges: values that far outside are on another scale
MET: Final = 1e-3  # rms of a frame in shares of the ranges: what is nearer is met
BEYOND: Final = 0.1  # rms: more than shipped rigs leave of their own speech, and of most wild faces;
FAR: Final = 3.0  # and so many times what they leave of the nearest face: no face gives such a frame
COMPARED: Final = 16  # frames
SHOWN: Final = 8  # names in a remark
PLAIN_FPS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class RetargetSettings:
    """How a curve file becomes another; the same words as the command line's options."""

    source_rig: str | Path | None = None  # whose curves the file holds; None: told by their names
    source_fps: Fraction | None = None  # of files that do not tell their rate, or only a whole one
    fps: Fraction | None = None  # of the new file; None: the old one's, or the only one that the format has
    audio: Path | None = None  # the sound, for formats that name it
    export: ExportSettings = field(default_factory=ExportSettings)


@dataclass(frozen=True, slots=True)
class Take:
    """A curve file, understood.

    `face` canonical; `curves` the same frames as the file's rig has them; `residual` [T] how far the face's
    own retarget is from them, rms in shares of the ranges. `unknown` columns of the file, `missing` curves
    of the rig, `unobserved` canonical curves that nothing tells; `remarks` for people.
    """

    rig: Rig
    face: CurveClip
    curves: CurveClip
    start_frame: int
    drop_frame: bool
    residual: NDArray[np.float64]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    unobserved: tuple[str, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RetargetReport:
    """What `retarget_to` did; `residual` is the mean and the largest of the frames', the rest as in `Take`.
    """

    out: Path
    frames: int
    fps: Fraction
    source_rig: str
    rig: str
    residual: tuple[float, float]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    unobserved: tuple[str, ...]
    remarks: tuple[str, ...]


def read_take(path: str | Path, rig: str | Path | None = None, fps: Fraction | None = None,
              progress: Progress | None = None) -> Take:
    """The curves of a file as canonical ones.

    rig: whose they are; None: of the known rig that most of the names belong to. fps: see
    `curve_files.read_named`. progress: told (frames understood, frames in all). Raises ConfigError or
    RigError.
    """
    path = Path(path)
    named = read_named(path, fps)
    match = _match(path, named, rig)
    given = np.zeros((len(named), len(match.rig.names)))
    for k, name in enumerate(match.rig.names):
        curve = match.rig.curves[k]
        given[:, k] = named.values[:, match.columns[name]] if name in match.columns else curve.rest
    inverse = Inverse(match.rig, tuple(match.columns))
    back = inverse.solve(given, progress)
    unmet = _unmet(inverse, back)
    turns = _turns(match, named.names)
    for name in set(turns) & set(inverse.unobserved):
        back.values[:, INDEX[name]] = named.values[:, turns[name]]
    match = replace(match, unknown=tuple(n for n in match.unknown if canonical_name(n) not in turns))
    face = CurveClip(back.values, named.fps, SAMPLE_RATE, named.start)
    low, high = (np.array([c.range[end] for c in match.rig.curves]) for end in (0, 1))
    curves = CurveClip(np.clip(given, low, high).astype(np.float32), named.fps, SAMPLE_RATE, named.start,
                       match.rig.names, face)
    unobserved = tuple(name for name in inverse.unobserved if not back.values[:, INDEX[name]].any())
    remarks = (*named.remarks, *_rate_remarks(named), *_name_remarks(match), *_outside(match.rig, given),
               *unmet, *_untold(unobserved))
    return Take(match.rig, face, curves, named.start_frame, named.drop_frame, back.residual, match.unknown,
                match.missing, unobserved, remarks)


def read_face(path: str | Path) -> tuple[CurveClip, tuple[str, ...]]:
    """The curves of a file of any rig as canonical ones, with remarks; of a file that is no rig's, what it
    has of the canonical curves.

    Raises ConfigError for what is no curve file, or holds no curve that is known.
    """
    try:
        take = read_take(path)
    except ConfigError:
        return read_curves(Path(path)), ()
    return take.face, take.remarks


def retarget(source: str | Path, *, rig: str | Path | None = None, source_rig: str | Path | None = None,
             fps: str | int | float | Fraction | None = None) -> CurveClip:
    """A curve file as a clip of `rig` (None: the 61 canonical curves), at its own rate or at `fps`.

    Raises ConfigError for a file that cannot be read, RigError for a rig.
    """
    engine = None if rig is None else Retarget(load_rig(rig))
    take = read_take(source, source_rig)
    face = take.face if fps is None else at_rate(take.face, parse_fps(fps))
    if engine is None:
        return face
    same = engine.rig == take.rig and face.fps == take.face.fps
    return take.curves if same else engine.clip(face)


def retarget_to(source: str | Path, out: str | Path, settings: RetargetSettings | None = None,
                progress: Progress | None = None) -> RetargetReport:
    """A curve file into another; the ending of `out` picks the exporter.

    The file is there whole or not at all. Raises ConfigError, OutputError or RigError.
    """
    settings, source, out = settings or RetargetSettings(), Path(source), Path(out)
    rig, only = rig_for(exporter_for(out), settings.export), rate_of(out)
    take = read_take(source, settings.source_rig, settings.source_fps, progress)
    fps = settings.fps or only or take.face.fps
    same = rig == take.rig and fps == take.face.fps
    clip = take.curves if same else at_rate(take.face, fps)
    origin = Origin(fps=fps, sample_rate=_sample_rate(settings.audio), audio_path=settings.audio,
                    start_frame=_counted(take, fps), drop_frame=take.drop_frame)
    told: list[str] = []
    frames = write_curves(out, [_at_clock(clip, origin.sample_rate)], settings.export, origin, told.append)
    residual = (float(take.residual.mean()), float(take.residual.max()))
    return RetargetReport(out, frames, fps, take.rig.name, rig.name, residual, take.unknown, take.missing,
                          take.unobserved, (*take.remarks, *told))


# --- whose curves, and what a person should know of them


def known_rigs() -> Iterator[Rig]:
    """Every rig that can be named and is right; a user's broken one is of no use here."""
    for path in rig_files().values():
        try:
            yield load_rig(path)
        except RigError:
            continue


def _match(path: Path, named: NamedCurves, rig: str | Path | None) -> Match:
    try:
        match = whose(named.names, known_rigs()) if rig is None else matched(load_rig(rig), named.names)
    except ConfigError as error:
        raise ConfigError(error.what, where=str(path), fix=error.fix) from None
    if not match.columns:
        raise ConfigError(f"holds no curve of the rig {match.rig.name}", where=str(path),
                          fix=f"name them as it does: {_listed(match.rig.names, 3)}")
    return match


def _turns(match: Match, names: Sequence[str]) -> dict[str, int]:
    """Where the turns of head and eyes stand that a file has besides the curves of its rig, as on bones."""
    known = {canonical_name(name): k for k, name in enumerate(names) if name in match.unknown}
    return {name: k for name, k in known.items() if name is not None and name not in SHAPE_NAMES}


def _rate_remarks(named: NamedCurves) -> list[str]:
    if named.maybe_ntsc and named.fps < PLAIN_FPS:  # at 60 it would be said of every phone
        ntsc = NTSC[named.fps]
        return [f"its timecodes count {named.fps} frames a second; {ntsc} and {named.fps} look alike: "
                f"retarget with --input-fps {ntsc} if so"]
    return [] if named.fps_known else [f"it does not tell its frame rate: {named.fps} is assumed"]


def _name_remarks(match: Match) -> list[str]:
    told = []
    if match.unknown:
        told.append(f"{len(match.unknown)} names are not of {match.rig.name}: {_listed(match.unknown)}")
    moving = [name for name in match.missing if _moves(match.rig, name)]
    if moving:
        told.append(f"{len(moving)} curves of {match.rig.name} are missing: {_listed(moving)}")
    return told


def _moves(rig: Rig, name: str) -> bool:
    curve = rig.curves[rig.names.index(name)]
    return bool(curve.weights or curve.pose)


def _outside(rig: Rig, given: NDArray[np.float64]) -> list[str]:
    """A remark on values that the rig's ranges do not hold."""
    low, high = (np.array([c.range[end] for c in rig.curves]) for end in (0, 1))
    beyond = (np.maximum(low - given, given - high) / (high - low)).max(0)
    names = [f"{rig.names[k]} {given[:, k].min():.3g} to {given[:, k].max():.3g}"
             for k in np.flatnonzero(beyond > OUTSIDE)]
    if not names:
        return []
    hint = "; in percent? a rig says so by range = [0, 100]" if beyond.max() > PERCENT else ""
    return [f"{len(names)} curves leave their range and are held in it: {_listed(names, 4)}{hint}"]


def _unmet(inverse: Inverse, back: Inverted) -> list[str]:
    """A remark on frames that the face does not meet; it is the file's doing only where no face would."""
    residual, largest, rig = back.residual, back.largest, inverse.rig
    worst = float(residual.max(initial=0.0))
    if worst <= MET:
        return []
    most = int(largest.argmax())
    frames = f"{(residual > MET).sum()} of {len(residual)} frames"
    off = f"{100 * worst:.1f} % off at worst (rms of a frame), {rig.names[most]} {100 * largest[most]:.0f} %"
    if _foreign(inverse, back):
        return [f"{frames} hold what no face gives in {rig.name}: {off}"]
    return [f"the way back from {rig.name} is not exact: {frames} differ, {off}"]


def _foreign(inverse: Inverse, back: Inverted) -> bool:
    """Whether the worst frames are no retarget of any face: then they are met much worse than the retarget of
    the nearest face is, which the rig gives for certain."""
    worst = np.argsort(-back.residual, kind="stable")[:COMPARED]
    if np.median(back.residual[worst]) <= BEYOND:
        return False
    certain = inverse.solve(inverse.engine.values(back.values[worst])).residual
    return bool(np.median(back.residual[worst] / np.maximum(certain, MET)) > FAR)


def _untold(names: tuple[str, ...]) -> list[str]:
    return [f"nothing in it tells {_listed(names)}"] if names else []


def _listed(names: Sequence[str], most: int = SHOWN) -> str:
    """Names for a person: no control characters, and not too many."""
    shown = ", ".join(name if name.isprintable() else ascii(name) for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


# --- clocks


def _sample_rate(audio: Path | None) -> int:
    if audio is None:
        return SAMPLE_RATE
    with open_audio(audio) as source:
        return source.sample_rate


def _at_clock(clip: CurveClip, sample_rate: int) -> CurveClip:
    face = None if clip.face is None else replace(clip.face, sample_rate=sample_rate)
    return replace(clip, sample_rate=sample_rate, face=face)


def _counted(take: Take, fps: Fraction) -> int:
    """The frame of the day at `fps` where `take` begins: its plain timecode stays the same, one that keeps to
    the clock stays at its time."""
    old = take.face.fps
    if take.drop_frame:
        return round(take.start_frame * fps / old)
    return take.start_frame * frames_per_sec(fps) // frames_per_sec(old)
