"""Make the golden curves anew, after a change that was meant to move them: python -m tests.goldens.make

A golden holds the curves of the bundled clip that move, and the sha256 of the model that moved them.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

import facerig
import facerig_assets
from facerig.core.curves import CurveClip
from facerig.encoder.model import open_model

Array = NDArray[np.float32]

GOLDEN: Final = Path(__file__).with_name("hello-live-30fps-seed0.npz")
FPS: Final = Fraction(30)
DECIMALS: Final = 5
COMMAND: Final = "python -m tests.goldens.make"


@dataclass(frozen=True, slots=True)
class Golden:
    """`values` float32 [frames, len(names)], rounded; the curves that are not named rest at zero."""

    model_sha256: str
    names: tuple[str, ...]
    values: Array


def clip_now() -> CurveClip:
    """The bundled clip as it is animated today."""
    return facerig.animate(facerig_assets.path("speech", "hello.flac"), fps=FPS, model="live", seed=0,
                           emotion="joy:0.4")


def model_now() -> str:
    """The sha256 of the live model that ships."""
    return open_model("live")[1].sha256


def load() -> Golden:
    """The golden as it is stored."""
    with np.load(GOLDEN, allow_pickle=False) as file:
        return Golden(str(file["model_sha256"]), tuple(map(str, file["names"])), file["values"])


def save(clip: CurveClip, model_sha256: str) -> None:
    """Store what moves in `clip`."""
    values = clip.values.round(DECIMALS)
    moving = np.flatnonzero(np.abs(values).max(0))
    np.savez_compressed(GOLDEN, model_sha256=np.array(model_sha256), values=values[:, moving],
                        names=np.array([clip.names[i] for i in moving]))


def main() -> int:
    """Write the golden and say what changed."""
    before = load() if GOLDEN.exists() else None
    clip, model = clip_now(), model_now()
    save(clip, model)
    print(f"{GOLDEN.name}: {len(clip)} frames, {len(load().names)} curves, {GOLDEN.stat().st_size} bytes")
    if before is not None and len(before.values) == len(clip):
        columns = [clip.names.index(name) for name in before.names]
        moved = float(np.abs(clip.values[:, columns] - before.values).max())
        print(f"model {before.model_sha256[:12]} -> {model[:12]}; curves moved by {moved:.5f} at most")
    return 0


if __name__ == "__main__":
    sys.exit(main())
