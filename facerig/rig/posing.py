"""Curves that are poses: how much of each is in a face.

Two ways. Without `[mixture]` each pose has a range of its own, and their sum comes as near to the face as it
can. With it they share one face, as visemes do: a mean of poses whose shares are 1 in all, rest among them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.rig.declaration import Mixture, Rig, Weights
from facerig.rig.solving import nearest_mixture, nearest_shares

Array = NDArray[np.float64]

STILL: Final = 1e-9  # of what is told, squared: a face at rest needs no solving


class Posing:
    """The poses of `rig` put to work: `columns` are the rig's curves that come out, in order.

    sources: canonical values [T, 61] to [T, n] with measured and own terms behind them; `column` says where.
    """

    def __init__(self, rig: Rig, sources: Callable[[Array], Array], column: Mapping[str, int]) -> None:
        posed = [i for i, curve in enumerate(rig.curves) if curve.pose is not None]
        self._poses = pose_rows([rig.curves[i].pose or {} for i in posed])
        self._low, self._high = (np.array([rig.curves[i].range[end] for i in posed]) for end in (0, 1))
        self._shared = None if rig.mixture is None else _Shared(self._poses, rig.mixture, sources, column)
        remainder = [i for i, curve in enumerate(rig.curves) if curve.remainder]
        self.columns = [*posed, *remainder]
        self._counts = np.asarray(self._poses.any(0), np.float64)

    def __call__(self, sources: Array) -> Array:
        """[T, len(columns)] for sources [T, n]; elementwise over frames."""
        if self._shared is None:
            return nearest_shares(sources[:, :N_CHANNELS] * self._counts, self._poses, self._low, self._high)
        return self._shared(sources)[:, : len(self.columns)]


class _Shared:
    """Shares of one face, told by weighed sources.

    Beyond the strongest pose a face tells no more, so that a shout is no stranger to all of them.
    """

    def __init__(self, poses: Array, mixture: Mixture, sources: Callable[[Array], Array],
                 column: Mapping[str, int]) -> None:
        self._n, self._near = len(poses), mixture.near
        every = np.concatenate([poses, pose_rows(list(mixture.others.values()))])
        counts = np.zeros(len(column))
        counts[:N_CHANNELS] = every.any(0)
        for name, count in mixture.counts.items():
            counts[column[name]] = count
        self._telling = np.flatnonzero(counts)
        self._counts = counts[self._telling]
        self._told = self._tell(sources(every))
        self._least, self._most = self._told.min(0, initial=0.0), self._told.max(0, initial=0.0)

    def __call__(self, sources: Array) -> Array:
        """[T, n + 1]: the poses of the rig, then what they leave of 1."""
        told = np.clip(self._tell(sources), self._least, self._most)
        out = np.zeros((len(told), self._n + 1))
        moving = np.flatnonzero((told * told).sum(1) > STILL)
        out[moving, : self._n] = nearest_mixture(told[moving], self._told, self._near)[:, : self._n]
        out[:, self._n] = np.maximum(1.0 - out.sum(1), 0.0)
        return out

    def _tell(self, sources: Array) -> Array:
        return sources[:, self._telling] * self._counts


def pose_rows(poses: Sequence[Weights]) -> Array:
    """Canonical values [K, 61] of poses."""
    rows = np.zeros((len(poses), N_CHANNELS))
    for row, pose in zip(rows, poses, strict=True):
        for name, value in pose.items():
            row[INDEX[name]] = value
    return rows
