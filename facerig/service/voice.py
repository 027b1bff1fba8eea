"""One character of the service: a session in a crowd, sound on its way in, frames on their way out.

The session's stream never ends while the character lives: it is the client's sound and, between, silence that
is fed in time with the clock. A frame needs sound from L (the look-ahead) after it, so the stream is fed to L
beyond the sample that plays now, and sound that comes after a silence plays L after it came.

`realtime`: sound is animated `lead_secs` before it plays, and a frame leaves when its sample plays. `burst`:
up to `burst_secs` before, and leaves at once. What lies between the sample that plays and the newest frame is
kept with the states of the session, which are values: an interruption goes back to the one that plays.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import replace
from fractions import Fraction
from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.audio.rates import BLOCKS_PER_SEC
from facerig.core.clock import frames_within, sample_of_frame
from facerig.core.curves import CurveClip
from facerig.crowd import Crowd
from facerig.rig.retarget import Retarget
from facerig.service import wire
from facerig.service.directing import Directions, Wish
from facerig.service.leaving import Ends, Leaving, Played, Round
from facerig.service.limits import Limits, Refused
from facerig.service.opening import schema_of
from facerig.service.pacing import NS, SILENCE, Drift, Playhead, SoundMap, frame_playing
from facerig.service.sound import decoder
from facerig.session import Session

Array = NDArray[np.float32]

REST_SECS: Final = Fraction(1, 5)  # of silence after the last sound of a character that does not live on
MOST_WAITING: Final = BLOCKS_PER_SEC  # blocks that the crowd may have to do for one session
MOST_ROUNDS: Final = 2_000  # that are kept for an interruption, at 20 ms each


class Voice:
    """A session of the service. `owner`: the connection that it belongs to."""

    def __init__(self, asked: wire.Open, session: Session, crowd: Crowd, retarget: Retarget, *, number: int,
                 token: str, owner: bytes, limits: Limits, now_ns: int) -> None:
        self.number, self.token, self.owner, self.limits = number, token, owner, limits
        self.subject, self.encoding, self.retarget = asked.subject, asked.encoding, retarget
        self._decoder = decoder(asked.encoding)
        self.alive, self.realtime = asked.alive, asked.pace == "realtime"
        self.rate, self.fps = session.sample_rate, session.fps
        held = (limits.blocks - 1) * self.rate // BLOCKS_PER_SEC
        self.lookahead = ceil(session.lookahead.total * self.rate) + held
        self._frame_ns = int(NS / self.fps)
        self.schema = schema_of(asked, retarget, self.fps, self.lookahead)
        self.crowd, self.seat = crowd, crowd.join(session)
        self.epoch = self.received = self.animated = 0
        self._first = 0  # frame of the epoch
        self.closing = ""  # why, once it is on its way out
        self.opened_ns, self.announced_ns = now_ns, now_ns - NS  # the schema was last published
        self.topic = wire.topic(asked.subject)
        self.counts: Counter[str] = Counter()  # frames: sent, late, dropped; stalls
        self._playhead = Playhead(now_ns, -self.lookahead, self.rate)
        self._map, self._drift = SoundMap(), Drift(self.rate)
        self._inbox: deque[Array] = deque()
        self._taken = 0  # samples of the client's sound that the crowd has got
        self._speaking = False  # sound has come, and has not ended or paused
        self._unended = False  # sound has come since the last flush
        self._sound_end = 0  # the sample of the stream after the newest sound
        self._flushes: deque[int] = deque()  # samples of the client's sound that a flush follows
        self._ends = Ends()
        self._directions = Directions(limits.wishes)
        self._rounds: deque[Round] = deque()
        self._queue: deque[Leaving] = deque()  # frames that have not left
        self._played = Played(0 if self.realtime else ceil(limits.again_secs * self.fps))
        self._detail = 1
        self.set_detail(asked.detail)

    # --- what its client asks

    def hear(self, audio: wire.Audio, now_ns: int) -> None:
        """Sound. Raises Refused for a gap, an epoch to come, or more than the credit, AudioError for no
        sound."""
        if self.closing or audio.epoch < self.epoch:
            self.counts["old_messages"] += 1  # was on its way when the epoch rose
            return
        if audio.epoch > self.epoch:
            raise Refused("epoch", f"epoch {audio.epoch} has not begun: it is {self.epoch}", where="$.epoch",
                          fix="wait for `interrupted`")
        if audio.at > self.received:
            raise Refused("gap", f"sample {audio.at} comes, but sound is here up to {self.received}",
                          where="$.at", fix=f"send from sample {self.received} on")
        n_known, n = self.received - audio.at, self._decoder.length(audio.data)
        if n <= n_known:
            return
        if self._decoder.whole and (n_known or n > self.credit):
            raise Refused("credit" if not n_known else "gap", f"a packet of {n} samples from {audio.at} on",
                          where="$.data", fix=f"wait for `progress`, then send it from {self.received} on")
        new = self._decoder.samples(audio.data)[n_known:]
        n_taken = self.take(new, now_ns)
        if n_taken < len(new):
            raise Refused("credit", f"{len(new) - n_taken} samples more than the credit", where="$.data",
                          fix=f"wait for `progress`, then send from sample {self.received} on")

    def take(self, new: Array, now_ns: int) -> int:
        """The next samples of its sound, as far as the credit goes; says how many that were."""
        taken = new[: self.credit]
        if len(taken):
            self._end_flushed()
            if not self._speaking and not self._inbox:
                self._begin_sound(now_ns)
            self._inbox.append(taken)
            self.received += len(taken)
            self._keep_pace(now_ns)
        return len(taken)

    def _keep_pace(self, now_ns: int) -> None:
        """With the client's clock, where its sound comes as it is played: hours of it must not run away."""
        lead = self._fed + self.received - self._taken - self._playhead.at(now_ns) - self.lookahead
        if self.realtime and 2 * lead < self.limits.credit_secs * self.rate:
            self._playhead = self._playhead.set_on(self._drift.seen(lead, now_ns))

    @property
    def credit(self) -> int:
        """Samples that may be sent beyond what was received."""
        return max(0, int(self.limits.credit_secs * self.rate) - (self.received - self.animated))

    def direct(self, wish: Wish) -> None:
        """From now on, or once the sound that it belongs to is there. Raises Refused where too many wait."""
        self._directions.wait(wish)

    def set_detail(self, detail: int) -> None:
        """Every so many frames come from now on."""
        self._detail = self.crowd.session(self.seat).detail = detail

    def flush(self) -> None:
        """Nothing follows what was received, for now."""
        if not self._flushes or self._flushes[-1] != self.received:
            self._flushes.append(self.received)

    def close(self, why: str) -> None:
        """Come to an end: what is here is still shown."""
        if not self.closing:
            self.closing = why
            self.flush()

    def interrupt(self, now_ns: int) -> wire.Interrupted:
        """Stop with the frame that plays now. Gives the epoch that begins."""
        playing = self._playing(now_ns)
        back = next((k for k, one in enumerate(self._rounds) if one.stop > playing), None)
        if back is not None:
            self._go_back(back)
            self._queue = deque(frame for one in self._rounds for frame in one.frames(playing))
            self._tell_again()
        clip = self.crowd.interrupt(self.seat)
        self.epoch += 1
        self._first = self._queue[0].index if self._queue else clip.start * self._detail
        self._map.add(sample_of_frame(self._first, self.fps, self.rate), SILENCE)
        self._inbox.clear()
        self._flushes.clear()
        self._ends.clear()
        self._played.clear()
        self._directions.drop(self.received)
        self._taken = self.animated = self.received
        self._decoder = decoder(self.encoding)
        self._speaking = self._unended = False
        if len(clip):
            self.add(clip, self.retarget.values(clip.values))
        if not self.alive or self.closing:
            self._feed_silence(self._fed + self.lookahead + int(REST_SECS * self.rate))
        return wire.Interrupted(session=self.number, epoch=self.epoch, at=self.received)

    def show_again(self, now_ns: int) -> None:
        """Frames that are kept leave again: somebody has come who did not get them."""
        if not self.realtime:
            kept = [*self._played.kept, *self._rounds]
            self._queue = deque(frame for one in kept for frame in one.frames(self._first - 1))

    # --- sound on its way in

    def advance(self, now_ns: int) -> None:
        """Feed the crowd what it should have by now: sound as far as the pace allows, or silence."""
        self._take(now_ns)
        if not self._inbox:
            self._live_on(now_ns)
        self._tell()
        waiting = self.crowd.waiting(self.seat) * self.rate // BLOCKS_PER_SEC
        self.animated = max(self.animated, self._taken - waiting)

    def _take(self, now_ns: int) -> None:
        while True:
            self._end_flushed()
            if not self._inbox:
                return
            if not self._speaking:
                self._begin_sound(now_ns)
            upto = self._flushes[0] - self._taken if self._flushes else len(self._inbox[0])
            wanted, room = min(len(self._inbox[0]), upto), self._room(now_ns)
            n = min(wanted, room)
            if n <= 0 or n < min(wanted, self.rate // BLOCKS_PER_SEC):
                return  # a block at a time: each piece costs
            chunk = self._inbox.popleft()
            if n < len(chunk):
                self._inbox.appendleft(chunk[n:])
            self._map.add(self._fed, self._taken)
            self.crowd.feed(self.seat, chunk[:n])
            self._taken += n
            self._unended, self._sound_end = True, self._fed

    def _room(self, now_ns: int) -> int:
        """Samples that the crowd may get now."""
        blocks = MOST_WAITING - self.crowd.waiting(self.seat)
        room = blocks * self.rate // BLOCKS_PER_SEC
        if self.realtime or self.alive:
            ahead = self.limits.lead_secs if self.realtime else self.limits.burst_secs
            room = min(room, self._playhead.at(now_ns) + self.lookahead + int(ahead * self.rate) - self._fed)
        return room

    def _begin_sound(self, now_ns: int) -> None:
        """After a silence: sound that comes now plays a look-ahead later, or after what is still to play."""
        self._speaking = True
        self._drift.restart()
        behind = self._behind(now_ns)
        if behind > 0:
            if self.alive and behind <= self.limits.stall_secs * self.rate:
                self._feed_silence(self._fed + behind)
            else:
                self._playhead = Playhead(now_ns, self._fed - self.lookahead, self.rate)

    def _end_flushed(self) -> None:
        """The flushes whose sound was taken; each may feed silence, which must not pile up."""
        while (self._flushes and self._flushes[0] <= self._taken
               and self.crowd.waiting(self.seat) < MOST_WAITING):
            self._flushes.popleft()
            if self._unended:
                self._end_sound()

    def _end_sound(self) -> None:
        """What the look-ahead holds back comes out, at once where nothing else would bring it."""
        self._speaking = self._unended = False
        self._ends.expect(frames_within(self._sound_end, self.fps, self.rate) - 1)
        if not self.alive or self.closing:
            self._feed_silence(self._fed + self.lookahead + int(REST_SECS * self.rate))
        elif not self.realtime:
            self._feed_silence(self._fed + self.lookahead)

    def _live_on(self, now_ns: int) -> None:
        """Silence up to what plays now and a look-ahead, in blocks that end where the crowd's do."""
        behind = self._behind(now_ns)
        if self._speaking:
            if behind <= self.limits.patience_secs * self.rate:
                return
            self._speaking = False
        if not self.alive or self.closing or behind <= 0:
            return
        if behind > self.limits.stall_secs * self.rate:
            self.counts["stalls"] += 1
            self._playhead = Playhead(now_ns, self._fed - self.lookahead, self.rate)
            behind = 0
        if self.crowd.waiting(self.seat) < MOST_WAITING:
            block = (self._fed + behind) * BLOCKS_PER_SEC // self.rate + 1
            self._feed_silence(-(-block * self.rate // BLOCKS_PER_SEC))

    def _behind(self, now_ns: int) -> int:
        """Samples by which the stream falls short of what plays now and a look-ahead."""
        return self._playhead.at(now_ns) + self.lookahead - self._fed

    @property
    def _fed(self) -> int:
        return self.crowd.session(self.seat).state.n_samples

    def _feed_silence(self, upto: int) -> None:
        self._map.add(self._fed, SILENCE)
        self.crowd.feed(self.seat, np.zeros(upto - self._fed, np.float32))

    # --- what it is told

    def _tell(self) -> None:
        """The wishes whose time has come."""
        for one in self._directions.due(self._taken):
            self._tell_one(-1 if one.at < 0 else self._map.sample(one.at), one)

    def _tell_one(self, sample: int, wish: Wish) -> None:
        self.crowd.session(self.seat).direct(None if sample < 0 else sample, **wish.wishes)
        self._directions.note(sample, wish)

    def _tell_again(self) -> None:
        """After going back: what was told since then, but not of sound that is no more said."""
        newest = self._rounds[-1]
        for wish in self._directions.since(newest.told, sample_of_frame(newest.stop, self.fps, self.rate)):
            self._tell_one(-1, wish)

    def _go_back(self, at: int) -> None:
        """To the state after the round at `at` of those kept. Whoever calls interrupts there."""
        while len(self._rounds) > at + 1:
            self._rounds.pop()
        blocks = self._rounds[at].blocks + self.crowd.waiting(self.seat)
        self.crowd.session(self.seat).state = replace(
            self._rounds[at].state, n_samples=blocks * self.rate // BLOCKS_PER_SEC)
        self.set_detail(self._detail)

    # --- frames on their way out

    def add(self, clip: CurveClip, values: Array) -> None:
        """Frames that the crowd has made, and the rig's values of them."""
        state = self.crowd.session(self.seat).state
        blocks = state.hearing.audio.block - self.crowd.waiting(self.seat)
        step = int(self.fps / clip.fps)
        before = self._rounds[-1].stop - self._rounds[-1].step if self._rounds else clip.start * step - 1
        made = Round(clip.start * step, step, clip.start * step - before, values, state, blocks,
                     self._directions.n_told)
        self._rounds.append(made)
        self._queue.extend(made.frames())
        if len(self._rounds) > MOST_ROUNDS:
            self._rounds.popleft()

    def leaving(self, now_ns: int) -> list[wire.Frame]:
        """The frames that leave now, in order; what is too late is dropped and counted."""
        out = []
        while self._queue:
            frame = self._queue[0]
            sample = sample_of_frame(frame.index, self.fps, self.rate)
            late_ns = now_ns - self._playhead.due_ns(sample) if self.realtime else 0
            if late_ns < 0:
                break
            self._queue.popleft()
            if late_ns > self.limits.late_secs * NS and self._queue:  # the newest is better than none
                self.counts["frames_dropped"] += 1
                continue
            if late_ns > self._frame_ns:
                self.counts["frames_late"] += 1
            out.append(self._frame(frame, sample))
        self.counts["frames_sent"] += len(out)
        self._forget(now_ns)
        return out

    def due_ns(self) -> int:
        """When the next frame plays. Only while `busy`."""
        return self._playhead.due_ns(sample_of_frame(self._queue[0].index, self.fps, self.rate))

    @property
    def ready(self) -> bool:
        """The crowd has as much sound of it as is animated at a time, or all that comes."""
        waiting = self.crowd.waiting(self.seat)
        return waiting >= self.limits.blocks or bool(
            waiting and (self.closing or not (self.alive or self._speaking)))

    @property
    def busy(self) -> bool:
        """Frames have still to leave."""
        return bool(self._queue)

    @property
    def over(self) -> bool:
        """It was closed and has shown all."""
        return bool(self.closing) and not (self._inbox or self._queue or self._flushes
                                           or self.crowd.waiting(self.seat))

    def _frame(self, frame: Leaving, sample: int) -> wire.Frame:
        sound = self._map.sound(sample)
        flags = wire.Frame.step_flag(frame.step) | (wire.Frame.IDLE if sound == SILENCE else 0)
        if self._ends.ends(frame):
            flags |= wire.Frame.LAST
        return wire.Frame(self.epoch, frame.index, sound, frame.row, flags)

    def _playing(self, now_ns: int) -> int:
        """The frame that plays now."""
        return frame_playing(self._playhead.at(now_ns), self.fps, self.rate)

    def _forget(self, now_ns: int) -> None:
        """Rounds that have played, and what the map knows of their samples."""
        playing = self._playing(now_ns)
        while len(self._rounds) > 1 and self._rounds[0].stop <= playing:
            gone = self._rounds.popleft()
            if not self.realtime:
                self._played.add(gone)
        if not self._rounds:
            return
        first = min(self._rounds[0].start if self._played.first is None else self._played.first,
                    self._queue[0].index if self._queue else self._rounds[0].start)
        self._ends.forget(first)
        if len(self._map) > 1:
            self._map.forget(sample_of_frame(first, self.fps, self.rate))
