"""The service: two sockets, one thread, one loop.

    service = Service(ServiceSettings(control_port=0, curves_port=0))     # listens from here on
    print(service.control_address, service.curves_address)
    service.run()                                                         # until `stop`, from any thread

A tick hears what has come, feeds and steps the crowds within a time budget, and sends the frames that are
due. Nothing in it waits but the poll. Clients' mistakes are answered; nothing from outside ends the loop.
"""

from __future__ import annotations

import errno
import heapq
import logging
import time
from collections.abc import Callable
from typing import Final

import zmq

from facerig.errors import FacerigError, ProtocolError
from facerig.service import wire
from facerig.service.callers import Caller
from facerig.service.limits import ServiceSettings
from facerig.service.listening import LINGER_MS, Guard, address, bound, check_loopback
from facerig.service.log import facts
from facerig.service.pacing import NS, Steady
from facerig.service.roster import Roster
from facerig.service.tally import Meter, Tally
from facerig.service.voice import Voice

MS_NS: Final = 1_000_000
TICK_NS: Final = 5 * MS_NS  # between two looks at the voices, at the most
ROUND_NS: Final = 20 * MS_NS  # a block of sound: crowds that take long to step are stepped once in it
HOUSE_NS: Final = 50 * MS_NS  # between two times of keeping house
EMPTY_NS: Final = 200 * MS_NS  # a poll without any voice
ANNOUNCE_NS: Final = 500 * MS_NS  # between two schemas of a voice, however many subscribe
BUSY_SECS: Final = 1.0  # over which the load is measured
MESSAGES_A_TICK: Final = 256
HEARING_SECS: Final = 0.005  # of a tick: whoever sends what takes long does not stop the others' faces
log = logging.getLogger("facerig.service")


class Service:
    """Raises ConfigError for addresses that cannot be bound or must not be, ModelError for a model."""

    def __init__(self, settings: ServiceSettings | None = None, *, guard: Guard | None = None,
                 meter: Meter | None = None, clock_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self.settings = settings or ServiceSettings()
        if guard is None and not self.settings.insecure:
            check_loopback(self.settings.bind)
        self.tally, self._clock_ns, self._guard = Tally(meter), Steady(clock_ns), guard
        self.roster = Roster(self.settings, self.tally, self._gone)
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._sockets: list[zmq.Socket[bytes]] = []
        self._poller = zmq.Poller()
        try:
            if guard is not None:
                guard.start(self._context)
            for kind in (zmq.ROUTER, zmq.XPUB):
                self._sockets.append(bound(self._context, kind, self.settings, guard))
        except BaseException:
            self.close()
            raise
        self._control, self._curves = self._sockets
        for socket in self._sockets:
            self._poller.register(socket, zmq.POLLIN)
        self.control_address, self.curves_address = address(self._control), address(self._curves)
        self._stops = 0  # times that `stop` was called
        self._drained_ns = 0  # when a stop waits no longer
        self._due: list[tuple[int, int]] = []  # heap: when the next frame of a session leaves
        self._scheduled: dict[int, int] = {}
        self._announce: dict[int, int] = {}  # sessions whose schema is to be sent, and when
        self._round_ns = self._house_ns = 0  # the next of each
        self._lets_in = True
        self._fresh = self._left = False  # messages have come; a crowd has blocks left
        self._busy_secs, self._since_secs = 0.0, time.perf_counter()
        self._step_secs = self._animated_secs = 0.0  # of work up to now; of faces, when last measured

    # --- running

    def run(self) -> None:
        """Serve until `stop`; drains, then closes the sockets."""
        try:
            while not self._finished():
                self.tick(self._wait_ms())
        finally:
            self.close()
            log.info("stopped", extra=facts("stopped"))

    def stop(self) -> None:
        """Let nobody in any more, show what is here, then end; a second time: end now. From any thread."""
        self._stops += 1

    def close(self) -> None:
        """Close the sockets, at once."""
        while self._sockets:
            self._sockets.pop().close(LINGER_MS)
        if self._guard is not None:
            self._guard.stop()  # before its context ends
            self._guard = None
        self.roster.held.clear()
        self._context.term()

    def tick(self, wait_ms: int = 0) -> None:
        """One turn of the loop, of at most `wait_ms` without anything to do."""
        events = dict(self._poller.poll(wait_ms))
        now_ns, began = self._clock_ns(), time.perf_counter()
        if self._control in events:
            self._hear_control(now_ns)
        if self._curves in events:
            self._hear_subscriptions(now_ns)
        if self._left or now_ns >= self._round_ns or now_ns < self._round_ns - ROUND_NS:
            self._step(now_ns)
        self._send_frames(now_ns)
        if not 0 <= self._house_ns - now_ns <= HOUSE_NS:
            self._keep_house(now_ns)
        while self.roster.replies:
            self._reply(*self.roster.replies.popleft())
        self._measure(began)

    def _step(self, now_ns: int) -> None:
        began = time.perf_counter_ns()
        self._left, self._fresh = self.roster.advance(now_ns), False
        cost_ns = time.perf_counter_ns() - began
        if self.roster.voices:
            self.tally.observe("step_secs", cost_ns / NS)
            self._step_secs += cost_ns / NS
        self._round_ns = now_ns + min(2 * cost_ns, ROUND_NS)
        for voice in self.roster.voices.values():
            self._schedule(voice)

    def _keep_house(self, now_ns: int) -> None:
        self._house_ns = now_ns + HOUSE_NS
        if self._stops and not self.roster.stopping:
            self.roster.stopping = True
            log.warning("stopping: %d sessions play to their end (asked again: at once)",
                        len(self.roster.voices), extra=facts("stopping", sessions=len(self.roster.voices)))
            self._drained_ns = now_ns + int(self.settings.limits.drain_secs * NS)
            for voice in self.roster.voices.values():
                voice.close("shutdown")
        self.roster.keep_house(now_ns)
        if self.roster.stopping and (now_ns >= self._drained_ns or self._stops > 1):
            for voice in list(self.roster.voices.values()):
                self.roster.end(voice, "shutdown")

    def _finished(self) -> bool:
        return self.roster.stopping and not self.roster.voices and not self.roster.replies

    def _wait_ms(self) -> int:
        now_ns = self._clock_ns()
        until = self._house_ns if self._stops else now_ns + (TICK_NS if self.roster.voices else EMPTY_NS)
        if self._left or self._fresh:
            until = min(until, self._round_ns)
        if self._due:
            until = min(until, self._due[0][0])
        return max(0, -(-(until - now_ns) // MS_NS))

    def _measure(self, began: float) -> None:
        """What share of the time the loop works; beyond the limit nobody more is let in."""
        ended = time.perf_counter()
        self._busy_secs += ended - began
        if self.roster.voices:
            self.tally.observe("tick_secs", ended - began)
        if ended - self._since_secs < BUSY_SECS:
            return
        share = self._busy_secs / (ended - self._since_secs)
        self._busy_secs, self._since_secs = 0.0, ended
        self.tally.observe("busy", share)
        full = share > self.settings.limits.busy
        self.roster.refusing = f"the service works {share:.0%} of the time" if full else ""
        self._report(share)

    def _report(self, busy: float) -> None:
        animated_secs = self.tally.counted("animated_secs")
        newly_secs, self._animated_secs = animated_secs - self._animated_secs, animated_secs
        self.tally.stands("realtime_factor", self._step_secs / newly_secs if newly_secs else 0.0)
        self.tally.stands("busy", busy)
        self._step_secs = 0.0
        refusal = self.roster.refusal()
        if (refusal is None) != self._lets_in:
            self._lets_in = refusal is None
            log.warning("sessions are let in again" if refusal is None else
                        f"nobody more is let in: {refusal.what}", extra=facts("admission", kind="admission"))
        self.tally.report(self.roster.figures, refusal.what if refusal else "")

    # --- control

    def _hear_control(self, now_ns: int) -> None:
        until = time.perf_counter() + HEARING_SECS
        for _ in range(MESSAGES_A_TICK):
            if time.perf_counter() > until:
                return
            try:
                client = self._control.recv(zmq.NOBLOCK)
            except zmq.Again:
                return
            parts, data = 0, b""
            while self._control.getsockopt(zmq.RCVMORE):  # more parts than one are not kept
                data, parts = self._control.recv(), parts + 1
            self._heard(client, data, parts, now_ns)

    def _heard(self, client: bytes, data: bytes, parts: int, now_ns: int) -> None:
        self.tally.count("messages")
        caller = self.roster.callers.heard(client, now_ns)
        if caller is None:
            self.tally.count("refused_clients")
        elif self.roster.callers.may(caller, now_ns):
            self._fresh = True
            message = self._answer(client, data, parts, now_ns)
            if message is not None:
                self.roster.callers.charge(caller, message)
        else:
            self.tally.count("refused_rate")
            self._tell_slower(client, caller)

    def _answer(self, client: bytes, data: bytes, parts: int, now_ns: int) -> wire.Request | None:
        """Gives the message, if it was one."""
        message: wire.Request | None = None
        try:
            if client[:1] != b"\0":
                raise ProtocolError("connections have no name of their own here", where="routing id",
                                    fix="do not set it: sessions are resumed by their token")
            if parts != 1:
                raise ProtocolError(f"{parts} frames in a message", where="message", fix="send one")
            message = wire.request(data)
            for reply in self.roster.answer(client, message, now_ns):
                self._reply(client, reply)
            self._after(message)
        except FacerigError as problem:
            self.tally.count(f"error_{problem.code}")
            log.info("refused (%s): %s", problem.code, f"{problem.where} {problem.what}".strip(), extra=facts(
                "refused", kind=problem.code, where=problem.where, session=getattr(message, "session", 0)))
            self._reply(client, wire.Refusal(code=problem.code, what=problem.what, where=problem.where,
                                             fix=problem.fix, session=getattr(message, "session", 0)))
        except Exception as problem:  # a mistake of ours, which must not end the others' sessions
            self.tally.count("error_fault")
            log.error("a message could not be answered: %r", problem, exc_info=problem,
                      extra=facts("fault", kind="message"))
            voice = self.roster.voices.get(getattr(message, "session", 0))
            if voice is not None and voice.owner == client:
                self.roster.fault(voice, problem)
        return message

    def _after(self, message: wire.Request) -> None:
        """What a message changes about frames that leave."""
        for voice in self.roster.opened:
            self._publish_schema(voice)
        self.roster.opened.clear()
        voice_of = getattr(message, "session", 0)
        if isinstance(message, wire.Interrupt) and voice_of in self.roster.voices:
            self._scheduled.pop(voice_of, None)
            self._schedule(self.roster.voices[voice_of])

    def _tell_slower(self, client: bytes, caller: Caller) -> None:
        if not caller.told:
            caller.told = True
            log.warning("a client sends too many messages", extra=facts("refused", kind="rate"))
            what = f"more than {self.settings.limits.messages_per_sec} messages a second"
            self._reply(client, wire.Refusal(code="rate", what=what, where="message",
                                             fix="send fewer and longer pieces; what came is lost"))

    def _reply(self, client: bytes, reply: wire.Reply) -> bool:
        """Says whether the client is there."""
        try:
            self._control.send(client, zmq.SNDMORE | zmq.NOBLOCK)
            self._control.send(wire.encoded(reply), zmq.NOBLOCK)
        except zmq.ZMQError as problem:
            self.tally.count("replies_lost")
            return problem.errno != errno.EHOSTUNREACH
        return True

    def _gone(self, voice: Voice) -> bool:
        return not self._reply(voice.owner, wire.Pong())

    # --- curves

    def _hear_subscriptions(self, now_ns: int) -> None:
        for _ in range(MESSAGES_A_TICK):
            try:
                message = self._curves.recv(zmq.NOBLOCK)
            except zmq.Again:
                return
            if message[:1] != b"\1":
                continue
            self.tally.count("subscriptions")
            for voice in self._subscribed(message[1:]):
                self._announce.setdefault(voice.number, max(now_ns, voice.announced_ns + ANNOUNCE_NS))

    def _subscribed(self, topic: bytes) -> list[Voice]:
        """Whose frames a subscription to `topic` brings."""
        if topic.endswith(wire.TOPIC_END):
            voice = self.roster.by_subject.get(topic[:-1].decode(errors="replace"))
            return [voice] if voice else []
        return [voice for voice in self.roster.voices.values() if voice.topic.startswith(topic)]

    def _send_frames(self, now_ns: int) -> None:
        for number, at_ns in list(self._announce.items()):
            voice = self.roster.voices.get(number)
            if voice is None or at_ns <= now_ns:
                del self._announce[number]
            if voice is not None and at_ns <= now_ns:
                self._publish_schema(voice)
                voice.announced_ns = now_ns
                voice.show_again(now_ns)
                self._schedule(voice)
        while self._due and self._due[0][0] <= now_ns:
            due_ns, number = heapq.heappop(self._due)
            if self._scheduled.get(number) != due_ns:
                continue  # an older plan
            del self._scheduled[number]
            voice = self.roster.voices.get(number)
            if voice is not None:
                for frame in voice.leaving(now_ns):
                    self._publish(voice.topic, frame.packed())
                self._schedule(voice)

    def _schedule(self, voice: Voice) -> None:
        if voice.busy and voice.number not in self._scheduled:
            due_ns = self._scheduled[voice.number] = voice.due_ns() if voice.realtime else 0
            heapq.heappush(self._due, (due_ns, voice.number))

    def _publish_schema(self, voice: Voice) -> None:
        self._publish(voice.topic, wire.encoded(voice.schema))

    def _publish(self, topic: bytes, data: bytes) -> None:
        """To all who subscribed. Those who do not keep up lose it: the first time it is counted here, all of
        it by the gaps in the frames' index."""
        try:
            self._curves.send(topic, zmq.SNDMORE | zmq.NOBLOCK)
        except zmq.Again:
            self.tally.count("subscriber_drops")
            self._curves.setsockopt(zmq.XPUB_NODROP, 0)
            self._curves.send(topic, zmq.SNDMORE | zmq.NOBLOCK)
            self._curves.send(data, zmq.NOBLOCK)
            self._curves.setsockopt(zmq.XPUB_NODROP, 1)
        else:
            self._curves.send(data, zmq.NOBLOCK)
