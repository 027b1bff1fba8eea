"""Lights the points of a head. Both renderers draw the colours that come out of here, so they show the same
picture.

A studio set-up: a large warm key from the upper left of the picture, a soft cool fill, and a rim behind. Skin
takes light round the terminator, most of all red light (it scatters under the surface), which a wrapped
cosine per colour imitates.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX
from facerig.mesh.head import Head, Part

Floats = NDArray[np.float32]

KEY_LIGHT: Final = (-0.55, 0.62, 0.75)  # directions towards the lights, on the head's axes at rest
FILL_LIGHT: Final = (0.85, 0.12, 0.55)
RIM_LIGHTS: Final = ((0.85, 0.45, -0.75), (-0.9, 0.35, -0.85))
KEY_RGB: Final = (1.95, 1.80, 1.62)
FILL_RGB: Final = (0.34, 0.40, 0.50)
RIM_RGB: Final = (0.75, 0.85, 1.05)
SKY_RGB, GROUND_RGB = (0.62, 0.64, 0.70), (0.30, 0.25, 0.22)
SKIN_WRAP: Final = (0.30, 0.22, 0.18)  # how far light reaches past the terminator, red, green, blue
OPEN_SHAPE: Final = 0.6  # of jawOpen, in the pose whose light shares are those of an open mouth

# How far each shape opens the mouth for light; 1 in all is as open as jawOpen at OPEN_SHAPE.
OPENERS: Final = (("jawOpen", 2.4), ("mouthClose", -2.4), ("mouthFunnel", 0.9), ("mouthLowerDownLeft", 0.5),
                  ("mouthLowerDownRight", 0.5), ("mouthUpperUpLeft", 0.5), ("mouthUpperUpRight", 0.5))
MOUTH_GLOW: Final = (1.0, 0.80, 0.74)  # light in the mouth has met flesh before

#                   sharpness  strength          of highlights
HIGHLIGHTS: Final = {Part.SKIN: (14.0, 0.20),
                     Part.MOUTH: (30.0, 0.25),
                     Part.TEETH: (45.0, 0.45),
                     Part.TONGUE: (24.0, 0.30),
                     Part.EYE: (420.0, 3.2),
                     Part.HAIR: (12.0, 0.15)}
# height over the eye's centre where the upper lid's shadow begins and is full
LID_SHADOW_MM: Final = (0.5, 7.5)


class Shader:
    """Lighting of one head; what does not change between frames is worked out once."""

    def __init__(self, head: Head) -> None:
        self._head = head
        self._albedo = _linear(head.colours)
        table = np.array([HIGHLIGHTS[Part(p)] for p in range(len(Part))], np.float32)
        self._sharpness, strength = table[head.parts].T
        self._strength = strength * head.gloss
        wrap = np.zeros((len(Part), 3), np.float32)
        wrap[[Part.SKIN, Part.MOUTH, Part.TONGUE]] = SKIN_WRAP
        wrap[[Part.EYE, Part.TEETH]] = 0.12
        self._wrap = wrap[head.parts]
        self._hair = head.parts == Part.HAIR
        inside = np.isin(head.parts, (Part.MOUTH, Part.TEETH, Part.TONGUE))[:, None]
        self._tint = np.where(inside, np.array(MOUTH_GLOW, np.float32), np.float32(1))
        self._tongue_tip = _front_share(head)

    def colours(self, points: Floats, normals: Floats, values: NDArray[np.floating], eye: Floats) -> Floats:
        """Display RGB [N, 3], 0 to 1, of posed `points` with `normals`, seen from the place `eye` [3]."""
        ambient, key = self._arriving(values)
        self._shade_eyes(points, ambient, key)
        view = _unit(eye - points)
        away = self._hair & ((normals * view).sum(1) < 0)
        normals = np.where(away[:, None], -normals, normals)  # a strand has no inside
        up = normals[:, 1:2] * 0.5 + 0.5
        light = (np.array(GROUND_RGB, np.float32) * (1 - up)
                 + np.array(SKY_RGB, np.float32) * up) * self._tint
        light *= ambient[:, None]
        glare = np.zeros_like(light)
        for direction, rgb, reach in ((KEY_LIGHT, KEY_RGB, key), (FILL_LIGHT, FILL_RGB, ambient)):
            toward, colour = _unit(np.array(direction, np.float32)), np.array(rgb, np.float32)
            cosine = (normals @ toward)[:, None]
            light += np.clip((cosine + self._wrap) / (1 + self._wrap), 0, None) * colour * reach[:, None]
            shine = np.clip((normals * _unit(view + toward)).sum(1), 0, None) ** self._sharpness
            glare += (shine * self._strength * reach)[:, None] * colour
        grazing = (1 - np.clip((normals * view).sum(1), 0, 1)) ** 3
        for direction in RIM_LIGHTS:
            edge = np.clip(normals @ _unit(np.array(direction, np.float32)), 0, None) * grazing * ambient
            light += edge[:, None] * np.array(RIM_RGB, np.float32) * 1.6
        return _display(self._albedo * light + glare)

    def _arriving(self, values: NDArray[np.floating]) -> tuple[Floats, Floats]:
        """Ambient and key light at each point, between the poses with shut and open mouth."""
        opening = sum(share * float(values[INDEX[name]]) for name, share in OPENERS)
        share = np.float32(min(max(opening, 0.0), 1.0))
        ambient, key = ((1 - share) * pair[0] + share * pair[1]
                        for pair in (self._head.ambient, self._head.key))
        out = self._tongue_tip * np.float32(values[INDEX["tongueOut"]])
        return np.maximum(ambient**np.float32(0.9), 0.85 * out), np.maximum(key, 0.8 * out)

    def _shade_eyes(self, points: Floats, ambient: Floats, key: Floats) -> None:
        """The upper lid's shadow on the eyeballs stays under the lid while they turn."""
        for eye in self._head.eyes:
            height = points[eye.points, 1] - eye.centre[1]
            low, high = LID_SHADOW_MM
            t = np.clip((height - low) / (high - low), 0, 1)
            aside = np.abs(points[eye.points, 0] - eye.centre[0])
            corner = np.clip((aside - 8) / 9, 0, 1) ** 2
            ambient[eye.points] = 0.86 * (1 - 0.62 * t) * (1 - 0.45 * corner)
            key[eye.points] = 0.80 * (1 - 0.85 * t * t) * (1 - 0.5 * corner)


def _front_share(head: Head) -> Floats:
    """[N]: 1 at the tip of the tongue, 0 at its root and elsewhere: what tongueOut brings to light."""
    share = np.zeros(len(head.rest), np.float32)
    tongue = head.parts == Part.TONGUE
    if tongue.any():
        depth = head.rest[tongue, 2]
        share[tongue] = np.clip((depth - depth.min()) / np.ptp(depth) * 2.5 - 1.0, 0, 1)
    return share


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)


def _linear(display: Floats) -> Floats:
    return np.asarray(display**np.float32(2.2), np.float32)


def _display(light: Floats) -> Floats:
    """Filmic shoulder, then display gamma."""
    bright = light * np.float32(0.92)
    rolled = bright * (1 + bright / 9) / (1 + bright * np.float32(0.62))
    return np.asarray(np.clip(rolled, 0, 1) ** np.float32(1 / 2.2), np.float32)
