"""What there is to look at: points in the head's space, and how a game or a person names them.

The head's space is that of its neutral pose, metres: x to the subject's left, y up, z ahead, the origin
between the eyes. The head turns that facerig itself makes are not part of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from facerig.errors import ConfigError

NEAREST_METRES: Final = 0.1  # eyes cross no further
FACE_METRES: Final = 0.1  # from eye line to chin: what looks wander over
MOST_TARGETS: Final = 32
_FIX: Final = 'give "camera", "none" or x,y,z in metres (left, up, ahead), with :weight if there are several'


class Aim(NamedTuple):
    """A direction: yaw to the subject's right and pitch downwards, radians; `near` is 1 / distance, 1/m."""

    yaw: float
    pitch: float
    near: float


@dataclass(frozen=True, slots=True)
class Target:
    """A point to look at. Looks are shared between several by `weight`, and wander over `size_metres`."""

    x: float
    y: float
    z: float
    weight: float = 1.0
    size_metres: float = FACE_METRES

    def __post_init__(self) -> None:
        values = (self.x, self.y, self.z, self.weight, self.size_metres)
        if not all(math.isfinite(v) for v in values) or self.weight < 0 or self.size_metres < 0:
            raise ConfigError(f"{values} is no target", where="gaze", fix="give finite numbers; a weight and "
                              "a size of 0 or more")
        if self.x == self.y == self.z == 0:
            raise ConfigError("a target between the eyes cannot be looked at", where="gaze", fix=_FIX)

    @property
    def aim(self) -> Aim:
        """Its direction from between the eyes."""
        flat = math.hypot(self.x, self.z)
        near = 1.0 / max(math.hypot(flat, self.y), NEAREST_METRES)
        return Aim(math.atan2(-self.x, self.z), -math.atan2(self.y, flat), near)


CAMERA: Final = Target(0.0, 0.0, 0.7)  # the player or listener, straight ahead at talking distance


def towards(yaw_radians: float, pitch_radians: float, metres: float = 2.0, weight: float = 1.0) -> Target:
    """A target in a direction: yaw to the subject's right, pitch downwards."""
    flat = metres * math.cos(pitch_radians)
    return Target(-flat * math.sin(yaw_radians), -metres * math.sin(pitch_radians),
                  flat * math.cos(yaw_radians), weight)


def in_world(point: ArrayLike, head_from_world: ArrayLike, weight: float = 1.0,
             size_metres: float = FACE_METRES) -> Target:
    """A target at a world-space `point` [3], by the pose of the neutral head.

    head_from_world: [3, 4] or [4, 4], column vectors, a rigid transform into the head's space in metres.
    Raises ConfigError for other shapes and for numbers that are not finite.
    """
    matrix, at = np.asarray(head_from_world, np.float64), np.asarray(point, np.float64)
    if matrix.shape not in ((3, 4), (4, 4)) or at.shape != (3,):
        raise ConfigError(f"a pose of shape {matrix.shape} and a point of shape {at.shape}", where="gaze",
                          fix="give head_from_world as [3, 4] or [4, 4] and the point as [3]")
    x, y, z = (float(row[0] * at[0] + row[1] * at[1] + row[2] * at[2] + row[3]) for row in matrix[:3])
    return Target(x, y, z, weight, size_metres)


def read_targets(text: str) -> tuple[Target, ...]:
    """Targets as written: `camera`, `none`, `0.4,0,1.2`, or several: `camera:3; 0.4,-0.1,0.8:1`.

    Raises ConfigError for anything else.
    """
    if text.strip().lower() == "none":
        return ()
    return checked_targets(tuple(_one(part.strip()) for part in text.split(";")))


def checked_targets(targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """`targets` as given. Raises ConfigError for too many, or where no weight is above 0."""
    if len(targets) > MOST_TARGETS or (targets and not any(t.weight for t in targets)):
        raise ConfigError(f"{len(targets)} targets, weights {[t.weight for t in targets]}", where="gaze",
                          fix=f"give at most {MOST_TARGETS}, one of them with a weight above 0")
    return targets


def _one(text: str) -> Target:
    place, _, weight = text.partition(":")
    try:
        share = float(weight) if weight.strip() else 1.0
        if place.strip().lower() == "camera":
            return Target(CAMERA.x, CAMERA.y, CAMERA.z, share)
        x, y, z = (float(number) for number in place.split(","))
    except ValueError:
        raise ConfigError(f"{text!r} is no target", where="gaze", fix=_FIX) from None
    return Target(x, y, z, share)
