"""Visemes, phones and words as JSON, and Rhubarb's mouth cues for what reads those.

    {"metadata": {"soundFile": "line.wav", "duration": 2.5},
     "mouthCues": [{"start": 0.0, "end": 0.31, "value": "X"}, ...],
     "visemes":   [{"start": 0.0, "end": 0.31, "value": "sil"}, ...],
     "phones":    [{"start": 0.31, "end": 0.38, "value": "h"}, ...],
     "words":     [{"start": 0.31, "end": 0.86, "value": "hello"}, ...]}

`metadata` and `mouthCues` are Rhubarb Lip Sync's own layout. Times are seconds of the sound. Phones are there
where the model hears them, words with a text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar, Final

from facerig.core.curves import CurveClip
from facerig.core.said import TimedLabel
from facerig.sinks.exporter import ExportInfo
from facerig_exporters.viseme_track import RIG, VISEMES, Track, track_of

DECIMALS: Final = 4  # of a second

# Rhubarb's mouth of each viseme. Source: its README, "Mouth shapes"; A to F are those of Hanna-Barbera.
# viseme  mouth  why
_TABLE: Final = """
sil       X      rest
PP        A      lips closed
FF        G      lower lip at the teeth
TH        B      the tongue is not to be seen among the eight
DD        B      teeth near each other, lips a little apart
kk        B
SS        B
ih        B      and of a wide mouth, as in bee
nn        C      open, without the l's tongue (H), which an n has not
E         C      open
aa        D      wide open
RR        E      slightly rounded
CH        E
oh        E
ou        F      puckered
"""
MOUTHS: Final = {row[0]: row[1] for row in (line.split() for line in _TABLE.strip().splitlines())}
if set(MOUTHS) != set(VISEMES):
    raise ImportError("every viseme needs its mouth")


class VisemesJson:
    """See the module's text."""

    name: ClassVar[str] = "visemes-json"
    endings: ClassVar[tuple[str, ...]] = (".visemes.json",)
    summary: ClassVar[str] = "visemes, phones and words over time as JSON, with Rhubarb's mouthCues"
    rig: ClassVar[str] = RIG
    said: ClassVar[bool] = True

    def write(self, path: Path, pieces: Iterable[CurveClip], info: ExportInfo) -> int:
        """Write `pieces` and return the number of frames. Raises OutputError for another rig."""
        track = track_of(pieces, info, path)
        about = {"soundFile": info.sound, "duration": round(track.duration, DECIMALS)}
        parts = {"metadata": json.dumps(about), **{name: _list(labels) for name, labels in _lists(track)}}
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.write("{\n" + ",\n".join(f'"{name}": {text}' for name, text in parts.items()) + "\n}\n")
        return track.frames


def _lists(track: Track) -> list[tuple[str, Sequence[TimedLabel]]]:
    lists: list[tuple[str, Sequence[TimedLabel]]] = [("mouthCues", _mouths(track.visemes)),
                                                     ("visemes", track.visemes)]
    if track.said is not None:
        lists += [("phones", track.said.phones)]
        lists += [("words", track.said.words)] if track.said.words else []
    return lists


def _mouths(visemes: Sequence[TimedLabel]) -> list[TimedLabel]:
    """Rhubarb's mouths; those of visemes that follow each other and look alike are one."""
    out: list[TimedLabel] = []
    for viseme in visemes:
        mouth, start = MOUTHS[viseme.text], viseme.start
        if out and out[-1].text == mouth:
            start = out.pop().start
        out.append(TimedLabel(start, viseme.end, mouth))
    return out


def _list(labels: Sequence[TimedLabel]) -> str:
    rows = [json.dumps({"start": round(label.start, DECIMALS), "end": round(label.end, DECIMALS),
                        "value": label.text}, ensure_ascii=False) for label in labels]
    return "[\n  " + ",\n  ".join(rows) + "\n]" if rows else "[]"
