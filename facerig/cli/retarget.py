"""`facerig retarget`: curve files to the curves of other rigs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facerig.cli import options, plan
from facerig.cli.jobs import run_all
from facerig.cli.report import Report
from facerig.cli.writing import Writing, export_settings, with_writing

if TYPE_CHECKING:
    from facerig.retargeting import RetargetSettings

EXAMPLES = """
[bold]Examples[/bold]

  facerig retarget take.csv --to metahuman -o take.unreal.csv

  facerig retarget take.csv --from livelink --to vrm -o take.curves.csv

  facerig retarget edited.fbx -o edited.csv

  facerig retarget takes/*.csv --to hero.toml -o out/

  facerig retarget take.csv -o take.glb --fps 24 --audio take.wav

Reads Live Link CSV, CSV with a time column, Unreal's CSV, Audio2Face JSON, FBX, glTF and more; writes what
`facerig formats` lists. Names are taken in any usual spelling; what was mended or is missing is said.
"""


@with_writing
def retarget(
    context: typer.Context,
    inputs: Annotated[list[Path], typer.Argument(metavar="IN", help="Curve files.")],
    out: Annotated[str, typer.Option(
        "-o", "--out", metavar="OUT",
        help="File to write; its ending picks the format. With several inputs a folder, "
             "or a pattern with {stem}.")],
    source_rig: Annotated[str | None, typer.Option(
        "--from", metavar="NAME|FILE",
        help="Whose curves the files hold.  [dim]\\[default: told by their names][/dim]")] = None,
    rig: Annotated[str | None, typer.Option(
        "--to", "--rig", metavar="NAME|FILE",
        help="Whose curves to write: metahuman, vrm ... or your rig.toml; `facerig rigs` lists them.  "
             "[dim]\\[default: the format's own][/dim]")] = None,
    format_: Annotated[str, typer.Option(
        "--format", metavar="NAME", help="Format of the files where OUT is a folder.")] = "curves-csv",
    fps: Annotated[str | None, typer.Option(
        metavar="RATE", help="Frames per second of the new files.  [dim]\\[default: as read][/dim]")] = None,
    input_fps: Annotated[str | None, typer.Option(
        metavar="RATE", help="Of files that do not tell it, as Unreal's CSV, or in whole frames only: 29.97.")
    ] = None,
    audio: Annotated[Path | None, typer.Option(
        metavar="FILE",
        help="The sound, for formats that name or hold it; {stem} stands for the input's name.")
    ] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    *,
    writing: Writing,
) -> int:
    """Take curves of one rig, write those of another: animators' edits, performers, other tools."""
    from facerig.core.clock import parse_fps
    from facerig.retargeting import RetargetSettings
    from facerig.rig import load_rig
    from facerig.sinks.formats import ending_of, exporter_named, spelled

    report = Report(json=json, quiet=quiet)
    if source_rig is not None:
        load_rig(source_rig)  # told once, not for every file
    settings = RetargetSettings(
        source_rig=source_rig, source_fps=None if input_fps is None else parse_fps(input_fps),
        fps=None if fps is None else parse_fps(fps), audio=audio, export=export_settings(writing, rig))
    jobs = plan.plan(inputs, out, channel="mix", ending=spelled(exporter_named(format_))[0],
                     ending_of=ending_of, channels_of=lambda _source: 1)
    for job in jobs:
        plan.make_writable(job.out)
    return run_all(jobs, lambda job: _run_job(job, settings, report), report, "retargeted",
                   debug=bool(context.obj))


def _run_job(job: plan.Job, settings: RetargetSettings, report: Report) -> None:
    from dataclasses import replace

    from facerig.retargeting import retarget_to

    if settings.audio is not None:
        audio = str(settings.audio).replace(plan.STEM_FIELD, job.source.stem)
        settings = replace(settings, audio=Path(audio))
    with report.progress(job.source.name) as progress:
        done = retarget_to(job.source, job.out, settings, progress)
    for remark in done.remarks:
        report.log(f"{job.source}: {remark}")
    mean, worst = done.residual
    report.result(
        f"{job.out}: {done.frames} frames, {float(done.frames / done.fps):.2f} s at {done.fps} fps, "
        f"{done.source_rig} to {done.rig}",
        input=str(job.source), output=str(job.out), frames=done.frames, fps=str(done.fps),
        source_rig=done.source_rig, rig=done.rig, residual_mean=mean, residual_max=worst,
        unknown=done.unknown, missing=done.missing, unobserved=done.unobserved, remarks=done.remarks)
