"""Decisions of the gaze, knot by knot: what is looked at next, and when.

The eyes look at the other (`looking`) or aside; within either they move from point to point, and rest with
micro-saccades. Voice and targets interrupt: a turn that begins is often thought out looking away, a phrase
that ends looks for an answer, a target that jumps is followed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from facerig.core.clock import KNOT_RATE_HZ
from facerig.performance.eyes import attention, saccades
from facerig.performance.eyes.attention import GazeSettings, Heart
from facerig.performance.eyes.head_share import Turn, turned
from facerig.performance.eyes.saccades import Shift, angle
from facerig.performance.eyes.targets import Aim, Target

NEVER: Final = math.inf
PURSUIT_LAG_SECS: Final = 0.1  # behind a moving target (Lisberger 2010: 80 to 130 ms)
PURSUIT_RADIANS: Final = math.radians(35)  # a second: faster ones are caught by saccades
TOLD_OFTEN_SECS: Final = 0.3  # targets told within this of each other move, others jump
BETWEEN_SECS: Final = 0.15  # from one saccade's end to the next one's start, at least
CATCH_UP_SECS: Final = 0.2
SOON_OVER_SECS: Final = 0.35  # a look is not begun, nor another point of it looked at, for less
HEAD_LATENCY_SECS: Final = (0.03, 0.06)  # behind the eyes (Guitton & Volle 1987)
ASIDE_HEAD: Final = 0.5  # of the head's share, in a look that soon comes back
FARTHEST_YAW, HIGHEST_PITCH, LOWEST_PITCH = math.radians(85), math.radians(-48), math.radians(52)
TURN_SECS: Final = 1.5  # since it last spoke, and speech is a new turn
NEWS_SECS: Final = 0.6  # of the other's silence before, and its voice is looked at
PHRASE_SECS: Final = 0.8  # of speech before, and silence ends a phrase
WAITING_SECS: Final = 1.5  # of silence, and the speaker is one who listens
#                    chance   s after
TURN_BEGINS: Final = (0.6,    0.2)    # looks away, thinking (Kendon 1967: 70 % of long utterances)
PHRASE_ENDS: Final = (0.8,    0.25)   # looks back
HESITATES: Final = (0.2,      0.6)    # or looks away, thinking, if the pause goes on
NEIGHBOUR: Final = 0.6  # of the points that are next to the last, in a look aside
MOVED_RADIANS: Final = math.radians(0.3)  # less is no shift
CAPTURED_RADIANS: Final = math.radians(8)  # a target that jumps by more is looked at at once


_AHEAD, _NOWHERE = Aim(0.0, 0.0, 0.5), Aim(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Told:
    """Targets from a time on."""

    at_secs: float
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Choosing:
    """What is decided: `attended` of `targets`, `point` the middle of the fixation, `offset` of it from the
    attended target's middle; the times of the next look, fixation, micro-saccade, wish and catching up.
    """

    targets: tuple[Target, ...]
    attended: int = 0
    looking: bool = True
    point: Aim = _AHEAD
    offset: Aim = _NOWHERE
    voice: bool = False
    voice_since: float = 0.0
    listening: bool = False
    spoke_until: float = -TURN_SECS  # its own voice
    number: int = 0  # of decisions drawn
    look_ends: float = -1.0
    fixation_ends: float = 0.0
    micro_at: float = NEVER
    wish: str = ""  # "back", or "think"
    wish_at: float = NEVER
    follow_at: float = NEVER
    seen_at: float = -1.0  # when the targets were last told
    speed: tuple[float, float] = (0.0, 0.0)  # of the attended target, yaw and pitch, rad/s


class Chooser:
    """Decides within one call of `plan`; what it found lies in its attributes afterwards."""

    def __init__(self, settings: GazeSettings, shifts: list[Shift], turns: list[Turn], mind: Choosing,
                 told: list[Told], dice: Callable[[int], list[float]],
                 head_for: Callable[..., tuple[float, float]]) -> None:
        self.shifts, self.turns, self.mind, self.told = shifts, turns, mind, told
        self._settings, self._dice, self._head_for = settings, dice, head_for
        self._mood = Heart(0.0, 0.0, 0.0)

    def decide(self, knot: int, voice: bool, listening: bool, arousal: float, valence: float
               ) -> tuple[Choosing, int]:
        """What is decided at a knot; the knot that decides next, if nothing is heard before."""
        now = knot / KNOT_RATE_HZ
        self._mood = attention.heart(arousal, valence)
        while self.told and self.told[0].at_secs <= now:
            self._tell(self.told.pop(0), now)
        if voice is not self.mind.voice or listening is not self.mind.listening:
            self._hear(now, voice, listening)
        if now >= self._free:
            self._act(now)
        return self.mind, max(knot + 1, self._due())

    @property
    def _free(self) -> float:
        """When the eyes may set out again."""
        last = self.shifts[-1]
        return last.start if last.kind == saccades.PURSUIT else last.end + BETWEEN_SECS

    def _due(self) -> int:
        mind = self.mind
        timers = min(mind.fixation_ends, mind.look_ends, mind.micro_at, mind.wish_at)
        due = max(self._free, timers if mind.follow_at == NEVER else mind.follow_at)
        if self.told:
            due = min(due, self.told[0].at_secs)
        return math.ceil(min(due * KNOT_RATE_HZ, 2.0**62))

    def _drawn(self) -> list[float]:
        number = self.mind.number
        self.mind = replace(self.mind, number=number + 1)
        return self._dice(number)

    def _speaking(self, now: float) -> bool:
        mind = self.mind
        return not mind.listening and (mind.voice or now - mind.voice_since < WAITING_SECS)

    # what comes from outside

    def _tell(self, told: Told, now: float) -> None:
        before, old = self.mind, self.mind.targets
        seen_at = told.at_secs
        self.mind = replace(before, targets=told.targets, seen_at=seen_at)
        if not told.targets:
            self.mind = replace(self.mind, looking=False, fixation_ends=min(before.fixation_ends, now + 0.3),
                                look_ends=NEVER, wish_at=NEVER, follow_at=NEVER)
            return
        if len(told.targets) != len(old):
            us = self._drawn()
            attended = attention.chosen(us[0], tuple(t.weight for t in told.targets))
            self._follow_soon(now, us[1], attended=attended, speed=(0.0, 0.0))
            return
        was, is_ = (targets[before.attended].aim for targets in (old, told.targets))
        moved, since = angle(was, is_), seen_at - before.seen_at
        if not before.looking:
            if moved > CAPTURED_RADIANS:
                self._follow_soon(now, self._drawn()[1])
            return
        often = 0 < since <= TOLD_OFTEN_SECS and before.seen_at >= 0
        speed = ((is_.yaw - was.yaw) / since, (is_.pitch - was.pitch) / since) if often else (0.0, 0.0)
        at = _plus(is_, before.offset)
        if often and moved <= PURSUIT_RADIANS * since and before.follow_at == NEVER:
            self._pursue(now, before.seen_at, seen_at, at)
        elif angle(before.point, at) > MOVED_RADIANS or is_.near != was.near:
            self._follow_soon(now, self._drawn()[1], speed=speed)

    def _follow_soon(self, now: float, u: float, **changes: object) -> None:
        at = now + self._settings.latency_secs * (0.85 + 0.3 * u)
        self.mind = replace(self.mind, follow_at=min(self.mind.follow_at, at), **changes)  # type: ignore[arg-type]

    def _pursue(self, now: float, seen_at: float, told_at: float, aim: Aim) -> None:
        last = self.shifts[-1]
        start = max(now, seen_at + PURSUIT_LAG_SECS,
                    last.start + 1e-3 if last.kind == saccades.PURSUIT else last.end)
        end = max(told_at + PURSUIT_LAG_SECS, start + 0.01)
        self.mind = replace(self.mind, point=aim, micro_at=now + 0.8, fixation_ends=now + 0.8,
                            look_ends=max(self.mind.look_ends, now + 1.0))
        aim = _reachable(aim)
        self.shifts.append(saccades.pursuit(start, end, saccades.aim_at(start, self.shifts[-1:]), aim))
        self._ask_head(start + HEAD_LATENCY_SECS[0], aim, 1.0, math.radians(1.0))

    def _hear(self, now: float, voice: bool, listening: bool) -> None:
        """A voice begins or ends, or it is the other's turn."""
        before = self.mind
        lasted, silent = now - before.voice_since, now - before.spoke_until
        spoke, speaks = before.voice and not before.listening, voice and not listening
        self.mind = replace(before, voice=voice, listening=listening,
                            spoke_until=now if spoke else before.spoke_until,
                            voice_since=before.voice_since if voice is before.voice else now)
        if not before.targets:
            return
        us = self._drawn()
        share = attention.share_of(self._settings, not listening, self._mood)
        hides, seeks = min(1.0, 2 * (1 - share)), min(1.0, 1.6 * share)
        back = PHRASE_ENDS[0] * seeks
        if listening:
            if us[0] < seeks and (not before.listening or (voice and lasted > NEWS_SECS)):
                self._wish("back", now + 0.1 + 0.3 * us[1])
        elif speaks and not spoke and silent > TURN_SECS and us[0] < TURN_BEGINS[0] * hides:
            self._wish("think", now + TURN_BEGINS[1] * us[1])
        elif spoke and not voice and lasted > PHRASE_SECS:
            if us[0] < back:
                self._wish("back", now + 0.03 + PHRASE_ENDS[1] * us[1])
            elif us[0] < back + HESITATES[0] * hides:
                self._wish("think", now + 0.25 + HESITATES[1] * us[1])

    def _wish(self, wish: str, at: float) -> None:
        self.mind = replace(self.mind, wish=wish, wish_at=max(at, self.shifts[-1].end + SOON_OVER_SECS))

    # what is decided

    def _act(self, now: float) -> None:
        mind = self.mind
        if mind.follow_at < NEVER:  # what has been seen to move is not looked at before it is followed
            if now >= mind.follow_at:
                self._follow(now)
        elif not mind.targets:
            if now >= mind.fixation_ends:
                self._idle(now)
        elif now >= mind.wish_at:
            self._grant(now)
        elif now >= mind.look_ends:
            if mind.wish_at - now < SOON_OVER_SECS:
                self.mind = replace(mind, look_ends=mind.wish_at)
            elif mind.looking and mind.look_ends >= 0:
                self._look_aside(now, thinking=False)
            else:
                self._look(now)
        elif now >= mind.fixation_ends:
            self._refix(now)
        elif now >= mind.micro_at:
            self._micro(now)

    def _grant(self, now: float) -> None:
        mind = self.mind
        self.mind = replace(mind, wish_at=NEVER)
        if mind.wish == "back":
            if mind.looking:
                self.mind = replace(self.mind, look_ends=max(mind.look_ends, now + 0.6))
            else:
                self._look(now)
        elif mind.looking:
            self._look_aside(now, thinking=True)

    def _look(self, now: float) -> None:
        """At one of the targets."""
        us = self._drawn()
        targets = self.mind.targets
        attended = attention.chosen(us[0], tuple(t.weight for t in targets)) if len(targets) > 1 else 0
        target = targets[attended]
        offset = attention.face_offset(us[1], target, self._settings.face)
        secs = attention.look_secs(us[2], self._settings, self._speaking(now), self._mood)
        self.mind = replace(self.mind, attended=attended, looking=True, offset=offset, look_ends=now + secs)
        self._fixate(now, _plus(target.aim, offset), us[3:6], 1.0)

    def _look_aside(self, now: float, *, thinking: bool) -> None:
        us = self._drawn()
        secs = attention.aside_secs(us[3], self._settings, self._speaking(now), self._mood)
        if not secs:
            self._look(now)
            return
        off = attention.aside((us[0], us[1], us[2]), self._settings, thinking, self._mood)
        self.mind = replace(self.mind, looking=False, look_ends=now + secs)
        self._fixate(now, self._beside(*off), us[4:7], ASIDE_HEAD)

    def _beside(self, yaw: float, pitch: float) -> Aim:
        aim = self.mind.targets[self.mind.attended].aim
        return Aim(aim.yaw + yaw, aim.pitch + pitch, min(aim.near, 0.8))

    def _refix(self, now: float) -> None:
        """Another point of the face, or of nothing."""
        over = min(self.mind.look_ends, self.mind.wish_at)
        if over - now < SOON_OVER_SECS:
            self.mind = replace(self.mind, fixation_ends=max(over, now + 0.01))
            return
        us, mind = self._drawn(), self.mind
        target = mind.targets[mind.attended]
        if mind.looking:
            offset = attention.face_offset(us[0], target, self._settings.face)
            self.mind = replace(mind, offset=offset)
            self._fixate(now, _plus(target.aim, offset), us[3:6], 1.0)
            return
        way, far = 2 * math.pi * us[1], math.radians(2 + 5 * us[2])
        aim = Aim(mind.point.yaw + far * math.cos(way), mind.point.pitch + 0.7 * far * math.sin(way),
                  mind.point.near)
        if us[0] > NEIGHBOUR or angle(aim, target.aim) < math.radians(self._settings.aversion_degrees):
            off = attention.aside((us[0] / 2 if us[0] < NEIGHBOUR else us[0], us[1], us[2]), self._settings,
                                  False, self._mood)
            aim = self._beside(*off)
        self._fixate(now, aim, us[3:6], ASIDE_HEAD)

    def _idle(self, now: float) -> None:
        us = self._drawn()
        yaw, pitch = attention.idle(us[0], us[1])
        self._fixate(now, Aim(yaw, pitch, 0.5), us[3:6], ASIDE_HEAD)
        self.mind = replace(self.mind, fixation_ends=now + 2.2 * (self.mind.fixation_ends - now))

    def _follow(self, now: float) -> None:
        """To where a target that jumped or moves fast is, or will be as the eyes arrive."""
        us, mind = self._drawn(), self.mind
        late = now - mind.seen_at
        lead = late + 0.05 if late < CATCH_UP_SECS else 0.0
        target = mind.targets[mind.attended]
        aim = _plus(target.aim, Aim(mind.offset.yaw + lead * mind.speed[0],
                                    mind.offset.pitch + lead * mind.speed[1], 0.0))
        moving = lead and mind.speed != (0.0, 0.0)
        look = attention.look_secs(us[2], self._settings, self._speaking(now), self._mood)
        self.mind = replace(mind, looking=True, follow_at=now + CATCH_UP_SECS if moving else NEVER,
                            look_ends=max(mind.look_ends if mind.looking else 0.0, now + look))
        self._fixate(now, aim, us[3:6], 1.0)

    def _micro(self, now: float) -> None:
        us = self._drawn()
        off = attention.micro_offset(us[0], us[1])
        aim = Aim(self.mind.point.yaw + off[0], self.mind.point.pitch + off[1], self.mind.point.near)
        self.mind = replace(self.mind, micro_at=self._next_micro(now, us[2]))
        if math.degrees(angle(self.shifts[-1].after, aim)) >= 0.1:
            self._shift(now, aim, us[3], saccades.MICRO)

    def _next_micro(self, now: float, u: float) -> float:
        rate = self._settings.micro
        return now + attention.lognormal(u, 0.9 / rate, 0.5) if rate else NEVER

    # what is done

    def _fixate(self, now: float, aim: Aim, us: list[float], head: float) -> None:
        """A saccade to `aim`, and how long the eyes stay there."""
        moved = angle(self.shifts[-1].after, aim)
        self.mind = replace(self.mind, point=aim, micro_at=self._next_micro(now, us[0]),
                            fixation_ends=now + attention.fixation_secs(us[1], self._mood))
        if moved > MOVED_RADIANS or aim.near != self.shifts[-1].near:
            self._shift(now, aim, us[2], saccades.SACCADE)
            least, most = HEAD_LATENCY_SECS
            start = self.shifts[-1].start + least + us[0] * (most - least)
            self._ask_head(start, aim, head, math.radians(0.7))

    def _shift(self, now: float, aim: Aim, u: float, kind: float) -> None:
        start = now + 0.9 / KNOT_RATE_HZ * u
        last = self.shifts[-1]
        before = last.after if start >= last.settled else saccades.aim_at(start, [last])
        self.shifts.append(saccades.saccade(start, before, _reachable(aim), kind))

    def _ask_head(self, start: float, aim: Aim, part: float, least: float) -> None:
        goal, last = self._head_for(aim, part), self.turns[-1]
        old = last.goal
        if math.hypot(goal[0] - old[0], goal[1] - old[1]) > least:
            self.turns.append(turned(last, max(start, last.start), goal))


def _plus(aim: Aim, offset: Aim) -> Aim:
    return Aim(aim.yaw + offset.yaw, aim.pitch + offset.pitch, aim.near)


def _reachable(aim: Aim) -> Aim:
    """As far as eyes and head go together."""
    return Aim(min(FARTHEST_YAW, max(-FARTHEST_YAW, aim.yaw)),
               min(LOWEST_PITCH, max(HIGHEST_PITCH, aim.pitch)), aim.near)
