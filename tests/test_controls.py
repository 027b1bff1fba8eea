"""The last layer: gains, offsets, clamps and smoothing that never open a seal and never jump."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.core.channels import CHANNELS, INDEX, N_CHANNELS, NAMES
from facerig.core.mouth import mouth_geometry
from facerig.encoder.lips import LipDecoder
from facerig.encoder.tracks import CURVE_TRACKS, TRACKS
from facerig.errors import ConfigError
from facerig.performance.control.controls import ControlLayer, Controls, ControlState, CurveControl
from facerig.performance.control.groups import GROUP, HEIGHT
from facerig.performance.meeting import CROSSED_MM
from tests.streams import in_pieces

LOW, HIGH = (np.array([getattr(c, end) for c in CHANNELS], np.float32) for end in ("low", "high"))


def made_up(n: int, seed: int = 0, fps: float = 60.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frames, times and seals of nobody, inside every channel's range."""
    rng = np.random.default_rng(seed)
    frames = rng.uniform(0, 1, (n, N_CHANNELS)).astype(np.float32)
    frames[:, 52:] = (frames[:, 52:] - 0.5) * 0.6
    return frames, np.arange(n) / fps, np.round(rng.uniform(0, 1, n)).astype(np.float32)


def turned(controls: Controls, frames: np.ndarray, sealed: np.ndarray | None = None) -> np.ndarray:
    layer, n = ControlLayer(controls), len(frames)
    still = np.zeros(n, np.float32) if sealed is None else sealed
    return layer.step(frames, np.arange(n) / 60, still, layer.initial_state())[0]


def gap_mm(frames: np.ndarray) -> np.ndarray:
    return mouth_geometry().gaps_mm(frames.astype(np.float64))


def seals() -> np.ndarray:
    """What the lips stage gives for a seal, over every open shape; float32 [n, 61]."""
    tracks = np.zeros((8, len(TRACKS)), np.float32)
    tracks[:, TRACKS.index("seal")] = tracks[:, TRACKS.index("voice")] = 1
    shapes = [np.zeros(len(CURVE_TRACKS)), np.full(len(CURVE_TRACKS), 0.5)]
    shapes += [row * 0.8 for row in np.eye(len(CURVE_TRACKS))]
    decoder, out = LipDecoder(), []
    for shape in shapes:
        tracks[:, : len(CURVE_TRACKS)] = shape
        out.append(decoder.step(tracks, decoder.initial_state())[0][-1])
    return np.array(out)


controls_of_anyone = st.builds(
    Controls, upper_strength=st.floats(0, 3), lower_strength=st.floats(0, 3), lip_open_mm=st.floats(-1, 10),
    eyelid_open=st.floats(-0.8, 0.8), tongue_strength=st.floats(0, 3), blink_strength=st.floats(0, 1.5),
    lower_smoothing_secs=st.sampled_from([0.0, 0.02, 0.3]), mask_level=st.floats(0, 1),
    mask_softness=st.floats(0, 1),
    curves=st.dictionaries(
        st.sampled_from([*NAMES, "mouthSmile", "browDown"]),
        st.builds(CurveControl, gain=st.floats(0, 5), offset=st.floats(-1, 1), active=st.booleans(),
                  smoothing_secs=st.sampled_from([0.0, 0.1])), max_size=6))


def test_defaults_pass_every_bit() -> None:
    frames, times, sealed = made_up(50)
    layer = ControlLayer()
    out, _ = layer.step(frames, times, sealed, layer.initial_state())
    assert out is frames


def test_every_curve_has_a_height_and_a_group() -> None:
    assert np.isfinite(HEIGHT).all()
    assert {NAMES[i] for i in np.flatnonzero(GROUP == 1)} == {"eyeBlinkLeft", "eyeBlinkRight"}


def test_gain_offset_clamp_and_off() -> None:
    frames, _, _ = made_up(20)
    out = turned(Controls(curves={"browInnerUp": CurveControl(gain=0.5, offset=0.1, max=0.4),
                                  "noseSneer": CurveControl(active=False)}), frames)
    brow = INDEX["browInnerUp"]
    np.testing.assert_allclose(out[:, brow], np.minimum(frames[:, brow] * 0.5 + 0.1, 0.4), atol=1e-6)
    sneers = [INDEX["noseSneerLeft"], INDEX["noseSneerRight"]]
    assert not out[:, sneers].any()
    others = [i for i in range(N_CHANNELS) if i not in (brow, *sneers)]
    assert np.array_equal(out[:, others], frames[:, others])


def test_a_side_is_told_after_its_pair() -> None:
    frames = np.full((1, N_CHANNELS), 0.2, np.float32)
    both = Controls(curves={"mouthSmileLeft": CurveControl(gain=0.5), "mouthSmile": CurveControl(gain=2)})
    out = turned(both, frames)[0]
    assert out[INDEX["mouthSmileLeft"]] == pytest.approx(0.2)
    assert out[INDEX["mouthSmileRight"]] == pytest.approx(0.4)


def test_upper_and_lower_face_have_strengths_of_their_own() -> None:
    frames = np.full((1, N_CHANNELS), 0.2, np.float32)
    out = turned(Controls(upper_strength=2, lower_strength=0.5), frames)[0]
    doubled = {c.name for c, v in zip(CHANNELS, out, strict=True) if v == pytest.approx(0.4)}
    assert {"browInnerUp", "eyeSquintLeft", "eyeWideRight", "noseSneerLeft"} <= doubled
    assert out[INDEX["jawOpen"]] == pytest.approx(0.1)
    assert out[INDEX["eyeBlinkLeft"]] == out[INDEX["headYaw"]] == out[INDEX["tongueOut"]] == np.float32(0.2)


@pytest.mark.parametrize("lids", [-0.5, 0.3])
def test_lids_at_rest_open_or_droop_but_blinks_stay(lids: float) -> None:
    frames = np.zeros((2, N_CHANNELS), np.float32)
    blink, wide = INDEX["eyeBlinkLeft"], INDEX["eyeWideLeft"]
    frames[1, blink] = 1
    out = turned(Controls(eyelid_open=lids), frames)
    assert out[1, blink] == 1
    assert out[1, wide] == 0
    assert out[0, blink] == pytest.approx(max(0, -lids))
    assert out[0, wide] == pytest.approx(max(0, lids))


def test_lips_stand_as_many_millimetres_apart_as_asked() -> None:
    frames, _, _ = made_up(30, 3)
    frames *= 0.3
    out = turned(Controls(lip_open_mm=3), frames)
    np.testing.assert_allclose(gap_mm(out)[:, 2] - gap_mm(frames)[:, 2], 3, atol=1e-4)


@settings(max_examples=60, deadline=None)
@given(controls=controls_of_anyone)
def test_seals_stay_as_near_whatever_is_turned(controls: Controls) -> None:
    before = seals()
    mouth_off = controls.curves.get("mouthClose", CurveControl())
    if not mouth_off.active:  # the one way to say it
        return
    out = turned(controls, before, np.ones(len(before), np.float32))
    moved = gap_mm(out) - gap_mm(before)
    assert (moved <= 1e-3).all()  # no farther apart,
    assert (moved >= -CROSSED_MM - 1e-3).all()  # and not through each other
    assert (out >= LOW - 1e-6).all()
    assert (out <= HIGH + 1e-6).all()


def test_a_half_sealed_mouth_is_half_held() -> None:
    before = np.repeat(seals()[:1], 3, 0)
    out = turned(Controls(lip_open_mm=4), before, np.array([0, 0.5, 1], np.float32))
    np.testing.assert_allclose((gap_mm(out) - gap_mm(before))[:, 2], [4, 2, 0], atol=1e-3)


@settings(max_examples=40, deadline=None)
@given(first=controls_of_anyone, second=controls_of_anyone, sizes=st.lists(st.integers(0, 40), max_size=6),
       at=st.floats(0, 1.5), secs=st.sampled_from([0.0, 0.1, 0.7]))
def test_any_split_gives_the_same_bits(first: Controls, second: Controls, sizes: list[int], at: float,
                                       secs: float) -> None:
    frames, times, sealed = made_up(120)
    layer = ControlLayer(first)

    def run(cuts: list[int]) -> np.ndarray:
        state = layer.told(layer.initial_state(), at, second, secs)
        out = []
        for rows, t, s in zip(in_pieces(frames, cuts), in_pieces(times, cuts), in_pieces(sealed, cuts),
                              strict=True):
            shown, state = layer.step(rows, t, s, state)
            out.append(shown)
        return np.concatenate(out)

    assert np.array_equal(run([]), run(np.cumsum(sizes).tolist()))


@settings(max_examples=20, deadline=None)
@given(controls=controls_of_anyone, cut=st.integers(0, 60))
def test_the_future_changes_nothing(controls: Controls, cut: int) -> None:
    frames, times, sealed = made_up(60)
    other = frames.copy()
    other[cut:] = 0.5
    layer = ControlLayer(controls)
    a, _ = layer.step(frames, times, sealed, layer.initial_state())
    b, _ = layer.step(other, times, sealed, layer.initial_state())
    assert np.array_equal(a[:cut], b[:cut])


def test_a_change_at_run_time_is_smooth_and_arrives() -> None:
    frames = np.full((240, N_CHANNELS), 0.4, np.float32)
    times, still = np.arange(240) / 60, np.zeros(240, np.float32)
    layer = ControlLayer()
    state = layer.told(layer.initial_state(), 1.0, Controls(upper_strength=2, head_strength=0), 0.5)
    out, after = layer.step(frames, times, still, state)
    assert np.array_equal(out[times <= 1], frames[times <= 1])
    assert (out[times >= 1.5, INDEX["browInnerUp"]] == np.float32(0.8)).all()
    assert not out[times >= 1.5, INDEX["headYaw"]].any()
    assert np.abs(np.diff(out, axis=0)).max() < 0.03
    assert isinstance(after, ControlState)
    assert not after.line.keys  # what is over is forgotten


@pytest.mark.parametrize("fps", [24, 60, 120])
def test_smoothing_is_a_pole_in_time_not_in_frames(fps: int) -> None:
    times = np.arange(2 * fps) / fps
    frames = np.zeros((len(times), N_CHANNELS), np.float32)
    frames[times >= 0.5] = 0.8
    layer = ControlLayer(Controls(upper_smoothing_secs=0.25))
    out, _ = layer.step(frames, times, np.zeros(len(times), np.float32), layer.initial_state())
    brow = out[:, INDEX["browInnerUp"]]
    first = times[frames[:, 0] > 0][0] - 1 / fps  # the step is seen one frame after the last low one
    risen = times >= 0.5
    np.testing.assert_allclose(brow[risen], 0.8 * (1 - np.exp(-(times[risen] - first) / 0.25)), atol=1e-5)
    assert np.array_equal(out[:, INDEX["eyeBlinkLeft"]], frames[:, INDEX["eyeBlinkLeft"]])


def test_controls_over_controls() -> None:
    inner = {"browDown": CurveControl(gain=0.5, max=0.3), "jawOpen": CurveControl(gain=1.2)}
    both = Controls(curves={"browDown": CurveControl(gain=2, offset=0.1)}).with_curves(inner)
    frames, _, _ = made_up(40)
    out, one = turned(both, frames), INDEX["browDownLeft"]
    np.testing.assert_allclose(out[:, one], np.minimum(frames[:, one] * 0.5, 0.3) * 2 + 0.1, atol=1e-6)
    np.testing.assert_allclose(out[:, INDEX["jawOpen"]], np.minimum(frames[:, INDEX["jawOpen"]] * 1.2, 1),
                               atol=1e-6)


def test_mistakes_are_told() -> None:
    with pytest.raises(ConfigError, match="upper_strength"):
        Controls(upper_strength=9)
    with pytest.raises(ConfigError, match="not a curve"):
        Controls(curves={"mouthGrin": CurveControl()})
    with pytest.raises(ConfigError, match="lies above max"):
        CurveControl(min=0.5, max=0.2)
    with pytest.raises(ConfigError, match="length of a change"):
        ControlLayer().told(ControlLayer().initial_state(), 0, Controls(), float("nan"))
