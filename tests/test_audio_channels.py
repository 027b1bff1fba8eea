"""Choosing a channel: sample by sample, and a reversed wire must not make silence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facerig.audio.channels import select
from facerig.errors import AudioError


def noise(n: int, channels: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((n, channels)).astype(np.float32)


def test_one_channel() -> None:
    block = noise(100, 3)
    assert np.array_equal(select(block, "left"), block[:, 0])
    assert np.array_equal(select(block, "right"), block[:, 1])
    assert np.array_equal(select(block, 2), block[:, 2])
    assert select(block, 2).flags.c_contiguous


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8])
def test_a_mix_keeps_what_all_channels_share(channels: int) -> None:
    voice = noise(1000, 1)
    mixed = select(np.repeat(voice, channels, axis=1), "mix")
    assert mixed.dtype == np.float32
    assert np.allclose(mixed, voice[:, 0], atol=1e-6)


@pytest.mark.parametrize("channels", [2, 4, 6])
def test_a_mix_of_reversed_pairs_is_not_silence(channels: int) -> None:
    voice = noise(1000, 1)
    signs = np.resize(np.array([1, -1], np.float32), channels)
    assert np.allclose(select(voice * signs, "mix"), voice[:, 0] / 3, atol=1e-6)


def test_a_mix_hears_every_channel() -> None:
    for heard in range(6):
        block = np.zeros((10, 6), np.float32)
        block[:, heard] = 1
        assert (select(block, "mix") > 0.1).all()


@given(cut=st.integers(0, 500), channels=st.integers(1, 8))
def test_any_split_mixes_to_the_same_bits(cut: int, channels: int) -> None:
    block = noise(500, channels)
    pieces = np.concatenate([select(block[:cut], "mix"), select(block[cut:], "mix")])
    assert np.array_equal(pieces, select(block, "mix"))


def test_the_block_stays_as_it_was() -> None:
    for channels in (1, 2):
        block = noise(10, channels)
        before = block.copy()
        select(block, "mix")[:] = 0
        select(block, 0)[:] = 0
        assert np.array_equal(block, before)


@pytest.mark.parametrize(("channel", "name"), [("right", "right"), (1, "2"), (-1, "0")])
def test_a_channel_that_is_not_there(channel: str | int, name: str) -> None:
    with pytest.raises(AudioError, match=f"line.wav: has no channel {name}: it has 1"):
        select(noise(10, 1), channel, "line.wav")  # type: ignore[arg-type]
