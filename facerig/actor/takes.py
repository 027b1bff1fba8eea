"""Recordings of an actor: curves and sound, found in folders and matched by name.

    line1.csv           line1.wav           a Live Link Face CSV (or one with a time column) and its sound
    Slate_1_iPhone.csv  Slate_1_iPhone.mov  as the app leaves them; of _cal and _raw, _cal is taken
    line2.mp4                               a video alone: a face landmarker reads the curves off it
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from facerig.core.channels import BY_LOWER_NAME
from facerig.errors import ConfigError

SOUND_ENDINGS: Final = (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3")
PICTURE_ENDINGS: Final = (".mov", ".mp4", ".m4v", ".mkv", ".webm", ".avi")
VIDEO_ENDINGS: Final = (*PICTURE_ENDINGS, ".m4a", ".aac")  # whose sound is read through ffmpeg
CURVE_ENDINGS: Final = (".csv",)
_SNIFFED_BYTES: Final = 4096
_LAYOUT: Final = "give a folder with line1.csv and line1.wav (or .mov), or the files themselves"


@dataclass(frozen=True, slots=True)
class TakeFiles:
    """One take: where `curves` is None, the face in `video` is to be read."""

    name: str
    sound: Path
    curves: Path | None
    video: Path | None = None


@dataclass(slots=True)
class _Pile:
    """What goes by one name in one folder."""

    curves: list[Path] = field(default_factory=list)
    sounds: list[Path] = field(default_factory=list)


def find_takes(inputs: Iterable[Path], *, videos: bool) -> tuple[list[TakeFiles], list[str]]:
    """The takes among files and folders, and a remark for each file that found no partner.

    videos: take a video that has no curves too. Raises ConfigError where an input does not exist or no take
    is found.
    """
    given = list(inputs)
    piles = _piles(_files(given))
    _pair_the_only_two(piles)
    takes, remarks = [], []
    for (folder, _), pile in sorted(piles.items()):
        sound = min(pile.sounds, key=_sound_rank, default=None)
        curves = min(pile.curves, key=_curves_rank, default=None)
        video = next((s for s in sorted(pile.sounds) if s.suffix.lower() in PICTURE_ENDINGS), None)
        if sound is not None and (curves is not None or (videos and video is not None)):
            takes.append(TakeFiles(sound.stem, sound, curves, video))
        elif sound is not None:
            more = "give --landmarker to read its face" if video else f"no {sound.stem}.csv beside it"
            remarks.append(f"{sound.name} is left out: {more}")
        elif curves is not None:
            remarks.append(f"{curves.name} is left out: no sound of that name in {folder}")
    if not takes:
        why = f" ({'; '.join(remarks[:3])})" if remarks else ""
        raise ConfigError(f"no take is found{why}", where=", ".join(map(str, given[:3])), fix=_LAYOUT)
    return takes, remarks


def _files(inputs: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in inputs:
        if path.is_dir():
            found += sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
        elif path.is_file():
            found.append(path)
        else:
            raise ConfigError("there is no such file or folder", where=str(path), fix=_LAYOUT)
    return list(dict.fromkeys(found))


def _piles(files: list[Path]) -> dict[tuple[str, str], _Pile]:
    piles: dict[tuple[str, str], _Pile] = defaultdict(_Pile)
    for path in files:
        ending = path.suffix.lower()
        if ending in SOUND_ENDINGS or ending in VIDEO_ENDINGS:
            piles[str(path.parent), path.stem.lower()].sounds.append(path)
        elif ending in CURVE_ENDINGS and holds_curves(path):
            stem = path.stem.lower()
            stem = stem.removesuffix("_cal").removesuffix("_raw")  # the app's calibrated and raw curves
            piles[str(path.parent), stem].curves.append(path)
    return piles


def holds_curves(path: Path) -> bool:
    """Whether a CSV's header names ARKit curves; a take's neutral pose, one row by the app, is no take."""
    if path.stem.lower().endswith("_neutral"):
        return False
    try:
        with path.open("rb") as file:
            head = file.read(_SNIFFED_BYTES)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or error}", where=str(path),
                          fix="give yourself permission to read it") from None
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    line = head.decode(encoding, "replace").partition("\n")[0].lower()
    names = {cell.strip().strip("\"'") for cell in line.replace(";", ",").replace("\t", ",").split(",")}
    return bool(names & set(BY_LOWER_NAME))


def _pair_the_only_two(piles: dict[tuple[str, str], _Pile]) -> None:
    """One curve file and one sound, and nothing else, belong together, whatever their names."""
    if len(piles) != 2:
        return
    one, other = piles.values()
    if one.curves and other.sounds and not (one.sounds or other.curves):
        one, other = other, one
    if one.sounds and other.curves and not (one.curves or other.sounds):
        one.curves = other.curves
        other.curves = []


def _sound_rank(path: Path) -> tuple[int, str]:
    endings = (*SOUND_ENDINGS, *VIDEO_ENDINGS)
    return endings.index(path.suffix.lower()), path.name


def _curves_rank(path: Path) -> tuple[bool, str]:
    return path.stem.lower().endswith("_raw"), path.name
