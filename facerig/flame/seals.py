"""Whether lips that meet on the ARKit head meet on FLAME: measured on FLAME's own lips, after its own forward
pass.

Gaps count from rest, as on the ARKit head: 0 is how the lips of the template lie on each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.core.mouth import mouth_geometry
from facerig.flame.targets import Targets

Array = NDArray[np.float64]

SEALED_MM: Final = 1.0  # lips no farther apart count as closed, as everywhere in facerig
JAWS: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)  # how open jaws are while lips are shut
# What shapes lips while they are shut
MOUTHS: Final[tuple[dict[str, float], ...]] = (
    {}, {"mouthPucker": 0.5}, {"mouthFunnel": 0.3},
    {"mouthPressLeft": 0.3, "mouthPressRight": 0.3},
    {"mouthSmileLeft": 0.6, "mouthSmileRight": 0.6},
    {"mouthFrownLeft": 0.5, "mouthFrownRight": 0.5},
    {"mouthStretchLeft": 0.5, "mouthStretchRight": 0.5},
    {"mouthRollLower": 0.3, "mouthRollUpper": 0.3},
    {"mouthUpperUpLeft": 0.3, "mouthUpperUpRight": 0.3},
)


@dataclass(frozen=True, slots=True)
class SealReport:
    """Of `faces` with shut lips: `sealed` are shut on FLAME; `widest_mm` the most that any is open, `mean_mm`
    what they are open on average; `open_error_mm`: the rms by which parted lips are parted otherwise."""

    faces: int
    sealed: int
    widest_mm: float
    mean_mm: float
    open_error_mm: float


def judged_seals(targets: Targets, moved: Callable[[Array], Array]) -> SealReport:
    """Measure the seals of `moved` (canonical faces [T, 61] to displacements [T, N, 3])."""
    shut = sealed_faces()
    gaps = gaps_mm(targets, moved(shut))
    wide = gaps.max(1)
    parted = parted_faces()
    off = gaps_mm(targets, moved(parted)) - mouth_geometry().gaps_mm(parted) / targets.laid.first.scale
    return SealReport(len(shut), int((wide <= SEALED_MM).sum()), float(wide.max()),
                      float(np.maximum(wide, 0).mean()), float(np.sqrt((off * off).mean())))


def gaps_mm(targets: Targets, moved: Array) -> Array:
    """The lips' gap [T, 5] against rest, for displacements [T, N, 3]."""
    return np.asarray((targets.gap_of @ moved[:, :, 1].T).T)


def sealed_faces() -> Array:
    """Faces [T, 61] whose lips just meet on the ARKit head: mouthClose takes back what jaw and mouth part."""
    rows = []
    for jaw in JAWS:
        for mouth in MOUTHS:
            face = np.zeros(N_CHANNELS)
            face[INDEX["jawOpen"]] = jaw
            for name, value in mouth.items():
                face[INDEX[name]] = value
            rows.append(face)
    faces = np.array(rows)
    geometry = mouth_geometry()
    close = geometry.gap[INDEX["mouthClose"]]
    need = (geometry.gaps_mm(faces) / -close).max(1)
    faces[:, INDEX["mouthClose"]] = np.clip(need, 0, faces[:, INDEX["jawOpen"]] + 0.05)
    met = geometry.gaps_mm(faces).max(1) <= 0.05
    return np.asarray(faces[met], np.float64)


def parted_faces() -> Array:
    """The same mouths with nothing closed."""
    faces = sealed_faces()
    faces[:, INDEX["mouthClose"]] = 0
    return faces
