"""Live Link Face over UDP: what Unreal's Live Link plugin hears on port 11111, as from the app.

All big-endian:

    u8    version, 6
    i32 n, n bytes   device id, a UUID in 36 characters
    i32 n, n bytes   subject, UTF-8
    i32   frame      f32 sub-frame     i32 rate     i32 its denominator
    u8    count, 61
    f32   61 values, in the order of Unreal's enum EARFaceBlendShape

The order is not that of the app's CSV: here left comes before right for jaw and mouth (JawLeft 15, JawRight
16, MouthLeft 21, MouthRight 22). Whoever sends one in the other's order mirrors the mouth.

Head and eyes: yaw, pitch, roll in radians, with the signs of the canonical curves, which are those of the
app, as its recordings show them (`facerig.core.channels`): yaw positive to the subject's right, pitch
positive downwards, roll positive towards the left shoulder. Unreal puts them on the curves HeadYaw,
HeadPitch, HeadRoll as they come, the same that the app's CSV holds; so nothing is turned round here.

Time is the frame's index at the exact rate (30000/1001 stays that); frames stand on whole frames, so the
sub-frame is 0.
"""

from __future__ import annotations

import struct
import uuid
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import CHANNELS, INDEX, N_CHANNELS, NAMES
from facerig.errors import ConfigError, ProtocolError
from facerig.outlets.outlet import Posed
from facerig.outlets.udp import UdpSender

PORT: Final = 11111
VERSION: Final = 6
LONGEST_NAME: Final = 255  # bytes; an FName holds 1023 characters, the app's field far fewer
LARGEST_FRAME: Final = 2**31 - 1
_TIME: Final = struct.Struct(">ifii")
_VALUES: Final = struct.Struct(f">{N_CHANNELS}f")
_OTHER_WAY: Final = {"jawRight": "jawLeft", "jawLeft": "jawRight",
                     "mouthRight": "mouthLeft", "mouthLeft": "mouthRight"}
ORDER: Final = tuple(_OTHER_WAY.get(name, name) for name in NAMES)  # of the packet's values
_COLUMNS: Final = [INDEX[name] for name in ORDER]
_LOW: Final = np.array([c.low for c in CHANNELS], np.float32)
_HIGH: Final = np.array([c.high for c in CHANNELS], np.float32)


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet, read. `face` float32 [61] canonical; None where the app saw no face."""

    device: str
    subject: str
    frame: int
    sub_frame: float
    fps: Fraction
    face: NDArray[np.float32] | None


def encoded(face: NDArray[Any], *, subject: str, device: str, frame: int, fps: Fraction,
            sub_frame: float = 0.0) -> bytes:
    """The packet of a canonical face [61]. Raises ConfigError for a subject that is empty or too long."""
    held = np.clip(np.asarray(face, np.float32), _LOW, _HIGH)[_COLUMNS]
    return b"".join((bytes([VERSION]), _text(device, "device"), _text(subject, "subject"),
                     _TIME.pack(frame & LARGEST_FRAME, sub_frame, fps.numerator, fps.denominator),
                     bytes([N_CHANNELS]), _VALUES.pack(*held.tolist())))


def decoded(data: bytes) -> Packet:
    """A packet. Raises ProtocolError, with the place, for any bytes that are none."""
    if not data or data[0] != VERSION:
        raise _bad("version", f"{data[0] if data else 'nothing'} instead of {VERSION}")
    device, at = _read_text(data, 1, "device")
    subject, at = _read_text(data, at, "subject")
    if len(data) < at + _TIME.size:
        raise _bad("time", f"{len(data) - at} bytes instead of {_TIME.size}")
    frame, sub_frame, rate, denominator = _TIME.unpack_from(data, at)
    if rate <= 0 or denominator <= 0 or frame < 0:
        raise _bad("time", f"frame {frame} at {rate}/{denominator} frames a second")
    if not -1.0 <= sub_frame <= 1.0:  # false for NaN as well
        raise _bad("time", f"a sub-frame of {sub_frame}")
    return Packet(device, subject, frame, sub_frame, Fraction(rate, denominator),
                  _read_face(data[at + _TIME.size :]))


def device_of(subject: str) -> str:
    """A device id that is the same for a subject each time: Unreal then sees one device come back."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"facerig:{subject}")).upper()


class LiveLinkOutlet:
    """Live Link Face packets to one Unreal. `name` is the address it was opened with."""

    rig: str | None = None

    def __init__(self, sender: UdpSender, *, subject: str, fps: Fraction, name: str) -> None:
        self.name, self.fps, self._subject = name, fps, subject
        self._device, self._sender = device_of(subject), sender
        _text(subject, "subject")

    def send(self, posed: Posed) -> bool:
        """One packet."""
        return self._sender.send([encoded(posed.face, subject=self._subject, device=self._device,
                                          frame=posed.index, fps=posed.fps)])

    def close(self) -> None:
        """Close the socket."""
        self._sender.close()


def _text(text: str, what: str) -> bytes:
    data = text.encode()
    if not 0 < len(data) <= LONGEST_NAME:
        raise ConfigError(f"a {what} of {len(data)} bytes", where=f"livelink {what}",
                          fix=f"give 1 to {LONGEST_NAME} bytes")
    return struct.pack(">i", len(data)) + data


def _read_text(data: bytes, at: int, what: str) -> tuple[str, int]:
    if len(data) < at + 4:
        raise _bad(what, "ends before its length")
    length = int.from_bytes(data[at : at + 4], "big", signed=True)
    if not 0 < length <= LONGEST_NAME or len(data) < at + 4 + length:
        raise _bad(what, f"a length of {length} bytes")
    try:
        return data[at + 4 : at + 4 + length].decode(), at + 4 + length
    except UnicodeDecodeError:
        raise _bad(what, "no UTF-8") from None


def _read_face(rest: bytes) -> NDArray[np.float32] | None:
    if rest in (b"", b"\0"):
        return None
    if rest[0] != N_CHANNELS or len(rest) != 1 + _VALUES.size:
        raise _bad("values", f"{rest[0]} values in {len(rest) - 1} bytes instead of {N_CHANNELS}")
    values = np.array(_VALUES.unpack_from(rest, 1), np.float32)
    if not np.isfinite(values).all():
        raise _bad("values", "one that is no number")
    face = np.zeros(N_CHANNELS, np.float32)
    face[_COLUMNS] = values
    return face


def _bad(where: str, what: str) -> ProtocolError:
    return ProtocolError(what, where=f"livelink packet.{where}", fix="send Live Link Face packets, version 6")
