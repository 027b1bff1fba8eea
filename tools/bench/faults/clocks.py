"""The service's clock is set on and back while characters speak and live."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Final

from facerig.service import wire
from facerig.service.client import Character
from tools.bench.faults.outcome import Outcome
from tools.bench.hosted import Hosted
from tools.bench.witness import FPS, PATIENCE_SECS, RATE_HZ, Witness, sound

HOUR_SECS: Final = 3_600.0
SPOKEN_SECS: Final = 3.0
AFTER: Final = FPS  # frames of the living that must come after a jump


def clock_on() -> Outcome:
    """An hour forward at once, as after a virtual machine was moved."""
    return _jumped(HOUR_SECS, "set on by an hour")


def clock_back() -> Outcome:
    """An hour back."""
    return _jumped(-HOUR_SECS, "set back by an hour")


def _jumped(secs: float, what: str) -> Outcome:
    with Hosted() as hosted, Witness(hosted.connect) as witness, hosted.connect() as client:
        anna = client.open("anna", sample_rate=RATE_HZ, fps=FPS, pace="realtime", timeout_secs=PATIENCE_SECS)
        live = client.open("ben", sample_rate=RATE_HZ, fps=FPS, pace="realtime", timeout_secs=PATIENCE_SECS)
        anna.say_sound(sound(SPOKEN_SECS))
        spoken = _after_jump(anna, hosted, secs)
        began = time.monotonic()
        idle = _idle(live)
        idle_secs = time.monotonic() - began
        testimony, figures = witness.testify(), hosted.figures
    lost = sum(b - a - 1 for a, b in pairwise(spoken))
    mended = spoken[-1] >= SPOKEN_SECS * FPS - 2 and idle >= AFTER
    return Outcome(
        fault=f"the clock is {what}", mended=mended, witness=testimony,
        happened=f"a line in real time went on to its end, {lost} of its frames dropped by index; the "
                 f"silent lived on ({idle} frames in {idle_secs:.1f} s); "
                 f"{figures.get('closed_idle', 0):.0f} sessions were ended as idle",
        figures={"lost": lost, "idle": idle, "stalls": figures.get("stalls", 0.0)})


def _after_jump(anna: Character, hosted: Hosted, secs: float) -> list[int]:
    """Which frames of a line came, when the clock jumps after a second of it."""
    spoken: list[int] = []
    for frame in anna.frames(timeout_secs=PATIENCE_SECS):
        spoken.append(round(frame.sample * FPS / RATE_HZ))
        if len(spoken) == FPS:
            hosted.jump(secs)
    return spoken


def _idle(ben: Character) -> int:
    """Frames of somebody who says nothing."""
    count = 0
    for frame in ben.frames(forever=True, timeout_secs=PATIENCE_SECS):
        count += bool(frame.flags & wire.Frame.IDLE)
        if count >= AFTER:
            break
    return count
