"""A client's connection: what came is taken, what is due is sent, what broke is opened again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import zmq

from facerig.errors import ConfigError
from facerig.service.link import Link
from facerig.service.sockets import Address, Sockets

MOST_A_TURN: Final = 2_000  # messages that are taken before others get their turn
LINGER_MS: Final = 500  # that the last words get to leave
KNOCK_NS: Final = 10**9  # before who was turned away tries again


class Connection:
    """A `Link` with sockets under it. One thread at a time."""

    def __init__(self, address: Address, clock_ns: Callable[[], int]) -> None:
        self.address, self.link = address, Link()
        self._clock_ns = clock_ns
        self._stuck = False  # nobody reads what is sent
        self._turned_away = ""  # why the sockets before these did not get in
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._subjects: set[str] = set()
        self.sockets, self._opened_ns = Sockets(self._context, address), clock_ns()

    def turn(self) -> None:
        """Everything that can be done now, without waiting. May open other sockets: nobody may be polling
        these."""
        now_ns = self._clock_ns()
        for _ in range(MOST_A_TURN):
            answer = self.sockets.answer()
            if answer is None:
                break
            self.link.answered(answer, now_ns)
        for _ in range(MOST_A_TURN):
            news = self.sockets.news()
            if news is None:
                break
            self.link.published(*news)
        if self.sockets.is_lost() or self._stuck or self._may_knock(now_ns):
            self._open_again(now_ns)
        self.send_due()

    def send_due(self) -> None:
        """Only what is to be sent."""
        self._hear()
        for message in self.link.due(self._clock_ns()):
            self._stuck = not self.sockets.send(message) or self._stuck
        self._hear()

    def unanswered(self, where: str) -> ConfigError:
        """Nobody answered: what is known of why."""
        why = self.sockets.turned_away or self._turned_away
        return ConfigError(f"no service answers at {self.address.control}{why and ': '}{why}", where=where,
                           fix="have the key allowed (facerig keys), or give those of this service" if why
                           else "start one (facerig serve), or give its address and keys")

    def _may_knock(self, now_ns: int) -> bool:
        return bool(self.sockets.turned_away) and now_ns - self._opened_ns >= KNOCK_NS

    def _hear(self) -> None:
        """The frames of those that are talked about."""
        wanted = set(self.link.conversations)
        for subject in wanted - self._subjects:
            self.sockets.subscribe(subject)
        for subject in self._subjects - wanted:
            self.sockets.unsubscribe(subject)
        self._subjects = wanted

    def _open_again(self, now_ns: int) -> None:
        self._turned_away = self.sockets.turned_away
        self.sockets.close()
        self.link.lost(now_ns)
        self._stuck, self._opened_ns = False, now_ns
        self.sockets, self._subjects = Sockets(self._context, self.address), set()
        self._hear()

    def close(self) -> None:
        """Say what is due and let go."""
        self.send_due()
        self.sockets.close(LINGER_MS)
        self._context.term()
