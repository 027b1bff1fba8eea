"""`facerig preview`: a head that speaks, as a video or pictures."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from facerig.cli import options
from facerig.cli.plan import make_writable
from facerig.cli.report import Report
from facerig.errors import ConfigError

if TYPE_CHECKING:
    from facerig.core.curves import CurveClip

EXAMPLES = """
[bold]Examples[/bold]

  facerig preview line.wav -o line.mp4

  facerig preview edited.csv --audio line.wav -o line.mp4

  facerig preview line.wav -o line.mp4 --views front,profile --size 1280x720

  facerig preview line.wav -o line.mp4 --head hero.glb
"""
DEFAULT_FPS = 30  # of videos made from sound; what an eye needs, and half the work of 60
CURVE_ENDINGS = (".csv", ".json")
VIDEO_ENDINGS = (".mp4",)
MIN_SIZE, MAX_SIZE = 64, 4096  # pixels


def preview(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Sound, or a curve file (.csv, .json).")],
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
        metavar="FILE", help="A glTF head of your own with ARKit targets.")] = None,
    renderer: Annotated[str, typer.Option(metavar="NAME", help="Who draws: gl, software, or auto.")] = "auto",
    sheet: Annotated[Path | None, typer.Option(
        metavar="PNG", help="Also a picture: frames beside the sound and the curves.")] = None,
    model: options.Model = "live",
    seed: options.Seed = 0,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Render a head that speaks, without a screen."""
    report = Report(json=json, quiet=quiet)
    sound = source if is_sound(source) else audio
    check_outputs(out, sheet, sound)
    pixels, names = parse_size(size), tuple(view.strip() for view in views.split(","))
    clip = load_curves(source, fps, model, seed, report)
    draw(clip, out, sound, report, head=head, views=names, size=pixels, renderer=renderer)
    report.result(f"{out}: {len(clip)} frames at {clip.fps} fps", input=str(source), output=str(out),
                  frames=len(clip), fps=str(clip.fps))
    if sheet is not None and sound is not None:
        draw_sheet(clip, sound, sheet, head)
        report.result(str(sheet), input=str(source), output=str(sheet))


def check_outputs(out: Path, sheet: Path | None, sound: Path | None) -> None:
    """Raise OutputError or ConfigError now for what could not be written after minutes of work."""
    if sheet is not None and sound is None:
        raise ConfigError("a sheet shows the sound beside the frames", where="--sheet",
                          fix="add --audio with the sound of the curves")
    if out.suffix.lower() not in VIDEO_ENDINGS:
        return  # a folder of pictures, which `render` makes
    for path in (out,) if sheet is None else (out, sheet):
        make_writable(path)


def draw(clip: CurveClip, out: Path, sound: Path | None, report: Report, **how: Any) -> None:
    """Render with a progress bar."""
    from facerig.preview import render

    with report.progress(f"rendering {out.name}") as progress:
        render(clip, out, audio=sound, progress=progress, **how)


def draw_sheet(clip: CurveClip, sound: Path, out: Path, head: Path | None) -> None:
    """The sheet of a clip with its sound, mixed to one channel."""
    import numpy as np

    from facerig.audio.channels import select
    from facerig.audio.reader import open_audio
    from facerig.preview import sheet

    with open_audio(sound) as audio:
        samples = np.concatenate([select(block, "mix") for block in audio.blocks()])
        sheet(clip, samples, audio.sample_rate, out, head=head)


def is_sound(path: Path) -> bool:
    """Whether IN is taken for sound: anything that does not end like a curve file."""
    return not path.name.lower().endswith(CURVE_ENDINGS)


def parse_size(text: str) -> tuple[int, int]:
    """"640" -> (640, 640), "1280x720" -> (1280, 720). Raises ConfigError for anything else."""
    parts = text.lower().split("x")
    if len(parts) <= 2 and all(part.isdecimal() and MIN_SIZE <= int(part) <= MAX_SIZE for part in parts):
        return int(parts[0]), int(parts[-1])
    raise ConfigError(f"{text!r} is no picture size", where="--size",
                      fix=f"give N or WxH in pixels, each from {MIN_SIZE} to {MAX_SIZE}: 640, 1280x720")


def load_curves(source: Path, fps: str | None, model: str, seed: int, report: Report) -> CurveClip:
    """The curves to draw: animated from sound, or read."""
    import facerig
    from facerig.core.clock import parse_fps
    from facerig.sinks.curve_files import read_curves

    if not is_sound(source):
        clip = read_curves(source)
        if fps is not None and parse_fps(fps) != clip.fps:
            raise ConfigError(f"the curves have {clip.fps} frames per second, not {fps}", where=str(source),
                              fix="leave --fps out, or animate the sound again at that rate")
        return clip
    rate = parse_fps(fps) if fps is not None else Fraction(DEFAULT_FPS)
    with report.progress(f"animating {source.name}") as progress:
        return facerig.animate(source, fps=rate, model=model, seed=seed, progress=progress)
