"""Signals to processes that a test starts."""

from __future__ import annotations

import signal


def heeding_ctrl_c() -> None:
    """In the child: a test run in the background of a script inherits an ignored SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
