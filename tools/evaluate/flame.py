"""FLAME both ways in millimetres: on a user's FLAME, or on models of its form with known answers.

    shape by shape: how far ARKit's shape moves the face, what FLAME misses of it, and, where the answer is
    known,
        what the carrying over and the whole fit miss of the truth
    lips: seals that are seals on FLAME
    there and back: speech and emotions to FLAME's coefficients and back, by curve and in millimetres
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

import facerig_assets
from facerig.animation import animate
from facerig.core.channels import INDEX, NAMES, SHAPE_NAMES
from facerig.core.mouth import mouth_geometry
from facerig.flame.fitting import FitSettings, FlameFit, fit_flame, one_shape
from facerig.flame.seals import SealReport, sealed_faces
from facerig.flame.solving import CLOSE, OPEN
from facerig.rig import Retarget
from facerig.rig.inverse import Inverse
from tools.flame_stand_in import StandIn, stand_in, write
from tools.ict_head import ict_head

Array = NDArray[np.float64]

FPS: Final = 30
EMOTIONS: Final = ("joy:0.6", "anger:0.8", "surprise:0.7")
SHOWN: Final = 8  # curves that come back worst


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A shape, mm rms over the face: what it moves, what FLAME misses; `carried` and `fitted` miss of the
    truth."""

    name: str
    moves: float
    missed: float
    reached: float
    truth: float | None = None
    carried: float | None = None
    fitted: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """There and back: `rms` by curve, `face_mm` rms over the face, `gap_mm` of the lips, `seals_mm` the
    widest that a seal comes back; microseconds of one core a frame either way."""

    frames: int
    rms: Mapping[str, float]
    shapes_rms: float
    face_mm: float
    gap_mm: float
    seals_mm: float
    there_us: float
    back_us: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """All figures of one model."""

    model: str
    points: int
    expressions: int
    alignment_mm: float
    seconds: float
    shapes: tuple[Shape, ...]
    seals: SealReport
    back: Back


def measure(flame: Path | None, ict: Path | None, expressions: int) -> list[Found]:
    """The figures of `flame`, or without one of the models with known answers."""
    if flame is not None:
        return [_found(flame.name, flame, None, expressions)]
    models = {"stand-in (male head)": stand_in()}
    if ict is not None and ict.is_file():
        models["stand-in (ICT-FaceKit)"] = stand_in(head=ict_head(ict))
    out = []
    with tempfile.TemporaryDirectory() as folder:
        for k, (name, model) in enumerate(models.items()):
            path = Path(folder) / f"{k}.pkl"
            write(path, model)
            out.append(_found(name, path, model, expressions))
    return out


def _found(name: str, path: Path, model: StandIn | None, expressions: int) -> Found:
    began = time.process_time()
    fit = fit_flame(path, FitSettings(expressions=expressions))
    seconds = time.process_time() - began
    return Found(model=name, points=len(fit.flame.rest), expressions=fit.flame.n_expressions,
                 alignment_mm=fit.alignment_rms_mm, seconds=seconds,
                 shapes=tuple(_shape(fit, model, k) for k in range(len(SHAPE_NAMES))), seals=fit.seals,
                 back=there_and_back(fit))


def _shape(fit: FlameFit, model: StandIn | None, k: int) -> Shape:
    name = fit.targets.names[k]
    solved = fit.shapes[name]
    plain = {"name": name, "moves": solved.target_rms_mm, "missed": solved.rms_mm, "reached": solved.reached}
    if model is None:
        return Shape(**plain)
    of = model.shape_names.index
    opened = name == CLOSE  # its figures are those of a jaw that is open and lips that are shut
    truth = model.truth[of(name)] + (model.truth[of(OPEN)] if opened else 0)
    carried = fit.targets.target(name) + (fit.targets.target(OPEN) if opened else 0)
    got = fit.points(one_shape(name))[0] - fit.flame.rest
    got[np.concatenate(fit.flame.eyeballs)] = 0
    rms = fit.targets.rms_mm
    return Shape(**plain, truth=rms(truth), carried=rms(carried - truth), fitted=rms(got - truth))


def there_and_back(fit: FlameFit) -> Back:
    """Speech and emotions through the rig and its inverse."""
    clips = [animate(facerig_assets.path("speech", "hello.flac"), fps=FPS, emotion=emotion, seed=k)
             for k, emotion in enumerate(EMOTIONS)]
    faces = np.concatenate([clip.values for clip in clips])
    rig, inverse = Retarget(fit.rig), Inverse(fit.rig)
    began = time.process_time()
    coefficients = rig.values(faces)
    half = time.process_time()
    back = inverse.solve(coefficients).values
    ended = time.process_time()
    off = (back - faces).astype(np.float64)
    moved = np.einsum("ts,snk->tnk", off[:, [INDEX[n] for n in fit.targets.names]], fit.targets.shapes)
    geometry = mouth_geometry()
    shut = inverse.solve(rig.values(sealed_faces())).values
    rms = np.sqrt((off**2).mean(0))
    return Back(frames=len(faces), rms=dict(zip(NAMES, rms.tolist(), strict=True)),
                shapes_rms=float(np.sqrt((off[:, :len(SHAPE_NAMES)] ** 2).mean())),
                face_mm=float(np.sqrt(((moved**2).sum(2) @ fit.targets.weights).mean())),
                gap_mm=float(np.sqrt(((geometry.gaps_mm(back) - geometry.gaps_mm(faces)) ** 2).mean())),
                seals_mm=float(geometry.gaps_mm(shut).max()),
                there_us=(half - began) / len(faces) * 1e6, back_us=(ended - half) / len(faces) * 1e6)


def print_tables(found: list[Found], console: Console) -> None:
    """All figures for people."""
    for one in found:
        table = Table(title=f"{one.model}: {one.points} points, {one.expressions} expressions, "
                            f"laid on within {one.alignment_mm:.2f} mm, "
                            f"fitted in {one.seconds:.1f} s of one core", title_justify="left")
        for column in ("shape", "moves mm", "FLAME misses mm", "reached", "truth moves mm", "carried off mm",
                       "fit off mm"):
            table.add_column(column, justify="left" if column == "shape" else "right")
        for shape in (s for s in one.shapes if s.moves > 0):
            table.add_row(shape.name, f"{shape.moves:.2f}", f"{shape.missed:.2f}",
                          f"{100 * shape.reached:.0f} %",
                          *("-" if v is None else f"{v:.2f}"
                            for v in (shape.truth, shape.carried, shape.fitted)))
        console.print(table)
        known = [s for s in one.shapes if s.truth is not None and s.truth > 0.3 and s.fitted is not None]
        if known:
            shares = np.median([(s.fitted or 0) / (s.truth or 1) for s in known])
            middle = np.median([s.fitted or 0 for s in known])
            console.print(f"fit against the truth: median {middle:.2f} mm, "
                          f"{100 * shares:.0f} % of the movement")
        seals, back = one.seals, one.back
        console.print(f"seals on FLAME: {seals.sealed} of {seals.faces} shut, widest "
                      f"{seals.widest_mm:.2f} mm, mean "
                      f"{seals.mean_mm:.2f} mm; open lips {seals.open_error_mm:.2f} mm off")
        worst = sorted(back.rms, key=lambda name: -back.rms[name])[:SHOWN]
        console.print(f"there and back ({back.frames} frames): shapes {back.shapes_rms:.3f} rms, face "
                      f"{back.face_mm:.2f} mm, lips {back.gap_mm:.2f} mm, "
                      f"seals at most {back.seals_mm:.2f} mm open; "
                      f"{back.there_us:.0f} us there, {back.back_us:.0f} us back a frame; worst: "
                      + ", ".join(f"{name} {back.rms[name]:.3f}" for name in worst))


def as_entries(found: list[Found]) -> list[dict[str, Any]]:
    """All figures as JSON."""
    return [asdict(one) for one in found]

