"""Scene files, laid over style and defaults; and the documents that show files of every kind."""

from __future__ import annotations

import re
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.core.toml_files import Table, parse_toml
from facerig.errors import ConfigError
from facerig.performance.control.controls import Controls, CurveControl
from facerig.performance.control.overrides_file import overrides_of, read_overrides
from facerig.performance.emotion.layer import EmotionSettings
from facerig.performance.emotion.mixture import parse_feeling
from facerig.performance.eyes.attention import GazeSettings
from facerig.performance.eyes.targets import CAMERA, Target
from facerig.performance.style.scene import SceneSettings, read_scene, scene_of
from facerig.performance.style.style import style_of
from tests.conftest import REPO

DOCS = REPO / "docs"


def parsed(text: str, folder: Path = DOCS) -> SceneSettings:
    return scene_of(parse_toml(text.encode(), "scene.toml"), folder)


def test_the_example() -> None:
    scene = read_scene(DOCS / "examples" / "scene.toml")
    assert scene.fps == 30
    assert (scene.model, scene.seed) == ("offline", 7)
    assert scene.emotion == parse_feeling("joy:0.4")
    assert [told.at for told in scene.emotions] == [2.5]
    assert scene.gaze == (CAMERA,)
    assert scene.gazes[0].targets == (Target(0.5, 0.0, 1.2),)
    assert (scene.strength("head"), scene.strength("gaze")) == (0.8, 1.0)
    assert scene.on("gaze", GazeSettings()).share_speaking == 0.7  # the scene's own, over the style's 0.6
    assert scene.on("emotion", EmotionSettings()) == EmotionSettings(contrast=1.2, strength=0.8, accents=1.4)


def test_controls_of_scene_and_style_together() -> None:
    scene = read_scene(DOCS / "examples" / "scene.toml")
    both = scene.all_controls()
    assert both.lower_strength == 1.25
    assert not both.curves["cheekPuff"].active
    assert both.curves["browInnerUp"].gain == 1.3  # the style's
    assert parsed("[lips]\nopenness = 1.5").all_controls().curves["jawOpen"] == CurveControl(gain=1.5)


def test_a_scene_that_says_nothing() -> None:
    scene = parsed("")
    assert scene == SceneSettings()
    assert scene.all_controls() == Controls()
    assert scene.fps is None


def test_short_forms() -> None:
    scene = parsed('emotion = "anger"\ngaze = "none"\nfps = 29.97\nmodel = "models/anna.onnx"\n'
                   'mode = "listen"')
    assert scene.emotion == parse_feeling("anger")
    assert scene.gaze == ()
    assert scene.fps == Fraction(30000, 1001)
    assert scene.model == str(DOCS / "models" / "anna.onnx")
    assert scene.mode == "listen"


@pytest.mark.parametrize(("text", "where", "what"), [
    ("fsp = 30", "$.fsp", "use fps"),
    ("fps = true", "$.fps", "not a frame rate"),
    ("fps = 0", "$.fps", "out of range"),
    ("seed = -1", "$.seed", "whole number"),
    ('mode = "liste"', "$.mode", "give listen"),
    ('emotion = "jooy:1"', "$.emotion", "jooy"),
    ('[emotion]\nfeeling = "joy:7"', "$.emotion.feeling", ""),
    ("[emotion]\nfeelng = 1", "$.emotion.feelng", "use feeling"),
    ("emotion = 3", "$.emotion", "not a text"),
    ('gaze = "camra"', "$.gaze", "no target"),
    ("[gaze]\ntarget = [1, 2]", "$.gaze.target", "a point"),
    ('[[emotion_at]]\nfeeling = "joy"', "$.emotion_at[0].at", "is missing"),
    ("[layers]\nhaed = false", "$.layers.haed", "use head"),
    ("[layers]\nhead = 3", "$.layers.head", "from 0 to 2"),
    ("[controls]\nuper_strength = 1", "$.controls.uper_strength", "use upper_strength"),
    ("[controls.curves.jawOpn]\ngain = 1", "$.controls.curves.jawOpn", "use jawOpen"),
    ("[controls.curves.jawOpen]\ngain = 9", "$.controls.curves.jawOpen.gain", "from 0 to 5"),
    ("[controls]\ncurvs = 1", "$.controls.curvs", "use curves"),
])
def test_mistakes_have_a_path(text: str, where: str, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parsed(text)
    assert caught.value.where == f"scene.toml: {where}"
    assert what in str(caught.value)


values = st.recursive(
    st.one_of(st.booleans(), st.integers(-3, 10**20), st.floats(), st.text(max_size=4),
              st.sampled_from(["joy", "camera", "none", "listen", "60", "vad:0,0,0", "brows", "set"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(
        ["at", "feeling", "target", "from", "to", "gain", "keys", "name", "rate", "curves", "jawOpen", "head",
         "region", "layer", "state", "mode", "curve", "value"]), inner, max_size=4)), max_leaves=10)
keys = st.sampled_from(["fps", "model", "seed", "mode", "emotion", "gaze", "emotion_at", "gaze_at", "layers",
                        "controls", "curves", "blinks", "lips", "asymmetry", "name", "lock", "curve", "mute",
                        "blink", "style", "x"])


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(keys, values, max_size=3))
def test_any_document_is_read_or_refused(document: dict[str, object]) -> None:
    for read in (lambda table: scene_of(table, DOCS / "nowhere"), style_of, overrides_of):
        with suppress(ConfigError):
            read(Table(document, "x.toml"))


def test_a_style_that_is_missing_or_wrong_is_told_by_its_own_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"scene\.toml: \$\.style: .*hero\.toml: cannot be read"):
        parsed('style = "hero.toml"', tmp_path)
    (tmp_path / "hero.toml").write_text("[blinks]\nraet = 1\n", "utf-8")
    with pytest.raises(ConfigError, match=r"hero\.toml: \$\.blinks\.raet"):
        parsed('style = "hero.toml"', tmp_path)


def test_the_example_of_corrections() -> None:
    line = read_overrides(DOCS / "examples" / "line.face.toml")
    assert line.blinks
    assert line.locks
    assert line.curves


@pytest.mark.parametrize("page", ["style.md", "layers.md"])
def test_every_toml_snippet_of_the_documents_is_right(page: str) -> None:
    readers = {"style": style_of, "scene": lambda table: scene_of(table, DOCS / "examples"),
               "line": overrides_of}
    text = (DOCS / page).read_text("utf-8")
    snippets = re.findall(r"```toml\n# (\w+)[^\n]*\n(.*?)```", text, re.DOTALL)
    assert snippets
    assert len(snippets) == text.count("```toml")
    for kind, text in snippets:
        readers[kind](parse_toml(text.encode(), page))
