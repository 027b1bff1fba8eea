"""Ctrl-C and SIGTERM: both unwind, so that temporary files go, even where a library swallows the exception.

Audio is decoded through callbacks from C, where a Python exception is printed and forgotten. So the wish to
stop is also written down, and `check` raises it again at the next bit of progress.
"""

from __future__ import annotations

import signal
from types import FrameType

TERMINATED = 143  # 128 + SIGTERM
_asked: list[int] = []  # signals; not exceptions, which would keep what they unwound alive until the very end


def install() -> None:
    """Handle SIGTERM, and SIGINT unless whoever started us had it ignored."""
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _stop)


def check() -> None:
    """Raise what a signal has asked for, if one has: KeyboardInterrupt or SystemExit."""
    if _asked:
        raise SystemExit(TERMINATED) if _asked[0] == signal.SIGTERM else KeyboardInterrupt


def _stop(number: int, _frame: FrameType | None) -> None:
    _asked.append(number)
    check()
