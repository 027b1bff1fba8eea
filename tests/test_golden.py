"""The bundled clip animates as it did, and nothing that matters falls between two frames at any rate."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import ceil, floor
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

import facerig
from facerig.core.channels import NAMES
from facerig.core.curves import CurveClip
from facerig.core.mouth import mouth_geometry
from facerig.encoder.lips import LipDecoder
from facerig.encoder.tracks import TRACKS
from facerig.hearing import Hearing
from facerig.performance.frames import FrameClock
from facerig.performance.settings import Performance
from tests.goldens import make

TOLERANCE = 1e-4  # over platforms
KNOT = Fraction(1, 100)  # s
FRAME_RATES = [Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(60), Fraction(120)]
SEALED_MM = 1.0  # lips count as closed along the whole lip
SHUT = 0.9  # of a lid that a full blink closes

Array = NDArray[np.float32]
Run = tuple[int, int]  # first and last knot


def test_the_bundled_clip_animates_as_it_did() -> None:
    golden, model = make.load(), make.model_now()
    if golden.model_sha256 != model:
        pytest.fail(f"the golden is of model {golden.model_sha256[:12]}, the one that ships is {model[:12]}; "
                    f"if it was replaced on purpose: {make.COMMAND}")
    clip = make.clip_now()
    assert len(clip) == len(golden.values)
    for i, name in enumerate(golden.names):
        apart = np.abs(clip[name] - golden.values[:, i])
        assert apart.max() <= TOLERANCE, f"{name}, frame {apart.argmax()}; if it is meant: {make.COMMAND}"
    at_rest = [name for name in NAMES if name not in golden.names]
    assert all(np.abs(clip[name]).max() <= TOLERANCE for name in at_rest)


def test_the_golden_speaks_closes_and_blinks_and_is_small() -> None:
    golden = make.load()
    assert make.GOLDEN.stat().st_size < 60 * 1024
    for name, least in (("jawOpen", 0.2), ("mouthClose", 0.02), ("mouthPucker", 0.2), ("eyeBlinkLeft", 0.9)):
        assert golden.values[:, golden.names.index(name)].max() > least


def runs(true: NDArray[np.bool_]) -> list[Run]:
    """First and last index of each run of True."""
    edges = np.diff(np.concatenate([[False], true, [False]]).astype(np.int8))
    firsts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return list(zip(firsts.tolist(), (ends - 1).tolist(), strict=True))


def during(fps: Fraction, run: Run) -> slice:
    """The frames after the knot before a run and before the knot after it."""
    first, stop = (run[0] - 1) * KNOT * fps, (run[1] + 1) * KNOT * fps
    return slice(max(0, floor(first) + 1), ceil(stop))


def lip_knots(tracks: Array) -> tuple[Array, list[Run]]:
    """Curves at 100 Hz, and from which knot to which lips are together that a closure brings there."""
    lips, out, complete = LipDecoder(), [], []
    state = lips.initial_state()
    for knot in tracks:
        values, state = lips.step(knot[None], state)
        out.append(values)
        complete.append(min(state.seal, state.voice) >= 1.0)
    curves = np.concatenate(out)
    together = runs(mouth_geometry().gaps_mm(curves).max(1) <= SEALED_MM)
    closed = [run for run in together if np.any(complete[run[0] : run[1] + 1])]
    return curves, closed


def frames_of(knots: Array, fps: Fraction) -> Array:
    clock = FrameClock(fps)
    return clock.step(knots, clock.initial_state())[0]


def unseen(frames: Array, fps: Fraction, closures: list[Run]) -> list[Run]:
    """Closures that no frame shows with the lips sealed along their whole length."""
    sealed = mouth_geometry().gaps_mm(frames).max(1) <= SEALED_MM
    return [run for run in closures if not sealed[during(fps, run)].any()]


@pytest.fixture(scope="module")
def spoken(speech: Path) -> tuple[Array, list[Run]]:
    """The lips of the bundled clip at 100 knots a second, by the stages of a session."""
    audio, rate = soundfile.read(speech, dtype="float32")
    return lip_knots(Hearing(rate, "live").tracks(audio))


@pytest.mark.parametrize("fps", FRAME_RATES, ids=str)
def test_every_closure_of_the_clip_shows_on_a_frame(fps: Fraction, spoken: tuple[Array, list[Run]]) -> None:
    knots, closures = spoken
    assert closures
    assert not unseen(frames_of(knots, fps), fps, closures)


@pytest.mark.parametrize("fps", FRAME_RATES, ids=str)
def test_the_shortest_closure_shows_wherever_it_falls_between_frames(fps: Fraction) -> None:
    tracks = np.zeros((3000, len(TRACKS)), np.float32)
    tracks[:, TRACKS.index("jawOpen")] = np.random.default_rng(0).uniform(0.1, 1.0, len(tracks))
    tracks[:, TRACKS.index("voice")] = 1
    tracks[20::31, TRACKS.index("seal")] = 1  # a single knot, at every phase of every rate
    knots, closures = lip_knots(tracks)
    assert len(closures) == len(tracks[20::31])
    assert not unseen(frames_of(knots, fps), fps, closures[:-1])


@cache
def animated(speech: Path, fps: Fraction, seed: int) -> CurveClip:
    alone = Performance(layers={"emotion": 0, "gaze": 0})  # they move the lids too
    return facerig.animate(speech, fps=fps, seed=seed, performance=alone)


@pytest.mark.parametrize("seed", [0, 5])
@pytest.mark.parametrize("fps", FRAME_RATES, ids=str)
def test_every_blink_of_the_clip_shows_in_full_on_a_frame(fps: Fraction, seed: int, speech: Path) -> None:
    knots, clip = animated(speech, 1 / KNOT, seed), animated(speech, fps, seed)  # at 100 fps frames are knots
    for lid in ("eyeBlinkLeft", "eyeBlinkRight"):
        blinks = runs(knots[lid] > SHUT)
        assert blinks
        for first, last in blinks:
            shown = clip[lid][during(fps, (first, last))]
            assert shown.max() == pytest.approx(knots[lid][first : last + 1].max(), abs=1e-6)
