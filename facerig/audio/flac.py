"""FLAC: the stated length, hidden from libsndfile.

libsndfile stops at the length of STREAMINFO even where more follows, so it gets a header that states none and
decodes to the end; the reader then compares. An ID3v1 tag at the end, which makes it fail, is left out.
Source: RFC 9639, sections 8.1 and 8.2.
"""

from __future__ import annotations

from typing import BinaryIO, Final

from facerig.audio import mpeg
from facerig.audio.probe import Malformed, Probe, View

_HEAD_BYTES: Final = 42  # "fLaC", block header, STREAMINFO
_LENGTH_AT, _LENGTH_BYTES, _LENGTH_BITS = 21, 5, 36  # after the mark: the last 36 of these 40 bits


def probe(file: BinaryIO, size: int) -> Probe:
    """Raises Malformed where the header is not whole."""
    file.seek(0)
    start = mpeg.id3v2_bytes(file.read(10))
    file.seek(start)
    head = bytearray(file.read(_HEAD_BYTES))
    if len(head) < _HEAD_BYTES or head[4] & 0x7F != 0:
        raise Malformed("is a FLAC file whose header is cut short or damaged")
    field = slice(_LENGTH_AT, _LENGTH_AT + _LENGTH_BYTES)
    bits = int.from_bytes(head[field], "big")
    n_frames = bits & ((1 << _LENGTH_BITS) - 1)
    head[field] = (bits - n_frames).to_bytes(_LENGTH_BYTES, "big")
    view = View(bytes(head), start + _HEAD_BYTES, size - mpeg.id3v1_bytes(file, size))
    return Probe(format="FLAC", n_frames=n_frames or None, view=view)
