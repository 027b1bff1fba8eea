"""A client's sound: from the bytes of a message to samples."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from facerig.errors import AudioError
from facerig.service.limits import Refused
from facerig.session import checked

Array = NDArray[np.float32]

WIDTHS: Final = {"s16": ("<i2", 2), "f32": ("<f4", 4)}  # encoding: numpy's name, bytes a sample
OPUS_HZ: Final = 48_000  # what Opus decodes to, whatever went in
LONGEST_PACKET_SECS: Final = Fraction(120, 1000)
# Length of a packet's frames by the upper five bits of its first byte. Source: RFC 6716, table 2.
_MS: Final = (10, 20, 40, 60) * 3 + (10, 20) * 2 + (Fraction(5, 2), 5, 10, 20) * 4


class Decoder(Protocol):
    """Of one stream. `whole`: a message is taken as a whole or not at all."""

    whole: bool

    def length(self, data: bytes) -> int:
        """Samples that a message holds. Raises AudioError for what is no sound."""
        ...

    def samples(self, data: bytes) -> Array:
        """Mono samples in [-1, 1]. Raises AudioError."""
        ...


class Pcm:
    """16-bit or float samples, little-endian."""

    whole = False

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding

    def length(self, data: bytes) -> int:
        """A message may hold any number."""
        width = WIDTHS[self._encoding][1]
        if len(data) % width:
            raise AudioError(f"{len(data)} bytes are no whole number of samples", where="$.data",
                             fix=f"send {width} bytes a sample")
        return len(data) // width

    def samples(self, data: bytes) -> Array:
        """NaN and samples beyond all measure are refused."""
        self.length(data)
        values = np.frombuffer(data, WIDTHS[self._encoding][0])
        try:
            return checked(values.astype(np.int16 if self._encoding == "s16" else np.float32))
        except AudioError as problem:
            raise AudioError(problem.what, where="$.data", fix=problem.fix) from None


class Opus:
    """Opus packets, one a message, decoded by libopus through PyAV."""

    whole = True

    def __init__(self) -> None:
        import av  # only who asks for Opus needs it
        from av.error import FFmpegError

        self._packet, self._error = av.Packet, FFmpegError
        self._codec: Any = av.CodecContext.create("libopus", "r")
        self._codec.sample_rate, self._codec.layout = OPUS_HZ, "mono"

    def length(self, data: bytes) -> int:
        """As the packet's first bytes say. Source: RFC 6716, section 3.1."""
        frames = (1, 2, 2, data[1] & 63 if len(data) > 1 else 0)[data[0] & 3] if data else 0
        secs = Fraction(_MS[data[0] >> 3] * frames, 1000) if data else Fraction(0)
        if not 0 < secs <= LONGEST_PACKET_SECS:
            raise AudioError(f"{len(data)} bytes are no Opus packet", where="$.data",
                             fix="send a packet a message, as the encoder gives it, without a container")
        return int(secs * OPUS_HZ)

    def samples(self, data: bytes) -> Array:
        """What a packet holds depends on those before."""
        expected = self.length(data)
        try:
            parts = [frame.to_ndarray().reshape(-1) for frame in self._codec.decode(self._packet(data))]
        except self._error as problem:
            raise AudioError(f"libopus cannot decode it: {problem.strerror}", where="$.data",
                             fix="send packets as the encoder gives them, in order") from None
        values = np.concatenate([*parts, np.zeros(0, np.int16)])
        if values.dtype != np.int16 or len(values) != expected:
            raise AudioError(f"{len(values)} samples instead of {expected} were in a packet", where="$.data",
                             fix="send packets as the encoder gives them, in order")
        return checked(values)


def check_encoding(encoding: str, sample_rate: int) -> None:
    """Raises Refused for one that is not decoded here, or not at that rate."""
    if encoding in WIDTHS:
        return
    try:
        Opus()
    except ImportError:
        raise Refused("encoding", "this service cannot decode Opus", where="$.encoding",
                      fix='decode it and send s16 or f32; or, beside the service: pip install "facerig[opus]"'
                      ) from None
    if sample_rate != OPUS_HZ:
        raise Refused("audio", f"{sample_rate} Hz", where="$.sample_rate",
                      fix=f"Opus decodes to {OPUS_HZ} Hz: count samples so, whatever went into the encoder")


def decoder(encoding: str) -> Decoder:
    """A fresh one, of an encoding that was checked."""
    return Opus() if encoding == "opus" else Pcm(encoding)
