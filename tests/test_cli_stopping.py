"""A wish to stop that a library swallowed is raised again at the next progress."""

from __future__ import annotations

import signal

import pytest

from facerig.cli import stopping
from facerig.cli.report import Report


def test_a_swallowed_ctrl_c_stops_at_the_next_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "_asked", [])
    with Report(quiet=True).progress("a.wav") as progress:
        progress(1.0, 2.0)
        with pytest.raises(KeyboardInterrupt):  # what a callback from C would print and forget
            stopping._stop(signal.SIGINT, None)
        with pytest.raises(KeyboardInterrupt):
            progress(2.0, 2.0)
