"""What is judged. A system is a small adapter: sound in, timed curves out.

    live, live-40, offline     facerig itself, or PATH.onnx; `live@0.35` seals from a probability of 0.35 on;
                               `live#24` gives 24 frames a second instead of 60; `live~joy` acts joy, or
                               any other feeling, at full, and `live~` as by default, heard emotion and all
    offline+text               with the words that were said; +extra, +wrong: see tools/evaluate/scripted.py
    csv:FOLDER                 curve files ID.csv that something else has written
    rhubarb, headaudio, ...    the peers (tools/evaluate/peers)
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import BY_LOWER_NAME, INDEX, N_CHANNELS
from facerig.core.curves import CurveClip
from facerig.encoder.model import SHIPPED
from facerig.errors import ConfigError
from facerig.performance.settings import STILL, Performance
from tools.evaluate.contract import System, TextSystem, Timed
from tools.evaluate.peers import PEERS
from tools.evaluate.sets import SAMPLE_RATE, Audio

FPS: Final = 60
FEED_SAMPLES: Final = 1600  # facerig hears the sound as a stream: 100 ms a time
_TIMECODE_RATES: Final = (24, 25, 30, 60, 120, 1000)  # a Live Link CSV does not say its rate


# What moves the mouth besides speech; the rest takes time and changes no figure.
FACE: Final = Performance(layers={"gaze": 0, "blinks": 0, "head": 0, "listening": 0})


class Facerig:
    """facerig's own session. `options` go to the Session: model, lips, ..."""

    def __init__(self, name: str, **options: Any) -> None:
        from facerig.session import Session  # late: the metrics need no model

        self.name = name
        self._session = Session(SAMPLE_RATE, **{"fps": FPS, "performance": STILL, **options})
        self.lookahead = f"{float(self._session.lookahead.total) * 1000:.0f} ms"

    def curves(self, audio: Audio, sample_rate: int, utterance_id: str) -> Timed:
        session = self._session
        session.reset()
        pieces = [session.feed(audio[i : i + FEED_SAMPLES]) for i in range(0, len(audio), FEED_SAMPLES)]
        clip = CurveClip.joined([*pieces, session.flush()])
        return clip.times_secs, clip.values


class CurveFiles:
    """Curves that lie in a folder as ID.csv: a `time` column in seconds, or a Live Link Face `Timecode`."""

    lookahead = "as made"

    def __init__(self, folder: Path) -> None:
        self.name, self._folder = f"csv:{folder.name}", folder

    def curves(self, audio: Audio, sample_rate: int, utterance_id: str) -> Timed:
        return read_curves(self._folder / f"{utterance_id}.csv")


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


def _times(rows: list[dict[str, str]], columns: dict[str, str]) -> NDArray[np.float64] | None:
    if "time" in columns:
        return np.array([float(row[columns["time"]]) for row in rows])
    if "timecode" not in columns:
        return None
    parts = np.array([[float(p) for p in row[columns["timecode"]].split(":")] for row in rows])
    rate = next(rate for rate in _TIMECODE_RATES if parts[:, 3].max() < rate)
    seconds = parts @ np.array([3600, 60, 1, 1 / rate])
    return np.asarray(seconds - seconds[0])


def system(name: str) -> System | TextSystem:
    """The system of that name. Raises ConfigError for a name that is none."""
    if name in PEERS:
        return PEERS[name]()
    if name.startswith("csv:"):
        return CurveFiles(Path(name.removeprefix("csv:")))
    rest, acted, feeling = name.partition("~")
    model, _, fps = rest.partition("#")
    model, _, text = model.partition("+")
    model, _, threshold = model.partition("@")
    options: dict[str, Any] = {"fps": fps} if fps else {}
    if text:
        from tools.evaluate.scripted import TEXTS, Scripted

        if text not in TEXTS:
            raise ConfigError(f"{text!r} is no way to give a text", where="--systems",
                              fix=f"give {', '.join(f'{model}+{t}' for t in TEXTS)}")
        return Scripted(name, TEXTS[text], {"model": model, **options, **_lips(model, threshold)})
    if acted:
        options["performance"] = FACE.with_(emotion=feeling or None)
    if model in SHIPPED or model.endswith(".onnx"):
        return Facerig(name, model=model, **options, **_lips(model, threshold))
    raise ConfigError(f"no system is called {name!r}", where="--systems",
                      fix="give live, live-40, live@THRESHOLD, offline, offline+text, FILE.onnx, csv:FOLDER, "
                      f"or a peer: {', '.join(PEERS)}")


def _lips(model: str, threshold: str) -> dict[str, Any]:
    """The model's own lip settings with another seal threshold."""
    if not threshold:
        return {}
    from facerig.encoder.model import open_model

    try:
        return {"lips": replace(open_model(model)[1].lips, seal_on=float(threshold))}
    except ValueError:
        raise ConfigError(f"{threshold!r} is not a threshold", where="--systems",
                          fix="give a probability, such as live@0.4") from None
