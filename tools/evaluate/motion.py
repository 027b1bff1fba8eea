"""How a real face moved: jaw and mouth width against GRID's speaker, whose video MediaPipe has read.

The recorded and the made curves move the same head (facerig.core.mouth), and are compared at the video's
frames:

    jawOpen       the curve itself
    mouth width   between the lip corners, mm: what smile, stretch, pucker, press and jaw make of it together

r is Pearson's: over all frames of all clips ("pooled", the figure that counts), over all frames with each
clip's mean taken off ("centred": where the face rests drifts between clips), and the mean and median of the
clips' own r. `lag` is by how much the made curve leads (+) or trails (-) where r is largest. The speaker is
known: other clips of his are in training (tools/train/split.py), these are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track as progress
from rich.table import Table

from facerig.core.channels import BY_LOWER_NAME, INDEX, N_CHANNELS
from facerig.core.mouth import mouth_geometry
from facerig.errors import ConfigError
from tools.evaluate.contract import System
from tools.evaluate.sets import SAMPLE_RATE, read_mono
from tools.train.split import part_of

Floats = NDArray[np.float64]

GRID: Final = "grid_s1"
MEASURES: Final = ("jawOpen", "mouth width")
STILL: Final = 1e-6  # a measure that varies less does not move
LAGS_SECS: Final = np.arange(-20, 21) / 200  # 5 ms apart


@dataclass(frozen=True, slots=True)
class RecordedClip:
    """A clip and the measures of its face [n_frames, len(MEASURES)], frame k at k / fps s."""

    id: str
    audio_path: Path
    measures: Floats
    fps: float


@dataclass(frozen=True, slots=True)
class Motion:
    """A system against the recorded faces, one measure. `spread_*`: standard deviation within clips."""

    system: str
    measure: str
    clips: int
    r_pooled: float
    r_centred: float
    r_clip_mean: float
    r_clip_median: float
    lag_secs: float
    r_at_lag: float
    spread_real: float
    spread_made: float


def recorded_clips(data: Path, part: str = "test") -> list[RecordedClip]:
    """GRID's clips of a part. Raises ConfigError where the set is missing."""
    folder = data / GRID
    path = folder / "curves.npz"
    if not path.is_file():
        raise ConfigError("the set is missing", where=str(path),
                          fix="give --data, the folder that holds grid_s1/")
    stored = np.load(path)
    names, fps = [str(n) for n in stored["names"]], float(stored["fps"])
    return [RecordedClip(str(i), folder / "audio" / f"{i}.opus", measures(canonical(curves, names)), fps)
            for i, curves in zip(stored["ids"], stored["curves"], strict=True)
            if part_of("grid", {"id": str(i)}) == part]


def canonical(curves: NDArray[np.floating], names: Sequence[str]) -> Floats:
    """Curves [n, len(names)] as the canonical ones [n, 61]; names that are not ARKit's are left out."""
    values = np.zeros((len(curves), N_CHANNELS))
    for column, name in enumerate(names):
        if name.lower() in BY_LOWER_NAME:
            values[:, INDEX[BY_LOWER_NAME[name.lower()]]] = curves[:, column]
    return values


def measures(values: NDArray[np.floating]) -> Floats:
    """MEASURES [n, len(MEASURES)] of canonical curves [n, 61]."""
    return np.stack([values[:, INDEX["jawOpen"]], mouth_geometry().width_mm(values)], 1).astype(np.float64)


def judge(system: System, clips: Sequence[RecordedClip]) -> list[Motion]:
    """A system on all clips."""
    made = []
    for clip in progress(clips, f"moving {system.name}", transient=True):
        times, values = system.curves(read_mono(clip.audio_path), SAMPLE_RATE, clip.id)
        frames = np.arange(len(clip.measures)) / clip.fps
        made.append(_shifted(np.asarray(times, np.float64), measures(values), frames))
    return [_motion(system.name, k, [c.measures[:, k] for c in clips], [m[:, :, k] for m in made])
            for k in range(len(MEASURES))]


def _shifted(times: Floats, values: Floats, frames: Floats) -> Floats:
    """A clip's measures at the video's frames, for every lag [len(LAGS_SECS), n_frames, len(MEASURES)]."""
    return np.stack([np.stack([np.interp(frames - lag, times, column) for column in values.T], 1)
                     for lag in LAGS_SECS])


def _motion(system: str, measure: int, real: list[Floats], made: list[Floats]) -> Motion:
    by_lag = [correlation(real, [m[i] for m in made]) for i in range(len(LAGS_SECS))]
    best, now = int(np.argmax(by_lag)), len(LAGS_SECS) // 2
    here = [m[now] for m in made]
    own = [correlation([a], [b]) for a, b in zip(real, here, strict=True)]
    flat_real, flat_here = _centred(real), _centred(here)
    return Motion(system, MEASURES[measure], len(real), by_lag[now], correlation(flat_real, flat_here),
                  float(np.mean(own)), float(np.median(own)), float(LAGS_SECS[best]), by_lag[best],
                  float(np.concatenate(flat_real).std()), float(np.concatenate(flat_here).std()))


def _centred(parts: Iterable[Floats]) -> list[Floats]:
    return [part - part.mean() for part in parts]


def correlation(real: Sequence[Floats], made: Sequence[Floats]) -> float:
    """Pearson's r over all parts together; 0 where one side does not move."""
    a, b = (np.concatenate(parts) for parts in (real, made))
    spread_a, spread_b = float(a.std()), float(b.std())
    if min(spread_a, spread_b) < STILL:
        return 0.0
    return float(((a - a.mean()) * (b - b.mean())).mean()) / (spread_a * spread_b)


def print_table(rows: Sequence[Motion], console: Console) -> None:
    """The figures on a terminal."""
    table = Table(title=f"GRID's speaker, held-out clips ({rows[0].clips if rows else 0}), r with his face")
    for heading in ("system", "measure", "r", "centred", "clips' mean", "median", "best lag ms", "r there",
                    "spread real", "made"):
        table.add_column(heading, justify="left" if heading in ("system", "measure") else "right")
    for row in rows:
        table.add_row(row.system, row.measure, *(f"{v:.3f}" for v in (
            row.r_pooled, row.r_centred, row.r_clip_mean, row.r_clip_median)), f"{row.lag_secs * 1000:+.0f}",
            f"{row.r_at_lag:.3f}", f"{row.spread_real:.3f}", f"{row.spread_made:.3f}")
    console.print(table)


def as_entries(rows: Sequence[Motion]) -> list[dict[str, Any]]:
    """The figures for JSON."""
    return [asdict(row) for row in rows]
