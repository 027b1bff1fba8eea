"""Rigs by name: the shipped ones, those in the user's own folder, or a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import facerig_assets
from facerig.core.toml_files import one_of
from facerig.errors import RigError
from facerig.rig.declaration import Rig
from facerig.rig.reading import read_rig

ENDING: Final = ".toml"
FOLDER_VARIABLE: Final = "FACERIG_RIGS"  # a folder of rig files, before the user's own
# Rigs that a user makes with one command, because their data may not be shipped.
MADE_BY: Final = {
    "flame": "make it from your copy of FLAME: `facerig rig fit-flame generic_model.pkl`",
}


def user_folder() -> Path:
    """Where a user's own rigs lie: $FACERIG_RIGS, or `facerig/rigs` in the user's settings."""
    given = os.environ.get(FOLDER_VARIABLE)
    if given:
        return Path(given)
    settings = os.environ.get("APPDATA") or os.environ.get("XDG_CONFIG_HOME")
    return (Path(settings) if settings else Path.home() / ".config") / "facerig" / "rigs"


def rig_files() -> dict[str, Path]:
    """Name and file of every rig that can be named; a user's own wins over a shipped one."""
    found: dict[str, Path] = {}
    for folder in (facerig_assets.path("rigs"), user_folder()):
        found.update({path.stem: path for path in sorted(folder.glob(f"*{ENDING}"))})
    return dict(sorted(found.items()))


def load_rig(name: str | Path) -> Rig:
    """The rig called `name`, or in the file of that path. Raises RigError where there is none, or it is
    wrong."""
    text = str(name)
    if text.lower().endswith(ENDING) or os.sep in text:
        return read_rig(Path(name))
    files = rig_files()
    if text in files:
        return read_rig(files[text])
    if text in MADE_BY:
        raise RigError(f"there is no rig {text!r} yet", where="--rig", fix=MADE_BY[text])
    raise RigError(f"there is no rig {text!r}", where="--rig",
                   fix=f"give {one_of([*files, *MADE_BY], text)}, or a rig file that ends in {ENDING}")
