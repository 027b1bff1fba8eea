"""A head as the one file that the page draws.

    4 bytes   b"FRH1"
    uint32    length of the header, a multiple of 4
    header    JSON, padded with spaces: {"name", "shapes", "low", "high", "pivot", "eyes": [centres],
              "look": {way: radians that an eyeLook shape turns the eye by}, "solid": triangles that are
              seen from one side, "arrays": {name: [kind, place, count]}}; kind: f4, u4 or u1; place: bytes
              from the end of the header
    arrays    little-endian, each at a multiple of 4

`surface` is gloss, part (`mesh.head.Part`), share of the tongue's tip, eye (1 left, 2 right) of each point;
`light` the ambient and key light that arrives there, each with the mouth shut and open. Displacements are
sparse: shape k moves the points `moved[first[k]:first[k + 1]]` by the rows of `deltas` there.
"""

from __future__ import annotations

import json
import struct
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.looking import LOOK_DOWN_RADIANS, LOOK_IN_RADIANS, LOOK_OUT_RADIANS, LOOK_UP_RADIANS
from facerig.mesh.head import Head, Part

MAGIC: Final = b"FRH1"
_ALIGNED: Final = 4
_KINDS: Final = {"f": "f4", "i": "u4", "u": "u1"}


def packed(head: Head) -> bytes:
    """The file of `head`. Triangles that have two sides come last: the first `solid` are seen from one."""
    low, high = head.frame_box()
    order = np.argsort(head.two_sided, kind="stable")
    first, moved, deltas = _sparse(head)
    arrays: dict[str, NDArray[Any]] = {
        "rest": head.rest, "triangles": head.triangles[order], "first": first, "moved": moved,
        "deltas": deltas, "follow": head.follow, "normalOf": head.normal_of, "colours": _bytes(head.colours),
        "surface": np.stack([_bytes(head.gloss), head.parts, _bytes(_front_of_tongue(head)),
                             _eye_of(head)], 1),
        "light": _bytes(np.stack([*head.ambient, *head.key], 1))}
    header: dict[str, Any] = {
        "name": head.name, "shapes": head.shape_names, "low": low.tolist(), "high": high.tolist(),
        "pivot": head.pivot.tolist(), "eyes": [eye.centre.tolist() for eye in head.eyes],
        "look": {"in": LOOK_IN_RADIANS, "out": LOOK_OUT_RADIANS, "up": LOOK_UP_RADIANS,
                 "down": LOOK_DOWN_RADIANS},
        "solid": int((~head.two_sided).sum())}
    return _joined(header, arrays)


def _joined(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> bytes:
    places: dict[str, list[object]] = {}
    body = bytearray()
    for name, array in arrays.items():
        kind = _KINDS[array.dtype.kind]
        places[name] = [kind, len(body), array.size]
        body += np.ascontiguousarray(array, f"<{kind}").tobytes()
        body += bytes(-len(body) % _ALIGNED)
    text = json.dumps({**header, "arrays": places}).encode("ascii")
    text += b" " * (-len(text) % _ALIGNED)
    return MAGIC + struct.pack("<I", len(text)) + text + bytes(body)


def _sparse(head: Head) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
    """`first` [K + 1], `moved` [D] and `deltas` [D, 3] of the file."""
    deltas = head.deltas.reshape(len(head.shape_names), -1, 3)
    shape, point = np.nonzero(deltas.any(2))
    first = np.searchsorted(shape, np.arange(len(deltas) + 1))
    return first.astype(np.int32), point.astype(np.int32), deltas[shape, point]


def _eye_of(head: Head) -> NDArray[np.uint8]:
    """[N]: 1 for the left eye's points, 2 for the right's, else 0."""
    which = np.zeros(len(head.rest), np.uint8)
    for number, eye in enumerate(head.eyes, 1):
        which[eye.points] = number
    return which


def _front_of_tongue(head: Head) -> NDArray[np.float32]:
    """[N]: 1 at the tip, 0 at the root and elsewhere: what a tongue that comes out brings to light."""
    share = np.zeros(len(head.rest), np.float32)
    tongue = head.parts == Part.TONGUE
    if tongue.any():
        depth = head.rest[tongue, 2]
        share[tongue] = np.clip((depth - depth.min()) / max(float(np.ptp(depth)), 1e-6) * 2.5 - 1.0, 0, 1)
    return share


def _bytes(shares: NDArray[np.floating]) -> NDArray[np.uint8]:
    return np.asarray(np.rint(np.clip(shares, 0, 1) * 255), np.uint8)
