"""Many characters that speak to a service at once, as cheaply as Python can: what a game's worth of sound
brings.

    with Speakers(serving.control_port, serving.curves_port, Load(sessions=100)) as speakers:
        heard = speakers.talk(10.0)              # what came, when; what was sent, when

Two plain sockets and no client library: of a frame only the header is read, so that this process is not what
is measured. Times are of one clock, this process's.
"""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import zmq

from facerig.errors import FacerigError
from facerig.service import wire
from tools.bench.sound import speech
from tools.bench.two_ports import TwoPorts

NS: Final = 1_000_000_000
ANSWER_SECS: Final = 60.0
CLIP_SECS: Final = 8.0
STRIDE_SECS: Final = 0.37  # everybody is elsewhere in the same talk
LINE_PIECE_SECS: Final = 0.25  # of a line that is sent at once, as the client library cuts it
PING_NS: Final = 20 * NS
TRIES, TRY_SECS = 6, 0.6  # of an opening: a service that has opened many at once is busy for a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is asked of a service. speaking: share of the sessions that do, the others idle. piece_secs: of
    sound in a message. detail: every so many frames are asked for. alive: frames in silence, too."""

    sessions: int
    pace: str = "burst"
    fps: int = 60
    rate_hz: int = 48_000
    piece_secs: float = 0.02
    speaking: float = 1.0
    detail: int = 1
    alive: bool = True
    rig: str = "livelink"

    @property
    def speakers(self) -> int:
        """Sessions that speak."""
        return round(self.sessions * self.speaking)

    @property
    def piece(self) -> int:
        """Samples of a message."""
        return round(self.piece_secs * self.rate_hz)


@dataclass(slots=True)
class Heard:
    """What went out and came in. `sent` [session]: when the pieces left, ns, and `begins` [session] the
    sample of the first; `frames`: rows of session, index, sample, ns; `lost`: frames that an index jumped
    over; `held`: pieces that the credit had no room for; `late_ns`: by how much pieces left later than they
    should."""

    sent: list[list[int]]
    begins: list[int]
    frames: list[tuple[int, int, int, int]] = field(default_factory=list)
    lost: int = 0
    held: int = 0
    late_ns: int = 0
    errors: list[str] = field(default_factory=list)

    def as_array(self) -> np.ndarray:
        """`frames`, int64 [n, 4]."""
        return np.array(self.frames, np.int64).reshape(-1, 4)


class Speakers(TwoPorts):
    """`opened`: the sessions that were let in; `refusal`: what the first that was not was told."""

    def __init__(self, control_port: int, curves_port: int, load: Load) -> None:
        super().__init__(control_port, curves_port)
        self.load, self.opened, self.refusal = load, list[wire.Opened](), ""
        self._poller = zmq.Poller()
        for socket in (self.control, self.curves):
            self._poller.register(socket, zmq.POLLIN)
        self._of: dict[bytes, int] = {}  # which session a topic is
        self._newest: list[int] = []
        self._heard = Heard([], [])
        clip = np.clip(speech(load.rate_hz, CLIP_SECS) * 32_767, -32_768, 32_767).astype("<i2")
        self._clip = np.concatenate([clip, clip]).tobytes()
        self._sent: list[int] = []  # samples, by session
        self._limits: list[int] = []  # that may be sent
        self._number: dict[int, int] = {}  # which session is which of ours
        self._pinged_ns = 0

    def open(self, upto: int | None = None) -> int:
        """One after another, until all (or `upto`) are open or one is refused; says how many are."""
        for k in range(len(self.opened), self.load.sessions if upto is None else upto):
            more: dict[str, Any] = {"detail": self.load.detail} if self.load.detail > 1 else {}
            subject = f"npc {k}"
            self._of[wire.topic(subject)] = k
            self.curves.subscribe(wire.topic(subject))
            self._newest.append(-1)
            answer = self._opened(wire.Open(
                subject=subject, sample_rate=self.load.rate_hz, fps=str(self.load.fps), seed=k,
                rig=self.load.rig, pace=self.load.pace, alive=self.load.alive, **more))
            if isinstance(answer, wire.Refusal):
                self.refusal = answer.what
                break
            if isinstance(answer, wire.Opened):
                self.opened.append(answer)
                self._sent.append(answer.received)
                self._limits.append(answer.received + answer.credit)
                self._number[answer.session] = k
        return len(self.opened)

    def talk(self, secs: float) -> Heard:
        """Everybody who speaks sends a piece whenever one has played, in turn, for `secs`."""
        n = min(self.load.speakers, len(self.opened))
        heard = self._begin()
        period_ns, pieces = round(NS * self.load.piece_secs), round(secs / self.load.piece_secs)
        began, turn = time.monotonic_ns(), 0
        until_ns = began + pieces * period_ns
        gc.collect()
        gc.disable()
        try:
            while (now_ns := time.monotonic_ns()) < until_ns:
                while n and turn < pieces * n and began + turn * period_ns // n <= now_ns:
                    k = turn % n
                    heard.late_ns = max(heard.late_ns, now_ns - began - turn * period_ns // n)
                    self._send_piece(k, self.load.piece)
                    turn += 1
                    now_ns = time.monotonic_ns()
                due_ns = began + turn * period_ns // n if n and turn < pieces * n else until_ns
                self._hear(max(0, min(due_ns, until_ns) - time.monotonic_ns()))
        finally:
            gc.enable()
        return heard

    def line(self, k: int, secs: float) -> tuple[int, int]:
        """Session `k` sends a line at once and ends it; ns until its first and its last frame came."""
        heard = self._begin()
        piece, samples = round(LINE_PIECE_SECS * self.load.rate_hz), round(secs * self.load.rate_hz)
        began = time.monotonic_ns()
        for at in range(0, samples, piece):
            self._send_piece(k, min(piece, samples - at))
        self.control.send(wire.encoded(wire.Flush(session=self.opened[k].session)))
        frames, until_ns = round(secs * self.load.fps), began + int(ANSWER_SECS * NS)
        while len(heard.frames) < frames and time.monotonic_ns() < until_ns:
            self._hear(NS // 100)
        if len(heard.frames) < frames:
            raise FacerigError(f"{len(heard.frames)} of {frames} frames of a line came", where="speakers",
                               fix="see what the service wrote")
        return heard.frames[0][3] - began, heard.frames[-1][3] - began

    def listen(self, secs: float) -> Heard:
        """Nobody says anything."""
        heard = self._begin()
        self._wait(secs)
        return heard

    def figures(self) -> dict[str, float]:
        """The service's own."""
        answer = self._asked(wire.AskStatistics())
        return answer.figures if isinstance(answer, wire.Statistics) else {}

    # --- bytes

    def _wait(self, secs: float) -> None:
        until_ns = time.monotonic_ns() + int(secs * NS)
        while (left_ns := until_ns - time.monotonic_ns()) > 0:
            self._hear(left_ns)

    def _begin(self) -> Heard:
        self._heard = Heard([[] for _ in self.opened], list(self._sent))
        return self._heard

    def _send_piece(self, k: int, n: int) -> None:
        clip, at = len(self._clip) // 4, self._sent[k]
        if at + n > self._limits[k]:
            self._heard.held += 1
            return
        self._sent[k] += n
        start = (at + int(k * STRIDE_SECS * self.load.rate_hz)) % clip
        data = self._clip[2 * start : 2 * (start + n)]
        self._heard.sent[k].append(time.monotonic_ns())
        self.control.send(wire.encoded(wire.Audio(session=self.opened[k].session, at=at, data=data)))

    def _opened(self, asked: wire.Open) -> wire.Reply:
        """As the protocol says: who is told that the service is full tries again a little later."""
        for _ in range(TRIES):
            answer = self._asked(asked)
            if not (isinstance(answer, wire.Refusal) and answer.code in ("full", "rate")):
                break
            self._wait(TRY_SECS)
        return answer

    def _asked(self, message: wire.Request) -> wire.Reply:
        """The reply that is no `progress`; frames come meanwhile."""
        self.control.send(wire.encoded(message))
        until_ns = time.monotonic_ns() + int(ANSWER_SECS * NS)
        while time.monotonic_ns() < until_ns:
            answer = self._hear(NS // 100)
            if answer is not None:
                return answer
        raise FacerigError(f"no answer for {ANSWER_SECS:g} s", where="speakers",
                           fix="see what the service wrote")

    def _hear(self, wait_ns: int) -> wire.Reply | None:
        """All that has come; gives the newest reply that somebody may wait for."""
        self._poller.poll(-(-wait_ns // 1_000_000))
        self._hear_frames()
        answer = None
        while True:
            try:
                reply = wire.reply(self.control.recv(zmq.NOBLOCK))
            except zmq.Again:
                break
            if isinstance(reply, wire.Progress):
                self._limits[self._number[reply.session]] = reply.received + reply.credit
            elif isinstance(reply, wire.Refusal):
                self._heard.errors.append(f"{reply.code}: {reply.what}")
            if not isinstance(reply, wire.Progress | wire.Pong):
                answer = reply
        now_ns = time.monotonic_ns()
        if now_ns - self._pinged_ns > PING_NS:
            self._pinged_ns = now_ns
            self.control.send(wire.encoded(wire.Ping()))
        return answer

    def _hear_frames(self) -> None:
        frames, newest, unpack = self._heard.frames, self._newest, wire.Frame.HEADER.unpack_from
        while True:
            try:
                topic = self.curves.recv(zmq.NOBLOCK)
            except zmq.Again:
                return
            data, now_ns = self.curves.recv(), time.monotonic_ns()
            if data[:4] != wire.Frame.MAGIC:
                continue
            _, _, flags, _, _, index, sample = unpack(data)
            k, step = self._of[topic], 1 << (flags >> 2 & 3)
            if newest[k] >= 0 and index > newest[k] + step:
                self._heard.lost += (index - newest[k]) // step - 1
            newest[k] = index
            frames.append((k, index, sample, now_ns))
