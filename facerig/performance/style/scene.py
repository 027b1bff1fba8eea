"""A scene: everything about a performance in one file, for `--settings scene.toml`.

    scene = read_scene(Path("scene.toml"))
    fps = scene.fps or Fraction(60)                          # None: the file does not say
    blinks = scene.on("blinks", BlinkSettings())             # the style's, then the scene's own
    controls = scene.all_controls()

Whatever stands on the command line wins over the file. docs/layers.md describes it, docs/examples/scene.toml
is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Final, TypeVar

from facerig.core.clock import parse_fps
from facerig.core.toml_files import Table, read_toml
from facerig.errors import ConfigError
from facerig.performance.control.controls import Controls
from facerig.performance.control.overrides import EmotionAt, GazeAt
from facerig.performance.control.overrides_file import looked_at, read_each, read_emotion, read_gaze
from facerig.performance.directions import ATTITUDES, MODES, STRENGTHS, STRONGEST
from facerig.performance.draws import MAX_SEED
from facerig.performance.emotion.mixture import Feeling, parse_feeling
from facerig.performance.eyes.targets import Target
from facerig.performance.style.settings_table import NOTHING, Told, laid_over, read_settings
from facerig.performance.style.style import Style, read_curve_controls, read_sections, read_style, style_of

T = TypeVar("T")

BESIDES: Final = {"emotion": "feeling", "gaze": "target"}  # what stands in a section besides its settings
SCENES_OWN: Final = ("fps", "model", "seed", "mode", "attitude", "emotion_at", "gaze_at", "style", "layers",
                     "controls")  # keys that no style has
STYLES_OWN: Final = ("name", "curves")


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneSettings:
    """What a scene file says; None and empty where it says nothing.

    layers: strengths of the layers it names: 0 is off, 1 natural. sections: what it tells of SECTIONS, by
    field; it goes over the style's.
    """

    fps: Fraction | None = None
    model: str | None = None
    seed: int | None = None
    mode: str | None = None  # one of MODES
    attitude: str | None = None  # of a listener, one of ATTITUDES
    emotion: Feeling | None = None
    emotions: tuple[EmotionAt, ...] = ()
    gaze: tuple[Target, ...] | None = None
    gazes: tuple[GazeAt, ...] = ()
    style: Style | None = None
    layers: Mapping[str, float] = field(default_factory=dict)
    sections: Mapping[str, Told] = field(default_factory=dict)
    controls: Controls = field(default_factory=Controls)

    def on(self, section: str, settings: T) -> T:
        """`settings` as the style and then the scene change them."""
        styled = settings if self.style is None else self.style.on(section, settings)
        return laid_over(self.sections.get(section, NOTHING), styled)

    def restyled(self, style: Style) -> SceneSettings:
        """The scene with another style, which wins over what the scene itself tells of SECTIONS."""
        sections = {name: {**self.sections.get(name, NOTHING), **style.sections.get(name, NOTHING)}
                    for name in (*self.sections, *style.sections)}
        told = "attitude" in style.sections.get("listening", NOTHING)
        return replace(self, style=style, sections=sections, attitude=None if told else self.attitude)

    def strength(self, layer: str) -> float:
        """Of a layer: 1 where the scene does not say."""
        return self.layers.get(layer, 1.0)

    def all_controls(self) -> Controls:
        """The scene's own controls over those of the style, its lips and sides as the scene changes them."""
        style = self.style or Style()
        told = {name: {**style.sections.get(name, NOTHING), **self.sections.get(name, NOTHING)}
                for name in ("lips", "asymmetry")}
        return Style(sections=told, curves=style.curves).controls(self.controls)


def read_scene(path: Path) -> SceneSettings:
    """A scene file; paths in it start at its folder. Raises ConfigError, with file and path, for mistakes."""
    table = read_toml(path)
    if _has(table, STYLES_OWN) and not _has(table, SCENES_OWN):
        raise ConfigError("this is a style", where=str(path),
                          fix=f'use --style, or name it in a scene: style = "{path.name}"')
    return scene_of(table, path.parent)


def read_style_apart(path: Path) -> Style:
    """A style file that was asked for by itself. Raises ConfigError as read_style does, and for a scene."""
    table = read_toml(path)
    if _has(table, SCENES_OWN) and not _has(table, STYLES_OWN):
        raise ConfigError("this is a scene", where=str(path), fix="use --settings")
    return style_of(table)


def _has(table: Table, keys: tuple[str, ...]) -> bool:
    return any(key in table for key in keys)


def scene_of(table: Table, folder: Path) -> SceneSettings:
    """The same from a table that is read already; a style's path starts at `folder`."""
    (feelings, feeling), (looks, look) = (_of_section(table, section) for section in BESIDES)
    scene = SceneSettings(
        fps=_fps(table), model=_model(table, folder), seed=table.whole("seed", 0, MAX_SEED),
        mode=table.text("mode", MODES), attitude=table.text("attitude", ATTITUDES),
        emotion=feelings.parsed(feeling, parse_feeling),
        emotions=read_each(table, "emotion_at", read_emotion),
        gaze=looked_at(looks, look), gazes=read_each(table, "gaze_at", read_gaze),
        style=_style(table, folder), layers=_layers(table.table("layers")),
        sections=read_sections(table, BESIDES),
        controls=read_controls(table.table("controls")))
    table.finish()
    return scene


def _of_section(table: Table, section: str) -> tuple[Table, str]:
    """Where a scene says it: in `[emotion] feeling = ...`, or in short `emotion = ...`."""
    if isinstance(table.raw(section), dict):
        return table.table(section), BESIDES[section]
    return table, section


def _fps(table: Table) -> Fraction | None:
    rate = table.raw("fps")
    if rate is None:
        return None
    try:
        return parse_fps(repr(rate) if not isinstance(rate, str) else rate)
    except ConfigError as error:
        raise table.bad("fps", error.what, error.fix) from None


def _model(table: Table, folder: Path) -> str | None:
    """A model's name, or the path of its file, which starts at the scene's folder."""
    name = table.text("model")
    return str(folder / name) if name is not None and name.lower().endswith(".onnx") else name


def _style(table: Table, folder: Path) -> Style | None:
    name = table.text("style")
    if name is None:
        return None
    path = folder / name
    try:
        return read_style(path)
    except ConfigError as error:
        if error.where != str(path):  # a place within the style
            raise
        raise table.bad("style", f"{path}: {error.what}", error.fix) from None


def _layers(table: Table) -> dict[str, float]:
    """Strengths by layer; true and false are on and off."""
    out = {}
    for layer in STRENGTHS:
        if isinstance(table.raw(layer), bool):
            out[layer] = float(bool(table.flag(layer)))
        elif (strength := table.number(layer, 0.0, STRONGEST, "true, false or a strength")) is not None:
            out[layer] = strength
    table.finish()
    return out


def read_controls(table: Table) -> Controls:
    """The controls of a `[controls]` table and its `[controls.curves.NAME]`."""
    curves = read_curve_controls(table.table("curves"))
    return Controls(**read_settings(table, Controls, "curves"), curves=curves)
