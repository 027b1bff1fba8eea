"""`facerig batch`: thousands of lines, resumed exactly, with a report of those that a person should see."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Never

import typer

from facerig.cli import options, stopping
from facerig.cli.batch_shown import ended, shown
from facerig.cli.report import Report
from facerig.cli.review import STRIPS, report_of
from facerig.errors import ConfigError, FacerigError

if TYPE_CHECKING:
    from facerig.batch.engine import Engine
    from facerig.batch.planning import Faults, Plan
    from facerig.batch.running import RunSettings

EXAMPLES = """
[bold]Examples[/bold]

  facerig batch voices/ -o curves/

  facerig batch lines.csv -o curves/ --format fbx,livelink.csv,glb --settings batch.toml

  facerig batch "voices/**/*.wav" -o curves/ --workers 2 --json

  facerig batch lines.csv -o curves/ --retry-failed

  facerig batch wwise_import.txt -o curves/ --column text=Notes --watch

A table has the column audio and any of text, language, character, emotion, settings, style, rig, formats,
fps, model, seed, channel, timecode, output. What is current is skipped; what changed is done again; a run
that was stopped goes on.
"""


def batch(
    context: typer.Context,
    source: Annotated[str, typer.Argument(
        metavar="SOURCE", help="A folder of sound, a quoted glob, or a manifest: CSV, TSV, JSON lines, a "
                                "sheet of Wwise or FMOD.")],
    out: Annotated[str, typer.Option(
        "-o", "--out", metavar="FOLDER", help="Where the files go; also a store, such as s3://studio/curves.")],
    format_: Annotated[str | None, typer.Option(
        "--format", metavar="A,B", help="Formats of each line: fbx,livelink.csv,glb; `facerig formats` lists "
                                        "them.  [dim]\\[default: livelink.csv][/dim]")] = None,
    settings: Annotated[Path | None, typer.Option(
        metavar="FILE", help="A TOML file with \\[defaults] and \\[characters.NAME].")] = None,
    audio_root: Annotated[str | None, typer.Option(
        metavar="FOLDER", help="That a manifest's sounds are seen from.  "
                               "[dim]\\[default: the manifest's own][/dim]")] = None,
    column: Annotated[list[str] | None, typer.Option(
        metavar="NAME=HEADER", help="What a column of a table means: text=Notes; may be repeated.")] = None,
    language: Annotated[str | None, typer.Option(metavar="TAG", help="Of texts without one.")] = None,
    rig: options.Rig = None,
    fps: Annotated[str | None, typer.Option(metavar="RATE", help="Frames per second.")] = None,
    model: Annotated[str | None, typer.Option(
        metavar="NAME", help=f"{options.MODELS}  [dim]\\[default: offline][/dim]")] = None,
    workers: Annotated[int | None, typer.Option(
        metavar="N", min=1, help="Processes.  [dim]\\[default: one a core][/dim]")] = None,
    engine: Annotated[str, typer.Option(
        metavar="NAME", help="local: this machine; ray: a Ray cluster.")] = "local",
    address: Annotated[str | None, typer.Option(
        metavar="HOST:PORT", help="Of the Ray cluster, or auto.  [dim]\\[default: one on this machine]"
                                  "[/dim]")] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Only what failed before.")] = False,
    keep_going: Annotated[bool, typer.Option(
        "--keep-going", help="Do the good rows of a manifest that has bad ones.")] = False,
    force: Annotated[bool, typer.Option(
        "--force", help="Also write over files that somebody has changed since.")] = False,
    verify: Annotated[bool, typer.Option(
        "--verify", help="Read every input again, not only those whose size or time changed.")] = False,
    watch: Annotated[bool, typer.Option(
        "--watch", help="Go on: do lines that come or change, until Ctrl-C.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    no_report: Annotated[bool, typer.Option(
        "--no-report", help="Leave out report.html, the lines that a person should look at.")] = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Animate a library of voiced lines: what is new or has changed, on all cores."""
    from facerig.batch.planning import Plan
    from facerig.batch.ray_engine import engine_named
    from facerig.batch.running import RunSettings
    from facerig.batch.settings import BatchSettings, read_batch_settings
    from facerig.batch.sheets import meaning_named
    from facerig.batch.stores import is_address
    from facerig.batch.wishes import checked

    report = Report(json=json, quiet=quiet)
    given = {"formats": format_, "language": language, "rig": rig, "fps": fps, "model": model}
    wishes = {name: checked(name, value, Path(), f"--{name.removesuffix('s') if name != 'fps' else name}")
              for name, value in given.items() if value is not None}
    columns = dict(meaning_named(one) for one in column or [])

    def plan() -> Plan:
        read = BatchSettings() if settings is None else read_batch_settings(settings)
        return Plan(source, Path(out), read.over(wishes), audio_root, columns)

    if watch and (retry_failed or dry_run):
        raise ConfigError("--watch does what is due, and has no end", where="--watch",
                          fix="give it without --retry-failed and --dry-run")
    chosen = RunSettings(verify=verify, retry_failed=retry_failed, force=force, dry=dry_run)
    on = engine_named(engine, address, workers)
    if watch:
        plan()  # what is wrong with the settings is told at once
        watched(plan, out, on, chosen, report)
    code = done_once(plan(), out, on, chosen, report, keep_going=keep_going)
    if not (no_report or dry_run or is_address(out)):
        report_of(Path(out), STRIPS, report)
    return code


def done_once(plan: Plan, out: str, engine: Engine, chosen: RunSettings, report: Report, *, keep_going: bool
              ) -> int:
    """All lines, from the first to the last; the exit code."""
    from facerig.batch.running import run

    faults = _checked(plan, report, keep_going=keep_going)

    def missed(error: FacerigError) -> None:
        faults.add(error)
        report.failed(error)

    try:
        with shown(report, faults.rows - faults.count) as told:
            summary = run(plan.lines(missed), out, engine, told.told, chosen)
    except (KeyboardInterrupt, SystemExit):
        report.log("stopped; the same command goes on from here")
        raise
    return ended(summary, faults.count, told, report, dry=chosen.dry)


def _checked(plan: Plan, report: Report, *, keep_going: bool) -> Faults:
    """What is wrong with the rows, told. Raises ConfigError where that shall stop the run."""
    faults = plan.check(report.log)
    for error in faults.shown:
        report.failed(error)
    if faults.count > len(faults.shown):
        report.log(f"... and {faults.count - len(faults.shown)} faults more")
    if faults.count and (not keep_going or faults.count == faults.rows):
        raise ConfigError(f"{faults.count} of {faults.rows} rows cannot be animated", where=plan.source,
                          fix="mend them" + ("" if keep_going else ", or give --keep-going to do the others"))
    return faults


def watched(make_plan: Callable[[], Plan], out: str, engine: Engine, chosen: RunSettings, report: Report
            ) -> Never:
    """Lines as they come and change, until somebody stops it."""
    from facerig.batch.running import run
    from facerig.batch.watching import Watch

    watch = Watch(make_plan)
    report.log("watching; Ctrl-C ends it")
    while True:
        lines = watch.look(report.failed)
        first = next(lines, None)
        if first is not None:
            with shown(report, None) as told:
                summary = run(chain([first], lines), out, engine, told.told, chosen)
            ended(summary, 0, told, report)
        stopping.check()
        time.sleep(watch.pause_secs)
