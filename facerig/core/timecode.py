"""What timecodes count (SMPTE 12M): whole frames at the next integer rate, numbers left out where they drop.

Frames are never dropped, numbers are: at 29.97 frames a second `00:00:59;29` is followed by `00:01:00;02`, in
nine minutes of ten, so that the timecode keeps to the clock. A semicolon before the frames says so.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

DAY_SECS: Final = 24 * 3600  # after 23:59:59 a timecode begins again
# Numbers that drop-frame timecode leaves out in nine of ten minutes.
DROPPED: Final = {Fraction(30000, 1001): 2, Fraction(60000, 1001): 4}
# Rates whose plain timecodes look like those of a whole rate, as people write them.
NTSC: Final = {Fraction(24): "23.976", Fraction(30): "29.97", Fraction(60): "59.94"}


def frames_per_sec(fps: Fraction) -> int:
    """How many frames a second of timecode counts."""
    return -(-fps.numerator // fps.denominator)


def dropping(frame: int, fps: Fraction) -> int:
    """The number that drop-frame timecode gives to `frame`: with those that it left out before it."""
    dropped = DROPPED[fps]
    per_minute = 60 * frames_per_sec(fps) - dropped
    tens, rest = divmod(frame, 10 * per_minute + dropped)
    return frame + dropped * (9 * tens + max(0, (rest - dropped) // per_minute))


def dropped_before(minutes: int, fps: Fraction) -> int:
    """How many numbers drop-frame timecode has left out when it shows `minutes` since midnight."""
    return DROPPED[fps] * (minutes - minutes // 10)
