"""Files that are broken on purpose, each made from a whole one by the change that its name says."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

RATE_HZ = 16000
N = 2 * RATE_HZ  # samples of the plain tone
CONTAINERS = ("wav", "rf64", "flac", "ogg", "opus", "mp3")


def tone(secs: float = 2.0, rate_hz: int = RATE_HZ, channels: int = 1) -> NDArray[np.float32]:
    """A tone that swells and ebbs: it never stands flat, and lossy codecs need more bits for some of it."""
    t = np.arange(round(secs * rate_hz)) / rate_hz
    sound = 0.3 * np.sin(2 * np.pi * 200 * t) * (1 + np.sin(2 * np.pi * 3 * t)) / 2
    return np.repeat(sound[:, None], channels, axis=1).astype(np.float32)


def encoded(container: str, samples: NDArray[np.float32], rate_hz: int = RATE_HZ, subtype: str | None = None,
            **options: object) -> bytes:
    """`samples` [n, channels] as a whole file."""
    name, codec = {"wav": ("WAV", "PCM_16"), "wavex": ("WAVEX", "PCM_24"), "rf64": ("RF64", "PCM_16"),
                   "flac": ("FLAC", "PCM_16"), "ogg": ("OGG", "VORBIS"), "opus": ("OGG", "OPUS"),
                   "mp3": ("MP3", "MPEG_LAYER_III")}[container]
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format=name, subtype=subtype or codec, **options)
    return file.getvalue()


def wav(samples: NDArray[np.float32], subtype: str = "PCM_16", rate_hz: int = RATE_HZ) -> bytes:
    return encoded("wav", samples, rate_hz, subtype)


def with_data_size(whole: bytes, size: int, riff_size: int | None = None) -> bytes:
    """A WAV whose data chunk claims `size` bytes."""
    out, at = bytearray(whole), whole.index(b"data") + 4
    out[at:at + 4] = struct.pack("<I", size)
    if riff_size is not None:
        out[4:8] = struct.pack("<I", riff_size)
    return bytes(out)


def with_flac_length(whole: bytes, n_frames: int) -> bytes:
    """A FLAC that claims `n_frames`; 0 is what an encoder writes into a pipe."""
    out = bytearray(whole)
    bits = int.from_bytes(out[21:26], "big") >> 36 << 36 | n_frames
    out[21:26] = bits.to_bytes(5, "big")
    return bytes(out)


def ogg_pages(whole: bytes) -> list[bytes]:
    """The pages of an Ogg file."""
    starts = [i for i in range(len(whole)) if whole.startswith(b"OggS\0", i)]
    return [whole[a:b] for a, b in zip(starts, [*starts[1:], len(whole)], strict=True)]


def mp3_frames(whole: bytes) -> list[bytes]:
    """The frames of a plain MP3 of 16 kHz (MPEG-2, 576 samples), the index first."""
    kbits, frames, at = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160), [], 0
    while at + 4 <= len(whole):
        size = 72000 * kbits[whole[at + 2] >> 4] // RATE_HZ + (whole[at + 2] >> 1 & 1)
        frames.append(whole[at:at + size])
        at += size
    return frames


def write(folder: Path, content: bytes, name: str = "sound.bin") -> Path:
    """A file with an ending that says nothing: the content must be recognised."""
    path = folder / name
    path.write_bytes(content)
    return path


def _cut(container: str, share: float) -> Callable[[], bytes]:
    def make() -> bytes:
        whole = encoded(container, tone())
        return whole[: int(share * len(whole))]
    return make


def _without_page(container: str) -> bytes:
    rng = np.random.default_rng(0)
    pages = ogg_pages(encoded(container, rng.standard_normal((8 * N, 1)).astype(np.float32) * 0.1))
    assert len(pages) > 5
    return b"".join(pages[:3] + pages[4:])


def _with_hole(frames: list[bytes]) -> bytes:
    return b"".join(frames[1:20]) + b"hole" * 9 + b"".join(frames[20:])


def _patched(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new):]


def _flac(claimed: int) -> bytes:
    return with_flac_length(encoded("flac", tone()), claimed)


def _with_samples(subtype: str, at: int, *values: float) -> bytes:
    samples = tone().astype(np.float64)
    samples[at:at + len(values), 0] = values
    return wav(samples.astype(np.float64 if subtype == "DOUBLE" else np.float32), subtype)


# what   file   what the error says
BAD: list[tuple[str, Callable[[], bytes], str]] = [
    ("empty", lambda: b"", r"empty \(0 bytes\)"),
    ("text", lambda: b"this is not audio, though it has many bytes" * 50, "not audio that facerig knows"),
    ("noise", lambda: np.random.default_rng(0).bytes(5000), "not audio that facerig knows"),
    ("zeros", lambda: bytes(5000), "not audio that facerig knows"),
    ("one byte", lambda: b"R", "not audio that facerig knows"),
    ("m4a", lambda: b"\0\0\0\x20ftypM4A " + bytes(500), "MP4 or M4A"),
    ("webm", lambda: b"\x1aE\xdf\xa3" + bytes(500), "Matroska or WebM"),
    ("aiff", lambda: b"FORM\0\0\0\0AIFF" + bytes(500), "AIFF"),
    ("avi", lambda: b"RIFF\0\0\0\0AVI " + bytes(500), "holds no WAV sound"),
    ("wav: 1 sample", lambda: wav(tone()[:1]), r"only 1 sample, 0.1 ms; the shortest sound .* is 50 ms"),
    ("wav: 49 ms", lambda: wav(tone(0.049)), r"only 784 samples, 49.0 ms"),
    ("flac: 1 sample", lambda: encoded("flac", tone()[:1]), "only 1 sample,"),
    ("ogg: 1 sample", lambda: encoded("ogg", tone()[:1]), "only 1 sample,"),
    ("wav: no samples", lambda: wav(tone()[:0]), r"no sound \(0 samples\)"),
    ("ogg: no samples", lambda: encoded("ogg", tone()[:0]), "no sound|decoded"),
    ("wav: header alone", lambda: wav(tone())[:44], "header claims 64000 bytes .* the file holds 0"),
    ("wav: half a header", lambda: wav(tone())[:20], "format chunk|data chunk is missing"),
    ("wav: no data chunk", lambda: wav(tone())[:36], "data chunk is missing"),
    ("wav: no format", lambda: _patched(wav(tone()), 12, b"junk"), "format chunk is missing"),
    ("wav: sample of no size", lambda: _patched(wav(tone()), 28, bytes(6)), "no size for a sample"),
    ("wav: no channels", lambda: _patched(wav(tone()), 22, bytes(2)), "cannot be decoded"),
    ("wav: unknown codec", lambda: _patched(wav(tone()), 20, b"\x99\x99"), "cannot be decoded"),
    ("wav: claims double", lambda: with_data_size(wav(tone()), 4 * N), "cut short or its header lies"),
    ("wav: claims half", lambda: with_data_size(wav(tone()), N), "its header lies"),
    ("wav: claims none", lambda: with_data_size(wav(tone()), 0), "its header lies|no sound"),
    ("wav: cut", _cut("wav", 0.6), r"claims 64000 bytes \(2.000 s\) .* holds 38382 bytes \(1.199 s\)"),
    ("rf64: cut", _cut("rf64", 0.6), "cut short or its header lies"),
    ("flac: cut", _cut("flac", 0.6), "cut short"),
    ("flac: cut in the header", lambda: encoded("flac", tone())[:30], "header is cut short"),
    ("flac: claims double", lambda: _flac(2 * N), "claims 4.000 s .* 2.000 s"),
    ("flac: claims half", lambda: _flac(N // 2), "claims 1.000 s .* 2.000 s"),
    ("flac: damaged", lambda: _patched(encoded("flac", tone()), 9000, b"\x5a" * 40), "damaged or cut short"),
    ("ogg: cut", _cut("ogg", 0.6), "cut short"),
    ("ogg: last page missing", lambda: b"".join(ogg_pages(encoded("ogg", tone()))[:-1]), "has no last page"),
    ("ogg: a page missing", lambda: _without_page("ogg"), "has a hole"),
    ("ogg: two streams", lambda: encoded("ogg", tone()) + encoded("ogg", tone()), "second Ogg stream"),
    ("ogg: cut in the header", lambda: encoded("ogg", tone())[:20], "cut short in its header"),
    ("opus: cut", _cut("opus", 0.6), "cut short"),
    ("opus: a page missing", lambda: _without_page("opus"), "has a hole"),
    ("mp3: cut", _cut("mp3", 0.6), "claims 2.088 s of sound, the file holds 1.116 s"),
    ("mp3: cut in the first frame", lambda: encoded("mp3", tone())[:60], "without one whole frame"),
    ("mp3: cut, no index", lambda: b"".join(mp3_frames(encoded("mp3", tone()))[1:])[:-5], "lacks 5 bytes"),
    ("mp3: joined", lambda: encoded("mp3", tone()) * 2, "joined from pieces"),
    ("mp3: hole", lambda: _with_hole(mp3_frames(encoded("mp3", tone()))), "36 bytes between the MP3 frames"),
    ("4 kHz", lambda: wav(tone(rate_hz=4000), rate_hz=4000), "4000 Hz is outside 8000 to 192000 Hz"),
    ("384 kHz", lambda: wav(tone(0.1, 384000), rate_hz=384000), "384000 Hz is outside"),
    ("nan", lambda: _with_samples("FLOAT", 20000, np.nan), r"at 1\.250000 s in channel 0 is not a number"),
    ("inf", lambda: _with_samples("FLOAT", 8000, -np.inf), r"at 0\.500000 s in channel 0 is infinite"),
    ("1e300", lambda: _with_samples("DOUBLE", 8000, 1e300), r"0\.500000 s .* is infinite"),
    ("1e30", lambda: _with_samples("FLOAT", 8000, 1e30), r"0\.500000 s in channel 0 is 1e\+30"),
]
