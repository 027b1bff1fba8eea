"""Which of a file's channels is animated.

`mix` weighs the channels 2 : 1 : 2 : 1 ... and not equally, so that a stereo recording with one wire reversed
(the right channel is the left one upside down) keeps a third of its level where a mean would give silence.
Any weighting but equal does that without a state; a ratio of 2 costs 0.5 dB of noise against the mean where
both channels hold the same voice. Loudness is normalised later, so the level itself does not matter.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from facerig.errors import AudioError, ConfigError

Channel = Literal["mix", "left", "right"] | int
NAMED_CHANNELS: Final[dict[str, Channel]] = {"mix": "mix", "left": "left", "right": "right"}
_NAMED: Final = {"left": 0, "right": 1}


def select(block: NDArray[np.float32], channel: Channel, where: str = "") -> NDArray[np.float32]:
    """One channel of `block` [n, channels] as a fresh float32 [n]; sample by sample, so any split gives the
    same.

    A mono block gives its only channel for "mix" and "left". An index counts from 0. For a face per channel,
    call once with each index. Raises AudioError for a channel that the sound does not have.
    """
    n_channels = block.shape[1]
    if channel == "mix":
        return _mix(block)
    index = _NAMED.get(channel, -1) if isinstance(channel, str) else channel
    if not 0 <= index < n_channels:
        name = channel if isinstance(channel, str) else channel + 1
        raise AudioError(f"has no channel {name}: it has {n_channels}", where=where,
                         fix=f"choose mix, or a number from 1 to {n_channels}")
    return block[:, index].copy()


def _mix(block: NDArray[np.float32]) -> NDArray[np.float32]:
    weights = np.resize(np.array([2, 1], np.float32), block.shape[1])
    weights /= weights.sum()
    mono: NDArray[np.float32] = block[:, 0] * weights[0]
    for column, weight in zip(block.T[1:], weights[1:], strict=True):  # a fixed order: the same in any split
        mono += column * weight
    return mono


def parse_channel(text: str, where: str = "channel", others: str = "") -> Channel:
    """A channel as people write it, counted from 1. Raises ConfigError, which also names `others`."""
    if text in NAMED_CHANNELS:
        return NAMED_CHANNELS[text]
    if text.isdecimal() and int(text) > 0:
        return int(text) - 1
    raise ConfigError(f"{text!r} is no channel", where=where,
                      fix=f"give mix, left, right, {others}or a number from 1")
