"""Ogg: are all pages there, up to the one that ends the stream?

Every page carries a count and the last one an end mark, so a file cut short or with a hole shows it (RFC
3533). The last page's position gives the length (RFC 7845 section 4 for Opus, at 48 kHz; Vorbis I section
A.2).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from facerig.audio.probe import Malformed, Probe

_HEADER_BYTES: Final = 27
_FIRST, _LAST = 2, 4  # flags of a page
_NO_POSITION: Final = (1 << 64) - 1  # no packet ends on this page
_OPUS_HZ: Final = 48000
_LATE_START_SECS: Final = 5  # a stream that starts later was cut out of a longer one: its length is not known


@dataclass(slots=True)
class _Walk:
    """What the pages told so far."""

    first_packet: bytes = b""
    serials: set[int] = field(default_factory=set)
    next_count: int = 0
    first_position: int = 0
    position: int = 0
    ended: bool = False
    damage: str = ""


@dataclass(frozen=True, slots=True)
class _Page:
    flags: int
    position: int
    serial: int
    count: int
    body: bytes  # its beginning
    size: int  # bytes, header and body


def probe(file: BinaryIO, size: int) -> Probe:
    """Raises Malformed where not even the first page is whole."""
    walk, at = _Walk(), 0
    while at < size and not walk.damage:
        page = _page(file, at)
        if page is None or at + page.size > size:
            walk.damage = f"no whole Ogg page at byte {at} of {size}: the file was cut short or is damaged"
            break
        _take(walk, page, at)
        at += page.size
    if not walk.first_packet:
        raise Malformed("is an Ogg file that was cut short in its header")
    if not walk.damage and not walk.ended:
        walk.damage = "the Ogg stream has no last page: the file was cut short"
    return _probe_of(walk)


def _page(file: BinaryIO, at: int) -> _Page | None:
    file.seek(at)
    header = file.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES or header[:5] != b"OggS\0":
        return None
    flags, position, serial, count, n_segments = struct.unpack("<5xBQIIxxxxB", header)
    segments = file.read(n_segments)
    size = _HEADER_BYTES + n_segments + sum(segments)
    return _Page(flags, position, serial, count, file.read(min(sum(segments), 16)), size)


def _take(walk: _Walk, page: _Page, at: int) -> None:
    """Add `page` to the walk, noting what is wrong with it."""
    if page.flags & _FIRST:
        walk.serials.add(page.serial)
        walk.first_packet = walk.first_packet or page.body
        walk.next_count = page.count
    if len(walk.serials) > 1 or walk.ended:
        walk.damage = f"a second Ogg stream begins at byte {at}: only the first would be heard"
    elif page.count != walk.next_count:
        walk.damage = f"Ogg pages are missing before byte {at}: the file has a hole"
    walk.next_count = page.count + 1
    walk.ended = bool(page.flags & _LAST)
    if page.position not in (0, _NO_POSITION):
        walk.position = page.position
        walk.first_position = walk.first_position or page.position


def _probe_of(walk: _Walk) -> Probe:
    first = walk.first_packet
    if first.startswith(b"OpusHead"):
        pre_skip, hz = int.from_bytes(first[10:12], "little"), _OPUS_HZ
    elif first.startswith(b"\x01vorbis"):
        pre_skip, hz = 0, int.from_bytes(first[12:16], "little")
    else:  # FLAC in Ogg, or a codec that libsndfile will refuse
        return Probe(format="OGG", damage=walk.damage)
    known = not walk.damage and walk.first_position < _LATE_START_SECS * max(hz, 1)
    return Probe(format="OGG", damage=walk.damage, n_frames=walk.position - pre_skip if known else None,
                 frames_hz=hz)
