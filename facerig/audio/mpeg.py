"""MP3: counting frames, because nothing else tells how long the file is.

An MP3 is a row of frames, each with its own small header. A first frame may hold an index instead of sound
(Xing, Info or VBRI) that states how many follow. Without one libsndfile guesses the length from the first
frame's bit rate and stops there, so it is shown the file behind an index that holds the true count. Sources:
ISO/IEC 11172-3 section 2.4.2.3, 13818-3; id3.org (ID3v1, ID3v2.4 section 3.1).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

from facerig.audio.probe import Malformed, Probe, View

# kbit/s of layer III by index; MPEG-1, then MPEG-2 and 2.5
_KBITS_1: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_2: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES_HZ: Final = (44100, 48000, 32000)  # MPEG-1; half for MPEG-2, a quarter for 2.5
_VERSION_DIVISOR: Final = {3: 1, 2: 2, 0: 4}  # the header's version bits
_SEARCH_BYTES: Final = 1 << 16  # for a frame after a tag, padding or damage
_SLACK_FRAMES: Final = 2  # an index may or may not count itself, and encoders pad by one
_FILLER_BITRATE: Final = 9  # 128 or 80 kbit/s: roomy enough for an index frame at any rate


@dataclass(frozen=True, slots=True)
class _Header:
    bits: int
    size: int  # bytes of the frame
    rate_hz: int
    n_samples: int
    side_bytes: int  # where an index stands, after the header

    @property
    def kind(self) -> int:
        """What stays the same from frame to frame: sync, version, layer, rate."""
        return self.bits & 0xFFFE0C00


@dataclass(slots=True)
class _Walk:
    """What the frames told: `junk_bytes` stand between frames, `missing_bytes` lack of the last one."""

    n_frames: int = 0
    constant_size: bool = True  # up to the one byte of padding
    junk_bytes: int = 0
    missing_bytes: int = 0


def id3v2_bytes(start: bytes) -> int:
    """Length of the ID3v2 tag that `start` (10 bytes) begins, 0 where there is none."""
    if len(start) < 10 or not start.startswith(b"ID3"):
        return 0
    a, b, c, d = (byte & 0x7F for byte in start[6:10])
    return 10 + (a << 21 | b << 14 | c << 7 | d) + (10 if start[5] & 0x10 else 0)


def id3v1_bytes(file: BinaryIO, size: int) -> int:
    """Length of the ID3v1 tag at the end of the file: 128 or 0."""
    file.seek(max(0, size - 128))
    return 128 if file.read(3) == b"TAG" else 0


def is_frame_header(start: bytes) -> bool:
    """Whether four bytes can begin a layer III frame."""
    return _header(start) is not None


def _header(four: bytes) -> _Header | None:
    if len(four) < 4:
        return None
    bits = int.from_bytes(four, "big")
    version, layer, bitrate, rate = bits >> 19 & 3, bits >> 17 & 3, bits >> 12 & 15, bits >> 10 & 3
    if bits >> 21 != 0x7FF or version == 1 or layer != 1 or bitrate in (0, 15) or rate == 3:
        return None
    first, mono = version == 3, bits >> 6 & 3 == 3
    rate_hz = _RATES_HZ[rate] // _VERSION_DIVISOR[version]
    n_samples = 1152 if first else 576
    kbits = (_KBITS_1 if first else _KBITS_2)[bitrate]
    size = n_samples * kbits * 125 // rate_hz + (bits >> 9 & 1)
    return _Header(bits, size, rate_hz, n_samples, (17 if mono else 32) if first else (9 if mono else 17))


def probe(file: BinaryIO, size: int) -> Probe:
    """Raises Malformed where there is not one whole frame."""
    end = size - id3v1_bytes(file, size)
    file.seek(0)
    found = _first_frame(file, id3v2_bytes(file.read(10)), end)
    if found is None:
        raise Malformed("is an MP3 without one whole frame: it was cut short or damaged")
    at, first = found
    stated, has_index = _index(file, at, first)
    walk = _walk(file, at, end, first)
    n_frames = walk.n_frames - has_index
    if n_frames <= 0:
        raise Malformed("is an MP3 that holds no sound")
    guessable = stated is not None or (walk.constant_size and not has_index)
    sound = at + (first.size if has_index else 0)
    view = None if guessable else View(_index_frame(first, n_frames), sound, end)
    return Probe(format="MP3", damage=_damage(walk, stated, n_frames, first), view=view,
                 n_frames=n_frames * first.n_samples, slack_frames=4 * first.n_samples)


def _damage(walk: _Walk, stated: int | None, n_frames: int, first: _Header) -> str:
    def secs(n: int) -> str:
        return f"{n * first.n_samples / first.rate_hz:.3f} s"

    if stated and abs(stated - n_frames) > _SLACK_FRAMES:
        return (f"the header claims {secs(stated)} of sound, the file holds {secs(n_frames)}: it was cut "
                "short, joined from pieces, or its header lies")
    if walk.missing_bytes:
        return f"the last MP3 frame lacks {walk.missing_bytes} bytes: it was cut short at {secs(n_frames)}"
    if walk.junk_bytes:
        return f"{walk.junk_bytes} bytes between the MP3 frames are no sound: it is damaged or has a hole"
    return ""


def _header_at(file: BinaryIO, at: int) -> _Header | None:
    file.seek(at)
    return _header(file.read(4))


def _first_frame(file: BinaryIO, start: int, end: int) -> tuple[int, _Header] | None:
    """The first header from `start` on that another of its kind, or the end, follows."""
    file.seek(start)
    text = file.read(_SEARCH_BYTES)
    at = text.find(b"\xff")
    while at >= 0:
        head = _header(text[at:at + 4])
        if head and _is_followed(file, start + at, head, end):
            return start + at, head
        at = text.find(b"\xff", at + 1)
    return None


def _is_followed(file: BinaryIO, at: int, head: _Header, end: int) -> bool:
    after = _header_at(file, at + head.size)
    return at + head.size == end or (after is not None and after.kind == head.kind)


def _walk(file: BinaryIO, at: int, end: int, first: _Header) -> _Walk:
    """Count the frames of `first`'s kind up to `end`; what follows the last one is a tag or padding."""
    walk = _Walk()
    while at + 4 <= end:
        head = _header_at(file, at)
        if head is None or head.kind != first.kind:
            found = _first_frame(file, at, end)
            if found is None or found[1].kind != first.kind:
                break
            walk.junk_bytes += found[0] - at
            at, head = found
        walk.missing_bytes = max(0, at + head.size - end)
        walk.n_frames += not walk.missing_bytes
        walk.constant_size &= abs(head.size - first.size) <= 1
        at += head.size
    return walk


def _index(file: BinaryIO, at: int, first: _Header) -> tuple[int | None, bool]:
    """The number of frames that an index in the first frame states, and whether there is an index."""
    file.seek(at)
    frame = file.read(first.size)
    for offset in (4 + first.side_bytes, 6 + first.side_bytes):  # the second behind a checksum
        mark, flags, count = struct.unpack(">4sII", frame[offset:offset + 12].ljust(12, b"\0"))
        if mark in (b"Xing", b"Info"):
            return (count if flags & 1 else None), True
    if frame[36:40] == b"VBRI":
        return int.from_bytes(frame[50:54], "big"), True
    return None, False


def _index_frame(first: _Header, n_frames: int) -> bytes:
    """A frame without sound that states `n_frames`, of the kind of `first`."""
    bits = first.bits & ~(15 << 12 | 1 << 9) | _FILLER_BITRATE << 12 | 1 << 16  # no padding, no checksum
    head = _header(bits.to_bytes(4, "big"))
    if head is None:
        raise Malformed("is an MP3 with a header that no frame can have")
    body = bytes(first.side_bytes) + b"Xing" + struct.pack(">II", 1, n_frames)
    return (bits.to_bytes(4, "big") + body).ljust(head.size, b"\0")
