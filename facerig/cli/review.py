"""`facerig report`: the lines of a batch that a person should look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from facerig.cli import options
from facerig.cli.report import Report

STRIPS = 40  # a picture takes some 30 ms, a line has six

EXAMPLES = """
[bold]Examples[/bold]

  facerig report curves/

Writes curves/report.html, which needs no network and may be sent around with the sounds, and report.json.
`facerig batch` does it by itself at its end.
"""


def review(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="That `facerig batch` wrote to.")],
    strips: Annotated[int, typer.Option(
        metavar="N", min=0, help="Lines with pictures of the face, of those that may need a look.")] = STRIPS,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Which lines of a batch a person should look at: one page with sound, curves and faces."""
    report_of(folder, strips, Report(json=json, quiet=quiet))


def report_of(folder: Path, strips: int, report: Report) -> None:
    """Write the report of a batch's folder, and say where it is. Raises FacerigError."""
    from facerig.batch.report import FIGURES, PAGE, write
    from facerig.batch.report.gather import LOOK_FROM

    with report.progress("report") as progress:
        found = write(folder, strips=strips, progress=progress)
    look = sum(entry.likelihood >= LOOK_FROM for entry in found.entries)
    report.result(f"{folder / PAGE}: {look} of {len(found.entries)} lines probably need a person",
                  report=str(folder / PAGE), figures=str(folder / FIGURES), look=look,
                  lines=len(found.entries), changes=found.changes())
