"""mmd-parser (npm, MIT licence) under node: how three.js's loader of MikuMikuDance's files read them."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

from tools.judges import Judged
from tools.judges.programs import node_json

FPS: Final = Fraction(30)


def read(path: Path) -> Judged:
    """Morph weights at every frame. Raises JudgeMissing."""
    tracks: dict[str, list[tuple[int, float]]] = defaultdict(list)
    keys = node_json("vmd_mmd_parser.mjs", str(path))["morphs"]
    for name, frame, weight in keys:
        tracks[name].append((frame, weight))
    frames = np.arange(max(frame for _, frame, _ in keys) + 1)
    columns = [np.interp(frames, *zip(*sorted(track), strict=True)) for track in tracks.values()]
    return Judged(names=tuple(tracks), fps=FPS, values=np.stack(columns, 1), keys=len(keys))
