"""The report of a batch: which lines a person should look at, as one page and as JSON.

    page = write(folder)              # folder/report.html and folder/report.json

`gather` reads the journal, `strips` draws faces of the first lines, `page` puts all into one file.
"""

from __future__ import annotations

import json
from pathlib import Path

from facerig.batch.report.gather import Report, gathered
from facerig.batch.report.page import page_of
from facerig.batch.report.strips import Progress, with_faces
from facerig.sinks.files import written_aside

PAGE, FIGURES = "report.html", "report.json"
__all__ = ["FIGURES", "PAGE", "Report", "gathered", "write"]


def write(folder: Path, *, strips: int = 40, progress: Progress | None = None) -> Report:
    """The report of all that the journal of a batch's folder knows. Raises OutputError."""
    report = gathered(folder)
    with written_aside(folder / FIGURES) as path:
        path.write_text(json.dumps(report.figures(), indent=1) + "\n", "utf-8")
    with_faces(report, strips, progress)
    with written_aside(folder / PAGE) as path:
        path.write_text(page_of(report), "utf-8")
    return report
