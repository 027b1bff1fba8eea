"""Lips in millimetres: seals seal, f and v touch, speech opens, silence rests."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from facerig.core.channels import CHANNELS, INDEX
from facerig.core.mouth import mouth_geometry
from facerig.encoder.lips import HOLD_KNOTS, LipDecoder, LipSettings
from facerig.encoder.tracks import N_CURVE_TRACKS, TRACKS

SEALED_MM, CROSSED_MM, CONTACT_MM, APART_MM = 1.0, -3.0, 2.5, 1.2  # as lips are judged
SHAPES = arrays(np.float32, (N_CURVE_TRACKS,), elements=st.floats(-0.5, 1.5, width=32))


def held(shape: np.ndarray, *, seal: float = 0, contact: float = 0, voice: float = 1) -> np.ndarray:
    """The curves after 0.4 s of the same tracks [61]."""
    tracks = np.tile(np.concatenate([shape, [seal, contact, voice]]).astype(np.float32), (40, 1))
    decoder = LipDecoder()
    return np.asarray(decoder.step(tracks, decoder.initial_state())[0][-1])


@given(SHAPES)
def test_a_seal_closes_the_whole_lip_whatever_the_shape(shape: np.ndarray) -> None:
    gaps = mouth_geometry().gaps_mm(held(shape, seal=1))
    assert gaps.max() <= SEALED_MM
    assert gaps.max() > CROSSED_MM


@given(SHAPES)
def test_f_and_v_touch_the_teeth_and_stay_apart(shape: np.ndarray) -> None:
    values = held(shape, contact=1)
    assert mouth_geometry().teeth_mm(values) <= CONTACT_MM
    assert mouth_geometry().gaps_mm(values)[2] >= APART_MM


@given(SHAPES)
def test_other_speech_never_seals(shape: np.ndarray) -> None:
    assert mouth_geometry().gaps_mm(held(shape)).max() > SEALED_MM + 0.5


@given(SHAPES, st.floats(0, 1), st.floats(0, 1))
def test_silence_is_at_rest(shape: np.ndarray, seal: float, contact: float) -> None:
    assert np.abs(held(shape, seal=seal, contact=contact, voice=0)).max() == 0


@given(SHAPES, st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_curves_stay_in_their_range_and_mouth_close_below_the_jaw(
        shape: np.ndarray, seal: float, contact: float, voice: float) -> None:
    values = held(shape, seal=seal, contact=contact, voice=voice)
    assert all(c.low <= v <= c.high for c, v in zip(CHANNELS, values, strict=True))
    assert values[INDEX["mouthClose"]] <= values[INDEX["jawOpen"]] + 1e-6


def test_a_closure_is_held_for_a_frame_at_24_fps() -> None:
    tracks = np.zeros((60, len(TRACKS)), np.float32)
    tracks[:, 0], tracks[:, TRACKS.index("voice")] = 0.3, 1
    tracks[30, TRACKS.index("seal")] = 1  # a single knot
    decoder = LipDecoder()
    values = decoder.step(tracks, decoder.initial_state())[0]
    sealed = mouth_geometry().gaps_mm(values).max(1) <= SEALED_MM
    assert sealed[30 : 30 + HOLD_KNOTS].all()
    assert sealed.sum() <= HOLD_KNOTS + 1
    assert HOLD_KNOTS * 0.01 > 1 / 24


def test_the_threshold_decides_what_seals() -> None:
    tracks = np.zeros((20, len(TRACKS)), np.float32)
    tracks[:, 0], tracks[:, TRACKS.index("voice")], tracks[:, TRACKS.index("seal")] = 0.3, 1, 0.5
    for on, sealed in ((0.4, True), (0.9, False)):
        decoder = LipDecoder(LipSettings(seal_on=on))
        gaps = mouth_geometry().gaps_mm(decoder.step(tracks, decoder.initial_state())[0][-1])
        assert bool(gaps.max() <= SEALED_MM) is sealed


@settings(max_examples=30)
@given(st.lists(st.integers(1, 17), min_size=1, max_size=8), st.integers(0, 2**31))
def test_any_split_gives_the_same_bits_and_the_old_state_stays(sizes: list[int], seed: int) -> None:
    tracks = np.random.default_rng(seed).random((sum(sizes), len(TRACKS))).astype(np.float32)
    decoder = LipDecoder()
    start = state = decoder.initial_state()
    whole, _ = decoder.step(tracks, start)
    parts, at = [], 0
    for size in sizes:
        out, state = decoder.step(tracks[at : at + size], state)
        parts.append(out)
        at += size
    assert np.array_equal(np.concatenate(parts), whole)
    assert start == decoder.initial_state()
