"""A client's sound: from the bytes of a message to samples."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.errors import AudioError
from facerig.service.limits import Refused
from facerig.session import checked

WIDTHS: Final = {"s16": ("<i2", 2), "f32": ("<f4", 4)}  # encoding: numpy's name, bytes a sample


def check_encoding(encoding: str) -> None:
    """Raises Refused for one that is not decoded here."""
    if encoding not in WIDTHS:
        raise Refused("encoding", f"{encoding} is not decoded by this service", where="$.encoding",
                      fix="decode it and send s16 or f32, at 8 to 48 kHz")


def samples_of(encoding: str, data: bytes) -> NDArray[np.float32]:
    """Mono samples [n] in [-1, 1]. Raises AudioError for half a sample, NaN or one beyond all measure."""
    kind, width = WIDTHS[encoding]
    if len(data) % width:
        raise AudioError(f"{len(data)} bytes are no whole number of samples", where="$.data",
                         fix=f"send {width} bytes a sample")
    try:
        return checked(np.frombuffer(data, kind).astype(np.int16 if encoding == "s16" else np.float32))
    except AudioError as problem:
        raise AudioError(problem.what, where="$.data", fix=problem.fix) from None
