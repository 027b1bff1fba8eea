"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facerig.errors import ConfigError
from facerig.performance.draws import MAX_SEED

if TYPE_CHECKING:
    from facerig.performance.style.scene import SceneSettings

MODELS = "live, live-40 (40 ms of look-ahead), offline (hears seconds ahead) or the path of an ONNX model."

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, for hosts.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Only errors.")]
Model = Annotated[str | None, typer.Option(metavar="NAME", help=f"{MODELS}  [dim]\\[default: live][/dim]")]
NoCorrections = Annotated[bool, typer.Option(
    "--no-corrections", help="Leave aside the line.face.toml that lies beside line.wav.")]
Rig = Annotated[str | None, typer.Option(
    "--rig", metavar="NAME|FILE",
    help="Whose curves: metahuman, vrm ... or your rig.toml; `facerig rigs` lists them.  "
         "[dim]\\[default: the format's own][/dim]")]
Seed = Annotated[int | None, typer.Option(
    metavar="N", min=0, max=MAX_SEED,
    help="Of the character: its blinks, glances, nods. Same seed, same face.  [dim]\\[default: 0][/dim]")]


def seed_of(given: int | None, scene: SceneSettings) -> int:
    """The seed of the command line, else the scene's, else 0."""
    return given if given is not None else scene.seed or 0


def model_of(given: str | None, scene: SceneSettings, settings: Path | None) -> str | None:
    """The model of the command line, else that of the scene in the file `settings`, else None.

    Raises ConfigError for a name that no model has.
    """
    from facerig.encoder.model import model_path

    try:
        model_path(given or scene.model or "live")
    except ConfigError as error:
        where = error.where if given else f"{settings}: $.model"
        raise ConfigError(error.what, where=where, fix=error.fix) from None
    return given or scene.model
