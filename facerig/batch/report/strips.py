"""Faces of the first lines of a report, from the curves that the journal keeps of six moments."""

from __future__ import annotations

import io
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.batch.report.gather import Entry, Report
from facerig.core.channels import CHANNELS
from facerig.errors import FacerigError

FACE_PX: Final = 112
DRAWN_FROM: Final = 0.2  # likelihood: of the others nobody asks for pictures
_LOW, _HIGH = (np.array([getattr(channel, end) for channel in CHANNELS], np.float32)
               for end in ("low", "high"))

Progress = Callable[[float, float | None], None]


def with_faces(report: Report, most: int, progress: Progress | None = None) -> None:
    """Draw the moments of the first `most` lines into their entries; of none where pictures cannot be made
    (Pillow is an extra)."""
    try:
        from PIL import Image

        from facerig.preview.render import load_head
        from facerig.preview.studio import Studio
    except ImportError:
        return
    chosen = [(entry, faces) for entry in report.entries
              if entry.likelihood >= DRAWN_FROM and len(faces := moments(entry))][:most]
    if not chosen:
        return
    try:
        studio = Studio(load_head(None), size=(FACE_PX, FACE_PX), renderer="software", close=True)
    except FacerigError:  # a report without faces is still one
        return
    with studio:
        for k, (entry, faces) in enumerate(chosen):
            for values in faces:
                file = io.BytesIO()
                Image.fromarray(studio.picture(values)).quantize(48).save(file, "PNG", optimize=True)
                entry.faces.append(b64encode(file.getvalue()).decode())
            if progress is not None:
                progress(k + 1, len(chosen))


def moments(entry: Entry) -> NDArray[np.float32]:
    """The curves of a line's moments [n, 61]; none of a line that failed."""
    sketch = (entry.record.get("seen") or {}).get("sketch") or {}
    packed = np.frombuffer(b64decode(sketch.get("faces", "")), np.uint8)
    if len(packed) % len(CHANNELS):
        return np.zeros((0, len(CHANNELS)), np.float32)
    values = packed.reshape(-1, len(CHANNELS)).astype(np.float32) / 255 * (_HIGH - _LOW) + _LOW
    middle = np.abs(values) < (_HIGH - _LOW) / 255  # 0 of a range to both sides is no whole step
    return np.asarray(np.where(middle, 0, values), np.float32)
