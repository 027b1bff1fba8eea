"""Audio files as a stream of float32 blocks, in constant memory, with one clear error for whatever is wrong.

    with open_audio(path) as source:
        for block in source.blocks():
            ...
    source.remarks                      # what is poor about the recording, in words

A file that does not hold what its header states is refused, because half a line animated looks like a bug of
the animation; `allow_truncated=True` animates what is there and remarks on it. A WAV written into a pipe
cannot know its length (see `riff`) and is whole. Lossy formats start where their encoder says; an MP3 without
a LAME header keeps its encoder's delay (about 25 ms), as in any player.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from facerig.audio import container
from facerig.audio.health import Health
from facerig.audio.probe import ViewFile
from facerig.audio.rates import check_sample_rate
from facerig.errors import AudioError

MIN_SECS: Final = 0.05
_MAX_BLOCK_SAMPLES: Final = 1 << 22  # over all channels: 16 MiB, however many channels a file has
_TRUNCATED_FIX: Final = "make or copy the file again; allow_truncated (--allow-truncated) uses what is there"


class _ForwardSound(soundfile.SoundFile):  # type: ignore[misc]
    """A decoder that never seeks: soundfile seeks after each read, and a seek in an MP3 is not exact."""

    def seekable(self) -> bool:
        return False


class AudioSource:
    """An open audio file; made by `open_audio`. `blocks` may be read once.

    `claimed_frames` is the length in samples per channel that the container states, None where it states
    none. `remarks` fills as blocks are read: clipping, offset, silence, damage that was allowed.
    """

    def __init__(self, path: Path, *, allow_truncated: bool = False) -> None:
        self.path, self._allow_truncated = path, allow_truncated
        self._probe = container.probe(path)
        self._damage: list[str] = []
        if self._probe.damage:
            self._damaged(self._probe.damage)
        self._file, self._sound = self._open()
        self.sample_rate, self.n_channels = int(self._sound.samplerate), int(self._sound.channels)
        self.format = f"{self._probe.format} {self._sound.subtype}"
        self.claimed_frames = self._claimed()
        self._health = Health(str(path), self.sample_rate)
        try:
            check_sample_rate(self.sample_rate, str(path))
            if self.claimed_frames is not None:
                self._check_length(self.claimed_frames)
        except AudioError:
            self.close()
            raise

    @property
    def remarks(self) -> list[str]:
        """What is poor about the sound that was read so far, one short sentence each."""
        return self._damage + self._health.remarks()

    @property
    def frames_read(self) -> int:
        """Samples per channel that `blocks` has given."""
        return self._health.n_frames

    def blocks(self, seconds: float = 1.0) -> Iterator[NDArray[np.float32]]:
        """The sound in order, float32 [n, n_channels]; full scale is 1. Every block but the last is equally
        long.

        Raises AudioError for damage, NaN, Inf and absurd values, and where the file turns out too short.
        """
        n = max(1, min(round(seconds * self.sample_rate), _MAX_BLOCK_SAMPLES // self.n_channels))
        while len(block := self._read(n)):
            yield self._health.check(block)
        self._check_end()

    def close(self) -> None:
        """Close the file; the source's attributes stay readable."""
        self._sound.close()
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> AudioSource:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def _open(self) -> tuple[ViewFile | None, soundfile.SoundFile]:
        view = self._probe.view
        file = ViewFile(self.path, view) if view else None
        source: Any = str(self.path) if file is None else file  # soundfile's hints know no stream
        try:
            return file, _ForwardSound(source)
        except (soundfile.SoundFileError, TypeError, OSError) as error:
            if file is not None:
                file.close()
            reason = getattr(error, "error_string", "") or str(error)
            raise AudioError(f"cannot be decoded as {self._probe.format} ({reason.strip('. ')})",
                             where=str(self.path),
                             fix=f"make the file again; facerig reads {container.FORMATS_TEXT}") from None

    def _claimed(self) -> int | None:
        probe = self._probe
        if probe.n_frames is None:
            return None if probe.view else int(self._sound.frames)
        return probe.n_frames * self.sample_rate // (probe.frames_hz or self.sample_rate)

    def _read(self, n: int) -> NDArray[np.float32]:
        try:
            block: NDArray[np.float32] = np.asarray(
                self._sound.read(n, dtype="float32", always_2d=True), np.float32)
        except soundfile.SoundFileError:
            secs = self.frames_read / self.sample_rate
            self._damaged(f"damaged or cut short: decoding fails within a second after {secs:.2f} s")
            return np.zeros((0, self.n_channels), np.float32)
        return block

    def _check_end(self) -> None:
        """Compare what was read with what was stated."""
        read, claimed, slack = self.frames_read, self.claimed_frames, self._probe.slack_frames
        if claimed is not None and not self._damage and not claimed - slack <= read <= claimed + slack:
            self._damaged(f"the header claims {claimed / self.sample_rate:.3f} s of sound, "
                          f"{read / self.sample_rate:.3f} s could be decoded: damaged, or a header that lies")
        self._check_length(read)

    def _check_length(self, n_frames: int) -> None:
        if n_frames >= MIN_SECS * self.sample_rate:
            return
        count = {0: "no sound (0 samples)", 1: "only 1 sample"}.get(n_frames, f"only {n_frames} samples")
        what = f"holds {count}, {1000 * n_frames / self.sample_rate:.1f} ms"
        raise AudioError(f"{what}; the shortest sound to animate is {MIN_SECS * 1000:.0f} ms",
                         where=str(self.path), fix="record or export more of it")

    def _damaged(self, what: str) -> None:
        if not self._allow_truncated:
            raise AudioError(what, where=str(self.path), fix=_TRUNCATED_FIX)
        self._damage.append(what)


def channel_count(path: Path, *, allow_truncated: bool = False) -> int:
    """Number of channels of an audio file. Raises AudioError as `open_audio` does."""
    with open_audio(path, allow_truncated=allow_truncated) as source:
        return source.n_channels


def open_audio(path: Path, *, allow_truncated: bool = False) -> AudioSource:
    """Open an audio file of any format facerig reads, from 8 to 192 kHz, with any number of channels.

    Raises AudioError for everything item by item: missing, a folder, unreadable, empty, not audio, cut short,
    a header that lies, fewer than 50 ms, a sample rate out of range.
    """
    return AudioSource(path, allow_truncated=allow_truncated)
