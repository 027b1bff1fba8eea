"""Frames leave when their sound plays: frame k at start + k / fps, by a monotonic clock, computed in
integers.

A frame whose successor is due already is late: it is dropped by its index and counted, and the newest one
that is due leaves in its place. So a machine that falls behind shows fewer frames and never old ones, and
catches up at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

from facerig.animation import AnimateSettings
from facerig.outlets.outlet import Outlet, Posed
from facerig.outlets.sources import Frames, engines, pieces_of
from facerig.rig import Retarget

NS_PER_SEC: Final = 1_000_000_000
SHORTEST_NAP_NS: Final = 500_000  # where frames are not made in time
LONGEST_NAP_NS: Final = 50_000_000  # Ctrl-C is noticed within it on every system
SETTLE_SECS: Final = Fraction(1, 4)  # to rest, where playing is stopped in the middle of a word

Nap = Callable[[int], None]  # for so many ns


def _nap(ns: int) -> None:
    time.sleep(ns / NS_PER_SEC)


@dataclass(frozen=True, slots=True)
class Clock:
    """Monotonic time, and how to wait. Tests bring their own."""

    now_ns: Callable[[], int] = time.monotonic_ns
    nap: Nap = _nap


@dataclass(frozen=True, slots=True)
class Played:
    """What an outlet got. `dropped`: frames that were late; `refused`: that the system did not take, or that
    nobody had asked for yet; `worst_late_ms`: of those that left."""

    outlet: str
    fps: Fraction
    sent: int
    dropped: int
    refused: int
    worst_late_ms: float


@dataclass(slots=True)
class Track:
    """Frames of one rate, and the outlets that want them."""

    frames: Frames
    outlets: Sequence[Outlet]
    next_index: int = 0
    sent: int = 0
    dropped: int = 0
    worst_late_ns: int = 0
    refused: list[int] = field(default_factory=list)
    last: Posed | None = None

    def __post_init__(self) -> None:
        self.refused = [0] * len(self.outlets)

    def due_ns(self, index: int) -> int:
        """When frame `index` leaves, after the start."""
        fps = self.frames.fps
        return -(-index * NS_PER_SEC * fps.denominator // fps.numerator)

    def step(self, since_start_ns: int) -> None:
        """Let the newest frame leave that is due."""
        fps = self.frames.fps
        due = since_start_ns * fps.numerator // (NS_PER_SEC * fps.denominator)
        posed, passed = self.frames.until(due) if due >= self.next_index else (None, 0)
        if posed is None:
            return
        self.dropped += passed
        self.sent += 1
        self.next_index, self.last = posed.index + 1, posed
        self.worst_late_ns = max(self.worst_late_ns, since_start_ns - self.due_ns(posed.index))
        self._send(posed)

    def settle(self, number: int, count: int) -> None:
        """The last frame that left, `number` / `count` of the way to rest."""
        if self.last is None:
            return
        face = self.last.face * np.float32(0.5 + 0.5 * np.cos(np.pi * number / count))
        self._send(replace(self.last, index=self.last.index + number, face=face,
                           rigs=self.frames.on_rigs(face)))

    def _send(self, posed: Posed) -> None:
        for k, outlet in enumerate(self.outlets):
            self.refused[k] += not outlet.send(posed)

    def report(self) -> list[Played]:
        """What each of the outlets got."""
        return [Played(outlet.name, self.frames.fps, self.sent - refused, self.dropped, refused,
                       self.worst_late_ns / 1e6)
                for outlet, refused in zip(self.outlets, self.refused, strict=True)]


def run(tracks: Sequence[Track], clock: Clock) -> None:
    """Play to the end of all tracks, from now on. Raises what making the frames raised."""
    for track in tracks:
        track.frames.ready()
    start = clock.now_ns()
    while any(not track.frames.ended for track in tracks):
        since = clock.now_ns() - start
        for track in tracks:
            track.step(since)
        waiting = [track.due_ns(track.next_index) for track in tracks if not track.frames.ended]
        if waiting:
            nap = start + min(waiting) - clock.now_ns()
            clock.nap(min(max(nap, SHORTEST_NAP_NS), LONGEST_NAP_NS))


def settle(tracks: Iterable[Track], clock: Clock) -> None:
    """Bring every face to rest within SETTLE_SECS, from the frame that it shows."""
    for track in tracks:
        count = max(1, int(SETTLE_SECS * track.frames.fps))
        for number in range(1, count + 1):
            track.settle(number, count)
            clock.nap(int(NS_PER_SEC / track.frames.fps))


def play(source: str | Path, outlets: Sequence[Outlet], settings: AnimateSettings | None = None, *,
         loop: bool = False, clock: Clock | None = None) -> list[Played]:
    """Play a sound or curve file to outlets in real time; each at its own rate, and in its own rig.

    loop: without end, until Ctrl-C. However it ends, the faces are at rest. The outlets stay open. Raises
    AudioError, ConfigError, ModelError or RigError.
    """
    tracks = opened(source, outlets, settings or AnimateSettings(), loop=loop)
    perform(tracks, clock or Clock())
    return [told for track in tracks for told in track.report()]


def perform(tracks: Sequence[Track], clock: Clock) -> None:
    """`run`; whatever ends it early, faces come to rest, and the making of frames ends."""
    try:
        run(tracks, clock)
    except BaseException:
        settle(tracks, clock)
        raise
    finally:
        for track in tracks:
            track.frames.close()


def opened(source: str | Path, outlets: Sequence[Outlet], settings: AnimateSettings, *, loop: bool = False
           ) -> list[Track]:
    """Tracks of a file, one for each rate that outlets want."""
    pieces = pieces_of(Path(source), settings, loop=loop)
    rigs = engines({outlet.rig for outlet in outlets})
    tracks = []
    for fps in dict.fromkeys(outlet.fps for outlet in outlets):
        fed = [outlet for outlet in outlets if outlet.fps == fps]
        wanted: dict[str, Retarget] = {name: rigs[name] for name in {o.rig for o in fed} if name is not None}
        tracks.append(Track(Frames(pieces(fps), fps, wanted), fed))
    return tracks
