"""What is worth knowing of a rig that can be read: what it moves, what it cannot show, whether its lips
seal.

    report = check_rig(load_rig("hero.toml"))
    report = check_rig(rig, speech=curves)        # and what is left of real speech

All by trying: faces go through the rig (`rig.retarget`) and back (`rig.inverse`), and are measured on the
shipped head.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import BY_LOWER_NAME, CHANNELS, INDEX, N_CHANNELS, NAMES, SHAPE_NAMES
from facerig.core.curves import CurveClip
from facerig.core.mouth import mouth_geometry
from facerig.rig import Retarget, Rig
from facerig.rig.inverse import Inverse, Inverted

Array = NDArray[np.float64]

SEAL_MM: Final = 1.0  # lips that near look shut
OPEN_MM: Final = 4.0  # lips of an open vowel are farther apart
CONTACT_MM: Final = 2.5  # from the lower lip to the edge of the upper teeth in f and v,
APART_MM: Final = 1.2  # with the lips so far apart
ASYMMETRY: Final = 0.02  # of a range: sides that differ by less are alike
LOST: Final = 0.1  # of a curve in speech: what comes back with a larger error is told
TRIES: Final = 48  # faces that are tried
NATURAL: Final = 0.5  # radians: heads and eyes turn no farther in them

#   face            its curves in speech
FACES: Final = {
    "seal":    {"jawOpen": 0.10, "mouthClose": 0.10, "mouthShrugLower": 0.20, "mouthPressLeft": 0.10,
                "mouthPressRight": 0.10},
    "contact": {"jawOpen": 0.03, "mouthRollLower": 0.28, "mouthShrugUpper": 0.42, "mouthShrugLower": 0.36,
                "mouthUpperUpLeft": 0.33, "mouthUpperUpRight": 0.33},
    "vowel":   {"jawOpen": 0.45, "mouthLowerDownLeft": 0.12, "mouthLowerDownRight": 0.12},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lips:
    """A face of FACES as it comes back from the rig: the largest gap of the lips, and the teeth's distance,
    mm."""

    gap_mm: float
    teeth_mm: float


@dataclass(frozen=True, slots=True)
class SpeechReport:
    """Real speech through the rig and back: residual as in `rig.inverse.Inverted` (mean, largest), how far
    the gap of the lips is off (mean and largest, mm), how many sealed frames still are, and the canonical
    curves that change most."""

    residual: tuple[float, float]
    gap_error_mm: tuple[float, float]
    sealed: tuple[int, int]  # still, of
    lost: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class RigReport:
    """See the module's text. `still`: curves that nothing moves; `unused`: canonical curves that move
    nothing; `untold`: those that cannot be read back; `asymmetric`: pairs (or single curves) that do not
    answer a mirrored face mirrored."""

    curves: int
    still: tuple[str, ...]
    unused: tuple[str, ...]
    untold: tuple[str, ...]
    asymmetric: tuple[tuple[str, str], ...]
    lips: dict[str, Lips]
    speech: SpeechReport | None

    @property
    def seals(self) -> bool:
        """Whether p, b and m shut the lips."""
        return self.lips["seal"].gap_mm <= SEAL_MM

    @property
    def opens(self) -> bool:
        """Whether an open vowel opens them."""
        return self.lips["vowel"].gap_mm >= OPEN_MM

    @property
    def touches(self) -> bool:
        """Whether f and v bring the lower lip to the teeth."""
        lips = self.lips["contact"]
        return lips.teeth_mm <= CONTACT_MM and lips.gap_mm >= APART_MM


def check_rig(rig: Rig, speech: CurveClip | None = None) -> RigReport:
    """The report on `rig`; `speech` is canonical. Takes a second or a few."""
    engine, inverse = Retarget(rig), Inverse(rig)
    still = tuple(c.name for c in rig.curves if not (any(c.weights.values()) or c.pose or c.remainder))
    return RigReport(
        curves=len(rig.curves), still=still, unused=_unused(engine), untold=inverse.unobserved,
        asymmetric=_asymmetric(engine), lips=_lips(inverse),
        speech=None if speech is None else _speech(inverse, speech.values))


def _faces(seed: int = 0) -> Array:
    """Faces [TRIES, 61] of all kinds, their rotations within a natural range."""
    draws = np.random.default_rng(seed)
    low, high = (np.clip([getattr(c, end) for c in CHANNELS], -NATURAL, 1.0) for end in ("low", "high"))
    high = np.where(low < 0, NATURAL, high)
    strength = np.where(low < 0, 1.0, draws.uniform(0.1, 1, (TRIES, 1)))  # of shapes: all at once is no face
    return np.asarray(low + (high - low) * draws.uniform(0, 1, (TRIES, N_CHANNELS)) * strength)


def _unused(engine: Retarget) -> tuple[str, ...]:
    faces = np.concatenate([np.zeros((1, N_CHANNELS)), _faces()])
    out = []
    for c, name in enumerate(NAMES):
        without, with_it = faces.copy(), faces.copy()
        without[:, c], with_it[:, c] = 0.0, 0.6
        if np.array_equal(engine.values(without), engine.values(with_it)):
            out.append(name)
    return tuple(out)


# --- left and right


def _asymmetric(engine: Retarget) -> tuple[tuple[str, str], ...]:
    """Curves whose partner does not answer a mirrored face as they answer the face."""
    faces = _faces(1)
    span = np.array([c.range[1] - c.range[0] for c in engine.rig.curves])
    here, there = (engine.values(face) / span for face in (faces, mirrored(faces)))
    column = {name: i for i, name in enumerate(engine.names)}
    out = []
    for i, name in enumerate(engine.names):
        partner = partner_of(name, column) or name
        k = column[partner]
        off = min(np.abs(here[:, i] - sign * there[:, k]).max() for sign in (1, -1))
        if off > ASYMMETRY and (partner, name) not in out:
            out.append((name, partner))
    return tuple(out)


def mirrored(faces: Array) -> Array:
    """`faces` [T, 61] as a mirror shows them."""
    out = faces[:, [INDEX[c.mirror] for c in CHANNELS]].copy()
    for name in NAMES:
        if name.endswith(("Yaw", "Roll")):
            out[:, INDEX[name]] *= -1
    return out


_SIDES: Final = re.compile(
    r"Left|Right|left|right|LEFT|RIGHT|左|右|[LR](?![a-z])|(?<![A-Za-z])[lr](?![A-Za-z])")
_OTHER: Final = {"Left": "Right", "left": "right", "LEFT": "RIGHT", "左": "右", "L": "R", "l": "r"}
_SWAPPED: Final = _OTHER | {other: one for one, other in _OTHER.items()}
MOST_SIDES: Final = 4  # marks of a side in a name


def partner_of(name: str, among: Iterable[str]) -> str | None:
    """The curve of the other side, by its name; None for one in the middle."""
    known = {_folded(one): one for one in among}
    canonical = BY_LOWER_NAME.get(name.lower())
    if canonical is not None:
        return known.get(_folded(CHANNELS[INDEX[canonical]].mirror))
    marks = list(_SIDES.finditer(name))[-MOST_SIDES:]
    for count in range(len(marks), 0, -1):
        for chosen in combinations(marks, count):
            other = known.get(_folded(_swapped(name, chosen)))
            if other is not None:
                return other
    right = name.removesuffix("右") if name.endswith("右") else name + "右"  # MMD marks one side only
    return known.get(_folded(right))


def _swapped(name: str, marks: Sequence[re.Match[str]]) -> str:
    for mark in reversed(marks):
        name = name[: mark.start()] + _SWAPPED[mark.group()] + name[mark.end():]
    return name


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


# --- lips and speech


def _lips(inverse: Inverse) -> dict[str, Lips]:
    faces = np.zeros((len(FACES), N_CHANNELS))
    for row, pose in zip(faces, FACES.values(), strict=True):
        for name, value in pose.items():
            row[INDEX[name]] = value
    back = inverse.solve(inverse.engine.values(faces)).values
    mouth = mouth_geometry()
    gaps, teeth = mouth.gaps_mm(back).max(1), mouth.teeth_mm(back)
    return {name: Lips(float(gap), float(tooth))
            for name, gap, tooth in zip(FACES, gaps, teeth, strict=True)}


def _speech(inverse: Inverse, values: NDArray[np.float32]) -> SpeechReport:
    back: Inverted = inverse.solve(inverse.engine.values(values))
    gap = mouth_geometry().gaps_mm
    before, after = gap(values), gap(back.values)
    off = np.abs(before - after).max(1)
    sealed = before.max(1) <= SEAL_MM
    errors = np.abs(back.values - values).max(0)
    worst = sorted(((name, float(errors[INDEX[name]])) for name in SHAPE_NAMES if errors[INDEX[name]] > LOST),
                   key=lambda pair: -pair[1])
    return SpeechReport((float(back.residual.mean()), float(back.residual.max())),
                        (float(off.mean()), float(off.max())),
                        (int((after[sealed].max(1) <= SEAL_MM).sum()), int(sealed.sum())), tuple(worst))
