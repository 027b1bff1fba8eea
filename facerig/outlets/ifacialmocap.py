"""iFacialMocap: text over UDP, port 49983, as the app sends it to VSeeFace, VMagicMirror, Warudo, VNyan and
more.

    version 1   mouthSmile_R-35|jawOpen-12|...|=head#rx,ry,rz,px,py,pz|rightEye#rx,ry,rz|leftEye#rx,ry,rz|
    version 2   mouthSmile_R&35|...      the same, with & for -

Shapes are whole hundredths, because some receivers read whole numbers only; sides are _L and _R, but jawLeft,
jawRight, mouthLeft and mouthRight are whole names. Angles are degrees on ARKit's axes (x to the subject's
left, y up, z to the front): rx positive down, ry positive to the left, rz positive towards the right
shoulder; in canonical words pitch, -yaw and -roll. (The maker's own example shows it: its eyes look down at
positive rx, and the right eye inwards, to the left, at positive ry.) The head stands at 0, 0, 0.

A receiver asks the app with a word of the protocol, from the host that frames then go to, always to port
49983. This outlet sends from the beginning, or once it was asked (handshake=wait); it listens to the host of
its address alone, so that nobody else can have frames sent anywhere.

Source: ifacialmocap.com/for-developer
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import SHAPE_NAMES, indices
from facerig.errors import ProtocolError
from facerig.mesh.turns import turn_angles
from facerig.outlets.outlet import Posed
from facerig.outlets.udp import UdpSender

PORT: Final = 49983
ASKING: Final = b"iFacialMocap_sahuasouryya9218sauhuiayeta91555dy3719"
ASKING_V2: Final = ASKING + b"|sendDataVersion=v2"
LARGEST: Final = 8192  # bytes of a packet
SEPARATOR: Final = {1: "-", 2: "&"}
WHOLE: Final = {"jawLeft", "jawRight", "mouthLeft", "mouthRight"}  # their ends are no sides of the face
SIGNS: Final = np.array([1.0, -1.0, -1.0])  # of pitch, yaw and roll
_SHAPES: Final = indices(SHAPE_NAMES)
_SHAPE: Final = re.compile(r"([A-Za-z_]{1,40})(?:&(-?[0-9.]{1,12})|-([0-9.]{1,12}))")
_JOINTS: Final = {"=head": ("head", 6), "rightEye": ("rightEye", 3), "leftEye": ("leftEye", 3)}


def short(name: str) -> str:
    """A canonical shape's name as the app writes it: mouthSmileRight -> mouthSmile_R."""
    for side in ("Left", "Right"):
        if name.endswith(side) and name not in WHOLE:
            return f"{name.removesuffix(side)}_{side[0]}"
    return name


SHORT: Final = {name: short(name) for name in SHAPE_NAMES}
_LONG: Final = {spelled: name for name, spelled in SHORT.items()}


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet, read. `shapes` by canonical name, 0 to 1; `turns` of head, rightEye, leftEye: rx, ry, rz in
    degrees, and the head's place behind them."""

    shapes: Mapping[str, float]
    turns: Mapping[str, tuple[float, ...]]


def encoded(face: NDArray[Any], version: int = 1) -> bytes:
    """The packet of a canonical face [61]."""
    face = np.asarray(face, np.float64)
    sign = SEPARATOR[version]
    hundredths = np.rint(np.clip(face[_SHAPES], 0.0, 1.0) * 100).astype(int).tolist()
    shapes = [f"{SHORT[name]}{sign}{value}" for name, value in zip(SHAPE_NAMES, hundredths, strict=True)]
    head, right, left = (_turn(face, joint) for joint in ("head", "rightEye", "leftEye"))
    return ("|".join(shapes) + f"|=head#{head},0,0,0|rightEye#{right}|leftEye#{left}|").encode()


def decoded(data: bytes) -> Packet:
    """A packet of either version. Raises ProtocolError for any bytes that are none."""
    if len(data) > LARGEST:
        raise _bad(f"{len(data)} bytes")
    try:
        fields = data.decode("ascii").split("|")
    except UnicodeDecodeError:
        raise _bad("letters that are no ASCII") from None
    shapes: dict[str, float] = {}
    turns: dict[str, tuple[float, ...]] = {}
    for text in fields:
        name, sharp, numbers = text.partition("#")
        if sharp:
            joint, count = _JOINTS.get(name, ("", 0))
            if not joint:
                raise _bad(f"a joint called {name!r}")
            turns[joint] = _numbers(numbers, count)
        elif text:
            match = _SHAPE.fullmatch(text)
            if match is None:
                raise _bad(f"the field {text[:40]!r}")
            if match[1] in _LONG:  # the app has fields of its own, too
                (value,) = _numbers(match[2] or match[3], 1)
                shapes[_LONG[match[1]]] = value / 100
    if not shapes and not turns:
        raise _bad("no shape and no joint")
    return Packet(shapes, turns)


class IFacialMocapOutlet:
    """Packets of the app to one receiver; `wait`: not before it asked. `bind`: see UdpSender."""

    rig: str | None = None

    def __init__(self, sender: UdpSender, *, version: int, wait: bool, fps: Fraction, name: str) -> None:
        self.name, self.fps, self.version = name, fps, version
        self._sender, self._asked = sender, not wait

    def send(self, posed: Posed) -> bool:
        """One packet, in the version that was asked for last."""
        while (come := self._sender.receive(LARGEST)) is not None:
            self._heard(*come)
        return self._asked and self._sender.send([encoded(posed.face, self.version)])

    def _heard(self, data: bytes, host: str) -> None:
        if host == self._sender.target[0] and data in (ASKING, ASKING_V2):
            self._asked, self.version = True, 2 if data == ASKING_V2 else 1

    def close(self) -> None:
        """Close the socket."""
        self._sender.close()


def _turn(face: NDArray[np.float64], joint: str) -> str:
    yaw, pitch, roll = turn_angles(face[None], joint)[0]
    degrees = np.degrees([pitch, yaw, roll]) * SIGNS + 0.0  # no -0
    return ",".join(f"{angle:.4f}" for angle in degrees)


def _numbers(text: str, count: int) -> tuple[float, ...]:
    try:
        values = tuple(float(part) for part in text.split(","))
    except ValueError:
        raise _bad(f"no numbers: {text[:40]!r}") from None
    if len(values) != count or not all(math.isfinite(value) for value in values):
        raise _bad(f"{len(values)} numbers instead of {count}, or one that is none")
    return values


def _bad(what: str) -> ProtocolError:
    return ProtocolError(what, where="ifacialmocap packet",
                         fix="send name-value|...|=head#... as the app does")
