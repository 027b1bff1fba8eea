"""`facerig rig fit-flame`: a user's copy of FLAME to a rig."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facerig.cli import options, plan
from facerig.cli.report import Report

if TYPE_CHECKING:
    from facerig.flame.fitting import FlameFit

EXAMPLES = """ [bold]Examples[/bold]

  facerig rig fit-flame generic_model.pkl --picture flame.png

  facerig animate line.wav -o line.flame.npz

  facerig retarget take.npz --from flame --to arkit -o take.csv

FLAME's licence keeps the model out of facerig: get it from https://flame.is.tue.mpg.de. The rig is written
into your folder of rigs and called flame from then on.
"""


def fit_flame(
    path: Annotated[Path, typer.Argument(
        metavar="FLAME", help="generic_model.pkl (2020), flame2023.pkl or .npz, or the folder of either.")],
    layout: Annotated[str, typer.Option(
        metavar="2020|2023", help="Which FLAME.  [dim]\\[default: as the file's name says][/dim]")] = "",
    expressions: Annotated[int, typer.Option(
        metavar="N", help="How many expressions: 50, as most tools read, 100 or 10.")] = 50,
    out: Annotated[Path | None, typer.Option(
        "-o", "--out", metavar="FILE",
        help="The rig file.  [dim]\\[default: flame.toml in your rigs][/dim]")] = None,
    picture: Annotated[Path | None, typer.Option(
        metavar="PNG", help="Draw the shipped head and FLAME making the same faces.")] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Compute the rig `flame` from your copy of FLAME: ARKit's shapes carried over to it and solved for."""
    from facerig.flame.fitting import FitSettings
    from facerig.flame.fitting import fit_flame as fit
    from facerig.flame.rig import NAME
    from facerig.rig.catalogue import ENDING, user_folder
    from facerig.sinks.files import written_aside

    report = Report(json=json, quiet=quiet)
    target = out or user_folder() / f"{NAME}{ENDING}"
    if out is None:
        target.parent.mkdir(parents=True, exist_ok=True)
    plan.make_writable(target)
    if picture is not None:
        plan.make_writable(picture)
    with report.progress(target.name) as progress:
        done = fit(path, FitSettings(layout=layout, expressions=expressions), progress)
    with written_aside(target) as aside:
        aside.write_text(done.rig_text, "utf-8")
    if picture is not None:
        from facerig.flame.picture import draw

        draw(done, picture)
    report.result(_text(done, target), **_fields(done, target, picture))
    return 0


def _text(done: FlameFit, target: Path) -> str:
    file, laid, seals = done.flame.file, done.targets.laid, done.seals
    lines = [f"{target}: {file.path.name} (FLAME {file.layout}, {len(done.flame.rest)} points, "
             f"{done.flame.n_expressions} expressions)",
             f"laid onto the shipped head: scale {laid.first.scale:.3f}, "
             f"{done.alignment_rms_mm:.2f} mm rms apart",
             f"  {'shape':<20} moves  missed    most  reached   (mm over the face: rms, rms, largest)"]
    lines += [f"  {name:<20} {s.target_rms_mm:5.2f}   {s.rms_mm:5.2f}   {s.largest_mm:5.1f}   "
              f"{100 * s.reached:4.0f} %"
              for name, s in done.shapes.items() if s.target_rms_mm > 0]
    lines += [f"lips: {seals.sealed} of {seals.faces} seals are shut on FLAME, "
              f"{seals.widest_mm:.2f} mm apart at most; "
              f"open lips {seals.open_error_mm:.2f} mm off"]
    return "\n".join(lines)


def _fields(done: FlameFit, target: Path, picture: Path | None) -> dict[str, object]:
    shapes = [{"name": name, "target_rms_mm": s.target_rms_mm, "rms_mm": s.rms_mm, "largest_mm": s.largest_mm,
               "gap_mm": s.gap_mm, "reached": s.reached} for name, s in done.shapes.items()]
    return {"output": str(target), "input": str(done.flame.file.path), "layout": done.flame.file.layout,
            "points": len(done.flame.rest), "expressions": done.flame.n_expressions,
            "scale": done.targets.laid.first.scale, "alignment_rms_mm": done.alignment_rms_mm,
            "shapes": shapes,
            "seals": asdict(done.seals), "picture": None if picture is None else str(picture)}
