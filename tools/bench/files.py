"""What exporters write, as other programs read it: largest error, keys, bytes and time, format by format.

A take of real speech, a whole face, is written with a key on every frame and with as few as the tolerance
allows; each judge (`tools/judges`) reads both back at every frame.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.channels import INDEX, NAMES
from facerig.core.curves import CurveClip
from facerig.core.mouth import mouth_geometry
from facerig.exporting import ExportSettings, Origin, info_for, retargeted, rig_for, write_curves
from facerig.session import Session
from facerig.sinks.exporter import Exporter
from facerig.sinks.formats import formats
from tools.bench.sound import speech
from tools.bench.tables import Row, Table
from tools.judges import JUDGES, Judged, JudgeMissing, gltf_validator, usd_core

Progress = Callable[[str], None]
Array = NDArray[np.float64]

RATE_HZ: Final = 48_000


@dataclass(frozen=True, slots=True)
class Written:
    """A file, and what a reader should find in it: canonical and rig curves by name."""

    path: Path
    secs: float
    truth: dict[str, Array]


def tables(secs: float, fps: Fraction, only: list[str], progress: Progress) -> list[Table]:
    """A row for every format and judge; `only`: names of formats, all where it is empty."""
    rows: list[Row] = []
    with TemporaryDirectory() as folder:
        for exporter in formats().exporters:
            if exporter.name in JUDGES and (not only or exporter.name in only):
                rows += of_format(exporter(), Path(folder), secs, fps, progress)
    columns = {"format": "", "judge": "", "curves": ",", "error": ".1e", "keys": ",", "kept": ",",
               "kept error": ".1e", "lips mm": ".2f", "KB": ",.0f", "write s": ".2f", "remark": ""}
    return [Table("files", f"{secs:g} s at {float(fps):g} fps: as other programs read it", columns, rows)]


def of_format(exporter: Exporter, folder: Path, secs: float, fps: Fraction, progress: Progress) -> list[Row]:
    """What each judge of a format says."""
    rate = getattr(exporter, "fps", fps)
    face = Session(RATE_HZ, fps=rate).feed(speech(RATE_HZ, secs))
    full, kept = (written(exporter, face, folder, every_frame=every) for every in (True, False))
    verdict = _verdict(exporter.name, kept.path)
    rows: list[Row] = []
    for judge in JUDGES[exporter.name]:
        progress(f"{exporter.name}: {judge}")
        row: Row = {"format": exporter.name, "judge": judge, "KB": kept.path.stat().st_size / 1e3,
                    "write s": kept.secs, "remark": ""} | dict.fromkeys(
                        ("curves", "error", "keys", "kept", "kept error", "lips mm"))
        try:
            all_keys, few_keys = (import_module(f"tools.judges.{judge}").read(w.path) for w in (full, kept))
        except JudgeMissing as missing:
            rows.append(row | {"remark": str(missing)})
            continue
        rows.append(row | {"curves": len(_shared(all_keys, full)), "error": error(all_keys, full),
                           "keys": all_keys.keys, "kept": few_keys.keys, "kept error": error(few_keys, kept),
                           "lips mm": lips_mm(few_keys, kept),
                           "remark": "; ".join((*verdict, *few_keys.remarks))})
    return rows


def _verdict(name: str, path: Path) -> tuple[str, ...]:
    """What the validator of a format finds, where it has one."""
    try:
        if name == "gltf":
            found = gltf_validator.validate(path)
            return (f"validator: {found.errors} errors, {found.warnings} warnings",)
        return (f"validators: {len(usd_core.findings(path))} findings",) if name == "usd" else ()
    except JudgeMissing as missing:
        return (str(missing),)


def written(exporter: Exporter, face: CurveClip, folder: Path, *, every_frame: bool) -> Written:
    """`face` as a file of this format, in its usual rig."""
    path = folder / f"{'all' if every_frame else 'few'}{exporter.endings[0]}"
    settings = ExportSettings(every_frame=every_frame)
    rig = rig_for(exporter, settings)
    origin = Origin(fps=face.fps, sample_rate=RATE_HZ)
    began = time.perf_counter()
    write_curves(path, iter([face]), settings, origin)
    spent = time.perf_counter() - began
    clip, = retargeted([face], rig)
    names = info_for(rig, settings, origin).names
    truth = {name: face.values[:, k].astype(np.float64) for k, name in enumerate(NAMES)}
    truth |= {name: clip.values[:, k].astype(np.float64) for k, name in enumerate(names)}
    return Written(path, spent, truth)


def _shared(judged: Judged, told: Written) -> list[str]:
    return [name for name in judged.names if name in told.truth]


def error(judged: Judged, told: Written) -> float:
    """The largest difference of any curve at any frame. Raises ValueError for another number of frames, or
    where no curve has a name that was written."""
    names = _shared(judged, told)
    if not names:
        raise ValueError(f"{told.path.name}: the judge found none of the curves")
    truth = np.stack([told.truth[name] for name in names], 1)
    seen = judged.values[:, [judged.names.index(name) for name in names]]
    if seen.shape != truth.shape:
        raise ValueError(f"{told.path.name}: {len(seen)} frames instead of {len(truth)}")
    return float(np.abs(seen - truth).max())


def lips_mm(judged: Judged, told: Written) -> float | None:
    """The largest change of the gap between the lips; None where the curves are not canonical ones."""
    names = _shared(judged, told)
    if not all(name in names for name in ("jawOpen", "mouthClose")):
        return None
    apart = np.zeros((len(judged.values), len(NAMES)))
    for name in names:
        if name in INDEX:
            apart[:, INDEX[name]] = judged.values[:, judged.names.index(name)] - told.truth[name]
    return float(np.abs(mouth_geometry().gaps_mm(apart)).max())
