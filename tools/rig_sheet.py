"""A sheet of what each curve of a rig looks like at 1, on the shipped head or another.

    python -m tools.rig_sheet oculus --mouth -o docs/visemes.png
    python -m tools.rig_sheet vrm -o docs/vrm.png

Curves without a look (the rig does not say one) are left out.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.core.clock import parse_fps
from facerig.exporting import ExportSettings, Origin, info_for
from facerig.preview.plot import Canvas
from facerig.preview.render import load_head
from facerig.preview.studio import Studio
from facerig.preview.video import save_png
from facerig.rig import Rig, load_rig
from facerig.rig.posing import pose_rows
from tools.mouth_sheet import GAP_PX, INK, LABEL_PX, PAPER, TILE, VIEWS, mouth_of

COLUMNS: Final = 6  # of faces; mouths stand in fewer, for each has two views
FACE_PX: Final = 220
Faces = list[tuple[str, NDArray[np.float64]]]


def looks(rig: Rig) -> Faces:
    """Name and canonical values [61] of every curve that a mesh can show."""
    info = info_for(rig, ExportSettings(), Origin(fps=parse_fps(60), sample_rate=48_000))
    poses = [(name, info.curve(name).pose) for name in rig.names]
    return [(name, pose_rows([pose])[0]) for name, pose in poses if pose is not None]


def sheet(faces: Faces, head: Path | None, *, mouth: bool) -> NDArray[np.uint8]:
    """The picture: a tile for every face, its name above it."""
    shown = load_head(head)
    views, size = (VIEWS, TILE) if mouth else (("front",), (FACE_PX, FACE_PX))
    columns = COLUMNS - 1 if mouth else COLUMNS
    width, height = len(views) * size[0] + GAP_PX, LABEL_PX + size[1] + GAP_PX
    canvas = Canvas(columns * width + GAP_PX, -(-len(faces) // columns) * height + GAP_PX, PAPER)
    with Studio(mouth_of(shown) if mouth else shown, views=views, size=size, renderer="software",
                close=not mouth) as studio:
        for number, (name, values) in enumerate(faces):
            left = GAP_PX + number % columns * width
            top = GAP_PX + number // columns * height
            canvas.text((left + 2, top), name, INK, 16, bold=True)
            canvas.image((left, top + LABEL_PX), studio.picture(values))
    return canvas.picture()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.rig_sheet", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rig", help="a name, or a rig file")
    parser.add_argument("--mouth", action="store_true", help="the mouth alone, from the front and the side")
    parser.add_argument("--head", type=Path, help="male, female or a glTF")
    parser.add_argument("-o", "--out", type=Path, required=True)
    options = parser.parse_args()
    faces = looks(load_rig(options.rig))
    save_png(sheet(faces, options.head, mouth=options.mouth), options.out)
    print(f"{options.out}: {len(faces)} curves")


if __name__ == "__main__":
    main()
