"""Is it sound? What must not be animated is refused, what is merely poor is remarked on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.errors import AudioError

Block = NDArray[np.float32]

TINY: Final = np.float32(1e-20)  # -400 dB: set to zero, before denormal numbers slow everything down
HUGE: Final = float(1 << 32)  # a float file may hold 32-bit integers; nothing sane is above
FLAT: Final = np.float32(0.98)  # mu-law's full scale is 0.980
FLAT_SAMPLES: Final = 3  # equal samples on end at full scale: a wave's own crest is not flat for so long

CLIPPED_SHARE: Final = 1e-4  # from here on clipping is heard, and remarked on
OFFSET_LEVEL, OFFSET_TO_RMS = 0.01, 0.1  # a mean of 1 % of full scale and a tenth of the level
SILENT_PEAK: Final = 1e-4  # -80 dB
LOUD_PEAK: Final = 8.0  # +18 dB: a float file in another scale


@dataclass(slots=True)
class Health:
    """Sums over one stream: `check` each block in turn, then ask for `remarks`."""

    path: str
    sample_rate: int
    n_frames: int = 0
    peak: float = 0.0
    n_clipped: int = 0
    _sum: NDArray[np.float64] = field(default_factory=lambda: np.zeros(1))
    _sum_of_squares: NDArray[np.float64] = field(default_factory=lambda: np.zeros(1))
    _last: Block | None = None  # rows that a flat run may have begun on

    def check(self, block: Block) -> Block:
        """`block` [n, channels] with denormal numbers set to zero. Raises AudioError for NaN, Inf, absurd
        values."""
        level = np.abs(block)
        peak = float(level.max(initial=0.0))
        if not peak <= HUGE:  # NaN compares false too
            self._refuse(block)
        self.peak = max(self.peak, peak)
        self._count_clipped(block, peak)
        # In float32 within a block and float64 over blocks: ten times faster than float64 throughout.
        self._sum = self._sum + np.ones(len(block), np.float32) @ block
        self._sum_of_squares = self._sum_of_squares + np.einsum("nc,nc->c", block, block)
        self.n_frames += len(block)
        return np.where(level < TINY, np.float32(0), block)

    def _refuse(self, block: Block) -> None:
        bad = ~(np.abs(block) <= HUGE)
        frame, channel = np.argwhere(bad)[0]
        value = block[frame, channel]
        what = "not a number" if np.isnan(value) else "infinite" if np.isinf(value) else f"{value:.3g}"
        secs = (self.n_frames + int(frame)) / self.sample_rate
        raise AudioError(f"the sample at {secs:.6f} s in channel {channel} is {what}", where=self.path,
                         fix="export the recording again from its editor, as 16 or 24 bit")

    def _count_clipped(self, block: Block, peak: float) -> None:
        if self._last is None:
            self._last = np.full((FLAT_SAMPLES, block.shape[1]), np.nan, np.float32)  # equal to nothing
        joined = np.concatenate([self._last, block])
        self._last = joined[-FLAT_SAMPLES:].copy()
        if peak < FLAT:
            return
        ends = joined[FLAT_SAMPLES - 1:]
        flat = np.abs(ends) >= FLAT  # the last of FLAT_SAMPLES equal ones
        for back in range(1, FLAT_SAMPLES):
            flat &= joined[FLAT_SAMPLES - 1 - back:len(joined) - back] == ends
        n_runs = int(np.count_nonzero(flat[1:] & ~flat[:-1]))
        self.n_clipped += int(np.count_nonzero(flat[1:])) + n_runs * (FLAT_SAMPLES - 1)

    def remarks(self) -> list[str]:
        """Short sentences on what is poor about the sound so far; empty for a good recording."""
        if not self.n_frames:
            return []
        if self.peak < SILENT_PEAK:
            return [f"silence throughout (peak {_decibels(self.peak)})"]
        notes = []
        share = self.n_clipped / (self.n_frames * len(self._sum))
        if share >= CLIPPED_SHARE:
            notes.append(f"clipped: {share:.2%} of the samples stand flat at full scale")
        mean = self._sum / self.n_frames
        rms = np.sqrt(self._sum_of_squares / self.n_frames)
        offset = np.abs(mean)
        if bool(np.any((offset >= OFFSET_LEVEL) & (offset >= OFFSET_TO_RMS * rms))):
            notes.append(f"DC offset: the mean lies at {mean[int(offset.argmax())]:+.3f} of full scale")
        if self.peak >= LOUD_PEAK:
            notes.append(f"far above full scale (peak {_decibels(self.peak)})")
        return notes


def _decibels(level: float) -> str:
    return f"{20 * np.log10(level):.0f} dB" if level > 0 else "zero"
