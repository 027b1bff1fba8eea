"""The connections to a service: when each last spoke, and whether it speaks too much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from facerig.service import wire
from facerig.service.limits import Limits
from facerig.service.pacing import NS

# What a message costs, in plain ones: an opening takes 7 ms, an interruption 1 ms.
COSTS: Final[dict[type, int]] = {wire.Open: 10, wire.Interrupt: 5, wire.Direct: 2}
SHORTEST_SECS: Final = 1.0  # a connection that was silent for longer and has no session may be forgotten


@dataclass(slots=True)
class Caller:
    """`messages` that it may still send at `filled_ns`; `told`: that it has been told of sending too many."""

    filled_ns: int
    messages: float
    heard_ns: int
    sessions: int = 0
    told: bool = False


class Callers:
    """By routing id; bounded."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._known: dict[bytes, Caller] = {}

    def __len__(self) -> int:
        return len(self._known)

    def heard(self, name: bytes, now_ns: int) -> Caller | None:
        """A message has come. None: there are too many clients, and this one is not known."""
        one = self._known.get(name)
        if one is None:
            if len(self._known) >= self._limits.clients:
                self._forget(now_ns)
            if len(self._known) >= self._limits.clients:
                return None
            one = self._known[name] = Caller(now_ns, self._limits.messages_per_sec, now_ns)
        one.heard_ns = now_ns
        return one

    def may(self, one: Caller, now_ns: int) -> bool:
        """Whether a message of it is taken: up to a second's worth may come at once."""
        rate = self._limits.messages_per_sec * (1 + one.sessions)
        one.messages = min(rate, one.messages + rate * (now_ns - one.filled_ns) / NS)
        one.filled_ns = now_ns
        if one.messages < 1:
            return False
        one.messages -= 1
        one.told = one.told and one.messages < rate / 2
        return True

    def charge(self, one: Caller, message: wire.Request) -> None:
        """What its last message costs beyond one."""
        one.messages -= COSTS.get(type(message), 1) - 1

    def heard_ns(self, name: bytes) -> int:
        """When it last spoke; 0 if it never did."""
        one = self._known.get(name)
        return one.heard_ns if one else 0

    def owns(self, name: bytes, change: int) -> None:
        """It has `change` sessions more."""
        if name in self._known:
            self._known[name].sessions += change

    def _forget(self, now_ns: int) -> None:
        for name, one in list(self._known.items()):
            if not one.sessions and now_ns - one.heard_ns > SHORTEST_SECS * NS:
                del self._known[name]
