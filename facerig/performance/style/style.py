"""A style: a small file that says how one character moves, laid over any performance.

    style = read_style(Path("hero.toml"))
    blinks = style.on("blinks", BlinkSettings())            # and so for every section of SECTIONS
    controls = style.controls(Controls())                   # lips, sides and curves, as gains
    halfway = blended(calm, lively, 0.5)

docs/style.md describes the file; `facerig style extract` makes one from recorded curves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, TypeVar

from facerig.core.channels import CHANNELS
from facerig.core.toml_files import Table, read_toml, toml_text
from facerig.errors import ConfigError
from facerig.performance.control.controls import Controls, CurveControl
from facerig.performance.control.selection import PAIRS, curve_tables, curves_named
from facerig.performance.emotion.layer import EmotionSettings
from facerig.performance.eyes.attention import GazeSettings
from facerig.performance.eyes.blinks import BlinkSettings
from facerig.performance.head.head_plan import HeadSettings
from facerig.performance.head.listening_plan import ListenSettings
from facerig.performance.knobs import check, knob
from facerig.performance.style.settings_table import (
    NOTHING,
    Told,
    blended_told,
    laid_over,
    mixed,
    read_settings,
)

T = TypeVar("T")

LONGEST_NAME: Final = 200  # characters
DIGITS: Final = 4  # of numbers in a written file


@dataclass(frozen=True, slots=True, kw_only=True)
class LipStyle:
    """How a character articulates. Closures do not depend on it."""

    openness: float = knob(1.0, 0.3, 2.0, "how far jaw and lips open")
    rounding: float = knob(1.0, 0.0, 2.0, "pucker and funnel")
    stretch: float = knob(1.0, 0.0, 2.0, "width: stretch and dimples")
    smile: float = knob(1.0, 0.0, 3.0, "smiles, those of emotions too")
    press: float = knob(1.0, 0.0, 2.0, "pressed and rolled lips")

    def __post_init__(self) -> None:
        check(self, "lips")


@dataclass(frozen=True, slots=True, kw_only=True)
class AsymmetryStyle:
    """How the sides differ."""

    amount: float = knob(1.0, 0.0, 5.0, "small differences that drift: 1 is natural, 0 mirrors")
    left: float = knob(0.0, -0.5, 0.5, "by which share the left side shows more, and the right less")

    def __post_init__(self) -> None:
        check(self, "asymmetry")


#  knob of LipStyle   the curves that it scales
LIP_CURVES: Final = {
    "openness": ("jawOpen", "mouthClose", "mouthLowerDown", "mouthUpperUp"),
    "rounding": ("mouthPucker", "mouthFunnel", "mouthShrugUpper"),
    "stretch":  ("mouthStretch", "mouthDimple"),
    "smile":    ("mouthSmile",),
    "press":    ("mouthPress", "mouthRollLower", "mouthRollUpper"),
}
SIDED: Final = tuple(pair for pair in PAIRS if pair.startswith(("mouth", "cheek", "nose", "brow")))
#  section        settings that it is laid over
SECTIONS: Final[dict[str, type[Any]]] = {
    "lips": LipStyle,
    "asymmetry": AsymmetryStyle,
    "blinks": BlinkSettings,
    "gaze": GazeSettings,
    "head": HeadSettings,
    "listening": ListenSettings,
    "emotion": EmotionSettings,
}
# Fields that the seed decides unless they are told.
DRAWN: Final = {"blinks": ("rate",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """`sections`: what is told of SECTIONS, by field; `curves`: controls by the name of a curve or pair."""

    name: str = ""
    sections: Mapping[str, Told] = field(default_factory=dict)
    curves: Mapping[str, CurveControl] = field(default_factory=dict)

    def on(self, section: str, settings: T) -> T:
        """`settings` as this style changes them."""
        return laid_over(self.sections.get(section, NOTHING), settings)

    def controls(self, over: Controls | None = None) -> Controls:
        """Lips, sides and curves of this style under the user's own controls."""
        lips, left = self.on("lips", LipStyle()), self.on("asymmetry", AsymmetryStyle()).left
        out = (over or Controls()).with_curves(self.curves)  # a curve's clamp bounds what lips and sides give
        for scaled, curves in LIP_CURVES.items():
            if (gain := getattr(lips, scaled)) != 1:
                out = out.with_curves(dict.fromkeys(curves, CurveControl(gain=gain)))
        if not left:
            return out
        return out.with_curves({name: CurveControl(gain=gain) for pair in SIDED
                                for name, gain in zip(PAIRS[pair], (1 + left, 1 - left), strict=True)})

    def document(self) -> dict[str, Any]:
        """What a file of this style holds, by key."""
        told = {section: {key: _rounded(value) for key, value in given.items()}
                for section, given in self.sections.items() if given}
        curves = {name: _turned(control) for name, control in self.curves.items()}
        named = {"name": self.name} if self.name else {}
        return {**named, **told, **({"curves": curves} if curves else {})}

    def text(self) -> str:
        """The file."""
        return toml_text(self.document())


def _turned(control: CurveControl) -> dict[str, Any]:
    """What of a control is not as by default."""
    given = {one.name: (getattr(control, one.name), one.default) for one in fields(control)}
    return {name: _rounded(value) for name, (value, default) in given.items() if value != default}


def _rounded(value: Any) -> Any:
    return round(value, DIGITS) if isinstance(value, float) else value


def read_style(path: Path) -> Style:
    """A style file. Raises ConfigError, with file and path, for anything that is not right in it."""
    return style_of(read_toml(path))


def style_of(table: Table) -> Style:
    """The same from a table that is read already."""
    name = table.text("name") or ""
    if len(name) > LONGEST_NAME:
        raise table.bad("name", f"has {len(name)} characters", f"give at most {LONGEST_NAME}")
    style = Style(name=name, sections=read_sections(table), curves=read_curve_controls(table.table("curves")))
    table.finish()
    return style


def read_sections(table: Table, besides: Mapping[str, str] = NOTHING) -> dict[str, Told]:
    """What `table` tells of SECTIONS: those that stand in it.

    besides: a key of a section that somebody else reads; the section may then also be written as that alone.
    """
    out = {}
    for section, settings in SECTIONS.items():
        key = besides.get(section, "")
        if not key or isinstance(table.raw(section), dict):
            out[section] = read_settings(table.table(section), settings, key)
    return {section: told for section, told in out.items() if told}


def read_curve_controls(table: Table) -> dict[str, CurveControl]:
    """The controls of `[curves.NAME]`, by the name of a curve or pair."""
    return {name: CurveControl(**read_settings(one, CurveControl)) for name, one in curve_tables(table)}


def blended(a: Style, b: Style, share: float, name: str = "") -> Style:
    """Between two styles: `a` at a share of 0, `b` at 1. Raises ConfigError for another share."""
    if not 0.0 <= share <= 1.0:
        raise ConfigError(f"{share:g} is no share", where="style", fix="give 0 (the first) to 1 (the second)")
    sections = {section: blended_told(a.sections.get(section, NOTHING), b.sections.get(section, NOTHING),
                                      share, settings, DRAWN.get(section, ()))
                for section, settings in SECTIONS.items()}
    names = [*a.curves, *(curve for curve in b.curves if curve not in a.curves)]
    curves = {curve: _between(curve, a.curves.get(curve), b.curves.get(curve), share) for curve in names}
    return Style(name=name or (a.name if share < 0.5 else b.name), curves=curves,
                 sections={section: told for section, told in sections.items() if told})


def _between(curve: str, a: CurveControl | None, b: CurveControl | None, share: float) -> CurveControl:
    """A clamp that one has and the other has not goes to the end of the curve's range, not beyond it."""
    channel = CHANNELS[curves_named(curve)[0]]
    ends = [_bounded(control or CurveControl(), channel.low, channel.high) for control in (a, b)]
    given = {one.name: mixed(ends[0][one.name], ends[1][one.name], share) for one in fields(CurveControl)}
    if given["min"] <= channel.low:
        del given["min"]
    if given["max"] >= channel.high:
        del given["max"]
    return CurveControl(**given)


def _bounded(control: CurveControl, low: float, high: float) -> dict[str, Any]:
    values = {one.name: getattr(control, one.name) for one in fields(control)}
    return {**values, "min": max(control.min, low), "max": min(control.max, high)}
