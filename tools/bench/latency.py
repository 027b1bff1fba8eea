"""How late a frame comes: what the engine states, what is measured, and the computing time on top."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Final

import numpy as np

from facerig.audio.rates import BLOCKS_PER_SEC
from facerig.session import Session
from tools.bench.sound import speech
from tools.bench.tables import Row, Table

RATES_HZ: Final = (16_000, 24_000, 48_000)
FPS: Final = 60
FINE_SAMPLES: Final = 4  # fed at a time where lateness is measured: 0.25 ms at 16 kHz
MEASURED_SECS: Final = 2.0  # of sound, at least, after the first frame


def tables(models: list[str], secs: float) -> list[Table]:
    """Look-ahead by stage, stated and measured; percentiles of a chunk's computing time."""
    late = [lateness(model, rate) for model in models for rate in RATES_HZ]
    compute = [chunk_times(model, secs) for model in models]
    return [Table("lookahead_ms", "Algorithmic look-ahead, ms, and the latest frame measured",
                  {"model": "", "input Hz": ",", "resampler": ".1f", "encoder": ".1f", "frames": ".1f",
                   "stated": ".1f", "measured": ".1f"}, late),
            Table("chunk_us", f"Microseconds of computing for 20 ms at 48 kHz, {FPS} fps, over {secs:g} s",
                  {"model": "", "p50": ",.0f", "p95": ",.0f", "p99": ",.0f", "most": ",.0f"}, compute)]


def lateness(model: str, rate: int) -> Row:
    """From a frame's own time to the end of the sound that had to be fed before it came, at worst."""
    session = Session(rate, fps=FPS, model=model)
    stated = session.lookahead
    audio = speech(rate, 2 * float(stated.total) + MEASURED_SECS)  # past the seam of two windows
    worst = Fraction(0)
    for fed in range(FINE_SAMPLES, len(audio), FINE_SAMPLES):
        clip = session.feed(audio[fed - FINE_SAMPLES : fed])
        if len(clip):
            worst = max(worst, Fraction(fed, rate) - Fraction(clip.start) / session.fps)
    return {"model": model, "input Hz": rate,
            "resampler": _ms(stated.resampler), "encoder": _ms(stated.encoder), "frames": _ms(stated.frames),
            "stated": _ms(stated.total), "measured": _ms(worst)}


def chunk_times(model: str, secs: float) -> Row:
    """Percentiles of what `feed` takes for 20 ms, once the first chunk has warmed things up."""
    rate = 48_000
    session, audio, chunk = Session(rate, fps=FPS, model=model), speech(rate, secs), rate // BLOCKS_PER_SEC
    session.feed(audio[:chunk])
    session.reset()
    spent = []
    for at in range(0, len(audio), chunk):
        began = time.perf_counter()
        session.feed(audio[at : at + chunk])
        spent.append(time.perf_counter() - began)
    p50, p95, p99, most = (float(p) * 1e6 for p in np.percentile(spent, [50, 95, 99, 100]))
    return {"model": model, "p50": p50, "p95": p95, "p99": p99, "most": most}


def _ms(secs: Fraction) -> float:
    return float(secs * 1000)
