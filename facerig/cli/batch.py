"""`facerig batch`: thousands of lines, resumed exactly, with a report of those that a person should see."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from facerig.cli import options, stopping
from facerig.cli.report import Report
from facerig.errors import ConfigError, FacerigError

if TYPE_CHECKING:
    from facerig.batch.lines import Line
    from facerig.batch.planning import Faults, Plan
    from facerig.batch.running import Status, Summary
    from facerig.batch.work import Outcome

PLAIN_INTERVAL_SECS: Final = 10.0
NAMED_FAILURES: Final = 20

EXAMPLES = """
[bold]Examples[/bold]

  facerig batch voices/ -o curves/

  facerig batch lines.csv -o curves/ --format fbx,livelink.csv,glb --settings batch.toml

  facerig batch "voices/**/*.wav" -o curves/ --workers 2 --json

  facerig batch lines.csv -o curves/ --retry-failed

A table has the column audio and any of text, language, character, emotion, settings, style, rig, formats,
fps, model, seed, channel, timecode, output. What is current is skipped; what changed is done again; a run
that was stopped goes on.
"""


def batch(
    context: typer.Context,
    source: Annotated[str, typer.Argument(
        metavar="SOURCE", help="A folder of sound, a quoted glob, or a manifest: CSV, TSV, JSON lines.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FOLDER", help="Where the files go.")],
    format_: Annotated[str | None, typer.Option(
        "--format", metavar="A,B", help="Formats of each line: fbx,livelink.csv,glb; `facerig formats` lists "
                                        "them.  [dim]\\[default: livelink.csv][/dim]")] = None,
    settings: Annotated[Path | None, typer.Option(
        metavar="FILE", help="A TOML file with \\[defaults] and \\[characters.NAME].")] = None,
    audio_root: Annotated[Path | None, typer.Option(
        metavar="FOLDER", help="That a manifest's sounds are seen from.  "
                               "[dim]\\[default: the manifest's own][/dim]")] = None,
    language: Annotated[str | None, typer.Option(metavar="TAG", help="Of texts without one.")] = None,
    rig: options.Rig = None,
    fps: Annotated[str | None, typer.Option(metavar="RATE", help="Frames per second.")] = None,
    model: Annotated[str | None, typer.Option(
        metavar="NAME", help=f"{options.MODELS}  [dim]\\[default: offline][/dim]")] = None,
    workers: Annotated[int | None, typer.Option(
        metavar="N", min=1, help="Processes.  [dim]\\[default: one a core][/dim]")] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Only what failed before.")] = False,
    keep_going: Annotated[bool, typer.Option(
        "--keep-going", help="Do the good rows of a manifest that has bad ones.")] = False,
    force: Annotated[bool, typer.Option(
        "--force", help="Also write over files that somebody has changed since.")] = False,
    verify: Annotated[bool, typer.Option(
        "--verify", help="Read every input again, not only those whose size or time changed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Animate a library of voiced lines: what is new or has changed, on all cores."""
    from facerig.batch.engine import Local
    from facerig.batch.planning import Plan
    from facerig.batch.running import RunSettings, run
    from facerig.batch.settings import BatchSettings, read_batch_settings
    from facerig.batch.wishes import checked

    report = Report(json=json, quiet=quiet)
    given = {"formats": format_, "language": language, "rig": rig, "fps": fps, "model": model}
    wishes = {name: checked(name, value, Path(), f"--{name.removesuffix('s')}")
              for name, value in given.items() if value is not None}
    read = BatchSettings() if settings is None else read_batch_settings(settings)
    plan = Plan(source, out, read.over(wishes), audio_root)
    chosen = RunSettings(verify=verify, retry_failed=retry_failed, force=force, dry=dry_run)
    faults = _checked(plan, report, keep_going=keep_going)
    with _shown(report, faults.rows) as shown:
        summary = run(plan.lines(), out, Local(workers), shown.told, chosen)
    return _ended(summary, faults, shown, report, dry=dry_run)


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


class _Shown:
    """A run as it goes on: a bar, lines of text, or records."""

    def __init__(self, report: Report, total: int) -> None:
        self._report, self._total, self._began = report, total, time.monotonic()
        self._seen, self._done, self._secs = 0, 0, 0.0
        self._next_at = self._began + PLAIN_INTERVAL_SECS
        self.failures: list[tuple[str, dict[str, str]]] = []
        self.bar: Any = None

    def told(self, line: Line, status: Status, outcome: Outcome | None) -> None:
        """One line more."""
        stopping.check()
        self._seen += 1
        if outcome is not None:
            self._done += 1
            self._secs += outcome.secs
            if outcome.error is not None and len(self.failures) < NAMED_FAILURES:
                self.failures.append((line.place, outcome.error))
        if self._report.json:
            self._record(line, status, outcome)
        self._show()

    def _record(self, line: Line, status: Status, outcome: Outcome | None) -> None:
        fields: dict[str, Any] = {"input": line.audio, "place": line.place, "status": status,
                                  "outputs": list(line.outputs)}
        if outcome is not None and outcome.error is not None:
            self._report.failed(FacerigErrorOf(outcome.error), Path(line.audio))
            return
        if outcome is not None:
            fields |= {"seconds": outcome.secs, "frames": outcome.frames, "remarks": outcome.remarks,
                       "script": outcome.script}
        self._report.result("", **fields)

    @property
    def rate(self) -> str:
        """How fast it goes, in words."""
        elapsed = max(1e-3, time.monotonic() - self._began)
        return f"{self._done / elapsed:.1f} lines/s, {self._secs / elapsed:.0f} h of sound an hour"

    def _show(self) -> None:
        if self.bar is not None:
            self.bar(self._seen, self._total, self.rate)
        elif not (self._report.json or self._report.quiet) and time.monotonic() >= self._next_at:
            self._next_at = time.monotonic() + PLAIN_INTERVAL_SECS
            self._report.log(f"{self._seen} of {self._total} lines, {self.rate}")


@contextmanager
def _shown(report: Report, total: int) -> Iterator[_Shown]:
    shown = _Shown(report, total)
    if report.json or report.quiet or not sys.stderr.isatty():
        yield shown
        return
    from rich import progress as rich_progress
    from rich.console import Console

    columns = (rich_progress.BarColumn(), rich_progress.MofNCompleteColumn(),
               rich_progress.TextColumn("{task.fields[rate]}"), rich_progress.TimeRemainingColumn())
    with rich_progress.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("lines", total=total, rate="")
        shown.bar = lambda done, of, rate: bar.update(task, completed=done, total=of, rate=rate)
        yield shown


def _ended(summary: Summary, faults: Faults, shown: _Shown, report: Report, *, dry: bool) -> int:
    """Say what became of it; the exit code."""
    if not report.json:
        for place, error in shown.failures:
            report.failed(FacerigErrorOf(error | {"where": error["where"] or place}))
    counts = summary.counts
    done = "would be done" if dry else "done"
    text = f"{counts['done']} {done}, {counts['current']} current, {counts['failed'] + faults.count} failed"
    if counts["edited"]:
        text += f", {counts['edited']} left as somebody has changed them"
    if counts["done"] and not dry:
        text += f"; {summary.secs / 3600:.2f} h of sound in {summary.elapsed:.0f} s ({shown.rate})"
    report.result(text, summary=True, run=summary.run, counts=counts, faults=faults.count,
                  seconds=summary.secs, elapsed=summary.elapsed, errors=summary.errors)
    if summary.errors.get("bug") or summary.errors.get("crash"):
        return 1
    return 2 if counts["failed"] or faults.count else 0


class FacerigErrorOf(FacerigError):
    """An error that came from a worker as plain values."""

    def __init__(self, told: dict[str, str]) -> None:
        super().__init__(told["what"], where=told["where"], fix=told["fix"])
        self.code = told["code"]
