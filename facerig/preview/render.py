"""From curves to a film: the entry point of previews."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path

from facerig.core.curves import CurveClip
from facerig.errors import ConfigError
from facerig.mesh.head import FIGURES, Head, shipped_head
from facerig.preview.studio import Studio
from facerig.preview.video import opened

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderReport:
    """What was written: `size` is (width, height) of a whole picture, `renderer` gl or software."""

    path: Path
    frames: int
    size: tuple[int, int]
    fps: Fraction
    renderer: str


def render(clip: CurveClip | Iterable[CurveClip], out: Path, *, audio: Path | None, head: Path | None = None,
           views: tuple[str, ...] = ("front",), size: tuple[int, int] = (640, 640), renderer: str = "auto",
           progress: Progress | None = None, total: int | None = None) -> RenderReport:
    """Draw every frame of `clip` into `out`: a film (.mp4), numbered pictures (%04d.png), or a folder of
    them.

    `clip` may be the pieces of a stream, which are drawn as they come. `audio` is the film's sound (any file
    that ffmpeg reads). `head` is a glTF with ARKit shapes; without it the shipped head acts. `size` is that
    of one view; views stand side by side. `progress` is told (frames done, frames in all), where `total` or a
    whole clip gives the second, else 0. Raises ConfigError, ModelError or OutputError.
    """
    first, pieces = _opened_pieces(clip)
    count = len(clip) if isinstance(clip, CurveClip) else total or 0
    with Studio(load_head(head), views=views, size=size, renderer=renderer) as studio:
        done = 0
        with opened(out, studio.picture_size, first.fps, audio) as sink:
            for piece in pieces:
                for values in piece.face_values:
                    sink.write(studio.picture(values))
                    done += 1
                    if progress:
                        progress(done, count)
        return RenderReport(path=out, frames=done, size=studio.picture_size, fps=first.fps,
                            renderer=studio.renderer_name)


def load_head(path: Path | None, *, lit: bool = True) -> Head:
    """The user's head at `path`, or a shipped one: none for the first, `female` or `male` by name.

    lit: its light is computed, which pictures need and files do not. Raises ModelError.
    """
    if path is None or (str(path) in FIGURES and not path.exists()):
        return shipped_head(str(path or FIGURES[0]))
    from facerig.preview.gltf import load_gltf
    return load_gltf(path, lit=lit)


def _opened_pieces(clip: CurveClip | Iterable[CurveClip]) -> tuple[CurveClip, Iterator[CurveClip]]:
    """The first piece, and all of them."""
    pieces = iter((clip,)) if isinstance(clip, CurveClip) else iter(clip)
    first = next(pieces, None)
    if first is None:
        raise ConfigError("there are no curves to draw", where="preview",
                          fix="give audio or curves of some length")
    return first, chain((first,), pieces)
