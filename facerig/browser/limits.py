"""How much one page may ask for. Whoever asks for more is sent away; nobody else notices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

ClockNs = Callable[[], int]  # nanoseconds, as time.monotonic_ns
_NS_PER_SEC = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of the server and of each page."""

    pages: int = 4              # each is a session; a person opens one or two
    message_bytes: int = 400_000  # a second of sound at the fastest rate that a session takes
    text_chars: int = 8192      # of a wish
    wishes_per_sec: float = 60  # a slider that is dragged sends 20
    wishes_at_once: float = 120
    sound_speed: float = 1.1    # seconds of sound a second: clocks differ, by far less than this
    sound_at_once_secs: float = 30.0  # after a stall of the page, or of us; what waits is bounded below
    waiting_secs: float = 4.0   # of sound that a slow computer has not come to
    streams_per_sec: float = 1  # begun anew: another model, another sound card
    streams_at_once: float = 8


class Allowance:
    """A bucket that fills with time: `take` what was used, and learn whether it was there."""

    def __init__(self, per_sec: float, at_once: float, clock_ns: ClockNs) -> None:
        self._per_sec, self._most, self._clock_ns = per_sec, at_once, clock_ns
        self._left, self._seen_ns = at_once, clock_ns()

    def take(self, amount: float) -> bool:
        """Whether `amount` may be used now."""
        now_ns = self._clock_ns()
        filled = (now_ns - self._seen_ns) / _NS_PER_SEC * self._per_sec
        self._left, self._seen_ns = min(self._left + filled, self._most), now_ns
        if amount > self._left:
            return False
        self._left -= amount
        return True
