"""A table of faces: what curves look like side by side, with a label for each row and column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig.preview.plot import Canvas
from facerig.preview.render import load_head
from facerig.preview.studio import Studio
from facerig.preview.video import save_png

FACE_PX: Final = 210
MARGIN, GAP, LABEL_PX, HEADER_PX = 24, 6, 190, 34
LINE_PX: Final = 20  # of a note
NOTE_CHARACTERS: Final = 23  # in a line
LONGEST: Final = 8  # rows of one block
INK, QUIET, PAPER = (32, 36, 42), (120, 126, 134), (250, 250, 248)

Values = NDArray[np.floating]
Row = tuple[str, str, Sequence[Values]]  # label, note, faces


def draw_faces(rows: Sequence[Row], columns: Sequence[str], out: Path, *, head: Path | None = None,
               renderer: str = "auto", progress: Callable[[float, float | None], None] | None = None) -> None:
    """Write `out` (a PNG): a face for each of the 61 canonical values of `rows`, under the labels `columns`.

    More than LONGEST rows stand in two blocks side by side. Raises ModelError for a bad head, OutputError
    where `out` cannot be written.
    """
    blocks = 1 if len(rows) <= LONGEST else 2
    high = -(-len(rows) // blocks)
    block_width = LABEL_PX + len(columns) * (FACE_PX + GAP) + MARGIN
    canvas = Canvas(MARGIN + blocks * block_width, 2 * MARGIN + HEADER_PX + high * (FACE_PX + GAP), PAPER)
    with Studio(load_head(head), size=(FACE_PX, FACE_PX), renderer=renderer, close=True) as studio:
        for number, (label, note, faces) in enumerate(rows):
            left = MARGIN + number // high * block_width
            top = MARGIN + HEADER_PX + number % high * (FACE_PX + GAP)
            canvas.text((left, top + 8), label, INK, 21, bold=True)
            for k, line in enumerate(_lines(note)):
                canvas.text((left, top + 42 + k * LINE_PX), line, QUIET, 13)
            for k, (column, values) in enumerate(zip(columns, faces, strict=True)):
                x = left + LABEL_PX + k * (FACE_PX + GAP)
                canvas.image((x, top), studio.picture(values))
                if number % high == 0:
                    canvas.text((x + FACE_PX / 2, MARGIN), column, QUIET, 17, anchor="middle")
            if progress is not None:
                progress(number + 1, len(rows))
    save_png(canvas.picture(), out)


def _lines(note: str) -> list[str]:
    lines = [""]
    for word in note.split():
        if len(lines[-1]) + len(word) >= NOTE_CHARACTERS:
            lines.append("")
        lines[-1] += f"{word} "
    return lines
