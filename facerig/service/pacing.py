"""The clocks of a voice, in whole samples.

The engine's stream is one: the client's sound and the silence between. `Playhead` says which of its samples
plays now, `SoundMap` which sample of the client's sound each one is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

NS: Final = 1_000_000_000
SILENCE: Final = -1  # the client's sample where there is none
WINDOW_SECS: Final = 5  # that a lead is looked at for: some pieces come without delay in it
MOST_DRIFT: Final = Fraction(2, 1000)  # of a sound card against a clock: ten times what cheap ones have


class Steady:
    """A clock made of another one that may be set back: then it stands for a moment, and goes on from
    there."""

    def __init__(self, clock_ns: Callable[[], int]) -> None:
        self._clock_ns = clock_ns
        self._last_ns, self._ahead_ns = clock_ns(), 0

    def __call__(self) -> int:
        """Now."""
        now_ns = self._clock_ns()
        self._ahead_ns = max(self._ahead_ns, self._last_ns - now_ns)
        self._last_ns = now_ns + self._ahead_ns
        return self._last_ns


@dataclass(frozen=True, slots=True)
class Playhead:
    """Sample `sample` of a stream of `rate` samples a second plays at `ns`."""

    ns: int
    sample: int
    rate: int

    def at(self, now_ns: int) -> int:
        """The sample that plays now."""
        return self.sample + (now_ns - self.ns) * self.rate // NS

    def set_on(self, samples: int) -> Playhead:
        """The same, so much further."""
        return Playhead(self.ns, self.sample + samples, self.rate)

    def due_ns(self, sample: int) -> int:
        """When a sample plays."""
        return self.ns - (self.sample - sample) * NS // self.rate


def frame_playing(sample: int, fps: Fraction, rate: int) -> int:
    """The last frame that stands at or before a sample; below 0 before the first."""
    return sample * fps.numerator // (rate * fps.denominator)


class Drift:
    """By how much a client's clock runs away from the service's, as sound that comes as it is played tells.

    Its lead over what plays is highest where nothing held it up; from window to window that changes by the
    difference of the clocks. A change that is larger is the client's wish, and becomes the usual.
    """

    def __init__(self, rate: int) -> None:
        self._window_ns, self._most = WINDOW_SECS * NS, int(MOST_DRIFT * WINDOW_SECS * rate)
        self.restart()

    def restart(self) -> None:
        """Sound begins anew: what was usual is no more."""
        self._until_ns: int | None = None
        self._lead = 0
        self._usual: int | None = None

    def seen(self, lead: int, now_ns: int) -> int:
        """Sound has come, and is `lead` samples ahead of what plays: by how many the playhead is to be set
        on, so that the lead stays."""
        if self._until_ns is None:
            self._until_ns, self._lead = now_ns + self._window_ns, lead
        self._lead = max(self._lead, lead)
        if now_ns < self._until_ns:
            return 0
        newest, self._until_ns = self._lead, None
        if self._usual is None or abs(newest - self._usual) > self._most:
            self._usual = newest
        return newest - self._usual


class SoundMap:
    """Which sample of the client's sound each sample of the stream is: stretches, each up to the next."""

    def __init__(self) -> None:
        self._starts = [0]
        self._sounds = [SILENCE]  # the client's sample at each start

    def __len__(self) -> int:
        return len(self._starts)

    def add(self, start: int, sound: int) -> None:
        """From sample `start` on, behind all before, the client's sound goes on at `sound`; or SILENCE."""
        self.cut(start)
        if self.sound(start) != sound:
            if self._starts[-1] == start:
                self._starts.pop()
                self._sounds.pop()
            self._starts.append(start)
            self._sounds.append(sound)

    def cut(self, start: int) -> None:
        """What was known of the samples behind `start` is void: the stretch there goes on."""
        keep = max(1, bisect_right(self._starts, start))
        del self._starts[keep:], self._sounds[keep:]

    def sound(self, sample: int) -> int:
        """The client's sample, or SILENCE."""
        at = max(0, bisect_right(self._starts, sample) - 1)
        return SILENCE if self._sounds[at] == SILENCE else self._sounds[at] + sample - self._starts[at]

    def sample(self, sound: int) -> int:
        """The first sample of the stream that plays the client's `sound` or what follows it; one that is
        forgotten already counts as the earliest that is known."""
        for at in range(len(self._starts) - 1, -1, -1):
            if self._sounds[at] != SILENCE and self._sounds[at] <= sound:
                return self._starts[at] + sound - self._sounds[at]
        return self._starts[0]

    def forget(self, sample: int) -> None:
        """What lies before `sample` is not asked for again."""
        gone = bisect_right(self._starts, sample) - 1
        if gone > 0:
            del self._starts[:gone], self._sounds[:gone]
