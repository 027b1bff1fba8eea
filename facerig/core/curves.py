"""The two data types that cross stages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX, NAMES
from facerig.core.clock import frame_time, sample_of_frame

Curves = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class CurveFrame:
    """One frame: `values` float32 [len(names)], in the ranges of `channels.CHANNELS`.

    `index` counts frames from the start of the stream; `sample_index` is the input sample that sounds with
    it.
    """

    index: int
    sample_index: int
    values: Curves


@dataclass(frozen=True, slots=True)
class CurveClip:
    """Consecutive frames: `values` float32 [T, len(names)]; frame `start + i` stands at (start + i) / fps s.

    A piece of a stream has `start` > 0. Pieces of one stream join by `joined`. A clip of another rig keeps
    the canonical clip that it was made from in `face`.
    """

    values: Curves
    fps: Fraction
    sample_rate: int
    start: int = 0
    names: tuple[str, ...] = NAMES
    face: CurveClip | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def canonical(self) -> CurveClip:
        """The same frames as canonical curves: this clip, or the one it was made from."""
        return self.face or self

    @property
    def face_values(self) -> Curves:
        """The canonical values [T, 61] behind a clip of any rig; what it cannot tell is zero."""
        source = self.canonical
        if source.names is NAMES or source.names == NAMES:
            return source.values
        values = np.zeros((len(source), len(NAMES)), np.float32)
        for column, name in enumerate(source.names):
            if name in INDEX:
                values[:, INDEX[name]] = source.values[:, column]
        return values

    def __iter__(self) -> Iterator[CurveFrame]:
        for i, row in enumerate(self.values, self.start):
            yield CurveFrame(i, sample_of_frame(i, self.fps, self.sample_rate), row)

    def __getitem__(self, name: str) -> Curves:
        """The curve called `name`, float32 [T]. Raises KeyError where there is none."""
        return self.values[:, INDEX[name] if self.names is NAMES else self.names.index(name)]

    @property
    def times_secs(self) -> NDArray[np.float64]:
        """Time of every frame in seconds [T]."""
        return np.array([float(frame_time(self.start + i, self.fps)) for i in range(len(self))], np.float64)

    @staticmethod
    def joined(pieces: list[CurveClip]) -> CurveClip:
        """Consecutive pieces of one stream as one clip. Raises ValueError where a frame is missing."""
        first, expected = pieces[0], pieces[0].start
        for piece in pieces:
            if piece.start != expected:
                raise ValueError(f"frame {expected} is missing: the next piece starts at {piece.start}")
            expected += len(piece)
        values = np.concatenate([p.values for p in pieces])
        faces = [p.face for p in pieces if p.face is not None]
        face = CurveClip.joined(faces) if len(faces) == len(pieces) else None
        return CurveClip(values, first.fps, first.sample_rate, first.start, first.names, face)
