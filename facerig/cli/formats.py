"""`facerig formats`: what can be written."""

from __future__ import annotations

from facerig.cli.options import Json
from facerig.cli.report import Report


def formats(
    json: Json = False,
) -> None:
    """List the file formats that `animate` writes, with their endings."""
    from facerig.sinks import formats as sinks

    report, found = Report(json=json), sinks.formats()
    for exporter in found.exporters:
        endings = " ".join(sinks.spelled(exporter))
        report.result(f"{exporter.name:<18} {endings:<14} {exporter.summary}",
                      name=exporter.name, endings=exporter.endings, summary=exporter.summary)
    for problem in found.problems:
        report.log(problem)
