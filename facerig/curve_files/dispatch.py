"""Which reader a file needs: told by how it begins, and by its ending where that says nothing.

A new format is a module with `read(path) -> NamedCurves`, and a line in FORMATS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Final

from facerig.core.timecode import frames_per_sec
from facerig.curve_files.named import NamedCurves, bad

HEAD_BYTES: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A reader: `module` of this package has `read(path)`. It takes a file that `begins` so, or else one of
    its `endings`."""

    module: str
    endings: tuple[str, ...] = ()
    begins: Callable[[bytes], bool] = lambda head: False


def _starts(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(marks)


def _json(head: bytes) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def _gltf(head: bytes) -> bool:
    return head.startswith(b"glTF") or _json(head)


def _emoface(head: bytes) -> bool:
    begins: bool = import_module("facerig.curve_files.emoface").begins(head)
    return begins


def _vmd(head: bytes) -> bool:
    begins: bool = import_module("facerig.curve_files.vmd").begins(head)
    return begins


_PICKLES: Final = tuple(b"\x80" + bytes([protocol]) for protocol in range(2, 6))

# The first that fits has the file; content of all comes before endings of all.
FORMATS: Final = (
    Format(module="audio2face", endings=(".json",), begins=_json),
    Format(module="emoface", endings=(".emoface.txt",), begins=_emoface),
    Format(module="vmd", endings=(".vmd",), begins=_vmd),
    Format(module="fbx", endings=(".fbx",), begins=_starts(b"Kaydara FBX Binary", b"; FBX")),
    Format(module="flame_npz", endings=(".npz", ".npy", ".pkl"),
           begins=_starts(b"PK\x03\x04", b"\x93NUMPY", *_PICKLES)),
    Format(module="gltf", endings=(".glb", ".gltf"), begins=_gltf),
    Format(module="text", endings=(".csv", ".tsv", ".txt")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What facerig writes and does not read, as a message calls it; told as a `Format` is."""

    name: str
    endings: tuple[str, ...]
    begins: Callable[[bytes], bool]


def _mouth_cues(head: bytes) -> bool:
    return _json(head) and b'"mouthCues"' in head


ONLY_WRITTEN: Final = (
    Written(name="USD", endings=(".usda", ".usdc", ".usd"), begins=_starts(b"PXR-USDC", b"#usda ")),
    Written(name="Unity's .anim", endings=(".anim",), begins=_starts(b"%YAML 1.1\n%TAG !u! tag:unity3d.com")),
    Written(name="BVH", endings=(".bvh",), begins=_starts(b"HIERARCHY")),
    Written(name="TextGrid", endings=(".textgrid",), begins=_starts(b'File type = "ooTextFile"')),
    Written(name="viseme JSON", endings=(".visemes.json",), begins=_mouth_cues),
)


def read_named(path: Path, fps: Fraction | None = None) -> NamedCurves:
    """The curves of a file under its own names, at its own rate.

    fps: the rate of a file that does not tell its own, and the NTSC one that a timecode of whole frames
    stands for. Raises ConfigError, with file and place, for anything that is not a curve file, or runs at
    another rate.
    """
    curves: NamedCurves = import_module(f"facerig.curve_files.{format_of(path).module}").read(path)
    if fps is None or fps == curves.fps:
        return curves if fps is None else replace(curves, fps_known=True, maybe_ntsc=False)
    if curves.fps_known and not (fps.denominator == 1001 and curves.fps == frames_per_sec(fps)):
        raise bad(path, f"has {curves.fps} frames per second, not {fps}", "leave the rate out")
    return replace(curves, fps=fps, fps_known=True, maybe_ntsc=False)


def format_of(path: Path) -> Format:
    """Who reads `path`. Raises ConfigError where it cannot be opened, or is only written."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except (OSError, ValueError) as problem:
        reason = (problem.strerror or str(problem)) if isinstance(problem, OSError) else "not a file name"
        raise bad(path, f"cannot be read: {reason}", "give a curve file that exists") from None
    name = path.name.lower()
    for one in ONLY_WRITTEN:
        if one.begins(head) or name.endswith(one.endings):
            raise bad(path, f"facerig writes {one.name} and does not read it",
                      "retarget the csv, fbx or glb of the same take")
    fitting = [form for form in FORMATS if form.begins(head)]
    # Two JSON formats begin alike: the ending tells between those that the content allows.
    ended = [form for form in fitting or FORMATS if name.endswith(form.endings)]
    return (ended or fitting or [FORMATS[-1]])[0]


def curve_endings() -> tuple[str, ...]:
    """Endings of files that hold curves and not sound, whether they can be read or not."""
    return tuple(ending for form in (*FORMATS, *ONLY_WRITTEN) for ending in form.endings)
