"""A character on stage, and for a moment the one it was: styles change live by fading from one to the other.

A style is laid over what the session was opened with, not over another style; an empty one leads back. When
its time comes a second actor goes on from the same past; while the change lasts both act, and the face is a
mean of theirs. Lips that both seal stay sealed: their gap is linear in the curves. A style that is told
during a change waits for its end; of several that wait the last counts.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field, replace
from math import floor
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.clock import KNOT_RATE_HZ
from facerig.performance.directions import Direction
from facerig.performance.easing import smooth
from facerig.performance.performer import Performer, PerformerState, Plan
from facerig.performance.settings import Performance, styled
from facerig.performance.style.style import Style

Array = NDArray[np.float32]
Times = NDArray[np.float64]

CHANGE_SECS: Final = 0.6  # from one style to another


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and what they remember."""

    performer: Performer
    state: PerformerState

    def told(self, direction: Direction) -> Actor:
        """Directed."""
        return replace(self, state=self.performer.told(self.state, direction))

    def step(self, frames: Array, knots: Array, times: Times) -> tuple[Array, Actor]:
        """As Performer.step."""
        values, state = self.performer.step(frames, knots, times, self.state)
        return values, Actor(self.performer, state)


@dataclass(frozen=True, slots=True)
class Cast:
    """`actor`: who acts, in `style`; `leaving`: who acted before, until `end`, s, from `start` on.

    base: the performance without a style. due: styles that are told for later, in order of time.
    """

    base: Performance
    actor: Actor
    style: Style = field(default_factory=Style)
    leaving: Actor | None = None
    start: float = 0.0
    end: float = 0.0
    due: tuple[Direction, ...] = ()

    @staticmethod
    def of(performance: Performance, seed: int) -> Cast:
        """Before the first frame. Raises ConfigError for a bad seed."""
        performer = Performer(performance, seed)
        return Cast(performance, Actor(performer, performer.initial_state()))

    def told(self, direction: Direction) -> Cast:
        """Directed: all that act are told now, a style when its time comes. Raises ConfigError."""
        cast, wish = self, replace(direction, style=None)
        if direction.controls is not None:  # the user's own lie over those of the style
            cast = replace(cast, base=replace(self.base, controls=direction.controls))
            wish = replace(wish, controls=self.style.controls(direction.controls))
        leaving = None if cast.leaving is None else cast.leaving.told(wish)
        cast = replace(cast, actor=cast.actor.told(wish), leaving=leaving)
        if direction.style is None:
            return cast
        due = list(cast.due)
        insort(due, direction, key=lambda one: one.at_secs)
        return replace(cast, due=tuple(due))

    def step(self, frames: Array, knots: Array, times: Times) -> tuple[Array, Cast]:
        """As Performer.step: frames [n, 61 + N_CUES] at `times`, s, and knots [m, 61 + N_CUES] -> [n, 61]."""
        cast, shown = self, []
        while (at := cast._next_change()) is not None:
            first = cast.actor.state.next_knot
            if at >= first + len(knots):
                break
            n, m = int(np.searchsorted(times, at / KNOT_RATE_HZ)), max(0, at - first)
            values, cast = cast._acted(frames[:n], knots[:m], times[:n])
            shown.append(values)
            frames, knots, times = frames[n:], knots[m:], times[n:]
            cast = cast._changed()
        values, cast = cast._acted(frames, knots, times)
        return np.concatenate([*shown, values]) if shown else values, cast

    def plan(self, frames: Array, knots: Array, times: Times) -> Plan | None:
        """What the one who acts decides, for `faces` and `finish`; None where a style changes, which `step`
        knows how to do."""
        if self.due or self.leaving is not None:
            return None
        return self.actor.performer.plan(frames, knots, times, self.actor.state)

    def finish(self, values: Array, plan: Plan) -> tuple[Array, Cast]:
        """The face [n, 61] of a plan that was drawn, and the cast after it."""
        values, state = plan.performer.finish(values, plan)
        return values, Cast(self.base, Actor(plan.performer, state), self.style)

    def _next_change(self) -> int | None:
        """The knot before which the next style comes on; None without one."""
        if not self.due:
            return None
        at = max(self.due[0].at_secs, self.end if self.leaving is not None else 0.0)
        return max(floor(at * KNOT_RATE_HZ), self.actor.state.next_knot)

    def _changed(self) -> Cast:
        """With the style that is due; of several whose time has come the last."""
        now = self.actor.state.next_knot / KNOT_RATE_HZ
        past = [one for one in self.due if one.at_secs <= now] or [self.due[0]]
        told, later = past[-1], self.due[len(past) :]
        style = told.style or Style()
        performer = Performer(styled(self.base, style), self.actor.performer.seed)
        start = max(told.at_secs, now)
        secs = CHANGE_SECS if told.transition_secs is None else told.transition_secs
        actor = Actor(performer, performer.taking_over(self.actor.state, start))
        return Cast(self.base, actor, style, self.actor, start, start + secs, later)

    def _acted(self, frames: Array, knots: Array, times: Times) -> tuple[Array, Cast]:
        """All act on; a change that is over leaves one."""
        values, actor = self.actor.step(frames, knots, times)
        if self.leaving is None:
            return values, replace(self, actor=actor)
        before, leaving = self.leaving.step(frames, knots, times)
        share = self._share(times)[:, None]
        shown = np.where(share == 1, values, before + share * (values - before))
        over = len(times) and times[-1] >= self.end
        return shown, replace(self, actor=actor, leaving=None if over else leaving)

    def _share(self, times: Times) -> Array:
        """Of the new style in the face [n]."""
        secs = self.end - self.start
        x = np.clip((times - self.start) / secs, 0.0, 1.0) if secs > 0 else times >= self.start
        return np.asarray(smooth(x), np.float32)
