"""A rig's curves back to canonical ones: the face whose retargeted values come nearest, within bounds.

    back = Inverse(rig).solve(values)     # values [T, n] in the rig's units
    back.values                           # [T, 61]
    back.residual                         # [T]: how far the rig's values of that face are from the given

Weighted sums and poses are a bounded least-squares problem with one answer wherever the rig tells one; where
it does not, the least face. What is not linear (products, ratios, measured terms, breakpoints) is linearised
around that answer, frame by frame, and solved again through the real map for as long as it comes nearer. A
rig file's [inverse] says where to begin for curves that no sum tells. Frames do not depend on their company.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import CHANNELS, INDEX, N_CHANNELS, NAMES
from facerig.rig.declaration import Rig
from facerig.rig.descent import Extras, Linear, minimised
from facerig.rig.equations import Equations, equations_of
from facerig.rig.looks import with_both
from facerig.rig.retarget import Retarget, term_value

Array = NDArray[np.float64]
Progress = Callable[[float, float | None], None]  # frames done, frames in all

BLOCK_FRAMES: Final = 2048  # solved at a time: memory stays constant
FIRST_STEPS: Final = 200  # of the linear problem; most rigs need one
NEXT_STEPS: Final = 60  # of each linearised one
ROUNDS: Final = 6  # of linearisation
ENOUGH: Final = 0.98  # of the cost: a round that leaves more is the last
SHORTER: Final = (1.0, 0.3, 0.05)  # steps that are tried where the whole one leads astray
SOLVED: Final = 1e-4  # rms of a frame, in shares of what the sums span: near enough
UNSOLVED: Final = 1e-3  # of a frame that is begun again elsewhere
BEGINNINGS: Final = (0.5, 0.0)  # in shares of where it was begun first: a product has several ways to 0
ROUNDS_AGAIN: Final = 3
ROWS_AT_ONCE: Final = 1 << 15  # faces that are tried in one go
TRIES: Final = 32  # faces, to see what moves a term at all
STEP: Final = 1e-3  # of a curve, to see what a term makes of it
LOW: Final = np.array([c.low for c in CHANNELS])[:, None]
HIGH: Final = np.array([c.high for c in CHANNELS])[:, None]


@dataclass(frozen=True, slots=True)
class Inverted:
    """`values` float32 [T, 61]. `residual` [T]: rms over the rig's curves of what the values' own retarget
    differs by, in shares of each curve's range. `largest` [n]: the most that each curve differs by, in
    the same; 0 for curves that were not given."""

    values: NDArray[np.float32]
    residual: Array
    largest: Array


class Inverse:
    """The way back of `rig`. `told`: the curves that will be given (None: all); the others count as unknown.
    """

    def __init__(self, rig: Rig, told: Collection[str] | None = None) -> None:
        self.rig, self.engine = rig, Retarget(rig)
        self.told = np.array([told is None or name in told for name in rig.names])
        names = [name for name, given in zip(rig.names, self.told, strict=True) if given]
        self._equations = equations_of(self.engine, names)
        self._moving = _moving(self.engine, self._equations.extras)
        self._low, self._high = (np.array([c.range[end] for c in rig.curves]) for end in (0, 1))

    @cached_property
    def unobserved(self) -> tuple[str, ...]:
        """Canonical curves that nothing in the rig tells: they come out at rest, or, where the other half of
        the gaze is told, as that says."""
        sums = self._equations
        seen = np.asarray(abs(sums.canonical).sum(0)).ravel() > 0
        seen |= sums.poses.any(0)
        seen |= (np.asarray(abs(sums.extra).sum(0)).ravel()[:, None] * self._moving).any(0)
        known = {name for name, given in zip(self.rig.names, self.told, strict=True) if given}
        declared = {name for name, term in self.rig.inverse.items() if known.intersection(term.sources)}
        return tuple(name for c, name in enumerate(NAMES) if not seen[c] and name not in declared)

    @cached_property
    def _gaze_unknown(self) -> frozenset[str]:
        """What is not told of the gaze; eyes that only a term tells of follow their shapes, or these them."""
        direct = np.asarray(abs(self._equations.canonical).sum(0)).ravel() > 0
        direct |= self._equations.poses.any(0)
        told = {name for name, plain in zip(NAMES, direct, strict=True) if plain} | set(self.rig.inverse)
        return frozenset(NAMES) - told

    def solve(self, values: NDArray[Any], progress: Progress | None = None) -> Inverted:
        """The canonical face behind `values` [T, n] of the rig's curves; those that were not told are
        ignored.

        Raises ValueError for another shape, or values that are not finite.
        """
        if values.ndim != 2 or values.shape[1] != len(self.rig.curves):
            raise ValueError(f"{values.shape} values instead of (T, {len(self.rig.curves)})")
        given = np.where(self.told, np.asarray(values, np.float64), 0.0)
        if not np.isfinite(given).all():
            raise ValueError("values that are not finite")
        given = np.clip(given, self._low, self._high)
        blocks = [given[at:at + BLOCK_FRAMES] for at in range(0, len(given), BLOCK_FRAMES)]
        faces: list[NDArray[np.float32]] = []
        for block in blocks:
            faces.append(self._face(block).T.astype(np.float32))
            if progress is not None:
                progress(min(len(faces) * BLOCK_FRAMES, len(given)), len(given))
        face = np.concatenate(faces) if faces else np.zeros((0, N_CHANNELS), np.float32)
        face = with_both(face, self._gaze_unknown)
        off = np.abs(self.engine.values(face) - given) / (self._high - self._low) * self.told
        count = max(int(self.told.sum()), 1)
        return Inverted(face, np.sqrt((off * off).sum(1) / count), off.max(0, initial=0.0))

    # --- one block, frames last

    def _face(self, values: Array) -> Array:
        """[61, T] for `values` [T, n]."""
        sums = self._equations
        if not (sums.uses_extra | sums.bent).any():
            return self._linear(self._begin(values), values)
        begun = self._begin(values)
        face, cost = self._settled(self._linear(begun, values), values, ROUNDS)
        for share in BEGINNINGS:
            again = np.flatnonzero(cost > UNSOLVED**2)
            begin = self._linear(share * begun[:, again], values[again])
            other, left = self._settled(begin, values[again], ROUNDS_AGAIN)
            nearer = left < cost[again]
            face[:, again[nearer]], cost[again[nearer]] = other[:, nearer], left[nearer]
        return face

    def _begin(self, values: Array) -> Array:
        """As the curves look where they say it, else at rest, or where [inverse] says."""
        column = {name: values[:, i] for i, name in enumerate(self.rig.names)}
        face = self._equations.shown(values)
        for name, term in self.rig.inverse.items():
            face[INDEX[name]] = term_value(term, [column[source] for source in term.sources])
        return np.clip(face, LOW, HIGH)

    def _linear(self, face: Array, values: Array) -> Array:
        """`face`, moved by the sums that hold canonical curves only."""
        sums = self._equations
        plain = ~(sums.uses_extra | sums.bent)
        aim = sums.allowed(values, np.zeros((len(plain), len(values))))
        linear = Linear(sums.canonical, sums.extra, sums.importance * plain)
        return minimised(linear, face, None, aim, (LOW, HIGH), FIRST_STEPS)

    def _settled(self, face: Array, values: Array, rounds: int) -> tuple[Array, Array]:
        """`face` brought nearer through everything, round by round; and the cost that is left [T]."""
        cost = self._cost(face, values)
        active = np.flatnonzero(cost > SOLVED**2)
        for _ in range(rounds):
            if not len(active):
                break
            face[:, active], left = self._nearer(face[:, active], values[active])
            gained = left < ENOUGH * cost[active]
            cost[active] = left
            active = active[gained & (left > SOLVED**2)]
        return face, cost

    def _nearer(self, face: Array, values: Array) -> tuple[Array, Array]:
        """`face` after a round of linearisation, where that is nearer to `values`; and what is left [T]."""
        sums = self._equations
        extras = self._extras(face)
        allowed = sums.allowed(values, sums.canonical @ face + sums.extra @ extras.values)
        linear = Linear(sums.canonical, sums.extra, sums.importance)
        aim = minimised(linear, face, extras, allowed, (LOW, HIGH), NEXT_STEPS)
        best, least_cost = face, self._cost(face, values)
        for share in SHORTER:
            tried = face + share * (aim - face)
            cost = self._cost(tried, values)
            nearer = cost < least_cost
            best, least_cost = np.where(nearer, tried, best), np.where(nearer, cost, least_cost)
        return best, least_cost

    def _cost(self, face: Array, values: Array) -> Array:
        """Mean of the squares that are left, through the real terms [T]."""
        sums = self._equations
        raw = sums.canonical @ face + sums.extra @ self._beyond(face.T).T
        off = _distance(sums, values, raw)
        return np.asarray((off * off).sum(0) / max(len(off), 1))

    def _beyond(self, faces: Array) -> Array:
        """What the sums hold besides canonical curves [T, e], for `faces` [T, 61]."""
        return self.engine.sources(faces)[:, N_CHANNELS + self._equations.extras]

    def _extras(self, face: Array) -> Extras:
        """What is no canonical curve, and how it moves with them. Where a term has a corner, the steeper
        side: the way out of a plateau."""
        n_frames = face.shape[1]
        here = self._beyond(face.T).T
        moving = np.flatnonzero(self._moving.any(0))
        slope = np.zeros((len(here), len(moving), n_frames))
        n_groups = -(-len(moving) * 2 * n_frames // ROWS_AT_ONCE)
        for group in np.array_split(np.arange(len(moving)), n_groups) if n_groups else ():
            moved = np.repeat(face[None], 2 * len(group), 0)  # every curve of the group up, then down
            for k, c in enumerate(moving[group]):
                moved[k, c] += STEP
                moved[len(group) + k, c] -= STEP
            rows = moved.transpose(0, 2, 1).reshape(-1, N_CHANNELS)
            there = self._beyond(rows).reshape(2, len(group), n_frames, -1)
            up, down = there.transpose(0, 3, 1, 2) - here[:, None]
            slope[:, group] = np.where(np.abs(up) >= np.abs(down), up, -down) / STEP
        return Extras(here, slope, moving)


def _distance(sums: Equations, values: Array, raw: Array) -> Array:
    """How far each sum is from what its curve says, in shares of what it spans [m, T]."""
    least, most = sums.allowed(values, raw)
    return np.asarray((raw - np.clip(raw, least, most)) * sums.importance[:, None])


def _moving(engine: Retarget, extras: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which canonical curves move which of the sources `extras` [e, 61]: found by trying, on a few faces."""
    out = np.zeros((len(extras), N_CHANNELS), np.bool_)
    draws = np.random.default_rng(0)
    faces = draws.uniform(0, 1, (N_CHANNELS, TRIES)) * draws.uniform(0, 1, (1, TRIES)) ** 2
    for c in range(N_CHANNELS) if len(extras) else ():
        here, there = faces.copy(), faces.copy()
        here[c], there[c] = 0.0, draws.uniform(0.2, 1, TRIES)
        before, after = (engine.sources(face.T)[:, N_CHANNELS + extras] for face in (here, there))
        out[:, c] = (before != after).any(0)
    return out
