"""A FLAME file to a rig: registration, transfer, solving, and a report of what is missed, in millimetres.

    fit = fit_flame(Path("generic_model.pkl"), FitSettings())
    fit.rig_text                       # write it as a rig file
    fit.shapes                         # per ARKit shape: how far FLAME follows
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.errors import ConfigError, ModelError
from facerig.flame.files import LAYOUTS, read_flame
from facerig.flame.measures import measures
from facerig.flame.model import Coefficients, Flame
from facerig.flame.rig import Solution, rig_text
from facerig.flame.seals import SealReport, judged_seals
from facerig.flame.solving import CLOSE, OPEN, Bent, Solved, Solver
from facerig.flame.targets import Targets, targets
from facerig.mesh.head import Head, shipped_head
from facerig.rig.declaration import Rig
from facerig.rig.reading import parse_rig
from facerig.rig.retarget import Retarget

Array = NDArray[np.float64]
Progress = Callable[[int, int], None]

EXPRESSIONS: Final = (10, 50, 100)  # counts that tools use
UPRIGHT_COS: Final = 0.9  # a template that is turned more is not one of FLAME's


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSettings:
    """How a rig is fitted."""

    layout: str = ""  # 2020 or 2023; empty: as the file's name says
    expressions: int = 50  # DECA, EMOCA and most tools read the first 50; the model has 100
    figure: str = "female"  # the shipped head whose shapes are carried over


@dataclass(frozen=True)
class FlameFit:
    """The fit: `shapes` in canonical order, `seals` how lips close on FLAME, and all that was computed."""

    flame: Flame
    head: Head
    targets: Targets
    shapes: dict[str, Solved]
    bent: dict[str, Bent]
    rig_text: str
    seals: SealReport

    @cached_property
    def rig(self) -> Rig:
        """The rig, read back from its own text."""
        return parse_rig(self.rig_text.encode("utf-8"), "flame.toml")

    def points(self, face: NDArray[np.floating]) -> Array:
        """FLAME's points [T, N, 3], mm, for canonical `face` [T, 61] through the rig."""
        return self.flame.points(coefficients_of(self.rig, np.asarray(face, np.float64)))

    @property
    def alignment_rms_mm(self) -> float:
        """How far FLAME's points, where they have a partner, are from the head that they were laid onto."""
        laid = self.targets.laid
        met = laid.quality > 0
        return float(np.sqrt(np.mean(laid.footing.distance[met] ** 2)))


def fit_flame(path: Path, settings: FitSettings, progress: Progress | None = None) -> FlameFit:
    """Fit a rig to the FLAME at `path`, a file or folder. Raises ConfigError or ModelError."""
    if settings.layout not in ("", *LAYOUTS):
        raise ConfigError(f"there is no layout {settings.layout!r}", where="--layout",
                          fix=f"give {' or '.join(LAYOUTS)}")
    if settings.expressions not in EXPRESSIONS:
        raise ConfigError(f"{settings.expressions} expressions", where="--expressions",
                          fix=f"give {', '.join(map(str, EXPRESSIONS))}")
    flame = Flame(read_flame(path, settings.layout), settings.expressions)
    head = shipped_head(settings.figure)
    aims = targets(flame, head)
    if np.trace(aims.laid.first.turn) < 1 + 2 * UPRIGHT_COS:
        raise ModelError("the template does not look along z with y up", where=str(path),
                         fix="give FLAME's own template, as it comes")
    solver = Solver(flame, aims)
    shapes: dict[str, Solved] = {}
    for k, name in enumerate(aims.names):
        if name not in (OPEN, CLOSE):
            shapes[name] = solver.solved(name)
        if progress:
            progress(k + 1, len(aims.names) + 1)
    opened = solver.opened()
    bent = {OPEN: opened, CLOSE: solver.closed(opened)}
    text = rig_text(Solution(
        shapes=shapes, bent=bent, measures=measures(flame, aims, float(opened.whole.jaw[0])),
        summary=f"FLAME {flame.file.layout}: {flame.n_expressions} expressions, jaw, eyes, neck, eyelids",
        source=f"facerig rig fit-flame {flame.file.path.name}, layout {flame.file.layout}, "
               f"{len(flame.rest)} points"))
    rig = parse_rig(text.encode("utf-8"), "flame.toml")
    seals = judged_seals(aims, lambda face: flame.points(coefficients_of(rig, face)) - flame.rest)
    if progress:
        progress(len(aims.names) + 1, len(aims.names) + 1)
    judged = {name: bent[name].whole if name in bent else shapes[name] for name in aims.names}
    return FlameFit(flame, head, aims, judged, bent, text, seals)


def coefficients_of(rig: Rig, face: Array) -> Coefficients:
    """FLAME's coefficients for canonical `face` [T, 61]: the rig's, head and eyes included."""
    if face.ndim != 2 or face.shape[1] != N_CHANNELS:
        raise ValueError(f"{face.shape} values instead of (T, {N_CHANNELS})")
    values = Retarget(rig).values(face).astype(np.float64)
    place = {name: i for i, name in enumerate(rig.names)}
    expressions = [i for name, i in place.items() if name.startswith("expression_")]

    def pose(name: str) -> Array:
        return np.asarray(values[:, [place[f"{name}_{axis}"] for axis in range(3)]])

    return Coefficients(values[:, expressions], jaw=pose("jaw_pose"), neck=pose("neck_pose"),
                        left_eye=pose("leye_pose"), right_eye=pose("reye_pose"))


def one_shape(name: str, value: float = 1.0) -> Array:
    """A canonical face [1, 61] with nothing but one shape; mouthClose comes with the jaw that it closes."""
    face = np.zeros((1, N_CHANNELS))
    face[0, INDEX[name]] = value
    if name == CLOSE:
        face[0, INDEX[OPEN]] = value
    return face
