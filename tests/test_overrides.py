"""Corrections of a line by hand: read with the path of every mistake, applied as closed forms of time."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerig.core.channels import CHANNELS, INDEX, N_CHANNELS
from facerig.core.toml_files import parse_toml
from facerig.errors import ConfigError
from facerig.performance.control.overrides import EmotionAt, GazeAt, Overrides
from facerig.performance.control.overrides_file import overrides_beside, overrides_of, read_overrides
from facerig.performance.emotion.mixture import parse_feeling
from facerig.performance.eyes.targets import CAMERA, Target
from tests.streams import in_pieces

EVERYTHING = """
[[blink]]
at = 1.2
[[blink]]
at = 0.4
[[no_blink]]
from = 2.0
to = 3.0
[[lock]]
region = "brows"
from = 1.0
to = 2.0
value = 0.5
fade = 0.2
[[lock]]
curve = "mouthSmile"
from = 1.5
to = 1.8
[[curve]]
name = "jawOpen"
keys = [[0.5, 0.0], [1.0, 0.6], [1.5, 0.1]]
mode = "add"
[[curve]]
name = "headYaw"
keys = [[0.5, -0.3], [2.5, 0.3]]
[[curve]]
name = "eyeSquint"
keys = [[2.0, 0.2]]
mode = "scale"
fade = 0
[[emotion]]
at = 2.5
feeling = "anger:0.6"
transition = 0.4
[[emotion]]
at = 0
feeling = "joy"
[[gaze]]
at = 1.0
target = [0.2, 0.0, 1.5]
[[gaze]]
at = 3
target = "camera"
[[mute]]
layer = "emotion"
from = 1.0
to = 1.5
fade = 0.5
"""


def parsed(text: str) -> Overrides:
    return overrides_of(parse_toml(text.encode(), "line.face.toml"))


def frames_of(value: float, n: int = 241, fps: float = 60.0) -> tuple[np.ndarray, np.ndarray]:
    return np.full((n, N_CHANNELS), value, np.float32), np.arange(n) / fps


def test_everything_is_read() -> None:
    line = parsed(EVERYTHING)
    assert line.blinks == (0.4, 1.2)
    assert line.emotions == (EmotionAt(0.0, parse_feeling("joy"), None),
                             EmotionAt(2.5, parse_feeling("anger:0.6"), 0.4))
    assert line.gazes == (GazeAt(1.0, (Target(0.2, 0.0, 1.5),)), GazeAt(3.0, (CAMERA,)))
    assert len(line.locks) == 2
    assert len(line.curves) == 3
    assert line.last_secs == 3.0


def test_an_empty_file_changes_nothing() -> None:
    frames, times = frames_of(0.3)
    assert parsed("").apply(frames, times) is frames
    assert np.array_equal(parsed("").share("emotion", times), np.ones(len(times), np.float32))


def test_a_lock_is_the_last_word_and_fades() -> None:
    frames, times = frames_of(0.2)
    line = parsed(EVERYTHING)
    out = line.settled(frames, times)
    brow, smile = out[:, INDEX["browInnerUp"]], out[:, INDEX["mouthSmileLeft"]]
    assert (brow[(times >= 1) & (times <= 2)] == 0.5).all()
    assert (brow[(times <= 0.8) | (times >= 2.2)] == np.float32(0.2)).all()
    assert np.abs(np.diff(brow)).max() < 0.3 * 1.6 / (0.2 * 60)  # smooth: nowhere steeper than its ease
    assert not smile[(times >= 1.5) & (times <= 1.8)].any()  # no value: the curve is at rest
    assert np.array_equal(smile, out[:, INDEX["mouthSmileRight"]])
    untouched = [i for i, c in enumerate(CHANNELS)
                 if c.region != "brows" and c.name not in ("headYaw", "mouthSmileLeft", "mouthSmileRight")]
    assert np.array_equal(out[:, untouched], frames[:, untouched])


def test_what_is_added_and_scaled_comes_before_the_guard() -> None:
    frames, times = frames_of(0.3)
    out = parsed(EVERYTHING).moved(frames, times)
    jaw, squint = out[:, INDEX["jawOpen"]], out[:, INDEX["eyeSquintLeft"]]
    assert jaw[times == 1.0] == pytest.approx(0.9)  # the key's own value, on its own time
    assert jaw[times == 1.5] == pytest.approx(0.4)
    assert (jaw[times < 0.35] == np.float32(0.3)).all()
    assert jaw.max() <= 0.9 + 1e-6  # through the keys, never beyond
    assert squint[times == 2.0] == pytest.approx(0.06)
    assert (squint[times != 2.0] == np.float32(0.3)).all()  # fade = 0: not a frame more
    assert (out[:, INDEX["headYaw"]] == np.float32(0.3)).all()  # set, so not now


def test_a_set_curve_shows_its_keys() -> None:
    frames, times = frames_of(0.1)
    yaw = parsed(EVERYTHING).settled(frames, times)[:, INDEX["headYaw"]]
    inside = (times >= 0.5) & (times <= 2.5)
    assert (np.diff(yaw[inside]) > 0).all()
    assert yaw[inside][0] == pytest.approx(-0.3)
    assert yaw[-1] == np.float32(0.1)


@pytest.mark.parametrize(("between", "at_1_25"), [("smooth", 0.25), ("linear", 0.25), ("step", 0.1)])
def test_ways_between_keys(between: str, at_1_25: float) -> None:
    frames, times = frames_of(0.0)
    line = parsed(f'[[curve]]\nname = "browInnerUp"\nbetween = "{between}"\nkeys = [[1.0, 0.1], [1.5, 0.4]]')
    assert line.apply(frames, times)[75, INDEX["browInnerUp"]] == pytest.approx(at_1_25)


def test_shares_of_layers() -> None:
    line, times = parsed(EVERYTHING), np.array([0.2, 0.75, 1.2, 1.75, 2.5, 9.0])
    np.testing.assert_allclose(line.share("emotion", times), [1, 0.5, 0, 0.5, 1, 1])
    np.testing.assert_allclose(line.share("blinks", times), [1, 1, 1, 1, 0, 1])
    assert line.share("head", times).all()


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(0, 241), max_size=8), fps=st.sampled_from([24.0, 60.0, 101.3]))
def test_any_split_gives_the_same_bits(cuts: list[int], fps: float) -> None:
    frames, times = frames_of(0.35, fps=fps)
    line = parsed(EVERYTHING)
    pieces = zip(in_pieces(frames, cuts), in_pieces(times, cuts), strict=True)
    assert np.array_equal(np.concatenate([line.apply(f, t) for f, t in pieces]), line.apply(frames, times))
    assert np.array_equal(np.concatenate([line.share("emotion", t) for t in in_pieces(times, cuts)]),
                          line.share("emotion", times))


@settings(max_examples=30, deadline=None)
@given(value=st.floats(0, 1), keys=st.lists(st.tuples(st.integers(0, 2000), st.floats(-1, 1)), min_size=1,
                                           max_size=5, unique_by=lambda key: key[0]))
def test_shapes_stay_in_their_range(value: float, keys: list[tuple[int, float]]) -> None:
    rows = [[t * 0.002, v] for t, v in sorted(keys)]
    frames, times = frames_of(value, 120, 30.0)
    out = parsed(f'[[curve]]\nname = "mouthSmile"\nmode = "add"\nkeys = {rows}').apply(frames, times)
    smile = out[:, INDEX["mouthSmileLeft"]]
    assert ((smile >= 0) & (smile <= 1)).all()


@pytest.mark.parametrize(("text", "where", "what"), [
    ("[[blnk]]\nat = 1", "$.blnk", "use blink"),
    ("[[blink]]\natt = 1", "$.blink[0].at", "is missing"),
    ("[[blink]]\nat = 1\ndepth = 2", "$.blink[0].depth", "is not a setting"),
    ("[[blink]]\nat = -1", "$.blink[0].at", "not a number from 0"),
    ("[[blink]]\nat = nan", "$.blink[0].at", "not a number"),
    ("[blink]\nat = 1", "$.blink", "array of tables"),
    ("[[no_blink]]\nfrom = 2\nto = 1", "$.no_blink[0].to", "before from"),
    ('[[lock]]\nregion = "brow"\nfrom = 0\nto = 1', "$.lock[0].region", "give brows"),
    ('[[lock]]\ncurve = "mouthSmle"\nfrom = 0\nto = 1', "$.lock[0].curve", "mouthSmile"),
    ('[[lock]]\nfrom = 0\nto = 1', "$.lock[0]", "does not say what"),
    ('[[lock]]\ncurve = "jawOpen"\nregion = "jaw"\nfrom = 0\nto = 1', "$.lock[0]", "both"),
    ('[[lock]]\ncurve = "jawOpen"\nfrom = 0\nto = 1\nvalue = 2', "$.lock[0].value", "from 0 to 1"),
    ('[[curve]]\nname = "jawOpen"', "$.curve[0].keys", "missing"),
    ('[[curve]]\nname = "jawOpen"\nkeys = [[1, 0.5], [1, 0.6]]', "$.curve[0].keys[1].time", "not after"),
    ('[[curve]]\nname = "jawOpen"\nkeys = [[0, 0], [5e-324, 1]]', "$.curve[0].keys[1].time", "apart"),
    ('[[curve]]\nname = "jawOpen"\nkeys = [[1, 0.5, 3]]', "$.curve[0].keys[0]", "3 values"),
    ('[[curve]]\nname = "jawOpen"\nkeys = [[1, "wide"]]', "$.curve[0].keys[0].value", "'wide'"),
    ('[[curve]]\nname = "jawOpen"\nkeys = [[1, 0.5]]\nmode = "ad"', "$.curve[0].mode", "give add"),
    ('[[emotion]]\nat = 1', "$.emotion[0].feeling", "is missing"),
    ('[[gaze]]\nat = 1\ntarget = [1, 2]', "$.gaze[0].target", "point"),
    ('[[gaze]]\nat = 1\ntarget = "camra"', "$.gaze[0].target", "is no target"),
    ('[[gaze]]\nat = 1\ntarget = [0, 0, 0]', "$.gaze[0].target", "between the eyes"),
    ('[[emotion]]\nat = 1\nfeeling = "jooy:0.4"', "$.emotion[0].feeling", "joy"),
    ('[[mute]]\nlayer = "emotions"\nfrom = 0\nto = 1', "$.mute[0].layer", "give emotion"),
    ("at = ", "line.face.toml", "not TOML"),
])
def test_mistakes_have_a_path(text: str, where: str, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parsed(text)
    assert caught.value.where.endswith(where)
    assert what in str(caught.value)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(ConfigError):
        overrides_of(parse_toml(data, "line.face.toml"))


def test_a_file_that_nests_without_end_is_refused() -> None:
    for text in ("a = " + "[" * 50_000, ".".join("a" * 5_000) + " = 1"):
        with pytest.raises(ConfigError):
            parsed(text)


def test_the_file_beside_a_sound(tmp_path: Path) -> None:
    sound = tmp_path / "line.wav"
    assert overrides_beside(sound) is None
    (tmp_path / "line.face.toml").write_text(EVERYTHING, "utf-8")
    beside = overrides_beside(sound)
    assert beside is not None
    assert read_overrides(beside) == parsed(EVERYTHING)
