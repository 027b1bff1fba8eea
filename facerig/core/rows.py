"""States of many streams as values: every array in them has a row for each stream.

    part = taken(state, np.array([3, 7]))      # the state of two of them
    state = put(state, np.array([3, 7]), part)
    both = joined([state, part])

A state is a dataclass, named tuple or tuple of arrays [S, ...] and of such states.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

State = TypeVar("State")
Rows = NDArray[Any]


def taken(state: State, streams: NDArray[np.int64]) -> State:
    """A copy of the rows of `streams` [k]."""
    return cast(State, _mapped(lambda rows: rows[0][streams], [state]))


def put(state: State, streams: NDArray[np.int64], part: State) -> State:
    """A copy of `state` with the rows of `streams` [k] from `part`."""
    def replaced(rows: Sequence[Rows]) -> Rows:
        out = rows[0].copy()
        out[streams] = rows[1]
        return out

    return cast(State, _mapped(replaced, [state, part]))


def joined(states: Sequence[State]) -> State:
    """The streams of all `states`, in order."""
    return cast(State, _mapped(np.concatenate, states))


def of_rows(each: Sequence[Rows], counts: Sequence[int]) -> Rows:
    """What belongs to each of S, for rows of which each has so many: [sum of counts, ...]."""
    if len(each) == 1:
        return np.broadcast_to(each[0], (counts[0], *each[0].shape))
    return np.repeat(np.stack(each), counts, 0)


def _mapped(of_arrays: Callable[[Sequence[Rows]], Rows], states: Sequence[Any]) -> Any:
    """The state whose arrays are `of_arrays` of those of `states`."""
    first = states[0]
    if isinstance(first, np.ndarray):
        return of_arrays(states)
    if is_dataclass(first):
        names = [field.name for field in fields(first)]
        values = {name: _mapped(of_arrays, [getattr(state, name) for state in states]) for name in names}
        return replace(cast(Any, first), **values)
    items = [_mapped(of_arrays, parts) for parts in zip(*states, strict=True)]
    return type(first)(*items) if hasattr(first, "_fields") else tuple(items)
