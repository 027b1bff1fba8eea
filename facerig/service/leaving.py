"""Frames of a voice: as the crowd made them, on their way out, and kept for whoever did not get them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facerig.session import SessionState

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Leaving:
    """A frame on its way out, `step` after the one before; `following`: the index of the next."""

    index: int
    row: Array
    step: int
    following: int


@dataclass(frozen=True, slots=True)
class Made:
    """Every `step`th frame from `start` on, which is `first_step` after the one before: their `values`."""

    start: int
    step: int
    first_step: int
    values: Array

    @property
    def stop(self) -> int:
        """The frame after the last."""
        return self.start + len(self.values) * self.step

    def frames(self, after: int = -1) -> Iterator[Leaving]:
        """Those with an index above `after`."""
        for k, row in enumerate(self.values):
            index = self.start + k * self.step
            if index > after:
                yield Leaving(index, row, self.step if k else self.first_step, index + self.step)


@dataclass(frozen=True, slots=True)
class Round(Made):
    """Frames, and the session's `state` after them, when it had heard `blocks` of 20 ms and been told `told`
    wishes."""

    state: SessionState
    blocks: int
    told: int


class Played:
    """The last `most` frames that have played: a connection that is dead is noticed seconds later, and what
    it swallowed is sent again."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.kept: deque[Made] = deque()

    @property
    def first(self) -> int | None:
        """The index of the earliest that is kept."""
        return self.kept[0].start if self.kept else None

    def add(self, one: Made) -> None:
        """Frames that have played, after those before."""
        self.kept.append(Made(one.start, one.step, one.first_step, one.values.copy()))  # not all the crowd's
        while self.kept[0].stop <= one.stop - self._most:
            self.kept.popleft()

    def clear(self) -> None:
        """They are of an epoch that is over."""
        self.kept.clear()


class Ends:
    """Which frames are the last of a sound: each says so as often as it leaves."""

    def __init__(self) -> None:
        self._expected: deque[int] = deque()  # last frames at the session's own rate
        self._left: deque[int] = deque()  # the indices of those that left as such

    def expect(self, index: int) -> None:
        """A sound ends with the frame `index`, or the one before that comes in its place."""
        self._expected.append(index)

    def ends(self, frame: Leaving) -> bool:
        """Whether a sound ends with this frame, which leaves now."""
        if self._expected and frame.following > self._expected[0]:
            self._expected.popleft()
            self._left.append(frame.index)
        return frame.index in self._left

    def forget(self, first: int) -> None:
        """Frames before `first` do not leave again."""
        while self._left and self._left[0] < first:
            self._left.popleft()

    def clear(self) -> None:
        """They are of an epoch that is over."""
        self._expected.clear()
        self._left.clear()
