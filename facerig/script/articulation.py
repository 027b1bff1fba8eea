"""Timed phones -> what the mouth does: the teacher of the encoder.

Shape and jaw follow Cohen & Massaro's dominance functions: each phone pulls on a curve with a weight that
decays exponentially before and after it, and the curve is the weighted mean of the targets. Closures are kept
apart from that blend, as activations of their own, because a mean never quite closes a mouth:

    seal     1 while the lips are together (p b m), with ramps outside the closure
    contact  1 while the lower lip touches the upper teeth (f v)
    voice    1 while anybody speaks

The runtime puts them together (facerig.encoder.lips).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.script.phones import CLASS, COLUMNS, CURVES, INVENTORY, PAUSE, TARGETS, Phone

Array = NDArray[np.float32]
Numbers = NDArray[np.floating[Any]]

RATE_HZ: Final = 100
# decay of a phone's pull, s             before   after   source
JAW_DECAY: Final = (0.090, 0.050)      # fitted to GRID's speaker: r with his jawOpen 0.72 (free: 0.83)
LIPS_DECAY: Final = (0.095, 0.060)     # rounding starts 100 to 150 ms early (Perkell & Matthies 1992)
TONGUE_DECAY: Final = (0.030, 0.030)   # the tip moves 15 mm in about 80 ms, at 100 to 200 mm/s
# pull on the tongue: it is the tip's own for some, and nearly free for those that the lips make; others 0.5
PULL_TONGUE: Final = {"θ": 4.0, "l": 2.0, "t": 1.5, "n": 1.5, "s": 1.0, "p": 0.1, "b": 0.1, "m": 0.1,
                      "f": 0.1, "v": 0.1, "h": 0.05, "ʔ": 0.05}
# closure, s
# Ramps are short: the runtime seals in the middle of one, and longer ones sealed 5 to 9 % of vowels
# beside p b m.
CLOSING: Final = 0.030  # into a seal; lips close at 150 mm/s and more (Lofqvist & Gracco 1997)
OPENING: Final = 0.025  # out of it, faster
EARLY: Final = {"p": 0.065, "b": 0.065, "m": 0.030}  # after a pause the label starts at the burst
BURST: Final = {"p": (0.35, 0.045), "b": (0.20, 0.012), "m": (0.0, 0.0)}  # before the end: share, at most s
MIN_HOLD: Final = 0.045  # s; a closure shorter than a frame at 24 fps would be lost
PAUSE_EASE: Final = 0.08  # s; voice falls over this time

_TABLE: Final = np.array([TARGETS[n] for n in INVENTORY], np.float32)
_PULL_JAW, _PULL_LIPS = COLUMNS.index("pull_jaw"), COLUMNS.index("pull_lips")
_PULL_TIP: Final = np.array([PULL_TONGUE.get(n, 0.5) for n in INVENTORY], np.float32)
N_LEAD: Final = len(COLUMNS) - len(CURVES)


def _spans(phones: list[Phone]) -> tuple[NDArray[np.int64], Array, Array]:
    ids = np.array([CLASS[p.name] for p in phones])
    return ids, np.array([p.start for p in phones], np.float32), np.array([p.end for p in phones], np.float32)


def _weights(t: Numbers, start: Numbers, end: Numbers, pull: Array, decay: tuple[float, float]) -> Array:
    before = np.maximum(0, start[None] - t[:, None]) / decay[0]
    after = np.maximum(0, t[:, None] - end[None]) / decay[1]
    w = (pull[None] + 1e-3) * np.exp(-before - after)
    return np.asarray(w / w.sum(1, keepdims=True), np.float32)


def shapes(phones: list[Phone], n_frames: int) -> Array:
    """Curve values without closures [n_frames, len(CURVES)], at times k / RATE_HZ."""
    t = np.arange(n_frames, dtype=np.float32) / RATE_HZ
    ids, start, end = _spans(phones)
    targets = _TABLE[ids]
    jaw = _weights(t, start, end, targets[:, _PULL_JAW], JAW_DECAY) @ targets[:, N_LEAD : N_LEAD + 1]
    lips = _weights(t, start, end, targets[:, _PULL_LIPS], LIPS_DECAY) @ targets[:, N_LEAD + 1 : -1]
    tongue = _weights(t, start, end, _PULL_TIP[ids], TONGUE_DECAY) @ targets[:, -1:]  # the last column
    return np.concatenate([jaw, lips, tongue], 1)


def _trapezium(t: Numbers, rise: float, on: float, off: float, fall: float) -> Array:
    up = np.clip((t - rise) / max(on - rise, 1e-4), 0, 1)
    down = np.clip((fall - t) / max(fall - off, 1e-4), 0, 1)
    return np.asarray(np.minimum(up, down), np.float32)


def closure_of(phone: Phone, after_pause: bool) -> tuple[float, float]:
    """Start and end of the lips' closure of a p, b or m, s."""
    on = phone.start - (EARLY[phone.name] if after_pause else 0.0)
    share, most = BURST[phone.name]
    off = phone.end - min(share * (phone.end - phone.start), most)
    missing = max(0.0, MIN_HOLD - (off - on)) / 2
    return on - missing, off + missing


def activations(phones: list[Phone], n_frames: int) -> Array:
    """seal, contact and voice [n_frames, 3], each in [0, 1]."""
    t = np.arange(n_frames, dtype=np.float32) / RATE_HZ
    out = np.zeros((n_frames, 3), np.float32)
    for i, p in enumerate(phones):
        row = TARGETS[p.name]
        if row[0]:
            on, off = closure_of(p, i == 0 or phones[i - 1].name == PAUSE)
            track, column = _trapezium(t, on - CLOSING, on, off, off + OPENING), 0
        elif row[1]:
            on, off = p.start + 0.005, p.end - 0.005
            track, column = _trapezium(t, p.start - CLOSING, on, off, p.end + OPENING), 1
        else:
            continue
        out[:, column] = np.maximum(out[:, column], track)
    for p in phones:
        if p.name != PAUSE:
            track = _trapezium(t, p.start - PAUSE_EASE, p.start, p.end, p.end + PAUSE_EASE)
            out[:, 2] = np.maximum(out[:, 2], track)
    return out


def classes(phones: list[Phone], n_frames: int) -> NDArray[np.int64]:
    """Index into phones.INVENTORY at each frame [n_frames]."""
    t = np.arange(n_frames) / RATE_HZ
    ids, start, _ = _spans(phones)
    return ids[np.clip(np.searchsorted(start, t, side="right") - 1, 0, len(ids) - 1)]
