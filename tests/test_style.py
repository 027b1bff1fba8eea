"""Style files: read, written, blended, laid over settings and controls."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.core.toml_files import parse_toml, toml_text
from facerig.errors import ConfigError
from facerig.performance.control.controls import ControlLayer, Controls, CurveControl
from facerig.performance.eyes.blinks import BlinkSettings
from facerig.performance.head.head_plan import HeadSettings
from facerig.performance.style.style import LIP_CURVES, SECTIONS, Style, blended, read_style, style_of
from tests.conftest import REPO

EXAMPLES = REPO / "docs" / "examples"


def parsed(text: str) -> Style:
    return style_of(parse_toml(text.encode(), "hero.toml"))


def shown(controls: Controls, value: float = 0.4) -> np.ndarray:
    layer = ControlLayer(controls)
    frames = np.full((1, N_CHANNELS), value, np.float32)
    return layer.step(frames, np.zeros(1), np.zeros(1, np.float32), layer.initial_state())[0][0]


def test_the_example_is_read_and_written_again() -> None:
    style = read_style(EXAMPLES / "hero.toml")
    assert style.name == "Hero"
    assert style.on("blinks", BlinkSettings()).rate == 16
    assert style.on("head", HeadSettings(idle=0.5)) == HeadSettings(energy=1.3, nods=1.5, idle=0.5)
    assert parsed(style.text()) == style


def test_an_empty_style_changes_nothing() -> None:
    style = parsed("")
    assert style.text() == "\n"
    assert style.controls() == Controls()
    assert style.on("blinks", BlinkSettings(rate=9)) == BlinkSettings(rate=9)


def test_lips_and_sides_become_gains() -> None:
    out = shown(parsed("[lips]\nopenness = 1.5\n[asymmetry]\nleft = 0.1\n").controls())
    assert out[INDEX["jawOpen"]] == out[INDEX["mouthClose"]] == pytest.approx(0.6)
    assert out[INDEX["mouthLowerDownLeft"]] == pytest.approx(0.66)
    assert out[INDEX["mouthSmileRight"]] == pytest.approx(0.36)
    assert out[INDEX["eyeBlinkLeft"]] == out[INDEX["eyeBlinkRight"]] == np.float32(0.4)


def test_a_clamp_bounds_what_the_lips_give() -> None:
    style = parsed("[lips]\nsmile = 2.0\n[asymmetry]\nleft = 0.1\n"
                   "[curves.mouthSmile]\noffset = 0.1\nmax = 0.7\n")
    assert shown(style.controls())[INDEX["mouthSmileLeft"]] == np.float32(0.7)
    assert shown(style.controls(), 0.2)[INDEX["mouthSmileLeft"]] == pytest.approx(0.2 * 2.2 + 0.1 * 1.1)


def test_the_users_controls_lie_over_the_style() -> None:
    style = parsed("[curves.browInnerUp]\ngain = 2.0\nmax = 0.6\n")
    own = Controls(upper_strength=0.5, curves={"browInnerUp": CurveControl(offset=0.1)})
    assert shown(style.controls(own))[INDEX["browInnerUp"]] == pytest.approx(0.5)


@pytest.mark.parametrize(("text", "where", "what"), [
    ("[blinks]\nraet = 3", "$.blinks.raet", "use rate"),
    ("[blinks]\nrate = 300", "$.blinks.rate", "from 0 to 60"),
    ('[blinks]\nstate = "reeding"', "$.blinks.state", "give reading"),
    ("blinks = 3", "$.blinks", "not a table"),
    ("[blink]\nrate = 3", "$.blink", "use blinks"),
    ("[lips]\nopenness = true", "$.lips.openness", "not a number"),
    ("[curves.mouthSmle]\ngain = 1", "$.curves.mouthSmle", "mouthSmile"),
    ("[curves.mouthSmile]\ngian = 1", "$.curves.mouthSmile.gian", "use gain"),
    ("[curves.mouthSmile]\nmin = 0.6\nmax = 0.3", "$.curves.mouthSmile", "above max"),
    ("[curves]\nmouthSmile = 1.2", "$.curves.mouthSmile", "not a table"),
    ("name = 3", "$.name", "not a text"),
    ('name = "' + "x" * 300 + '"', "$.name", "300 characters"),
])
def test_mistakes_have_a_path(text: str, where: str, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parsed(text)
    assert caught.value.where == f"hero.toml: {where}"
    assert what in str(caught.value)


def test_a_file_that_is_missing_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_style(tmp_path / "hero.toml")
    (tmp_path / "hero.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="UTF-8"):
        read_style(tmp_path / "hero.toml")


CALM = '[blinks]\nrate = 10\n[head]\nenergy = 0.5\n[curves.browInnerUp]\ngain = 0.5\nmax = 0.5\n'
LIVELY = '[head]\nenergy = 1.5\nnods = 2.0\n[blinks]\nstate = "rest"\n[lips]\nopenness = 1.4\n'


def test_between_two_styles() -> None:
    halfway = blended(parsed(CALM), parsed(LIVELY), 0.25)
    assert halfway.on("head", HeadSettings()) == HeadSettings(energy=0.75, nods=1.25)
    assert halfway.sections["lips"]["openness"] == pytest.approx(1.1)
    assert halfway.on("blinks", BlinkSettings()) == BlinkSettings(rate=10)  # the nearer one's rate and state
    assert halfway.curves["browInnerUp"] == CurveControl(gain=0.625, max=0.625)


def test_the_ends_of_a_blend_are_the_styles_themselves() -> None:
    calm, lively = parsed(CALM), parsed(LIVELY)
    for share, end in ((0.0, calm), (1.0, lively)):
        mixed = blended(calm, lively, share)
        for section, kind in SECTIONS.items():
            assert mixed.on(section, kind()) == end.on(section, kind())
        assert np.array_equal(shown(mixed.controls()), shown(end.controls()))
    with pytest.raises(ConfigError, match="no share"):
        blended(calm, lively, 1.2)


def test_the_lips_knobs_name_curves_that_exist_once() -> None:
    moved = [curve for curves in LIP_CURVES.values() for curve in curves]
    assert len(moved) == len(set(moved))
    for knob, curves in LIP_CURVES.items():
        assert set(parsed(f"[lips]\n{knob} = 1.1\n").controls().curves) == set(curves)


texts = st.text(max_size=20)
numbers = st.one_of(st.integers(-10**9, 10**9), st.floats(allow_nan=False, allow_infinity=False))
documents = st.recursive(
    st.one_of(st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=12)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(texts, documents, max_size=4))
def test_what_is_written_is_read(document: dict[str, object]) -> None:
    if any(_has_tables_in_arrays(value) for value in document.values()):
        return  # arrays of tables within arrays: nothing of ours writes them
    assert parse_toml(toml_text(document).encode(), "x").values == _without_empty(document)


def _has_tables_in_arrays(value: object) -> bool:
    if isinstance(value, list):
        return any(isinstance(v, dict) or _has_tables_in_arrays(v) for v in value)
    return isinstance(value, dict) and any(_has_tables_in_arrays(v) for v in value.values())


def _without_empty(value: object) -> object:
    """Tables without a value in them are not written."""
    if not isinstance(value, dict):
        return value
    inner = {key: _without_empty(v) for key, v in value.items()}
    return {key: v for key, v in inner.items() if v != {}}
