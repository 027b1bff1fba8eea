"""A disk that is full: the log cannot be written."""

from __future__ import annotations

import re
import urllib.request
from pathlib import Path
from typing import Final

from facerig.service import wire
from tools.bench.faults.outcome import Outcome
from tools.bench.plain_client import PlainClient
from tools.bench.serving import Serving
from tools.bench.witness import FPS, Witness

FULL: Final = Path("/dev/full")  # takes nothing: every write says that no space is left
OPENINGS: Final = 20  # of sessions, each of which is a line


def disk_full() -> Outcome:
    """Every line of the log fails; the service goes on and counts them."""
    with (Serving("--log", str(FULL), "--metrics", "0", busy=1.0) as serving,
          Witness(serving.connect) as witness):
        with PlainClient(serving.control_port, serving.curves_port) as client:
            for k in range(OPENINGS):
                opened = client.ask(wire.Open(subject=f"npc {k}", alive=False), wire.Opened)
                client.ask(wire.Close(session=opened.session), wire.Closed)
        witness.wait_for(FPS)
        lost = _lines_lost(serving.told["metrics"])
        testimony = witness.testify()
        told = serving.stop()
    return Outcome(
        fault="no space left for the log", mended=lost > 0 and "Traceback" not in told, witness=testimony,
        happened=f"{lost:.0f} lines were not written, and counted (metrics: log_lines_lost); "
                 f"{OPENINGS} sessions came and went meanwhile",
        figures={"lost_lines": lost})


def _lines_lost(url: str) -> float:
    """As the metrics say."""
    with urllib.request.urlopen(url, timeout=30) as page:
        text = page.read().decode()
    found = re.search(r"^\S*log_lines_lost\S* ([0-9.]+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0
