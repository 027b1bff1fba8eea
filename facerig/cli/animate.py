"""`facerig animate`: sound files to curve files."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facerig.cli import options, plan
from facerig.cli.failures import as_failure, exit_code
from facerig.cli.report import Report
from facerig.errors import FacerigError, ModelError

if TYPE_CHECKING:
    from facerig.animation import AnimateSettings

EXAMPLES = """
[bold]Examples[/bold]

  facerig animate line.wav -o line.csv

  facerig animate line.mp3 -o line.json --fps 30 --model offline

  facerig animate lines/*.wav -o curves/ --format curves-csv

  facerig animate lines/*.wav -o "curves/{stem}.json"

  facerig animate talk.flac -o talk.csv --channel each

The last one writes talk.left.csv and talk.right.csv. `facerig formats` lists the endings.
"""


def animate(
    context: typer.Context,
    inputs: Annotated[list[Path], typer.Argument(
        metavar="IN", help="Sound: WAV, FLAC, OGG, Opus or MP3; 8 to 192 kHz; from 50 ms to hours.")],
    out: Annotated[str, typer.Option(
        "-o", "--out", metavar="OUT",
        help="File to write; its ending picks the format. With several inputs a folder, "
             "or a pattern with {stem}.")],
    format_: Annotated[str, typer.Option(
        "--format", metavar="NAME", help="Format of the files where OUT is a folder.")] = "livelink-csv",
    fps: Annotated[str, typer.Option(
        metavar="RATE", help="Frames per second: 24, 29.97, 30000/1001, 60 ...")] = "60",
    model: options.Model = "live",
    seed: options.Seed = 0,
    channel: Annotated[str, typer.Option(
        metavar="WHICH", help="mix, left, right, a number from 1, or each: a file for every one.")] = "mix",
    no_blinks: Annotated[bool, typer.Option("--no-blinks", help="Leave the eyelids alone.")] = False,
    json: options.Json = False,
    allow_truncated: Annotated[bool, typer.Option(
        "--allow-truncated", help="Animate what a damaged file still holds.")] = False,
    quiet: options.Quiet = False,
) -> int:
    """Animate speech: each sound file becomes a file of facial curves."""
    from facerig.animation import AnimateSettings
    from facerig.audio.reader import channel_count
    from facerig.core.clock import parse_fps
    from facerig.encoder.model import model_path
    from facerig.sinks.formats import ending_of, exporter_named

    report = Report(json=json, quiet=quiet)
    settings = AnimateSettings(fps=parse_fps(fps), model=model, seed=seed, blinks=not no_blinks,
                               allow_truncated=allow_truncated)
    model_path(model)  # an unknown name is told once, not for every input
    jobs = plan.plan(inputs, out, channel=channel, ending=exporter_named(format_).endings[0],
                     ending_of=ending_of,
                     channels_of=partial(channel_count, allow_truncated=allow_truncated))
    for job in jobs:
        plan.make_writable(job.out)
    return run_jobs(jobs, settings, report, debug=bool(context.obj))


def run_jobs(jobs: list[plan.Job], settings: AnimateSettings, report: Report, *, debug: bool) -> int:
    """Animate one after the other; a failure does not stop the rest. Returns the exit code."""
    failures: list[FacerigError] = []
    for job in jobs:
        try:
            run_job(job, settings, report)
        except Exception as error:
            if debug:
                raise
            failures.append(as_failure(error))
            report.failed(failures[-1], job.source)
            if isinstance(error, ModelError):  # it would fail everyone
                break
    if len(jobs) > 1:
        report.log(f"{len(jobs) - len(failures)} of {len(jobs)} animated")
    return exit_code(failures)


def run_job(job: plan.Job, settings: AnimateSettings, report: Report) -> None:
    """Animate one channel of one file."""
    from facerig.animation import animate_to

    with report.progress(job.source.name) as progress:
        done = animate_to(job.source, job.out, replace(settings, channel=job.channel), progress)
    for remark in done.remarks:
        report.log(f"{job.source}: {remark}")
    report.result(
        f"{job.out}: {done.frames} frames, {done.seconds:.2f} s at {done.fps} fps, "
        f"{1 / done.realtime_factor:.0f} times faster than real time",
        input=str(job.source), output=str(job.out), frames=done.frames, seconds=done.seconds,
        fps=str(done.fps), lookahead_ms=done.lookahead_ms, realtime_factor=done.realtime_factor,
        remarks=done.remarks)
