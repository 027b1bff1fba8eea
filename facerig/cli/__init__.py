"""The command line: thin over the Python API. Data on stdout, logs and progress on stderr.

Exit codes: 0 done, 2 the user's mistake (or an input that cannot be used), 1 a bug, 130 Ctrl-C, 143 SIGTERM.
"""

from __future__ import annotations

import os
import sys

from facerig.cli import stopping

STOPPED_BY_USER = 130  # 128 + SIGINT, as shells count


def main() -> int:
    """Run the command line on `sys.argv`; returns the exit code. Leaves no half-written file."""
    stopping.install()
    try:
        from facerig.cli.report import StdoutLostError  # imports take their time: Ctrl-C already counts
        from facerig.cli.run import run
    except KeyboardInterrupt:
        return STOPPED_BY_USER
    try:
        return run()
    except StdoutLostError as lost:
        return _stdout_lost(lost.error)


def _stdout_lost(error: OSError) -> int:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more at its end
    if isinstance(error, BrokenPipeError):
        return 0
    print(f"facerig: cannot write to standard output: {error.strerror}", file=sys.stderr)
    return 2
