"""Keys left out: lips, lids and angles stay within what is stated, on made-up faces and in speech."""

from __future__ import annotations

import time
import tracemalloc
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from facerig.animation import animate
from facerig.core.channels import INDEX, NAMES, SHAPE_NAMES
from facerig.core.curves import CurveClip
from facerig.core.mouth import mouth_geometry
from facerig.mesh.turns import quaternions
from facerig.sinks.exporter import CurveInfo, ExportInfo
from facerig.sinks.keys import (
    APART_MM,
    BLOCK_FRAMES,
    CONTACT_MM,
    EVENT_SHARE,
    EYES_DEGREES,
    HEAD_DEGREES,
    SEAL_MM,
    SHARE,
    SHUT,
    SLIVER_MM,
    UNSEEN_SHARE,
    kept_angles,
    kept_keys,
    kept_turns,
    shared_keys,
)
from facerig.sinks.thinning import on_arcs

FPS = Fraction(30)
INFO = ExportInfo(fps=FPS, sample_rate=48000)
SLACK = 1e-5
N_SHAPES = len(SHAPE_NAMES)


def clip_of(values: np.ndarray, fps: Fraction = FPS) -> CurveClip:
    return CurveClip(np.asarray(values, np.float32), fps, 48000)


def at_times(values: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """`values` sampled anew, as a program does it that plays them at another rate."""
    return np.stack([np.interp(frames, np.arange(len(values)), column) for column in values.T], 1)


def redrawn(values: np.ndarray, keys: list[np.ndarray]) -> np.ndarray:
    """Straight lines between the keys."""
    frames = np.arange(len(values))
    return np.stack([np.interp(frames, at, values[at, i]) for i, at in enumerate(keys)], 1)


class Mouth:
    """What a judge sees of a face."""

    def __init__(self, values: np.ndarray) -> None:
        self.gaps = mouth_geometry().gaps_mm(values)
        self.widest = self.gaps.max(1)
        self.teeth = mouth_geometry().teeth_mm(values)
        self.sealed = self.widest <= SEAL_MM
        self.contact = (self.teeth <= CONTACT_MM) & (self.gaps[:, 2] >= APART_MM)
        self.shut = values[:, [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]] >= SHUT


def check(source: np.ndarray, drawn: np.ndarray, tolerance_mm: float = 0.3) -> None:
    """All that `facerig.sinks.keys` promises."""
    before, after = Mouth(source), Mouth(drawn)
    assert np.abs(after.gaps - before.gaps).max() <= tolerance_mm + SLACK
    assert np.abs(after.teeth - before.teeth).max() <= tolerance_mm + SLACK
    assert (after.sealed == before.sealed).all()
    assert (after.contact >= before.contact).all()
    assert (after.shut >= before.shut).all()
    touching = before.widest <= 0
    assert (after.widest[touching] <= SLIVER_MM + SLACK).all()
    part = tolerance_mm / 0.3
    off = np.abs(drawn - source).max(0)
    assert off[:N_SHAPES].max() <= SHARE * part + SLACK
    assert off[N_SHAPES:N_SHAPES + 3].max() <= np.radians(HEAD_DEGREES) * part + SLACK
    assert off[N_SHAPES + 3:].max() <= np.radians(EYES_DEGREES) * part + SLACK


def faces(n: int, seed: int, speed: float = 1.0) -> np.ndarray:
    """A face that wanders over all ranges, with lips that often close: jaw and mouthClose hang together."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, 0.12 * speed, (n, len(NAMES))).cumsum(0) + rng.random(len(NAMES)) * 3
    values = np.abs((steps + 1) % 2 - 1)
    values[:, N_SHAPES:] = values[:, N_SHAPES:] * 2 - 1
    closed = rng.random(n) < 0.3
    values[closed, INDEX["mouthClose"]] = values[closed, INDEX["jawOpen"]]
    for name in ("mouthUpperUpLeft", "mouthUpperUpRight", "mouthLowerDownLeft", "mouthLowerDownRight",
                 "mouthFunnel", "mouthShrugUpper"):
        values[:, INDEX[name]] *= ~closed & (rng.random(n) < 0.5)
    return values.astype(np.float32)


@pytest.fixture(scope="module")
def talks(speech: Path) -> dict[Fraction, CurveClip]:
    """The bundled clip, acted, at 60 fps, and as frames of slower rates show it."""
    fast = animate(speech, fps=60, emotion="joy:0.6").values
    frames, rates = np.arange(len(fast)), map(Fraction, (24, 30, 60))
    return {fps: clip_of(at_times(fast, frames[:int(len(fast) * fps / 60)] * float(60 / fps)), fps)
            for fps in rates}


# --- curves of their own

@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 90), seed=st.integers(0, 2**16), speed=st.sampled_from([0.05, 0.3, 1.0]))
def test_random_faces_keep_lips_lids_and_angles(n: int, seed: int, speed: float) -> None:
    values = faces(n, seed, speed)
    keys = kept_keys(clip_of(values), INFO)
    check(values, redrawn(values, keys))
    for at in keys:
        assert at[0] == 0
        assert at[-1] == n - 1
        assert (np.diff(at) > 0).all()


@settings(max_examples=40, deadline=None)
@given(values=arrays(np.float32, st.tuples(st.integers(1, 24), st.just(len(NAMES))),
                     elements=st.sampled_from([0.0, 0.0, 0.5, 1.0, 0.013, 0.987])))
def test_jagged_faces_keep_them_too(values: np.ndarray) -> None:
    check(values, redrawn(values, kept_keys(clip_of(values), INFO)))


@pytest.mark.parametrize("tolerance_mm", [0.0, 0.05, 1.0])
def test_the_tolerance_is_what_is_asked_for(tolerance_mm: float, talks: dict[Fraction, CurveClip]) -> None:
    clip = talks[FPS]
    info = ExportInfo(fps=FPS, sample_rate=48000, tolerance_mm=tolerance_mm)
    check(clip.values, redrawn(clip.values, kept_keys(clip, info)), tolerance_mm)


@pytest.mark.parametrize(("fps", "most"), [("24", 0.20), ("30", 0.17), ("60", 0.10)])
def test_speech_keeps_its_looks_on_few_keys(fps: str, most: float, talks: dict[Fraction, CurveClip]) -> None:
    clip = talks[Fraction(fps)]
    keys = kept_keys(clip, INFO)
    check(clip.values, redrawn(clip.values, keys))
    assert sum(map(len, keys)) < most * clip.values.size


@pytest.mark.parametrize("rate", [24, 25, 30000 / 1001, 50, 120])
def test_no_seal_and_no_blink_is_lost_when_a_program_samples_anew(rate: float,
                                                                  talks: dict[Fraction, CurveClip]) -> None:
    clip = talks[Fraction(60)]
    keys = kept_keys(clip, INFO)
    there = np.arange(0, len(clip) - 1, 60 / rate)
    drawn = np.stack([np.interp(there, at, clip.values[at, i]) for i, at in enumerate(keys)], 1)
    source = at_times(clip.values, there)
    before, after = Mouth(source), Mouth(drawn)
    inside = [(a[np.floor(there).astype(int)] & a[np.ceil(there).astype(int)])
              for a in (Mouth(clip.values).sealed, Mouth(clip.values).shut.all(1))]
    assert after.sealed[inside[0]].all()
    assert after.shut[inside[1]].all()
    assert np.abs(after.gaps - before.gaps).max() <= 0.3 + SLACK
    assert inside[0].sum() > 10
    assert inside[1].sum() > 1


def test_a_seal_has_keys_where_it_begins_is_deepest_and_ends() -> None:
    values = np.zeros((40, len(NAMES)), np.float32)
    values[:, INDEX["jawOpen"]] = 0.3
    values[10:20, INDEX["mouthClose"]] = 0.3
    values[10:20, INDEX["mouthShrugLower"]] = np.sin(np.linspace(0.1, 3, 10)) * 0.02
    keys = kept_keys(clip_of(values), INFO)
    deepest = int(Mouth(values).widest[10:20].argmin()) + 10
    assert {10, deepest, 19} <= set(keys[INDEX["mouthShrugLower"]].tolist())
    assert {9, 10, 19, 20} <= set(keys[INDEX["mouthClose"]].tolist())
    assert len(keys[INDEX["jawOpen"]]) == 2


def test_a_blink_of_one_frame_stays() -> None:
    values = np.zeros((60, len(NAMES)), np.float32)
    values[28:33, INDEX["eyeBlinkLeft"]] = 0.4, 0.8, 0.905, 0.8, 0.4
    keys = kept_keys(clip_of(values), INFO)
    assert 30 in keys[INDEX["eyeBlinkLeft"]]
    assert redrawn(values, keys)[30, INDEX["eyeBlinkLeft"]] >= SHUT


def test_still_curves_have_two_keys_however_long() -> None:
    n = 3 * BLOCK_FRAMES
    values = np.full((n, len(NAMES)), 0.25, np.float32)
    assert all(at.tolist() == [0, n - 1] for at in kept_keys(clip_of(values), INFO))
    assert shared_keys(clip_of(values), INFO).size < 6
    assert [at.tolist() for at in kept_angles(values[:, :2], INFO)] == [[0, n - 1]] * 2


def test_blocks_join_without_a_seam() -> None:
    n = BLOCK_FRAMES + 700
    slow = np.sin(np.arange(n) / 90)[:, None] * 0.4 + 0.5
    values = np.zeros((n, len(NAMES)), np.float32)
    values[:, :N_SHAPES] = slow * np.linspace(0.2, 1, N_SHAPES)
    check(values, redrawn(values, kept_keys(clip_of(values), INFO)))


@pytest.mark.parametrize("n", [1, 2, 3])
def test_short_clips(n: int) -> None:
    values = faces(n, 1)
    info = ExportInfo(fps=FPS, sample_rate=48000, every_frame=True)
    for asked in (INFO, info):
        assert all({0, n - 1} <= set(at.tolist()) for at in kept_keys(clip_of(values), asked))
        assert {0, n - 1} <= set(shared_keys(clip_of(values), asked).tolist())
        assert {0, n - 1} <= set(kept_turns(np.tile([1.0, 0, 0, 0], (n, 1)), asked).tolist())


def test_every_frame_means_every_frame() -> None:
    values = np.zeros((20, len(NAMES)), np.float32)
    info = ExportInfo(fps=FPS, sample_rate=48000, every_frame=True)
    every = list(range(20))
    assert all(at.tolist() == every for at in kept_keys(clip_of(values), info))
    assert shared_keys(clip_of(values), info).tolist() == every
    assert kept_turns(np.tile([1.0, 0, 0, 0], (20, 1)), info).tolist() == every
    assert all(at.tolist() == every for at in kept_angles(np.zeros((20, 3)), info))


# --- rigs

def rig_clip(face: np.ndarray, columns: dict[str, np.ndarray]) -> CurveClip:
    values = np.stack(list(columns.values()), 1).astype(np.float32)
    return CurveClip(values, FPS, 48000, 0, tuple(columns), clip_of(face))


def test_other_names_and_ranges_of_the_same_face_are_measured_alike(talks: dict[Fraction, CurveClip]) -> None:
    face = talks[FPS].values
    clip = rig_clip(face, {f"{name}_100": face[:, i] * 100 for i, name in enumerate(SHAPE_NAMES)})
    info = ExportInfo(fps=FPS, sample_rate=48000, names=clip.names, curves={
        f"{name}_100": CurveInfo(low=0, high=100, pose={name: 0.01}) for name in SHAPE_NAMES})
    drawn = np.array(face)
    drawn[:, :N_SHAPES] = redrawn(clip.values, kept_keys(clip, info)) / 100
    check(face, drawn)


def test_a_curve_that_nobody_can_measure_keeps_every_event(talks: dict[Fraction, CurveClip]) -> None:
    face = talks[FPS].values
    mouth = Mouth(face)
    odd = np.tanh(face[:, INDEX["jawOpen"]] * 2 - face[:, INDEX["mouthClose"]]) + np.arange(len(face)) * 1e-4
    clip = rig_clip(face, {"CTRL_odd": odd, "CTRL_still": np.full(len(face), 0.2)})
    info = ExportInfo(fps=FPS, sample_rate=48000, names=clip.names,
                      curves={name: CurveInfo(low=-1, high=1) for name in clip.names})
    keys = kept_keys(clip, info)
    for event in (mouth.sealed, mouth.contact, mouth.shut[:, 0]):
        edges = np.flatnonzero(np.diff(event.astype(int)) == 1) + 1
        assert set(edges.tolist()) <= set(keys[0].tolist())
    assert len(edges) > 0
    assert len(keys[1]) == 2
    assert len(keys[0]) < 0.9 * len(face)
    off = np.abs(redrawn(clip.values, keys)[:, 0] - clip.values[:, 0])
    assert off.max() <= UNSEEN_SHARE * np.ptp(odd) + SLACK
    assert off[mouth.sealed | mouth.contact].max() <= UNSEEN_SHARE * EVENT_SHARE * np.ptp(odd) + SLACK


def test_curves_without_a_face_behind_them_are_thinned_by_their_share() -> None:
    wave = np.sin(np.linspace(0, 6, 80)).astype(np.float32)[:, None] * 0.5 + 0.5
    clip = CurveClip(wave, FPS, 48000, 0, ("custom",))
    info = ExportInfo(fps=FPS, sample_rate=48000, names=("custom",), curves={"custom": CurveInfo()})
    keys = kept_keys(clip, info)
    assert len(keys[0]) < 40
    assert np.abs(redrawn(wave, keys) - wave).max() <= UNSEEN_SHARE


# --- one time axis, and joints

@settings(max_examples=15, deadline=None)
@given(n=st.integers(1, 80), seed=st.integers(0, 2**16), speed=st.sampled_from([0.02, 0.2]))
def test_keys_that_all_curves_share(n: int, seed: int, speed: float) -> None:
    values = faces(n, seed, speed)
    at = shared_keys(clip_of(values), INFO)
    check(values, redrawn(values, [at] * len(NAMES)))


def test_speech_on_one_time_axis(talks: dict[Fraction, CurveClip]) -> None:
    clip = talks[Fraction(60)]
    at = shared_keys(clip, INFO)
    check(clip.values, redrawn(clip.values, [at] * len(NAMES)))
    assert len(at) < 0.65 * len(clip)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 120), seed=st.integers(0, 2**16),
       degrees=st.sampled_from([HEAD_DEGREES, EYES_DEGREES]))
def test_turns_stay_within_their_angle(n: int, seed: int, degrees: float) -> None:
    rng = np.random.default_rng(seed)
    turns = quaternions(rng.normal(0, 0.02, (n, 3)).cumsum(0))
    turns[rng.random(n) < 0.3] *= -1  # the same turns by other names
    at = kept_turns(turns, INFO, degrees)
    kept = np.isin(np.arange(n), at)
    between = np.array([_slerped(turns, at, k) for k in range(n)])
    off = 2 * np.arccos(np.clip(np.abs((between * turns).sum(1)), 0, 1))
    assert np.degrees(off).max() <= degrees + 1e-5
    assert np.isfinite(on_arcs(turns, kept)).all()


def _slerped(turns: np.ndarray, at: np.ndarray, frame: int) -> np.ndarray:
    """As glTF says it: along the shorter arc."""
    after = int(np.searchsorted(at, frame))
    if at[after] == frame:
        return np.asarray(turns[frame])
    a, b = turns[at[after - 1]], turns[at[after]]
    share = (frame - at[after - 1]) / (at[after] - at[after - 1])
    cosine = float(a @ b)
    angle = np.arccos(min(abs(cosine), 1.0))
    if np.sin(angle) < 1e-9:
        return np.asarray(a)
    out = np.sin((1 - share) * angle) / np.sin(angle) * a
    return np.asarray(out + np.copysign(1, cosine) * np.sin(share * angle) / np.sin(angle) * b)


def test_a_head_that_turns_evenly_needs_two_keys() -> None:
    turns = quaternions(np.linspace(0, 1, 100)[:, None] * [0.8, 0.0, 0.0])
    assert kept_turns(turns, INFO).tolist() == [0, 99]
    assert [at.tolist() for at in kept_angles(np.linspace(0, 1, 100)[:, None], INFO)] == [[0, 99]]


# --- cost

def test_a_minute_is_thinned_in_a_moment(talks: dict[Fraction, CurveClip]) -> None:
    clip = talks[Fraction(60)]
    values = np.tile(clip.values, (9, 1))[:3600]
    began = time.process_time()
    kept_keys(clip_of(values, Fraction(60)), INFO)
    assert time.process_time() - began < 2  # 0.3 s on a core of its own


def test_hours_need_memory_for_their_values_and_little_more(monkeypatch: pytest.MonkeyPatch,
                                                            talks: dict[Fraction, CurveClip]) -> None:
    monkeypatch.setattr("facerig.sinks.keys.BLOCK_FRAMES", 64)
    piece = talks[FPS].values

    def peak_bytes(times: int) -> int:
        clip = clip_of(np.tile(piece, (times, 1)))
        tracemalloc.start()
        kept_keys(clip, INFO)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    short, long = peak_bytes(1), peak_bytes(5)
    assert long - short < 4 * piece.size * 10  # bytes a value: masks of what is kept, measures of the mouth
