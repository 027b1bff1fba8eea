"""Where the camera stands for each view, and what it sees."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin, tan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.errors import ConfigError

Floats = NDArray[np.float32]

# view: degrees round the head, from the front towards the subject's right, where the key light stands
VIEWS: Final = {"front": 0.0, "three-quarter": 38.0, "profile": 90.0}
FIELD_OF_VIEW_DEGREES: Final = 20.0  # a portrait lens: near views make noses big


def checked_views(views: tuple[str, ...]) -> tuple[str, ...]:
    """`views` as given. Raises ConfigError for none or an unknown one."""
    unknown = [v for v in views if v not in VIEWS]
    if unknown or not views:
        raise ConfigError(f"unknown view {', '.join(unknown)!r}" if unknown else "no view", where="--views",
                          fix=f"choose from {', '.join(VIEWS)}")
    return views


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """Looks level at `target` from `distance` mm away, `degrees` round the head; `half_height` mm fill half
    the picture's height at the target."""

    target: Floats
    half_height: float
    degrees: float

    @property
    def distance(self) -> float:
        return self.half_height / tan(radians(FIELD_OF_VIEW_DEGREES) / 2)

    @property
    def axes(self) -> Floats:
        """Rows: right, up and backwards (towards the camera), in the head's axes."""
        c, s = cos(radians(-self.degrees)), sin(radians(-self.degrees))
        return np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]], np.float32)

    @property
    def position(self) -> Floats:
        return np.asarray(self.target + self.distance * self.axes[2], np.float32)

    def project(self, points: Floats, width: int, height: int) -> Floats:
        """Points as (x, y, depth): x to the right and y downwards in pixels, depth in mm from the camera."""
        local = (points - self.target) @ self.axes.T
        depth = np.maximum(self.distance - local[:, 2], self.distance * 0.05)
        scale = (height / 2) * self.distance / (self.half_height * depth)
        return np.stack([width / 2 + local[:, 0] * scale, height / 2 - local[:, 1] * scale, depth],
                        1).astype(np.float32)


def framed(low: Floats, high: Floats, view: str, aspect: float) -> Camera:
    """A camera for `view` that shows the box from `low` to `high`; `aspect` is width over height of the
    picture."""
    half_height = float((high - low)[1]) / 2
    half_width = float(max((high - low)[0], (high - low)[2])) / 2
    target = (low + high) / 2
    return Camera(target=np.asarray(target, np.float32), half_height=max(half_height, half_width / aspect),
                  degrees=VIEWS[view])


def backdrop(width: int, height: int) -> Floats:
    """A neutral studio background [height, width, 3], 0 to 255: light behind the head, darker to the edges.
    """
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    across = (x + 0.5) / width - 0.5
    down = (y + 0.5) / height - 0.42
    glow = np.exp(-((across / 0.55) ** 2 + (down / 0.60) ** 2))[:, :, None]
    edge, centre = np.array([38, 41, 46], np.float32), np.array([98, 104, 112], np.float32)
    # keeps the gradient from banding
    grain = np.random.default_rng(0).random((height, width, 1), np.float32) - 0.5
    return np.asarray(edge + (centre - edge) * glow + grain, np.float32)
