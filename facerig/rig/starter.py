"""Rig files to begin with: a rig's own names, and what each most likely follows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from facerig.core.channels import CHANNELS, INDEX, SHAPE_NAMES
from facerig.core.spelling import canonical_name, plain, without_side
from facerig.core.toml_files import toml_key
from facerig.rig.declaration import FORMAT, Rig
from facerig.rig.reading import is_curve_name

HEADER: Final = """\
# A rig of your own: which curves it has, and how each follows from ARKit's.
# `facerig rig check {file}` tells what is wrong with it, and what it can and cannot show;
# `facerig animate line.wav --rig {file} -o line.fbx` uses it.
#
#   JawDrop = "jawOpen"                                             as it is
#   Jaw100 = {{ from = {{ jawOpen = 100 }}, range = [0, 100] }}         in percent
#   Brow = {{ from = {{ browOuterUpLeft = 1, browDownLeft = -1 }}, range = [-1, 1] }}
#   Soft = {{ from = {{ jawOpen = 1 }}, through = [[0, 0], [0.5, 0.3], [1, 1]] }}      breakpoints
#   Turn = {{ from = {{ headYaw = 1 }}, unit = "degrees", range = [-60, 60] }}
#   AA = {{ pose = {{ jawOpen = 0.7, mouthStretchLeft = 0.1 }} }}     a share of the face
#   Ear = {{}}                                                      the rig has it, nothing moves it
#
# A corrective is a term, and stands beside curves as a source:
#   [terms.smileOpen]
#   product = ["mouthSmileLeft", "jawOpen"]                         also: min, max, ratio, from
# lipsTogether is a source, too: 1 where lips that the jaw would part are sealed.
"""
_VISEME: Final = re.compile(r"(?:viseme|vrc\.v|v)[\s_.-]*(?P<sound>[A-Za-z]{1,3})", re.IGNORECASE)
_BOTH: Final = {  # what has two sides, by its name without them
    plain(name.removesuffix("Left")): (name, name.removesuffix("Left") + "Right")
    for name in SHAPE_NAMES if name.endswith("Left") and name.removesuffix("Left") + "Right" in INDEX}


@dataclass(frozen=True, slots=True)
class Starter:
    """A rig file's `text`; `guessed` of its curves follow something, `open` ones are to be filled in,
    `refused` names cannot be curves."""

    text: str
    guessed: tuple[str, ...]
    open: tuple[str, ...]
    refused: tuple[str, ...]


def starter(name: str, file: str, found: Sequence[str] = (), visemes: Rig | None = None) -> Starter:
    """A rig file called `name` for the curves `found`; without any, ARKit's own to rename.

    visemes: a rig of poses, whose names' poses are taken over.
    """
    names = [one for one in found or SHAPE_NAMES if is_curve_name(one)]
    refused = tuple(one for one in found if not is_curve_name(one))
    guesses = {one: guess(one, visemes) for one in names}
    known = [one for one in names if guesses[one]]
    blank = [one for one in names if not guesses[one]]
    lines = [HEADER.format(file=file), f"format = {FORMAT}", f'name = "{name}"', 'summary = ""', "",
             "[curves]"]
    if found:
        lines += [f"{toml_key(one)} = {guesses[one]}" for one in known]
    else:
        lines += _by_region()
    if blank:
        lines += ["", "# Not known by their names: say what they follow, or leave them still."]
        lines += [f"{toml_key(one)} = {{}}" for one in blank]
    if refused:
        lines += ["", "# Left out: a name begins with a letter or digit, holds no slash, quote, = + @, and",
                  "# is no column of curve files"]
        lines += [f"#   {one!a}" for one in refused]
    return Starter("\n".join(lines) + "\n", tuple(known), tuple(blank), refused)


def guess(name: str, visemes: Rig | None = None) -> str:
    """What the curve `name` follows, as a rig file says it; empty where its name does not tell."""
    canonical = canonical_name(name)
    if canonical in SHAPE_NAMES:
        return f'"{canonical}"'
    if canonical is not None:
        return f'{{ from = {{ {canonical} = 1 }}, unit = "radians" }}'
    key = plain(name.rpartition(".")[2])
    if key in _BOTH:
        left, right = _BOTH[key]
        return f"{{ from = {{ {left} = 0.5, {right} = 0.5 }} }}"
    middle = canonical_name(without_side(name) or "")
    if middle in SHAPE_NAMES:  # a middle curve that the rig has on both sides
        return f'"{middle}"'
    return _viseme(name, visemes)


def _viseme(name: str, visemes: Rig | None) -> str:
    match = _VISEME.fullmatch(name)
    if match is None or visemes is None:
        return ""
    for curve in visemes.curves:
        if curve.pose and curve.name.lower() == match["sound"].lower():
            pose = ", ".join(f"{source} = {value:g}" for source, value in curve.pose.items())
            return f"{{ pose = {{ {pose} }} }}"
    return ""


def _by_region() -> list[str]:
    lines = []
    for region in dict.fromkeys(c.region for c in CHANNELS if c.name in SHAPE_NAMES):
        lines += ["", f"# {region}"]
        lines += [f'{c.name} = "{c.name}"' for c in CHANNELS if c.region == region and c.name in SHAPE_NAMES]
    return lines[1:]
