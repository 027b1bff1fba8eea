"""The jitter buffer: which face to show for the sample that is playing now.

    playout.put(frame)                      # as frames come, in any order
    shown = playout.show(now_ns, sample)    # once a picture; sample None: no sound plays

Pure: no sockets, no threads, no clock of its own. The rules are those of engine_bridges/PROTOCOL.md, which
the engines' libraries follow as well; tests/goldens/jitter holds what all of them must give.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import attrgetter
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from facerig.service.wire import Frame

Values = NDArray[np.float32]
State = Literal["speech", "held", "idle", "rest"]

NS_PER_SEC: Final = 10**9

# rule                                  why
FADE_NS: Final = 100_000_000          # over a jump: shorter is seen as a twitch, longer blurs what follows
HOLD_SECS: Final = Fraction(1, 10)    # a frame that is late stays; after that the mouth must not stay open
BRIDGE_SECS: Final = Fraction(1, 4)   # lost frames are drawn over so far; what is further apart is apart
BEHIND_SECS: Final = Fraction(1, 2)   # kept behind what plays, for a player that steps back
MOST_SOUNDING: Final = 36_000         # frames: 10 minutes at 60 a second, sent at once
MOST_IDLE: Final = 16                 # frames
IDLE_BEHIND: Final = 3                # frames that idle life may lag: it takes up so much jitter
IDLE_STALE_NS: Final = 500_000_000    # without a new idle frame: no face must freeze in mid-blink
JUMP_FRAMES: Final = 4                # more than that besides the time that went by is a jump
LATENESS_SHOWS: Final = 120           # two seconds of pictures
KNOWN_INDICES: Final = 4096           # of an epoch, to tell a frame that comes twice from a late one

_sample = attrgetter("sample")
_index = attrgetter("index")


@dataclass(frozen=True, slots=True)
class Shown:
    """A face: `values` float32 [curves]. `index`: of the frame at or before it, -1 at rest; `state`:
    speech, held (the frame that should follow is late), idle (no sound plays), rest (nothing came)."""

    values: Values
    index: int
    state: State


@dataclass(slots=True)
class Counts:
    """What became of frames. `lost` never came (counted in indices), `stale` were of an epoch that is over,
    `twice` came before, `dropped` found the buffer full; `held`: pictures that had to show an older frame."""

    received: int = 0
    lost: int = 0
    stale: int = 0
    twice: int = 0
    dropped: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class _Target:
    values: Values
    index: int
    step: int
    state: State


class Playout:
    """Frames of one character in, a face for each picture out.

    sample_rate, fps: of the `Schema`; n_values: curves; rest: values of a face at rest (zeros). One thread
    at a time.
    """

    def __init__(self, sample_rate: int, fps: Fraction, n_values: int,
                 rest: Sequence[float] | Values | None = None) -> None:
        self.sample_rate, self.fps = sample_rate, fps
        self._frames, self._secs = fps.numerator, fps.denominator  # so many frames in so many seconds
        self._hold, self._bridge, self._behind = (
            int(secs * sample_rate) for secs in (HOLD_SECS, BRIDGE_SECS, BEHIND_SECS))  # samples
        self.epoch = 0
        self.counts = Counts()
        self._rest: Values = np.zeros(n_values, np.float32) if rest is None else np.asarray(rest, np.float32)
        self._sound: list[Frame] = []  # by index, and so by sample
        self._idle: list[Frame] = []
        self._known: set[int] = set()
        self._span: tuple[int, int] | None = None  # first and last index of this epoch
        self._covered = 0  # indices of it that frames stand for
        self._anchor: tuple[Fraction, int] | None = None  # idle life stood at this index at this time
        self._newest_idle = (-1, 0)  # index of the newest idle frame, and since when it is
        self._last: _Target | None = None
        self._last_ns = 0
        self._fade: tuple[Values, int] | None = None  # from this face, since this time
        self._broken = False  # the next picture follows no other
        self._late: deque[int] = deque(maxlen=LATENESS_SHOWS)

    # --- frames in

    def put(self, frame: Frame) -> bool:
        """Take a frame; False if it is of no use: of an epoch that is over, a second time, another rig's."""
        if frame.epoch < self.epoch or len(frame.values) != len(self._rest):
            self.counts.stale += 1
            return False
        if frame.epoch > self.epoch:
            self.interrupted(frame.epoch)
        if frame.index in self._known or (self._span and frame.index <= self._span[1] - KNOWN_INDICES):
            self.counts.twice += 1
            return False
        self._count(frame.index, frame.step)
        if frame.sample >= 0:
            self._keep(self._sound, frame, MOST_SOUNDING)
        else:
            self._keep(self._idle, frame, MOST_IDLE)
        return True

    def interrupted(self, epoch: int) -> None:
        """The epoch that counts from now on: what came of older ones is forgotten, and not shown again."""
        if epoch > self.epoch:
            self._forget()
            self.epoch = epoch

    def restart(self, epoch: int = 0) -> None:
        """Another session goes on with this character: indices and epochs begin anew, the face does not
        jump."""
        self._forget()
        self.epoch = epoch

    # --- faces out

    def show(self, now_ns: int, sample: int | None = None) -> Shown:
        """The face at `now_ns` (a clock that never goes back); `sample` of the sound plays, None: none
        does."""
        target = None if sample is None or sample < 0 else self._speaking(sample)
        target = target or self._living(now_ns)
        if self._last is not None and (self._broken or self._jumps(target, now_ns)):
            self._fade = (self._last.values, self._last_ns)
        self._broken = False
        values = self._faded(target.values, now_ns)
        self._last, self._last_ns = _Target(values, target.index, target.step, target.state), now_ns
        return Shown(values, target.index, target.state)

    @property
    def late_samples(self) -> int | None:
        """By how much the sound that plays is ahead of the newest frame, at worst in the last pictures: a
        raw tap must be delayed by so much. Negative: so much is in hand. None: no sound played."""
        return max(self._late) if self._late else None

    @property
    def ahead_samples(self) -> int:
        """The sample of the newest frame with sound; -1 before any."""
        return self._sound[-1].sample if self._sound else -1

    # --- the rules

    def _speaking(self, sample: int) -> _Target | None:
        """The face of a sample of the sound; None where no frame is near."""
        self._measure(sample)
        self._trim(sample)
        here = bisect_right(self._sound, sample, key=_sample) - 1
        if here < 0:
            return None
        one = self._sound[here]
        following = self._sound[here + 1] if here + 1 < len(self._sound) else None
        since = sample - one.sample
        if following is not None and self._together(one, following):
            share = since / (following.sample - one.sample)
            return _Target(_between(one, following, share), one.index, following.step, "speech")
        late = since * self._frames - one.step * self.sample_rate * self._secs  # is what should follow
        if late < 0:
            return _Target(one.values, one.index, one.step, "speech")
        wait = self._hold * self._frames - self.sample_rate * self._secs
        if one.flags & Frame.LAST or late > wait or self._over(one):
            return None
        self.counts.held += 1
        return _Target(one.values, one.index, one.step, "held")

    def _living(self, now_ns: int) -> _Target:
        """The face while no sound plays: idle frames by the clock, a few frames late where they come
        unevenly."""
        if not self._idle:
            return _Target(self._rest, -1, 1, "rest")
        newest, step = self._idle[-1].index, self._idle[-1].step
        if newest != self._newest_idle[0]:
            self._newest_idle = newest, now_ns
        if now_ns - self._newest_idle[1] > IDLE_STALE_NS:
            return _Target(self._rest, -1, 1, "rest")
        position = Fraction(newest - step)
        if self._anchor is not None:
            index, at_ns = self._anchor
            position = index + (now_ns - at_ns) * self.fps / NS_PER_SEC
        held = min(max(position, Fraction(newest - IDLE_BEHIND * step)), Fraction(newest))
        if self._anchor is None or held != position:
            self._anchor = (held, now_ns)
        here = max(0, bisect_right(self._idle, held, key=_index) - 1)
        one = self._idle[here]
        if one.index == newest or held <= one.index:
            return _Target(one.values, one.index, one.step, "idle")
        following = self._idle[here + 1]
        if following.index - one.index > IDLE_BEHIND * following.step:  # speech lay between
            return _Target(following.values, following.index, following.step, "idle")
        share = float((held - one.index) / (following.index - one.index))
        return _Target(_between(one, following, share), one.index, following.step, "idle")

    def _together(self, one: Frame, following: Frame) -> bool:
        """Whether as much sound lies between two frames as time, and not too much."""
        frames, samples = following.index - one.index, following.sample - one.sample
        step = self.sample_rate * self._secs
        return abs(frames * step - samples * self._frames) <= step and 0 < samples <= self._bridge

    def _over(self, one: Frame) -> bool:
        """Whether idle life has gone on after a frame: its sound was the last."""
        return bool(self._idle) and self._idle[-1].index > one.index

    def _jumps(self, target: _Target, now_ns: int) -> bool:
        """Whether a face follows the last one by more or less than the time between them."""
        last = self._last
        if last is None or (target.state == "rest") != (last.state == "rest"):
            return last is not None
        if target.state == "rest":
            return False
        further, most = target.index - last.index, JUMP_FRAMES * max(target.step, last.step)
        elapsed = (now_ns - self._last_ns) * self._frames
        return further < -most or (further - most) * self._secs * NS_PER_SEC > elapsed

    def _faded(self, values: Values, now_ns: int) -> Values:
        if self._fade is None:
            return values
        before, since_ns = self._fade
        share = (now_ns - since_ns) / FADE_NS
        if share >= 1:
            self._fade = None
            return values
        return np.asarray(before + np.float32(max(0.0, share)) * (values - before), np.float32)

    # --- book-keeping

    def _keep(self, frames: list[Frame], frame: Frame, most: int) -> None:
        insort(frames, frame, key=_index)
        if len(frames) > most:
            frames.pop(0)
            self.counts.dropped += frames is self._sound

    def _trim(self, sample: int) -> None:
        """Forget frames far behind what plays."""
        oldest = sample - self._behind
        if len(self._sound) < 2 or self._sound[1].sample > oldest:
            return
        gone = bisect_right(self._sound, oldest, key=_sample) - 1  # the one before stays, to draw from
        if gone > 0:
            del self._sound[:gone]

    def _measure(self, sample: int) -> None:
        """By how much the sound that plays is ahead of what came of it."""
        if self._sound and not self._sound[-1].flags & Frame.LAST and not self._over(self._sound[-1]):
            self._late.append(sample - self._sound[-1].sample)

    def _count(self, index: int, step: int) -> None:
        """A frame stands for the indices since the one before it."""
        self.counts.received += 1
        self._known.add(index)
        began = index - step + 1
        first, last = self._span or (began, began - 1)
        before = last - first + 1 - self._covered
        self._covered += step
        self._span = min(first, began), max(last, index)
        self.counts.lost += self._span[1] - self._span[0] + 1 - self._covered - before
        if len(self._known) > 2 * KNOWN_INDICES:
            self._known = {known for known in self._known if known > self._span[1] - KNOWN_INDICES}

    def _forget(self) -> None:
        self._sound, self._idle, self._known = [], [], set()
        self._span, self._covered, self._anchor, self._newest_idle = None, 0, None, (-1, 0)
        self._broken = True
        self._late.clear()


def _between(one: Frame, following: Frame, share: float) -> Values:
    """A face between two frames."""
    return np.asarray(one.values + np.float32(share) * (following.values - one.values), np.float32)
