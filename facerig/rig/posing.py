"""Curves that are poses: how much of each is in a face.

Two ways. Without `[mixture]` each pose has a range of its own, and their sum comes as near to the face as it
can. With it they share one face, as visemes do: a mean of poses whose shares are 1 in all, rest among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.rig.declaration import Mixture, Rig, Weights
from facerig.rig.measured import MEASURED, measured
from facerig.rig.solving import nearest_mixture, nearest_shares

Array = NDArray[np.float64]

STILL: Final = 1e-9  # of what is told, squared: a face at rest needs no solving


class Posing:
    """The poses of `rig` put to work: `columns` are the rig's curves that come out, in order."""

    def __init__(self, rig: Rig) -> None:
        posed = [i for i, curve in enumerate(rig.curves) if curve.pose is not None]
        self._poses = pose_rows([rig.curves[i].pose or {} for i in posed])
        self._low, self._high = (np.array([rig.curves[i].range[end] for i in posed]) for end in (0, 1))
        self._shared = None if rig.mixture is None else _Shared(self._poses, rig.mixture)
        remainder = [i for i, curve in enumerate(rig.curves) if curve.remainder]
        self.columns = [*posed, *remainder]
        self._counts = np.asarray(self._poses.any(0), np.float64)

    def __call__(self, face: Array) -> Array:
        """[T, len(columns)] for canonical values [T, 61]; elementwise over frames."""
        if self._shared is None:
            return nearest_shares(face * self._counts, self._poses, self._low, self._high)
        return self._shared(face)[:, : len(self.columns)]


class _Shared:
    """Shares of one face, told by weighed curves and measured terms.

    Beyond the strongest pose a face tells no more, so that a shout is no stranger to all of them.
    """

    def __init__(self, poses: Array, mixture: Mixture) -> None:
        self._n, self._near = len(poses), mixture.near
        every = np.concatenate([poses, pose_rows(list(mixture.others.values()))])
        counts = np.asarray(every.any(0), np.float64)
        for name in mixture.counts.keys() & INDEX.keys():
            counts[INDEX[name]] = mixture.counts[name]
        self._channels = np.flatnonzero(counts)
        self._counts = counts[self._channels]
        self._terms = {name: mixture.counts[name] for name in MEASURED if mixture.counts.get(name)}
        self._told = self._tell(every)
        self._least, self._most = self._told.min(0, initial=0.0), self._told.max(0, initial=0.0)

    def __call__(self, face: Array) -> Array:
        """[T, n + 1]: the poses of the rig, then what they leave of 1."""
        told = np.clip(self._tell(face), self._least, self._most)
        out = np.zeros((len(face), self._n + 1))
        moving = np.flatnonzero((told * told).sum(1) > STILL)
        out[moving, : self._n] = nearest_mixture(told[moving], self._told, self._near)[:, : self._n]
        out[:, self._n] = np.maximum(1.0 - out.sum(1), 0.0)
        return out

    def _tell(self, face: Array) -> Array:
        terms = measured(face, self._terms)
        columns = [face[:, self._channels] * self._counts,
                   *((terms[name] * count)[:, None] for name, count in self._terms.items())]
        return np.concatenate(columns, 1)


def pose_rows(poses: Sequence[Weights]) -> Array:
    """Canonical values [K, 61] of poses."""
    rows = np.zeros((len(poses), N_CHANNELS))
    for row, pose in zip(rows, poses, strict=True):
        for name, value in pose.items():
            row[INDEX[name]] = value
    return rows
