"""Draws scenes with OpenGL through pyrender (extra `gl`), on a GPU (EGL) or in Mesa (OSMesa).

GL only rasterises: the colours arrive lit, and an orthographic camera maps pixels to pixels, so the picture
is the software renderer's, with the driver's anti-aliasing.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facerig.preview.scene import Scene

Floats = NDArray[np.float32]

PLATFORMS = ("egl", "osmesa")  # tried in this order, unless PYOPENGL_PLATFORM says which
PROBE_SECS = 20.0
DEPTH_RANGE = 10_000.0  # mm
CURTAIN_CELLS = 48
PROBE = """
import numpy as np
from facerig.preview.gl import draw_probe
raise SystemExit(0 if draw_probe() else 3)
"""


class NoGl(Exception):
    """GL cannot draw on this machine; the text says why."""


class GlRenderer:
    """Draws scenes of one size. Raises NoGl where a test drawing fails."""

    name = "gl"

    def __init__(self, width: int, height: int) -> None:
        os.environ["PYOPENGL_PLATFORM"] = _working_platform()
        self._open(width, height)

    def _open(self, width: int, height: int) -> None:
        import pyrender
        self._pyrender: Any = pyrender
        self._renderer: Any = pyrender.OffscreenRenderer(width, height)
        self._scene = pyrender.Scene(bg_color=(0, 0, 0, 0), ambient_light=(1, 1, 1))
        camera = pyrender.OrthographicCamera(width / 2, height / 2, znear=1.0, zfar=DEPTH_RANGE)
        self._scene.add(camera, pose=np.eye(4))
        self._size = (width, height)

    def draw(self, scene: Scene, background: Floats) -> NDArray[np.uint8]:
        """`scene` over `background` (float32 [height, width, 3], 0 to 255) as RGB bytes of the same size."""
        width, height = self._size
        nodes = [self._added(part) for part in (scene, _curtain(background))]
        flags = self._pyrender.RenderFlags
        try:
            colour, _ = self._renderer.render(self._scene, flags=flags.FLAT | flags.SKIP_CULL_FACES)
        finally:
            for node in nodes:
                self._scene.remove_node(node)
        return np.asarray(colour[:height, :width, :3], np.uint8)

    def _added(self, scene: Scene) -> Any:
        width, height = self._size
        points = scene.points * np.array([1, -1, -1], np.float32) + np.array([-width / 2, height / 2, 0],
                                                                             np.float32)
        material = self._pyrender.MetallicRoughnessMaterial(doubleSided=True, alphaMode="OPAQUE")
        primitive = self._pyrender.Primitive(positions=points, indices=scene.triangles, mode=4,
                                             material=material,
                                             color_0=np.clip(scene.colours, 0, 1))
        return self._scene.add(self._pyrender.Mesh([primitive]))

    def close(self) -> None:
        """Give back the GL context."""
        self._renderer.delete()


def _curtain(background: Floats) -> Scene:
    """The background as a grid of coloured points behind everything, so that edges blend with it."""
    height, width = background.shape[:2]
    y, x = (np.linspace(0, n, CURTAIN_CELLS + 1) for n in (height, width))
    rows, columns = (np.minimum(v, n - 1).astype(int) for v, n in ((y, height), (x, width)))
    grid = np.stack([*np.meshgrid(x, y), np.full((len(y), len(x)), DEPTH_RANGE * 0.99)], 2).reshape(-1, 3)
    corner = (np.arange(CURTAIN_CELLS)[:, None] * (CURTAIN_CELLS + 1) + np.arange(CURTAIN_CELLS)).ravel()
    below = corner + CURTAIN_CELLS + 1
    triangles = np.concatenate([np.stack([corner, below, corner + 1], 1),
                                np.stack([corner + 1, below, below + 1], 1)])
    colours = background[rows][:, columns].reshape(-1, 3) / 255
    return Scene(grid.astype(np.float32), triangles.astype(np.int32), colours.astype(np.float32))


@cache
def _working_platform() -> str:
    """The first platform that draws, tried in a process of its own: a broken driver may crash instead of
    failing."""
    if find_spec("pyrender") is None:
        raise NoGl("pyrender is not installed")
    wished = os.environ.get("PYOPENGL_PLATFORM")
    for platform in (wished,) if wished else PLATFORMS:
        try:
            done = subprocess.run([sys.executable, "-c", PROBE],
                                  env={**os.environ, "PYOPENGL_PLATFORM": platform},
                                  capture_output=True, timeout=PROBE_SECS, check=False)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return platform
    raise NoGl("no GL driver draws")


def draw_probe() -> bool:
    """Whether a red triangle comes out red; runs in the probe's process."""
    renderer = GlRenderer.__new__(GlRenderer)
    renderer._open(32, 32)
    scene = Scene(np.array([[0, 0, 10], [0, 40, 10], [40, 0, 10]], np.float32),
                  np.array([[0, 1, 2]], np.int32),
                  np.array([[1, 0, 0]] * 3, np.float32))
    picture = renderer.draw(scene, np.zeros((32, 32, 3), np.float32))
    renderer.close()
    return bool((picture[8, 8] == (255, 0, 0)).all() and (picture[30, 30] == 0).all())
