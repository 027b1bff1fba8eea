"""The shipped head above, FLAME below, both making the same faces."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX, N_CHANNELS
from facerig.flame.fitting import FlameFit
from facerig.mesh.head import Eye, Head, Part
from facerig.preview.plot import Canvas
from facerig.preview.studio import Studio
from facerig.preview.video import save_png

# label              canonical curves
FACES: Final[dict[str, dict[str, float]]] = {
    "rest":            {},
    "jaw open":        {"jawOpen": 0.7},
    "p, b, m":         {"jawOpen": 0.4, "mouthClose": 0.4, "mouthPressLeft": 0.2, "mouthPressRight": 0.2},
    "smile":           {"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8, "cheekSquintLeft": 0.4,
                        "cheekSquintRight": 0.4},
    "pucker":          {"mouthPucker": 0.9},
    "funnel":          {"mouthFunnel": 0.8, "jawOpen": 0.3},
    "lips apart":      {"mouthUpperUpLeft": 0.8, "mouthUpperUpRight": 0.8, "mouthLowerDownLeft": 0.8,
                        "mouthLowerDownRight": 0.8},
    "brows":           {"browInnerUp": 1.0, "browOuterUpLeft": 0.8, "browOuterUpRight": 0.8},
    "anger":           {"browDownLeft": 1.0, "browDownRight": 1.0, "noseSneerLeft": 0.8,
                        "noseSneerRight": 0.8},
    "blink, look":     {"eyeBlinkLeft": 1.0, "rightEyeYaw": 0.4, "headYaw": -0.3, "headPitch": 0.1},
}  # fmt: skip
TILE_PX: Final = 190
MARGIN, GAP, LABEL_PX, SIDE_PX = 20, 6, 30, 104
INK, PAPER = (32, 36, 42), (250, 250, 248)
SKIN_RGB, EYE_RGB = (0.80, 0.68, 0.60), (0.93, 0.93, 0.92)
IRIS_RGB: Final = (0.16, 0.22, 0.28)
LINING_RGB: Final = (0.05, 0.03, 0.03)
IRIS_SHARE: Final = 0.42  # of an eyeball's radius, from the middle of its front


def draw(fit: FlameFit, out: Path) -> None:
    """Write `out`, a PNG. Raises OutputError."""
    canvas = Canvas(SIDE_PX + len(FACES) * (TILE_PX + GAP) + MARGIN,
                    MARGIN + LABEL_PX + 2 * (TILE_PX + GAP) + MARGIN, PAPER)
    flame = flame_head(fit)
    size = (TILE_PX, TILE_PX)
    with Studio(fit.head, size=size, renderer="software", close=True) as above, \
            Studio(flame, size=size, renderer="software", close=True) as below:
        for row, (studio, label) in enumerate(((above, "ARKit"), (below, "FLAME"))):
            top = MARGIN + LABEL_PX + row * (TILE_PX + GAP)
            canvas.text((MARGIN, top + TILE_PX / 2), label, INK, 18, bold=True)
            for k, (name, curves) in enumerate(FACES.items()):
                left = SIDE_PX + k * (TILE_PX + GAP)
                values = face_of(curves)
                flame.show(fit.points(values[None])[0])
                canvas.image((left, top), studio.picture(values))
                if row == 0:
                    canvas.text((left + TILE_PX / 2, MARGIN), name, INK, 15, anchor="middle")
    save_png(canvas.picture(), out)


def face_of(curves: dict[str, float]) -> NDArray[np.float64]:
    """Canonical values [61] with these curves and no others."""
    out = np.zeros(N_CHANNELS)
    for name, value in curves.items():
        out[INDEX[name]] = value
    return out


class FlameHead(Head):
    """A head that shows the points that it is given, whatever the curves say."""

    def show(self, points: NDArray[np.float64]) -> None:
        """Show FLAME's `points` [N, 3], mm, from now on."""
        object.__setattr__(self, "_shown", _twice(points))

    def posed(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        shown: NDArray[np.float32] = getattr(self, "_shown", self.rest)
        return shown


def flame_head(fit: FlameFit) -> FlameHead:
    """FLAME as a head that can be drawn, with a dark lining: an open mouth is no window."""
    flame, n = fit.flame, len(fit.flame.rest)
    triangles = flame.file.triangles.astype(np.int32)
    shapes = np.concatenate([fit.targets.shapes, fit.targets.shapes], 1)
    whole = np.ones((2, 2 * n), np.float32)
    parts = np.full(2 * n, Part.SKIN, np.uint8)
    for ball in flame.eyeballs:
        parts[ball] = Part.EYE
    return FlameHead(
        name="flame", rest=_twice(flame.rest), triangles=np.concatenate([triangles, triangles[:, ::-1] + n]),
        two_sided=np.zeros(2 * len(triangles), bool), colours=_colours(fit),
        gloss=np.repeat(np.array([0.2, 0.0], np.float32), n), parts=parts,
        normal_of=np.arange(2 * n, dtype=np.int32), ambient=whole, key=whole,
        follow=_twice(1 - flame.file.weights[:, 0]),
        pivot=np.asarray(flame.file.joints[1] @ flame.rest, np.float32),
        shape_names=fit.targets.names, deltas=shapes.reshape(len(shapes), -1).astype(np.float32),
        eyes=tuple(Eye(points=ball.astype(np.int32), centre=centre.astype(np.float32))
                   for ball, centre in zip(flame.eyeballs, flame.eyes, strict=True)))


def _twice(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Of the points, and of their lining."""
    return np.concatenate([values, values]).astype(np.float32)


def _colours(fit: FlameFit) -> NDArray[np.float32]:
    flame, n = fit.flame, len(fit.flame.rest)
    skin, eye, iris, lining = (np.array(rgb, np.float32) for rgb in (SKIN_RGB, EYE_RGB, IRIS_RGB, LINING_RGB))
    colours = np.concatenate([np.tile(skin, (n, 1)), np.tile(lining, (n, 1))])
    for ball, centre in zip(flame.eyeballs, flame.eyes, strict=True):
        out = flame.rest[ball] - centre
        middle = np.linalg.norm(out[:, :2], axis=1) < IRIS_SHARE * np.linalg.norm(out, axis=1)
        colours[ball] = np.where((middle & (out[:, 2] > 0))[:, None], iris, eye)
    return colours
