"""Where the layers meet: which may move what, by how much, and which gives way. Declared, not programmed.

Speech owns the lips. What other layers want of the mouth is added to it as far as MOUTH allows, and then held
to what speech asked for in millimetres on the head (facerig.core.mouth): a sealed lip stays sealed along its
whole length and does not cross, a lower lip at the teeth stays there, an open mouth stays as open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import CHANNELS, INDEX, N_CHANNELS
from facerig.core.cues import CUE
from facerig.core.mouth import mouth_geometry

Array = NDArray[np.float32]
Numbers = NDArray[np.floating[Any]]

#  layer         regions it may move                        how
LAYERS: Final = {
    "speech":    ("jaw mouth tongue cheeks",                "owns"),
    "emotion":   ("brows lids cheeks nose jaw mouth",       "adds"),  # the mouth: as far as MOUTH allows
    "listening": ("brows lids cheeks jaw mouth",            "adds"),
    "gaze":      ("gaze eyes lids",                         "owns"),  # lids: they follow the eyes
    "blinks":    ("lids",                                   "closes"),
    "head":      ("head",                                   "owns"),
}  # fmt: skip

# Where a curve is moved by two layers, one gives way: the value of `curves` is multiplied by 1 - share * by.
#  by                 curves                              share  why
GIVES_WAY: Final = (
    ("eyeBlink",      ("eyeWide",),                        1.0),  # a lid that closes is not wide
    ("eyeBlink",      ("eyeSquint",),                      0.5),  # the squint lifts the lower lid already
    ("eyeBlink",      ("eyeLookDown",),                    0.3),  # looking down lowers the lid: not twice
    ("eyeSquint",     ("eyeWide",),                        0.6),
)  # fmt: skip

# What is left of an emotion on the mouth. At rest all of it; then, blended by the cues:
#                     in speech  sealed  at the teeth  rounded   why
MOUTH: Final = {
    "jawOpen":          (0.25,   0.00,   0.00,         1.0),  # the jaw is the vowel's
    "jawForward":       (0.60,   0.30,   0.00,         1.0),  # it parts lips and teeth
    "jawLeft":          (0.80,   0.50,   0.30,         1.0),
    "jawRight":         (0.80,   0.50,   0.30,         1.0),
    "mouthClose":       (0.00,   0.00,   0.00,         0.0),  # speech alone closes
    "mouthFunnel":      (0.30,   0.00,   0.00,         1.0),  # parts the lips
    "mouthPucker":      (0.40,   0.60,   0.00,         1.0),
    "mouthLeft":        (0.70,   0.40,   0.30,         1.0),  # crosses the lips at one side
    "mouthRight":       (0.70,   0.40,   0.30,         1.0),
    "mouthSmileLeft":   (0.75,   0.60,   0.15,         0.5),  # lifts the lip from an f, spreads an u
    "mouthSmileRight":  (0.75,   0.60,   0.15,         0.5),
    "mouthFrownLeft":   (0.80,   0.80,   0.60,         0.8),
    "mouthFrownRight":  (0.80,   0.80,   0.60,         0.8),
    "mouthDimpleLeft":  (0.80,   0.60,   0.50,         0.5),
    "mouthDimpleRight": (0.80,   0.60,   0.50,         0.5),
    "mouthStretchLeft": (0.60,   0.60,   0.30,         0.3),
    "mouthStretchRight": (0.60,  0.60,   0.30,         0.3),
    "mouthRollLower":   (0.30,   0.30,   0.00,         1.0),
    "mouthRollUpper":   (0.30,   0.30,   0.00,         1.0),
    "mouthShrugLower":  (0.40,   0.40,   0.00,         1.0),
    "mouthShrugUpper":  (0.40,   0.00,   0.00,         1.0),
    "mouthPressLeft":   (0.30,   0.40,   0.00,         0.6),
    "mouthPressRight":  (0.30,   0.40,   0.00,         0.6),
    "mouthLowerDownLeft":  (0.50, 0.00,  0.00,         0.6),  # shows the lower teeth: anger, disgust
    "mouthLowerDownRight": (0.50, 0.00,  0.00,         0.6),
    "mouthUpperUpLeft":    (0.60, 0.00,  0.30,         0.7),
    "mouthUpperUpRight":   (0.60, 0.00,  0.30,         0.7),
    "cheekPuff":        (0.30,   0.60,   0.00,         1.0),
    "noseSneerLeft":    (0.80,   0.80,   0.80,         1.0),
    "noseSneerRight":   (0.80,   0.80,   0.80,         1.0),
}  # fmt: skip
NEAR: Final = 0.55  # of a seal: lips are near, not yet pressed; by here what parts them is gone
ROUNDED: Final = 0.55  # mouthPucker + mouthFunnel of speech that count as a full rounding

# What the guard allows the gap between the lips, mm
SEAL_SLACK_MM: Final = 0.25  # a seal: beyond what speech left, and never beyond SEALED_MM,
SEALED_MM: Final = 0.80  # while lips count as closed within 1 mm;
CROSSED_MM: Final = 1.2  # pressed deeper than speech did: lips meet, they do not cross
FREE_MM: Final = 30.0  # no bound
TEETH_MM: Final = 0.25  # a contact: how far the lower lip may move along the teeth, or towards the upper
KEPT_OPEN: Final = 0.97  # of the gap that speech asked for
OFF_TEETH_MM: Final = 3.2  # a smile lifts the lower lip: where speech has it lower, it stays off the teeth

_FIRST_ROTATION: Final = next(i for i, c in enumerate(CHANNELS) if c.region == "head")
_SIDES: Final = ("Left", "Right")
_SEAL, _CONTACT, _TALKING, _VOICE = (CUE[name] for name in ("seal", "contact", "talking", "voice"))
_JAW, _PUCKER, _FUNNEL = (INDEX[name] for name in ("jawOpen", "mouthPucker", "mouthFunnel"))
_BLINKS: Final = [INDEX[f"eyeBlink{side}"] for side in _SIDES]
_MOUTH: Final = [INDEX[name] for name in MOUTH]
_LEFT: Final = np.array(list(MOUTH.values()), np.float32).T  # [4, len(MOUTH)]
_GEOMETRY: Final = mouth_geometry()
_GAP_MM: Final = _GEOMETRY.gap[_MOUTH].astype(np.float32)
_TEETH_MM: Final = _GEOMETRY.teeth[_MOUTH].astype(np.float32)
_PARTING: Final = np.flatnonzero(np.any(_GEOMETRY.gap, axis=1))
_PARTING_MM: Final = _GEOMETRY.gap[_PARTING].astype(np.float32)
_JAW_MM: Final = _GEOMETRY.gap[_JAW].astype(np.float32)
_JAW_TEETH_MM: Final = np.float32(_GEOMETRY.teeth[_JAW])
_AT_TEETH: Final = np.flatnonzero(_GEOMETRY.teeth)
_AT_TEETH_MM: Final = _GEOMETRY.teeth[_AT_TEETH].astype(np.float32)
_REST_TEETH_MM: Final = np.float32(_GEOMETRY.rest_teeth)


def regions_mask(layer: str) -> Array:
    """1 for the curves that `layer` may move, float32 [61]."""
    regions = LAYERS[layer][0].split()
    return np.array([c.region in regions for c in CHANNELS], np.float32)


_MAY: Final = {layer: regions_mask(layer) for layer in LAYERS}


def met(speech: Array, cues: Array, parts: Mapping[str, Array]) -> Array:
    """The face: `speech` [n, 61] and what the layers want, by name, each float32 [n, 61].

    cues: float32 [n, N_CUES]. Elementwise over frames. Values come out in their channels' ranges.
    """
    out = speech.copy()
    for name, wanted in parts.items():
        if LAYERS[name][1] != "closes":
            out += wanted * _MAY[name]
    _bounded(out)
    if "emotion" in parts or "listening" in parts:
        out[:, _MOUTH] = speech[:, _MOUTH] + _mouth(speech, out[:, _MOUTH] - speech[:, _MOUTH], cues)
        _keep_open(out, speech, cues)
    if "blinks" in parts:
        lids = out[:, _BLINKS]
        out[:, _BLINKS] = lids + (1 - lids) * parts["blinks"][:, _BLINKS]
    _give_way(out)
    return _bounded(out)


def _bounded(values: Array) -> Array:
    shapes = values[:, :_FIRST_ROTATION]
    np.clip(shapes, 0.0, 1.0, out=shapes)
    np.clip(values, -np.float32(np.pi), np.float32(np.pi), out=values)
    return values


def _mouth(speech: Array, wanted: Array, cues: Array) -> Array:
    """What of the emotion's mouth `wanted` [n, len(MOUTH)] (over speech) is shown."""
    talking, seal, contact = (cues[:, i : i + 1] for i in (_TALKING, _SEAL, _CONTACT))
    rounded = np.minimum(speech[:, _PUCKER] + speech[:, _FUNNEL], ROUNDED)[:, None] / ROUNDED
    in_speech, sealed, at_teeth, round_ = _LEFT
    left = 1 + talking * (in_speech * (1 + rounded * (round_ - 1)) - 1)
    left = left + contact * (np.minimum(at_teeth, left) - left)
    left = left + np.minimum(seal / NEAR, 1) * (np.minimum(sealed, left) - left)
    shown = wanted * left
    shown *= _allowed(speech, shown, seal, contact)
    bounded = np.clip(speech[:, _MOUTH] + shown, 0.0, 1.0) - speech[:, _MOUTH]
    return np.asarray(bounded, np.float32)


def _allowed(speech: Array, shown: Array, seal: Array, contact: Array) -> Array:
    """The share [n, 1] of `shown` at which lips that meet still meet, and teeth and lip too."""
    gap = (speech[:, _PARTING, None] * _PARTING_MM).sum(1)  # sums in a fixed order: no matrix products
    moved = (shown[:, :, None] * _GAP_MM).sum(1)
    open_ = 1 - seal
    most = np.maximum(SEALED_MM - gap, SEAL_SLACK_MM) + FREE_MM * open_
    touching = TEETH_MM + FREE_MM * (1 - contact)
    down = np.minimum(CROSSED_MM + FREE_MM * open_, touching)
    share = np.minimum(_share(moved, most), _share(-moved, down)).min(1)
    teeth = np.abs((shown * _TEETH_MM).sum(1))
    return np.asarray(np.minimum(share, _share(teeth, touching[:, 0]))[:, None], np.float32)


def _share(moved: Array, most: Numbers) -> Array:
    """How much of a movement of `moved` mm stays within `most` mm, in [0, 1]."""
    return np.asarray(np.minimum(1.0, most / np.maximum(moved, 1e-6)), np.float32)


def _keep_open(values: Array, speech: Array, cues: Array) -> None:
    """Open the jaw where an emotion brought lips, or lip and teeth, nearer than free speech has them."""
    speaks = np.maximum(cues[:, _VOICE], cues[:, _TALKING])
    unsealed = speaks * (1 - np.maximum(cues[:, _SEAL] - NEAR, 0) / (1 - NEAR))
    free = cues[:, _VOICE] * (1 - cues[:, _SEAL]) * (1 - cues[:, _CONTACT])
    before = (speech[:, _PARTING, None] * _PARTING_MM).sum(1)
    after = (values[:, _PARTING, None] * _PARTING_MM).sum(1)
    wanted = np.minimum(KEPT_OPEN * before, before - 0.05)
    more = np.maximum((wanted - after) / _JAW_MM, 0.0).max(1) * free
    off_teeth = np.minimum(_teeth_mm(speech), OFF_TEETH_MM)
    more = np.maximum(more, (off_teeth - _teeth_mm(values)) / _JAW_TEETH_MM * unsealed)
    values[:, _JAW] = np.minimum(1.0, values[:, _JAW] + more)


def _teeth_mm(values: Array) -> Array:
    """How far the lower lip stands below the upper teeth [n]."""
    return np.asarray((values[:, _AT_TEETH] * _AT_TEETH_MM).sum(1) + _REST_TEETH_MM)


def _give_way(values: Array) -> None:
    for by, curves, share in GIVES_WAY:
        for side in _SIDES:
            strong = values[:, INDEX[f"{by}{side}"]]
            for name in curves:
                values[:, INDEX[f"{name}{side}"]] *= 1 - np.float32(share) * strong


def silent(n: int) -> Array:
    """What a layer that is off wants: nothing, float32 [n, 61]."""
    return np.zeros((n, N_CHANNELS), np.float32)
