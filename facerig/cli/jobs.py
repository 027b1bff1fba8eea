"""Many files, one after the other: a failure is told and does not stop the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from facerig.cli.failures import as_failure, exit_code
from facerig.cli.plan import Job
from facerig.cli.report import Report
from facerig.errors import FacerigError, ModelError, RigError


def run_all(jobs: Sequence[Job], run: Callable[[Job], None], report: Report, done: str, *, debug: bool
            ) -> int:
    """Run the jobs and return the exit code. done: what they then are, in a word; debug: raise the first
    failure."""
    failures: list[FacerigError] = []
    for job in jobs:
        try:
            run(job)
        except Exception as error:
            if debug:
                raise
            failures.append(as_failure(error))
            report.failed(failures[-1], job.source)
            if isinstance(error, ModelError | RigError):  # it would fail everyone
                break
    if len(jobs) > 1:
        report.log(f"{len(jobs) - len(failures)} of {len(jobs)} {done}")
    return exit_code(failures)
