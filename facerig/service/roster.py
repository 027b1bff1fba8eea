"""The voices of a service and what their clients ask of them; the sockets are the server's.

    roster.answer(client, message, now_ns)   -> what to tell the client; raises FacerigError
    roster.advance(now_ns)                   feeds the crowds, steps them and puts the faces on rigs
    roster.keep_house(now_ns)                ends what is over, idle or abandoned
    roster.replies                           what there is to tell besides
"""

from __future__ import annotations

import logging
import secrets
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from facerig.audio.rates import BLOCKS_PER_SEC
from facerig.core.curves import CurveClip
from facerig.crowd import Crowd
from facerig.encoder.model import hold_model
from facerig.errors import FacerigError
from facerig.rig.retarget import Retarget
from facerig.service import wire
from facerig.service.callers import Callers
from facerig.service.directing import Wish
from facerig.service.limits import Refused, ServiceSettings
from facerig.service.log import facts
from facerig.service.opening import Opening, wishes_of
from facerig.service.pacing import NS
from facerig.service.reciting import Reciting
from facerig.service.tally import Tally
from facerig.service.voice import Voice

Replies = list[wire.Reply]

BUDGET_SECS: Final = 0.008  # for rounds at a time, before messages are heard and frames leave
PIECES: Final = 8  # of the credit: one of them is worth a `progress`
log = logging.getLogger("facerig.service")


class Roster:
    """All voices; one crowd a model. `gone` says whether a client's connection is lost.

    Raises ModelError or ConfigError for a model that cannot be loaded.
    """

    def __init__(self, settings: ServiceSettings, tally: Tally, gone: Callable[[Voice], bool]) -> None:
        self.limits, self.tally = settings.limits, tally
        self.callers = Callers(settings.limits)
        self.voices: dict[int, Voice] = {}
        self.by_subject: dict[str, Voice] = {}
        self.replies: deque[tuple[bytes, wire.Reply]] = deque()
        self.opened: list[Voice] = []  # whose schema has not been published
        self.refusing = ""  # why nobody more is let in
        self.stopping = False
        self.held = [hold_model(model) for model in settings.models]  # an upgrade meanwhile changes none
        self._crowds = {model: Crowd(model) for model in settings.models}
        self._opening, self._reciting = Opening(settings), Reciting()
        self._gone = gone
        self._by_token: dict[str, Voice] = {}
        self._seated: dict[tuple[int, int], Voice] = {}  # by crowd and seat
        self._progress: dict[int, tuple[int, int]] = {}  # last told of each: received, animated
        self._next = 1
        self._kept_ns = self._awake_ns = 0
        self._answers: dict[type, Callable[[bytes, Any, int], Replies]] = {
            wire.Open: self._open, wire.Resume: self._resume, wire.Audio: self._audio,
            wire.Direct: self._direct, wire.Say: self._say, wire.Interrupt: self._interrupt,
            wire.Flush: self._flush, wire.Close: self._close, wire.Ping: self._ping,
            wire.AskStatistics: self._statistics}

    # --- messages

    def answer(self, client: bytes, message: wire.Request, now_ns: int) -> Replies:
        """What a message brings about. Raises FacerigError for what cannot be done."""
        return self._answers[type(message)](client, message, now_ns)

    def _open(self, client: bytes, asked: wire.Open, now_ns: int) -> Replies:
        refusal = self.refusal()
        if refusal is not None:
            raise refusal
        other = self.by_subject.get(asked.subject)
        if other is not None and not (other.closing or self._gone(other)):
            raise Refused("subject", f"{asked.subject!r} is animated already", where="$.subject",
                          fix="choose another name, or resume the session with its token")
        retarget, session = self._opening.retarget(asked.rig), self._opening.session(asked)
        if other is not None:
            self.end(other, other.closing or "replaced")
        voice = Voice(asked, session, self._crowds[asked.model], retarget, number=self._next,
                      token=secrets.token_hex(16), owner=client, limits=self.limits, now_ns=now_ns)
        self._next += 1
        self.voices[voice.number] = self._by_token[voice.token] = voice
        self.by_subject[voice.subject] = self._seated[id(voice.crowd), voice.seat] = voice
        self.callers.owns(client, 1)
        self.opened.append(voice)
        self.tally.count("opened")
        log.info("session %d of %r begins: %s, %s fps, %s", voice.number, asked.subject, asked.rig, asked.fps,
                 asked.pace, extra=facts("opened", session=voice.number, subject=asked.subject, rig=asked.rig,
                                         fps=asked.fps, pace=asked.pace, model=asked.model))
        return [_opened(voice)]

    def refusal(self) -> Refused | None:
        """What somebody who opens a session now is told; None where there is room."""
        if self.stopping:
            return Refused("stopping", "the service is being stopped", fix="wait until it is back")
        if len(self.voices) >= self.limits.sessions:
            return Refused("full", f"{len(self.voices)} sessions are open, which is all this service takes",
                           fix="close one, or start another service")
        if self.refusing:
            return Refused("full", self.refusing, fix="close a session, or start another service")
        return None

    def _resume(self, client: bytes, asked: wire.Resume, now_ns: int) -> Replies:
        voice = self._by_token.get(asked.token)
        if voice is None:
            raise Refused("session", "no session has that token", where="$.token",
                          fix="it has ended: open another")
        self.callers.owns(voice.owner, -1)
        self.callers.owns(client, 1)
        voice.owner = client
        self.tally.count("resumed")
        log.info("session %d of %r is taken over", voice.number, voice.subject,
                 extra=facts("resumed", session=voice.number, subject=voice.subject))
        return [_opened(voice)]

    def _audio(self, client: bytes, audio: wire.Audio, now_ns: int) -> Replies:
        self._own(client, audio.session).hear(audio, now_ns)
        return []

    def _direct(self, client: bytes, asked: wire.Direct, now_ns: int) -> Replies:
        voice = self._own(client, asked.session)
        wishes = wishes_of(asked)
        if wishes:
            voice.direct(Wish(asked.at, wishes))
        if asked.detail is not None:
            voice.set_detail(asked.detail)
        return []

    def _say(self, client: bytes, asked: wire.Say, now_ns: int) -> Replies:
        self._reciting.say(self._own(client, asked.session), asked)
        return []

    def _interrupt(self, client: bytes, asked: wire.Interrupt, now_ns: int) -> Replies:
        return [self._own(client, asked.session).interrupt(now_ns)]

    def _flush(self, client: bytes, asked: wire.Flush, now_ns: int) -> Replies:
        voice = self._own(client, asked.session)
        voice.flush()
        return [_progress(voice)]

    def _close(self, client: bytes, asked: wire.Close, now_ns: int) -> Replies:
        self._own(client, asked.session).close("client")
        return []

    def _ping(self, client: bytes, asked: wire.Ping, now_ns: int) -> Replies:
        return [wire.Pong(number=asked.number, clock_ns=now_ns)]

    def _statistics(self, client: bytes, asked: wire.AskStatistics, now_ns: int) -> Replies:
        return [wire.Statistics(figures=self.figures())]

    def _own(self, client: bytes, number: int) -> Voice:
        voice = self.voices.get(number)
        if voice is None or voice.owner != client:
            raise Refused("session", f"this connection has no session {number}", where="$.session",
                          fix="open one, or resume it with its token")
        return voice

    # --- time

    def advance(self, now_ns: int) -> bool:
        """Everybody is fed and everything stepped that time allows; says whether something is left."""
        self.replies.extend(self._reciting.advance(now_ns, self.fault))
        for voice in list(self.voices.values()):
            try:
                voice.advance(now_ns)
            except Exception as problem:  # of one voice; the others must not suffer
                self.fault(voice, problem)
        until = time.perf_counter() + BUDGET_SECS
        while self._waiting():
            if time.perf_counter() >= until:
                return True
            self._round()
        return False

    def _waiting(self) -> bool:
        return any(voice.ready for voice in self.voices.values())

    def _round(self) -> None:
        """So many blocks of 20 ms as are animated at a time, of each who has them."""
        shown: dict[Retarget, list[tuple[Voice, CurveClip]]] = {}
        ready: dict[int, list[int]] = {}
        for voice in self.voices.values():
            if voice.ready:
                ready.setdefault(id(voice.crowd), []).append(voice.seat)
        n_blocks = sum(map(len, ready.values())) * self.limits.blocks
        self.tally.count("animated_secs", n_blocks / BLOCKS_PER_SEC)
        for crowd in self._crowds.values():
            for seat, clip in crowd.step(self.limits.blocks, ready.get(id(crowd), ())).items():
                voice = self._seated[id(crowd), seat]
                shown.setdefault(voice.retarget, []).append((voice, clip))
        for retarget, faces in shown.items():
            values = retarget.values(np.concatenate([clip.values for _, clip in faces]))
            at = 0
            for voice, clip in faces:
                voice.add(clip, values[at : at + len(clip)])
                at += len(clip)

    def keep_house(self, now_ns: int) -> None:
        """End what is over or idle; tell the clients how far their sessions are."""
        if now_ns - self._kept_ns > self.limits.stall_secs * NS:
            self._awake_ns = now_ns  # the computer slept: nobody could say anything
        self._kept_ns = now_ns
        for voice in list(self.voices.values()):
            for name, n in voice.counts.items():
                self.tally.count(name, n)
            voice.counts.clear()
            if voice.over:
                self.end(voice, voice.closing)
            elif now_ns - self._last_heard_ns(voice) > self.limits.idle_secs * NS:
                voice.close("idle")
            elif self._has_news(voice):
                self._progress[voice.number] = (voice.received, voice.animated)
                self.replies.append((voice.owner, _progress(voice)))

    def _last_heard_ns(self, voice: Voice) -> int:
        return max(voice.opened_ns, self._awake_ns, self.callers.heard_ns(voice.owner))

    def _has_news(self, voice: Voice) -> bool:
        """All that came is animated, or a good piece more than its client knows."""
        received, animated = self._progress.get(voice.number, (0, 0))
        return ((received, animated) != (voice.received, voice.animated)
                and (voice.animated == voice.received
                     or voice.animated - animated >= self.limits.credit_secs * voice.rate / PIECES))

    def end(self, voice: Voice, reason: str) -> None:
        """It is gone at once."""
        del self.voices[voice.number], self._by_token[voice.token], self._seated[id(voice.crowd), voice.seat]
        if self.by_subject.get(voice.subject) is voice:
            del self.by_subject[voice.subject]
        self._progress.pop(voice.number, None)
        self._reciting.stop(voice.number)
        self.callers.owns(voice.owner, -1)
        voice.crowd.leave(voice.seat)
        self.replies.append((voice.owner, wire.Closed(session=voice.number, reason=reason)))
        self.tally.count(f"closed_{reason}")
        log.info("session %d of %r is over: %s", voice.number, voice.subject, reason, extra=facts(
            "closed", session=voice.number, subject=voice.subject, reason=reason, received=voice.received))

    def fault(self, voice: Voice, problem: Exception) -> None:
        """Something went wrong that no check had foreseen: its session ends, the others go on."""
        log.error("session %d of %r ends: %r", voice.number, voice.subject, problem, exc_info=problem,
                  extra=facts("fault", session=voice.number, subject=voice.subject))
        what = problem.what if isinstance(problem, FacerigError) else "the service has failed here"
        self.replies.append((voice.owner, wire.Refusal(code="fault", what=what, session=voice.number)))
        self.end(voice, "fault")

    def figures(self) -> dict[str, float]:
        """For `statistics` and metrics."""
        waiting = [(voice.received - voice.animated) / voice.rate for voice in self.voices.values()]
        return self.tally.figures() | {
            "sessions": float(len(self.voices)), "clients": float(len(self.callers)),
            "backlog_secs": sum(waiting), "backlog_secs_of_the_furthest_behind": max(waiting, default=0.0)}


def _opened(voice: Voice) -> wire.Opened:
    return wire.Opened(session=voice.number, token=voice.token, schema=voice.schema, epoch=voice.epoch,
                       received=voice.received, credit=voice.credit)


def _progress(voice: Voice) -> wire.Progress:
    return wire.Progress(session=voice.number, epoch=voice.epoch, received=voice.received,
                         animated=voice.animated, credit=voice.credit)
