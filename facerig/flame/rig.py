"""What was solved as a rig file: ARKit's curves to FLAME's coefficients, and what both measure, for the way
back.

Head and eyes turn FLAME's neck and eyeballs. FLAME counts a turn as one axis times its angle, Live Link as
yaw, then pitch, then roll: the products in the terms are the second order of that change
(Baker-Campbell-Hausdorff), 0.3 degrees off at most where each angle stays below 20 degrees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX
from facerig.core.looking import LOOK_DOWN_RADIANS, LOOK_IN_RADIANS, LOOK_OUT_RADIANS, LOOK_UP_RADIANS
from facerig.flame.solving import CLOSE, OPEN, Bent, Solved
from facerig.rig.declaration import Measure

Array = NDArray[np.float64]

NAME: Final = "flame"
EXPRESSION_RANGE: Final = 15.0  # of the sum of all shapes' coefficients
DIGITS: Final = 5
LEAST: Final = 5e-5  # smaller weights are left out
CORRECTIVES: Final = {OPEN: "jawOpenTwice", CLOSE: "jawClosed"}  # terms: jawOpen times these
TURN_WEIGHT: Final = 10.0  # of a radian against a millimetre over the face, on the way back
TURN: Final = 1.6  # radians; no neck or eye turns farther
AXES: Final = (0, 1, 2)  # x to the subject's left, y up, z to the front

# Which canonical curves turn what: FLAME's pose, and the curves' prefix
_TURNED: Final = {"neck_pose": "head", "leye_pose": "leftEye", "reye_pose": "rightEye"}
# sign: looking inwards is this much yaw
_SIDES: Final = {"leftEye": ("Left", 1.0), "rightEye": ("Right", -1.0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """Everything a rig file is written from. `shapes` by ARKit name; jawOpen and mouthClose are `bent`."""

    shapes: Mapping[str, Solved]
    bent: Mapping[str, Bent]
    measures: Sequence[Measure]
    summary: str
    source: str


def expression_name(index: int) -> str:
    """Name of the curve of an expression coefficient."""
    return f"expression_{index:02d}"


def pose_names(pose: str) -> tuple[str, ...]:
    """Names of the three curves of a pose such as `jaw_pose`."""
    return tuple(f"{pose}_{axis}" for axis in AXES)


def rig_text(solution: Solution) -> str:
    """The rig file."""
    lines = ["# Made by `facerig rig fit-flame`; make it again rather than edit it.", "format = 1",
             f'name = "{NAME}"', f"summary = {_text(solution.summary)}",
             f"source = {_text(solution.source)}", "",
             "# A jaw turns on an arc and a blendshape moves on its chord: the second order of both.",
             *(f'[terms.{term}]\nproduct = ["{OPEN}", "{name}"]\n' for name, term in CORRECTIVES.items()),
             *(line for prefix in _TURNED.values() for line in _turn_terms(prefix)),
             "[curves]", *_expressions(solution), *_jaw(solution), *_poses(), *_eyelids(solution),
             "", "[inverse]", *_inverse(),
             "", "# The way back makes these meet: turns (10 a radian), and what both do in millimetres."]
    for row in (*_turns(), *solution.measures):
        products = {f"{one}*{other}": weight for (one, other), weight in row.products.items()}
        lines += ["[[measures]]", f"rig = {_weights(row.rig)}", f"products = {_weights(products)}",
                  f"face = {_weights(row.face)}"]
    return "\n".join(lines) + "\n"


def _columns(solution: Solution, part: int) -> dict[str, Array]:
    """What each source adds to the expression (0) or the jaw (1)."""
    out = {name: (solved.expression, solved.jaw)[part] for name, solved in solution.shapes.items()}
    for name, bent in solution.bent.items():
        out[name], out[CORRECTIVES[name]] = bent.linear[part], bent.corrective[part]
    return out


def _expressions(solution: Solution) -> Iterable[str]:
    columns = _columns(solution, 0)
    for k in range(len(columns[OPEN])):
        weights = {name: float(column[k]) for name, column in columns.items()}
        yield (f"{expression_name(k)} = {{ from = {_weights(weights)}, "
               f"range = [{-EXPRESSION_RANGE:g}, {EXPRESSION_RANGE:g}] }}")


def _jaw(solution: Solution) -> Iterable[str]:
    columns = _columns(solution, 1)
    for axis, name in enumerate(pose_names("jaw_pose")):
        weights = {source: float(jaw[axis]) for source, jaw in columns.items()}
        yield f'{name} = {{ from = {_weights(weights)}, unit = "radians", range = [-0.8, 0.8] }}'


def _poses() -> Iterable[str]:
    #      axis  angle        of it  product      of it
    rows = ((0, "Pitch", 1.0, "YawRoll", 0.5),
            (1, "Yaw", -1.0, "PitchRoll", 0.5),
            (2, "Roll", -1.0, "YawPitch", 0.5))
    for pose, prefix in _TURNED.items():
        for axis, angle, sign, product, share in rows:
            turn = _angle(prefix, angle)
            weights = {turn: sign, f"{prefix}{product}": share}
            yield (f'{pose}_{axis} = {{ from = {_weights(weights)}, unit = "radians", '
                   f"range = [{-TURN:g}, {TURN:g}] }}")


def _eyelids(solution: Solution) -> Iterable[str]:
    """FLAME has no eyelids of its own; trackers add two shapes. What its expressions leave open they
    close."""
    for index, side in enumerate(("Left", "Right")):
        name = f"eyeBlink{side}"
        yield f"eyelid_{index} = {{ from = {_weights({name: 1 - solution.shapes[name].reached})} }}"


def _turn_terms(prefix: str) -> Iterable[str]:
    """The angles of head or eye and their products. Live Link tells an eye's turn twice, as angles and as
    shapes: the stronger one holds (where they contradict each other, their sum)."""
    bounds = f"range = [{-TURN:g}, {TURN:g}]"
    if prefix in _SIDES:
        side, inwards = _SIDES[prefix]
        for angle, weights in _looks(side, inwards).items():
            name = f"{prefix}{angle}"
            yield f"[terms.{name}Shape]\nfrom = {_weights(weights)}\n{bounds}\n"
            yield f'[terms.{name}Most]\nmax = ["{name}", "{name}Shape"]\nrange = [0, {TURN:g}]\n'
            yield f'[terms.{name}Least]\nmin = ["{name}", "{name}Shape"]\nrange = [{-TURN:g}, 0]\n'
            both = {f"{name}Most": 1.0, f"{name}Least": 1.0}
            yield f"[terms.{name}Both]\nfrom = {_weights(both)}\n{bounds}\n"
    for one, other in (("Yaw", "Pitch"), ("Yaw", "Roll"), ("Pitch", "Roll")):
        names = [_angle(prefix, angle) for angle in (one, other)]
        yield f'[terms.{prefix}{one}{other}]\nproduct = ["{names[0]}", "{names[1]}"]\n{bounds}\n'


def _looks(side: str, inwards: float) -> dict[str, dict[str, float]]:
    """What an eye's shapes say of its angles."""
    return {"Yaw": {f"eyeLookIn{side}": inwards * LOOK_IN_RADIANS,
                    f"eyeLookOut{side}": -inwards * LOOK_OUT_RADIANS},
            "Pitch": {f"eyeLookDown{side}": LOOK_DOWN_RADIANS, f"eyeLookUp{side}": -LOOK_UP_RADIANS}}


def _turns() -> Iterable[Measure]:
    """FLAME's turns as angles; a gaze in both of Live Link's ways to tell it."""
    #        axis  sign  product     of it
    angles = {"Pitch": (0, 1.0, (1, 2), -0.5), "Yaw": (1, -1.0, (0, 2), -0.5),
              "Roll": (2, -1.0, (0, 1), -0.5)}
    for pose, prefix in _TURNED.items():
        looks = _looks(*_SIDES[prefix]) if prefix in _SIDES else {}
        for angle, (axis, sign, (one, other), share) in angles.items():
            turn = {f"{pose}_{axis}": TURN_WEIGHT * sign}
            products = {(f"{pose}_{one}", f"{pose}_{other}"): TURN_WEIGHT * share}
            yield Measure(rig=turn, products=products, face={f"{prefix}{angle}": TURN_WEIGHT})
            if angle in looks:
                face = {name: TURN_WEIGHT * weight for name, weight in looks[angle].items()}
                yield Measure(rig=turn, products=products, face=face)


def _angle(prefix: str, angle: str) -> str:
    return f"{prefix}{angle}" + ("Both" if prefix in _SIDES and angle != "Roll" else "")


def _inverse() -> Iterable[str]:
    """Where the way back begins: angles as FLAME counts them, and the eyes' shapes out of those."""
    bounds = f"range = [{-TURN:g}, {TURN:g}]"
    for pose, prefix in _TURNED.items():
        for axis, angle, sign in ((0, "Pitch", 1.0), (1, "Yaw", -1.0), (2, "Roll", -1.0)):
            yield f"{prefix}{angle} = {{ from = {{ {pose}_{axis} = {sign:g} }}, {bounds} }}"
    for pose, prefix in list(_TURNED.items())[1:]:
        side, inwards = _SIDES[prefix]
        looks = (("In", 1, -inwards / LOOK_IN_RADIANS), ("Out", 1, inwards / LOOK_OUT_RADIANS),
                 ("Down", 0, 1 / LOOK_DOWN_RADIANS), ("Up", 0, -1 / LOOK_UP_RADIANS))
        for look, axis, weight in looks:
            yield f"eyeLook{look}{side} = {{ from = {{ {pose}_{axis} = {_number(weight)} }} }}"


def _weights(weights: Mapping[str, float]) -> str:
    rows = [f"{name if name.isidentifier() else _text(name)} = {_number(value)}"
            for name, value in weights.items() if abs(value) >= LEAST]
    return "{ " + ", ".join(rows) + " }" if rows else "{}"


def _number(value: float) -> str:
    return f"{float(f'{value:.{DIGITS}g}'):.10g}"


def _text(text: str) -> str:
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else "_" for c in text) + '"'


def coefficient_columns(names: tuple[str, ...]) -> dict[str, int]:
    """Where each of the rig's curves stands; names that a rig of this kind does not have raise KeyError."""
    return {name: names.index(name) for name in names if name not in INDEX}
