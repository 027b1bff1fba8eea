"""Sample rates: what comes in, what the engine works at."""

from __future__ import annotations

from typing import Final

from facerig.errors import AudioError

MIN_RATE_HZ, MAX_RATE_HZ = 8000, 192000
RATE_HZ: Final = 16000  # of everything after the resampler
BLOCK: Final = 320  # samples at RATE_HZ: 20 ms
BLOCKS_PER_SEC: Final = RATE_HZ // BLOCK


def check_sample_rate(rate_hz: int, where: str) -> None:
    """Raises AudioError for a rate outside 8 to 192 kHz."""
    if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
        raise AudioError(f"a sample rate of {rate_hz} Hz is outside {MIN_RATE_HZ} to {MAX_RATE_HZ} Hz",
                         where=where, fix="resample it, for example with `ffmpeg -i IN -ar 48000 OUT.wav`")
