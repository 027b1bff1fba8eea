"""What is judged. A system is a small adapter: sound in, timed curves out.

    live, offline, PATH.onnx   facerig itself
    csv:FOLDER                 curve files ID.csv that something else has written
    rhubarb, headaudio, ...    the peers (tools/evaluate/peers)
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import BY_LOWER_NAME, INDEX, N_CHANNELS
from facerig.core.curves import CurveClip
from facerig.errors import ConfigError
from tools.evaluate.peers import PEERS
from tools.evaluate.sets import Audio, Utterance

FPS: Final = 60
FEED_SAMPLES: Final = 1600  # facerig hears the sound as a stream: 100 ms a time
_TIMECODE_RATES: Final = (24, 25, 30, 60, 120, 1000)  # a Live Link CSV does not say its rate

Floats = NDArray[np.float64]
Timed = tuple[Floats, NDArray[np.floating]]  # times in s [T], values [T, 61]


class System(Protocol):
    """One column of the comparison. `lookahead` says in words what the system hears before it moves."""

    name: str
    lookahead: str

    def curves(self, audio: Audio, sample_rate: int, utterance: Utterance) -> Timed:
        """Times in s [T], rising, and canonical values [T, 61]. Only `csv` may look at the utterance's id."""
        ...


class Facerig:
    """facerig's own session. `options` go to the Session: model, lips, ..."""

    def __init__(self, name: str, **options: Any) -> None:
        from facerig.session import Session  # late: the metrics need no model

        self.name = name
        self._open: Callable[[int], Any] = lambda sample_rate: Session(sample_rate, fps=FPS, **options)
        self.lookahead = f"{float(self._open(16_000).lookahead_secs) * 1000:.0f} ms"

    def curves(self, audio: Audio, sample_rate: int, utterance: Utterance) -> Timed:
        session = self._open(sample_rate)
        chunks = (audio[i : i + FEED_SAMPLES] for i in range(0, len(audio), FEED_SAMPLES))
        pieces = [piece for piece in (*map(session.feed, chunks), session.flush()) if len(piece)]
        clip = CurveClip.joined(pieces)
        return clip.times_secs, clip.values


class CurveFiles:
    """Curves that lie in a folder as ID.csv: a `time` column in seconds, or a Live Link Face `Timecode`."""

    lookahead = "as made"

    def __init__(self, folder: Path) -> None:
        self.name, self._folder = f"csv:{folder.name}", folder

    def curves(self, audio: Audio, sample_rate: int, utterance: Utterance) -> Timed:
        return read_curves(self._folder / f"{utterance.id}.csv")


def read_curves(path: Path) -> Timed:
    """Times and canonical values of a curve CSV; columns may stand in any order and casing."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", where=str(path)) from error
    columns = {name.lower(): name for name in (rows[0] if rows else {}) if name}
    times = _times(rows, columns)
    if times is None:
        raise ConfigError("no `time` and no `Timecode` column, or no rows", where=str(path),
                          fix="write time in seconds, or a Live Link Face CSV")
    values = np.zeros((len(rows), N_CHANNELS))
    for lower, column in columns.items():
        if lower in BY_LOWER_NAME:
            values[:, INDEX[BY_LOWER_NAME[lower]]] = [float(row[column] or 0) for row in rows]
    return times, values


def _times(rows: list[dict[str, str]], columns: dict[str, str]) -> Floats | None:
    if "time" in columns:
        return np.array([float(row[columns["time"]]) for row in rows])
    if "timecode" not in columns:
        return None
    parts = np.array([[float(p) for p in row[columns["timecode"]].split(":")] for row in rows])
    rate = next(rate for rate in _TIMECODE_RATES if parts[:, 3].max() < rate)
    seconds = parts @ np.array([3600, 60, 1, 1 / rate])
    return np.asarray(seconds - seconds[0])


def system(name: str) -> System:
    """The system of that name. Raises ConfigError for a name that is none."""
    if name in PEERS:
        return PEERS[name]()
    if name.startswith("csv:"):
        return CurveFiles(Path(name.removeprefix("csv:")))
    if name in ("live", "offline"):
        return Facerig(name, model=name)
    if name.endswith(".onnx"):
        return Facerig(Path(name).stem, model=name)
    raise ConfigError(f"no system is called {name!r}", where="--systems",
                      fix=f"give live, offline, MODEL.onnx, csv:FOLDER, or a peer: {', '.join(PEERS)}")
