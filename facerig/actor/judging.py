"""How well a fitted face follows the recorded one, on takes left out, through the lips that animate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facerig.actor.hidden import Heard
from facerig.actor.learning import Learned
from facerig.actor.targets import at_times, face_seen, tracks_of
from facerig.core.mouth import mouth_geometry
from facerig.encoder.lips import LipDecoder, LipSettings
from facerig.encoder.tracks import CURVE_TRACKS, N_CURVE_TRACKS

Array = NDArray[np.float32]
Floats = NDArray[np.float64]

WIDTH = "mouth width"  # between the corners on the shipped head, mm
NAMES = (*CURVE_TRACKS, WIDTH)
STILL = 1e-6  # a curve that varies less does not move


@dataclass(frozen=True, slots=True)
class CurveResult:
    """A curve's r with the recording before and after the fit (None where either is still).

    reach: from the 1st to the 99th percentile of the recording; kept: why the shipped readout stays, or "".
    """

    track: str
    before: float | None
    after: float | None
    reach: float
    kept: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """One take at its knots: `times` s [n]; NAMES as recorded, as shipped and as fitted [n, len(NAMES)]."""

    index: int
    times: Floats
    recorded: Floats
    before: Floats
    after: Floats
    seen: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Findings:
    """All curves, the mouth's width, and the take in the middle of the field, to be shown."""

    curves: tuple[CurveResult, ...]
    width: CurveResult
    shown: Judged


def judged(heard: Sequence[Heard], recordings: Sequence[tuple[Floats, Array]], learned: Learned,
           lips: LipSettings) -> Findings:
    """Judge every take by the readouts that were fitted without it.

    recordings: times in s and canonical curves of every take, on the clock of its sound.
    """
    takes = [_take(i, h, recording, left_out, lips) for i, (h, recording, left_out)
             in enumerate(zip(heard, recordings, learned.left_out, strict=True))]
    results = tuple(_result(takes, k, (*learned.kept, "")[k]) for k in range(len(NAMES)))
    jaw = [correlation([t.recorded[t.seen, 0]], [t.after[t.seen, 0]]) or 0.0 for t in takes]
    middle = int(np.argsort(jaw)[len(jaw) // 2])
    return Findings(results[:N_CURVE_TRACKS], results[N_CURVE_TRACKS], takes[middle])


def _take(index: int, heard: Heard, recording: tuple[Floats, Array], left_out: Floats,
          lips: LipSettings) -> Judged:
    times = heard.times_secs.ravel()
    tracks = np.concatenate([left_out, heard.tracks[..., N_CURVE_TRACKS:]], -1).astype(np.float32)
    fitted = replace(heard, tracks=tracks)
    frame_secs, values = recording
    seen = np.interp(times, frame_secs, face_seen(values).astype(np.float64)) > 1 - 1e-9
    seen &= (times >= frame_secs[0]) & (times <= frame_secs[-1])
    real = at_times(frame_secs, _measured(values), times)
    before, after = (_measured(decoded(said, lips)) for said in (heard, fitted))
    return Judged(index, times, real, before, after, np.asarray(seen))


def decoded(heard: Heard, settings: LipSettings) -> Array:
    """The canonical curves [n, 61] that the lips make of a take's tracks."""
    decoder = LipDecoder(settings)
    return decoder.step(heard.tracks.reshape(-1, heard.tracks.shape[-1]), decoder.initial_state())[0]


def _measured(values: Array) -> Floats:
    """NAMES [n, len(NAMES)] of canonical curves [n, 61]."""
    return np.concatenate([tracks_of(values), mouth_geometry().width_mm(values)[:, None]], 1)


def _result(takes: Sequence[Judged], column: int, kept: str) -> CurveResult:
    real = [t.recorded[t.seen, column] for t in takes]
    low, high = np.percentile(np.concatenate(real), (1, 99))
    before, after = (correlation(real, [made[t.seen, column] for t, made in zip(takes, side, strict=True)])
                     for side in ([t.before for t in takes], [t.after for t in takes]))
    return CurveResult(NAMES[column], before, after, float(high - low), kept)


def correlation(real: Sequence[Floats], made: Sequence[Floats]) -> float | None:
    """r over all takes, each about its own mean: a face rests elsewhere in each. None: one side is still."""
    a, b = (np.concatenate([part - part.mean() for part in parts if len(part)]) for parts in (real, made))
    spread_a, spread_b = float(a.std()), float(b.std())
    return float((a * b).mean()) / (spread_a * spread_b) if min(spread_a, spread_b) >= STILL else None
