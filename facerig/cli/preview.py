"""`facerig preview`: a head that speaks, as a video or pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from facerig.cli import options
from facerig.cli.acting import Acting, performance_of, scene_of, with_acting
from facerig.cli.plan import make_writable
from facerig.cli.remarks import corrected, late, remarks_on
from facerig.cli.report import Report
from facerig.errors import ConfigError, OutputError

if TYPE_CHECKING:
    from facerig.animation import AnimateSettings
    from facerig.core.curves import CurveClip
    from facerig.preview import RenderReport

EXAMPLES = """
[bold]Examples[/bold]

  facerig preview line.wav -o line.mp4

  facerig preview edited.csv --audio line.wav -o line.mp4

  facerig preview line.wav -o line.mp4 --views front,profile --size 1280x720

  facerig preview line.wav -o line.mp4 --head hero.glb

  facerig preview line.wav -o line.mp4 --emotion "barely holding back tears"
"""
DEFAULT_FPS = 30  # of videos made from sound; what an eye needs, and half the work of 60


@with_acting
def preview(
    source: Annotated[Path, typer.Argument(
        metavar="IN", help="Sound, or a curve file of any rig: CSV, FBX, glTF ...")],
    out: Annotated[Path, typer.Option(
        "-o", "--out", metavar="OUT", help="Video (.mp4), or a folder for a PNG sequence.")],
    audio: Annotated[Path | None, typer.Option(metavar="FILE", help="The sound of a curve file.")] = None,
    views: Annotated[str, typer.Option(
        metavar="LIST", help="front, three-quarter, profile: one or more, side by side.")] = "front",
    size: Annotated[str, typer.Option(
        metavar="WxH", help="Pixels of one view; one number for a square.")] = "640",
    fps: Annotated[str | None, typer.Option(
        metavar="RATE", help="Frames per second, 30 if not given; a curve file has its own.")] = None,
    head: Annotated[Path | None, typer.Option(
        metavar="FILE", help="A glTF head of your own with ARKit targets, or male.")] = None,
    renderer: Annotated[str, typer.Option(metavar="NAME", help="Who draws: gl, software, or auto.")] = "auto",
    sheet: Annotated[Path | None, typer.Option(
        metavar="PNG", help="Also a picture: frames beside the sound and the curves; "
                           "of a curve file with --audio.")] = None,
    model: options.Model = None,
    seed: options.Seed = None,
    no_corrections: options.NoCorrections = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    *,
    acting: Acting,
) -> None:
    """Render a head that speaks, without a screen."""
    report = Report(json=json, quiet=quiet)
    if not is_sound(source) and acting != Acting():
        raise ConfigError("the curves of a file are shown as they are", where=str(source),
                          fix="leave the options of acting out, or give the sound instead of the curves")
    sound = source if is_sound(source) else audio
    check_files(out, sheet, sound)
    if is_sound(source):
        settings, total, remarks = asked(source, fps, model, seed, acting, corrections=not no_corrections)
        curves = animated(source, settings, total)
    else:
        curves, remarks = read(source, fps)
    for remark in remarks:
        report.log(remark)
    kept: list[CurveClip] = []
    names = tuple(view.strip() for view in views.split(","))
    done = draw(curves, out, report, keep=None if sheet is None else kept, audio=sound, head=head,
                views=names, size=parse_size(size), renderer=renderer)
    report.result(f"{out}: {done.frames} frames at {done.fps} fps, drawn by {done.renderer}",
                  input=str(source), output=str(out), frames=done.frames, fps=str(done.fps),
                  size=done.size, renderer=done.renderer, remarks=remarks)
    if sheet is not None and sound is not None:
        draw_sheet(kept, sound, sheet, head, renderer)
        report.result(str(sheet), input=str(source), output=str(sheet))


@dataclass(frozen=True, slots=True)
class Curves:
    """What is drawn, piece by piece, and how many frames it will be (None where it is not known)."""

    pieces: Iterator[CurveClip]
    total: int | None


def is_sound(path: Path) -> bool:
    """Whether IN is taken for sound: anything that does not end like a curve file."""
    from facerig.curve_files.dispatch import curve_endings

    return not path.name.lower().endswith(curve_endings())


def read(source: Path, fps: str | None) -> tuple[Curves, tuple[str, ...]]:
    """The curves of a file as a face, and remarks on them."""
    from facerig.core.clock import parse_fps
    from facerig.retargeting import read_face

    clip, remarks = read_face(source)
    if fps is not None and parse_fps(fps) != clip.fps:
        raise ConfigError(f"the curves have {clip.fps} frames per second, not {fps}", where=str(source),
                          fix="leave --fps out, or animate the sound again at that rate")
    return Curves(iter((clip,)), len(clip)), remarks


def asked(source: Path, fps: str | None, model: str | None, seed: int | None, acting: Acting, *,
          corrections: bool) -> tuple[AnimateSettings, int | None, tuple[str, ...]]:
    """How a sound is to be animated, how many frames that gives if it is known, and remarks on the wishes."""
    from facerig.animation import AnimateSettings
    from facerig.audio.reader import open_audio
    from facerig.core.clock import frames_within, parse_fps

    scene = scene_of(acting)
    rate = parse_fps(fps if fps is not None else scene.fps or DEFAULT_FPS)
    chosen = performance_of(acting, scene)
    settings = AnimateSettings(fps=rate, model=options.model_of(model, scene, acting.settings),
                               seed=options.seed_of(seed, scene), performance=chosen, corrections=corrections)
    with open_audio(source) as audio:
        frames, hz = audio.claimed_frames, audio.sample_rate
    remarks = (*remarks_on(acting, chosen),
               *(f"{source}: {remark}" for remark in corrected(source, chosen, corrections=corrections)))
    if frames is None:
        return settings, None, remarks
    return settings, frames_within(frames, rate, hz), (*remarks, *late(acting, frames / hz))


def animated(source: Path, settings: AnimateSettings, total: int | None) -> Curves:
    """The curves of a sound, made while they are drawn."""
    from facerig.animation import stream

    return Curves(stream(source, settings), total)


def draw(curves: Curves, out: Path, report: Report, *, keep: list[CurveClip] | None,
         **how: Any) -> RenderReport:
    """Render with a progress bar; what was drawn is added to `keep`."""
    from facerig.preview import render

    def pieces() -> Iterator[CurveClip]:
        for piece in curves.pieces:
            if keep is not None:
                keep.append(piece)
            yield piece

    with report.progress(f"drawing {out.name}") as progress:
        return render(pieces(), out, progress=progress, total=curves.total, **how)


def check_files(out: Path, sheet: Path | None, sound: Path | None) -> None:
    """Raise AudioError, ConfigError or OutputError now for what would fail after minutes of work."""
    from facerig.audio.reader import open_audio

    if sound is not None:
        open_audio(sound).close()
    if out.suffix:  # else a folder of pictures, which `render` makes
        make_writable(out)
    if sheet is not None:
        check_sheet(sheet, sound)


def check_sheet(out: Path, sound: Path | None) -> None:
    """Raise ConfigError or OutputError for a sheet that cannot be drawn or written."""
    if sound is None:
        raise ConfigError("a sheet shows the sound beside the frames", where="--sheet",
                          fix="add --audio with the sound of the curves")
    if out.suffix.lower() != ".png":
        raise OutputError("a sheet is a PNG picture", where=str(out), fix="end its name in .png")
    make_writable(out)


def draw_sheet(pieces: list[CurveClip], sound: Path, out: Path, head: Path | None, renderer: str) -> None:
    """The sheet of a clip with its sound, mixed to one channel."""
    import numpy as np

    from facerig.audio.channels import select
    from facerig.audio.reader import open_audio
    from facerig.core.curves import CurveClip
    from facerig.preview import sheet

    with open_audio(sound) as audio:
        samples = np.concatenate([select(block, "mix") for block in audio.blocks()])
    sheet(CurveClip.joined(pieces), samples, audio.sample_rate, out, head=head, renderer=renderer)


def parse_size(text: str) -> tuple[int, int]:
    """"640" -> (640, 640), "1280x720" -> (1280, 720). Raises ConfigError for anything else."""
    parts = text.lower().split("x")
    if len(parts) <= 2 and all(part.isdecimal() for part in parts):
        return int(parts[0]), int(parts[-1])
    raise ConfigError(f"{text!r} is no picture size", where="--size",
                      fix="give pixels, such as 640 or 1280x720")
