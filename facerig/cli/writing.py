"""The options of how curve files are written, shared by the verbs that write them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from facerig.cli.groups import with_group
from facerig.sinks.exporter import TOLERANCE_MM

if TYPE_CHECKING:
    from facerig.exporting import ExportSettings

PANEL: Final = "How files are written"
LARGEST_TOLERANCE_MM: Final = 5.0  # more is another mouth


def _option(*names: str, **how: Any) -> Any:
    return typer.Option(*names, rich_help_panel=PANEL, **how)


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What was asked for on the command line."""

    timecode: Annotated[str | None, _option(
        metavar="HH:MM:SS:FF",
        help="Timecode of the first frame; a semicolon before FF for drop-frame.")] = None
    every_frame: Annotated[bool, _option(
        "--every-frame",
        help="A key on every frame; else FBX, glTF and the like keep those that are needed.")] = False
    tolerance: Annotated[float, _option(
        metavar="MM", min=0, max=LARGEST_TOLERANCE_MM,
        help="What keys that are left out may change, in mm of the gap between the lips.")] = TOLERANCE_MM
    mesh: Annotated[Path | None, _option(
        metavar="FILE",
        help="Head in files that hold one: a glTF of yours with ARKit targets, female or male.")] = None


with_writing = with_group("writing", Writing)


def export_settings(writing: Writing, rig: str | None) -> ExportSettings:
    """The settings that `writing` asks for. Raises RigError now for a rig that would fail every file."""
    from facerig.exporting import ExportSettings
    from facerig.rig import load_rig

    if rig is not None:
        load_rig(rig)
    return ExportSettings(rig=rig, timecode=writing.timecode, every_frame=writing.every_frame,
                          tolerance_mm=writing.tolerance, head=writing.mesh)
