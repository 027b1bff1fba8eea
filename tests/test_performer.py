"""A whole character in the stream: directed at a sample, listening, corrected, turned off; never a jump."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

import facerig
from facerig.core.channels import CHANNELS, INDEX
from facerig.core.curves import CurveClip
from facerig.core.mouth import mouth_geometry
from facerig.errors import ConfigError
from facerig.performance.control.controls import Controls
from facerig.performance.control.overrides_file import read_overrides
from facerig.performance.settings import STILL, STRENGTHS, Performance
from facerig.performance.style.style import Style
from tests.streams import in_pieces, made_up_speech

RATE = 16_000
SEALED_MM = 1.0
SLOW = [c.region not in ("lids", "gaze", "eyes") for c in CHANNELS]  # lids and eyes are meant to be fast


@pytest.fixture(scope="module")
def spoken(speech: Path) -> np.ndarray:
    audio, rate = soundfile.read(speech, dtype="float32")
    assert rate == RATE or rate > 0
    return np.asarray(audio[: 3 * rate]), rate


def acted(audio: np.ndarray, rate: int, performance: Performance, *, cuts: list[int] | None = None,
          wishes: tuple[tuple[int, dict[str, object]], ...] = (), seed: int = 0) -> np.ndarray:
    """The frames of a stream; each wish is told at its sample, before what follows is fed."""
    session = facerig.Session(rate, performance=performance, seed=seed)
    for at, wish in wishes:
        session.direct(at, **wish)
    clips = [session.feed(piece) for piece in in_pieces(audio, cuts or [])]
    return CurveClip.joined([*clips, session.flush()]).values


def column(values: np.ndarray, name: str) -> np.ndarray:
    return values[:, INDEX[name]]


@settings(max_examples=8, deadline=None)
@given(cuts=st.lists(st.integers(0, 32_000), max_size=6), at=st.integers(0, 32_000), listen=st.booleans())
def test_what_is_told_ahead_comes_at_its_sample_in_any_split(cuts: list[int], at: int, listen: bool) -> None:
    audio = made_up_speech(2.0, RATE)
    wish: dict[str, object] = {"emotion": "anger:0.8", "gaze": (0.4, 0.1, 1.0), "blink": True,
                               "layers": {"head": 0.3}}
    if listen:
        wish |= {"mode": "listen", "attitude": "positive"}
    whole, pieces = (acted(audio, RATE, Performance(), cuts=c, wishes=((at, wish),)) for c in ([], cuts))
    np.testing.assert_array_equal(whole, pieces)
    before = acted(audio, RATE, Performance())
    sure = max(0, at * 60 // RATE - 24)  # a blink by chance waits up to 0.4 s for one on demand
    np.testing.assert_array_equal(whole[:sure], before[:sure])


@settings(max_examples=6, deadline=None)
@given(cuts=st.lists(st.integers(0, 32_000), max_size=6), at=st.integers(0, 32_000))
def test_a_style_told_live_fades_in_at_its_sample(cuts: list[int], at: int) -> None:
    audio = made_up_speech(2.0, RATE)
    style = Style(sections={"head": {"energy": 2.5}, "lips": {"openness": 0.5}, "asymmetry": {"left": 0.3}})
    wish = ((at, {"style": style}),)
    whole, pieces = (acted(audio, RATE, Performance(), cuts=c, wishes=wish) for c in ([], cuts))
    np.testing.assert_array_equal(whole, pieces)
    plain = acted(audio, RATE, Performance())
    np.testing.assert_array_equal(whole[: at * 60 // RATE], plain[: at * 60 // RATE])
    changed = np.abs(np.diff((whole - plain)[:, SLOW], axis=0)).max(initial=0.0)
    assert changed < 0.08  # the jaw's own speed, halved over half a second
    late = at * 60 // RATE + 60
    assert column(whole, "jawOpen")[late:].sum() <= 0.6 * column(plain, "jawOpen")[late:].sum() + 1e-6


@settings(max_examples=5, deadline=None)
@given(cuts=st.lists(st.integers(0, 32_000), max_size=6), first=st.integers(0, 24_000),
       apart=st.integers(0, 12_000))
def test_two_styles_come_in_their_order_in_any_split(cuts: list[int], first: int, apart: int) -> None:
    audio = made_up_speech(2.0, RATE)
    one, two = (Style(sections={"lips": {"openness": x}}) for x in (0.5, 1.6))
    wishes = ((first, {"style": one}), (first + apart, {"style": two}))
    whole, pieces, turned = (acted(audio, RATE, Performance(), cuts=c, wishes=w)
                             for c, w in (([], wishes), (cuts, wishes), ([], wishes[::-1])))
    np.testing.assert_array_equal(whole, pieces)
    if apart:
        np.testing.assert_array_equal(whole, turned)


def test_a_style_told_again_counts_once_and_an_empty_one_leads_back(spoken: tuple[np.ndarray, int]) -> None:
    audio, rate = spoken
    wide = Style(sections={"lips": {"openness": 0.5}})

    def late_jaw(*styles: Style) -> float:
        wishes = tuple((k * rate // 4, {"style": style}) for k, style in enumerate(styles))
        return float(column(acted(audio, rate, Performance(), wishes=wishes), "jawOpen")[110:].sum())

    plain, once = late_jaw(), late_jaw(wide)
    assert once < 0.7 * plain
    assert late_jaw(wide, wide) == pytest.approx(once, rel=0.02)
    assert late_jaw(wide, Style()) == pytest.approx(plain, rel=0.02)


def test_a_slider_of_styles_costs_two_actors_at_most_and_ends_at_the_last() -> None:
    session = facerig.Session(RATE)
    audio = made_up_speech(2.0, RATE)
    for k in range(100):
        session.direct(style=Style(sections={"lips": {"openness": 0.5 + k / 100}}))
        session.feed(audio[k * 200 : (k + 1) * 200])
    session.feed(audio[20_000:])
    cast = session.state.cast
    assert cast.leaving is None or not hasattr(cast.leaving, "leaving")
    assert len(cast.due) <= 1
    assert cast.style.sections["lips"]["openness"] == pytest.approx(1.49)


def test_controls_told_stay_over_a_style_told_later(spoken: tuple[np.ndarray, int]) -> None:
    audio, rate = spoken
    small = Controls(lower_strength=0.3)
    told = ((0, {"controls": small}), (rate // 2, {"style": Style(sections={"head": {"energy": 2.0}})}))
    with_style = acted(audio, rate, Performance(), wishes=told)
    without = acted(audio, rate, Performance(), wishes=told[:1])
    np.testing.assert_allclose(column(with_style, "jawOpen"), column(without, "jawOpen"), atol=0.02)


def test_a_wish_in_the_past_counts_from_now_and_nothing_jumps(spoken: tuple[np.ndarray, int]) -> None:
    audio, rate = spoken
    session = facerig.Session(rate)
    first = session.feed(audio[: len(audio) // 2])
    session.direct(0, emotion="surprise", gaze=(-0.5, 0.2, 0.8), layers={"asymmetry": 0.0})
    values = CurveClip.joined([first, session.feed(audio[len(audio) // 2 :]), session.flush()]).values
    plain = acted(audio, rate, Performance())
    np.testing.assert_array_equal(values[: len(first)], plain[: len(first)])
    assert column(values, "browInnerUp")[-1] > 0.4
    speech = acted(audio, rate, STILL)
    moved = np.abs(np.diff((values - speech)[:, SLOW], axis=0)).max(1)
    assert moved[len(first) - 2 : len(first) + 2].max() < 0.06


@pytest.mark.parametrize(("layer", "region"), [("blinks", "lids"), ("gaze", "eyes"), ("head", "head")])
def test_each_layer_can_be_turned_off(layer: str, region: str, spoken: tuple[np.ndarray, int]) -> None:
    audio, rate = spoken
    others = {name: 0.0 for name in STRENGTHS if name not in ("speech", layer)}
    on = acted(audio, rate, Performance(layers=others))
    own = [c.region == region for c in CHANNELS]
    assert np.abs(on[:, own]).max() > 0.01
    off = acted(audio, rate, Performance(layers={**others, layer: 0.0, "asymmetry": 1.0}))
    assert np.abs(off[:, own]).max() == 0


def test_a_listener_keeps_the_mouth_shut_and_answers(spoken: tuple[np.ndarray, int]) -> None:
    audio, rate = spoken
    long = np.concatenate([audio] * 5)
    listening = acted(long, rate, Performance(mode="listen"))
    speaking = acted(long, rate, Performance())
    assert column(listening, "jawOpen").max() < 0.25 * column(speaking, "jawOpen").max()
    assert np.abs(np.diff(column(listening, "headPitch"))).max() > 0.002  # it nods
    silent = acted(np.zeros_like(long), rate, Performance(mode="listen"))
    assert np.ptp(column(listening, "headPitch")) > np.ptp(column(silent, "headPitch"))


@pytest.mark.parametrize("emotion", ["joy", "anger", "sadness", "disgust", "surprise", "pain", "contempt"])
def test_p_b_m_seal_under_full_emotion(emotion: str, spoken: tuple[np.ndarray, int]) -> None:
    audio, rate = spoken
    off = {name: 0.0 for name in STRENGTHS if name not in ("speech", "emotion")}
    plain, moved = (acted(audio, rate, performance) for performance in
                    (STILL, Performance(layers=off).with_(emotion=emotion)))
    pressed = column(plain, "mouthShrugLower") > 0.2
    sealed, still = (mouth_geometry().gaps_mm(values).max(1) <= SEALED_MM for values in (plain, moved))
    assert (sealed & pressed).sum() >= 5
    assert still[sealed & pressed].all()
    opened = mouth_geometry().gaps_mm(plain).max(1) > 2.3
    assert not still[opened].any()


def test_corrections_beside_the_sound_survive_a_new_export(tmp_path: Path, speech: Path) -> None:
    line = tmp_path / "line.flac"
    line.write_bytes(speech.read_bytes())
    plain = facerig.animate(line).values
    (tmp_path / "line.face.toml").write_text(
        '[[lock]]\nregion = "brows"\nfrom = 1.0\nto = 2.0\nvalue = 0.25\nfade = 0.1\n'
        "[[blink]]\nat = 3.0\n", "utf-8")
    corrected = facerig.animate(line).values
    brows = [c.region == "brows" for c in CHANNELS]
    np.testing.assert_allclose(corrected[60:120, brows], 0.25, atol=1e-6)
    np.testing.assert_array_equal(corrected[200:, brows], plain[200:, brows])
    assert column(corrected, "eyeBlinkLeft")[181:200].max() > 0.9
    assert read_overrides(tmp_path / "line.face.toml").blinks == (3.0,)


def test_wishes_that_are_none_are_refused_and_nothing_changes() -> None:
    session = facerig.Session(RATE)
    before = session.state
    for wish in ({"emotoin": "joy"}, {"emotion": "joyy:0.2"}, {"mode": "sleep"}, {"layers": {"wings": 1}},
                 {"layers": {"head": -1}}, {"gaze": "up"}, {"attitude": "grim"}, {"transition_secs": -1}):
        with pytest.raises(ConfigError):
            session.direct(None, **wish)
    with pytest.raises(ConfigError, match="sample"):
        session.direct(-1, blink=True)
    with pytest.raises(ConfigError, match="off"):
        facerig.Session(RATE, performance=STILL).direct(blink=True)
    assert session.state == before


def test_plain_values_are_taken_and_others_refused_in_words(tmp_path: Path) -> None:
    session = facerig.Session(RATE)
    (tmp_path / "hero.toml").write_text("[head]\nenergy = 1.5\n", "utf-8")
    session.direct(emotion={"joy": 0.6}, gaze=np.array([0.1, 0.0, 1.0], np.float32), layers={"head": False})
    session.direct(np.int64(400), style=tmp_path / "hero.toml", transition_secs=np.float32(0.5))
    for wish in ({"emotion": 5}, {"style": 3}, {"controls": {"lip_open_mm": 1}}, {"layers": ["head"]},
                 {"gaze": 5}, {"gaze": ()}, {"blink": "yes"}, {"layers": {"gaze": 2}},
                 {"emotion": {"": None}}, {"emotion": {"joy": None}}, {"emotion": {3: 0.5}},
                 {"emotion": {"joy": 10**400}},
                 {"gaze": (10**400, 0, 1)}, {"layers": {None: 1}}, {"style": "\0"}):
        with pytest.raises(ConfigError):
            session.direct(None, **wish)
    with pytest.raises(ConfigError, match="sample"):
        session.direct(1.5, blink=True)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="with_"):
        Performance(emotion="joy")  # type: ignore[arg-type]
