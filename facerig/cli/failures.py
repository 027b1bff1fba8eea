"""Every way to fail as a user meets it: what, where, how to fix, and the exit code."""

from __future__ import annotations

from typing import Final

import typer

from facerig.errors import FacerigError, OutputError
from facerig.sinks.files import DISK_TROUBLE

BUG: Final = 1
STOPPED_BY_USER: Final = 130  # 128 + SIGINT, as shells count

# typer uses click, newer ones a copy of their own: the root of its errors is found through either.
CLICK_ERROR: Final = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")


class UsageError(FacerigError):
    """The command line itself is wrong."""

    code = "usage"


class Bug(FacerigError):
    """Anything that facerig did not raise on purpose."""

    code, exit_code = "bug", BUG

    def __init__(self, error: Exception) -> None:
        super().__init__(f"unexpected {type(error).__name__}: {error}",
                         fix="this is a bug in facerig; `facerig --debug ...` shows the trace to report")


def as_failure(error: Exception) -> FacerigError:
    """`error` as one of facerig's own."""
    if isinstance(error, FacerigError):
        return error
    if isinstance(error, CLICK_ERROR):
        return _usage(error)
    if isinstance(error, OSError) and error.errno in DISK_TROUBLE:
        return OutputError(error.strerror or str(error), where=str(error.filename or ""),
                           fix="check the folder's free space and rights")
    return Bug(error)


def _usage(error: Exception) -> FacerigError:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "facerig"
    what = str(getattr(error, "format_message", lambda: error)())
    return UsageError(what.rstrip("."), fix=f"see `{path} --help`")


def exit_code(failures: list[FacerigError]) -> int:
    """The code of a run of which some parts failed: a bug outweighs mistakes."""
    return min((failure.exit_code for failure in failures), default=0)
