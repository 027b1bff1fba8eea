"""WAV and RF64: does the data chunk hold what it claims?

Sources: Microsoft/IBM RIFF MCI 1.0; EBU Tech 3306 (RF64). Programs that write into a pipe cannot know the
length: ffmpeg leaves 0xFFFFFFFF in the data chunk, SoX 0x7FFFF000, arecord 0x80000000, others 0. Those are
whole files of unknown length and are read to their end, behind an RF64 header because libsndfile stops a WAV
at 4 GiB.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

from facerig.audio.probe import Malformed, Probe, View

_UNKNOWN_LENGTH: Final = 0x7FFFF000  # bytes; a WAV that claims this and holds less was written into a pipe
_PLACEHOLDERS: Final = (0x7FFFF000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)  # as one that claims just this
_MAX_HEAD: Final = 1 << 24  # bytes before the sound: a studio's bext and iXML chunks stay far below
_LEFT_OVER_SECS: Final = 0.05  # less than this after the sound is padding, not sound that the header denies
_CODEC_SLACK: Final = 4 * 1152  # frames by which a codec inside a WAV (ADPCM, MP3) may miss the stated length
_TAGS: Final = (b"ID3", b"TAG", b"APETAGEX")


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the sound lies: [data, data + claimed) as the header says, in a file of `size` bytes."""

    data: int
    claimed: int
    size: int
    byte_rate: int  # bytes a second
    block_align: int  # bytes a frame
    riff_size_fits: bool
    compressed: bool

    @property
    def held(self) -> int:
        return self.size - self.data


def probe(file: BinaryIO, size: int) -> Probe:
    """Raises Malformed where there is no format or no data chunk."""
    layout = _layout(file, size)
    if _is_streamed(layout):
        if layout.compressed:  # libsndfile reads ADPCM and its like to the end by itself, below 4 GiB
            return Probe(format="WAV", slack_frames=_CODEC_SLACK)
        return Probe(format="WAV", n_frames=_frames(layout, layout.held), view=_rf64_view(file, layout))
    held = min(layout.claimed, layout.held)
    damage = ""
    if layout.claimed - layout.held >= layout.block_align:
        damage = f"{_claim(layout)}: it was cut short or its header lies"
    elif _denied_bytes(file, layout):
        damage = f"{_claim(layout)}: its header lies"
    return Probe(format="WAV", damage=damage, n_frames=_frames(layout, held),
                 slack_frames=_CODEC_SLACK if layout.compressed else 0)


def _layout(file: BinaryIO, size: int) -> _Layout:
    file.seek(0)
    form, riff_size, kind = struct.unpack("<4sI4s", file.read(12).ljust(12, b"\0"))
    if kind != b"WAVE":
        raise Malformed("is a RIFF file that holds no WAV sound")
    wide_size, fmt, at = None, b"", 12
    while at + 8 <= size:
        file.seek(at)
        name, n_bytes = struct.unpack("<4sI", file.read(8))
        if name == b"ds64":
            wide_size = struct.unpack("<8xQ", file.read(16).ljust(16, b"\0"))[0]
        elif name == b"fmt ":
            fmt = file.read(min(n_bytes, 40))
        elif name == b"data":
            claimed = wide_size if form == b"RF64" and wide_size is not None else n_bytes
            return _sound(fmt, at + 8, claimed, size, riff_size == size - 8)
        at += 8 + n_bytes + n_bytes % 2
    raise Malformed("is a WAV without sound: its data chunk is missing, so it was cut short or damaged")


def _sound(fmt: bytes, data: int, claimed: int, size: int, riff_size_fits: bool) -> _Layout:
    if len(fmt) < 16:
        raise Malformed("is a WAV whose format chunk is missing or too short")
    tag, _, _, byte_rate, block_align = struct.unpack_from("<HHIIH", fmt)
    plain = tag in (1, 3, 6, 7, 0xFFFE)  # PCM, float, A-law, mu-law, extensible: one block is one frame
    if plain and (byte_rate == 0 or block_align == 0):
        raise Malformed("is a WAV whose format chunk states no size for a sample")
    return _Layout(data, claimed, size, byte_rate or 1, block_align or 1, riff_size_fits, not plain)


def _is_streamed(layout: _Layout) -> bool:
    if layout.held == 0:
        return False
    if layout.claimed == 0:
        return not layout.riff_size_fits
    return layout.claimed in _PLACEHOLDERS or _UNKNOWN_LENGTH <= layout.claimed > layout.held


def _frames(layout: _Layout, n_bytes: int) -> int | None:
    return None if layout.compressed else n_bytes // layout.block_align


def _claim(layout: _Layout) -> str:
    claimed, held = (f"{n} bytes ({n / layout.byte_rate:.3f} s)" for n in (layout.claimed, layout.held))
    return f"the header claims {claimed} of sound, the file holds {held}"


def _denied_bytes(file: BinaryIO, layout: _Layout) -> bool:
    """Whether more sound seems to follow than the header admits: neither a chunk, nor a tag, nor padding."""
    after = layout.data + layout.claimed
    if layout.size - after <= _LEFT_OVER_SECS * layout.byte_rate:
        return False
    file.seek(after)
    rest = file.read(1 << 16)
    if rest.startswith(_TAGS) or not any(rest):
        return False
    n_left = layout.size - after
    return not (_is_chunk(rest, n_left) or (layout.claimed % 2 == 1 and _is_chunk(rest[1:], n_left - 1)))


def _is_chunk(start: bytes, n_left: int) -> bool:
    """Whether a chunk of printable name begins here and fits into the `n_left` bytes."""
    name, n_bytes = start[:4], int.from_bytes(start[4:8], "little")
    return name.decode("latin-1").isprintable() and name.isascii() and 8 + n_bytes <= n_left


def _rf64_view(file: BinaryIO, layout: _Layout) -> View:
    """The file behind an RF64 header that states its true length."""
    if layout.data > _MAX_HEAD:
        raise Malformed(f"is a WAV with {layout.data} bytes before its sound")
    file.seek(12, os.SEEK_SET)
    chunks = file.read(layout.data - 12 - 8)
    if chunks.startswith(b"ds64"):
        chunks = chunks[8 + struct.unpack_from("<I", chunks, 4)[0]:]
    n_bytes = layout.held - layout.held % layout.block_align
    riff_bytes = 4 + 36 + len(chunks) + 8 + n_bytes
    sizes = struct.pack("<QQQI", riff_bytes, n_bytes, n_bytes // layout.block_align, 0)
    head = (b"RF64\xff\xff\xff\xffWAVEds64" + struct.pack("<I", len(sizes)) + sizes + chunks
            + b"data\xff\xff\xff\xff")
    return View(head, layout.data, layout.data + n_bytes)
