"""`facerig animate`: sound files to curve files."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facerig.cli import options, plan, texts
from facerig.cli.acting import Acting, performance_of, scene_of, with_acting
from facerig.cli.jobs import run_all
from facerig.cli.remarks import corrected, late, remarks_on
from facerig.cli.report import Report
from facerig.cli.writing import Writing, export_settings, with_writing

if TYPE_CHECKING:
    from facerig.animation import AnimateReport, AnimateSettings
    from facerig.script.guide import ScriptReport

NAMED_WORDS = 8  # of those that were not found: more tell nobody more

EXAMPLES = """
[bold]Examples[/bold]

  facerig animate line.wav -o line.csv

  facerig animate line.mp3 -o line.json --fps 30 --model offline

  facerig animate lines/*.wav -o curves/ --format curves-csv

  facerig animate lines/*.wav -o "curves/{stem}.json"

  facerig animate talk.flac -o talk.csv --channel each

  facerig animate line.wav -o line.csv --text "Halt! Who goes there?"

  facerig animate lines/*.wav -o curves/ --text-table lines.csv

  facerig animate line.wav -o line.csv --emotion joy:0.8 --emotion-at 2.5=anger:0.6 --no-head

  facerig animate line.wav -o line.csv --settings scene.toml --style hero.toml --gaze 0.3,0,1

  facerig animate line.wav -o line.fbx --fps 24 --timecode 01:00:00:00

  facerig animate line.wav -o line.unreal.csv --rig metahuman

With --channel each there are talk.left.csv and talk.right.csv. A table of texts has the columns file and
text. `facerig formats` lists the endings, `facerig rigs` the rigs.
"""


@with_writing
@with_acting
@texts.with_script
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
    rig: options.Rig = None,
    fps: Annotated[str | None, typer.Option(
        metavar="RATE", help="Frames per second: 24, 29.97, 30000/1001, 60 ...  "
                             "[dim]\\[default: 60, or the format's own][/dim]")] = None,
    model: Annotated[str | None, typer.Option(
        metavar="NAME", help=f"{options.MODELS}  "
                             "[dim]\\[default: live; offline with a text][/dim]")] = None,
    seed: options.Seed = None,
    channel: Annotated[str, typer.Option(
        metavar="WHICH", help="mix, left, right, a number from 1, or each: a file for every one.")] = "mix",
    json: options.Json = False,
    allow_truncated: Annotated[bool, typer.Option(
        "--allow-truncated", help="Animate what a damaged file still holds.")] = False,
    no_corrections: options.NoCorrections = False,
    quiet: options.Quiet = False,
    *,
    script: texts.Scripted,
    acting: Acting,
    writing: Writing,
) -> int:
    """Animate speech: each sound file becomes a file of facial curves."""
    from facerig.animation import DEFAULT_FPS, AnimateSettings
    from facerig.audio.reader import channel_count
    from facerig.core.clock import parse_fps
    from facerig.exporting import rate_of
    from facerig.sinks.formats import ending_of, exporter_named, spelled

    report = Report(json=json, quiet=quiet)
    scene = scene_of(acting)
    rate = scene.fps if fps is None else parse_fps(fps)
    model = options.model_of(model, scene, acting.settings)  # told once, not for every input
    settings = AnimateSettings(fps=rate or DEFAULT_FPS, model=model, seed=options.seed_of(seed, scene),
                               performance=performance_of(acting, scene), allow_truncated=allow_truncated,
                               language=script.language, corrections=not no_corrections,
                               export=export_settings(writing, rig))
    said = texts.texts_of(script, inputs, report)
    jobs = plan.plan(inputs, out, channel=channel, ending=spelled(exporter_named(format_))[0],
                     ending_of=ending_of,
                     channels_of=partial(channel_count, allow_truncated=allow_truncated))
    for job in jobs:
        plan.make_writable(job.out)
    if rate is None and jobs and (only := rate_of(jobs[0].out)) is not None:
        settings = replace(settings, fps=only)
    for remark in remarks_on(acting, settings.performance):
        report.log(remark)

    def run(job: plan.Job) -> None:
        run_job(job, replace(settings, channel=job.channel, text=said.get(job.source)), report, acting)

    return run_all(jobs, run, report, "animated", debug=bool(context.obj))


def run_job(job: plan.Job, settings: AnimateSettings, report: Report, acting: Acting) -> None:
    """Animate one channel of one file."""
    from facerig.animation import animate_to
    from facerig.script.words import is_english

    with report.progress(job.source.name) as progress:
        done = animate_to(job.source, job.out, settings, progress)
    remarks = (*corrected(job.source, settings.performance, corrections=settings.corrections), *done.remarks,
               *late(acting, done.seconds))
    for remark in remarks:
        report.log(f"{job.source}: {remark}")
    report.result(
        f"{job.out}: {done.frames} frames, {done.seconds:.2f} s at {done.fps} fps, "
        f"{1 / done.realtime_factor:.0f} times faster than real time{_of_text(done)}",
        input=str(job.source), output=str(job.out), frames=done.frames, seconds=done.seconds,
        fps=str(done.fps), lookahead_ms=done.lookahead_ms, realtime_factor=done.realtime_factor,
        remarks=(*remarks_on(acting, settings.performance), *remarks),
        script=asdict(done.script) if done.script else None)
    if done.script is not None and is_english(settings.language):  # else it was said once, for all
        _tell_text(job.source, done.script, report)


def _of_text(done: AnimateReport) -> str:
    script = done.script
    return f", {script.aligned} of {script.words} words found" if script is not None and script.used else ""


def _tell_text(source: Path, script: ScriptReport, report: Report) -> None:
    """What a person should know about a text: that it was not used, or which words were not found."""
    if not script.used:
        report.log(f"{source}: the text was not used, only the sound: {script.reason}")
    elif script.missing:
        more = len(script.missing) - NAMED_WORDS
        words = ", ".join(script.missing[:NAMED_WORDS]) + (f" and {more} more" if more > 0 else "")
        report.log(f"{source}: not found in the sound: {words}")
