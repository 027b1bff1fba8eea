"""Exact time: absolute integer sample indices and rational frame rates. No float is ever accumulated."""

from __future__ import annotations

from fractions import Fraction

from facerig.errors import ConfigError

LONGEST_RATE = 80  # characters
MOST_PARTS = 10**6  # largest denominator: frame positions stay exact in 64-bit integers for years
KNOT_RATE_HZ = 100  # of the curves between the encoder and the frames
MIN_FPS, MAX_FPS = Fraction(1), Fraction(1000)
# Rates that people write rounded and mean exactly (SMPTE 12M: NTSC rates are n * 1000/1001).
_NTSC = {"23.976": Fraction(24000, 1001), "23.98": Fraction(24000, 1001), "29.97": Fraction(30000, 1001),
         "59.94": Fraction(60000, 1001), "119.88": Fraction(120000, 1001)}


def parse_fps(value: str | int | float | Fraction) -> Fraction:
    """Frames per second as an exact fraction: 60, "30000/1001", "29.97" (which means 30000/1001).

    A rate that no ratio of numbers below a million writes, such as the float 30000 / 1001, means the nearest
    one that does: 30000/1001. Raises ConfigError for anything that is not a rate from 1 to 1000.
    """
    text = str(value).strip()
    try:
        if len(text) > LONGEST_RATE or "e" in text.lower():  # 1e999999999 would take for ever
            raise ValueError
        fps = _NTSC[text] if text in _NTSC else Fraction(text).limit_denominator(MOST_PARTS)
    except (ValueError, ZeroDivisionError):
        raise ConfigError(f"{text!r} is not a frame rate", where="--fps",
                          fix="give a number or a ratio, such as 24, 29.97, 30000/1001 or 60") from None
    if not MIN_FPS <= fps <= MAX_FPS:
        raise ConfigError(f"{text} frames per second is out of range", where="--fps",
                          fix=f"give a rate from {MIN_FPS} to {MAX_FPS}")
    return fps


def frame_time(index: int, fps: Fraction) -> Fraction:
    """Time of frame `index` in seconds, exactly."""
    return index / fps


def sample_of_frame(index: int, fps: Fraction, sample_rate: int) -> int:
    """The sample that sounds when frame `index` is shown: floor(index * sample_rate / fps)."""
    return index * sample_rate * fps.denominator // fps.numerator


def frames_within(n_samples: int, fps: Fraction, sample_rate: int) -> int:
    """Number of frames whose time lies in [0, n_samples / sample_rate)."""
    return -(-n_samples * fps.numerator // (sample_rate * fps.denominator))
