"""The sound that is measured on: the bundled clip, again and again, at any rate."""

from __future__ import annotations

from functools import cache
from math import gcd

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

import facerig_assets

Samples = NDArray[np.float32]


@cache
def clip(rate: int) -> Samples:
    """The bundled speech at `rate`, float32 [n]."""
    audio, own_rate = soundfile.read(facerig_assets.path("speech", "hello.flac"), dtype="float32")
    common = gcd(rate, own_rate)
    return np.asarray(resample_poly(audio, rate // common, own_rate // common), np.float32)


def speech(rate: int, secs: float) -> Samples:
    """`secs` of speech at `rate`, float32 [n]."""
    return np.resize(clip(rate), round(secs * rate))
