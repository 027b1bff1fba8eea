"""What an audio file's container says about itself, read before any decoding.

libsndfile quietly plays whatever it finds: a WAV cut in half or an Ogg stream with a hole simply comes out
shorter, and an MP3 or WAV without a length in its header may lose most of its sound. So the structure is
checked here first.

What libsndfile 1.2.2 does by itself, measured:

    WAV whose header claims more than the file holds    plays what is there, says nothing
    WAV whose header claims less                        plays what is claimed
    WAV of unknown length (data size 0)                 plays nothing
    WAV of unknown length above 4 GiB (0xFFFFFFFF)      stops at 4 GiB
    FLAC whose header claims less                       plays what is claimed
    FLAC followed by an ID3v1 tag                       fails in the last block
    Ogg cut short, or with a lost page                  plays up to there, says nothing
    two Ogg streams one after the other                 plays the first
    MP3 cut short                                       plays what is there, warns on stderr
    MP3 of variable bit rate without a Xing header      guesses the length: lost 84 % in a test
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from facerig.audio import flac, mpeg, ogg, riff
from facerig.audio.probe import Malformed, Probe
from facerig.errors import AudioError

FORMATS_TEXT: Final = "WAV, FLAC, OGG (Vorbis, Opus) or MP3"
_CONVERT: Final = "convert it, for example with `ffmpeg -i {name} speech.wav`"
_UNKNOWN: Final = "not audio that facerig knows"
_HEAD_BYTES: Final = 16


# First bytes -> who reads on. MP3 has none of its own (mpeg.is_frame_header) and may follow an ID3 tag.
_PROBERS: Final[dict[bytes, Callable[[BinaryIO, int], Probe]]] = {
    b"RIFF": riff.probe,
    b"RF64": riff.probe,
    b"fLaC": flac.probe,
    b"OggS": ogg.probe,
}

# Files that people take for sound facerig can read: at, first bytes, name
_STRANGERS: Final = (
    (4, b"ftyp", "an MP4 or M4A file"),
    (0, b"\x1aE\xdf\xa3", "a Matroska or WebM file"),
    (0, b"FORM", "an AIFF file"),
    (0, b"RIFX", "a big-endian WAV file"),
    (0, b"caff", "a CAF file"),
    (0, b".snd", "an AU file"),
    (0, b"riff\x2e\x91\xcf\x11", "a Wave64 file"),
    (0, b"0&\xb2u\x8ef\xcf\x11", "a WMA file"),
    (0, b"#!AMR", "an AMR file"),
)


def probe(path: Path) -> Probe:
    """Recognise `path` by its first bytes (never by its ending) and check its structure.

    Raises AudioError where it is missing, not a file, empty, or in no format that facerig reads.
    """
    try:
        size = _size_of_file(path)
        with path.open("rb") as file:
            return _prober(file, path)(file, size)
    except OSError as error:
        raise _cannot_open(path, error) from None
    except Malformed as error:
        raise AudioError(str(error), where=str(path),
                         fix="make the file again, or export it as WAV") from None


def _size_of_file(path: Path) -> int:
    if path.is_dir():
        raise AudioError("is a folder, not an audio file", where=str(path), fix="name the files inside it")
    info = path.stat()
    if not path.is_file():
        raise AudioError("is not a regular file", where=str(path), fix="save the sound to a file first")
    if info.st_size == 0:
        raise AudioError("the file is empty (0 bytes)", where=str(path), fix="make the recording again")
    return info.st_size


def _prober(file: BinaryIO, path: Path) -> Callable[[BinaryIO, int], Probe]:
    start = file.read(_HEAD_BYTES)
    if start.startswith(b"ID3"):
        file.seek(mpeg.id3v2_bytes(start))
        return flac.probe if file.read(4) == b"fLaC" else mpeg.probe
    if start[:4] in _PROBERS:
        return _PROBERS[start[:4]]
    if mpeg.is_frame_header(start[:4]):
        return mpeg.probe
    kind = next((name for at, mark, name in _STRANGERS if start[at:].startswith(mark)), _UNKNOWN)
    raise AudioError(f"is {kind}; facerig reads {FORMATS_TEXT}", where=str(path),
                     fix=_CONVERT.format(name=path.name))


def _cannot_open(path: Path, error: OSError) -> AudioError:
    if isinstance(error, FileNotFoundError):
        return AudioError("there is no such file", where=str(path), fix="check the name and the folder")
    if isinstance(error, PermissionError):
        return AudioError("may not be read", where=str(path), fix="give yourself permission to read it")
    reason = error.strerror or os.strerror(error.errno or 0)
    return AudioError(f"cannot be opened ({reason})", where=str(path), fix="check the path and the disk")
