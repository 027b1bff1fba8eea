"""`facerig fit`: recordings of an actor to a model of his own."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facerig.cli import options, plan
from facerig.cli.report import Report

if TYPE_CHECKING:
    from facerig.actor.fitting import FitReport
    from facerig.actor.judging import CurveResult

EXAMPLES = """ [bold]Examples[/bold]

  facerig fit takes/ -o anna.onnx --name Anna

  facerig animate line.wav -o line.csv --model anna.onnx

  facerig fit takes/ -o anna-offline.onnx --model offline --picture fit.png

  facerig fit video.mp4 -o anna.onnx --landmarker face_landmarker.task

A take is two files of one name: line1.csv (Live Link Face, or a CSV with a time column) and line1.wav (or
.mov). Two to five minutes of varied sentences are right, in several takes. Lips still close where the shipped
model closes
them: only the open shape learns from the actor.
"""


def fit(
    takes: Annotated[list[Path], typer.Argument(
        metavar="TAKES", help="Folders, or files: curves (CSV) and sound (audio or video) of one name.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT", help="The model file to write, .onnx.")],
    name: Annotated[str, typer.Option(metavar="NAME", help="The actor; written into the file.")] = "actor",
    source: Annotated[str, typer.Option(
        metavar="TEXT", help="Where the recordings are from and on what terms; written into the file.")] = "",
    model: Annotated[str, typer.Option(
        metavar="NAME", help="What is fitted: live, live-40, offline or the path of a model.")] = "live",
    landmarker: Annotated[Path | None, typer.Option(
        metavar="FILE", help="MediaPipe's face_landmarker.task: reads the curves of videos that have none.")
    ] = None,
    keep: Annotated[str, typer.Option(
        metavar="CURVES", help="Leave these as shipped, such as mouthStretch,mouthLowerDown.")] = "",
    picture: Annotated[Path | None, typer.Option(
        metavar="PNG", help="Draw a take that was left out: recorded, shipped, fitted.")] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Fit a model to an actor: a few minutes of recorded curves and sound become a model file for --model."""
    from facerig.actor.fitting import FitSettings, fit_to

    report = Report(json=json, quiet=quiet)
    plan.make_writable(out)
    if picture is not None:
        plan.make_writable(picture)
    kept = tuple(part.strip() for part in keep.split(",") if part.strip())
    settings = FitSettings(name=name, source=source, model=model, landmarker=landmarker, keep=kept)
    with report.progress(out.name) as progress:
        done = fit_to(takes, out, settings, progress)
    for remark in done.remarks:
        report.log(remark)
    if picture is not None:
        from facerig.actor.picture import draw

        draw(done.shown, f"{done.takes[done.shown.index].name}, left out of the fit of {done.name}", picture)
    report.result(_text(done), **_fields(done, picture))
    return 0


def _text(done: FitReport) -> str:
    lines = [f"{done.out}: the {done.kind} model fitted to {done.name} by {len(done.takes)} takes, "
             f"{done.speech_secs:.0f} s of speech", "r with the recording, on takes left out:",
             f"  {'curve':<16} shipped  fitted"]
    lines += [f"  {row.track:<16} {_r(row.before):>7} {_r(row.after):>7}{'  kept' if row.kept else ''}"
              for row in (*done.curves, done.width)]
    return "\n".join(lines)


def _r(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _fields(done: FitReport, picture: Path | None) -> dict[str, object]:
    def row(result: CurveResult) -> dict[str, object]:
        return asdict(result)

    return {"output": str(done.out), "name": done.name, "model": done.kind, "speech_secs": done.speech_secs,
            "takes": [{"name": t.name, "speech_secs": t.speech_secs, "lag_ms": t.lag.secs * 1000,
                       "jaw_r": t.lag.r} for t in done.takes],
            "curves": [row(result) for result in (*done.curves, done.width)],
            "picture": None if picture is None else str(picture), "remarks": done.remarks}
