"""Lips in millimetres: seals seal, f and v touch, speech opens, silence rests."""

from __future__ import annotations

import pickle

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from facerig.core.channels import CHANNELS, INDEX
from facerig.core.mouth import mouth_geometry
from facerig.encoder import closures
from facerig.encoder.closures import HOLD_KNOTS, PRESSURE_PUFF
from facerig.encoder.lips import HUSHED, LipDecoder, LipSettings
from facerig.encoder.opening import (
    LOUDER,
    SOFTER,
    TONGUE_BEHIND,
    TONGUE_BETWEEN,
    TONGUE_ROOM,
    TONGUE_TRACK,
    opened,
)
from facerig.encoder.tracks import N_CURVE_TRACKS, TRACKS

SEALED_MM, CROSSED_MM, CONTACT_MM, APART_MM = 1.0, -3.0, 2.5, 1.2  # as lips are judged
SHAPES = arrays(np.float32, (N_CURVE_TRACKS,), elements=st.floats(-0.5, 1.5, width=32))
EFFORTS = st.floats(-1, 1)
JAW, TONGUE, PUFF = INDEX["jawOpen"], INDEX["tongueOut"], INDEX["cheekPuff"]


def shaped(**tracks: float) -> np.ndarray:
    """A shape of these tracks, the others at 0 [N_CURVE_TRACKS]."""
    return np.array([tracks.get(name, 0.0) for name in TRACKS[:N_CURVE_TRACKS]], np.float32)


def held(shape: np.ndarray, *, seal: float = 0, contact: float = 0, voice: float = 1, effort: float = 0,
         hush: float = 0) -> np.ndarray:
    """The curves after 0.4 s of the same tracks [61]."""
    row = np.concatenate([shape, [seal, contact, voice, effort, hush]])
    tracks = np.tile(row.astype(np.float32), (40, 1))
    decoder = LipDecoder()
    return np.asarray(decoder.step(tracks, decoder.initial_state())[0][-1])


@given(SHAPES, EFFORTS, st.floats(0, 1))
def test_a_seal_closes_the_whole_lip(shape: np.ndarray, effort: float, hush: float) -> None:
    gaps = mouth_geometry().gaps_mm(held(shape, seal=1, effort=effort, hush=hush))
    assert gaps.max() <= SEALED_MM
    assert gaps.max() > CROSSED_MM


@given(SHAPES, EFFORTS)
def test_f_and_v_touch_the_teeth_and_stay_apart(shape: np.ndarray, effort: float) -> None:
    values = held(shape, contact=1, effort=effort)
    assert mouth_geometry().teeth_mm(values) <= CONTACT_MM
    assert mouth_geometry().gaps_mm(values)[2] >= APART_MM


@given(SHAPES, EFFORTS)
def test_other_speech_never_seals(shape: np.ndarray, effort: float) -> None:
    assert mouth_geometry().gaps_mm(held(shape, effort=effort)).max() > SEALED_MM + 0.5


@given(SHAPES)
def test_a_closure_that_is_not_decided_leaves_the_lips_apart(shape: np.ndarray) -> None:
    assert mouth_geometry().gaps_mm(held(shape, seal=LipSettings().seal_on - 0.01)).max() > SEALED_MM


@given(SHAPES, EFFORTS)
def test_effort_scales_the_open_shape_and_nothing_else(shape: np.ndarray, effort: float) -> None:
    normal, scaled = (opened(shape[None], 1.25, np.array([e], np.float32))[0] for e in (0, effort))
    seen = normal > 1e-6  # the least numbers that there are have no ratios
    ratio = scaled[seen] / normal[seen]
    assert ratio.max(initial=1) <= 1 + LOUDER + 1e-4
    assert ratio.min(initial=1) >= 1 - SOFTER - 1e-4
    assert scaled[-1] == normal[-1]  # the tongue
    loud, calm = (held(shape, seal=1, effort=e)[JAW] for e in (effort, 0))
    assert abs(loud - calm) < 0.05  # within the closure's own range


def test_a_shout_opens_wider_and_a_whisper_less() -> None:
    jaws = [held(shaped(jawOpen=0.25), effort=effort)[JAW] for effort in (-1, 0, 1)]
    assert jaws[0] < 0.9 * jaws[1]
    assert jaws[2] > 1.15 * jaws[1]
    still = LipDecoder(LipSettings(effort=0))
    tracks = np.array([[*shaped(jawOpen=0.25), 0, 0, 1, 1, 0]] * 40, np.float32)
    assert still.step(tracks, still.initial_state())[0][-1, JAW] == jaws[1]


def test_vowels_open_and_consonants_do_not_hang_ajar() -> None:
    a, s = (held(shaped(jawOpen=jaw))[JAW] for jaw in (0.27, 0.13))  # what the networks say of them
    assert 0.35 <= a <= 0.5
    assert s <= 0.14


@given(SHAPES, st.floats(0, 1), st.floats(0, 1))
def test_the_tongue_stays_behind_the_teeth_or_goes_between_them(
        shape: np.ndarray, tongue: float, voice: float) -> None:
    shape[TRACKS.index("tongueOut")] = tongue
    free = held(shape)
    if tongue <= TONGUE_TRACK[2]:
        assert free[TONGUE] <= TONGUE_BEHIND + 1e-6
    if tongue >= TONGUE_TRACK[3]:
        assert free[TONGUE] >= TONGUE_BETWEEN - 1e-6
        assert free[JAW] >= TONGUE_ROOM - 1e-6
    faint = held(shape, voice=voice)
    if faint[JAW] < 0.5 * TONGUE_ROOM:
        assert faint[TONGUE] <= TONGUE_BEHIND + 1e-6
    assert held(shape, seal=1)[TONGUE] == 0
    assert held(shape, contact=1)[TONGUE] == 0


def test_a_long_silent_closure_puffs_the_cheeks_and_a_murmured_one_does_not() -> None:
    assert held(shaped(jawOpen=0.1), seal=1, hush=0)[PUFF] == 0
    assert held(shaped(jawOpen=0.1), seal=1, hush=1)[PUFF] == 0  # 0.4 s: a pause
    tracks = np.zeros((30, len(TRACKS) + 2), np.float32)
    tracks[:, TRACKS.index("voice")] = 1
    tracks[:15, TRACKS.index("seal")] = tracks[:, -1] = 1
    decoder = LipDecoder()
    puff = decoder.step(tracks, decoder.initial_state())[0][:, PUFF]
    assert 0 < puff[3] < puff[14] == np.float32(PRESSURE_PUFF)
    assert puff[15 + HOLD_KNOTS] == 0
    tracks[:8, -1] = 0  # an m before a pause
    assert decoder.step(tracks, decoder.initial_state())[0][:, PUFF].max() == 0


@given(SHAPES, st.floats(0, 1), st.floats(0, 1))
def test_silence_is_at_rest(shape: np.ndarray, seal: float, contact: float) -> None:
    assert np.abs(held(shape, seal=seal, contact=contact, voice=0)).max() == 0


@given(SHAPES, st.floats(0, 0.3))
def test_hush_that_lasts_is_a_pause_and_a_closure_of_150_ms_is_not(shape: np.ndarray, seal: float) -> None:
    assert np.abs(held(shape, seal=seal, voice=0.9, hush=1)).max() == 0
    assert np.array_equal(held(shape, voice=0.9, hush=HUSHED - 0.01), held(shape, voice=0.9))
    assert np.array_equal(held(shape, hush=1), held(shape))  # a vowel that trails off
    tracks = np.zeros((60, len(TRACKS) + 2), np.float32)
    tracks[:, :N_CURVE_TRACKS], tracks[:, TRACKS.index("voice")] = shape, 0.9
    without = LipDecoder()
    calm = without.step(tracks, without.initial_state())[0]
    for knots, same in ((15, True), (30, False)):
        tracks[:, -1] = 0
        tracks[20 : 20 + knots, -1] = 1
        decoder = LipDecoder()
        assert np.array_equal(decoder.step(tracks, decoder.initial_state())[0], calm) is same


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
    tracks = np.random.default_rng(seed).random((sum(sizes), len(TRACKS) + 2)).astype(np.float32)
    decoder = LipDecoder()
    start = state = decoder.initial_state()
    whole, _ = decoder.step(tracks, start)
    parts, at = [], 0
    for size in sizes:
        out, state = decoder.step(tracks[at : at + size], state)
        parts.append(out)
        at += size
    assert np.array_equal(np.concatenate(parts), whole)
    assert pickle.dumps(start) == pickle.dumps(decoder.initial_state())


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 9), st.integers(0, 99))
def test_streams_side_by_side_have_the_bits_they_have_alone(streams: int, seed: int) -> None:
    tracks = np.random.default_rng(seed).random((streams, 31, len(TRACKS) + 2)).astype(np.float32)
    decoder = LipDecoder()
    together, state = [], decoder.initial_state(streams)
    for piece in np.split(tracks, [7, 8, 20], 1):
        curves, cues, state = decoder.decode(piece, state)
        together.append(np.concatenate([curves, cues], 2))
    for one, joined in zip(tracks, np.concatenate(together, 1), strict=True):
        curves, cues, _ = decoder.decode(one[None], decoder.initial_state())
        assert np.concatenate([curves[0], cues[0]], 1).tobytes() == joined.tobytes()


def seal_tracks(p: np.ndarray) -> np.ndarray:
    """Tracks of somebody who speaks with an open mouth, and these probabilities of a seal."""
    tracks = np.zeros((len(p), len(TRACKS)), np.float32)
    tracks[:, TRACKS.index("jawOpen")], tracks[:, TRACKS.index("voice")] = 0.3, 1.0
    tracks[:, TRACKS.index("seal")] = p
    return tracks


def sealed_knots(p: list[float], **settings: float | bool) -> np.ndarray:
    decoder = LipDecoder(LipSettings(**settings))
    tracks = seal_tracks(np.array([0.0] * 10 + p + [0.0] * 10, np.float32))
    values, _ = decoder.step(tracks, decoder.initial_state())
    return np.flatnonzero(mouth_geometry().gaps_mm(values).max(1) <= 1.0)


def test_a_sure_closure_waits_for_its_peak_and_a_doubtful_one_is_still_made() -> None:
    sure, doubtful = [0.3, 0.6, 0.9, 1.0, 1.0, 0.7, 0.4], [0.1, 0.2, 0.3, 0.3, 0.2, 0.1]
    plain = sealed_knots(sure, seal_on=0.25, sharpen=False)
    sharp = sealed_knots(sure, seal_on=0.25)
    assert sharp[0] > plain[0]  # not in the vowel before
    assert sharp[-1] <= plain[-1]
    assert len(sealed_knots(doubtful, seal_on=0.25)) >= 3


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=60))
def test_edges_next_to_peaks_never_raise_a_probability(p: list[float]) -> None:
    whole = np.array(p, np.float32)
    silence = np.zeros(closures.PEAK_KNOTS, np.float32)
    for sharp in (closures.beside_peaks(whole), closures.sharpened(whole, silence, 0.3)):
        assert (sharp <= whole).all()
    at_peak = closures.beside_peaks(whole)[np.argmax(whole)]
    assert at_peak >= min(float(whole.max()), closures.DOUBTFUL) - 1e-6  # no doubtful closure is lost
