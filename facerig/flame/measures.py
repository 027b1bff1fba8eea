"""What FLAME's coefficients and ARKit's shapes do to the same points, in few numbers.

The face nearest to FLAME's has the least |sum of shapes - FLAME's displacement| over the points. All that
matters lies in the space that the shapes span: a triangle of numbers for the shapes (Cholesky's of their
products) and a table for the coefficients. Distances in it are millimetres over the face.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular

from facerig.flame.model import Coefficients, Flame
from facerig.flame.targets import Targets
from facerig.rig.declaration import Measure

Array = NDArray[np.float64]

LEAST_MM: Final = 0.05  # a shape that moves the face less leaves no trace in it
RIDGE: Final = 1e-3  # of a shape's square: holds what only others tell apart
LIPS: Final = 0.1  # weight of the lips' gap beside the face's mean square
SIDE_RADIANS: Final = 0.05  # at which the jaw's sideways turns are measured


def measures(flame: Flame, targets: Targets, jaw_radians: float) -> tuple[Measure, ...]:
    """The measures of all shapes that show on FLAME's skin; `jaw_radians` is how far jawOpen turns the
    jaw."""
    told = [k for k, name in enumerate(targets.names)
            if targets.rms_mm(targets.shapes[k]) >= LEAST_MM]
    names = [targets.names[k] for k in told]
    face = _seen(targets, targets.shapes[told])
    products = face @ face.T
    triangle = cholesky(products + RIDGE * np.diag(np.diag(products)))

    def table(moved: Mapping[str, Array]) -> Array:
        seen = _seen(targets, np.stack([*moved.values()]))
        return np.asarray(solve_triangular(triangle, face @ seen.T, trans=1))

    lines, squares = _jaw(flame, jaw_radians)
    coefficients = {**_expressions(flame), **lines,
                    "eyelid_0": targets.target("eyeBlinkLeft"), "eyelid_1": targets.target("eyeBlinkRight")}
    return tuple(
        Measure(rig=dict(zip(coefficients, rig.tolist(), strict=True)),
                products=dict(zip(((name, name) for name in squares), square.tolist(), strict=True)),
                face=dict(zip(names, corner.tolist(), strict=True)))
        for rig, square, corner in zip(table(coefficients), table(squares), triangle, strict=True))


def _expressions(flame: Flame) -> dict[str, Array]:
    """What a unit of each expression does [N, 3]."""
    return {f"expression_{k:02d}": moved for k, moved in enumerate(flame.directions()[1])}


def _jaw(flame: Flame, jaw_radians: float) -> tuple[dict[str, Array], dict[str, Array]]:
    """What the jaw's turns do [N, 3], and what their squares do: the parabola through rest, half way and
    fully open, and through both sides."""
    most = max(jaw_radians, SIDE_RADIANS)
    turns = np.array([[most / 2, 0, 0], [most, 0, 0],
                      *(s * SIDE_RADIANS * np.eye(3)[a] for a in (1, 2) for s in (1, -1))])
    moved = flame.points(Coefficients(np.zeros((len(turns), flame.n_expressions)), jaw=turns)) - flame.rest
    lines = {"jaw_pose_0": (4 * moved[0] - moved[1]) / most}
    squares = {"jaw_pose_0": (2 * moved[1] - 4 * moved[0]) / most**2}
    for axis, (left, right) in ((1, moved[2:4]), (2, moved[4:6])):
        lines[f"jaw_pose_{axis}"] = (left - right) / (2 * SIDE_RADIANS)
        squares[f"jaw_pose_{axis}"] = (left + right) / (2 * SIDE_RADIANS**2)
    return lines, squares


def _seen(targets: Targets, moved: Array) -> Array:
    """Displacements [n, N, 3] and what they do to the lips' gap as rows whose length is their size."""
    places = moved * np.sqrt(targets.weights)[:, None]
    gaps = np.asarray((targets.gap_of @ moved[:, :, 1].T).T)
    return np.concatenate([places.reshape(len(moved), -1), np.sqrt(LIPS) * gaps], 1)
