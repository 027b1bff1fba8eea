"""From sound sent to curve received, over real sockets, apart from the look-ahead.

    live    pieces of 20 ms as somebody speaks. burst: from the moment that the piece left which completes
            what a frame needs. realtime: from the moment at which the frame's sample plays, a look-ahead
            after the sound began to leave.
    line    a line of 2 s that is sent at once, one character after the other: its first and its last frame.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from facerig.session import Session
from tools.bench.serving import Serving
from tools.bench.sound import speech
from tools.bench.speakers import NS, Heard, Load, Speakers
from tools.bench.tables import Row, Table

WARM_SECS: Final = 2.0
LINE_SECS: Final = 2.0
LINES: Final = 20  # at each number of sessions
COLUMNS: Final = {"sessions": ",", "what": "", "p50 ms": ".1f", "p99 ms": ".1f", "max ms": ".1f",
                  "frames": ",", "lost": ",", "core %": ".0f"}


def tables(counts: list[int], secs: float, progress: Callable[[str], None]) -> list[Table]:
    """Rows for each number of sessions: burst, realtime, a line."""
    rows: list[Row] = []
    for n in counts:
        for pace in ("burst", "realtime"):
            progress(f"{n} sessions, {pace}")
            rows.append(live(Load(sessions=n, pace=pace, alive=False), secs))
        progress(f"{n} sessions, lines")
        rows += lines(Load(sessions=n, pace="burst"))
    title = "Milliseconds from sound sent to curve received, apart from the look-ahead"
    return [Table("service_latency", title, COLUMNS, rows)]


def live(load: Load, secs: float) -> Row:
    """Everybody speaks for `secs`, and what came then counts."""
    with Serving("--sessions", str(load.sessions), core=0) as serving, speakers_of(serving, load) as speakers:
        speakers.open()
        warm = speakers.talk(WARM_SECS)
        cpu_secs = serving.cpu_secs()
        heard = speakers.talk(secs)
        cpu_secs = serving.cpu_secs() - cpu_secs
        heard.sent = [before + after for before, after in zip(warm.sent, heard.sent, strict=True)]
        lookahead = [opened.schema.latency_samples for opened in speakers.opened]
    late = (behind_their_sound if load.pace == "burst" else behind_their_time)(load, heard, lookahead)
    return {"sessions": load.sessions, "what": f"live, {load.pace}", **percentiles(late), "frames": len(late),
            "lost": heard.lost, "core %": 100 * cpu_secs / secs}


def lines(load: Load) -> list[Row]:
    """One character after the other says a line while all are open and live."""
    with Serving("--sessions", str(load.sessions), core=0) as serving, speakers_of(serving, load) as speakers:
        n = speakers.open()
        speakers.listen(WARM_SECS)
        times = np.array([speakers.line(k % n, LINE_SECS) for k in range(0, LINES * max(1, n // LINES),
                                                                          max(1, n // LINES))])
    return [{"sessions": load.sessions, "what": f"a line of {LINE_SECS:g} s, its {which} frame",
             **percentiles(times[:, column]), "frames": len(times), "lost": 0, "core %": None}
            for column, which in enumerate(("first", "last"))]


def behind_their_sound(load: Load, heard: Heard, lookahead: list[int]) -> np.ndarray:
    """ns between the leaving of the piece that completed a frame and the frame's coming."""
    needed = pieces_needed(load, max(map(len, heard.sent)))
    came = heard.as_array()
    came = came[came[:, 1] < len(needed)]
    left = np.array([heard.sent[k][needed[index]] for k, index in came[:, :2].tolist()])
    return np.asarray(came[:, 3] - left)


def behind_their_time(load: Load, heard: Heard, lookahead: list[int]) -> np.ndarray:
    """ns between the time at which a frame's sample plays and the frame's coming."""
    began = np.array([sent[0] for sent in heard.sent])
    came = heard.as_array()
    came = came[came[:, 2] >= 0]
    plays = began[came[:, 0]] + (came[:, 2] + np.array(lookahead)[came[:, 0]]) * NS // load.rate_hz
    return np.asarray(came[:, 3] - plays)


def pieces_needed(load: Load, pieces: int) -> list[int]:
    """By index of a frame: the piece with which a session alone can show it."""
    session, sound = Session(load.rate_hz, fps=load.fps), speech(load.rate_hz, 2 * load.piece_secs)
    return [piece for piece in range(pieces) for _ in range(len(session.feed(sound[: load.piece])))]


def percentiles(ns: np.ndarray) -> Row:
    """p50, p99 and the most, ms; nothing where there is nothing."""
    if not len(ns):
        return dict.fromkeys(("p50 ms", "p99 ms", "max ms"), None)
    p50, p99, most = (float(p) / 1e6 for p in np.percentile(ns, (50, 99, 100)))
    return {"p50 ms": p50, "p99 ms": p99, "max ms": most}


def speakers_of(serving: Serving, load: Load) -> Speakers:
    """Who speaks to that service."""
    return Speakers(serving.control_port, serving.curves_port, load)
