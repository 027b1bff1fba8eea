"""Values that are told at a time and reached by a smooth transition: emotions, weights of layers, gains."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facerig.performance.easing import smooth

Times = NDArray[np.float64]
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Key:
    """From time `start` on the values go from `before` to `after` within `secs` (0: at once)."""

    start: float
    secs: float
    before: tuple[float, ...]
    after: tuple[float, ...]

    def at(self, times: Times) -> Values:
        """The values [n, k] at times >= start."""
        x = np.clip((times - self.start) / self.secs, 0.0, 1.0) if self.secs > 0 else np.ones(len(times))
        share = smooth(x)[:, None]
        before = np.array(self.before)
        return np.asarray(before + (np.array(self.after) - before) * share, np.float64)


@dataclass(frozen=True, slots=True)
class Timeline:
    """k values over time; immutable. Whatever is told, however late, no value jumps unless `secs` is 0."""

    initial: tuple[float, ...]
    keys: tuple[Key, ...] = ()

    def told(self, start: float, secs: float, after: tuple[float, ...]) -> Timeline:
        """With one key more, at its place in time; the keys behind it set out from where it leads."""
        at = bisect_right([key.start for key in self.keys], start)
        line = replace(self, keys=self.keys[:at])
        later = [(start, secs, after), *((key.start, key.secs, key.after) for key in self.keys[at:])]
        for begin, length, values in later:
            before = tuple(line.at(np.array([begin]))[0].tolist())
            line = replace(line, keys=(*line.keys, Key(begin, length, before, values)))
        return line

    def at(self, times: Times) -> Values:
        """The values [n, k] at `times`, s, in any order."""
        if not self.keys:
            return np.tile(np.array(self.initial, np.float64), (len(times), 1))
        out = np.empty((len(times), len(self.initial)), np.float64)
        which = np.searchsorted(np.array([key.start for key in self.keys]), times, side="right") - 1
        for index in np.unique(which):
            chosen = which == index
            out[chosen] = self.initial if index < 0 else self.keys[index].at(times[chosen])
        return out

    def pruned(self, time: float) -> Timeline:
        """Without what no time from `time` on needs."""
        at = bisect_right([key.start for key in self.keys], time) - 1
        return replace(self, keys=self.keys[at:]) if at > 0 else self
