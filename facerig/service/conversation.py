"""One character as a client sees it, without a socket: what to send when, and what answers mean.

Samples are counted by the client: an interruption or another session begins a new stretch of the service's
own count, and `_base` says where. Sound stays in the outbox until it need not be sent again.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from facerig.errors import ConfigError, FacerigError, ProtocolError
from facerig.service import wire
from facerig.service.outbox import Outbox
from facerig.service.playout import Playout, Shown

MOST_FRAMES: Final = 36_000  # that wait for `frames()`: 10 minutes at 60 a second
MOST_DIRECTIONS: Final = 64  # that are told again to a session that takes over


@dataclass(frozen=True, slots=True)
class Direction:
    """A wish and the sample it is for; -1: when it was told."""

    at: int
    wishes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spoken:
    """Sound of the service's voice: 16-bit mono `samples` from sample `at` on; `last` of its text."""

    at: int
    samples: NDArray[np.int16]
    last: bool


class Conversation:
    """What a client and the service say about one character. One thread at a time."""

    def __init__(self, opening: wire.Open) -> None:
        self.opening = opening
        self.out = Outbox(opening.encoding, opening.sample_rate)
        self.session = 0  # 0: none is open
        self.token = ""
        self.schema: wire.Schema | None = None
        self.reason = ""  # why it is over
        self.problem: FacerigError | None = None  # for the next call of the user
        self.frames: deque[wire.Frame] = deque(maxlen=MOST_FRAMES)
        self.spoken: deque[Spoken] = deque()
        self.playout: Playout | None = None
        self.pulled = False  # by `at`: frames need not be kept one by one
        self.idle_wanted = False
        self.epoch = 0
        self._base = 0  # the client's sample that the session's sample 0 is
        self._received = self._limit = self._credit = 0
        self._faced = 0  # faces came for the sound before this sample
        self._played = -1  # the sample that the user asked for last
        self._awaited: int | None = None  # the last flush, until its frames came
        self._closing = self._close_sent = False
        self._interrupting = self._interrupt_sent = False
        self._texts: deque[tuple[int, str, str]] = deque()  # to say, after which sound and with whose voice
        self._reciting = 0  # texts that the service is speaking: own sound waits for their end
        self._directions: deque[Direction] = deque()  # to send
        self._told: deque[Direction] = deque(maxlen=MOST_DIRECTIONS)

    # --- what the user wants

    @property
    def over(self) -> bool:
        """Whether nothing more can come."""
        return bool(self.reason)

    @property
    def silent(self) -> bool:
        """Whether everything that was said, up to the last flush, has come back as frames."""
        return self._awaited is None and self.out.empty and not (self._texts or self._reciting)

    def say_sound(self, samples: ArrayLike, *, flush: bool) -> int:
        """Take sound; gives the sample that it begins at."""
        begins = self.out.add(samples)
        if flush:
            self.flush()
        return begins

    def say(self, text: str, voice: str) -> None:
        """Let the service speak. Raises ConfigError for a text that is empty or too long."""
        checked(wire.Say(session=1, text=text, voice=voice))
        self._texts.append((self.out.end, text, voice))

    def flush(self) -> None:
        """The sentence ends here."""
        self._awaited = self.out.flush()

    def direct(self, at: int | None, wishes: dict[str, Any]) -> None:
        """Change how the character acts. Raises ConfigError for what is no wish."""
        try:
            checked(wire.Direct(session=1, at=-1 if at is None else at, **wishes))
        except TypeError as problem:
            raise ConfigError(str(problem), where="direct", fix="see PROTOCOL.md: direct") from None
        self._directions.append(Direction(-1 if at is None else at, wishes))

    def interrupt(self) -> None:
        """Forget the sound that was not sent; the service drops what has not played."""
        self._drop()
        self.spoken.clear()
        self.frames.clear()
        if self._interrupting or not (self.session or self.token):
            return  # one is on its way, and its epoch has heard nothing yet; or nobody has heard anything
        self._interrupting, self._interrupt_sent = True, False
        if self.playout is not None:
            self.playout.interrupted(self.epoch + 1)

    def abandon(self) -> None:
        """End it now: sound that was not sent stays unsent."""
        self._drop()
        self.close()

    def close(self) -> None:
        """End it once all sound was sent."""
        self._closing = True

    def _drop(self) -> None:
        self.out.drop()
        self._texts.clear()
        self._reciting = 0
        self._awaited = None

    def play(self, sample: int | None, now_ns: int) -> Shown | None:
        """The face for a sample; None before the session is open."""
        raise_problem(self)
        if sample is not None:
            self._played = max(self._played, sample)
        if not self.pulled:
            self.pulled = True
            self.frames.clear()
        return None if self.playout is None else self.playout.show(now_ns, sample)

    # --- what goes out

    def greeting(self) -> wire.Open | wire.Resume:
        """The message that opens the session, or takes it over."""
        return wire.Resume(token=self.token) if self.token else self.opening

    def due(self) -> list[wire.Request]:
        """Messages that may be sent now; they count as sent."""
        session, out = self.session, list[wire.Request]()
        if not session or self.over:
            return out
        if self._interrupting:
            if not self._interrupt_sent:
                self._interrupt_sent = True
                out.append(wire.Interrupt(session=session))
            return out
        while self._directions:
            one = self._directions.popleft()
            self._told.append(one)
            at = one.at if one.at < 0 else max(0, one.at - self._base)
            out.append(wire.Direct(session=session, at=at, **one.wishes))
        out += self._sound_due(session)
        if self._closing and not self._reciting and not self._close_sent and self.out.empty:
            self._close_sent = True
            out.append(wire.Close(session=session))
        return out

    def _sound_due(self, session: int) -> list[wire.Request]:
        """Sound, up to the next text, and that text: what was said first is heard first."""
        out: list[wire.Request] = []
        if not self._reciting:
            limit = min([self._limit, *[text[0] for text in self._texts]])
            for piece in self.out.due(limit):
                out.append(wire.Flush(session=session) if piece is None else wire.Audio(
                    session=session, epoch=self.epoch, at=piece[0] - self._base, data=piece[1]))
        while self._texts and self._texts[0][0] <= self.out.sent:
            _, text, voice = self._texts.popleft()
            self._reciting += 1
            out.append(wire.Say(session=session, text=text, voice=voice))
        return out

    # --- what comes in

    def opened(self, answer: wire.Opened) -> None:
        """A session is open, or goes on."""
        goes_on = answer.token == self.token
        if not goes_on:
            self._begin_anew()
        self.session, self.token = answer.session, answer.token
        self._shown_as(answer, goes_on)
        if self._interrupting and answer.epoch > self.epoch:
            self.interrupted(wire.Interrupted(session=self.session, epoch=answer.epoch, at=answer.received))
        self.epoch = answer.epoch
        self._interrupt_sent = False
        self._reciting = 0  # whether its end came is not known
        self._received = self._base + answer.received
        self._credit = max(self._credit, answer.credit)
        self._limit = self._received + answer.credit
        self.out.send_again(self._received)
        self._tell_again()

    def _shown_as(self, answer: wire.Opened, goes_on: bool) -> None:
        if self.playout is None or self.schema != answer.schema:
            self.schema = answer.schema
            ranges = [(curve.low, curve.high) for curve in answer.schema.curves]
            low, high = np.array(ranges, np.float32).reshape(-1, 2).T
            fps = Fraction(*answer.schema.fps)
            self.playout = Playout(answer.schema.sample_rate, fps, len(low), np.clip(0, low, high))
            self.playout.interrupted(answer.epoch)
        elif not goes_on:
            self.playout.restart(answer.epoch)

    def _begin_anew(self) -> None:
        """The next session hears the sound that has no face yet; what was played is not played again."""
        faces = self._played if self.pulled else self._faced
        self._base = self._faced = min(max(self.out.first, faces), self.out.end)
        self._interrupting = False

    @property
    def _step(self) -> int:
        """Samples of a frame, about."""
        of = self.schema
        return 0 if of is None else of.sample_rate * of.fps[1] // of.fps[0]

    def _tell_again(self) -> None:
        """A session that takes over must know what was told before."""
        past: dict[str, Any] = {}
        for one in self._told:
            if one.at < self.out.sent:
                past |= {name: value for name, value in one.wishes.items() if name != "blink"}
        again = [Direction(-1, past)] if past else []
        again += [one for one in self._told if one.at >= self.out.sent]
        self._told.clear()
        self._directions.extendleft(reversed(again))

    def progressed(self, answer: wire.Progress) -> None:
        """The service has heard and animated more."""
        if answer.epoch == self.epoch and not self._interrupting:
            self._received = max(self._received, self._base + answer.received)
            self._limit = self._base + answer.received + answer.credit
            self.out.forget(self._received, self._played if self.pulled else self._faced)

    def interrupted(self, answer: wire.Interrupted) -> None:
        """From here on the new epoch counts; its sound goes on where the client stopped."""
        if answer.epoch <= self.epoch:
            return
        first = self.out.first
        self.epoch, self._base = answer.epoch, first - answer.at
        self._received, self._limit, self._faced = first, first + self._credit, first  # nothing waits there
        self._interrupting = False
        if self.playout is not None:
            self.playout.interrupted(answer.epoch)

    def heard(self, answer: wire.Spoken) -> None:
        """The service spoke: the sound counts as the client's, which goes on behind it."""
        if answer.epoch != self.epoch or self._interrupting or len(answer.data) % 2:
            return
        at, samples = self._base + answer.at, np.frombuffer(answer.data, "<i2").astype(np.int16)
        self.spoken.append(Spoken(at, samples, answer.last))
        yet = self._awaited is not None and self._awaited > self.out.sent
        further = self.out.skip(at + len(samples))
        self._awaited = self._awaited + further if yet and self._awaited is not None else self._awaited
        self._texts = deque((after + further, text, voice) for after, text, voice in self._texts)
        if answer.last:
            self._reciting = max(0, self._reciting - 1)
            self._awaited = max(self._awaited or 0, at + len(samples))

    def framed(self, frame: wire.Frame) -> None:
        """A frame came."""
        if self.playout is None or self.over:
            return
        sounds = frame.sample >= 0
        if sounds:
            at = frame.sample + self._base
            frame = wire.Frame(frame.epoch, frame.index, at, frame.values, frame.flags)
        if not self.playout.put(frame):
            return
        if sounds:
            self._faced = max(self._faced, frame.sample + self._step)
        self._await(frame)
        if (sounds or self.idle_wanted) and not self.pulled:
            self.frames.append(frame)

    def _await(self, frame: wire.Frame) -> None:
        """Whether the frames up to the last flush are here: the last of it, or life after it."""
        if self._awaited is None or self.out.sent < self._awaited:
            return
        near = self._faced >= self._awaited - self._step
        if near and (frame.flags & wire.Frame.LAST or frame.sample < 0):
            self._awaited = None

    def ended(self, reason: str) -> None:
        """The service ended it."""
        self.reason, self.session, self.token = reason, 0, ""

    def refused(self, answer: wire.Refusal) -> None:
        """Something could not be done; the user's next call says so."""
        self._reciting = 0 if answer.code == "voice" else self._reciting
        self.problem = ProtocolError(answer.what, where=answer.where or self.opening.subject, fix=answer.fix)

    def lost(self) -> None:
        """The connection is gone; the token stays."""
        self.session = 0
        self._close_sent = False


def checked(message: wire.Request) -> wire.Request:
    """A message as the service will read it. Raises ConfigError for a field out of range."""
    try:
        return wire.request(wire.encoded(message))
    except ProtocolError as problem:
        raise ConfigError(problem.what, where=problem.where, fix="see PROTOCOL.md") from None
    except (msgspec.MsgspecError, TypeError, OverflowError) as problem:
        raise ConfigError(str(problem), where=type(message).__name__.lower(), fix="see PROTOCOL.md") from None


def raise_problem(talk: Conversation) -> None:
    """Raises what went wrong with a session since the last call."""
    problem, talk.problem = talk.problem, None
    if problem is not None:
        raise problem


_WAYS_OUT: Final = {"frame": "see that the service runs and its curves' port can be reached",
                    "sound": "say something first"}


def nothing_came(what: str, subject: str, timeout_secs: float) -> ProtocolError:
    """The error of a character that waited in vain for a frame or for sound."""
    return ProtocolError(f"no {what} came for {timeout_secs:g} s", where=subject, fix=_WAYS_OUT[what])
