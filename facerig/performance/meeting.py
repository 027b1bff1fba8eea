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

from facerig.core.channels import CHANNELS, INDEX
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

# What is left of an emotion on the mouth. At rest all of it; then, blended by the cues (sealed, or at the
# teeth, no more than in speech). Where the jaw can make up for what a curve does to the lips (_held), it
# stays, or the expression would twitch at every p and f.
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
    "mouthSmileLeft":   (0.75,   0.75,   0.70,         0.5),  # lifts the lip past the teeth of an f: the
    "mouthSmileRight":  (0.75,   0.75,   0.70,         0.5),  # jaw makes up for it; spreads an u
    "mouthFrownLeft":   (0.80,   1.00,   1.00,         0.8),
    "mouthFrownRight":  (0.80,   1.00,   1.00,         0.8),
    "mouthDimpleLeft":  (0.80,   0.60,   0.50,         0.5),
    "mouthDimpleRight": (0.80,   0.60,   0.50,         0.5),
    "mouthStretchLeft": (0.60,   1.00,   1.00,         0.3),
    "mouthStretchRight": (0.60,  1.00,   1.00,         0.3),
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
    "noseSneerLeft":    (0.80,   1.00,   1.00,         1.0),
    "noseSneerRight":   (0.80,   1.00,   1.00,         1.0),
}  # fmt: skip
MEANT: Final = (0.2, 0.45)  # of a seal: from nothing to all of one, if lips meet that speech does not press
NEAR: Final = 0.55  # of a seal: lips are near, not yet pressed; by here what parts them is gone
ROUNDED: Final = 0.55  # mouthPucker + mouthFunnel of speech that count as a full rounding

# What the guard allows the gap between the lips, mm
SEAL_SLACK_MM: Final = 0.25  # a seal: beyond what speech left, and never beyond SEALED_MM,
SEALED_MM: Final = 0.80  # while lips count as closed within 1 mm;
CROSSED_MM: Final = 1.2  # pressed deeper than speech did: lips meet, they do not cross
FREE_MM: Final = 30.0  # no bound
TEETH_MM: Final = 0.25  # a contact: how far the lower lip may move along the teeth,
APART_MM: Final = 0.6  # or come nearer to the upper one
KEPT_OPEN: Final = 0.97  # of the gap that speech asked for
SLIGHT_MM: Final = 0.2  # per unit: a curve that moves the lips by less than this never gives way to them
OFF_TEETH_MM: Final = 3.2  # a smile lifts the lower lip: where speech has it lower, it stays off the teeth

# Numpy takes longest to see how shapes fit, so what meets one frame of curves has its shape, [1, k].
_LOW, _HIGH = (np.array([[getattr(c, end) for c in CHANNELS]], np.float32) for end in ("low", "high"))
_SEAL, _CONTACT, _TALKING, _VOICE = (slice(CUE[name], CUE[name] + 1)  # columns of cues, each [n, 1]
                                     for name in ("seal", "contact", "talking", "voice"))

# The mouth: the curves of MOUTH, in its order
_MOUTH: Final = np.array([INDEX[name] for name in MOUTH])
_JAW, _CLOSE, _PUCKER, _FUNNEL = (slice(at, at + 1) for at in map(
    [*MOUTH].index, ("jawOpen", "mouthClose", "mouthPucker", "mouthFunnel")))
_IN_SPEECH, _SEALED, _AT_TEETH, _ROUND = np.array([*MOUTH.values()], np.float32).T[:, None]
_NO_MOUTH, _FULL_MOUTH = _LOW[:, _MOUTH], _HIGH[:, _MOUTH]
_AT_REST: Final = np.ones_like(_IN_SPEECH)
_LESS_IN_SPEECH: Final = _IN_SPEECH - _AT_REST
_ROUNDED: Final = np.array([[ROUNDED]], np.float32)
_LESS_ROUNDED: Final = _IN_SPEECH * (_ROUND - 1) / np.float32(ROUNDED)  # by a unit of rounding

# What a unit of each does in mm [1, 6, len(MOUTH)]: to the gap at five places, and to lip from teeth
_GEOMETRY: Final = mouth_geometry()
_GAPS, _TEETH = slice(0, -1), slice(-1, None)
_MM: Final = np.vstack([_GEOMETRY.gap.T, _GEOMETRY.teeth])[None, :, _MOUTH].astype(np.float32)
_PER_JAW_MM: Final = _MM[:, :, _JAW].reshape(1, -1)
_SLIGHT: Final = (np.abs(_MM).max(1) < SLIGHT_MM).astype(np.float32)


def _by_place(gaps: float, teeth: float) -> Array:
    """A bound of each of the six."""
    return np.array([[gaps] * _GEOMETRY.gap.shape[1] + [teeth]], np.float32)


_IS_TEETH: Final = _by_place(False, True) > 0
_LEAST_MM: Final = _by_place(SEAL_SLACK_MM, TEETH_MM)  # that a closed mouth may always be parted by,
_PARTED_MM: Final = _by_place(SEALED_MM, -np.inf)  # up to this
_KEPT: Final = _by_place(KEPT_OPEN, 1.0)  # what stays of a distance,
_LOST_MM: Final = _by_place(0.05, 0.0)  # and less than this is never missed,
_CROSSING_MM: Final = _by_place(CROSSED_MM, TEETH_MM)
_CLOSER_MM: Final = _by_place(APART_MM, TEETH_MM)
_NEEDED_MM: Final = _by_place(np.inf, OFF_TEETH_MM - _GEOMETRY.rest_teeth)  # nor what lies beyond this

# Eyelids and what gives way: the curves of each eye, [2, N_EYE] of the first channels
_FIRST_EYE, _SECOND_EYE = (INDEX[f"eyeBlink{side}"] for side in ("Left", "Right"))
_N_EYE: Final = _SECOND_EYE - _FIRST_EYE


def regions_mask(layer: str) -> Array:
    """1 for the curves that `layer` may move, float32 [1, 61]."""
    regions = LAYERS[layer][0].split()
    return np.array([[c.region in regions for c in CHANNELS]], np.float32)


_MAY: Final = {layer: regions_mask(layer) for layer in LAYERS}


def _ways() -> tuple[tuple[slice, Array], ...]:
    """GIVES_WAY by what moves: its place among an eye's curves, and the share of each of them that goes."""
    out: dict[str, Array] = {}
    for by, curves, share in GIVES_WAY:
        shares = out.setdefault(by, np.zeros((1, 2, _N_EYE), np.float32))
        shares[:, :, [INDEX[f"{name}Left"] - _FIRST_EYE for name in curves]] = share
    places = {by: INDEX[f"{by}Left"] - _FIRST_EYE for by in out}
    return tuple((slice(places[by], places[by] + 1), shares) for by, shares in out.items())


_WAYS: Final = _ways()


def met(speech: Array, cues: Array, parts: Mapping[str, Array]) -> Array:
    """The face: `speech` [n, 61] and what the layers want, by name, each float32 [n, 61].

    cues: float32 [n, N_CUES]. Elementwise over frames, so a frame alone comes out as one of many. Values come
    out in their channels' ranges.
    """
    out = speech.copy()
    for name, wanted in parts.items():
        if LAYERS[name][1] != "closes":
            out += wanted * _MAY[name]
    np.minimum(np.maximum(out, _LOW, out=out), _HIGH, out=out)
    if "emotion" in parts or "listening" in parts:
        _guard_mouth(out, speech, cues)
    eyes = out[:, _FIRST_EYE : _FIRST_EYE + 2 * _N_EYE].reshape(-1, 2, _N_EYE)  # a view
    if "blinks" in parts:
        lids = eyes[:, :, 0]
        lids += (1 - lids) * np.minimum(parts["blinks"][:, _FIRST_EYE : _SECOND_EYE + 1 : _N_EYE], 1)
    for by, shares in _WAYS:
        eyes *= 1 - shares * eyes[:, :, by]
    return out


def _guard_mouth(out: Array, speech: Array, cues: Array) -> None:
    """Leave in `out`, of what layers want of the mouth, what speech can do with."""
    said = speech.take(_MOUTH, 1)
    wanted = out.take(_MOUTH, 1) - said
    if not np.count_nonzero(wanted):
        return
    said_mm = _mm(said)
    rounded = np.minimum(said[:, _PUCKER] + said[:, _FUNNEL], _ROUNDED)
    left = _AT_REST + cues[:, _TALKING] * (_LESS_IN_SPEECH + rounded * _LESS_ROUNDED)
    shown = wanted * left
    free = cues[:, _VOICE]
    unsealed = np.maximum(cues[:, _VOICE], cues[:, _TALKING])
    seal, contact = cues[:, _SEAL], cues[:, _CONTACT]
    held = (seal + contact)[:, 0].nonzero()[0]
    if len(held):
        meant = _meant(seal, said_mm)
        of = held if len(held) < len(said) else slice(None)
        less = wanted[of] * _left_where_held(left[of], seal[of], contact[of])
        shown[of] = _held(said[of], said_mm[of], less, meant[of], contact[of])
        free = free * (1 - meant) * (1 - contact)
        unsealed = np.asarray(unsealed * (1 - np.maximum(meant - NEAR, 0) / (1 - NEAR)), np.float32)
    values = np.minimum(np.maximum(said + shown, _NO_MOUTH), _FULL_MOUTH)
    if np.count_nonzero(unsealed):
        _keep_open(values, said_mm, free, unsealed)
    out[:, _MOUTH] = values


def _mm(mouth: Array) -> Array:
    """Gaps and lip from teeth [n, 6] of the curves of MOUTH [n, len(MOUTH)], from rest."""
    # no matrix product: in a sum along rows the order does not depend on n
    return np.asarray(np.add.reduce(mouth[:, None] * _MM, 2), np.float32)


def _meant(seal: Array, said_mm: Array) -> Array:
    """The seals [n, 1]; those that were begun count as made where the lips meet all the same."""
    gap = np.maximum.reduce(said_mm[:, _GAPS], 1, keepdims=True)
    meets = np.minimum(np.maximum(2 - gap / SEALED_MM, 0), 1)
    begun = np.minimum(np.maximum((seal - MEANT[0]) / (MEANT[1] - MEANT[0]), 0), 1)
    out: Array = np.maximum(seal, meets * begun)
    return out


def _left_where_held(left: Array, seal: Array, contact: Array) -> Array:
    """The shares of MOUTH, `left` in speech, where lips are brought together or to the teeth."""
    left = left - contact * np.maximum(left - _AT_TEETH, 0)
    left = left - np.minimum(seal / NEAR, 1) * np.maximum(left - _SEALED, 0)
    return left


def _held(said: Array, said_mm: Array, shown: Array, seal: Array, contact: Array) -> Array:
    """What is shown of `shown` where lips, or lip and teeth, are brought together: they still meet.

    The jaw makes up for what parts or crosses them, so that an expression stays as it is; only what no jaw
    can make up for is shown less.
    """
    moved = _mm(shown)
    jaw = contact * np.maximum(-moved[:, _TEETH] / _PER_JAW_MM[:, _TEETH], 0)  # the lip stays at the teeth
    moved += jaw * _PER_JAW_MM
    open_, apart = FREE_MM * (1 - seal), FREE_MM * (1 - contact)
    loose = np.where(_IS_TEETH, apart, open_)
    up = np.maximum(_PARTED_MM - said_mm, _LEAST_MM) + loose
    down = np.minimum(_CROSSING_MM + loose, _CLOSER_MM + apart)
    most = np.minimum.reduce((up - moved) / _PER_JAW_MM, 1, keepdims=True)
    least = np.maximum.reduce((down + moved) / -_PER_JAW_MM, 1, keepdims=True)
    middle = (least + most) / 2  # where no jaw does
    wanted = jaw + np.minimum(np.maximum(np.minimum(least, middle), 0), np.maximum(most, middle))
    turned = np.maximum(wanted, -said[:, _JAW] - shown[:, _JAW])
    missing = turned - wanted
    closed = np.minimum(missing, seal)  # by the lips themselves: only in a seal
    shown[:, _JAW] += turned
    shown[:, _CLOSE] += closed
    tight = (least > most) | (missing > seal)
    if np.count_nonzero(tight):
        moved += (turned - closed - jaw) * _PER_JAW_MM
        share = np.where(moved > 0, up, down) / np.maximum(np.abs(moved), 1e-6)
        share = np.minimum.reduce(share, 1, keepdims=True, initial=1)
        shown *= np.where(tight, np.maximum(share, _SLIGHT), 1)
    return shown


def _keep_open(values: Array, said_mm: Array, free: Array, unsealed: Array) -> None:
    """Open the jaw where an emotion brought lips, or lip and teeth, nearer than free speech has them."""
    wanted = np.minimum(np.minimum(said_mm * _KEPT, said_mm - _LOST_MM), _NEEDED_MM)
    more = (wanted - _mm(values)) / _PER_JAW_MM
    more[:, _GAPS] *= free
    more[:, _TEETH] *= unsealed
    jaw = values[:, _JAW]
    np.minimum(jaw + np.maximum.reduce(more, 1, keepdims=True, initial=0), 1, out=jaw)
