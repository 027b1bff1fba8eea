"""Colours of the skin, lips and mouth, painted on the points of the mesh. Display RGB from 0 to 1; places in
mm."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tools.head.makehuman import Wheel, sampled

Floats = NDArray[np.float64]

SKIN_RGB = (0.800, 0.605, 0.505)
LIPS_RGB = (0.690, 0.370, 0.350)
MOUTH_RGB = (0.420, 0.170, 0.165)  # gums and the inside of the cheeks
TONGUE_RGB = (0.690, 0.340, 0.335)
TEETH_RGB = (0.865, 0.835, 0.770)
GUMS_RGB = (0.620, 0.320, 0.310)
LIDS_RGB = (0.720, 0.475, 0.405)
BROW_SHADE_RGB = (0.560, 0.405, 0.325)  # skin seen through the hairs
BEARD_RGB = (0.470, 0.390, 0.360)  # shaven this morning
SCALP_RGB = (0.430, 0.350, 0.310)  # close-cropped hair

MASK_REACH_MM = {"ears": 55.0, "eyelids": 35.0, "lips": 50.0, "inside-mouth": 90.0}
GAP_RGB = (0.42, 0.30, 0.24)  # between two teeth
# Widths of crowns from the middle, mm (Wheeler's Dental Anatomy, rounded)
UPPER_TEETH_MM, LOWER_TEETH_MM = (8.5, 6.5, 7.5, 7.0, 7.0, 10.0, 9.0), (5.0, 5.5, 7.0, 7.0, 7.0, 11.0, 10.5)

# Blood under the skin: places relative to the middle of the eyes (x on both sides), reach, and strength.
#          x      y      z     reach  strength
FLUSH = ((36.0, -34.0, -10.0, 20.0, 0.34),   # cheeks
         (0.0,  -36.0,  22.0, 12.0, 0.36),   # tip of the nose
         (0.0,  -98.0,   0.0, 15.0, 0.16),   # chin
         (27.0,  -9.0,   4.0, 10.0, 0.20))   # under the eyes
# Degrees round a vertical axis through the ears (0: front, 180: back), and height over the eyes in mm.
HAIRLINE_AXIS_MM = -75.0
HAIRLINE = ((0, 64), (10, 66), (24, 66), (38, 62), (46, 50), (53, 36), (58, 16), (62, -6), (67, -16),
            (73, -16), (77, 0),
            (82, 5), (94, 3), (101, -16), (109, -42), (128, -58), (180, -64))
FLUSH_RGB = (0.790, 0.440, 0.375)


def skin(points: Floats, uv: Floats, eye_centre: Floats, wheel: Wheel, *,
         beard: bool) -> tuple[Floats, Floats, Floats,
                                                                                Floats]:
    """Colours [N, 3], and shares of lip, inside mouth and ear [N], for skin points with texture coordinates.
    """
    colours = np.tile(np.array(SKIN_RGB), (len(points), 1))
    middle = np.array([0.0, eye_centre[1], eye_centre[2]])
    for x, y, z, reach, strength in FLUSH:
        for side in (-1, 1) if x else (1,):
            distance = np.linalg.norm(points - (middle + np.array([side * x, y, z])), axis=1)
            colours = _toward(colours, FLUSH_RGB, strength * np.exp(-((distance / reach) ** 2)))
    def painted(mask: str, place: tuple[float, float, float]) -> Floats:
        """The mask near its place; texture coordinates are wrong along seams, far from all of them."""
        folded = np.column_stack([np.abs(points[:, 0]), points[:, 1:]])  # both sides are alike
        distance = np.linalg.norm(folded - place, axis=1)
        return np.asarray(sampled(wheel.mask(mask), uv) * (distance < MASK_REACH_MM[mask]))

    ear = painted("ears", (75.0, eye_centre[1] - 25, eye_centre[2] - 75))
    colours = _toward(colours, FLUSH_RGB, 0.40 * ear)
    colours = _toward(colours, LIDS_RGB, 0.75 * painted("eyelids", tuple(eye_centre)))
    colours = _toward(colours, BROW_SHADE_RGB, 0.55 * _brow_shade(points, eye_centre))
    colours = _toward(colours, SCALP_RGB, 0.8 * scalp(points, eye_centre, ear))
    mouth = (0.0, eye_centre[1] - 60, eye_centre[2] + 15)
    lips, inside = painted("lips", mouth), painted("inside-mouth", mouth)
    if beard:
        colours = _toward(colours, BEARD_RGB, 0.34 * _beard(points, eye_centre))
    strength = 0.55 if beard else 0.85
    colours = _toward(_toward(colours, LIPS_RGB, strength * lips), MOUTH_RGB, inside)
    return colours, lips, inside, ear


def scalp(points: Floats, eye_centre: Floats, ear: Floats) -> Floats:
    """Share of cropped hair at each point, 0 to 1: above the hairline, but not on the ears."""
    x, y, z = (points - [0, eye_centre[1], eye_centre[2]]).T
    round_head = np.degrees(np.arctan2(np.abs(x), z - HAIRLINE_AXIS_MM))
    table = np.array(HAIRLINE)
    line = np.interp(round_head, table[:, 0], table[:, 1])
    ragged = 1.4 * np.sin(round_head * 1.1 + 2) + 0.9 * np.sin(round_head * 2.9 + 1)
    return np.asarray(_step((y - line + ragged + 4) / 15) * (1 - np.clip(1.6 * ear, 0, 1)))


def _beard(points: Floats, eye_centre: Floats) -> Floats:
    """Where a man's beard grows: lip, chin, cheeks up to a line from the ear to the mouth, and the upper
    throat."""
    _, y, z = (points - [0, eye_centre[1], eye_centre[2]]).T
    line = np.interp(z, [-75.0, -45.0, -5.0, 12.0, 30.0], [-8.0, -34.0, -50.0, -47.0, -47.0])
    throat = np.clip((y + 150 + 0.3 * z) / 18, 0, 1)
    behind = np.clip((z + 88) / 14, 0, 1)
    return np.asarray(_step((line - y) / 12) * throat * behind)


def teeth(points: Floats, upper: bool) -> Floats:
    """Ivory crowns with gaps between them, reddening into gums at the root."""
    y = points[:, 1]
    height = (y - y.min()) / np.ptp(y)
    root = _step((height if upper else 1 - height) * 6 - 4.4)
    edges = np.cumsum((0.0, *(UPPER_TEETH_MM if upper else LOWER_TEETH_MM)))
    gap = np.exp(-((np.abs(_along_arch(points)[:, None] - edges).min(1) / 0.55) ** 2))
    colours = _toward(np.tile(np.array(TEETH_RGB), (len(points), 1)), GAP_RGB, 0.6 * gap)
    behind = _step((_along_arch(points) - 17) / 16)  # the dark corner between teeth and cheek
    return _toward(_toward(colours, GUMS_RGB, root), MOUTH_RGB, 0.8 * behind)


def _along_arch(points: Floats) -> Floats:
    """Distance from the middle along the row of teeth, mm, the same on both sides."""
    behind = points[:, 2].min()
    angle = np.abs(np.arctan2(points[:, 0], points[:, 2] - behind))
    bins = np.linspace(0, angle.max() + 1e-9, 33)
    which = np.digitize(angle, bins) - 1
    radius = np.hypot(points[:, 0], points[:, 2] - behind)
    mean = np.array([radius[which == k].mean() if (which == k).any() else np.nan for k in range(32)])
    middle = (bins[1:] + bins[:-1]) / 2
    known = ~np.isnan(mean)
    x, z = (np.interp(middle, middle[known], mean[known]) * f(middle) for f in (np.sin, np.cos))
    length = np.concatenate([[x[0]], x[0] + np.cumsum(np.hypot(np.diff(x), np.diff(z)))])
    return np.asarray(np.interp(angle, np.concatenate([[0], middle[1:]]), np.concatenate([[0], length[1:]])))


def plain(n: int, rgb: tuple[float, float, float]) -> Floats:
    return np.tile(np.array(rgb), (n, 1))


def _brow_shade(points: Floats, eye_centre: Floats) -> Floats:
    """A soft shadow under the hairs of both brows."""
    from tools.head.hair import BROW_LINE
    table = np.array(BROW_LINE)
    x = np.abs(points[:, 0]) - eye_centre[0]
    y = points[:, 1] - eye_centre[1]
    middle = np.interp(x, table[:, 0], table[:, 1]) + 1.8
    half = np.interp(x, table[:, 0], table[:, 2]) + 2.0
    ends = _step((x - table[0, 0]) / 5) * _step((table[-1, 0] - x) / 5 + 0.5)
    front = points[:, 2] > eye_centre[2]
    return np.asarray(np.exp(-(((y - middle) / half) ** 2)) * ends * front)


def _toward(colours: Floats, rgb: tuple[float, float, float], share: Floats) -> Floats:
    return np.asarray(colours + (np.array(rgb) - colours) * np.clip(share, 0, 1)[:, None])


def _step(x: Floats) -> Floats:
    """Smooth step from 0 at x = 0 to 1 at x = 1."""
    t = np.clip(x, 0, 1)
    return np.asarray(t * t * (3 - 2 * t))
