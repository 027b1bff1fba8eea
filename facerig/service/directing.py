"""What a voice is told to do: wishes that wait for their sound, and those told, for a way back."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from facerig.service.limits import Refused


@dataclass(frozen=True, slots=True)
class Wish:
    """What `direct` asks from sample `at` of the client's sound on (below 0: from now on)."""

    at: int
    wishes: dict[str, Any]


class Directions:
    """The wishes of a session. At most `most` wait, and as many that it was told are remembered."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: list[Wish] = []
        self._told: deque[tuple[int, int, Wish]] = deque(maxlen=most)  # number, sample of the stream, wish
        self.n_told = 0

    def wait(self, wish: Wish) -> None:
        """Keep it until the sound that it belongs to is there. Raises Refused where too many wait."""
        if len(self._waiting) >= self._most:
            raise Refused("wishes", f"{len(self._waiting)} directions wait for sound that has not come",
                          where="$.at", fix="send the sound first")
        self._waiting.append(wish)

    def due(self, taken: int) -> list[Wish]:
        """Those for the first `taken` samples of sound; they wait no longer."""
        if not self._waiting:
            return []
        due = [one for one in self._waiting if one.at < taken]
        self._waiting = [one for one in self._waiting if one.at >= taken]
        return due

    def drop(self, received: int) -> None:
        """The sound up to `received` will not be said, nor what waited for it."""
        self._waiting = [one for one in self._waiting if not 0 <= one.at < received]

    def note(self, sample: int, wish: Wish) -> None:
        """The session was told, for `sample` of its stream (below 0: at once)."""
        self.n_told += 1
        self._told.append((self.n_told, sample, wish))

    def since(self, n_told: int, before: int) -> list[Wish]:
        """What was told after the first `n_told`, for samples below `before`. All of it is forgotten: the
        session has gone back to where it had not been told."""
        since = [(sample, wish) for number, sample, wish in self._told if number > n_told]
        while self._told and self._told[-1][0] > n_told:
            self._told.pop()
        return [wish for sample, wish in since if sample < before]
