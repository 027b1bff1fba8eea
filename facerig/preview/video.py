"""Writes pictures as they come: an MP4 with sound through ffmpeg, or a sequence of PNG files.

ffmpeg is the one that imageio-ffmpeg brings (extra `preview`). Pictures go down its pipe one by one, so
memory does not grow with length. The film is written beside its place and renamed when it is whole.
"""

from __future__ import annotations

import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from facerig.errors import ConfigError, OutputError
from facerig.sinks.files import written_aside

Picture = NDArray[np.uint8]

CRF = "18"  # H.264 quality: visually clean
AUDIO_KBIT = "160k"
FRAME_NUMBER = re.compile(r"%(?:0\d+)?d")


class PictureSink(Protocol):
    """Takes RGB pictures [height, width, 3] of one size, in order."""

    def write(self, picture: Picture) -> None:
        """Add the next frame."""
        ...


@contextmanager
def opened(out: Path, size: tuple[int, int], fps: Fraction, audio: Path | None) -> Iterator[PictureSink]:
    """A sink for `out`: a film for .mp4, PNG files for a folder or a name such as frame-%04d.png.

    Raises OutputError where `out` cannot be written or has another ending, ConfigError where ffmpeg is
    missing.
    """
    if out.suffix.lower() == ".mp4":
        with _film(out, size, fps, audio) as film:
            yield film
    elif FRAME_NUMBER.search(out.name) and out.suffix.lower() == ".png":
        yield _Stills(out)
    elif not out.suffix:
        yield _Stills(out / "%05d.png")
    else:
        raise OutputError(f"a preview is not written as {out.suffix or out.name}", where=str(out),
                          fix="end the name in .mp4, in %04d.png, or give a folder")


class _Stills:
    """Numbered PNG files, from 0; each appears only when it is whole."""

    def __init__(self, pattern: Path) -> None:
        _png_writer()
        self._pattern, self._index = pattern, 0
        try:
            pattern.parent.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise OutputError(f"cannot make the folder: {problem.strerror or problem}",
                              where=str(pattern.parent),
                              fix="choose another folder") from None

    def write(self, picture: Picture) -> None:
        target = self._pattern.with_name(FRAME_NUMBER.sub(lambda m: m.group() % self._index,
                                                          self._pattern.name))
        save_png(picture, target)
        self._index += 1


def save_png(picture: Picture, target: Path) -> None:
    """Write one RGB picture, aside and renamed. Raises OutputError."""
    image = _png_writer()
    with written_aside(target) as aside:
        image.fromarray(picture).save(aside, "PNG")


def _png_writer() -> Any:
    """Pillow's module, which is optional."""
    try:
        from PIL import Image
    except ImportError:
        raise ConfigError("Pillow is not installed", where="preview",
                          fix='pip install "facerig[preview]"') from None
    return Image


def ffmpeg() -> str:
    """Path of the ffmpeg program. Raises ConfigError where there is none."""
    try:
        import imageio_ffmpeg
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        fix = 'pip install "facerig[preview]", or write PNG files (-o frames/%04d.png)'
        raise ConfigError("ffmpeg is missing, and films are made with it", where="preview", fix=fix) from None


class _Film:
    """A running ffmpeg that reads raw pictures from its standard input."""

    def __init__(self, pipe: IO[bytes], fail: _Failure) -> None:
        self._pipe, self._fail = pipe, fail

    def write(self, picture: Picture) -> None:
        try:
            self._pipe.write(np.ascontiguousarray(picture).data)
        except OSError:  # it went away: its own words say why
            raise self._fail() from None


class _Failure(Protocol):
    def __call__(self) -> OutputError: ...


@contextmanager
def _film(out: Path, size: tuple[int, int], fps: Fraction, audio: Path | None) -> Iterator[_Film]:
    program = ffmpeg()
    command = [program, *_options(size, fps, audio)]
    with (written_aside(out) as aside, tempfile.TemporaryFile() as words,
          _running([*command, str(aside)], words) as process):
        def failure() -> OutputError:
            process.wait()
            words.seek(0)
            text = words.read().decode("utf-8", "replace").strip().splitlines()
            return OutputError(f"ffmpeg stopped: {text[-1] if text else process.returncode}", where=str(out),
                               fix="check the disk's space and the audio file")

        pipe = process.stdin
        if pipe is None:  # cannot be: it was asked for
            raise failure()
        yield _Film(pipe, failure)
        _shut(pipe)
        if process.wait() != 0:
            raise failure()


@contextmanager
def _running(command: list[str], words: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block, however that ends: nobody writes to a film that was given up."""
    process: subprocess.Popen[bytes] | None = None
    try:
        with _interrupts_held():  # else Ctrl-C may come when it is started and not yet known here
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=words, stderr=words)
        yield process
    finally:
        if process is not None:
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stdin is not None:
                _shut(process.stdin)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C and SIGTERM that arrive within the block act at its end. In another thread they never arrive."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    before = {number: signal.signal(number, lambda n, _frame: arrived.append(n))
              for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
    for late in arrived:
        signal.raise_signal(late)


def _shut(pipe: IO[bytes]) -> None:
    """Close a pipe whose reader may be gone."""
    try:
        pipe.close()
    except OSError:
        return


def _options(size: tuple[int, int], fps: Fraction, audio: Path | None) -> list[str]:
    pictures = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}", "-r", str(fps), "-i",
                "pipe:0"]
    sound = ["-protocol_whitelist", "file", "-i", f"file:{audio}"] if audio else []
    streams = ["-map", "0:v:0", *(["-map", "1:a:0", "-c:a", "aac", "-b:a", AUDIO_KBIT] if audio else [])]
    film = ["-c:v", "libx264", "-preset", "veryfast", "-crf", CRF, "-pix_fmt", "yuv420p", "-r", str(fps),
            "-movflags", "+faststart"]
    return ["-y", "-loglevel", "error", "-nostats", *pictures, *sound, *streams, *film]
