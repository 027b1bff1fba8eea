"""A head before the camera: curve values in, one picture out, with all its views side by side."""

from __future__ import annotations

import logging
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.errors import ConfigError
from facerig.mesh.head import Head, Part
from facerig.preview.camera import Camera, backdrop, checked_views, framed
from facerig.preview.scene import Renderer, Scene
from facerig.preview.shade import Shader

Floats = NDArray[np.float32]

log = logging.getLogger(__name__)

RENDERERS: Final = ("auto", "gl", "software")
SMALLEST, LARGEST = 64, 4096  # pixels of one side of a view
# of the head's height: eyeballs are drawn this much deeper, so that lids never let them through
EYE_RECESS: Final = 0.012


def choose_renderer(wish: str, width: int, height: int) -> Renderer:
    """The renderer called `wish`; `auto` takes GL where it really draws, and the software one elsewhere.

    Raises ConfigError for an unknown name, and for `gl` where GL does not work.
    """
    if wish not in RENDERERS:
        raise ConfigError(f"unknown renderer {wish!r}", where="--renderer",
                          fix=f"choose from {', '.join(RENDERERS)}")
    if wish != "software":
        from facerig.preview import gl
        try:
            return gl.GlRenderer(width, height)
        except gl.NoGl as reason:
            if wish == "gl":
                fix = 'pip install "facerig[gl]" and a GL driver, or use --renderer software'
                raise ConfigError(f"GL does not work here: {reason}", where="--renderer", fix=fix) from None
            log.info("preview: software renderer (%s)", reason)
    from facerig.preview.software import SoftwareRenderer
    return SoftwareRenderer()


class Studio:
    """Renders one head from fixed views. Use as a context manager, or call `close`."""

    def __init__(self, head: Head, *, views: tuple[str, ...] = ("front",), size: tuple[int, int] = (640, 640),
                 renderer: str = "auto", close: bool = False) -> None:
        self.width, self.height = _checked_size(size)
        self._head, self._shader = head, Shader(head)
        low, high = head.frame_box(close)
        aspect = self.width / self.height
        self._cameras = [framed(low, high, view, aspect) for view in checked_views(views)]
        self._backdrop = backdrop(self.width, self.height)
        self._renderer = choose_renderer(renderer, self.width, self.height)
        self._recess = np.where(head.parts == Part.EYE, EYE_RECESS * float(high[1] - low[1]),
                                0).astype(np.float32)

    @property
    def renderer_name(self) -> str:
        """Which renderer draws: gl or software."""
        return self._renderer.name

    @property
    def picture_size(self) -> tuple[int, int]:
        """(width, height) of a picture with all views."""
        return self.width * len(self._cameras), self.height

    def picture(self, values: NDArray[np.floating]) -> NDArray[np.uint8]:
        """One frame for the 61 canonical `values`, RGB [height, width * views, 3]."""
        points = self._head.posed(values)
        normals = self._head.normals(points)
        return np.concatenate([self._view(camera, points, normals, values) for camera in self._cameras], 1)

    def _view(self, camera: Camera, points: Floats, normals: Floats,
              values: NDArray[np.floating]) -> NDArray[np.uint8]:
        colours = self._shader.colours(points, normals, values, camera.position)
        placed = camera.project(points, self.width, self.height)
        facing = self._facing(placed)
        placed[:, 2] += self._recess
        return self._renderer.draw(Scene(placed, self._head.triangles[facing], colours), self._backdrop)

    def _facing(self, placed: Floats) -> NDArray[np.bool_]:
        """Triangles that show their front, or have two sides."""
        a, b, c = (placed[self._head.triangles[:, k], :2] for k in range(3))
        u, v = b - a, c - a
        return np.asarray((u[:, 0] * v[:, 1] - v[:, 0] * u[:, 1] < 0) | self._head.two_sided)

    def close(self) -> None:
        """Give back the renderer."""
        self._renderer.close()

    def __enter__(self) -> Studio:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _checked_size(size: tuple[int, int]) -> tuple[int, int]:
    """Even numbers of pixels, which H.264 wants."""
    width, height = size
    if not (SMALLEST <= width <= LARGEST and SMALLEST <= height <= LARGEST):
        raise ConfigError(f"{width}x{height} pixels is out of range", where="--size",
                          fix=f"give {SMALLEST} to {LARGEST} pixels a side, such as 640x640")
    return width + width % 2, height + height % 2
