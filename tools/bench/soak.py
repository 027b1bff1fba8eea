"""Hours of talk: does a frame still come for its sample, does memory stay, is anything lost?

    real            a `facerig serve` process, characters that speak without a pause or in lines, by the clock
    accelerated     the same service with a clock that the measurement turns: an hour in minutes. The
    client's sound
                    card may run fast or slow against the service's clock, as real ones do.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from facerig.core.clock import parse_fps, sample_of_frame
from facerig.service import wire
from facerig.service.client import Character, Client
from facerig.service.connection import Connection
from facerig.service.limits import Limits, ServiceSettings
from facerig.service.server import Service
from facerig.service.sockets import Address
from tools.bench.serving import Serving
from tools.bench.sound import speech
from tools.bench.tables import Row, Table

RATE_HZ: Final = 48_000
PIECE_SECS: Final = 0.05
LINE_SECS, PAUSE_SECS = 4.0, 2.0
CLIP_SECS: Final = 8.0
WARM_SECS: Final = 60.0  # memory is looked at from then on, and so is the clock
LOOK_SECS: Final = 5.0
NS: Final = 1_000_000_000
HALF_NS: Final = NS // 50  # of a step of the clock that is turned by hand: a block of sound
MOST_TICKS: Final = 1_000
CAST: Final = (  # subject, pace, fps, whether it pauses
    ("a microphone", "realtime", "60", False), ("talk", "realtime", "29.97", True),
    ("lines", "burst", "60", True), ("radio", "burst", "24", False))
COLUMNS: Final = {"character": "", "hours": ".2f", "frames": ",", "lost": ",", "off the grid": ",",
                  "drift ms": ".2f", "drift samples": ".0f"}


@dataclass(slots=True)
class Track:
    """Frames of one character: `ends` [minute]: the earliest that a frame came after its sample, ns."""

    fps: str
    steady: bool
    frames: int = 0
    lost: int = 0
    off_grid: int = 0
    newest: int = -1
    base: int | None = None  # of index and sample, while sound goes on
    ends: dict[int, int] = field(default_factory=dict)

    def add(self, frame: wire.Frame, now_ns: int, since_ns: int) -> None:
        """A frame that came `since_ns` after the sound of everybody began."""
        self.frames += 1
        self.lost += max(0, frame.index - self.newest - 1) if self.newest >= 0 else 0
        self.newest = frame.index
        if frame.sample < 0:
            self.base = None
            return
        if not self.steady:
            return
        fps = parse_fps(self.fps)
        if self.base is None:  # the sample of the stream that the sound's sample 0 is, to within a sample
            self.base = sample_of_frame(frame.index, fps, RATE_HZ) - frame.sample
        self.off_grid += sample_of_frame(frame.index, fps, RATE_HZ) - frame.sample != self.base
        minute = since_ns // (60 * NS)
        late_ns = since_ns - frame.sample * NS // RATE_HZ
        self.ends[minute] = min(late_ns, self.ends.get(minute, late_ns))

    def row(self, name: str, secs: float) -> Row:
        """For the table; drift: between the second whole minute and the last."""
        minutes = sorted(self.ends)[1:-1] if len(self.ends) > 3 else sorted(self.ends)
        drift_ns = self.ends[minutes[-1]] - self.ends[minutes[0]] if self.steady and minutes else None
        return {"character": name, "hours": secs / 3_600, "frames": self.frames, "lost": self.lost,
                "off the grid": self.off_grid if self.steady else None,
                "drift ms": None if drift_ns is None else drift_ns / 1e6,
                "drift samples": None if drift_ns is None else drift_ns * RATE_HZ / NS}


def tables(minutes: float, progress: Callable[[str], None]) -> list[Table]:
    """Real time: rows by character, and the memory of both processes."""
    with Serving() as serving, serving.connect() as client:
        looks: list[tuple[float, float]] = []
        tracks = _spoken(client, 60 * minutes, lambda secs: _look(serving, secs, looks, progress))
        figures = client.statistics()
    rows = [track.row(name, 60 * minutes) for name, track in tracks.items()]
    return [Table("soak", f"{minutes:g} minutes in real time", COLUMNS, rows), memory(looks, figures)]


def memory(looks: list[tuple[float, float]], figures: dict[str, float]) -> Table:
    """The slope of the service's memory once it is warm."""
    warm = np.array([look for look in looks if look[0] >= min(WARM_SECS, looks[-1][0] / 2)])
    slope = float(np.polyfit(warm[:, 0], warm[:, 1], 1)[0]) * 3_600 / 1_024 if len(warm) > 2 else None
    row: Row = {"MB at the end": looks[-1][1] / 1_024, "MB an hour": slope,
                "frames late": figures.get("frames_late", 0.0), "dropped": figures.get("frames_dropped", 0.0),
                "stalls": figures.get("stalls", 0.0)}
    return Table("soak_memory", "The service's memory and what it was late with",
                 {"MB at the end": ".0f", "MB an hour": ".2f", "frames late": ",", "dropped": ",",
                  "stalls": ","}, [row])


def _look(serving: Serving, secs: float, looks: list[tuple[float, float]], progress: Callable[[str], None]
          ) -> None:
    looks.append((secs, serving.memory_kb()))
    if len(looks) % 12 == 0:
        progress(f"{secs / 60:.0f} min, {looks[-1][1] / 1_024:.0f} MB")


def _spoken(client: Client, secs: float, look: Callable[[float], None]) -> dict[str, Track]:
    """Everybody in CAST speaks for `secs`; every frame is looked at when it comes."""
    cast = {name: client.open(name, sample_rate=RATE_HZ, fps=fps, pace=pace, timeout_secs=60.0)
            for name, pace, fps, _ in CAST}
    tracks = {name: Track(fps, steady=not pauses and pace == "realtime") for name, pace, fps, pauses in CAST}
    began_ns, over = time.monotonic_ns(), threading.Event()

    def hear(name: str) -> None:
        for frame in cast[name].frames(forever=True, timeout_secs=60.0):
            now_ns = time.monotonic_ns()
            tracks[name].add(frame, now_ns, now_ns - began_ns)
            if over.is_set():
                return

    threads = [threading.Thread(target=hear, args=(name,), daemon=True) for name in cast]
    for thread in threads:
        thread.start()
    sound, piece = speech(RATE_HZ, CLIP_SECS), round(PIECE_SECS * RATE_HZ)
    for turn in range(round(secs / PIECE_SECS)):
        for name, _, _, pauses in CAST:
            _say(cast[name], sound, turn, piece, pauses=pauses)
        if turn % round(LOOK_SECS / PIECE_SECS) == 0:
            look(turn * PIECE_SECS)
        time.sleep(max(0.0, (began_ns + (turn + 1) * PIECE_SECS * NS - time.monotonic_ns()) / NS))
    over.set()
    for thread in threads:
        thread.join(10.0)
    return tracks


def _say(character: Character, sound: np.ndarray, turn: int, piece: int, *, pauses: bool) -> None:
    """The piece of this turn; who pauses says a line and is silent."""
    at = turn * piece % (len(sound) - piece)
    place = turn * PIECE_SECS % (LINE_SECS + PAUSE_SECS)
    if not pauses or place < LINE_SECS:
        ends = pauses and place + PIECE_SECS >= LINE_SECS
        character.say_sound(sound[at : at + piece], flush=ends)


# --- an hour in minutes

def accelerated(runs: list[tuple[float, float]], progress: Callable[[str], None]) -> list[Table]:
    """A row for each run, (hours, skew of the client's clock): somebody who speaks without a pause, in real
    time."""
    rows: list[Row] = []
    for hours, ppm in runs:
        progress(f"{hours:g} h, sound card {ppm:+g} ppm")
        rows.append({"sound card": f"{ppm:+g} ppm", **hour(3_600 * hours, ppm)})
    title = "Hours of sound without a pause, clocks turned by hand"
    return [Table("soak_accelerated", title, {"sound card": "", **COLUMNS}, rows)]


class Clock:
    """Turned by hand."""

    def __init__(self) -> None:
        self.ns = 10**15

    def __call__(self) -> int:
        return self.ns


def hour(secs: float, skew_ppm: float) -> Row:
    """`secs` of sound whose card runs `skew_ppm` faster than the service's clock."""
    clock = Clock()
    service = Service(ServiceSettings(control_port=0, curves_port=0, models=("live",),
                                      limits=Limits(busy=100.0)), clock_ns=clock)
    control, curves = (int(address.rsplit(":", 1)[1])
                       for address in (service.control_address, service.curves_address))
    connection = Connection(Address.of(f"tcp://127.0.0.1:{control}", curves), clock)
    talk = connection.link.open(wire.Open(subject="anna", sample_rate=RATE_HZ, pace="realtime", fps="60"))
    track, sound, said, began_ns = Track("60", steady=True), speech(RATE_HZ, CLIP_SECS), 0, clock.ns
    end_ns = clock.ns + round(secs * NS)
    try:
        while clock.ns < end_ns:
            clock.ns += HALF_NS
            talk.idle_wanted = True
            if track.frames:  # it lives, and is heard
                began_ns = began_ns if said else clock.ns - 2 * HALF_NS
                upto = round((clock.ns - began_ns) * (1 + skew_ppm * 1e-6)) * RATE_HZ // NS
                talk.say_sound(np.take(sound, range(said, upto), mode="wrap"), flush=False)
                said = upto
            _turn(service, connection, said)
            clock.ns += HALF_NS
            _turn(service, connection, said)
            heard_ns = round((clock.ns - began_ns) * (1 + skew_ppm * 1e-6))
            while talk.frames:
                track.add(talk.frames.popleft(), clock.ns, heard_ns)
    finally:
        connection.close()
        service.close()
    return track.row("a microphone", secs)


def _turn(service: Service, connection: Connection, said: int) -> None:
    """What was sent has come, what has come is done, on both sides; no time passes."""
    connection.turn()
    voice = service.roster.by_subject.get("anna")
    for _ in range(MOST_TICKS):
        service.tick(1)
        if voice is None or voice.received >= said:
            break
    service.tick()
    connection.turn()
