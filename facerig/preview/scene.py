"""What a renderer draws: triangles on the picture, already lit. Lighting and camera are the same for every
renderer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scene:
    """`points` float32 [N, 3]: x to the right and y downwards in pixels, depth (smaller is nearer);
    `triangles` int32 [M, 3]; `colours` float32 [N, 3], display values from 0 to 1."""

    points: Floats
    triangles: NDArray[np.int32]
    colours: Floats


class Renderer(Protocol):
    """Turns a scene into a picture."""

    @property
    def name(self) -> str:
        """Stable word: software or gl."""
        ...

    def draw(self, scene: Scene, background: Floats) -> NDArray[np.uint8]:
        """`scene` over `background` (float32 [height, width, 3], 0 to 255) as RGB bytes of the same size."""
        ...

    def close(self) -> None:
        """Give back what the renderer holds."""
        ...
