"""The sound of a take, mono at its own rate: sound files as everywhere, what is in a video through ffmpeg."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.actor.takes import VIDEO_ENDINGS
from facerig.audio.channels import select
from facerig.audio.reader import open_audio
from facerig.errors import AudioError, ConfigError

Array = NDArray[np.float32]

LONGEST_SECS: Final = 3600.0  # of one take: a take is held in memory as a whole
FFMPEG_SECS: Final = 600.0  # after which a decoder is taken to hang


def read_sound(path: Path) -> tuple[Array, int]:
    """Samples float32 [n] and their rate. Raises AudioError, and ConfigError where ffmpeg is missing."""
    if path.suffix.lower() not in VIDEO_ENDINGS:
        return _read(path, str(path))
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "sound.wav"
        _decode(path, wav)
        return _read(wav, str(path))


def ffmpeg() -> str:
    """Path of the ffmpeg program that imageio-ffmpeg brings. Raises ConfigError where there is none."""
    try:
        import imageio_ffmpeg
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        fix = 'pip install "facerig[preview]", or give the sound as a WAV of the same name'
        raise ConfigError("ffmpeg is missing, and the sound of a video is read with it", where="fit",
                          fix=fix) from None


def _read(path: Path, where: str) -> tuple[Array, int]:
    with open_audio(path) as source:
        limit = LONGEST_SECS * source.sample_rate
        blocks = []
        for block in source.blocks():
            blocks.append(select(block, "mix", where))
            if source.frames_read > limit:
                raise AudioError(f"the take is longer than {LONGEST_SECS / 60:.0f} minutes", where=where,
                                 fix="cut it into shorter takes")
        return np.concatenate(blocks), source.sample_rate


def _decode(path: Path, wav: Path) -> None:
    """The first sound track into a WAV that starts with the picture, gaps filled with silence."""
    command = [ffmpeg(), "-nostdin", "-y", "-loglevel", "error", "-protocol_whitelist", "file",
               "-i", f"file:{path}", "-map", "0:a:0", "-af", "aresample=async=1:first_pts=0", "-ac", "1",
               "-c:a", "pcm_s16le", str(wav)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=FFMPEG_SECS, check=False)
    except subprocess.TimeoutExpired:
        raise AudioError("ffmpeg does not come to an end with it", where=str(path),
                         fix="convert it to WAV by hand") from None
    if done.returncode != 0 or not wav.exists():
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise AudioError(f"no sound can be read from the video: {words[-1] if words else done.returncode}",
                         where=str(path), fix="give the sound as a WAV of the same name")
