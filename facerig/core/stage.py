"""The protocol of a stage: streaming state is a value outside the stage.

    state = stage.initial_state()
    out, state = stage.step(chunk, state)      # any number of times; never changes the old state
    out, state = stage.flush(state)            # what the look-ahead still held back

Copying a state forks the stream. A stage itself is immutable and may serve many streams at once.
Two things hold for each stage and are tested: any split of the input gives the same output, bit for bit, and
input later than `lookahead_secs` never changes an output.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Protocol, TypeVar

In_contra = TypeVar("In_contra", contravariant=True)
Out_co = TypeVar("Out_co", covariant=True)
State = TypeVar("State")


class Stage(Protocol[In_contra, Out_co, State]):
    """One stage of the stream; see the module's text."""

    @property
    def lookahead_secs(self) -> Fraction:
        """How much later than its own time an output's last needed input may lie."""
        ...

    def initial_state(self) -> State:
        """State before the first sample."""
        ...

    def step(self, chunk: In_contra, state: State, /) -> tuple[Out_co, State]:
        """Output that `chunk` completes, and the state after it."""
        ...

    def flush(self, state: State, /) -> tuple[Out_co, State]:
        """Output that was still waiting for look-ahead, as if silence followed."""
        ...
