"""What retargeting costs: microseconds a frame by rig, for one stream and for a crowd."""

from __future__ import annotations

import time
from typing import Final

import numpy as np

from facerig.rig import Retarget, load_rig
from facerig.rig.catalogue import rig_files
from facerig.session import Session
from tools.bench.sound import speech
from tools.bench.tables import Row, Table

ROWS: Final = (1, 60, 255)  # a frame of one stream, a second of it, a frame of a crowd
SECS: Final = 4.0


def tables(repeats: int) -> list[Table]:
    """Microseconds a frame of real speech, by rig and by how many frames are retargeted at once."""
    session = Session(48_000, fps=60)
    face = session.feed(speech(48_000, SECS)).values
    rows: list[Row] = []
    for name in rig_files():
        rig = Retarget(load_rig(name))
        costs = {f"{n} at once": cost_us(rig, np.resize(face, (n, face.shape[1])), repeats) for n in ROWS}
        rows.append({"rig": name, "curves": len(rig.names), **costs})
    columns = {"rig": "", "curves": "g", **{f"{n} at once": ".2f" for n in ROWS}}
    return [Table("retarget", "Retargeting, microseconds a frame", columns, rows)]


def cost_us(rig: Retarget, face: np.ndarray[tuple[int, int], np.dtype[np.float32]], repeats: int) -> float:
    """Microseconds a row of `face`: the least of `repeats` runs."""
    spent = []
    for _ in range(repeats):
        began = time.perf_counter()
        rig.values(face)
        spent.append(time.perf_counter() - began)
    return min(spent) / len(face) * 1e6
