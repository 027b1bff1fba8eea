"""Ctrl-C and SIGTERM: both unwind, so that temporary files go, even where a library swallows the exception.

Audio is decoded through callbacks from C, where a Python exception is printed and forgotten. So the wish to stop is
also written down, and `check` raises it again at the next bit of progress.
"""

from __future__ import annotations

import signal
from types import FrameType

TERMINATED = 143  # 128 + SIGTERM
_asked: list[BaseException] = []


def install() -> None:
    """Handle SIGTERM, and SIGINT unless whoever started us had it ignored."""
    signal.signal(signal.SIGTERM, _terminate)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)


def check() -> None:
    """Raise what a signal has asked for, if one has."""
    if _asked:
        raise _asked[0]


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    _asked.append(KeyboardInterrupt())
    raise _asked[0]


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    _asked.append(SystemExit(TERMINATED))
    raise _asked[0]
