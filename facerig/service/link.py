"""A client's side of one service, without sockets: who is opened when, whose an answer is, what a loss means.

One `open` or `resume` is under way at a time, so that an answer without a session is known to be its own.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from facerig.errors import ConfigError, ProtocolError
from facerig.service import wire
from facerig.service.conversation import Conversation

NS_PER_SEC: Final = 10**9
PING_NS: Final = 20 * NS_PER_SEC  # the service ends sessions whose client says nothing for long
OUT_OF_STEP: Final = ("session", "gap", "credit")  # refusals after which a session is taken over anew
RETRY_NS: Final = NS_PER_SEC // 2  # before a session that was refused is opened again
SCHEMA_NS: Final = 2 * NS_PER_SEC  # that an open session waits to be heard on the curves' socket


class Link:
    """The conversations of a client. One thread at a time; `now_ns` never goes back."""

    def __init__(self) -> None:
        self.conversations: dict[str, Conversation] = {}
        self.figures: deque[dict[str, float]] = deque(maxlen=16)
        self.garbage = 0  # messages of the service that could not be read
        self.losses = 0
        self._greeted: Conversation | None = None
        self._queue: deque[Conversation] = deque()
        self._retry_ns = 0
        self._ping_ns: int | None = None
        self._extra: deque[wire.Request] = deque()
        self._heard: set[str] = set()  # subjects of which something came from the curves' socket
        self._deaf: dict[str, int] = {}  # the others that are open, and since when

    def open(self, opening: wire.Open) -> Conversation:
        """Begin to talk about a character. Raises ConfigError for a subject that is open."""
        if opening.subject in self.conversations:
            raise ConfigError(f"{opening.subject} is open already", where="open: subject",
                              fix="close it, or choose another name")
        talk = self.conversations[opening.subject] = Conversation(opening)
        self._queue.append(talk)
        return talk

    def forget(self, talk: Conversation) -> None:
        """Its name is free again."""
        if self.conversations.get(talk.opening.subject) is talk:
            del self.conversations[talk.opening.subject]
            self._heard.discard(talk.opening.subject)
        if talk in self._queue:
            self._queue.remove(talk)

    def ask_statistics(self) -> None:
        """Send for the service's figures."""
        self._extra.append(wire.AskStatistics())

    # --- what goes out

    def due(self, now_ns: int) -> list[wire.Request]:
        """Messages that may be sent now; they count as sent."""
        out = list(self._extra)
        self._extra.clear()
        while self._greeted is None and self._queue and now_ns >= self._retry_ns:
            talk = self._queue.popleft()
            if not talk.over:
                self._greeted = talk
                out.append(talk.greeting())
        for talk in list(self.conversations.values()):
            if now_ns - self._deaf.get(talk.opening.subject, -SCHEMA_NS) >= SCHEMA_NS:
                out += talk.due()
            if talk.over:
                self.forget(talk)
        if self._ping_ns is None or now_ns - self._ping_ns >= PING_NS:
            if self._ping_ns is not None:
                out.append(wire.Ping())
            self._ping_ns = now_ns
        return out

    # --- what comes in

    def answered(self, data: bytes, now_ns: int) -> None:
        """Bytes from the control socket."""
        try:
            answer = wire.reply(data)
        except ProtocolError:
            self.garbage += 1
            return
        if isinstance(answer, wire.Statistics):
            self.figures.append(answer.figures)
        elif isinstance(answer, wire.Opened):
            self._opened(answer, now_ns)
        elif isinstance(answer, wire.Refusal) and answer.session == 0:
            self._not_opened(answer, now_ns)
        elif not isinstance(answer, wire.Pong):
            self._told(answer, now_ns)

    def published(self, topic: bytes, data: bytes) -> None:
        """The two parts that came from the curves' socket."""
        talk = self.conversations.get(topic.removesuffix(wire.TOPIC_END).decode("utf-8", "replace"))
        if talk is None:
            return
        try:
            news = wire.published(data)
        except ProtocolError:
            self.garbage += 1
            return
        if isinstance(news, wire.Frame):
            talk.framed(news)
        self._heard.add(talk.opening.subject)
        self._deaf.pop(talk.opening.subject, None)

    def lost(self, now_ns: int) -> None:
        """The connection is gone: everybody is taken over, by token, once there is another."""
        self.losses += 1
        for talk in self.conversations.values():
            talk.lost()
        self._queue = deque(talk for talk in self.conversations.values() if not talk.over)
        self._greeted, self._retry_ns = None, now_ns
        self._deaf.clear()
        self._heard.clear()

    def _opened(self, answer: wire.Opened, now_ns: int) -> None:
        talk = self.conversations.get(answer.schema.subject)
        if talk is None or talk.session or talk.over:
            self.garbage += 1
            return
        if self._greeted is talk:
            self._greeted = None
        elif talk in self._queue:
            self._queue.remove(talk)
        talk.opened(answer)
        if talk.opening.subject not in self._heard:
            self._deaf[talk.opening.subject] = now_ns

    def _not_opened(self, answer: wire.Refusal, now_ns: int) -> None:
        talk, self._greeted = self._greeted, None
        if talk is None:
            self.garbage += 1
        elif answer.code == "rate":  # later
            self._queue.append(talk)
            self._retry_ns = now_ns + RETRY_NS
        elif talk.token:  # it cannot go on: the service is another one, or has given it up
            talk.token = ""
            self._queue.appendleft(talk)
        elif talk.schema is None:  # it was never open
            talk.refused(answer)
            talk.ended("refused")
            self.forget(talk)
        else:  # it was open, and will be again when there is room
            self._queue.append(talk)
            self._retry_ns = now_ns + RETRY_NS

    def _told(self, answer: wire.Progress | wire.Spoken | wire.Interrupted | wire.Closed | wire.Refusal,
              now_ns: int) -> None:
        talk = next((one for one in self.conversations.values() if one.session == answer.session), None)
        if talk is None or not answer.session:
            return  # of one that was closed meanwhile
        if isinstance(answer, wire.Progress):
            talk.progressed(answer)
        elif isinstance(answer, wire.Interrupted):
            talk.interrupted(answer)
        elif isinstance(answer, wire.Refusal) and answer.code not in OUT_OF_STEP:
            talk.refused(answer)
        elif isinstance(answer, wire.Spoken):
            talk.heard(answer)
        elif isinstance(answer, wire.Refusal) or answer.reason == "shutdown":  # or there will be another
            talk.lost()
            self._queue.append(talk)
            self._retry_ns = now_ns + RETRY_NS
        else:
            talk.ended(answer.reason)
            self.forget(talk)
