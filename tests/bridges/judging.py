"""Whether what a program told of the scenario is what was there to be seen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from facerig.service.wire import Frame
from tests.bridges.observing import Seen
from tests.bridges.scenario import FIRST, NEAR_END, SECOND, THIRD

Line = dict[str, Any]
MANY = 30  # faces, which cannot all have come during an interruption: a busy service may send fewer in time
EVENTS = ("opened", "interrupted", "lost", "resumed", "closed")


def lines(output: str) -> list[Line]:
    """What a program printed, without an engine's own words."""
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def frames(told: Iterable[Line]) -> list[Seen]:
    """The frames of it."""
    return [(one[0], one[1], one[2], one[3], one[4] & 0xFFFFFFFF) for line in told
            if (one := line.get("frame")) is not None]


def wrong(told: list[Line], seen: list[Seen]) -> list[str]:
    """Everything that is not as README.md says; empty if all is well."""
    out = list(_events(told))
    if not out:
        out = [*_order(told), *_against(told, seen), *_sound(told, seen)]
    return out


def whole_line(told: list[Line]) -> list[Seen]:
    """The frames of a line at once, up to its last."""
    every = frames(told)
    ends = [k for k, frame in enumerate(every) if frame[3] & Frame.LAST]
    return every[: ends[-1] + 1] if ends else []


def _events(told: list[Line]) -> Iterator[str]:
    events = [line for line in told if "event" in line]
    names = tuple(event["event"] for event in events)
    if names != EVENTS:
        yield f"events are {', '.join(names)}, not {', '.join(EVENTS)}"
        return
    opened, interrupted, _, resumed, closed = events
    if (opened["epoch"], opened["received"]) != (0, 0):
        yield f"it did not begin at 0: {opened}"
    if interrupted["epoch"] != 1 or not 0 < interrupted["at"] <= FIRST[1]:
        yield f"this is no interruption of the first two seconds: {interrupted}"
    further = resumed["received"] - interrupted["at"]
    if resumed["epoch"] != 1 or not 0 < further <= SECOND[1] - SECOND[0]:
        yield f"it did not go on within the second stretch: {resumed}"
    if closed["reason"] != "client":
        yield f"it was not the client that closed it: {closed}"


def _place(told: list[Line], event: str) -> int:
    return next(k for k, line in enumerate(told) if line.get("event") == event)


def _order(told: list[Line]) -> Iterator[str]:
    every = frames(told)
    for one, following in pairwise(every):
        if following[1] <= one[1] or following[0] < one[0]:
            yield f"frame {following[:2]} came after {one[:2]}"
    if any(frame[0] == 0 for frame in frames(told[_place(told, "interrupted"):])):
        yield "a frame of epoch 0 after the interruption"


def _against(told: list[Line], seen: list[Seen]) -> Iterator[str]:
    """Frames told are frames seen; between the first and the last of them none is missing but those of the
    old epoch after the interruption began, and those that came while the connection was lost."""
    every, there = frames(told), set(seen)
    yield from (f"frame {frame} was never there" for frame in every if frame not in there)
    if not every:
        yield "no frames"
        return
    interrupted_after = max((frame[1] for frame in every if frame[0] == 0), default=-1)
    cut = _place(told, "lost")
    before, after = frames(told[:cut]), frames(told[cut:])
    lost_after, lost_before = (before or every)[-1][1], (after or every)[0][1]
    mine = {frame[1] for frame in every}
    for epoch, index, *_ in seen:
        excused = (epoch == 0 and index > interrupted_after) or lost_after < index < lost_before
        if every[0][1] < index < every[-1][1] and index not in mine and not excused:
            yield f"frame {(epoch, index)} was there, and was not told"


def _sound(told: list[Line], seen: list[Seen]) -> Iterator[str]:
    """Faces of the first sound, faces of the new epoch before the connection is lost, the end of the last."""
    interrupted, lost = _place(told, "interrupted"), _place(told, "lost")
    there = [frame for frame in seen if frame[0] == 0 and frame[2] >= 0]
    if len(there) >= MANY and not any(frame[2] >= 0 for frame in frames(told[:interrupted])):
        yield f"none of {len(there)} faces of the first sound"
    if not any(frame[0] == 1 for frame in frames(told[interrupted:lost])):
        yield "no face of the new epoch before the connection is lost"
    end = told[interrupted]["at"] + THIRD[1] - SECOND[0]
    lasts = [frame for frame in frames(told) if frame[0] == 1 and frame[3] & Frame.LAST]
    if not lasts or not end - NEAR_END < lasts[-1][2] < end:
        yield f"the last frame of the sound is not there: {lasts[-1:]}"
