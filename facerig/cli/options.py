"""Options that several verbs share."""

from __future__ import annotations

from typing import Annotated

import typer

from facerig.performance.blinks import MAX_SEED

MODELS = "live, live-40 (40 ms of look-ahead), offline (hears seconds ahead) or the path of an ONNX model."

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, for hosts.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Only errors.")]
Model = Annotated[str, typer.Option(metavar="NAME", help=MODELS)]
Seed = Annotated[int, typer.Option(
    metavar="N", min=0, max=MAX_SEED, help="Blinks and asymmetry follow from it: same seed, same face.")]
