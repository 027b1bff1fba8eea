"""The emotion layer: what is told and heard shows, alive, in range, whatever the split; and never a jump."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.core.channels import CHANNELS, INDEX, N_CHANNELS
from facerig.core.cues import CUE
from facerig.core.mouth import mouth_geometry
from facerig.errors import ConfigError
from facerig.performance.emotion.layer import EmotionLayer, EmotionSettings
from facerig.performance.emotion.mixture import Feeling, parse_feeling
from facerig.performance.emotion.poses import CURVES, EMOTION, EMOTIONS, HEAD, POSTURES
from facerig.performance.emotion.space import POINTS
from tests.layers import moments, silent_cues, spoken_cues

FPS = 60
SMILE, BROWS, SQUINT = INDEX["mouthSmileLeft"], INDEX["browOuterUpLeft"], INDEX["eyeSquintLeft"]
STILL = EmotionSettings(drift=0.0, relaxation=0.0)
Told = Sequence[tuple[float, str, float | None]]  # at, feeling, transition


def drawn(layer: EmotionLayer, cues: np.ndarray, feeling: str = "none", told: Told = (),
          cuts: Sequence[int] = (), fps: int = FPS, eager: bool = False
          ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Curves, moods at the frames and moods at the knots of a whole stream."""
    state = layer.initial_state(parse_feeling(feeling))
    for at, other, secs in told:
        state = layer.told(state, at, parse_feeling(other), secs)
    out = []
    for moment in moments(cues, fps, cuts, eager=eager):
        values, mood, state = layer.step(moment, state)
        out.append((values, mood.frames, mood.knots))
    values, frames, knots = (np.concatenate(parts) for parts in zip(*out, strict=True))
    return values, frames, knots


def heard_cues(secs: float, **heard: float) -> np.ndarray:
    """Silence in which a voice with this emotion is heard from 1 s on."""
    cues = silent_cues(secs)
    for name, value in heard.items():
        cues[100:, CUE[f"heard_{name}"]] = value
    return cues


def lively_cues(secs: float, seed: int) -> np.ndarray:
    cues = spoken_cues(secs, seed)
    rng = np.random.default_rng(seed)
    for name in ("heard_joy", "heard_anger", "heard_sadness", "heard_arousal", "heard_valence", "effort"):
        cues[:, CUE[name]] = np.interp(np.arange(len(cues)), np.arange(0, len(cues) + 50, 50),
                                       rng.uniform(0, 0.33, len(cues) // 50 + 1))
    cues[len(cues) // 2: len(cues) * 3 // 4] = 0
    return cues


TOLD: Told = ((0.7, "anger:0.8,fear:0.2", 0.5),
              (1.9, "brows=surprise;mouth=joy:0.5", 0.0), (2.0, "none", 1.0))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 400), max_size=8), st.integers(0, 50),
       st.sampled_from([24, 25, 30, 60, 120]), st.booleans())
def test_any_split_gives_the_same_bits(cuts: list[int], seed: int, fps: int, eager: bool) -> None:
    layer, cues = EmotionLayer(seed), lively_cues(4.0, seed)
    whole = drawn(layer, cues, "sadness:0.4", TOLD, fps=fps)
    pieces = drawn(layer, cues, "sadness:0.4", TOLD, cuts, fps, eager)
    assert all(np.array_equal(a, b) for a, b in zip(whole, pieces, strict=True))


@settings(max_examples=25, deadline=None)
@given(st.integers(3, 390), st.integers(0, 50))
def test_later_knots_never_change_earlier_frames(kept: int, seed: int) -> None:
    layer, cues = EmotionLayer(seed), lively_cues(4.0, seed)
    other = np.concatenate([cues[:kept], 1 - cues[kept:]])
    n = int((kept - 1) * FPS / 100) + 1  # frames at or before the last knot that is the same
    (a, moods_a, knots_a), (b, moods_b, knots_b) = (drawn(layer, c, "joy:0.5", TOLD) for c in (cues, other))
    assert np.array_equal(a[:n], b[:n])
    assert np.array_equal(moods_a[:n], moods_b[:n])
    assert np.array_equal(knots_a[:kept], knots_b[:kept])
    assert not np.array_equal(a, b)


@settings(max_examples=25, deadline=None)
@given(st.integers(5, 390), st.integers(0, 50))
def test_what_is_told_later_never_changes_earlier_frames(at: int, seed: int) -> None:
    layer, cues = EmotionLayer(seed), lively_cues(4.0, seed)
    before, after = (drawn(layer, cues, "joy:0.5", told)[0] for told in ((), ((at / 100, "fear", 0.3),)))
    n = int(at * FPS / 100)
    assert np.array_equal(before[:n], after[:n])
    assert not np.array_equal(before, after)


def test_telling_at_the_time_or_ahead_is_the_same() -> None:
    layer, cues = EmotionLayer(3), lively_cues(4.0, 3)
    ahead = drawn(layer, cues, "joy:0.5", TOLD[:1])[0]
    state, out = layer.initial_state(parse_feeling("joy:0.5")), []
    for k, moment in enumerate(moments(cues, FPS, [60, 200])):
        if k == 1:  # frames up to 0.58 s are drawn
            at, text, secs = TOLD[0]
            state = layer.told(state, at, parse_feeling(text), secs)
        values, _, state = layer.step(moment, state)
        out.append(values)
    assert np.array_equal(np.concatenate(out), ahead)


@pytest.mark.parametrize("name", EMOTIONS)
def test_intensity_is_monotone_and_full_is_full(name: str) -> None:
    cues, last = lively_cues(2.0, 1), 0.0
    cues[:, [CUE[f"heard_{one}"] for one in ("joy", "anger", "sadness")]] = 0
    layer, pose = EmotionLayer(1), CURVES[EMOTION[name]] > 0
    for amount in (0.0, 0.1, 0.3, 0.6, 0.61, 1.0):
        values = drawn(layer, cues, f"{name}:{amount}")[0][:, pose]
        assert np.all(values >= last - 1e-6)  # of each curve, at each time
        last = values
    plain = drawn(EmotionLayer(1, STILL), silent_cues(1.0), name)[0]
    shown = CURVES[EMOTION[name]].copy()
    shown[list(HEAD)] = POSTURES[EMOTION[name]]
    assert np.allclose(plain, shown, atol=1e-6)


def test_a_told_emotion_is_full_whatever_the_voice_and_its_strength() -> None:
    cues = heard_cues(4.0, anger=1.0)
    for strength in (0.0, 0.6, 1.0):
        layer = EmotionLayer(0, EmotionSettings(drift=0, relaxation=0, strength=strength))
        assert np.allclose(drawn(layer, cues, "joy")[0][-1, :52], CURVES[EMOTION["joy"], :52], atol=1e-6)


def test_the_voice_fills_what_is_left_open() -> None:
    joy, cues = CURVES[EMOTION["joy"], SMILE], heard_cues(6.0, joy=1.0)

    def smile(feeling: str, **kwargs: float) -> float:
        layer = EmotionLayer(0, EmotionSettings(drift=0, relaxation=0, strength=1.0, voice=1.0, **kwargs))
        return float(drawn(layer, cues, feeling)[0][-1, SMILE] / joy)

    assert smile("none") == pytest.approx(1, abs=1e-3)
    assert smile("neutral:0.5") == pytest.approx(0.5, abs=1e-3)
    assert smile("neutral") == 0
    assert smile("mouth=neutral") == 0
    assert smile("brows=neutral") == pytest.approx(1, abs=1e-3)
    assert smile("neutral:0.5", preferred=1.0) == 0
    assert smile("neutral:0.25", preferred=0.0) == pytest.approx(0.75, abs=1e-3)
    assert smile("neutral:0.5", preferred=0.0) == pytest.approx(0.5, abs=1e-3)
    assert smile("none", contrast=3.0) == pytest.approx(1, abs=1e-3)


def test_strength_voice_contrast_and_max_emotions_weigh_the_heard() -> None:
    cues = heard_cues(6.0, joy=0.5, anger=0.3, sadness=0.1)

    def shown(**kwargs: float) -> dict[str, float]:
        layer = EmotionLayer(0, EmotionSettings(drift=0, relaxation=0, posture=0, **kwargs))
        last = drawn(layer, cues)[0][-1].astype(np.float64)
        table = CURVES[[EMOTION[name] for name in ("joy", "anger", "sadness")]].T
        shares = np.linalg.lstsq(table, last, rcond=None)[0]
        return dict(zip(("joy", "anger", "sadness"), shares, strict=True))

    full = shown(strength=1.0, voice=1.0)
    assert full == pytest.approx({"joy": 0.5, "anger": 0.3, "sadness": 0.1}, abs=1e-3)
    assert shown(strength=0.5, voice=1.0)["joy"] == pytest.approx(0.25, abs=1e-3)
    assert shown(strength=1.0, voice=0.5)["joy"] == pytest.approx(0.25, abs=1e-3)
    assert shown(voice=0.0)["joy"] == pytest.approx(0, abs=1e-6)
    sharp, blunt = (shown(strength=1.0, voice=1.0, contrast=x) for x in (2.0, 0.5))
    assert sharp["joy"] > full["joy"] > blunt["joy"]
    assert sharp["sadness"] < full["sadness"] < blunt["sadness"]
    two = shown(strength=1.0, voice=1.0, max_emotions=2)
    assert two["sadness"] == pytest.approx(0, abs=1e-6)
    assert two["joy"] == pytest.approx(0.4, abs=1e-3)


def test_live_blend_smooths_the_heard() -> None:
    cues = heard_cues(4.0, joy=1.0)
    fast, slow = (drawn(EmotionLayer(0, EmotionSettings(live_blend=x)), cues)[0][:, SMILE]
                  for x in (0.0, 0.95))
    assert fast[FPS + 3] > 0.9 * fast.max()
    assert np.abs(np.diff(slow)).max() < 0.02
    assert slow[-1] > 0.6 * fast[-1]


@pytest.mark.parametrize("fps", [24, 60])
@pytest.mark.parametrize("told", [TOLD[:1],
                                  [(1.0, "surprise", 0.4), (1.1, "anger", 0.4), (1.2, "none", 0.4)]])
def test_never_a_jump(told: Told, fps: int) -> None:
    values = drawn(EmotionLayer(2), silent_cues(4.0), "joy", told, fps=fps)[0]
    assert np.abs(np.diff(values, axis=0)).max() * fps < 1.6 / 0.4  # smoothstep at its steepest
    assert np.abs(np.diff(values, axis=0)).max() > 0


def test_an_emotion_relaxes_and_drifts_but_keeps_its_strength() -> None:
    values = drawn(EmotionLayer(5), silent_cues(60.0), "joy")[0].astype(np.float64)
    shown = values[:, SMILE] / CURVES[EMOTION["joy"], SMILE]
    settled = shown[10 * FPS:]
    assert shown[: FPS // 2].mean() > settled.mean() + 0.05
    assert 0.78 < settled.min() < settled.max() <= 1
    assert settled.std() > 0.02
    speed = np.abs(np.diff(shown)).max() * FPS
    assert speed < 0.3  # slow
    cheeks = values[10 * FPS:, INDEX["cheekSquintLeft"]]
    assert abs(np.corrcoef(settled, cheeks)[0, 1]) < 0.95  # regions wander apart


def test_the_drift_is_the_characters_own() -> None:
    one, same, other = (drawn(EmotionLayer(seed), silent_cues(5.0), "joy")[0] for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_accents_raise_brows_a_little_also_without_emotion() -> None:
    cues = silent_cues(3.0)
    cues[100:120, CUE["pitch"]], cues[100:120, CUE["loudness"]], cues[100:120, CUE["voiced"]] = 0.5, 0.5, 1
    brows = drawn(EmotionLayer(0), cues)[0][:, BROWS]
    peak = int(brows.argmax()) / FPS
    assert 0.03 < brows.max() < 0.3
    assert 1.0 < peak < 1.35
    assert not brows[: int(0.99 * FPS)].any()
    assert brows[-1] < 0.02
    assert not drawn(EmotionLayer(0, EmotionSettings(accents=0)), cues)[0].any()
    angry = drawn(EmotionLayer(0, STILL), cues, "anger")[0]
    assert angry[:, BROWS].max() < brows.max() / 4  # brows that are drawn down stay down


def test_plain_speech_moves_brows_now_and_then() -> None:
    brows = drawn(EmotionLayer(0), spoken_cues(60.0))[0][:, BROWS]
    assert 0.02 < brows.max() < 0.35
    assert np.median(brows) < 0.05


def test_effort_tightens_lids_and_brows() -> None:
    cues = silent_cues(3.0)
    cues[100:, CUE["effort"]] = 0.8
    last = drawn(EmotionLayer(0), cues)[0][-1]
    assert 0.1 < last[SQUINT] < 0.35
    assert 0.05 < last[INDEX["browDownLeft"]] < 0.3
    cues[:, CUE["effort"]] = -0.8
    assert not drawn(EmotionLayer(0), cues)[0].any()


def test_silence_without_emotion_moves_nothing() -> None:
    values, frames, knots = drawn(EmotionLayer(0), silent_cues(2.0))
    assert values.shape == (len(frames), N_CHANNELS)
    assert values.dtype == frames.dtype == knots.dtype == np.float32
    assert not values.any()
    assert not frames.any()
    assert not knots.any()
    assert len(knots) == 200


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=52, max_size=52), st.integers(0, 99))
def test_any_feeling_under_any_voice_is_in_range_with_whole_lips(weights: list[float], seed: int) -> None:
    table = np.array(weights).reshape(13, 4)
    feeling = Feeling(tuple(map(tuple, (table / np.maximum(1, table.sum(0))).tolist())))
    layer = EmotionLayer(seed, EmotionSettings(strength=1, voice=1))
    values, mood, _ = layer.step(next(moments(lively_cues(1.0, seed), FPS)), layer.initial_state(feeling))
    low, high = (np.array([getattr(c, side) for c in CHANNELS], np.float32) for side in ("low", "high"))
    assert np.all((values >= low) & (values <= high))
    assert mouth_geometry().gaps_mm(values).min() > -2.6
    assert np.abs(mood.frames).max() <= 1
    assert mood.frames[:, 2].min() >= 0


def test_mood_is_the_told_and_the_heard() -> None:
    _, frames, knots = drawn(EmotionLayer(0), silent_cues(1.0), "sadness:0.5")
    valence, arousal, _ = POINTS[EMOTION["sadness"]] / 2
    assert np.allclose(frames, [arousal, valence, 0.5], atol=1e-6)
    assert np.allclose(knots, [arousal, valence, 0.5], atol=1e-6)
    cues = heard_cues(6.0, arousal=0.8, valence=-0.5, anger=0.6)
    heard, deaf = (drawn(EmotionLayer(0, EmotionSettings(voice=x)), cues)[1][-1] for x in (1.0, 0.0))
    assert heard == pytest.approx([0.8, -0.5, 0.6], abs=1e-3)
    assert not deaf.any()


def test_posture_is_in_the_heads_channels_and_can_be_off() -> None:
    for amount in (0.0, 1.0, 2.0):
        layer = EmotionLayer(0, EmotionSettings(relaxation=0, posture=amount))
        heads = drawn(layer, silent_cues(1.0), "sadness")[0][:, list(HEAD)]
        assert np.allclose(heads, amount * POSTURES[EMOTION["sadness"]], atol=1e-6)


def test_a_state_does_not_grow_and_a_long_stream_stays_exact() -> None:
    layer = EmotionLayer(0)
    state = layer.initial_state(parse_feeling("joy:0.5"))
    for k, moment in enumerate(moments(silent_cues(20.0), FPS, range(10, 2000, 10))):
        if len(moment.times):
            feeling = parse_feeling("fear:0.4" if k % 2 else "joy:0.5")
            state = layer.told(state, float(moment.times[0]), feeling, 0.3)
        _, _, state = layer.step(moment, state)
        assert len(state.told.keys) < 10
        assert len(state.stale.keys) < 12
        assert len(state.heard) < 8


@pytest.mark.parametrize(("name", "value"), [("strength", 1.1), ("contrast", 0.2), ("live_blend", 1.0),
                                             ("max_emotions", 0), ("voice", -0.1), ("drift", True)])
def test_settings_out_of_range(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"emotion.{name}"):
        EmotionSettings(**{name: value})
