"""TextGrid, Praat's labels over time, in its long text format: tiers of words, phones and visemes.

For animators who key by hand, and for phoneticians. Words stand there with a text, phones where the model
hears them (`--model offline`, which this format takes by itself). Empty intervals are pauses.

Source: Praat's manual, "TextGrid file formats".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Final

from facerig.core.curves import CurveClip
from facerig.core.said import TimedLabel
from facerig.sinks.exporter import ExportInfo
from facerig_exporters.viseme_track import RIG, Track, track_of

DECIMALS: Final = 6  # of a second
LEAST_GAP: Final = 10**-DECIMALS


class TextGrid:
    """See the module's text."""

    name: ClassVar[str] = "textgrid"
    endings: ClassVar[tuple[str, ...]] = (".textgrid",)
    spelled: ClassVar[tuple[str, ...]] = (".TextGrid",)
    summary: ClassVar[str] = "Praat TextGrid: words (with a text), phones and visemes over time"
    rig: ClassVar[str] = RIG
    said: ClassVar[bool] = True

    def write(self, path: Path, pieces: Iterable[CurveClip], info: ExportInfo) -> int:
        """Write `pieces` and return the number of frames. Raises OutputError for another rig."""
        track = track_of(pieces, info, path)
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(line + "\n" for line in _lines(track))
        return track.frames


def _tiers(track: Track) -> list[tuple[str, Sequence[TimedLabel]]]:
    tiers: list[tuple[str, Sequence[TimedLabel]]] = []
    if track.said is not None:
        tiers += [("words", track.said.words)] if track.said.words else []
        tiers += [("phones", track.said.phones)]
    return [*tiers, ("visemes", track.visemes)]


def _lines(track: Track) -> Iterator[str]:
    tiers, end = _tiers(track), _number(track.duration)
    yield from ('File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", f"xmax = {end}",
                "tiers? <exists>", f"size = {len(tiers)}", "item []:")
    for number, (name, labels) in enumerate(tiers, 1):
        intervals = list(_intervals(labels, track.duration))
        yield from (f"    item [{number}]:", '        class = "IntervalTier"',
                    f"        name = {_text(name)}", "        xmin = 0", f"        xmax = {end}",
                    f"        intervals: size = {len(intervals)}")
        for k, label in enumerate(intervals, 1):
            yield from (f"        intervals [{k}]:", f"            xmin = {_number(label.start)}",
                        f"            xmax = {_number(label.end)}", f"            text = {_text(label.text)}")


def _intervals(labels: Sequence[TimedLabel], duration: float) -> Iterator[TimedLabel]:
    """`labels` with empty ones between them, from 0 to `duration` without a gap."""
    reached = 0.0
    for label in labels:
        if label.start - reached >= LEAST_GAP:
            yield TimedLabel(reached, label.start, "")
        else:
            label = TimedLabel(reached, label.end, label.text)
        if label.end - label.start >= LEAST_GAP:
            yield label
            reached = label.end
    if duration - reached >= LEAST_GAP:
        yield TimedLabel(reached, duration, "")


def _number(seconds: float) -> str:
    return f"{seconds:.{DECIMALS}f}".rstrip("0").rstrip(".")


def _text(text: str) -> str:
    return '"' + " ".join(text.split()).replace('"', '""') + '"'
